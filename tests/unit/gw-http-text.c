#include "config.h"
#include "gw-http-text.h"

#include <string.h>

/* The head with CR LF and its empty line. */
static char *
make_head (const char *head)
{
  g_autofree char *whole = g_strconcat (head, "\n\n", NULL);
  g_auto (GStrv) lines = g_strsplit (whole, "\n", -1);

  return g_strjoinv ("\r\n", lines);
}

const NetHttpRequest *
gw_test_request (const char *head)
{
  static NetHttpRequest request;
  static char *text;
  gsize length;
  guint status;

  g_free (text);
  text = make_head (head);
  memset (&request, 0, sizeof request);
  g_assert_cmpint (net_http_request_parse (&request, text, strlen (text), 65536, &length, &status), ==,
                   NET_HTTP_PARSE_DONE);
  return &request;
}

const NetHttpResponse *
gw_test_response (const char *head)
{
  static NetHttpResponse response;
  static char *text;

  g_free (text);
  text = make_head (head);
  memset (&response, 0, sizeof response);
  g_assert_true (net_http_response_read (&response, text, strlen (text), FALSE));
  return &response;
}

char *
gw_test_take (NetBuffer *buffer)
{
  gsize length = net_buffer_length (buffer);
  g_autofree char *all = g_strndup (length > 0 ? (const char *)net_buffer_data (buffer) : "", length);
  g_auto (GStrv) lines = g_strsplit (all, "\r\n", -1);

  net_buffer_clear (buffer);
  return g_strjoinv ("\n", lines);
}

GwApi *
gw_test_api (guint handlers)
{
  GwApi *api = gw_api_new ();

  api->base_name = g_strdup ("admin--Weather");
  api->name = g_strdup ("admin--Weather:v1");
  api->context = g_strdup ("/w/1");
  api->version = g_strdup ("1");
  api->version_type = GW_VERSION_CONTEXT;
  api->chain.handlers = handlers;
  return api;
}

void
gw_test_add_resource (GwApi *api, const char *mapping, guint methods)
{
  GwResource *resource = gw_resource_new ();

  resource->methods = methods;
  resource->pattern = gw_pattern_new_mapping (mapping, NULL);
  gw_api_add_resource (api, resource);
}
