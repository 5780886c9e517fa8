#include "config.h"
#include "core/core-lockout.h"

#define FREE_FAILURES 5
#define LONGEST_WAIT_MS 300000
#define MAX_PAIRS 65536

typedef struct
{
  ApimManualClock clock;
  CoreLockout *lockout;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  apim_manual_clock_init (&fixture->clock, G_GINT64_CONSTANT (1500000000000));
  fixture->lockout = core_lockout_new (&fixture->clock.clock);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  core_lockout_free (fixture->lockout);
}

static void
fail (Fixture *fixture, const char *user, const char *address, guint times)
{
  for (guint i = 0; i < times; i++)
    core_lockout_failed (fixture->lockout, user, address);
}

static gint64
wait_of (Fixture *fixture, const char *user, const char *address)
{
  return core_lockout_wait_ms (fixture->lockout, user, address);
}

static void
test_grows (Fixture *fixture, gconstpointer data)
{
  static const gint64 waits[] = { 1000, 2000, 4000, 8000, 16000, 32000, 64000, 128000, 256000,
                                  LONGEST_WAIT_MS, LONGEST_WAIT_MS, LONGEST_WAIT_MS };

  g_assert_cmpint (wait_of (fixture, "gateway", "10.0.0.1"), ==, 0);
  for (guint i = 0; i < FREE_FAILURES; i++)
    {
      fail (fixture, "gateway", "10.0.0.1", 1);
      g_assert_cmpint (wait_of (fixture, "gateway", "10.0.0.1"), ==, 0);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (waits); i++)
    {
      fail (fixture, "gateway", "10.0.0.1", 1);
      g_assert_cmpint (wait_of (fixture, "gateway", "10.0.0.1"), ==, waits[i]);
    }
  fail (fixture, "gateway", "10.0.0.1", 1000);
  g_assert_cmpint (wait_of (fixture, "gateway", "10.0.0.1"), ==, LONGEST_WAIT_MS);
}

/* Counted from the last failure, on the clock that the wall's hands do not move. */
static void
test_passes (Fixture *fixture, gconstpointer data)
{
  fail (fixture, "gateway", "10.0.0.1", FREE_FAILURES + 1);
  apim_manual_clock_advance (&fixture->clock, 999);
  g_assert_cmpint (wait_of (fixture, "gateway", "10.0.0.1"), ==, 1);
  apim_manual_clock_advance (&fixture->clock, -3600000);
  g_assert_cmpint (wait_of (fixture, "gateway", "10.0.0.1"), ==, 1);
  apim_manual_clock_advance (&fixture->clock, 1);
  g_assert_cmpint (wait_of (fixture, "gateway", "10.0.0.1"), ==, 0);
  /* One more after the wait: the delay goes on growing from there. */
  fail (fixture, "gateway", "10.0.0.1", 1);
  g_assert_cmpint (wait_of (fixture, "gateway", "10.0.0.1"), ==, 2000);
}

static void
test_success_forgets (Fixture *fixture, gconstpointer data)
{
  fail (fixture, "gateway", "10.0.0.1", 20);
  core_lockout_succeeded (fixture->lockout, "gateway", "10.0.0.1");
  g_assert_cmpint (wait_of (fixture, "gateway", "10.0.0.1"), ==, 0);
  fail (fixture, "gateway", "10.0.0.1", FREE_FAILURES);
  g_assert_cmpint (wait_of (fixture, "gateway", "10.0.0.1"), ==, 0);
  core_lockout_succeeded (fixture->lockout, "nobody", "10.0.0.1");
}

/* decisions.md 14. */
static void
test_stranger_locks_nobody (Fixture *fixture, gconstpointer data)
{
  fail (fixture, "gateway", "203.0.113.5", 1000);
  g_assert_cmpint (wait_of (fixture, "gateway", "203.0.113.5"), ==, LONGEST_WAIT_MS);
  g_assert_cmpint (wait_of (fixture, "gateway", "10.0.0.1"), ==, 0);
  g_assert_cmpint (wait_of (fixture, "other", "203.0.113.5"), ==, 0);
  /* Nor by moving text from one part to the other. */
  g_assert_cmpint (wait_of (fixture, "gateway2", "03.0.113.5"), ==, 0);
  core_lockout_succeeded (fixture->lockout, "gateway", "10.0.0.1");
  g_assert_cmpint (wait_of (fixture, "gateway", "203.0.113.5"), ==, LONGEST_WAIT_MS);
}

static void
test_spellings_are_one (Fixture *fixture, gconstpointer data)
{
  fail (fixture, "admin", "10.0.0.1", 3);
  fail (fixture, "ADMIN", "10.0.0.1", 3);
  g_assert_cmpint (wait_of (fixture, "Admin", "10.0.0.1"), ==, 1000);
  fail (fixture, "J\xc3\xbcrgen", "10.0.0.1", 3);
  fail (fixture, "j\xc3\x9crgen", "10.0.0.1", 3);
  g_assert_cmpint (wait_of (fixture, "j\xc3\xbcRGEN", "10.0.0.1"), ==, 1000);
  /* Not UTF-8: counted all the same. */
  fail (fixture, "A\xff", "10.0.0.1", FREE_FAILURES + 1);
  g_assert_cmpint (wait_of (fixture, "a\xff", "10.0.0.1"), ==, 1000);
}

/* A flood of names pushes out the pairs that have not failed for the longest time, and no more than it must. */
static void
test_bounded (Fixture *fixture, gconstpointer data)
{
  fail (fixture, "first", "10.0.0.1", FREE_FAILURES + 10);
  fail (fixture, "second", "10.0.0.1", FREE_FAILURES + 10);
  for (guint i = 0; i < MAX_PAIRS - 2; i++)
    {
      g_autofree char *user = g_strdup_printf ("flood-%u", i);

      core_lockout_failed (fixture->lockout, user, "203.0.113.5");
    }
  g_assert_cmpint (wait_of (fixture, "first", "10.0.0.1"), ==, LONGEST_WAIT_MS);
  fail (fixture, "first", "10.0.0.1", 1);
  fail (fixture, "one-more", "203.0.113.5", 1);
  g_assert_cmpint (wait_of (fixture, "first", "10.0.0.1"), ==, LONGEST_WAIT_MS);
  g_assert_cmpint (wait_of (fixture, "second", "10.0.0.1"), ==, 0);
}

#define THREADS 4
#define FAILURES_PER_THREAD 500

static gpointer
fail_many (gpointer data)
{
  Fixture *fixture = data;

  for (guint i = 0; i < FAILURES_PER_THREAD; i++)
    {
      g_autofree char *user = g_strdup_printf ("user-%u", i % 50);

      core_lockout_failed (fixture->lockout, user, "10.0.0.1");
      core_lockout_wait_ms (fixture->lockout, user, "10.0.0.1");
      if (i % 50 == 0)
        core_lockout_succeeded (fixture->lockout, "user-0", "10.0.0.1");
    }
  return NULL;
}

static void
test_threads (Fixture *fixture, gconstpointer data)
{
  GThread *threads[THREADS];

  for (guint i = 0; i < THREADS; i++)
    threads[i] = g_thread_new ("fail", fail_many, fixture);
  for (guint i = 0; i < THREADS; i++)
    g_thread_join (threads[i]);
  /* 40 failures, none lost or counted for another. */
  g_assert_cmpint (wait_of (fixture, "user-1", "10.0.0.1"), ==, LONGEST_WAIT_MS);
  g_assert_cmpint (wait_of (fixture, "user-0", "10.0.0.1"), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/lockout/grows", Fixture, NULL, set_up, test_grows, tear_down);
  g_test_add ("/lockout/passes", Fixture, NULL, set_up, test_passes, tear_down);
  g_test_add ("/lockout/success-forgets", Fixture, NULL, set_up, test_success_forgets, tear_down);
  g_test_add ("/lockout/stranger-locks-nobody", Fixture, NULL, set_up, test_stranger_locks_nobody, tear_down);
  g_test_add ("/lockout/spellings-are-one", Fixture, NULL, set_up, test_spellings_are_one, tear_down);
  g_test_add ("/lockout/bounded", Fixture, NULL, set_up, test_bounded, tear_down);
  g_test_add ("/lockout/threads", Fixture, NULL, set_up, test_threads, tear_down);
  return g_test_run ();
}
