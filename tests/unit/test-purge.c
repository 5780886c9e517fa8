/* Which tokens and codes a purge deletes and which it must not, on SQLite, on MariaDB, and on the shape of 1.9. */
#include "config.h"

#include "store/st-purge.h"
#include "tests/lib/store-fixture.h"

#include <string.h>

#define NOW_MS G_GINT64_CONSTANT (1700000000000)
#define HOUR_MS G_GINT64_CONSTANT (3600000)
#define DAY_MS (24 * HOUR_MS)
#define NEVER "9223372036854775807"

/* Ages in hours; validities in hours, or as SQL. The purge is for 30 days = 720 hours. */
static const struct
{
  const char *id;
  const char *state;
  gint created_h;
  const char *validity;
  const char *refresh;        /* SQL: the refresh token */
  gint refreshed_h;
  const char *refresh_validity;
  gboolean dead;
} tokens[] = {
  { "active", "ACTIVE", 1, "3600000", "'r'", 1, "3600000", FALSE },
  { "revoked-young", "REVOKED", 719, "3600000", "'r'", 719, "3600000", FALSE },
  { "revoked-old", "REVOKED", 721, "3600000", "'r'", 721, "-1", TRUE },
  { "inactive-old", "INACTIVE", 721, "-1", "'r'", 721, "3600000", TRUE },
  { "blocked-old", "BLOCKED", 9000, "3600000", "NULL", 9000, "3600000", FALSE },
  { "expired-refresh-over", "EXPIRED", 800, "3600000", "'r'", 800, "3600000", TRUE },
  { "expired-refresh-good", "EXPIRED", 9000, "3600000", "'r'", 9000, "32400000000", FALSE },
  { "expired-refresh-renewed", "EXPIRED", 9000, "3600000", "'r'", 700, "3600000", FALSE },
  { "expired-refresh-never", "EXPIRED", 9000, "3600000", "'r'", 9000, "-1", FALSE },
  { "expired-refresh-unknown", "EXPIRED", 9000, "3600000", "'r'", 9000, "NULL", FALSE },
  { "expired-no-refresh", "EXPIRED", 721, "3600000", "NULL", 721, "NULL", TRUE },
  { "expired-no-refresh-young", "EXPIRED", 719, "3600000", "NULL", 719, "NULL", FALSE },
  { "active-over", "ACTIVE", 800, "3600000", "'r'", 800, "3600000", TRUE },
  { "active-over-young", "ACTIVE", 720, "3600000", "'r'", 720, "3600000", FALSE },
  { "active-over-refresh-good", "ACTIVE", 800, "3600000", "'r'", 800, "2592000000", FALSE },
  { "active-never", "ACTIVE", 9000, "-1", "NULL", 9000, "NULL", FALSE },
  { "active-never-of-1-x", "ACTIVE", 9000, NEVER, "NULL", 9000, NEVER, FALSE },
  { "active-unknown", "ACTIVE", 9000, "NULL", "NULL", 9000, "NULL", FALSE },
};

static const struct
{
  const char *id;
  const char *state;
  gint created_h;
  const char *validity;
  gboolean dead;
} codes[] = {
  { "code-active", "ACTIVE", 1, "300000", FALSE },
  { "code-used", "INACTIVE", 721, "300000", TRUE },
  { "code-used-young", "INACTIVE", 719, "300000", FALSE },
  { "code-over", "ACTIVE", 800, "300000", TRUE },
  { "code-unknown", "ACTIVE", 800, "NULL", FALSE },
};

static const StPurgeOptions options = { .older_than_days = 30, .batch = 3 };

static StoreFixture *
open_fixture (gboolean mysql)
{
  StoreFixture *fixture;

  if (mysql && store_fixture_mysql_socket () == NULL)
    {
      g_test_skip ("needs a MariaDB: tools/check starts one");
      return NULL;
    }
  fixture = mysql ? store_fixture_mysql (store_fixture_mysql_socket (), "utf8mb4") : store_fixture_sqlite ();
  store_fixture_open (fixture);
  return fixture;
}

/* As the database stores the moment @hours before NOW_MS. */
static char *
time_text (const StoreFixture *fixture, gint hours)
{
  gint64 ms = NOW_MS - hours * HOUR_MS;

  return fixture->api.kind == APIM_DATABASE_SQLITE ? g_strdup_printf ("%" G_GINT64_FORMAT, ms)
                                                   : g_strdup_printf ("FROM_UNIXTIME(%" G_GINT64_FORMAT ")", ms / 1000);
}

static void
add_tokens (StoreFixture *fixture, const char *table, const char *scopes)
{
  g_autoptr (GString) script = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (tokens); i++)
    {
      g_autofree char *created = time_text (fixture, tokens[i].created_h);
      g_autofree char *refreshed = time_text (fixture, tokens[i].refreshed_h);

      g_string_append_printf (
          script,
          "INSERT INTO %s (TOKEN_ID, ACCESS_TOKEN, REFRESH_TOKEN, TOKEN_STATE, TOKEN_STATE_ID, TIME_CREATED,"
          " VALIDITY_PERIOD, REFRESH_TOKEN_TIME_CREATED, REFRESH_TOKEN_VALIDITY_PERIOD) VALUES ('%s', 'a',"
          " %s, '%s', '%s', %s, %s, %s, %s);\n"
          "INSERT INTO %s (TOKEN_ID, TOKEN_SCOPE) VALUES ('%s', 's'), ('%s', 't');\n",
          table, tokens[i].id, tokens[i].refresh, tokens[i].state, tokens[i].id, created, tokens[i].validity, refreshed,
          tokens[i].refresh_validity, scopes, tokens[i].id, tokens[i].id);
    }
  store_fixture_run (fixture->api_database, script->str);
}

static void
add_codes (StoreFixture *fixture)
{
  g_autoptr (GString) script = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    {
      g_autofree char *created = time_text (fixture, codes[i].created_h);

      g_string_append_printf (
          script,
          "INSERT INTO IDN_OAUTH2_AUTHORIZATION_CODE (CODE_ID, STATE, TIME_CREATED, VALIDITY_PERIOD) VALUES"
          " ('%s', '%s', %s, %s);\n",
          codes[i].id, codes[i].state, created, codes[i].validity);
    }
  store_fixture_run (fixture->api_database, script->str);
}

/* Sorted, joined. */
static char *
read_ids (StDatabase *database, const char *sql)
{
  const StStatement statement = { sql, NULL };
  g_autoptr (GString) ids = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  StQuery *query = st_database_query (database, &statement, 0, &error);

  g_assert_no_error (error);
  while (st_query_step (query, &error) == ST_ROW)
    g_string_append_printf (ids, "%s ", st_query_text (query, 0));
  g_assert_no_error (error);
  st_query_free (query);
  return g_strdup (ids->str);
}

/* A database of its own each time: statements are known by their address, and this one's is on the stack. */
static void
assert_ids (StoreFixture *fixture, const char *sql, const char *const *wanted)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (StDatabase) database = st_database_open (&fixture->api, &fixture->limits, &error);
  g_autofree char *ids = NULL;
  g_autofree char *expected = g_strjoinv (" ", (char **) wanted);
  g_autofree char *with_end = g_strconcat (expected, *expected != '\0' ? " " : "", NULL);

  g_assert_no_error (error);
  ids = read_ids (database, sql);
  g_assert_cmpstr (ids, ==, with_end);
}

static gint
compare (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* The ids of the tokens that are dead, or are not; sorted, NULL-terminated; borrowed texts. */
static GPtrArray *
token_ids (gboolean dead)
{
  GPtrArray *ids = g_ptr_array_new ();

  for (guint i = 0; i < G_N_ELEMENTS (tokens); i++)
    if (tokens[i].dead == dead)
      g_ptr_array_add (ids, (gpointer) tokens[i].id);
  g_ptr_array_sort (ids, compare);
  g_ptr_array_add (ids, NULL);
  return ids;
}

static guint
count_dead (void)
{
  g_autoptr (GPtrArray) dead = token_ids (TRUE);

  return dead->len - 1;
}

static StPurgeResult
purge (StoreFixture *fixture, const StPurgeOptions *how, StPurgeProgress progress, gpointer data)
{
  g_autoptr (GError) error = NULL;
  StPurgeResult result;

  st_purge (&fixture->api, how, NOW_MS, progress, data, &result, &error);
  g_assert_no_error (error);
  return result;
}

static void
test_rows (gconstpointer mysql)
{
  static const char *const codes_left[] = { "code-active", "code-unknown", "code-used-young", NULL };
  g_autoptr (StoreFixture) fixture = open_fixture (mysql != NULL);
  g_autoptr (GPtrArray) dead = token_ids (TRUE);
  g_autoptr (GPtrArray) alive = token_ids (FALSE);
  StPurgeOptions dry = options;
  StPurgeResult result;

  if (fixture == NULL)
    return;
  add_tokens (fixture, "IDN_OAUTH2_ACCESS_TOKEN", "IDN_OAUTH2_ACCESS_TOKEN_SCOPE");
  add_codes (fixture);
  dry.dry_run = TRUE;
  result = purge (fixture, &dry, NULL, NULL);
  g_assert_cmpuint (result.tokens, ==, count_dead ());
  g_assert_cmpuint (result.codes, ==, 2);
  g_assert_true (result.finished);
  result = purge (fixture, &options, NULL, NULL);
  g_assert_cmpuint (result.tokens, ==, count_dead ());
  g_assert_cmpuint (result.audited, ==, count_dead ());
  g_assert_cmpuint (result.codes, ==, 2);
  g_assert_cmpuint (result.kept, ==, 0);
  assert_ids (fixture, "SELECT TOKEN_ID FROM IDN_OAUTH2_ACCESS_TOKEN ORDER BY TOKEN_ID",
              (const char *const *)alive->pdata);
  assert_ids (fixture, "SELECT DISTINCT TOKEN_ID FROM IDN_OAUTH2_ACCESS_TOKEN_SCOPE ORDER BY TOKEN_ID",
              (const char *const *) alive->pdata);
  assert_ids (
      fixture,
      "SELECT TOKEN_ID FROM IDN_OAUTH2_ACCESS_TOKEN_AUDIT WHERE INVALIDATED_TIME IS NOT NULL AND TOKEN_STATE IS NOT"
      " NULL AND TIME_CREATED IS NOT NULL ORDER BY TOKEN_ID",
      (const char *const *)dead->pdata);
  assert_ids (fixture, "SELECT CODE_ID FROM IDN_OAUTH2_AUTHORIZATION_CODE ORDER BY CODE_ID", codes_left);
  result = purge (fixture, &options, NULL, NULL);
  g_assert_cmpuint (result.tokens + result.codes, ==, 0);
}

static gboolean
stop_at_once (const StPurgeResult *result, gpointer data)
{
  ++*(guint *) data;
  return FALSE;
}

/* Each call goes on with what is left. */
static void
test_resume (gconstpointer mysql)
{
  g_autoptr (StoreFixture) fixture = open_fixture (mysql != NULL);
  guint64 tokens_gone = 0;
  guint calls = 0, runs = 0;
  StPurgeResult result = { .finished = FALSE };

  if (fixture == NULL)
    return;
  add_tokens (fixture, "IDN_OAUTH2_ACCESS_TOKEN", "IDN_OAUTH2_ACCESS_TOKEN_SCOPE");
  do
    {
      result = purge (fixture, &options, stop_at_once, &calls);
      g_assert_cmpuint (result.tokens, <=, options.batch);
      tokens_gone += result.tokens;
      runs++;
    }
  while (result.tokens > 0);
  g_assert_cmpuint (tokens_gone, ==, count_dead ());
  g_assert_cmpuint (calls, ==, runs);
}

/* More rows than a window has. */
static void
test_windows (gconstpointer mysql)
{
  g_autoptr (StoreFixture) fixture = open_fixture (mysql != NULL);
  g_autofree char *script = NULL;
  g_autofree char *old = NULL;
  StPurgeOptions how = options;
  StPurgeResult result;

  if (fixture == NULL)
    return;
  old = time_text (fixture, 9000);
  script = g_strdup_printf (
      "INSERT INTO IDN_OAUTH2_ACCESS_TOKEN (TOKEN_ID, TOKEN_STATE, TOKEN_STATE_ID, TIME_CREATED) WITH"
      " RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 6001) SELECT i, CASE WHEN"
      " i %% 3 = 0 THEN 'REVOKED' ELSE 'ACTIVE' END, i, %s FROM n;\n",
      old);
  if (mysql != NULL)
    store_fixture_run (fixture->api_database, "SET SESSION max_recursive_iterations = 10000;\n");
  store_fixture_run (fixture->api_database, script);
  how.batch = 500;
  result = purge (fixture, &how, NULL, NULL);
  g_assert_cmpuint (result.tokens, ==, 2000);
  assert_ids (fixture, "SELECT COUNT(*) FROM IDN_OAUTH2_ACCESS_TOKEN", (const char *const[]){ "4001", NULL });
}

/* A row that something else needs stays; the others of its batch go. */
static void
test_referred_to (gconstpointer mysql)
{
  g_autoptr (StoreFixture) fixture = open_fixture (mysql != NULL);
  StPurgeResult result;

  if (fixture == NULL)
    return;
  add_tokens (fixture, "IDN_OAUTH2_ACCESS_TOKEN", "IDN_OAUTH2_ACCESS_TOKEN_SCOPE");
  store_fixture_run (fixture->api_database,
                     "CREATE TABLE NEEDS_TOKEN (TOKEN_ID VARCHAR(255), FOREIGN KEY (TOKEN_ID) REFERENCES"
                     " IDN_OAUTH2_ACCESS_TOKEN (TOKEN_ID));\n"
                     "INSERT INTO NEEDS_TOKEN VALUES ('inactive-old');\n");
  result = purge (fixture, &options, NULL, NULL);
  g_assert_cmpuint (result.kept, ==, 1);
  g_assert_cmpuint (result.tokens, ==, count_dead () - 1);
  g_assert_cmpuint (result.audited, ==, count_dead () - 1);
  assert_ids (fixture, "SELECT COUNT(*) FROM IDN_OAUTH2_ACCESS_TOKEN_SCOPE WHERE TOKEN_ID = 'inactive-old'",
              (const char *const[]){ "2", NULL });
}

/* Partitions, before there was an audit table. */
static void
test_partitions (void)
{
  g_autoptr (StoreFixture) fixture = open_fixture (TRUE);
  g_autoptr (GPtrArray) alive = token_ids (FALSE);
  StPurgeResult result;

  if (fixture == NULL)
    return;
  store_fixture_run (fixture->api_database, "DROP TABLE IDN_OAUTH2_ACCESS_TOKEN_AUDIT;\n"
                                            "CREATE TABLE IDN_OAUTH2_ACCESS_TOKEN_B LIKE IDN_OAUTH2_ACCESS_TOKEN;\n"
                                            "CREATE TABLE IDN_OAUTH2_ACCESS_TOKEN_SCOPE_B LIKE"
                                            " IDN_OAUTH2_ACCESS_TOKEN_SCOPE;\n"
                                            "CREATE TABLE IDN_OAUTH2_ACCESS_TOKEN_COPY (ACCESS_TOKEN TEXT);\n");
  add_tokens (fixture, "IDN_OAUTH2_ACCESS_TOKEN_B", "IDN_OAUTH2_ACCESS_TOKEN_SCOPE_B");
  result = purge (fixture, &options, NULL, NULL);
  g_assert_cmpuint (result.tokens, ==, count_dead ());
  g_assert_cmpuint (result.audited, ==, 0);
  assert_ids (fixture, "SELECT DISTINCT TOKEN_ID FROM IDN_OAUTH2_ACCESS_TOKEN_SCOPE_B ORDER BY TOKEN_ID",
              (const char *const *) alive->pdata);
}

/* 1.9 does not say how long refresh tokens live, so they all may be in use. Zero dates are as old as can be. */
static void
test_1_9 (void)
{
  g_autoptr (StoreFixture) fixture = open_fixture (TRUE);
  g_autoptr (GError) error = NULL;
  g_autofree char *old = NULL;
  g_autofree char *script = NULL;
  StPurgeResult result;

  if (fixture == NULL)
    return;
  old = time_text (fixture, 9000);
  script = g_strdup_printf (
      "SET SESSION sql_mode = '';\n"
      "CREATE TABLE AM_SUBSCRIBER (SUBSCRIBER_ID INTEGER);\n"
      "CREATE TABLE IDN_OAUTH2_ACCESS_TOKEN (ACCESS_TOKEN VARCHAR(255) PRIMARY KEY, REFRESH_TOKEN VARCHAR(255), "
      "CONSUMER_KEY"
      " VARCHAR(255), TIME_CREATED TIMESTAMP NOT NULL DEFAULT 0, VALIDITY_PERIOD BIGINT, TOKEN_STATE VARCHAR(25)) "
      "ENGINE=InnoDB;\n"
      "INSERT INTO IDN_OAUTH2_ACCESS_TOKEN VALUES ('a', NULL, 'k', %s, 1000, 'EXPIRED'), ('b', 'r', 'k', %s, 1000, "
      "'EXPIRED'),"
      " ('c', 'r', 'k', %s, 1000, 'REVOKED'), ('d', NULL, 'k', %s, 1000, 'ACTIVE'), ('e', NULL, 'k', %s, -1, 'ACTIVE'),"
      " ('f', NULL, 'k', 0, 1000, 'INACTIVE');\n"
      "CREATE TABLE IDN_OAUTH2_AUTHORIZATION_CODE (AUTHORIZATION_CODE VARCHAR(255) PRIMARY KEY, TIME_CREATED TIMESTAMP "
      "NOT NULL"
      " DEFAULT 0, VALIDITY_PERIOD BIGINT);\n"
      "INSERT INTO IDN_OAUTH2_AUTHORIZATION_CODE VALUES ('x', %s, 300000), ('y', %s, -1);\n",
      old, old, old, old, old, old, old);
  store_fixture_run (fixture->user_database, script);
  st_purge (&fixture->users, &options, NOW_MS, NULL, NULL, &result, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (result.tokens, ==, 4);
  g_assert_cmpuint (result.codes, ==, 1);
  fixture->api.database = fixture->user_schema; /* where assert_ids() looks */
  assert_ids (fixture, "SELECT ACCESS_TOKEN FROM IDN_OAUTH2_ACCESS_TOKEN ORDER BY ACCESS_TOKEN",
              (const char *const[]){ "b", "e", NULL });
  fixture->api.database = fixture->api_schema;
}

/* A purge is told to leave it to the one that is at work. */
static gboolean
purge_inside (const StPurgeResult *result, gpointer data)
{
  StoreFixture *fixture = data;
  g_autoptr (GError) error = NULL;
  StPurgeResult inner;

  g_assert_false (st_purge (&fixture->api, &options, NOW_MS, NULL, NULL, &inner, &error));
  g_assert_error (error, ST_ERROR, ST_ERROR_CONFLICT);
  g_assert_cmpuint (inner.tokens, ==, 0);
  return TRUE;
}

static void
test_one_at_a_time (void)
{
  g_autoptr (StoreFixture) fixture = open_fixture (TRUE);
  StPurgeResult result;

  if (fixture == NULL)
    return;
  add_tokens (fixture, "IDN_OAUTH2_ACCESS_TOKEN", "IDN_OAUTH2_ACCESS_TOKEN_SCOPE");
  result = purge (fixture, &options, purge_inside, fixture);
  g_assert_cmpuint (result.tokens, ==, count_dead ());
  g_assert_true (result.finished);
}

/* Between finding a token and deleting it somebody has renewed it. */
static gboolean
renew (const StPurgeResult *result, gpointer data)
{
  StoreFixture *fixture = data;
  g_autofree char *now = time_text (fixture, 0);
  g_autofree char *script
      = g_strdup_printf ("UPDATE IDN_OAUTH2_ACCESS_TOKEN SET TOKEN_STATE = 'ACTIVE', TIME_CREATED = %s;\n", now);

  store_fixture_run (fixture->api_database, script);
  return TRUE;
}

static void
test_renewed_meanwhile (gconstpointer mysql)
{
  g_autoptr (StoreFixture) fixture = open_fixture (mysql != NULL);
  StPurgeResult result;

  if (fixture == NULL)
    return;
  add_tokens (fixture, "IDN_OAUTH2_ACCESS_TOKEN", "IDN_OAUTH2_ACCESS_TOKEN_SCOPE");
  result = purge (fixture, &options, renew, fixture);
  g_assert_cmpuint (result.tokens, ==, options.batch);
}

static void
test_wrong_database (void)
{
  g_autoptr (StoreFixture) fixture = store_fixture_sqlite ();
  g_autoptr (GError) error = NULL;
  StPurgeResult result;

  store_fixture_open (fixture);
  g_assert_false (st_purge (&fixture->users, &options, NOW_MS, NULL, NULL, &result, &error));
  g_assert_error (error, ST_ERROR, ST_ERROR_SCHEMA);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *name;
    GTestDataFunc test;
  } tests[] = {
    { "rows", test_rows },
    { "resume", test_resume },
    { "windows", test_windows },
    { "referred-to", test_referred_to },
    { "renewed-meanwhile", test_renewed_meanwhile },
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *sqlite = g_strconcat ("/purge/sqlite/", tests[i].name, NULL);
      g_autofree char *mariadb = g_strconcat ("/purge/mariadb/", tests[i].name, NULL);

      g_test_add_data_func (sqlite, NULL, tests[i].test);
      g_test_add_data_func (mariadb, "mariadb", tests[i].test);
    }
  g_test_add_func ("/purge/mariadb/partitions", test_partitions);
  g_test_add_func ("/purge/mariadb/1.9", test_1_9);
  g_test_add_func ("/purge/mariadb/one-at-a-time", test_one_at_a_time);
  g_test_add_func ("/purge/wrong-database", test_wrong_database);
  return g_test_run ();
}
