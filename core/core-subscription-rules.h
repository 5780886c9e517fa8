/* Who may subscribe to what: pure rules (spec/publisher-store-workflows.md 1.1, 3.2, 6.4). Threads: pure
 * functions. */
#ifndef CORE_SUBSCRIPTION_RULES_H
#define CORE_SUBSCRIPTION_RULES_H

#include "core/core-actor.h"
#include "core/core-api.h"

G_BEGIN_DECLS

/* Whether the Store shows @api to @actor: of visibility public everybody; private the users of the API's
 * tenant; restricted who has one of the roles in the API's tenant; controlled the users of the tenants it
 * names. Its creator always sees it. The state is not looked at. */
gboolean core_subscription_sees_api (const CoreActor *actor, const CoreApi *api);

/* Whether users of the actor's tenant may subscribe at all (subscription availability). */
gboolean core_subscription_is_available (const CoreActor *actor, const CoreApi *api);

/* CORE_PORTAL_ERROR_NOT_FOUND for an API that @actor does not see; _CONFLICT for a state other than
 * PUBLISHED, in WSO2's words; _FORBIDDEN where the tenant may not; _INVALID for a tier that the API does not
 * offer. */
gboolean core_subscription_check (const CoreActor *actor, const CoreApi *api, const char *tier,
                                  GError **error);

G_END_DECLS
#endif
