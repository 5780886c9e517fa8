/* What the workflows around APIs share (core-api-write.c, core-api-lifecycle.c). Private to core/. */
#ifndef CORE_API_PRIVATE_H
#define CORE_API_PRIVATE_H

#include "core/core-api-read.h"
#include "core/core-api-thumbnail.h"
#include "store/st-api-document.h"
#include "store/st-api-writes.h"

G_BEGIN_DECLS

/* The API that the actor means, in the middle of a write: locked with the other versions of its name, whole,
 * and what the caller saw. */
CoreApi *core_api_lock (StWriter *writer, const CoreActor *actor, const char *identifier,
                        const char *if_match, GError **error);
/* The API as it stands now in the transaction. */
CoreApi *core_api_reload (StWriter *writer, const CoreActor *actor, gint64 api_id, GError **error);

/* In the middle of a write: @wanted becomes an API, with @thumbnail (nullable), as core_api_create() says.
 * The caller has checked that the actor may. Returns: (transfer full): as it is stored. */
CoreApi *core_api_insert (StWriter *writer, const CorePortal *portal, const CoreActor *actor,
                          const CoreApi *wanted, guint needs, const CoreApiThumbnail *thumbnail,
                          GError **error);

/* In the middle of a write: @wanted, with @thumbnail (nullable: it keeps what it has), in the place of
 * @before, which core_api_lock() gave, as core_api_update() says. The caller has checked that the actor may,
 * and deploys afterwards. Returns: (transfer full): as it is stored. */
CoreApi *core_api_replace (StWriter *writer, const CorePortal *portal, const CoreActor *actor,
                           const CoreApi *before, const CoreApi *wanted, const CoreApiThumbnail *thumbnail,
                           GError **error);

/* In the middle of a write, what our own tables keep of an API that is in WSO2's. @uuid: NULL: it has an artifact
 * already. */
gboolean core_api_write_artifact (StWriter *writer, const CoreApi *api, const char *uuid, GError **error);

/* In the middle of a write, the picture (nullable: takes it away) of an API that has an artifact. It has been
 * checked. */
gboolean core_api_store_thumbnail (StWriter *writer, gint64 api_id, const CoreApiThumbnail *thumbnail,
                                   GError **error);

/* In the middle of a write, a document of an API that is locked or new: whole, with UUID, times and file
 * name, and checked; @content: (nullable). ST_ERROR_CONFLICT: there is one of its name. */
gboolean core_document_insert (StWriter *writer, gint64 api_id, const StApiDocument *document,
                               GBytes *content, GError **error);

/* Who looks at an API: anybody in the Store, who creates, publishes or administers in the Publisher; else
 * CORE_PORTAL_ERROR_FORBIDDEN that says what is missing for @what. */
gboolean core_api_require_audience (const CoreActor *actor, CoreAudience audience, const char *what,
                                    GError **error);

/* In the middle of a write: @api, as it stands there, goes through the events of the lifecycle that lead to
 * @state, without the checklist. *api: (inout). CORE_PORTAL_ERROR_INVALID where none lead there. The caller
 * has checked that the actor may, and deploys afterwards. */
gboolean core_api_reach_state (StWriter *writer, const CoreActor *actor, const char *state, CoreApi **api,
                               GError **error);

#define CORE_API_SEE "see APIs in the Publisher"

/* Whether the actor sees the API of @row (of a glance, at least), as core-api-read.h says. @by_id: it was asked for by
 * its id, not listed. */
gboolean core_api_publisher_sees (const CoreActor *actor, const StApiRow *row);
gboolean core_api_store_sees (const CoreActor *actor, const StApiRow *row, gboolean by_id,
                              gboolean shows_deprecated);
/* CoreApi's context_template of @row. Free with g_free(). */
char *core_api_template_of_row (const StApiRow *row);

/* Whether @provider is a user of the actor's tenant: "dave@example.com" of example.com, "alice" of the super
 * tenant. */
gboolean core_api_is_provider_of_tenant (const char *provider, const CoreActor *actor);

/* The domain of the tenant whose API has this context (nullable). Free with g_free(). */
char *core_api_tenant_of_context (const char *context);

/* core_api_find_row() by the three that name an API. */
StApiRow *core_api_find_row_by_name (StWriter *reader, const CoreActor *actor, CoreAudience audience,
                                     const char *provider, const char *name, const char *version,
                                     GError **error);

/* The environments that the API is for: its own, or all. (transfer none): NULL-terminated. */
const char *const *core_api_environments_of (const CorePortal *portal, const CoreApi *api);

/* WebSocket APIs are not brought to gateways: neither looked at nor touched. */
gboolean core_api_is_brought (const CoreApi *api);

/* After a commit: what gateways had (@before, nullable) and are to have (@after, nullable), by their states.
 * Failures are added to @failures. Nothing in a dry run. */
void core_api_deploy (const CorePortal *portal, const CoreApi *before, const CoreApi *after,
                      GPtrArray *failures);

/* @done: see core_portal_fail_partial(). TRUE where nothing failed. */
gboolean core_api_report (const GPtrArray *failures, const char *done, GError **error);

G_END_DECLS
#endif
