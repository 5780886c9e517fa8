#include "config.h"

#include "admin-cli/ctl-rest.h"

#include "admin-cli/ctl-json.h"
#include "admin-cli/ctl-oauth.h"
#include "common/apim-secret.h"

#include <string.h>

#define LOGIN_HINT "apimctl login"
#define PAGE 500
/* A token this close to its end is renewed first. */
#define RENEW_BEFORE_S 30

static const char *const prefixes[CTL_N_SERVICES] = {
  [CTL_PUBLISHER] = "/api/am/publisher/v0.14",
  [CTL_STORE] = "/api/am/store/v0.14",
  [CTL_ADMIN] = "/api/am/admin/v0.14",
  [CTL_KEY_MANAGER] = "",
};

struct _CtlRest
{
  CtlEnv *env;
  CtlState *state;
  CtlServer *server;
};

static gboolean
parse_timeout (CtlCall *call, guint *timeout_s, GError **error)
{
  const char *text = ctl_options_text (call->options, "timeout");
  guint64 seconds = CTL_SERVER_DEFAULT_TIMEOUT_S;
  if (text != NULL && !g_ascii_string_to_unsigned (text, 10, 1, CTL_SERVER_MAX_TIMEOUT_S, &seconds, NULL))
    {
      ctl_error_set (error, CTL_ERROR_USAGE, NULL, "--timeout", "is a whole number of seconds from 1 to %d",
                     CTL_SERVER_MAX_TIMEOUT_S);
      return FALSE;
    }
  *timeout_s = (guint)seconds;
  return TRUE;
}

CtlRest *
ctl_rest_open (CtlCall *call, GError **error)
{
  g_autoptr (CtlRest) rest = g_new0 (CtlRest, 1);
  guint timeout_s;
  if (!parse_timeout (call, &timeout_s, error))
    return NULL;
  rest->env = ctl_env_load (ctl_options_text (call->options, "env"), error);
  rest->state = rest->env != NULL ? ctl_state_load (rest->env->name, error) : NULL;
  if (rest->state == NULL)
    return NULL;
  if (rest->state->access_token == NULL)
    {
      ctl_error_set (error, CTL_ERROR_LOGIN, LOGIN_HINT, rest->env->name, "nobody is logged in");
      return NULL;
    }
  rest->server = ctl_server_new (rest->env, call->output, timeout_s, error);
  return rest->server != NULL ? g_steal_pointer (&rest) : NULL;
}

void
ctl_rest_free (CtlRest *rest)
{
  g_clear_pointer (&rest->server, ctl_server_free);
  g_clear_pointer (&rest->state, ctl_state_free);
  g_clear_pointer (&rest->env, ctl_env_free);
  g_free (rest);
}

CtlServer *
ctl_rest_server (CtlRest *rest)
{
  return rest->server;
}

const CtlState *
ctl_rest_state (const CtlRest *rest)
{
  return rest->state;
}

/* Takes over @state, a locked one, and unlocks it. */
static void
replace_state (CtlRest *rest, CtlState *state)
{
  ctl_state_free (rest->state);
  rest->state = state;
}

/* A refresh token works once: under the lock it may turn out that another apimctl has renewed already. */
static gboolean
renew (CtlRest *rest, GError **error)
{
  g_autoptr (CtlState) state = ctl_state_load_locked (rest->env->name, error);
  if (state == NULL)
    return FALSE;
  gboolean renewed = g_strcmp0 (state->access_token, rest->state->access_token) != 0 && state->access_token != NULL;
  if (!renewed && (!ctl_oauth_renew (rest->server, state, error) || !ctl_state_save (state, error)))
    return FALSE;
  g_autoptr (CtlState) unlocked = ctl_state_load (rest->env->name, error);
  if (unlocked == NULL)
    return FALSE;
  replace_state (rest, g_steal_pointer (&unlocked));
  return TRUE;
}

gboolean
ctl_rest_keep_key (CtlRest *rest, const char *application, const char *type, const char *consumer_key,
                   const char *consumer_secret, GError **error)
{
  g_autoptr (CtlState) state = ctl_state_load_locked (rest->env->name, error);
  if (state == NULL)
    return FALSE;
  ctl_state_set_key (state, application, type, consumer_key, consumer_secret);
  return ctl_state_save (state, error);
}

/* Errors of the server -----------------------------------------------------------------------------------------------
 */

static gboolean
is_html (const CtlReply *reply)
{
  const char *body = (const char *)reply->bytes->data;
  return g_strcmp0 (reply->content_type, "text/html") == 0
         || (reply->bytes->len > 0 && *body == '<' && reply->json == NULL);
}

/* The message of an error body (spec 11), with what it lists. Free with g_free(). (nullable). */
static char *
error_text (const CtlReply *reply)
{
  if (reply->json == NULL || !JSON_NODE_HOLDS_OBJECT (reply->json))
    return NULL;
  JsonObject *body = json_node_get_object (reply->json);
  const char *message = ctl_json_get_text (body, "message"), *description = ctl_json_get_text (body, "description");
  GString *text = g_string_new (message != NULL ? message : "");
  if (description != NULL && *description != '\0' && g_strcmp0 (message, description) != 0)
    g_string_append_printf (text, "%s%s", text->len > 0 ? ": " : "", description);
  JsonArray *list = ctl_json_get_array (body, "error");
  for (guint i = 0; list != NULL && i < json_array_get_length (list); i++)
    {
      JsonNode *item = json_array_get_element (list, i);
      JsonObject *detail = JSON_NODE_HOLDS_OBJECT (item) ? json_node_get_object (item) : NULL;
      /* Our servers name the field or the gateway, WSO2's repeat a number. */
      const char *field = ctl_json_get_text (detail, "code"), *each = ctl_json_get_text (detail, "message");
      if (each == NULL)
        continue;
      g_autofree char *shown = field != NULL ? g_strconcat (field, ": ", each, NULL) : g_strdup (each);
      if (description == NULL || strstr (description, shown) == NULL) /* our servers describe by all of them */
        g_string_append_printf (text, "%s%s", text->len > 0 ? "; " : "", shown);
    }
  return g_string_free (text, text->len == 0);
}

static CtlErrorKind
kind_of_status (guint status)
{
  switch (status)
    {
    case 400:
    case 406:
    case 413:
    case 415:
    case 422:
      return CTL_ERROR_INVALID;
    case 401:
      return CTL_ERROR_LOGIN;
    case 403:
      return CTL_ERROR_FORBIDDEN;
    case 404:
    case 405: /* by this client's own doing only where the server lacks the resource */
      return CTL_ERROR_NOT_FOUND;
    case 409:
    case 412:
      return CTL_ERROR_CONFLICT;
    case 502:
    case 503:
    case 504:
      return CTL_ERROR_UNREACHABLE;
    default:
      return CTL_ERROR_FAILED;
    }
}

/* Done here, but not on every gateway: our server's words for it (docs/rest-api.md). */
static gboolean
is_partial (const CtlReply *reply)
{
  return reply->json != NULL && JSON_NODE_HOLDS_OBJECT (reply->json)
         && g_strcmp0 (ctl_json_get_text (json_node_get_object (reply->json), "message"), "Partial Failure") == 0;
}

static void
set_status_error (CtlRest *rest, const CtlRequest *request, const CtlReply *reply, GError **error)
{
  const char *url = rest->env->urls[request->service];
  CtlErrorKind kind = kind_of_status (reply->status);
  g_autofree char *text = error_text (reply);
  if (is_html (reply))
    ctl_error_set (error, kind == CTL_ERROR_UNREACHABLE ? kind : CTL_ERROR_FAILED, "apimctl env list", request->what,
                   "%s answered HTTP %u with an HTML page: a proxy or another program, not the REST API", url,
                   reply->status);
  else if (reply->status >= 300 && reply->status < 400)
    ctl_error_set (error, CTL_ERROR_FAILED, "apimctl env list", request->what,
                   "%s sends elsewhere (HTTP %u), which is not followed: name the right server", url, reply->status);
  else if (is_partial (reply))
    ctl_error_set (error, CTL_ERROR_PARTIAL, "apimctl gateway sync", request->what, "%s", text);
  else if (text != NULL)
    ctl_error_set (error, kind, kind == CTL_ERROR_LOGIN ? LOGIN_HINT : NULL, request->what, "%s", text);
  else
    ctl_error_set (error, kind, kind == CTL_ERROR_LOGIN ? LOGIN_HINT : NULL, request->what, "%s answered HTTP %u", url,
                   reply->status);
}

static gboolean
is_success (const CtlReply *reply)
{
  return (reply->status >= 200 && reply->status < 300 && !is_html (reply)) || reply->status == 303;
}

static CtlReply *
send_once (CtlRest *rest, const CtlRequest *request, GError **error)
{
  g_autofree char *path = g_strconcat (prefixes[request->service], request->path, NULL);
  g_auto (ApimSecretText) authorization = g_strconcat ("Bearer ", rest->state->access_token, NULL);
  CtlRequest full = *request;
  full.path = path;
  full.authorization = authorization;
  return ctl_server_send (rest->server, &full, error);
}

CtlReply *
ctl_rest_send (CtlRest *rest, const CtlRequest *request, GError **error)
{
  if (rest->state->expires_s - RENEW_BEFORE_S < g_get_real_time () / G_USEC_PER_SEC && !renew (rest, error))
    return NULL;
  g_autoptr (CtlReply) reply = send_once (rest, request, error);
  if (reply != NULL && reply->status == 401)
    {
      g_clear_pointer (&reply, ctl_reply_free);
      if (renew (rest, error))
        reply = send_once (rest, request, error);
    }
  if (reply == NULL || is_success (reply))
    return g_steal_pointer (&reply);
  set_status_error (rest, request, reply, error);
  return NULL;
}

JsonNode *
ctl_rest_get (CtlRest *rest, CtlService service, const char *path, const char *what, GError **error)
{
  CtlRequest request = { .service = service, .method = "GET", .path = path, .what = what };
  g_autoptr (CtlReply) reply = ctl_rest_send (rest, &request, error);
  if (reply == NULL)
    return NULL;
  if (reply->json == NULL)
    ctl_error_set (error, CTL_ERROR_FAILED, "apimctl env list", what, "the answer of %s is not JSON",
                   rest->env->urls[service]);
  return g_steal_pointer (&reply->json);
}

/* Moves the entries of @page to @all. Returns: how many they were; -1: @page is no list. */
static gint
take_page (JsonNode *page, JsonArray *all)
{
  JsonArray *list = JSON_NODE_HOLDS_OBJECT (page)  ? ctl_json_get_array (json_node_get_object (page), "list")
                    : JSON_NODE_HOLDS_ARRAY (page) ? json_node_get_array (page)
                                                   : NULL;
  if (list == NULL)
    return -1;
  for (guint i = 0; i < json_array_get_length (list); i++)
    json_array_add_element (all, json_array_dup_element (list, i));
  return (gint)json_array_get_length (list);
}

static gboolean
has_more (JsonNode *page)
{
  JsonObject *object = JSON_NODE_HOLDS_OBJECT (page) ? json_node_get_object (page) : NULL;
  const char *next = ctl_json_get_text (object, "next");
  return next != NULL && *next != '\0';
}

JsonArray *
ctl_rest_list (CtlRest *rest, CtlService service, const char *path, const char *what, GError **error)
{
  g_autoptr (JsonArray) all = json_array_new ();
  for (gboolean more = TRUE; more;)
    {
      g_autofree char *page_path = g_strdup_printf (
          "%s%climit=%d&offset=%u", path, strchr (path, '?') != NULL ? '&' : '?', PAGE, json_array_get_length (all));
      g_autoptr (JsonNode) page = ctl_rest_get (rest, service, page_path, what, error);
      if (page == NULL)
        return NULL;
      gint n = take_page (page, all);
      if (n < 0 || json_array_get_length (all) > CTL_REST_MAX_ITEMS)
        {
          ctl_error_set (error, CTL_ERROR_FAILED, NULL, what,
                         n < 0 ? "the answer is not a list" : "the list has no end within 200000 entries");
          return NULL;
        }
      more = n > 0 && has_more (page);
    }
  return g_steal_pointer (&all);
}

gboolean
ctl_rest_can_rehearse (CtlRest *rest, CtlService service)
{
  static const char *const paths[] = {
    [CTL_PUBLISHER] = "/apis?limit=1",
    [CTL_STORE] = "/applications?limit=1",
    [CTL_ADMIN] = "/workflows?limit=1",
  };
  /* One that knows the header refuses a value that it cannot have; others do not look at it. */
  CtlRequest request
      = { .service = service, .method = "GET", .dry_run = "probe", .what = "dry run", .path = paths[service] };
  g_autoptr (CtlReply) reply = send_once (rest, &request, NULL);
  g_autofree char *text = reply != NULL && reply->status == 400 ? error_text (reply) : NULL;
  return text != NULL && strstr (text, "X-APIM-Dry-Run") != NULL;
}

void
ctl_rest_explain_missing (CtlRest *rest, CtlService service, const char *what, GError **error)
{
  /* Who can rehearse is one of ours, and has the resource: the object is what is missing. */
  if (!g_error_matches (*error, CTL_ERROR, CTL_ERROR_NOT_FOUND) || ctl_rest_can_rehearse (rest, service))
    return;
  g_autoptr (GError) cause = g_steal_pointer (error);
  const char *why = g_str_has_prefix (cause->message, what) ? cause->message + strlen (what) + 2 : cause->message;
  ctl_error_set (error, CTL_ERROR_NOT_FOUND, NULL, what, "%s (WSO2's servers do not have this resource)", why);
}
