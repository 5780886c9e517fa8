#include "config.h"
#include "net/net-http-server.h"
#include "tests/unit/fake-net-conn.h"

#define MAX_HEAD 4096
#define MAX_BODY 65536
#define MAX_ARCHIVE 100000
#define DATE "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
#define HOST "Host: a\r\n"
#define GET(path) "GET " path " HTTP/1.1\r\n" HOST

typedef struct
{
  ApimPool *pool;
  NetHttpServer *server;
  NetConn *conn;
  GMutex gate; /* held by a test: pool handlers wait */
  NetHttpExchange *parked;
  int n_calls; /* atomic */
} Fixture;

/* Answers with method, path, query and body. */
static void
echo (NetHttpExchange *exchange, gpointer data)
{
  const NetHttpRequest *request = net_http_exchange_request (exchange);
  gsize length;
  const guint8 *body = net_http_exchange_body (exchange, &length);
  g_autoptr (GString) text = g_string_new (NULL);

  g_string_append_len (text, request->method.text, request->method.length);
  g_string_append_c (text, ' ');
  g_string_append_len (text, request->path.text, request->path.length);
  g_string_append_c (text, '?');
  g_string_append_len (text, request->query.text, request->query.length);
  g_string_append_c (text, ' ');
  g_string_append_len (text, (const char *) body, length);
  g_atomic_int_inc (&((Fixture *) data)->n_calls);
  net_http_respond (exchange, 200, "text/plain", text->str, text->len);
}

/* On a pool thread: reads the whole request after the gate opened, whatever became of the connection meanwhile. */
static void
echo_on_pool (NetHttpExchange *exchange, gpointer data)
{
  Fixture *f = data;

  g_mutex_lock (&f->gate);
  net_http_exchange_add_header (exchange, "X-Peer", net_http_exchange_peer (exchange));
  echo (exchange, data);
  g_mutex_unlock (&f->gate);
}

/* The test answers. */
static void
park (NetHttpExchange *exchange, gpointer data)
{
  ((Fixture *) data)->parked = exchange;
}

static void
large (NetHttpExchange *exchange, gpointer data)
{
  static const char body[40000] = { 0 };

  g_atomic_int_inc (&((Fixture *) data)->n_calls);
  net_http_respond (exchange, 200, "application/octet-stream", body, sizeof body);
}

static void
empty (NetHttpExchange *exchange, gpointer data)
{
  net_http_respond (exchange, 204, NULL, NULL, 0);
}

/* Its data is the text that it answers with. */
static void
say (NetHttpExchange *exchange, gpointer data)
{
  net_http_respond (exchange, 200, "text/plain", data, strlen (data));
}

static void
set_up (Fixture *f, gconstpointer data)
{
  const ApimLimits limits = { .max_http_header = MAX_HEAD, .max_http_body = MAX_BODY, .max_unread_output = 100000,
                              .max_archive = MAX_ARCHIVE, .max_archives_at_once = 1 };

  g_mutex_init (&f->gate);
  f->pool = apim_pool_new ("http-test", 1, 1);
  f->server = net_http_server_new (&limits, f->pool);
  net_http_server_add (f->server, "/echo", NET_HTTP_ON_WORKER, echo, f);
  net_http_server_add (f->server, "/large", NET_HTTP_ON_WORKER, large, f);
  net_http_server_add (f->server, "/empty", NET_HTTP_ON_WORKER, empty, f);
  net_http_server_add (f->server, "/park", NET_HTTP_ON_WORKER, park, f);
  net_http_server_add (f->server, "/pool", NET_HTTP_ON_POOL, echo_on_pool, f);
  net_http_server_add (f->server, "/api/*", NET_HTTP_ON_WORKER, say, (gpointer) "api");
  net_http_server_add (f->server, "/api/deep/*", NET_HTTP_ON_WORKER, say, (gpointer) "deep");
  net_http_server_add (f->server, "/api/deep/exact", NET_HTTP_ON_WORKER, say, (gpointer) "exact");
  net_http_server_add (f->server, "/api/deep/", NET_HTTP_ON_WORKER, say, (gpointer) "exact folder");
  net_http_server_add (f->server, "/archives/echo", NET_HTTP_ON_WORKER, echo, f);
  net_http_server_add (f->server, "/archives/park", NET_HTTP_ON_WORKER, park, f);
  net_http_server_allow_archives (f->server, "/archives/*");
  f->conn = fake_conn_new (&net_http_protocol, f->server);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  apim_pool_free (f->pool);
  fake_worker_run ();
  fake_conn_free (f->conn);
  g_assert_cmpuint (fake_conn_count (), ==, 0); /* every reference came back */
  net_http_server_free (f->server);
  g_mutex_clear (&f->gate);
}

static void
feed (Fixture *f, const char *text)
{
  fake_conn_feed (f->conn, text, strlen (text));
}

/* Takes what was sent. */
static char *
take_sent (Fixture *f)
{
  gsize length;
  const char *bytes = fake_conn_sent (f->conn, &length);
  char *text = g_strndup (length > 0 ? bytes : "", length);

  fake_conn_forget_sent (f->conn);
  return text;
}

static void
assert_sent (Fixture *f, const char *expected)
{
  g_autofree char *sent = take_sent (f);

  g_assert_cmpstr (sent, ==, expected);
}

static void
assert_closed (Fixture *f)
{
  g_assert_false (net_conn_is_open (f->conn));
  g_assert_cmpint (fake_conn_close_reason (f->conn), ==, NET_CLOSE_DONE);
}

/* An error: the status, a text, and the connection is at its end, in word and deed. */
static void
assert_refused (Fixture *f, guint status)
{
  g_autofree char *sent = take_sent (f);
  g_autofree char *line = g_strdup_printf ("HTTP/1.1 %u ", status);

  g_assert_true (g_str_has_prefix (sent, line));
  g_assert_nonnull (strstr (sent, "\r\nContent-Type: text/plain\r\n"));
  g_assert_nonnull (strstr (sent, "\r\nConnection: close\r\n"));
  g_assert_nonnull (strstr (sent, "\r\n\r\n"));
  g_assert_cmpuint (strlen (strstr (sent, "\r\n\r\n") + 4), >, 5);
  assert_closed (f);
}

#define OK_ANSWER(length, more, body) \
  "HTTP/1.1 200 OK\r\n" DATE "Content-Type: text/plain\r\nContent-Length: " length "\r\n" more "\r\n" body

static void
test_keep_alive (Fixture *f, gconstpointer data)
{
  feed (f, GET ("/echo?q") "\r\n");
  assert_sent (f, OK_ANSWER ("12", "", "GET /echo?q "));
  feed (f, "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\nabc");
  assert_sent (f, OK_ANSWER ("15", "", "POST /echo? abc"));
  g_assert_cmpuint (fake_conn_input_size (f->conn), ==, 0);
  g_assert_true (net_conn_is_open (f->conn));
  g_assert_false (fake_conn_is_busy (f->conn));
}

static void
test_close (Fixture *f, gconstpointer data)
{
  feed (f, GET ("/echo") "Connection: close\r\n\r\n" GET ("/echo") "\r\n");
  assert_sent (f, OK_ANSWER ("11", "Connection: close\r\n", "GET /echo? "));
  assert_closed (f);
  g_assert_cmpint (g_atomic_int_get (&f->n_calls), ==, 1);
}

static void
test_version_1_0 (Fixture *f, gconstpointer data)
{
  feed (f, "GET /echo HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  assert_sent (f, OK_ANSWER ("11", "Connection: keep-alive\r\n", "GET /echo? "));
  feed (f, "GET /echo HTTP/1.0\r\n\r\n");
  assert_sent (f, OK_ANSWER ("11", "Connection: close\r\n", "GET /echo? "));
  assert_closed (f);
}

/* Every kind of request in pieces of every size, pipelined: the answers are the same and in order. */
static void
test_pieces (Fixture *f, gconstpointer data)
{
  static const char input[] = GET ("/echo?1") "\r\n"
      "POST /echo?2 HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nhello"
      "\r\nPOST /echo?3 HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"
      "3;x\r\nabc\r\n0002\r\nde\r\n0\r\nT: u\r\n\r\n"
      GET ("/nothing") "\r\n"
      "HEAD /echo?4 HTTP/1.1\r\n" HOST "\r\n"
      "POST /echo?5 HTTP/1.1\r\n" HOST "Content-Length: 2\r\nConnection: close\r\n\r\nzz";
  g_autofree char *whole = NULL;
  gsize length = strlen (input);

  for (gsize step = length; step > 0; step--)
    {
      g_autofree char *sent = NULL;

      for (gsize at = 0; at < length; at += step)
        fake_conn_feed (f->conn, input + at, MIN (step, length - at));
      assert_closed (f);
      sent = take_sent (f);
      if (whole == NULL)
        whole = g_strdup (sent);
      g_assert_cmpstr (sent, ==, whole);
      fake_conn_free (f->conn);
      f->conn = fake_conn_new (&net_http_protocol, f->server);
    }
  g_assert_cmpstr (whole, ==,
                   OK_ANSWER ("12", "", "GET /echo?1 ")
                   OK_ANSWER ("18", "", "POST /echo?2 hello")
                   OK_ANSWER ("18", "", "POST /echo?3 abcde")
                   "HTTP/1.1 404 Not Found\r\n" DATE "Content-Type: text/plain\r\nContent-Length: 22\r\n\r\n"
                   "there is nothing here\n"
                   OK_ANSWER ("13", "", "")
                   OK_ANSWER ("15", "Connection: close\r\n", "POST /echo?5 zz"));
}

static void
test_head (Fixture *f, gconstpointer data)
{
  feed (f, "HEAD /echo HTTP/1.1\r\n" HOST "\r\n");
  assert_sent (f, OK_ANSWER ("12", "", ""));
  feed (f, "HEAD /nothing HTTP/1.1\r\n" HOST "\r\n");
  assert_sent (f, "HTTP/1.1 404 Not Found\r\n" DATE "Content-Type: text/plain\r\nContent-Length: 22\r\n\r\n");
  feed (f, "HEAD /echo HTTP/1.1\r\n" HOST "Content-Length: 999999\r\n\r\n");
  assert_sent (f, "HTTP/1.1 413 Content Too Large\r\n" DATE
                  "Content-Type: text/plain\r\nContent-Length: 30\r\nConnection: close\r\n\r\n");
}

static void
test_no_content (Fixture *f, gconstpointer data)
{
  feed (f, GET ("/empty") "\r\n");
  assert_sent (f, "HTTP/1.1 204 No Content\r\n" DATE "\r\n");
}

/* Three requests at once, the middle ones on the pool: one at a time, in order, and nothing is read meanwhile. */
static void
test_pool_in_order (Fixture *f, gconstpointer data)
{
  g_mutex_lock (&f->gate);
  feed (f, GET ("/echo?1") "\r\n" "POST /pool?2 HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\nabc"
           GET ("/pool?3") "\r\n");
  assert_sent (f, OK_ANSWER ("12", "", "GET /echo?1 "));
  g_assert_true (fake_conn_is_paused (f->conn));
  g_assert_true (fake_conn_is_busy (f->conn));
  feed (f, GET ("/echo?4") "\r\n");
  assert_sent (f, "");
  g_mutex_unlock (&f->gate);
  while (g_atomic_int_get (&f->n_calls) < 4)
    fake_worker_wait ();
  assert_sent (f, OK_ANSWER ("16", "X-Peer: " FAKE_PEER "\r\n", "POST /pool?2 abc")
                  OK_ANSWER ("12", "X-Peer: " FAKE_PEER "\r\n", "GET /pool?3 ")
                  OK_ANSWER ("12", "", "GET /echo?4 "));
  g_assert_false (fake_conn_is_paused (f->conn));
  g_assert_false (fake_conn_is_busy (f->conn));
  g_assert_cmpuint (fake_conn_input_size (f->conn), ==, 0);
}

static void
test_pool_close (Fixture *f, gconstpointer data)
{
  feed (f, GET ("/pool") "Connection: close\r\n\r\n");
  fake_worker_wait ();
  assert_sent (f, OK_ANSWER ("11", "Connection: close\r\nX-Peer: " FAKE_PEER "\r\n", "GET /pool? "));
  assert_closed (f);
}

/* One thread and one place in the queue: the third is refused at once, and its connection goes on. */
static void
test_pool_full (Fixture *f, gconstpointer data)
{
  NetConn *first = fake_conn_new (&net_http_protocol, f->server);
  NetConn *second = fake_conn_new (&net_http_protocol, f->server);
  const char *request = GET ("/pool") "\r\n";

  g_mutex_lock (&f->gate);
  fake_conn_feed (first, request, strlen (request));
  while (apim_pool_waiting (f->pool) > 0)
    g_thread_yield ();
  fake_conn_feed (second, request, strlen (request));
  feed (f, request);
  assert_sent (f, "HTTP/1.1 503 Service Unavailable\r\n" DATE "Content-Type: text/plain\r\nContent-Length: 30\r\n"
                  "Retry-After: 1\r\n\r\ntoo many requests are waiting\n");
  g_assert_false (fake_conn_is_paused (f->conn));
  feed (f, GET ("/echo") "\r\n");
  assert_sent (f, OK_ANSWER ("11", "", "GET /echo? "));
  g_mutex_unlock (&f->gate);
  fake_worker_wait ();
  while (fake_conn_is_busy (first) || fake_conn_is_busy (second))
    fake_worker_wait ();
  fake_conn_free (first);
  fake_conn_free (second);
}

/* The connection goes while the handler runs: the request stays readable (the sanitizers watch), the answer is
 * dropped. */
static void
test_closed_during_pool (Fixture *f, gconstpointer data)
{
  g_mutex_lock (&f->gate);
  feed (f, "POST /pool HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\nabc");
  fake_conn_peer_close (f->conn);
  g_mutex_unlock (&f->gate);
  fake_worker_wait ();
  g_assert_cmpint (g_atomic_int_get (&f->n_calls), ==, 1);
  assert_sent (f, "");
}

static void
test_late_answer_on_worker (Fixture *f, gconstpointer data)
{
  gsize length;

  feed (f, "POST /park HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
           GET ("/echo") "\r\n");
  g_assert_true (fake_conn_is_paused (f->conn));
  g_assert_cmpmem (net_http_exchange_body (f->parked, &length), 3, "abc", 3);
  g_assert_cmpuint (length, ==, 3);
  net_http_respond (f->parked, 599, NULL, NULL, 0);
  assert_sent (f, "HTTP/1.1 599 \r\n" DATE "Content-Length: 0\r\n\r\n");
  fake_worker_run ();
  assert_sent (f, OK_ANSWER ("11", "", "GET /echo? "));
}

static void
test_late_answer_into_nothing (Fixture *f, gconstpointer data)
{
  feed (f, GET ("/park") "\r\n");
  fake_conn_peer_close (f->conn);
  net_http_exchange_add_header (f->parked, "X-Late", "yes");
  net_http_respond (f->parked, 200, NULL, NULL, 0);
  assert_sent (f, "");
}

static void
test_draining (Fixture *f, gconstpointer data)
{
  feed (f, GET ("/park") "\r\n");
  fake_conn_set_draining (f->conn, TRUE);
  net_http_respond (f->parked, 200, "text/plain", "x", 1);
  assert_sent (f, OK_ANSWER ("1", "Connection: close\r\n", "x"));
  assert_closed (f);
}

static void
test_continue (Fixture *f, gconstpointer data)
{
  static const char head[] = "POST /echo HTTP/1.1\r\n" HOST "Expect: 100-continue\r\nContent-Length: 3\r\n\r\n";

  feed (f, head);
  assert_sent (f, "HTTP/1.1 100 Continue\r\n\r\n");
  feed (f, "ab");
  assert_sent (f, "");
  feed (f, "c");
  assert_sent (f, OK_ANSWER ("15", "", "POST /echo? abc"));
  /* H94: a client that did not wait gets no interim answer. */
  feed (f, "POST /echo HTTP/1.1\r\n" HOST "Expect: 100-continue\r\nContent-Length: 3\r\n\r\nabc");
  assert_sent (f, OK_ANSWER ("15", "", "POST /echo? abc"));
  feed (f, "POST /echo HTTP/1.1\r\n" HOST "Expect: 100-continue\r\nContent-Length: 0\r\n\r\n");
  assert_sent (f, OK_ANSWER ("12", "", "POST /echo? "));
  feed (f, "POST /echo HTTP/1.1\r\n" HOST "Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n");
  assert_sent (f, "HTTP/1.1 100 Continue\r\n\r\n");
  feed (f, "0\r\n\r\n");
  assert_sent (f, OK_ANSWER ("12", "", "POST /echo? "));
}

/* A body that nobody would read is not asked for. */
static void
test_no_continue (Fixture *f, gconstpointer data)
{
  feed (f, "POST /nothing HTTP/1.1\r\n" HOST "Expect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  assert_refused (f, 404);
}

static void
test_no_continue_when_too_large (Fixture *f, gconstpointer data)
{
  feed (f, "POST /echo HTTP/1.1\r\n" HOST "Expect: 100-continue\r\nContent-Length: 65537\r\n\r\n");
  assert_refused (f, 413);
}

/* What must end the connection at once, with the status. */
static const struct
{
  const char *name;
  const char *input;
  guint status;
} refusals[] = {
  { "length over the limit", "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 65537\r\n\r\n", 413 },
  { "length past 64 bits", "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 99999999999999999999\r\n\r\n", 413 },
  { "chunk over the limit", "POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n10001\r\n", 413 },
  { "chunk of 64 bits",
    "POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\nffffffffffffffff\r\n", 413 },
  { "bad chunk", "POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\nZ\r\n", 400 },
  { "bad head", "GET /echo HTTP/1.1\n", 400 },
  { "bad head after a good one", GET ("/empty") "\r\n" "GET\r\n\r\n", 204 },
  { "both lengths [CL.TE]",
    "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG", 400 },
  { "no Host", "GET /echo HTTP/1.1\r\n\r\n", 400 },
  { "unknown coding", "POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip\r\n\r\n", 501 },
  { "HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505 },
  { "expectation", "POST /echo HTTP/1.1\r\n" HOST "Expect: x\r\n\r\n", 417 },
};

static void
test_refusals (Fixture *f, gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (refusals); i++)
    {
      feed (f, refusals[i].input);
      if (refusals[i].status == 204)
        {
          /* H45: the good one is answered first. */
          g_autofree char *sent = take_sent (f);

          g_assert_true (g_str_has_prefix (sent, "HTTP/1.1 204 "));
          g_assert_nonnull (strstr (sent, "HTTP/1.1 400 "));
          assert_closed (f);
        }
      else
        assert_refused (f, refusals[i].status);
      g_assert_cmpint (g_atomic_int_get (&f->n_calls), ==, 0);
      fake_conn_free (f->conn);
      f->conn = fake_conn_new (&net_http_protocol, f->server);
    }
}

static void
feed_repeated (Fixture *f, char c, gsize count)
{
  g_autofree char *block = g_malloc (count);

  memset (block, c, count);
  fake_conn_feed (f->conn, block, count);
}

static void
test_large_head (Fixture *f, gconstpointer data)
{
  feed (f, GET ("/echo") "A: ");
  feed_repeated (f, 'b', MAX_HEAD);
  assert_refused (f, 431);
}

static void
test_many_headers (Fixture *f, gconstpointer data)
{
  feed (f, GET ("/echo"));
  for (int i = 0; i < NET_HTTP_MAX_HEADERS; i++)
    feed (f, "A: b\r\n");
  feed (f, "\r\n");
  assert_refused (f, 431);
}

static void
test_long_target (Fixture *f, gconstpointer data)
{
  const ApimLimits limits = { .max_http_header = 65536, .max_http_body = MAX_BODY, .max_unread_output = 100000 };

  net_http_server_set_limits (f->server, &limits);
  feed (f, "GET /");
  feed_repeated (f, 'a', NET_HTTP_MAX_TARGET);
  feed (f, " HTTP/1.1\r\n" HOST "\r\n");
  assert_refused (f, 414);
}

/* H81: a body of the limit in one-byte chunks, one byte of input at a time: taken, and the framing is not kept. */
static void
test_small_chunks (Fixture *f, gconstpointer data)
{
  static const char chunk[] = "1\r\nx\r\n";
  const ApimLimits limits = { .max_http_header = MAX_HEAD, .max_http_body = 500, .max_unread_output = 100000 };
  const char *head = "POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n";
  g_autofree char *sent = NULL;

  net_http_server_set_limits (f->server, &limits);
  feed (f, head);
  for (gsize i = 0; i < 500 * strlen (chunk); i++)
    {
      fake_conn_feed (f->conn, &chunk[i % strlen (chunk)], 1);
      g_assert_cmpuint (fake_conn_input_size (f->conn), <=, strlen (head) + i / strlen (chunk) + 1);
    }
  assert_sent (f, "");
  feed (f, "0\r\n\r\n");
  sent = take_sent (f);
  g_assert_nonnull (strstr (sent, "\r\nContent-Length: 512\r\n\r\nPOST /echo? xxx"));
}

static void
test_chunks_over_the_limit (Fixture *f, gconstpointer data)
{
  feed (f, "POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n10000\r\n");
  feed_repeated (f, 'x', MAX_BODY);
  assert_sent (f, "");
  feed (f, "\r\n1");
  assert_refused (f, 413);
}

/* The next request of another peer. */
static void
renew (Fixture *f)
{
  fake_conn_free (f->conn);
  f->conn = fake_conn_new (&net_http_protocol, f->server);
}

static void
begin_archive (Fixture *f, const char *path, guint length)
{
  g_autofree char *head = g_strdup_printf ("POST %s HTTP/1.1\r\n" HOST "Content-Length: %u\r\n\r\n", path, length);

  feed (f, head);
}

static void
assert_answered (Fixture *f)
{
  g_autofree char *sent = take_sent (f);

  g_assert_true (g_str_has_prefix (sent, "HTTP/1.1 200 "));
}

/* Paths of archives take larger bodies, up to their own limit, however these come; other paths do not. */
static void
test_archives (Fixture *f, gconstpointer data)
{
  static const char *const chunked = " HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n";

  for (guint i = 0; i < 2; i++) /* the place is free again each time */
    {
      begin_archive (f, "/archives/echo", MAX_ARCHIVE);
      feed_repeated (f, 'x', MAX_ARCHIVE);
      assert_answered (f);
      feed (f, "POST /archives/echo");
      feed (f, chunked);
      for (guint n = 0; n < 2; n++)
        {
          feed (f, "C350\r\n"); /* 50000 */
          feed_repeated (f, 'x', 50000);
          feed (f, "\r\n");
        }
      feed (f, "0\r\n\r\n");
      assert_answered (f);
    }
  begin_archive (f, "/archives/echo", MAX_ARCHIVE + 1);
  assert_refused (f, 413);
  renew (f);
  begin_archive (f, "/echo", MAX_BODY + 1);
  assert_refused (f, 413);
  renew (f);
  feed (f, "POST /archives/echo");
  feed (f, chunked);
  feed (f, "186A1\r\n");
  assert_refused (f, 413);
}

/* So many at a time, whatever becomes of them. */
static void
test_archives_at_once (Fixture *f, gconstpointer data)
{
  g_autoptr (NetConn) first = f->conn;
  g_autofree char *sent = NULL;
  NetHttpExchange *parked;

  begin_archive (f, "/archives/echo", MAX_ARCHIVE);
  f->conn = fake_conn_new (&net_http_protocol, f->server);
  begin_archive (f, "/archives/echo", MAX_BODY + 1);
  sent = take_sent (f);
  g_assert_true (g_str_has_prefix (sent, "HTTP/1.1 503 "));
  g_assert_nonnull (strstr (sent, "\r\nRetry-After: 1\r\n"));
  assert_closed (f);
  renew (f);
  begin_archive (f, "/archives/echo", MAX_BODY); /* a small one is none */
  feed_repeated (f, 'x', MAX_BODY);
  assert_answered (f);
  fake_conn_peer_close (first); /* in the middle of its body */
  begin_archive (f, "/archives/park", MAX_ARCHIVE);
  feed_repeated (f, 'x', MAX_ARCHIVE);
  parked = g_steal_pointer (&f->parked);
  g_assert_nonnull (parked);
  renew (f); /* the handler still holds the body */
  begin_archive (f, "/archives/echo", MAX_ARCHIVE);
  assert_refused (f, 503);
  net_http_respond (parked, 200, NULL, NULL, 0);
  fake_worker_run ();
  renew (f);
  begin_archive (f, "/archives/echo", MAX_ARCHIVE);
  feed_repeated (f, 'x', MAX_ARCHIVE);
  assert_answered (f);
}

/* H84: pipelined requests do not pile up answers without bound in one call. */
static void
test_answers_do_not_pile_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GString) input = g_string_new (NULL);
  gsize length;

  for (int i = 0; i < 10; i++)
    g_string_append (input, GET ("/large") "\r\n");
  feed (f, input->str);
  g_assert_cmpint (g_atomic_int_get (&f->n_calls), ==, 3); /* 3 x 40000 > 100000 */
  fake_worker_run ();
  g_assert_cmpint (g_atomic_int_get (&f->n_calls), ==, 10);
  fake_conn_sent (f->conn, &length);
  g_assert_cmpuint (length, >, 10 * 40000);
}

static void
test_routes (Fixture *f, gconstpointer data)
{
  static const struct
  {
    const char *path;
    const char *answer; /* NULL: 404 */
  } cases[] = {
    { "/api/", "api" },
    { "/api/x?y", "api" },
    { "/api", NULL },
    { "/api/deeper", "api" },
    { "/api/deep/x", "deep" },
    { "/api/deep/", "exact folder" },
    { "/api/deep/exact", "exact" },
    { "/api/deep/exact/x", "deep" },
    { "/API/", NULL },
    { "/", NULL },
    { "/empty/", NULL },
    { "/empt", NULL },
    { "/api/..a/b..", "api" },
    { "/api/a.b/.c", "api" },
    { "/api/?/../x//y%2f", "api" },
    { "/api/100%", "api" },
    { "/api/%20%C3%A9", "api" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *request = g_strdup_printf ("GET %s HTTP/1.1\r\n" HOST "\r\n", cases[i].path);
      g_autofree char *sent = NULL;

      feed (f, request);
      sent = take_sent (f);
      g_assert_true (g_str_has_prefix (sent, cases[i].answer != NULL ? "HTTP/1.1 200 " : "HTTP/1.1 404 "));
      if (cases[i].answer != NULL)
        g_assert_cmpstr (strstr (sent, "\r\n\r\n") + 4, ==, cases[i].answer);
    }
  feed (f, "OPTIONS * HTTP/1.1\r\n" HOST "\r\n");
  g_assert_true (net_conn_is_open (f->conn));
}

/* H86 */
static void
test_path_tricks (Fixture *f, gconstpointer data)
{
  static const char *const paths[] = {
    "//", "//api/", "/api//x", "/api//", "/api/./x", "/api/.", "/api/../x", "/api/..", "/.", "/..", "/./", "/../api/",
    "/api/..;/x", "/api/..;a=b", "/api/.;/x", "/api/%2e%2e/x", "/api/%2E/x", "/api/a%2eb", "/api%2fx", "/api%2Fx",
    "/api/%5cx", "/api/%5C", "/api/%00", "/api/x%00.json", "/api/..\\x", "/api\\x",
  };

  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autofree char *request = g_strdup_printf ("GET %s HTTP/1.1\r\n" HOST "\r\n", paths[i]);

      feed (f, request);
      assert_refused (f, 400);
      fake_conn_free (f->conn);
      f->conn = fake_conn_new (&net_http_protocol, f->server);
    }
}

/* H93: a header that would split the response ends the program: a bug of the handler, never an answer. */
static const char *const bad_headers[][2] = {
  { "X", "a\r\nSet-Cookie: b" }, { "X", "a\nb" }, { "X", "a\rb" }, { "X:", "a" }, { "", "a" }, { "X Y", "a" },
};

static void
add_bad_header (Fixture *f, gconstpointer data)
{
  const char *const *header = data;

  feed (f, GET ("/park") "\r\n");
  net_http_exchange_add_header (f->parked, header[0], header[1]);
}

static void
test_response_splitting (Fixture *f, gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (bad_headers); i++)
    {
      g_autofree char *path = g_strdup_printf ("/http/server/splitting/subprocess/%u", i);

      g_test_trap_subprocess (path, 0, 0);
      g_test_trap_assert_failed ();
      g_test_trap_assert_stderr ("*not header text*");
    }
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*run) (Fixture *f, gconstpointer data);
  } tests[] = {
    { "keep-alive", test_keep_alive },
    { "close", test_close },
    { "version-1.0", test_version_1_0 },
    { "pieces", test_pieces },
    { "head", test_head },
    { "no-content", test_no_content },
    { "pool-in-order", test_pool_in_order },
    { "pool-close", test_pool_close },
    { "pool-full", test_pool_full },
    { "closed-during-pool", test_closed_during_pool },
    { "late-answer-on-worker", test_late_answer_on_worker },
    { "late-answer-into-nothing", test_late_answer_into_nothing },
    { "draining", test_draining },
    { "continue", test_continue },
    { "no-continue", test_no_continue },
    { "no-continue-when-too-large", test_no_continue_when_too_large },
    { "refusals", test_refusals },
    { "large-head", test_large_head },
    { "many-headers", test_many_headers },
    { "long-target", test_long_target },
    { "small-chunks", test_small_chunks },
    { "chunks-over-the-limit", test_chunks_over_the_limit },
    { "archives", test_archives },
    { "archives-at-once", test_archives_at_once },
    { "answers-do-not-pile-up", test_answers_do_not_pile_up },
    { "routes", test_routes },
    { "path-tricks", test_path_tricks },
    { "response-splitting", test_response_splitting },
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *path = g_strconcat ("/http/server/", tests[i].path, NULL);

      g_test_add (path, Fixture, NULL, set_up, tests[i].run, tear_down);
    }
  for (guint i = 0; i < G_N_ELEMENTS (bad_headers); i++)
    {
      g_autofree char *path = g_strdup_printf ("/http/server/splitting/subprocess/%u", i);

      g_test_add (path, Fixture, bad_headers[i], set_up, add_bad_header, tear_down);
    }
  return g_test_run ();
}
