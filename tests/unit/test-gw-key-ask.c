/* How often and how long a question is tried, and what is counted, by a clock of the test's. */
#include "config.h"
#include "gateway/gw-key-ask.h"

#define TIMEOUT_MS 1000

static gint64 now_us;

/* In the place of the reactor's clock. */
gint64
net_worker_now_us (const NetWorker *worker)
{
  g_assert_null (worker);
  return now_us;
}

typedef struct
{
  GwKeyQuestion question; /* first */
  guint n_replies;
  gboolean answered;
} Asked;

static void
handle_answered (GwKeyQuestion *question, const GwKeyReply *reply)
{
  Asked *asked = (Asked *) question;

  asked->n_replies++;
  asked->answered = reply->answered;
}

static void
expect_counters (const GwKeyAsks *asks, guint64 asked, guint64 failed, guint64 retried)
{
  GwKeyAskCounters sum = { 0 };

  gw_key_asks_add_to (asks, &sum);
  g_assert_cmpuint (sum.asked, ==, asked);
  g_assert_cmpuint (sum.failed, ==, failed);
  g_assert_cmpuint (sum.retried, ==, retried);
}

static void
test_limit (void)
{
  const GwKeyReply grant = { .answered = TRUE };
  Asked first = { .question.answered = handle_answered }, second = first, third = first;
  GwKeyAsks asks = { 0 };
  GwKeyAskCounters sum = { .asked = 1 };

  g_assert_true (gw_key_asks_admit (&asks, &first.question, 2));
  g_assert_true (gw_key_asks_admit (&asks, &second.question, 2));
  g_assert_false (gw_key_asks_admit (&asks, &third.question, 2));
  g_assert_cmpuint (third.n_replies, ==, 1);
  g_assert_false (third.answered);
  gw_key_asks_answer (&asks, &first.question, &grant);
  g_assert_true (first.answered);
  g_assert_true (gw_key_asks_admit (&asks, &third.question, 2));
  gw_key_asks_answer (&asks, &second.question, NULL);
  g_assert_cmpuint (second.n_replies, ==, 1);
  g_assert_false (second.answered);
  g_assert_cmpuint (asks.n_open, ==, 1);
  expect_counters (&asks, 4, 2, 0);
  gw_key_asks_add_to (&asks, &sum); /* adds */
  g_assert_cmpuint (sum.asked, ==, 5);
}

static void
test_attempts (void)
{
  Asked asked = { .question.answered = handle_answered };
  GwKeyAsks asks = { 0 };
  GwKeyAsk ask;

  now_us = 5;
  gw_key_ask_init (&ask, &asked.question, TIMEOUT_MS);
  g_assert_true (ask.question == &asked.question);
  g_assert_cmpint (gw_key_ask_pause_ms (&ask, TRUE), ==, 0); /* the first one never waits */
  for (guint i = 1; i < GW_KEY_ASK_MAX_ATTEMPTS; i++)
    {
      g_assert_true (gw_key_ask_again (&ask, &asks));
      g_assert_cmpint (gw_key_ask_pause_ms (&ask, FALSE), ==, 0); /* somebody else is there */
      g_assert_cmpint (gw_key_ask_pause_ms (&ask, TRUE), ==, 50 << i);
    }
  g_assert_false (gw_key_ask_again (&ask, &asks));
  expect_counters (&asks, 0, 0, GW_KEY_ASK_MAX_ATTEMPTS - 1);
}

static void
test_time (void)
{
  Asked asked = { .question.answered = handle_answered };
  GwKeyAsks asks = { 0 };
  GwKeyAsk ask;

  now_us = 1000000;
  gw_key_ask_init (&ask, &asked.question, TIMEOUT_MS);
  g_assert_cmpint (gw_key_ask_time_ms (&ask, 1), ==, TIMEOUT_MS);
  g_assert_cmpint (gw_key_ask_time_ms (&ask, 2), ==, TIMEOUT_MS / 2);
  now_us += 600 * 1000;
  g_assert_true (gw_key_ask_again (&ask, &asks));
  g_assert_cmpint (gw_key_ask_time_ms (&ask, 2), ==, 200);
  g_assert_true (gw_key_ask_again (&ask, &asks));
  g_assert_cmpint (gw_key_ask_time_ms (&ask, 2), ==, 400); /* the last one has all that is left */
  now_us += 500 * 1000;
  g_assert_cmpint (gw_key_ask_time_ms (&ask, 1), ==, 0);
  gw_key_ask_init (&ask, &asked.question, TIMEOUT_MS);
  now_us += TIMEOUT_MS * 1000;
  g_assert_false (gw_key_ask_again (&ask, &asks)); /* no time, however many attempts are left */
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gw-key-ask/limit", test_limit);
  g_test_add_func ("/gw-key-ask/attempts", test_attempts);
  g_test_add_func ("/gw-key-ask/time", test_time);
  return g_test_run ();
}
