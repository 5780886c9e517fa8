/* The names of throttling policies, as APIs are checked against them (spec/databases.md 4.2, 11.1).
 * Errors: ST_ERROR. Threads: one per writer. */
#ifndef ST_TIER_NAMES_H
#define ST_TIER_NAMES_H

#include "store/st-writer.h"

G_BEGIN_DECLS

typedef enum
{
  ST_TIERS_SUBSCRIPTION, /* AM_POLICY_SUBSCRIPTION */
  ST_TIERS_API,          /* AM_API_THROTTLE_POLICY: of APIs and their resources */
} StTiers;

/* Within a write: none of them is deleted until the end of the transaction. *names: (out) (transfer full): NULL-terminated, "Unlimited" among them in any case; NULL where the database
 * has no policies (1.x: they are in the registry). */
gboolean st_read_tier_names (StWriter *writer, StTiers tiers, gint tenant_id, char ***names, GError **error);

G_END_DECLS
#endif
