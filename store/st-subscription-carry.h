/* What a change of an API's lifecycle does to subscriptions (spec/publisher-store-workflows.md 3.2).
 * Errors: as in st-application-writes.h. Threads: one per writer. */
#ifndef ST_SUBSCRIPTION_CARRY_H
#define ST_SUBSCRIPTION_CARRY_H

#include "store/st-writer.h"

G_BEGIN_DECLS

/* Copies the active subscriptions of one version to another for every application that has none there yet:
 * those that wait, were rejected or ended are not carried over, and a block stays a block. Both APIs are
 * locked by the caller (st_write_lock_api()). @user: CREATED_BY. */
gboolean st_write_carry_subscriptions (StWriter *writer, gint64 from_api_id, gint64 to_api_id,
                                       const char *user, GError **error);

/* All that the API has, whatever their states. */
gboolean st_write_delete_subscriptions (StWriter *writer, gint64 api_id, GError **error);

G_END_DECLS
#endif
