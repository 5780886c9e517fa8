/* The validation cache: facts that key validation depends on, never answers. The decision is made again from the facts
 * and the clock on every call, so a token expires to the second.
 *
 * Life of a fact: missed -> a ticket is taken, then the fact is read from the database -> inserted -> found, until it
 * changes (kv_cache_invalidate() with one of its tags, kv_cache_clear()), is too old, or is pushed out for room.
 *
 * Truth: a look-up returns a fact only if nothing that its tags stand for has changed since its ticket was taken;
 * kv-changes.h says why no revocation can slip through between a read and its insertion.
 *
 * Cost of a hit: one hash, a shard's lock around some 3 probes, the comparison of the key's bytes and one increment; no
 * allocation, no system call. The lock is a GMutex: it enters the kernel only when two threads meet in the same of 64
 * shards within the same 50 ns or so. A lock-free table would spare even that, at the price of deferred freeing of what
 * readers may still see; next to the 9 us of a call there is nothing to win by it.
 *
 * Memory: entries and tables are counted, as malloc() takes them, against one limit, divided over the shards. A full
 * shard drops by CLOCK: a hand goes round the shard's table; an entry that was used since the hand's last visit is
 * spared once, any other goes. New entries count as unused. With 10 million tokens and room for one of them, that is
 * what counts: tokens that come once (scans, clients that fetch a token per call) go at the hand's next visit, and
 * tokens that are used again while the hand makes its round, which takes a million insertions, stay. Exact LRU would
 * keep what came last, however useless, and move list links (16 bytes per entry) under the lock on every hit, where
 * CLOCK sets a byte. A frequency sketch (TinyLFU) would keep somewhat more of a steady load and lag behind a moving
 * one; where the limit holds the working set, as it should, all three are the same. The price of the byte: a new entry
 * has half a round on average, not a whole one, to be used for the second time.
 *
 * Threads: any, for every function. */
#ifndef KV_CACHE_H
#define KV_CACHE_H

#include "keyvalidator/kv-cache-entry.h"
#include "keyvalidator/kv-cache-key.h"

G_BEGIN_DECLS

typedef struct _KvCache KvCache;

/* @limit: bytes for the whole process; 0 = nothing is cached. @max_age_ms: older facts are not returned; 0 = no such
 * bound, because a change feed invalidates. Times are g_get_monotonic_time() or an injected clock's, one kind only. */
KvCache *kv_cache_new (gsize limit, gint64 max_age_ms);

/* From now on, for facts of every kind. */
void kv_cache_set_max_age (KvCache *cache, gint64 max_age_ms);
/* ... and then for one kind alone. 0: none of that kind is returned. */
void kv_cache_set_kind_max_age (KvCache *cache, KvFactKind kind, gint64 max_age_ms);

/* Entries that are still borrowed stay with their borrowers. */
void kv_cache_free (KvCache *cache);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KvCache, kv_cache_free)

/* For the functions of kv-cache-key.h. */
const ApimHashKey *kv_cache_hash_key (const KvCache *cache);

/* Returns: (transfer full) (nullable): the fact; drop it with kv_cache_entry_unref() once the reply is encoded. */
KvCacheEntry *kv_cache_find (KvCache *cache, const KvCacheKey *key, gint64 now_us);

/* Insertion */

/* When a read from the database began: in changes, and in time. */
typedef struct
{
  guint64 change;
  gint64 taken_us;
} KvCacheTicket;

/* Take it before the first statement of the read; the transaction must begin after it. */
KvCacheTicket kv_cache_ticket (const KvCache *cache, gint64 now_us);

/* What a tag names. Its bytes are spelled as the change feed spells them; what compares without case must be folded by
 * both. */
typedef enum
{
  KV_TAG_TOKEN,        /* an access token */
  KV_TAG_CONSUMER_KEY, /* an application's key: its tokens, its subscriptions */
  KV_TAG_API,          /* an API's context */
  KV_TAG_SCOPE,        /* a resource path */
  KV_TAG_USER,         /* a user */
  KV_TAG_TENANT,       /* a tenant */
} KvTagKind;

/* Stable within the process; different for every cache. */
guint64 kv_cache_tag (const KvCache *cache, KvTagKind kind, gconstpointer bytes, gsize length);

#define KV_CACHE_TAGS 3

/* A fact that was read: where it goes, since when it is true, and whose changes make it untrue. */
typedef struct
{
  const KvCacheKey *key;
  KvCacheTicket ticket;
  guint64 tags[KV_CACHE_TAGS];
  guint n_tags;
} KvCacheLoad;

/* Each copies the record, replacing an older entry of the key. FALSE: not stored; the fact is good for the call at
 * hand. A reason is KvCacheKindCounters.refused: a tag changed since the ticket, the cache is bypassed, the entry is
 * too large; or a newer entry is there already. Of tokens, the key says whether it is one that clients show as a JWT. */
gboolean kv_cache_insert_token (KvCache *cache, const KvCacheLoad *load, const StToken *token,
                                const char *tenant_domain);
/* NULL: there is none, which is a fact too. */
gboolean kv_cache_insert_subscription (KvCache *cache, const KvCacheLoad *load, const StSubscription *subscription);
gboolean kv_cache_insert_scope (KvCache *cache, const KvCacheLoad *load, const StScope *scope);
gboolean kv_cache_insert_api_default (KvCache *cache, const KvCacheLoad *load, const StApiDefault *api_default);
/* @roles: NULL-terminated, not NULL. */
gboolean kv_cache_insert_roles (KvCache *cache, const KvCacheLoad *load, const char *const *roles);
/* @load: its ticket was taken before the first of the facts was looked at that the JWT is made of. */
gboolean kv_cache_insert_jwt (KvCache *cache, const KvCacheLoad *load, const KvSignedJwt *jwt);
gboolean kv_cache_insert_client (KvCache *cache, const KvCacheLoad *load, const KvClient *client);
gboolean kv_cache_insert_grant (KvCache *cache, const KvCacheLoad *load, const KvGranted *granted);
gboolean kv_cache_insert_token_kind (KvCache *cache, const KvCacheLoad *load, const KvTokenKind *kind);

/* Whether a fact read with this ticket may have changed since: whoever waits for somebody else's read asks this. */
gboolean kv_cache_load_is_stale (const KvCache *cache, const KvCacheLoad *load);

/* Change */

/* All facts with this tag are out of date. O(1). Call it after the change is committed. */
void kv_cache_invalidate (KvCache *cache, guint64 tag);

/* All facts are. O(1): the memory comes back as entries are looked up or the room is needed. */
void kv_cache_clear (KvCache *cache);

/* While TRUE, every look-up misses and nothing is stored: for when changes cannot be heard of. Before FALSE, tell the
 * changes that were missed, or clear. */
void kv_cache_bypass (KvCache *cache, gboolean bypass);

/* Counters */

typedef struct
{
  guint64 hits;
  guint64 misses;    /* bypassed look-ups not included */
  guint64 inserts;
  guint64 refused;   /* inserts that were not stored */
  guint64 outdated;  /* entries dropped because of a change or their age, when they were met */
  guint64 evictions; /* entries dropped for room */
  guint64 entries;   /* now, those not yet met as outdated included */
  guint64 bytes;     /* now, of these entries */
} KvCacheKindCounters;

typedef struct
{
  KvCacheKindCounters kinds[KV_N_FACTS];
  guint64 bypassed;    /* look-ups */
  guint64 table_bytes; /* now, of the tables that lead to the entries */
  guint64 limit;       /* for the sum of all bytes */
} KvCacheCounters;

/* Locks one shard after the other: exact for each, not for one moment. */
void kv_cache_counters (KvCache *cache, KvCacheCounters *counters);

G_END_DECLS
#endif
