/* SAML assertions that a token was issued for, as all nodes of a cluster know them (table APIM_USED_ASSERTION
 * of apimgtdb, ours alone; sql/README.md): one is good once (RFC 7522 3, 9). An assertion is known by a
 * digest of its issuer and ID; neither is stored.
 *
 * ST_ERROR_SCHEMA, with what to do, where the database has no such table (ST_CAP_USED_ASSERTIONS): one that
 * WSO2's scripts made, or one that was not migrated. Threads: of the writer; calls block. */
#ifndef ST_USED_ASSERTIONS_H
#define ST_USED_ASSERTIONS_H

#include "store/st-writer.h"

G_BEGIN_DECLS

/* Rows that one call of st_assertions_forget() deletes at most. */
#define ST_ASSERTIONS_FORGET_MAX 10000

/* Whether the database has the table; else ST_ERROR_SCHEMA. Reads nothing. */
gboolean st_assertions_check (const StWriter *writer, GError **error);

/* Marks an assertion as used. @digest: 64 hexadecimal digits. @expires_ms: since 1970: from then on it is
 * refused for its age. *used_before: (out): somebody has used it, and nothing is written. ST_ERROR_CONFLICT:
 * somebody does at this moment: begun anew, the operation finds that out. */
gboolean st_assertion_use (StWriter *writer, const char *digest, gint64 expires_ms, gboolean *used_before,
                           GError **error);

/* Deletes those that expired before this time, since 1970, the oldest first. */
gboolean st_assertions_forget (StWriter *writer, gint64 before_ms, GError **error);

G_END_DECLS
#endif
