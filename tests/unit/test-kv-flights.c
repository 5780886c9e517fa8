#include "config.h"
#include "keyvalidator/kv-flights.h"

#include <string.h>

#define JOIN_MS 250
#define MS G_GINT64_CONSTANT (1000)

static const ApimHashKey hash_key = { 1, 2 };

typedef struct
{
  KvFlights *flights;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->flights = kv_flights_new (JOIN_MS);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  kv_flights_free (fixture->flights);
}

static KvFlightRole
join_token (Fixture *fixture, const char *token, gint64 now_us, KvWaiter *waiter)
{
  KvCacheKey key;

  g_assert_true (kv_cache_key_token (&key, &hash_key, token, strlen (token)));
  return kv_flights_join (fixture->flights, &key, now_us, waiter);
}

static void
test_join_and_land (Fixture *fixture, gconstpointer data)
{
  KvWaiter waiters[4] = { 0 };
  KvFlightsCounters counters;
  KvWaiter *follower;

  g_assert_cmpint (join_token (fixture, "abc", 0, &waiters[0]), ==, KV_FLIGHT_LEADER);
  for (guint i = 1; i < 4; i++)
    g_assert_cmpint (join_token (fixture, "abc", 0, &waiters[i]), ==, KV_FLIGHT_FOLLOWER);
  follower = kv_flights_land (fixture->flights, &waiters[0]);
  for (guint i = 1; i < 4; i++, follower = follower->next)
    g_assert_true (follower == &waiters[i]);
  g_assert_null (follower);
  kv_flights_counters (fixture->flights, &counters);
  g_assert_cmpuint (counters.led, ==, 1);
  g_assert_cmpuint (counters.followed, ==, 3);
}

/* After the landing the next one leads again, with the same waiter even. */
static void
test_again (Fixture *fixture, gconstpointer data)
{
  KvWaiter leader = { 0 }, follower = { 0 };

  for (guint i = 0; i < 3; i++)
    {
      g_assert_cmpint (join_token (fixture, "abc", 0, &leader), ==, KV_FLIGHT_LEADER);
      if (i == 1)
        g_assert_cmpint (join_token (fixture, "abc", 0, &follower), ==, KV_FLIGHT_FOLLOWER);
      g_assert_true (kv_flights_land (fixture->flights, &leader) == (i == 1 ? &follower : NULL));
    }
}

static void
test_other_questions (Fixture *fixture, gconstpointer data)
{
  KvWaiter token = { 0 }, longer = { 0 }, scope = { 0 }, empty = { 0 };
  KvCacheKey key;

  g_assert_cmpint (join_token (fixture, "/a", 0, &token), ==, KV_FLIGHT_LEADER);
  g_assert_cmpint (join_token (fixture, "/ab", 0, &longer), ==, KV_FLIGHT_LEADER);
  g_assert_cmpint (join_token (fixture, "", 0, &empty), ==, KV_FLIGHT_LEADER);
  g_assert_true (kv_cache_key_scope (&key, &hash_key, "/a"));
  g_assert_cmpint (kv_flights_join (fixture->flights, &key, 0, &scope), ==, KV_FLIGHT_LEADER);
  g_assert_null (kv_flights_land (fixture->flights, &token));
  g_assert_null (kv_flights_land (fixture->flights, &scope));
  g_assert_null (kv_flights_land (fixture->flights, &empty));
  g_assert_null (kv_flights_land (fixture->flights, &longer));
}

/* Keys of one hash stay apart, in whatever order they land. */
static void
test_equal_hashes (Fixture *fixture, gconstpointer data)
{
  static const guint order[] = { 3, 0, 4, 1, 2 };
  static const char *const tokens[] = { "a", "b", "c", "d", "e" };
  KvWaiter leaders[5] = { 0 }, followers[5] = { 0 };

  for (guint i = 0; i < 5; i++)
    {
      KvCacheKey key = { KV_FACT_TOKEN, tokens[i], 1, 0 };

      g_assert_cmpint (kv_flights_join (fixture->flights, &key, 0, &leaders[i]), ==, KV_FLIGHT_LEADER);
      g_assert_cmpint (kv_flights_join (fixture->flights, &key, 0, &followers[i]), ==, KV_FLIGHT_FOLLOWER);
    }
  for (guint i = 0; i < 5; i++)
    g_assert_true (kv_flights_land (fixture->flights, &leaders[order[i]]) == &followers[order[i]]);
}

/* A slow flight is left behind: who comes late starts another, and those after that join the young one. */
static void
test_slow_flight (Fixture *fixture, gconstpointer data)
{
  KvWaiter old = { 0 }, young = { 0 }, in_time = { 0 }, late = { 0 };

  g_assert_cmpint (join_token (fixture, "abc", 0, &old), ==, KV_FLIGHT_LEADER);
  g_assert_cmpint (join_token (fixture, "abc", JOIN_MS * MS - 1, &in_time), ==, KV_FLIGHT_FOLLOWER);
  g_assert_cmpint (join_token (fixture, "abc", JOIN_MS * MS, &young), ==, KV_FLIGHT_LEADER);
  g_assert_cmpint (join_token (fixture, "abc", JOIN_MS * MS + 1, &late), ==, KV_FLIGHT_FOLLOWER);
  g_assert_true (kv_flights_land (fixture->flights, &old) == &in_time);
  g_assert_true (kv_flights_land (fixture->flights, &young) == &late);
}

#define THREADS 4
#define ROUNDS 3000
#define KEYS 3

typedef struct
{
  Fixture *fixture;
  gint in_database[KEYS]; /* atomic: leaders that are asking now */
  gint answered;          /* atomic: waiters that came back */
} Crowd;

typedef struct
{
  KvWaiter waiter;
  gint back; /* atomic */
} Call;

static gpointer
ask (gpointer data)
{
  static const char *const tokens[KEYS] = { "a", "b", "c" };
  Crowd *crowd = data;

  for (guint i = 0; i < ROUNDS; i++)
    {
      Call call = { 0 };
      KvWaiter *follower;

      if (join_token (crowd->fixture, tokens[i % KEYS], 0, &call.waiter) == KV_FLIGHT_FOLLOWER)
        {
          while (!g_atomic_int_get (&call.back))
            g_thread_yield ();
          continue;
        }
      /* With the clock standing still every flight can be joined: one per key. */
      g_assert_cmpint (g_atomic_int_add (&crowd->in_database[i % KEYS], 1), ==, 0);
      g_thread_yield ();
      g_atomic_int_add (&crowd->in_database[i % KEYS], -1);
      follower = kv_flights_land (crowd->fixture->flights, &call.waiter);
      g_atomic_int_inc (&crowd->answered);
      while (follower != NULL)
        {
          KvWaiter *next = follower->next;

          g_atomic_int_inc (&crowd->answered);
          g_atomic_int_set (&((Call *) follower)->back, TRUE);
          follower = next;
        }
    }
  return NULL;
}

/* Everybody is answered once, and a key is asked for by one at a time. */
static void
test_threads (Fixture *fixture, gconstpointer data)
{
  Crowd crowd = { fixture };
  KvFlightsCounters counters;
  GThread *threads[THREADS];

  for (guint i = 0; i < THREADS; i++)
    threads[i] = g_thread_new ("ask", ask, &crowd);
  for (guint i = 0; i < THREADS; i++)
    g_thread_join (threads[i]);
  kv_flights_counters (fixture->flights, &counters);
  g_assert_cmpint (crowd.answered, ==, THREADS * ROUNDS);
  g_assert_cmpuint (counters.led + counters.followed, ==, THREADS * ROUNDS);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, test) g_test_add ("/kv-flights/" path, Fixture, NULL, set_up, test, tear_down)
  ADD ("join-and-land", test_join_and_land);
  ADD ("again", test_again);
  ADD ("other-questions", test_other_questions);
  ADD ("equal-hashes", test_equal_hashes);
  ADD ("slow-flight", test_slow_flight);
  ADD ("threads", test_threads);
  return g_test_run ();
}
