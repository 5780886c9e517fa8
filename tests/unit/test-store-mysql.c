/* What only a server can do to us: be away, come back, be slow, cut connections. Runs on a MariaDB of its own,
 * started by tests/lib/mariadb-scratch where APIM_TEST_MYSQL_SOCKET says that there may be one. */
#include "config.h"

#include "store/st-change-feed.h"
#include "store/st-schema.h"
#include "store/st-sql-stores.h"
#include "store/st-writer.h"
#include "tests/lib/stall-proxy.h"
#include "tests/lib/store-fixture.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char *folder;       /* of the server */
static char *other_folder; /* of a second one, that few tests start */
static char *server_socket;

/* @options: nullable; for mariadbd, with blanks between. */
static void
run_server_in (const char *where, const char *command, const char *options)
{
  g_autofree char *script = g_build_filename (g_getenv ("G_TEST_SRCDIR"), "lib", "mariadb-scratch", NULL);
  g_autofree char *line = g_strdup_printf ("%s %s %s --binary-log -- %s", script, command, where,
                                           options != NULL ? options : "");
  g_auto (GStrv) argv = g_strsplit (g_strchomp (line), " ", -1);
  g_auto (GStrv) environment = g_environ_unsetenv (g_get_environ (), "LD_PRELOAD"); /* instrumentation is for us */
  g_autofree char *output = NULL;
  g_autofree char *errors = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  g_spawn_sync (NULL, argv, environment, G_SPAWN_DEFAULT, NULL, NULL, &output, &errors, &status, &error);
  g_assert_no_error (error);
  if (!g_spawn_check_wait_status (status, &error))
    g_error ("%s", errors);
}

static void
run_server (const char *command)
{
  run_server_in (folder, command, NULL);
}

static void
remove_tree (const char *path)
{
  const char *remove[] = { "rm", "-rf", path, NULL };

  g_spawn_sync (NULL, (char **) remove, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL);
}

static StoreFixture *
fixture_or_skip (void)
{
  StoreFixture *fixture;

  if (server_socket == NULL)
    {
      g_test_skip ("needs a MariaDB: tools/check starts one");
      return NULL;
    }
  fixture = store_fixture_mysql (server_socket, "latin1 COLLATE latin1_swedish_ci");
  store_fixture_open (fixture);
  return fixture;
}

static gint64
in_ms (gint64 ms)
{
  return g_get_monotonic_time () + ms * 1000;
}

/* The text of the first column of the first row. */
static char *
read_text (StDatabase *database, const StStatement *statement, gint64 deadline_us, GError **error)
{
  g_autoptr (StQuery) query = st_database_query (database, statement, deadline_us, error);

  if (query == NULL || st_query_step (query, error) != ST_ROW)
    return NULL;
  return g_strdup (st_query_text (query, 0));
}

/* A server that stops is an error, soon and of the right kind; when it is back, so are we. */
static void
test_server_away (void)
{
  g_autoptr (StoreFixture) fixture = fixture_or_skip ();
  g_autoptr (StKeyStore) keys = NULL;
  g_autoptr (GError) error = NULL;
  StToken *token;
  gint64 start;

  if (fixture == NULL)
    return;
  keys = st_sql_key_store_new (fixture->api_database, TRUE);
  g_assert_true (st_key_store_find_token (keys, "x", 1, 0, &token, &error));
  run_server ("stop");
  start = g_get_monotonic_time ();
  for (guint i = 0; i < 10000; i++)
    {
      g_assert_false (st_key_store_find_token (keys, "x", 1, 0, &token, &error));
      g_assert_error (error, ST_ERROR, ST_ERROR_UNAVAILABLE);
      g_clear_error (&error);
    }
  /* That is 50,000 s if every call waited its time, and none of them does. */
  g_assert_cmpint (g_get_monotonic_time () - start, <, 30 * G_USEC_PER_SEC);
  run_server ("start");
  for (guint i = 0; i < 200 && !st_key_store_find_token (keys, "x", 1, 0, &token, NULL); i++)
    g_usleep (50000);
  g_assert_true (st_key_store_find_token (keys, "x", 1, 0, &token, &error));
  g_assert_no_error (error);
}

/* A restart between two reads is not seen at all: the read is tried again on a fresh connection. */
static void
test_restart_is_not_seen (void)
{
  static const StStatement one = { "SELECT 1" };
  g_autoptr (StoreFixture) fixture = fixture_or_skip ();
  g_autoptr (GError) error = NULL;

  if (fixture == NULL)
    return;
  for (guint round = 0; round < 2; round++)
    {
      g_autofree char *text = read_text (fixture->api_database, &one, 0, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (text, ==, "1");
      if (round == 0)
        {
          run_server ("stop");
          run_server ("start");
        }
    }
}

/* The same for one connection that an administrator kills, and for the begin of a transaction. */
static void
test_killed_connection (void)
{
  static const StStatement whoami = { "SELECT CONNECTION_ID()" };
  g_autoptr (StoreFixture) fixture = fixture_or_skip ();
  g_autoptr (GError) error = NULL;
  StTransaction *transaction = NULL;

  if (fixture == NULL)
    return;
  for (guint round = 0; round < 2; round++)
    {
      g_autofree char *before = read_text (fixture->api_database, &whoami, 0, &error);
      g_autofree char *kill = g_strdup_printf ("KILL %s", before);
      g_autofree char *after = NULL;

      store_fixture_run (fixture->user_database, kill);
      if (round == 0)
        after = read_text (fixture->api_database, &whoami, 0, &error);
      else
        transaction = st_transaction_begin (fixture->api_database, 0, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (after, !=, before);
    }
  st_transaction_rollback (transaction);
}

static void
assert_times_out (StDatabase *database, const StStatement *statement)
{
  g_autoptr (GError) error = NULL;
  gint64 start = g_get_monotonic_time ();

  g_assert_null (read_text (database, statement, in_ms (300), &error));
  g_assert_error (error, ST_ERROR, ST_ERROR_TIMEOUT);
  g_assert_cmpint (g_get_monotonic_time () - start, >=, 250 * 1000);
  g_assert_cmpint (g_get_monotonic_time () - start, <, 25 * G_USEC_PER_SEC); /* the statement takes 30 s */
}

static void
test_slow_statement (void)
{
  static const StStatement slow = { "SELECT SLEEP(30)" };
  static const StStatement one = { "SELECT 1" };
  g_autoptr (StoreFixture) fixture = fixture_or_skip ();
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  if (fixture == NULL)
    return;
  assert_times_out (fixture->api_database, &slow);
  text = read_text (fixture->api_database, &one, 0, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (text, ==, "1");
}

static void
test_locked_tables (void)
{
  static const StStatement count = { "SELECT COUNT(*) FROM IDN_OAUTH2_ACCESS_TOKEN" };
  g_autoptr (StoreFixture) fixture = fixture_or_skip ();
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  StTransaction *locker;

  if (fixture == NULL)
    return;
  locker = st_transaction_begin (fixture->api_database, 0, &error);
  g_assert_true (st_transaction_script (locker, "LOCK TABLES IDN_OAUTH2_ACCESS_TOKEN WRITE;\n", &error));
  assert_times_out (fixture->api_database, &count);
  g_assert_true (st_transaction_script (locker, "UNLOCK TABLES;\n", &error));
  st_transaction_rollback (locker);
  text = read_text (fixture->api_database, &count, 0, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (text, ==, "0");
}

/* A row lock that outlasts the deadline, and two transactions that wait for each other. */
static void
test_row_locks (void)
{
  static const char *const lock = "UPDATE AM_POLICY_APPLICATION SET QUOTA = QUOTA + 1 WHERE NAME = '50PerMin';\n";
  g_autoptr (StoreFixture) fixture = fixture_or_skip ();
  g_autoptr (GError) error = NULL;
  StTransaction *first, *second;

  if (fixture == NULL)
    return;
  first = st_transaction_begin (fixture->api_database, 0, &error);
  st_transaction_script (first, lock, &error);
  g_assert_no_error (error);
  second = st_transaction_begin (fixture->api_database, in_ms (1500), &error);
  g_assert_no_error (error);
  g_assert_false (st_transaction_script (second, lock, &error));
  g_assert_error (error, ST_ERROR, ST_ERROR_TIMEOUT);
  st_transaction_rollback (second);
  st_transaction_rollback (first);
}

/* Values of every length come whole, also after one another in the same columns. */
static void
test_long_values (void)
{
  static const StStatement values = {
    "SELECT REPEAT('a', ?), ? UNION ALL SELECT '', NULL UNION ALL SELECT REPEAT('b', 127), 7 UNION ALL SELECT"
    " REPEAT('c', 128), -9"
  };
  static const gsize lengths[] = { 100000, 0, 127, 128 };
  static const gint64 numbers[] = { G_MAXINT64, 0, 7, -9 };
  g_autoptr (StoreFixture) fixture = fixture_or_skip ();
  g_autoptr (StQuery) query = NULL;
  g_autoptr (GError) error = NULL;

  if (fixture == NULL)
    return;
  query = st_database_query (fixture->api_database, &values, 0, &error);
  g_assert_no_error (error);
  st_query_bind_int64 (query, 0, 100000);
  st_query_bind_int64 (query, 1, G_MAXINT64);
  for (guint i = 0; i < G_N_ELEMENTS (lengths); i++)
    {
      g_assert_cmpint (st_query_step (query, &error), ==, ST_ROW);
      g_assert_cmpuint (strlen (st_query_text (query, 0)), ==, lengths[i]);
      g_assert_cmpint (st_query_int64 (query, 1), ==, numbers[i]);
      g_assert_cmpint (st_query_is_null (query, 1), ==, i == 1);
    }
  g_assert_cmpint (st_query_step (query, &error), ==, ST_END);
}

/* databases.md 4.6: the session's zone stays the server's. */
static void
test_session (void)
{
  static const StStatement zone = { "SELECT @@session.time_zone" };
  static const StStatement charset = { "SELECT @@session.character_set_connection" };
  g_autoptr (StoreFixture) fixture = fixture_or_skip ();
  g_autofree char *zone_text = NULL;
  g_autofree char *charset_text = NULL;

  if (fixture == NULL)
    return;
  zone_text = read_text (fixture->api_database, &zone, 0, NULL);
  charset_text = read_text (fixture->api_database, &charset, 0, NULL);
  g_assert_cmpstr (zone_text, ==, "SYSTEM");
  g_assert_cmpstr (charset_text, ==, "utf8mb4");
}

static void
assert_cannot_connect (StoreFixture *fixture, const ApimDataSource *source, StError code)
{
  g_autoptr (StDatabase) database = st_database_open (source, &fixture->limits, NULL);
  g_autoptr (GError) first = NULL;
  g_autoptr (GError) second = NULL;

  g_assert_false (st_database_ping (database, 0, &first));
  g_assert_error (first, ST_ERROR, (gint) code);
  g_assert_null (strstr (first->message, "s3cret"));
  g_assert_false (st_database_ping (database, 0, &second)); /* backed off: the same words, at once */
  g_assert_cmpstr (second->message, ==, first->message);
}

static void
test_cannot_connect (void)
{
  g_autoptr (StoreFixture) fixture = fixture_or_skip ();
  ApimDataSource source;

  if (fixture == NULL)
    return;
  source = fixture->api;
  source.database = (char *) "no_such_schema";
  assert_cannot_connect (fixture, &source, ST_ERROR_SETUP);
  source = fixture->api;
  source.user = (char *) "nobody_here";
  source.password = (char *) "s3cret";
  assert_cannot_connect (fixture, &source, ST_ERROR_SETUP);
  source = fixture->api;
  source.use_tls = TRUE; /* the server has none: never in clear instead */
  assert_cannot_connect (fixture, &source, ST_ERROR_SETUP);
  source = fixture->api;
  source.unix_socket = NULL;
  source.host = (char *) "127.0.0.1";
  source.port = 1;
  assert_cannot_connect (fixture, &source, ST_ERROR_UNAVAILABLE);
}

/* A collation that takes another case for the same path protects the resource: it fails closed. */
static void
test_folded_scope (void)
{
  g_autoptr (StoreFixture) fixture = fixture_or_skip ();
  g_autoptr (StKeyStore) keys = NULL;
  g_autoptr (StScope) scope = NULL;
  g_autoptr (GError) error = NULL;

  if (fixture == NULL)
    return;
  store_fixture_run (fixture->api_database,
                     "INSERT INTO IDN_OAUTH2_SCOPE (SCOPE_ID, NAME, DISPLAY_NAME) VALUES (1, 'write', 'Write');\n"
                     "INSERT INTO IDN_OAUTH2_RESOURCE_SCOPE (RESOURCE_PATH, SCOPE_ID) VALUES ('/a/1/1/Path:POST',"
                     " 1);\n");
  keys = st_sql_key_store_new (fixture->api_database, TRUE);
  g_assert_true (st_key_store_find_scope (keys, "/a/1/1/path:post", 0, &scope, &error));
  g_assert_no_error (error);
  g_assert_nonnull (scope);
}

/* The words of a refused row would name its values: they are not passed on. */
static void
test_errors_name_no_values (void)
{
  g_autoptr (StoreFixture) fixture = fixture_or_skip ();
  g_autoptr (GError) error = NULL;
  StTransaction *transaction;

  if (fixture == NULL)
    return;
  transaction = st_transaction_begin (fixture->api_database, 0, &error);
  g_assert_false (st_transaction_script (transaction,
                                         "INSERT INTO IDN_OAUTH_CONSUMER_APPS (CONSUMER_KEY) VALUES ('s3cret-key');\n"
                                         "INSERT INTO IDN_OAUTH_CONSUMER_APPS (CONSUMER_KEY) VALUES ('s3cret-key');\n",
                                         &error));
  g_assert_error (error, ST_ERROR, ST_ERROR_CONFLICT);
  g_assert_null (strstr (error->message, "s3cret"));
  st_transaction_rollback (transaction);
}

/* A server with a binary log lets ordinary users make no triggers: the migration says what to do, and goes on where it
 * stopped. */
static void
test_binary_log (void)
{
  g_autoptr (StoreFixture) fixture = fixture_or_skip ();
  g_autoptr (StoreFixture) plain = NULL;
  g_autofree char *grant = NULL;
  g_autoptr (GError) error = NULL;

  if (fixture == NULL)
    return;
  plain = store_fixture_mysql (server_socket, "utf8mb4");
  grant = g_strdup_printf ("CREATE OR REPLACE USER plain@localhost;\nGRANT ALL ON `%s`.* TO plain@localhost;\n",
                           plain->api_schema);
  store_fixture_run (fixture->api_database, grant);
  plain->api.user = (char *) "plain";
  g_assert_false (st_schema_migrate (&plain->api, ST_SCHEMA_API, &error));
  g_assert_error (error, ST_ERROR, ST_ERROR_SETUP);
  g_assert_true (g_str_has_prefix (error->message, "migration apim-0005-change-feed: "));
  g_assert_nonnull (strstr (error->message, "set log_bin_trust_function_creators = 1 on the server"));
  g_clear_error (&error);

  store_fixture_run (fixture->api_database, "SET GLOBAL log_bin_trust_function_creators = 1;\n");
  st_schema_migrate (&plain->api, ST_SCHEMA_API, &error);
  g_assert_no_error (error);
  plain->api.user = fixture->api.user;
}

/* A user who may do everything in the fixture's schemas, but is bound by read_only as clients are. */
static void
make_plain_user (StoreFixture *fixture)
{
  store_fixture_run (fixture->user_database, "CREATE OR REPLACE USER plain@localhost;\n"
                                             "GRANT ALL ON `apimtest%`.* TO plain@localhost;\n");
  fixture->api.user = (char *) "plain";
}

/* A statement survives what changes its table; one that the server forgot is prepared again. */
static void
test_statements_live_on (void)
{
  static const StStatement count = { "SELECT COUNT(*), MAX(QUOTA) FROM AM_POLICY_APPLICATION WHERE NAME = ?" };
  static const char *const disturbances[] = {
    "FLUSH TABLES;\n",
    "ALTER TABLE AM_POLICY_APPLICATION ADD COLUMN NEWER INT FIRST;\n",
    "ALTER TABLE AM_POLICY_APPLICATION MODIFY QUOTA VARCHAR(300) NOT NULL;\n",
    "RENAME TABLE AM_POLICY_APPLICATION TO AWAY;\nCREATE TABLE AM_POLICY_APPLICATION LIKE AWAY;\n"
    "INSERT INTO AM_POLICY_APPLICATION SELECT * FROM AWAY;\n",
  };
  g_autoptr (StoreFixture) fixture = fixture_or_skip ();
  g_autoptr (GError) error = NULL;

  if (fixture == NULL)
    return;
  for (guint i = 0; i <= G_N_ELEMENTS (disturbances); i++)
    {
      g_autoptr (StQuery) query = st_database_query (fixture->api_database, &count, 0, &error);

      g_assert_no_error (error);
      st_query_bind_text (query, 0, "50PerMin");
      g_assert_cmpint (st_query_step (query, &error), ==, ST_ROW);
      g_assert_no_error (error);
      g_assert_cmpint (st_query_int64 (query, 0), ==, 1);
      g_assert_cmpint (st_query_int64 (query, 1), ==, 50);
      g_clear_pointer (&query, st_query_free);
      if (i < G_N_ELEMENTS (disturbances))
        {
          g_autofree char *script = g_strdup_printf ("USE %s;\n%sUSE %s;\n", fixture->api_schema, disturbances[i],
                                                     fixture->user_schema);

          store_fixture_run (fixture->user_database, script); /* on a connection of its own */
        }
    }
}

static void
test_no_statements_left (void)
{
  static const StStatement two = { "SELECT 2" };
  g_autoptr (StoreFixture) fixture = fixture_or_skip ();
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  if (fixture == NULL)
    return;
  store_fixture_run (fixture->user_database, "SET GLOBAL max_prepared_stmt_count = 0;\n");
  g_assert_null (read_text (fixture->api_database, &two, 0, &error));
  g_assert_error (error, ST_ERROR, ST_ERROR_UNAVAILABLE);
  g_assert_nonnull (strstr (error->message, "max_prepared_stmt_count"));
  g_clear_error (&error);
  store_fixture_run (fixture->user_database, "SET GLOBAL max_prepared_stmt_count = 16382;\n");
  text = read_text (fixture->api_database, &two, 0, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (text, ==, "2");
}

static gboolean
read_length (StDatabase *database, gsize length, gint64 *number, GError **error)
{
  static const StStatement statement = { "SELECT CONNECTION_ID(), LENGTH(?)" };
  g_autoptr (StQuery) query = st_database_query (database, &statement, 0, error);
  g_autofree char *text = g_strnfill (length, 'x');

  if (query == NULL)
    return FALSE;
  st_query_bind_text (query, 0, text);
  if (st_query_step (query, error) != ST_ROW)
    return FALSE;
  g_assert_cmpint (st_query_int64 (query, 1), ==, length);
  *number = st_query_int64 (query, 0);
  return TRUE;
}

/* Too long a value is an error of the caller's alone: the connection lives on. */
static void
test_long_requests (void)
{
  g_autoptr (StoreFixture) fixture = fixture_or_skip ();
  g_autoptr (StDatabase) database = NULL;
  g_autoptr (GError) error = NULL;
  gint64 before, after;

  if (fixture == NULL)
    return;
  store_fixture_run (fixture->user_database, "SET GLOBAL max_allowed_packet = 1048576;\n");
  database = st_database_open (&fixture->api, &fixture->limits, NULL);
  g_assert_true (read_length (database, 1000000, &before, &error));
  g_assert_no_error (error);
  g_assert_false (read_length (database, 1048576, &after, &error));
  g_assert_error (error, ST_ERROR, ST_ERROR_DATA);
  g_assert_nonnull (strstr (error->message, "max_allowed_packet = 1048576"));
  g_clear_error (&error);
  g_assert_true (read_length (database, 1, &after, &error));
  g_assert_cmpint (after, ==, before);
  store_fixture_run (fixture->user_database, "SET GLOBAL max_allowed_packet = 134217728;\n");
}

/* A row that nobody could have meant is refused, whatever the server lets through. Connector/C then leaves the
 * connection, and says no more than that; it is replaced. */
static void
test_long_row (void)
{
  static const StStatement row = { "SELECT REPEAT('x', ?)" };
  g_autoptr (StoreFixture) fixture = fixture_or_skip ();
  g_autoptr (StDatabase) database = NULL;
  g_autoptr (GError) error = NULL;
  ApimLimits limits;
  StQuery *query;
  gint64 number;

  if (fixture == NULL)
    return;
  limits = fixture->limits;
  limits.database_timeout_ms = 60000;
  store_fixture_run (fixture->user_database, "SET GLOBAL max_allowed_packet = 134217728;\n");
  database = st_database_open (&fixture->api, &limits, NULL);
  query = st_database_query (database, &row, 0, &error);
  st_query_bind_int64 (query, 0, 100 * 1024 * 1024);
  g_assert_cmpint (st_query_step (query, &error), ==, ST_FAILED);
  g_assert_error (error, ST_ERROR, ST_ERROR_UNAVAILABLE);
  g_clear_error (&error);
  st_query_free (query);
  g_assert_true (read_length (database, 1, &number, &error));
  g_assert_no_error (error);
}

static void
test_read_only (void)
{
  g_autoptr (StoreFixture) fixture = fixture_or_skip ();
  g_autoptr (StDatabase) database = NULL;
  g_autoptr (GError) error = NULL;
  StTransaction *transaction;

  if (fixture == NULL)
    return;
  make_plain_user (fixture);
  database = st_database_open (&fixture->api, &fixture->limits, NULL);
  store_fixture_run (fixture->user_database, "COMMIT;\nSET GLOBAL read_only = 1;\n");
  transaction = st_transaction_begin (database, 0, &error);
  g_assert_no_error (error);
  g_assert_false (st_transaction_script (transaction, "DELETE FROM AM_POLICY_APPLICATION;\n", &error));
  g_assert_error (error, ST_ERROR, ST_ERROR_UNAVAILABLE);
  g_assert_nonnull (strstr (error->message, "read-only"));
  st_transaction_rollback (transaction);
  store_fixture_run (fixture->user_database, "COMMIT;\nSET GLOBAL read_only = 0;\n");
  fixture->api.user = fixture->users.user;
}

static gboolean
add_mark (StWriter *writer, gpointer data, GError **error)
{
  static const StStatement insert = { "INSERT INTO MARKS VALUES (?)" };
  StQuery *query = st_writer_query (writer, &insert, error);

  if (query != NULL)
    st_query_bind_text (query, 0, data);
  return st_writer_run (query, error);
}

/* Two servers that take turns at being the one that can be written to, as in a fail-over by hand. */
static void
test_two_primaries (void)
{
  static const StStatement marks = { "SELECT GROUP_CONCAT(MARK ORDER BY MARK) FROM MARKS" };
  static const char setup[] = "CREATE DATABASE apimtest_pair;\nUSE apimtest_pair;\n"
                              "CREATE TABLE MARKS (MARK VARCHAR(9));\nCREATE TABLE AM_SUBSCRIBER (ID INT);\n"
                              "CREATE OR REPLACE USER plain@localhost;\nGRANT ALL ON `apimtest%`.* TO plain@localhost;\n";
  g_autoptr (StoreFixture) fixture = fixture_or_skip ();
  StDatabase *servers[2], *pair;
  StallProxy *proxies[2];
  g_autoptr (GError) error = NULL;
  ApimDataSource source;

  if (fixture == NULL)
    return;
  run_server_in (other_folder, "start", NULL);
  source = fixture->api;
  source.database = (char *) "mysql";
  servers[0] = st_database_open (&source, &fixture->limits, NULL);
  proxies[0] = stall_proxy_new (source.unix_socket);
  source.unix_socket = g_build_filename (other_folder, "mariadb.sock", NULL);
  servers[1] = st_database_open (&source, &fixture->limits, NULL);
  proxies[1] = stall_proxy_new (source.unix_socket);
  g_free (source.unix_socket);
  for (guint i = 0; i < 2; i++)
    store_fixture_run (servers[i], setup);

  source.unix_socket = NULL;
  source.host = (char *) "127.0.0.1";
  source.port = stall_proxy_port (proxies[0]);
  source.others[0] = (ApimDatabaseServer){ (char *) "127.0.0.1", stall_proxy_port (proxies[1]) };
  source.n_others = 1;
  source.user = (char *) "plain";
  source.database = (char *) "apimtest_pair";
  store_fixture_run (servers[0], "COMMIT;\nSET GLOBAL read_only = 1;\n");
  pair = st_database_open (&source, &fixture->limits, NULL);
  for (guint i = 0; i < 2; i++)
    {
      static const char *const names[] = { "first", "second" };
      g_autofree char *text = NULL;

      st_write (pair, add_mark, (gpointer) names[i], 0, &error);
      g_assert_no_error (error);
      text = read_text (pair, &marks, 0, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (text, ==, names[i]); /* each on another server */
      store_fixture_run (servers[i == 0], "COMMIT;\nSET GLOBAL read_only = 1;\n");
      store_fixture_run (servers[i != 0], "COMMIT;\nSET GLOBAL read_only = 0;\n");
    }
  /* Now there is none: reads go on, writes say why they cannot. */
  for (guint i = 0; i < 2; i++)
    store_fixture_run (servers[i], "COMMIT;\nSET GLOBAL read_only = 1;\n");
  g_assert_false (st_write (pair, add_mark, (gpointer) "third", 0, &error));
  g_assert_nonnull (strstr (error->message, "read-only"));
  g_clear_pointer (&pair, st_database_free);
  for (guint i = 0; i < 2; i++)
    {
      store_fixture_run (servers[i], "COMMIT;\nSET GLOBAL read_only = 0;\nDROP DATABASE apimtest_pair;\n");
      st_database_free (servers[i]);
      stall_proxy_free (proxies[i]);
    }
  run_server_in (other_folder, "stop", NULL);
}

/* A server that ignores the client's character set, begins transactions by itself, folds table names, quotes as ANSI
 * does, and so on: with the session as we make it, all is as ever. */
static void
test_odd_server (void)
{
  static const StStatement count = { "SELECT COUNT(*) FROM AM_POLICY_APPLICATION" };
  static const StStatement charset = { "SELECT CONCAT(@@character_set_client, @@character_set_results)" };
  g_autoptr (StoreFixture) fixture = NULL;
  g_autoptr (StKeyStore) keys = NULL;
  g_autoptr (StChangeFeed) feed = NULL;
  g_autoptr (GError) error = NULL;
  gint64 position;
  g_autofree char *charset_text = NULL;
  guint before = 0;
  StToken *token;

  if (server_socket == NULL)
    {
      g_test_skip ("needs a MariaDB: tools/check starts one");
      return;
    }
  run_server ("stop");
  run_server_in (folder, "start",
                 "--lower-case-table-names=1 --autocommit=0 --skip-character-set-client-handshake"
                 " --character-set-server=latin1 --sql-mode=ANSI,TRADITIONAL,NO_BACKSLASH_ESCAPES"
                 " --log-bin-trust-function-creators=1");
  fixture = fixture_or_skip ();
  charset_text = read_text (fixture->api_database, &charset, 0, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (charset_text, ==, "utf8mb4utf8mb4");
  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *text = read_text (fixture->api_database, &count, 0, &error);
      g_autofree char *insert = g_strdup_printf ("INSERT INTO %s.AM_POLICY_APPLICATION (NAME, TENANT_ID, QUOTA_TYPE,"
                                                 " QUOTA, UNIT_TIME, TIME_UNIT) VALUES ('new%u', 1, 'x', 1, 1, 'min');\n",
                                                 fixture->api_schema, i);

      g_assert_no_error (error);
      if (i > 0)
        g_assert_cmpint (g_ascii_strtoll (text, NULL, 10), ==, before + 1);
      before = (guint) g_ascii_strtoull (text, NULL, 10);
      store_fixture_run (fixture->user_database, insert);
    }
  keys = st_sql_key_store_new (fixture->api_database, TRUE);
  g_assert_true (st_key_store_find_token (keys, "\xf0\x9f\x94\x91", 4, 0, &token, &error));
  g_assert_no_error (error);
  g_assert_null (token);
  feed = st_change_feed_new (fixture->api_database);
  g_assert_true (st_change_feed_start (feed, 0, &position, &error));
  g_assert_no_error (error);
  run_server ("stop");
  run_server ("start");
}

static int
run_tests (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/store/mysql/server-away", test_server_away);
  g_test_add_func ("/store/mysql/restart-is-not-seen", test_restart_is_not_seen);
  g_test_add_func ("/store/mysql/killed-connection", test_killed_connection);
  g_test_add_func ("/store/mysql/slow-statement", test_slow_statement);
  g_test_add_func ("/store/mysql/locked-tables", test_locked_tables);
  g_test_add_func ("/store/mysql/row-locks", test_row_locks);
  g_test_add_func ("/store/mysql/long-values", test_long_values);
  g_test_add_func ("/store/mysql/session", test_session);
  g_test_add_func ("/store/mysql/cannot-connect", test_cannot_connect);
  g_test_add_func ("/store/mysql/folded-scope", test_folded_scope);
  g_test_add_func ("/store/mysql/binary-log", test_binary_log);
  g_test_add_func ("/store/mysql/errors-name-no-values", test_errors_name_no_values);
  g_test_add_func ("/store/mysql/statements-live-on", test_statements_live_on);
  g_test_add_func ("/store/mysql/no-statements-left", test_no_statements_left);
  g_test_add_func ("/store/mysql/long-requests", test_long_requests);
  g_test_add_func ("/store/mysql/long-row", test_long_row);
  g_test_add_func ("/store/mysql/read-only", test_read_only);
  g_test_add_func ("/store/mysql/two-primaries", test_two_primaries);
  g_test_add_func ("/store/mysql/odd-server", test_odd_server);
  return g_test_run ();
}

/* The tests run in a child, so that the servers are stopped also after one that aborts. */
int
main (int argc, char **argv)
{
  int status;
  pid_t child;

  if (store_fixture_mysql_socket () == NULL)
    return run_tests (argc, argv);
  folder = g_dir_make_tmp ("apim-maria-XXXXXX", NULL);
  other_folder = g_build_filename (folder, "other", NULL);
  server_socket = g_build_filename (folder, "mariadb.sock", NULL);
  run_server ("start");
  child = fork ();
  if (child == 0)
    return run_tests (argc, argv);
  waitpid (child, &status, 0);
  run_server ("stop");
  run_server_in (other_folder, "stop", NULL);
  remove_tree (folder);
  g_free (other_folder);
  g_free (folder);
  g_free (server_socket);
  return WIFEXITED (status) ? WEXITSTATUS (status) : 1;
}
