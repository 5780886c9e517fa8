/* How slow a client may be. */
#include "config.h"
#include "gateway/gw-pace.h"

#define SECOND G_GINT64_CONSTANT (1000000)
#define NOW (1000 * SECOND)

/* How long it has waited, as far as a time-out is concerned. */
static gint64
waited (const GwPace *pace, gint64 now)
{
  return now - gw_pace_since (pace);
}

/* A byte a second at 100 bytes/s: each gives back 10 ms. */
static void
test_trickle (void)
{
  GwPace pace = { 0 };
  gint64 now = NOW;

  gw_pace_wait (&pace, now);
  for (guint i = 1; i <= 30; i++)
    {
      now += SECOND;
      gw_pace_progress (&pace, now, 1, 100);
      g_assert_cmpint (waited (&pace, now), ==, i * (SECOND - 10000));
    }
}

/* What is fast enough never uses anything up, and nothing is saved. */
static void
test_steady (void)
{
  GwPace pace = { 0 };
  gint64 now = NOW;

  gw_pace_wait (&pace, now);
  gw_pace_progress (&pace, now, 1000000000, 100);
  g_assert_cmpint (waited (&pace, now), ==, 0);
  for (guint i = 0; i < 1000; i++)
    {
      now += 20 * SECOND;
      g_assert_cmpint (waited (&pace, now), ==, 20 * SECOND);
      gw_pace_progress (&pace, now, 2000, 100);
      g_assert_cmpint (waited (&pace, now), ==, 0);
    }
}

/* Without a rate any byte will do. */
static void
test_no_rate (void)
{
  GwPace pace = { 0 };

  gw_pace_wait (&pace, NOW);
  gw_pace_progress (&pace, NOW + 29 * SECOND, 1, 0);
  g_assert_cmpint (waited (&pace, NOW + 30 * SECOND), ==, SECOND);
}

/* Time in which nobody waits is nobody's; what was used up before stays used up. */
static void
test_rest (void)
{
  GwPace pace = { 0 };

  gw_pace_wait (&pace, NOW);
  gw_pace_wait (&pace, NOW + 5 * SECOND); /* it does already */
  gw_pace_rest (&pace, NOW + 10 * SECOND);
  gw_pace_rest (&pace, NOW + 20 * SECOND);
  gw_pace_progress (&pace, NOW + 20 * SECOND, 300, 100);
  gw_pace_wait (&pace, NOW + 500 * SECOND);
  g_assert_cmpint (waited (&pace, NOW + 501 * SECOND), ==, 8 * SECOND);
  gw_pace_rest (&pace, NOW + 501 * SECOND);
  gw_pace_progress (&pace, NOW + 501 * SECOND, G_MAXSIZE, 1);
  gw_pace_wait (&pace, NOW + 600 * SECOND);
  g_assert_cmpint (waited (&pace, NOW + 600 * SECOND), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gw/pace/trickle", test_trickle);
  g_test_add_func ("/gw/pace/steady", test_steady);
  g_test_add_func ("/gw/pace/no-rate", test_no_rate);
  g_test_add_func ("/gw/pace/rest", test_rest);
  return g_test_run ();
}
