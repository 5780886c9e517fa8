/* apimctl db feed install|status|remove: the change feed in databases that WSO2's scripts made. */
#include "config.h"

#include "admin-cli/ctl-commands.h"
#include "admin-cli/ctl-setup.h"
#include "store/st-feed-setup.h"

/* SQLite has the feed from its schema. */
static gboolean
read_report (const CtlSetupTarget *target, StFeedReport *report, GError **error)
{
  *report = (StFeedReport){ .ours = TRUE };
  return target->sqlite
         || st_feed_inspect (target->database, target->parts, ctl_home_deadline (target->config), report, error);
}

static gboolean
inspect (const CtlSetupTarget *target, gboolean *ours, GError **error)
{
  StFeedReport report;

  if (!read_report (target, &report, error))
    return FALSE;
  *ours = report.ours;
  return TRUE;
}

static char *
install_script (const CtlSetupTarget *target, GError **error)
{
  return st_feed_install_script (target->database, target->parts, error);
}

static char *
remove_script (const CtlSetupTarget *target, GError **error)
{
  return st_feed_remove_script (target->database, error);
}

static char *
advice (const CtlSetupTarget *target, gboolean install, GError **error)
{
  return install ? st_feed_advice (target->database, error) : g_strdup ("");
}

static gboolean
run_script (const CtlSetupTarget *target, gboolean install, GError **error)
{
  return install ? st_feed_install (target->database, target->script, error)
                 : st_feed_remove (target->database, target->script, error);
}

static char *
age_text (gint64 seconds)
{
  return seconds < 0 ? g_strdup ("") : g_strdup_printf ("%" G_GINT64_FORMAT " s ago", seconds);
}

static void
add_status_row (CtlTable *table, const CtlSetupTarget *target, const StFeedReport *report, const StFeedFigures *figures)
{
  g_autofree char *triggers = g_strdup_printf ("%u of %u", report->n_right, report->n_wanted);
  g_autofree char *rows = g_strdup_printf ("%" G_GINT64_FORMAT, figures->rows);
  g_autofree char *oldest = age_text (figures->oldest_s);
  g_autofree char *newest = age_text (figures->newest_s);

  ctl_table_add (table, target->where, report->ours ? "in the schema" : st_feed_state_text (report->state),
                 target->sqlite ? "" : triggers, rows, oldest, newest, figures->definer != NULL ? figures->definer : "",
                 NULL);
}

static void
add_status_json (JsonBuilder *builder, const CtlSetupTarget *target, const StFeedReport *report,
                 const StFeedFigures *figures)
{
  json_builder_begin_object (builder);
  ctl_json_text (builder, "database", target->where);
  ctl_json_text (builder, "state", report->ours ? "schema" : st_feed_state_text (report->state));
  ctl_json_int (builder, "triggers", report->n_right);
  ctl_json_int (builder, "triggersNeeded", report->n_wanted);
  ctl_json_int (builder, "rows", figures->rows);
  ctl_json_int (builder, "oldestSeconds", figures->oldest_s);
  ctl_json_int (builder, "lastChangeSeconds", figures->newest_s);
  ctl_json_text (builder, "definer", figures->definer);
  json_builder_end_object (builder);
}

/* A feed that cannot be read has no figures; its state says why. *broken: (out): half there or outdated. */
static gboolean
add_status (const CtlSetupTarget *target, CtlTable *table, JsonBuilder *builder, gboolean *broken, GError **error)
{
  StFeedFigures figures = { .rows = 0, .oldest_s = -1, .newest_s = -1 };
  g_autoptr (GError) ignored = NULL;
  StFeedReport report;

  if (!read_report (target, &report, error))
    return FALSE;
  if (report.ours || report.state != ST_FEED_ABSENT)
    st_feed_measure (target->database, ctl_home_deadline (target->config), &figures, &ignored);
  *broken |= !report.ours && (report.state == ST_FEED_HALF || report.state == ST_FEED_OUTDATED);
  add_status_row (table, target, &report, &figures);
  add_status_json (builder, target, &report, &figures);
  g_free (figures.definer);
  return TRUE;
}

static int
run (CtlCall *call, GError **error)
{
  static const char *const columns[]
      = { "DATABASE", "FEED", "TRIGGERS", "ROWS", "OLDEST", "LAST CHANGE", "RUNS AS", NULL };
  static const CtlSetupKind kind = {
    .command = "db feed",
    .all_ours = "this product made these databases: their change feed is part of the schema",
    .install = "Install the change feed",
    .remove = "Remove the change feed",
    .of_schema = "the feed is part of its schema, left alone",
    .nothing = "there is no feed",
    .inspect = inspect,
    .install_script = install_script,
    .remove_script = remove_script,
    .advice = advice,
    .run = run_script,
    .columns = columns,
    .status = add_status,
  };

  return ctl_setup_run (call, &kind, error);
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
  .options = ctl_setup_options,
  .run = run,
};
