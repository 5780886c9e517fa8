/* How many unknown tokens per second may cost a look-up in the database: a flood of ever new random tokens would otherwise ask it as fast as
 * it answers.
 *
 * Only look-ups that found nothing are paid for, so a node that starts cold, or gateways that come with a million good tokens, are never
 * held up. Once a second's worth has been spent, token look-ups are refused until time has paid some back: during such a flood a good token
 * that is not remembered yet gets the honest error that a busy database gives, never a refusal that its gateway would remember.
 *
 * Threads: any, no lock. */
#ifndef KV_BUDGET_H
#define KV_BUDGET_H

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  gint64 cost_us;       /* of one look-up; 0: unlimited */
  gint64 spent_to_us;   /* atomic: the moment until which time has been spent; may be up to a second ahead of the clock */
  guint64 held_up;      /* atomic: look-ups that were refused */
} KvBudget;

/* @per_second: 0 = unlimited, at most 1,000,000. */
void kv_budget_init (KvBudget *budget, guint per_second);

/* Whether a token may be looked up now. */
gboolean kv_budget_allows (KvBudget *budget, gint64 now_us);

/* A look-up found nothing. */
void kv_budget_spend (KvBudget *budget, gint64 now_us);

guint64 kv_budget_held_up (const KvBudget *budget);

G_END_DECLS
#endif
