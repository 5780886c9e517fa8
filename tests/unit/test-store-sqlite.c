/* What only SQLite can do to us: files that are missing, unreadable, damaged or busy; and the pool's behaviour, which
 * needs no server. */
#include "config.h"

#include "store/st-schema.h"
#include "store/st-sql-stores.h"
#include "tests/lib/store-fixture.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOBODY 65534

static gint64
in_ms (gint64 ms)
{
  return g_get_monotonic_time () + ms * 1000;
}

static void
assert_fails (StDatabase *database, StError code, const char *text)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (st_database_ping (database, 0, &error));
  g_assert_error (error, ST_ERROR, (gint) code);
  g_assert_nonnull (strstr (error->message, text));
}

/* The message says what to do, nothing is made, and the same database works once the file is there. */
static void
test_missing_file (void)
{
  g_autoptr (StoreFixture) fixture = store_fixture_sqlite ();
  g_autoptr (GError) error = NULL;

  fixture->api_database = st_database_open (&fixture->api, &fixture->limits, &error);
  g_assert_no_error (error);
  assert_fails (fixture->api_database, ST_ERROR_UNAVAILABLE, fixture->api.path);
  assert_fails (fixture->api_database, ST_ERROR_UNAVAILABLE, "apimctl node init");
  g_assert_null (st_transaction_begin (fixture->api_database, 0, &error));
  g_assert_error (error, ST_ERROR, ST_ERROR_UNAVAILABLE);
  g_clear_error (&error);
  g_assert_false (g_file_test (fixture->api.path, G_FILE_TEST_EXISTS));
  st_schema_migrate (&fixture->api, ST_SCHEMA_API, &error);
  g_assert_no_error (error);
  g_assert_true (st_database_ping (fixture->api_database, 0, &error));
  g_assert_no_error (error);
}

static void
test_not_ours (void)
{
  g_autoptr (StoreFixture) fixture = store_fixture_sqlite ();
  g_autoptr (StKeyStore) keys = NULL;
  g_autoptr (StUserStore) users = NULL;
  g_autoptr (GError) error = NULL;
  StToken *token;
  StUser *user;

  g_file_set_contents (fixture->api.path, "", 0, NULL);
  fixture->api_database = st_database_open (&fixture->api, &fixture->limits, NULL);
  keys = st_sql_key_store_new (fixture->api_database, TRUE);
  users = st_sql_user_store_new (fixture->api_database, &fixture->settings);
  g_assert_false (st_key_store_find_token (keys, "x", 1, 0, &token, &error));
  g_assert_error (error, ST_ERROR, ST_ERROR_SCHEMA);
  g_clear_error (&error);
  g_assert_false (st_user_store_find_user (users, -1234, "x", 0, &user, &error));
  g_assert_error (error, ST_ERROR, ST_ERROR_SCHEMA);
  g_clear_error (&error);
  st_schema_migrate (&fixture->api, ST_SCHEMA_API, &error);
  g_assert_no_error (error);
  g_assert_true (st_key_store_find_token (keys, "x", 1, 0, &token, &error)); /* looked at again */
  g_assert_no_error (error);
  g_assert_null (token);
}

static void
test_garbage (void)
{
  g_autoptr (StoreFixture) fixture = store_fixture_sqlite ();
  g_autofree char *garbage = g_strnfill (8192, 'g');

  g_file_set_contents (fixture->api.path, garbage, 8192, NULL);
  fixture->api_database = st_database_open (&fixture->api, &fixture->limits, NULL);
  assert_fails (fixture->api_database, ST_ERROR_SCHEMA, "is not a SQLite database");
}

/* Every page but the first is overwritten. */
static void
test_damaged (void)
{
  g_autoptr (StoreFixture) fixture = store_fixture_sqlite ();
  g_autoptr (StKeyStore) keys = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *contents = NULL;
  gsize length;
  StToken *token;

  store_fixture_open (fixture);
  g_clear_pointer (&fixture->api_database, st_database_free);
  g_assert_true (g_file_get_contents (fixture->api.path, &contents, &length, NULL));
  memset (contents + 4096, 'x', length - 4096);
  g_assert_true (g_file_set_contents (fixture->api.path, contents, (gssize) length, NULL));
  fixture->api_database = st_database_open (&fixture->api, &fixture->limits, NULL);
  keys = st_sql_key_store_new (fixture->api_database, TRUE);
  g_assert_false (st_key_store_find_token (keys, "x", 1, 0, &token, &error));
  g_assert_error (error, ST_ERROR, ST_ERROR_DATA);
}

/* Runs as somebody who may only read; in a process of its own, for root would be let in everywhere. */
static void
test_read_only_subprocess (void)
{
  ApimDataSource source = { .jndi_name = (char *) "jdbc/WSO2AM_DB", .kind = APIM_DATABASE_SQLITE, .max_active = 2 };
  ApimLimits limits = { .database_timeout_ms = 2000 };
  g_autoptr (StDatabase) database = NULL;
  g_autoptr (GError) error = NULL;

  source.path = (char *) g_getenv ("APIM_TEST_READ_ONLY");
  g_assert_cmpint (geteuid () == 0 ? setresuid (NOBODY, NOBODY, NOBODY) : 0, ==, 0);
  database = st_database_open (&source, &limits, &error);
  g_assert_no_error (error);
  g_assert_null (st_transaction_begin (database, 0, &error));
  g_assert_nonnull (error);
  g_printerr ("%s\n", error->message);
}

static void
test_read_only (void)
{
  g_autoptr (StoreFixture) fixture = store_fixture_sqlite ();

  store_fixture_open (fixture);
  g_clear_pointer (&fixture->api_database, st_database_free);
  g_clear_pointer (&fixture->user_database, st_database_free);
  g_assert_cmpint (g_chmod (fixture->api.path, 0444), ==, 0);
  g_assert_cmpint (g_chmod (fixture->folder, 0555), ==, 0);
  g_setenv ("APIM_TEST_READ_ONLY", fixture->api.path, TRUE);
  g_test_trap_subprocess ("/store/sqlite/read-only/subprocess", 0, 0);
  g_test_trap_assert_passed ();
  g_test_trap_assert_stderr ("*api.sqlite*read-only*write the file and its folder*");
  g_assert_cmpint (g_chmod (fixture->folder, 0755), ==, 0);
}

static void
test_unreadable_subprocess (void)
{
  ApimDataSource source = { .jndi_name = (char *) "jdbc/WSO2AM_DB", .kind = APIM_DATABASE_SQLITE, .max_active = 2 };
  ApimLimits limits = { .database_timeout_ms = 2000 };
  g_autoptr (StDatabase) database = NULL;

  source.path = (char *) g_getenv ("APIM_TEST_UNREADABLE");
  g_assert_cmpint (geteuid () == 0 ? setresuid (NOBODY, NOBODY, NOBODY) : 0, ==, 0);
  database = st_database_open (&source, &limits, NULL);
  assert_fails (database, ST_ERROR_UNAVAILABLE, "Permission denied");
}

static void
test_unreadable (void)
{
  g_autoptr (StoreFixture) fixture = store_fixture_sqlite ();

  store_fixture_open (fixture);
  g_assert_cmpint (g_chmod (fixture->folder, 0755), ==, 0);
  g_assert_cmpint (g_chmod (fixture->api.path, 0), ==, 0);
  g_setenv ("APIM_TEST_UNREADABLE", fixture->api.path, TRUE);
  g_test_trap_subprocess ("/store/sqlite/unreadable/subprocess", 0, 0);
  g_test_trap_assert_passed ();
}

/* A second writer waits until its deadline; readers do not wait at all. */
static void
test_busy (void)
{
  g_autoptr (StoreFixture) fixture = store_fixture_sqlite ();
  g_autoptr (StDatabase) other = NULL;
  g_autoptr (GError) error = NULL;
  StTransaction *writer;

  store_fixture_open (fixture);
  other = st_database_open (&fixture->api, &fixture->limits, &error);
  writer = st_transaction_begin (fixture->api_database, 0, &error);
  g_assert_no_error (error);
  g_assert_null (st_transaction_begin (other, in_ms (100), &error)); /* another process, so to say */
  g_assert_error (error, ST_ERROR, ST_ERROR_TIMEOUT);
  g_clear_error (&error);
  g_assert_null (st_transaction_begin (fixture->api_database, in_ms (100), &error)); /* the one connection is taken */
  g_assert_error (error, ST_ERROR, ST_ERROR_TIMEOUT);
  g_clear_error (&error);
  g_assert_true (st_database_ping (other, 0, &error));
  st_transaction_rollback (writer);
  writer = st_transaction_begin (other, 0, &error);
  g_assert_no_error (error);
  st_transaction_rollback (writer);
}

static void
test_endless_statement (void)
{
  static const StStatement endless = {
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) FROM n"
  };
  g_autoptr (StoreFixture) fixture = store_fixture_sqlite ();
  g_autoptr (StQuery) query = NULL;
  g_autoptr (GError) error = NULL;

  store_fixture_open (fixture);
  query = st_database_query (fixture->api_database, &endless, in_ms (100), &error);
  g_assert_no_error (error);
  g_assert_cmpint (st_query_step (query, &error), ==, ST_FAILED);
  g_assert_error (error, ST_ERROR, ST_ERROR_TIMEOUT);
  g_clear_pointer (&query, st_query_free);
  g_clear_error (&error);
  g_assert_true (st_database_ping (fixture->api_database, 0, &error)); /* the connection is as good as before */
}

static const StStatement select_one = { "SELECT 1" };

static void
test_pool_is_bounded (void)
{
  g_autoptr (StoreFixture) fixture = store_fixture_sqlite ();
  g_autoptr (StQuery) held = NULL;
  g_autoptr (StQuery) second = NULL;
  g_autoptr (GError) error = NULL;

  fixture->api.max_active = 1;
  fixture->api.max_wait_ms = 50;
  store_fixture_open (fixture);
  held = st_database_query (fixture->api_database, &select_one, 0, &error);
  g_assert_no_error (error);
  g_assert_null (st_database_query (fixture->api_database, &select_one, in_ms (20), &error));
  g_assert_error (error, ST_ERROR, ST_ERROR_TIMEOUT);
  g_clear_error (&error);
  g_assert_null (st_database_query (fixture->api_database, &select_one, 0, &error));
  g_assert_error (error, ST_ERROR, ST_ERROR_UNAVAILABLE); /* max_wait_ms */
  g_clear_error (&error);
  g_clear_pointer (&held, st_query_free);
  second = st_database_query (fixture->api_database, &select_one, 0, &error);
  g_assert_no_error (error);
}

/* More statements than the cache has places at first, each used twice. */
static void
test_many_statements (void)
{
  g_autoptr (StoreFixture) fixture = store_fixture_sqlite ();
  g_autoptr (GError) error = NULL;
  StStatement statements[200];
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);

  store_fixture_open (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (statements); i++)
    {
      g_ptr_array_add (texts, g_strdup_printf ("SELECT ? + %u", i));
      statements[i] = (StStatement){ .sqlite = g_ptr_array_index (texts, i) };
    }
  for (guint i = 0; i < 2 * G_N_ELEMENTS (statements); i++)
    {
      g_autoptr (StQuery) query
          = st_database_query (fixture->api_database, &statements[i % G_N_ELEMENTS (statements)], 0, &error);

      g_assert_no_error (error);
      st_query_bind_int64 (query, 0, 1000);
      g_assert_cmpint (st_query_step (query, &error), ==, ST_ROW);
      g_assert_cmpint (st_query_int64 (query, 0), ==, 1000 + i % G_N_ELEMENTS (statements));
    }
  g_clear_pointer (&fixture->api_database, st_database_free); /* before the statements go */
}

static gint64
count_rows (StDatabase *database)
{
  static const StStatement count = { "SELECT COUNT(*) FROM IDN_OAUTH2_SCOPE" };
  g_autoptr (StQuery) query = st_database_query (database, &count, 0, NULL);

  g_assert_cmpint (st_query_step (query, NULL), ==, ST_ROW);
  return st_query_int64 (query, 0);
}

/* Statements end at their own ";", triggers at theirs; what is wrong with one stops the script. */
static void
test_scripts (void)
{
#define TRIGGER \
  "CREATE TRIGGER X AFTER UPDATE ON IDN_OAUTH2_SCOPE\nBEGIN\n  DELETE FROM IDN_OAUTH2_SCOPE;\n" \
  "  INSERT INTO IDN_OAUTH2_SCOPE (NAME, DISPLAY_NAME) VALUES ('END;', CASE 1 WHEN 1 THEN 'x'\n  END);\nEND;\n"
#define ROW "INSERT INTO IDN_OAUTH2_SCOPE (NAME, DISPLAY_NAME)\n VALUES (';', ';;');\n"
  static const struct
  {
    const char *script;
    gint64 n_rows; /* -1: fails */
  } cases[] = {
    { "", 0 },
    { "\n \n;\n\n", 0 },
    { ROW ROW, 2 },
    { ROW "INSERT INTO IDN_OAUTH2_SCOPE (NAME, DISPLAY_NAME) VALUES ('a', 'b')", 2 },
    { TRIGGER ROW ROW, 2 },
    { "\n  " TRIGGER ROW "UPDATE IDN_OAUTH2_SCOPE SET NAME = 'x';\n", 1 },
    { ROW TRIGGER "DROP TRIGGER X;\n" TRIGGER ROW ROW, 3 },
    { "create trigger X AFTER UPDATE ON IDN_OAUTH2_SCOPE\nBEGIN\n  SELECT 1;\nEND;\n" ROW, 1 },
    { "CREATE TRIGGER X AFTER UPDATE ON IDN_OAUTH2_SCOPE\nBEGIN\n  SELECT 1;\n" ROW, -1 },
    { ROW "NONSENSE;\n" ROW, -1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (StoreFixture) fixture = store_fixture_sqlite ();
      g_autoptr (GError) error = NULL;
      StTransaction *transaction;

      g_test_message ("%s", cases[i].script);
      store_fixture_open (fixture);
      transaction = st_transaction_begin (fixture->api_database, 0, &error);
      g_assert_cmpint (st_transaction_script (transaction, cases[i].script, &error), ==, cases[i].n_rows >= 0);
      g_assert_true (st_transaction_commit (transaction, NULL));
      if (cases[i].n_rows >= 0)
        g_assert_cmpint (count_rows (fixture->api_database), ==, cases[i].n_rows);
    }
}

static void
test_transactions (void)
{
  static const StStatement insert = { "INSERT INTO IDN_OAUTH2_SCOPE (SCOPE_ID, NAME, DISPLAY_NAME) VALUES (?, ?, ?)" };
  static const StStatement orphan
      = { "INSERT INTO IDN_OAUTH2_SCOPE_BINDING (SCOPE_ID, SCOPE_BINDING) VALUES (999, 'x')" };
  g_autoptr (StoreFixture) fixture = store_fixture_sqlite ();
  g_autoptr (GError) error = NULL;
  StTransaction *transaction;
  StQuery *query;

  store_fixture_open (fixture);
  for (int round = 0; round < 2; round++) /* rolled back, committed */
    {
      transaction = st_transaction_begin (fixture->api_database, 0, &error);
      query = st_transaction_query (transaction, &insert, &error);
      st_query_bind_int64 (query, 0, 41);
      st_query_bind_bytes (query, 1, "scope-and-more", 5);
      st_query_bind_text (query, 2, "S");
      g_assert_cmpint (st_query_step (query, &error), ==, ST_END);
      g_assert_cmpint (st_transaction_last_insert_id (transaction), ==, 41);
      st_query_free (query);
      if (round == 0)
        st_transaction_rollback (transaction);
      else
        g_assert_true (st_transaction_commit (transaction, &error));
      g_assert_cmpint (count_rows (fixture->api_database), ==, round);
    }
  transaction = st_transaction_begin (fixture->api_database, 0, &error);
  query = st_transaction_query (transaction, &orphan, &error);
  g_assert_cmpint (st_query_step (query, &error), ==, ST_FAILED); /* foreign keys are on */
  g_assert_error (error, ST_ERROR, ST_ERROR_CONFLICT);
  st_query_free (query);
  st_transaction_rollback (transaction);
}

typedef struct
{
  StDatabase *database;
  int stop; /* atomic */
} Reading;

static gpointer
read_until_stopped (gpointer data)
{
  Reading *reading = data;
  gint64 last = 0;

  while (!g_atomic_int_get (&reading->stop))
    {
      gint64 now = count_rows (reading->database);

      g_assert_cmpint (now, >=, last);
      last = now;
    }
  return NULL;
}

/* Readers see what is committed, while it is being written. */
static void
test_readers_and_writer (void)
{
  g_autoptr (StoreFixture) fixture = store_fixture_sqlite ();
  Reading reading = { .stop = 0 };
  GThread *threads[4];

  store_fixture_open (fixture);
  reading.database = fixture->api_database;
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("reader", read_until_stopped, &reading);
  for (guint i = 0; i < 50; i++)
    {
      store_fixture_run (fixture->api_database,
                         "INSERT INTO IDN_OAUTH2_SCOPE (NAME, DISPLAY_NAME) VALUES ('n', 'd');\n");
      g_assert_cmpint (count_rows (fixture->api_database), ==, i + 1);
    }
  g_atomic_int_set (&reading.stop, 1);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
}

static void
test_setup_errors (void)
{
  static const ApimDataSource sources[] = {
    { .jndi_name = (char *) "a", .kind = APIM_DATABASE_SQLITE },
    { .jndi_name = (char *) "b", .kind = APIM_DATABASE_MYSQL, .host = (char *) "h" },
    { .jndi_name = (char *) "c", .kind = APIM_DATABASE_MYSQL, .database = (char *) "d" },
  };
  ApimLimits limits = { .database_timeout_ms = 1000 };

  for (guint i = 0; i < G_N_ELEMENTS (sources); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (st_database_open (&sources[i], &limits, &error));
      g_assert_error (error, ST_ERROR, ST_ERROR_SETUP);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/store/sqlite/missing-file", test_missing_file);
  g_test_add_func ("/store/sqlite/not-ours", test_not_ours);
  g_test_add_func ("/store/sqlite/garbage", test_garbage);
  g_test_add_func ("/store/sqlite/damaged", test_damaged);
  g_test_add_func ("/store/sqlite/read-only", test_read_only);
  g_test_add_func ("/store/sqlite/read-only/subprocess", test_read_only_subprocess);
  g_test_add_func ("/store/sqlite/unreadable", test_unreadable);
  g_test_add_func ("/store/sqlite/unreadable/subprocess", test_unreadable_subprocess);
  g_test_add_func ("/store/sqlite/busy", test_busy);
  g_test_add_func ("/store/sqlite/endless-statement", test_endless_statement);
  g_test_add_func ("/store/sqlite/pool-is-bounded", test_pool_is_bounded);
  g_test_add_func ("/store/sqlite/many-statements", test_many_statements);
  g_test_add_func ("/store/sqlite/scripts", test_scripts);
  g_test_add_func ("/store/sqlite/transactions", test_transactions);
  g_test_add_func ("/store/sqlite/readers-and-writer", test_readers_and_writer);
  g_test_add_func ("/store/setup-errors", test_setup_errors);
  return g_test_run ();
}
