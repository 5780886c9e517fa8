#include "config.h"
#include "gateway/gw-sticky.h"

#include "net/net-http-credentials.h"

#include <string.h>

#define COOKIE_PREFIX "apim-route-"
/* Hexadecimal digits of a digest: enough to tell a group's children, and groups of one host, apart. */
#define DIGITS 16

static void
add_addresses (const GwEndpoint *endpoint, GString *text)
{
  if (endpoint->url != NULL)
    g_string_append (text, endpoint->url);
  g_string_append_c (text, '\n');
  for (guint i = 0; endpoint->children != NULL && i < endpoint->children->len; i++)
    add_addresses (endpoint->children->pdata[i], text);
}

static char *
digest (const char *text)
{
  g_autofree char *whole = g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);

  return g_strndup (whole, DIGITS);
}

static char *
digest_addresses (const GwEndpoint *endpoint)
{
  g_autoptr (GString) text = g_string_new (NULL);

  add_addresses (endpoint, text);
  return digest (text->str);
}

void
gw_sticky_init (GwEndpoint *group)
{
  g_autofree char *name = group->name != NULL ? digest (group->name) : digest_addresses (group);

  group->sticky = TRUE;
  group->cookie = g_strconcat (COOKIE_PREFIX, name, NULL);
  group->routes = g_new0 (char *, group->children->len + 1);
  for (guint i = 0; i < group->children->len; i++)
    group->routes[i] = digest_addresses (group->children->pdata[i]);
}

/* Its index; the number of children: none. */
static guint
named_child (const GwEndpoint *group, const NetHttpRequest *request)
{
  NetHttpText value;
  guint i = 0;

  if (!net_http_request_cookie (request, group->cookie, &value))
    return group->children->len;
  while (i < group->children->len && !net_http_text_equal (value, group->routes[i]))
    i++;
  return i;
}

const GwEndpoint *
gw_sticky_child (const GwEndpoint *group, const NetHttpRequest *request)
{
  guint i = named_child (group, request);

  return i < group->children->len ? group->children->pdata[i] : NULL;
}

static gboolean
has (const GwEndpoint *endpoint, const GwEndpoint *address)
{
  if (endpoint == address)
    return TRUE;
  for (guint i = 0; endpoint->children != NULL && i < endpoint->children->len; i++)
    if (has (endpoint->children->pdata[i], address))
      return TRUE;
  return FALSE;
}

static gboolean
sets_cookie (const NetHttpResponse *response)
{
  for (guint i = 0; i < response->n_headers; i++)
    if (net_http_header_id (&response->headers[i]) == NET_HTTP_NAME_SET_COOKIE)
      return TRUE;
  return FALSE;
}

static void
put (NetBuffer *lines, const char *text)
{
  net_buffer_append (lines, text, strlen (text));
}

void
gw_sticky_append (const GwEndpoint *group, const GwEndpoint *address, const NetHttpRequest *request,
                  const NetHttpResponse *response, gboolean secure, NetBuffer *lines)
{
  guint named = named_child (group, request), i = 0;

  while (i < group->children->len && !has (group->children->pdata[i], address))
    i++;
  if (i == group->children->len || i == named || (named == group->children->len && !sets_cookie (response)))
    return;
  put (lines, "Set-Cookie: ");
  put (lines, group->cookie);
  put (lines, "=");
  put (lines, group->routes[i]);
  put (lines, secure ? "; Path=/; HttpOnly; Secure\r\n" : "; Path=/; HttpOnly\r\n");
}
