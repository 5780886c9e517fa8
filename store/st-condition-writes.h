/* Writes of the condition groups of an API policy (spec/databases.md 4.2). Used by st-policy-writes.c. Threads: one per
 * writer. */
#ifndef ST_CONDITION_WRITES_H
#define ST_CONDITION_WRITES_H

#include "store/st-policy-writes.h"

G_BEGIN_DECLS

/* "requestCount" or "bandwidthVolume". */
const char *st_quota_type (const StQuota *quota);
/* ST_ERROR_DATA. */
gboolean st_quota_check (const StQuota *quota, GError **error);

/* Inserts the groups of @policy with their conditions, checked. */
gboolean st_write_insert_conditions (StWriter *writer, gint64 policy_id, const StPolicy *policy, GError **error);
/* Deletes all groups of the policy, and with them, by foreign key, their conditions. */
gboolean st_write_delete_conditions (StWriter *writer, gint64 policy_id, GError **error);

G_END_DECLS
#endif
