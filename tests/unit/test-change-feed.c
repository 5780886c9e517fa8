/* Reading the change feed: what is told, once, whatever the order of commits, and what is not there any more. */
#include "config.h"

#include "store/st-sql-stores.h"
#include "tests/lib/change-log.h"
#include "tests/lib/store-fixture.h"

#include <string.h>

/* NULL: skipped. */
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

static void
assert_told (ChangeLog *log, const char *expected)
{
  g_autofree char *told = change_log_take (log);

  g_assert_cmpstr (told, ==, expected);
}

/* Writes one change. */
static void
write_change (StTransaction *transaction, const char *subject)
{
  static const StStatement insert = { "INSERT INTO APIM_CHANGE_FEED (KIND, SUBJECT) VALUES ('api', ?)" };
  g_autoptr (GError) error = NULL;
  g_autoptr (StQuery) query = st_transaction_query (transaction, &insert, &error);

  g_assert_no_error (error);
  st_query_bind_text (query, 0, subject);
  g_assert_cmpint (st_query_step (query, &error), ==, ST_END);
}

static StTransaction *
begin (StDatabase *database)
{
  g_autoptr (GError) error = NULL;
  StTransaction *transaction = st_transaction_begin (database, 0, &error);

  g_assert_no_error (error);
  return transaction;
}

static void
commit (StTransaction *transaction)
{
  g_autoptr (GError) error = NULL;

  st_transaction_commit (transaction, &error);
  g_assert_no_error (error);
}

static void
test_empty (gconstpointer mysql)
{
  g_autoptr (StoreFixture) fixture = open_fixture (mysql != NULL);
  g_autoptr (StChangeFeed) feed = NULL;
  g_autoptr (GError) error = NULL;
  gint64 position = -1;

  if (fixture == NULL)
    return;
  feed = st_change_feed_new (fixture->api_database);
  g_assert_true (st_change_feed_start (feed, 0, &position, &error));
  g_assert_no_error (error);
  g_assert_cmpint (position, ==, 0);
  g_assert_true (st_change_feed_covers (feed, ST_SCHEMA_API));
  g_assert_false (st_change_feed_covers (feed, ST_SCHEMA_USER));
}

/* Pages, kinds that nobody knows, subjects that nobody can lower. */
static void
test_read (gconstpointer mysql)
{
  g_autoptr (StoreFixture) fixture = open_fixture (mysql != NULL);
  g_autoptr (ChangeLog) log = NULL;

  if (fixture == NULL)
    return;
  log = change_log_new (fixture->api_database);
  assert_told (log, "");
  for (guint i = 1; i <= 9; i++)
    {
      for (guint k = 0; k < 9; k++)
        store_fixture_run (fixture->api_database, "INSERT INTO APIM_CHANGE_FEED (KIND) VALUES ('roles');\n");
      change_log_read (log, i);
      g_assert_cmpuint (log->lines->len, ==, 9);
      g_ptr_array_set_size (log->lines, 0);
    }
  store_fixture_run (fixture->api_database,
                     "INSERT INTO APIM_CHANGE_FEED (KIND, SUBJECT) VALUES ('from the future', 'x'), ('tenants', NULL),"
                     " ('user', NULL), ('user', '5/\303\204');\n");
  assert_told (log, "everything, tenants, user, user 5/\303\244");
  if (mysql == NULL)
    store_fixture_run (fixture->api_database,
                       "INSERT INTO APIM_CHANGE_FEED (KIND, SUBJECT) VALUES ('user', CAST(x'FF41' AS TEXT));\n");
  assert_told (log, mysql == NULL ? "user" : "");
}

/* Both parts in one database: one feed, and it says so. */
static void
test_both_parts (gconstpointer mysql)
{
  g_autoptr (StoreFixture) fixture = open_fixture (mysql != NULL);
  g_autoptr (ChangeLog) log = NULL;
  g_autoptr (GError) error = NULL;

  if (fixture == NULL)
    return;
  st_schema_migrate (&fixture->api, ST_SCHEMA_USER, &error);
  g_assert_no_error (error);
  log = change_log_new (fixture->api_database);
  g_assert_true (st_change_feed_covers (log->feed, ST_SCHEMA_API));
  g_assert_true (st_change_feed_covers (log->feed, ST_SCHEMA_USER));
  store_fixture_run (fixture->api_database, "INSERT INTO UM_TENANT (UM_DOMAIN_NAME) VALUES ('a.com');\n"
                                            "INSERT INTO AM_API (CONTEXT) VALUES ('/x');\n");
  assert_told (log, "api /x, tenants");
}

/* The first transaction has the lower number and commits last. */
static void
test_late_commit (void)
{
  g_autoptr (StoreFixture) fixture = open_fixture (TRUE);
  g_autoptr (ChangeLog) log = NULL;
  StTransaction *first, *second;

  if (fixture == NULL)
    return;
  log = change_log_new (fixture->api_database);
  first = begin (fixture->api_database);
  write_change (first, "1");
  second = begin (fixture->api_database);
  write_change (second, "2");
  write_change (first, "3");
  commit (second);
  assert_told (log, "api 2");
  g_assert_cmpuint (st_change_feed_gaps (log->feed), ==, 1);
  assert_told (log, "");
  commit (first);
  assert_told (log, "api 1, api 3");
  g_assert_cmpuint (st_change_feed_gaps (log->feed), ==, 0);
  assert_told (log, "");
}

/* Written before the start, committed after it, behind one that was committed before it. */
static void
test_start_in_between (void)
{
  g_autoptr (StoreFixture) fixture = open_fixture (TRUE);
  g_autoptr (ChangeLog) log = NULL;
  StTransaction *first;

  if (fixture == NULL)
    return;
  first = begin (fixture->api_database);
  write_change (first, "1");
  log = change_log_new (fixture->api_database);
  g_assert_cmpuint (st_change_feed_gaps (log->feed), ==, 1);
  commit (first);
  assert_told (log, "api 1");
  g_assert_cmpuint (st_change_feed_gaps (log->feed), ==, 0);
}

/* What is older than any transaction is settled, and no gap below it is waited for. */
static void
test_start_on_old_rows (void)
{
  g_autoptr (StoreFixture) fixture = open_fixture (TRUE);
  g_autoptr (ChangeLog) log = NULL;

  if (fixture == NULL)
    return;
  store_fixture_run (fixture->api_database,
                     "INSERT INTO APIM_CHANGE_FEED (ID, KIND, CREATED_AT) VALUES (10, 'roles', NOW() - INTERVAL 2"
                     " HOUR), (20, 'roles', NOW() - INTERVAL 61 SECOND);\n"
                     "INSERT INTO APIM_CHANGE_FEED (ID, KIND) VALUES (30, 'roles'), (31, 'roles'), (33, 'roles');\n");
  log = change_log_new (fixture->api_database);
  g_assert_cmpuint (st_change_feed_gaps (log->feed), ==, 2); /* 21 to 29, and 32 */
  store_fixture_run (fixture->api_database, "INSERT INTO APIM_CHANGE_FEED (ID, KIND, SUBJECT) VALUES (5, 'api', '5'),"
                                            " (25, 'api', '25'), (32, 'api', '32');\n");
  assert_told (log, "api 25, api 32");
}

static void
test_rollback (void)
{
  g_autoptr (StoreFixture) fixture = open_fixture (TRUE);
  g_autoptr (ChangeLog) log = NULL;
  StTransaction *transaction;

  if (fixture == NULL)
    return;
  log = change_log_new (fixture->api_database);
  transaction = begin (fixture->api_database);
  write_change (transaction, "1");
  store_fixture_run (fixture->api_database, "INSERT INTO APIM_CHANGE_FEED (KIND) VALUES ('roles');\n");
  st_transaction_rollback (transaction);
  assert_told (log, "roles");
  assert_told (log, "");
  g_assert_cmpuint (st_change_feed_gaps (log->feed), ==, 1);
  st_change_feed_set_gap_time (log->feed, 1);
  g_usleep (2000);
  assert_told (log, "");
  g_assert_cmpuint (st_change_feed_gaps (log->feed), ==, 0);
}

/* As on a Galera cluster of three: a gap for every row, more than one page of them, and a late one in the midst. */
static void
test_many_gaps (void)
{
  g_autoptr (StoreFixture) fixture = open_fixture (TRUE);
  g_autoptr (ChangeLog) log = NULL;
  StTransaction *late;

  if (fixture == NULL)
    return;
  log = change_log_new (fixture->api_database);
  late = begin (fixture->api_database);
  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *sql = g_strdup_printf ("INSERT INTO APIM_CHANGE_FEED (ID, KIND, SUBJECT) VALUES (%u, 'api',"
                                              " '%u');\n",
                                              1001 + i * 6000, i);
      g_autoptr (GError) error = NULL;

      st_transaction_script (late, sql, &error);
      g_assert_no_error (error);
    }
  store_fixture_run (fixture->api_database,
                     "INSERT INTO APIM_CHANGE_FEED (ID, KIND) SELECT 1000 + seq, 'roles' FROM seq_3_to_18000_step_3;\n");
  change_log_read (log, 1000);
  g_assert_cmpuint (log->lines->len, ==, 6000);
  g_ptr_array_set_size (log->lines, 0);
  g_assert_cmpuint (st_change_feed_gaps (log->feed), ==, 6000);
  assert_told (log, "");
  commit (late);
  assert_told (log, "api 0, api 1, api 2");
  assert_told (log, "");
}

static void
ignore (StChangeKind kind, const char *subject, gpointer data)
{
}

/* More than are remembered: everything, once, and on from there. */
static void
test_too_many_gaps (void)
{
  g_autoptr (StoreFixture) fixture = open_fixture (TRUE);
  g_autoptr (ChangeLog) log = NULL;
  g_autofree char *sql = NULL;
  g_autoptr (GError) error = NULL;
  guint n;

  if (fixture == NULL)
    return;
  log = change_log_new (fixture->api_database);
  sql = g_strdup_printf ("INSERT INTO APIM_CHANGE_FEED (ID, KIND) SELECT 1000 + seq, 'roles' FROM"
                         " seq_2_to_%u_step_2;\n",
                         2 * ST_CHANGE_FEED_MAX_GAPS + 4);
  store_fixture_run (fixture->api_database, sql);
  /* The gaps are as young as the rows: nothing can be told until they are settled. */
  while (st_change_feed_read (log->feed, &log->position, 5000, 0, ignore, NULL, &n, &error))
    g_assert_cmpuint (n, ==, 5000);
  g_assert_error (error, ST_ERROR, ST_ERROR_UNAVAILABLE);
  store_fixture_run (fixture->api_database,
                     "UPDATE APIM_CHANGE_FEED SET CREATED_AT = NOW() - INTERVAL 61 SECOND;\n");
  assert_told (log, "everything");
  store_fixture_run (fixture->api_database, "INSERT INTO APIM_CHANGE_FEED (KIND) VALUES ('roles');\n");
  assert_told (log, "roles");
}

static void
test_rows_gone (gconstpointer mysql)
{
  g_autoptr (StoreFixture) fixture = open_fixture (mysql != NULL);
  g_autoptr (ChangeLog) log = NULL;

  if (fixture == NULL)
    return;
  log = change_log_new (fixture->api_database);
  store_fixture_run (fixture->api_database, "INSERT INTO APIM_CHANGE_FEED (KIND) VALUES ('roles'), ('tenants');\n"
                                            "DELETE FROM APIM_CHANGE_FEED WHERE KIND = 'roles';\n");
  assert_told (log, "everything"); /* the tenants may not have been all */
  assert_told (log, "");
  store_fixture_run (fixture->api_database, "INSERT INTO APIM_CHANGE_FEED (KIND) VALUES ('scopes');\n");
  assert_told (log, "scopes");
  store_fixture_run (fixture->api_database, "DELETE FROM APIM_CHANGE_FEED;\n");
  assert_told (log, "everything");
  assert_told (log, "");
  store_fixture_run (fixture->api_database, "INSERT INTO APIM_CHANGE_FEED (KIND) VALUES ('scopes');\n");
  assert_told (log, "everything"); /* nothing to hold on to had been left */
  store_fixture_run (fixture->api_database, "INSERT INTO APIM_CHANGE_FEED (KIND) VALUES ('scopes');\n");
  assert_told (log, "scopes");
}

static gint64
count_rows (StDatabase *database)
{
  static const StStatement count = { "SELECT COUNT(*) FROM APIM_CHANGE_FEED" };
  g_autoptr (StQuery) query = st_database_query (database, &count, 0, NULL);

  g_assert_cmpint (st_query_step (query, NULL), ==, ST_ROW);
  return st_query_int64 (query, 0);
}

static void
make_old (StoreFixture *fixture)
{
  store_fixture_run (fixture->api_database,
                     fixture->api.kind == APIM_DATABASE_SQLITE
                         ? "UPDATE APIM_CHANGE_FEED SET CREATED_AT = CREATED_AT - 3600000;\n"
                         : "UPDATE APIM_CHANGE_FEED SET CREATED_AT = CREATED_AT - INTERVAL 1 HOUR;\n");
}

static void
assert_purged (ChangeLog *log, guint limit, guint expected)
{
  g_autoptr (GError) error = NULL;
  guint n;

  st_change_feed_purge (log->feed, ST_CHANGE_FEED_KEEP_MS, limit, 0, &n, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (n, ==, expected);
}

static void
test_purge (gconstpointer mysql)
{
  static const char *const row = "INSERT INTO APIM_CHANGE_FEED (KIND) VALUES ('roles');\n";
  g_autoptr (StoreFixture) fixture = open_fixture (mysql != NULL);
  g_autoptr (ChangeLog) log = NULL;

  if (fixture == NULL)
    return;
  log = change_log_new (fixture->api_database);
  for (guint i = 0; i < 5; i++)
    store_fixture_run (fixture->api_database, row);
  assert_purged (log, 100, 0);
  make_old (fixture);
  assert_told (log, "roles, roles, roles, roles, roles");
  assert_purged (log, 3, 3);
  assert_purged (log, 3, 2);
  assert_purged (log, 3, 0); /* the newest stays, so that numbers go on */
  g_assert_cmpint (count_rows (fixture->api_database), ==, 1);
  assert_told (log, "");
  store_fixture_run (fixture->api_database, row);
  assert_told (log, "roles");
  assert_purged (log, 3, 1);
  g_assert_cmpint (count_rows (fixture->api_database), ==, 1);
  store_fixture_run (fixture->api_database, row);
  assert_told (log, "roles");
}

typedef struct
{
  StDatabase *database;
  guint id;
  GPtrArray *committed; /* of char *, "api ..." */
} Worker;

static gpointer
purge_all (gpointer data)
{
  g_autoptr (StChangeFeed) feed = st_change_feed_new (data);
  g_autoptr (GError) error = NULL;
  guint n;

  for (guint i = 0; i < 200; i++)
    {
      st_change_feed_purge (feed, ST_CHANGE_FEED_KEEP_MS, 20, 0, &n, &error);
      g_assert_no_error (error);
    }
  return NULL;
}

/* Several nodes purge while others write: nobody fails, nothing old is left. */
static void
test_purge_together (void)
{
  g_autoptr (StoreFixture) fixture = open_fixture (TRUE);
  GThread *threads[3];

  if (fixture == NULL)
    return;
  store_fixture_run (fixture->api_database, "INSERT INTO APIM_CHANGE_FEED (KIND, CREATED_AT) SELECT 'roles', NOW() -"
                                            " INTERVAL 1 HOUR FROM seq_1_to_2000;\n");
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("purge", purge_all, fixture->api_database);
  for (guint i = 0; i < 50; i++)
    store_fixture_run (fixture->api_database, "INSERT INTO APIM_CHANGE_FEED (KIND) VALUES ('roles');\n");
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  g_assert_cmpint (count_rows (fixture->api_database), ==, 50);
}

/* Transactions of one to three changes that overlap as they like; one in five is rolled back. */
static gpointer
write_at_random (gpointer data)
{
  Worker *worker = data;
  g_autoptr (GRand) random = g_rand_new_with_seed (worker->id);

  for (guint i = 0; i < 100; i++)
    {
      StTransaction *transaction = begin (worker->database);
      guint n = (guint) g_rand_int_range (random, 1, 4);
      gboolean keep = g_rand_int_range (random, 0, 5) != 0;

      for (guint k = 0; k < n; k++)
        {
          g_autofree char *subject = g_strdup_printf ("%u-%u-%u", worker->id, i, k);

          write_change (transaction, subject);
          g_usleep ((gulong) g_rand_int_range (random, 0, 3000));
          if (keep)
            g_ptr_array_add (worker->committed, g_strconcat ("api ", subject, NULL));
        }
      if (keep)
        commit (transaction);
      else
        st_transaction_rollback (transaction);
    }
  return NULL;
}

/* Every committed change is told exactly once, and no other. */
static void
test_storm (void)
{
  g_autoptr (StoreFixture) fixture = open_fixture (TRUE);
  g_autoptr (ChangeLog) log = NULL;
  g_autoptr (GHashTable) told = g_hash_table_new (g_str_hash, g_str_equal);
  Worker workers[4];
  GThread *threads[G_N_ELEMENTS (workers)];
  guint n = 0;

  if (fixture == NULL)
    return;
  log = change_log_new (fixture->api_database);
  for (guint i = 0; i < G_N_ELEMENTS (workers); i++)
    {
      workers[i] = (Worker){ fixture->api_database, i, g_ptr_array_new_with_free_func (g_free) };
      threads[i] = g_thread_new ("writer", write_at_random, &workers[i]);
    }
  for (guint i = 0; i < 200; i++)
    change_log_read (log, 7);
  for (guint i = 0; i < G_N_ELEMENTS (workers); i++)
    g_thread_join (threads[i]);
  st_change_feed_set_gap_time (log->feed, ST_CHANGE_FEED_GAP_MS);
  g_usleep (600 * 1000); /* the old gaps' turn, should this machine have been slow */
  change_log_read (log, 7);
  for (guint i = 0; i < log->lines->len; i++)
    g_assert_true (g_hash_table_add (told, g_ptr_array_index (log->lines, i)));
  for (guint i = 0; i < G_N_ELEMENTS (workers); i++)
    {
      for (guint k = 0; k < workers[i].committed->len; k++)
        g_assert_true (g_hash_table_contains (told, g_ptr_array_index (workers[i].committed, k)));
      n += workers[i].committed->len;
      g_ptr_array_unref (workers[i].committed);
    }
  g_assert_cmpuint (log->lines->len, ==, n);
}

static void
assert_not_installed (StDatabase *database)
{
  g_autoptr (StChangeFeed) feed = st_change_feed_new (database);
  g_autoptr (GError) error = NULL;
  gint64 position;

  g_assert_false (st_change_feed_start (feed, 0, &position, &error));
  g_assert_error (error, ST_ERROR, ST_ERROR_SCHEMA);
  g_test_message ("%s", error->message);
}

/* As the version before had it: it works, and gets the feed from a migration only. */
static void
test_upgrade (gconstpointer mysql)
{
  g_autoptr (StoreFixture) fixture = open_fixture (mysql != NULL);
  g_autoptr (StKeyStore) keys = NULL;
  g_autoptr (ChangeLog) log = NULL;
  g_autofree char *plan = NULL;
  g_auto (GStrv) steps = NULL;
  g_autoptr (GError) error = NULL;
  StSchemaReport report;
  StToken *token;

  if (fixture == NULL)
    return;
  store_fixture_drop_triggers (fixture->api_database, "APIM_FEED_%");
  store_fixture_run (fixture->api_database, "INSERT INTO AM_API (CONTEXT) VALUES ('/kept');\n"
                                            "DROP TABLE APIM_CHANGE_FEED;\n"
                                            "DELETE FROM APIM_SCHEMA_VERSION WHERE VERSION > 4;\n");
  assert_not_installed (fixture->api_database);
  keys = st_sql_key_store_new (fixture->api_database, TRUE);
  g_assert_true (st_key_store_find_token (keys, "x", 1, 0, &token, &error));
  g_assert_true (st_schema_inspect (fixture->api_database, ST_SCHEMA_API, &report, &error));
  g_assert_cmpint (report.state, ==, ST_SCHEMA_OURS);
  g_assert_cmpuint (report.version, ==, 4);
  g_assert_cmpuint (report.latest, >, 4);
  g_assert_cmpuint (report.needed, ==, 4);
  plan = st_schema_plan (&fixture->api, ST_SCHEMA_API, &error);
  steps = g_strsplit (plan, "\n", -1);
  g_assert_cmpuint (g_strv_length (steps), ==, report.latest - 4 + 1);
  for (guint number = 5; number <= report.latest; number++)
    {
      g_autofree char *step = g_strdup_printf ("apply apim-%04u-", number);

      g_assert_true (g_str_has_prefix (steps[number - 5], step));
    }
  g_assert_true (g_str_has_prefix (steps[0], "apply apim-0005-change-feed to "));
  g_assert_cmpstr (steps[report.latest - 4], ==, "");

  st_schema_migrate (&fixture->api, ST_SCHEMA_API, &error);
  g_assert_no_error (error);
  log = change_log_new (fixture->api_database);
  store_fixture_run (fixture->api_database, "UPDATE AM_API SET CONTEXT = '/moved' WHERE CONTEXT = '/kept';\n");
  assert_told (log, "api /kept, api /moved");
}

/* The version before has the trigger, which says less: the feed works, and it is known what it does not tell. */
static void
test_clients (gconstpointer mysql)
{
  g_autoptr (StoreFixture) fixture = open_fixture (mysql != NULL);
  g_autoptr (GError) error = NULL;
  gint64 position;

  if (fixture == NULL)
    return;
  {
    g_autoptr (StChangeFeed) feed = st_change_feed_new (fixture->api_database);

    g_assert_false (st_change_feed_tells_clients (feed));
    st_change_feed_start (feed, 0, &position, &error);
    g_assert_no_error (error);
    g_assert_true (st_change_feed_tells_clients (feed));
  }
  store_fixture_drop_triggers (fixture->api_database, "APIM_FEED_IDN_OAUTH_CONSUMER_APPS_UPDATE");
  store_fixture_run (fixture->api_database,
                     mysql != NULL ? "CREATE TRIGGER APIM_FEED_IDN_OAUTH_CONSUMER_APPS_UPDATE AFTER UPDATE ON"
                                     " IDN_OAUTH_CONSUMER_APPS FOR EACH ROW\nBEGIN\nEND;\n"
                                   : "CREATE TRIGGER APIM_FEED_IDN_OAUTH_CONSUMER_APPS_UPDATE AFTER UPDATE ON"
                                     " IDN_OAUTH_CONSUMER_APPS\nBEGIN\n  SELECT 1;\nEND;\n");
  {
    g_autoptr (StChangeFeed) feed = st_change_feed_new (fixture->api_database);

    st_change_feed_start (feed, 0, &position, &error);
    g_assert_no_error (error);
    g_assert_true (st_change_feed_covers (feed, ST_SCHEMA_API));
    g_assert_false (st_change_feed_tells_clients (feed));
  }
}

/* A dump that was restored without its triggers must not look like a feed in which nothing happens. */
static void
test_lost_triggers (gconstpointer mysql)
{
  g_autoptr (StoreFixture) fixture = open_fixture (mysql != NULL);

  if (fixture == NULL)
    return;
  store_fixture_drop_triggers (fixture->user_database, "APIM_FEED_UM_USER_DELETE");
  assert_not_installed (fixture->user_database);
  store_fixture_drop_triggers (fixture->user_database, "APIM_FEED_%");
  assert_not_installed (fixture->user_database);
}

/* A database that is away is an error, and where nothing was missed it goes on. */
static void
test_error (void)
{
  g_autoptr (StoreFixture) fixture = open_fixture (FALSE);
  g_autoptr (ChangeLog) log = change_log_new (fixture->api_database);
  g_autoptr (GError) error = NULL;
  gint64 position = log->position;
  guint n;

  g_assert_false (st_change_feed_read (log->feed, &position, 10, g_get_monotonic_time () - 1, NULL, NULL, &n, &error));
  g_assert_error (error, ST_ERROR, ST_ERROR_TIMEOUT);
  g_assert_cmpuint (n, ==, 0);
  g_assert_cmpint (position, ==, log->position);
  store_fixture_run (fixture->api_database, "INSERT INTO APIM_CHANGE_FEED (KIND) VALUES ('roles');\n");
  assert_told (log, "roles");
}

static void
test_digest (void)
{
#define HEX "0123456789abcdef0123456789ABCDEF0123456789abcdef0123456789abcdef"
  static const struct
  {
    const char *subject;
    gboolean found;
  } cases[] = {
    { HEX, TRUE },
    { "{\"hash\":\"" HEX "\",\"algorithm\":\"SHA-256\"}", TRUE },
    { "{\"algorithm\":\"SHA-256\",\"hash\":\"" HEX "\"}", TRUE },
    { "", FALSE },
    { "{", FALSE },
    { "{\"hash\":\"", FALSE },
    { HEX "0", FALSE },
    { HEX "\"", FALSE },
    { "0123456789abcdef", FALSE },
    { "g123456789abcdef0123456789ABCDEF0123456789abcdef0123456789abcdef", FALSE },
    { "{\"hash\":\"" HEX "0\"}", FALSE },
    { "{\"hash\":\"" HEX, FALSE },
    { "\"hash\":\"" HEX "\"", FALSE },
    { "{\"algorithm\":\"SHA-256\"}", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      char hex[65] = "";

      g_test_message ("%s", cases[i].subject);
      g_assert_cmpint (st_change_token_digest (cases[i].subject, hex), ==, cases[i].found);
      if (cases[i].found)
        g_assert_cmpstr (hex, ==, "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
    }
}

static void
add_both (const char *name, GTestDataFunc test)
{
  g_autofree char *sqlite = g_strdup_printf ("/change-feed/sqlite/%s", name);
  g_autofree char *mysql = g_strdup_printf ("/change-feed/mariadb/%s", name);

  g_test_add_data_func (sqlite, NULL, test);
  g_test_add_data_func (mysql, GINT_TO_POINTER (TRUE), test);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_both ("empty", test_empty);
  add_both ("read", test_read);
  add_both ("both-parts", test_both_parts);
  add_both ("rows-gone", test_rows_gone);
  add_both ("purge", test_purge);
  add_both ("upgrade", test_upgrade);
  add_both ("lost-triggers", test_lost_triggers);
  add_both ("clients", test_clients);
  g_test_add_func ("/change-feed/sqlite/error", test_error);
  g_test_add_func ("/change-feed/mariadb/late-commit", test_late_commit);
  g_test_add_func ("/change-feed/mariadb/start-in-between", test_start_in_between);
  g_test_add_func ("/change-feed/mariadb/start-on-old-rows", test_start_on_old_rows);
  g_test_add_func ("/change-feed/mariadb/rollback", test_rollback);
  g_test_add_func ("/change-feed/mariadb/many-gaps", test_many_gaps);
  g_test_add_func ("/change-feed/mariadb/too-many-gaps", test_too_many_gaps);
  g_test_add_func ("/change-feed/mariadb/purge-together", test_purge_together);
  g_test_add_func ("/change-feed/mariadb/storm", test_storm);
  g_test_add_func ("/change-feed/token-digest", test_digest);
  return g_test_run ();
}
