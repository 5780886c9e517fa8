/* apimctl db portal install|status|remove: our own tables in databases that WSO2's scripts made. */
#include "config.h"

#include "admin-cli/ctl-commands.h"
#include "admin-cli/ctl-setup.h"
#include "store/st-portal-setup.h"

/* SQLite has the tables from its schema. */
static gboolean
read_report (const CtlSetupTarget *target, StPortalReport *report, GError **error)
{
  *report = (StPortalReport){ .ours = TRUE };
  return target->sqlite
         || st_portal_inspect (target->database, target->parts, ctl_home_deadline (target->config), report, error);
}

static gboolean
inspect (const CtlSetupTarget *target, gboolean *ours, GError **error)
{
  StPortalReport report;

  if (!read_report (target, &report, error))
    return FALSE;
  *ours = report.ours;
  return TRUE;
}

static char *
install_script (const CtlSetupTarget *target, GError **error)
{
  return st_portal_install_script (target->database, target->parts, error);
}

static char *
remove_script (const CtlSetupTarget *target, GError **error)
{
  return st_portal_remove_script (target->database, target->parts, error);
}

/* What is nowhere else. */
static char *
loss (const CtlSetupTarget *target, GError **error)
{
  StPortalReport report;

  if (!read_report (target, &report, error))
    return NULL;
  if (report.apis == 0 && report.documents == 0 && report.pictures == 0)
    return g_strdup ("Nothing of APIs is in these tables.\n");
  return g_strdup_printf ("This deletes what our Publisher knows of %" G_GINT64_FORMAT
                          " APIs (descriptions, endpoints, visibility, tags, OpenAPI documents),\n"
                          "%" G_GINT64_FORMAT " documents and %" G_GINT64_FORMAT
                          " pictures. What came from WSO2's registry can be imported again; what was made or\n"
                          "changed here is nowhere else: \"apimctl export\" saves it. AM_API and subscriptions stay.\n",
                          report.apis, report.documents, report.pictures);
}

static char *
advice (const CtlSetupTarget *target, gboolean install, GError **error)
{
  return install ? st_portal_advice (target->database, error) : loss (target, error);
}

static gboolean
run_script (const CtlSetupTarget *target, gboolean install, GError **error)
{
  return install ? st_portal_install (target->database, target->parts, target->script, error)
                 : st_portal_remove (target->database, target->script, error);
}

static void
add_status_row (CtlTable *table, const CtlSetupTarget *target, const StPortalReport *report)
{
  g_autofree char *tables = g_strdup_printf ("%u of %u", report->n_right, report->n_wanted);
  g_autofree char *apis = g_strdup_printf ("%" G_GINT64_FORMAT, report->apis);
  g_autofree char *documents = g_strdup_printf ("%" G_GINT64_FORMAT, report->documents);
  g_autofree char *pictures = g_strdup_printf ("%" G_GINT64_FORMAT, report->pictures);

  ctl_table_add (table, target->where, report->ours ? "in the schema" : st_portal_state_text (report->state),
                 target->sqlite ? "" : tables, target->sqlite ? "" : apis, target->sqlite ? "" : documents,
                 target->sqlite ? "" : pictures, NULL);
}

static void
add_status_json (JsonBuilder *builder, const CtlSetupTarget *target, const StPortalReport *report)
{
  json_builder_begin_object (builder);
  ctl_json_text (builder, "database", target->where);
  ctl_json_text (builder, "state", report->ours ? "schema" : st_portal_state_text (report->state));
  ctl_json_int (builder, "tables", report->n_right);
  ctl_json_int (builder, "tablesNeeded", report->n_wanted);
  ctl_json_int (builder, "apis", report->apis);
  ctl_json_int (builder, "documents", report->documents);
  ctl_json_int (builder, "pictures", report->pictures);
  json_builder_end_object (builder);
}

static gboolean
add_status (const CtlSetupTarget *target, CtlTable *table, JsonBuilder *builder, gboolean *broken, GError **error)
{
  StPortalReport report;

  if (!read_report (target, &report, error))
    return FALSE;
  *broken |= !report.ours && report.state == ST_PORTAL_HALF;
  add_status_row (table, target, &report);
  add_status_json (builder, target, &report);
  return TRUE;
}

static int
run (CtlCall *call, GError **error)
{
  static const char *const columns[] = { "DATABASE", "STATE", "TABLES", "APIS", "DOCUMENTS", "PICTURES", NULL };
  static const CtlSetupKind kind = {
    .command = "db portal",
    .all_ours = "this product made these databases: the tables of Publisher and Store are part of their schema",
    .install = "Make these tables",
    .remove = "Remove these tables with all that is in them",
    .of_schema = "the tables are part of its schema, left alone",
    .nothing = "there are no such tables",
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

const CtlCommand ctl_cmd_db_portal = {
  .group = "db",
  .name = "portal",
  .summary = "Make, show or remove the tables of our Publisher and Store in WSO2's databases",
  .arguments = "install|status|remove",
  .details = "WSO2 keeps what an API looks like (description, endpoints, documents and more) in its registry; a\n"
             "Publisher and a Store of ours keep it in tables of their own, beside AM_API. Databases that \"db\n"
             "migrate\" made have them; this command makes them in MySQL and MariaDB databases that WSO2's scripts\n"
             "made, of any release 1.9 to 2.6, together with the tables by which the nodes of a cluster tell each\n"
             "other of ended sessions, used SAML assertions and gateways to be told. Nothing else is touched: WSO2's\n"
             "tables get no column and no trigger, and WSO2's nodes may go on working with them.\n"
             "\n"
             "The exact SQL is shown first, and what the accounts need. Doing it again makes what is missing, also\n"
             "after an upgrade of this program. remove says what would be lost; the database is as it was then.\n"
             "\"db import-registry\" fills the tables with the APIs that are there. status: exit status 1 where only\n"
             "some of the tables are there. Nodes notice at their next start.",
  .example = "apimctl db portal install --home /srv/apim\n"
             "apimctl db portal status --home /srv/apim -o json",
  .options = ctl_setup_options,
  .run = run,
};
