/* What the cache sees of its entries. For kv-cache*.c and their tests. */
#ifndef KV_CACHE_ENTRY_PRIVATE_H
#define KV_CACHE_ENTRY_PRIVATE_H

#include "keyvalidator/kv-cache.h"

G_BEGIN_DECLS

/* A single entry, its share of malloc() included: a token with hundreds of scopes is not worth hundreds of others. */
#define KV_CACHE_ENTRY_MAX 16384

/* The age of an entry is counted in steps of this: 32 bits of them last 13 years of uptime. After that every entry
 * counts as older than it is. */
#define KV_CACHE_AGE_STEP_US (100 * G_GINT64_CONSTANT (1000))

/* 32 bytes of head, because there are millions of them, and then: the record, the pointers of its list if it has one,
 * the key, the tenant's domain if it is packed, the texts. */
struct _KvCacheEntry
{
  gint references;                  /* atomic */
  guint32 loaded_step;              /* when its read from the database began, in KV_CACHE_AGE_STEP_US */
  guint64 ticket;                   /* likewise, in changes (kv-changes.h) */
  guint16 slots[KV_CACHE_TAGS];     /* of its tags */
  guint16 charge_16;                /* what it costs, in units of 16 bytes */
  guint16 key_at;                   /* from the entry's start; no record before it: there is none */
  guint16 key_length;
  guint8 kind;                      /* KvFactKind */
  guint8 n_slots;
  guint8 domain;                    /* of a token's tenant: where it is; private to kv-cache-entry.c */
  guint8 used;                      /* since CLOCK's hand passed; changes, under the lock of its shard */
  guint64 payload[];
};

G_STATIC_ASSERT (sizeof (KvCacheEntry) == 32);

/* A packed copy, with one reference. @record: StToken, StSubscription, StScope, StApiDefault, KvSignedJwt,
 * KvClient, KvGranted, KvTokenKind, or, for roles, the strv; NULL: there is none (only a subscription, a scope, an API default). @tenant_domain: (nullable): a token's.
 * NULL when it would cost more than KV_CACHE_ENTRY_MAX. */
KvCacheEntry *kv_cache_entry_new (const KvCacheKey *key, gconstpointer record, const char *tenant_domain);

KvCacheEntry *kv_cache_entry_ref (KvCacheEntry *entry);

gboolean kv_cache_entry_has_key (const KvCacheEntry *entry, const KvCacheKey *key);

/* Bytes, malloc()'s share included. */
static inline gsize
kv_cache_entry_charge (const KvCacheEntry *entry)
{
  return (gsize) entry->charge_16 * 16;
}

G_END_DECLS
#endif
