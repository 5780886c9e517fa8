/* Thrift sessions of this node: issue at login, verify at each call (spec/thrift-key-validation.md 4.3, 6.1; spec/decisions.md 10).
 *
 * A session id is signed, so any node with the cluster key can verify it, also after a restart. What a node adds is memory: it ends a session after
 * the idle time, and confirms with the user store every 30 s that the user is still there with the same password; without a confirmation for
 * 60 s no call is answered, so a deleted user is out within a minute even while the user store is away.
 * Threads: any. */
#ifndef KV_SESSIONS_H
#define KV_SESSIONS_H

#include "common/apim-clock.h"
#include "common/apim-config.h"
#include "core/core-session.h"
#include "keyvalidator/kv-session-table.h"
#include "store/st-database.h"
#include "store/st-user-store.h"

G_BEGIN_DECLS

typedef struct _KvSessions KvSessions;

/* @key: CORE_SESSION_KEY_SIZE bytes, copied. @users, @clock: borrowed. */
KvSessions *kv_sessions_new (const guint8 *key, StUserStore *users, const ApimClock *clock, guint max_sessions,
                             gint64 idle_ms);
/* With the key and the limits of a node. All borrowed. NULL with the error of apim_cluster_key_derive(). */
KvSessions *kv_sessions_new_of_node (const ApimConfig *config, StUserStore *users, StDatabase *user_database,
                                     const ApimClock *clock, GError **error);
void kv_sessions_free (KvSessions *sessions);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KvSessions, kv_sessions_free)

/* Where sessions that were logged out of are written down, and looked for when another node's is met and at each
 * confirmation with the user store. Without it, or without its table (st-ended-sessions.h), they end on this node only. */
void kv_sessions_set_database (KvSessions *sessions, StDatabase *user_database);

typedef enum
{
  KV_SESSION_VALID,
  KV_SESSION_INVALID,    /* not signed by this cluster, expired, or its user is gone or changed the password */
  KV_SESSION_NEEDS_STORE, /* only the user store can tell: ask kv_sessions_verify() */
} KvSessionVerdict;

/* What is known without asking the user store; a VALID session counts as used now. Never blocks.
 * @session: (nullable): the session that the caller verified last, which makes this a comparison of bytes;
 * otherwise it is looked up. @found: (out) (transfer full): set only when VALID and not @session itself. */
KvSessionVerdict kv_sessions_peek (KvSessions *sessions, KvSession *session, const char *id, gsize length,
                                   KvSession **found);

/* The same, asking the user store where needed; blocks.
 * NEEDS_STORE with @error (ST_ERROR) when the store could not answer and nothing recent is known: answer an error, not a refusal. */
KvSessionVerdict kv_sessions_verify (KvSessions *sessions, const char *id, gsize length, gint64 deadline_us,
                                     KvSession **found, GError **error);

/* A new session of @user. @id: (out): CORE_SESSION_ID_LENGTH + 1 bytes. */
gboolean kv_sessions_issue (KvSessions *sessions, const StUser *user, char *id, GError **error);

/* Its user has logged out: for good on this node, and on the others at their next confirmation, which is at most
 * KV_SESSION_CHECK_EVERY_MS away for a session in use. @id: of @session. FALSE: it ended here, and the others could not
 * be told; not for want of the table. */
gboolean kv_sessions_end (KvSessions *sessions, KvSession *session, const char *id, gsize length, gint64 deadline_us,
                          GError **error);

/* Forgets what is too old to matter; call about once a minute. */
void kv_sessions_sweep (KvSessions *sessions);
guint kv_sessions_count (KvSessions *sessions);

G_END_DECLS
#endif
