/* A cache, a clock that the test moves, and tokens by number: for tests of kv-cache. */
#ifndef KV_CACHE_WORLD_H
#define KV_CACHE_WORLD_H

#include "keyvalidator/kv-cache.h"

#define MIB (1024 * 1024)
#define SECOND G_GINT64_CONSTANT (1000000)
#define START (1000 * SECOND)

typedef struct
{
  KvCache *cache;
  gint64 now_us;
} CacheWorld;

/* A token of the usual size: 36 characters, a consumer key of 28. */
typedef struct
{
  char text[37];
  KvCacheKey key;
} Token;

void world_set_up (CacheWorld *fixture, gconstpointer limit_mib);
void world_tear_down (CacheWorld *fixture, gconstpointer limit_mib);
void world_make_token (CacheWorld *fixture, guint number, Token *token);
StToken *world_make_record (gint64 issued_ms);
guint64 world_tag (CacheWorld *fixture, KvTagKind kind, const char *text);
/* What a reader notes before it asks the database. */
KvCacheLoad world_begin_load (CacheWorld *fixture, const Token *token);
/* It found the token, issued then: FALSE: it is not stored. */
gboolean world_end_load (CacheWorld *fixture, const KvCacheLoad *load, gint64 issued_ms);
/* The token of that number, issued at it. */
gboolean world_insert (CacheWorld *fixture, guint number);
/* (transfer full) (nullable) */
KvCacheEntry *world_find (CacheWorld *fixture, guint number);
gint64 world_issued_ms (const KvCacheEntry *entry);
gboolean world_is_cached (CacheWorld *fixture, guint number);
KvCacheKindCounters world_token_counters (CacheWorld *fixture);
gsize world_total_bytes (CacheWorld *fixture);

#endif
