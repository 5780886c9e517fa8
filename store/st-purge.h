/* Deleting dead tokens and authorization codes while the database is in use: row by row of the primary key, in small
 * transactions, on every generation and on SQLite. Stopped at any moment it leaves whole rows only, and the next call
 * goes on with what is left.
 *
 * Dead, for @older_than_days at least (spec/databases.md 3.2, 9):
 *   - a token that is REVOKED or INACTIVE, counted from its creation, since nothing says when it died;
 *   - a token that is EXPIRED, or ACTIVE and past its validity, once its refresh token is past its own too, or there is
 *     none: the refresh grant takes the refresh tokens of both. A refresh token that never expires keeps its row, and
 *     so does every one in 1.9, which does not say how long they live;
 *   - an authorization code that was used or is past its validity.
 * Rows in other states, and with times that are NULL, stay. A row that another table refers to stays as well. Times are
 * read in the server's zone: the day that a row must have been dead for at least is longer than zones differ.
 *
 * Partitions of the token table are included. Where IDN_OAUTH2_ACCESS_TOKEN_AUDIT exists (2.6) tokens are copied there
 * first, in the same transaction.
 *
 * Threads: any; one purge of a MySQL database at a time (GET_LOCK; on a Galera cluster, per server). */
#ifndef ST_PURGE_H
#define ST_PURGE_H

#include "store/st-database.h"

G_BEGIN_DECLS

#define ST_PURGE_BATCH 200
#define ST_PURGE_MAX_BATCH 10000
#define ST_PURGE_PAUSE_MS 50
#define ST_PURGE_MAX_PAUSE_MS 10000
#define ST_PURGE_DAYS 30

typedef struct
{
  guint older_than_days; /* >= 1 */
  guint batch;           /* rows per transaction, 1 to ST_PURGE_MAX_BATCH */
  guint pause_ms;        /* after each */
  gboolean dry_run;      /* only count */
} StPurgeOptions;

typedef struct
{
  guint64 tokens;  /* deleted, or with dry_run: dead */
  guint64 codes;
  guint64 audited; /* of the tokens: copied before */
  guint64 kept;    /* dead rows that another table refers to */
  gboolean finished; /* FALSE: it was told to stop */
} StPurgeResult;

/* Called after each batch and between them. FALSE: stop. */
typedef gboolean (*StPurgeProgress) (const StPurgeResult *result, gpointer data);

/* Opens its own connection. *result is right on an error too. ST_ERROR_CONFLICT: another purge is at work. @now_ms: the
 * time, since 1970. */
gboolean st_purge (const ApimDataSource *source, const StPurgeOptions *options, gint64 now_ms, StPurgeProgress progress,
                   gpointer data, StPurgeResult *result, GError **error);

G_END_DECLS
#endif
