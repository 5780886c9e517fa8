/* What the way to a MySQL server can do to us: hang at every step, end at one server of several, offer no TLS. Needs
 * a MariaDB at APIM_TEST_MYSQL_SOCKET, which is left as it was. */
#include "config.h"

#include "store/st-writer.h"
#include "tests/lib/stall-proxy.h"
#include "tests/lib/store-fixture.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define COM_QUERY 3
#define COM_STMT_PREPARE 22
#define COM_STMT_EXECUTE 23

#define DEADLINE_MS 1000
/* Connector/C by itself would give up after 6 s, or more. */
#define LATE_MS 5500

static const StStatement one = { "SELECT 1" };
static const StStatement who = { "SELECT CONNECTION_ID()" };
static const StStatement rows = { "SELECT REPEAT('x', 5000) UNION ALL SELECT 'y'" };

static StoreFixture *
fixture_or_skip (void)
{
  if (store_fixture_mysql_socket () != NULL)
    return store_fixture_mysql (store_fixture_mysql_socket (), "utf8mb4");
  g_test_skip ("needs a MariaDB: tools/check starts one");
  return NULL;
}

/* The fixture's data source, by way of the proxies. */
static ApimDataSource
source_through (const StoreFixture *fixture, StallProxy *const *proxies, guint n)
{
  ApimDataSource source = fixture->api;

  source.unix_socket = NULL;
  source.host = (char *) "127.0.0.1";
  source.port = stall_proxy_port (proxies[0]);
  for (guint i = 1; i < n; i++)
    source.others[i - 1] = (ApimDatabaseServer){ (char *) "127.0.0.1", stall_proxy_port (proxies[i]) };
  source.n_others = n - 1;
  return source;
}

static char *
read_text (StDatabase *database, const StStatement *statement, gint64 within_ms, GError **error)
{
  gint64 deadline_us = within_ms > 0 ? g_get_monotonic_time () + within_ms * 1000 : 0;
  g_autoptr (StQuery) query = st_database_query (database, statement, deadline_us, error);

  if (query == NULL || st_query_step (query, error) != ST_ROW)
    return NULL;
  return g_strdup (st_query_text (query, 0));
}

static void
assert_reads (StDatabase *database)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = read_text (database, &one, 0, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (text, ==, "1");
}

/* What may hang. Each makes a fresh transaction or query and gives the error. */
typedef gboolean (*Act) (StDatabase *database, gint64 deadline_us, GError **error);

static gboolean
act_read (StDatabase *database, gint64 deadline_us, GError **error)
{
  g_autoptr (StQuery) query = st_database_query (database, &rows, deadline_us, error);

  return query != NULL && st_query_step (query, error) == ST_ROW && st_query_step (query, error) == ST_ROW;
}

static gboolean
act_ping (StDatabase *database, gint64 deadline_us, GError **error)
{
  return st_database_ping (database, deadline_us, error);
}

static gboolean
act_write (StDatabase *database, gint64 deadline_us, GError **error)
{
  StTransaction *transaction = st_transaction_begin (database, deadline_us, error);

  if (transaction == NULL)
    return FALSE;
  if (st_transaction_script (transaction, "INSERT INTO stalls VALUES (1);\n", error))
    return st_transaction_commit (transaction, error);
  st_transaction_rollback (transaction);
  return FALSE;
}

static const struct
{
  const char *name;
  StallMoment moment;
  guint8 command;
  const char *piece;
  Act act;
  gboolean fresh; /* on the first connection there is */
  const char *words;
} stalls[] = {
  { "greeting", STALL_GREETING, 0, NULL, act_ping, TRUE, "it did not answer in time" },
  { "login", STALL_LOGIN, 0, NULL, act_ping, TRUE, "it did not answer in time" },
  { "session", STALL_COMMAND, COM_QUERY, "SHOW", act_ping, TRUE, "it did not answer in time" },
  { "session's answer", STALL_ANSWER, COM_QUERY, "SHOW", act_ping, TRUE, "it did not answer in time" },
  { "prepare", STALL_COMMAND, COM_STMT_PREPARE, NULL, act_read, FALSE, "did not answer in time" },
  { "prepare's answer", STALL_ANSWER, COM_STMT_PREPARE, NULL, act_read, FALSE, "did not answer in time" },
  { "execute", STALL_COMMAND, COM_STMT_EXECUTE, NULL, act_read, FALSE, "did not answer in time" },
  { "rows", STALL_ANSWER, COM_STMT_EXECUTE, NULL, act_read, FALSE, "did not answer in time" },
  { "ping", STALL_COMMAND, COM_STMT_EXECUTE, NULL, act_ping, FALSE, "did not answer in time" },
  { "begin", STALL_COMMAND, COM_QUERY, "START", act_write, FALSE, "did not answer in time" },
  { "statement", STALL_COMMAND, COM_QUERY, "INSERT", act_write, FALSE, "did not answer in time" },
  { "commit", STALL_COMMAND, COM_QUERY, "COMMIT", act_write, FALSE, "it is not known whether this was done" },
};

/* Every call ends at its deadline, wherever the server hangs; afterwards, all is well again. */
static void
test_stalls (gconstpointer data)
{
  guint i = GPOINTER_TO_UINT (data);
  g_autoptr (StoreFixture) fixture = fixture_or_skip ();
  g_autoptr (StallProxy) proxy = NULL;
  g_autoptr (StDatabase) database = NULL;
  g_autoptr (GError) error = NULL;
  ApimDataSource source;
  gint64 start, took_ms;

  if (fixture == NULL)
    return;
  proxy = stall_proxy_new (store_fixture_mysql_socket ());
  source = source_through (fixture, &proxy, 1);
  database = st_database_open (&source, &fixture->limits, NULL);
  if (!stalls[i].fresh)
    store_fixture_run (database, "CREATE TABLE stalls (n INT);\n");
  stall_proxy_set (proxy, stalls[i].moment, stalls[i].command, stalls[i].piece);
  start = g_get_monotonic_time ();
  g_assert_false (stalls[i].act (database, start + DEADLINE_MS * 1000, &error));
  took_ms = (g_get_monotonic_time () - start) / 1000;
  g_assert_error (error, ST_ERROR, ST_ERROR_TIMEOUT);
  g_assert_nonnull (strstr (error->message, stalls[i].words));
  g_assert_cmpuint (stall_proxy_count (proxy), >=, 1);
  g_assert_cmpint (took_ms, >=, DEADLINE_MS - 50);
  g_assert_cmpint (took_ms, <, LATE_MS);

  stall_proxy_set (proxy, STALL_NEVER, 0, NULL);
  g_usleep (200000); /* a failed connect is not tried again for a moment */
  assert_reads (database);
}

/* A connection that was idle for long and whose server hangs costs half of the time, and a fresh one is made. */
static void
test_stalled_check (void)
{
  g_autoptr (StoreFixture) fixture = fixture_or_skip ();
  g_autoptr (StallProxy) proxy = NULL;
  g_autoptr (StDatabase) database = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  ApimDataSource source;

  if (fixture == NULL)
    return;
  proxy = stall_proxy_new (store_fixture_mysql_socket ());
  source = source_through (fixture, &proxy, 1);
  source.validation_interval_ms = 20;
  source.validation_query = (char *) "SELECT 'valid'";
  database = st_database_open (&source, &fixture->limits, NULL);
  before = read_text (database, &who, 0, &error);
  g_assert_no_error (error);
  stall_proxy_set (proxy, STALL_COMMAND, COM_QUERY, source.validation_query);
  g_usleep (50000);
  after = read_text (database, &who, 6000, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (after, !=, before);
  g_assert_cmpuint (stall_proxy_count (proxy), ==, 1);
}

/* The next server is asked when one is gone, and stays the one that is asked. */
static void
test_next_server (void)
{
  g_autoptr (StoreFixture) fixture = fixture_or_skip ();
  g_autoptr (StDatabase) database = NULL;
  StallProxy *proxies[2];
  ApimDataSource source;

  if (fixture == NULL)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (proxies); i++)
    proxies[i] = stall_proxy_new (store_fixture_mysql_socket ());
  source = source_through (fixture, proxies, G_N_ELEMENTS (proxies));
  database = st_database_open (&source, &fixture->limits, NULL);
  assert_reads (database);
  g_assert_cmpuint (stall_proxy_connections (proxies[0]), ==, 1);
  g_assert_cmpuint (stall_proxy_connections (proxies[1]), ==, 0);

  stall_proxy_free (proxies[0]);
  for (guint i = 0; i < 5; i++)
    assert_reads (database); /* the first one notices, and is made again */
  g_assert_cmpuint (stall_proxy_connections (proxies[1]), ==, 1);
  stall_proxy_free (proxies[1]);
}

/* A server that hangs is an error once; the idle connections to it are given up with it. */
static void
test_hanging_server (void)
{
  g_autoptr (StoreFixture) fixture = fixture_or_skip ();
  g_autoptr (StDatabase) database = NULL;
  g_autoptr (GError) error = NULL;
  StallProxy *proxies[2];
  StQuery *queries[4];
  ApimDataSource source;

  if (fixture == NULL)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (proxies); i++)
    proxies[i] = stall_proxy_new (store_fixture_mysql_socket ());
  source = source_through (fixture, proxies, G_N_ELEMENTS (proxies));
  database = st_database_open (&source, &fixture->limits, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (queries); i++)
    queries[i] = st_database_query (database, &one, 0, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (queries); i++)
    st_query_free (queries[i]);
  g_assert_cmpuint (stall_proxy_connections (proxies[0]), ==, G_N_ELEMENTS (queries));

  stall_proxy_set (proxies[0], STALL_COMMAND, COM_STMT_EXECUTE, NULL);
  g_assert_null (read_text (database, &one, DEADLINE_MS, &error));
  g_assert_error (error, ST_ERROR, ST_ERROR_TIMEOUT);
  for (guint i = 0; i < 10; i++)
    assert_reads (database);
  g_assert_cmpuint (stall_proxy_count (proxies[0]), ==, 1);
  g_assert_cmpuint (stall_proxy_connections (proxies[1]), ==, 1);
  for (guint i = 0; i < G_N_ELEMENTS (proxies); i++)
    stall_proxy_free (proxies[i]);
}

/* A server that lets nobody in leaves time for the next one. */
static void
test_hanging_connect (void)
{
  g_autoptr (StoreFixture) fixture = fixture_or_skip ();
  g_autoptr (StDatabase) database = NULL;
  StallProxy *proxies[3];
  ApimDataSource source;

  if (fixture == NULL)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (proxies); i++)
    proxies[i] = stall_proxy_new (store_fixture_mysql_socket ());
  stall_proxy_set (proxies[0], STALL_GREETING, 0, NULL);
  stall_proxy_set (proxies[1], STALL_LOGIN, 0, NULL);
  source = source_through (fixture, proxies, G_N_ELEMENTS (proxies));
  database = st_database_open (&source, &fixture->limits, NULL);
  assert_reads (database);
  for (guint i = 0; i < G_N_ELEMENTS (proxies); i++)
    g_assert_cmpuint (stall_proxy_connections (proxies[i]), ==, 1);
  for (guint i = 0; i < G_N_ELEMENTS (proxies); i++)
    stall_proxy_free (proxies[i]);
}

/* Every server's reason is told. */
static void
test_all_servers_away (void)
{
  ApimDataSource source = { .jndi_name = (char *) "jdbc/X", .kind = APIM_DATABASE_MYSQL, .host = (char *) "127.0.0.1",
                            .port = 1, .others = { { (char *) "127.0.0.1", 2 } }, .n_others = 1,
                            .database = (char *) "db", .user = (char *) "u", .password = (char *) "", .max_active = 1 };
  ApimLimits limits = { .database_timeout_ms = 2000 };
  g_autoptr (StDatabase) database = st_database_open (&source, &limits, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_false (st_database_ping (database, 0, &error));
  g_assert_error (error, ST_ERROR, ST_ERROR_UNAVAILABLE);
  g_assert_nonnull (strstr (error->message, "127.0.0.1 port 1: "));
  g_assert_nonnull (strstr (error->message, "127.0.0.1 port 2: "));
}

typedef struct
{
  int listener;
  gsize piece; /* bytes that are sent at once */
  gsize n_bytes;
} PlainServer;

/* A server of the protocol's version 10 without TLS, which counts what it is sent. */
static gpointer
run_plain_server (gpointer data)
{
  /* Protocol, version, thread, scramble, capabilities without CLIENT_SSL, character set, status, more capabilities. */
  static const char greeting[] = "\x51\0\0\0" "\x0a" "5.5.5-MariaDB\0" "\1\0\0\0" "abcdefgh\0" "\xff\xf7\x21"
                                 "\2\0" "\x0f\x80\x15" "\0\0\0\0\0\0\0\0\0\0" "ijklmnopqrst\0" "mysql_native_password";
  PlainServer *server = data;
  int fd = accept (server->listener, NULL, NULL);
  char buffer[1000];
  gssize n;

  g_assert_cmpuint (greeting[0], ==, sizeof greeting - 4);
  for (gsize at = 0; at < sizeof greeting; at += server->piece)
    {
      n = send (fd, greeting + at, MIN (server->piece, sizeof greeting - at), MSG_NOSIGNAL);
      if (server->piece < sizeof greeting)
        g_usleep (1000);
    }
  while ((n = recv (fd, buffer, sizeof buffer, 0)) > 0)
    server->n_bytes += (gsize) n;
  close (fd);
  return NULL;
}

/* Nothing is sent, no user name and no scrambled password, where TLS is asked for and not offered. Without that wish,
 * the same server gets a login: so the count counts. */
static void
test_no_tls_no_login (void)
{
  static const struct
  {
    gboolean use_tls;
    gsize piece;
  } cases[] = { { FALSE, 100 }, { TRUE, 100 }, { TRUE, 7 } };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
      socklen_t length = sizeof address;
      PlainServer server = { socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), cases[i].piece, 0 };
      ApimDataSource source = { .jndi_name = (char *) "jdbc/X", .kind = APIM_DATABASE_MYSQL,
                                .host = (char *) "127.0.0.1", .database = (char *) "db", .user = (char *) "u",
                                .password = (char *) "s3cret", .max_active = 1, .use_tls = cases[i].use_tls };
      /* Without TLS the server says nothing more. */
      ApimLimits limits = { .database_timeout_ms = cases[i].use_tls ? 60000 : 500 };
      g_autoptr (StDatabase) database = NULL;
      g_autoptr (GError) error = NULL;
      GThread *thread;

      g_assert_cmpint (bind (server.listener, (struct sockaddr *) &address, sizeof address), ==, 0);
      g_assert_cmpint (listen (server.listener, 1), ==, 0);
      g_assert_cmpint (getsockname (server.listener, (struct sockaddr *) &address, &length), ==, 0);
      source.port = ntohs (address.sin_port);
      thread = g_thread_new ("plain-server", run_plain_server, &server);
      database = st_database_open (&source, &limits, NULL);
      g_assert_false (st_database_ping (database, 0, &error));
      g_thread_join (thread);
      close (server.listener);
      g_test_message ("%s", error->message);
      if (!cases[i].use_tls)
        {
          g_assert_cmpuint (server.n_bytes, >, 0);
          continue;
        }
      g_assert_error (error, ST_ERROR, ST_ERROR_SETUP);
      g_assert_nonnull (strstr (error->message, "offers no TLS"));
      g_assert_cmpuint (server.n_bytes, ==, 0);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (stalls); i++)
    {
      g_autofree char *path = g_strdup_printf ("/store/mysql-faults/stall/%s", stalls[i].name);

      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_stalls);
    }
  g_test_add_func ("/store/mysql-faults/stalled-check", test_stalled_check);
  g_test_add_func ("/store/mysql-faults/next-server", test_next_server);
  g_test_add_func ("/store/mysql-faults/hanging-server", test_hanging_server);
  g_test_add_func ("/store/mysql-faults/hanging-connect", test_hanging_connect);
  g_test_add_func ("/store/mysql-faults/all-servers-away", test_all_servers_away);
  g_test_add_func ("/store/mysql-faults/no-tls-no-login", test_no_tls_no_login);
  return g_test_run ();
}
