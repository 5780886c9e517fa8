/* Connections that we make: names, addresses, TLS and whom it believes, time-outs, cancelling, drain;
 * peers that are slow or silent. */
#include "config.h"
#include "net-caller.h"
#include <arpa/inet.h>
#include <openssl/err.h>
#include <unistd.h>

static void
expect_failure (Caller *caller, NetConnectError error, const char *part)
{
  WAIT_UNTIL (caller, caller->opened || caller->failed);
  g_assert_true (caller->failed);
  if (caller->error != error || strstr (caller->why, part) == NULL)
    g_error ("failed with %d (%s) instead of %d (%s)", caller->error, caller->why, error, part);
}

/* Names of the tests. */

static GMutex slow; /* held: "slow.example" is not answered */
static guint16 full_port;

static void
add_address (NetAddresses *addresses, const char *text)
{
  struct sockaddr_in address = { .sin_family = AF_INET };

  g_assert_cmpint (inet_pton (AF_INET, text, &address.sin_addr), ==, 1);
  memcpy (&addresses->list[addresses->n++], &address, sizeof address);
}

static NetAddresses *
resolve (const char *host, const char **why, gboolean *gone)
{
  NetAddresses *addresses;

  if (g_str_equal (host, "none.example"))
    {
      *why = "no such name";
      *gone = TRUE;
      return NULL;
    }
  if (g_str_equal (host, "slow.example"))
    {
      g_mutex_lock (&slow);
      g_mutex_unlock (&slow);
    }
  addresses = g_new0 (NetAddresses, 1);
  addresses->ref_count = 1;
  if (g_str_equal (host, "two.example"))
    add_address (addresses, "127.0.0.2"); /* nobody listens there */
  add_address (addresses, "127.0.0.1");
  return addresses;
}

typedef struct
{
  NetTestServer server;
  ApimKeyPair *authority, *pair;
  NetTls *tls;
  NetTlsClient *trusting;
  NetReactor *reactor;
} Fixture;

static NetTlsClient *
trust (const ApimKeyPair *authority)
{
  g_autofree char *pem = net_test_pem (authority);
  g_autoptr (GError) error = NULL;
  NetTlsClient *client = net_tls_client_new (pem, TLS1_2_VERSION, NULL, &error);

  g_assert_no_error (error);
  return client;
}

#define NAMES "DNS:good.example,DNS:*.wild.example,IP:127.0.0.1"

static void
start (Fixture *fixture, gboolean secure, const char *names, glong from_s, glong until_s)
{
  ApimLimits limits = net_test_limits ();
  g_autoptr (GError) error = NULL;

  fixture->authority = net_test_issue (NULL, "authority", NULL, -3600, 86400);
  fixture->pair = net_test_issue (fixture->authority, "backend", names, from_s, until_s);
  fixture->trusting = trust (fixture->authority);
  fixture->tls = secure ? net_test_tls_of (fixture->pair) : NULL;
  net_test_server_start (&fixture->server, 1, &limits, fixture->tls);
  fixture->reactor = net_reactor_new (2, &limits, &apim_clock_system, &error);
  g_assert_no_error (error);
  net_reactor_set_resolver (fixture->reactor, resolve);
}

static void
stop (Fixture *fixture)
{
  NetCounters counters;

  net_reactor_drain (fixture->reactor, 0);
  net_reactor_read_counters (fixture->reactor, &counters);
  g_assert_cmpuint (counters.connected_open, ==, 0);
  net_reactor_free (fixture->reactor);
  net_test_server_stop (&fixture->server);
  net_tls_client_unref (fixture->trusting);
  net_tls_unref (fixture->tls);
  apim_key_pair_free (fixture->pair);
  apim_key_pair_free (fixture->authority);
}

static void
expect_echo (Fixture *fixture, const char *host, gboolean secure)
{
  Caller caller = { .greeting = "hello\n" };

  caller_begin (&caller, fixture->reactor, host, fixture->server.port, secure ? fixture->trusting : NULL,
                30000);
  WAIT_UNTIL (&caller, caller.failed || caller.received->len >= 6);
  g_assert_cmpstr (caller.why, ==, NULL);
  g_assert_cmpstr (caller.received->str, ==, "hello\n");
  g_assert_cmpstr (net_conn_peer (caller.conn), ==, "127.0.0.1");
  caller_end (&caller);
  g_assert_cmpint (caller.reason, ==, NET_CLOSE_DONE);
}

static void
test_plain (void)
{
  Fixture fixture = { 0 };
  NetCounters counters;

  start (&fixture, FALSE, NAMES, -3600, 3600);
  expect_echo (&fixture, "127.0.0.1", FALSE);
  expect_echo (&fixture, "good.example", FALSE);
  expect_echo (&fixture, "two.example", FALSE); /* the first address refuses */
  net_reactor_read_counters (fixture.reactor, &counters);
  g_assert_cmpuint (counters.connected, ==, 3);
  g_assert_cmpuint (counters.connect_failed, ==, 0);
  g_assert_cmpuint (counters.connected_bytes_in, ==, 18);
  g_assert_cmpuint (counters.connected_bytes_out, ==, 18);
  g_assert_cmpuint (counters.bytes_in, ==, 0);
  stop (&fixture);
}

/* The machine's own names. */
static void
test_system_names (void)
{
  Fixture fixture = { 0 };

  start (&fixture, FALSE, NAMES, -3600, 3600);
  net_reactor_set_resolver (fixture.reactor, net_names_resolve);
  expect_echo (&fixture, "localhost", FALSE);
  stop (&fixture);
}

static void
test_tls (void)
{
  Fixture fixture = { 0 };

  start (&fixture, TRUE, NAMES, -3600, 3600);
  expect_echo (&fixture, "good.example", TRUE);
  expect_echo (&fixture, "GOOD.example", TRUE);
  expect_echo (&fixture, "a.wild.example", TRUE);
  expect_echo (&fixture, "127.0.0.1", TRUE);
  stop (&fixture);
}

/* The next connection to a target resumes; one to another name, or of another trust store, does not. */
static void
test_resumption (void)
{
  Fixture fixture = { 0 };
  NetCounters counters;

  start (&fixture, TRUE, NAMES, -3600, 3600);
  expect_echo (&fixture, "good.example", TRUE);
  expect_echo (&fixture, "good.example", TRUE);
  expect_echo (&fixture, "a.wild.example", TRUE);
  net_reactor_read_counters (fixture.reactor, &counters);
  g_assert_cmpuint (counters.connected, ==, 3);
  g_assert_cmpuint (counters.connected_resumed, ==, 1);
  g_assert_cmpuint (net_test_counters (&fixture.server).handshakes_resumed, ==, 1);
  net_tls_client_unref (fixture.trusting);
  fixture.trusting = trust (fixture.authority);
  expect_echo (&fixture, "good.example", TRUE);
  g_assert_cmpuint (net_test_counters (&fixture.server).handshakes_resumed, ==, 1);
  stop (&fixture);
}

typedef struct
{
  const char *name;
  const char *host;
  const char *names;
  glong from_s, until_s;
  const char *trusted; /* the authority that is trusted instead; NULL: the right one */
  const char *why;
} Disbelief;

static const Disbelief disbeliefs[] = {
  { "wrong-name", "wrong.example", NAMES, -3600, 3600, NULL, "wrong.example port" },
  { "wrong-name-why", "wrong.example", NAMES, -3600, 3600, NULL, "its certificate is for another host" },
  { "name-above-wildcard", "wild.example", NAMES, -3600, 3600, NULL, "for another host" },
  { "name-below-wildcard", "a.b.wild.example", NAMES, -3600, 3600, NULL, "for another host" },
  { "address-not-named", "127.0.0.1", "DNS:good.example", -3600, 3600, NULL, "for another host" },
  { "address-as-name", "127.0.0.1", "DNS:127.0.0.1", -3600, 3600, NULL, "for another host" },
  { "untrusted", "good.example", NAMES, -3600, 3600, "other authority", "nobody in the trust store" },
  { "forged", "good.example", NAMES, -3600, 3600, "authority", "nobody in the trust store" },
  { "expired", "good.example", NAMES, -7200, -60, NULL, "its certificate has expired" },
  { "not-yet", "good.example", NAMES, 3600, 7200, NULL, "its certificate is not valid yet" },
};

static void
test_disbelief (gconstpointer data)
{
  const Disbelief *disbelief = data;
  ApimKeyPair *other
      = net_test_issue (NULL, disbelief->trusted != NULL ? disbelief->trusted : "unused", NULL, -3600, 86400);
  g_autoptr (NetTlsClient) stranger = trust (other);
  Caller caller = { .greeting = "secret\n" };
  Fixture fixture = { 0 };
  NetCounters counters;

  start (&fixture, TRUE, disbelief->names, disbelief->from_s, disbelief->until_s);
  caller_begin (&caller, fixture.reactor, disbelief->host, fixture.server.port,
                disbelief->trusted != NULL ? stranger : fixture.trusting, 30000);
  expect_failure (&caller, NET_CONNECT_TLS, disbelief->why);
  net_reactor_read_counters (fixture.reactor, &counters);
  g_assert_cmpuint (counters.connect_failed, ==, 1);
  g_assert_cmpuint (counters.connected_bytes_out, ==, 0); /* nothing was said to the stranger */
  caller_end (&caller);
  stop (&fixture);
  apim_key_pair_free (other);
}

/* The certificate is for the name that is expected, whatever the host; and a host's own name is not enough then. */
static void
test_expected_name (void)
{
  static const char *const good[] = { "good.example", "a.wild.example", "127.0.0.1" };
  Caller caller = { .greeting = "secret\n" };
  Fixture fixture = { 0 };

  start (&fixture, TRUE, NAMES, -3600, 3600);
  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    {
      net_tls_client_unref (fixture.trusting);
      fixture.trusting = trust (fixture.authority);
      net_tls_client_expect (fixture.trusting, good[i]);
      expect_echo (&fixture, "wrong.example", TRUE);
      expect_echo (&fixture, "127.0.0.1", TRUE);
    }
  net_tls_client_unref (fixture.trusting);
  fixture.trusting = trust (fixture.authority);
  net_tls_client_expect (fixture.trusting, "other.example");
  caller_begin (&caller, fixture.reactor, "good.example", fixture.server.port, fixture.trusting, 30000);
  expect_failure (&caller, NET_CONNECT_TLS, "its certificate is for another host");
  caller_end (&caller);
  stop (&fixture);
}

/* The peer's own certificate may be the trust store's, as with a node's self-signed one. */
static void
test_own_certificate_trusted (void)
{
  Fixture fixture = { 0 };

  start (&fixture, TRUE, NAMES, -3600, 3600);
  net_tls_client_unref (fixture.trusting);
  fixture.trusting = trust (fixture.pair);
  expect_echo (&fixture, "good.example", TRUE);
  stop (&fixture);
}

static void
test_bad_trust_store (void)
{
  static const char *const texts[]
      = { "", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (net_tls_client_new (texts[i], TLS1_2_VERSION, NULL, &error));
      g_assert_error (error, NET_TLS_ERROR, NET_TLS_ERROR_KEYS);
    }
}

static void
test_refused (void)
{
  Fixture fixture = { 0 };
  Caller caller = { 0 }, unknown = { 0 };
  guint16 port;
  int fd = net_test_listen (1, &port);

  close (fd);
  start (&fixture, FALSE, NAMES, -3600, 3600);
  caller_begin (&caller, fixture.reactor, "two.example", port, NULL, 30000);
  expect_failure (&caller, NET_CONNECT_REFUSED, "Connection refused");
  caller_end (&caller);
  caller_begin (&unknown, fixture.reactor, "none.example", port, NULL, 30000);
  expect_failure (&unknown, NET_CONNECT_NO_ADDRESS, "no such name");
  caller_end (&unknown);
  stop (&fixture);
}

/* A name server that is slow delays neither the worker nor other names; the time-out holds for the name, too.
 */
static void
test_slow_name (void)
{
  Fixture fixture = { 0 };
  Caller caller = { 0 };

  start (&fixture, FALSE, NAMES, -3600, 3600);
  g_mutex_lock (&slow);
  caller_begin (&caller, fixture.reactor, "slow.example", fixture.server.port, NULL, 300);
  expect_echo (&fixture, "good.example", FALSE);
  expect_failure (&caller, NET_CONNECT_TIMEOUT, "looking up its name took too long");
  g_mutex_unlock (&slow);
  caller_end (&caller);
  expect_echo (&fixture, "slow.example", FALSE);
  stop (&fixture);
}

/* A listener whose backlog is full lets connections hang, as a host does that is gone. */
static int
fill_backlog (int fds[3])
{
  int listener = net_test_listen (0, &full_port);
  const struct sockaddr_in address = { .sin_family = AF_INET,
                                       .sin_port = g_htons (full_port),
                                       .sin_addr.s_addr = g_htonl (INADDR_LOOPBACK) };

  for (int i = 0; i < 3; i++)
    {
      fds[i] = socket (AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
      if (connect (fds[i], (const struct sockaddr *)&address, sizeof address) != 0)
        g_assert_cmpint (errno, ==, EINPROGRESS);
    }
  g_usleep (100000);
  return listener;
}

static void
test_no_answer (void)
{
  Fixture fixture = { 0 };
  Caller caller = { 0 };
  int fds[3], listener = fill_backlog (fds);
  gint64 began_us = g_get_monotonic_time ();

  start (&fixture, FALSE, NAMES, -3600, 3600);
  caller_begin (&caller, fixture.reactor, "127.0.0.1", full_port, NULL, 300);
  expect_failure (&caller, NET_CONNECT_TIMEOUT, "it does not answer");
  g_assert_cmpint (g_get_monotonic_time () - began_us, >=, 300000);
  caller_end (&caller);
  for (int i = 0; i < 3; i++)
    close (fds[i]);
  close (listener);
  stop (&fixture);
}

/* Peers of TLS that are none. */
static void
test_silent_handshake (void)
{
  Fixture fixture = { 0 };
  Caller caller = { 0 };
  guint16 port;
  int listener = net_test_listen (5, &port);

  start (&fixture, FALSE, NAMES, -3600, 3600);
  caller_begin (&caller, fixture.reactor, "good.example", port, fixture.trusting, 300);
  expect_failure (&caller, NET_CONNECT_TIMEOUT, "handshake took too long");
  caller_end (&caller);
  close (listener);
  stop (&fixture);
}

static void
test_closed_handshake (void)
{
  Fixture fixture = { 0 };
  Caller caller = { 0 }, plain = { 0 };
  guint8 hello[4096];
  guint16 port;
  int listener = net_test_listen (5, &port), fd;

  start (&fixture, FALSE, NAMES, -3600, 3600);
  caller_begin (&caller, fixture.reactor, "good.example", port, fixture.trusting, 30000);
  fd = accept (listener, NULL, NULL);
  g_assert_cmpint (recv (fd, hello, sizeof hello, 0), >, 0);
  close (fd);
  expect_failure (&caller, NET_CONNECT_TLS, "closed the connection in the middle");
  caller_end (&caller);

  caller_begin (&plain, fixture.reactor, "good.example", port, fixture.trusting, 30000);
  fd = accept (listener, NULL, NULL);
  g_assert_cmpint (send (fd, "HTTP/1.1 400 Bad Request\r\n\r\n", 28, MSG_NOSIGNAL), ==, 28);
  expect_failure (&plain, NET_CONNECT_TLS, "does not speak TLS");
  close (fd);
  caller_end (&plain);
  close (listener);
  stop (&fixture);
}

static void
cancel (NetWorker *worker, gpointer data)
{
  net_connect_cancel (&((Caller *)data)->connect);
}

/* Nothing is said after a cancel, in whatever phase it comes. */
static void
test_cancel (void)
{
  Fixture fixture = { 0 };
  Caller at_once = { .cancel = TRUE };
  Caller in_name = { 0 }, in_tcp = { 0 }, in_tls = { 0 };
  int fds[3], full = fill_backlog (fds);
  NetCounters counters;
  guint16 port;
  int silent = net_test_listen (5, &port);
  NetWorker *worker;

  start (&fixture, FALSE, NAMES, -3600, 3600);
  worker = net_reactor_worker (fixture.reactor, 0);
  caller_begin (&at_once, fixture.reactor, "good.example", port, NULL, 30000);
  g_mutex_lock (&slow);
  caller_begin (&in_name, fixture.reactor, "slow.example", port, NULL, 30000);
  caller_begin (&in_tcp, fixture.reactor, "127.0.0.1", full_port, NULL, 30000);
  caller_begin (&in_tls, fixture.reactor, "127.0.0.1", port, fixture.trusting, 30000);
  g_usleep (100000);
  net_worker_call (worker, cancel, &in_name);
  net_worker_call (worker, cancel, &in_tcp);
  net_worker_call (worker, cancel, &in_tls);
  g_mutex_unlock (&slow);
  for (int i = 0; i < 6000; i++)
    {
      net_reactor_read_counters (fixture.reactor, &counters);
      if (counters.connected_open == 0)
        break;
      g_usleep (10000);
    }
  g_assert_cmpuint (counters.connected_open, ==, 0);
  g_assert_cmpuint (counters.connect_failed, ==, 0);
  stop (&fixture);
  g_assert_false (at_once.failed || at_once.opened);
  g_assert_false (in_name.failed || in_name.opened);
  g_assert_false (in_tcp.failed || in_tcp.opened);
  g_assert_false (in_tls.failed || in_tls.opened);
  caller_end (&at_once);
  caller_end (&in_name);
  caller_end (&in_tcp);
  caller_end (&in_tls);
  for (int i = 0; i < 3; i++)
    close (fds[i]);
  close (full);
  close (silent);
}

/* A drain leaves connections in the making alone, and cuts them at its end. */
static void
test_drain (void)
{
  Fixture fixture = { 0 };
  Caller in_name = { 0 }, in_tcp = { 0 }, in_tls = { 0 }, late = { 0 }, open = { .busy = TRUE };
  int fds[3], full = fill_backlog (fds);
  guint16 port;
  int silent = net_test_listen (5, &port);

  start (&fixture, FALSE, NAMES, -3600, 3600);
  g_mutex_lock (&slow);
  caller_begin (&in_name, fixture.reactor, "slow.example", port, NULL, 30000);
  caller_begin (&in_tcp, fixture.reactor, "127.0.0.1", full_port, NULL, 30000);
  caller_begin (&in_tls, fixture.reactor, "127.0.0.1", port, fixture.trusting, 30000);
  caller_begin (&open, fixture.reactor, "127.0.0.1", port, NULL, 30000);
  WAIT_UNTIL (&open, open.opened);
  g_assert_false (net_reactor_drain (fixture.reactor, 200));
  expect_failure (&in_name, NET_CONNECT_DRAIN, "the node stops");
  expect_failure (&in_tcp, NET_CONNECT_DRAIN, "the node stops");
  expect_failure (&in_tls, NET_CONNECT_DRAIN, "the node stops");
  WAIT_UNTIL (&open, open.closed);
  g_assert_cmpint (open.reason, ==, NET_CLOSE_DRAIN);
  caller_begin (&late, fixture.reactor, "127.0.0.1", port, NULL, 30000);
  expect_failure (&late, NET_CONNECT_DRAIN, "the node stops");
  g_mutex_unlock (&slow);
  caller_end (&in_name);
  caller_end (&in_tcp);
  caller_end (&in_tls);
  caller_end (&late);
  caller_end (&open);
  for (int i = 0; i < 3; i++)
    close (fds[i]);
  close (full);
  close (silent);
  stop (&fixture);
}

/* Nothing was there to be cut: what a timer begins between then and the end of the workers must not begin, or its
 * connection would never end. */
static void
test_nothing_begins_after_a_drain (void)
{
  Fixture fixture = { 0 };
  Caller late = { .greeting = "hello\n" };

  start (&fixture, FALSE, NAMES, -3600, 3600);
  g_assert_true (net_reactor_drain (fixture.reactor, 30000));
  caller_begin (&late, fixture.reactor, "127.0.0.1", fixture.server.port, NULL, 30000);
  expect_failure (&late, NET_CONNECT_DRAIN, "the node stops");
  caller_end (&late);
  stop (&fixture);
}

/* While a drain waits for a request, a connection that the request needs is still made; idle, it is closed.
 */
static void
test_connect_in_drain (void)
{
  Fixture fixture = { 0 };
  Caller first = { .busy = TRUE }, second = { .greeting = "hello\n", .busy = TRUE };
  NetWorker *worker;

  start (&fixture, TRUE, NAMES, -3600, 3600);
  worker = net_reactor_worker (fixture.reactor, 0);
  caller_begin (&first, fixture.reactor, "good.example", fixture.server.port, fixture.trusting, 30000);
  WAIT_UNTIL (&first, first.opened);
  worker->draining = TRUE; /* as at the beginning of a drain, which net_reactor_drain() would wait for */
  net_handshakes_abort (net_reactor_handshakes (fixture.reactor));
  caller_begin (&second, fixture.reactor, "good.example", fixture.server.port, fixture.trusting, 30000);
  WAIT_UNTIL (&second, second.failed || second.received->len >= 6);
  g_assert_true (second.opened);
  g_assert_true (second.draining);
  caller_end (&first);
  caller_end (&second);
  stop (&fixture);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/net/connect/plain", test_plain);
  g_test_add_func ("/net/connect/system-names", test_system_names);
  g_test_add_func ("/net/connect/tls", test_tls);
  g_test_add_func ("/net/connect/resumption", test_resumption);
  for (guint i = 0; i < G_N_ELEMENTS (disbeliefs); i++)
    {
      g_autofree char *path = g_strconcat ("/net/connect/disbelief/", disbeliefs[i].name, NULL);

      g_test_add_data_func (path, &disbeliefs[i], test_disbelief);
    }
  g_test_add_func ("/net/connect/own-certificate-trusted", test_own_certificate_trusted);
  g_test_add_func ("/net/connect/expected-name", test_expected_name);
  g_test_add_func ("/net/connect/bad-trust-store", test_bad_trust_store);
  g_test_add_func ("/net/connect/refused", test_refused);
  g_test_add_func ("/net/connect/slow-name", test_slow_name);
  g_test_add_func ("/net/connect/no-answer", test_no_answer);
  g_test_add_func ("/net/connect/silent-handshake", test_silent_handshake);
  g_test_add_func ("/net/connect/closed-handshake", test_closed_handshake);
  g_test_add_func ("/net/connect/cancel", test_cancel);
  g_test_add_func ("/net/connect/drain", test_drain);
  g_test_add_func ("/net/connect/after-a-drain", test_nothing_begins_after_a_drain);
  g_test_add_func ("/net/connect/connect-in-drain", test_connect_in_drain);
  return g_test_run ();
}
