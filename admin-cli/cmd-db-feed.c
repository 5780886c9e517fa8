/* apimctl db feed install|status|remove: the change feed in databases that WSO2's scripts made. */
#include "config.h"

#include "admin-cli/ctl-commands.h"
#include "admin-cli/ctl-home.h"
#include "admin-cli/ctl-prompt.h"
#include "store/st-feed-setup.h"

#include <string.h>

static const CtlOption options[] = {
  { "home", CTL_OPTION_TEXT, TRUE, "DIR", "the node's home, whose data sources are meant" },
  { "yes", CTL_OPTION_FLAG, FALSE, NULL, "do not ask" },
  { NULL },
};

/* One database, which may hold both parts. */
typedef struct
{
  char *where;
  guint parts; /* ST_FEED_PART() */
  StDatabase *database;
  gboolean sqlite;
  StFeedReport report;
  char *script; /* (nullable): what is to be run */
  char *advice; /* (nullable) */
} Target;

typedef struct
{
  CtlCall *call;
  const ApimConfig *config;
  GPtrArray *targets; /* of Target */
} Work;

static void
target_free (Target *target)
{
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
  Target *target = g_new0 (Target, 1);

  g_ptr_array_add (work->targets, target);
  target->where = ctl_home_describe_source (source);
  target->parts = parts;
  target->sqlite = source->kind == APIM_DATABASE_SQLITE;
  target->database = ctl_home_open (work->config, part, error);
  if (target->database == NULL)
    return FALSE;
  if (target->sqlite)
    {
      target->report.ours = TRUE;
      return TRUE;
    }
  if (st_feed_inspect (target->database, parts, ctl_home_deadline (work->config), &target->report, error))
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
    return add_target (work, ST_SCHEMA_API, ST_FEED_PART (ST_SCHEMA_API) | ST_FEED_PART (ST_SCHEMA_USER), error);
  return add_target (work, ST_SCHEMA_API, ST_FEED_PART (ST_SCHEMA_API), error)
         && add_target (work, ST_SCHEMA_USER, ST_FEED_PART (ST_SCHEMA_USER), error);
}

/* A database of ours keeps what its schema gave it; only where both are, there is nothing that this command could do.
 */
static gboolean
check_foreign (const Work *work, GError **error)
{
  for (guint i = 0; i < work->targets->len; i++)
    if (!((const Target *) work->targets->pdata[i])->report.ours)
      return TRUE;
  g_autofree char *hint = ctl_home_hint (work->config, "db check");
  ctl_error_set (error, CTL_ERROR_REFUSED, hint, "db feed",
                 "this product made these databases: their change feed is part of the schema");
  return FALSE;
}

static gboolean
make_scripts (Work *work, gboolean install, GError **error)
{
  for (guint i = 0; i < work->targets->len; i++)
    {
      Target *target = work->targets->pdata[i];

      if (target->report.ours)
        continue;
      target->script = install ? st_feed_install_script (target->database, target->parts, error)
                               : st_feed_remove_script (target->database, error);
      if (target->script != NULL && *target->script != '\0' && install)
        target->advice = st_feed_advice (target->database, error);
      if (target->script == NULL || (install && *target->script != '\0' && target->advice == NULL))
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
      const Target *target = work->targets->pdata[i];

      if (target->script == NULL || *target->script == '\0')
        continue;
      any = TRUE;
      fprintf (work->call->output->err, "-- %s\n%s\n", target->where, target->script);
      if (target->advice != NULL)
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
          ctl_json_text (builder, "database", ((const Target *) work->targets->pdata[i])->where);
          ctl_json_text (builder, "done", done[i]);
          json_builder_end_object (builder);
        }
      json_builder_end_array (builder);
      json_builder_end_object (builder);
      ctl_output_json (output, builder);
      return;
    }
  for (guint i = 0; i < work->targets->len; i++)
    ctl_output_text (output, "%s: %s\n", ((const Target *) work->targets->pdata[i])->where, done[i]);
}

static void
change (Work *work, gboolean install, GError **error)
{
  const char *done[2] = { NULL };
  g_autofree char *hint = ctl_home_hint (work->config, install ? "db feed install --yes" : "db feed remove --yes");

  if (!check_foreign (work, error) || !make_scripts (work, install, error))
    return;
  if (show_scripts (work)
      && !ctl_prompt_confirm (work->call, install ? "Install the change feed" : "Remove the change feed", hint, error))
    return;
  for (guint i = 0; i < work->targets->len; i++)
    {
      Target *target = work->targets->pdata[i];

      if (target->report.ours)
        done[i] = "the feed is part of its schema, left alone";
      else if (*target->script == '\0')
        done[i] = install ? "installed already" : "there is no feed";
      else if (install ? st_feed_install (target->database, target->script, error)
                       : st_feed_remove (target->database, target->script, error))
        done[i] = install ? "installed" : "removed";
      else
        {
          ctl_error_wrap (error, NULL, target->where);
          return;
        }
    }
  print_done (work, done);
}

static const char *
state_of (const Target *target)
{
  return target->report.ours ? "in the schema" : st_feed_state_text (target->report.state);
}

static char *
age_text (gint64 seconds)
{
  return seconds < 0 ? g_strdup ("") : g_strdup_printf ("%" G_GINT64_FORMAT " s ago", seconds);
}

static void
add_status_row (CtlTable *table, const Target *target, const StFeedFigures *figures)
{
  g_autofree char *triggers = g_strdup_printf ("%u of %u", target->report.n_right, target->report.n_wanted);
  g_autofree char *rows = g_strdup_printf ("%" G_GINT64_FORMAT, figures->rows);
  g_autofree char *oldest = age_text (figures->oldest_s);
  g_autofree char *newest = age_text (figures->newest_s);

  ctl_table_add (table, target->where, state_of (target), target->sqlite ? "" : triggers, rows, oldest, newest,
                 figures->definer != NULL ? figures->definer : "", NULL);
}

static void
add_status_json (JsonBuilder *builder, const Target *target, const StFeedFigures *figures)
{
  json_builder_begin_object (builder);
  ctl_json_text (builder, "database", target->where);
  ctl_json_text (builder, "state", target->report.ours ? "schema" : st_feed_state_text (target->report.state));
  ctl_json_int (builder, "triggers", target->report.n_right);
  ctl_json_int (builder, "triggersNeeded", target->report.n_wanted);
  ctl_json_int (builder, "rows", figures->rows);
  ctl_json_int (builder, "oldestSeconds", figures->oldest_s);
  ctl_json_int (builder, "lastChangeSeconds", figures->newest_s);
  ctl_json_text (builder, "definer", figures->definer);
  json_builder_end_object (builder);
}

/* A feed that cannot be read has no figures; its state says why. */
static int
show_status (Work *work)
{
  g_autoptr (CtlTable) table
      = ctl_table_new ("DATABASE", "FEED", "TRIGGERS", "ROWS", "OLDEST", "LAST CHANGE", "RUNS AS", NULL);
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  gboolean broken = FALSE;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "databases");
  json_builder_begin_array (builder);
  for (guint i = 0; i < work->targets->len; i++)
    {
      const Target *target = work->targets->pdata[i];
      g_autoptr (GError) ignored = NULL;
      StFeedFigures figures = { .rows = 0, .oldest_s = -1, .newest_s = -1 };

      if (target->report.ours || target->report.state != ST_FEED_ABSENT)
        st_feed_measure (target->database, ctl_home_deadline (work->config), &figures, &ignored);
      broken
          |= !target->report.ours && (target->report.state == ST_FEED_HALF || target->report.state == ST_FEED_OUTDATED);
      add_status_row (table, target, &figures);
      add_status_json (builder, target, &figures);
      g_free (figures.definer);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  if (work->call->output->json)
    ctl_output_json (work->call->output, builder);
  else
    ctl_output_table (work->call->output, table);
  return broken ? 1 : 0;
}

static int
run (CtlCall *call, GError **error)
{
  const char *const *words = ctl_options_arguments (call->options);
  const char *action = words[0] != NULL && words[1] == NULL ? words[0] : "";
  gboolean status = strcmp (action, "status") == 0, install = strcmp (action, "install") == 0;

  if (!status && !install && strcmp (action, "remove") != 0)
    {
      ctl_error_set (error, CTL_ERROR_USAGE, "apimctl db feed --help", "db feed", "say install, status or remove");
      return 0;
    }
  g_autoptr (ApimConfig) config = ctl_home_load (ctl_options_text (call->options, "home"), error);
  if (config == NULL)
    return 0;
  g_autoptr (GPtrArray) targets = g_ptr_array_new_with_free_func ((GDestroyNotify) target_free);
  Work work = { call, config, targets };
  if (!find_targets (&work, error))
    return 0;
  if (status)
    return show_status (&work);
  change (&work, install, error);
  return 0;
}

const CtlCommand ctl_cmd_db_feed = {
  .group = "db",
  .name = "feed",
  .summary = "Install, show or remove the change feed in WSO2's databases",
  .arguments = "install|status|remove",
  .details = "With the change feed, one table and triggers that write it, nodes notice within a second what any\n"
             "program changes. Databases that \"db migrate\" made have it in their schema; this command puts it\n"
             "into MySQL and MariaDB databases that WSO2's scripts made, of any release 1.9 to 2.6, and takes it\n"
             "out again without a trace. The exact SQL is shown first, and what the accounts need. Doing it again\n"
             "completes what was broken off, and brings the triggers up to date after a migration of the tables.\n"
             "Nodes that run notice both within ten seconds. status: exit status 1 where a feed is half there or\n"
             "outdated. Remove the feed when no node follows it any more: nobody else empties its table.",
  .example = "apimctl db feed install --home /srv/km\n"
             "apimctl db feed status --home /srv/km -o json",
  .options = options,
  .run = run,
};
