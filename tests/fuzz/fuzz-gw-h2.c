/* A client that says anything in HTTP/2: the gateway's connection and streams over a connection in memory, with exchanges
 * that do what the last character of their path says. However the bytes are cut into pieces: every request has exactly one
 * HTTP/1.1 head; its body is given only while it is wanted, and is never other than announced; nothing is said to an exchange
 * that is over; and none is left when the connection is gone.
 *
 * The first byte of an input says how the client behaves: bit 0: its frames come without the preface before them; bit 1: it
 * hears of a drain; the rest is what it sends. */
#include "config.h"
#include "common/apim-log.h"
#include "gateway/gw-exchange.h"
#include "gateway/gw-h2-connection.h"
#include "net/net-http-field.h"
#include "tests/fuzz/replay.h"
#include "tests/unit/fake-net-conn.h"

#include <nghttp2/nghttp2.h>

#define MAX_PARTS 64

/* What net/ does besides its connections. Time stands still. */

gint64
net_worker_now_us (const NetWorker *worker)
{
  return 1;
}

void
net_timer_arm (NetWorker *worker, NetTimer *timer, gint64 delay_ms)
{
  timer->due_us = 1;
}

void
net_timer_cancel (NetTimer *timer)
{
  timer->due_us = 0;
}

/* Exchanges. */

struct _GwExchange
{
  GwStream *stream;
  GwExchange *next, **self;
  NetHttpRequest request;
  char *head;
  guint64 received;
  char kind; /* the last character of the path */
  gboolean begun, wants, ended, answering, waits;
};

static GwExchange *exchanges;

GwExchange *
gw_exchange_new (GwStream *stream)
{
  GwExchange *exchange = g_new0 (GwExchange, 1);

  exchange->stream = stream;
  exchange->next = exchanges;
  exchange->self = &exchanges;
  if (exchanges != NULL)
    exchanges->self = &exchange->next;
  exchanges = exchange;
  return exchange;
}

void
gw_exchange_free (GwExchange *exchange)
{
  if (exchange == NULL)
    return;
  *exchange->self = exchange->next;
  if (exchange->next != NULL)
    exchange->next->self = exchange->self;
  g_free (exchange->head);
  g_free (exchange);
}

const NetHttpRequest *
gw_exchange_read (GwExchange *exchange, const char *head, gsize length, guint *status, const char **error)
{
  NetHttpRequest *request = &exchange->request;
  NetHttpHeadScan scan = { 0 };

  exchange->head = g_memdup2 (head, length);
  g_assert_cmpint (net_http_head_scan (&scan, exchange->head, length, length + 1), ==, NET_HTTP_PARSE_DONE);
  g_assert_cmpuint (scan.position, ==, length);
  *error = NULL;
  if (net_http_request_read (request, exchange->head, length, status))
    return request;
  *error = request->error;
  g_assert_nonnull (*error);
  return NULL;
}

static void
append_text (GwExchange *exchange, const char *text)
{
  net_buffer_append (exchange->stream->output, text, strlen (text));
}

static void
begin_answer (GwExchange *exchange)
{
  g_assert_null (gw_stream_begin_answer (exchange->stream, &exchange->request, TRUE));
  append_text (exchange, "HTTP/1.1 200 OK\r\nServer: fuzz\r\n\r\n");
  gw_stream_flush (exchange->stream);
  exchange->answering = TRUE;
}

static void
finish (GwExchange *exchange, gboolean cut)
{
  GwStream *stream = exchange->stream;

  gw_exchange_free (exchange);
  gw_stream_finish (stream, cut);
}

static void
answer (GwExchange *exchange)
{
  if (!exchange->answering)
    begin_answer (exchange);
  append_text (exchange, "done");
  gw_stream_flush (exchange->stream);
  finish (exchange, FALSE);
}

void
gw_exchange_begin (GwExchange *exchange)
{
  exchange->begun = TRUE;
  exchange->kind = exchange->request.path.text[exchange->request.path.length - 1];
  switch (exchange->kind)
    {
    case 'n': /* now */
      answer (exchange);
      return;
    case 'c': /* cut off */
      begin_answer (exchange);
      finish (exchange, TRUE);
      return;
    case 'l': /* later, and the body is never wanted */
      return;
    case 't': /* now, with trailers; without a body when nothing came before */
      begin_answer (exchange);
      gw_stream_trailers (exchange->stream, (NetHttpText){ "Grpc-Status: 0\r\nx: \r\n", 21 });
      finish (exchange, FALSE);
      return;
    case 's': /* a stream: the head now, the rest later */
      begin_answer (exchange);
      return;
    default:
      exchange->wants = TRUE;
      gw_stream_want_body (exchange->stream, TRUE);
      if (!exchange->request.chunked && exchange->request.content_length <= 0)
        answer (exchange);
    }
}

/* Whole lines, of names that a field of HTTP/1.1 can have. */
static void
check_trailers (NetHttpText lines)
{
  guint n = 0;

  for (; lines.length > 0; n++)
    {
      NetHttpText line = net_http_text_cut_line (&lines);
      NetHttpHeader field;
      const char *error;

      g_assert_cmpuint (net_http_field_read (line, &field, &error), ==, 0);
    }
  g_assert_cmpuint (n, <=, NET_HTTP_MAX_TRAILERS);
}

gboolean
gw_exchange_body (GwExchange *exchange, const guint8 *bytes, gsize length)
{
  g_autofree guint8 *copy = g_memdup2 (bytes, length); /* for sanitizers: every byte is there */

  g_assert_true (exchange->begun && exchange->wants && !exchange->ended && length > 0 && copy != NULL);
  exchange->received += length;
  if (exchange->request.content_length >= 0)
    g_assert_cmpuint (exchange->received, <=, exchange->request.content_length);
  if (exchange->kind == 'e') /* an early answer */
    {
      answer (exchange);
      return FALSE;
    }
  exchange->wants = exchange->kind != 'w'; /* one piece at a time */
  return exchange->wants;
}

void
gw_exchange_body_end (GwExchange *exchange, NetHttpText trailers)
{
  check_trailers (trailers);
  g_assert_true (exchange->begun && !exchange->ended);
  exchange->ended = TRUE;
  if (exchange->request.content_length >= 0)
    g_assert_cmpuint (exchange->received, ==, exchange->request.content_length);
  answer (exchange);
}

void
gw_exchange_broken (GwExchange *exchange, guint status, const char *error)
{
  answer (exchange);
}

void
gw_exchange_sent (GwExchange *exchange)
{
  g_assert_true (exchange->waits);
  exchange->waits = FALSE;
}

/* What comes to the exchanges from elsewhere. */
static void
go_on (void)
{
  GwExchange *next;

  for (GwExchange *exchange = exchanges; exchange != NULL; exchange = next)
    {
      next = exchange->next;
      if (exchange->kind == 'w' && !exchange->wants)
        {
          exchange->wants = TRUE;
          gw_stream_want_body (exchange->stream, TRUE);
        }
      else if (exchange->kind == 'l')
        answer (exchange);
      else if (exchange->kind == 's' && !exchange->waits && net_buffer_length (exchange->stream->output) < 50000)
        {
          g_autofree char *much = g_strnfill (10000, 's');

          append_text (exchange, much);
          gw_stream_flush (exchange->stream);
          exchange->waits = TRUE;
          gw_stream_notify_sent (exchange->stream, 20000);
        }
    }
}

static void
converse (guint8 kind, const uint8_t *data, size_t size, guint32 seed)
{
  static GwServiceWorker worker;
  static GwService service = {
    .settings = {
      .headers = { .jwt_header = "X-JWT-Assertion" },
      .max_head = 4096,
      .max_body = 100000,
      .read_timeout_ms = 1000,
      .write_timeout_ms = 1000,
      .http2 = { TRUE, 10, 65535, 65535, 20, 50 },
    },
    .n_workers = 1,
    .workers = &worker,
  };
  static GwDoor door = { &service, GW_TRANSPORT_HTTP };
  NetConn *conn = fake_conn_new (&gw_h2_connection_protocol, &door);

  if ((kind & 1) == 0)
    fake_conn_feed (conn, NGHTTP2_CLIENT_MAGIC "\0\0\0\4\0\0\0\0\0", NGHTTP2_CLIENT_MAGIC_LEN + 9);
  for (size_t come = 0, part; come < size && net_conn_is_open (conn); come += part)
    {
      part = size - come;
      if (seed != 0)
        {
          seed = seed * 1664525u + 1013904223u;
          part = MIN (part, 1 + (seed >> 16) % (1 + 2 * size / MAX_PARTS));
        }
      fake_conn_feed (conn, data + come, part);
      fake_worker_run ();
      if (seed % 3 != 1)
        go_on ();
      if ((kind & 2) != 0 && net_conn_is_open (conn))
        fake_conn_set_draining (conn, TRUE);
      fake_worker_run ();
    }
  go_on ();
  fake_worker_run ();
  fake_conn_free (conn);
  fake_worker_run ();
  g_assert_cmpuint (fake_conn_count (), ==, 0);
  g_assert_null (exchanges);
  gw_h2_stream_free_spare (&worker);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  guint32 seed = (guint32) size;

  if (size == 0)
    return 0;
  for (size_t i = 0; i < size; i++)
    seed = seed * 31 + data[i];
  apim_log_set_level (APIM_LOG_ERROR); /* what is refused is no news here */
  converse (data[0], data + 1, size - 1, 0);
  converse (data[0], data + 1, size - 1, seed | 1);
  return 0;
}
