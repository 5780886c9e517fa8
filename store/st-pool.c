#include "config.h"
#include "store/st-pool.h"

#define BACKOFF_FIRST_MS 100
#define BACKOFF_MAX_MS 2000

void
st_pool_init (StPool *pool, StDatabase *database, const StDriver *driver, gboolean writer, guint maximum)
{
  const ApimDataSource *source = st_database_source (database);
  guint interval_ms
      = source->validation_interval_ms != 0 ? source->validation_interval_ms : APIM_VALIDATION_INTERVAL_MS;

  pool->database = database;
  pool->driver = driver;
  pool->writer = writer;
  pool->maximum = MAX (maximum, 1);
  pool->max_wait_us = (gint64) source->max_wait_ms * 1000;
  pool->check_after_us = (gint64) interval_ms * 1000;
  g_mutex_init (&pool->lock);
  g_cond_init (&pool->freed);
  g_cond_init (&pool->guard_wake);
}

/* With the lock held: interrupts what is overdue. Returns the next deadline. */
static gint64
interrupt_overdue (StPool *pool)
{
  gint64 now = g_get_monotonic_time ();
  gint64 next = G_MAXINT64;

  for (StConnection *connection = pool->busy; connection != NULL; connection = connection->next)
    {
      if (connection->interrupted)
        continue;
      if (connection->deadline_us <= now)
        {
          connection->interrupted = TRUE;
          pool->driver->interrupt (connection);
        }
      else
        next = MIN (next, connection->deadline_us);
    }
  return next;
}

static gpointer
guard_thread (gpointer data)
{
  StPool *pool = data;

  g_mutex_lock (&pool->lock);
  while (!pool->stopping)
    {
      pool->guard_until_us = interrupt_overdue (pool);
      if (pool->guard_until_us == G_MAXINT64)
        g_cond_wait (&pool->guard_wake, &pool->lock);
      else
        g_cond_wait_until (&pool->guard_wake, &pool->lock, pool->guard_until_us);
    }
  g_mutex_unlock (&pool->lock);
  return NULL;
}

/* With the lock held. The guard is woken only when it would sleep too long: with steady work about once per deadline,
 * not per query. */
static void
hand_out (StPool *pool, StConnection *connection, gint64 deadline_us)
{
  connection->deadline_us = deadline_us;
  connection->interrupted = FALSE;
  connection->previous = NULL;
  connection->next = pool->busy;
  if (pool->busy != NULL)
    pool->busy->previous = connection;
  pool->busy = connection;
  if (pool->driver->interrupt == NULL)
    return;
  if (pool->guard == NULL)
    pool->guard = g_thread_new ("st-guard", guard_thread, pool);
  else if (deadline_us < pool->guard_until_us)
    g_cond_signal (&pool->guard_wake);
}

/* With the lock held. */
static void
take_back (StPool *pool, StConnection *connection)
{
  if (connection->previous != NULL)
    connection->previous->next = connection->next;
  else
    pool->busy = connection->next;
  if (connection->next != NULL)
    connection->next->previous = connection->previous;
}

static gboolean
has_place (const StPool *pool)
{
  return pool->idle != NULL || pool->n_connections < pool->maximum;
}

/* With the lock held: there is a place. */
static void
tell_waiting (StPool *pool)
{
  if (pool->n_waiting > 0)
    g_cond_signal (&pool->freed);
}

/* With the lock held. FALSE: the time is over. */
static gboolean
wait_until (StPool *pool, gint64 until_us)
{
  gboolean woken;

  pool->n_waiting++;
  woken = g_cond_wait_until (&pool->freed, &pool->lock, until_us);
  pool->n_waiting--;
  return woken;
}

/* With the lock held: waits until there is an idle connection or room for a new one. */
static gboolean
wait_for_place (StPool *pool, gint64 deadline_us, GError **error)
{
  gint64 until;

  if (has_place (pool))
    return TRUE;
  until = MIN (deadline_us, g_get_monotonic_time () + pool->max_wait_us);
  while (!has_place (pool))
    if (!wait_until (pool, until) && !has_place (pool))
      {
        g_set_error (error, ST_ERROR, until == deadline_us ? ST_ERROR_TIMEOUT : ST_ERROR_UNAVAILABLE,
                     "all %u connections to the database are in use", pool->maximum);
        return FALSE;
      }
  return TRUE;
}

/* With the lock held: whether a new connection may be tried now. */
static gboolean
may_connect (StPool *pool, GError **error)
{
  if (pool->retry_at_us == 0)
    return TRUE;
  if (pool->trying || g_get_monotonic_time () < pool->retry_at_us)
    {
      g_set_error_literal (error, ST_ERROR, ST_ERROR_UNAVAILABLE, pool->failure);
      return FALSE;
    }
  pool->trying = TRUE;
  return TRUE;
}

/* With the lock held. */
static void
connect_failed (StPool *pool, const GError *why)
{
  pool->n_connections--;
  tell_waiting (pool);
  pool->trying = FALSE;
  if (!pool->driver->remote)
    return;
  pool->backoff_ms = CLAMP (pool->backoff_ms * 2, BACKOFF_FIRST_MS, BACKOFF_MAX_MS);
  pool->retry_at_us = g_get_monotonic_time () + (gint64) pool->backoff_ms * 1000;
  g_free (pool->failure);
  pool->failure = g_strdup (why->message);
}

/* With the lock held, which it lets go of meanwhile. */
static StConnection *
connect_new (StPool *pool, gint64 deadline_us, GError **error)
{
  StConnection *connection;
  GError *why = NULL;

  if (!may_connect (pool, error))
    return NULL;
  pool->n_connections++;
  g_mutex_unlock (&pool->lock);
  connection = pool->driver->connect (pool->database, pool->writer, deadline_us, &why);
  g_mutex_lock (&pool->lock);
  if (connection == NULL)
    {
      connect_failed (pool, why);
      g_propagate_error (error, why);
      return NULL;
    }
  pool->trying = FALSE;
  pool->retry_at_us = 0;
  pool->backoff_ms = 0;
  hand_out (pool, connection, deadline_us);
  return connection;
}

/* With the lock held: the newest idle connection. *stale: it was idle for long, and may be used for half of the time
 * only until it has answered. */
static StConnection *
take_idle (StPool *pool, gint64 deadline_us, gboolean *stale)
{
  StConnection *connection = pool->idle;
  gint64 now = g_get_monotonic_time ();

  pool->idle = connection->next;
  *stale = pool->driver->remote && now - connection->idle_since_us > pool->check_after_us;
  hand_out (pool, connection, *stale ? now + (deadline_us - now) / 2 : deadline_us);
  return connection;
}

static gboolean
check (StPool *pool, StConnection *connection, gint64 deadline_us)
{
  gboolean alive = pool->driver->check (connection, NULL);

  g_mutex_lock (&pool->lock);
  alive = alive && !connection->interrupted;
  if (alive)
    connection->deadline_us = deadline_us;
  g_mutex_unlock (&pool->lock);
  return alive;
}

StConnection *
st_pool_acquire (StPool *pool, gint64 deadline_us, GError **error)
{
  for (;;)
    {
      StConnection *connection = NULL;
      gboolean stale = FALSE;

      g_mutex_lock (&pool->lock);
      if (!wait_for_place (pool, deadline_us, error))
        ;
      else if (pool->idle == NULL)
        connection = connect_new (pool, deadline_us, error);
      else
        connection = take_idle (pool, deadline_us, &stale);
      g_mutex_unlock (&pool->lock);
      if (!stale || check (pool, connection, deadline_us))
        return connection;
      connection->broken = connection->gone = TRUE; /* idle ones go with it, so this loop ends */
      st_pool_release (pool, connection);
    }
}

void
st_pool_release (StPool *pool, StConnection *connection)
{
  StConnection *closing = NULL;

  g_mutex_lock (&pool->lock);
  take_back (pool, connection);
  if (connection->broken || connection->interrupted || pool->stopping)
    {
      if (connection->gone || connection->left)
        {
          closing = pool->idle;
          pool->idle = NULL;
        }
      connection->next = closing;
      closing = connection;
      for (StConnection *each = closing; each != NULL; each = each->next)
        pool->n_connections--;
      g_cond_broadcast (&pool->freed);
    }
  else
    {
      connection->idle_since_us = g_get_monotonic_time ();
      connection->next = pool->idle;
      pool->idle = connection;
      tell_waiting (pool);
    }
  g_mutex_unlock (&pool->lock);

  while (closing != NULL)
    {
      connection = closing;
      closing = connection->next;
      st_connection_free (connection);
    }
}

void
st_pool_clear (StPool *pool)
{
  StConnection *closing;

  g_mutex_lock (&pool->lock);
  pool->stopping = TRUE;
  closing = pool->idle;
  pool->idle = NULL;
  g_cond_signal (&pool->guard_wake);
  g_mutex_unlock (&pool->lock);
  if (pool->guard != NULL)
    g_thread_join (pool->guard);
  while (closing != NULL)
    {
      StConnection *connection = closing;

      closing = connection->next;
      st_connection_free (connection);
    }
  g_free (pool->failure);
  g_cond_clear (&pool->guard_wake);
  g_cond_clear (&pool->freed);
  g_mutex_clear (&pool->lock);
}
