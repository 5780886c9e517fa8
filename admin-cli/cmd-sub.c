/* apimctl sub list|create|delete|block|unblock, alias subscribe and unsubscribe. */
#include "config.h"

#include "admin-cli/ctl-change.h"
#include "admin-cli/ctl-commands.h"
#include "admin-cli/ctl-json.h"
#include "admin-cli/ctl-names.h"
#include "admin-cli/ctl-view.h"

#include <string.h>

static const CtlColumn columns[] = {
  { "SUBSCRIPTION", "subscriptionId" },
  { "API", "apiIdentifier" },
  { "APPLICATION", "applicationId" },
  { "TIER", "tier" },
  { "STATE", "status" },
  { NULL },
};

static const CtlOption list_options[] = {
  { "api", CTL_OPTION_TEXT, FALSE, "NAME/VERSION", "those of an API, as its publisher" },
  { "app", CTL_OPTION_TEXT, FALSE, "NAME", "those of an application of one's own" },
  { NULL },
};

static JsonArray *
of_app (CtlRest *rest, const char *app, GError **error)
{
  g_autofree char *id = ctl_names_app_id (rest, app, error);
  g_autofree char *path = id != NULL ? ctl_server_path ("/subscriptions?applicationId={}", id) : NULL;
  return path != NULL ? ctl_rest_list (rest, CTL_STORE, path, app, error) : NULL;
}

/* As the Publisher tells them. */
static JsonArray *
of_api (CtlRest *rest, const char *api, GError **error)
{
  g_autofree char *id = ctl_names_api_id (rest, CTL_PUBLISHER, api, error);
  g_autofree char *path = id != NULL ? ctl_server_path ("/subscriptions?apiId={}", id) : NULL;
  return path != NULL ? ctl_rest_list (rest, CTL_PUBLISHER, path, api, error) : NULL;
}

static int
run_list (CtlCall *call, GError **error)
{
  const char *api = ctl_options_text (call->options, "api"), *app = ctl_options_text (call->options, "app");
  if ((api == NULL) == (app == NULL))
    {
      ctl_error_set (error, CTL_ERROR_USAGE, "apimctl help sub list", "sub list",
                     "say --api NAME/VERSION or --app NAME");
      return 0;
    }
  g_autoptr (CtlRest) rest = ctl_rest_open (call, error);
  g_autoptr (JsonArray) rows = rest == NULL  ? NULL
                               : api != NULL ? of_api (rest, api, error)
                                             : of_app (rest, app, error);
  if (rows != NULL)
    ctl_view_list (call->output, columns, rows);
  return 0;
}

const CtlCommand ctl_cmd_sub_list = {
  .group = "sub",
  .name = "list",
  .summary = "List the subscriptions of an API or of an application",
  .example = "apimctl sub list --api Weather/1.0.0\n"
             "apimctl sub list --app Phone",
  .flags = CTL_COMMAND_REMOTE,
  .options = list_options,
  .run = run_list,
};

/* Subscribe ----------------------------------------------------------------------------------------------------------
 */

static const CtlOption create_options[] = {
  { "tier", CTL_OPTION_TEXT, FALSE, "TIER", "default: the first that the API offers" },
  { NULL },
};

/* The first tier that the API offers. NULL with @error. */
static char *
first_tier (CtlRest *rest, JsonNode *api, const char *reference, GError **error)
{
  g_autofree char *id = ctl_names_member (api, "id"), *path = ctl_server_path ("/apis/{}", id);
  g_autoptr (JsonNode) full = ctl_rest_get (rest, CTL_STORE, path, reference, error);
  JsonNode *tier = full != NULL ? ctl_json_find (full, "tiers.0") : NULL;
  if (tier != NULL && JSON_NODE_HOLDS_OBJECT (tier))
    tier = ctl_json_find (tier, "tierName");
  if (full != NULL && tier == NULL)
    ctl_error_set (error, CTL_ERROR_FAILED, NULL, reference, "the API offers no tier");
  return tier != NULL ? ctl_json_display (tier) : NULL;
}

static gboolean
is_waiting (JsonNode *subscription)
{
  g_autofree char *status = subscription != NULL ? ctl_names_member (subscription, "status") : NULL;
  return g_strcmp0 (status, "ON_HOLD") == 0;
}

/* A subscription that is there already: good, unless another tier was asked for. */
static int
present (CtlCall *call, JsonNode *subscription, const char *what, GError **error)
{
  const char *tier = ctl_options_text (call->options, "tier");
  g_autofree char *has = ctl_names_member (subscription, "tier");
  if (tier != NULL && g_strcmp0 (tier, has) != 0)
    {
      ctl_error_set (error, CTL_ERROR_CONFLICT, "apimctl help unsubscribe", what, "is there already, with tier %s",
                     has);
      return 0;
    }
  ctl_output_note (call->output, "%s is there already", what);
  ctl_view_record (call->output, columns, subscription);
  return ctl_change_status (call, what, is_waiting (subscription));
}

static int
subscribe (CtlCall *call, CtlRest *rest, const char *app_id, JsonNode *api, const char *what, GError **error)
{
  const char *wanted = ctl_options_text (call->options, "tier");
  const char *reference = ctl_options_arguments (call->options)[1];
  g_autofree char *tier = wanted != NULL ? g_strdup (wanted) : first_tier (rest, api, reference, error);
  if (tier == NULL)
    return 0;
  g_autofree char *id = ctl_names_member (api, "id");
  g_autoptr (JsonObject) body = json_object_new ();
  json_object_set_string_member (body, "applicationId", app_id);
  json_object_set_string_member (body, "apiIdentifier", id);
  json_object_set_string_member (body, "tier", tier);
  g_autoptr (JsonNode) json = json_node_init_object (json_node_alloc (), body);
  CtlRequest request = { .service = CTL_STORE, .method = "POST", .path = "/subscriptions", .json = json, .what = what };
  g_autoptr (CtlReply) reply = ctl_change (call, rest, &request, "create", "created", error);
  if (reply == NULL || reply->json == NULL)
    return 0;
  ctl_view_record (call->output, columns, reply->json);
  return ctl_change_status (call, what, is_waiting (reply->json));
}

static int
run_create (CtlCall *call, GError **error)
{
  const char *const *words = ctl_call_words (call, 2, 2, error);
  g_autoptr (CtlRest) rest = words != NULL ? ctl_rest_open (call, error) : NULL;
  g_autofree char *app_id = rest != NULL ? ctl_names_app_id (rest, words[0], error) : NULL;
  g_autoptr (JsonNode) api = app_id != NULL ? ctl_names_find_api (rest, CTL_STORE, words[1], error) : NULL;
  g_autoptr (JsonNode) there = api != NULL ? ctl_names_find_subscription (rest, app_id, api, error) : NULL;
  if (api == NULL || *error != NULL)
    return 0;
  g_autofree char *what = g_strdup_printf ("the subscription of %s to %s", words[0], words[1]);
  return there != NULL ? present (call, there, what, error) : subscribe (call, rest, app_id, api, what, error);
}

const CtlCommand ctl_cmd_sub_create = {
  .group = "sub",
  .name = "create",
  .synonym = "subscribe",
  .summary = "Subscribe an application to an API",
  .arguments = "APPLICATION NAME/VERSION",
  .completes = "app catalog",
  .details = "Exit status 8 where the subscription waits for approval. A subscription that is there stays.",
  .example = "apimctl subscribe Phone Weather/1.0.0 --tier Gold",
  .flags = CTL_COMMAND_REMOTE | CTL_COMMAND_WRITES,
  .options = create_options,
  .run = run_create,
};

static int
run_delete (CtlCall *call, GError **error)
{
  const char *const *words = ctl_call_words (call, 2, 2, error);
  g_autoptr (CtlRest) rest = words != NULL ? ctl_rest_open (call, error) : NULL;
  g_autofree char *app_id = rest != NULL ? ctl_names_app_id (rest, words[0], error) : NULL;
  g_autoptr (JsonNode) api = app_id != NULL ? ctl_names_find_subscribed (rest, words[1], error) : NULL;
  g_autoptr (JsonNode) there = api != NULL ? ctl_names_find_subscription (rest, app_id, api, error) : NULL;
  if (api == NULL || *error != NULL)
    return 0;
  if (there == NULL)
    {
      ctl_output_note (call->output, "%s is not subscribed to %s", words[0], words[1]);
      return 0;
    }
  if (!ctl_change_confirm (call, error, "Unsubscribe %s from %s: its keys may call the API no more", words[0],
                           words[1]))
    return 0;
  g_autofree char *id = ctl_names_member (there, "subscriptionId"), *path = ctl_server_path ("/subscriptions/{}", id);
  g_autofree char *what = g_strdup_printf ("the subscription of %s to %s", words[0], words[1]);
  CtlRequest request = { .service = CTL_STORE, .method = "DELETE", .path = path, .what = what };
  g_autoptr (CtlReply) reply = ctl_change (call, rest, &request, "delete", "deleted", error);
  return 0;
}

const CtlCommand ctl_cmd_sub_delete = {
  .group = "sub",
  .name = "delete",
  .synonym = "unsubscribe",
  .summary = "End the subscription of an application to an API",
  .arguments = "APPLICATION NAME/VERSION",
  .completes = "app catalog",
  .example = "apimctl unsubscribe Phone Weather/1.0.0 --yes",
  .flags = CTL_COMMAND_REMOTE | CTL_COMMAND_WRITES,
  .run = run_delete,
};

/* Block --------------------------------------------------------------------------------------------------------------
 */

/* The application's name: in the row, or asked for. */
static char *
app_name (CtlRest *rest, JsonNode *row)
{
  g_autofree char *id = ctl_names_member (row, "applicationId"), *path = ctl_server_path ("/applications/{}", id);
  g_autoptr (JsonNode) app = ctl_rest_get (rest, CTL_PUBLISHER, path, "application", NULL);
  return app != NULL ? ctl_names_member (app, "name") : NULL;
}

/* The id of the API's subscription by the application, or the one argument. NULL with @error. */
static char *
subscription_id (CtlRest *rest, const char *const *words, GError **error)
{
  if (words[1] == NULL)
    return g_strdup (words[0]);
  g_autoptr (JsonArray) rows = of_api (rest, words[0], error);
  for (guint i = 0; rows != NULL && i < json_array_get_length (rows); i++)
    {
      JsonNode *row = json_array_get_element (rows, i);
      g_autofree char *name = app_name (rest, row);
      if (g_strcmp0 (name, words[1]) == 0)
        return ctl_names_member (row, "subscriptionId");
    }
  if (rows != NULL)
    ctl_error_set (error, CTL_ERROR_NOT_FOUND, NULL, words[1], "is not subscribed to %s", words[0]);
  return NULL;
}

static const CtlOption block_options[] = {
  { "production-only", CTL_OPTION_FLAG, FALSE, NULL, "sandbox keys go on working" },
  { NULL },
};

static int
run_block (CtlCall *call, GError **error)
{
  const char *const *words = ctl_call_words (call, 1, 2, error);
  g_autoptr (CtlRest) rest = words != NULL ? ctl_rest_open (call, error) : NULL;
  g_autofree char *id = rest != NULL ? subscription_id (rest, words, error) : NULL;
  if (id == NULL)
    return 0;
  const char *state = ctl_options_flag (call->options, "production-only") ? "PROD_ONLY_BLOCKED" : "BLOCKED";
  g_autofree char *path
      = ctl_server_path ("/subscriptions/block-subscription?subscriptionId={}&blockState={}", id, state);
  g_autofree char *what = g_strconcat ("subscription ", id, NULL);
  CtlRequest request = { .service = CTL_PUBLISHER, .method = "POST", .path = path, .what = what };
  g_autoptr (CtlReply) reply = ctl_change (call, rest, &request, "block", "blocked", error);
  return 0;
}

const CtlCommand ctl_cmd_sub_block = {
  .group = "sub",
  .name = "block",
  .summary = "Refuse the calls of one subscription",
  .arguments = "NAME/VERSION APPLICATION | SUBSCRIPTION",
  .completes = "api",
  .example = "apimctl sub block Weather/1.0.0 Phone --production-only",
  .flags = CTL_COMMAND_REMOTE | CTL_COMMAND_WRITES,
  .options = block_options,
  .run = run_block,
};

static int
run_unblock (CtlCall *call, GError **error)
{
  const char *const *words = ctl_call_words (call, 1, 2, error);
  g_autoptr (CtlRest) rest = words != NULL ? ctl_rest_open (call, error) : NULL;
  g_autofree char *id = rest != NULL ? subscription_id (rest, words, error) : NULL;
  if (id == NULL)
    return 0;
  g_autofree char *path = ctl_server_path ("/subscriptions/unblock-subscription?subscriptionId={}", id);
  g_autofree char *what = g_strconcat ("subscription ", id, NULL);
  CtlRequest request = { .service = CTL_PUBLISHER, .method = "POST", .path = path, .what = what };
  g_autoptr (CtlReply) reply = ctl_change (call, rest, &request, "unblock", "unblocked", error);
  return 0;
}

const CtlCommand ctl_cmd_sub_unblock = {
  .group = "sub",
  .name = "unblock",
  .summary = "Let the calls of a blocked subscription pass again",
  .arguments = "NAME/VERSION APPLICATION | SUBSCRIPTION",
  .completes = "api",
  .example = "apimctl sub unblock Weather/1.0.0 Phone",
  .flags = CTL_COMMAND_REMOTE | CTL_COMMAND_WRITES,
  .run = run_unblock,
};
