/* Tells a gateway what is blocked where the Key Manager is a role of the same process (profile default): read from the
 * database at the start, once in a period, and as soon as a portal of this process changes a condition. It is here because
 * a role never knows another.
 *
 * Threads: made and freed on the main thread; local_blocks_refresh() from any. */
#ifndef LOCAL_BLOCKS_H
#define LOCAL_BLOCKS_H

#include "gateway/gw-block-conditions.h"
#include "keyvalidator/kv-throttle-data.h"

G_BEGIN_DECLS

typedef struct _LocalBlocks LocalBlocks;

/* Both are borrowed. Reads them once before it returns, whatever comes of it, and starts a thread for the rest. */
LocalBlocks *local_blocks_new (KvThrottleData *data, GwBlockConditions *conditions, guint period_ms);
/* Waits for a read that is under way. */
void local_blocks_free (LocalBlocks *blocks);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LocalBlocks, local_blocks_free)

/* They changed: reads them soon. Never blocks. */
void local_blocks_refresh (LocalBlocks *blocks);

G_END_DECLS
#endif
