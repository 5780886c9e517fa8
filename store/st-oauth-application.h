/* What the application behind an OAuth client decides about its tokens: their kind, and the scopes of the APIs that it
 * subscribes to (spec/databases.md 4, 5.7), read within an operation of StWriter. Threads: as StWriter. */
#ifndef ST_OAUTH_APPLICATION_H
#define ST_OAUTH_APPLICATION_H

#include "store/st-records.h"
#include "store/st-writer.h"

G_BEGIN_DECLS

/* Whether its tokens are JWTs (TOKEN_TYPE, 2.5 and later). FALSE for a client of no application. */
gboolean st_oauth_application_wants_jwt (StWriter *writer, const char *consumer_key, gboolean *jwt, GError **error);

/* Each scope once, with its roles: *scopes: (element-type StScope) (transfer full); empty without an application. Of rows
 * of one scope that contradict each other (one tenant's has roles, another one's has none) the roles hold. An API that
 * was unsubscribed from does not count (decisions.md 2). */
gboolean st_oauth_application_find_scopes (StWriter *writer, const char *consumer_key, GPtrArray **scopes,
                                           GError **error);

G_END_DECLS
#endif
