/* So many times an hour, per address and in all. */
#include "config.h"
#include "core/core-rate-limit.h"

#define HOUR_US (G_GINT64_CONSTANT (3600) * G_USEC_PER_SEC)

typedef struct
{
  ApimManualClock clock;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  apim_manual_clock_init (&f->clock, G_GINT64_CONSTANT (1500000000000));
}

static void
tear_down (Fixture *f, gconstpointer data)
{
}

static void
assert_taken (CoreRateLimit *limit, const char *address, guint times)
{
  for (guint i = 0; i < times; i++)
    g_assert_cmpint (core_rate_limit_take_ms (limit, address), ==, 0);
}

static void
test_per_address (Fixture *f, gconstpointer data)
{
  g_autoptr (CoreRateLimit) limit = core_rate_limit_new (4, 0, &f->clock.clock);

  assert_taken (limit, "a", 4);
  g_assert_cmpint (core_rate_limit_take_ms (limit, "a"), ==, 15 * 60 * 1000);
  g_assert_cmpint (core_rate_limit_take_ms (limit, "a"), ==, 15 * 60 * 1000); /* what is refused costs nothing */
  assert_taken (limit, "b", 4);
  apim_manual_clock_advance (&f->clock, (HOUR_US / 4) / 1000);
  assert_taken (limit, "a", 1);
  g_assert_cmpint (core_rate_limit_take_ms (limit, "a"), >, 0);
  apim_manual_clock_advance (&f->clock, (100 * HOUR_US) / 1000); /* no more than an hour is saved up */
  assert_taken (limit, "a", 4);
  g_assert_cmpint (core_rate_limit_take_ms (limit, "a"), >, 0);
}

static void
test_in_all (Fixture *f, gconstpointer data)
{
  g_autoptr (CoreRateLimit) limit = core_rate_limit_new (2, 3, &f->clock.clock);

  assert_taken (limit, "a", 2);
  assert_taken (limit, "b", 1);
  g_assert_cmpint (core_rate_limit_take_ms (limit, "c"), >, 0);
  apim_manual_clock_advance (&f->clock, (HOUR_US / 3) / 1000);
  g_assert_cmpint (core_rate_limit_take_ms (limit, "a"), >, 0); /* its own limit still holds */
  assert_taken (limit, "c", 1);
}

static void
test_none (Fixture *f, gconstpointer data)
{
  g_autoptr (CoreRateLimit) limit = core_rate_limit_new (0, 0, &f->clock.clock);

  assert_taken (limit, "a", 100000);
}

/* Whatever number of addresses comes, memory is bounded, and the limit on all of them holds. */
static void
test_many_addresses (Fixture *f, gconstpointer data)
{
  g_autoptr (CoreRateLimit) limit = core_rate_limit_new (1, 50000, &f->clock.clock);
  guint taken = 0;

  for (guint i = 0; i < 100000; i++)
    {
      g_autofree char *address = g_strdup_printf ("10.%u.%u.%u", i >> 16, i >> 8 & 255, i & 255);

      taken += core_rate_limit_take_ms (limit, address) == 0;
    }
  g_assert_cmpuint (taken, ==, 50000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/rate-limit/per-address", Fixture, NULL, set_up, test_per_address, tear_down);
  g_test_add ("/rate-limit/in-all", Fixture, NULL, set_up, test_in_all, tear_down);
  g_test_add ("/rate-limit/none", Fixture, NULL, set_up, test_none, tear_down);
  g_test_add ("/rate-limit/many-addresses", Fixture, NULL, set_up, test_many_addresses, tear_down);
  return g_test_run ();
}
