/* What the Publisher does with APIs: create, update, delete, copy, choose the default version
 * (spec/publisher-store-workflows.md 4, 5). Lifecycle changes: core-api-lifecycle.h.
 *
 * Each is one transaction, after which the gateways are told; a gateway that fails does not undo it:
 * CORE_PORTAL_ERROR_PARTIAL says which. Unlike WSO2, the API's environments stay as they were chosen then, so
 * that a later synchronisation (or the same call again) brings what is missing.
 * @if_match: (nullable): a core_api_etag() that the caller saw; another one is
 * CORE_PORTAL_ERROR_PRECONDITION.
 * @identifier: as for core_api_find(). All need CORE_MAY_CREATE.
 * Errors: CORE_PORTAL_ERROR. Threads: any; calls block. */
#ifndef CORE_API_WRITE_H
#define CORE_API_WRITE_H

#include "core/core-api-rules.h"
#include "core/core-api-thumbnail.h"
#include "core/core-portal.h"

G_BEGIN_DECLS

/* @api: what it is to be; provider NULL: the actor, whom nobody but an API administrator may leave out for
 * another user of the tenant. The state is CREATED, nothing is deployed. @needs: CoreApiNeeds. Returns:
 * (transfer full): the API as it is stored. A second one of a name and version, or of a context, and a scope
 * of another API are CORE_PORTAL_ERROR_CONFLICT. */
CoreApi *core_api_create (const CorePortal *portal, const CoreActor *actor, const CoreApi *api, guint needs,
                          GError **error);

/* The same with its picture (nullable). */
CoreApi *core_api_create_with_thumbnail (const CorePortal *portal, const CoreActor *actor, const CoreApi *api,
                                         guint needs, const CoreApiThumbnail *thumbnail, GError **error);

/* @api: all of what it is to be. Who it is (provider, name, version, UUID) stays as it is, and its state:
 * another one in @api is refused. endpoint_password NULL keeps the old one, as long as there is a user. An
 * API on gateways goes there again, and from environments that it has no more. *updated: (out) (optional)
 * (transfer full): as it is stored; also with CORE_PORTAL_ERROR_PARTIAL. */
gboolean core_api_update (const CorePortal *portal, const CoreActor *actor, const char *identifier,
                          const CoreApi *api, const char *if_match, CoreApi **updated, GError **error);

/* The same with a new picture; NULL: it keeps the one it has. */
gboolean core_api_update_with_thumbnail (const CorePortal *portal, const CoreActor *actor,
                                         const char *identifier, const CoreApi *api,
                                         const CoreApiThumbnail *thumbnail, const char *if_match,
                                         CoreApi **updated, GError **error);

/* Refused while there are subscriptions. */
gboolean core_api_delete (const CorePortal *portal, const CoreActor *actor, const char *identifier,
                          const char *if_match, GError **error);

/* A new version, CREATED, of the same name: metadata, tags, document files, thumbnail, in and out sequences.
 * The context needs its {version}. */
CoreApi *core_api_copy_version (const CorePortal *portal, const CoreActor *actor, const char *identifier,
                                const char *new_version, gboolean is_default, GError **error);

/* Makes the version the default of its name, or ends its being so; what is live follows. */
gboolean core_api_set_default (const CorePortal *portal, const CoreActor *actor, const char *identifier,
                               gboolean is_default, const char *if_match, GError **error);

G_END_DECLS
#endif
