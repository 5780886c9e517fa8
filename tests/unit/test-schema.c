/* Making and recognising schemas, on SQLite and MariaDB; the generation label on every generation. */
#include "config.h"

#include "store/st-capabilities.h"
#include "store/st-schema.h"
#include "store/st-sql-stores.h"
#include "tests/lib/store-fixture.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

/* FALSE: skipped. */
static gboolean
set_up (StoreFixture **fixture, gconstpointer data)
{
  gboolean mysql = GPOINTER_TO_INT (data);

  if (mysql && store_fixture_mysql_socket () == NULL)
    {
      g_test_skip ("needs a MariaDB: tools/check starts one");
      return FALSE;
    }
  *fixture = mysql ? store_fixture_mysql (store_fixture_mysql_socket (), "utf8mb4") : store_fixture_sqlite ();
  return TRUE;
}

static void
inspect (StoreFixture *fixture, const ApimDataSource *source, StSchemaPart part, StSchemaReport *report)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (StDatabase) database = st_database_open (source, &fixture->limits, &error);

  g_assert_no_error (error);
  st_schema_inspect (database, part, report, &error);
  g_assert_no_error (error);
}

static void
migrate (const ApimDataSource *source, StSchemaPart part)
{
  g_autoptr (GError) error = NULL;

  st_schema_migrate (source, part, &error);
  g_assert_no_error (error);
}

static void
test_empty_to_ours (gconstpointer data)
{
  g_autoptr (StoreFixture) fixture = NULL;
  g_autofree char *plan = NULL;
  g_autofree char *again = NULL;
  g_autoptr (GError) error = NULL;
  StSchemaReport report;

  if (!set_up (&fixture, data))
    return;
  inspect (fixture, &fixture->api, ST_SCHEMA_API, &report);
  g_assert_cmpint (report.state, ==, ST_SCHEMA_EMPTY);
  g_assert_false (report.has_part);
  plan = st_schema_plan (&fixture->api, ST_SCHEMA_API, &error);
  g_assert_no_error (error);
  g_assert_nonnull (strstr (plan, "apply apim-0001-oauth to "));
  inspect (fixture, &fixture->api, ST_SCHEMA_API, &report);
  g_assert_cmpint (report.state, ==, ST_SCHEMA_EMPTY); /* planning does nothing */

  migrate (&fixture->api, ST_SCHEMA_API);
  inspect (fixture, &fixture->api, ST_SCHEMA_API, &report);
  g_assert_cmpint (report.state, ==, ST_SCHEMA_OURS);
  g_assert_true (report.has_part);
  g_assert_cmpuint (report.version, ==, report.latest);
  g_assert_cmpuint (report.version, >, 0);
  g_assert_cmpstr (report.generation, ==, "2.6");
  again = st_schema_plan (&fixture->api, ST_SCHEMA_API, &error);
  g_assert_nonnull (strstr (again, "nothing to do"));
  migrate (&fixture->api, ST_SCHEMA_API); /* a second time: nothing happens */
}

/* One database holds both parts; each knows of itself only. */
static void
test_both_parts (gconstpointer data)
{
  g_autoptr (StoreFixture) fixture = NULL;
  StSchemaReport report;

  if (!set_up (&fixture, data))
    return;
  migrate (&fixture->api, ST_SCHEMA_USER);
  inspect (fixture, &fixture->api, ST_SCHEMA_API, &report);
  g_assert_cmpint (report.state, ==, ST_SCHEMA_OURS);
  g_assert_false (report.has_part);
  g_assert_cmpuint (report.version, ==, 0);
  g_assert_cmpstr (report.generation, ==, "");
  migrate (&fixture->api, ST_SCHEMA_API);
  for (int part = ST_SCHEMA_API; part <= ST_SCHEMA_USER; part++)
    {
      inspect (fixture, &fixture->api, (StSchemaPart) part, &report);
      g_assert_true (report.has_part);
      g_assert_cmpuint (report.version, ==, report.latest);
    }
}

static void
test_refuses (gconstpointer data)
{
  static const struct
  {
    const char *script;
    StSchemaState state;
  } cases[] = {
    { "CREATE TABLE INVOICE (ID INTEGER);\n", ST_SCHEMA_FOREIGN },
    { "CREATE TABLE UM_USER (UM_ID INTEGER);\nCREATE TABLE REG_RESOURCE (REG_UUID INTEGER);\n", ST_SCHEMA_WSO2 },
    { "CREATE TABLE AM_SUBSCRIBER (SUBSCRIBER_ID INTEGER);\n", ST_SCHEMA_WSO2 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (StoreFixture) fixture = NULL;
      g_autoptr (GError) error = NULL;
      StSchemaReport report;
      guint before;

      if (!set_up (&fixture, data))
        return;
      if (fixture->api.kind == APIM_DATABASE_SQLITE)
        g_file_set_contents (fixture->api.path, "", 0, NULL);
      fixture->api_database = st_database_open (&fixture->api, &fixture->limits, NULL);
      store_fixture_run (fixture->api_database, cases[i].script);
      inspect (fixture, &fixture->api, ST_SCHEMA_API, &report);
      g_assert_cmpint (report.state, ==, cases[i].state);
      before = report.n_tables;
      g_assert_false (st_schema_migrate (&fixture->api, ST_SCHEMA_API, &error));
      g_assert_error (error, ST_ERROR, ST_ERROR_SCHEMA);
      g_clear_error (&error);
      g_assert_null (st_schema_plan (&fixture->api, ST_SCHEMA_API, &error));
      g_assert_error (error, ST_ERROR, ST_ERROR_SCHEMA);
      inspect (fixture, &fixture->api, ST_SCHEMA_API, &report);
      g_assert_cmpuint (report.n_tables, ==, before);
    }
}

/* A program older than the database keeps its hands off. */
static void
test_newer_than_us (gconstpointer data)
{
  g_autoptr (StoreFixture) fixture = NULL;
  g_autoptr (GError) error = NULL;

  if (!set_up (&fixture, data))
    return;
  store_fixture_open (fixture);
  store_fixture_run (fixture->api_database, "INSERT INTO APIM_SCHEMA_VERSION (PART, VERSION) VALUES ('api', 9999);\n");
  g_assert_false (st_schema_migrate (&fixture->api, ST_SCHEMA_API, &error));
  g_assert_error (error, ST_ERROR, ST_ERROR_SCHEMA);
}

/* What a killed migration leaves on MySQL: tables without their number, no rows of the seed. The next one completes
 * it. */
static void
test_broken_off (void)
{
  g_autoptr (StoreFixture) fixture = NULL;
  StSchemaReport report;

  if (!set_up (&fixture, GINT_TO_POINTER (TRUE)))
    return;
  store_fixture_open (fixture);
  store_fixture_run (fixture->api_database, "DELETE FROM APIM_SCHEMA_VERSION WHERE VERSION >= 2;\n"
                                            "DELETE FROM IDN_BASE_TABLE;\nDELETE FROM AM_POLICY_SUBSCRIPTION;\n"
                                            "DELETE FROM AM_POLICY_APPLICATION;\nDELETE FROM AM_API_THROTTLE_POLICY;\n"
                                            "DROP TABLE AM_BLOCK_CONDITIONS;\n");
  migrate (&fixture->api, ST_SCHEMA_API);
  inspect (fixture, &fixture->api, ST_SCHEMA_API, &report);
  g_assert_cmpuint (report.version, ==, report.latest);
  store_fixture_run (fixture->api_database, "DELETE FROM AM_BLOCK_CONDITIONS;\n");
}

static void
test_file_modes (void)
{
  g_autoptr (StoreFixture) fixture = store_fixture_sqlite ();
  g_autofree char *deep = g_build_filename (fixture->folder, "repository", NULL);
  g_autofree char *file = g_build_filename (deep, "x.sqlite", NULL);
  g_autoptr (GError) error = NULL;
  ApimDataSource source = fixture->api;
  GStatBuf info;

  source.path = file;
  migrate (&source, ST_SCHEMA_API);
  g_assert_cmpint (g_stat (file, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 0777, ==, 0600);
  g_unlink (file);
  g_rmdir (deep);
  source.path = (char *) "/proc/no/such.sqlite";
  g_assert_false (st_schema_migrate (&source, ST_SCHEMA_API, &error));
  g_assert_error (error, ST_ERROR, ST_ERROR_SETUP);
}

static gint64
count (StDatabase *database, const StStatement *statement)
{
  g_autoptr (StQuery) query = st_database_query (database, statement, 0, NULL);

  g_assert_nonnull (query);
  g_assert_cmpint (st_query_step (query, NULL), ==, ST_ROW);
  return st_query_int64 (query, 0);
}

/* spec/databases.md 11.1, 11.3, 6.1 */
static void
test_seed_rows (gconstpointer data)
{
  static const struct
  {
    gboolean users;
    StStatement statement;
    gint64 n;
  } cases[] = {
    { FALSE, { "SELECT COUNT(*) FROM AM_POLICY_SUBSCRIPTION WHERE TENANT_ID = -1234 AND IS_DEPLOYED = 1" }, 5 },
    { FALSE, { "SELECT COUNT(DISTINCT UUID) FROM AM_POLICY_SUBSCRIPTION" }, 5 },
    { FALSE, { "SELECT QUOTA FROM AM_POLICY_SUBSCRIPTION WHERE NAME = 'Gold'" }, 5000 },
    { FALSE, { "SELECT COUNT(*) FROM AM_POLICY_APPLICATION" }, 4 },
    { FALSE, { "SELECT COUNT(*) FROM AM_API_THROTTLE_POLICY WHERE APPLICABLE_LEVEL = 'apiLevel'" }, 4 },
    { FALSE, { "SELECT COUNT(*) FROM AM_ALERT_TYPES" }, 7 },
    { FALSE, { "SELECT COUNT(*) FROM IDN_BASE_TABLE WHERE PRODUCT_NAME = 'WSO2 Identity Server'" }, 1 },
    { FALSE, { "SELECT COUNT(*) FROM AM_SUBSCRIBER" }, 0 },
    { TRUE, { "SELECT COUNT(*) FROM UM_DOMAIN WHERE UM_TENANT_ID = -1234" }, 5 },
    { TRUE, { "SELECT COUNT(*) FROM UM_USER" }, 0 }, /* decisions.md 15 */
  };
  g_autoptr (StoreFixture) fixture = NULL;

  if (!set_up (&fixture, data))
    return;
  store_fixture_open (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpint (count (cases[i].users ? fixture->user_database : fixture->api_database, &cases[i].statement), ==,
                     cases[i].n);
}

static void
test_add_admin (gconstpointer data)
{
  static const StStatement grants = { "SELECT COUNT(*) FROM UM_ROLE_PERMISSION WHERE UM_IS_ALLOWED = 1" };
  static const StStatement permissions = { "SELECT COUNT(*) FROM UM_PERMISSION" };
  static const StStatement users = { "SELECT COUNT(*) FROM UM_USER" };
  g_autoptr (StoreFixture) fixture = NULL;
  g_autoptr (StUserStore) store = NULL;
  g_autoptr (StUser) user = NULL;
  g_auto (GStrv) roles = NULL;
  g_autoptr (GError) error = NULL;

  if (!set_up (&fixture, data))
    return;
  store_fixture_open (fixture);
  fixture->settings.admin_user = (char *) "root";
  fixture->settings.admin_role = (char *) "wheel";
  g_assert_true (st_schema_add_admin (fixture->user_database, &fixture->settings, "the-hash", NULL, &error));
  g_assert_no_error (error);
  store = st_sql_user_store_new (fixture->user_database, &fixture->settings);
  g_assert_true (st_user_store_find_user (store, -1234, "root", 0, &user, &error));
  g_assert_cmpstr (user->password_hash, ==, "the-hash");
  g_assert_null (user->salt);
  g_assert_false (user->require_change);
  g_assert_true (st_user_store_find_roles (store, -1234, "PRIMARY", "root", 0, &roles, &error));
  g_assert_true (g_strv_contains ((const char *const *) roles, "wheel"));
  g_assert_true (g_strv_contains ((const char *const *) roles, "Internal/subscriber"));
  g_assert_true (g_strv_contains ((const char *const *) roles, "Internal/publisher"));
  g_assert_true (g_strv_contains ((const char *const *) roles, "Internal/creator"));
  g_assert_cmpuint (g_strv_length (roles), ==, 4);
  g_assert_cmpint (count (fixture->user_database, &grants), ==, 9);
  g_assert_cmpint (count (fixture->user_database, &permissions), ==, 7);
  fixture->settings.admin_user = (char *) "ROOT";
  g_assert_false (st_schema_add_admin (fixture->user_database, &fixture->settings, "other", "salt", &error));
  g_assert_error (error, ST_ERROR, ST_ERROR_CONFLICT);
  g_assert_cmpint (count (fixture->user_database, &users), ==, 1);
}

/* spec/databases.md 2: what each generation has more than the one before. */
static void
test_generations (void)
{
  static const struct
  {
    const char *label;
    const char *table, *column, *type;
  } steps[] = {
    { "1.9", "am_subscriber", "user_id", "varchar" }, /* lower_case_table_names=1 */
    { "1.10", "IDN_OAUTH2_ACCESS_TOKEN", "TOKEN_ID", "varchar" },
    { "2.0", "AM_API", "API_TIER", "varchar" },
    { "2.1", "IDN_OAUTH_CONSUMER_APPS", "APP_STATE", "varchar" },
    { "2.2", "IDN_OAUTH2_ACCESS_TOKEN", "ACCESS_TOKEN_HASH", "varchar" },
    { "2.5", "AM_APPLICATION", "TOKEN_TYPE", "varchar" },
    { "2.6", "IDN_OAUTH2_ACCESS_TOKEN_AUDIT", "TOKEN_ID", "varchar" },
    { "2.6", "AM_API_COMMENTS", "COMMENT_ID", "int" },
    { "3.0+", "AM_API_COMMENTS", "COMMENT_ID", "varchar" },
  };
  guint capabilities = 0;

  g_assert_cmpstr (st_capabilities_generation (0), ==, "");
  g_assert_cmpuint (st_capabilities_of_column ("INVOICE", "TOKEN_ID", "int"), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      capabilities |= st_capabilities_of_column (steps[i].table, steps[i].column, steps[i].type);
      g_assert_cmpstr (st_capabilities_generation (capabilities), ==, steps[i].label);
    }
  g_assert_cmpuint (st_capabilities_of_column ("AM_SYSTEM_APPS", "ID", "int"), ==, ST_CAP_TOO_NEW);
  g_assert_cmpuint (st_capabilities_of_column ("IDN_OAUTH2_ACCESS_TOKEN", "TOKEN_SCOPE", "varchar"), ==,
                    ST_CAP_TOKEN_SCOPE_COLUMN);
}

/* Our own databases have every flag but the two that are none of 2.6's. */
static void
test_capabilities (gconstpointer data)
{
  g_autoptr (StoreFixture) fixture = NULL;
  g_autoptr (GError) error = NULL;
  guint capabilities;

  if (!set_up (&fixture, data))
    return;
  store_fixture_open (fixture);
  g_assert_true (st_capabilities_read (fixture->api_database, 0, &capabilities, &error));
  g_assert_no_error (error);
  g_assert_cmphex (capabilities, ==,
                   ((ST_CAP_TOO_NEW - 1) & ~ST_CAP_TOKEN_SCOPE_COLUMN) | ST_CAP_SERVICE_PROVIDERS
                       | ST_CAP_INBOUND_CONFIG_TYPE | ST_CAP_SAAS | ST_CAP_API_ARTIFACT
                       | ST_CAP_USED_ASSERTIONS | ST_CAP_PENDING_REMOVALS
                       | ST_CAP_REGISTRY_IMPORTS);
}

static void
add_both (const char *name, GTestDataFunc test)
{
  g_autofree char *sqlite = g_strdup_printf ("/schema/sqlite/%s", name);
  g_autofree char *mysql = g_strdup_printf ("/schema/mariadb/%s", name);

  g_test_add_data_func (sqlite, GINT_TO_POINTER (FALSE), test);
  g_test_add_data_func (mysql, GINT_TO_POINTER (TRUE), test);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_both ("empty-to-ours", test_empty_to_ours);
  add_both ("both-parts", test_both_parts);
  add_both ("refuses", test_refuses);
  add_both ("newer-than-us", test_newer_than_us);
  add_both ("seed-rows", test_seed_rows);
  add_both ("add-admin", test_add_admin);
  add_both ("capabilities", test_capabilities);
  g_test_add_func ("/schema/mariadb/broken-off", test_broken_off);
  g_test_add_func ("/schema/sqlite/file-modes", test_file_modes);
  g_test_add_func ("/schema/generations", test_generations);
  return g_test_run ();
}
