#include "config.h"
#include "portal/jaggery/pt-api-docs.h"

#include "common/apim-log.h"
#include "core/core-api-read.h"
#include "core/core-openapi.h"
#include "portal/pt-error.h"

#include <string.h>

#define N_PARTS 3

struct _PtApiDocs
{
  PtPortal *portal;
  PtSessions *sessions;
  char *root; /* "/store/api-docs/" */
};

PtApiDocs *
pt_api_docs_new (PtPortal *portal, PtSessions *sessions)
{
  PtApiDocs *docs = g_new0 (PtApiDocs, 1);

  docs->portal = portal;
  docs->sessions = sessions;
  docs->root = g_strconcat (portal->config->web_context_root, "/store/api-docs/", NULL);
  return docs;
}

void
pt_api_docs_free (PtApiDocs *docs)
{
  if (docs == NULL)
    return;
  g_free (docs->root);
  g_free (docs);
}

/* Provider, name and version, decoded. NULL: it is no such path. */
static char **
read_path (const PtApiDocs *docs, const NetHttpRequest *request)
{
  gsize skip = strlen (docs->root);
  g_autofree char *path = g_strndup (request->path.text + skip, request->path.length - skip);
  g_auto (GStrv) parts = g_strsplit (path, "/", 4);
  g_auto (GStrv) decoded = g_new0 (char *, N_PARTS + 1);

  if (g_strv_length (parts) != N_PARTS)
    return NULL;
  for (guint i = 0; i < N_PARTS; i++)
    {
      decoded[i] = g_uri_unescape_string (parts[i], NULL);
      if (decoded[i] == NULL || *decoded[i] == '\0' || !g_utf8_validate (decoded[i], -1, NULL))
        return NULL;
    }
  return g_steal_pointer (&decoded);
}

/* Of the tenant behind the "@" of the provider, where there is one of this name. */
static CoreActor *
make_visitor (PtPortal *portal, const char *provider, GError **error)
{
  const char *domain = strrchr (provider, '@');
  gint64 deadline_us = pt_portal_deadline (portal);
  g_autoptr (StTenant) tenant = NULL;

  if (domain != NULL
      && !st_user_store_find_tenant_by_domain (portal->users, domain + 1, deadline_us, &tenant, error))
    return NULL;
  if (tenant == NULL
      && !st_user_store_find_tenant_by_id (portal->users, ST_SUPER_TENANT_ID, deadline_us, &tenant, error))
    return NULL;
  if (tenant != NULL && tenant->active)
    return core_actor_new_visitor (tenant);
  pt_fail (error, PT_ERROR_NOT_FOUND, "There is no such tenant.");
  return NULL;
}

static char *
make_document (PtApiDocs *docs, const NetHttpRequest *request, char **cookie, GError **error)
{
  g_auto (GStrv) parts = read_path (docs, request);
  g_autofree char *provider = parts != NULL ? core_api_provider_decode (parts[0]) : NULL;
  g_autoptr (PtCaller) caller = NULL;
  g_autoptr (CoreActor) visitor = NULL;
  g_autoptr (CoreApi) api = NULL;

  if (provider == NULL)
    {
      pt_fail (error, PT_ERROR_NOT_FOUND, "The path is not /store/api-docs/PROVIDER/NAME/VERSION.");
      return NULL;
    }
  if (!pt_session_find (docs->sessions, request, &caller, cookie, error)
      || (caller == NULL && (visitor = make_visitor (docs->portal, provider, error)) == NULL))
    return NULL;
  api = core_api_find_by_name (&docs->portal->core, caller != NULL ? caller->actor : visitor,
                               CORE_AUDIENCE_STORE, provider, parts[1], parts[2], error);
  return api != NULL ? core_openapi_write (api) : NULL;
}

static void
on_request (NetHttpExchange *exchange, gpointer data)
{
  static ApimLogGate gate;
  PtApiDocs *docs = data;
  const NetHttpRequest *request = net_http_exchange_request (exchange);
  g_autoptr (GError) error = NULL;
  g_autofree char *cookie = NULL;
  g_autofree char *json = NULL;

  pt_portal_count (&docs->portal->counters.requests);
  if (net_http_text_equal (request->method, "GET") || net_http_text_equal (request->method, "HEAD"))
    json = make_document (docs, request, &cookie, &error);
  else
    pt_fail (&error, PT_ERROR_METHOD, "This resource has no such method; it has: GET.");
  if (error != NULL)
    {
      gboolean ours = pt_error_is_ours (error);

      pt_portal_count (ours ? &docs->portal->counters.failed : &docs->portal->counters.refused);
      if (ours)
        apim_log_limited (&gate, APIM_LOG_ERROR, "portal", "could not answer a document to %s: %s",
                          net_http_exchange_peer (exchange), error->message);
      json = pt_error_json (error, NULL);
    }
  if (cookie != NULL)
    net_http_exchange_add_header (exchange, "Set-Cookie", cookie);
  net_http_exchange_add_header (exchange, "Cache-Control", "no-store");
  net_http_exchange_add_header (exchange, "X-Content-Type-Options", "nosniff");
  net_http_respond (exchange, error != NULL ? pt_error_status (error) : 200,
                    "application/json; charset=UTF-8", json, strlen (json));
}

void
pt_api_docs_add_to (PtApiDocs *docs, PtDispatch *dispatch, NetHttpServer *server)
{
  g_autofree char *path = g_strconcat (docs->root, "*", NULL);

  pt_dispatch_add (dispatch, server, path, on_request, docs);
}
