/* What the workflows around APIs share (core-api-write.c, core-api-lifecycle.c). Private to core/. */
#ifndef CORE_API_PRIVATE_H
#define CORE_API_PRIVATE_H

#include "core/core-api-read.h"
#include "store/st-api-writes.h"

G_BEGIN_DECLS

/* The API that the actor means, in the middle of a write: locked with the other versions of its name, whole,
 * and what the caller saw. */
CoreApi *core_api_lock (StWriter *writer, const CoreActor *actor, const char *identifier,
                        const char *if_match, GError **error);
/* The API as it stands now in the transaction. */
CoreApi *core_api_reload (StWriter *writer, const CoreActor *actor, gint64 api_id, GError **error);

/* The environments that the API is for: its own, or all. (transfer none): NULL-terminated. */
const char *const *core_api_environments_of (const CorePortal *portal, const CoreApi *api);

/* After a commit: what gateways had (@before, nullable) and are to have (@after, nullable), by their states.
 * Failures are added to @failures. Nothing in a dry run. */
void core_api_deploy (const CorePortal *portal, const CoreApi *before, const CoreApi *after,
                      GPtrArray *failures);

/* @done: see core_portal_fail_partial(). TRUE where nothing failed. */
gboolean core_api_report (const GPtrArray *failures, const char *done, GError **error);

G_END_DECLS
#endif
