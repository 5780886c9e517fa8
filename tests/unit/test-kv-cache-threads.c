/* The cache from many threads at once. */
#include "config.h"
#include "kv-cache-world.h"

#include <string.h>

#define FACTS 32
#define LOADERS 3
#define CHANGES 4000

/* A database of FACTS rows, each of which only has a version. */
typedef struct
{
  CacheWorld fixture;
  gint64 committed[FACTS];    /* atomic: the row */
  gint64 acknowledged[FACTS]; /* atomic: the version whose change has been told and answered */
  gint stop;                  /* atomic */
  gint hits;                  /* atomic */
} World;

static gpointer
load_and_find (gpointer data)
{
  World *world = data;
  gint hits = 0;

  for (guint i = 0; !g_atomic_int_get (&world->stop); i++)
    {
      guint fact = i % FACTS;
      gint64 acknowledged = __atomic_load_n (&world->acknowledged[fact], __ATOMIC_ACQUIRE);
      g_autoptr (KvCacheEntry) entry = world_find (&world->fixture, fact);
      KvCacheLoad load;
      Token token;

      if (entry != NULL)
        {
          /* The promise of the cache: nothing older than what has been acknowledged. */
          g_assert_cmpint (world_issued_ms (entry), >=, acknowledged);
          hits++;
          continue;
        }
      world_make_token (&world->fixture, fact, &token);
      load = world_begin_load (&world->fixture, &token);
      gint64 row = __atomic_load_n (&world->committed[fact], __ATOMIC_ACQUIRE);
      if (i % 2 == 0)
        g_thread_yield (); /* a slow answer */
      world_end_load (&world->fixture, &load, row);
    }
  g_atomic_int_add (&world->hits, hits);
  return NULL;
}

static gpointer
change_rows (gpointer data)
{
  World *world = data;

  for (guint i = 1; i <= CHANGES; i++)
    {
      guint fact = (guint) g_random_int_range (0, FACTS);
      gint64 version = __atomic_add_fetch (&world->committed[fact], 1, __ATOMIC_ACQ_REL);
      Token token;

      world_make_token (&world->fixture, fact, &token);
      if (i % 100 == 0)
        kv_cache_clear (world->fixture.cache);
      else
        kv_cache_invalidate (world->fixture.cache, world_tag (&world->fixture, KV_TAG_TOKEN, token.text));
      __atomic_store_n (&world->acknowledged[fact], version, __ATOMIC_RELEASE);
      if (i % 4 == 0)
        g_usleep (20);
    }
  return NULL;
}

static void
test_threads_never_stale (CacheWorld *fixture, gconstpointer data)
{
  World world = { *fixture };
  GThread *loaders[LOADERS], *changer;

  for (guint i = 0; i < LOADERS; i++)
    loaders[i] = g_thread_new ("load", load_and_find, &world);
  changer = g_thread_new ("change", change_rows, &world);
  g_thread_join (changer);
  g_atomic_int_set (&world.stop, TRUE);
  for (guint i = 0; i < LOADERS; i++)
    g_thread_join (loaders[i]);
  g_assert_cmpint (world.hits, >, 0);
}

static gpointer
crowd (gpointer data)
{
  CacheWorld *fixture = data;
  guint first = (guint) g_random_int_range (0, 1000);

  for (guint i = 0; i < 20000; i++)
    {
      guint number = first + i % 7000;

      if (!world_is_cached (fixture, number))
        world_insert (fixture, number);
      if (i % 5000 == 0)
        world_total_bytes (fixture);
    }
  return NULL;
}

/* More than fits, from all sides: entries are evicted and replaced under their borrowers' hands. */
static void
test_threads_in_full_cache (CacheWorld *fixture, gconstpointer data)
{
  GThread *threads[4];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("crowd", crowd, fixture);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  g_assert_cmpuint (world_total_bytes (fixture), <=, MIB);
  g_assert_cmpuint (world_token_counters (fixture).evictions, >, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, mib, test)                                                                                       \
  g_test_add ("/kv-cache/" path, CacheWorld, GUINT_TO_POINTER (mib), world_set_up, test, world_tear_down)
  ADD ("threads/never-stale", 1, test_threads_never_stale);
  ADD ("threads/full", 1, test_threads_in_full_cache);
  return g_test_run ();
}
