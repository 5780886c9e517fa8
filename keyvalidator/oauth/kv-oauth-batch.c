#include "config.h"
#include "keyvalidator/oauth/kv-oauth-batch.h"

#define BEGIN_PART "SAVEPOINT part;\n"
#define KEEP_PART "RELEASE part;\n"
#define DROP_PART "ROLLBACK TO part;\nRELEASE part;\n"

/* On the stack of the thread that waits for it. */
typedef struct
{
  StWork work;
  gpointer data;
  gboolean kept;  /* its part is in the transaction */
  gboolean done;  /* under KvOauthBatch.lock: whether it was committed is known */
  GError *error;  /* why not */
} Job;

struct _KvOauthBatch
{
  StDatabase *database;
  gboolean together;
  GMutex lock;
  GCond ended;
  GPtrArray *waiting; /* under lock: of Job */
  gboolean writing;   /* under lock: one of the threads writes for others */
};

KvOauthBatch *
kv_oauth_batch_new (StDatabase *database)
{
  KvOauthBatch *batch = g_new0 (KvOauthBatch, 1);

  batch->database = database;
  batch->together = st_database_kind (database) == APIM_DATABASE_SQLITE;
  g_mutex_init (&batch->lock);
  g_cond_init (&batch->ended);
  batch->waiting = g_ptr_array_new ();
  return batch;
}

void
kv_oauth_batch_free (KvOauthBatch *batch)
{
  if (batch == NULL)
    return;
  g_ptr_array_unref (batch->waiting);
  g_cond_clear (&batch->ended);
  g_mutex_clear (&batch->lock);
  g_free (batch);
}

/* FALSE: the transaction itself is of no use any more. */
static gboolean
run_part (StWriter *writer, Job *job, GError **error)
{
  g_clear_error (&job->error);
  if (!st_transaction_script (writer->transaction, BEGIN_PART, error))
    return FALSE;
  job->kept = job->work (writer, job->data, &job->error);
  return st_transaction_script (writer->transaction, job->kept ? KEEP_PART : DROP_PART, error);
}

static gboolean
run_parts (StWriter *writer, gpointer data, GError **error)
{
  GPtrArray *jobs = data;

  for (guint i = 0; i < jobs->len; i++)
    if (!run_part (writer, g_ptr_array_index (jobs, i), error))
      return FALSE;
  return TRUE;
}

/* What was not committed has the transaction's error, unless it failed by itself. */
static void
write_jobs (KvOauthBatch *batch, GPtrArray *jobs, gint64 deadline_us)
{
  g_autoptr (GError) error = NULL;
  Job *first = g_ptr_array_index (jobs, 0);

  if (jobs->len == 1)
    {
      first->kept = st_write (batch->database, first->work, first->data, deadline_us, &first->error);
      return;
    }
  if (st_write (batch->database, run_parts, jobs, deadline_us, &error))
    return;
  for (guint i = 0; i < jobs->len; i++)
    {
      Job *job = g_ptr_array_index (jobs, i);

      job->kept = FALSE;
      if (job->error == NULL)
        job->error = g_error_copy (error);
    }
}

/* Called and returns with the lock held. */
static void
write_for_all (KvOauthBatch *batch, gint64 deadline_us)
{
  g_autoptr (GPtrArray) jobs = batch->waiting;

  batch->waiting = g_ptr_array_new ();
  batch->writing = TRUE;
  g_mutex_unlock (&batch->lock);
  write_jobs (batch, jobs, deadline_us);
  g_mutex_lock (&batch->lock);
  batch->writing = FALSE;
  for (guint i = 0; i < jobs->len; i++)
    ((Job *) g_ptr_array_index (jobs, i))->done = TRUE;
  g_cond_broadcast (&batch->ended);
}

gboolean
kv_oauth_batch_write (KvOauthBatch *batch, StWork work, gpointer data, gint64 deadline_us, GError **error)
{
  Job job = { .work = work, .data = data };

  if (!batch->together)
    return st_write (batch->database, work, data, deadline_us, error);
  g_mutex_lock (&batch->lock);
  g_ptr_array_add (batch->waiting, &job);
  while (!job.done)
    if (batch->writing)
      g_cond_wait (&batch->ended, &batch->lock);
    else
      write_for_all (batch, deadline_us);
  g_mutex_unlock (&batch->lock);
  if (job.error != NULL)
    g_propagate_error (error, job.error);
  return job.kept;
}
