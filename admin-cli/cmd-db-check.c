/* apimctl db check: what a home's databases are, and what stands against using them. Changes nothing. */
#include "config.h"

#include "admin-cli/ctl-commands.h"
#include "admin-cli/ctl-home.h"
#include "core/core-password.h"
#include "store/st-sql-stores.h"

/* Rows of one kind that are named one by one. */
#define MAX_LISTED 20

static const CtlOption options[] = {
  { "home", CTL_OPTION_TEXT, TRUE, "DIR", "the node's home, whose data sources are meant" },
  { NULL },
};

typedef struct
{
  gboolean problem; /* the node cannot work with it; else a warning */
  char *text;
  char *action; /* nullable: what to do */
} Finding;

typedef struct
{
  StSchemaPart part;
  char *where;
  const char *state;
  StSchemaReport report; /* zero when it could not be reached */
} DatabaseResult;

typedef struct
{
  const ApimConfig *config;
  DatabaseResult databases[G_N_ELEMENTS (ctl_home_parts)];
  GPtrArray *findings; /* of Finding */
} Check;

static void
finding_free (Finding *finding)
{
  g_free (finding->text);
  g_free (finding->action);
  g_free (finding);
}

static void
check_clear (Check *check)
{
  for (guint i = 0; i < G_N_ELEMENTS (check->databases); i++)
    g_free (check->databases[i].where);
  g_ptr_array_unref (check->findings);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Check, check_clear)

/* @action: (nullable). */
static void
add_finding (Check *check, gboolean problem, const char *action, const char *format, ...) G_GNUC_PRINTF (4, 5);

static void
add_finding (Check *check, gboolean problem, const char *action, const char *format, ...)
{
  Finding *finding = g_new0 (Finding, 1);
  va_list arguments;
  va_start (arguments, format);
  finding->problem = problem;
  finding->text = g_strdup_vprintf (format, arguments);
  finding->action = g_strdup (action);
  va_end (arguments);
  g_ptr_array_add (check->findings, finding);
}

static const char *
state_name (StSchemaState state)
{
  switch (state)
    {
    case ST_SCHEMA_EMPTY:
      return "empty";
    case ST_SCHEMA_OURS:
      return "ours";
    case ST_SCHEMA_WSO2:
      return "wso2";
    case ST_SCHEMA_FOREIGN:
      return "foreign";
    }
  return "unknown";
}

static void
judge_schema (Check *check, const DatabaseResult *result)
{
  const StSchemaReport *report = &result->report;
  const char *part = ctl_home_part_name (result->part);
  g_autofree char *migrate = ctl_home_hint (check->config, "db migrate");
  if (report->state == ST_SCHEMA_EMPTY)
    add_finding (check, TRUE, migrate, "the %s database is empty", part);
  else if (report->state == ST_SCHEMA_FOREIGN)
    add_finding (check, TRUE, "correct its data source in repository/conf/datasources/master-datasources.xml",
                 "the %s database holds tables of something else", part);
  else if (!report->has_part)
    add_finding (check, TRUE,
                 report->state == ST_SCHEMA_OURS
                     ? migrate
                     : "correct its data source in repository/conf/datasources/master-datasources.xml",
                 "the database lacks the tables of the %s part", part);
  else if (report->state == ST_SCHEMA_OURS && report->version < report->latest)
    add_finding (check, TRUE, migrate, "the %s database has version %u of the schema, the newest is %u", part,
                 report->version, report->latest);
  else if (report->state == ST_SCHEMA_OURS && report->version > report->latest)
    add_finding (check, TRUE, "use the version of this program that migrated it",
                 "the %s database has version %u of the schema, this program knows %u", part, report->version,
                 report->latest);
}

/* Subscriptions without a status are refused with 900909 (decision 3); nothing in the pages of WSO2 shows them. */
static gboolean
check_subscriptions (Check *check, StDatabase *database, GError **error)
{
  static const StStatement statement = {
    .sqlite = "SELECT SUBSCRIPTION_ID FROM AM_SUBSCRIPTION WHERE SUB_STATUS IS NULL ORDER BY SUBSCRIPTION_ID LIMIT 21",
  };
  g_autoptr (StQuery) query = st_database_query (database, &statement, ctl_home_deadline (check->config), error);
  if (query == NULL)
    return FALSE;
  g_autoptr (GString) list = g_string_new (NULL);
  guint n = 0;
  StStep step;
  while ((step = st_query_step (query, error)) == ST_ROW && n++ < MAX_LISTED)
    g_string_append_printf (list, "%s%" G_GINT64_FORMAT, n > 1 ? ", " : "", st_query_int64 (query, 0));
  if (step == ST_FAILED)
    return FALSE;
  if (n > 0)
    add_finding (check, FALSE, "block or unblock them in the Publisher, which sets their status",
                 "subscriptions without SUB_STATUS are refused with 900909; SUBSCRIPTION_ID %s%s", list->str,
                 n > MAX_LISTED ? " and more" : "");
  return TRUE;
}

/* Decision 15: admin/admin works where it exists, but should not. */
static gboolean
check_default_password (Check *check, StDatabase *database, GError **error)
{
  const ApimUserStoreSettings *settings = &check->config->user_store;
  g_autoptr (StUserStore) users = st_sql_user_store_new (database, settings);
  g_autoptr (StUser) admin = NULL;
  if (!st_user_store_find_user (users, ST_SUPER_TENANT_ID, settings->admin_user, ctl_home_deadline (check->config),
                                &admin, error))
    return FALSE;
  if (admin == NULL)
    add_finding (check, FALSE, NULL, "there is no user \"%s\", the administrator of user-mgt.xml",
                 settings->admin_user);
  else if (core_password_check (admin, "admin", 5, settings, g_get_real_time () / 1000))
    add_finding (check, FALSE, "change it", "the administrator \"%s\" still has the password that WSO2 ships",
                 settings->admin_user);
  return TRUE;
}

static gboolean
check_reachable (Check *check, DatabaseResult *result, GError **error)
{
  g_autoptr (StDatabase) database = ctl_home_open (check->config, result->part, error);
  if (database == NULL || !st_schema_inspect (database, result->part, &result->report, error))
    return FALSE;
  result->state = state_name (result->report.state);
  judge_schema (check, result);
  if (!result->report.has_part)
    return TRUE;
  if (!st_database_ping (database, ctl_home_deadline (check->config), error))
    return FALSE;
  return result->part == ST_SCHEMA_API ? check_subscriptions (check, database, error)
                                       : check_default_password (check, database, error);
}

static void
check_database (Check *check, guint index)
{
  DatabaseResult *result = &check->databases[index];
  result->part = ctl_home_parts[index];
  result->where = ctl_home_describe_source (ctl_home_source (check->config, result->part));
  result->state = "unreachable";
  g_autoptr (GError) error = NULL;
  if (!check_reachable (check, result, &error))
    add_finding (check, TRUE,
                 "check the server and the data source in repository/conf/datasources/master-datasources.xml",
                 "the %s database cannot be used: %s", ctl_home_part_name (result->part), error->message);
}

static gboolean
has_problem (const Check *check)
{
  for (guint i = 0; i < check->findings->len; i++)
    if (((const Finding *) g_ptr_array_index (check->findings, i))->problem)
      return TRUE;
  return FALSE;
}

static void
print_text (CtlOutput *output, const Check *check)
{
  g_autoptr (CtlTable) table = ctl_table_new ("PART", "DATABASE", "STATE", "GENERATION", "VERSION", "TABLES", NULL);
  for (guint i = 0; i < G_N_ELEMENTS (check->databases); i++)
    {
      const DatabaseResult *result = &check->databases[i];
      g_autofree char *version = g_strdup_printf ("%u/%u", result->report.version, result->report.latest);
      g_autofree char *tables = g_strdup_printf ("%u", result->report.n_tables);
      ctl_table_add (table, ctl_home_part_name (result->part), result->where, result->state,
                     result->report.generation, result->report.state == ST_SCHEMA_OURS ? version : "", tables);
    }
  ctl_output_table (output, table);
  if (check->findings->len == 0)
    return;
  if (output->terminal)
    ctl_output_text (output, "\n");
  g_autoptr (CtlTable) findings = ctl_table_new ("FINDING", "TEXT", "WHAT TO DO", NULL);
  for (guint i = 0; i < check->findings->len; i++)
    {
      const Finding *finding = g_ptr_array_index (check->findings, i);
      ctl_table_add (findings, finding->problem ? "problem" : "warning", finding->text, finding->action);
    }
  ctl_output_table (output, findings);
}

static void
print_json (CtlOutput *output, const Check *check)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  json_builder_begin_object (builder);
  ctl_json_bool (builder, "ok", !has_problem (check));
  json_builder_set_member_name (builder, "databases");
  json_builder_begin_array (builder);
  for (guint i = 0; i < G_N_ELEMENTS (check->databases); i++)
    {
      const DatabaseResult *result = &check->databases[i];
      json_builder_begin_object (builder);
      ctl_json_text (builder, "part", result->part == ST_SCHEMA_API ? "api" : "user");
      ctl_json_text (builder, "database", result->where);
      ctl_json_text (builder, "state", result->state);
      ctl_json_text (builder, "generation", *result->report.generation != '\0' ? result->report.generation : NULL);
      ctl_json_int (builder, "version", result->report.version);
      ctl_json_int (builder, "latest", result->report.latest);
      ctl_json_int (builder, "tables", result->report.n_tables);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "findings");
  json_builder_begin_array (builder);
  for (guint i = 0; i < check->findings->len; i++)
    {
      const Finding *finding = g_ptr_array_index (check->findings, i);
      json_builder_begin_object (builder);
      ctl_json_text (builder, "level", finding->problem ? "problem" : "warning");
      ctl_json_text (builder, "text", finding->text);
      ctl_json_text (builder, "action", finding->action);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  ctl_output_json (output, builder);
}

static int
run (CtlCall *call, GError **error)
{
  g_autoptr (ApimConfig) config = ctl_home_load (ctl_options_text (call->options, "home"), error);
  if (config == NULL)
    return 0;
  g_auto (Check) check = { .config = config };
  check.findings = g_ptr_array_new_with_free_func ((GDestroyNotify) finding_free);
  for (guint i = 0; i < G_N_ELEMENTS (check.databases); i++)
    check_database (&check, i);
  if (call->output->json)
    print_json (call->output, &check);
  else
    print_text (call->output, &check);
  return has_problem (&check) ? 1 : 0;
}

const CtlCommand ctl_cmd_db_check = {
  .group = "db",
  .name = "check",
  .summary = "Say what a home's databases are and what is wrong with them",
  .details = "Asks both databases for their tables, versions and known troubles, and changes nothing. Exit\n"
             "status 1 when the node could not work with one of them.",
  .example = "apimctl db check --home /srv/km",
  .options = options,
  .run = run,
};
