/* Group commit for SQLite, whose writers wait for one another anyway and then each for the disk: operations that come
 * while one transaction is being committed make up the next one. So a node issues many times more tokens than its disk
 * takes commits, and every answer still waits until it is on disk.
 *
 * An operation that fails takes back its own part only: the transaction is begun anew then, with a savepoint for each
 * part. Those of one transaction see each other's rows, as they would one after the other.
 * Threads: any. Who writes for the others is one of those who wait, or, where nobody does, a job on a pool. */
#ifndef KV_OAUTH_BATCH_H
#define KV_OAUTH_BATCH_H

#include "common/apim-pool.h"
#include "store/st-writer.h"

G_BEGIN_DECLS

/* Operations of one transaction: what more would add is mostly time until the first is answered. */
#define KV_OAUTH_BATCH_MAX 256

typedef struct _KvOauthBatch KvOauthBatch;

/* @database: borrowed. @pool: (nullable): for what is pushed; free it, which runs what waits, before the batch.
 * @queue_limit: how many pushed operations may wait. */
KvOauthBatch *kv_oauth_batch_new (StDatabase *database, ApimPool *pool, guint queue_limit);
/* Nobody is in it. */
void kv_oauth_batch_free (KvOauthBatch *batch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KvOauthBatch, kv_oauth_batch_free)

/* As st_write(). On other databases than SQLite it is just that. Blocks. */
gboolean kv_oauth_batch_write (KvOauthBatch *batch, StWork work, gpointer data, gint64 deadline_us, GError **error);

/* An operation that nobody waits for. Embed it; the first four fields are the caller's. */
typedef struct _KvOauthWrite KvOauthWrite;
struct _KvOauthWrite
{
  StWork work;
  gpointer data;
  gint64 deadline_us;                 /* as st_write() takes it, not 0 */
  void (*done) (KvOauthWrite *write); /* by who wrote; owns the operation from here on */

  gboolean kept; /* it is on disk */
  GError *error; /* why not */
  KvOauthWrite *next;
};

/* FALSE at once where too many wait, there is no pool or no place in it, or the database is not SQLite: it stays the
 * caller's. Never blocks. */
gboolean kv_oauth_batch_push (KvOauthBatch *batch, KvOauthWrite *write);

G_END_DECLS
#endif
