#include "config.h"
#include "portal/pt-rest.h"

#include "common/apim-log.h"
#include "common/apim-secret.h"
#include "portal/pt-authentication.h"
#include "portal/pt-error.h"
#include "portal/pt-request.h"

#include <string.h>

#define DRY_RUN_HEADER "X-APIM-Dry-Run"
#define TENANT_HEADER "X-WSO2-Tenant"

struct _PtRest
{
  PtPortal *portal;
  const char *name;
  char *root; /* "/api/am/publisher" */
  const PtRoute *const *tables;
};

/* One request under way, with all that its PtRequest points to. */
typedef struct
{
  PtRest *rest;
  NetHttpExchange *exchange;
  const NetHttpRequest *http;
  PtRequest request;
  PtMatch match;
  PtCaller *caller;
  CoreActor *visitor;
  StTenant *tenant;
  CoreJson *json;
  PtMultipart *files;
  char *base, *path, *if_match;
} Call;

PtRest *
pt_rest_new (PtPortal *portal, const char *name, const PtRoute *const *tables)
{
  PtRest *rest = g_new0 (PtRest, 1);

  rest->portal = portal;
  rest->name = name;
  rest->tables = tables;
  rest->root = g_strconcat (portal->config->web_context_root, "/api/am/", name, NULL);
  return rest;
}

void
pt_rest_free (PtRest *rest)
{
  if (rest == NULL)
    return;
  g_free (rest->root);
  g_free (rest);
}

static void
call_clear (Call *call)
{
  pt_match_clear (&call->match);
  g_clear_pointer (&call->caller, pt_caller_unref);
  g_clear_pointer (&call->visitor, core_actor_free);
  g_clear_pointer (&call->tenant, st_tenant_unref);
  g_clear_pointer (&call->json, core_json_free);
  g_clear_pointer (&call->files, pt_multipart_free);
  g_clear_pointer (&call->request.query, net_http_form_free);
  g_free (call->base);
  g_free (call->path);
  g_free (call->if_match);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Call, call_clear)

static void
make_id (char *id)
{
  static const char digits[] = "0123456789abcdef";

  for (guint i = 0; i < PT_REQUEST_ID_LENGTH; i++)
    id[i] = digits[g_random_int_range (0, 16)];
  id[PT_REQUEST_ID_LENGTH] = '\0';
}

static char *
header_text (const NetHttpRequest *http, const char *name)
{
  NetHttpText value;

  return net_http_request_header (http, name, &value) ? g_strndup (value.text, value.length) : NULL;
}

/* "/v0.14/apis" behind the root: the version, and what is below it. */
static gboolean
split_path (Call *call, GError **error)
{
  g_autofree char *rest = g_strndup (call->http->path.text + strlen (call->rest->root),
                                     call->http->path.length - strlen (call->rest->root));
  guint64 version = 0;
  char *end = NULL;

  if (g_str_has_prefix (rest, "/v0.") && g_ascii_isdigit (rest[4]))
    version = g_ascii_strtoull (rest + 4, &end, 10);
  if (version < PT_REST_MIN_VERSION || version > PT_REST_MAX_VERSION || *end != '/')
    return pt_fail (error, PT_ERROR_NOT_FOUND,
                    "There is no such version of this API: there are v0.%d to v0.%d.", PT_REST_MIN_VERSION,
                    PT_REST_MAX_VERSION);
  call->base = g_strdup_printf ("%s/v0.%u", call->rest->root, (guint)version);
  call->path = g_strdup (end);
  call->request.base = call->base;
  call->request.path = call->path;
  return TRUE;
}

static gboolean
find_route (Call *call, GError **error)
{
  g_autofree char *method = g_strndup (call->http->method.text, call->http->method.length);

  pt_router_find (call->rest->tables, method, call->path, strlen (call->path), &call->match);
  if (call->match.route != NULL)
    {
      call->request.route = call->match.route;
      call->request.parameters = call->match.parameters;
      return TRUE;
    }
  if (call->match.allowed == NULL)
    return pt_fail (error, PT_ERROR_NOT_FOUND, "There is no such resource.");
  return pt_fail (error, PT_ERROR_METHOD, "This resource has no such method; it has: %s.",
                  call->match.allowed->str);
}

/* Whose Store it is that is looked at (spec/publisher-store-workflows.md 11). */
static gboolean
find_tenant (Call *call, GError **error)
{
  g_autofree char *domain = header_text (call->http, TENANT_HEADER);
  PtPortal *portal = call->rest->portal;
  gint64 deadline_us = pt_portal_deadline (portal);

  if (domain == NULL || *domain == '\0')
    {
      gint id = call->caller != NULL ? call->caller->actor->tenant_id : ST_SUPER_TENANT_ID;

      return st_user_store_find_tenant_by_id (portal->users, id, deadline_us, &call->tenant, error)
             && (call->tenant != NULL || pt_fail (error, PT_ERROR_NOT_FOUND, "There is no such tenant."));
    }
  if (!g_utf8_validate (domain, -1, NULL))
    return pt_fail (error, PT_ERROR_BAD_REQUEST, "The header " TENANT_HEADER " is not UTF-8.");
  if (!st_user_store_find_tenant_by_domain (portal->users, domain, deadline_us, &call->tenant, error))
    return FALSE;
  if (call->tenant != NULL && call->tenant->active)
    return TRUE;
  return pt_fail (error, PT_ERROR_NOT_FOUND, "There is no tenant \"%s\".", domain);
}

static gboolean
find_actor (Call *call, GError **error)
{
  if (!pt_authenticate (call->rest->portal, call->http, &call->caller, error)
      || !pt_caller_require_scope (call->caller, call->match.route->scope, error)
      || !find_tenant (call, error))
    return FALSE;
  if (call->caller == NULL)
    call->visitor = core_actor_new_visitor (call->tenant);
  call->request.caller = call->caller;
  call->request.actor = call->caller != NULL ? call->caller->actor : call->visitor;
  call->request.tenant = call->tenant;
  return TRUE;
}

/* Whether one range of an Accept header takes JSON (RFC 9110 12.5.1). */
static gboolean
accepts_json (const char *range)
{
  g_auto (GStrv) parts = g_strsplit (range, ";", -1);
  const char *type = parts[0] != NULL ? g_strstrip (parts[0]) : "";

  if (g_ascii_strcasecmp (type, "*/*") != 0 && g_ascii_strcasecmp (type, "application/*") != 0
      && g_ascii_strcasecmp (type, PT_JSON_TYPE) != 0)
    return FALSE;
  for (guint i = 1; parts[i] != NULL; i++)
    if (g_ascii_strncasecmp (g_strstrip (parts[i]), "q=", 2) == 0 && g_ascii_strtod (parts[i] + 2, NULL) <= 0)
      return FALSE;
  return TRUE;
}

static gboolean
check_accept (Call *call, GError **error)
{
  g_autofree char *accept = header_text (call->http, "Accept");
  g_auto (GStrv) ranges = accept != NULL ? g_strsplit (accept, ",", -1) : NULL;

  if (ranges == NULL || call->match.route->other_type)
    return TRUE;
  for (guint i = 0; ranges[i] != NULL; i++)
    if (accepts_json (ranges[i]))
      return TRUE;
  return pt_fail (error, PT_ERROR_NOT_ACCEPTABLE, "This resource answers with " PT_JSON_TYPE " only.");
}

static gboolean
read_query (Call *call, GError **error)
{
  NetHttpText query = call->http->query;
  const char *why;

  call->request.query = net_http_form_parse (query.text, query.length, &why);
  if (call->request.query == NULL)
    return pt_fail (error, PT_ERROR_BAD_REQUEST, "The query cannot be understood: %s.", why);
  if (net_http_form_repeated (call->request.query) == NULL)
    return TRUE;
  return pt_fail (error, PT_ERROR_BAD_REQUEST, "The query parameter \"%s\" is there more than once.",
                  net_http_form_repeated (call->request.query));
}

static gboolean
read_dry_run (Call *call, GError **error)
{
  g_autofree char *text = header_text (call->http, DRY_RUN_HEADER);

  call->request.core = call->rest->portal->core;
  call->request.core.dry_run = text != NULL && g_ascii_strcasecmp (text, "true") == 0;
  if (text == NULL || call->request.core.dry_run || g_ascii_strcasecmp (text, "false") == 0)
    return TRUE;
  return pt_fail (error, PT_ERROR_BAD_REQUEST, "The header " DRY_RUN_HEADER " must be true or false.");
}

/* The parser reads objects: the array becomes the one member of one. Whatever stands behind the array would
 * be a second member. */
static CoreJson *
parse_array (const char *body, gsize length, GError **error)
{
  g_autoptr (GString) text = g_string_new ("{\"list\":");
  g_autoptr (CoreJson) json = NULL;
  const CoreJsonNode *array;

  g_string_append_len (text, body, (gssize)length);
  g_string_append_c (text, '}');
  json = core_json_parse (text->str, text->len, error);
  if (json == NULL)
    return NULL;
  array = core_json_first (core_json_root (json));
  if (core_json_type (array) == CORE_JSON_ARRAY && core_json_next (array) == NULL)
    return g_steal_pointer (&json);
  g_set_error_literal (error, CORE_JSON_ERROR, CORE_JSON_ERROR_SYNTAX, "not a JSON array");
  return NULL;
}

/* Without a Content-Type it is JSON, as the APIs' own description says. */
static gboolean
read_json (Call *call, const char *body, gsize length, GError **error)
{
  g_autofree char *type = header_text (call->http, "Content-Type");
  g_autoptr (GError) why = NULL;
  gboolean array;

  if (type != NULL)
    {
      g_strstrip (g_strdelimit (type, ";", '\0'));
      if (g_ascii_strcasecmp (type, PT_JSON_TYPE) != 0)
        return pt_fail (error, PT_ERROR_MEDIA_TYPE, "The Content-Type must be " PT_JSON_TYPE ".");
    }
  array = call->match.route->body == PT_BODY_JSON_ARRAY;
  call->json = array ? parse_array (body, length, &why) : core_json_parse (body, length, &why);
  if (call->json == NULL)
    return pt_fail (error, PT_ERROR_BAD_REQUEST, "The body is %s.", why->message);
  call->request.body = array ? core_json_first (core_json_root (call->json)) : core_json_root (call->json);
  return TRUE;
}

static gboolean
read_files (Call *call, const char *body, gsize length, GError **error)
{
  NetHttpText type;
  const char *why;

  if (!pt_multipart_is_in (call->http) || !net_http_request_header (call->http, "Content-Type", &type))
    return pt_fail (error, PT_ERROR_MEDIA_TYPE, "The Content-Type must be multipart/form-data.");
  call->files = pt_multipart_parse (type, body, length, &why);
  if (call->files == NULL)
    return pt_fail (error, PT_ERROR_BAD_REQUEST, "The body cannot be understood: %s.", why);
  call->request.files = call->files;
  return TRUE;
}

/* One entity tag without its quotes. A list of several is no tag that anything has: it fails the
 * precondition. */
static char *
seen_tag (const NetHttpRequest *http)
{
  g_autofree char *text = header_text (http, "If-Match");
  gsize length = text != NULL ? strlen (text) : 0;

  if (text == NULL || g_str_equal (text, "*"))
    return NULL;
  if (length >= 2 && text[0] == '"' && text[length - 1] == '"')
    return g_strndup (text + 1, length - 2);
  return g_steal_pointer (&text);
}

static gboolean
read_input (Call *call, GError **error)
{
  gsize length;
  const char *body = (const char *)net_http_exchange_body (call->exchange, &length);

  call->if_match = seen_tag (call->http);
  call->request.if_match = call->if_match;
  if (!check_accept (call, error) || !read_query (call, error) || !read_dry_run (call, error))
    return FALSE;
  switch (call->match.route->body)
    {
    case PT_BODY_JSON:
    case PT_BODY_JSON_ARRAY:
      return read_json (call, body, length, error);
    case PT_BODY_FILE:
    case PT_BODY_ARCHIVE:
      return read_files (call, body, length, error);
    default:
      return TRUE;
    }
}

static gboolean
serve (Call *call, PtAnswer *answer, GError **error)
{
  return split_path (call, error) && find_route (call, error) && find_actor (call, error)
         && read_input (call, error) && call->match.route->handler (&call->request, answer, error);
}

/* The scheme and host that the client used; it made them up itself if they are wrong. */
static char *
absolute (const Call *call, const char *path)
{
  g_autofree char *host = header_text (call->http, "Host");

  for (const char *c = host; c != NULL && *c != '\0'; c++)
    if (!g_ascii_isalnum (*c) && strchr (".-:[]_", *c) == NULL)
      return g_strconcat (call->base, path, NULL);
  return host == NULL || *host == '\0' ? g_strconcat (call->base, path, NULL)
                                       : g_strconcat ("https://", host, call->base, path, NULL);
}

static void
add_headers (const Call *call, const PtAnswer *answer)
{
  g_autofree char *location
      = answer->path != NULL ? absolute (call, answer->path) : g_strdup (answer->address);

  net_http_exchange_add_header (call->exchange, "X-Request-ID", call->request.id);
  net_http_exchange_add_header (call->exchange, "Cache-Control", "no-store");
  net_http_exchange_add_header (call->exchange, "X-Content-Type-Options", "nosniff");
  if (location != NULL)
    net_http_exchange_add_header (call->exchange, "Location", location);
  if (answer->etag != NULL)
    net_http_exchange_add_header (call->exchange, "ETag", answer->etag);
  if (answer->challenge != NULL)
    net_http_exchange_add_header (call->exchange, "WWW-Authenticate", answer->challenge);
  if (answer->attachment != NULL)
    net_http_exchange_add_header (call->exchange, "Content-Disposition", answer->attachment);
  if (answer->allow != NULL)
    net_http_exchange_add_header (call->exchange, "Allow", answer->allow);
}

/* Every answer to GET has an entity tag, of the resource where it has one of its own, else of its text. */
static void
answer_condition (const Call *call, PtAnswer *answer)
{
  g_autofree char *tags = header_text (call->http, "If-None-Match");
  const void *body;
  gsize length;

  if (answer->status != 200 || g_strcmp0 (call->match.route->method, "GET") != 0)
    return;
  body = pt_answer_body (answer, &length);
  if (answer->etag == NULL)
    answer->etag = pt_etag_of (body, length);
  if (tags != NULL && answer->etag != NULL && pt_etag_listed (tags, strlen (tags), answer->etag))
    answer->status = 304;
}

static void
log_failure (const Call *call, const GError *error)
{
  static ApimLogGate gate;

  if (pt_error_is_ours (error))
    apim_log_limited (&gate, APIM_LOG_ERROR, "portal", "could not answer request %s of %s to the %s API: %s",
                      call->request.id, net_http_exchange_peer (call->exchange), call->rest->name,
                      error->message);
}

static void
on_request (NetHttpExchange *exchange, gpointer data)
{
  g_auto (Call) call = { .rest = data, .exchange = exchange };
  g_auto (PtAnswer) answer = { 0 };
  g_autoptr (GError) error = NULL;
  const void *body;
  gsize length;

  call.http = net_http_exchange_request (exchange);
  call.request.portal = call.rest->portal;
  make_id (call.request.id);
  pt_answer_init (&answer);
  if (!serve (&call, &answer, &error))
    {
      log_failure (&call, error);
      pt_answer_error (&answer, error, call.request.id,
                       call.match.route != NULL ? call.match.route->scope : NULL);
      if (call.match.allowed != NULL && call.match.route == NULL)
        answer.allow = g_strdup (call.match.allowed->str);
    }
  else
    answer_condition (&call, &answer);
  pt_portal_count_answer (call.rest->portal, answer.status);
  add_headers (&call, &answer);
  body = pt_answer_body (&answer, &length);
  net_http_respond (exchange, answer.status, length > 0 ? answer.type : NULL, body, length);
}

static void
allow_archives (PtRest *rest, const PtRoute *route, NetHttpServer *server)
{
  for (guint version = PT_REST_MIN_VERSION; version <= PT_REST_MAX_VERSION; version++)
    {
      g_autofree char *path = g_strdup_printf ("%s/v0.%u%s", rest->root, version, route->path);

      net_http_server_allow_archives (server, path);
    }
}

void
pt_rest_add_to (PtRest *rest, PtDispatch *dispatch, NetHttpServer *server)
{
  g_autofree char *path = g_strconcat (rest->root, "/*", NULL);

  pt_dispatch_add (dispatch, server, path, on_request, rest);
  for (const PtRoute *const *table = rest->tables; *table != NULL; table++)
    for (const PtRoute *route = *table; route->method != NULL; route++)
      if (route->body == PT_BODY_ARCHIVE)
        allow_archives (rest, route, server);
}
