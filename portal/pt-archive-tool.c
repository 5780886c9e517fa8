#include "config.h"
#include "portal/pt-archive-tool.h"

#include "common/apim-log.h"
#include "core/core-api-archive.h"
#include "net/net-http-credentials.h"
#include "net/net-http-form.h"
#include "portal/pt-answer.h"
#include "portal/pt-authentication.h"
#include "portal/pt-error.h"
#include "portal/pt-multipart.h"

#include <string.h>

#define TEXT "text/plain; charset=UTF-8"
#define CHALLENGE "Basic realm=\"api-import-export\", charset=\"UTF-8\""

struct _PtArchiveTool
{
  PtPortal *portal;
  CoreAuthenticator *authenticator;
  char *root; /* "/api-import-export" */
};

/* One request under way. */
typedef struct
{
  PtArchiveTool *tool;
  NetHttpExchange *exchange;
  const NetHttpRequest *http;
  NetHttpForm *query;
  CoreActor *actor;
  char *api_id; /* (nullable): of the path */
  PtAnswer *answer;
} Call;

static void
call_clear (Call *call)
{
  g_clear_pointer (&call->query, net_http_form_free);
  g_clear_pointer (&call->actor, core_actor_free);
  g_clear_pointer (&call->api_id, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Call, call_clear)

/* TRUE where it is given; "" is not. */
static const char *
query_text (const Call *call, const char *name)
{
  const char *value = net_http_form_get (call->query, name);

  return value != NULL && *value != '\0' ? value : NULL;
}

/* As Java's Boolean reads it: what is not true is false. */
static gboolean
query_flag (const Call *call, const char *name, gboolean standard)
{
  const char *value = query_text (call, name);

  return value != NULL ? g_ascii_strcasecmp (value, "true") == 0 : standard;
}

static gboolean
export_api (Call *call, GError **error)
{
  const char *name = query_text (call, "name"), *version = query_text (call, "version"),
             *provider = query_text (call, "provider");
  g_autofree char *file_name = NULL;
  g_autoptr (GError) why = NULL;
  GBytes *archive;

  if (name == NULL || version == NULL || provider == NULL)
    return pt_fail (error, PT_ERROR_BAD_REQUEST, "Invalid API Information");
  archive = core_api_archive_export (&call->tool->portal->core, call->actor, provider, name, version,
                                     query_flag (call, "preserveStatus", FALSE), &why);
  if (archive == NULL && g_error_matches (why, CORE_PORTAL_ERROR, CORE_PORTAL_ERROR_NOT_FOUND))
    return pt_fail (error, PT_ERROR_NOT_FOUND, "Unable to retrieve API");
  if (archive == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&why));
      return FALSE;
    }
  file_name = g_strdup_printf ("%s-%s.zip", name, version);
  pt_answer_bytes (call->answer, archive, "application/zip");
  pt_answer_attach (call->answer, file_name);
  return TRUE;
}

static PtMultipart *
read_form (Call *call, GError **error)
{
  gsize length;
  const char *body = (const char *)net_http_exchange_body (call->exchange, &length), *why = NULL;
  NetHttpText type;
  PtMultipart *form = NULL;

  if (!pt_multipart_is_in (call->http) || !net_http_request_header (call->http, "Content-Type", &type))
    why = "it is not multipart/form-data";
  else
    form = pt_multipart_parse (type, body, length, &why);
  if (form == NULL)
    pt_fail (error, PT_ERROR_BAD_REQUEST, "The body cannot be understood: %s.", why);
  return form;
}

/* A new API, or the one that the path names. */
static gboolean
import_api (Call *call, GError **error)
{
  g_autoptr (PtMultipart) form = read_form (call, error);
  const PtPart *file = form != NULL ? pt_multipart_find (form, "file") : NULL;
  const CoreApiImportOptions options = { .preserve_provider = query_flag (call, "preserveProvider", TRUE),
                                         .overwrite = call->api_id != NULL,
                                         .onto = call->api_id };
  g_autoptr (CoreApiImport) import = NULL;

  if (form == NULL)
    return FALSE;
  if (file == NULL)
    return pt_fail (error, PT_ERROR_BAD_REQUEST, "The form must have the file \"file\".");
  if (!core_api_archive_import (&call->tool->portal->core, call->actor, file->bytes, file->length, &options,
                                &import, error))
    return FALSE;
  call->answer->status = call->api_id != NULL ? 200 : 201;
  g_string_append (call->answer->json,
                   call->api_id != NULL ? "API updated successfully." : "API imported successfully.");
  for (guint i = 0; i < import->warnings->len; i++)
    g_string_append_printf (call->answer->json, "\nWarning: %s", (const char *)import->warnings->pdata[i]);
  return TRUE;
}

static const struct
{
  const char *path, *method;
  gboolean (*handle) (Call *call, GError **error);
} operations[] = {
  { "/export-api", "GET", export_api },
  { "/import-api", "POST", import_api },
  { NULL, "PUT", import_api }, /* "/{apiID}" */
};

/* What is behind "/api-import-export[-VERSION]"; NULL: another path. */
static const char *
path_below (const PtArchiveTool *tool, const char *path)
{
  const char *rest = path + strlen (tool->root);

  if (*rest == '-')
    while (g_ascii_isalnum (*rest) || *rest == '-' || *rest == '.')
      rest++;
  return *rest == '/' ? rest : NULL;
}

/* Whether @below is "/{apiID}" of a PUT, which is kept then. */
static gboolean
take_api_id (Call *call, const char *below)
{
  if (below == NULL || !net_http_text_equal (call->http->method, "PUT"))
    return FALSE;
  call->api_id = g_uri_unescape_string (below + 1, "/");
  return call->api_id != NULL && *call->api_id != '\0' && strchr (call->api_id, '/') == NULL;
}

static gboolean
find_operation (Call *call, guint *found, GError **error)
{
  g_autofree char *path = g_strndup (call->http->path.text, call->http->path.length);
  const char *below = path_below (call->tool, path);

  for (guint i = 0; below != NULL && i < G_N_ELEMENTS (operations); i++)
    if (operations[i].path != NULL ? g_str_equal (operations[i].path, below) : take_api_id (call, below))
      {
        *found = i;
        if (net_http_text_equal (call->http->method, operations[i].method))
          return TRUE;
        call->answer->allow = g_strdup (operations[i].method);
        return pt_fail (error, PT_ERROR_METHOD, "This resource has no such method; it has: %s.",
                        operations[i].method);
      }
  return pt_fail (error, PT_ERROR_NOT_FOUND, "There is no such resource.");
}

static gboolean
log_in (Call *call, GError **error)
{
  NetHttpBasic basic;
  gboolean done;

  if (net_http_request_basic (call->http, &basic) != NET_HTTP_CREDENTIALS_FOUND)
    return pt_fail (error, PT_ERROR_NO_TOKEN, "Basic authentication is needed.");
  done = pt_authenticate_password (call->tool->portal, call->tool->authenticator, basic.user, basic.password,
                                   net_http_exchange_peer (call->exchange), &call->actor, error);
  net_http_basic_clear (&basic);
  return done && (call->actor != NULL || pt_fail (error, PT_ERROR_INVALID_TOKEN, "%s", PT_LOGIN_FAILED));
}

static gboolean
read_query (Call *call, GError **error)
{
  const char *why;

  call->query = net_http_form_parse (call->http->query.text, call->http->query.length, &why);
  return call->query != NULL
         || pt_fail (error, PT_ERROR_BAD_REQUEST, "The query cannot be understood: %s.", why);
}

static gboolean
serve (Call *call, GError **error)
{
  guint operation = 0;

  return find_operation (call, &operation, error) && log_in (call, error) && read_query (call, error)
         && operations[operation].handle (call, error);
}

/* Statuses are WSO2's, which knows no conflict: "other 500 with the message as text". */
static void
answer_error (Call *call, const GError *error)
{
  static ApimLogGate gate;
  g_autofree char *allow = g_steal_pointer (&call->answer->allow);
  g_autofree char *text = pt_error_text (error);
  guint status = pt_error_status (error);

  if (pt_error_is_ours (error))
    apim_log_limited (&gate, APIM_LOG_ERROR, "portal", "could not import or export an API for %s: %s",
                      net_http_exchange_peer (call->exchange), error->message);
  pt_answer_clear (call->answer);
  pt_answer_init (call->answer);
  call->answer->status = status == 409 ? 500 : status;
  call->answer->allow = g_steal_pointer (&allow);
  g_string_append (call->answer->json, text);
}

static void
add_headers (Call *call)
{
  const PtAnswer *answer = call->answer;

  net_http_exchange_add_header (call->exchange, "Cache-Control", "no-store");
  net_http_exchange_add_header (call->exchange, "X-Content-Type-Options", "nosniff");
  if (answer->status == 401)
    net_http_exchange_add_header (call->exchange, "WWW-Authenticate", CHALLENGE);
  if (answer->allow != NULL)
    net_http_exchange_add_header (call->exchange, "Allow", answer->allow);
  if (answer->attachment != NULL)
    net_http_exchange_add_header (call->exchange, "Content-Disposition", answer->attachment);
}

static void
on_request (NetHttpExchange *exchange, gpointer data)
{
  g_auto (PtAnswer) answer = { 0 };
  g_auto (Call) call = { .tool = data, .exchange = exchange, .answer = &answer };
  g_autoptr (GError) error = NULL;
  const void *body;
  gsize length;

  call.http = net_http_exchange_request (exchange);
  pt_answer_init (&answer);
  if (!serve (&call, &error))
    answer_error (&call, error);
  pt_portal_count_answer (call.tool->portal, answer.status);
  add_headers (&call);
  body = pt_answer_body (&answer, &length);
  net_http_respond (exchange, answer.status, answer.bytes != NULL ? answer.type : TEXT, body, length);
}

PtArchiveTool *
pt_archive_tool_new (PtPortal *portal)
{
  PtArchiveTool *tool = g_new0 (PtArchiveTool, 1);

  tool->portal = portal;
  tool->authenticator = core_authenticator_new (portal->users, &portal->config->user_store, NULL,
                                                portal->node->lockout, portal->node->clock);
  tool->root = g_strconcat (portal->config->web_context_root, "/api-import-export", NULL);
  return tool;
}

void
pt_archive_tool_free (PtArchiveTool *tool)
{
  if (tool == NULL)
    return;
  core_authenticator_free (tool->authenticator);
  g_free (tool->root);
  g_free (tool);
}

void
pt_archive_tool_add_to (PtArchiveTool *tool, PtDispatch *dispatch, NetHttpServer *server)
{
  g_autofree char *path = g_strconcat (tool->root, "*", NULL);

  pt_dispatch_add (dispatch, server, path, on_request, tool);
  net_http_server_allow_archives (server, path);
}
