#include "config.h"
#include "keyvalidator/kv-cache-table.h"

#define KEYS 512

typedef struct
{
  KvCacheTable table;
  guint numbers[KEYS];
  guint64 hashes[KEYS];
  KvCacheEntry *entries[KEYS]; /* NULL: not in the table */
} Fixture;

static KvCacheKey
key_of (Fixture *fixture, guint i)
{
  return (KvCacheKey){ KV_FACT_SCOPE, (const char *) &fixture->numbers[i], sizeof (guint), fixture->hashes[i] };
}

/* @data: how many bits of the hashes are random: none makes one long run of them all. */
static void
set_up (Fixture *fixture, gconstpointer data)
{
  guint32 mask = (guint32) ((G_GUINT64_CONSTANT (1) << GPOINTER_TO_UINT (data)) - 1);

  for (guint i = 0; i < KEYS; i++)
    {
      fixture->numbers[i] = i;
      /* All near the table's end, so that runs go round it. */
      fixture->hashes[i] = G_MAXUINT32 - (g_test_rand_int () & mask);
    }
}

static void
remove_key (Fixture *fixture, guint i)
{
  KvCacheKey key = key_of (fixture, i);
  guint place = kv_cache_table_find (&fixture->table, &key);

  g_assert_cmpuint (place, !=, KV_CACHE_NO_PLACE);
  g_assert_true (kv_cache_table_remove (&fixture->table, place) == fixture->entries[i]);
  kv_cache_entry_unref (fixture->entries[i]);
  fixture->entries[i] = NULL;
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < KEYS; i++)
    if (fixture->entries[i] != NULL)
      remove_key (fixture, i);
  g_assert_cmpuint (fixture->table.used, ==, 0);
  kv_cache_table_clear (&fixture->table);
}

static void
add_key (Fixture *fixture, guint i)
{
  KvCacheKey key = key_of (fixture, i);
  gsize before = kv_cache_table_bytes (&fixture->table), growth = kv_cache_table_growth (&fixture->table);

  fixture->entries[i] = kv_cache_entry_new (&key, NULL, NULL);
  kv_cache_table_add (&fixture->table, key.hash, fixture->entries[i]);
  g_assert_cmpuint (kv_cache_table_bytes (&fixture->table), ==, before + growth);
}

static void
check_all (Fixture *fixture)
{
  guint used = 0;

  for (guint i = 0; i < KEYS; i++)
    {
      KvCacheKey key = key_of (fixture, i);
      guint place = kv_cache_table_find (&fixture->table, &key);

      used += fixture->entries[i] != NULL;
      if (fixture->entries[i] == NULL)
        g_assert_cmpuint (place, ==, KV_CACHE_NO_PLACE);
      else
        {
          g_assert_cmpuint (place, !=, KV_CACHE_NO_PLACE);
          g_assert_true (fixture->table.entries[place] == fixture->entries[i]);
        }
    }
  g_assert_cmpuint (fixture->table.used, ==, used);
}

/* Keys come and go at random; after each step the table holds exactly those that came and did not go. */
static void
test_come_and_go (Fixture *fixture, gconstpointer data)
{
  check_all (fixture);
  for (guint step = 0; step < 3000; step++)
    {
      guint i = (guint) g_test_rand_int_range (0, KEYS);

      if (fixture->entries[i] == NULL)
        add_key (fixture, i);
      else
        remove_key (fixture, i);
      if (step % 16 == 0)
        check_all (fixture);
    }
  check_all (fixture);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, bits, test) \
  g_test_add ("/kv-cache-table/" path, Fixture, GUINT_TO_POINTER (bits), set_up, test, tear_down)
  ADD ("random", 32, test_come_and_go);
  ADD ("long-runs", 30, test_come_and_go);
  ADD ("one-run", 0, test_come_and_go);
  return g_test_run ();
}
