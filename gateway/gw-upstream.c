/* Targets, and exchanges as their callers see them. */
#include "config.h"
#include "gateway/gw-upstream-private.h"

typedef struct
{
  GwUpstreamTarget target; /* first */
  GwUpstreamPool *pools;   /* one for each worker */
} Target;

/* Targets. */

static guint
hash_target (gconstpointer key)
{
  const GwUpstreamTarget *target = key;

  return g_str_hash (target->host) * 31 + target->port * 2u + (target->tls ? 1 : 0);
}

static gboolean
equal_targets (gconstpointer a, gconstpointer b)
{
  const GwUpstreamTarget *one = a, *other = b;

  return one->port == other->port && one->tls == other->tls && g_str_equal (one->host, other->host);
}

static char *
make_authority (const char *host, guint16 port, gboolean tls)
{
  gboolean brackets = strchr (host, ':') != NULL;
  g_autofree char *name = g_strconcat (brackets ? "[" : "", host, brackets ? "]" : "", NULL);

  return port == (tls ? 443 : 80) ? g_steal_pointer (&name) : g_strdup_printf ("%s:%u", name, port);
}

static GwUpstreamTarget *
target_new (GwUpstream *upstream, const char *host, guint16 port, gboolean tls)
{
  guint n_workers = net_reactor_n_workers (upstream->reactor);
  Target *target = g_new0 (Target, 1);

  target->target.ref_count = 1;
  target->target.upstream = upstream;
  target->target.host = g_ascii_strdown (host, -1);
  target->target.port = port;
  target->target.tls = tls;
  target->target.authority = make_authority (target->target.host, port, tls);
  target->pools = g_aligned_alloc0 (n_workers, sizeof (GwUpstreamPool), _Alignof(GwUpstreamPool));
  for (guint i = 0; i < n_workers; i++)
    gw_upstream_pool_init (&target->pools[i], &target->target, net_reactor_worker (upstream->reactor, i));
  return &target->target;
}

static void
target_free (GwUpstreamTarget *target)
{
  g_aligned_free (((Target *)target)->pools);
  g_free (target->authority);
  g_free (target->host);
  g_free (target);
}

GwUpstreamPool *
gw_upstream_target_pool (GwUpstreamTarget *target, guint worker_index)
{
  return &((Target *)target)->pools[worker_index];
}

GwUpstreamTarget *
gw_upstream_target (GwUpstream *upstream, const char *host, guint16 port, gboolean tls)
{
  g_autofree char *lower = g_ascii_strdown (host, -1);
  const GwUpstreamTarget key = { .host = lower, .port = port, .tls = !!tls };
  GwUpstreamTarget *target;

  g_mutex_lock (&upstream->lock);
  target = g_hash_table_lookup (upstream->targets, &key);
  if (target != NULL)
    gw_upstream_target_ref (target);
  else
    {
      target = target_new (upstream, host, port, !!tls);
      g_hash_table_add (upstream->targets, target);
    }
  g_mutex_unlock (&upstream->lock);
  return target;
}

GwUpstreamTarget *
gw_upstream_target_ref (GwUpstreamTarget *target)
{
  g_atomic_int_inc (&target->ref_count);
  return target;
}

/* Under the lock, so that nobody finds a target that is about to go. */
void
gw_upstream_target_unref (GwUpstreamTarget *target)
{
  GwUpstream *upstream = target->upstream;
  gboolean gone;

  g_mutex_lock (&upstream->lock);
  gone = g_atomic_int_dec_and_test (&target->ref_count);
  if (gone)
    g_hash_table_remove (upstream->targets, target);
  g_mutex_unlock (&upstream->lock);
  if (gone)
    target_free (target);
}

/* The whole. */

GwUpstream *
gw_upstream_new (NetReactor *reactor, NetTlsClient *tls, const GwUpstreamSettings *settings)
{
  GwUpstream *upstream = g_new0 (GwUpstream, 1);

  net_reactor_expect_outgoing (reactor);
  upstream->reactor = reactor;
  upstream->settings = *settings;
  upstream->tls = tls != NULL ? net_tls_client_ref (tls) : NULL;
  upstream->has_tls = tls != NULL;
  g_mutex_init (&upstream->lock);
  upstream->targets = g_hash_table_new (hash_target, equal_targets);
  return upstream;
}

void
gw_upstream_free (GwUpstream *upstream)
{
  if (upstream == NULL)
    return;
  if (g_hash_table_size (upstream->targets) > 0)
    g_error ("%u targets of the upstream are still in use", g_hash_table_size (upstream->targets));
  g_hash_table_destroy (upstream->targets);
  net_tls_client_unref (upstream->tls);
  g_mutex_clear (&upstream->lock);
  g_free (upstream);
}

void
gw_upstream_set_tls (GwUpstream *upstream, NetTlsClient *tls)
{
  NetTlsClient *old;

  g_return_if_fail (tls != NULL);
  g_mutex_lock (&upstream->lock);
  old = upstream->tls;
  upstream->tls = net_tls_client_ref (tls);
  g_atomic_int_set (&upstream->has_tls, TRUE); /* never taken back: a target with TLS is never called without */
  g_mutex_unlock (&upstream->lock);
  net_tls_client_unref (old);
}

NetTlsClient *
gw_upstream_ref_tls (GwUpstream *upstream)
{
  NetTlsClient *tls;

  g_mutex_lock (&upstream->lock);
  tls = upstream->tls != NULL ? net_tls_client_ref (upstream->tls) : NULL;
  g_mutex_unlock (&upstream->lock);
  return tls;
}

/* Exchanges. */

gboolean
gw_upstream_exchange_is_repeatable (const GwUpstreamExchange *exchange)
{
  return exchange->idempotent && exchange->framing == GW_UPSTREAM_NO_BODY && !exchange->retried;
}

gboolean
gw_upstream_exchange_was_stale (const GwUpstreamExchange *exchange)
{
  return exchange->stale;
}

static void
look_at_deadline (NetTimer *timer, NetWorker *worker)
{
  GwUpstreamExchange *exchange
      = (GwUpstreamExchange *)((char *)timer - G_STRUCT_OFFSET (GwUpstreamExchange, timer));
  GwUpstreamConnection *connection = exchange->connection;

  if (exchange->refused != NULL)
    gw_upstream_exchange_fail (exchange, GW_ERROR_SEND_ABORT, exchange->refused);
  else if (exchange->deadline_us > net_worker_now_us (worker))
    gw_upstream_exchange_set_deadline (exchange, exchange->deadline_us);
  else if (connection == NULL)
    gw_upstream_exchange_fail (exchange, GW_ERROR_CONNECT_TIMEOUT, "no connection became free in time");
  else
    {
      gboolean answered = exchange->answered;
      NetConn *conn = net_conn_ref (connection->conn);

      gw_upstream_exchange_fail (exchange, answered ? GW_ERROR_TIMEOUT_AFTER_REQUEST : GW_ERROR_TIMEOUT,
                                 answered ? "sent nothing more of its answer in time"
                                          : "gave no answer in time");
      net_conn_close (conn, NET_CLOSE_READ_TIMEOUT);
      net_conn_unref (conn);
    }
}

/* The timer is armed lazily: a later deadline is seen when it fires. */
void
gw_upstream_exchange_set_deadline (GwUpstreamExchange *exchange, gint64 deadline_us)
{
  gint64 left_us = deadline_us - net_worker_now_us (exchange->worker);

  exchange->deadline_us = deadline_us;
  if (deadline_us == G_MAXINT64 || (exchange->timer.due_us != 0 && exchange->timer.due_us <= deadline_us))
    return;
  exchange->timer.fired = look_at_deadline;
  net_timer_arm (exchange->worker, &exchange->timer, (left_us + 999) / 1000);
}

void
gw_upstream_exchange_end (GwUpstreamExchange *exchange)
{
  GwUpstreamPool *pool = gw_upstream_target_pool (exchange->target, net_worker_index (exchange->worker));

  gw_upstream_pool_leave (pool, exchange);
  if (exchange->connection != NULL)
    exchange->connection->exchange = NULL;
  exchange->connection = NULL;
  exchange->begun = FALSE;
  net_timer_cancel (&exchange->timer);
  net_buffer_clear (&exchange->output);
}

void
gw_upstream_exchange_fail (GwUpstreamExchange *exchange, GwErrorCode code, const char *why)
{
  const GwUpstreamTarget *target = exchange->target;
  char text[512];

  g_snprintf (text, sizeof text, "%s port %u %s", target->host, target->port, why);
  gw_upstream_exchange_end (exchange);
  exchange->events->failed (exchange, code, text);
}

static void
refuse_soon (GwUpstreamExchange *exchange, const char *why)
{
  exchange->refused = why;
  gw_upstream_exchange_set_deadline (exchange, net_worker_now_us (exchange->worker));
}

void
gw_upstream_begin (GwUpstream *upstream, NetWorker *worker, GwUpstreamTarget *target,
                   GwUpstreamExchange *exchange)
{
  GwUpstreamPool *pool = gw_upstream_target_pool (target, net_worker_index (worker));

  exchange->target = target;
  exchange->worker = worker;
  exchange->connection = NULL;
  exchange->next = NULL;
  exchange->self = NULL;
  exchange->output = (NetBuffer){ 0 };
  exchange->timer = (NetTimer){ 0 };
  exchange->refused = NULL;
  exchange->begun = TRUE;
  exchange->ended = exchange->answered = exchange->retried = exchange->stale = FALSE;
  exchange->full = exchange->paused = FALSE;
  if (target->tls && !g_atomic_int_get (&upstream->has_tls))
    {
      refuse_soon (exchange, "cannot be called: there is no trust store");
      return;
    }
  if (!gw_upstream_pool_enter (pool, exchange, FALSE))
    refuse_soon (exchange, "has too many calls waiting for a connection (BackendQueue)");
}

NetBuffer *
gw_upstream_output (GwUpstreamExchange *exchange)
{
  return &exchange->output;
}

static gsize
waiting_bytes (const GwUpstreamExchange *exchange)
{
  gsize length = net_buffer_length (&exchange->output);

  if (exchange->connection != NULL)
    length += net_buffer_length (net_conn_output (exchange->connection->conn));
  return length;
}

static void
append_body (GwUpstreamExchange *exchange, const void *bytes, gsize length)
{
  char size[24];

  if (length == 0)
    return;
  if (exchange->framing == GW_UPSTREAM_CHUNKED)
    net_buffer_append (&exchange->output, size,
                       (gsize)g_snprintf (size, sizeof size, "%" G_GSIZE_MODIFIER "x\r\n", length));
  net_buffer_append (&exchange->output, bytes, length);
  if (exchange->framing == GW_UPSTREAM_CHUNKED)
    net_buffer_append (&exchange->output, "\r\n", 2);
}

gboolean
gw_upstream_send (GwUpstreamExchange *exchange, const void *bytes, gsize length)
{
  g_return_val_if_fail (exchange->begun && !exchange->ended, TRUE);
  g_return_val_if_fail (length == 0 || exchange->framing != GW_UPSTREAM_NO_BODY, TRUE);
  append_body (exchange, bytes, length);
  exchange->full = waiting_bytes (exchange) > GW_UPSTREAM_MARK;
  if (exchange->connection != NULL)
    gw_upstream_connection_push (exchange->connection);
  return !exchange->full;
}

void
gw_upstream_end (GwUpstreamExchange *exchange)
{
  gw_upstream_end_with_trailers (exchange, NULL, 0);
}

void
gw_upstream_end_with_trailers (GwUpstreamExchange *exchange, const void *lines, gsize length)
{
  g_return_if_fail (exchange->begun && !exchange->ended);
  g_return_if_fail (length == 0 || exchange->framing == GW_UPSTREAM_CHUNKED);
  if (exchange->framing == GW_UPSTREAM_CHUNKED)
    {
      net_buffer_append (&exchange->output, "0\r\n", 3);
      net_buffer_append (&exchange->output, lines, length);
      net_buffer_append (&exchange->output, "\r\n", 2);
    }
  exchange->ended = TRUE;
  exchange->full = FALSE;
  if (exchange->connection == NULL)
    return;
  if (!exchange->answered)
    gw_upstream_exchange_set_deadline (exchange,
                                       net_worker_now_us (exchange->worker) + exchange->timeout_ms * 1000);
  gw_upstream_connection_push (exchange->connection);
}

void
gw_upstream_pause (GwUpstreamExchange *exchange)
{
  if (!exchange->begun || exchange->paused)
    return;
  exchange->paused = TRUE;
  if (exchange->connection == NULL)
    return;
  net_conn_pause (exchange->connection->conn);
  if (exchange->answered)
    exchange->deadline_us = G_MAXINT64;
}

void
gw_upstream_resume (GwUpstreamExchange *exchange)
{
  if (!exchange->begun || !exchange->paused)
    return;
  exchange->paused = FALSE;
  if (exchange->connection == NULL)
    return;
  if (exchange->answered)
    gw_upstream_exchange_set_deadline (
        exchange, net_worker_now_us (exchange->worker)
                      + (gint64)exchange->target->upstream->settings.read_timeout_ms * 1000);
  gw_upstream_connection_resume (exchange->connection);
}

void
gw_upstream_cancel (GwUpstreamExchange *exchange)
{
  GwUpstreamConnection *connection = exchange->connection;

  if (!exchange->begun)
    return;
  gw_upstream_exchange_end (exchange);
  if (connection != NULL)
    net_conn_close (connection->conn, NET_CLOSE_DONE);
}
