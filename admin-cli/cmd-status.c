/* apimctl status: do the servers of the environment answer, and as whom. */
#include "config.h"

#include "admin-cli/ctl-commands.h"
#include "admin-cli/ctl-json.h"
#include "admin-cli/ctl-rest.h"
#include "admin-cli/ctl-view.h"

/* What each service is asked: something small that needs a token. */
static const char *const questions[] = {
  [CTL_PUBLISHER] = "/apis?limit=1",
  [CTL_STORE] = "/applications?limit=1",
  [CTL_ADMIN] = "/throttling/policies/application?limit=1",
};

/* @status: set when there is no good answer. */
static JsonNode *
ask (CtlRest *rest, CtlService service, int *status)
{
  g_autoptr (GError) cause = NULL;
  gint64 began_us = g_get_monotonic_time ();
  g_autoptr (JsonNode) answer
      = ctl_rest_get (rest, service, questions[service], ctl_env_service_name (service), &cause);
  g_autoptr (JsonObject) object = json_object_new ();
  json_object_set_string_member (object, "service", ctl_env_service_name (service));
  json_object_set_string_member (object, "url", ctl_server_env (ctl_rest_server (rest))->urls[service]);
  json_object_set_string_member (object, "state", answer != NULL ? "ok" : ctl_error_kind_name (ctl_error_kind (cause)));
  json_object_set_int_member (object, "milliseconds", (g_get_monotonic_time () - began_us) / 1000);
  ctl_json_set_text (object, "reason", cause != NULL ? cause->message : NULL);
  if (cause != NULL)
    *status = ctl_error_exit_status (ctl_error_kind (cause));
  return json_node_init_object (json_node_alloc (), object);
}

static int
run (CtlCall *call, GError **error)
{
  static const CtlColumn columns[] = {
    { "SERVICE", "service" }, { "STATE", "state" },   { "MS", "milliseconds" },
    { "URL", "url" },         { "REASON", "reason" }, { NULL },
  };
  g_autoptr (CtlRest) rest = ctl_rest_open (call, error);
  if (rest == NULL)
    return 0;
  g_autoptr (JsonArray) rows = json_array_new ();
  int status = 0;
  for (CtlService service = CTL_PUBLISHER; service <= CTL_ADMIN; service++)
    json_array_add_element (rows, ask (rest, service, &status));
  ctl_output_note (call->output, "environment %s, user %s", ctl_server_env (ctl_rest_server (rest))->name,
                   ctl_rest_state (rest)->user);
  ctl_view_list (call->output, columns, rows);
  return status;
}

const CtlCommand ctl_cmd_status = {
  .name = "status",
  .summary = "Show whether the servers answer",
  .details
  = "Asks Publisher, Store and administration one small question each, as who is logged in. The exit status is\n"
    "that of the last failure, e.g. 10 when a server cannot be reached.",
  .example = "apimctl status",
  .flags = CTL_COMMAND_REMOTE,
  .run = run,
};
