/* What passes over connections that we made: what is sent and when, peers that close early or refuse in the middle. */
#include "config.h"
#include "net-caller.h"
#include <unistd.h>

static NetReactor *
start (void)
{
  ApimLimits limits = net_test_limits ();
  g_autoptr (GError) error = NULL;
  NetReactor *reactor = net_reactor_new (1, &limits, &apim_clock_system, &error);

  g_assert_no_error (error);
  return reactor;
}

static void
stop (NetReactor *reactor)
{
  NetCounters counters;

  net_reactor_drain (reactor, 0);
  net_reactor_read_counters (reactor, &counters);
  g_assert_cmpuint (counters.connected_open, ==, 0);
  net_reactor_free (reactor);
}

/* What a peer said before it closed is read, also by a busy connection, and then it is over. */
static void
test_early_close (void)
{
  NetReactor *reactor = start ();
  Caller caller = { .busy = TRUE };
  guint16 port;
  int listener = net_test_listen (5, &port), fd;

  caller_begin (&caller, reactor, "127.0.0.1", port, NULL, 30000);
  fd = accept (listener, NULL, NULL);
  g_assert_cmpint (send (fd, "last words", 10, MSG_NOSIGNAL), ==, 10);
  close (fd);
  WAIT_UNTIL (&caller, caller.closed);
  g_assert_cmpstr (caller.received->str, ==, "last words");
  g_assert_cmpint (caller.reason, ==, NET_CLOSE_PEER);
  caller_end (&caller);
  close (listener);
  stop (reactor);
}

typedef struct
{
  Caller *caller;
  gsize length;
  gsize mark;
} Flood;

static guint
n_sent (Caller *caller)
{
  guint n;

  g_mutex_lock (&caller->lock);
  n = caller->n_sent;
  g_mutex_unlock (&caller->lock);
  return n;
}

static void
set_n_sent (Caller *caller, guint n)
{
  g_mutex_lock (&caller->lock);
  caller->n_sent = n;
  g_mutex_unlock (&caller->lock);
}

static void
flood (NetWorker *worker, gpointer data)
{
  Flood *flood = data;
  NetConn *conn = flood->caller->conn;

  memset (net_buffer_reserve (net_conn_output (conn), flood->length), 'x', flood->length);
  net_buffer_commit (net_conn_output (conn), flood->length);
  net_conn_notify_sent (conn, flood->mark);
  g_assert_cmpuint (n_sent (flood->caller), ==, 0);
  net_conn_flush_soon (conn);
}

/* The peer refuses in the middle of what we send, and closes with our bytes unread: a reset. Its words count.
 */
static void
test_refusal_with_reset (void)
{
  NetReactor *reactor = start ();
  Caller caller = { .busy = TRUE };
  Flood big = { .caller = &caller, .length = 16 << 20 };
  guint16 port;
  int listener = net_test_listen (5, &port), fd;

  caller_begin (&caller, reactor, "127.0.0.1", port, NULL, 30000);
  fd = accept (listener, NULL, NULL);
  WAIT_UNTIL (&caller, caller.opened);
  net_worker_call (net_reactor_worker (reactor, 0), flood, &big);
  g_usleep (50000);
  g_assert_cmpint (send (fd, "no", 2, MSG_NOSIGNAL), ==, 2);
  g_usleep (50000);
  close (fd);
  WAIT_UNTIL (&caller, caller.closed);
  g_assert_cmpstr (caller.received->str, ==, "no");
  g_assert_cmpuint (caller.n_sent, ==, 0);
  caller_end (&caller);
  close (listener);
  stop (reactor);
}

typedef struct
{
  Caller *caller;
  int peer; /* -1: it stays; else it is reset first */
} Now;

static void
send_now (NetWorker *worker, gpointer data)
{
  Now *now = data;
  NetConn *conn = now->caller->conn;
  const struct linger at_once = { .l_onoff = 1 };

  if (now->peer >= 0)
    {
      g_assert_cmpint (setsockopt (now->peer, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once), ==, 0);
      close (now->peer);
    }
  net_buffer_append (net_conn_output (conn), "now", 3);
  net_conn_flush_now (conn);
  g_assert_cmpuint (net_buffer_length (net_conn_output (conn)), ==, 0);
  g_assert_true (net_conn_is_open (conn)); /* a peer that is gone is seen later */
}

/* What is flushed now is sent before the call returns; what follows from it, such as the end, comes after that. */
static void
test_flush_now (void)
{
  NetReactor *reactor = start ();
  Caller caller = { .busy = TRUE };
  Now now = { .caller = &caller, .peer = -1 };
  char word[3];
  guint16 port;
  int listener = net_test_listen (5, &port);
  int fd;

  caller_begin (&caller, reactor, "127.0.0.1", port, NULL, 30000);
  fd = accept (listener, NULL, NULL);
  WAIT_UNTIL (&caller, caller.opened);
  net_worker_call (net_reactor_worker (reactor, 0), send_now, &now);
  g_assert_cmpint (recv (fd, word, sizeof word, MSG_WAITALL), ==, 3);
  g_assert_cmpmem (word, 3, "now", 3);
  now.peer = fd;
  net_worker_call (net_reactor_worker (reactor, 0), send_now, &now);
  WAIT_UNTIL (&caller, caller.closed);
  caller_end (&caller);
  close (listener);
  stop (reactor);
}

/* sent() comes once, when the slow reader has left no more than the mark; at once when nothing waits. */
static void
test_sent (void)
{
  NetReactor *reactor = start ();
  Caller caller = { .busy = TRUE };
  Flood big = { .caller = &caller, .length = 16 << 20, .mark = CALLER_MARK }, nothing = { .caller = &caller };
  static guint8 waste[65536];
  gsize left = big.length;
  guint16 port;
  int listener = net_test_listen (5, &port), fd;

  caller_begin (&caller, reactor, "127.0.0.1", port, NULL, 30000);
  fd = accept (listener, NULL, NULL);
  WAIT_UNTIL (&caller, caller.opened);
  net_worker_call (net_reactor_worker (reactor, 0), flood, &big);
  g_usleep (100000);
  g_assert_cmpuint (n_sent (&caller), ==, 0); /* it reads nothing */
  while (left > 0)
    {
      gssize n = recv (fd, waste, sizeof waste, 0);

      g_assert_cmpint (n, >, 0);
      left -= (gsize)n;
    }
  WAIT_UNTIL (&caller, caller.n_sent > 0);
  g_usleep (20000);
  g_assert_cmpuint (n_sent (&caller), ==, 1);
  set_n_sent (&caller, 0);
  net_worker_call (net_reactor_worker (reactor, 0), flood, &nothing);
  WAIT_UNTIL (&caller, caller.n_sent == 1);
  close (fd);
  caller_end (&caller);
  close (listener);
  stop (reactor);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/net/connected/early-close", test_early_close);
  g_test_add_func ("/net/connected/refusal-with-reset", test_refusal_with_reset);
  g_test_add_func ("/net/connected/flush-now", test_flush_now);
  g_test_add_func ("/net/connected/sent", test_sent);
  return g_test_run ();
}
