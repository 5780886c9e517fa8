/* apimctl env list|add|use|remove, config: which servers there are. */
#include "config.h"

#include "admin-cli/ctl-commands.h"
#include "admin-cli/ctl-env.h"
#include "admin-cli/ctl-json.h"
#include "admin-cli/ctl-state.h"
#include "admin-cli/ctl-view.h"

static const CtlColumn columns[] = {
  { "NAME", "name" },
  { "IN USE", "current" },
  { "SERVER", "publisher" },
  { "USER", "user" },
  { "STORE", "store", .wide = TRUE },
  { "ADMIN", "admin", .wide = TRUE },
  { "KEY MANAGER", "key-manager", .wide = TRUE },
  { "CACERT", "cacert", .wide = TRUE },
  { NULL },
};

/* One environment as a record; no secrets. */
static JsonNode *
describe (const char *name, gboolean current, GError **error)
{
  g_autoptr (CtlEnv) env = ctl_env_load (name, error);
  g_autoptr (CtlState) state = env != NULL ? ctl_state_load (name, error) : NULL;
  if (state == NULL)
    return NULL;
  g_autoptr (JsonObject) object = json_object_new ();
  json_object_set_string_member (object, "name", name);
  json_object_set_string_member (object, "current", current ? "*" : "");
  for (CtlService service = 0; service < CTL_N_SERVICES; service++)
    json_object_set_string_member (object, ctl_env_service_name (service), env->urls[service]);
  ctl_json_set_text (object, "cacert", env->ca_file);
  ctl_json_set_text (object, "user", state->user);
  return json_node_init_object (json_node_alloc (), object);
}

static int
run_list (CtlCall *call, GError **error)
{
  g_auto (GStrv) names = ctl_env_names (error);
  g_autofree char *current = names != NULL ? ctl_env_current (NULL) : NULL;
  g_autoptr (JsonArray) rows = json_array_new ();
  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    {
      JsonNode *row = describe (names[i], g_strcmp0 (names[i], current) == 0, error);
      if (row == NULL)
        return 0;
      json_array_add_element (rows, row);
    }
  if (names != NULL)
    ctl_view_list (call->output, columns, rows);
  return 0;
}

const CtlCommand ctl_cmd_env_list = {
  .group = "env",
  .name = "list",
  .summary = "List the known servers, and who is logged in",
  .example = "apimctl env list",
  .run = run_list,
};

static const CtlOption add_options[] = {
  { "server", CTL_OPTION_TEXT, TRUE, "URL", "where everything is, e.g. https://am.example.com:9443" },
  { "publisher", CTL_OPTION_TEXT, FALSE, "URL", "where the Publisher is, if elsewhere" },
  { "store", CTL_OPTION_TEXT, FALSE, "URL", "where the Store is, if elsewhere" },
  { "admin", CTL_OPTION_TEXT, FALSE, "URL", "where the administration is, if elsewhere" },
  { "key-manager", CTL_OPTION_TEXT, FALSE, "URL", "where the Key Manager is, if elsewhere" },
  { "cacert", CTL_OPTION_TEXT, FALSE, "FILE", "PEM file of the certificates to trust; default: the system's" },
  { "use", CTL_OPTION_FLAG, FALSE, NULL, "make it the one in use" },
  { NULL },
};

static int
run_add (CtlCall *call, GError **error)
{
  const char *const *words = ctl_call_words (call, 1, 1, error);
  g_autoptr (CtlEnv) env
      = words != NULL ? ctl_env_new (words[0], ctl_options_text (call->options, "server"), error) : NULL;
  if (env == NULL)
    return 0;
  for (CtlService service = 0; service < CTL_N_SERVICES; service++)
    {
      const char *url = ctl_options_text (call->options, ctl_env_service_name (service));
      if (url != NULL && !ctl_env_set_url (env, service, url, error))
        return 0;
    }
  const char *ca_file = ctl_options_text (call->options, "cacert");
  env->ca_file = ca_file != NULL ? g_canonicalize_filename (ca_file, NULL) : NULL;
  if (ctl_env_save (env, ctl_options_flag (call->options, "use"), error))
    ctl_output_note (call->output, "added environment %s", env->name);
  return 0;
}

const CtlCommand ctl_cmd_env_add = {
  .group = "env",
  .name = "add",
  .summary = "Add a server, or change how it is reached",
  .arguments = "NAME",
  .details
  = "The first one is the one in use. Publisher, Store, administration and Key Manager may be different nodes:\n"
    "what is not said is at --server.",
  .example = "apimctl env add test --server https://am.example.com:9443 --cacert ca.pem",
  .options = add_options,
  .run = run_add,
};

static int
run_use (CtlCall *call, GError **error)
{
  const char *const *words = ctl_call_words (call, 1, 1, error);
  if (words != NULL && ctl_env_use (words[0], error))
    ctl_output_note (call->output, "in use: environment %s", words[0]);
  return 0;
}

const CtlCommand ctl_cmd_env_use = {
  .group = "env",
  .name = "use",
  .summary = "Choose the server that commands ask",
  .arguments = "NAME",
  .completes = "env",
  .example = "apimctl env use test",
  .run = run_use,
};

static int
run_remove (CtlCall *call, GError **error)
{
  const char *const *words = ctl_call_words (call, 1, 1, error);
  if (words != NULL && ctl_env_remove (words[0], error) && ctl_state_remove (words[0], error))
    ctl_output_note (call->output, "removed environment %s", words[0]);
  return 0;
}

const CtlCommand ctl_cmd_env_remove = {
  .group = "env",
  .name = "remove",
  .summary = "Forget a server, and the secrets that are kept for it",
  .arguments = "NAME",
  .completes = "env",
  .example = "apimctl env remove test",
  .run = run_remove,
};

static int
run_config (CtlCall *call, GError **error)
{
  static const CtlColumn rows[] = {
    { "CONFIGURATION", "configuration" },
    { "SECRETS", "secrets" },
    { "ENVIRONMENT", "environment" },
    { NULL },
  };
  g_autofree char *path = ctl_env_config_path ();
  g_autofree char *secrets = g_build_filename (g_get_user_state_dir (), "apimctl", NULL);
  g_autofree char *current = ctl_env_current (error);
  if (*error != NULL)
    return 0;
  const char *chosen = g_getenv ("APIMCTL_ENV");
  g_autoptr (JsonObject) object = json_object_new ();
  json_object_set_string_member (object, "configuration", path);
  json_object_set_string_member (object, "secrets", secrets);
  ctl_json_set_text (object, "environment", chosen != NULL ? chosen : current);
  g_autoptr (JsonNode) record = json_node_init_object (json_node_alloc (), object);
  ctl_view_record (call->output, rows, record);
  return 0;
}

const CtlCommand ctl_cmd_config = {
  .name = "config",
  .summary = "Show where apimctl keeps what it knows",
  .details = "Environments are in $XDG_CONFIG_HOME/apimctl/config, without secrets; tokens and the secrets of OAuth\n"
             "clients in $XDG_STATE_HOME/apimctl/, one file for each environment, which only their owner may read.",
  .example = "apimctl config",
  .run = run_config,
};
