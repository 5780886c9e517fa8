#include "config.h"
#include "common/apim-budget.h"

void
apim_budget_init (ApimBudget *budget, guint per_second)
{
  *budget = (ApimBudget){ .cost_us = per_second == 0 ? 0 : MAX (G_USEC_PER_SEC / per_second, 1) };
}

gboolean
apim_budget_allows (ApimBudget *budget, gint64 now_us)
{
  if (budget->cost_us == 0
      || __atomic_load_n (&budget->spent_to_us, __ATOMIC_RELAXED) - now_us <= G_USEC_PER_SEC - budget->cost_us)
    return TRUE;
  __atomic_fetch_add (&budget->held_up, 1, __ATOMIC_RELAXED);
  return FALSE;
}

void
apim_budget_spend (ApimBudget *budget, gint64 now_us)
{
  gint64 spent = __atomic_load_n (&budget->spent_to_us, __ATOMIC_RELAXED);

  if (budget->cost_us == 0)
    return;
  /* What was not spent is not saved up: a quiet night does not pay for a flood. */
  while (!__atomic_compare_exchange_n (&budget->spent_to_us, &spent, MAX (spent, now_us) + budget->cost_us, TRUE,
                                       __ATOMIC_RELAXED, __ATOMIC_RELAXED))
    continue;
}

guint64
apim_budget_held_up (const ApimBudget *budget)
{
  return __atomic_load_n (&budget->held_up, __ATOMIC_RELAXED);
}
