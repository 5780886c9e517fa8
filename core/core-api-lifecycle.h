/* Lifecycle changes of APIs with all their effects (spec/publisher-store-workflows.md 3.2): the event,
 * subscriptions carried over or deleted, old versions deprecated, the default version, and then the gateways.
 * Errors: CORE_PORTAL_ERROR, PARTIAL among them as in core-api-write.h. Threads: any; calls block. */
#ifndef CORE_API_LIFECYCLE_H
#define CORE_API_LIFECYCLE_H

#include "core/core-api.h"
#include "core/core-lifecycle.h"
#include "core/core-portal.h"

G_BEGIN_DECLS

/* @event: "Publish", or a state's name as the form pages write it. @checklist: CoreChecklist. Needs
 * CORE_MAY_PUBLISH. An event that leads to the present state is done at once, so a change may be repeated;
 * but that a gateway missed the first one is mended by an update of the API, or by synchronising, not by
 * repeating. *changed: (out) (optional) (transfer full): the API afterwards; also with
 * CORE_PORTAL_ERROR_PARTIAL. */
gboolean core_api_change_lifecycle (const CorePortal *portal, const CoreActor *actor, const char *identifier,
                                    const char *event, guint checklist, const char *if_match,
                                    CoreApi **changed, GError **error);

/* Whether an older version of the API exists (the pages offer the checklist then). */
gboolean core_api_has_older_version (const CorePortal *portal, const CoreActor *actor, const char *identifier,
                                     gboolean *has, GError **error);

G_END_DECLS
#endif
