/* apimctl gateway list|status|sync|undeploy: the environments that APIs are deployed to. */
#include "config.h"

#include "admin-cli/ctl-change.h"
#include "admin-cli/ctl-commands.h"
#include "admin-cli/ctl-json.h"
#include "admin-cli/ctl-names.h"
#include "admin-cli/ctl-view.h"

static int
run_list (CtlCall *call, GError **error)
{
  static const CtlColumn columns[] = {
    { "GATEWAY", "name" },          { "TYPE", "type" },
    { "SERVER", "serverUrl" },      { "HTTP", "endpoints.http", .wide = TRUE },
    { "HTTPS", "endpoints.https" }, { NULL },
  };
  g_autoptr (CtlRest) rest = ctl_rest_open (call, error);
  g_autoptr (JsonArray) rows
      = rest != NULL ? ctl_rest_list (rest, CTL_PUBLISHER, "/environments", "gateways", error) : NULL;
  if (rows != NULL)
    ctl_view_list (call->output, columns, rows);
  return 0;
}

const CtlCommand ctl_cmd_gateway_list = {
  .group = "gateway",
  .name = "list",
  .summary = "List the gateway environments",
  .example = "apimctl gateway list",
  .flags = CTL_COMMAND_REMOTE,
  .run = run_list,
};

static int
run_status (CtlCall *call, GError **error)
{
  static const CtlColumn columns[] = {
    { "GATEWAY", "name" },
    { "STATE", "status" },
    { "APIS", "deployed" },
    { "OUTDATED", "outdated", .wide = TRUE },
    { "MISSING", "missing" },
    { "SURPLUS", "surplus" },
    { "REASON", "reason" },
    { NULL },
  };
  g_autoptr (CtlRest) rest = ctl_rest_open (call, error);
  g_autoptr (JsonArray) rows
      = rest != NULL ? ctl_rest_list (rest, CTL_ADMIN, "/environments", "gateways", error) : NULL;
  if (rows != NULL)
    ctl_view_list (call->output, columns, rows);
  else if (rest != NULL)
    ctl_rest_explain_missing (rest, CTL_ADMIN, "gateways", error);
  return 0;
}

const CtlCommand ctl_cmd_gateway_status = {
  .group = "gateway",
  .name = "status",
  .summary = "Show which gateways answer, and what they have",
  .details = "Asks the server to ask its gateways of each API that you see. STATE is UP, DOWN (no answer), FAILING (it answers\n"
             "with errors) or UNKNOWN (there is no API to ask for). MISSING should be there and is not, SURPLUS is there and\n"
             "should not be: \"gateway sync\" mends both.\n"
             "A resource of this product's servers; WSO2's 2.x do not have it.",
  .example = "apimctl gateway status",
  .flags = CTL_COMMAND_REMOTE,
  .run = run_status,
};

static const CtlOption sync_options[] = {
  { "api", CTL_OPTION_TEXT, FALSE, "NAME/VERSION", "this one only; default: all" },
  { NULL },
};

/* One change of one environment. FALSE with @error. */
static gboolean
change_one (CtlCall *call, CtlRest *rest, const char *path, const char *name, const char *verb, const char *past,
            GError **error)
{
  g_autofree char *what = g_strconcat ("gateway ", name, NULL);
  CtlRequest request = { .service = CTL_ADMIN, .method = "POST", .path = path, .what = what };
  g_autoptr (CtlReply) reply = ctl_change (call, rest, &request, verb, past, error);
  if (reply == NULL)
    ctl_rest_explain_missing (rest, CTL_ADMIN, what, error);
  return reply != NULL;
}

typedef gboolean (*ChangeGateway) (CtlCall *call, CtlRest *rest, const char *name, const char *api_id, GError **error);

/* @api_id: NULL: everything. */
static gboolean
sync_one (CtlCall *call, CtlRest *rest, const char *name, const char *api_id, GError **error)
{
  g_autofree char *path = ctl_server_path ("/environments/{}/sync?apiId={}", name, api_id);
  return change_one (call, rest, path, name, "bring the APIs to", "brought the APIs to", error);
}

static gboolean
undeploy_one (CtlCall *call, CtlRest *rest, const char *name, const char *api_id, GError **error)
{
  g_autofree char *path = ctl_server_path ("/environments/{}/undeploy?apiId={}", name, api_id);
  return change_one (call, rest, path, name, "take the API from", "took the API from", error);
}

/* All of them, one after the other; those that fail do not keep the rest. */
static void
change_all (CtlCall *call, CtlRest *rest, ChangeGateway change, const char *title, const char *api_id, GError **error)
{
  g_autoptr (JsonArray) rows = ctl_rest_list (rest, CTL_ADMIN, "/environments?status=false", "gateways", error);
  guint n_failed = 0, n = rows != NULL ? json_array_get_length (rows) : 0;
  g_autoptr (GString) failures = g_string_new (NULL);
  if (rows == NULL)
    ctl_rest_explain_missing (rest, CTL_ADMIN, "gateways", error);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GError) cause = NULL;
      g_autofree char *name = ctl_names_member (json_array_get_element (rows, i), "name");
      if (change (call, rest, name, api_id, &cause))
        continue;
      if (!g_error_matches (cause, CTL_ERROR, CTL_ERROR_PARTIAL))
        {
          g_propagate_error (error, g_steal_pointer (&cause));
          return;
        }
      g_string_append_printf (failures, "%s%s", n_failed++ > 0 ? "; " : "", cause->message);
    }
  if (n_failed > 0)
    ctl_error_set (error, CTL_ERROR_PARTIAL, "apimctl gateway status", title, "%u of %u gateways failed: %s", n_failed, n,
                   failures->str);
}

static int
run_sync (CtlCall *call, GError **error)
{
  const char *const *words = ctl_call_words (call, 0, 1, error);
  const char *api = ctl_options_text (call->options, "api");
  g_autoptr (CtlRest) rest = words != NULL ? ctl_rest_open (call, error) : NULL;
  g_autofree char *id = rest != NULL && api != NULL ? ctl_names_api_id (rest, CTL_PUBLISHER, api, error) : NULL;
  if (rest == NULL || (api != NULL && id == NULL))
    return 0;
  if (words[0] != NULL)
    sync_one (call, rest, words[0], id, error);
  else
    change_all (call, rest, sync_one, "gateway sync", id, error);
  return 0;
}

const CtlCommand ctl_cmd_gateway_sync = {
  .group = "gateway",
  .name = "sync",
  .summary = "Bring to gateways what they should have",
  .arguments = "[GATEWAY]",
  .completes = "gateway",
  .details
  = "For a gateway that was away while APIs were published (exit status 7 of \"publish\") or taken back. Without GATEWAY: all.\n"
    "A resource of this product's servers; WSO2's 2.x do not have it.",
  .example = "apimctl gateway sync\n"
             "apimctl gateway sync Production --api Weather/1.0.0",
  .flags = CTL_COMMAND_REMOTE | CTL_COMMAND_WRITES,
  .options = sync_options,
  .run = run_sync,
};

static const CtlOption undeploy_options[] = {
  { "gateway", CTL_OPTION_TEXT, FALSE, "GATEWAY", "this one only; default: all" },
  { NULL },
};

static int
run_undeploy (CtlCall *call, GError **error)
{
  const char *const *words = ctl_call_words (call, 1, 1, error);
  const char *gateway = ctl_options_text (call->options, "gateway");
  g_autoptr (CtlRest) rest = words != NULL ? ctl_rest_open (call, error) : NULL;
  g_autofree char *id = rest != NULL ? ctl_names_api_id (rest, CTL_PUBLISHER, words[0], error) : NULL;
  if (id == NULL
      || !ctl_change_confirm (call, error, "Take %s from %s%s: calls to it fail there until it is brought back", words[0],
                              gateway != NULL ? "gateway " : "all gateways", gateway != NULL ? gateway : ""))
    return 0;
  if (gateway != NULL)
    undeploy_one (call, rest, gateway, id, error);
  else
    change_all (call, rest, undeploy_one, "gateway undeploy", id, error);
  return 0;
}

const CtlCommand ctl_cmd_gateway_undeploy = {
  .group = "gateway",
  .name = "undeploy",
  .summary = "Take an API from gateways",
  .arguments = "NAME/VERSION",
  .completes = "api",
  .details = "Its state stays what it is, and \"gateway sync\", an update or a change of its state bring it back; to take it back\n"
             "for good, demote or retire it.\n"
             "A resource of this product's servers; WSO2's 2.x do not have it.",
  .example = "apimctl gateway undeploy Weather/1.0.0 --gateway Production",
  .flags = CTL_COMMAND_REMOTE | CTL_COMMAND_WRITES,
  .options = undeploy_options,
  .run = run_undeploy,
};
