/* How many useless efforts per second strangers may cause: look-ups in the database of tokens that are none, checks of
 * signatures that are wrong. A flood of ever new random tokens would otherwise take all there is.
 *
 * Only efforts for nothing are paid for, so a node that starts cold, or gateways that come with a million good tokens, are
 * never held up. Once a second's worth has been spent, efforts are refused until time has paid some back: during such a
 * flood a good token that is not remembered yet gets the honest error that a busy node gives, never a refusal that its
 * gateway would remember.
 *
 * Threads: any, no lock. */
#ifndef APIM_BUDGET_H
#define APIM_BUDGET_H

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  gint64 cost_us;       /* of one effort; 0: unlimited */
  gint64 spent_to_us;   /* atomic: the moment until which time has been spent; may be up to a second ahead of the clock */
  guint64 held_up;      /* atomic: efforts that were refused */
} ApimBudget;

/* @per_second: 0 = unlimited, at most 1,000,000. */
void apim_budget_init (ApimBudget *budget, guint per_second);

/* Whether another effort may be made now. */
gboolean apim_budget_allows (ApimBudget *budget, gint64 now_us);

/* One was made for nothing. */
void apim_budget_spend (ApimBudget *budget, gint64 now_us);

guint64 apim_budget_held_up (const ApimBudget *budget);

G_END_DECLS
#endif
