/* apimctl app list|get|create|update|delete. */
#include "config.h"

#include "admin-cli/ctl-change.h"
#include "admin-cli/ctl-commands.h"
#include "admin-cli/ctl-json.h"
#include "admin-cli/ctl-names.h"
#include "admin-cli/ctl-view.h"

#include <string.h>

static const CtlColumn columns[] = {
  { "APPLICATION", "name" },
  { "TIER", "throttlingTier" },
  { "STATE", "status" },
  { "OWNER", "subscriber" },
  { "CALLBACK", "callbackUrl", .wide = TRUE },
  { "DESCRIPTION", "description", .wide = TRUE },
  { "ID", "applicationId", .wide = TRUE },
  { NULL },
};

static int
run_list (CtlCall *call, GError **error)
{
  const char *const *words = ctl_call_words (call, 0, 1, error);
  g_autoptr (CtlRest) rest = words != NULL ? ctl_rest_open (call, error) : NULL;
  if (rest == NULL)
    return 0;
  g_autofree char *path = ctl_server_path ("/applications?query={}", words[0]);
  g_autoptr (JsonArray) rows = ctl_rest_list (rest, CTL_STORE, path, "applications", error);
  if (rows != NULL)
    ctl_view_list (call->output, columns, rows);
  return 0;
}

const CtlCommand ctl_cmd_app_list = {
  .group = "app",
  .name = "list",
  .summary = "List the applications of who is logged in",
  .arguments = "[QUERY]",
  .example = "apimctl app list -o wide",
  .flags = CTL_COMMAND_REMOTE,
  .run = run_list,
};

/* An application whole, without the secrets of its keys: those are shown once, by `key generate`. */
static JsonNode *
get (CtlRest *rest, const char *name, CtlReply **with_etag, GError **error)
{
  g_autofree char *id = ctl_names_app_id (rest, name, error);
  g_autofree char *path = id != NULL ? ctl_server_path ("/applications/{}", id) : NULL;
  CtlRequest request = { .service = CTL_STORE, .method = "GET", .path = path, .what = name };
  g_autoptr (CtlReply) reply = path != NULL ? ctl_rest_send (rest, &request, error) : NULL;
  if (reply == NULL)
    return NULL;
  if (reply->json == NULL || !JSON_NODE_HOLDS_OBJECT (reply->json))
    {
      ctl_error_set (error, CTL_ERROR_FAILED, "apimctl env list", name, "the answer is not an application");
      return NULL;
    }
  json_object_remove_member (json_node_get_object (reply->json), "keys");
  JsonNode *app = json_node_ref (reply->json);
  *with_etag = g_steal_pointer (&reply);
  return app;
}

static int
run_get (CtlCall *call, GError **error)
{
  const char *const *words = ctl_call_words (call, 1, 1, error);
  g_autoptr (CtlRest) rest = words != NULL ? ctl_rest_open (call, error) : NULL;
  g_autoptr (CtlReply) reply = NULL;
  g_autoptr (JsonNode) app = rest != NULL ? get (rest, words[0], &reply, error) : NULL;
  if (app != NULL)
    ctl_view_record (call->output, columns, app);
  return 0;
}

const CtlCommand ctl_cmd_app_get = {
  .group = "app",
  .name = "get",
  .summary = "Show an application",
  .arguments = "NAME",
  .completes = "app",
  .example = "apimctl app get Phone",
  .flags = CTL_COMMAND_REMOTE,
  .run = run_get,
};

static const CtlOption create_options[] = {
  { "tier", CTL_OPTION_TEXT, FALSE, "TIER", "how many calls all its users may make; default Unlimited" },
  { "description", CTL_OPTION_TEXT, FALSE, "TEXT", "what it is" },
  { "callback", CTL_OPTION_TEXT, FALSE, "URL", "where its users come back to after a login" },
  { "token-type", CTL_OPTION_TEXT, FALSE, "TYPE", "DEFAULT or JWT" },
  { NULL },
};

static void
set_fields (JsonObject *app, const CtlOptions *options)
{
  ctl_json_set_text (app, "throttlingTier", ctl_options_text (options, "tier"));
  ctl_json_set_text (app, "description", ctl_options_text (options, "description"));
  ctl_json_set_text (app, "callbackUrl", ctl_options_text (options, "callback"));
  ctl_json_set_text (app, "tokenType", ctl_options_text (options, "token-type"));
  ctl_json_set_text (app, "name", ctl_options_flag (options, "rename") ? ctl_options_text (options, "rename") : NULL);
}

static gboolean
is_waiting (JsonNode *app)
{
  g_autofree char *status = ctl_names_member (app, "status");
  return g_strcmp0 (status, "CREATED") == 0;
}

static int
run_create (CtlCall *call, GError **error)
{
  const char *const *words = ctl_call_words (call, 1, 1, error);
  g_autoptr (CtlRest) rest = words != NULL ? ctl_rest_open (call, error) : NULL;
  if (rest == NULL)
    return 0;
  g_autofree char *what = g_strconcat ("application ", words[0], NULL);
  g_autoptr (JsonObject) app = json_object_new ();
  json_object_set_string_member (app, "name", words[0]);
  json_object_set_string_member (app, "throttlingTier", "Unlimited");
  set_fields (app, call->options);
  g_autoptr (JsonNode) json = json_node_init_object (json_node_alloc (), app);
  CtlRequest request = { .service = CTL_STORE, .method = "POST", .path = "/applications", .json = json, .what = what };
  g_autoptr (CtlReply) reply = ctl_change (call, rest, &request, "create", "created", error);
  if (reply == NULL || reply->json == NULL)
    return 0;
  ctl_view_record (call->output, columns, reply->json);
  return ctl_change_status (call, what, is_waiting (reply->json));
}

const CtlCommand ctl_cmd_app_create = {
  .group = "app",
  .name = "create",
  .summary = "Create an application",
  .arguments = "NAME",
  .details = "Exit status 6 when there is one of this name, 8 when it waits for approval.",
  .example = "apimctl app create Phone --description 'The app in the stores'",
  .flags = CTL_COMMAND_REMOTE | CTL_COMMAND_WRITES,
  .options = create_options,
  .run = run_create,
};

static const CtlOption update_options[] = {
  { "tier", CTL_OPTION_TEXT, FALSE, "TIER", "how many calls all its users may make" },
  { "description", CTL_OPTION_TEXT, FALSE, "TEXT", "what it is" },
  { "callback", CTL_OPTION_TEXT, FALSE, "URL", "where its users come back to after a login" },
  { "token-type", CTL_OPTION_TEXT, FALSE, "TYPE", "DEFAULT or JWT" },
  { "rename", CTL_OPTION_TEXT, FALSE, "NAME", "its new name" },
  { NULL },
};

static int
run_update (CtlCall *call, GError **error)
{
  const char *const *words = ctl_call_words (call, 1, 1, error);
  g_autoptr (CtlRest) rest = words != NULL ? ctl_rest_open (call, error) : NULL;
  g_autoptr (CtlReply) now = NULL;
  g_autoptr (JsonNode) app = rest != NULL ? get (rest, words[0], &now, error) : NULL;
  if (app == NULL)
    return 0;
  g_autofree char *before = ctl_json_compact (app), *what = g_strconcat ("application ", words[0], NULL);
  set_fields (json_node_get_object (app), call->options);
  g_autofree char *after = ctl_json_compact (app);
  if (strcmp (before, after) == 0)
    {
      ctl_output_note (call->output, "%s is so already", what);
      return 0;
    }
  g_autofree char *id = ctl_names_member (app, "applicationId"), *path = ctl_server_path ("/applications/{}", id);
  CtlRequest request
      = { .service = CTL_STORE, .method = "PUT", .path = path, .json = app, .if_match = now->etag, .what = what };
  g_autoptr (CtlReply) reply = ctl_change (call, rest, &request, "update", "updated", error);
  if (reply != NULL && reply->json != NULL)
    ctl_view_record (call->output, columns, reply->json);
  return 0;
}

const CtlCommand ctl_cmd_app_update = {
  .group = "app",
  .name = "update",
  .summary = "Change an application",
  .arguments = "NAME",
  .completes = "app",
  .details = "What no option names stays.",
  .example = "apimctl app update Phone --tier 50PerMin --callback https://phone.example.com/back",
  .flags = CTL_COMMAND_REMOTE | CTL_COMMAND_WRITES,
  .options = update_options,
  .run = run_update,
};

static int
run_delete (CtlCall *call, GError **error)
{
  const char *const *words = ctl_call_words (call, 1, 1, error);
  g_autoptr (CtlRest) rest = words != NULL ? ctl_rest_open (call, error) : NULL;
  g_autofree char *id = rest != NULL ? ctl_names_app_id (rest, words[0], error) : NULL;
  g_autofree char *subscriptions = id != NULL ? ctl_server_path ("/subscriptions?applicationId={}", id) : NULL;
  g_autoptr (JsonArray) rows = id != NULL ? ctl_rest_list (rest, CTL_STORE, subscriptions, words[0], error) : NULL;
  if (rows == NULL)
    return 0;
  guint n = json_array_get_length (rows);
  if (!ctl_change_confirm (call, error, "Delete application %s with its %u subscription%s and all its keys and tokens",
                           words[0], n, n == 1 ? "" : "s"))
    return 0;
  g_autofree char *path = ctl_server_path ("/applications/{}", id),
                  *what = g_strconcat ("application ", words[0], NULL);
  CtlRequest request = { .service = CTL_STORE, .method = "DELETE", .path = path, .what = what };
  g_autoptr (CtlReply) reply = ctl_change (call, rest, &request, "delete", "deleted", error);
  return 0;
}

const CtlCommand ctl_cmd_app_delete = {
  .group = "app",
  .name = "delete",
  .summary = "Delete an application with its subscriptions and keys",
  .arguments = "NAME",
  .completes = "app",
  .example = "apimctl app delete Phone --yes",
  .flags = CTL_COMMAND_REMOTE | CTL_COMMAND_WRITES,
  .run = run_delete,
};
