#include "config.h"
#include "keyvalidator/kv-cache.h"

#include "keyvalidator/kv-cache-table.h"
#include "keyvalidator/kv-changes.h"

#include <string.h>

#define SHARD_BITS 6
#define SHARDS (1 << SHARD_BITS)
#define CACHE_LINE 64

/* The hand spares this many used entries for one insertion, then takes the next: when all are in use, somebody must go,
 * and hits of the shard wait for the lock meanwhile. */
#define CLOCK_PATIENCE 64

/* So many entries are dropped before the lock is let go of: a large entry may need the room of many. */
#define EVICTION_BATCH 8

/* An age that every fact has passed. */
#define NO_AGE_US (-1)

/* One shard never touches another's cache line. */
typedef struct
{
  GMutex mutex; /* guards the rest */
  guint hand;   /* CLOCK's place in the table */
  KvCacheTable table;
  gsize bytes; /* of the entries */
  KvCacheKindCounters counters[KV_N_FACTS];
} __attribute__ ((aligned (CACHE_LINE))) Shard;

struct _KvCache
{
  ApimHashKey hash_key;
  ApimHashKey tag_key;
  gsize shard_limit;
  gint64 max_age_us[KV_N_FACTS]; /* atomic, each; 0: none */
  KvChanges *changes;
  gint bypassed;            /* atomic */
  guint64 bypassed_lookups; /* atomic */
  Shard shards[SHARDS];
};

KvCache *
kv_cache_new (gsize limit, gint64 max_age_ms)
{
  KvCache *cache = g_aligned_alloc0 (1, sizeof (KvCache), CACHE_LINE);

  apim_hash_key_init (&cache->hash_key);
  apim_hash_key_init (&cache->tag_key);
  cache->shard_limit = limit / SHARDS;
  kv_cache_set_max_age (cache, max_age_ms);
  /* Its pages come from the kernel zeroed, and most are never written: no memory before there are changes. */
  cache->changes = g_new0 (KvChanges, 1);
  for (guint i = 0; i < SHARDS; i++)
    g_mutex_init (&cache->shards[i].mutex);
  return cache;
}

void
kv_cache_set_max_age (KvCache *cache, gint64 max_age_ms)
{
  for (guint kind = 0; kind < KV_N_FACTS; kind++)
    __atomic_store_n (&cache->max_age_us[kind], max_age_ms * 1000, __ATOMIC_RELAXED);
}

void
kv_cache_set_kind_max_age (KvCache *cache, KvFactKind kind, gint64 max_age_ms)
{
  __atomic_store_n (&cache->max_age_us[kind], max_age_ms > 0 ? max_age_ms * 1000 : NO_AGE_US, __ATOMIC_RELAXED);
}

void
kv_cache_free (KvCache *cache)
{
  if (cache == NULL)
    return;
  for (guint i = 0; i < SHARDS; i++)
    {
      Shard *shard = &cache->shards[i];

      for (guint place = 0; place < shard->table.capacity; place++)
        kv_cache_entry_unref (shard->table.entries[place]);
      kv_cache_table_clear (&shard->table);
      g_mutex_clear (&shard->mutex);
    }
  g_free (cache->changes);
  g_aligned_free (cache);
}

const ApimHashKey *
kv_cache_hash_key (const KvCache *cache)
{
  return &cache->hash_key;
}

/* The table takes its places from the hash's lower half. */
static Shard *
shard_of (KvCache *cache, const KvCacheKey *key)
{
  return &cache->shards[key->hash >> (64 - SHARD_BITS)];
}

/* Rounded down, so that an entry never counts as younger than it is. */
static guint32
age_step (gint64 us)
{
  return (guint32) CLAMP (us / KV_CACHE_AGE_STEP_US, 0, G_MAXUINT32);
}

static gboolean
is_current (const KvCache *cache, const KvCacheEntry *entry, gint64 now_us)
{
  gint64 max_age_us = __atomic_load_n (&cache->max_age_us[entry->kind], __ATOMIC_RELAXED);

  return !kv_changes_since (cache->changes, entry->ticket, entry->slots, entry->n_slots)
         && (max_age_us == 0 || now_us - entry->loaded_step * KV_CACHE_AGE_STEP_US < max_age_us);
}

/* Takes the entry out; under the lock.
 * Returns: (transfer full). */
static KvCacheEntry *
take (Shard *shard, guint place)
{
  KvCacheEntry *entry = kv_cache_table_remove (&shard->table, place);
  KvCacheKindCounters *counters = &shard->counters[entry->kind];

  shard->bytes -= kv_cache_entry_charge (entry);
  counters->bytes -= kv_cache_entry_charge (entry);
  counters->entries--;
  return entry;
}

KvCacheEntry *
kv_cache_find (KvCache *cache, const KvCacheKey *key, gint64 now_us)
{
  Shard *shard = shard_of (cache, key);
  KvCacheKindCounters *counters = &shard->counters[key->kind];
  KvCacheEntry *entry = NULL, *dropped = NULL;
  guint place;

  if (g_atomic_int_get (&cache->bypassed))
    {
      __atomic_fetch_add (&cache->bypassed_lookups, 1, __ATOMIC_RELAXED);
      return NULL;
    }
  g_mutex_lock (&shard->mutex);
  place = kv_cache_table_find (&shard->table, key);
  if (place != KV_CACHE_NO_PLACE && !is_current (cache, shard->table.entries[place], now_us))
    {
      dropped = take (shard, place);
      counters->outdated++;
    }
  else if (place != KV_CACHE_NO_PLACE)
    {
      entry = kv_cache_entry_ref (shard->table.entries[place]);
      entry->used = TRUE;
    }
  if (entry != NULL)
    counters->hits++;
  else
    counters->misses++;
  g_mutex_unlock (&shard->mutex);
  kv_cache_entry_unref (dropped);
  return entry;
}

/* Insertion */

KvCacheTicket
kv_cache_ticket (const KvCache *cache, gint64 now_us)
{
  return (KvCacheTicket){ kv_changes_ticket (cache->changes), now_us };
}

guint64
kv_cache_tag (const KvCache *cache, KvTagKind kind, gconstpointer bytes, gsize length)
{
  /* An odd factor: the same bytes under two kinds never share a slot. */
  return apim_hash (&cache->tag_key, bytes, length) + kind * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);
}

gboolean
kv_cache_load_is_stale (const KvCache *cache, const KvCacheLoad *load)
{
  guint16 slots[KV_CACHE_TAGS];

  for (guint i = 0; i < load->n_tags; i++)
    slots[i] = kv_changes_slot (load->tags[i]);
  return kv_changes_since (cache->changes, load->ticket.change, slots, load->n_tags);
}

/* The next entry to go; under the lock, with at least one entry in the table.
 * Returns: (transfer full). */
static KvCacheEntry *
evict (KvCache *cache, Shard *shard, gint64 now_us)
{
  for (guint spared = 0;; shard->hand++)
    {
      KvCacheEntry *entry;

      if (shard->hand >= shard->table.capacity)
        shard->hand = 0;
      entry = shard->table.entries[shard->hand];
      if (entry == NULL)
        continue;
      if (!is_current (cache, entry, now_us))
        shard->counters[entry->kind].outdated++;
      else if (!entry->used || spared == CLOCK_PATIENCE)
        shard->counters[entry->kind].evictions++;
      else
        {
          entry->used = FALSE;
          spared++;
          continue;
        }
      /* The hand stays: another entry may have moved here. */
      return take (shard, shard->hand);
    }
}

/* Whether the table can take one more entry of @charge bytes now. */
static gboolean
has_room (const KvCache *cache, const Shard *shard, gsize charge)
{
  return shard->bytes + charge + kv_cache_table_bytes (&shard->table) + kv_cache_table_growth (&shard->table)
         <= cache->shard_limit;
}

static void
put (Shard *shard, const KvCacheKey *key, KvCacheEntry *entry)
{
  KvCacheKindCounters *counters = &shard->counters[key->kind];

  kv_cache_table_add (&shard->table, key->hash, entry);
  shard->bytes += kv_cache_entry_charge (entry);
  counters->bytes += kv_cache_entry_charge (entry);
  counters->entries++;
  counters->inserts++;
}

typedef enum
{
  STORED,
  REFUSED,
  NEEDS_MORE_ROOM, /* the batch is full: again */
} Outcome;

/* One turn under the lock. @entry: (nullable): becomes the table's if STORED. @dropped: the entries that went,
 * *n_dropped of them, for the caller to let go of outside. */
static Outcome
try_to_store (KvCache *cache, Shard *shard, const KvCacheLoad *load, KvCacheEntry *entry,
              KvCacheEntry *dropped[EVICTION_BATCH], guint *n_dropped)
{
  guint place = kv_cache_table_find (&shard->table, load->key);

  *n_dropped = 0;
  if (entry == NULL)
    return REFUSED;
  if (place != KV_CACHE_NO_PLACE)
    {
      const KvCacheEntry *known = shard->table.entries[place];

      if (known->ticket > entry->ticket || known->loaded_step > entry->loaded_step)
        return REFUSED;
      entry->used = known->used;
      dropped[(*n_dropped)++] = take (shard, place);
    }
  while (!has_room (cache, shard, kv_cache_entry_charge (entry)))
    {
      if (shard->table.used == 0)
        return REFUSED;
      if (*n_dropped == EVICTION_BATCH)
        return NEEDS_MORE_ROOM;
      dropped[(*n_dropped)++] = evict (cache, shard, load->ticket.taken_us);
    }
  put (shard, load->key, entry);
  return STORED;
}

/* @entry: (transfer full) (nullable). */
static gboolean
store (KvCache *cache, const KvCacheLoad *load, KvCacheEntry *entry)
{
  Shard *shard = shard_of (cache, load->key);
  KvCacheEntry *dropped[EVICTION_BATCH];
  Outcome outcome;
  guint n_dropped;

  do
    {
      g_mutex_lock (&shard->mutex);
      outcome = try_to_store (cache, shard, load, entry, dropped, &n_dropped);
      if (outcome == REFUSED)
        shard->counters[load->key->kind].refused++;
      g_mutex_unlock (&shard->mutex);
      for (guint i = 0; i < n_dropped; i++)
        kv_cache_entry_unref (dropped[i]);
    }
  while (outcome == NEEDS_MORE_ROOM);
  if (outcome != STORED)
    kv_cache_entry_unref (entry);
  return outcome == STORED;
}

static gboolean
insert (KvCache *cache, const KvCacheLoad *load, KvFactKind kind, gconstpointer record, const char *tenant_domain)
{
  KvCacheEntry *entry = NULL;

  g_return_val_if_fail (load->key->kind == kind && load->n_tags <= KV_CACHE_TAGS, FALSE);
  /* Only to spare the memory: what changes after this line is met by the look-up. */
  if (!g_atomic_int_get (&cache->bypassed) && !kv_cache_load_is_stale (cache, load))
    entry = kv_cache_entry_new (load->key, record, tenant_domain);
  if (entry != NULL)
    {
      entry->ticket = load->ticket.change;
      entry->loaded_step = age_step (load->ticket.taken_us);
      entry->n_slots = (guint8) load->n_tags;
      for (guint i = 0; i < load->n_tags; i++)
        entry->slots[i] = kv_changes_slot (load->tags[i]);
    }
  return store (cache, load, entry);
}

gboolean
kv_cache_insert_token (KvCache *cache, const KvCacheLoad *load, const StToken *token, const char *tenant_domain)
{
  g_return_val_if_fail (token != NULL, FALSE);
  return insert (cache, load, load->key->kind == KV_FACT_SELF_CONTAINED ? KV_FACT_SELF_CONTAINED : KV_FACT_TOKEN, token,
                 tenant_domain);
}

gboolean
kv_cache_insert_subscription (KvCache *cache, const KvCacheLoad *load, const StSubscription *subscription)
{
  return insert (cache, load, KV_FACT_SUBSCRIPTION, subscription, NULL);
}

gboolean
kv_cache_insert_scope (KvCache *cache, const KvCacheLoad *load, const StScope *scope)
{
  return insert (cache, load, KV_FACT_SCOPE, scope, NULL);
}

gboolean
kv_cache_insert_api_default (KvCache *cache, const KvCacheLoad *load, const StApiDefault *api_default)
{
  return insert (cache, load, KV_FACT_API_DEFAULT, api_default, NULL);
}

gboolean
kv_cache_insert_roles (KvCache *cache, const KvCacheLoad *load, const char *const *roles)
{
  g_return_val_if_fail (roles != NULL, FALSE);
  return insert (cache, load, KV_FACT_ROLES, roles, NULL);
}

gboolean
kv_cache_insert_jwt (KvCache *cache, const KvCacheLoad *load, const KvSignedJwt *jwt)
{
  g_return_val_if_fail (jwt != NULL, FALSE);
  return insert (cache, load, KV_FACT_JWT, jwt, NULL);
}

gboolean
kv_cache_insert_client (KvCache *cache, const KvCacheLoad *load, const KvClient *client)
{
  g_return_val_if_fail (client != NULL, FALSE);
  return insert (cache, load, KV_FACT_CLIENT, client, NULL);
}

gboolean
kv_cache_insert_grant (KvCache *cache, const KvCacheLoad *load, const KvGranted *granted)
{
  g_return_val_if_fail (granted != NULL, FALSE);
  return insert (cache, load, KV_FACT_GRANT, granted, NULL);
}

gboolean
kv_cache_insert_token_kind (KvCache *cache, const KvCacheLoad *load, const KvTokenKind *kind)
{
  g_return_val_if_fail (kind != NULL, FALSE);
  return insert (cache, load, KV_FACT_TOKEN_KIND, kind, NULL);
}

/* Change */

void
kv_cache_invalidate (KvCache *cache, guint64 tag)
{
  kv_changes_note (cache->changes, tag);
}

void
kv_cache_clear (KvCache *cache)
{
  kv_changes_note_all (cache->changes);
}

void
kv_cache_bypass (KvCache *cache, gboolean bypass)
{
  g_atomic_int_set (&cache->bypassed, bypass);
}

/* Counters */

static void
add_counters (KvCacheKindCounters *sum, const KvCacheKindCounters *counters)
{
  sum->hits += counters->hits;
  sum->misses += counters->misses;
  sum->inserts += counters->inserts;
  sum->refused += counters->refused;
  sum->outdated += counters->outdated;
  sum->evictions += counters->evictions;
  sum->entries += counters->entries;
  sum->bytes += counters->bytes;
}

void
kv_cache_counters (KvCache *cache, KvCacheCounters *counters)
{
  *counters = (KvCacheCounters){
    .bypassed = __atomic_load_n (&cache->bypassed_lookups, __ATOMIC_RELAXED),
    .limit = cache->shard_limit * SHARDS,
  };
  for (guint i = 0; i < SHARDS; i++)
    {
      Shard *shard = &cache->shards[i];

      g_mutex_lock (&shard->mutex);
      counters->table_bytes += kv_cache_table_bytes (&shard->table);
      for (guint kind = 0; kind < KV_N_FACTS; kind++)
        add_counters (&counters->kinds[kind], &shard->counters[kind]);
      g_mutex_unlock (&shard->mutex);
    }
}
