/* StCheck on worlds that are broken in one way each: the finding is there, and gone when the world is repaired. */
#include "config.h"

#include "store/st-check.h"
#include "tests/lib/store-fixture.h"

#include <sqlite3.h>
#include <string.h>

#define SQLITE 1
#define MYSQL 2
#define BOTH 3

#define EXACT "utf8mb4 COLLATE utf8mb4_bin"
#define FOLDING "latin1 COLLATE latin1_swedish_ci"

/* Nothing is wrong with these. */
static const char api_world[]
    = "INSERT INTO AM_SUBSCRIBER (SUBSCRIBER_ID, USER_ID, TENANT_ID) VALUES (1, 'alice', -1234), (2, 'dave', 1);\n"
      "INSERT INTO AM_APPLICATION (APPLICATION_ID, NAME, SUBSCRIBER_ID, APPLICATION_TIER, TOKEN_TYPE) VALUES"
      " (1, 'App', 1, '50PerMin', 'DEFAULT');\n"
      "INSERT INTO AM_API (API_ID, API_PROVIDER, API_NAME, API_VERSION, CONTEXT, API_TIER) VALUES"
      " (1, 'admin', 'Weather', '1', '/weather/1', 'Unlimited'), (2, 'dave', 'Orders', '1', '/t/Example.com/orders/1', "
      "NULL);\n"
      "INSERT INTO AM_API_URL_MAPPING (URL_MAPPING_ID, API_ID, HTTP_METHOD, AUTH_SCHEME, URL_PATTERN) VALUES"
      " (1, 1, 'GET', 'Any', '/*');\n"
      "INSERT INTO AM_POLICY_SUBSCRIPTION (NAME, TENANT_ID, QUOTA_TYPE, QUOTA, UNIT_TIME, TIME_UNIT, "
      "STOP_ON_QUOTA_REACH,"
      " BILLING_PLAN) VALUES ('TenantGold', 1, 'requestCount', 10, 1, 'min', 1, 'FREE');\n"
      "INSERT INTO AM_SUBSCRIPTION (SUBSCRIPTION_ID, TIER_ID, API_ID, APPLICATION_ID, SUB_STATUS, SUBS_CREATE_STATE) "
      "VALUES"
      " (1, 'Gold', 1, 1, 'UNBLOCKED', 'SUBSCRIBE'), (2, 'TenantGold', 2, 1, 'UNBLOCKED', 'SUBSCRIBE'),"
      " (3, 'Gold', 1, 1, 'BLOCKED', 'UN_SUBSCRIBE');\n"
      "INSERT INTO IDN_OAUTH_CONSUMER_APPS (ID, CONSUMER_KEY, CONSUMER_SECRET) VALUES (1, 'key', 'x');\n"
      "INSERT INTO AM_APPLICATION_KEY_MAPPING (APPLICATION_ID, CONSUMER_KEY, KEY_TYPE, STATE) VALUES"
      " (1, 'key', 'PRODUCTION', 'COMPLETED');\n"
      "INSERT INTO IDN_OAUTH2_SCOPE (SCOPE_ID, NAME, DISPLAY_NAME) VALUES (1, 'read', 'Read');\n"
      "INSERT INTO IDN_OAUTH2_SCOPE_BINDING (SCOPE_ID, SCOPE_BINDING) VALUES (1, 'admin');\n"
      "INSERT INTO IDN_OAUTH2_RESOURCE_SCOPE (RESOURCE_PATH, SCOPE_ID) VALUES ('/weather/1/1/*:GET', 1);\n"
      "INSERT INTO IDN_OAUTH2_ACCESS_TOKEN (TOKEN_ID, ACCESS_TOKEN, ACCESS_TOKEN_HASH, CONSUMER_KEY_ID, AUTHZ_USER, "
      "TENANT_ID,"
      " TOKEN_STATE) VALUES ('id-1', 'tok', 'hash', 1, 'alice', -1234, 'ACTIVE');\n";
static const char user_world[]
    = "INSERT INTO UM_TENANT (UM_ID, UM_DOMAIN_NAME, UM_ACTIVE) VALUES (1, 'example.com', 1);\n"
      "INSERT INTO UM_USER (UM_ID, UM_USER_NAME, UM_USER_PASSWORD, UM_TENANT_ID) VALUES (1, 'alice', 'x', -1234);\n";

typedef struct
{
  const char *code;
  StCheckSeverity severity;
  guint kinds; /* of databases */
  gboolean users;
  const char *damage;
  const char *repair;
  const char *text; /* part of what is told */
} Case;

#define SUBSCRIPTION                                                                                                   \
  "INSERT INTO AM_SUBSCRIPTION (SUBSCRIPTION_ID, TIER_ID, API_ID, APPLICATION_ID, SUB_STATUS) VALUES "
#define UNSUBSCRIBE "DELETE FROM AM_SUBSCRIPTION WHERE SUBSCRIPTION_ID > 3;\n"
#define KEY "INSERT INTO AM_APPLICATION_KEY_MAPPING (APPLICATION_ID, CONSUMER_KEY, KEY_TYPE, STATE) VALUES "
#define TOKEN                                                                                                          \
  "INSERT INTO IDN_OAUTH2_ACCESS_TOKEN (TOKEN_ID, ACCESS_TOKEN, ACCESS_TOKEN_HASH, CONSUMER_KEY_ID, AUTHZ_USER, "      \
  "TENANT_ID) VALUES "
#define NO_TOKEN "DELETE FROM IDN_OAUTH2_ACCESS_TOKEN WHERE TOKEN_ID <> 'id-1';\n"
#define API "INSERT INTO AM_API (API_ID, API_PROVIDER, API_NAME, API_VERSION, CONTEXT, API_TIER) VALUES "
#define NO_API "DELETE FROM AM_API WHERE API_ID > 2;\n"

static const Case cases[] = {
  { "subscription-orphan", ST_CHECK_WARNING, BOTH, FALSE, SUBSCRIPTION "(98, 'Gold', 77, 1, 'UNBLOCKED');\n",
    UNSUBSCRIBE, "does not exist: 1 (SUBSCRIPTION_ID 98)" },
  { "subscription-orphan", ST_CHECK_WARNING, BOTH, FALSE,
    SUBSCRIPTION
    "(91, 'Gold', 1, 71, 'B'), (92, 'Gold', 1, 72, 'B'), (93, 'Gold', 1, 73, 'B'), (94, 'Gold', 1, 74, 'B'),"
    " (95, 'Gold', 1, 75, 'B'), (96, 'Gold', 1, 76, 'B');\n",
    UNSUBSCRIBE, "does not exist: 6 (SUBSCRIPTION_ID 91, 92, 93, 94, 95 and more)" },
  { "application-orphan", ST_CHECK_WARNING, BOTH, FALSE,
    "INSERT INTO AM_APPLICATION (APPLICATION_ID, NAME, SUBSCRIBER_ID) VALUES (9, 'Lost', 55);\n",
    "DELETE FROM AM_APPLICATION WHERE APPLICATION_ID = 9;\n", "(APPLICATION_ID 9)" },
  { "key-orphan", ST_CHECK_WARNING, BOTH, FALSE, KEY "(9, NULL, 'PRODUCTION', 'CREATED');\n",
    "DELETE FROM AM_APPLICATION_KEY_MAPPING WHERE APPLICATION_ID = 9;\n", "9 PRODUCTION" },
  { "key-without-client", ST_CHECK_WARNING, BOTH, FALSE, KEY "(1, 'gone', 'SANDBOX', 'COMPLETED');\n",
    "DELETE FROM AM_APPLICATION_KEY_MAPPING WHERE KEY_TYPE = 'SANDBOX';\n", "1 SANDBOX" },
  { "key-shared", ST_CHECK_WARNING, BOTH, FALSE, KEY "(1, 'key', 'SANDBOX', 'COMPLETED');\n",
    "DELETE FROM AM_APPLICATION_KEY_MAPPING WHERE KEY_TYPE = 'SANDBOX';\n", "first APPLICATION_ID 1" },
  { "subscription-status", ST_CHECK_WARNING, BOTH, FALSE, SUBSCRIPTION "(9, 'TenantGold', 2, 9, NULL);\n", UNSUBSCRIBE,
    "SUBSCRIPTION_ID 9" },
  { "subscription-duplicate", ST_CHECK_WARNING, BOTH, FALSE, SUBSCRIPTION "(9, 'Gold', 1, 1, 'BLOCKED');\n",
    UNSUBSCRIBE, "more than once: 1 (first SUBSCRIPTION_ID 1)" },
  { "context-duplicate", ST_CHECK_WARNING, BOTH, FALSE, API "(9, 'eve', 'Weather', '2', '/weather/1', NULL);\n", NO_API,
    "CONTEXT /weather/1" },
  { "scope-orphan", ST_CHECK_WARNING, BOTH, FALSE,
    "INSERT INTO IDN_OAUTH2_RESOURCE_SCOPE (RESOURCE_PATH, SCOPE_ID) VALUES ('/lost:GET', 66);\n",
    "DELETE FROM IDN_OAUTH2_RESOURCE_SCOPE WHERE SCOPE_ID = 66;\n", "/lost:GET" },
  { "scope-without-roles", ST_CHECK_NOTE, BOTH, FALSE, "UPDATE IDN_OAUTH2_SCOPE_BINDING SET SCOPE_BINDING = ' ';\n",
    "UPDATE IDN_OAUTH2_SCOPE_BINDING SET SCOPE_BINDING = 'admin';\n", "NAME read" },
  { "resource-scheme", ST_CHECK_WARNING, BOTH, FALSE, "UPDATE AM_API_URL_MAPPING SET AUTH_SCHEME = NULL;\n",
    "UPDATE AM_API_URL_MAPPING SET AUTH_SCHEME = 'Any';\n", "URL_MAPPING_ID 1" },
  { "jwt-application", ST_CHECK_NOTE, BOTH, FALSE, "UPDATE AM_APPLICATION SET TOKEN_TYPE = 'JWT';\n",
    "UPDATE AM_APPLICATION SET TOKEN_TYPE = NULL;\n", "APPLICATION_ID 1" },
  { "token-orphan", ST_CHECK_WARNING, BOTH, FALSE, TOKEN "('id-9', 'lost-token', 'h', 99, 'alice', -1234);\n", NO_TOKEN,
    "TOKEN_ID id-9" },
  { "token-tenant", ST_CHECK_WARNING, BOTH, FALSE, TOKEN "('id-9', 'strange-token', 'h', 1, 'eve', 42);\n", NO_TOKEN,
    "42 (1)" },
  { "subscriber-tenant", ST_CHECK_WARNING, BOTH, FALSE,
    "INSERT INTO AM_SUBSCRIBER (SUBSCRIBER_ID, USER_ID, TENANT_ID) VALUES (9, 'eve', 43);\n",
    "DELETE FROM AM_SUBSCRIBER WHERE SUBSCRIBER_ID = 9;\n", "43 (1)" },
  { "token-without-hash", ST_CHECK_NOTE, BOTH, FALSE, TOKEN "('id-9', 'old-token', NULL, 1, 'alice', -1234);\n",
    NO_TOKEN, "ACCESS_TOKEN_HASH: 1" },
  { "partitions", ST_CHECK_NOTE, BOTH, FALSE,
    "CREATE TABLE IDN_OAUTH2_ACCESS_TOKEN_A (ACCESS_TOKEN_HASH VARCHAR(512));\n",
    "DROP TABLE IDN_OAUTH2_ACCESS_TOKEN_A;\n", "IDN_OAUTH2_ACCESS_TOKEN_A" },
  { "index-missing", ST_CHECK_WARNING, BOTH, FALSE,
    "CREATE TABLE IDN_OAUTH2_ACCESS_TOKEN_A (ACCESS_TOKEN_HASH VARCHAR(512));\n",
    "DROP TABLE IDN_OAUTH2_ACCESS_TOKEN_A;\n", "IDN_OAUTH2_ACCESS_TOKEN_A has no index" },
  { "index-missing", ST_CHECK_WARNING, SQLITE, FALSE, "DROP INDEX IDX_ATH;\n",
    "CREATE INDEX IDX_ATH ON IDN_OAUTH2_ACCESS_TOKEN (ACCESS_TOKEN_HASH);\n",
    "no index that begins with ACCESS_TOKEN_HASH" },
  { "index-missing", ST_CHECK_WARNING, MYSQL, FALSE, "DROP INDEX IDX_ATH ON IDN_OAUTH2_ACCESS_TOKEN;\n",
    "CREATE INDEX IDX_ATH ON IDN_OAUTH2_ACCESS_TOKEN (ACCESS_TOKEN_HASH);\n",
    "no index that begins with ACCESS_TOKEN_HASH" },
  { "index-missing", ST_CHECK_WARNING, MYSQL, FALSE, "DROP INDEX IDX_APIM_API_CONTEXT ON AM_API;\n",
    "CREATE INDEX IDX_APIM_API_CONTEXT ON AM_API (CONTEXT);\n", "AM_API (about" },
  { "index-missing", ST_CHECK_NOTE, MYSQL, FALSE, "DROP INDEX IDX_APIM_RTH ON IDN_OAUTH2_ACCESS_TOKEN;\n",
    "CREATE INDEX IDX_APIM_RTH ON IDN_OAUTH2_ACCESS_TOKEN (REFRESH_TOKEN_HASH);\n", "REFRESH_TOKEN_HASH" },
  { "policy-missing", ST_CHECK_WARNING, BOTH, FALSE, SUBSCRIPTION "(9, 'Platinum', 1, 9, 'UNBLOCKED');\n", UNSUBSCRIBE,
    "Platinum of tenant -1234: 1, first SUBSCRIPTION_ID 9" },
  { "policy-missing", ST_CHECK_WARNING, BOTH, FALSE, SUBSCRIPTION "(9, 'Gold', 2, 9, 'UNBLOCKED');\n", UNSUBSCRIBE,
    "Gold of tenant 1: 1" },
  { "policy-missing", ST_CHECK_WARNING, BOTH, FALSE, SUBSCRIPTION "(9, NULL, 1, 9, 'UNBLOCKED');\n", UNSUBSCRIBE,
    "NULL of tenant -1234" },
  { "policy-none", ST_CHECK_ERROR, BOTH, FALSE,
    "CREATE TABLE KEPT AS SELECT * FROM AM_POLICY_SUBSCRIPTION;\nDELETE FROM AM_POLICY_SUBSCRIPTION;\n",
    "INSERT INTO AM_POLICY_SUBSCRIPTION SELECT * FROM KEPT;\nDROP TABLE KEPT;\n", "AM_POLICY_SUBSCRIPTION is empty" },
  { "policy-default", ST_CHECK_NOTE, BOTH, FALSE,
    "UPDATE AM_POLICY_APPLICATION SET NAME = 'Mine' WHERE NAME = '20PerMin';\n",
    "UPDATE AM_POLICY_APPLICATION SET NAME = '20PerMin' WHERE NAME = 'Mine';\n", "carbon.super: 20PerMin" },
  { "application-policy-missing", ST_CHECK_NOTE, BOTH, FALSE, "UPDATE AM_APPLICATION SET APPLICATION_TIER = 'Huge';\n",
    "UPDATE AM_APPLICATION SET APPLICATION_TIER = '50PerMin';\n", "Huge of tenant -1234" },
  { "api-policy-missing", ST_CHECK_NOTE, BOTH, FALSE, "UPDATE AM_API SET API_TIER = 'Huge' WHERE API_ID = 1;\n",
    "UPDATE AM_API SET API_TIER = 'Unlimited' WHERE API_ID = 1;\n", "first API_ID 1" },
  { "context-tenant", ST_CHECK_WARNING, BOTH, FALSE,
    API "(9, 'eve', 'Lost', '1', '/t/nowhere.org/lost/1', NULL);\n" SUBSCRIPTION "(9, 'Gold', 9, 1, 'UNBLOCKED');\n",
    UNSUBSCRIBE NO_API, "nowhere.org" },
  { "time-future", ST_CHECK_ERROR, SQLITE, FALSE,
    TOKEN
    "('id-9', 'early-token', 'h', 1, 'alice', -1234);\nUPDATE IDN_OAUTH2_ACCESS_TOKEN SET TIME_CREATED = 2100000000000"
    " WHERE TOKEN_ID = 'id-9';\n",
    NO_TOKEN, "under either reading" },
  { "time-future", ST_CHECK_ERROR, MYSQL, FALSE,
    TOKEN
    "('id-9', 'early-token', 'h', 1, 'alice', -1234);\nUPDATE IDN_OAUTH2_ACCESS_TOKEN SET TIME_CREATED = '2037-01-01'"
    " WHERE TOKEN_ID = 'id-9';\n",
    NO_TOKEN, "under either reading" },
  { "engine", ST_CHECK_WARNING, MYSQL, FALSE, "ALTER TABLE IDN_BASE_TABLE ENGINE=MyISAM;\n",
    "ALTER TABLE IDN_BASE_TABLE ENGINE=InnoDB;\n", "IDN_BASE_TABLE (MyISAM)" },
  { "half-created", ST_CHECK_ERROR, BOTH, FALSE, "ALTER TABLE AM_API_DEFAULT_VERSION RENAME TO AWAY;\n",
    "ALTER TABLE AWAY RENAME TO AM_API_DEFAULT_VERSION;\n", "are missing: 1 (AM_API_DEFAULT_VERSION)" },
  { "table-missing", ST_CHECK_WARNING, BOTH, FALSE, "ALTER TABLE AM_WORKFLOWS RENAME TO AWAY;\n",
    "ALTER TABLE AWAY RENAME TO AM_WORKFLOWS;\n", "AM_WORKFLOWS" },
  { "table-names", ST_CHECK_ERROR, MYSQL, FALSE, "ALTER TABLE AM_WORKFLOWS RENAME TO am_workflows;\n",
    "ALTER TABLE am_workflows RENAME TO AM_WORKFLOWS;\n", "am_workflows" },
  { "mixture", ST_CHECK_WARNING, BOTH, FALSE, "ALTER TABLE AM_LABELS RENAME TO AWAY;\n",
    "ALTER TABLE AWAY RENAME TO AM_LABELS;\n", "AM_* between 2.2 and 2.5, IDN_* 2.6" },
  { "too-new", ST_CHECK_WARNING, BOTH, FALSE, "CREATE TABLE AM_SYSTEM_APPS (ID INTEGER);\n",
    "DROP TABLE AM_SYSTEM_APPS;\n", "newer" },
  { "scope-column", ST_CHECK_NOTE, BOTH, FALSE,
    "ALTER TABLE IDN_OAUTH2_ACCESS_TOKEN ADD COLUMN TOKEN_SCOPE VARCHAR(767);\n",
    "ALTER TABLE IDN_OAUTH2_ACCESS_TOKEN DROP COLUMN TOKEN_SCOPE;\n", "TOKEN_SCOPE" },
  { "look-up-failed", ST_CHECK_ERROR, BOTH, FALSE,
    "ALTER TABLE AM_API_URL_MAPPING RENAME COLUMN URL_PATTERN TO AWAY;\n",
    "ALTER TABLE AM_API_URL_MAPPING RENAME COLUMN AWAY TO URL_PATTERN;\n",
    "the look-up of a resource does not run here" },
  { "not-checked", ST_CHECK_WARNING, BOTH, FALSE, "ALTER TABLE AM_API_URL_MAPPING RENAME COLUMN AUTH_SCHEME TO AWAY;\n",
    "ALTER TABLE AM_API_URL_MAPPING RENAME COLUMN AWAY TO AUTH_SCHEME;\n",
    "resources without AUTH_SCHEME could not be checked: " },
  { "on-update", ST_CHECK_NOTE, MYSQL, FALSE,
    "ALTER TABLE AM_API MODIFY CREATED_TIME TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE "
    "CURRENT_TIMESTAMP;\n",
    "ALTER TABLE AM_API MODIFY CREATED_TIME TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP;\n", "AM_API.CREATED_TIME" },
  { "on-update", ST_CHECK_WARNING, MYSQL, FALSE,
    "ALTER TABLE IDN_OAUTH2_ACCESS_TOKEN MODIFY TIME_CREATED TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE"
    " CURRENT_TIMESTAMP;\n",
    "ALTER TABLE IDN_OAUTH2_ACCESS_TOKEN MODIFY TIME_CREATED TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP;\n",
    "IDN_OAUTH2_ACCESS_TOKEN.TIME_CREATED" },
  { "collation", ST_CHECK_NOTE, MYSQL, FALSE,
    "ALTER TABLE IDN_OAUTH2_ACCESS_TOKEN MODIFY ACCESS_TOKEN VARCHAR(2048) CHARACTER SET latin1 COLLATE "
    "latin1_swedish_ci;\n",
    "ALTER TABLE IDN_OAUTH2_ACCESS_TOKEN MODIFY ACCESS_TOKEN VARCHAR(2048) CHARACTER SET utf8mb4 COLLATE "
    "utf8mb4_bin;\n",
    "ACCESS_TOKEN (latin1_swedish_ci)" },
  { "schema-old", ST_CHECK_WARNING, BOTH, FALSE,
    "UPDATE APIM_SCHEMA_VERSION SET PART = 'off' WHERE PART = 'api' AND VERSION > 4;\n",
    "UPDATE APIM_SCHEMA_VERSION SET PART = 'api' WHERE PART = 'off';\n", "version 4 of the schema" },
  { "schema-old", ST_CHECK_ERROR, BOTH, FALSE,
    "UPDATE APIM_SCHEMA_VERSION SET PART = 'off' WHERE PART = 'api' AND VERSION > 3;\n",
    "UPDATE APIM_SCHEMA_VERSION SET PART = 'api' WHERE PART = 'off';\n", "version 3 of the schema" },
  { "schema-new", ST_CHECK_ERROR, BOTH, FALSE, "INSERT INTO APIM_SCHEMA_VERSION (PART, VERSION) VALUES ('api', 999);\n",
    "DELETE FROM APIM_SCHEMA_VERSION WHERE VERSION = 999;\n", "version 999" },
  { "domain-missing", ST_CHECK_WARNING, BOTH, TRUE,
    "UPDATE UM_DOMAIN SET UM_DOMAIN_NAME = 'AWAY' WHERE UM_DOMAIN_NAME = 'PRIMARY';\n",
    "UPDATE UM_DOMAIN SET UM_DOMAIN_NAME = 'PRIMARY' WHERE UM_DOMAIN_NAME = 'AWAY';\n", "PRIMARY" },
  { "member-orphan", ST_CHECK_WARNING, BOTH, TRUE,
    "INSERT INTO UM_HYBRID_USER_ROLE (UM_ID, UM_USER_NAME, UM_ROLE_ID, UM_TENANT_ID, UM_DOMAIN_ID) VALUES (9, 'alice', "
    "1, -1234,"
    " 88);\n",
    "DELETE FROM UM_HYBRID_USER_ROLE WHERE UM_ID = 9;\n", "UM_ID 9" },
  { "user-orphan", ST_CHECK_NOTE, BOTH, TRUE,
    "INSERT INTO UM_USER (UM_ID, UM_USER_NAME, UM_USER_PASSWORD, UM_TENANT_ID) VALUES (9, 'lost', 'x', 44);\n",
    "DELETE FROM UM_USER WHERE UM_ID = 9;\n", "1 (lost)" },
  { "tenant-inactive", ST_CHECK_NOTE, BOTH, TRUE, "UPDATE UM_TENANT SET UM_ACTIVE = 0;\n",
    "UPDATE UM_TENANT SET UM_ACTIVE = 1;\n", "example.com" },
  { "user-none", ST_CHECK_WARNING, BOTH, TRUE, "UPDATE UM_USER SET UM_TENANT_ID = -1234;\nDELETE FROM UM_USER;\n",
    "INSERT INTO UM_USER (UM_ID, UM_USER_NAME, UM_USER_PASSWORD, UM_TENANT_ID) VALUES (1, 'alice', 'x', -1234);\n",
    "no users" },
  { "user-source", ST_CHECK_ERROR, BOTH, TRUE,
    "DELETE FROM UM_USER;\nCREATE TABLE REG_RESOURCE (REG_VERSION INTEGER);\nINSERT INTO REG_RESOURCE VALUES (1);\n",
    "INSERT INTO UM_USER (UM_ID, UM_USER_NAME, UM_USER_PASSWORD, UM_TENANT_ID) VALUES (1, 'alice', 'x', -1234);\n"
    "DROP TABLE REG_RESOURCE;\n",
    "looks like regdb" },
};

static StCheckSettings
settings_of (const StoreFixture *fixture)
{
  return (StCheckSettings){
    .timeout_ms = 5000,
    .node_timeout_ms = 5000,
    .cache_max_age_ms = 1000,
    .skew_ms = 300000,
    .advanced_throttling = TRUE,
    .user_store = &fixture->settings,
    .target = "--home /srv/km",
  };
}

/* Runs statements as a careless administrator would: without foreign keys. */
static void
run_free (StDatabase *database, const ApimDataSource *source, const char *script)
{
  if (source->kind == APIM_DATABASE_MYSQL)
    {
      g_autofree char *whole
          = g_strconcat ("SET foreign_key_checks = 0;\n", script, "SET foreign_key_checks = 1;\n", NULL);

      store_fixture_run (database, whole);
      return;
    }
  sqlite3 *handle;
  char *message = NULL;
  g_assert_cmpint (sqlite3_open (source->path, &handle), ==, SQLITE_OK);
  /* A table that is renamed keeps its name in the keys and triggers of others. */
  sqlite3_exec (handle, "PRAGMA legacy_alter_table = ON", NULL, NULL, NULL);
  sqlite3_exec (handle, script, NULL, NULL, &message);
  g_assert_cmpstr (message, ==, NULL);
  sqlite3_close (handle);
}

static const StCheckFinding *
find (StCheck *check, const char *code)
{
  const GPtrArray *findings = st_check_findings (check);

  for (guint i = 0; i < findings->len; i++)
    {
      const StCheckFinding *finding = g_ptr_array_index (findings, i);

      if (strcmp (finding->code, code) == 0)
        return finding;
    }
  return NULL;
}

/* A finding of @code whose text holds @text. */
static const StCheckFinding *
find_text (StCheck *check, const char *code, const char *text)
{
  const GPtrArray *findings = st_check_findings (check);

  for (guint i = 0; i < findings->len; i++)
    {
      const StCheckFinding *finding = g_ptr_array_index (findings, i);

      if (strcmp (finding->code, code) == 0 && strstr (finding->text, text) != NULL)
        return finding;
    }
  return NULL;
}

static StCheck *
check_with (StoreFixture *fixture, const StCheckSettings *settings)
{
  StCheck *check = st_check_new (settings);

  st_check_run (check, fixture->api_database, fixture->user_database);
  return check;
}

static void
assert_healthy (StoreFixture *fixture)
{
  StCheckSettings settings = settings_of (fixture);
  g_autoptr (StCheck) check = check_with (fixture, &settings);
  const StCheckFinding *worst = g_ptr_array_index (st_check_findings (check), 0);

  if (worst->severity != ST_CHECK_OK)
    g_error ("%s: %s", worst->code, worst->text);
  g_assert_false (st_check_failed (check));
  g_assert_nonnull (find_text (check, "generation", "2.6"));
  g_assert_nonnull (find (check, "look-ups"));
  g_assert_nonnull (find (check, "change-feed"));
  g_assert_nonnull (find (check, "server"));
}

/* Whoever reads a finding at night is told why it matters and what to do; and is told no token. */
static void
assert_useful (const StCheckFinding *finding)
{
  g_assert_cmpstr (finding->why, !=, NULL);
  g_assert_cmpstr (finding->action, !=, NULL);
  g_assert_null (strstr (finding->text, "-token"));
}

static void
try_case (StoreFixture *fixture, const Case *broken)
{
  StCheckSettings settings = settings_of (fixture);
  StDatabase *database = broken->users ? fixture->user_database : fixture->api_database;
  const ApimDataSource *source = broken->users ? &fixture->users : &fixture->api;
  g_autoptr (StCheck) damaged = NULL;
  g_autoptr (StCheck) repaired = NULL;
  const StCheckFinding *finding;

  g_test_message ("%s", broken->code);
  run_free (database, source, broken->damage);
  damaged = check_with (fixture, &settings);
  finding = find_text (damaged, broken->code, broken->text);
  if (finding == NULL)
    g_error ("%s was not found; instead: %s", broken->code,
             find (damaged, broken->code) != NULL ? find (damaged, broken->code)->text : "nothing");
  g_assert_cmpint (finding->severity, ==, broken->severity);
  g_assert_cmpint (finding->part, ==, broken->users ? ST_SCHEMA_USER : ST_SCHEMA_API);
  g_assert_true (broken->severity != ST_CHECK_ERROR || st_check_failed (damaged));
  assert_useful (finding);

  run_free (database, source, broken->repair);
  repaired = check_with (fixture, &settings);
  finding = find_text (repaired, broken->code, broken->text);
  g_assert_null (finding);
}

static void
try_cases (StoreFixture *fixture, guint kind)
{
  store_fixture_open (fixture);
  store_fixture_run (fixture->api_database, api_world);
  store_fixture_run (fixture->user_database, user_world);
  assert_healthy (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    if ((cases[i].kinds & kind) != 0)
      try_case (fixture, &cases[i]);
  assert_healthy (fixture);
}

static StoreFixture *
mysql_or_skip (const char *charset)
{
  const char *socket = store_fixture_mysql_socket ();

  if (socket != NULL)
    return store_fixture_mysql (socket, charset);
  g_test_skip ("needs a MariaDB: tests/lib/mariadb-scratch starts one");
  return NULL;
}

static void
test_cases_sqlite (void)
{
  g_autoptr (StoreFixture) fixture = store_fixture_sqlite ();

  try_cases (fixture, SQLITE);
}

static void
test_cases_mysql (void)
{
  g_autoptr (StoreFixture) fixture = mysql_or_skip (EXACT);

  if (fixture != NULL)
    try_cases (fixture, MYSQL);
}

/* A default of WSO2's installations: every key column folds case. */
static void
test_collation (void)
{
  g_autoptr (StoreFixture) fixture = mysql_or_skip (FOLDING);
  StCheckSettings settings;
  g_autoptr (StCheck) check = NULL;

  if (fixture == NULL)
    return;
  settings = settings_of (fixture);
  store_fixture_open (fixture);
  store_fixture_run (fixture->api_database, api_world);
  store_fixture_run (fixture->user_database, user_world);
  /* The names of policies match without case there. */
  store_fixture_run (fixture->api_database, "UPDATE AM_SUBSCRIPTION SET TIER_ID = 'gold' WHERE TIER_ID = 'Gold';\n");
  check = check_with (fixture, &settings);
  g_assert_nonnull (find_text (check, "collation", "case: 5 ("));
  g_assert_nonnull (find_text (check, "charset", "latin1_swedish_ci"));
  g_assert_null (find (check, "policy-missing"));
  g_assert_false (st_check_failed (check));
}

static void
test_no_feed (void)
{
  g_autoptr (StoreFixture) fixture = store_fixture_sqlite ();
  StCheckSettings settings = settings_of (fixture);
  g_autoptr (StCheck) check = NULL;
  const StCheckFinding *finding;

  store_fixture_open (fixture);
  store_fixture_drop_triggers (fixture->api_database, "APIM_FEED_%");
  check = check_with (fixture, &settings);
  finding = find_text (check, "change-feed", "up to 1000 ms");
  g_assert_nonnull (finding);
  g_assert_cmpint (finding->severity, ==, ST_CHECK_NOTE);
  g_assert_nonnull (strstr (finding->action, "apimctl db feed install --home /srv/km"));
}

/* What the configuration says changes what is found. */
static void
test_settings (void)
{
  g_autoptr (StoreFixture) fixture = store_fixture_sqlite ();
  StCheckSettings settings = settings_of (fixture);
  g_autoptr (StCheck) off = NULL, expected = NULL, left_over = NULL;

  store_fixture_open (fixture);
  store_fixture_run (fixture->user_database, user_world);
  store_fixture_run (fixture->api_database, api_world);
  store_fixture_run (fixture->api_database, "UPDATE AM_SUBSCRIPTION SET TIER_ID = 'Platinum';\n");
  settings.advanced_throttling = FALSE;
  settings.partitions = ST_CHECK_PARTITIONS_ON;
  off = check_with (fixture, &settings);
  g_assert_null (find (off, "policy-missing"));
  g_assert_nonnull (find (off, "throttling"));
  g_assert_nonnull (find_text (off, "partitions", "there are no partitioned"));

  store_fixture_run (fixture->api_database, "CREATE TABLE IDN_OAUTH2_ACCESS_TOKEN_B (ACCESS_TOKEN_HASH TEXT);\n");
  expected = check_with (fixture, &settings);
  g_assert_cmpint (find (expected, "partitions")->severity, ==, ST_CHECK_NOTE);
  settings.partitions = ST_CHECK_PARTITIONS_OFF;
  left_over = check_with (fixture, &settings);
  g_assert_cmpint (find (left_over, "partitions")->severity, ==, ST_CHECK_WARNING);
}

/* Without the user database nothing is guessed of its tenants. */
static void
test_without_users (void)
{
  g_autoptr (StoreFixture) fixture = store_fixture_sqlite ();
  StCheckSettings settings = settings_of (fixture);
  g_autoptr (StCheck) check = st_check_new (&settings);

  store_fixture_open (fixture);
  store_fixture_run (fixture->api_database, api_world);
  st_check_run (check, fixture->api_database, NULL);
  g_assert_nonnull (find (check, "tenants-unknown"));
  g_assert_null (find (check, "token-tenant"));
  g_assert_null (find (check, "context-tenant"));
  g_assert_null (find (check, "policy-missing"));
  g_assert_false (st_check_result (check, ST_SCHEMA_USER)->checked);
  g_assert_false (st_check_failed (check));
}

/* More bad rows than are counted, and more tokens without a hash than can be read each time. */
static void
test_many (void)
{
  g_autoptr (StoreFixture) fixture = store_fixture_sqlite ();
  StCheckSettings settings = settings_of (fixture);
  g_autoptr (StCheck) check = NULL;
  const StCheckFinding *finding;

  store_fixture_open (fixture);
  run_free (fixture->api_database, &fixture->api,
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12000) INSERT INTO"
            " IDN_OAUTH2_ACCESS_TOKEN (TOKEN_ID, ACCESS_TOKEN, CONSUMER_KEY_ID, TENANT_ID, TOKEN_STATE_ID)"
            " SELECT 'id-' || i, 'many-' || i, 7, -1234, i FROM n;\n");
  check = check_with (fixture, &settings);
  g_assert_nonnull (find_text (check, "token-orphan", "at least 1000"));
  finding = find_text (check, "token-without-hash", "12000");
  g_assert_nonnull (finding);
  g_assert_cmpint (finding->severity, ==, ST_CHECK_WARNING);
  g_assert_nonnull (strstr (finding->action, "CREATE INDEX"));
}

/* What cannot be asked in time is told, and the rest is asked. */
static void
test_slow (void)
{
  g_autoptr (StoreFixture) fixture = mysql_or_skip (EXACT);
  g_autoptr (GError) error = NULL;
  StCheckSettings settings;
  StTransaction *lock;
  g_autoptr (StCheck) check = NULL;

  if (fixture == NULL)
    return;
  store_fixture_open (fixture);
  settings = settings_of (fixture);
  settings.timeout_ms = 300;
  settings.node_timeout_ms = 100;
  lock = st_transaction_begin (fixture->api_database, 0, &error);
  g_assert_no_error (error);
  g_assert_true (st_transaction_script (lock, "LOCK TABLES IDN_OAUTH2_ACCESS_TOKEN WRITE;\n", &error));
  check = check_with (fixture, &settings);
  g_assert_nonnull (find_text (check, "look-up-slow", "the look-up of a token took over "));
  g_assert_nonnull (find_text (check, "not-checked", "the clients of tokens could not be checked: "));
  g_assert_nonnull (strstr (find (check, "not-checked")->action, "--timeout"));
  g_assert_nonnull (find (check, "tenants"));
  g_assert_true (st_transaction_script (lock, "UNLOCK TABLES;\n", &error));
  st_transaction_rollback (lock);
}

static void
assert_only (StoreFixture *fixture, StDatabase *api, const char *code, const char *text)
{
  StCheckSettings settings = settings_of (fixture);
  g_autoptr (StCheck) check = st_check_new (&settings);

  st_check_run (check, api, NULL);
  g_assert_cmpuint (st_check_findings (check)->len, ==, 1);
  g_assert_nonnull (find_text (check, code, text));
  g_assert_true (st_check_failed (check));
  assert_useful (find (check, code));
}

/* Not a database of the product: one finding, and no trouble with what is not there. */
static void
try_strange (StoreFixture *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (StDatabase) database = st_database_open (&fixture->api, &fixture->limits, &error);

  g_assert_no_error (error);
  assert_only (fixture, database, "empty", "the API Manager database is empty");
  if (fixture->api.kind == APIM_DATABASE_SQLITE)
    g_assert_true (g_file_set_contents (fixture->api.path, "", 0, NULL));
  store_fixture_run (database, "CREATE TABLE mine (id INTEGER);\n");
  assert_only (fixture, database, "foreign", "tables of something else");
  store_fixture_run (database, "CREATE TABLE AM_API (API_ID INTEGER);\n");
  assert_only (fixture, database, "half-created", "are missing: 10 (AM_API_DEFAULT_VERSION, ");
  store_fixture_run (database, "CREATE TABLE UM_USER (UM_ID INTEGER);\nDROP TABLE AM_API;\n");
  assert_only (fixture, database, "part-missing", "lacks the tables of the API Manager part");
}

static void
test_strange_sqlite (void)
{
  g_autoptr (StoreFixture) fixture = store_fixture_sqlite ();

  try_strange (fixture);
}

static void
test_strange_mysql (void)
{
  g_autoptr (StoreFixture) fixture = mysql_or_skip (EXACT);

  if (fixture != NULL)
    try_strange (fixture);
}

static void
test_unreachable (void)
{
  g_autoptr (StoreFixture) fixture = store_fixture_sqlite ();
  g_autoptr (GError) error = NULL;
  ApimDataSource nowhere = { .jndi_name = (char *)"jdbc/x",
                             .kind = APIM_DATABASE_MYSQL,
                             .user = (char *)"x",
                             .database = (char *)"x",
                             .max_active = 2,
                             .max_wait_ms = 1000 };
  g_autofree char *socket = g_build_filename (fixture->folder, "no.sock", NULL);
  g_autoptr (StDatabase) database = NULL;

  nowhere.unix_socket = socket;
  database = st_database_open (&nowhere, &fixture->limits, &error);
  g_assert_no_error (error);
  assert_only (fixture, database, "unreachable", "cannot be used: could not connect");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/store-check/cases/sqlite", test_cases_sqlite);
  g_test_add_func ("/store-check/cases/mysql", test_cases_mysql);
  g_test_add_func ("/store-check/collation", test_collation);
  g_test_add_func ("/store-check/no-feed", test_no_feed);
  g_test_add_func ("/store-check/settings", test_settings);
  g_test_add_func ("/store-check/without-users", test_without_users);
  g_test_add_func ("/store-check/many", test_many);
  g_test_add_func ("/store-check/slow", test_slow);
  g_test_add_func ("/store-check/strange/sqlite", test_strange_sqlite);
  g_test_add_func ("/store-check/strange/mysql", test_strange_mysql);
  g_test_add_func ("/store-check/unreachable", test_unreachable);
  return g_test_run ();
}
