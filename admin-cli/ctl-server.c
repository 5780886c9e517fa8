#include "config.h"

#include "admin-cli/ctl-server.h"

#include "admin-cli/ctl-http.h"
#include "admin-cli/ctl-interrupt.h"
#include "admin-cli/ctl-json.h"

#include <string.h>

/* A connection that was silent for longer than this may be closed by its server just while a change is sent on it. */
#define FRESH_US (G_USEC_PER_SEC / 2)

struct _CtlServer
{
  const CtlEnv *env;
  CtlOutput *output;
  CtlTrust *trust;
  SoupSession *http;
  guint timeout_s;
  gint64 answered_us; /* monotonic: the last answer */
};

void
ctl_reply_free (CtlReply *reply)
{
  g_clear_pointer (&reply->json, json_node_unref);
  g_clear_pointer (&reply->bytes, g_byte_array_unref);
  g_free (reply->content_type);
  g_free (reply->etag);
  g_free (reply->location);
  g_free (reply);
}

CtlServer *
ctl_server_new (const CtlEnv *env, CtlOutput *output, guint timeout_s, GError **error)
{
  g_autoptr (CtlServer) server = g_new0 (CtlServer, 1);
  server->env = env;
  server->output = output;
  server->timeout_s = timeout_s;
  server->trust = ctl_trust_new (env->ca_file, FALSE, error);
  if (server->trust == NULL)
    return NULL;
  server->http = ctl_http_session_new (server->trust);
  return g_steal_pointer (&server);
}

void
ctl_server_free (CtlServer *server)
{
  g_clear_object (&server->http);
  g_clear_pointer (&server->trust, ctl_trust_free);
  g_free (server);
}

const CtlEnv *
ctl_server_env (const CtlServer *server)
{
  return server->env;
}

static void
set_header (SoupMessage *message, const char *name, const char *value)
{
  if (value != NULL)
    soup_message_headers_replace (soup_message_get_request_headers (message), name, value);
}

static void
set_body (SoupMessage *message, const CtlRequest *request)
{
  if (request->bytes != NULL)
    soup_message_set_request_body_from_bytes (message, request->content_type, request->bytes);
  if (request->json == NULL)
    return;
  char *text = ctl_json_compact (request->json);
  g_autoptr (GBytes) bytes = g_bytes_new_take (text, strlen (text));
  soup_message_set_request_body_from_bytes (message, "application/json", bytes);
}

/* libsoup makes a connection of its own for each POST, which costs more than all else in a run of many changes. One
 * that was just used will do: by its method libsoup still knows that a POST is not to be sent again when the connection
 * ends. */
static void
allow_kept_connection (const CtlServer *server, SoupMessage *message)
{
  if (server->answered_us != 0 && g_get_monotonic_time () - server->answered_us < FRESH_US)
    soup_message_add_flags (message, SOUP_MESSAGE_IDEMPOTENT);
}

/* Takes @body. */
static CtlReply *
new_reply (SoupMessage *message, GByteArray *body)
{
  CtlReply *reply = g_new0 (CtlReply, 1);
  SoupMessageHeaders *headers = soup_message_get_response_headers (message);
  reply->status = soup_message_get_status (message);
  reply->bytes = body;
  reply->content_type = g_strdup (soup_message_headers_get_content_type (headers, NULL));
  reply->etag = g_strdup (soup_message_headers_get_one (headers, "ETag"));
  reply->location = g_strdup (soup_message_headers_get_one (headers, "Location"));
  if (body->len > 0 && g_strcmp0 (reply->content_type, "text/html") != 0)
    reply->json = ctl_json_parse ((const char *)body->data, body->len, "answer", NULL);
  return reply;
}

static void
tell (CtlServer *server, const CtlRequest *request, const char *url, const CtlReply *reply, gint64 began_us)
{
  if (!server->output->verbose)
    return;
  double ms = (double)(g_get_monotonic_time () - began_us) / 1000;
  if (reply != NULL)
    fprintf (server->output->err, "apimctl: %s %s -> %u, %u bytes, %.0f ms\n", request->method, url, reply->status,
             reply->bytes->len, ms);
  else
    fprintf (server->output->err, "apimctl: %s %s -> no answer, %.0f ms\n", request->method, url, ms);
}

CtlReply *
ctl_server_send (CtlServer *server, const CtlRequest *request, GError **error)
{
  const char *base = server->env->urls[request->service];
  g_autofree char *url = g_strconcat (base, request->path, NULL);
  g_autoptr (SoupMessage) message = soup_message_new (request->method, url);
  if (message == NULL)
    {
      ctl_error_set (error, CTL_ERROR_USAGE, "apimctl env list", url, "is no URL");
      return NULL;
    }
  set_header (message, "Accept", request->accept != NULL ? request->accept : "application/json");
  set_header (message, "Authorization", request->authorization);
  set_header (message, "If-Match", request->if_match);
  set_header (message, "X-APIM-Dry-Run", request->dry_run);
  set_body (message, request);
  allow_kept_connection (server, message);

  gint64 began_us = g_get_monotonic_time ();
  g_autoptr (CtlDeadline) deadline = ctl_deadline_new (server->timeout_s * 1000);
  ctl_interrupt_writing (strcmp (request->method, "GET") != 0 && request->dry_run == NULL);
  GByteArray *body = ctl_http_send (server->http, message, server->trust, deadline, CTL_SERVER_MAX_REPLY, base, error);
  ctl_interrupt_writing (FALSE);
  server->answered_us = body != NULL ? g_get_monotonic_time () : 0;
  CtlReply *reply = body != NULL ? new_reply (message, body) : NULL;
  if (reply != NULL)
    reply->rehearsed = request->dry_run != NULL;
  tell (server, request, url, reply, began_us);
  return reply;
}

/* Takes the name of the parameter that has no value off the end of @path, with the "&" or "?" in front of it. */
static void
drop_parameter (GString *path)
{
  while (path->len > 0 && path->str[path->len - 1] != '?' && path->str[path->len - 1] != '&')
    g_string_truncate (path, path->len - 1);
  if (path->len > 0)
    g_string_truncate (path, path->len - 1);
}

char *
ctl_server_path (const char *template, ...)
{
  GString *path = g_string_new (NULL);
  va_list texts;
  va_start (texts, template);
  for (const char *c = template; *c != '\0'; c++)
    {
      if (c[0] == '{' && c[1] == '}')
        {
          const char *text = va_arg (texts, const char *);
          g_autofree char *escaped = text != NULL ? g_uri_escape_string (text, NULL, FALSE) : NULL;
          if (escaped != NULL)
            g_string_append (path, escaped);
          else
            drop_parameter (path);
          c++;
        }
      else if (*c == '?' || *c == '&')
        g_string_append_c (path, strchr (path->str, '?') != NULL ? '&' : '?');
      else
        g_string_append_c (path, *c);
    }
  va_end (texts);
  return g_string_free (path, FALSE);
}
