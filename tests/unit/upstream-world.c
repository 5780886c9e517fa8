#include "config.h"
#include "upstream-world.h"
#include <poll.h>
#include <unistd.h>

static void call_begin_on_worker (NetWorker *worker, gpointer data);

static void
react (UpstreamCall *call, UpstreamMoment moment)
{
  if (call->pause_at & moment)
    gw_upstream_pause (&call->exchange);
  if (call->cancel_at & moment)
    gw_upstream_cancel (&call->exchange);
}

static void
on_head (GwUpstreamExchange *exchange, const NetHttpResponse *response)
{
  UpstreamCall *call = (UpstreamCall *)exchange;

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
  UpstreamCall *call = (UpstreamCall *)exchange;

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
  UpstreamCall *call = (UpstreamCall *)exchange;

  g_mutex_lock (&call->lock);
  g_assert_false (call->done || call->failed);
  call->n_writable++;
  g_cond_broadcast (&call->changed);
  g_mutex_unlock (&call->lock);
}

static void
on_done (GwUpstreamExchange *exchange)
{
  UpstreamCall *call = (UpstreamCall *)exchange;

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
  UpstreamCall *call = (UpstreamCall *)exchange;

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
  UpstreamCall *call = data;

  gw_upstream_begin (call->world->upstream, worker, call->world->target, &call->exchange);
  net_buffer_append (gw_upstream_output (&call->exchange), call->request, strlen (call->request));
  if (!call->open)
    gw_upstream_end (&call->exchange);
  g_assert_false (call->failed);
}

void
upstream_world_on_worker (UpstreamWorld *world, void (*run) (NetWorker *worker, gpointer data), gpointer data)
{
  net_worker_call (net_reactor_worker (world->reactor, 0), run, data);
}

void
upstream_call_prepare (UpstreamCall *call, UpstreamWorld *world, const char *request)
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
  call->world = world;
  call->request = request;
  call->body = g_string_new (NULL);
}

void
upstream_call_begin (UpstreamCall *call, UpstreamWorld *world, const char *request)
{
  upstream_call_prepare (call, world, request);
  upstream_world_on_worker (world, call_begin_on_worker, call);
}

void
upstream_call_clear (UpstreamCall *call)
{
  g_string_free (call->body, TRUE);
  g_free (call->why);
  g_mutex_clear (&call->lock);
  g_cond_clear (&call->changed);
}

void
upstream_call_expect_done (UpstreamCall *call, guint status, const char *body)
{
  UPSTREAM_WAIT (call, call->done || call->failed);
  g_assert_cmpstr (call->why, ==, NULL);
  g_assert_cmpuint (call->status, ==, status);
  g_assert_cmpstr (call->body->str, ==, body);
  upstream_call_clear (call);
}

void
upstream_call_expect_failed (UpstreamCall *call, gint code, const char *part)
{
  UPSTREAM_WAIT (call, call->done || call->failed);
  g_assert_true (call->failed);
  if ((gint)call->code != code || strstr (call->why, part) == NULL)
    g_error ("failed with %d (%s) instead of %d (%s)", call->code, call->why, code, part);
  upstream_call_clear (call);
}

typedef struct
{
  UpstreamCall *call;
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
  if (piece->end && piece->call->trailers != NULL)
    gw_upstream_end_with_trailers (&piece->call->exchange, piece->call->trailers, strlen (piece->call->trailers));
  else if (piece->end)
    gw_upstream_end (&piece->call->exchange);
}

gboolean
upstream_call_send (UpstreamCall *call, const char *bytes, gsize length, gboolean end)
{
  Piece piece = { .call = call, .bytes = bytes, .length = length, .end = end };

  upstream_world_on_worker (call->world, send_on_worker, &piece);
  return piece.more;
}

static void
resume_on_worker (NetWorker *worker, gpointer data)
{
  gw_upstream_resume (data);
}

void
upstream_call_resume (UpstreamCall *call)
{
  upstream_world_on_worker (call->world, resume_on_worker, &call->exchange);
}

/* The backend. */

int
backend_accept (UpstreamWorld *world)
{
  const struct timeval patience = { .tv_sec = 30 };
  int fd;

  g_assert_true (backend_connection_waits (world, PATIENCE_US / 1000)); /* rather than for ever */
  fd = accept (world->listener, NULL, NULL);
  g_assert_cmpint (fd, >=, 0);
  setsockopt (fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt (fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  return fd;
}

gboolean
backend_connection_waits (UpstreamWorld *world, int ms)
{
  struct pollfd waiting = { .fd = world->listener, .events = POLLIN };

  return poll (&waiting, 1, ms) == 1;
}

void
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

void
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

void
backend_answer (int fd, const char *answer)
{
  backend_send (fd, answer, strlen (answer));
}

void
backend_expect_end (int fd)
{
  char byte;
  gssize n = recv (fd, &byte, 1, 0);

  g_assert_cmpint (n, <=, 0);
  /* A plain end leaves errno as an earlier call set it. */
  if (n < 0)
    g_assert_cmpint (errno, !=, EAGAIN);
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
  addresses->ref_count = 1;
  memcpy (&addresses->list[addresses->n++], &address, sizeof address);
  return addresses;
}

const GwUpstreamSettings upstream_world_settings = {
  .connect_timeout_ms = 30000,
  .idle_timeout_ms = 30000,
  .read_timeout_ms = 30000,
  .max_connections = 100,
  .max_waiting = 100,
  .max_head = 4096,
};

void
upstream_world_start (UpstreamWorld *world, const GwUpstreamSettings *settings)
{
  ApimLimits limits = net_test_limits ();
  g_autoptr (GError) error = NULL;

  world->listener = net_test_listen (100, &world->port);
  world->reactor = net_reactor_new (2, &limits, &apim_clock_system, &error);
  g_assert_no_error (error);
  net_reactor_set_resolver (world->reactor, resolve);
  world->upstream
      = gw_upstream_new (world->reactor, NULL, settings != NULL ? settings : &upstream_world_settings);
  world->target = gw_upstream_target (world->upstream, "backend.example", world->port, FALSE);
}

NetCounters
upstream_world_stop (UpstreamWorld *world)
{
  NetCounters counters;

  net_reactor_drain (world->reactor, 0);
  net_reactor_read_counters (world->reactor, &counters);
  g_assert_cmpuint (counters.connected_open, ==, 0);
  gw_upstream_target_unref (world->target);
  gw_upstream_free (world->upstream);
  net_reactor_free (world->reactor);
  close (world->listener);
  return counters;
}
