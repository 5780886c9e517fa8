/* Tiers as the Publisher and the Store show them to who chooses one (spec/publisher-store-workflows.md 8): the
 * tenant's policies of a level by name; where it has none yet those that it begins with, and those of 1.x
 * where policies are not in use. "Unauthenticated", which nobody can choose, is left out.
 * Errors: CORE_PORTAL_ERROR. Threads: any; calls block. */
#ifndef CORE_TIER_LIST_H
#define CORE_TIER_LIST_H

#include "core/core-api-read.h"
#include "core/core-tier.h"
#include "store/st-policy-record.h"

G_BEGIN_DECLS

/* @tenant_id: whose. CORE_AUDIENCE_PUBLISHER: the actor's own, who must make APIs, publish them or manage
 * tiers. CORE_AUDIENCE_STORE: without those tiers of subscriptions that his roles may not use.
 * *tiers: (transfer full) (element-type StPolicyRecord): without conditions; their quota may be in "ms". */
gboolean core_tier_list (const CorePortal *portal, const CoreActor *actor, CoreAudience audience,
                         CoreTierLevel level, gint tenant_id, GPtrArray **tiers, GError **error);
/* *found: (transfer full): one of that list. */
gboolean core_tier_get (const CorePortal *portal, const CoreActor *actor, CoreAudience audience,
                        CoreTierLevel level, gint tenant_id, const char *name, StPolicyRecord **found,
                        GError **error);

/* Whose a tier of subscriptions of the actor's tenant is: @allows: only users with one of @roles may choose it;
 * else all but they. @roles: NULL-terminated; none: everybody's again. */
gboolean core_tier_set_permission (const CorePortal *portal, const CoreActor *actor, const char *name,
                                   gboolean allows, const char *const *roles, GError **error);

G_END_DECLS
#endif
