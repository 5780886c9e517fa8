/* apimctl api lifecycle|history|publish|prototype|block|unblock|deprecate|retire|demote. */
#include "config.h"

#include "admin-cli/ctl-change.h"
#include "admin-cli/ctl-commands.h"
#include "admin-cli/ctl-json.h"
#include "admin-cli/ctl-lifecycle.h"
#include "admin-cli/ctl-names.h"
#include "admin-cli/ctl-view.h"

#include <string.h>

#define CHECK_DEPRECATE "Deprecate Old Versions"
#define CHECK_RESUBSCRIBE "Require Re-Subscription"

/* The API that the call's one argument names. (transfer full): NULL with @error. */
static JsonNode *
find (CtlCall *call, CtlRest *rest, GError **error)
{
  return ctl_names_find_api (rest, CTL_PUBLISHER, ctl_options_arguments (call->options)[0], error);
}

static int
run_lifecycle (CtlCall *call, GError **error)
{
  static const CtlColumn columns[] = { { "EVENT", "event" }, { "LEADS TO", "targetState" }, { NULL } };
  const char *const *words = ctl_call_words (call, 1, 1, error);
  g_autoptr (CtlRest) rest = words != NULL ? ctl_rest_open (call, error) : NULL;
  g_autoptr (JsonNode) api = rest != NULL ? find (call, rest, error) : NULL;
  if (api == NULL)
    return 0;
  g_autoptr (GError) cause = NULL;
  g_autofree char *id = ctl_names_member (api, "id"), *state = ctl_names_member (api, "status");
  g_autofree char *path = ctl_server_path ("/apis/{}/lifecycle-state", id);
  g_autoptr (JsonNode) answer = ctl_rest_get (rest, CTL_PUBLISHER, path, words[0], &cause);
  JsonNode *asked = answer != NULL ? ctl_json_find (answer, "availableTransitions") : NULL;
  if (answer == NULL && !g_error_matches (cause, CTL_ERROR, CTL_ERROR_NOT_FOUND))
    {
      g_propagate_error (error, g_steal_pointer (&cause));
      return 0;
    }
  ctl_output_note (call->output, "%s is %s", words[0], state);
  g_autoptr (JsonArray) events = asked != NULL && JSON_NODE_HOLDS_ARRAY (asked)
                                     ? json_array_ref (json_node_get_array (asked))
                                     : ctl_lifecycle_events (state);
  ctl_view_list (call->output, columns, events);
  return 0;
}

const CtlCommand ctl_cmd_api_lifecycle = {
  .group = "api",
  .name = "lifecycle",
  .summary = "Show which lifecycle events an API can take now",
  .arguments = "NAME/VERSION",
  .completes = "api",
  .details = "As the server says; of servers that cannot be asked (WSO2's), as they ship.",
  .example = "apimctl api lifecycle Weather/1.0.0",
  .flags = CTL_COMMAND_REMOTE,
  .run = run_lifecycle,
};

static int
run_history (CtlCall *call, GError **error)
{
  static const CtlColumn columns[] = {
    { "TIME", "updatedTime", CTL_CELL_TIME },
    { "FROM", "previousState" },
    { "TO", "postState" },
    { "WHO", "user" },
    { NULL },
  };
  const char *const *words = ctl_call_words (call, 1, 1, error);
  g_autoptr (CtlRest) rest = words != NULL ? ctl_rest_open (call, error) : NULL;
  g_autoptr (JsonNode) api = rest != NULL ? find (call, rest, error) : NULL;
  if (api == NULL)
    return 0;
  g_autofree char *id = ctl_names_member (api, "id");
  g_autofree char *path = ctl_server_path ("/apis/{}/lifecycle-history", id);
  g_autoptr (GError) cause = NULL;
  g_autoptr (JsonArray) rows = ctl_rest_list (rest, CTL_PUBLISHER, path, words[0], &cause);
  if (rows != NULL)
    ctl_view_list (call->output, columns, rows);
  else if (g_error_matches (cause, CTL_ERROR, CTL_ERROR_NOT_FOUND))
    ctl_error_set (error, CTL_ERROR_FAILED, NULL, words[0], "this server does not tell the history of APIs over REST");
  else
    g_propagate_error (error, g_steal_pointer (&cause));
  return 0;
}

const CtlCommand ctl_cmd_api_history = {
  .group = "api",
  .name = "history",
  .summary = "Show who changed the state of an API, and when",
  .arguments = "NAME/VERSION",
  .completes = "api",
  .details = "A resource of this product's servers; WSO2's 2.x do not have it.",
  .example = "apimctl api history Weather/1.0.0",
  .flags = CTL_COMMAND_REMOTE,
  .run = run_history,
};

/* Events -------------------------------------------------------------------------------------------------------------
 */

/* One verb. */
typedef struct
{
  const char *verb, *past;
  const char *event;
  const char *target;
} Event;

static CtlReply *
send_event (CtlCall *call, CtlRest *rest, const char *id, const Event *event, const char *what, GError **error)
{
  gboolean deprecate = ctl_options_flag (call->options, "deprecate-old");
  gboolean resubscribe = ctl_options_flag (call->options, "require-resubscription");
  g_autofree char *checklist = g_strdup_printf (CHECK_DEPRECATE ":%s," CHECK_RESUBSCRIBE ":%s",
                                                deprecate ? "true" : "false", resubscribe ? "true" : "false");
  g_autofree char *path = ctl_server_path ("/apis/change-lifecycle?apiId={}&action={}&lifecycleChecklist={}", id,
                                           event->event, deprecate || resubscribe ? checklist : NULL);
  CtlRequest request = { .service = CTL_PUBLISHER, .method = "POST", .path = path, .what = what };
  return ctl_change (call, rest, &request, event->verb, event->past, error);
}

static void
print_state (CtlCall *call, JsonNode *api, const char *state)
{
  static const CtlColumn columns[] = { { "API", "name/version" }, { "STATE", "status" }, { NULL } };
  json_object_set_string_member (json_node_get_object (api), "status", state);
  ctl_view_record (call->output, columns, api);
}

/* The words of a question about an API's subscriptions: "12 subscriptions of 5 applications". NULL with @error. */
static char *
count_subscriptions (CtlRest *rest, const char *id, const char *what, GError **error)
{
  g_autofree char *path = ctl_server_path ("/subscriptions?apiId={}", id);
  g_autoptr (JsonArray) rows = ctl_rest_list (rest, CTL_PUBLISHER, path, what, error);
  if (rows == NULL)
    return NULL;
  g_autoptr (GHashTable) applications = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < json_array_get_length (rows); i++)
    {
      char *application = ctl_names_member (json_array_get_element (rows, i), "applicationId");
      if (application != NULL)
        g_hash_table_add (applications, application);
    }
  guint n = json_array_get_length (rows), n_applications = g_hash_table_size (applications);
  return g_strdup_printf ("%u subscription%s of %u application%s", n, n == 1 ? "" : "s", n_applications,
                          n_applications == 1 ? "" : "s");
}

/* @consequence: (nullable): for an event that asks for consent: what it does, to end in the count of subscriptions. */
static int
change_state (CtlCall *call, const Event *event, const char *consequence, GError **error)
{
  const char *const *words = ctl_call_words (call, 1, 1, error);
  g_autoptr (CtlRest) rest = words != NULL ? ctl_rest_open (call, error) : NULL;
  g_autoptr (JsonNode) api = rest != NULL ? find (call, rest, error) : NULL;
  if (api == NULL)
    return 0;
  g_autofree char *id = ctl_names_member (api, "id"), *state = ctl_names_member (api, "status");
  g_autofree char *what = g_strconcat ("API ", words[0], NULL);
  if (g_strcmp0 (state, event->target) == 0)
    {
      ctl_output_note (call->output, "%s is %s already", what, state);
      print_state (call, api, state);
      return 0;
    }
  g_autofree char *count = consequence != NULL ? count_subscriptions (rest, id, words[0], error) : NULL;
  if (consequence != NULL
      && (count == NULL || !ctl_change_confirm (call, error, "%s %s: %s %s", event->verb, what, consequence, count)))
    return 0;
  g_autoptr (CtlReply) reply = send_event (call, rest, id, event, what, error);
  if (reply != NULL && reply->status != 0 && !reply->rehearsed)
    print_state (call, api, event->target);
  return 0;
}

static const CtlOption publish_options[] = {
  { "deprecate-old", CTL_OPTION_FLAG, FALSE, NULL, "deprecate its older published versions" },
  { "require-resubscription", CTL_OPTION_FLAG, FALSE, NULL, "do not take over the subscriptions of older versions" },
  { NULL },
};

static int
run_publish (CtlCall *call, GError **error)
{
  static const Event event = { "publish", "published", "Publish", "PUBLISHED" };
  return change_state (call, &event, NULL, error);
}

const CtlCommand ctl_cmd_api_publish = {
  .group = "api",
  .name = "publish",
  .synonym = "publish",
  .summary = "Publish an API: to its gateways, and in the Store",
  .arguments = "NAME/VERSION",
  .completes = "api",
  .details = "It needs an endpoint and a tier. Active subscriptions of older versions are taken over, unless\n"
             "--require-resubscription says otherwise. Where a gateway fails, the rest is done (exit status 7) and\n"
             "\"gateway sync\" repairs it.",
  .example = "apimctl publish Weather/1.0.0\n"
             "apimctl api publish Weather/2.0.0 --deprecate-old",
  .flags = CTL_COMMAND_REMOTE | CTL_COMMAND_WRITES,
  .options = publish_options,
  .run = run_publish,
};

static int
run_prototype (CtlCall *call, GError **error)
{
  static const Event event
      = { "deploy as a prototype", "deployed as a prototype", "Deploy as a Prototype", "PROTOTYPED" };
  return change_state (call, &event, NULL, error);
}

const CtlCommand ctl_cmd_api_prototype = {
  .group = "api",
  .name = "prototype",
  .summary = "Serve an API without keys and limits, to be tried",
  .arguments = "NAME/VERSION",
  .completes = "api",
  .example = "apimctl api prototype Weather/1.0.0",
  .flags = CTL_COMMAND_REMOTE | CTL_COMMAND_WRITES,
  .run = run_prototype,
};

static int
run_block (CtlCall *call, GError **error)
{
  static const Event event = { "block", "blocked", "Block", "BLOCKED" };
  return change_state (call, &event, NULL, error);
}

const CtlCommand ctl_cmd_api_block = {
  .group = "api",
  .name = "block",
  .summary = "Answer every call of an API with 503 for a while",
  .arguments = "NAME/VERSION",
  .completes = "api",
  .details = "Its subscriptions stay; \"api unblock\" ends it.",
  .example = "apimctl api block Weather/1.0.0",
  .flags = CTL_COMMAND_REMOTE | CTL_COMMAND_WRITES,
  .run = run_block,
};

static int
run_unblock (CtlCall *call, GError **error)
{
  static const Event event = { "unblock", "unblocked", "Re-Publish", "PUBLISHED" };
  return change_state (call, &event, NULL, error);
}

const CtlCommand ctl_cmd_api_unblock = {
  .group = "api",
  .name = "unblock",
  .summary = "Serve a blocked API again",
  .arguments = "NAME/VERSION",
  .completes = "api",
  .example = "apimctl api unblock Weather/1.0.0",
  .flags = CTL_COMMAND_REMOTE | CTL_COMMAND_WRITES,
  .run = run_unblock,
};

static int
run_deprecate (CtlCall *call, GError **error)
{
  static const Event event = { "deprecate", "deprecated", "Deprecate", "DEPRECATED" };
  return change_state (call, &event, NULL, error);
}

const CtlCommand ctl_cmd_api_deprecate = {
  .group = "api",
  .name = "deprecate",
  .summary = "Let an API run out: it serves who is subscribed, nobody new",
  .arguments = "NAME/VERSION",
  .completes = "api",
  .example = "apimctl api deprecate Weather/1.0.0",
  .flags = CTL_COMMAND_REMOTE | CTL_COMMAND_WRITES,
  .run = run_deprecate,
};

static int
run_retire (CtlCall *call, GError **error)
{
  static const Event event = { "retire", "retired", "Retire", "RETIRED" };
  return change_state (call, &event, "takes it off all gateways for good and deletes", error);
}

const CtlCommand ctl_cmd_api_retire = {
  .group = "api",
  .name = "retire",
  .summary = "Take a deprecated API off the gateways for good",
  .arguments = "NAME/VERSION",
  .completes = "api",
  .details = "Deletes all its subscriptions; it can never be published again.",
  .example = "apimctl api retire Weather/1.0.0 --yes",
  .flags = CTL_COMMAND_REMOTE | CTL_COMMAND_WRITES,
  .run = run_retire,
};

static int
run_demote (CtlCall *call, GError **error)
{
  static const Event event = { "demote", "demoted", "Demote to Created", "CREATED" };
  return change_state (call, &event, "takes it off all gateways; dead until it is published again are", error);
}

const CtlCommand ctl_cmd_api_demote = {
  .group = "api",
  .name = "demote",
  .summary = "Take an API off the gateways, back to state CREATED",
  .arguments = "NAME/VERSION",
  .completes = "api",
  .details = "Its subscriptions are dead until it is published again; WSO2 servers of 2.0 delete them.",
  .example = "apimctl api demote Weather/1.0.0 --yes",
  .flags = CTL_COMMAND_REMOTE | CTL_COMMAND_WRITES,
  .run = run_demote,
};
