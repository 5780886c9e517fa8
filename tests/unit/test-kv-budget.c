#include "config.h"
#include "keyvalidator/kv-budget.h"

#define START_US (5 * G_GINT64_CONSTANT (1000000))

static guint
spend_all (KvBudget *budget, gint64 now_us, guint at_most)
{
  guint n = 0;

  for (; n < at_most && kv_budget_allows (budget, now_us); n++)
    kv_budget_spend (budget, now_us);
  return n;
}

static void
test_rate (void)
{
  KvBudget budget;

  kv_budget_init (&budget, 1000);
  g_assert_cmpuint (spend_all (&budget, START_US, 5000), ==, 1000);
  g_assert_false (kv_budget_allows (&budget, START_US));
  g_assert_cmpuint (kv_budget_held_up (&budget), ==, 2);
  /* A tenth of a second pays for a tenth of them. */
  g_assert_cmpuint (spend_all (&budget, START_US + 100000, 5000), ==, 100);
  /* A quiet hour does not pay for more than a second's worth. */
  g_assert_cmpuint (spend_all (&budget, START_US + G_GINT64_CONSTANT (3600000000), 5000), ==, 1000);
}

static void
test_unlimited (void)
{
  KvBudget budget;

  kv_budget_init (&budget, 0);
  g_assert_cmpuint (spend_all (&budget, START_US, 100000), ==, 100000);
  g_assert_cmpuint (kv_budget_held_up (&budget), ==, 0);
}

/* Asking costs nothing: good tokens are looked up at any rate. */
static void
test_good_tokens (void)
{
  KvBudget budget;

  kv_budget_init (&budget, 1);
  for (guint i = 0; i < 100000; i++)
    g_assert_true (kv_budget_allows (&budget, START_US));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/kv-budget/rate", test_rate);
  g_test_add_func ("/kv-budget/unlimited", test_unlimited);
  g_test_add_func ("/kv-budget/good-tokens", test_good_tokens);
  return g_test_run ();
}
