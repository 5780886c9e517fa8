/* Sessions that were logged out of, as all nodes of a cluster know them (table APIM_ENDED_SESSION of userdb, ours
 * alone; sql/README.md). A session is known by the SHA-256 of its id; the id itself is nowhere.
 *
 * ST_ERROR_SCHEMA where the database has no such table: one that WSO2's scripts made, or one that was not migrated.
 * Threads: any; calls block. */
#ifndef ST_ENDED_SESSIONS_H
#define ST_ENDED_SESSIONS_H

#include "store/st-database.h"

G_BEGIN_DECLS

/* What ended longer ago is forgotten: by then every node refuses the session for its age, or for its idleness. */
#define ST_ENDED_SESSION_KEEP_MS (2 * 24 * 60 * 60 * G_GINT64_CONSTANT (1000))

/* @digest: 64 hexadecimal digits. Ending it again is fine. Forgets old ones by the way. */
gboolean st_session_end (StDatabase *user_database, const char *digest, gint64 now_ms, gint64 deadline_us,
                         GError **error);

gboolean st_session_has_ended (StDatabase *user_database, const char *digest, gint64 deadline_us, gboolean *ended,
                               GError **error);

G_END_DECLS
#endif
