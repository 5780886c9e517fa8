/* A backend that says anything: calls over connections in memory. However its bytes are cut into pieces, and
 * whenever the caller pauses, a call comes to the same end, once; and what is left over never reaches the
 * next one.
 *
 * The first byte of an input says what is asked for; the rest is what the backend says on one connection, and
 * then it closes. */
#include "config.h"
#include "gateway/gw-upstream-private.h"
#include "tests/fuzz/fake-net-connect.h"
#include "tests/fuzz/replay.h"

#define MAX_PARTS 64
#define MAX_CALLS 4

typedef struct
{
  GwUpstreamExchange exchange; /* first */
  GwUpstream *upstream;
  GwUpstreamTarget *target;
  guint ordinal;
  guint status;
  NetHttpBody framing;
  gint64 content_length;
  GString *body;
  NetBuffer trailers;
  gboolean done, failed;
} Call;

static Call calls[MAX_CALLS];
static guint n_calls;

static void
on_head (GwUpstreamExchange *exchange, const NetHttpResponse *response)
{
  Call *call = (Call *)exchange;

  g_assert_true (call->status == 0 && !call->done && !call->failed);
  g_assert_cmpuint (response->status, >=, 200);
  call->status = response->status;
  call->framing = response->body;
  call->content_length = response->content_length;
}

static void
on_body (GwUpstreamExchange *exchange, const guint8 *bytes, gsize length)
{
  Call *call = (Call *)exchange;

  g_assert_true (call->status != 0 && !call->done && !call->failed && !exchange->paused);
  g_assert_true (length > 0 && call->framing != NET_HTTP_BODY_NONE);
  g_string_append_len (call->body, (const char *)bytes, (gssize)length);
}

static void
on_writable (GwUpstreamExchange *exchange)
{
}

static void begin_call (GwUpstream *upstream, GwUpstreamTarget *target, guint8 kind);

static void
on_done (GwUpstreamExchange *exchange)
{
  Call *call = (Call *)exchange;

  g_assert_true (call->status != 0 && !call->done && !call->failed && !exchange->paused);
  call->done = TRUE;
  if (call->framing == NET_HTTP_BODY_NONE)
    g_assert_cmpuint (call->body->len, ==, 0);
  if (call->framing == NET_HTTP_BODY_LENGTH)
    g_assert_cmpint ((gint64)call->body->len, ==, call->content_length);
  if (n_calls < MAX_CALLS)
    begin_call (call->upstream, call->target, 0);
}

static void
on_failed (GwUpstreamExchange *exchange, GwErrorCode code, const char *why)
{
  Call *call = (Call *)exchange;

  g_assert_false (call->done || call->failed);
  g_assert_nonnull (why);
  call->failed = TRUE;
}

static const GwUpstreamEvents events = { on_head, on_body, on_writable, on_done, on_failed };

/* @kind: bit 0: HEAD; bit 1: a body, which never ends. */
static void
begin_call (GwUpstream *upstream, GwUpstreamTarget *target, guint8 kind)
{
  Call *call = &calls[n_calls++];

  *call = (Call){ .exchange.events = &events, .upstream = upstream, .target = target };
  call->body = g_string_new (NULL);
  call->exchange.idempotent = (kind & 2) == 0;
  call->exchange.to_head = (kind & 1) != 0;
  call->exchange.framing = (kind & 2) != 0 ? GW_UPSTREAM_CHUNKED : GW_UPSTREAM_NO_BODY;
  call->exchange.timeout_ms = 1000;
  call->exchange.trailers = &call->trailers;
  gw_upstream_begin (upstream, NULL, target, &call->exchange);
  net_buffer_append (gw_upstream_output (&call->exchange), "GET / HTTP/1.1\r\n\r\n", 18);
  if (kind & 2)
    gw_upstream_send (&call->exchange, "some", 4);
  else
    gw_upstream_end (&call->exchange);
}

static guint32
step (guint32 *seed)
{
  *seed = *seed * 1664525u + 1013904223u;
  return *seed >> 16;
}

/* @seed: how the bytes are cut, and when the caller pauses; 0: all at once, and never. */
static void
say (const uint8_t *data, size_t size, guint32 seed)
{
  GwUpstreamExchange *exchange = &calls[0].exchange;

  for (size_t said = 0, part; said < size && net_conn_is_open (fake_connect_conn (0)); said += part)
    {
      part = size - said;
      if (seed != 0)
        {
          size_t wanted = 1 + step (&seed) % (1 + 2 * size / MAX_PARTS);

          part = MIN (part, wanted);
        }
      if (seed != 0 && step (&seed) % 4 == 0)
        gw_upstream_pause (exchange);
      fake_conn_feed (fake_connect_conn (0), data + said, part);
      fake_connect_run ();
      gw_upstream_resume (exchange);
      fake_connect_run ();
    }
}

/* Returns: how the first call ended. Free with g_free(). */
static char *
converse (guint8 kind, const uint8_t *data, size_t size, guint32 seed)
{
  static const GwUpstreamSettings settings = { .max_connections = 2, .max_waiting = 2, .max_head = 1024 };
  g_autoptr (GwUpstream) upstream = gw_upstream_new (NULL, NULL, &settings);
  GwUpstreamTarget *target = gw_upstream_target (upstream, "backend.example", 80, FALSE);
  g_autofree char *body = NULL, *trailers = NULL;
  char *end;

  n_calls = 0;
  begin_call (upstream, target, kind);
  fake_connect_run ();
  say (data, size, seed);
  for (guint i = 0; i < fake_connect_count (); i++)
    {
      fake_conn_peer_close (fake_connect_conn (i));
      fake_connect_run (); /* a call that may be repeated brings another connection */
    }
  body = g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *)calls[0].body->str,
                                      calls[0].body->len);
  trailers = g_strndup ((const char *)net_buffer_data (&calls[0].trailers), net_buffer_length (&calls[0].trailers));
  end = g_strdup_printf ("%s %u %s %s", calls[0].done ? "done" : "failed", calls[0].status,
                         calls[0].done ? body : "", calls[0].done ? trailers : "");
  for (guint i = 0; i < n_calls; i++)
    {
      g_assert_true (calls[i].done != calls[i].failed);
      g_string_free (calls[i].body, TRUE);
      net_buffer_clear (&calls[i].trailers);
    }
  fake_connect_free ();
  g_assert_cmpuint (fake_conn_count (), ==, 0);
  gw_upstream_target_unref (target);
  return end;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *whole = NULL, *parts = NULL;
  guint32 seed = (guint32)size;

  if (size == 0)
    return 0;
  for (size_t i = 0; i < size; i++)
    seed = seed * 31 + data[i];
  whole = converse (data[0], data + 1, size - 1, 0);
  parts = converse (data[0], data + 1, size - 1, seed | 1);
  g_assert_cmpstr (whole, ==, parts);
  return 0;
}
