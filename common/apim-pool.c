#include "config.h"
#include "common/apim-pool.h"

struct _ApimPool
{
  GMutex lock;
  GCond wake;
  ApimJob *head; /* oldest first */
  ApimJob **tail;
  guint waiting;
  guint idle;
  guint queue_limit;
  gboolean stopping;
  guint n_threads;
  GThread **threads;
};

static gpointer
pool_thread (gpointer data)
{
  ApimPool *pool = data;

  g_mutex_lock (&pool->lock);
  for (;;)
    {
      ApimJob *job;

      while (pool->head == NULL && !pool->stopping)
        {
          pool->idle++;
          g_cond_wait (&pool->wake, &pool->lock);
          pool->idle--;
        }
      job = pool->head;
      if (job == NULL)
        break; /* stopping, and nothing is left */
      pool->head = job->next;
      if (pool->head == NULL)
        pool->tail = &pool->head;
      pool->waiting--;
      g_mutex_unlock (&pool->lock);
      job->run (job);
      g_mutex_lock (&pool->lock);
    }
  g_mutex_unlock (&pool->lock);
  return NULL;
}

ApimPool *
apim_pool_new (const char *name, guint threads, guint queue)
{
  ApimPool *pool = g_new0 (ApimPool, 1);

  g_mutex_init (&pool->lock);
  g_cond_init (&pool->wake);
  pool->tail = &pool->head;
  pool->queue_limit = queue;
  pool->n_threads = MAX (threads, 1);
  pool->threads = g_new0 (GThread *, pool->n_threads);
  for (guint i = 0; i < pool->n_threads; i++)
    pool->threads[i] = g_thread_new (name, pool_thread, pool);
  return pool;
}

gboolean
apim_pool_push (ApimPool *pool, ApimJob *job)
{
  gboolean taken = FALSE;

  g_mutex_lock (&pool->lock);
  /* A waiting job is taken by an idle thread in a moment: only what exceeds the idle threads counts as queued. */
  if (!pool->stopping && pool->waiting < pool->idle + pool->queue_limit)
    {
      job->next = NULL;
      *pool->tail = job;
      pool->tail = &job->next;
      pool->waiting++;
      taken = TRUE;
      g_cond_signal (&pool->wake);
    }
  g_mutex_unlock (&pool->lock);
  return taken;
}

guint
apim_pool_waiting (ApimPool *pool)
{
  guint waiting;

  g_mutex_lock (&pool->lock);
  waiting = pool->waiting;
  g_mutex_unlock (&pool->lock);
  return waiting;
}

void
apim_pool_free (ApimPool *pool)
{
  if (pool == NULL)
    return;
  g_mutex_lock (&pool->lock);
  pool->stopping = TRUE;
  g_cond_broadcast (&pool->wake);
  g_mutex_unlock (&pool->lock);
  for (guint i = 0; i < pool->n_threads; i++)
    g_thread_join (pool->threads[i]);
  g_free (pool->threads);
  g_cond_clear (&pool->wake);
  g_mutex_clear (&pool->lock);
  g_free (pool);
}
