/* Writes of subscriptions, as a WSO2 node makes them (spec/databases.md 4.1, 9, 10).
 *
 * AM_SUBSCRIPTION has no unique key on (API_ID, APPLICATION_ID): every write that adds or removes rows locks the
 * application's row first, so that there is one subscription however many ask for it at once. (Nodes of a Galera
 * cluster do not see each other's locks: there two at the same moment can leave two rows. The readers take the first,
 * and unsubscribing takes both.) A refusal is ST_ERROR_CONFLICT and names the state that stands against it.
 * Other errors: as in st-application-writes.h. Threads: one per writer. */
#ifndef ST_SUBSCRIPTION_WRITES_H
#define ST_SUBSCRIPTION_WRITES_H

#include "store/st-writer.h"

G_BEGIN_DECLS

typedef struct
{
  gint64 api_id;
  gint64 application_id;
  const char *tier;       /* TIER_ID */
  const char *created_by; /* a user */
} StNewSubscription;

/* Only to an API whose newest lifecycle event says PUBLISHED. The row waits ON_HOLD. What an earlier unsubscription
 * left behind is taken away first, but for a blocked row: that refuses.
 * @subscription_id: (out). */
gboolean st_write_subscribe (StWriter *writer, const StNewSubscription *subscription, gint64 *subscription_id,
                             GError **error);

/* Decides about a subscription that is ON_HOLD: UNBLOCKED or REJECTED. @user: UPDATED_BY. */
gboolean st_write_decide_subscription (StWriter *writer, gint64 subscription_id, gboolean approved, const char *user,
                                       GError **error);

typedef enum
{
  ST_BLOCKING_NONE,       /* UNBLOCKED */
  ST_BLOCKING_PRODUCTION, /* PROD_ONLY_BLOCKED */
  ST_BLOCKING_ALL,        /* BLOCKED */
} StBlocking;

/* Of a subscription that was approved: one that waits or was rejected is not unblocked behind the approver's back. */
gboolean st_write_block_subscription (StWriter *writer, gint64 subscription_id, StBlocking blocking, const char *user,
                                      GError **error);

gboolean st_write_subscription_tier (StWriter *writer, gint64 subscription_id, const char *tier, const char *user,
                                     GError **error);

/* Deletes the subscription; a BLOCKED or PROD_ONLY_BLOCKED one stays as UN_SUBSCRIBE, so that the block outlives it. */
gboolean st_write_unsubscribe (StWriter *writer, gint64 api_id, gint64 application_id, const char *user,
                               GError **error);

G_END_DECLS
#endif
