#include "config.h"
#include "keyvalidator/kv-negative.h"

#include <string.h>

#define MS G_GINT64_CONSTANT (1000)
#define START (5000000 * MS)

typedef struct
{
  KvNegative *negative;
  gint64 now_us;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer lifetime_ms)
{
  fixture->negative = kv_negative_new (GPOINTER_TO_UINT (lifetime_ms));
  fixture->now_us = START;
}

static void
tear_down (Fixture *fixture, gconstpointer lifetime_ms)
{
  kv_negative_free (fixture->negative);
}

static void
add (Fixture *fixture, const char *token)
{
  KvNegativeTicket ticket = kv_negative_ticket (fixture->negative, fixture->now_us);

  kv_negative_add (fixture->negative, &ticket, token, strlen (token));
}

static gboolean
contains (Fixture *fixture, const char *token)
{
  return kv_negative_contains (fixture->negative, token, strlen (token), fixture->now_us);
}

static void
test_add_and_find (Fixture *fixture, gconstpointer data)
{
  g_assert_false (contains (fixture, "abc"));
  add (fixture, "abc");
  g_assert_true (contains (fixture, "abc"));
  g_assert_false (contains (fixture, "abd"));
  g_assert_false (contains (fixture, "ab"));
  g_assert_false (contains (fixture, ""));
  add (fixture, "");
  g_assert_true (contains (fixture, ""));
}

static void
test_bytes (Fixture *fixture, gconstpointer data)
{
  KvNegativeTicket ticket = kv_negative_ticket (fixture->negative, START);

  kv_negative_add (fixture->negative, &ticket, "a\0b", 3);
  g_assert_true (kv_negative_contains (fixture->negative, "a\0b", 3, START));
  g_assert_false (kv_negative_contains (fixture->negative, "a\0c", 3, START));
  g_assert_false (kv_negative_contains (fixture->negative, "a", 1, START));
}

static void
test_lifetime (Fixture *fixture, gconstpointer lifetime_ms)
{
  gint64 lifetime_us = MIN (GPOINTER_TO_UINT (lifetime_ms), KV_NEGATIVE_MAX_LIFETIME_MS) * MS;

  add (fixture, "abc");
  fixture->now_us = START + lifetime_us - 1;
  g_assert_true (contains (fixture, "abc"));
  fixture->now_us = START + lifetime_us;
  g_assert_false (contains (fixture, "abc"));
  /* Seen again: a life more. */
  add (fixture, "abc");
  fixture->now_us += lifetime_us - 1;
  g_assert_true (contains (fixture, "abc"));
}

static void
test_switched_off (Fixture *fixture, gconstpointer data)
{
  add (fixture, "abc");
  g_assert_false (contains (fixture, "abc"));
}

static void
test_forget (Fixture *fixture, gconstpointer data)
{
  add (fixture, "abc");
  kv_negative_forget (fixture->negative);
  g_assert_false (contains (fixture, "abc"));
  add (fixture, "abc");
  g_assert_true (contains (fixture, "abc"));
}

/* A token is issued while it is looked up. */
static void
test_forget_during_read (Fixture *fixture, gconstpointer data)
{
  KvNegativeTicket ticket = kv_negative_ticket (fixture->negative, START);

  kv_negative_forget (fixture->negative);
  kv_negative_add (fixture->negative, &ticket, "abc", 3);
  g_assert_false (contains (fixture, "abc"));
}

/* More than it holds: it stays what it is, and what came last is there. */
static void
test_flood (Fixture *fixture, gconstpointer data)
{
  const guint flood = 4 * KV_NEGATIVE_ENTRIES;
  KvNegativeCounters counters;
  guint found = 0;
  char token[16];

  for (guint i = 0; i < flood; i++)
    {
      g_snprintf (token, sizeof token, "bad%u", i);
      fixture->now_us += 1;
      add (fixture, token);
      g_assert_true (contains (fixture, token));
    }
  for (guint i = 0; i < flood; i++)
    {
      g_snprintf (token, sizeof token, "bad%u", i);
      found += contains (fixture, token);
    }
  g_assert_cmpuint (found, <=, KV_NEGATIVE_ENTRIES);
  g_assert_cmpuint (found, >, KV_NEGATIVE_ENTRIES / 2);
  kv_negative_counters (fixture->negative, &counters);
  g_assert_cmpuint (counters.added, ==, flood);
  g_assert_cmpuint (counters.crowded, >=, flood - KV_NEGATIVE_ENTRIES);
  g_assert_cmpuint (counters.hits, ==, flood + found);
  g_assert_cmpuint (counters.misses, ==, flood - found);
}

/* What is over makes room for the next without pushing anybody out. */
static void
test_expired_makes_room (Fixture *fixture, gconstpointer data)
{
  KvNegativeCounters before, after;
  char token[16];

  for (guint i = 0; i < KV_NEGATIVE_ENTRIES; i++)
    {
      g_snprintf (token, sizeof token, "old%u", i);
      add (fixture, token);
    }
  kv_negative_counters (fixture->negative, &before);
  fixture->now_us += 1000 * MS;
  for (guint i = 0; i < 1000; i++)
    {
      g_snprintf (token, sizeof token, "new%u", i);
      add (fixture, token);
    }
  kv_negative_counters (fixture->negative, &after);
  g_assert_cmpuint (after.crowded, ==, before.crowded);
}

#define TOKENS 64

/* A database: which tokens it knows. */
typedef struct
{
  Fixture *fixture;
  gint issued[TOKENS];    /* atomic: the row is there */
  gint announced[TOKENS]; /* atomic: and kv_negative_forget() has returned */
  gint stop;              /* atomic */
} World;

static gpointer
look_up (gpointer data)
{
  World *world = data;
  KvNegative *negative = world->fixture->negative;

  for (guint i = 0; !g_atomic_int_get (&world->stop); i++)
    {
      guint token = i % TOKENS;
      gboolean announced = g_atomic_int_get (&world->announced[token]);
      KvNegativeTicket ticket;

      if (kv_negative_contains (negative, (char *) &token, sizeof token, START))
        {
          g_assert_false (announced);
          continue;
        }
      ticket = kv_negative_ticket (negative, START);
      if (!g_atomic_int_get (&world->issued[token]))
        kv_negative_add (negative, &ticket, (char *) &token, sizeof token);
    }
  return NULL;
}

static void
test_threads (Fixture *fixture, gconstpointer data)
{
  World world = { fixture };
  GThread *threads[3];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("look-up", look_up, &world);
  for (guint i = 0; i < TOKENS; i++)
    {
      g_usleep (500);
      g_atomic_int_set (&world.issued[i], TRUE);
      kv_negative_forget (fixture->negative);
      g_atomic_int_set (&world.announced[i], TRUE);
    }
  g_usleep (1000);
  g_atomic_int_set (&world.stop, TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  for (guint token = 0; token < TOKENS; token++)
    g_assert_false (kv_negative_contains (fixture->negative, (char *) &token, sizeof token, START));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, lifetime_ms, test) \
  g_test_add ("/kv-negative/" path, Fixture, GUINT_TO_POINTER (lifetime_ms), set_up, test, tear_down)
  ADD ("add-and-find", 1000, test_add_and_find);
  ADD ("bytes", 1000, test_bytes);
  ADD ("lifetime/short", 1, test_lifetime);
  ADD ("lifetime/default", KV_NEGATIVE_DEFAULT_LIFETIME_MS, test_lifetime);
  ADD ("lifetime/longest", G_MAXINT, test_lifetime);
  ADD ("switched-off", 0, test_switched_off);
  ADD ("forget", 1000, test_forget);
  ADD ("forget-during-read", 1000, test_forget_during_read);
  ADD ("flood", 60000, test_flood);
  ADD ("expired-makes-room", 1000, test_expired_makes_room);
  ADD ("threads", 1000, test_threads);
  return g_test_run ();
}
