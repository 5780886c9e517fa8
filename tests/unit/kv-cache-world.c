#include "config.h"
#include "kv-cache-world.h"

#include <string.h>

void
world_set_up (CacheWorld *fixture, gconstpointer limit_mib)
{
  fixture->cache = kv_cache_new ((gsize) GPOINTER_TO_UINT (limit_mib) * MIB, 0);
  fixture->now_us = START;
}

void
world_tear_down (CacheWorld *fixture, gconstpointer limit_mib)
{
  kv_cache_free (fixture->cache);
}

void
world_make_token (CacheWorld *fixture, guint number, Token *token)
{
  g_snprintf (token->text, sizeof token->text, "%08x-5ad1-4c0f-9f31-%012x", number * 2654435761u, number);
  g_assert_true (kv_cache_key_token (&token->key, kv_cache_hash_key (fixture->cache), token->text, 36));
}

StToken *
world_make_record (gint64 issued_ms)
{
  StToken *record = st_token_new ();

  record->consumer_key = g_strdup ("nCzWkVJYzyuNuCgUnFNbkzuWJMIa");
  record->user_name = g_strdup ("mary");
  record->tenant_id = ST_SUPER_TENANT_ID;
  record->user_domain = g_strdup (ST_PRIMARY_USER_DOMAIN);
  record->user_type = g_strdup ("APPLICATION_USER");
  record->issued_ms = issued_ms;
  record->validity_ms = 3600000;
  record->scopes = g_strsplit ("orders:read", " ", -1);
  return record;
}

guint64
world_tag (CacheWorld *fixture, KvTagKind kind, const char *text)
{
  return kv_cache_tag (fixture->cache, kind, text, strlen (text));
}

KvCacheLoad
world_begin_load (CacheWorld *fixture, const Token *token)
{
  return (KvCacheLoad){
    .key = &token->key,
    .ticket = kv_cache_ticket (fixture->cache, fixture->now_us),
    .tags = { world_tag (fixture, KV_TAG_TOKEN, token->text), world_tag (fixture, KV_TAG_CONSUMER_KEY, "consumer"),
              world_tag (fixture, KV_TAG_USER, "mary") },
    .n_tags = 3,
  };
}

gboolean
world_end_load (CacheWorld *fixture, const KvCacheLoad *load, gint64 issued_ms)
{
  g_autoptr (StToken) record = world_make_record (issued_ms);

  return kv_cache_insert_token (fixture->cache, load, record, ST_SUPER_TENANT_DOMAIN);
}

gboolean
world_insert (CacheWorld *fixture, guint number)
{
  Token token;
  KvCacheLoad load;

  world_make_token (fixture, number, &token);
  load = world_begin_load (fixture, &token);
  return world_end_load (fixture, &load, number);
}

KvCacheEntry *
world_find (CacheWorld *fixture, guint number)
{
  Token token;

  world_make_token (fixture, number, &token);
  return kv_cache_find (fixture->cache, &token.key, fixture->now_us);
}

gint64
world_issued_ms (const KvCacheEntry *entry)
{
  const char *tenant_domain;

  return kv_cache_entry_token (entry, &tenant_domain)->issued_ms;
}

gboolean
world_is_cached (CacheWorld *fixture, guint number)
{
  g_autoptr (KvCacheEntry) entry = world_find (fixture, number);

  if (entry != NULL)
    g_assert_cmpint (world_issued_ms (entry), ==, number);
  return entry != NULL;
}

KvCacheKindCounters
world_token_counters (CacheWorld *fixture)
{
  KvCacheCounters counters;

  kv_cache_counters (fixture->cache, &counters);
  return counters.kinds[KV_FACT_TOKEN];
}

gsize
world_total_bytes (CacheWorld *fixture)
{
  KvCacheCounters counters;
  gsize bytes;

  kv_cache_counters (fixture->cache, &counters);
  bytes = counters.table_bytes;
  for (guint kind = 0; kind < KV_N_FACTS; kind++)
    bytes += counters.kinds[kind].bytes;
  return bytes;
}
