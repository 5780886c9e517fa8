/* apimctl node init: what apimd's first start makes, without starting. */
#include "config.h"

#include "admin-cli/ctl-commands.h"
#include "admin-cli/ctl-home.h"
#include "apimd/first-start.h"
#include "common/apim-secret.h"

#include <errno.h>

static const CtlOption options[] = {
  { "home", CTL_OPTION_TEXT, TRUE, "DIR", "the node's home; made where it is missing" },
  { "admin-password-file", CTL_OPTION_TEXT, FALSE, "FILE",
    "the administrator's password (or - for stdin); default: a random one" },
  { "hostname", CTL_OPTION_LIST, FALSE, "NAME", "a name for the certificates; the first is the CN" },
  { NULL },
};

static gboolean
contains_admin (const GPtrArray *lines)
{
  for (guint i = 0; i < lines->len; i++)
    if (g_str_has_prefix (g_ptr_array_index (lines, i), "made the administrator"))
      return TRUE;
  return FALSE;
}

static void
print_json (CtlOutput *output, const ApimConfig *config, const GPtrArray *lines)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  json_builder_begin_object (builder);
  ctl_json_text (builder, "home", config->home);
  ctl_json_texts (builder, "made", lines);
  json_builder_end_object (builder);
  ctl_output_json (output, builder);
}

static void
print_text (CtlOutput *output, const ApimConfig *config, const GPtrArray *lines)
{
  if (output->quiet)
    {
      ctl_output_text (output, "%s\n", config->home);
      return;
    }
  for (guint i = 0; i < lines->len; i++)
    ctl_output_text (output, "%s\n", (const char *) g_ptr_array_index (lines, i));
  if (lines->len == 0)
    ctl_output_text (output, "%s is complete: nothing was made\n", config->home);
}

/* Databases on a server are made by db migrate: say so, or the node will not work. */
static void
mention_servers (CtlOutput *output, const ApimConfig *config)
{
  for (guint i = 0; i < G_N_ELEMENTS (ctl_home_parts); i++)
    {
      const ApimDataSource *source = ctl_home_source (config, ctl_home_parts[i]);
      if (source->kind == APIM_DATABASE_SQLITE)
        continue;
      g_autofree char *where = ctl_home_describe_source (source);
      g_autofree char *hint = ctl_home_hint (config, "db check");
      ctl_output_warning (output, "the %s database is %s, which this command does not touch: look at it with %s",
                          ctl_home_part_name (ctl_home_parts[i]), where, hint);
    }
}

static ApimConfig *
load_config (const char *home, GError **error)
{
  if (g_mkdir_with_parents (home, 0755) == 0)
    return ctl_home_load (home, error);
  int code = errno;
  ctl_error_set (error, CTL_ERROR_FAILED, NULL, home, "could not make the folder: %s", g_strerror (code));
  return NULL;
}

static int
run (CtlCall *call, GError **error)
{
  g_auto (ApimSecretText) password = NULL;
  const char *password_file = ctl_options_text (call->options, "admin-password-file");
  if (password_file != NULL)
    {
      password = ctl_home_read_secret (password_file, "administrator's password", error);
      if (password == NULL)
        return 0;
    }
  g_autoptr (ApimConfig) config = load_config (ctl_options_text (call->options, "home"), error);
  if (config == NULL)
    return 0;

  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);
  const char *const *host_names = ctl_options_list (call->options, "hostname");
  if (!apim_first_start (config, host_names, password, lines, error))
    return 0;
  if (call->output->json)
    print_json (call->output, config, lines);
  else
    print_text (call->output, config, lines);
  if (password != NULL && !contains_admin (lines))
    ctl_output_warning (call->output, "the user database was there already: no password was changed");
  mention_servers (call->output, config);
  return 0;
}

const CtlCommand ctl_cmd_node_init = {
  .group = "node",
  .name = "init",
  .summary = "Make what a node's home lacks, as the first start of apimd does",
  .details = "Makes the folders, TLS keys (RSA-2048 and P-256, self-signed for 10 years), the cluster key,\n"
             "the gateway's APIs /token, /revoke, /authorize and /userinfo (in a home without synapse files),\n"
             "and, where the data sources are SQLite files that do not exist, the databases with an\n"
             "administrator. What exists is left as it is, so the command can be repeated. A random password\n"
             "is put in repository/conf/initial-admin-password.",
  .example = "apimctl node init --home /srv/km --hostname km.example.com",
  .options = options,
  .run = run,
};
