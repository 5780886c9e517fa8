/* A bounded pool of threads for work that blocks: databases, files, passwords.
 * What does not fit is refused at once, so that a slow database turns into honest errors, not into memory.
 * Threads: push from any thread; a job runs on one of the pool's threads. */
#ifndef APIM_POOL_H
#define APIM_POOL_H

#include <glib.h>

G_BEGIN_DECLS

typedef struct _ApimPool ApimPool;
typedef struct _ApimJob ApimJob;

/* Embed it in the structure that describes the work. */
struct _ApimJob
{
  void (*run) (ApimJob *job); /* on a pool thread; owns the job from here on */
  ApimJob *next;              /* the pool's */
};

/* @name: for thread names and messages; @threads: at most this many run at once (>= 1);
 * @queue: at most this many wait (>= 0). */
ApimPool *apim_pool_new (const char *name, guint threads, guint queue);

/* FALSE at once when all threads are busy and the queue is full, or the pool stops; the job stays the caller's. */
gboolean apim_pool_push (ApimPool *pool, ApimJob *job) G_GNUC_WARN_UNUSED_RESULT;

/* Jobs waiting, for `apimctl node status`. */
guint apim_pool_waiting (ApimPool *pool);

/* Runs what is queued to its end, then joins the threads and frees the pool. */
void apim_pool_free (ApimPool *pool);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ApimPool, apim_pool_free)

G_END_DECLS
#endif
