/* Changes of applications and subscriptions in the middle of somebody else's transaction. Private to core/.
 */
#ifndef CORE_APPLICATION_PRIVATE_H
#define CORE_APPLICATION_PRIVATE_H

#include "core/core-application.h"
#include "core/core-subscription.h"

G_BEGIN_DECLS

/* As core_application_create(), of an @input that core_application_check() took, by @actor, who may
 * subscribe. *created: (transfer full). */
gboolean core_application_insert (StWriter *writer, const CorePortal *portal, const CoreActor *actor,
                                  const CoreApplicationInput *input, StApplicationRecord **created,
                                  GError **error);
/* As core_application_update(), likewise. The first thing in its transaction: it locks the application. */
gboolean core_application_change (StWriter *writer, const CorePortal *portal, const CoreActor *actor,
                                  const char *id, const CoreApplicationInput *input,
                                  StApplicationRecord **updated, GError **error);

/* As core_subscription_create(), of an @input with all of its three texts. Whatever is of CORE_PORTAL_ERROR,
 * and ST_ERROR_CONFLICT, was found before anything was written. */
gboolean core_subscription_insert (StWriter *writer, const CorePortal *portal, const CoreActor *actor,
                                   const CoreSubscriptionInput *input, StSubscriptionRecord **created,
                                   GError **error);

G_END_DECLS
#endif
