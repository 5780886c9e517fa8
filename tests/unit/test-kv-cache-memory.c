/* What a cached token costs, by the cache's own count and by malloc()'s. $KV_CACHE_TEST_TOKENS: how many to cache. */
#include "config.h"
#include "keyvalidator/kv-cache.h"

#include <malloc.h>
#include <string.h>

#define DEFAULT_TOKENS 100000
#define MAX_BYTES_PER_TOKEN 240

static guint
number_of_tokens (void)
{
  const char *text = g_getenv ("KV_CACHE_TEST_TOKENS");

  return text == NULL ? DEFAULT_TOKENS : (guint) g_ascii_strtoull (text, NULL, 10);
}

/* 0 where malloc() is a sanitizer's and does not say. */
static gsize
allocated_bytes (void)
{
  struct mallinfo2 info = mallinfo2 ();

  return info.uordblks + info.hblkhd;
}

static void
insert_tokens (KvCache *cache, guint tokens, const char *scope)
{
  g_autoptr (StToken) record = st_token_new ();

  record->consumer_key = g_strdup ("nCzWkVJYzyuNuCgUnFNbkzuWJMIa");
  record->user_name = g_strdup ("mary");
  record->tenant_id = ST_SUPER_TENANT_ID;
  record->user_domain = g_strdup (ST_PRIMARY_USER_DOMAIN);
  record->user_type = g_strdup ("APPLICATION_USER");
  record->scopes = g_strsplit (scope, " ", -1);
  for (guint i = 0; i < tokens; i++)
    {
      char text[37];
      KvCacheKey key;
      KvCacheLoad load = { .key = &key, .ticket = kv_cache_ticket (cache, 0), .n_tags = 2, .tags = { i, 2 } };

      g_snprintf (text, sizeof text, "%08x-5ad1-4c0f-9f31-%012x", i * 2654435761u, i);
      g_assert_true (kv_cache_key_token (&key, kv_cache_hash_key (cache), text, 36));
      g_assert_true (kv_cache_insert_token (cache, &load, record, ST_SUPER_TENANT_DOMAIN));
    }
}

static void
test_bytes_per_token (gconstpointer scope)
{
  g_autoptr (KvCache) cache = kv_cache_new ((gsize) 4096 * 1024 * 1024, 0);
  gsize before = allocated_bytes (), counted, grown;
  guint tokens = number_of_tokens ();
  KvCacheCounters counters;

  insert_tokens (cache, tokens, scope);
  grown = allocated_bytes () - before;
  kv_cache_counters (cache, &counters);
  g_assert_cmpuint (counters.kinds[KV_FACT_TOKEN].entries, ==, tokens);
  counted = counters.kinds[KV_FACT_TOKEN].bytes + counters.table_bytes;
  g_test_message ("%u tokens: %.1f bytes each (%.1f of them the table's), %.1f by malloc()", tokens,
                  (double) counted / tokens, (double) counters.table_bytes / tokens, (double) grown / tokens);
  g_assert_cmpuint (counted, <=, (gsize) MAX_BYTES_PER_TOKEN * tokens);
  if (before == 0)
    {
      g_test_skip ("malloc() does not say what it has allocated");
      return;
    }
  g_assert_cmpuint (grown, <=, counted * 115 / 100);
  g_assert_cmpuint (grown, >=, counted * 85 / 100);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/kv-cache-memory/default-scope", "default", test_bytes_per_token);
  g_test_add_data_func ("/kv-cache-memory/one-scope", "orders:read", test_bytes_per_token);
  return g_test_run ();
}
