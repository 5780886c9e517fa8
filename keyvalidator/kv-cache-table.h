/* The hash table in a shard of the cache: open addressing with linear probing. An entry costs 12 bytes divided by the
 * load, without list links, and the hand of CLOCK walks the table itself.
 * The table knows no limit, no age, no counters: kv-cache.c does. Threads: one at a time. */
#ifndef KV_CACHE_TABLE_H
#define KV_CACHE_TABLE_H

#include "keyvalidator/kv-cache-entry-private.h"

G_BEGIN_DECLS

typedef struct
{
  /* 32 bits of each entry's: another's entry is hardly ever looked into, and growing looks into none. */
  guint32 *hashes;
  KvCacheEntry **entries; /* NULL: free place */
  guint capacity;
  guint used;
} KvCacheTable;

#define KV_CACHE_NO_PLACE G_MAXUINT

/* A zeroed table is empty. Frees the arrays; the entries must be out, or be somebody else's. */
void kv_cache_table_clear (KvCacheTable *table);

/* The place of the entry with this key, or KV_CACHE_NO_PLACE. */
guint kv_cache_table_find (const KvCacheTable *table, const KvCacheKey *key);

/* Bytes that kv_cache_table_add() will allocate more than it frees: 0, unless the table must grow. */
gsize kv_cache_table_growth (const KvCacheTable *table);

/* @entry: (transfer full): not in the table yet. May grow the table: O(entries), some 5 ns each. */
void kv_cache_table_add (KvCacheTable *table, guint64 hash, KvCacheEntry *entry);

/* Another entry may move into the place.
 * Returns: (transfer full): the entry. */
KvCacheEntry *kv_cache_table_remove (KvCacheTable *table, guint place);

/* Bytes of both arrays. */
gsize kv_cache_table_bytes (const KvCacheTable *table);

G_END_DECLS
#endif
