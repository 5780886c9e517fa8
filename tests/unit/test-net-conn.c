/* Connections: bytes in and out, pause and resume, closing, time-outs. Each case over plain TCP and over TLS. */
#include "config.h"
#include "net-test.h"
#include <sys/socket.h>
#include <unistd.h>

typedef struct
{
  NetTestServer server;
  ApimLimits limits;
  NetTls *tls;
  gboolean secure;
} Fixture;

static void
start (Fixture *fixture)
{
  net_test_server_start (&fixture->server, 2, &fixture->limits, fixture->tls);
}

static void
set_up (Fixture *fixture, gconstpointer secure)
{
  fixture->secure = GPOINTER_TO_INT (secure);
  fixture->limits = net_test_limits ();
  fixture->tls = fixture->secure ? net_test_tls (TLS1_2_VERSION, NULL) : NULL;
}

static void
tear_down (Fixture *fixture, gconstpointer secure)
{
  net_test_server_stop (&fixture->server);
  net_tls_unref (fixture->tls);
}

static void
connect_client (Fixture *fixture, NetTestClient *client)
{
  net_test_client (client, fixture->server.port, fixture->secure);
}

static void
test_echo (Fixture *fixture, gconstpointer data)
{
  NetTestClient client;
  NetCounters counters;

  start (fixture);
  connect_client (fixture, &client);
  for (int i = 0; i < 100; i++)
    {
      g_autofree char *line = g_strdup_printf ("line %d", i);
      g_autofree char *request = g_strconcat (line, "\n", NULL);

      net_test_send (&client, request);
      net_test_expect (&client, line);
    }
  g_assert_cmpuint (net_test_counters (&fixture->server).open, ==, 1);
  net_test_client_close (&client);
  net_test_wait_closed (&fixture->server, NET_CLOSE_PEER, 1);
  counters = net_test_counters (&fixture->server);
  g_assert_cmpuint (counters.bytes_in, ==, 790);
  g_assert_cmpuint (counters.bytes_out, ==, 790);
}

/* Every byte in a packet (and a TLS record) of its own; and a request in two halves. */
static void
test_byte_at_a_time (Fixture *fixture, gconstpointer data)
{
  NetTestClient client;

  start (fixture);
  connect_client (fixture, &client);
  for (const char *p = "one byte after the other\nlater this too\n"; *p != '\0'; p++)
    net_test_send (&client, (char[]){ *p, '\0' });
  net_test_expect (&client, "one byte after the other");
  net_test_expect (&client, "later this too");
  net_test_client_close (&client);
}

/* Many requests in one write are answered in order, the ones that pause in between included. */
static void
test_pipelined (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GString) requests = g_string_new (NULL);
  NetTestClient client;

  start (fixture);
  connect_client (fixture, &client);
  for (int i = 0; i < 2000; i++)
    g_string_append_printf (requests, "%s%d\n", i % 10 == 0 ? "later " : "now ", i);
  net_test_send (&client, requests->str);
  for (int i = 0; i < 2000; i++)
    {
      g_autofree char *line = g_strdup_printf ("%s%d", i % 10 == 0 ? "later " : "now ", i);

      net_test_expect (&client, line);
    }
  net_test_client_close (&client);
}

/* A protocol that resumes before input() returns is called again for what is left. */
static void
test_resume_at_once (Fixture *fixture, gconstpointer data)
{
  NetTestClient client;

  start (fixture);
  connect_client (fixture, &client);
  net_test_send (&client, "sync 1\nsync 2\nnow 3\nsync 4\n");
  net_test_expect (&client, "sync 1");
  net_test_expect (&client, "sync 2");
  net_test_expect (&client, "now 3");
  net_test_expect (&client, "sync 4");
  net_test_client_close (&client);
}

static void
test_large_messages (Fixture *fixture, gconstpointer data)
{
  g_autofree char *line = g_strnfill (900000, 'x');
  g_autofree char *request = g_strconcat (line, "\n", NULL);
  NetTestClient client;

  start (fixture);
  connect_client (fixture, &client);
  for (int i = 0; i < 3; i++)
    {
      net_test_send (&client, request);
      net_test_expect (&client, line);
    }
  net_test_client_close (&client);
}

/* A message beyond every protocol's limit is cut off even if the protocol never looks. */
static void
test_endless_message (Fixture *fixture, gconstpointer data)
{
  g_autofree char *part = g_strnfill (65536, 'x');
  NetTestClient client;
  gssize n = 1;

  start (fixture);
  connect_client (fixture, &client);
  for (int i = 0; i < 200 && n > 0; i++)
    n = fixture->secure ? SSL_write (client.ssl, part, 65536) : send (client.fd, part, 65536, MSG_NOSIGNAL);
  net_test_wait_closed (&fixture->server, NET_CLOSE_PROTOCOL, 1);
  net_test_client_close (&client);
}

/* The request's bytes, read by another thread in the input buffer, survive the connection's end (the sanitizers
 * watch). */
static void
test_close_while_paused (Fixture *fixture, gconstpointer data)
{
  NetTestClient client;
  const struct linger reset = { .l_onoff = 1 };

  start (fixture);
  connect_client (fixture, &client);
  net_test_send (&client, "hold this\n");
  net_test_wait_held (&fixture->server, 1);
  setsockopt (client.fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  if (client.ssl != NULL)
    SSL_free (client.ssl);
  close (client.fd);
  net_test_wait_closed (&fixture->server, NET_CLOSE_IO, 1);
  g_assert_cmpint (g_atomic_int_get (&fixture->server.paused_closes), ==, 1);
  net_test_release (&fixture->server);
  net_test_wait_held (&fixture->server, 0);
}

static void
do_nothing (NetWorker *worker, gpointer data)
{
}

/* What comes while nothing is read is read afterwards, to its end, though nothing more comes: also when the peer has
 * ended its side meanwhile. */
static void
test_more_while_paused (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GString) requests = g_string_new (NULL);
  NetTestClient client;

  start (fixture);
  connect_client (fixture, &client);
  for (int round = 0; round < 2; round++)
    {
      g_string_assign (requests, "");
      for (int i = 0; i < 5000; i++)
        g_string_append_printf (requests, "now %d\n", i);
      net_test_send (&client, "hold this\n");
      net_test_wait_held (&fixture->server, 1);
      net_test_send (&client, requests->str);
      if (round == 1)
        shutdown (client.fd, SHUT_WR);
      for (guint i = 0; i < net_reactor_n_workers (fixture->server.reactor); i++)
        net_worker_call (net_reactor_worker (fixture->server.reactor, i), do_nothing, NULL); /* the events are over */
      net_test_release (&fixture->server);
      net_test_expect (&client, "hold this");
      for (int i = 0; i < 5000; i++)
        {
          g_autofree char *line = g_strdup_printf ("now %d", i);

          net_test_expect (&client, line);
        }
    }
  net_test_wait_closed (&fixture->server, NET_CLOSE_PEER, 1);
  net_test_client_close (&client);
}

/* What was asked before the peer ended its side is answered. */
static void
test_half_close (Fixture *fixture, gconstpointer data)
{
  NetTestClient client;

  start (fixture);
  connect_client (fixture, &client);
  net_test_send (&client, "now 1\nlater 2\nnow 3\n");
  if (client.ssl != NULL)
    SSL_shutdown (client.ssl);
  shutdown (client.fd, SHUT_WR);
  net_test_expect (&client, "now 1");
  net_test_expect (&client, "later 2");
  net_test_expect (&client, "now 3");
  net_test_expect_end (&client);
  net_test_client_close (&client);
  net_test_wait_closed (&fixture->server, NET_CLOSE_PEER, 1);
}

/* Pipelined calls, then a reset with the replies unread (T24): only this connection goes. */
static void
test_close_with_replies_unsent (Fixture *fixture, gconstpointer data)
{
  NetTestClient client, other;

  start (fixture);
  connect_client (fixture, &other);
  connect_client (fixture, &client);
  net_test_wait_open (&fixture->server, 2);
  for (int i = 0; i < 5; i++)
    net_test_send (&client, "big 300000\nlater 1\n");
  if (client.ssl != NULL)
    SSL_free (client.ssl);
  close (client.fd);
  net_test_wait_open (&fixture->server, 1);
  net_test_send (&other, "still here\n");
  net_test_expect (&other, "still here");
  net_test_client_close (&other);
}

/* The answer before a close arrives even though the server left later bytes of the peer unread. */
static void
test_quit (Fixture *fixture, gconstpointer data)
{
  g_autofree char *more = g_strnfill (300000, 'y');
  NetTestClient client;

  start (fixture);
  connect_client (fixture, &client);
  net_test_send (&client, "quit now\n");
  net_test_send (&client, more);
  net_test_expect (&client, "quit now");
  net_test_expect_end (&client);
  net_test_client_close (&client);
  net_test_wait_closed (&fixture->server, NET_CLOSE_DONE, 1);
}

static void
test_break (Fixture *fixture, gconstpointer data)
{
  NetTestClient client;

  start (fixture);
  connect_client (fixture, &client);
  net_test_send (&client, "break\nnever answered\n");
  net_test_expect_end (&client);
  net_test_client_close (&client);
  net_test_wait_closed (&fixture->server, NET_CLOSE_PROTOCOL, 1);
}

/* A peer that asks and does not read: no more of its requests are taken, its memory stays bounded, and it goes by
 * the write time-out. */
static void
test_slow_reader (Fixture *fixture, gconstpointer data)
{
  NetTestClient client;
  const struct timeval short_patience = { .tv_usec = 200000 };
  const char *requests = "big 60000\nbig 60000\nbig 60000\nbig 60000\n";
  gsize sent = 0;

  fixture->limits.write_timeout_ms = 1500;
  start (fixture);
  connect_client (fixture, &client);
  setsockopt (client.fd, SOL_SOCKET, SO_SNDTIMEO, &short_patience, sizeof short_patience);
  for (int i = 0; i < 1000000; i++)
    {
      gssize n = client.ssl != NULL ? SSL_write (client.ssl, requests, (int) strlen (requests))
                                    : send (client.fd, requests, strlen (requests), MSG_NOSIGNAL);

      if (n <= 0)
        break; /* the sockets are full: the server reads no more */
      sent += (gsize) n;
    }
  /* Reading all that would have made answers of 6,000 times its size. */
  g_assert_cmpuint (net_test_counters (&fixture->server).bytes_in, <, sent);
  net_test_wait_closed (&fixture->server, NET_CLOSE_WRITE_TIMEOUT, 1);
  if (client.ssl != NULL)
    SSL_free (client.ssl);
  close (client.fd);
}

/* A peer that stops reading for a while and then goes on gets every answer. */
static void
test_slow_reader_recovers (Fixture *fixture, gconstpointer data)
{
  NetTestClient client;
  guint64 before, now = 0;

  start (fixture);
  connect_client (fixture, &client);
  for (int i = 0; i < 200; i++)
    net_test_send (&client, "big 60000\n");
  do /* until the server is stuck */
    {
      before = now;
      g_usleep (100000);
      now = net_test_counters (&fixture->server).bytes_out;
    }
  while (now == 0 || now != before);
  net_test_skip (&client, 200 * 60001);
  net_test_send (&client, "and on\n");
  net_test_expect (&client, "and on");
  net_test_client_close (&client);
}

static void
test_idle_timeout (Fixture *fixture, gconstpointer data)
{
  NetTestClient client, busy;

  fixture->limits.idle_timeout_ms = 2000;
  start (fixture);
  connect_client (fixture, &busy);
  net_test_send (&busy, "hold on\n");
  connect_client (fixture, &client);
  net_test_send (&client, "one\n");
  net_test_expect (&client, "one");
  net_test_expect_end (&client);
  net_test_wait_closed (&fixture->server, NET_CLOSE_IDLE_TIMEOUT, 1);
  /* A request in progress is not idleness; after it, the time runs. */
  g_usleep (500000); /* longer than the other one took: the time is over for both */
  g_assert_cmpuint (net_test_counters (&fixture->server).open, ==, 1);
  net_test_release (&fixture->server);
  net_test_expect (&busy, "hold on");
  net_test_expect_end (&busy);
  net_test_wait_closed (&fixture->server, NET_CLOSE_IDLE_TIMEOUT, 2);
  net_test_client_close (&client);
  net_test_client_close (&busy);
}

/* T13: progress of a byte now and then does not keep a request alive; whole requests do. */
static void
test_read_timeout (Fixture *fixture, gconstpointer data)
{
  NetTestClient slow, quick;

  fixture->limits.read_timeout_ms = 700;
  start (fixture);
  connect_client (fixture, &slow);
  connect_client (fixture, &quick);
  net_test_send (&slow, "first\nsec");
  net_test_expect (&slow, "first");
  for (int i = 0; i < 2000 && net_test_counters (&fixture->server).closed[NET_CLOSE_READ_TIMEOUT] == 0; i++)
    {
      if (slow.ssl != NULL)
        SSL_write (slow.ssl, "x", 1);
      else
        send (slow.fd, "x", 1, MSG_NOSIGNAL);
      net_test_send (&quick, "whole\n");
      net_test_expect (&quick, "whole");
      g_usleep (20000);
    }
  net_test_wait_closed (&fixture->server, NET_CLOSE_READ_TIMEOUT, 1);
  net_test_send (&quick, "still here\n");
  net_test_expect (&quick, "still here");
  net_test_client_close (&quick);
  net_test_client_close (&slow);
}

/* An answered connection holds no buffers, also after large messages. */
static void
look_for_buffers (NetWorker *worker, gpointer data)
{
  guint *found = data;

  for (NetConn *conn = worker->conns; conn != NULL; conn = conn->next)
    *found += (conn->input.bytes != NULL) + (conn->output.bytes != NULL);
}

static void
test_idle_holds_nothing (Fixture *fixture, gconstpointer data)
{
  g_autofree char *line = g_strnfill (200000, 'x');
  g_autofree char *request = g_strconcat (line, "\n", NULL);
  NetTestClient client;
  guint found = 0;

  start (fixture);
  connect_client (fixture, &client);
  net_test_send (&client, request);
  net_test_expect (&client, line);
  net_test_send (&client, "later more\n");
  net_test_expect (&client, "later more");
  for (int i = 0; i < 10; i++) /* the turn that sent the answer ends after we have it */
    for (guint j = 0; j < 2; j++)
      {
        found = 0;
        net_worker_call (net_reactor_worker (fixture->server.reactor, j), look_for_buffers, &found);
      }
  g_assert_cmpuint (found, ==, 0);
  net_test_client_close (&client);
}

#define ADD(name, function)                                                                                            \
  g_test_add ("/net/conn/plain/" name, Fixture, GINT_TO_POINTER (FALSE), set_up, function, tear_down);                 \
  g_test_add ("/net/conn/tls/" name, Fixture, GINT_TO_POINTER (TRUE), set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("echo", test_echo);
  ADD ("byte-at-a-time", test_byte_at_a_time);
  ADD ("pipelined", test_pipelined);
  ADD ("resume-at-once", test_resume_at_once);
  ADD ("large-messages", test_large_messages);
  ADD ("endless-message", test_endless_message);
  ADD ("close-while-paused", test_close_while_paused);
  ADD ("more-while-paused", test_more_while_paused);
  ADD ("half-close", test_half_close);
  ADD ("close-with-replies-unsent", test_close_with_replies_unsent);
  ADD ("quit", test_quit);
  ADD ("break", test_break);
  ADD ("slow-reader", test_slow_reader);
  ADD ("slow-reader-recovers", test_slow_reader_recovers);
  ADD ("idle-timeout", test_idle_timeout);
  ADD ("read-timeout", test_read_timeout);
  ADD ("idle-holds-nothing", test_idle_holds_nothing);
  return g_test_run ();
}
