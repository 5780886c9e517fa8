/* What subscribers think of the APIs that they see in the Store: ratings and comments
 * (spec/publisher-store-workflows.md 6.10), in WSO2's tables. Who may subscribe may rate and comment; what one does not see
 * is CORE_PORTAL_ERROR_NOT_FOUND. Errors: CORE_PORTAL_ERROR. Threads: any; calls block. */
#ifndef CORE_OPINION_H
#define CORE_OPINION_H

#include "core/core-api-read.h"
#include "store/st-opinion.h"

G_BEGIN_DECLS

#define CORE_MAX_STARS 5

/* @api: as core_api_find(). @stars: 1 to CORE_MAX_STARS; 0 takes the actor's rating back. *rating: (out): afterwards. */
gboolean core_opinion_rate (const CorePortal *portal, const CoreActor *actor, const char *api, guint stars,
                            StRating *rating, GError **error);

gboolean core_opinion_comment (const CorePortal *portal, const CoreActor *actor, const char *api, const char *text,
                               GError **error);
/* The newest first; anybody may read them. *comments: (out) (transfer full) (element-type StComment). */
gboolean core_opinion_list_comments (const CorePortal *portal, const CoreActor *actor, const char *api,
                                     const StPage *page, GPtrArray **comments, gint64 *total, GError **error);

G_END_DECLS
#endif
