/* Calls to backends over real sockets. The test's own thread is the backend: it accepts, reads requests, and
 * answers with bytes as good or bad as the case wants them. */
#include "config.h"
#include "gateway/gw-upstream.h"
#include "net-test.h"
#include <poll.h>
#include <unistd.h>

#define PATIENCE_US (30 * G_USEC_PER_SEC)
#define GET "GET /a HTTP/1.1\r\nHost: b\r\n\r\n"
#define POST "POST /a HTTP/1.1\r\nHost: b\r\nTransfer-Encoding: chunked\r\n\r\n"
#define OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

typedef struct
{
  NetReactor *reactor;
  GwUpstream *upstream;
  GwUpstreamTarget *target;
  int listener;
  guint16 port;
} Fixture;

/* What a call does when something happens. */
typedef enum
{
  AT_HEAD = 1,
  AT_BODY = 2,
  AT_DONE = 4,
} Moment;

/* One call and what came of it. Results are under the lock. */
typedef struct _Call Call;
struct _Call
{
  GwUpstreamExchange exchange; /* first */
  Fixture *fixture;
  const char *request; /* the head */
  gboolean open;       /* not ended when it begins */
  guint pause_at, cancel_at;
  Call *then; /* begun in done() */

  GMutex lock;
  GCond changed;
  guint status;
  gint64 content_length;
  GString *body;
  gboolean done, failed;
  guint n_writable;
  GwErrorCode code;
  char *why;
};

static void call_begin_on_worker (NetWorker *worker, gpointer data);

static void
react (Call *call, Moment moment)
{
  if (call->pause_at & moment)
    gw_upstream_pause (&call->exchange);
  if (call->cancel_at & moment)
    gw_upstream_cancel (&call->exchange);
}

static void
on_head (GwUpstreamExchange *exchange, const NetHttpResponse *response)
{
  Call *call = (Call *)exchange;

  g_mutex_lock (&call->lock);
  g_assert_cmpuint (call->status, ==, 0);
  g_assert_false (call->done || call->failed);
  call->status = response->status;
  call->content_length = response->content_length;
  react (call, AT_HEAD);
  g_cond_broadcast (&call->changed);
  g_mutex_unlock (&call->lock);
}

static void
on_body (GwUpstreamExchange *exchange, const guint8 *bytes, gsize length)
{
  Call *call = (Call *)exchange;

  g_mutex_lock (&call->lock);
  g_assert_cmpuint (call->status, !=, 0);
  g_assert_cmpuint (length, >, 0);
  g_assert_false (call->done || call->failed || call->exchange.paused);
  g_string_append_len (call->body, (const char *)bytes, (gssize)length);
  react (call, AT_BODY);
  g_cond_broadcast (&call->changed);
  g_mutex_unlock (&call->lock);
}

static void
on_writable (GwUpstreamExchange *exchange)
{
  Call *call = (Call *)exchange;

  g_mutex_lock (&call->lock);
  g_assert_false (call->done || call->failed);
  call->n_writable++;
  g_cond_broadcast (&call->changed);
  g_mutex_unlock (&call->lock);
}

static void
on_done (GwUpstreamExchange *exchange)
{
  Call *call = (Call *)exchange;

  g_mutex_lock (&call->lock);
  g_assert_cmpuint (call->status, !=, 0);
  g_assert_false (call->done || call->failed || call->exchange.paused);
  call->done = TRUE;
  react (call, AT_DONE);
  if (call->then != NULL)
    call_begin_on_worker (exchange->worker, call->then);
  g_cond_broadcast (&call->changed);
  g_mutex_unlock (&call->lock);
}

static void
on_failed (GwUpstreamExchange *exchange, GwErrorCode code, const char *why)
{
  Call *call = (Call *)exchange;

  g_mutex_lock (&call->lock);
  g_assert_false (call->done || call->failed);
  call->failed = TRUE;
  call->code = code;
  call->why = g_strdup (why);
  g_cond_broadcast (&call->changed);
  g_mutex_unlock (&call->lock);
}

static const GwUpstreamEvents events = { on_head, on_body, on_writable, on_done, on_failed };

static void
call_begin_on_worker (NetWorker *worker, gpointer data)
{
  Call *call = data;

  gw_upstream_begin (call->fixture->upstream, worker, call->fixture->target, &call->exchange);
  net_buffer_append (gw_upstream_output (&call->exchange), call->request, strlen (call->request));
  if (!call->open)
    gw_upstream_end (&call->exchange);
  g_assert_false (call->failed);
}

static void
on_worker (Fixture *fixture, void (*run) (NetWorker *worker, gpointer data), gpointer data)
{
  net_worker_call (net_reactor_worker (fixture->reactor, 0), run, data);
}

static void
call_prepare (Call *call, Fixture *fixture, const char *request)
{
  g_mutex_init (&call->lock);
  g_cond_init (&call->changed);
  call->exchange.events = &events;
  call->exchange.idempotent = !g_str_has_prefix (request, "POST");
  call->exchange.to_head = g_str_has_prefix (request, "HEAD");
  if (strstr (request, "chunked") != NULL)
    call->exchange.framing = GW_UPSTREAM_CHUNKED;
  else if (strstr (request, "Content-Length") != NULL)
    call->exchange.framing = GW_UPSTREAM_LENGTH;
  if (call->exchange.timeout_ms == 0)
    call->exchange.timeout_ms = 30000;
  call->fixture = fixture;
  call->request = request;
  call->body = g_string_new (NULL);
}

static void
call_begin (Call *call, Fixture *fixture, const char *request)
{
  call_prepare (call, fixture, request);
  on_worker (fixture, call_begin_on_worker, call);
}

#define WAIT_UNTIL(call, condition)                                                                          \
  do                                                                                                         \
    {                                                                                                        \
      gint64 end_us = g_get_monotonic_time () + PATIENCE_US;                                                 \
                                                                                                             \
      g_mutex_lock (&(call)->lock);                                                                          \
      while (!(condition))                                                                                   \
        g_assert_true (g_cond_wait_until (&(call)->changed, &(call)->lock, end_us));                         \
      g_mutex_unlock (&(call)->lock);                                                                        \
    }                                                                                                        \
  while (0)

static void
call_clear (Call *call)
{
  g_string_free (call->body, TRUE);
  g_free (call->why);
  g_mutex_clear (&call->lock);
  g_cond_clear (&call->changed);
}

static void
expect_done (Call *call, guint status, const char *body)
{
  WAIT_UNTIL (call, call->done || call->failed);
  g_assert_cmpstr (call->why, ==, NULL);
  g_assert_cmpuint (call->status, ==, status);
  g_assert_cmpstr (call->body->str, ==, body);
  call_clear (call);
}

static void
expect_failed (Call *call, gint code, const char *part)
{
  WAIT_UNTIL (call, call->done || call->failed);
  g_assert_true (call->failed);
  if ((gint)call->code != code || strstr (call->why, part) == NULL)
    g_error ("failed with %d (%s) instead of %d (%s)", call->code, call->why, code, part);
  call_clear (call);
}

/* The backend. */

static int
backend_accept (Fixture *fixture)
{
  const struct timeval patience = { .tv_sec = 30 };
  int fd = accept (fixture->listener, NULL, NULL);

  g_assert_cmpint (fd, >=, 0);
  setsockopt (fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt (fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  return fd;
}

static gboolean
connection_waits (Fixture *fixture, int ms)
{
  struct pollfd waiting = { .fd = fixture->listener, .events = POLLIN };

  return poll (&waiting, 1, ms) == 1;
}

static void
backend_expect (int fd, const char *request)
{
  gsize length = strlen (request), got = 0;
  g_autofree char *bytes = g_malloc0 (length + 1);

  while (got < length)
    {
      gssize n = recv (fd, bytes + got, length - got, 0);

      if (n <= 0)
        break;
      got += (gsize)n;
    }
  g_assert_cmpstr (bytes, ==, request);
}

static void
backend_send (int fd, const char *bytes, gsize length)
{
  while (length > 0)
    {
      gssize n = send (fd, bytes, length, MSG_NOSIGNAL);

      g_assert_cmpint (n, >, 0);
      bytes += n;
      length -= (gsize)n;
    }
}

static void
backend_answer (int fd, const char *answer)
{
  backend_send (fd, answer, strlen (answer));
}

/* The other side has closed, with or without a reset; nothing more came. */
static void
backend_expect_end (int fd)
{
  char byte;

  g_assert_cmpint (recv (fd, &byte, 1, 0), <=, 0);
  g_assert_true (errno != EAGAIN);
  close (fd);
}

static NetAddresses *
resolve (const char *host, const char **why, gboolean *gone)
{
  NetAddresses *addresses;
  const struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = g_htonl (INADDR_LOOPBACK) };

  *gone = TRUE;
  *why = "no such name";
  if (g_str_equal (host, "none.example"))
    return NULL;
  addresses = g_new0 (NetAddresses, 1);
  g_atomic_ref_count_init (&addresses->references);
  memcpy (&addresses->list[addresses->n++], &address, sizeof address);
  return addresses;
}

static const GwUpstreamSettings standard = {
  .connect_timeout_ms = 30000,
  .idle_timeout_ms = 30000,
  .read_timeout_ms = 30000,
  .max_connections = 100,
  .max_waiting = 100,
  .max_head = 4096,
};

static void
start (Fixture *fixture, const GwUpstreamSettings *settings)
{
  ApimLimits limits = net_test_limits ();
  g_autoptr (GError) error = NULL;

  fixture->listener = net_test_listen (100, &fixture->port);
  fixture->reactor = net_reactor_new (2, &limits, &apim_clock_system, &error);
  g_assert_no_error (error);
  net_reactor_set_resolver (fixture->reactor, resolve);
  fixture->upstream = gw_upstream_new (fixture->reactor, NULL, settings != NULL ? settings : &standard);
  fixture->target = gw_upstream_target (fixture->upstream, "backend.example", fixture->port, FALSE);
}

static NetCounters
stop (Fixture *fixture)
{
  NetCounters counters;

  net_reactor_drain (fixture->reactor, 0);
  net_reactor_read_counters (fixture->reactor, &counters);
  g_assert_cmpuint (counters.connected_open, ==, 0);
  gw_upstream_target_unref (fixture->target);
  gw_upstream_free (fixture->upstream);
  net_reactor_free (fixture->reactor);
  close (fixture->listener);
  return counters;
}

/* Answers. */

typedef struct
{
  const char *request;
  const char *answer;
  guint status;
  const char *body;
  gboolean ends; /* the answer ends with the connection */
  gboolean kept; /* the connection may serve again */
} Answer;

static const Answer answers[] = {
  { GET, OK, 200, "ok", FALSE, TRUE },
  { GET, "HTTP/1.1 404 \r\nContent-Length: 0\r\n\r\n", 404, "", FALSE, TRUE },
  { GET, "HTTP/1.1 204 No Content\r\n\r\n", 204, "", FALSE, TRUE },
  { GET, "HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n", 304, "", FALSE, TRUE },
  { "HEAD /a HTTP/1.1\r\nHost: b\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n", 200, "", FALSE,
    TRUE },
  { "HEAD /a HTTP/1.1\r\nHost: b\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", 200, "",
    FALSE, TRUE },
  { GET,
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\nTrailer: "
    "t\r\n\r\n",
    200, "abcdefg", FALSE, TRUE },
  { GET, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 200, "", FALSE, TRUE },
  { GET, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" OK, 200, "ok", FALSE,
    TRUE },
  { GET, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok", 200, "ok", FALSE, FALSE },
  { GET, "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, "ok", FALSE, FALSE },
  { GET, "HTTP/1.1 200 OK\r\n\r\nuntil the end", 200, "until the end", TRUE, FALSE },
  { GET, "HTTP/1.1 200 OK\r\n\r\n", 200, "", TRUE, FALSE },
};

static void
send_in_bytes (int fd, const char *answer)
{
  for (; *answer != '\0'; answer++)
    {
      backend_send (fd, answer, 1);
      g_usleep (200);
    }
}

static void
check_answer (Fixture *fixture, const Answer *answer, gboolean in_bytes)
{
  Call call = { 0 }, next = { 0 };
  int fd;

  call_begin (&call, fixture, answer->request);
  fd = backend_accept (fixture);
  backend_expect (fd, answer->request);
  if (in_bytes)
    send_in_bytes (fd, answer->answer);
  else
    backend_answer (fd, answer->answer);
  if (answer->ends)
    close (fd);
  expect_done (&call, answer->status, answer->body);
  if (!answer->kept)
    {
      if (!answer->ends)
        backend_expect_end (fd);
      return;
    }
  call_begin (&next, fixture, "GET /again HTTP/1.1\r\n\r\n");
  backend_expect (fd, "GET /again HTTP/1.1\r\n\r\n");
  backend_answer (fd, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nagain");
  expect_done (&next, 200, "again");
  backend_expect_end (fd);
}

static void
test_answers (void)
{
  Fixture fixture = { 0 };

  start (&fixture, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      check_answer (&fixture, &answers[i], FALSE);
      check_answer (&fixture, &answers[i], TRUE);
    }
  g_assert_cmpuint (stop (&fixture).connected, ==, 2 * G_N_ELEMENTS (answers));
}

/* What is no answer that could be passed on; RFC 9112 6.3, 11.2. */
typedef struct
{
  const char *bytes;
  gsize length;
} Bytes;

#define BYTES(text)                                                                                          \
  {                                                                                                          \
    text, sizeof text - 1                                                                                    \
  }

static const Bytes broken[] = {
  BYTES ("HELLO\r\n\r\n"),
  BYTES ("HTTP/2.0 200 OK\r\n\r\n"),
  BYTES ("HTTP/1.1 2000 OK\r\n\r\n"),
  BYTES ("HTTP/1.1 200 OK\n\n"),
  BYTES ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
  BYTES ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok"),
  BYTES ("HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nok"),
  BYTES ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
  BYTES ("HTTP/1.1 200 OK\r\nName : value\r\n\r\n"),
  BYTES ("HTTP/1.1 200 OK\r\nA: b\r\n folded\r\n\r\n"),
  BYTES ("HTTP/1.1 200 OK\r\nA: b\0c\r\n\r\n"),
  BYTES ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"),
};

static void
test_broken_answers (void)
{
  Fixture fixture = { 0 };

  start (&fixture, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (broken); i++)
    {
      Call call = { 0 };
      int fd;

      call_begin (&call, &fixture, GET);
      fd = backend_accept (&fixture);
      backend_expect (fd, GET);
      backend_send (fd, broken[i].bytes, broken[i].length);
      expect_failed (&call, GW_ERROR_PROTOCOL, "sent a broken answer: ");
      backend_expect_end (fd);
    }
  stop (&fixture);
}

static void
test_broken_chunks (void)
{
  static const char head[] = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  Fixture fixture = { 0 };
  Call call = { 0 };
  int fd;

  start (&fixture, NULL);
  call_begin (&call, &fixture, GET);
  fd = backend_accept (&fixture);
  backend_expect (fd, GET);
  backend_answer (fd, head);
  backend_answer (fd, "2\r\nok\r\n-1\r\n");
  expect_failed (&call, GW_ERROR_PROTOCOL, "chunk size");
  backend_expect_end (fd);
  stop (&fixture);
}

static void
test_floods (void)
{
  Fixture fixture = { 0 };
  Call call = { 0 }, interim = { 0 };
  g_autofree char *field = g_strnfill (5000, 'x');
  int fd;

  start (&fixture, NULL);
  call_begin (&call, &fixture, GET);
  fd = backend_accept (&fixture);
  backend_expect (fd, GET);
  backend_answer (fd, "HTTP/1.1 200 OK\r\nX: ");
  backend_answer (fd, field);
  expect_failed (&call, GW_ERROR_PROTOCOL, "sent a broken answer");
  backend_expect_end (fd);
  call_begin (&interim, &fixture, GET);
  fd = backend_accept (&fixture);
  backend_expect (fd, GET);
  for (int i = 0; i < 17; i++)
    backend_answer (fd, "HTTP/1.1 100 Continue\r\n\r\n");
  expect_failed (&interim, GW_ERROR_PROTOCOL, "too many interim answers");
  backend_expect_end (fd);
  stop (&fixture);
}

/* An answer that is longer than it says never reaches the next call. */
static void
test_surplus (void)
{
  Fixture fixture = { 0 };
  Call first = { 0 }, second = { 0 }, third = { 0 };
  int fd;

  start (&fixture, NULL);
  call_begin (&first, &fixture, GET);
  fd = backend_accept (&fixture);
  backend_expect (fd, GET);
  backend_answer (fd, OK "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison");
  expect_done (&first, 200, "ok");
  backend_expect_end (fd);
  /* And when it comes later, while nobody waits for anything. */
  call_begin (&second, &fixture, GET);
  fd = backend_accept (&fixture);
  backend_expect (fd, GET);
  backend_answer (fd, OK);
  expect_done (&second, 200, "ok");
  backend_answer (fd, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison");
  backend_expect_end (fd);
  call_begin (&third, &fixture, GET);
  fd = backend_accept (&fixture);
  backend_expect (fd, GET);
  backend_answer (fd, OK);
  expect_done (&third, 200, "ok");
  close (fd);
  stop (&fixture);
}

/* Requests. */

typedef struct
{
  Call *call;
  const char *bytes;
  gsize length;
  gboolean end;
  gboolean more; /* out */
} Piece;

static void
send_on_worker (NetWorker *worker, gpointer data)
{
  Piece *piece = data;

  piece->more = gw_upstream_send (&piece->call->exchange, piece->bytes, piece->length);
  if (piece->end)
    gw_upstream_end (&piece->call->exchange);
}

static gboolean
call_send (Call *call, const char *bytes, gsize length, gboolean end)
{
  Piece piece = { .call = call, .bytes = bytes, .length = length, .end = end };

  on_worker (call->fixture, send_on_worker, &piece);
  return piece.more;
}

static void
test_request_bodies (void)
{
  static const char with_length[] = "PUT /a HTTP/1.1\r\nContent-Length: 7\r\n\r\n";
  Fixture fixture = { 0 };
  Call chunked = { .open = TRUE }, length = { .open = TRUE }, empty = { 0 };
  int fd;

  start (&fixture, NULL);
  call_begin (&chunked, &fixture, POST);
  g_assert_true (call_send (&chunked, NULL, 0, FALSE)); /* the head alone */
  fd = backend_accept (&fixture);
  backend_expect (fd, POST);
  g_assert_true (call_send (&chunked, "hello", 5, FALSE));
  backend_expect (fd, "5\r\nhello\r\n");
  g_assert_true (call_send (&chunked, "0123456789abcdefg", 17, TRUE));
  backend_expect (fd, "11\r\n0123456789abcdefg\r\n0\r\n\r\n");
  backend_answer (fd, OK);
  expect_done (&chunked, 200, "ok");

  call_begin (&length, &fixture, with_length);
  g_assert_true (call_send (&length, "abc", 3, FALSE));
  g_assert_true (call_send (&length, "defg", 4, TRUE));
  backend_expect (fd, with_length);
  backend_expect (fd, "abcdefg");
  backend_answer (fd, OK);
  expect_done (&length, 200, "ok");

  call_begin (&empty, &fixture, POST);
  backend_expect (fd, POST "0\r\n\r\n");
  backend_answer (fd, OK);
  expect_done (&empty, 200, "ok");
  close (fd);
  g_assert_cmpuint (stop (&fixture).connected, ==, 1);
}

/* A backend that does not read: the caller is told to stop, and to go on when there is room. */
static void
test_slow_backend (void)
{
  enum
  {
    PIECE = 32768,
    MOST = 64 << 20
  };
  Fixture fixture = { 0 };
  Call call = { .open = TRUE };
  g_autofree char *piece = g_strnfill (PIECE, 'x');
  g_autofree char *head = NULL;
  g_autofree char *waste = g_malloc (1 << 20);
  gsize sent = 0, got = 0;
  int fd;

  start (&fixture, NULL);
  head = g_strdup_printf ("PUT /a HTTP/1.1\r\nContent-Length: %d\r\n\r\n", MOST);
  call_begin (&call, &fixture, head);
  fd = backend_accept (&fixture);
  while (call_send (&call, piece, PIECE, FALSE))
    {
      sent += PIECE;
      g_assert_cmpuint (sent, <, MOST);
    }
  sent += PIECE;
  g_usleep (50000);
  g_assert_cmpuint (call.n_writable, ==, 0);
  backend_expect (fd, head);
  while (sent < MOST || got < MOST)
    {
      if (call.n_writable > 0)
        {
          call.n_writable = 0;
          while (sent < MOST)
            {
              sent += PIECE;
              if (!call_send (&call, piece, PIECE, sent == MOST))
                break;
            }
        }
      while (got < sent)
        {
          gssize n = recv (fd, waste, 1 << 20, 0);

          g_assert_cmpint (n, >, 0);
          got += (gsize)n;
        }
      if (sent < MOST)
        WAIT_UNTIL (&call, call.n_writable > 0);
    }
  backend_answer (fd, OK);
  expect_done (&call, 200, "ok");
  close (fd);
  stop (&fixture);
}

static void
resume_on_worker (NetWorker *worker, gpointer data)
{
  gw_upstream_resume (data);
}

/* A slow client: nothing comes while paused, not even done(), and the backend has to wait. */
static void
test_pause (void)
{
  enum
  {
    LENGTH = 32 << 20
  };
  Fixture fixture = { 0 };
  Call big = { .pause_at = AT_HEAD }, small = { .pause_at = AT_BODY };
  g_autofree char *body = g_strnfill (LENGTH, 'y');
  gsize sent = 0;
  int fd;

  start (&fixture, NULL);
  call_begin (&big, &fixture, GET);
  fd = backend_accept (&fixture);
  backend_expect (fd, GET);
  backend_answer (fd, "HTTP/1.1 200 OK\r\nContent-Length: 33554432\r\n\r\n");
  WAIT_UNTIL (&big, big.status == 200);
  for (int idle = 0; idle < 20;)
    {
      gssize n = send (fd, body, LENGTH - sent, MSG_NOSIGNAL | MSG_DONTWAIT);

      idle = n > 0 ? 0 : idle + 1;
      sent += n > 0 ? (gsize)n : 0;
      g_usleep (5000);
    }
  g_assert_cmpuint (sent, <, LENGTH); /* it is blocked */
  g_assert_cmpuint (big.body->len, ==, 0);
  on_worker (&fixture, resume_on_worker, &big.exchange);
  backend_send (fd, body, LENGTH - sent);
  expect_done (&big, 200, body);

  call_begin (&small, &fixture, GET);
  backend_expect (fd, GET);
  backend_answer (fd, OK);
  WAIT_UNTIL (&small, small.body->len == 2);
  g_usleep (50000);
  g_assert_false (small.done);
  on_worker (&fixture, resume_on_worker, &small.exchange);
  expect_done (&small, 200, "ok");
  close (fd);
  stop (&fixture);
}

/* The end of the connection is the end of the body, and comes while nobody may be told. */
static void
test_end_while_paused (void)
{
  Fixture fixture = { 0 };
  Call call = { .pause_at = AT_BODY };
  int fd;

  start (&fixture, NULL);
  call_begin (&call, &fixture, GET);
  fd = backend_accept (&fixture);
  backend_expect (fd, GET);
  backend_answer (fd, "HTTP/1.1 200 OK\r\n\r\nsome");
  WAIT_UNTIL (&call, call.body->len == 4);
  call.pause_at = 0;
  backend_answer (fd, " more");
  close (fd);
  g_usleep (50000);
  g_assert_cmpuint (call.body->len, ==, 4);
  on_worker (&fixture, resume_on_worker, &call.exchange);
  expect_done (&call, 200, "some more");
  stop (&fixture);
}

/* A refusal before the request is whole is an answer like any other; the connection cannot go on. */
static void
test_early_answer (void)
{
  Fixture fixture = { 0 };
  Call call = { .open = TRUE };
  int fd;

  start (&fixture, NULL);
  call_begin (&call, &fixture, POST);
  g_assert_true (call_send (&call, "some", 4, FALSE));
  fd = backend_accept (&fixture);
  backend_expect (fd, POST);
  backend_answer (fd, "HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n");
  expect_done (&call, 413, "");
  backend_expect (fd, "4\r\nsome\r\n");
  backend_expect_end (fd);
  stop (&fixture);
}

/* Backends that close, and kept connections that were closed already. */

static void
test_early_close (void)
{
  Fixture fixture = { 0 };
  Call before = { 0 }, within = { 0 }, request = { .open = TRUE };
  int fd;

  start (&fixture, NULL);
  call_begin (&before, &fixture, GET);
  fd = backend_accept (&fixture);
  backend_expect (fd, GET);
  close (fd);
  expect_failed (&before, GW_ERROR_CLOSED_AFTER_REQUEST, "closed the connection without an answer");
  call_begin (&within, &fixture, GET);
  fd = backend_accept (&fixture);
  backend_expect (fd, GET);
  backend_answer (fd, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nok");
  close (fd);
  WAIT_UNTIL (&within, within.failed);
  g_assert_cmpuint (within.status, ==, 200);
  g_assert_cmpstr (within.body->str, ==, "ok");
  expect_failed (&within, GW_ERROR_CLOSED_AFTER_REQUEST, "in the middle of its answer");
  call_begin (&request, &fixture, POST);
  g_assert_true (call_send (&request, "x", 1, FALSE));
  fd = backend_accept (&fixture);
  backend_expect (fd, POST "1\r\nx\r\n");
  close (fd);
  expect_failed (&request, GW_ERROR_CLOSED, "closed the connection without an answer");
  g_assert_false (connection_waits (&fixture, 50)); /* a connection that was new is no reason to try again */
  stop (&fixture);
}

/* A connection that served one call. */
static int
keep_one (Fixture *fixture)
{
  Call call = { 0 };
  int fd;

  call_begin (&call, fixture, GET);
  fd = backend_accept (fixture);
  backend_expect (fd, GET);
  backend_answer (fd, OK);
  expect_done (&call, 200, "ok");
  return fd;
}

static void
test_stale (void)
{
  Fixture fixture = { 0 };
  Call get = { 0 }, twice = { 0 }, post = { 0 };
  int fd, again;

  start (&fixture, NULL);
  /* GET is sent again. */
  fd = keep_one (&fixture);
  call_begin (&get, &fixture, GET);
  backend_expect (fd, GET);
  close (fd);
  again = backend_accept (&fixture);
  backend_expect (again, GET);
  backend_answer (again, OK);
  expect_done (&get, 200, "ok");
  /* Once: a backend that closes on this request is not asked for ever. */
  call_begin (&twice, &fixture, GET);
  backend_expect (again, GET);
  close (again);
  fd = backend_accept (&fixture);
  backend_expect (fd, GET);
  close (fd);
  expect_failed (&twice, GW_ERROR_CLOSED_AFTER_REQUEST, "without an answer");
  g_assert_false (connection_waits (&fixture, 50));
  /* POST may have been done. */
  fd = keep_one (&fixture);
  call_begin (&post, &fixture, POST);
  backend_expect (fd, POST "0\r\n\r\n");
  close (fd);
  expect_failed (&post, GW_ERROR_CLOSED_AFTER_REQUEST, "without an answer");
  g_assert_false (connection_waits (&fixture, 50));
  stop (&fixture);
}

/* An idle connection that the backend closes is forgotten at once. */
static void
test_closed_while_idle (void)
{
  Fixture fixture = { 0 };
  Call post = { 0 };
  int fd;

  start (&fixture, NULL);
  close (keep_one (&fixture));
  g_usleep (50000);
  call_begin (&post, &fixture, POST);
  fd = backend_accept (&fixture);
  backend_expect (fd, POST "0\r\n\r\n");
  backend_answer (fd, OK);
  expect_done (&post, 200, "ok");
  close (fd);
  stop (&fixture);
}

/* Time-outs and limits. */

static void
test_silence (void)
{
  GwUpstreamSettings settings = standard;
  Fixture fixture = { 0 };
  Call silent = { .exchange.timeout_ms = 200 }, stalled = { .exchange.timeout_ms = 200 };
  int fd;

  settings.read_timeout_ms = 300;
  start (&fixture, &settings);
  call_begin (&silent, &fixture, GET);
  fd = backend_accept (&fixture);
  backend_expect (fd, GET);
  expect_failed (&silent, GW_ERROR_TIMEOUT, "gave no answer in time");
  backend_expect_end (fd);
  call_begin (&stalled, &fixture, GET);
  fd = backend_accept (&fixture);
  backend_expect (fd, GET);
  backend_answer (fd, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n");
  for (int i = 0; i < 5; i++) /* slow, but alive: longer in all than either time-out */
    {
      g_usleep (150000);
      backend_answer (fd, "x");
    }
  expect_failed (&stalled, GW_ERROR_TIMEOUT_AFTER_REQUEST, "sent nothing more of its answer");
  backend_expect_end (fd);
  stop (&fixture);
}

/* A slow client's upload is no silence of the backend; a client that does not read is none either. */
static void
test_no_silence (void)
{
  GwUpstreamSettings settings = standard;
  Fixture fixture = { 0 };
  Call upload = { .open = TRUE, .exchange.timeout_ms = 100 };
  Call download = { .pause_at = AT_HEAD, .exchange.timeout_ms = 30000 };
  int fd;

  settings.read_timeout_ms = 100;
  start (&fixture, &settings);
  call_begin (&upload, &fixture, POST);
  fd = backend_accept (&fixture);
  for (int i = 0; i < 4; i++)
    {
      g_usleep (60000);
      call_send (&upload, "x", 1, FALSE);
    }
  call_send (&upload, "y", 1, TRUE);
  backend_expect (fd, POST "1\r\nx\r\n1\r\nx\r\n1\r\nx\r\n1\r\nx\r\n1\r\ny\r\n0\r\n\r\n");
  backend_answer (fd, OK);
  expect_done (&upload, 200, "ok");
  call_begin (&download, &fixture, GET);
  backend_expect (fd, GET);
  backend_answer (fd, OK);
  g_usleep (300000);
  g_assert_false (download.failed);
  on_worker (&fixture, resume_on_worker, &download.exchange);
  expect_done (&download, 200, "ok");
  close (fd);
  stop (&fixture);
}

static void
test_limits (void)
{
  GwUpstreamSettings settings = standard;
  Fixture fixture = { 0 };
  Call first = { 0 }, second = { 0 }, third = { 0 };
  int fd;

  settings.max_connections = 1;
  settings.max_waiting = 1;
  start (&fixture, &settings);
  call_begin (&first, &fixture, "GET /1 HTTP/1.1\r\n\r\n");
  fd = backend_accept (&fixture);
  backend_expect (fd, "GET /1 HTTP/1.1\r\n\r\n");
  call_begin (&second, &fixture, "GET /2 HTTP/1.1\r\n\r\n");
  call_begin (&third, &fixture, "GET /3 HTTP/1.1\r\n\r\n");
  expect_failed (&third, GW_ERROR_SEND_ABORT, "BackendQueue");
  g_assert_false (connection_waits (&fixture, 50));
  backend_answer (fd, OK);
  expect_done (&first, 200, "ok");
  backend_expect (fd, "GET /2 HTTP/1.1\r\n\r\n");
  backend_answer (fd, OK);
  expect_done (&second, 200, "ok");
  close (fd);
  g_assert_cmpuint (stop (&fixture).connected, ==, 1);
}

/* Whoever waits in line gets a new connection when the one it waited for is lost, or gives up in time. */
static void
test_line (void)
{
  GwUpstreamSettings settings = standard;
  Fixture fixture = { 0 };
  Call first = { 0 }, second = { 0 }, third = { 0 };
  int fd;

  settings.max_connections = 1;
  settings.connect_timeout_ms = 300;
  start (&fixture, &settings);
  call_begin (&first, &fixture, GET);
  fd = backend_accept (&fixture);
  backend_expect (fd, GET);
  call_begin (&second, &fixture, GET);
  close (fd);
  expect_failed (&first, GW_ERROR_CLOSED_AFTER_REQUEST, "without an answer");
  fd = backend_accept (&fixture);
  backend_expect (fd, GET);
  call_begin (&third, &fixture, GET);
  expect_failed (&third, GW_ERROR_CONNECT_TIMEOUT, "no connection became free in time");
  backend_answer (fd, OK);
  expect_done (&second, 200, "ok");
  close (fd);
  stop (&fixture);
}

static void
test_idle_timeout (void)
{
  GwUpstreamSettings settings = standard;
  Fixture fixture = { 0 };
  gint64 began_us;
  int fd;

  settings.idle_timeout_ms = 200;
  start (&fixture, &settings);
  began_us = g_get_monotonic_time ();
  fd = keep_one (&fixture);
  backend_expect_end (fd);
  g_assert_cmpint (g_get_monotonic_time () - began_us, >=, 200000);
  g_assert_cmpint (g_get_monotonic_time () - began_us, <, 10 * G_USEC_PER_SEC);
  stop (&fixture);
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
  GwUpstreamSettings settings = standard;
  Fixture fixture = { 0 };
  Call in_flight = { 0 }, waiting = { 0 }, at_head = { .cancel_at = AT_HEAD },
       at_body = { .cancel_at = AT_BODY };
  Call at_done = { .cancel_at = AT_DONE }, kept = { 0 }, never = { 0 };
  int fd;

  settings.max_connections = 1;
  start (&fixture, &settings);
  on_worker (&fixture, cancel_on_worker, &never.exchange);
  call_begin (&in_flight, &fixture, GET);
  fd = backend_accept (&fixture);
  backend_expect (fd, GET);
  call_begin (&waiting, &fixture, GET);
  on_worker (&fixture, cancel_on_worker, &waiting.exchange);
  on_worker (&fixture, cancel_on_worker, &in_flight.exchange);
  backend_expect_end (fd);
  call_begin (&at_head, &fixture, GET);
  fd = backend_accept (&fixture);
  backend_expect (fd, GET);
  backend_answer (fd, OK);
  backend_expect_end (fd);
  call_begin (&at_body, &fixture, GET);
  fd = backend_accept (&fixture);
  backend_expect (fd, GET);
  backend_answer (fd, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nok");
  backend_expect_end (fd);
  call_begin (&at_done, &fixture, GET);
  fd = backend_accept (&fixture);
  backend_expect (fd, GET);
  backend_answer (fd, OK);
  expect_done (&at_done, 200, "ok");
  call_begin (&kept, &fixture, GET); /* its connection was free already, and stays */
  backend_expect (fd, GET);
  backend_answer (fd, OK);
  expect_done (&kept, 200, "ok");
  close (fd);
  stop (&fixture);
  g_assert_false (in_flight.done || in_flight.failed || in_flight.status != 0);
  g_assert_false (waiting.done || waiting.failed);
  g_assert_false (at_head.done || at_head.failed || at_head.body->len > 0);
  g_assert_false (at_body.done || at_body.failed);
  call_clear (&in_flight);
  call_clear (&waiting);
  call_clear (&at_head);
  call_clear (&at_body);
}

/* The next call is begun in done(): it finds the connection that has just become free. */
static void
test_begin_in_done (void)
{
  Fixture fixture = { 0 };
  Call second = { 0 }, first = { .then = &second };
  int fd;

  start (&fixture, NULL);
  call_prepare (&second, &fixture, "GET /2 HTTP/1.1\r\n\r\n");
  call_begin (&first, &fixture, GET);
  fd = backend_accept (&fixture);
  backend_expect (fd, GET);
  backend_answer (fd, OK);
  expect_done (&first, 200, "ok");
  backend_expect (fd, "GET /2 HTTP/1.1\r\n\r\n");
  backend_answer (fd, OK);
  expect_done (&second, 200, "ok");
  close (fd);
  g_assert_cmpuint (stop (&fixture).connected, ==, 1);
}

/* No backend at all. */
static void
test_unreachable (void)
{
  Fixture fixture = { 0 };
  Call refused = { 0 }, unknown = { 0 }, no_tls = { 0 };
  GwUpstreamTarget *target;
  guint16 port;
  int fd = net_test_listen (1, &port);

  close (fd);
  start (&fixture, NULL);
  target = fixture.target;
  fixture.target = gw_upstream_target (fixture.upstream, "backend.example", port, FALSE);
  call_begin (&refused, &fixture, GET);
  expect_failed (&refused, GW_ERROR_CONNECT, "Connection refused");
  gw_upstream_target_unref (fixture.target);
  fixture.target = gw_upstream_target (fixture.upstream, "none.example", port, FALSE);
  call_begin (&unknown, &fixture, GET);
  expect_failed (&unknown, GW_ERROR_CONNECT, "no such name");
  gw_upstream_target_unref (fixture.target);
  fixture.target = gw_upstream_target (fixture.upstream, "backend.example", port, TRUE);
  call_begin (&no_tls, &fixture, GET);
  expect_failed (&no_tls, GW_ERROR_SEND_ABORT, "no trust store");
  gw_upstream_target_unref (fixture.target);
  fixture.target = target;
  stop (&fixture);
}

/* Answers what comes on any connection, and closes every seventh connection after its answer; until @n are
 * answered. */
static void
serve_burst (Fixture *fixture, guint n)
{
  struct pollfd fds[5] = { { .fd = fixture->listener, .events = POLLIN } };
  guint n_fds = 1, n_answered = 0;

  while (n_answered < n)
    {
      g_assert_cmpint (poll (fds, n_fds, 30000), >, 0);
      for (guint i = n_fds - 1; i > 0; i--)
        {
          if (fds[i].revents == 0)
            continue;
          backend_expect (fds[i].fd, GET);
          n_answered++;
          backend_answer (fds[i].fd,
                          n_answered % 7 == 0
                              ? "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"
                              : OK);
          if (n_answered % 7 != 0)
            continue;
          backend_expect_end (fds[i].fd);
          fds[i] = fds[--n_fds];
        }
      if ((fds[0].revents & POLLIN) == 0)
        continue;
      g_assert_cmpuint (n_fds, <, G_N_ELEMENTS (fds)); /* MaxBackendConnections holds */
      fds[n_fds++] = (struct pollfd){ .fd = backend_accept (fixture), .events = POLLIN };
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
  GwUpstreamSettings settings = standard;
  Fixture fixture = { 0 };
  static Call calls[N];

  settings.max_connections = 4;
  start (&fixture, &settings);
  for (int i = 0; i < N; i++)
    call_begin (&calls[i], &fixture, GET);
  serve_burst (&fixture, N);
  for (int i = 0; i < N; i++)
    expect_done (&calls[i], 200, "ok");
  stop (&fixture);
}

/* A drain closes idle connections at once, and lets a call finish. */
static gpointer
drain_thread (gpointer data)
{
  return GINT_TO_POINTER (net_reactor_drain (((Fixture *)data)->reactor, 30000));
}

static void
test_drain (void)
{
  Fixture fixture = { 0 };
  Call call = { 0 }, idle = { 0 };
  GThread *drain;
  int fd, idle_fd;

  start (&fixture, NULL);
  call_begin (&call, &fixture, GET);
  fd = backend_accept (&fixture);
  call_begin (&idle, &fixture, GET);
  idle_fd = backend_accept (&fixture);
  backend_expect (fd, GET);
  backend_expect (idle_fd, GET);
  backend_answer (idle_fd, OK);
  expect_done (&idle, 200, "ok");
  drain = g_thread_new ("drain", drain_thread, &fixture);
  backend_expect_end (idle_fd);
  backend_answer (fd, OK);
  expect_done (&call, 200, "ok");
  backend_expect_end (fd);
  g_assert_true (GPOINTER_TO_INT (g_thread_join (drain)));
  stop (&fixture);
}

static void
test_targets (void)
{
  Fixture fixture = { 0 };
  GwUpstreamTarget *same, *other, *tls, *v6;

  start (&fixture, NULL);
  same = gw_upstream_target (fixture.upstream, "BACKEND.example", fixture.port, FALSE);
  g_assert_true (same == fixture.target);
  tls = gw_upstream_target (fixture.upstream, "backend.example", 443, TRUE);
  other = gw_upstream_target (fixture.upstream, "backend.example", 443, FALSE);
  v6 = gw_upstream_target (fixture.upstream, "::1", 80, FALSE);
  g_assert_true (tls != other);
  g_assert_cmpstr (tls->authority, ==, "backend.example");
  g_assert_cmpstr (other->authority, ==, "backend.example:443");
  g_assert_cmpstr (v6->authority, ==, "[::1]");
  gw_upstream_target_unref (same);
  gw_upstream_target_unref (tls);
  gw_upstream_target_unref (other);
  gw_upstream_target_unref (v6);
  stop (&fixture);
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
  Fixture fixture = { 0 };
  Call good = { 0 }, again = { 0 }, wrong = { 0 };
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
  start (&fixture, NULL);
  gw_upstream_set_tls (fixture.upstream, client);
  plain = fixture.target;
  fixture.target = gw_upstream_target (fixture.upstream, "backend.example", server.port, TRUE);
  call_begin (&good, &fixture, TLS_REQUEST);
  expect_done (&good, 200, "");
  call_begin (&again, &fixture, TLS_REQUEST);
  expect_done (&again, 200, "");
  gw_upstream_target_unref (fixture.target);
  fixture.target = gw_upstream_target (fixture.upstream, "other.example", server.port, TRUE);
  call_begin (&wrong, &fixture, TLS_REQUEST);
  expect_failed (&wrong, GW_ERROR_CONNECT, "its certificate is for another host");
  gw_upstream_target_unref (fixture.target);
  fixture.target = plain;
  g_assert_cmpuint (stop (&fixture).connected, ==, 1);
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
  g_test_add_func ("/gw/upstream/answers", test_answers);
  g_test_add_func ("/gw/upstream/broken-answers", test_broken_answers);
  g_test_add_func ("/gw/upstream/broken-chunks", test_broken_chunks);
  g_test_add_func ("/gw/upstream/floods", test_floods);
  g_test_add_func ("/gw/upstream/surplus", test_surplus);
  g_test_add_func ("/gw/upstream/request-bodies", test_request_bodies);
  g_test_add_func ("/gw/upstream/slow-backend", test_slow_backend);
  g_test_add_func ("/gw/upstream/pause", test_pause);
  g_test_add_func ("/gw/upstream/end-while-paused", test_end_while_paused);
  g_test_add_func ("/gw/upstream/early-answer", test_early_answer);
  g_test_add_func ("/gw/upstream/early-close", test_early_close);
  g_test_add_func ("/gw/upstream/stale", test_stale);
  g_test_add_func ("/gw/upstream/closed-while-idle", test_closed_while_idle);
  g_test_add_func ("/gw/upstream/silence", test_silence);
  g_test_add_func ("/gw/upstream/no-silence", test_no_silence);
  g_test_add_func ("/gw/upstream/limits", test_limits);
  g_test_add_func ("/gw/upstream/line", test_line);
  g_test_add_func ("/gw/upstream/idle-timeout", test_idle_timeout);
  g_test_add_func ("/gw/upstream/cancel", test_cancel);
  g_test_add_func ("/gw/upstream/begin-in-done", test_begin_in_done);
  g_test_add_func ("/gw/upstream/unreachable", test_unreachable);
  g_test_add_func ("/gw/upstream/burst", test_burst);
  g_test_add_func ("/gw/upstream/drain", test_drain);
  g_test_add_func ("/gw/upstream/targets", test_targets);
  g_test_add_func ("/gw/upstream/tls", test_tls);
  return g_test_run ();
}
