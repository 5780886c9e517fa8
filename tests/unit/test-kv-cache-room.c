/* What goes when the cache is full. */
#include "config.h"
#include "kv-cache-world.h"

#include <string.h>

/* A scan of ten times what fits: the tokens in use stay. */
static void
test_scan_spares_hot (CacheWorld *fixture, gconstpointer data)
{
  const guint hot = 1000, cold = 50000;
  guint kept = 0;

  for (guint i = 0; i < hot; i++)
    g_assert_true (world_insert (fixture, i));
  for (guint i = 0; i < cold; i++)
    {
      g_assert_true (world_insert (fixture, hot + i));
      world_is_cached (fixture, i % hot);
      g_assert_cmpuint (world_total_bytes (fixture), <=, MIB);
    }
  for (guint i = 0; i < hot; i++)
    kept += world_is_cached (fixture, i);
  g_assert_cmpuint (kept, >=, hot * 99 / 100);
  g_assert_cmpuint (world_token_counters (fixture).evictions, >, cold / 2);
}

/* Everything is in use, and a new entry still finds room. */
static void
test_all_hot (CacheWorld *fixture, gconstpointer data)
{
  for (guint i = 0; i < 20000; i++)
    {
      g_assert_true (world_insert (fixture, i));
      g_assert_true (world_is_cached (fixture, i));
    }
  g_assert_cmpuint (world_total_bytes (fixture), <=, MIB);
  g_assert_cmpuint (world_token_counters (fixture).entries, >, 3000);
}

/* What is out of date goes before what is in use. */
static void
test_outdated_goes_first (CacheWorld *fixture, gconstpointer data)
{
  guint kept = 0;
  KvCacheLoad load;
  Token token;

  for (guint i = 0; i < 3000; i++)
    {
      world_make_token (fixture, i, &token);
      load = world_begin_load (fixture, &token);
      load.n_tags = i < 1500 ? 3 : 1; /* only the first half is mary's */
      g_assert_true (world_end_load (fixture, &load, i));
      world_is_cached (fixture, i);
    }
  kv_cache_invalidate (fixture->cache, world_tag (fixture, KV_TAG_USER, "mary"));
  for (guint i = 3000; i < 5200; i++)
    g_assert_true (world_insert (fixture, i));
  for (guint i = 1500; i < 3000; i++)
    kept += world_is_cached (fixture, i);
  g_assert_cmpuint (kept, >, 1450);
  g_assert_cmpuint (world_token_counters (fixture).outdated, >, 200);
}

static void
test_large_entries (CacheWorld *fixture, gconstpointer data)
{
  g_autofree char *scope = g_strnfill (12000, 's');

  for (guint i = 0; i < 10000; i++)
    g_assert_true (world_insert (fixture, i));
  for (guint i = 10000; i < 10200; i++)
    {
      g_autoptr (StToken) record = world_make_record (i);
      KvCacheLoad load;
      Token token;

      g_strfreev (record->scopes);
      record->scopes = g_strsplit (scope, " ", -1);
      world_make_token (fixture, i, &token);
      load = world_begin_load (fixture, &token);
      g_assert_true (kv_cache_insert_token (fixture->cache, &load, record, NULL));
      g_assert_true (world_is_cached (fixture, i));
      g_assert_cmpuint (world_total_bytes (fixture), <=, MIB);
    }
}

static void
test_too_large (CacheWorld *fixture, gconstpointer data)
{
  g_autoptr (StToken) record = world_make_record (1);
  g_autofree char *scope = g_strnfill (20000, 's');
  KvCacheLoad load;
  Token token;

  g_strfreev (record->scopes);
  record->scopes = g_strsplit (scope, " ", -1);
  world_make_token (fixture, 1, &token);
  load = world_begin_load (fixture, &token);
  g_assert_false (kv_cache_insert_token (fixture->cache, &load, record, NULL));
  g_assert_false (world_is_cached (fixture, 1));
  g_assert_cmpuint (world_token_counters (fixture).refused, ==, 1);
}

static void
test_no_room_at_all (CacheWorld *fixture, gconstpointer data)
{
  for (guint i = 0; i < 100; i++)
    {
      g_assert_false (world_insert (fixture, i));
      g_assert_false (world_is_cached (fixture, i));
    }
  g_assert_cmpuint (world_total_bytes (fixture), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, mib, test)                                                                                       \
  g_test_add ("/kv-cache/" path, CacheWorld, GUINT_TO_POINTER (mib), world_set_up, test, world_tear_down)
  ADD ("room/scan-spares-hot", 1, test_scan_spares_hot);
  ADD ("room/all-hot", 1, test_all_hot);
  ADD ("room/outdated-goes-first", 1, test_outdated_goes_first);
  ADD ("room/large-entries", 1, test_large_entries);
  ADD ("room/too-large", 64, test_too_large);
  ADD ("room/none", 0, test_no_room_at_all);
  return g_test_run ();
}
