#include "config.h"
#include "keyvalidator/oauth/kv-oauth-batch.h"

#define BEGIN_PART "SAVEPOINT part;\n"
#define KEEP_PART "RELEASE part;\n"
#define DROP_PART "ROLLBACK TO part;\nRELEASE part;\n"

struct _KvOauthBatch
{
  StDatabase *database;
  gboolean together;
  ApimPool *pool; /* nullable */
  guint queue_limit;
  ApimJob job; /* in the pool, if scheduled */
  GMutex lock;
  GCond ended;        /* a group was written */
  KvOauthWrite *head; /* under lock, as the rest: oldest first */
  KvOauthWrite **tail;
  guint waiting;
  gboolean writing; /* somebody writes */
  gboolean scheduled;
};

/* The operations of one transaction. */
typedef struct
{
  KvOauthWrite *writes;
  gboolean careful;     /* each in a savepoint */
  gboolean part_failed; /* one that was not */
} Transaction;

static gboolean
run_alone (StWriter *writer, KvOauthWrite *write)
{
  g_clear_error (&write->error);
  write->kept = write->work (writer, write->data, &write->error);
  return write->kept;
}

/* FALSE: the transaction itself is of no use any more. */
static gboolean
run_part (StWriter *writer, KvOauthWrite *write, GError **error)
{
  return st_transaction_script (writer->transaction, BEGIN_PART, error)
         && st_transaction_script (writer->transaction, run_alone (writer, write) ? KEEP_PART : DROP_PART, error);
}

static gboolean
run_all (StWriter *writer, gpointer data, GError **error)
{
  Transaction *transaction = data;

  for (KvOauthWrite *write = transaction->writes; write != NULL; write = write->next)
    if (transaction->careful ? !run_part (writer, write, error) : !run_alone (writer, write))
      {
        transaction->part_failed = !transaction->careful;
        if (transaction->part_failed)
          g_set_error_literal (error, ST_ERROR, ST_ERROR_DATA, "one operation of a group failed");
        return FALSE;
      }
  return TRUE;
}

/* The last that one of them may be done: the others are in it, and have not been told that it is too late. */
static gint64
latest_deadline_us (const KvOauthWrite *writes)
{
  gint64 latest = writes->deadline_us;

  for (const KvOauthWrite *write = writes->next; write != NULL; write = write->next)
    latest = MAX (latest, write->deadline_us);
  return latest;
}

/* Savepoints cost a copy of every page that is written, and hardly ever an operation fails: first without. */
static gboolean
write_together (KvOauthBatch *batch, KvOauthWrite *writes, GError **error)
{
  Transaction transaction = { .writes = writes };
  gint64 deadline_us = latest_deadline_us (writes);
  g_autoptr (GError) why = NULL;

  if (st_write (batch->database, run_all, &transaction, deadline_us, &why))
    return TRUE;
  if (!transaction.part_failed)
    {
      g_propagate_error (error, g_steal_pointer (&why));
      return FALSE;
    }
  transaction.careful = TRUE;
  return st_write (batch->database, run_all, &transaction, deadline_us, error);
}

/* What was not committed has the transaction's error, unless it failed by itself. */
static void
write_all (KvOauthBatch *batch, KvOauthWrite *writes)
{
  g_autoptr (GError) error = NULL;

  if (writes->next == NULL)
    {
      writes->kept = st_write (batch->database, writes->work, writes->data, writes->deadline_us, &writes->error);
      return;
    }
  if (write_together (batch, writes, &error))
    return;
  for (KvOauthWrite *write = writes; write != NULL; write = write->next)
    {
      write->kept = FALSE;
      if (write->error == NULL)
        write->error = g_error_copy (error);
    }
}

/* With the lock held: the oldest, as many as go into one transaction. */
static KvOauthWrite *
take_some (KvOauthBatch *batch)
{
  KvOauthWrite *first = batch->head, **end = &batch->head;
  guint n = 0;

  for (; *end != NULL && n < KV_OAUTH_BATCH_MAX; n++)
    end = &(*end)->next;
  batch->head = *end;
  *end = NULL;
  if (batch->head == NULL)
    batch->tail = &batch->head;
  batch->waiting -= n;
  return first;
}

/* Called and returns with the lock held, which it lets go of meanwhile. Something waits, and nobody writes. */
static void
write_group (KvOauthBatch *batch)
{
  KvOauthWrite *writes = take_some (batch);

  batch->writing = TRUE;
  g_mutex_unlock (&batch->lock);
  write_all (batch, writes);
  while (writes != NULL)
    {
      KvOauthWrite *next = writes->next;

      writes->done (writes);
      writes = next;
    }
  g_mutex_lock (&batch->lock);
  batch->writing = FALSE;
  g_cond_broadcast (&batch->ended);
}

static void run_on_pool (ApimJob *job);

/* With the lock held: sees to it that somebody will write what waits. Whoever writes looks again when done. */
static gboolean
schedule (KvOauthBatch *batch)
{
  if (batch->writing || batch->scheduled)
    return TRUE;
  batch->job.run = run_on_pool;
  batch->scheduled = batch->pool != NULL && apim_pool_push (batch->pool, &batch->job);
  return batch->scheduled;
}

/* One group for each turn: whoever else waits for the pool comes in between. */
static void
run_on_pool (ApimJob *job)
{
  KvOauthBatch *batch = (KvOauthBatch *) ((char *) job - G_STRUCT_OFFSET (KvOauthBatch, job));

  g_mutex_lock (&batch->lock);
  batch->scheduled = FALSE;
  do
    if (batch->head != NULL && !batch->writing)
      write_group (batch);
  while (batch->head != NULL && !schedule (batch));
  g_mutex_unlock (&batch->lock);
}

KvOauthBatch *
kv_oauth_batch_new (StDatabase *database, ApimPool *pool, guint queue_limit)
{
  KvOauthBatch *batch = g_new0 (KvOauthBatch, 1);

  batch->database = database;
  batch->together = st_database_kind (database) == APIM_DATABASE_SQLITE;
  batch->pool = pool;
  batch->queue_limit = queue_limit;
  batch->tail = &batch->head;
  g_mutex_init (&batch->lock);
  g_cond_init (&batch->ended);
  return batch;
}

void
kv_oauth_batch_free (KvOauthBatch *batch)
{
  if (batch == NULL)
    return;
  g_warn_if_fail (batch->head == NULL);
  g_cond_clear (&batch->ended);
  g_mutex_clear (&batch->lock);
  g_free (batch);
}

/* With the lock held. */
static void
add (KvOauthBatch *batch, KvOauthWrite *write)
{
  write->kept = FALSE;
  write->error = NULL;
  write->next = NULL;
  *batch->tail = write;
  batch->tail = &write->next;
  batch->waiting++;
}

gboolean
kv_oauth_batch_push (KvOauthBatch *batch, KvOauthWrite *write)
{
  gboolean taken;

  if (!batch->together)
    return FALSE;
  g_mutex_lock (&batch->lock);
  taken = batch->waiting < batch->queue_limit && schedule (batch);
  if (taken)
    add (batch, write);
  g_mutex_unlock (&batch->lock);
  return taken;
}

/* An operation that a thread waits for, on its stack. */
typedef struct
{
  KvOauthWrite write;
  KvOauthBatch *batch;
  gboolean over; /* under the batch's lock */
} Waited;

static void
set_over (KvOauthWrite *write)
{
  Waited *waited = (Waited *) write;

  g_mutex_lock (&waited->batch->lock);
  waited->over = TRUE;
  g_mutex_unlock (&waited->batch->lock);
}

/* With the lock held, which it lets go of meanwhile: until @waited is over. */
static void
write_or_wait (KvOauthBatch *batch, const Waited *waited)
{
  while (!waited->over)
    if (batch->writing)
      g_cond_wait (&batch->ended, &batch->lock);
    else
      write_group (batch);
  /* What was pushed meanwhile: where the pool is full, there is nobody else. */
  while (batch->head != NULL && !schedule (batch))
    write_group (batch);
}

/* These are as many as there are threads that wait for databases: that is their limit. */
gboolean
kv_oauth_batch_write (KvOauthBatch *batch, StWork work, gpointer data, gint64 deadline_us, GError **error)
{
  Waited waited
      = { .write = { .work = work, .data = data, .deadline_us = deadline_us, .done = set_over }, .batch = batch };

  if (!batch->together)
    return st_write (batch->database, work, data, deadline_us, error);
  g_mutex_lock (&batch->lock);
  add (batch, &waited.write);
  write_or_wait (batch, &waited);
  g_mutex_unlock (&batch->lock);
  if (waited.write.error != NULL)
    g_propagate_error (error, waited.write.error);
  return waited.write.kept;
}
