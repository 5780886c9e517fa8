/* Group commit for SQLite, whose writers wait for one another anyway and then each for the disk: operations that come
 * while one is being committed are committed together, by one of those who wait. So a node issues many times more tokens
 * than its disk takes commits, and every answer still waits until it is on disk.
 *
 * An operation that fails takes back its own part only (a savepoint). Those of one transaction see each other's rows, as
 * they would one after the other.
 * Threads: any; blocks. */
#ifndef KV_OAUTH_BATCH_H
#define KV_OAUTH_BATCH_H

#include "store/st-writer.h"

G_BEGIN_DECLS

typedef struct _KvOauthBatch KvOauthBatch;

/* @database: borrowed. */
KvOauthBatch *kv_oauth_batch_new (StDatabase *database);
/* Nobody is in it. */
void kv_oauth_batch_free (KvOauthBatch *batch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KvOauthBatch, kv_oauth_batch_free)

/* As st_write(). On other databases than SQLite it is just that. */
gboolean kv_oauth_batch_write (KvOauthBatch *batch, StWork work, gpointer data, gint64 deadline_us, GError **error);

G_END_DECLS
#endif
