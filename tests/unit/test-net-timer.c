#include "config.h"
#include "net/net-private.h"

#define START_US (G_GINT64_CONSTANT (123456789) * 1000)

typedef struct
{
  NetTimer timer;
  NetWheel *wheel;
  gint64 wanted_us;
  guint fired;
  gint64 rearm_us; /* > 0: armed again this much later by its own callback */
  NetTimer *cancels;
} TestTimer;

static gint64 now_us;

static void
fired (NetTimer *timer, NetWorker *worker)
{
  TestTimer *test = (TestTimer *) timer;

  g_assert_cmpint (now_us, >=, test->wanted_us); /* never early */
  g_assert_cmpint (timer->due_us, ==, 0);
  test->fired++;
  if (test->cancels != NULL)
    net_timer_cancel (test->cancels);
  if (test->rearm_us > 0)
    {
      test->wanted_us = now_us + test->rearm_us;
      net_wheel_arm (test->wheel, timer, test->wanted_us);
    }
}

static void
arm (NetWheel *wheel, TestTimer *test, gint64 delay_us)
{
  test->timer.fired = fired;
  test->wheel = wheel;
  test->wanted_us = now_us + delay_us;
  net_wheel_arm (wheel, &test->timer, test->wanted_us);
}

static NetWheel *
new_wheel (void)
{
  NetWheel *wheel = g_new (NetWheel, 1);

  now_us = START_US;
  net_wheel_init (wheel, now_us);
  return wheel;
}

/* A worker that sleeps until net_wheel_next_us() meets every delay, within a tick, however far. */
static void
test_delays (void)
{
  static const gint64 delays_ms[] = { 0, 1, 9, 10, 11, 100, 40950, 40960, 40970, 81920, 600000, 3600000 };
  g_autofree NetWheel *wheel = new_wheel ();

  for (guint i = 0; i < G_N_ELEMENTS (delays_ms); i++)
    {
      TestTimer test = { .fired = 0 };
      guint turns = 0;

      arm (wheel, &test, delays_ms[i] * 1000);
      while (test.fired == 0)
        {
          gint64 next = net_wheel_next_us (wheel);

          g_assert_cmpint (next, >, now_us);
          now_us = next;
          net_wheel_advance (wheel, NULL, now_us);
          g_assert_cmpuint (turns++, <, 100);
        }
      g_assert_cmpint (now_us - test.wanted_us, <=, NET_TICK_US);
      net_wheel_advance (wheel, NULL, now_us + NET_TICK_US * (NET_WHEEL_SLOTS + 1));
      now_us += NET_TICK_US * (NET_WHEEL_SLOTS + 1);
      g_assert_cmpuint (test.fired, ==, 1);
      g_assert_cmpint (net_wheel_next_us (wheel), ==, -1);
    }
}

/* Many timers, armed, moved and cancelled by chance: each fires exactly as often as it should. */
static void
test_many (void)
{
  enum { N = 3000 };
  g_autofree NetWheel *wheel = new_wheel ();
  g_autofree TestTimer *tests = g_new0 (TestTimer, N);

  for (guint i = 0; i < N; i++)
    arm (wheel, &tests[i], g_test_rand_int_range (0, 100000) * 1000);
  for (guint i = 0; i < N; i += 3)
    arm (wheel, &tests[i], g_test_rand_int_range (0, 100000) * 1000);
  for (guint i = 1; i < N; i += 3)
    net_timer_cancel (&tests[i].timer);
  for (guint i = 0; i < 12000; i++)
    {
      now_us += g_test_rand_int_range (1, 20000);
      net_wheel_advance (wheel, NULL, now_us);
    }
  for (guint i = 0; i < N; i++)
    g_assert_cmpuint (tests[i].fired, ==, i % 3 == 1 ? 0 : 1);
}

/* A machine that slept for an hour: everything due fires, once, at once. */
static void
test_long_sleep (void)
{
  g_autofree NetWheel *wheel = new_wheel ();
  TestTimer soon = { .fired = 0 }, late = { .fired = 0 }, beyond = { .fired = 0 };

  arm (wheel, &soon, 50000);
  arm (wheel, &late, G_GINT64_CONSTANT (1800) * G_USEC_PER_SEC);
  arm (wheel, &beyond, G_GINT64_CONSTANT (7200) * G_USEC_PER_SEC);
  now_us += G_GINT64_CONSTANT (3600) * G_USEC_PER_SEC;
  net_wheel_advance (wheel, NULL, now_us);
  g_assert_cmpuint (soon.fired + late.fired, ==, 2);
  g_assert_cmpuint (beyond.fired, ==, 0);
  net_timer_cancel (&beyond.timer);
  net_timer_cancel (&beyond.timer); /* harmless */
}

/* A callback may arm its own timer again and cancel its neighbour in the slot. */
static void
test_callbacks (void)
{
  g_autofree NetWheel *wheel = new_wheel ();
  TestTimer again = { .rearm_us = 1000 }, first = { .fired = 0 }, second = { .fired = 0 };

  arm (wheel, &again, 0);
  for (guint i = 1; i <= 5; i++)
    {
      now_us += 2 * NET_TICK_US;
      net_wheel_advance (wheel, NULL, now_us);
      g_assert_cmpuint (again.fired, ==, i); /* at most once per advance */
    }
  net_timer_cancel (&again.timer);
  first.cancels = &second.timer;
  second.cancels = &first.timer;
  arm (wheel, &first, 20000);
  arm (wheel, &second, 20000);
  now_us += 100000;
  net_wheel_advance (wheel, NULL, now_us);
  g_assert_cmpuint (first.fired + second.fired, ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/net/timer/delays", test_delays);
  g_test_add_func ("/net/timer/many", test_many);
  g_test_add_func ("/net/timer/long-sleep", test_long_sleep);
  g_test_add_func ("/net/timer/callbacks", test_callbacks);
  return g_test_run ();
}
