/* Follows the change feeds of both databases and makes the node forget what changed (architecture 5).
 *
 * One thread reads each feed every 100 ms. What it hears:
 *   both feeds can be read     facts stay until they change (KV_MEMORY_FOLLOWING);
 *   a database has no feed     facts are believed for CacheMaxAge (KV_MEMORY_SHORT_LIVED); looked for again every 10 s;
 *                              so does a feed that was taken out (apimctl db feed remove) while it was followed;
 *   a feed cannot be read      because the database is gone, or has not answered for KV_FEED_PATIENCE_MS: nothing is believed
 *                              (KV_MEMORY_BYPASSED) until it can be, from a new base; one that is slow gets up to 8 s for that.
 * So this node notices what any program changed after at most 100 ms and a read. Whatever delays the reading, nothing is believed later than a
 * second after the last read that was answered began (kv_memory_set_heard_until()).
 *
 * Threads: new and free on the main thread; status from any. */
#ifndef KV_CHANGE_FOLLOWER_H
#define KV_CHANGE_FOLLOWER_H

#include "common/apim-clock.h"
#include "keyvalidator/kv-memory.h"
#include "store/st-database.h"

G_BEGIN_DECLS

#define KV_FEED_INTERVAL_MS 100
#define KV_FEED_PATIENCE_MS 1000

typedef struct _KvChangeFollower KvChangeFollower;

/* Starts the thread. All borrowed. */
KvChangeFollower *kv_change_follower_new (KvMemory *memory, StDatabase *api_database, StDatabase *user_database,
                                          const ApimClock *clock);
/* Joins the thread. */
void kv_change_follower_free (KvChangeFollower *follower);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KvChangeFollower, kv_change_follower_free)

typedef struct
{
  guint64 changes; /* read so far */
  gint64 lag_ms;   /* since the slower feed was read to its end; -1 = never, or there is none */
} KvFollowerStatus;

void kv_change_follower_status (KvChangeFollower *follower, KvFollowerStatus *status);

G_END_DECLS
#endif
