/* Connections to backends: kept, gone stale, too few, timed out, cancelled, drained, with TLS. */
#include "config.h"
#include "allocation-count.h"
#include "upstream-world.h"
#include <poll.h>
#include <unistd.h>

/* Backends that close, and kept connections that were closed already. */

static void
test_early_close (void)
{
  UpstreamWorld world = { 0 };
  UpstreamCall before = { 0 }, within = { 0 }, request = { .open = TRUE };
  int fd;

  upstream_world_start (&world, NULL);
  upstream_call_begin (&before, &world, BACKEND_GET);
  fd = backend_accept (&world);
  backend_expect (fd, BACKEND_GET);
  close (fd);
  upstream_call_expect_failed (&before, GW_ERROR_CLOSED_AFTER_REQUEST,
                               "closed the connection without an answer");
  upstream_call_begin (&within, &world, BACKEND_GET);
  fd = backend_accept (&world);
  backend_expect (fd, BACKEND_GET);
  backend_answer (fd, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nok");
  close (fd);
  UPSTREAM_WAIT (&within, within.failed);
  g_assert_false (gw_upstream_exchange_was_stale (&within.exchange));
  g_assert_cmpuint (within.status, ==, 200);
  g_assert_cmpstr (within.body->str, ==, "ok");
  upstream_call_expect_failed (&within, GW_ERROR_CLOSED_AFTER_REQUEST, "in the middle of its answer");
  upstream_call_begin (&request, &world, BACKEND_POST);
  g_assert_true (upstream_call_send (&request, "x", 1, FALSE));
  fd = backend_accept (&world);
  backend_expect (fd, BACKEND_POST "1\r\nx\r\n");
  close (fd);
  upstream_call_expect_failed (&request, GW_ERROR_CLOSED, "closed the connection without an answer");
  g_assert_false (
      backend_connection_waits (&world, 50)); /* a connection that was new is no reason to try again */
  upstream_world_stop (&world);
}

/* A connection that served one call. */
static int
keep_one (UpstreamWorld *world)
{
  UpstreamCall call = { 0 };
  int fd;

  upstream_call_begin (&call, world, BACKEND_GET);
  fd = backend_accept (world);
  backend_expect (fd, BACKEND_GET);
  backend_answer (fd, BACKEND_OK);
  upstream_call_expect_done (&call, 200, "ok");
  return fd;
}

/* Until the pool has seen the end of all its connections. */
static void
wait_for_end (UpstreamWorld *world)
{
  gint64 end_us = g_get_monotonic_time () + PATIENCE_US;
  NetCounters counters;

  for (;;)
    {
      net_reactor_read_counters (world->reactor, &counters);
      if (counters.connected_open == 0)
        return;
      g_assert_cmpint (g_get_monotonic_time (), <, end_us);
      g_usleep (1000);
    }
}

static void
test_stale (void)
{
  UpstreamWorld world = { 0 };
  UpstreamCall get = { 0 }, twice = { 0 }, post = { 0 };
  int fd, again;

  upstream_world_start (&world, NULL);
  /* GET is sent again. */
  fd = keep_one (&world);
  upstream_call_begin (&get, &world, BACKEND_GET);
  backend_expect (fd, BACKEND_GET);
  close (fd);
  again = backend_accept (&world);
  backend_expect (again, BACKEND_GET);
  backend_answer (again, BACKEND_OK);
  upstream_call_expect_done (&get, 200, "ok");
  /* Once: a backend that closes on this request is not asked for ever. */
  upstream_call_begin (&twice, &world, BACKEND_GET);
  backend_expect (again, BACKEND_GET);
  close (again);
  fd = backend_accept (&world);
  backend_expect (fd, BACKEND_GET);
  close (fd);
  upstream_call_expect_failed (&twice, GW_ERROR_CLOSED_AFTER_REQUEST, "without an answer");
  g_assert_false (backend_connection_waits (&world, 50));
  /* POST may have been done. */
  fd = keep_one (&world);
  upstream_call_begin (&post, &world, BACKEND_POST);
  backend_expect (fd, BACKEND_POST "0\r\n\r\n");
  close (fd);
  UPSTREAM_WAIT (&post, post.failed);
  g_assert_true (gw_upstream_exchange_was_stale (&post.exchange));
  upstream_call_expect_failed (&post, GW_ERROR_CLOSED_AFTER_REQUEST, "without an answer");
  g_assert_false (backend_connection_waits (&world, 50));
  upstream_world_stop (&world);
}

typedef struct
{
  int closes, answers;
} TwoEnds;

/* While the worker looks at neither of them. */
static void
close_and_answer (NetWorker *worker, gpointer data)
{
  const TwoEnds *ends = data;

  close (ends->closes);
  backend_answer (ends->answers, BACKEND_OK);
}

/* A kept connection that becomes free meanwhile may have gone stale, too: what is sent again waits for a new one. */
static void
test_stale_and_another_free (void)
{
  UpstreamWorld world = { 0 };
  UpstreamCall other = { 0 }, get = { 0 };
  TwoEnds ends;
  int fd;

  upstream_world_start (&world, NULL);
  ends.closes = keep_one (&world);
  upstream_call_begin (&get, &world, BACKEND_GET);
  backend_expect (ends.closes, BACKEND_GET);
  upstream_call_begin (&other, &world, BACKEND_GET);
  ends.answers = backend_accept (&world);
  backend_expect (ends.answers, BACKEND_GET);
  upstream_world_on_worker (&world, close_and_answer, &ends);
  upstream_call_expect_done (&other, 200, "ok");
  fd = backend_accept (&world);
  backend_expect (fd, BACKEND_GET);
  backend_answer (fd, BACKEND_OK);
  upstream_call_expect_done (&get, 200, "ok");
  close (fd);
  close (ends.answers);
  upstream_world_stop (&world);
}

/* An idle connection that the backend closes is forgotten at once. */
static void
test_closed_while_idle (void)
{
  UpstreamWorld world = { 0 };
  UpstreamCall post = { 0 };
  int fd;

  upstream_world_start (&world, NULL);
  close (keep_one (&world));
  wait_for_end (&world);
  upstream_call_begin (&post, &world, BACKEND_POST);
  fd = backend_accept (&world);
  backend_expect (fd, BACKEND_POST "0\r\n\r\n");
  backend_answer (fd, BACKEND_OK);
  upstream_call_expect_done (&post, 200, "ok");
  close (fd);
  upstream_world_stop (&world);
}

/* Time-outs and limits. */

static void
test_silence (void)
{
  GwUpstreamSettings settings = upstream_world_settings;
  UpstreamWorld world = { 0 };
  UpstreamCall silent = { .exchange.timeout_ms = 1000 }, stalled = { .exchange.timeout_ms = 2000 };
  int fd;

  settings.read_timeout_ms = 3000;
  upstream_world_start (&world, &settings);
  upstream_call_begin (&silent, &world, BACKEND_GET);
  fd = backend_accept (&world);
  backend_expect (fd, BACKEND_GET);
  upstream_call_expect_failed (&silent, GW_ERROR_TIMEOUT, "gave no answer in time");
  backend_expect_end (fd);
  upstream_call_begin (&stalled, &world, BACKEND_GET);
  fd = backend_accept (&world);
  backend_expect (fd, BACKEND_GET);
  backend_answer (fd, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n");
  for (int i = 0; i < 4; i++) /* slow, but alive: longer in all than either time-out */
    {
      g_usleep (900000);
      backend_answer (fd, "x");
    }
  upstream_call_expect_failed (&stalled, GW_ERROR_TIMEOUT_AFTER_REQUEST, "sent nothing more of its answer");
  backend_expect_end (fd);
  upstream_world_stop (&world);
}

/* A slow client's upload is no silence of the backend; a client that does not read is none either. */
static void
test_no_silence (void)
{
  GwUpstreamSettings settings = upstream_world_settings;
  UpstreamWorld world = { 0 };
  UpstreamCall upload = { .open = TRUE, .exchange.timeout_ms = 2000 };
  UpstreamCall download = { .pause_at = AT_HEAD, .exchange.timeout_ms = 30000 };
  int fd;

  settings.read_timeout_ms = 2000;
  upstream_world_start (&world, &settings);
  upstream_call_begin (&upload, &world, BACKEND_POST);
  fd = backend_accept (&world);
  for (int i = 0; i < 4; i++)
    {
      g_usleep (600000);
      upstream_call_send (&upload, "x", 1, FALSE);
    }
  upstream_call_send (&upload, "y", 1, TRUE);
  backend_expect (fd, BACKEND_POST "1\r\nx\r\n1\r\nx\r\n1\r\nx\r\n1\r\nx\r\n1\r\ny\r\n0\r\n\r\n");
  backend_answer (fd, BACKEND_OK);
  upstream_call_expect_done (&upload, 200, "ok");
  upstream_call_begin (&download, &world, BACKEND_GET);
  backend_expect (fd, BACKEND_GET);
  backend_answer (fd, BACKEND_OK);
  g_usleep (2300000);
  g_assert_false (UPSTREAM_READ (&download, download.failed));
  upstream_call_resume (&download);
  upstream_call_expect_done (&download, 200, "ok");
  close (fd);
  upstream_world_stop (&world);
}

static void
test_limits (void)
{
  GwUpstreamSettings settings = upstream_world_settings;
  UpstreamWorld world = { 0 };
  UpstreamCall first = { 0 }, second = { 0 }, third = { 0 };
  int fd;

  settings.max_connections = 1;
  settings.max_waiting = 1;
  upstream_world_start (&world, &settings);
  upstream_call_begin (&first, &world, "GET /1 HTTP/1.1\r\n\r\n");
  fd = backend_accept (&world);
  backend_expect (fd, "GET /1 HTTP/1.1\r\n\r\n");
  upstream_call_begin (&second, &world, "GET /2 HTTP/1.1\r\n\r\n");
  upstream_call_begin (&third, &world, "GET /3 HTTP/1.1\r\n\r\n");
  upstream_call_expect_failed (&third, GW_ERROR_SEND_ABORT, "BackendQueue");
  g_assert_false (backend_connection_waits (&world, 50));
  backend_answer (fd, BACKEND_OK);
  upstream_call_expect_done (&first, 200, "ok");
  backend_expect (fd, "GET /2 HTTP/1.1\r\n\r\n");
  backend_answer (fd, BACKEND_OK);
  upstream_call_expect_done (&second, 200, "ok");
  close (fd);
  g_assert_cmpuint (upstream_world_stop (&world).connected, ==, 1);
}

/* Whoever waits in line gets a new connection when the one it waited for is lost, or gives up in time. */
static void
test_line (void)
{
  GwUpstreamSettings settings = upstream_world_settings;
  UpstreamWorld world = { 0 };
  UpstreamCall first = { 0 }, second = { 0 }, third = { 0 };
  int fd;

  settings.max_connections = 1;
  settings.connect_timeout_ms = 3000;
  upstream_world_start (&world, &settings);
  upstream_call_begin (&first, &world, BACKEND_GET);
  fd = backend_accept (&world);
  backend_expect (fd, BACKEND_GET);
  upstream_call_begin (&second, &world, BACKEND_GET);
  close (fd);
  upstream_call_expect_failed (&first, GW_ERROR_CLOSED_AFTER_REQUEST, "without an answer");
  fd = backend_accept (&world);
  backend_expect (fd, BACKEND_GET);
  upstream_call_begin (&third, &world, BACKEND_GET);
  upstream_call_expect_failed (&third, GW_ERROR_CONNECT_TIMEOUT, "no connection became free in time");
  backend_answer (fd, BACKEND_OK);
  upstream_call_expect_done (&second, 200, "ok");
  close (fd);
  upstream_world_stop (&world);
}

static void
test_idle_timeout (void)
{
  GwUpstreamSettings settings = upstream_world_settings;
  UpstreamWorld world = { 0 };
  gint64 began_us;
  int fd;

  settings.idle_timeout_ms = 200;
  upstream_world_start (&world, &settings);
  began_us = g_get_monotonic_time ();
  fd = keep_one (&world);
  backend_expect_end (fd);
  g_assert_cmpint (g_get_monotonic_time () - began_us, >=, 200000);
  g_assert_cmpint (g_get_monotonic_time () - began_us, <, 60 * G_USEC_PER_SEC);
  upstream_world_stop (&world);
}

/* More of them at once than one turn of the worker closes. */
static void
test_many_idle (void)
{
  enum { N = 40 };
  GwUpstreamSettings settings = upstream_world_settings;
  UpstreamWorld world = { 0 };
  UpstreamCall calls[N];
  int fds[N];

  memset (calls, 0, sizeof calls);
  settings.idle_timeout_ms = 200;
  settings.max_connections = N;
  upstream_world_start (&world, &settings);
  for (int i = 0; i < N; i++)
    {
      upstream_call_begin (&calls[i], &world, BACKEND_GET);
      fds[i] = backend_accept (&world);
      backend_expect (fds[i], BACKEND_GET);
    }
  for (int i = 0; i < N; i++)
    backend_answer (fds[i], BACKEND_OK);
  for (int i = 0; i < N; i++)
    upstream_call_expect_done (&calls[i], 200, "ok");
  for (int i = 0; i < N; i++)
    backend_expect_end (fds[i]);
  upstream_world_stop (&world);
}

/* Cancelling. */

static void
cancel_on_worker (NetWorker *worker, gpointer data)
{
  gw_upstream_cancel (data);
  gw_upstream_cancel (data); /* of one that is over */
}

static void
test_cancel (void)
{
  GwUpstreamSettings settings = upstream_world_settings;
  UpstreamWorld world = { 0 };
  UpstreamCall in_flight = { 0 }, waiting = { 0 }, at_head = { .cancel_at = AT_HEAD },
               at_body = { .cancel_at = AT_BODY };
  UpstreamCall at_done = { .cancel_at = AT_DONE }, kept = { 0 }, never = { 0 };
  int fd;

  settings.max_connections = 1;
  upstream_world_start (&world, &settings);
  upstream_world_on_worker (&world, cancel_on_worker, &never.exchange);
  upstream_call_begin (&in_flight, &world, BACKEND_GET);
  fd = backend_accept (&world);
  backend_expect (fd, BACKEND_GET);
  upstream_call_begin (&waiting, &world, BACKEND_GET);
  upstream_world_on_worker (&world, cancel_on_worker, &waiting.exchange);
  upstream_world_on_worker (&world, cancel_on_worker, &in_flight.exchange);
  backend_expect_end (fd);
  upstream_call_begin (&at_head, &world, BACKEND_GET);
  fd = backend_accept (&world);
  backend_expect (fd, BACKEND_GET);
  backend_answer (fd, BACKEND_OK);
  backend_expect_end (fd);
  upstream_call_begin (&at_body, &world, BACKEND_GET);
  fd = backend_accept (&world);
  backend_expect (fd, BACKEND_GET);
  backend_answer (fd, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nok");
  backend_expect_end (fd);
  upstream_call_begin (&at_done, &world, BACKEND_GET);
  fd = backend_accept (&world);
  backend_expect (fd, BACKEND_GET);
  backend_answer (fd, BACKEND_OK);
  upstream_call_expect_done (&at_done, 200, "ok");
  upstream_call_begin (&kept, &world, BACKEND_GET); /* its connection was free already, and stays */
  backend_expect (fd, BACKEND_GET);
  backend_answer (fd, BACKEND_OK);
  upstream_call_expect_done (&kept, 200, "ok");
  close (fd);
  upstream_world_stop (&world);
  g_assert_false (in_flight.done || in_flight.failed || in_flight.status != 0);
  g_assert_false (waiting.done || waiting.failed);
  g_assert_false (at_head.done || at_head.failed || at_head.body->len > 0);
  g_assert_false (at_body.done || at_body.failed);
  upstream_call_clear (&in_flight);
  upstream_call_clear (&waiting);
  upstream_call_clear (&at_head);
  upstream_call_clear (&at_body);
}

/* The next call is begun in done(): it finds the connection that has just become free. */
static void
test_begin_in_done (void)
{
  UpstreamWorld world = { 0 };
  UpstreamCall second = { 0 }, first = { .then = &second };
  int fd;

  upstream_world_start (&world, NULL);
  upstream_call_prepare (&second, &world, "GET /2 HTTP/1.1\r\n\r\n");
  upstream_call_begin (&first, &world, BACKEND_GET);
  fd = backend_accept (&world);
  backend_expect (fd, BACKEND_GET);
  backend_answer (fd, BACKEND_OK);
  upstream_call_expect_done (&first, 200, "ok");
  backend_expect (fd, "GET /2 HTTP/1.1\r\n\r\n");
  backend_answer (fd, BACKEND_OK);
  upstream_call_expect_done (&second, 200, "ok");
  close (fd);
  g_assert_cmpuint (upstream_world_stop (&world).connected, ==, 1);
}

/* No backend at all. */
static void
test_unreachable (void)
{
  UpstreamWorld world = { 0 };
  UpstreamCall refused = { 0 }, unknown = { 0 }, no_tls = { 0 };
  GwUpstreamTarget *target;
  guint16 port;
  int fd = net_test_listen (1, &port);

  close (fd);
  upstream_world_start (&world, NULL);
  target = world.target;
  world.target = gw_upstream_target (world.upstream, "backend.example", port, FALSE);
  upstream_call_begin (&refused, &world, BACKEND_GET);
  upstream_call_expect_failed (&refused, GW_ERROR_CONNECT, "Connection refused");
  gw_upstream_target_unref (world.target);
  world.target = gw_upstream_target (world.upstream, "none.example", port, FALSE);
  upstream_call_begin (&unknown, &world, BACKEND_GET);
  upstream_call_expect_failed (&unknown, GW_ERROR_CONNECT, "no such name");
  gw_upstream_target_unref (world.target);
  world.target = gw_upstream_target (world.upstream, "backend.example", port, TRUE);
  upstream_call_begin (&no_tls, &world, BACKEND_GET);
  upstream_call_expect_failed (&no_tls, GW_ERROR_SEND_ABORT, "no trust store");
  gw_upstream_target_unref (world.target);
  world.target = target;
  upstream_world_stop (&world);
}

/* Answers what comes on any connection, and closes every seventh connection after its answer; until @n are
 * answered. */
static void
serve_burst (UpstreamWorld *world, guint n)
{
  struct pollfd fds[5] = { { .fd = world->listener, .events = POLLIN } };
  guint n_fds = 1, n_answered = 0;

  while (n_answered < n)
    {
      g_assert_cmpint (poll (fds, n_fds, 30000), >, 0);
      for (guint i = n_fds - 1; i > 0; i--)
        {
          if (fds[i].revents == 0)
            continue;
          backend_expect (fds[i].fd, BACKEND_GET);
          n_answered++;
          backend_answer (fds[i].fd,
                          n_answered % 7 == 0
                              ? "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"
                              : BACKEND_OK);
          if (n_answered % 7 != 0)
            continue;
          backend_expect_end (fds[i].fd);
          fds[i] = fds[--n_fds];
        }
      if ((fds[0].revents & POLLIN) == 0)
        continue;
      g_assert_cmpuint (n_fds, <, G_N_ELEMENTS (fds)); /* MaxBackendConnections holds */
      fds[n_fds++] = (struct pollfd){ .fd = backend_accept (world), .events = POLLIN };
    }
  while (n_fds > 1)
    close (fds[--n_fds].fd);
}

/* A burst: many more calls than connections, all at once, on a backend that closes now and then. */
static void
test_burst (void)
{
  enum
  {
    N = 100
  };
  GwUpstreamSettings settings = upstream_world_settings;
  UpstreamWorld world = { 0 };
  static UpstreamCall calls[N];

  settings.max_connections = 4;
  upstream_world_start (&world, &settings);
  for (int i = 0; i < N; i++)
    upstream_call_begin (&calls[i], &world, BACKEND_GET);
  serve_burst (&world, N);
  for (int i = 0; i < N; i++)
    upstream_call_expect_done (&calls[i], 200, "ok");
  upstream_world_stop (&world);
}

#ifdef ALLOCATION_COUNT_WORKS
static void
start_counting (NetWorker *worker, gpointer data)
{
  allocation_count_set (TRUE);
}

static void
stop_counting (NetWorker *worker, gpointer data)
{
  allocation_count_set (FALSE);
}

/* Calls over kept connections cost no memory once the buffers are there: with and without a body, answers of
 * a known length and in chunks. */
static void
test_nothing_allocated (void)
{
  static const char chunked[] = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n";
  UpstreamWorld world = { 0 };
  int fd;

  upstream_world_start (&world, NULL);
  fd = keep_one (&world);
  for (int i = 0; i < 20; i++)
    {
      UpstreamCall call = { 0 };
      const char *head = i % 2 == 0 ? BACKEND_GET : BACKEND_POST;

      if (i == 4)
        upstream_world_on_worker (&world, start_counting, NULL);
      upstream_call_begin (&call, &world, head);
      backend_expect (fd, head);
      if (i % 2 != 0)
        backend_expect (fd, "0\r\n\r\n");
      backend_answer (fd, i % 4 < 2 ? BACKEND_OK : chunked);
      upstream_call_expect_done (&call, 200, "ok");
    }
  upstream_world_on_worker (&world, stop_counting, NULL);
  g_assert_cmpint (allocation_count_get (), ==, 0);
  close (fd);
  upstream_world_stop (&world);
}
#endif

/* A drain closes idle connections at once, and lets a call finish. */
static gpointer
drain_thread (gpointer data)
{
  return GINT_TO_POINTER (net_reactor_drain (((UpstreamWorld *)data)->reactor, 30000));
}

static void
test_drain (void)
{
  UpstreamWorld world = { 0 };
  UpstreamCall call = { 0 }, idle = { 0 };
  GThread *drain;
  int fd, idle_fd;

  upstream_world_start (&world, NULL);
  upstream_call_begin (&call, &world, BACKEND_GET);
  fd = backend_accept (&world);
  upstream_call_begin (&idle, &world, BACKEND_GET);
  idle_fd = backend_accept (&world);
  backend_expect (fd, BACKEND_GET);
  backend_expect (idle_fd, BACKEND_GET);
  backend_answer (idle_fd, BACKEND_OK);
  upstream_call_expect_done (&idle, 200, "ok");
  drain = g_thread_new ("drain", drain_thread, &world);
  backend_expect_end (idle_fd);
  backend_answer (fd, BACKEND_OK);
  upstream_call_expect_done (&call, 200, "ok");
  backend_expect_end (fd);
  g_assert_true (GPOINTER_TO_INT (g_thread_join (drain)));
  upstream_world_stop (&world);
}

static void
test_targets (void)
{
  UpstreamWorld world = { 0 };
  GwUpstreamTarget *same, *other, *tls, *v6;

  upstream_world_start (&world, NULL);
  same = gw_upstream_target (world.upstream, "BACKEND.example", world.port, FALSE);
  g_assert_true (same == world.target);
  tls = gw_upstream_target (world.upstream, "backend.example", 443, TRUE);
  other = gw_upstream_target (world.upstream, "backend.example", 443, FALSE);
  v6 = gw_upstream_target (world.upstream, "::1", 80, FALSE);
  g_assert_true (tls != other);
  g_assert_cmpstr (tls->authority, ==, "backend.example");
  g_assert_cmpstr (other->authority, ==, "backend.example:443");
  g_assert_cmpstr (v6->authority, ==, "[::1]");
  gw_upstream_target_unref (same);
  gw_upstream_target_unref (tls);
  gw_upstream_target_unref (other);
  gw_upstream_target_unref (v6);
  upstream_world_stop (&world);
}

/* The server of net's tests, which returns lines as they are: this request comes back as its own answer. */
#define TLS_REQUEST "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

static void
test_tls (void)
{
  ApimLimits limits = net_test_limits ();
  NetTestServer server;
  ApimKeyPair *authority, *pair;
  NetTls *tls;
  UpstreamWorld world = { 0 };
  UpstreamCall good = { 0 }, again = { 0 }, wrong = { 0 };
  GwUpstreamTarget *plain;
  g_autofree char *pem = NULL;
  g_autoptr (GError) error = NULL;
  NetTlsClient *client;

  authority = net_test_issue (NULL, "authority", NULL, -60, 3600);
  pair = net_test_issue (authority, "backend", "DNS:backend.example", -60, 3600);
  tls = net_test_tls_of (pair);
  net_test_server_start (&server, 1, &limits, tls);
  pem = net_test_pem (authority);
  client = net_tls_client_new (pem, TLS1_2_VERSION, NULL, &error);
  g_assert_no_error (error);
  upstream_world_start (&world, NULL);
  gw_upstream_set_tls (world.upstream, client);
  plain = world.target;
  world.target = gw_upstream_target (world.upstream, "backend.example", server.port, TRUE);
  upstream_call_begin (&good, &world, TLS_REQUEST);
  upstream_call_expect_done (&good, 200, "");
  upstream_call_begin (&again, &world, TLS_REQUEST);
  upstream_call_expect_done (&again, 200, "");
  gw_upstream_target_unref (world.target);
  world.target = gw_upstream_target (world.upstream, "other.example", server.port, TRUE);
  upstream_call_begin (&wrong, &world, TLS_REQUEST);
  upstream_call_expect_failed (&wrong, GW_ERROR_CONNECT, "its certificate is for another host");
  gw_upstream_target_unref (world.target);
  world.target = plain;
  g_assert_cmpuint (upstream_world_stop (&world).connected, ==, 1);
  net_test_server_stop (&server);
  net_tls_client_unref (client);
  net_tls_unref (tls);
  apim_key_pair_free (pair);
  apim_key_pair_free (authority);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gw/upstream-pool/early-close", test_early_close);
  g_test_add_func ("/gw/upstream-pool/stale", test_stale);
  g_test_add_func ("/gw/upstream-pool/stale-and-another-free", test_stale_and_another_free);
  g_test_add_func ("/gw/upstream-pool/closed-while-idle", test_closed_while_idle);
  g_test_add_func ("/gw/upstream-pool/silence", test_silence);
  g_test_add_func ("/gw/upstream-pool/no-silence", test_no_silence);
  g_test_add_func ("/gw/upstream-pool/limits", test_limits);
  g_test_add_func ("/gw/upstream-pool/line", test_line);
  g_test_add_func ("/gw/upstream-pool/idle-timeout", test_idle_timeout);
  g_test_add_func ("/gw/upstream-pool/many-idle", test_many_idle);
  g_test_add_func ("/gw/upstream-pool/cancel", test_cancel);
  g_test_add_func ("/gw/upstream-pool/begin-in-done", test_begin_in_done);
  g_test_add_func ("/gw/upstream-pool/unreachable", test_unreachable);
  g_test_add_func ("/gw/upstream-pool/burst", test_burst);
#ifdef ALLOCATION_COUNT_WORKS
  g_test_add_func ("/gw/upstream-pool/nothing-allocated", test_nothing_allocated);
#endif
  g_test_add_func ("/gw/upstream-pool/drain", test_drain);
  g_test_add_func ("/gw/upstream-pool/targets", test_targets);
  g_test_add_func ("/gw/upstream-pool/tls", test_tls);
  return g_test_run ();
}
