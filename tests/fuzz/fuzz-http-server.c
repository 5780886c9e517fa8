/* The whole protocol over a connection in memory: requests of any bytes, answered at once or later. However the bytes
 * are cut into pieces and whenever the answers come, the handlers see the same requests; that is what request
 * smuggling would break. */
#include "config.h"
#include "net/net-http-server.h"
#include "tests/fuzz/replay.h"
#include "tests/unit/fake-net-conn.h"

#include <string.h>

#define MAX_PARTS 64

typedef struct
{
  GChecksum *seen; /* of all requests, in order */
  NetHttpExchange *parked;
} Conversation;

static void
record (Conversation *conversation, NetHttpExchange *exchange)
{
  const NetHttpRequest *request = net_http_exchange_request (exchange);
  gsize length;
  const guint8 *body = net_http_exchange_body (exchange, &length);

  g_checksum_update (conversation->seen, (const guchar *) request->method.text, request->method.length);
  g_checksum_update (conversation->seen, (const guchar *) request->target.text, request->target.length);
  for (guint i = 0; i < request->n_headers; i++)
    {
      g_checksum_update (conversation->seen, (const guchar *) request->headers[i].name.text,
                         request->headers[i].name.length);
      g_checksum_update (conversation->seen, (const guchar *) request->headers[i].value.text,
                         request->headers[i].value.length);
    }
  g_checksum_update (conversation->seen, (const guchar *) &length, sizeof length);
  g_checksum_update (conversation->seen, body, length);
}

static void
answer (NetHttpExchange *exchange)
{
  gsize length;
  const guint8 *body = net_http_exchange_body (exchange, &length);

  net_http_exchange_add_header (exchange, "X-Fuzz", "yes");
  net_http_respond (exchange, length == 1 ? 204 : 200, "application/octet-stream", body, length);
}

static void
answer_now (NetHttpExchange *exchange, gpointer data)
{
  record (data, exchange);
  answer (exchange);
}

static void
answer_later (NetHttpExchange *exchange, gpointer data)
{
  Conversation *conversation = data;

  g_assert_null (conversation->parked); /* one at a time */
  record (conversation, exchange);
  conversation->parked = exchange;
}

static void
answer_parked (Conversation *conversation)
{
  while (conversation->parked != NULL)
    {
      answer (g_steal_pointer (&conversation->parked));
      fake_worker_run ();
    }
}

/* @seed: how the bytes are cut and when answers come; 0: all at once and as soon as possible. Returns: the checksum
 * of what handlers saw. */
static char *
converse (const uint8_t *data, size_t size, guint32 seed)
{
  const ApimLimits limits = { .max_http_header = 2048, .max_http_body = 1024, .max_unread_output = 1000,
                              .max_archive = 1500, .max_archives_at_once = 1 };
  Conversation conversation = { .seen = g_checksum_new (G_CHECKSUM_SHA256) };
  g_autoptr (NetHttpServer) server = net_http_server_new (&limits, NULL);
  NetConn *conn;
  gsize come = 0;
  char *seen;

  net_http_server_add (server, "/later*", NET_HTTP_ON_WORKER, answer_later, &conversation);
  net_http_server_add (server, "/*", NET_HTTP_ON_WORKER, answer_now, &conversation);
  net_http_server_allow_archives (server, "/later*");
  conn = fake_conn_new (&net_http_protocol, server);
  while (come < size)
    {
      gsize part = size - come;

      if (seed != 0)
        {
          seed = seed * 1664525u + 1013904223u;
          part = MIN (part, 1 + (seed >> 16) % (1 + 2 * size / MAX_PARTS));
        }
      fake_conn_feed (conn, data + come, part);
      fake_worker_run ();
      come += part;
      if (seed % 3 != 1)
        answer_parked (&conversation);
    }
  answer_parked (&conversation);
  g_assert_false (net_conn_is_open (conn) && fake_conn_is_paused (conn));
  fake_conn_free (conn);
  g_assert_cmpuint (fake_conn_count (), ==, 0);
  seen = g_strdup (g_checksum_get_string (conversation.seen));
  g_checksum_free (conversation.seen);
  return seen;
}

/* The answer to an expectation depends on what has come when the head is read; only "OPTIONS *" has no handler here. */
static gboolean
depends_on_time (const uint8_t *data, size_t size)
{
  static const char options[] = "OPTIONS * ";

  return memmem (data, size, options, strlen (options)) != NULL; /* NULs may come before it */
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *whole = NULL, *parts = NULL;
  guint32 seed = (guint32) size;

  if (size == 0)
    return 0;
  for (size_t i = 0; i < size; i++)
    seed = seed * 31 + data[i];
  whole = converse (data, size, 0);
  parts = converse (data, size, seed | 1);
  if (!depends_on_time (data, size))
    g_assert_cmpstr (whole, ==, parts);
  return 0;
}
