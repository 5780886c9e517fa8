#include "config.h"
#include "admin-cli/ctl-setup.h"

#include "admin-cli/ctl-prompt.h"

#include <string.h>

const CtlOption ctl_setup_options[] = {
  { "home", CTL_OPTION_TEXT, TRUE, "DIR", "the node's home, whose data sources are meant" },
  { "yes", CTL_OPTION_FLAG, FALSE, NULL, "do not ask" },
  { NULL },
};

typedef struct
{
  CtlCall *call;
  const CtlSetupKind *kind;
  const ApimConfig *config;
  GPtrArray *targets; /* of CtlSetupTarget */
} Work;

static void
target_free (gpointer data)
{
  CtlSetupTarget *target = data;

  g_free (target->where);
  g_free (target->script);
  g_free (target->advice);
  st_database_free (target->database);
  g_free (target);
}

static gboolean
same_database (const ApimDataSource *a, const ApimDataSource *b)
{
  return a->kind == b->kind && g_strcmp0 (a->path, b->path) == 0 && g_strcmp0 (a->host, b->host) == 0
         && a->port == b->port && g_strcmp0 (a->unix_socket, b->unix_socket) == 0
         && g_strcmp0 (a->database, b->database) == 0;
}

static gboolean
add_target (Work *work, StSchemaPart part, guint parts, GError **error)
{
  const ApimDataSource *source = ctl_home_source (work->config, part);
  CtlSetupTarget *target = g_new0 (CtlSetupTarget, 1);

  g_ptr_array_add (work->targets, target);
  target->where = ctl_home_describe_source (source);
  target->parts = parts;
  target->config = work->config;
  target->sqlite = source->kind == APIM_DATABASE_SQLITE;
  target->database = ctl_home_open (work->config, part, error);
  if (target->database == NULL)
    return FALSE;
  target->ours = target->sqlite;
  if (target->sqlite || work->kind->inspect (target, &target->ours, error))
    return TRUE;
  g_autofree char *hint = ctl_home_hint (work->config, "db check");
  ctl_error_wrap (error, hint, target->where);
  return FALSE;
}

static gboolean
find_targets (Work *work, GError **error)
{
  const ApimDataSource *api = ctl_home_source (work->config, ST_SCHEMA_API);
  const ApimDataSource *users = ctl_home_source (work->config, ST_SCHEMA_USER);

  if (same_database (api, users))
    return add_target (work, ST_SCHEMA_API, ST_SCHEMA_BIT (ST_SCHEMA_API) | ST_SCHEMA_BIT (ST_SCHEMA_USER), error);
  return add_target (work, ST_SCHEMA_API, ST_SCHEMA_BIT (ST_SCHEMA_API), error)
         && add_target (work, ST_SCHEMA_USER, ST_SCHEMA_BIT (ST_SCHEMA_USER), error);
}

/* A database of ours keeps what its schema gave it; only where both are, there is nothing that the command could do.
 */
static gboolean
check_foreign (const Work *work, GError **error)
{
  for (guint i = 0; i < work->targets->len; i++)
    if (!((const CtlSetupTarget *)work->targets->pdata[i])->ours)
      return TRUE;
  g_autofree char *hint = ctl_home_hint (work->config, "db check");
  ctl_error_set (error, CTL_ERROR_REFUSED, hint, work->kind->command, "%s", work->kind->all_ours);
  return FALSE;
}

static gboolean
make_script (const Work *work, CtlSetupTarget *target, gboolean install, GError **error)
{
  target->script = install ? work->kind->install_script (target, error) : work->kind->remove_script (target, error);
  if (target->script == NULL)
    return FALSE;
  if (*target->script == '\0')
    return TRUE;
  target->advice = work->kind->advice (target, install, error);
  return target->advice != NULL;
}

static gboolean
make_scripts (const Work *work, gboolean install, GError **error)
{
  for (guint i = 0; i < work->targets->len; i++)
    {
      CtlSetupTarget *target = work->targets->pdata[i];

      if (!target->ours && !make_script (work, target, install, error))
        {
          ctl_error_wrap (error, NULL, target->where);
          return FALSE;
        }
    }
  return TRUE;
}

/* Returns whether there is anything to do. */
static gboolean
show_scripts (const Work *work)
{
  gboolean any = FALSE;

  for (guint i = 0; i < work->targets->len; i++)
    {
      const CtlSetupTarget *target = work->targets->pdata[i];

      if (target->script == NULL || *target->script == '\0')
        continue;
      any = TRUE;
      fprintf (work->call->output->err, "-- %s\n%s\n", target->where, target->script);
      if (*target->advice != '\0')
        fprintf (work->call->output->err, "%s\n", target->advice);
    }
  return any;
}

/* @done: what was done with each target. */
static void
print_done (const Work *work, const char *const *done)
{
  CtlOutput *output = work->call->output;

  if (output->json)
    {
      g_autoptr (JsonBuilder) builder = json_builder_new ();
      json_builder_begin_object (builder);
      json_builder_set_member_name (builder, "databases");
      json_builder_begin_array (builder);
      for (guint i = 0; i < work->targets->len; i++)
        {
          json_builder_begin_object (builder);
          ctl_json_text (builder, "database", ((const CtlSetupTarget *)work->targets->pdata[i])->where);
          ctl_json_text (builder, "done", done[i]);
          json_builder_end_object (builder);
        }
      json_builder_end_array (builder);
      json_builder_end_object (builder);
      ctl_output_json (output, builder);
      return;
    }
  for (guint i = 0; i < work->targets->len; i++)
    ctl_output_text (output, "%s: %s\n", ((const CtlSetupTarget *)work->targets->pdata[i])->where, done[i]);
}

static void
change (const Work *work, gboolean install, GError **error)
{
  const char *done[2] = { NULL };
  g_autofree char *again = g_strdup_printf ("%s %s --yes", work->kind->command, install ? "install" : "remove");
  g_autofree char *hint = ctl_home_hint (work->config, again);

  if (!check_foreign (work, error) || !make_scripts (work, install, error))
    return;
  if (show_scripts (work)
      && !ctl_prompt_confirm (work->call, install ? work->kind->install : work->kind->remove, hint, error))
    return;
  for (guint i = 0; i < work->targets->len; i++)
    {
      CtlSetupTarget *target = work->targets->pdata[i];

      if (target->ours)
        done[i] = work->kind->of_schema;
      else if (*target->script == '\0')
        done[i] = install ? "installed already" : work->kind->nothing;
      else if (work->kind->run (target, install, error))
        done[i] = install ? "installed" : "removed";
      else
        {
          ctl_error_wrap (error, NULL, target->where);
          return;
        }
    }
  print_done (work, done);
}

/* Returns: the exit status. */
static int
show_status (const Work *work, GError **error)
{
  g_autoptr (CtlTable) table = ctl_table_new_empty ();
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  gboolean broken = FALSE;

  for (const char *const *column = work->kind->columns; *column != NULL; column++)
    ctl_table_add_column (table, *column);
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "databases");
  json_builder_begin_array (builder);
  for (guint i = 0; i < work->targets->len; i++)
    if (!work->kind->status (work->targets->pdata[i], table, builder, &broken, error))
      return 0;
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  if (work->call->output->json)
    ctl_output_json (work->call->output, builder);
  else
    ctl_output_table (work->call->output, table);
  return broken ? 1 : 0;
}

int
ctl_setup_run (CtlCall *call, const CtlSetupKind *kind, GError **error)
{
  const char *const *words = ctl_options_arguments (call->options);
  const char *action = words[0] != NULL && words[1] == NULL ? words[0] : "";
  gboolean status = strcmp (action, "status") == 0, install = strcmp (action, "install") == 0;

  if (!status && !install && strcmp (action, "remove") != 0)
    {
      g_autofree char *hint = g_strdup_printf ("apimctl %s --help", kind->command);
      ctl_error_set (error, CTL_ERROR_USAGE, hint, kind->command, "say install, status or remove");
      return 0;
    }
  g_autoptr (ApimConfig) config = ctl_home_load (ctl_options_text (call->options, "home"), error);
  if (config == NULL)
    return 0;
  g_autoptr (GPtrArray) targets = g_ptr_array_new_with_free_func (target_free);
  Work work = { call, kind, config, targets };
  if (!find_targets (&work, error))
    return 0;
  if (status)
    return show_status (&work, error);
  change (&work, install, error);
  return 0;
}
