/* Installing the change feed in databases of every generation, seeing what is wrong with one, and taking it out again.
 */
#include "config.h"

#include "store/st-feed-setup.h"
#include "store/st-feed-triggers.h"
#include "tests/lib/change-log.h"
#include "tests/lib/store-fixture.h"

#include <string.h>

#define API ST_SCHEMA_BIT (ST_SCHEMA_API)
#define USERS ST_SCHEMA_BIT (ST_SCHEMA_USER)

/* The tables of 1.9 that the feed looks at (spec/databases.md 3, 4), as far as the triggers are concerned. */
static const char tables_of_1_9[]
    = "CREATE TABLE IDN_OAUTH_CONSUMER_APPS (CONSUMER_KEY VARCHAR(255) PRIMARY KEY, CALLBACK_URL VARCHAR(1024)) "
      "ENGINE=InnoDB;\n"
      "CREATE TABLE IDN_OAUTH2_ACCESS_TOKEN (ACCESS_TOKEN VARCHAR(255) PRIMARY KEY, REFRESH_TOKEN VARCHAR(255),"
      " CONSUMER_KEY VARCHAR(255), AUTHZ_USER VARCHAR(100), USER_TYPE VARCHAR(25),"
      " TIME_CREATED TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, VALIDITY_PERIOD BIGINT, TOKEN_SCOPE VARCHAR(767),"
      " TOKEN_STATE VARCHAR(25) DEFAULT 'ACTIVE', TOKEN_STATE_ID VARCHAR(255) DEFAULT 'NONE') ENGINE=InnoDB;\n"
      "CREATE TABLE IDN_OAUTH2_SCOPE (SCOPE_ID INTEGER NOT NULL AUTO_INCREMENT PRIMARY KEY, SCOPE_KEY VARCHAR(100) NOT "
      "NULL,"
      " NAME VARCHAR(255), ROLES VARCHAR(500)) ENGINE=InnoDB;\n"
      "CREATE TABLE IDN_OAUTH2_RESOURCE_SCOPE (RESOURCE_PATH VARCHAR(255) PRIMARY KEY, SCOPE_ID INTEGER NOT NULL)"
      " ENGINE=InnoDB;\n"
      "CREATE TABLE AM_SUBSCRIBER (SUBSCRIBER_ID INTEGER PRIMARY KEY, USER_ID VARCHAR(255), TENANT_ID INTEGER) "
      "ENGINE=InnoDB;\n"
      "CREATE TABLE AM_APPLICATION (APPLICATION_ID INTEGER PRIMARY KEY, NAME VARCHAR(100), SUBSCRIBER_ID INTEGER,"
      " APPLICATION_TIER VARCHAR(50), DESCRIPTION VARCHAR(512)) ENGINE=InnoDB;\n"
      "CREATE TABLE AM_API (API_ID INTEGER PRIMARY KEY, API_PROVIDER VARCHAR(200), API_NAME VARCHAR(200),"
      " API_VERSION VARCHAR(30), CONTEXT VARCHAR(256)) ENGINE=InnoDB;\n"
      "CREATE TABLE AM_API_URL_MAPPING (URL_MAPPING_ID INTEGER PRIMARY KEY, API_ID INTEGER, HTTP_METHOD VARCHAR(20),"
      " AUTH_SCHEME VARCHAR(50), URL_PATTERN VARCHAR(512), THROTTLING_TIER VARCHAR(512)) ENGINE=InnoDB;\n"
      "CREATE TABLE AM_SUBSCRIPTION (SUBSCRIPTION_ID INTEGER PRIMARY KEY, TIER_ID VARCHAR(50), API_ID INTEGER,"
      " APPLICATION_ID INTEGER, SUB_STATUS VARCHAR(50), SUBS_CREATE_STATE VARCHAR(50)) ENGINE=InnoDB;\n"
      "CREATE TABLE AM_APPLICATION_KEY_MAPPING (APPLICATION_ID INTEGER, CONSUMER_KEY VARCHAR(255),"
      " KEY_TYPE VARCHAR(255) NOT NULL, STATE VARCHAR(30), PRIMARY KEY (APPLICATION_ID, KEY_TYPE)) ENGINE=InnoDB;\n"
      "CREATE TABLE AM_API_DEFAULT_VERSION (DEFAULT_VERSION_ID INTEGER PRIMARY KEY, API_NAME VARCHAR(256),"
      " API_PROVIDER VARCHAR(256), PUBLISHED_DEFAULT_API_VERSION VARCHAR(30));\n";

static StoreFixture *
open_foreign (gboolean foreign)
{
  StoreFixture *fixture;

  if (store_fixture_mysql_socket () == NULL)
    {
      g_test_skip ("needs a MariaDB: tools/check starts one");
      return NULL;
    }
  fixture = store_fixture_mysql (store_fixture_mysql_socket (), "utf8mb4");
  store_fixture_open (fixture);
  if (foreign)
    store_fixture_make_foreign (fixture);
  return fixture;
}

static StFeedReport
assert_state (StDatabase *database, guint parts, StFeedState state)
{
  g_autoptr (GError) error = NULL;
  StFeedReport report;

  st_feed_inspect (database, parts, 0, &report, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (st_feed_state_text (report.state), ==, st_feed_state_text (state));
  return report;
}

static void
install (StDatabase *database, guint parts)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *script = st_feed_install_script (database, parts, &error);

  g_assert_no_error (error);
  g_assert_true (st_feed_install (database, script, &error));
  g_assert_no_error (error);
  assert_state (database, parts, ST_FEED_INSTALLED);
}

static void
take_out (StDatabase *database, guint parts)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *script = st_feed_remove_script (database, &error);

  g_assert_no_error (error);
  g_assert_true (st_feed_remove (database, script, &error));
  g_assert_no_error (error);
  assert_state (database, parts, ST_FEED_ABSENT);
}

/* Columns of a token table and whatever else is named. */
static StTables *
make_columns (const char *const *names)
{
  StTables *columns = st_tables_new ();

  for (; *names != NULL; names++)
    {
      g_auto (GStrv) words = g_strsplit (*names, ".", 2);

      st_tables_add (columns, words[0], words[1]);
    }
  return columns;
}

static const StFeedTrigger *
find_trigger (const GPtrArray *triggers, const char *name)
{
  for (guint i = 0; i < triggers->len; i++)
    if (strcmp (((const StFeedTrigger *) triggers->pdata[i])->name, name) == 0)
      return triggers->pdata[i];
  return NULL;
}

/* Before 2.2 the digest of a token is computed. */
static void
test_columns (void)
{
  static const char *const names[]
      = { "idn_oauth2_access_token.ACCESS_TOKEN", "IDN_OAUTH2_ACCESS_TOKEN.CONSUMER_KEY",
          "IDN_OAUTH2_ACCESS_TOKEN.TOKEN_STATE",  "IDN_OAUTH2_ACCESS_TOKEN.TOKEN_SCOPE",
          "AM_API.CONTEXT",                       NULL };
  g_autoptr (StTables) columns = make_columns (names);
  g_autoptr (GPtrArray) triggers = st_feed_triggers_new (columns, ST_SCHEMA_API);
  const StFeedTrigger *insert = find_trigger (triggers, "APIM_FEED_IDN_OAUTH2_ACCESS_TOKEN_INSERT");
  const StFeedTrigger *update = find_trigger (triggers, "APIM_FEED_IDN_OAUTH2_ACCESS_TOKEN_UPDATE");

  g_assert_cmpuint (triggers->len, ==, 6);
  g_assert_cmpstr (
      insert->sql, ==,
      "CREATE TRIGGER APIM_FEED_IDN_OAUTH2_ACCESS_TOKEN_INSERT AFTER INSERT ON IDN_OAUTH2_ACCESS_TOKEN FOR EACH"
      " ROW\nBEGIN\n  IF NEW.TOKEN_STATE = 'ACTIVE' THEN\n    INSERT INTO APIM_CHANGE_FEED (KIND, SUBJECT) VALUES"
      " ('token', SHA2(NEW.ACCESS_TOKEN, 256));\n  END IF;\nEND");
  g_assert_nonnull (strstr (update->sql, "CAST(OLD.CONSUMER_KEY AS BINARY)"));
  g_assert_nonnull (strstr (update->sql, "CAST(NEW.TOKEN_SCOPE AS BINARY)"));
  g_assert_nonnull (strstr (update->sql, "CAST(SHA2(OLD.ACCESS_TOKEN, 256) AS BINARY)"));
  g_assert_null (strstr (update->sql, "TENANT_ID"));
  g_assert_null (strstr (update->sql, "TOKEN_ID"));
  g_assert_null (strstr (find_trigger (triggers, "APIM_FEED_AM_API_UPDATE")->sql, "API_TIER"));
}

/* What key validation needs of it, in the shape of 1.9. */
#define COLUMN(suffix, column) "IDN_OAUTH2_ACCESS_TOKEN_" suffix "." column
#define PARTITION_COLUMNS(suffix) \
  COLUMN (suffix, "ACCESS_TOKEN"), COLUMN (suffix, "CONSUMER_KEY"), COLUMN (suffix, "AUTHZ_USER"), \
      COLUMN (suffix, "USER_TYPE"), COLUMN (suffix, "TIME_CREATED"), COLUMN (suffix, "VALIDITY_PERIOD"), \
      COLUMN (suffix, "TOKEN_SCOPE"), COLUMN (suffix, "TOKEN_STATE")

/* Partitions look into themselves; a table of old tokens or of scopes is none. */
static void
test_partitions (void)
{
  static const char *const names[]
      = { "IDN_OAUTH2_ACCESS_TOKEN.ACCESS_TOKEN_HASH",
          PARTITION_COLUMNS ("B"),
          "IDN_OAUTH2_ACCESS_TOKEN_B.ACCESS_TOKEN_HASH",
          "IDN_OAUTH2_ACCESS_TOKEN_SCOPE_B.TOKEN_ID",
          PARTITION_COLUMNS ("AN_EXTRAORDINARILY_LONG_STORE"),
          "IDN_OAUTH2_ACCESS_TOKEN_AUDIT.ACCESS_TOKEN",
          "IDN_OAUTH2_ACCESS_TOKEN_AUDIT.TOKEN_STATE",
          "IDN_OAUTH2_ACCESS_TOKEN_NOTES.TEXT",
          NULL };
  g_autoptr (StTables) columns = make_columns (names);
  g_autoptr (GPtrArray) triggers = st_feed_triggers_new (columns, ST_SCHEMA_API);
  const StFeedTrigger *scope = find_trigger (triggers, "APIM_FEED_IDN_OAUTH2_ACCESS_TOKEN_SCOPE_B_DELETE");

  g_assert_nonnull (strstr (scope->sql, "ON IDN_OAUTH2_ACCESS_TOKEN_SCOPE_B FOR"));
  g_assert_nonnull (strstr (scope->sql, "FROM IDN_OAUTH2_ACCESS_TOKEN_B WHERE"));
  g_assert_nonnull (strstr (scope->sql, "SELECT 'token', ACCESS_TOKEN_HASH"));
  g_assert_cmpuint (triggers->len, ==, 3 + 3 + 3 + 3);
  for (guint i = 0; i < triggers->len; i++)
    {
      const StFeedTrigger *trigger = triggers->pdata[i];

      g_assert_cmpuint (strlen (trigger->name), <=, 64);
      g_assert_true (find_trigger (triggers, trigger->name) == trigger);
    }
}

static void
test_bodies (void)
{
  static const struct
  {
    const char *body;
    gboolean same;
  } cases[] = {
    { "BEGIN\n  a b;\nEND", TRUE },     { "BEGIN a b; END", TRUE },     { "BEGIN\r\n\ta  b;\nEND \n", TRUE },
    { "BEGIN\n  ab;\nEND", FALSE },     { "BEGIN\n  a b ;\nEND", FALSE }, { "BEGIN\n  a b;\n", FALSE },
    { "BEGIN\n  a b;\nEND;", FALSE },   { "", FALSE },                  { " BEGIN a b; END", FALSE },
  };
  char text[] = "BEGIN\n  a b;\nEND";
  const StFeedTrigger trigger = { .sql = text, .body = text };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpint (st_feed_trigger_has_body (&trigger, cases[i].body), ==, cases[i].same);
}

/* What our migrations made is what this would make: one source, and the feed says the same everywhere. */
static void
test_ours (void)
{
  g_autoptr (StoreFixture) fixture = open_foreign (FALSE);
  g_autoptr (GError) error = NULL;
  StFeedReport report;

  if (fixture == NULL)
    return;
  report = assert_state (fixture->api_database, API, ST_FEED_INSTALLED);
  g_assert_true (report.ours);
  report = assert_state (fixture->user_database, USERS, ST_FEED_INSTALLED);
  g_assert_true (report.ours);
  g_assert_null (st_feed_install_script (fixture->api_database, API, &error));
  g_assert_error (error, ST_ERROR, ST_ERROR_SCHEMA);
  g_clear_error (&error);
  g_assert_null (st_feed_remove_script (fixture->api_database, &error));
  g_assert_error (error, ST_ERROR, ST_ERROR_SCHEMA);
}

static void
test_sqlite (void)
{
  g_autoptr (StoreFixture) fixture = store_fixture_sqlite ();
  g_autoptr (GError) error = NULL;

  store_fixture_open (fixture);
  g_assert_null (st_feed_install_script (fixture->api_database, API, &error));
  g_assert_error (error, ST_ERROR, ST_ERROR_SCHEMA);
  g_clear_error (&error);
  g_assert_null (st_feed_remove_script (fixture->api_database, &error));
  g_assert_error (error, ST_ERROR, ST_ERROR_SCHEMA);
}

/* In, again, out, again. */
static void
test_install (void)
{
  g_autoptr (StoreFixture) fixture = open_foreign (TRUE);
  g_autoptr (GError) error = NULL;
  g_autofree char *script = NULL;
  g_autofree char *definer = NULL;
  StFeedFigures figures;

  if (fixture == NULL)
    return;
  g_assert_false (assert_state (fixture->api_database, API, ST_FEED_ABSENT).ours);
  install (fixture->api_database, API);
  script = st_feed_install_script (fixture->api_database, API, &error);
  g_assert_cmpstr (script, ==, "");
  g_assert_true (st_feed_measure (fixture->api_database, 0, &figures, &error));
  definer = figures.definer;
  g_assert_cmpint (figures.rows, ==, 1);
  g_assert_cmpint (figures.oldest_s, <, 60);
  g_assert_true (g_str_has_prefix (definer, "root@"));
  take_out (fixture->api_database, API);
  g_clear_pointer (&script, g_free);
  script = st_feed_remove_script (fixture->api_database, &error);
  g_assert_cmpstr (script, ==, "");
  g_assert_false (st_feed_inspect (fixture->api_database, USERS, 0, &(StFeedReport){ 0 }, &error));
  g_assert_error (error, ST_ERROR, ST_ERROR_SCHEMA);
}

/* Leftovers of every kind, and what brings the state about. */
static void
test_states (void)
{
  static const struct
  {
    const char *script;
    StFeedState state;
  } cases[] = {
    { "DROP TRIGGER APIM_FEED_AM_API_UPDATE;\n", ST_FEED_HALF },
    { "ALTER TABLE APIM_CHANGE_FEED CHANGE ID CLOSED_ID BIGINT NOT NULL AUTO_INCREMENT;\n", ST_FEED_HALF },
    { "DROP TABLE APIM_CHANGE_FEED;\n", ST_FEED_HALF },
    { "DROP TRIGGER APIM_FEED_AM_API_INSERT;\n"
      "CREATE TRIGGER APIM_FEED_AM_API_INSERT AFTER INSERT ON AM_API FOR EACH ROW\nBEGIN\nEND;\n",
      ST_FEED_OUTDATED },
    { "CREATE TABLE IDN_OAUTH2_ACCESS_TOKEN_LATE LIKE IDN_OAUTH2_ACCESS_TOKEN;\n",
      ST_FEED_HALF },
    { "CREATE TRIGGER APIM_FEED_STRANGE AFTER INSERT ON AM_EXTERNAL_STORES FOR EACH ROW\nBEGIN\nEND;\n",
      ST_FEED_OUTDATED },
  };
  g_autoptr (StoreFixture) fixture = open_foreign (TRUE);

  for (guint i = 0; fixture != NULL && i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%s", cases[i].script);
      install (fixture->api_database, API);
      store_fixture_run (fixture->api_database, cases[i].script);
      assert_state (fixture->api_database, API, cases[i].state);
      install (fixture->api_database, API);
      store_fixture_run (fixture->api_database, "INSERT INTO AM_API (CONTEXT) VALUES ('/x');\nDELETE FROM AM_API;\n");
      take_out (fixture->api_database, API);
    }
}

/* A failure leaves nothing. */
static void
test_failure (void)
{
  g_autoptr (StoreFixture) fixture = open_foreign (TRUE);
  g_autoptr (GError) error = NULL;
  g_autofree char *script = NULL;
  g_autofree char *bad = NULL;

  if (fixture == NULL)
    return;
  script = st_feed_install_script (fixture->api_database, API, &error);
  g_assert_no_error (error);
  bad = g_strconcat (script, "CREATE TABLE IN_VAIN (X NO_SUCH_TYPE);\n", NULL);
  g_assert_false (st_feed_install (fixture->api_database, bad, &error));
  g_assert_nonnull (strstr (error->message, "nothing of the feed was left behind"));
  assert_state (fixture->api_database, API, ST_FEED_ABSENT);
}

/* Two who saw no feed: the second one leaves the first one's alone. */
static void
test_installed_meanwhile (void)
{
  g_autoptr (StoreFixture) fixture = open_foreign (TRUE);
  g_autoptr (GError) error = NULL;
  g_autofree char *script = NULL;

  if (fixture == NULL)
    return;
  script = st_feed_install_script (fixture->api_database, API, &error);
  g_assert_no_error (error);
  install (fixture->api_database, API);
  g_assert_false (st_feed_install (fixture->api_database, script, &error));
  g_assert_error (error, ST_ERROR, ST_ERROR_CONFLICT);
  assert_state (fixture->api_database, API, ST_FEED_INSTALLED);
}

/* Both parts in one database. */
static void
test_one_database (void)
{
  g_autoptr (StoreFixture) fixture = open_foreign (TRUE);
  g_autoptr (GError) error = NULL;
  g_autoptr (ChangeLog) log = NULL;

  if (fixture == NULL)
    return;
  st_schema_migrate (&fixture->users, ST_SCHEMA_API, &error);
  g_assert_error (error, ST_ERROR, ST_ERROR_SCHEMA);
  store_fixture_run (fixture->user_database, tables_of_1_9);
  install (fixture->user_database, API | USERS);
  log = change_log_new (fixture->user_database);
  g_assert_true (st_change_feed_covers (log->feed, ST_SCHEMA_API));
  g_assert_true (st_change_feed_covers (log->feed, ST_SCHEMA_USER));
  take_out (fixture->user_database, API | USERS);
}

/* A statement, and what is told of it. */
typedef struct
{
  const char *script;
  const char *told;
} Step;

static void
test_1_9 (void)
{
  static const Step steps[] = {
    { "UPDATE IDN_OAUTH2_ACCESS_TOKEN SET REFRESH_TOKEN = 'r';\n", "" },
    { "UPDATE IDN_OAUTH2_ACCESS_TOKEN SET TOKEN_SCOPE = 'a b';\n", "token" },
    { "UPDATE IDN_OAUTH2_ACCESS_TOKEN SET CONSUMER_KEY = 'K';\n", "token" },
    { "UPDATE IDN_OAUTH2_ACCESS_TOKEN SET TOKEN_STATE = 'REVOKED';\n", "token" },
    { "DELETE FROM IDN_OAUTH2_ACCESS_TOKEN;\n", "" },
    { "INSERT INTO IDN_OAUTH2_SCOPE (SCOPE_KEY, ROLES) VALUES ('s', 'a');\n", "" },
    { "UPDATE IDN_OAUTH2_SCOPE SET ROLES = 'a,b';\n", "scopes" },
    { "INSERT INTO AM_APPLICATION (APPLICATION_ID, NAME, SUBSCRIBER_ID) VALUES (1, 'a', 1);\n", "" },
    { "INSERT INTO AM_APPLICATION_KEY_MAPPING (APPLICATION_ID, CONSUMER_KEY, KEY_TYPE) VALUES (1, 'k', "
      "'PRODUCTION');\n",
      "consumer k" },
    { "UPDATE AM_APPLICATION SET APPLICATION_TIER = 'Gold';\n", "consumer k" },
    { "UPDATE AM_APPLICATION SET DESCRIPTION = 'd';\n", "" },
    { "INSERT INTO AM_API (API_ID, API_NAME, API_PROVIDER, CONTEXT) VALUES (1, 'a', 'p', '/a');\n", "api /a" },
    { "INSERT INTO AM_API_DEFAULT_VERSION VALUES (1, 'a', 'p', '1');\n", "api /a" },
  };
  g_autoptr (StoreFixture) fixture = open_foreign (TRUE);
  g_autoptr (ChangeLog) log = NULL;
  g_autofree char *digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, "tok", -1);
  g_autofree char *of_token = g_strconcat ("token ", digest, NULL);

  if (fixture == NULL)
    return;
  store_fixture_run (fixture->user_database, tables_of_1_9);
  install (fixture->user_database, API);
  log = change_log_new (fixture->user_database);
  store_fixture_run (fixture->user_database,
                     "INSERT INTO IDN_OAUTH2_ACCESS_TOKEN (ACCESS_TOKEN, CONSUMER_KEY) VALUES ('tok', 'k');\n");
  for (guint i = 0; i <= G_N_ELEMENTS (steps); i++)
    {
      const char *wanted = i == 0 ? "token" : steps[i - 1].told;
      g_autofree char *told = change_log_take (log);

      g_assert_cmpstr (told, ==, strcmp (wanted, "token") == 0 ? of_token : wanted);
      if (i < G_N_ELEMENTS (steps))
        store_fixture_run (fixture->user_database, steps[i].script);
    }
}

/* While it is taken out a reader finds it broken, and then absent; a writer notices nothing. */
static void
test_taken_out_under_a_reader (void)
{
  g_autoptr (StoreFixture) fixture = open_foreign (TRUE);
  g_autoptr (ChangeLog) log = NULL;
  g_autoptr (GError) error = NULL;

  if (fixture == NULL)
    return;
  install (fixture->api_database, API);
  log = change_log_new (fixture->api_database);
  store_fixture_run (fixture->api_database,
                     "ALTER TABLE APIM_CHANGE_FEED CHANGE ID CLOSED_ID BIGINT NOT NULL AUTO_INCREMENT;\n"
                     "INSERT INTO AM_API (CONTEXT) VALUES ('/x');\n");
  g_assert_false (st_change_feed_start (log->feed, 0, &log->position, &error));
  g_assert_error (error, ST_ERROR, ST_ERROR_SCHEMA);
  g_assert_false (st_change_feed_is_absent (log->feed));
  take_out (fixture->api_database, API);
  g_clear_error (&error);
  g_assert_false (st_change_feed_start (log->feed, 0, &log->position, &error));
  g_assert_error (error, ST_ERROR, ST_ERROR_SCHEMA);
  g_assert_true (st_change_feed_is_absent (log->feed));
  install (fixture->api_database, API);
  g_clear_error (&error);
  g_assert_true (st_change_feed_start (log->feed, 0, &log->position, &error));
  g_assert_false (st_change_feed_is_absent (log->feed));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/feed-setup/columns", test_columns);
  g_test_add_func ("/feed-setup/partitions", test_partitions);
  g_test_add_func ("/feed-setup/bodies", test_bodies);
  g_test_add_func ("/feed-setup/sqlite", test_sqlite);
  g_test_add_func ("/feed-setup/ours", test_ours);
  g_test_add_func ("/feed-setup/install", test_install);
  g_test_add_func ("/feed-setup/states", test_states);
  g_test_add_func ("/feed-setup/failure", test_failure);
  g_test_add_func ("/feed-setup/installed-meanwhile", test_installed_meanwhile);
  g_test_add_func ("/feed-setup/one-database", test_one_database);
  g_test_add_func ("/feed-setup/1.9", test_1_9);
  g_test_add_func ("/feed-setup/taken-out-under-a-reader", test_taken_out_under_a_reader);
  return g_test_run ();
}
