/* apimctl gateway list|status|sync: the environments that APIs are deployed to. */
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
    { "GATEWAY", "name" },    { "STATE", "status" },  { "APIS", "deployed" },
    { "MISSING", "missing" }, { "REASON", "reason" }, { NULL },
  };
  g_autoptr (CtlRest) rest = ctl_rest_open (call, error);
  g_autoptr (JsonArray) rows
      = rest != NULL ? ctl_rest_list (rest, CTL_ADMIN, "/environments", "gateways", error) : NULL;
  if (rows != NULL)
    ctl_view_list (call->output, columns, rows);
  else if (*error != NULL)
    ctl_rest_explain_missing (error, "gateways");
  return 0;
}

const CtlCommand ctl_cmd_gateway_status = {
  .group = "gateway",
  .name = "status",
  .summary = "Show which gateways answer",
  .details = "Asks the server to ask its gateways. A resource of this product's servers; WSO2's 2.x do not have it.",
  .example = "apimctl gateway status",
  .flags = CTL_COMMAND_REMOTE,
  .run = run_status,
};

static const CtlOption sync_options[] = {
  { "api", CTL_OPTION_TEXT, FALSE, "NAME/VERSION", "this one only; default: all" },
  { NULL },
};

/* One environment; @api_id: NULL: everything. */
static void
sync_one (CtlCall *call, CtlRest *rest, const char *name, const char *api_id, GError **error)
{
  g_autofree char *path = ctl_server_path ("/environments/{}/sync?apiId={}", name, api_id);
  g_autofree char *what = g_strconcat ("gateway ", name, NULL);
  CtlRequest request = { .service = CTL_ADMIN, .method = "POST", .path = path, .what = what };
  g_autoptr (CtlReply) reply = ctl_change (call, rest, &request, "bring the APIs to", "brought the APIs to", error);
  if (reply == NULL)
    ctl_rest_explain_missing (error, what);
}

/* All of them, one after the other; those that fail do not keep the rest. */
static void
sync_all (CtlCall *call, CtlRest *rest, const char *api_id, GError **error)
{
  g_autoptr (JsonArray) rows = ctl_rest_list (rest, CTL_ADMIN, "/environments", "gateways", error);
  guint n_failed = 0, n = rows != NULL ? json_array_get_length (rows) : 0;
  g_autoptr (GString) failures = g_string_new (NULL);
  if (rows == NULL)
    ctl_rest_explain_missing (error, "gateways");
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GError) cause = NULL;
      g_autofree char *name = ctl_names_member (json_array_get_element (rows, i), "name");
      sync_one (call, rest, name, api_id, &cause);
      if (cause != NULL)
        g_string_append_printf (failures, "%s%s", n_failed++ > 0 ? "; " : "", cause->message);
    }
  if (n_failed > 0)
    ctl_error_set (error, CTL_ERROR_PARTIAL, "apimctl gateway status", "gateway sync", "%u of %u gateways failed: %s",
                   n_failed, n, failures->str);
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
    sync_all (call, rest, id, error);
  return 0;
}

const CtlCommand ctl_cmd_gateway_sync = {
  .group = "gateway",
  .name = "sync",
  .summary = "Bring to gateways what they should have",
  .arguments = "[GATEWAY]",
  .completes = "gateway",
  .details
  = "For a gateway that was away while APIs were published (exit status 7 of \"publish\"). Without GATEWAY: all.\n"
    "A resource of this product's servers; WSO2's 2.x do not have it.",
  .example = "apimctl gateway sync\n"
             "apimctl gateway sync Production --api Weather/1.0.0",
  .flags = CTL_COMMAND_REMOTE | CTL_COMMAND_WRITES,
  .options = sync_options,
  .run = run_sync,
};
