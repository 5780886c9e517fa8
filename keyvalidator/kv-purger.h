/* Deletes dead tokens by itself (st-purge.h), every Apimd/PurgeEvery hours; off by default. On a thread of its own, so
 * that a long purge takes none of those that look-ups wait for. Nodes of a cluster take turns: whoever finds another at
 * work leaves it to that one.
 * Threads: new and free on the main thread; status from any. */
#ifndef KV_PURGER_H
#define KV_PURGER_H

#include "common/apim-clock.h"
#include "common/apim-config.h"

G_BEGIN_DECLS

typedef struct _KvPurger KvPurger;

/* NULL when the configuration does not ask for it. @config: borrowed; outlives it. The first purge comes within the
 * first hour, at a moment of chance, so that nodes that are started together do not meet. */
KvPurger *kv_purger_new (const ApimConfig *config, const ApimClock *clock);
/* Lets a batch end, then joins the thread. */
void kv_purger_free (KvPurger *purger);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KvPurger, kv_purger_free)

typedef struct
{
  guint64 runs; /* that came to an end */
  guint64 failures;
  guint64 tokens; /* deleted in all runs */
  guint64 codes;
} KvPurgerStatus;

void kv_purger_status (KvPurger *purger, KvPurgerStatus *status);

G_END_DECLS
#endif
