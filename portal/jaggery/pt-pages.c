#include "config.h"
#include "portal/jaggery/pt-pages.h"

#include "common/apim-log.h"
#include "core/core-json.h"
#include "portal/pt-error.h"

#include <string.h>

struct _PtPages
{
  PtPortal *portal;
  char *root; /* "/publisher/site/blocks/" */
  const PtPageRow *const *tables;
  PtSessions *sessions;
};

PtPages *
pt_pages_new (PtPortal *portal, const char *site, const PtPageRow *const *tables, GError **error)
{
  g_autoptr (PtPages) pages = g_new0 (PtPages, 1);

  pages->portal = portal;
  pages->tables = tables;
  pages->root = g_strconcat (portal->config->web_context_root, "/", site, "/site/blocks/", NULL);
  pages->sessions = pt_sessions_new (portal, error);
  return pages->sessions != NULL ? g_steal_pointer (&pages) : NULL;
}

void
pt_pages_free (PtPages *pages)
{
  if (pages == NULL)
    return;
  g_clear_pointer (&pages->sessions, pt_sessions_free);
  g_free (pages->root);
  g_free (pages);
}

/* The first row of the path, or of path and action. */
static const PtPageRow *
find_row (const PtPages *pages, const char *path, const char *action)
{
  for (const PtPageRow *const *table = pages->tables; *table != NULL; table++)
    for (const PtPageRow *row = *table; row->path != NULL; row++)
      if (g_str_equal (row->path, path) && (action == NULL || g_str_equal (row->action, action)))
        return row;
  return NULL;
}

static gboolean
check_request (const PtPageCall *call, const PtPageRow *row, GError **error)
{
  const NetHttpRequest *request = net_http_exchange_request (call->exchange);

  /* A link or an image of another site must not be able to do anything; what is read it does not get to see.
   */
  if (!net_http_text_equal (request->method, "POST")
      && !(net_http_text_equal (request->method, "GET") && (row->flags & PT_PAGE_READS)))
    return pt_fail (error, PT_ERROR_BAD_REQUEST, "Only POST is understood here.");
  if (!pt_session_csrf_holds (request))
    return pt_fail (error, PT_ERROR_BAD_REQUEST,
                    "The header X-CSRFToken is not what the cookie csrftoken says.");
  if (row->nobody != NULL && call->actor == NULL)
    return pt_fail (error, PT_ERROR_NO_TOKEN, "%s", row->nobody);
  return TRUE;
}

static gboolean
run (PtPages *pages, PtPageCall *call, const char *path, const PtPageRow **row, PtCaller **caller,
     GError **error)
{
  const NetHttpRequest *request = net_http_exchange_request (call->exchange);
  const char *action = pt_fields_get (call->fields, "action");

  *row = find_row (pages, path, action != NULL ? action : "");
  if (*row == NULL)
    return pt_fail (error, PT_ERROR_BAD_REQUEST, "Invalid action: %s",
                    action != NULL ? action : "none was given");
  if (!pt_session_find (pages->sessions, request, caller, &call->cookie, error))
    return FALSE;
  call->actor = *caller != NULL ? (*caller)->actor : NULL;
  return check_request (call, *row, error) && (*row)->handler (call, error);
}

/* What a page says of an error; the log has what it does not say. */
static char *
message_of (const GError *error, const char *peer)
{
  static ApimLogGate gate;

  if (pt_error_is_ours (error))
    apim_log_limited (&gate, APIM_LOG_ERROR, "portal", "could not answer a page of %s: %s", peer,
                      error->message);
  return pt_error_text (error);
}

static void
answer (PtPageCall *call, const PtPageRow *row, const GError *error)
{
  const char *type = row != NULL && (row->flags & PT_PAGE_TEXT) ? "text/plain; charset=UTF-8"
                                                                : "application/json; charset=UTF-8";
  g_autofree char *message
      = error != NULL ? message_of (error, net_http_exchange_peer (call->exchange)) : NULL;

  if (message != NULL)
    {
      g_string_assign (call->json, "{");
      core_json_append_boolean (call->json, "error", TRUE);
      core_json_append_member (call->json, "message", message);
    }
  g_string_append_c (call->json, '}');
  if (call->cookie != NULL)
    net_http_exchange_add_header (call->exchange, "Set-Cookie", call->cookie);
  net_http_exchange_add_header (call->exchange, "Cache-Control", "no-store");
  net_http_exchange_add_header (call->exchange, "X-Content-Type-Options", "nosniff");
  net_http_respond (call->exchange, call->status, type, call->json->str, call->json->len);
}

static void
count (PtPortal *portal, const GError *error)
{
  pt_portal_count (&portal->counters.requests);
  if (error != NULL)
    pt_portal_count (pt_error_is_ours (error) ? &portal->counters.failed : &portal->counters.refused);
}

static void
on_request (NetHttpExchange *exchange, gpointer data)
{
  PtPages *pages = data;
  const NetHttpRequest *request = net_http_exchange_request (exchange);
  gsize skip = strlen (pages->root);
  g_autofree char *path = g_strndup (request->path.text + skip, request->path.length - skip);
  g_autoptr (GString) json = g_string_new ("{");
  g_autoptr (GError) error = NULL;
  g_autoptr (PtFields) fields = NULL;
  g_autoptr (PtCaller) caller = NULL;
  PtPageCall call = {
    .portal = pages->portal, .sessions = pages->sessions, .exchange = exchange, .json = json, .status = 200
  };
  const PtPageRow *row = find_row (pages, path, NULL);

  if (row == NULL)
    {
      net_http_respond (exchange, 404, "text/plain", "not found\n", 10);
      return;
    }
  core_json_append_boolean (json, "error", FALSE);
  fields = pt_fields_read (exchange, &error);
  call.fields = fields;
  if (fields != NULL)
    run (pages, &call, path, &row, &caller, &error);
  count (pages->portal, error);
  answer (&call, row, error);
  g_free (call.cookie);
}

PtSessions *
pt_pages_sessions (const PtPages *pages)
{
  return pages->sessions;
}

void
pt_pages_add_to (PtPages *pages, PtDispatch *dispatch, NetHttpServer *server)
{
  g_autofree char *path = g_strconcat (pages->root, "*", NULL);

  pt_dispatch_add (dispatch, server, path, on_request, pages);
}
