#include "config.h"
#include "common/apim-budget.h"

#define START_US (5 * G_GINT64_CONSTANT (1000000))

static guint
spend_all (ApimBudget *budget, gint64 now_us, guint at_most)
{
  guint n = 0;

  for (; n < at_most && apim_budget_allows (budget, now_us); n++)
    apim_budget_spend (budget, now_us);
  return n;
}

static void
test_rate (void)
{
  ApimBudget budget;

  apim_budget_init (&budget, 1000);
  g_assert_cmpuint (spend_all (&budget, START_US, 5000), ==, 1000);
  g_assert_false (apim_budget_allows (&budget, START_US));
  g_assert_cmpuint (apim_budget_held_up (&budget), ==, 2);
  /* A tenth of a second pays for a tenth of them. */
  g_assert_cmpuint (spend_all (&budget, START_US + 100000, 5000), ==, 100);
  /* A quiet hour does not pay for more than a second's worth. */
  g_assert_cmpuint (spend_all (&budget, START_US + G_GINT64_CONSTANT (3600000000), 5000), ==, 1000);
}

static void
test_unlimited (void)
{
  ApimBudget budget;

  apim_budget_init (&budget, 0);
  g_assert_cmpuint (spend_all (&budget, START_US, 100000), ==, 100000);
  g_assert_cmpuint (apim_budget_held_up (&budget), ==, 0);
}

/* Asking costs nothing: good tokens are looked up at any rate. */
static void
test_good_tokens (void)
{
  ApimBudget budget;

  apim_budget_init (&budget, 1);
  for (guint i = 0; i < 100000; i++)
    g_assert_true (apim_budget_allows (&budget, START_US));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/apim-budget/rate", test_rate);
  g_test_add_func ("/apim-budget/unlimited", test_unlimited);
  g_test_add_func ("/apim-budget/good-tokens", test_good_tokens);
  return g_test_run ();
}
