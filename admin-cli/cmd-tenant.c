/* apimctl tenant list|show|create|activate|deactivate: the organisations that share a server. */
#include "config.h"

#include "admin-cli/ctl-change.h"
#include "admin-cli/ctl-commands.h"
#include "admin-cli/ctl-json.h"
#include "admin-cli/ctl-names.h"
#include "admin-cli/ctl-password.h"
#include "admin-cli/ctl-view.h"
#include "common/apim-secret.h"

#define OURS                                                                                                           \
  "A resource of this product's servers, for the super tenant's administrator; WSO2's 2.x do not have it. The super\n" \
  "tenant, carbon.super, is not in the list: it is always there."

static const CtlColumn columns[] = {
  { "DOMAIN", "domain" },
  { "ACTIVE", "active" },
  { "SINCE", "createdTime", CTL_CELL_TIME },
  { "EMAIL", "email" },
  { "ID", "tenantId", .wide = TRUE },
  { NULL },
};

static int
run_list (CtlCall *call, GError **error)
{
  g_autoptr (CtlRest) rest = ctl_rest_open (call, error);
  g_autoptr (JsonArray) rows = rest != NULL ? ctl_rest_list (rest, CTL_ADMIN, "/tenants", "tenants", error) : NULL;
  if (rows != NULL)
    ctl_view_list (call->output, columns, rows);
  else if (rest != NULL)
    ctl_rest_explain_missing (rest, CTL_ADMIN, "tenants", error);
  return 0;
}

const CtlCommand ctl_cmd_tenant_list = {
  .group = "tenant",
  .name = "list",
  .summary = "List the tenants",
  .details = OURS,
  .example = "apimctl tenant list",
  .flags = CTL_COMMAND_REMOTE,
  .run = run_list,
};

static int
run_show (CtlCall *call, GError **error)
{
  const char *const *words = ctl_call_words (call, 1, 1, error);
  g_autoptr (CtlRest) rest = words != NULL ? ctl_rest_open (call, error) : NULL;
  g_autofree char *path = rest != NULL ? ctl_server_path ("/tenants/{}", words[0]) : NULL;
  g_autoptr (JsonNode) tenant = path != NULL ? ctl_rest_get (rest, CTL_ADMIN, path, words[0], error) : NULL;
  if (tenant != NULL)
    ctl_view_record (call->output, columns, tenant);
  else if (path != NULL)
    ctl_rest_explain_missing (rest, CTL_ADMIN, words[0], error);
  return 0;
}

const CtlCommand ctl_cmd_tenant_show = {
  .group = "tenant",
  .name = "show",
  .summary = "Show one tenant",
  .arguments = "DOMAIN",
  .completes = "tenant",
  .details = OURS,
  .example = "apimctl tenant show example.com",
  .flags = CTL_COMMAND_REMOTE,
  .run = run_show,
};

static const CtlOption create_options[] = {
  { "admin", CTL_OPTION_TEXT, FALSE, "USER", "its administrator; default: as the super tenant's is called" },
  { "password-file", CTL_OPTION_TEXT, FALSE, "FILE",
    "the administrator's password (or - for stdin); default: asked for" },
  { "email", CTL_OPTION_TEXT, FALSE, "ADDRESS", "whom to write to" },
  { NULL },
};

static int
run_create (CtlCall *call, GError **error)
{
  const char *const *words = ctl_call_words (call, 1, 1, error);
  g_autoptr (CtlRest) rest = words != NULL ? ctl_rest_open (call, error) : NULL;
  if (rest == NULL)
    return 0;
  g_autofree char *what = g_strconcat ("tenant ", words[0], NULL);
  g_autofree char *whose = g_strconcat ("password of the administrator of ", words[0], NULL);
  g_auto (ApimSecretText) password
      = ctl_password_read (ctl_options_text (call->options, "password-file"), NULL, whose, error);
  if (password == NULL)
    return 0;
  g_autoptr (JsonObject) body = json_object_new ();
  json_object_set_string_member (body, "domain", words[0]);
  json_object_set_string_member (body, "adminPassword", password);
  ctl_json_set_text (body, "adminUser", ctl_options_text (call->options, "admin"));
  ctl_json_set_text (body, "email", ctl_options_text (call->options, "email"));
  g_autoptr (JsonNode) json = json_node_init_object (json_node_alloc (), body);
  CtlRequest request = { .service = CTL_ADMIN, .method = "POST", .path = "/tenants", .json = json, .what = what };
  g_autoptr (CtlReply) reply = ctl_change (call, rest, &request, "create", "created", error);
  if (reply != NULL && reply->json != NULL)
    ctl_view_record (call->output, columns, reply->json);
  else if (reply == NULL)
    ctl_rest_explain_missing (rest, CTL_ADMIN, what, error);
  return 0;
}

const CtlCommand ctl_cmd_tenant_create = {
  .group = "tenant",
  .name = "create",
  .summary = "Make a tenant with its administrator, roles and throttling policies",
  .arguments = "DOMAIN",
  .details
  = "Its administrator logs in as USER@DOMAIN. The tenant has the roles admin, Internal/subscriber, publisher and\n"
    "creator, and WSO2's first throttling policies. WSO2's nodes on the same databases load it, too; a key store of\n"
    "its own, to sign JWTs with, has only a tenant that is made there.\n"
    "\n" OURS,
  .example = "apimctl tenant create example.com --email ann@example.com",
  .flags = CTL_COMMAND_REMOTE | CTL_COMMAND_WRITES,
  .options = create_options,
  .run = run_create,
};

static int
run_switch (CtlCall *call, gboolean active, GError **error)
{
  const char *const *words = ctl_call_words (call, 1, 1, error);
  g_autoptr (CtlRest) rest = words != NULL ? ctl_rest_open (call, error) : NULL;
  if (rest == NULL
      || (!active && !ctl_change_confirm (call, error, "Let no user of the tenant %s log in any more", words[0])))
    return 0;
  g_autofree char *path = ctl_server_path ("/tenants/{}", words[0]), *what = g_strconcat ("tenant ", words[0], NULL);
  g_autoptr (JsonObject) body = json_object_new ();
  json_object_set_boolean_member (body, "active", active);
  g_autoptr (JsonNode) json = json_node_init_object (json_node_alloc (), body);
  CtlRequest request = { .service = CTL_ADMIN, .method = "PATCH", .path = path, .json = json, .what = what };
  g_autoptr (CtlReply) reply = ctl_change (call, rest, &request, active ? "activate" : "deactivate",
                                           active ? "activated" : "deactivated", error);
  if (reply == NULL)
    ctl_rest_explain_missing (rest, CTL_ADMIN, what, error);
  return 0;
}

static int
run_activate (CtlCall *call, GError **error)
{
  return run_switch (call, TRUE, error);
}

const CtlCommand ctl_cmd_tenant_activate = {
  .group = "tenant",
  .name = "activate",
  .summary = "Let the users of a tenant log in again",
  .arguments = "DOMAIN",
  .completes = "tenant",
  .details = OURS,
  .example = "apimctl tenant activate example.com",
  .flags = CTL_COMMAND_REMOTE | CTL_COMMAND_WRITES,
  .run = run_activate,
};

static int
run_deactivate (CtlCall *call, GError **error)
{
  return run_switch (call, FALSE, error);
}

const CtlCommand ctl_cmd_tenant_deactivate = {
  .group = "tenant",
  .name = "deactivate",
  .summary = "Let no user of a tenant log in",
  .arguments = "DOMAIN",
  .completes = "tenant",
  .details = "Nothing is deleted. Tokens that were issued stay good until they end: revoke them where that matters.\n"
             "\n" OURS,
  .example = "apimctl tenant deactivate example.com --yes",
  .flags = CTL_COMMAND_REMOTE | CTL_COMMAND_WRITES,
  .run = run_deactivate,
};
