/* Which of several Key Managers is asked. */
#include "config.h"
#include "gateway/gw-peer-health.h"

#define MS G_GINT64_CONSTANT (1000)
#define PROBE_MS 500

static void
test_home (void)
{
  GwPeerHealth healths[3] = { { 0 } };
  gboolean down;

  for (guint home = 0; home < 7; home++)
    {
      g_assert_cmpuint (gw_peer_health_choose (healths, 3, home, 1, PROBE_MS, &down), ==, home % 3);
      g_assert_false (down);
    }
}

static void
test_away_and_back (void)
{
  GwPeerHealth healths[2] = { { 0 } };
  gboolean down;

  gw_peer_health_failed (&healths[0], 0);
  g_assert_cmpuint (gw_peer_health_choose (healths, 2, 0, 50 * MS, PROBE_MS, &down), ==, 1);
  /* One question finds out; the others stay away meanwhile. */
  g_assert_cmpuint (gw_peer_health_choose (healths, 2, 0, 100 * MS, PROBE_MS, &down), ==, 0);
  g_assert_cmpuint (gw_peer_health_choose (healths, 2, 0, 101 * MS, PROBE_MS, &down), ==, 1);
  g_assert_false (down);
  g_assert_true (gw_peer_health_works (&healths[0]));
  g_assert_false (gw_peer_health_works (&healths[0]));
  g_assert_cmpuint (gw_peer_health_choose (healths, 2, 0, 102 * MS, PROBE_MS, &down), ==, 0);
}

static void
test_pauses_grow (void)
{
  static const gint64 pauses_ms[] = { 100, 200, 400, 800, 1600, 3200, 6400, 10000, 10000 };
  GwPeerHealth health = { 0 };

  for (gsize i = 0; i < G_N_ELEMENTS (pauses_ms); i++)
    {
      gw_peer_health_failed (&health, 7);
      g_assert_cmpint (health.down_until_us, ==, 7 + pauses_ms[i] * MS);
    }
  for (guint i = 0; i < 100; i++)
    gw_peer_health_failed (&health, 7);
  g_assert_cmpint (health.down_until_us, ==, 7 + 10000 * MS);
}

static void
test_all_down (void)
{
  GwPeerHealth healths[3] = { { 0 } };
  gboolean down;

  gw_peer_health_pause (&healths[0], 0, 3000);
  gw_peer_health_pause (&healths[1], 0, 1000);
  gw_peer_health_pause (&healths[2], 0, 2000);
  g_assert_cmpuint (gw_peer_health_choose (healths, 3, 2, 1, PROBE_MS, &down), ==, 1);
  g_assert_true (down);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gw-peer-health/home", test_home);
  g_test_add_func ("/gw-peer-health/away-and-back", test_away_and_back);
  g_test_add_func ("/gw-peer-health/pauses-grow", test_pauses_grow);
  g_test_add_func ("/gw-peer-health/all-down", test_all_down);
  return g_test_run ();
}
