/* StChangeFeed: what was changed in a database of ours, by whatever program. Triggers append a row to APIM_CHANGE_FEED
 * for every change that key validation can notice (sql/README.md); this reads them in, each once.
 *
 *   if (!st_change_feed_start (feed, deadline_us, &position, &error)) ...   then throw away what is cached
 *   every 100 ms: st_change_feed_read (feed, &position, 1000, deadline_us, on_change, data, &n, &error)
 *
 * Every change that was not visible to a query made before st_change_feed_start() returned is told by a later
 * st_change_feed_read(), once it is committed: a fact that is read from the database after the start and dropped when
 * it is told of is never older than the last reading. Some changes are told although the fact was read after them.
 * Where the connections of one data source lead to several servers (Galera behind a balancer), facts and feed may come
 * from different ones: set wsrep_sync_wait = 1 there, or name one server.
 *
 * Numbers of rows are given when the row is written and seen when it is committed: 11 may be there before 10 is. So a
 * number that was skipped is looked for again, until it appears or ST_CHANGE_FEED_GAP_MS have passed: a transaction
 * that is open for longer is not waited for. What never appears was rolled back, was one of a block that the server
 * gave out in vain, or belongs to another server's step (auto_increment_increment of a Galera cluster makes a gap of
 * every row): all the same here, they only cost the look until their time is over. SQLite, with its one writer, has no
 * gaps.
 *
 * Threads: any, but one at a time. Calls block. */
#ifndef ST_CHANGE_FEED_H
#define ST_CHANGE_FEED_H

#include "store/st-schema.h"

G_BEGIN_DECLS

/* How long a skipped number is waited for. */
#define ST_CHANGE_FEED_GAP_MS (60 * 1000)
/* How many gaps are remembered, 24 bytes each. More (on a Galera cluster: 1,000 changes a second for a minute) make
 * ST_CHANGE_EVERYTHING. */
#define ST_CHANGE_FEED_MAX_GAPS 65536
/* What st_change_feed_purge() is meant to be called with: far above both a reader's pause and GAP_MS. */
#define ST_CHANGE_FEED_KEEP_MS (10 * 60 * 1000)

/* What changed; in brackets the text of the column KIND, then the subject. */
typedef enum
{
  ST_CHANGE_TOKEN,      /* "token": ACCESS_TOKEN_HASH as stored, see st_change_token_digest(); NULL: any token, because
                         * the changed one has no hash */
  ST_CHANGE_CONSUMER,   /* "consumer": a consumer key: its client with all tokens and its secret, its application, its
                         * subscriptions */
  ST_CHANGE_API,        /* "api": a context: the API, its resources and its default version */
  ST_CHANGE_POLICIES,   /* "policies": NULL: any throttling policy */
  ST_CHANGE_RESOURCE,   /* "resource": a RESOURCE_PATH, as written: look-ups by it fold case where the database does */
  ST_CHANGE_SCOPES,     /* "scopes": NULL: any scope, its roles and the resources that it protects */
  ST_CHANGE_USER,       /* "user": "<tenant id>/<lower-cased name>": a user in any user store: password, roles,
                         * attributes, being;
                         * NULL: any user, because the name is not UTF-8 */
  ST_CHANGE_ROLES,      /* "roles": NULL: anybody's roles */
  ST_CHANGE_TENANTS,    /* "tenants": NULL: any tenant */
  ST_CHANGE_CLAIMS,     /* "claims": NULL: what a claim dialect calls users' attributes */
  ST_CHANGE_EVERYTHING, /* not in the table: anything may have changed. Rows were purged unread (after a pause of
                         * minutes), the table was emptied, there are too many gaps, or a kind is of a newer version */
} StChangeKind;

/* The column's text; "everything" for the last. */
const char *st_change_kind_text (StChangeKind kind);

typedef struct _StChangeFeed StChangeFeed;

/* @subject: nullable, of the call. */
typedef void (*StChangeFunc) (StChangeKind kind, const char *subject, gpointer data);

/* @database: borrowed. One that holds both parts of the schema has one feed, for the changes of both. */
StChangeFeed *st_change_feed_new (StDatabase *database);
void st_change_feed_free (StChangeFeed *feed);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StChangeFeed, st_change_feed_free)

/* Begins (again) with now: *position is where st_change_feed_read() goes on. ST_ERROR_SCHEMA: the database has no
 * feed, or not all of its triggers. @deadline_us as everywhere (st-database.h). */
gboolean st_change_feed_start (StChangeFeed *feed, gint64 deadline_us, gint64 *position, GError **error);
/* After a start: whether the changes of @part are told. */
gboolean st_change_feed_covers (const StChangeFeed *feed, StSchemaPart part);
/* ... and whether, of the API part, changed secrets, owners, grants and states of OAuth clients are told too: not by a
 * feed of ours from before apim-0009-client-feed, as long as the database is not migrated. */
gboolean st_change_feed_tells_clients (const StChangeFeed *feed);
/* After a start that failed: whether neither the table nor a trigger of a feed is there, as after `apimctl db feed
 * remove`. Anything that is left makes it a broken feed. FALSE on SQLite. */
gboolean st_change_feed_is_absent (const StChangeFeed *feed);

/* Calls @func for every change that has become visible, in the order of writing but for late commits, and moves
 * *position. *n: how many; @limit or more: there may be more yet. On an error, what was told is not told again. The
 * feed begins anew by itself where it must, and tells ST_CHANGE_EVERYTHING then. @func must not use the feed. */
gboolean st_change_feed_read (StChangeFeed *feed, gint64 *position, guint limit, gint64 deadline_us,
                              StChangeFunc func, gpointer data, guint *n, GError **error);

/* How many gaps are waited for now. */
guint st_change_feed_gaps (const StChangeFeed *feed);
/* Instead of ST_CHANGE_FEED_GAP_MS. */
void st_change_feed_set_gap_time (StChangeFeed *feed, guint gap_ms);

/* Deletes at most @limit rows that are older than @older_than_ms (MySQL counts in whole seconds); needs no start.
 * *n: how many were that old; @limit: there may be more. The newest row always stays. Costs one look when there is
 * nothing to do; several nodes may do it at once. */
gboolean st_change_feed_purge (StChangeFeed *feed, guint older_than_ms, guint limit, gint64 deadline_us, guint *n,
                               GError **error);

/* The digest in a subject of ST_CHANGE_TOKEN, plain or in JSON (spec/databases.md 3.2), as lower-case hex. FALSE: it
 * holds none, and no token is found by it either. */
gboolean st_change_token_digest (const char *subject, char hex[65]);

G_END_DECLS
#endif
