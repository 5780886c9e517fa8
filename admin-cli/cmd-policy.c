/* apimctl policy list|get|create|update|delete: throttling policies, what applications and subscriptions call tiers. */
#include "config.h"

#include "admin-cli/ctl-change.h"
#include "admin-cli/ctl-commands.h"
#include "admin-cli/ctl-json.h"
#include "admin-cli/ctl-names.h"
#include "admin-cli/ctl-view.h"
#include "admin-cli/ctl-yaml.h"

#include <string.h>

static const CtlColumn columns[] = {
  { "POLICY", "policyName" },
  { "LIMIT", "defaultLimit.type" },
  { "REQUESTS", "defaultLimit.requestCount" },
  { "DATA", "defaultLimit.dataAmount" },
  { "PER", "defaultLimit.unitTime" },
  { "UNIT", "defaultLimit.timeUnit" },
  { "DESCRIPTION", "description" },
  { "ID", "policyId", .wide = TRUE },
  { NULL },
};

/* The first argument as a kind of policy. NULL with CTL_ERROR_USAGE. */
static const char *
check_level (const char *level, GError **error)
{
  static const char *const levels[] = { "application", "subscription", "advanced", "custom", NULL };
  if (g_strv_contains (levels, level))
    return level;
  ctl_error_set (error, CTL_ERROR_USAGE, "apimctl help policy", level,
                 "is no kind of policy: there are application, subscription, advanced and custom");
  return NULL;
}

static JsonArray *
load (CtlRest *rest, const char *level, GError **error)
{
  g_autofree char *path = ctl_server_path ("/throttling/policies/{}", level);
  return ctl_rest_list (rest, CTL_ADMIN, path, "policies", error);
}

/* The path of the policy @name. NULL with CTL_ERROR_NOT_FOUND. */
static char *
policy_path (CtlRest *rest, const char *level, const char *name, GError **error)
{
  g_autoptr (JsonArray) rows = load (rest, level, error);
  JsonNode *row = rows != NULL ? ctl_names_match (rows, "policyName", name, NULL) : NULL;
  if (row == NULL)
    {
      g_autofree char *hint = g_strdup_printf ("apimctl policy list %s", level);
      if (rows != NULL)
        ctl_error_set (error, CTL_ERROR_NOT_FOUND, hint, name, "there is no such %s policy", level);
      return NULL;
    }
  g_autofree char *id = ctl_names_member (row, "policyId");
  return ctl_server_path ("/throttling/policies/{}/{}", level, id);
}

static int
run_list (CtlCall *call, GError **error)
{
  const char *const *words = ctl_call_words (call, 1, 1, error);
  const char *level = words != NULL ? check_level (words[0], error) : NULL;
  g_autoptr (CtlRest) rest = level != NULL ? ctl_rest_open (call, error) : NULL;
  g_autoptr (JsonArray) rows = rest != NULL ? load (rest, level, error) : NULL;
  if (rows != NULL)
    ctl_view_list (call->output, columns, rows);
  return 0;
}

const CtlCommand ctl_cmd_policy_list = {
  .group = "policy",
  .name = "list",
  .summary = "List the throttling policies of a kind",
  .arguments = "application|subscription|advanced|custom",
  .completes = "level",
  .example = "apimctl policy list subscription",
  .flags = CTL_COMMAND_REMOTE,
  .run = run_list,
};

static int
run_get (CtlCall *call, GError **error)
{
  const char *const *words = ctl_call_words (call, 2, 2, error);
  const char *level = words != NULL ? check_level (words[0], error) : NULL;
  g_autoptr (CtlRest) rest = level != NULL ? ctl_rest_open (call, error) : NULL;
  g_autofree char *path = rest != NULL ? policy_path (rest, level, words[1], error) : NULL;
  g_autoptr (JsonNode) policy = path != NULL ? ctl_rest_get (rest, CTL_ADMIN, path, words[1], error) : NULL;
  if (policy != NULL)
    ctl_view_record (call->output, columns, policy);
  return 0;
}

const CtlCommand ctl_cmd_policy_get = {
  .group = "policy",
  .name = "get",
  .summary = "Show a throttling policy",
  .arguments = "application|subscription|advanced|custom NAME",
  .completes = "level",
  .example = "apimctl policy get subscription Gold -o yaml",
  .flags = CTL_COMMAND_REMOTE,
  .run = run_get,
};

static const CtlOption create_options[] = {
  { "requests", CTL_OPTION_TEXT, FALSE, "N", "how many calls" },
  { "data", CTL_OPTION_TEXT, FALSE, "N[KB|MB]", "or how much data; KB unless said" },
  { "per", CTL_OPTION_TEXT, FALSE, "N[sec|min|hour|day]", "in which time; default 1min" },
  { "description", CTL_OPTION_TEXT, FALSE, "TEXT", "what it is for" },
  { "file", CTL_OPTION_TEXT, FALSE, "FILE", "the policy as JSON or YAML, as \"policy get\" prints it" },
  { NULL },
};

/* "10min" as number and unit. FALSE: it is not. */
static gboolean
split_number (const char *text, const char *const *units, const char *default_unit, gint64 *number, const char **unit)
{
  char *end = NULL;
  guint64 value = g_ascii_strtoull (text, &end, 10);
  if (end == text || value == 0 || value > G_MAXINT32 || !g_ascii_isdigit (*text))
    return FALSE;
  *number = (gint64)value;
  *unit = *end == '\0' ? default_unit : NULL;
  for (; *units != NULL && *unit == NULL; units++)
    if (g_ascii_strcasecmp (*units, end) == 0)
      *unit = *units;
  return *unit != NULL;
}

static JsonObject *
make_limit (CtlCall *call, GError **error)
{
  static const char *const times[] = { "sec", "min", "hour", "day", NULL }, *const sizes[] = { "KB", "MB", NULL };
  const CtlOptions *options = call->options;
  const char *requests = ctl_options_text (options, "requests"), *data = ctl_options_text (options, "data");
  const char *per = ctl_options_text (options, "per"), *unit = NULL, *size = NULL;
  gint64 time = 0, number = 0;
  const char *why = NULL;
  if ((requests == NULL) == (data == NULL))
    why = "say --requests N or --data N";
  else if (!split_number (per != NULL ? per : "1min", times, "min", &time, &unit))
    why = "--per is a number and sec, min, hour or day, e.g. 1min";
  else if (requests != NULL && !g_ascii_string_to_signed (requests, 10, 0, G_MAXINT32, &number, NULL))
    why = "--requests is a whole number of calls; 0 lets none pass";
  else if (data != NULL && !split_number (data, sizes, "KB", &number, &size))
    why = "--data is a number and KB or MB";
  if (why != NULL)
    {
      g_autofree char *command = g_strconcat ("policy ", call->command->name, NULL);
      g_autofree char *hint = g_strconcat ("apimctl help ", command, NULL);
      ctl_error_set (error, CTL_ERROR_USAGE, hint, command, "%s", why);
      return NULL;
    }
  JsonObject *limit = json_object_new ();
  json_object_set_string_member (limit, "type", requests != NULL ? "RequestCountLimit" : "BandwidthLimit");
  json_object_set_string_member (limit, "timeUnit", unit);
  json_object_set_int_member (limit, "unitTime", time);
  json_object_set_int_member (limit, requests != NULL ? "requestCount" : "dataAmount", number);
  ctl_json_set_text (limit, "dataUnit", size);
  return limit;
}

/* The policy that @file describes. NULL with CTL_ERROR. */
static JsonObject *
read_file (const char *file, GError **error)
{
  g_autoptr (CtlYaml) yaml = ctl_yaml_load (file, error);
  if (yaml == NULL)
    return NULL;
  if (yaml->documents->len == 1 && JSON_NODE_HOLDS_OBJECT ((JsonNode *)yaml->documents->pdata[0]))
    return json_object_ref (json_node_get_object (yaml->documents->pdata[0]));
  ctl_error_set (error, CTL_ERROR_USAGE, NULL, file, "is not one policy");
  return NULL;
}

static JsonNode *
describe (CtlCall *call, const char *level, const char *name, GError **error)
{
  const char *file = ctl_options_text (call->options, "file");
  g_autoptr (JsonObject) policy = NULL;
  if (file != NULL)
    policy = read_file (file, error);
  else
    {
      JsonObject *limit = make_limit (call, error);
      policy = limit != NULL ? json_object_new () : NULL;
      if (limit != NULL)
        json_object_set_object_member (policy, "defaultLimit", limit);
      if (limit != NULL && strcmp (level, "subscription") == 0)
        {
          json_object_set_string_member (policy, "billingPlan", "FREE");
          json_object_set_boolean_member (policy, "stopOnQuotaReach", TRUE);
        }
    }
  if (policy == NULL)
    return NULL;
  json_object_set_string_member (policy, "policyName", name);
  if (!json_object_has_member (policy, "displayName"))
    json_object_set_string_member (policy, "displayName", name);
  ctl_json_set_text (policy, "description", ctl_options_text (call->options, "description"));
  return json_node_init_object (json_node_alloc (), policy);
}

static int
run_create (CtlCall *call, GError **error)
{
  const char *const *words = ctl_call_words (call, 2, 2, error);
  const char *level = words != NULL ? check_level (words[0], error) : NULL;
  g_autoptr (JsonNode) policy = level != NULL ? describe (call, level, words[1], error) : NULL;
  g_autoptr (CtlRest) rest = policy != NULL ? ctl_rest_open (call, error) : NULL;
  if (rest == NULL)
    return 0;
  g_autofree char *path = ctl_server_path ("/throttling/policies/{}", level);
  g_autofree char *what = g_strdup_printf ("%s policy %s", level, words[1]);
  CtlRequest request = { .service = CTL_ADMIN, .method = "POST", .path = path, .json = policy, .what = what };
  g_autoptr (CtlReply) reply = ctl_change (call, rest, &request, "create", "created", error);
  if (reply != NULL && reply->json != NULL)
    ctl_view_record (call->output, columns, reply->json);
  return 0;
}

const CtlCommand ctl_cmd_policy_create = {
  .group = "policy",
  .name = "create",
  .summary = "Create a throttling policy",
  .arguments = "application|subscription|advanced|custom NAME",
  .completes = "level",
  .details = "What options cannot say (conditions, Siddhi queries) is in a --file.",
  .example = "apimctl policy create subscription Platinum --requests 10000 --per 1min",
  .flags = CTL_COMMAND_REMOTE | CTL_COMMAND_WRITES,
  .options = create_options,
  .run = run_create,
};

/* What the options and the file say, over @policy. FALSE with CTL_ERROR. */
static gboolean
change (CtlCall *call, JsonObject *policy, GError **error)
{
  const char *file = ctl_options_text (call->options, "file");
  gboolean limited = ctl_options_text (call->options, "requests") != NULL || ctl_options_text (call->options, "data") != NULL
                     || ctl_options_text (call->options, "per") != NULL;
  g_autoptr (JsonObject) from = file != NULL ? read_file (file, error) : NULL;
  if (file != NULL && from == NULL)
    return FALSE;
  if (from != NULL)
    ctl_json_overlay (policy, from);
  if (limited)
    {
      JsonObject *limit = make_limit (call, error);
      if (limit == NULL)
        return FALSE;
      json_object_set_object_member (policy, "defaultLimit", limit);
    }
  ctl_json_set_text (policy, "description", ctl_options_text (call->options, "description"));
  return TRUE;
}

static int
run_update (CtlCall *call, GError **error)
{
  const char *const *words = ctl_call_words (call, 2, 2, error);
  const char *level = words != NULL ? check_level (words[0], error) : NULL;
  g_autoptr (CtlRest) rest = level != NULL ? ctl_rest_open (call, error) : NULL;
  g_autofree char *path = rest != NULL ? policy_path (rest, level, words[1], error) : NULL;
  CtlRequest read = { .service = CTL_ADMIN, .method = "GET", .path = path, .what = words != NULL ? words[1] : NULL };
  g_autoptr (CtlReply) now = path != NULL ? ctl_rest_send (rest, &read, error) : NULL;
  if (now == NULL)
    return 0;
  g_autofree char *what = g_strdup_printf ("%s policy %s", level, words[1]);
  if (now->json == NULL || !JSON_NODE_HOLDS_OBJECT (now->json))
    {
      ctl_error_set (error, CTL_ERROR_FAILED, NULL, what, "the answer is not a policy");
      return 0;
    }
  g_autofree char *before = ctl_json_compact (now->json);
  if (!change (call, json_node_get_object (now->json), error))
    return 0;
  g_autofree char *after = ctl_json_compact (now->json);
  if (strcmp (before, after) == 0)
    {
      ctl_output_note (call->output, "%s is so already", what);
      return 0;
    }
  CtlRequest request = { .service = CTL_ADMIN, .method = "PUT", .path = path, .json = now->json, .if_match = now->etag,
                         .what = what };
  g_autoptr (CtlReply) reply = ctl_change (call, rest, &request, "update", "updated", error);
  if (reply != NULL && reply->json != NULL)
    ctl_view_record (call->output, columns, reply->json);
  return 0;
}

const CtlCommand ctl_cmd_policy_update = {
  .group = "policy",
  .name = "update",
  .summary = "Change a throttling policy",
  .arguments = "application|subscription|advanced|custom NAME",
  .completes = "level",
  .details = "What neither an option nor the --file names stays.",
  .example = "apimctl policy update subscription Platinum --requests 20000 --per 1min",
  .flags = CTL_COMMAND_REMOTE | CTL_COMMAND_WRITES,
  .options = create_options,
  .run = run_update,
};

static int
run_delete (CtlCall *call, GError **error)
{
  const char *const *words = ctl_call_words (call, 2, 2, error);
  const char *level = words != NULL ? check_level (words[0], error) : NULL;
  g_autoptr (CtlRest) rest = level != NULL ? ctl_rest_open (call, error) : NULL;
  g_autofree char *path = rest != NULL ? policy_path (rest, level, words[1], error) : NULL;
  if (path == NULL || !ctl_change_confirm (call, error, "Delete the %s policy %s", level, words[1]))
    return 0;
  g_autofree char *what = g_strdup_printf ("%s policy %s", level, words[1]);
  CtlRequest request = { .service = CTL_ADMIN, .method = "DELETE", .path = path, .what = what };
  g_autoptr (CtlReply) reply = ctl_change (call, rest, &request, "delete", "deleted", error);
  return 0;
}

const CtlCommand ctl_cmd_policy_delete = {
  .group = "policy",
  .name = "delete",
  .summary = "Delete a throttling policy",
  .arguments = "application|subscription|advanced|custom NAME",
  .completes = "level",
  .details = "Refused while something uses it.",
  .example = "apimctl policy delete subscription Platinum --yes",
  .flags = CTL_COMMAND_REMOTE | CTL_COMMAND_WRITES,
  .run = run_delete,
};
