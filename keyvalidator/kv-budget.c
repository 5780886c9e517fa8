#include "config.h"
#include "keyvalidator/kv-budget.h"

void
kv_budget_init (KvBudget *budget, guint per_second)
{
  *budget = (KvBudget){ .cost_us = per_second == 0 ? 0 : MAX (G_USEC_PER_SEC / per_second, 1) };
}

gboolean
kv_budget_allows (KvBudget *budget, gint64 now_us)
{
  if (budget->cost_us == 0
      || __atomic_load_n (&budget->spent_to_us, __ATOMIC_RELAXED) - now_us <= G_USEC_PER_SEC - budget->cost_us)
    return TRUE;
  __atomic_fetch_add (&budget->held_up, 1, __ATOMIC_RELAXED);
  return FALSE;
}

void
kv_budget_spend (KvBudget *budget, gint64 now_us)
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
kv_budget_held_up (const KvBudget *budget)
{
  return __atomic_load_n (&budget->held_up, __ATOMIC_RELAXED);
}
