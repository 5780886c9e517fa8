#include "config.h"
#include "keyvalidator/kv-session-table.h"

#include <string.h>

#define START G_GINT64_CONSTANT (1500000000000)
#define MINUTE G_GINT64_CONSTANT (60000)
#define IDLE (30 * MINUTE)
#define DAY CORE_SESSION_MAX_AGE_MS

typedef struct
{
  ApimManualClock clock;
  KvSessionTable *table;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer max_sessions)
{
  apim_manual_clock_init (&fixture->clock, START);
  fixture->table = kv_session_table_new (&fixture->clock.clock, GPOINTER_TO_UINT (max_sessions), IDLE);
}

static void
tear_down (Fixture *fixture, gconstpointer max_sessions)
{
  kv_session_table_free (fixture->table);
}

static gint64
now (Fixture *fixture)
{
  return apim_clock_wall_ms (&fixture->clock.clock);
}

/* An id of the right form; the table does not look into it. */
static void
make_id (guint number, char *id)
{
  g_autofree char *digest = g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *) &number, sizeof number);

  memcpy (id, digest, CORE_SESSION_ID_LENGTH);
  id[CORE_SESSION_ID_LENGTH] = '\0';
}

static KvSession *
add (Fixture *fixture, guint number, gint64 issued_ms)
{
  CoreSession sealed = { ST_SUPER_TENANT_ID, (gint) number, issued_ms, number };
  char id[CORE_SESSION_ID_LENGTH + 1];

  make_id (number, id);
  return kv_session_table_add (fixture->table, id, &sealed);
}

static KvSession *
find (Fixture *fixture, guint number)
{
  char id[CORE_SESSION_ID_LENGTH + 1];

  make_id (number, id);
  return kv_session_table_find (fixture->table, id, CORE_SESSION_ID_LENGTH);
}

static void
test_add_and_find (Fixture *fixture, gconstpointer data)
{
  char id[CORE_SESSION_ID_LENGTH + 1];
  g_autoptr (KvSession) added = NULL;
  g_autoptr (KvSession) found = NULL;
  g_autoptr (KvSession) again = NULL;

  g_assert_null (find (fixture, 1));
  added = add (fixture, 1, START);
  found = find (fixture, 1);
  again = add (fixture, 1, START - DAY); /* what is there wins */
  g_assert_nonnull (added);
  g_assert_true (found == added);
  g_assert_true (again == added);
  g_assert_cmpint (kv_session_sealed (found)->user_id, ==, 1);
  g_assert_cmpint (kv_session_sealed (found)->issued_ms, ==, START);
  g_assert_cmpuint (kv_session_table_size (fixture->table), ==, 1);
  g_assert_null (find (fixture, 2));
  make_id (1, id);
  g_assert_null (kv_session_table_find (fixture->table, id, CORE_SESSION_ID_LENGTH - 1));
  g_assert_null (kv_session_table_find (fixture->table, id, CORE_SESSION_ID_LENGTH + 1));
  g_assert_null (kv_session_table_find (fixture->table, "", 0));
  g_assert_null (kv_session_table_find (fixture->table, NULL, CORE_SESSION_ID_LENGTH));
  id[0] ^= 1;
  g_assert_null (kv_session_table_find (fixture->table, id, CORE_SESSION_ID_LENGTH));
}

static void
test_has_id (Fixture *fixture, gconstpointer data)
{
  g_autoptr (KvSession) session = add (fixture, 1, START);
  char id[CORE_SESSION_ID_LENGTH + 1];

  make_id (1, id);
  g_assert_true (kv_session_has_id (session, id, CORE_SESSION_ID_LENGTH));
  g_assert_false (kv_session_has_id (session, id, CORE_SESSION_ID_LENGTH - 1));
  id[CORE_SESSION_ID_LENGTH - 1] ^= 1;
  g_assert_false (kv_session_has_id (session, id, CORE_SESSION_ID_LENGTH));
}

/* Met for the first time up to 24 h after the issue, and not a millisecond later (decisions.md 10). */
static void
test_first_meeting (Fixture *fixture, gconstpointer data)
{
  g_autoptr (KvSession) young = add (fixture, 1, START - DAY);
  g_autoptr (KvSession) old = add (fixture, 2, START - DAY - 1);
  g_autoptr (KvSession) ahead = add (fixture, 3, START + MINUTE); /* the other node's clock is ahead */

  g_assert_nonnull (young);
  g_assert_true (kv_session_touch (young, START, IDLE));
  g_assert_null (old);
  g_assert_null (find (fixture, 2));
  g_assert_nonnull (ahead);
}

/* A session in use outlives any age; after 30 minutes without use it is over for good. */
static void
test_sliding_expiry (Fixture *fixture, gconstpointer data)
{
  g_autoptr (KvSession) session = add (fixture, 1, START);

  for (guint i = 0; i < 200; i++)
    {
      apim_manual_clock_advance (&fixture->clock, IDLE - 1);
      g_assert_true (kv_session_touch (session, now (fixture), IDLE));
    }
  g_assert_cmpint (now (fixture) - START, >, 4 * DAY);
  kv_session_table_sweep (fixture->table, now (fixture));
  g_assert_true (kv_session_touch (session, now (fixture), IDLE));
  apim_manual_clock_advance (&fixture->clock, IDLE);
  g_assert_false (kv_session_touch (session, now (fixture), IDLE));
  apim_manual_clock_advance (&fixture->clock, -IDLE);
  g_assert_false (kv_session_touch (session, now (fixture), IDLE));
}

/* A use that is reported late does not take back a newer one. */
static void
test_late_touch (Fixture *fixture, gconstpointer data)
{
  g_autoptr (KvSession) session = add (fixture, 1, START);

  g_assert_true (kv_session_touch (session, START + 1000, IDLE));
  g_assert_true (kv_session_touch (session, START + 500, IDLE));
  g_assert_true (kv_session_touch (session, START + IDLE + 999, IDLE));
}

static void
test_end (Fixture *fixture, gconstpointer data)
{
  g_autoptr (KvSession) session = add (fixture, 1, START);
  g_autoptr (KvSession) again = NULL;

  kv_session_end (session);
  g_assert_false (kv_session_touch (session, START, IDLE));
  kv_session_confirmed (session, START);
  again = add (fixture, 1, START);
  g_assert_true (again == session);
  g_assert_false (kv_session_touch (again, START, IDLE));
}

/* An ended session stays known until its id is too old to be met anew. */
static void
test_tombstone (gboolean by_idling, Fixture *fixture)
{
  g_autoptr (KvSession) session = add (fixture, 1, START);
  g_autoptr (KvSession) found = NULL;

  if (!by_idling)
    kv_session_end (session);
  apim_manual_clock_advance (&fixture->clock, IDLE);
  g_assert_cmpuint (kv_session_table_sweep (fixture->table, now (fixture)), ==, 0);
  found = add (fixture, 1, START);
  g_assert_true (found == session);
  g_assert_false (kv_session_touch (found, now (fixture), IDLE));
  apim_manual_clock_advance (&fixture->clock, DAY - IDLE);
  g_assert_cmpuint (kv_session_table_sweep (fixture->table, now (fixture)), ==, 0);
  apim_manual_clock_advance (&fixture->clock, 1);
  g_assert_cmpuint (kv_session_table_sweep (fixture->table, now (fixture)), ==, 1);
  g_assert_cmpuint (kv_session_table_size (fixture->table), ==, 0);
  g_assert_null (find (fixture, 1));
  g_assert_null (add (fixture, 1, START));
  /* Who holds it still sees what it was. */
  g_assert_false (kv_session_touch (session, now (fixture), IDLE));
}

static void
test_tombstone_of_idle (Fixture *fixture, gconstpointer data)
{
  test_tombstone (TRUE, fixture);
}

static void
test_tombstone_of_ended (Fixture *fixture, gconstpointer data)
{
  test_tombstone (FALSE, fixture);
}

/* Many sessions, of which every third is in use: the sweep finds the others, however they lie. */
static void
test_sweep_many (Fixture *fixture, gconstpointer data)
{
  const guint sessions = 9000;

  for (guint i = 0; i < sessions; i++)
    kv_session_unref (add (fixture, i, START));
  apim_manual_clock_advance (&fixture->clock, DAY + 1);
  for (guint i = 0; i < sessions; i += 3)
    {
      g_autoptr (KvSession) session = find (fixture, i);

      g_assert_true (kv_session_touch (session, now (fixture), 2 * DAY));
    }
  g_assert_cmpuint (kv_session_table_sweep (fixture->table, now (fixture)), ==, sessions / 3 * 2);
  g_assert_cmpuint (kv_session_table_size (fixture->table), ==, sessions / 3);
  for (guint i = 0; i < sessions; i++)
    {
      g_autoptr (KvSession) session = find (fixture, i);

      g_assert_cmpint (session != NULL, ==, i % 3 == 0);
    }
}

static void
test_check_once_per_period (Fixture *fixture, gconstpointer data)
{
  g_autoptr (KvSession) session = add (fixture, 1, START);

  g_assert_true (kv_session_needs_check (session, START));
  g_assert_false (kv_session_needs_check (session, START));
  g_assert_false (kv_session_needs_check (session, START + 29999));
  g_assert_true (kv_session_needs_check (session, START + 30000));
  g_assert_false (kv_session_needs_check (session, START + 30001));
  kv_session_confirmed (session, START + 31000);
  g_assert_false (kv_session_needs_check (session, START + 60999));
  g_assert_true (kv_session_needs_check (session, START + 61000));
}

static void
test_stale (Fixture *fixture, gconstpointer data)
{
  g_autoptr (KvSession) session = add (fixture, 1, START);

  g_assert_true (kv_session_is_stale (session, START)); /* nobody has looked yet */
  g_assert_true (kv_session_needs_check (session, START));
  g_assert_true (kv_session_is_stale (session, START)); /* being looked at is not being confirmed */
  kv_session_confirmed (session, START);
  g_assert_false (kv_session_is_stale (session, START));
  g_assert_false (kv_session_is_stale (session, START + 60000));
  g_assert_true (kv_session_is_stale (session, START + 60001));
  kv_session_confirmed (session, START + 70000);
  g_assert_false (kv_session_is_stale (session, START + 70000));
  /* Another worker's reading of the clock may be a little older ... */
  g_assert_false (kv_session_is_stale (session, START + 69000));
  g_assert_false (kv_session_needs_check (session, START + 69000));
  /* ... but when the clock was put back, a confirmation from the future is none. */
  g_assert_true (kv_session_is_stale (session, START + 70000 - 60001));
  g_assert_true (kv_session_needs_check (session, START + 70000 - 30000));
}

static void
test_full_table (Fixture *fixture, gconstpointer data)
{
  guint max_sessions = GPOINTER_TO_UINT (data);
  g_autoptr (KvSession) held = add (fixture, 0, START);
  guint young = 0;

  for (guint i = 1; i < 20 * max_sessions; i++)
    kv_session_unref (add (fixture, i, START + i));
  g_assert_cmpuint (kv_session_table_size (fixture->table), ==, max_sessions);
  g_assert_null (find (fixture, 0));
  g_assert_true (kv_session_touch (held, START, IDLE)); /* dropped from the table, not from who holds it */
  for (guint i = 18 * max_sessions; i < 20 * max_sessions; i++)
    {
      g_autoptr (KvSession) session = find (fixture, i);

      young += session != NULL;
    }
  /* The ids spread over the shards as chance has it: some shards reach a little further back than others. */
  g_assert_cmpuint (young, >, max_sessions * 9 / 10);
}

/* With room for one per shard the newer always replaces. */
static void
test_tiny_table (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < 1000; i++)
    {
      g_autoptr (KvSession) session = add (fixture, i, START);
      g_autoptr (KvSession) found = find (fixture, i);

      g_assert_true (session == found);
    }
  g_assert_cmpuint (kv_session_table_size (fixture->table), ==, 16);
}

/* Issued long ago and met late: it goes before sessions that the node has known for longer. */
static void
test_drops_oldest_issue (Fixture *fixture, gconstpointer data)
{
  guint first = 1, same_shard[3], found = 0;
  g_autoptr (KvSession) held = NULL;

  /* Two per shard here: three ids of one shard are found by filling it and seeing who goes. */
  kv_session_unref (add (fixture, first, START));
  for (guint i = 2; found < G_N_ELEMENTS (same_shard); i++)
    {
      KvSessionTable *probe = kv_session_table_new (&fixture->clock.clock, 16, IDLE);
      CoreSession sealed = { 1, 1, START, 1 };
      char id[CORE_SESSION_ID_LENGTH + 1];
      g_autoptr (KvSession) known = NULL;

      make_id (first, id);
      kv_session_unref (kv_session_table_add (probe, id, &sealed));
      make_id (i, id);
      kv_session_unref (kv_session_table_add (probe, id, &sealed));
      if (kv_session_table_size (probe) == 1)
        same_shard[found++] = i;
      kv_session_table_free (probe);
    }
  kv_session_unref (add (fixture, same_shard[0], START - 1));
  kv_session_unref (add (fixture, same_shard[1], START));
  g_assert_null (find (fixture, same_shard[0]));
  held = find (fixture, first);
  g_assert_nonnull (held);
  kv_session_unref (add (fixture, same_shard[2], START));
  g_assert_null (find (fixture, first)); /* of two of the same age the one known for longer */
}

#define THREADS 4
#define ROUNDS 2000

typedef struct
{
  Fixture *fixture;
  gint claimed; /* atomic: how often a check was given out */
} Crowd;

static gpointer
use_many (gpointer data)
{
  Crowd *crowd = data;

  for (guint i = 0; i < ROUNDS; i++)
    {
      g_autoptr (KvSession) session = add (crowd->fixture, i % 100, START);

      if (kv_session_needs_check (session, START))
        {
          g_atomic_int_inc (&crowd->claimed);
          kv_session_confirmed (session, START);
        }
      g_assert_true (kv_session_touch (session, START + i, IDLE));
      kv_session_is_stale (session, START);
      if (i % 500 == 0)
        kv_session_table_sweep (crowd->fixture->table, START);
    }
  return NULL;
}

/* Every session's check goes to exactly one of the threads. */
static void
test_threads (Fixture *fixture, gconstpointer data)
{
  Crowd crowd = { fixture, 0 };
  GThread *threads[THREADS];

  for (guint i = 0; i < THREADS; i++)
    threads[i] = g_thread_new ("use", use_many, &crowd);
  for (guint i = 0; i < THREADS; i++)
    g_thread_join (threads[i]);
  g_assert_cmpint (crowd.claimed, ==, 100);
  g_assert_cmpuint (kv_session_table_size (fixture->table), ==, 100);
}

static gpointer
crowd_in (gpointer data)
{
  Crowd *crowd = data;
  guint first = (guint) g_atomic_int_add (&crowd->claimed, 1) * ROUNDS;

  for (guint i = 0; i < ROUNDS; i++)
    {
      g_autoptr (KvSession) session = add (crowd->fixture, first + i, START);

      g_assert_cmpint (kv_session_sealed (session)->user_id, ==, (gint) (first + i));
      kv_session_touch (session, START, IDLE); /* a sweep of the far future may have ended it already */
      if (i % 200 == 199)
        kv_session_table_sweep (crowd->fixture->table, START + DAY + 1);
    }
  return NULL;
}

/* A full table while it is swept: sessions are dropped for room under the sweep's hands. */
static void
test_threads_in_full_table (Fixture *fixture, gconstpointer data)
{
  Crowd crowd = { fixture, 0 };
  GThread *threads[THREADS];

  for (guint i = 0; i < THREADS; i++)
    threads[i] = g_thread_new ("crowd", crowd_in, &crowd);
  for (guint i = 0; i < THREADS; i++)
    g_thread_join (threads[i]);
  g_assert_cmpuint (kv_session_table_size (fixture->table), <=, GPOINTER_TO_UINT (data));
  kv_session_table_sweep (fixture->table, START + DAY + 1);
  g_assert_cmpuint (kv_session_table_size (fixture->table), ==, 0);
}

#define ROOM(n) GUINT_TO_POINTER (n)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, room, test) g_test_add ("/session-table/" path, Fixture, ROOM (room), set_up, test, tear_down)
  ADD ("add-and-find", 1000, test_add_and_find);
  ADD ("has-id", 1000, test_has_id);
  ADD ("decision-10/first-meeting", 1000, test_first_meeting);
  ADD ("decision-10/sliding-expiry", 1000, test_sliding_expiry);
  ADD ("late-touch", 1000, test_late_touch);
  ADD ("end", 1000, test_end);
  ADD ("tombstone/idle", 1000, test_tombstone_of_idle);
  ADD ("tombstone/ended", 1000, test_tombstone_of_ended);
  ADD ("sweep-many", 20000, test_sweep_many);
  ADD ("check-once-per-period", 1000, test_check_once_per_period);
  ADD ("stale", 1000, test_stale);
  ADD ("full", 1600, test_full_table);
  ADD ("tiny", 0, test_tiny_table);
  ADD ("drops-oldest-issue", 32, test_drops_oldest_issue);
  ADD ("threads/use", 1000, test_threads);
  ADD ("threads/full", 3200, test_threads_in_full_table);
  return g_test_run ();
}
