/* What was told of ended tokens is never overlooked, however much that is. */
#include "config.h"
#include "gateway/gw-ended-tokens.h"

#define START_S G_GINT64_CONSTANT (1500000000)
#define SKEW_S 300
#define LATER_S (START_S + 1000) /* issued while it listens */

static ApimManualClock the_clock;

static GwEndedTokens *
new_of (guint max)
{
  apim_manual_clock_init (&the_clock, START_S * 1000);
  return gw_ended_tokens_new (max, SKEW_S, &the_clock.clock);
}

/* By the running of the machine, too. */
static void
wait_until (gint64 now_s)
{
  apim_manual_clock_advance (&the_clock, now_s * 1000 - the_clock.now_wall_ms);
}

static void
add (GwEndedTokens *ended, const char *id, gint64 expires_s, gint64 now_s)
{
  g_autofree char *gone = g_strdup (id);

  wait_until (now_s);
  gw_ended_tokens_add (ended, tw_text (gone), expires_s);
}

static void
test_has_what_was_told (void)
{
  g_autoptr (GwEndedTokens) ended = new_of (8);

  add (ended, "a", LATER_S + 3600, LATER_S);
  add (ended, "a", LATER_S + 3600, LATER_S);
  g_assert_cmpuint (gw_ended_tokens_count (ended), ==, 1);
  g_assert_true (gw_ended_tokens_may_have (ended, "a", LATER_S));
  g_assert_false (gw_ended_tokens_may_have (ended, "b", LATER_S));
}

/* Told perhaps before there was anybody to listen. */
static void
test_older_ones (void)
{
  g_autoptr (GwEndedTokens) ended = new_of (8);

  g_assert_true (gw_ended_tokens_may_have (ended, "b", 0));
  g_assert_true (gw_ended_tokens_may_have (ended, "b", START_S));
  g_assert_true (gw_ended_tokens_may_have (ended, "b", START_S + SKEW_S));
  g_assert_false (gw_ended_tokens_may_have (ended, "b", START_S + SKEW_S + 1));
}

static void
test_expired_ones_go_first (void)
{
  g_autoptr (GwEndedTokens) ended = new_of (4);
  gint64 now_s = LATER_S + 1000;

  add (ended, "old-1", LATER_S, LATER_S);
  add (ended, "old-2", LATER_S, LATER_S);
  add (ended, "good-1", now_s + 3600, LATER_S);
  add (ended, "good-2", G_MAXINT64, LATER_S);
  add (ended, "good-3", now_s + 3600, now_s);
  g_assert_cmpuint (gw_ended_tokens_count (ended), ==, 3);
  g_assert_true (gw_ended_tokens_may_have (ended, "good-1", LATER_S));
  g_assert_true (gw_ended_tokens_may_have (ended, "good-2", LATER_S));
  g_assert_true (gw_ended_tokens_may_have (ended, "good-3", LATER_S));
  g_assert_false (gw_ended_tokens_may_have (ended, "old-1", LATER_S));
}

/* Told again by a text that says it expired long ago, as anybody can write one. */
static void
test_told_again (void)
{
  g_autoptr (GwEndedTokens) ended = new_of (4);
  gint64 now_s = LATER_S + 1000;

  add (ended, "revoked", now_s + 3600, LATER_S);
  add (ended, "revoked", 0, LATER_S);
  add (ended, "old-1", LATER_S, LATER_S);
  add (ended, "old-2", LATER_S, LATER_S);
  add (ended, "old-3", LATER_S, LATER_S);
  add (ended, "good", now_s + 3600, now_s);
  g_assert_cmpuint (gw_ended_tokens_count (ended), ==, 2);
  g_assert_true (gw_ended_tokens_may_have (ended, "revoked", LATER_S));
}

/* More than there is room for: then all of that age are. */
static void
test_too_many (void)
{
  g_autoptr (GwEndedTokens) ended = new_of (4);
  gint64 now_s = LATER_S + 1000;
  char id[8];

  for (guint i = 0; i < 5; i++)
    {
      g_snprintf (id, sizeof id, "t%u", i);
      add (ended, id, now_s + 3600, now_s);
    }
  g_assert_cmpuint (gw_ended_tokens_count (ended), ==, 1);
  for (guint i = 0; i < 5; i++)
    {
      g_snprintf (id, sizeof id, "t%u", i);
      g_assert_true (gw_ended_tokens_may_have (ended, id, LATER_S));
    }
  g_assert_true (gw_ended_tokens_may_have (ended, "another", LATER_S));
  g_assert_false (gw_ended_tokens_may_have (ended, "another", now_s + SKEW_S + 1));
}

/* The clock was far behind when it began to listen, and is put right. */
static void
test_clock_put_right (void)
{
  g_autoptr (GwEndedTokens) ended = NULL;

  apim_manual_clock_init (&the_clock, 5000);
  ended = gw_ended_tokens_new (8, SKEW_S, &the_clock.clock);
  add (ended, "a", G_MAXINT64, 10);
  g_assert_false (gw_ended_tokens_may_have (ended, "b", 5 + SKEW_S + 1));
  the_clock.now_wall_ms = LATER_S * 1000;
  g_assert_true (gw_ended_tokens_may_have (ended, "b", START_S)); /* and ended, before there was anybody to listen */
  g_assert_true (gw_ended_tokens_may_have (ended, "b", LATER_S + SKEW_S));
  g_assert_false (gw_ended_tokens_may_have (ended, "b", LATER_S + SKEW_S + 1));
  g_assert_true (gw_ended_tokens_may_have (ended, "a", LATER_S + SKEW_S + 1));
}

/* While the machine slept it was told nothing. */
static void
test_slept (void)
{
  g_autoptr (GwEndedTokens) ended = new_of (8);

  wait_until (LATER_S);
  g_assert_false (gw_ended_tokens_may_have (ended, "b", LATER_S));
  the_clock.now_wall_ms += 600 * 1000;
  g_assert_true (gw_ended_tokens_may_have (ended, "b", LATER_S));
  g_assert_true (gw_ended_tokens_may_have (ended, "b", LATER_S + 599));
}

/* A leap second, and a clock that goes back and forth: only the latter is a leap. */
static void
test_small_steps (void)
{
  g_autoptr (GwEndedTokens) ended = new_of (8);

  wait_until (LATER_S);
  for (guint i = 0; i < 3; i++)
    {
      the_clock.now_wall_ms += 1000;
      g_assert_false (gw_ended_tokens_may_have (ended, "b", LATER_S));
      the_clock.now_wall_ms -= 1000;
    }
  the_clock.now_wall_ms -= 3600 * 1000;
  g_assert_false (gw_ended_tokens_may_have (ended, "b", LATER_S));
  the_clock.now_wall_ms += 3600 * 1000;
  g_assert_true (gw_ended_tokens_may_have (ended, "b", LATER_S));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gw-ended-tokens/has-what-was-told", test_has_what_was_told);
  g_test_add_func ("/gw-ended-tokens/older-ones", test_older_ones);
  g_test_add_func ("/gw-ended-tokens/expired-ones-go-first", test_expired_ones_go_first);
  g_test_add_func ("/gw-ended-tokens/too-many", test_too_many);
  g_test_add_func ("/gw-ended-tokens/told-again", test_told_again);
  g_test_add_func ("/gw-ended-tokens/clock-put-right", test_clock_put_right);
  g_test_add_func ("/gw-ended-tokens/slept", test_slept);
  g_test_add_func ("/gw-ended-tokens/small-steps", test_small_steps);
  return g_test_run ();
}
