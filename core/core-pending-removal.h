/* APIs that were deleted, and that a gateway may still have because it was away or refused: nothing else
 * remembers them, and no list shows them, so that a sync would not find them (spec/publisher-store-workflows.md
 * 3.2.3). Private to core/. Nothing is kept where the database has no place for it (st-pending-removals.h). */
#ifndef CORE_PENDING_REMOVAL_H
#define CORE_PENDING_REMOVAL_H

#include "core/core-api.h"
#include "core/core-portal.h"
#include "store/st-pending-removals.h"

G_BEGIN_DECLS

/* In the write that deletes @api: every gateway that has it is to lose it. */
gboolean core_pending_removals_note (StWriter *writer, const CorePortal *portal, const CoreApi *api, GError **error);

/* After it, when gateways were told: those that did it are crossed out. What goes wrong here is logged: a
 * removal that stays noted is repeated, which does no harm. */
void core_pending_removals_settle (const CorePortal *portal, const CoreApi *api, const GPtrArray *failures);

/* Those of the actor's tenant; @environment: (nullable): of all. (transfer full) (element-type
 * StPendingRemoval). */
GPtrArray *core_pending_removals_list (const CorePortal *portal, const CoreActor *actor, const char *environment,
                                       GError **error);

/* What the gateway is told of @removal now. *api: (out) (transfer full) (nullable): the API as far as its names
 * go; NULL where there is such an API again, which stands for itself. */
gboolean core_pending_removal_find (const CorePortal *portal, const CoreActor *actor, const StPendingRemoval *removal,
                                    CoreApi **api, GError **error);

/* One is done. */
gboolean core_pending_removal_done (const CorePortal *portal, const StPendingRemoval *removal, GError **error);

G_END_DECLS
#endif
