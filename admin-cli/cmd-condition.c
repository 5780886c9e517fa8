/* apimctl condition list|add|enable|disable|delete: who is refused whatever their keys say. */
#include "config.h"

#include "admin-cli/ctl-change.h"
#include "admin-cli/ctl-commands.h"
#include "admin-cli/ctl-names.h"
#include "admin-cli/ctl-view.h"

#include <string.h>

static const CtlColumn columns[] = {
  { "CONDITION", "conditionId" },
  { "TYPE", "conditionType" },
  { "VALUE", "conditionValue" },
  { "ENABLED", "conditionStatus" },
  { NULL },
};

static int
run_list (CtlCall *call, GError **error)
{
  g_autoptr (CtlRest) rest = ctl_rest_open (call, error);
  g_autoptr (JsonArray) rows
      = rest != NULL ? ctl_rest_list (rest, CTL_ADMIN, "/throttling/blacklist", "conditions", error) : NULL;
  if (rows != NULL)
    ctl_view_list (call->output, columns, rows);
  return 0;
}

const CtlCommand ctl_cmd_condition_list = {
  .group = "condition",
  .name = "list",
  .summary = "List what is blocked",
  .example = "apimctl condition list",
  .flags = CTL_COMMAND_REMOTE,
  .run = run_list,
};

static int
run_add (CtlCall *call, GError **error)
{
  static const char *const types[] = { "API", "APPLICATION", "IP", "USER", NULL };
  const char *const *words = ctl_call_words (call, 2, 2, error);
  if (words == NULL)
    return 0;
  g_autofree char *type = g_ascii_strup (words[0], -1),
                  *what = g_strdup_printf ("the condition on %s %s", words[0], words[1]);
  if (!g_strv_contains (types, type))
    {
      ctl_error_set (error, CTL_ERROR_USAGE, "apimctl help condition add", words[0],
                     "is nothing to block: there are api, application, ip and user");
      return 0;
    }
  g_autoptr (CtlRest) rest = ctl_rest_open (call, error);
  g_autoptr (JsonObject) body = json_object_new ();
  json_object_set_string_member (body, "conditionType", type);
  json_object_set_string_member (body, "conditionValue", words[1]);
  g_autoptr (JsonNode) json = json_node_init_object (json_node_alloc (), body);
  if (rest == NULL || !ctl_change_confirm (call, error, "Refuse every call of %s %s", words[0], words[1]))
    return 0;
  CtlRequest request
      = { .service = CTL_ADMIN, .method = "POST", .path = "/throttling/blacklist", .json = json, .what = what };
  g_autoptr (CtlReply) reply = ctl_change (call, rest, &request, "add", "added", error);
  if (reply != NULL && reply->json != NULL)
    ctl_view_record (call->output, columns, reply->json);
  return 0;
}

const CtlCommand ctl_cmd_condition_add = {
  .group = "condition",
  .name = "add",
  .summary = "Block an API, an application, an address or a user",
  .arguments = "api|application|ip|user VALUE",
  .completes = "blockable",
  .details
  = "VALUE is an API's whole context (/weather/1.0.0), an application as OWNER:NAME, an IP address, or a user.",
  .example = "apimctl condition add ip 203.0.113.7 --yes\n"
             "apimctl condition add api /weather/1.0.0 --yes",
  .flags = CTL_COMMAND_REMOTE | CTL_COMMAND_WRITES,
  .run = run_add,
};

static int
run_switch (CtlCall *call, gboolean enabled, GError **error)
{
  const char *const *words = ctl_call_words (call, 1, 1, error);
  g_autoptr (CtlRest) rest = words != NULL ? ctl_rest_open (call, error) : NULL;
  if (rest == NULL)
    return 0;
  g_autofree char *path = ctl_server_path ("/throttling/blacklist/{}", words[0]),
                  *what = g_strconcat ("condition ", words[0], NULL);
  g_autoptr (JsonObject) body = json_object_new ();
  json_object_set_boolean_member (body, "conditionStatus", enabled);
  g_autoptr (JsonNode) json = json_node_init_object (json_node_alloc (), body);
  CtlRequest request = { .service = CTL_ADMIN, .method = "PATCH", .path = path, .json = json, .what = what };
  g_autoptr (CtlReply) reply = ctl_change (call, rest, &request, enabled ? "enable" : "disable",
                                           enabled ? "enabled" : "disabled", error);
  if (reply == NULL)
    ctl_rest_explain_missing (rest, CTL_ADMIN, what, error);
  return 0;
}

static int
run_enable (CtlCall *call, GError **error)
{
  return run_switch (call, TRUE, error);
}

const CtlCommand ctl_cmd_condition_enable = {
  .group = "condition",
  .name = "enable",
  .summary = "Switch a condition on again",
  .arguments = "CONDITION",
  .completes = "condition",
  .example = "apimctl condition enable 9c0f2ab4-1f3c-4b7e-9d7e-2f6b1d2f7a10",
  .flags = CTL_COMMAND_REMOTE | CTL_COMMAND_WRITES,
  .run = run_enable,
};

static int
run_disable (CtlCall *call, GError **error)
{
  return run_switch (call, FALSE, error);
}

const CtlCommand ctl_cmd_condition_disable = {
  .group = "condition",
  .name = "disable",
  .summary = "Switch a condition off without forgetting it",
  .arguments = "CONDITION",
  .completes = "condition",
  .details = "WSO2's servers of v0.14 can only delete it.",
  .example = "apimctl condition disable 9c0f2ab4-1f3c-4b7e-9d7e-2f6b1d2f7a10",
  .flags = CTL_COMMAND_REMOTE | CTL_COMMAND_WRITES,
  .run = run_disable,
};

static int
run_delete (CtlCall *call, GError **error)
{
  const char *const *words = ctl_call_words (call, 1, 1, error);
  g_autoptr (CtlRest) rest = words != NULL ? ctl_rest_open (call, error) : NULL;
  if (rest == NULL)
    return 0;
  g_autofree char *path = ctl_server_path ("/throttling/blacklist/{}", words[0]);
  g_autofree char *what = g_strconcat ("condition ", words[0], NULL);
  CtlRequest request = { .service = CTL_ADMIN, .method = "DELETE", .path = path, .what = what };
  g_autoptr (CtlReply) reply = ctl_change (call, rest, &request, "delete", "deleted", error);
  return 0;
}

const CtlCommand ctl_cmd_condition_delete = {
  .group = "condition",
  .name = "delete",
  .summary = "Let what was blocked pass again",
  .arguments = "CONDITION",
  .completes = "condition",
  .example = "apimctl condition delete 9c0f2ab4-1f3c-4b7e-9d7e-2f6b1d2f7a10",
  .flags = CTL_COMMAND_REMOTE | CTL_COMMAND_WRITES,
  .run = run_delete,
};
