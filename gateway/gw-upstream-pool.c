#include "config.h"
#include "gateway/gw-upstream-private.h"

/* A connection that is on its way fails by itself, and knows better why. */
#define GRACE_MS 500
/* Idle connections that are closed in one turn: a thousand of them, which fell idle together, would keep the worker's
 * calls waiting for tens of milliseconds. */
#define CLOSED_PER_TURN 16

void
gw_upstream_pool_init (GwUpstreamPool *pool, GwUpstreamTarget *target, NetWorker *worker)
{
  pool->target = target;
  pool->worker = worker;
  pool->waiting_tail = &pool->waiting;
}

/* The line. */

static void
enqueue (GwUpstreamPool *pool, GwUpstreamExchange *exchange, gboolean first)
{
  GwUpstreamExchange **place = first ? &pool->waiting : pool->waiting_tail;

  exchange->self = place;
  exchange->next = *place;
  if (exchange->next != NULL)
    exchange->next->self = &exchange->next;
  else
    pool->waiting_tail = &exchange->next;
  *place = exchange;
  pool->n_waiting++;
}

void
gw_upstream_pool_leave (GwUpstreamPool *pool, GwUpstreamExchange *exchange)
{
  if (exchange->self == NULL)
    return;
  *exchange->self = exchange->next;
  if (exchange->next != NULL)
    exchange->next->self = exchange->self;
  else
    pool->waiting_tail = exchange->self;
  exchange->next = NULL;
  exchange->self = NULL;
  pool->n_waiting--;
}

/* Idle connections. */

static void
remove_idle (GwUpstreamPool *pool, GwUpstreamConnection *connection)
{
  *(connection->newer != NULL ? &connection->newer->older : &pool->newest) = connection->older;
  *(connection->older != NULL ? &connection->older->newer : &pool->oldest) = connection->newer;
  connection->newer = connection->older = NULL;
  if (pool->newest == NULL)
    net_timer_cancel (&pool->idle_timer);
}

static gboolean
is_idle (const GwUpstreamPool *pool, const GwUpstreamConnection *connection)
{
  return connection->newer != NULL || connection->older != NULL || pool->newest == connection;
}

static guint
idle_timeout_ms (const GwUpstreamPool *pool)
{
  return pool->target->upstream->settings.idle_timeout_ms;
}

/* The last one that goes may take the pool along. */
static void
close_old_ones (NetTimer *timer, NetWorker *worker)
{
  GwUpstreamPool *pool = (GwUpstreamPool *)((char *)timer - G_STRUCT_OFFSET (GwUpstreamPool, idle_timer));
  g_autoptr (GwUpstreamTarget) target = gw_upstream_target_ref (pool->target);
  gint64 now_us = net_worker_now_us (worker);
  GwUpstreamConnection *oldest;
  guint n_closed = 0;

  while ((oldest = pool->oldest) != NULL)
    {
      gint64 left_us = oldest->idle_us + (gint64)idle_timeout_ms (pool) * 1000 - now_us;

      if (left_us > 0 || n_closed++ == CLOSED_PER_TURN)
        {
          net_timer_arm (worker, timer, MAX (left_us, 0) / 1000 + 1);
          return;
        }
      remove_idle (pool, oldest);
      net_conn_close (oldest->conn, NET_CLOSE_IDLE_TIMEOUT);
    }
}

static void
add_idle (GwUpstreamPool *pool, GwUpstreamConnection *connection)
{
  connection->idle_us = net_worker_now_us (pool->worker);
  connection->older = pool->newest;
  *(pool->newest != NULL ? &pool->newest->newer : &pool->oldest) = connection;
  pool->newest = connection;
  if (pool->idle_timer.due_us != 0)
    return;
  pool->idle_timer.fired = close_old_ones;
  net_timer_arm (pool->worker, &pool->idle_timer, idle_timeout_ms (pool));
}

/* Connections that are made. */

static void
connect_failed (NetConnect *connect, NetConnectError error, const char *why)
{
  static const GwErrorCode codes[] = {
    [NET_CONNECT_NO_ADDRESS] = GW_ERROR_CONNECT,      [NET_CONNECT_REFUSED] = GW_ERROR_CONNECT,
    [NET_CONNECT_TIMEOUT] = GW_ERROR_CONNECT_TIMEOUT, [NET_CONNECT_TLS] = GW_ERROR_CONNECT,
    [NET_CONNECT_SYSTEM] = GW_ERROR_SEND_ABORT,       [NET_CONNECT_DRAIN] = GW_ERROR_SEND_ABORT,
  };
  GwUpstreamConnection *connection = (GwUpstreamConnection *)connect;
  GwUpstreamPool *pool = connection->pool;
  GwUpstreamExchange *exchange = pool->waiting;

  if (exchange != NULL)
    gw_upstream_pool_leave (pool, exchange);
  gw_upstream_pool_drop (pool, connection);
  if (exchange == NULL)
    return;
  gw_upstream_exchange_end (exchange);
  exchange->events->failed (exchange, codes[error], why);
}

static void
open_connection (GwUpstreamPool *pool)
{
  GwUpstreamTarget *target = pool->target;
  GwUpstream *upstream = target->upstream;
  g_autoptr (NetTlsClient) tls = target->tls ? gw_upstream_ref_tls (upstream) : NULL;
  GwUpstreamConnection *connection = g_new0 (GwUpstreamConnection, 1);

  gw_upstream_target_ref (target);
  connection->pool = pool;
  connection->connect.failed = connect_failed;
  pool->n_connections++;
  pool->n_opening++;
  net_connect_start (&connection->connect, pool->worker, target->host, target->port, tls,
                     upstream->settings.connect_timeout_ms, &gw_upstream_protocol, connection);
}

static void
open_more (GwUpstreamPool *pool)
{
  while (pool->n_waiting > pool->n_opening
         && pool->n_connections < pool->target->upstream->settings.max_connections)
    open_connection (pool);
}

/* What is asked of a pool. */

gboolean
gw_upstream_pool_enter (GwUpstreamPool *pool, GwUpstreamExchange *exchange, gboolean again)
{
  GwUpstreamConnection *connection = again ? NULL : pool->newest;

  if (connection != NULL)
    {
      remove_idle (pool, connection);
      gw_upstream_connection_attach (connection, exchange);
      return TRUE;
    }
  if (!again && pool->n_connections >= pool->target->upstream->settings.max_connections
      && pool->n_waiting >= pool->n_opening + pool->target->upstream->settings.max_waiting)
    return FALSE;
  enqueue (pool, exchange, again);
  gw_upstream_exchange_set_deadline (
      exchange, net_worker_now_us (pool->worker)
                    + ((gint64)pool->target->upstream->settings.connect_timeout_ms + GRACE_MS) * 1000);
  open_more (pool);
  return TRUE;
}

/* What lost one kept connection already is given none again: the backend may close that one, too, as it has served as
 * many calls. A new one is on its way for it. */
static GwUpstreamExchange *
next_for (const GwUpstreamPool *pool, const GwUpstreamConnection *connection)
{
  GwUpstreamExchange *next = pool->waiting;

  while (next != NULL && connection->used && next->retried)
    next = next->next;
  return next;
}

void
gw_upstream_pool_release (GwUpstreamPool *pool, GwUpstreamConnection *connection)
{
  GwUpstreamExchange *next = next_for (pool, connection);

  if (next != NULL)
    {
      gw_upstream_pool_leave (pool, next);
      gw_upstream_connection_attach (connection, next);
      return;
    }
  connection->used = TRUE;
  net_conn_set_busy (connection->conn, FALSE);
  add_idle (pool, connection);
}

void
gw_upstream_pool_drop (GwUpstreamPool *pool, GwUpstreamConnection *connection)
{
  g_autoptr (GwUpstreamTarget) target = pool->target; /* the connection's reference */

  if (is_idle (pool, connection))
    remove_idle (pool, connection);
  pool->n_connections--;
  if (connection->conn == NULL)
    pool->n_opening--;
  g_free (connection);
  open_more (pool);
}
