/* apimctl workflow list|show|approve|reject: what waits for an administrator. */
#include "config.h"

#include "admin-cli/ctl-change.h"
#include "admin-cli/ctl-commands.h"
#include "admin-cli/ctl-json.h"
#include "admin-cli/ctl-names.h"
#include "admin-cli/ctl-view.h"

static const CtlColumn columns[] = {
  { "REFERENCE", "externalRef" },
  { "TYPE", "type" },
  { "STATE", "status" },
  { "SINCE", "createdTime", CTL_CELL_TIME },
  { "DESCRIPTION", "description" },
  { "TENANT", "tenantDomain", .wide = TRUE },
  { NULL },
};

static const CtlOption list_options[] = {
  { "all", CTL_OPTION_FLAG, FALSE, NULL, "what was decided, too" },
  { NULL },
};

static int
run_list (CtlCall *call, GError **error)
{
  g_autoptr (CtlRest) rest = ctl_rest_open (call, error);
  g_autofree char *path
      = ctl_server_path ("/workflows?status={}", ctl_options_flag (call->options, "all") ? NULL : "CREATED");
  g_autoptr (JsonArray) rows = rest != NULL ? ctl_rest_list (rest, CTL_ADMIN, path, "workflows", error) : NULL;
  if (rows != NULL)
    ctl_view_list (call->output, columns, rows);
  else if (rest != NULL)
    ctl_rest_explain_missing (rest, CTL_ADMIN, "workflows", error);
  return 0;
}

const CtlCommand ctl_cmd_workflow_list = {
  .group = "workflow",
  .name = "list",
  .summary = "List what waits for approval",
  .details = "A resource of this product's servers; WSO2's 2.x do not have it.",
  .example = "apimctl workflow list",
  .flags = CTL_COMMAND_REMOTE,
  .options = list_options,
  .run = run_list,
};

static int
run_show (CtlCall *call, GError **error)
{
  const char *const *words = ctl_call_words (call, 1, 1, error);
  g_autoptr (CtlRest) rest = words != NULL ? ctl_rest_open (call, error) : NULL;
  g_autofree char *path = rest != NULL ? ctl_server_path ("/workflows/{}", words[0]) : NULL;
  g_autoptr (JsonNode) task = path != NULL ? ctl_rest_get (rest, CTL_ADMIN, path, words[0], error) : NULL;
  if (task != NULL)
    ctl_view_record (call->output, columns, task);
  else if (path != NULL)
    ctl_rest_explain_missing (rest, CTL_ADMIN, words[0], error);
  return 0;
}

const CtlCommand ctl_cmd_workflow_show = {
  .group = "workflow",
  .name = "show",
  .summary = "Show what one task is about",
  .arguments = "REFERENCE",
  .completes = "workflow",
  .example = "apimctl workflow show 7c3b7f1e-2a2b-4c11-9a39-0d6f5a3b8f55",
  .flags = CTL_COMMAND_REMOTE,
  .run = run_show,
};

static const CtlOption decide_options[] = {
  { "comment", CTL_OPTION_TEXT, FALSE, "TEXT", "why" },
  { NULL },
};

static void
decide (CtlCall *call, const char *status, const char *verb, const char *past, GError **error)
{
  const char *const *words = ctl_call_words (call, 1, 1, error);
  g_autoptr (CtlRest) rest = words != NULL ? ctl_rest_open (call, error) : NULL;
  if (rest == NULL)
    return;
  g_autofree char *path = ctl_server_path ("/workflows/update-workflow-status?workflowReferenceId={}", words[0]);
  g_autofree char *what = g_strconcat ("workflow ", words[0], NULL);
  g_autoptr (JsonObject) body = json_object_new ();
  json_object_set_string_member (body, "status", status);
  ctl_json_set_text (body, "description", ctl_options_text (call->options, "comment"));
  g_autoptr (JsonNode) json = json_node_init_object (json_node_alloc (), body);
  CtlRequest request = { .service = CTL_ADMIN, .method = "POST", .path = path, .json = json, .what = what };
  g_autoptr (CtlReply) reply = ctl_change (call, rest, &request, verb, past, error);
  if (reply == NULL)
    ctl_rest_explain_missing (rest, CTL_ADMIN, what, error);
}

static int
run_approve (CtlCall *call, GError **error)
{
  decide (call, "APPROVED", "approve", "approved", error);
  return 0;
}

const CtlCommand ctl_cmd_workflow_approve = {
  .group = "workflow",
  .name = "approve",
  .summary = "Let what waits happen",
  .arguments = "REFERENCE",
  .completes = "workflow",
  .example = "apimctl workflow approve 7c3b7f1e-2a2b-4c11-9a39-0d6f5a3b8f55",
  .flags = CTL_COMMAND_REMOTE | CTL_COMMAND_WRITES,
  .options = decide_options,
  .run = run_approve,
};

static int
run_reject (CtlCall *call, GError **error)
{
  decide (call, "REJECTED", "reject", "rejected", error);
  return 0;
}

const CtlCommand ctl_cmd_workflow_reject = {
  .group = "workflow",
  .name = "reject",
  .summary = "Turn down what waits",
  .arguments = "REFERENCE",
  .completes = "workflow",
  .example = "apimctl workflow reject 7c3b7f1e-2a2b-4c11-9a39-0d6f5a3b8f55 --comment 'no contract yet'",
  .flags = CTL_COMMAND_REMOTE | CTL_COMMAND_WRITES,
  .options = decide_options,
  .run = run_reject,
};
