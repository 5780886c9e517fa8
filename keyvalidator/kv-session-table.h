/* The Thrift sessions that this node knows (spec/decisions.md 10, spec/thrift-key-validation.md 4.3).
 *
 * A session id speaks for itself (core/core-session.h), so a node keeps no session it could not do without. What it
 * does keep is what an id cannot say: when the session was last used, whether it has ended, and when its user was
 * last seen to exist with the same password.
 *
 * Life: met (at login, or the first time another node's id comes in) -> in use -> ended (idle too long, or the user
 * is gone). An ended session stays in the table, as its own tombstone, until its id would be refused for its age by
 * any node that met it for the first time; forgotten earlier, it would come back to life.
 *
 * Times are UTC milliseconds, one reading of the wall clock per request. A clock that goes back makes checks due, not
 * lives endless: what was confirmed in the future counts as not confirmed.
 *
 * Threads: any, for every function; the table's locks are held for one look-up, or a short slice of the sweep. */
#ifndef KV_SESSION_TABLE_H
#define KV_SESSION_TABLE_H

#include "common/apim-clock.h"
#include "core/core-session.h"

G_BEGIN_DECLS

/* The user of a session is looked up anew this often while it is in use ... */
#define KV_SESSION_CHECK_EVERY_MS (30 * G_GINT64_CONSTANT (1000))
/* ... and without a confirmation that is at most this old, nothing is answered. */
#define KV_SESSION_STALE_AFTER_MS (60 * G_GINT64_CONSTANT (1000))

/* One session; reference counted. */
typedef struct _KvSession KvSession;

KvSession *kv_session_ref (KvSession *session);
void kv_session_unref (KvSession *session);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KvSession, kv_session_unref)

/* What the id carries; never changes. */
const CoreSession *kv_session_sealed (const KvSession *session);

/* Whether this is the session with that id. Cheap: how a connection knows that its next call uses the same session. */
gboolean kv_session_has_id (const KvSession *session, const char *id, gsize length);

/* One use. FALSE: the session has ended, now or before: idle for @idle_ms or longer, or by kv_session_end(). */
gboolean kv_session_touch (KvSession *session, gint64 now_ms, gint64 idle_ms);

/* The user is gone, or the fingerprint of the password is another. For good. */
void kv_session_end (KvSession *session);

/* TRUE for one caller every KV_SESSION_CHECK_EVERY_MS: that one looks the user up, while the others go on. */
gboolean kv_session_needs_check (KvSession *session, gint64 now_ms);

/* The user was found, with the same fingerprint. @now_ms: when that look-up began. */
void kv_session_confirmed (KvSession *session, gint64 now_ms);

/* Whether the session's user may manage the server (/permission/admin/manage), as it was looked up last. FALSE: not known, or too long ago; and once
 * every KV_SESSION_CHECK_EVERY_MS for one caller, who looks it up while the others go on. */
gboolean kv_session_permission (KvSession *session, gint64 now_ms, gboolean *allowed);

/* The same without giving the check to the caller: for who could not look it up. */
gboolean kv_session_last_permission (const KvSession *session, gint64 now_ms, gboolean *allowed);

/* It was looked up. @now_ms: when that look-up began. */
void kv_session_set_permission (KvSession *session, gboolean allowed, gint64 now_ms);

/* The last confirmation is too old, or there was none: the caller must look the user up before it answers, whoever
 * else may be doing so. */
gboolean kv_session_is_stale (const KvSession *session, gint64 now_ms);

typedef struct _KvSessionTable KvSessionTable;

/* @clock: outlives the table. @max_sessions: rounded down to a multiple of 16, at least 16; a full table forgets one
 * of those issued the longest ago. @idle_ms: what kv_session_table_sweep() takes for idle. */
KvSessionTable *kv_session_table_new (const ApimClock *clock, guint max_sessions, gint64 idle_ms);
void kv_session_table_free (KvSessionTable *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KvSessionTable, kv_session_table_free)

/* Returns: (transfer full) (nullable): the session, ended or not: ask kv_session_touch(). */
KvSession *kv_session_table_find (KvSessionTable *table, const char *id, gsize length);

/* @id: CORE_SESSION_ID_LENGTH characters that core_session_open() took or core_session_seal() made; @session: what
 * they say. A new session counts as used now and is stale until confirmed.
 * Returns: (transfer full) (nullable): the one already there if there is one, ended or not; NULL when it is not known
 * and was issued more than CORE_SESSION_MAX_AGE_MS ago. */
KvSession *kv_session_table_add (KvSessionTable *table, const char *id, const CoreSession *session);

/* Ends what is idle, and forgets what has ended and is past CORE_SESSION_MAX_AGE_MS. Call it about once a minute, not
 * on a worker.
 * Returns: how many were forgotten. */
guint kv_session_table_sweep (KvSessionTable *table, gint64 now_ms);

/* Tombstones included. */
guint kv_session_table_size (KvSessionTable *table);

G_END_DECLS
#endif
