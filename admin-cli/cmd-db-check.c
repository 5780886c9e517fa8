/* apimctl db check: what a home's databases are, or those that URLs name, and what stands against using them. Changes
 * nothing. The questions are in store/st-check*.c. */
#include "config.h"

#include "admin-cli/ctl-check-report.h"
#include "admin-cli/ctl-commands.h"
#include "admin-cli/ctl-database-url.h"
#include "admin-cli/ctl-home.h"
#include "admin-cli/ctl-password.h"
#include "common/apim-limits.h"
#include "common/apim-secret.h"
#include "core/core-password.h"
#include "store/st-sql-stores.h"

#include <string.h>

#define PASSWORD_VARIABLE "APIMCTL_DB_PASSWORD"
#define DEFAULT_TIMEOUT_S 30
#define MAX_TIMEOUT_S 3600
#define MAX_URLS 2

static const CtlOption options[] = {
  { "home", CTL_OPTION_TEXT, FALSE, "DIR", "the node's home, whose data sources are meant" },
  { "url", CTL_OPTION_LIST, FALSE, "URL", "a database instead; twice for apimgtdb and userdb" },
  { "user", CTL_OPTION_TEXT, FALSE, "USER", "the database user, where a URL names none" },
  { "password-file", CTL_OPTION_TEXT, FALSE, "FILE", "the database user's password (or - for stdin)" },
  { "token-time", CTL_OPTION_TEXT, FALSE, "READING",
    "server or utc, instead of Apimd/TokenTime: how times of tokens are read" },
  { "timeout", CTL_OPTION_TEXT, FALSE, "SECONDS", "for each question to a database; default 30" },
  { NULL },
};

/* What is checked, and as what. */
typedef struct
{
  ApimConfig *config;             /* NULL: of URLs */
  ApimDataSource *urls[MAX_URLS]; /* nullable */
  ApimLimits limits;              /* database_timeout_ms: of a question */
  StCheckSettings settings;
  char *target;
  StDatabase *databases[2]; /* by StSchemaPart; nullable; two of the same for a database that holds both parts */
  const ApimDataSource *sources[2]; /* nullable */
} Plan;

static void
plan_clear (Plan *plan)
{
  for (guint i = 0; i < G_N_ELEMENTS (plan->databases); i++)
    g_clear_pointer (&plan->databases[i], st_database_free);
  for (guint i = 0; i < MAX_URLS; i++)
    g_clear_pointer (&plan->urls[i], apim_data_source_free);
  g_clear_pointer (&plan->config, apim_config_unref);
  g_free (plan->target);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Plan, plan_clear)

static gboolean
usage_error (GError **error, const char *why)
{
  ctl_error_set (error, CTL_ERROR_USAGE, "apimctl help db check", "db check", "%s", why);
  return FALSE;
}

static gboolean
parse_settings (const CtlOptions *given, StCheckSettings *settings, GError **error)
{
  const char *timeout = ctl_options_text (given, "timeout");
  const char *reading = ctl_options_text (given, "token-time");
  guint64 seconds = DEFAULT_TIMEOUT_S;
  if (timeout != NULL && !g_ascii_string_to_unsigned (timeout, 10, 1, MAX_TIMEOUT_S, &seconds, NULL))
    return usage_error (error, "--timeout is a whole number of seconds from 1 to 3600");
  if (reading != NULL && strcmp (reading, "server") != 0 && strcmp (reading, "utc") != 0)
    return usage_error (error, "--token-time is server or utc");
  settings->timeout_ms = (guint)seconds * 1000;
  if (reading != NULL)
    settings->token_time = strcmp (reading, "utc") == 0 ? APIM_TOKEN_TIME_UTC : APIM_TOKEN_TIME_SERVER;
  return TRUE;
}

/* What identity.xml, or api-manager.xml of 1.x, says of partitioned token tables; nothing else reads it. */
static StCheckPartitions
read_partitioning (const char *home)
{
  static const struct
  {
    const char *file;
    const char *path;
  } places[] = {
    { "repository/conf/identity/identity.xml", "OAuth/EnableAccessTokenPartitioning" },
    { "repository/conf/identity.xml", "OAuth/EnableAccessTokenPartitioning" },
    { "repository/conf/api-manager.xml", "APIKeyValidator/EnableAccessTokenPartitioning" },
    { "repository/conf/api-manager.xml", "APIKeyManager/EnableAccessTokenPartitioning" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_autoptr (ApimXml) xml = apim_xml_load (home, places[i].file, NULL);
      gboolean on = FALSE;
      if (xml != NULL && apim_xml_find (xml, NULL, places[i].path) != NULL
          && apim_xml_get_bool (xml, NULL, places[i].path, &on, NULL))
        return on ? ST_CHECK_PARTITIONS_ON : ST_CHECK_PARTITIONS_OFF;
    }
  return ST_CHECK_PARTITIONS_UNKNOWN;
}

static gboolean
plan_home (Plan *plan, const CtlOptions *given, GError **error)
{
  plan->config = ctl_home_load (ctl_options_text (given, "home"), error);
  if (plan->config == NULL)
    return FALSE;
  g_autofree char *quoted = g_shell_quote (plan->config->home);
  plan->target = g_strdup_printf ("--home %s", quoted);
  plan->limits = plan->config->limits;
  plan->settings.skew_ms = plan->config->timestamp_skew_ms;
  if (ctl_options_text (given, "token-time") == NULL)
    plan->settings.token_time = plan->config->token_time;
  plan->settings.advanced_throttling = plan->config->advanced_throttling;
  plan->settings.user_store = &plan->config->user_store;
  plan->settings.partitions = read_partitioning (plan->config->home);
  for (guint i = 0; i < G_N_ELEMENTS (ctl_home_parts); i++)
    plan->sources[ctl_home_parts[i]] = ctl_home_source (plan->config, ctl_home_parts[i]);
  return TRUE;
}

/* WSO2's defaults stand for what a configuration would say. */
static gboolean
plan_urls (Plan *plan, const CtlOptions *given, GError **error)
{
  static const ApimUserStoreSettings standard = {
    .admin_user = (char *)"admin",
    .admin_role = (char *)"admin",
    .password_digest = (char *)"SHA-256",
    .salted = TRUE,
    .case_insensitive_names = TRUE,
  };
  const char *const *urls = ctl_options_list (given, "url");
  const char *file = ctl_options_text (given, "password-file");
  g_auto (ApimSecretText) password = NULL;
  if (g_strv_length ((char **)urls) > MAX_URLS)
    return usage_error (error, "--url is given at most twice: for apimgtdb and for userdb");
  apim_limits_init (&plan->limits);
  plan->settings.skew_ms = 300 * 1000;
  plan->settings.advanced_throttling = TRUE;
  plan->settings.user_store = &standard;
  for (guint i = 0; urls[i] != NULL; i++)
    {
      ApimDataSource *source = ctl_database_url_parse (urls[i], ctl_options_text (given, "user"), error);
      if (source == NULL)
        return FALSE;
      plan->urls[i] = source;
      if (source->kind != APIM_DATABASE_MYSQL)
        continue;
      g_autofree char *what = g_strdup_printf ("password of database user %s", source->user);
      if (password == NULL && (password = ctl_password_read (file, PASSWORD_VARIABLE, what, error)) == NULL)
        return FALSE;
      source->password = g_strdup (password);
    }
  return TRUE;
}

/* Gives each URL the part that its database holds. One that tells nothing of itself is looked at as an apimgtdb, and
 * found wanting there. */
static void
assign_urls (Plan *plan)
{
  for (guint i = 0; i < MAX_URLS && plan->urls[i] != NULL; i++)
    {
      StSchemaReport reports[2] = { 0 };
      g_autoptr (StDatabase) database = st_database_open (plan->urls[i], &plan->limits, NULL);
      gboolean known = FALSE;
      for (guint part = 0; database != NULL && part < G_N_ELEMENTS (reports); part++)
        if (st_schema_inspect (database, (StSchemaPart)part, &reports[part], NULL) && reports[part].has_part
            && plan->sources[part] == NULL)
          {
            plan->sources[part] = plan->urls[i];
            known = TRUE;
          }
      if (!known)
        plan->sources[plan->sources[ST_SCHEMA_API] == NULL ? ST_SCHEMA_API : ST_SCHEMA_USER] = plan->urls[i];
    }
}

static gboolean
make_plan (Plan *plan, const CtlOptions *given, GError **error)
{
  const char *home = ctl_options_text (given, "home");
  gboolean of_urls = ctl_options_list (given, "url")[0] != NULL;
  if (home != NULL && of_urls)
    return usage_error (error, "--home and --url exclude each other");
  if (home == NULL && !of_urls)
    return usage_error (error, "say what to check: --home DIR, or --url mysql://USER@HOST/NAME");
  if (!parse_settings (given, &plan->settings, error))
    return FALSE;
  if (home != NULL ? !plan_home (plan, given, error) : !plan_urls (plan, given, error))
    return FALSE;
  plan->settings.node_timeout_ms = plan->limits.database_timeout_ms;
  plan->settings.cache_max_age_ms = plan->limits.cache_max_age_ms;
  plan->settings.target = plan->target;
  plan->limits.database_timeout_ms = plan->settings.timeout_ms;
  if (of_urls)
    assign_urls (plan);
  return TRUE;
}

static void
open_databases (Plan *plan, StCheck *check)
{
  for (guint i = 0; i < G_N_ELEMENTS (ctl_home_parts); i++)
    {
      StSchemaPart part = ctl_home_parts[i];
      g_autoptr (GError) error = NULL;
      if (plan->sources[part] == NULL)
        continue;
      plan->databases[part] = st_database_open (plan->sources[part], &plan->limits, &error);
      if (plan->databases[part] == NULL)
        st_check_add (check, part, ST_CHECK_ERROR, "data-source", "a node does not start with it",
                      "correct it in repository/conf/datasources/master-datasources.xml", "%s", error->message);
    }
}

/* Decision 15: admin/admin works where it exists, but should not. */
static void
check_administrator (StCheck *check, const Plan *plan)
{
  const ApimUserStoreSettings *settings = plan->settings.user_store;
  StDatabase *database = plan->databases[ST_SCHEMA_USER];
  if (database == NULL || !st_check_result (check, ST_SCHEMA_USER)->report.has_part)
    return;
  g_autoptr (StUserStore) users = st_sql_user_store_new (database, settings);
  g_autoptr (StUser) admin = NULL;
  gint64 deadline_us = g_get_monotonic_time () + (gint64)plan->settings.timeout_ms * 1000;
  if (!st_user_store_find_user (users, ST_SUPER_TENANT_ID, settings->admin_user, deadline_us, &admin, NULL))
    return; /* told already: the look-up of a user does not run */
  if (admin == NULL)
    st_check_add (check, ST_SCHEMA_USER, ST_CHECK_WARNING, "admin-missing",
                  "gateways that log in as the administrator are refused",
                  "name the administrator that there is as AdminUser of user-mgt.xml",
                  "there is no user \"%s\", the administrator of user-mgt.xml", settings->admin_user);
  else if (core_password_check (admin, "admin", 5, settings, g_get_real_time () / 1000))
    st_check_add (check, ST_SCHEMA_USER, ST_CHECK_WARNING, "admin-password",
                  "everybody knows it: who reaches the ports of the node administers it",
                  "change it, and with it where gateways log in with it (api-manager.xml)",
                  "the administrator \"%s\" still has the password that WSO2 ships", settings->admin_user);
}

/* Which of the databases with UM_* tables is meant is the configuration's word alone. */
static void
tell_user_source (StCheck *check, const Plan *plan)
{
  if (plan->config != NULL)
    st_check_add (check, ST_SCHEMA_USER, ST_CHECK_OK, "user-source", NULL, NULL,
                  "users are read from data source %s, as user-mgt.xml says", plan->config->user_store.data_source);
}

static int
run (CtlCall *call, GError **error)
{
  g_auto (Plan) plan = { 0 };
  if (!make_plan (&plan, call->options, error))
    return 0;
  g_autoptr (StCheck) check = st_check_new (&plan.settings);
  open_databases (&plan, check);
  st_check_run (check, plan.databases[ST_SCHEMA_API], plan.databases[ST_SCHEMA_USER]);
  check_administrator (check, &plan);
  tell_user_source (check, &plan);
  ctl_check_report_print (call->output, check, plan.sources);
  return st_check_failed (check) ? 1 : 0;
}

const CtlCommand ctl_cmd_db_check = {
  .group = "db",
  .name = "check",
  .summary = "Say what databases are and what stands against using them",
  .details = "Asks the databases of a home, or those of URLs, for their shape, their server's settings and their\n"
             "rows, and changes nothing. What to do about a finding stands with it, SQL included; none of it is\n"
             "done. Findings are errors (a node cannot work with the database, or would judge calls wrongly or\n"
             "too late), warnings (single calls are refused, or something is slow), notes, and what is well (ok).\n"
             "Exit status: 1 when there is an error, else 0.\n"
             "\n"
             "URL is mysql://USER@HOST:PORT/NAME or the JDBC URL of a data source. Its password comes from\n"
             "--password-file, from the environment variable " PASSWORD_VARIABLE ", or is asked for; it is never an\n"
             "argument. Every question is bounded, by --timeout and in the rows that it reads; what could not be\n"
             "asked is told. Of the token table the newest 100,000 rows are looked at.",
  .example = "apimctl db check --home /srv/km\n"
             "apimctl db check --url mysql://apim@db.example.com/apimgtdb --url mysql://apim@db.example.com/userdb",
  .options = options,
  .run = run,
};
