/* The reactor as a whole: spreading, limits, listening, drain, descriptors. */
#include "config.h"
#include "net-test.h"
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

/* 200 connections over 4 workers: everyone gets its share. (Two workers that accept at the same moment may choose
 * the same third.) */
static void
test_spread (void)
{
  ApimLimits limits = net_test_limits ();
  NetTestServer server;
  NetTestClient clients[200];

  net_test_server_start (&server, 4, &limits, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (clients); i++)
    net_test_client_plain (&clients[i], server.port);
  net_test_wait_open (&server, G_N_ELEMENTS (clients));
  for (guint i = 0; i < 4; i++)
    {
      gint n = g_atomic_int_get (&net_reactor_worker (server.reactor, i)->n_conns);

      g_assert_cmpint (n, >=, 45);
      g_assert_cmpint (n, <=, 55);
    }
  for (guint i = 0; i < G_N_ELEMENTS (clients); i++)
    {
      net_test_send (&clients[i], "hello\n");
      net_test_expect (&clients[i], "hello");
      net_test_client_close (&clients[i]);
    }
  net_test_wait_closed (&server, NET_CLOSE_PEER, G_N_ELEMENTS (clients));
  net_test_server_stop (&server);
}

/* @limits lets @n connections in: one more is refused, and one more after a close is not. */
static void
check_limit (const ApimLimits *limits, guint n)
{
  NetTestServer server;
  NetTestClient clients[8], refused;

  g_assert_cmpuint (n, <=, G_N_ELEMENTS (clients));
  net_test_server_start (&server, 2, limits, NULL);
  for (guint i = 0; i < n; i++)
    net_test_client_plain (&clients[i], server.port);
  net_test_wait_open (&server, n);
  net_test_client_plain (&refused, server.port);
  net_test_expect_end (&refused);
  net_test_client_close (&refused);
  net_test_wait_closed (&server, NET_CLOSE_LIMIT, 1);
  net_test_client_close (&clients[0]);
  net_test_wait_open (&server, n - 1);
  net_test_client_plain (&clients[0], server.port);
  for (guint i = 0; i < n; i++)
    {
      net_test_send (&clients[i], "in\n");
      net_test_expect (&clients[i], "in");
      net_test_client_close (&clients[i]);
    }
  net_test_server_stop (&server);
}

static void
test_limit_total (void)
{
  ApimLimits limits = net_test_limits ();

  limits.max_connections = 5;
  check_limit (&limits, 5);
}

static void
test_limit_per_address (void)
{
  ApimLimits limits = net_test_limits ();

  limits.max_connections_per_address = 3;
  check_limit (&limits, 3);
}

static void
test_peers (void)
{
  NetPeers *peers = net_peers_new ();
  guint8 address[16] = { 0 };

  /* Many addresses at once; each has its own count. */
  for (guint round = 0; round < 2; round++)
    for (guint i = 0; i < 5000; i++)
      {
        memcpy (address, &i, sizeof i);
        g_assert_true (net_peers_add (peers, address, 2));
      }
  for (guint i = 0; i < 5000; i++)
    {
      memcpy (address, &i, sizeof i);
      g_assert_false (net_peers_add (peers, address, 2));
      net_peers_remove (peers, address);
      g_assert_true (net_peers_add (peers, address, 2));
      g_assert_true (net_peers_add (peers, address, 0));
      for (guint j = 0; j < 3; j++)
        net_peers_remove (peers, address);
    }
  net_peers_remove (peers, address); /* gone: harmless */
  net_peers_free (peers);
}

/* A reload changes limits for the next connections. */
static void
test_set_limits (void)
{
  ApimLimits limits = net_test_limits ();
  NetTestServer server;
  NetTestClient clients[2], refused;

  net_test_server_start (&server, 2, &limits, NULL);
  for (guint i = 0; i < 2; i++)
    net_test_client_plain (&clients[i], server.port);
  net_test_wait_open (&server, 2);
  limits.max_connections = 2;
  net_reactor_set_limits (server.reactor, &limits);
  net_test_client_plain (&refused, server.port);
  net_test_expect_end (&refused);
  net_test_client_close (&refused);
  for (guint i = 0; i < 2; i++)
    {
      net_test_send (&clients[i], "in\n");
      net_test_expect (&clients[i], "in");
      net_test_client_close (&clients[i]);
    }
  net_test_server_stop (&server);
}

static void
read_limit (NetWorker *worker, gpointer data)
{
  *(guint *) data = worker->limits.max_connections;
}

static guint
limit_in_force (NetTestServer *server)
{
  guint limit = 0;

  net_worker_call (net_reactor_worker (server->reactor, 0), read_limit, &limit);
  return limit;
}

/* Where served requests need connections of our own, clients get half of the descriptors, unless a number is given. */
static void
test_expect_outgoing (void)
{
  ApimLimits limits = net_test_limits ();
  NetTestServer server;
  guint all;

  limits.max_connections = 0;
  net_test_server_start (&server, 1, &limits, NULL);
  all = limit_in_force (&server);
  g_assert_cmpuint (all, >, 1);
  net_reactor_expect_outgoing (server.reactor);
  g_assert_cmpuint (limit_in_force (&server), ==, all / 2);
  limits.max_connections = 7;
  net_reactor_set_limits (server.reactor, &limits);
  g_assert_cmpuint (limit_in_force (&server), ==, 7);
  limits.max_connections = 0;
  net_reactor_set_limits (server.reactor, &limits);
  g_assert_cmpuint (limit_in_force (&server), ==, all / 2);
  net_test_server_stop (&server);
}

static void
test_port_taken (void)
{
  ApimLimits limits = net_test_limits ();
  g_autoptr (GError) error = NULL;
  NetTestServer server;
  NetReactor *second;
  ApimListenAddress address = { .host = (char *) "127.0.0.1" };
  g_autofree char *message = NULL;

  net_test_server_start (&server, 2, &limits, NULL);
  second = net_reactor_new (2, &limits, &apim_clock_system, &error);
  g_assert_no_error (error);
  address.port = server.port;
  g_assert_cmpint (net_reactor_listen (second, &address, NULL, &net_test_protocol, &server, NULL, &error), ==, -1);
  g_assert_error (error, NET_ERROR, NET_ERROR_LISTEN);
  message = g_strdup_printf ("could not listen on 127.0.0.1:%u: Address already in use", server.port);
  g_assert_cmpstr (error->message, ==, message);
  net_reactor_free (second);
  net_test_server_stop (&server);
}

static void
test_bad_address (void)
{
  static const char *const hosts[] = { "192.0.2.1", "no.such.host.invalid", "" };
  ApimLimits limits = net_test_limits ();
  NetReactor *reactor = net_reactor_new (1, &limits, &apim_clock_system, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (hosts); i++)
    {
      g_autoptr (GError) error = NULL;
      ApimListenAddress address = { .host = (char *) hosts[i] };
      int id = net_reactor_listen (reactor, &address, NULL, &net_test_protocol, NULL, NULL, &error);

      g_assert_cmpint (id, ==, -1);
      g_assert_error (error, NET_ERROR, NET_ERROR_LISTEN);
      g_assert_true (g_str_has_prefix (error->message, "could not listen on "));
    }
  net_reactor_free (reactor);
}

/* host NULL = every address of the machine, with one port; localhost = what it resolves to. */
static void
test_every_address (void)
{
  ApimLimits limits = net_test_limits ();
  const ApimListenAddress any = { .host = NULL }, local = { .host = (char *) "localhost" };
  g_autoptr (GError) error = NULL;
  NetTestServer server;
  guint16 ports[2];

  net_test_server_start (&server, 2, &limits, NULL);
  net_reactor_listen (server.reactor, &any, NULL, &net_test_protocol, &server, &ports[0], &error);
  g_assert_no_error (error);
  net_reactor_listen (server.reactor, &local, NULL, &net_test_protocol, &server, &ports[1], &error);
  g_assert_no_error (error);
  net_reactor_accept (server.reactor); /* again, for the new ones */
  for (guint i = 0; i < G_N_ELEMENTS (ports); i++)
    {
      NetTestClient client;
      struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = g_htons (ports[i]),
                                 .sin6_addr = IN6ADDR_LOOPBACK_INIT };

      net_test_client_plain (&client, ports[i]);
      net_test_send (&client, "hello\n");
      net_test_expect (&client, "hello");
      net_test_client_close (&client);
      client.fd = socket (AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
      if (i == 0 && client.fd >= 0 && connect (client.fd, (struct sockaddr *) &v6, sizeof v6) == 0)
        {
          net_test_send (&client, "hello\n");
          net_test_expect (&client, "hello");
        }
      else
        g_test_message ("no IPv6 loopback connection to port %u", ports[i]);
      if (client.fd >= 0)
        close (client.fd);
    }
  net_test_server_stop (&server);
}

typedef struct
{
  NetTestServer *server;
  guint timeout_ms;
  gboolean whole;
} Drain;

static gpointer
drain (gpointer data)
{
  Drain *job = data;

  job->whole = net_reactor_drain (job->server->reactor, job->timeout_ms);
  return NULL;
}

/* Idle connections go at once, a request in progress is finished first, new ones are refused. */
static void
test_drain (void)
{
  ApimLimits limits = net_test_limits ();
  NetTestServer server;
  NetTestClient idle, busy, half, late = { .fd = -1 };
  Drain job = { .server = &server, .timeout_ms = 60000 };
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = g_htonl (INADDR_LOOPBACK) };
  GThread *thread;

  net_test_server_start (&server, 2, &limits, NULL);
  net_test_client_plain (&idle, server.port);
  net_test_client_plain (&busy, server.port);
  net_test_client_plain (&half, server.port);
  net_test_send (&busy, "hold on\nnever read\n");
  net_test_send (&half, "first\nsec");
  net_test_expect (&half, "first");
  net_test_wait_held (&server, 1);
  net_test_wait_open (&server, 3);
  thread = g_thread_new ("drain", drain, &job);
  net_test_expect_end (&idle);
  late.fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  address.sin_port = g_htons (server.port);
  g_assert_cmpint (connect (late.fd, (struct sockaddr *) &address, sizeof address), ==, -1);
  net_test_wait_open (&server, 2);
  net_test_send (&half, "ond\n");
  net_test_expect (&half, "second");
  net_test_expect_end (&half);
  net_test_release (&server);
  net_test_expect (&busy, "hold on");
  g_thread_join (thread);
  g_assert_true (job.whole);
  g_assert_cmpuint (net_test_counters (&server).closed[NET_CLOSE_DRAIN], ==, 3);
  net_test_client_close (&idle);
  net_test_client_close (&busy);
  net_test_client_close (&half);
  close (late.fd);
  net_test_server_stop (&server);
}

/* What does not end in time is cut off, and the drain says so. */
static void
test_drain_cuts (void)
{
  ApimLimits limits = net_test_limits ();
  NetTestServer server;
  NetTestClient client;

  net_test_server_start (&server, 2, &limits, NULL);
  net_test_client_plain (&client, server.port);
  net_test_send (&client, "hold for ever\n");
  net_test_wait_held (&server, 1);
  g_assert_false (net_reactor_drain (server.reactor, 50));
  net_test_expect_end (&client);
  g_assert_cmpuint (net_test_counters (&server).closed[NET_CLOSE_DRAIN], ==, 1);
  net_test_client_close (&client);
  net_test_server_stop (&server);
}

typedef struct
{
  NetTask task;
  guint number;
  GArray *seen;
} Posted;

static void
run_posted (NetTask *task, NetWorker *worker)
{
  Posted *posted = (Posted *) task;

  g_array_append_val (posted->seen, posted->number);
}

/* Tasks run in the order of posting; those posted before the end are run. */
static void
test_post (void)
{
  ApimLimits limits = net_test_limits ();
  NetReactor *reactor = net_reactor_new (2, &limits, &apim_clock_system, NULL);
  g_autoptr (GArray) seen = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autofree Posted *posted = g_new0 (Posted, 10000);

  g_assert_null (net_worker_current ());
  for (guint i = 0; i < 10000; i++)
    {
      posted[i] = (Posted){ .task.run = run_posted, .number = i, .seen = seen };
      net_worker_post (net_reactor_worker (reactor, 1), &posted[i].task);
    }
  net_reactor_free (reactor);
  g_assert_cmpuint (seen->len, ==, 10000);
  for (guint i = 0; i < seen->len; i++)
    g_assert_cmpuint (g_array_index (seen, guint, i), ==, i);
}

/* F09: descriptors run out under connections. In a process of its own, for its limits; client and server share them. */
static void
test_descriptors_subprocess (void)
{
  const struct rlimit few = { .rlim_cur = 256, .rlim_max = 256 };
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = g_htonl (INADDR_LOOPBACK) };
  ApimLimits limits = net_test_limits ();
  NetTestServer server;
  NetTestClient early, extra = { .fd = -1 };
  int fillers[256];
  guint n = 0;
  guint64 before;
  gint64 began_us;

  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &few), ==, 0);
  net_test_server_start (&server, 1, &limits, NULL);
  address.sin_port = g_htons (server.port);
  net_test_client_plain (&early, server.port);
  net_test_wait_open (&server, 1);
  /* The client's end has its descriptor already; for the server's there is none. */
  extra.fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  while (n < G_N_ELEMENTS (fillers) && (fillers[n] = open ("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0)
    n++;
  g_assert_cmpint (connect (extra.fd, (struct sockaddr *) &address, sizeof address), ==, 0);
  net_test_expect_end (&extra); /* by the reserve: it does not wait for better times */
  g_assert_cmpuint (net_test_counters (&server).accept_pauses, >, 0);
  began_us = g_get_monotonic_time ();
  before = net_test_counters (&server).accept_pauses;
  g_usleep (500000);
  /* It pauses; it does not spin, which would be thousands of times. */
  g_assert_cmpuint (net_test_counters (&server).accept_pauses - before, <,
                    10 + (guint64) (g_get_monotonic_time () - began_us) / 50000);
  net_test_send (&early, "still here\n");
  net_test_expect (&early, "still here");
  while (n > 0)
    close (fillers[--n]);
  net_test_client_close (&extra);
  net_test_client_plain (&extra, server.port);
  net_test_send (&extra, "back\n");
  net_test_expect (&extra, "back");
  net_test_client_close (&extra);
  net_test_client_close (&early);
  net_test_server_stop (&server);
}

static void
test_descriptors (void)
{
  g_test_trap_subprocess ("/net/reactor/descriptors/subprocess", 0, 0);
  g_test_trap_assert_passed ();
  g_test_trap_assert_stderr ("*accepting no connections for 100 ms*");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/net/reactor/spread", test_spread);
  g_test_add_func ("/net/reactor/limit-total", test_limit_total);
  g_test_add_func ("/net/reactor/limit-per-address", test_limit_per_address);
  g_test_add_func ("/net/reactor/peers", test_peers);
  g_test_add_func ("/net/reactor/set-limits", test_set_limits);
  g_test_add_func ("/net/reactor/expect-outgoing", test_expect_outgoing);
  g_test_add_func ("/net/reactor/port-taken", test_port_taken);
  g_test_add_func ("/net/reactor/bad-address", test_bad_address);
  g_test_add_func ("/net/reactor/every-address", test_every_address);
  g_test_add_func ("/net/reactor/drain", test_drain);
  g_test_add_func ("/net/reactor/drain-cuts", test_drain_cuts);
  g_test_add_func ("/net/reactor/post", test_post);
  g_test_add_func ("/net/reactor/descriptors", test_descriptors);
  g_test_add_func ("/net/reactor/descriptors/subprocess", test_descriptors_subprocess);
  return g_test_run ();
}
