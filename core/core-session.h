/* Thrift session ids: opaque, signed with a key derived from the cluster key, so that every node honours what any
 * node issued (spec/decisions.md 10).
 *
 * The id carries tenant, user, the time of issue and a fingerprint of the stored password, so that a node can tell
 * that the user is gone or changed the password. 62 characters of [0-9A-Za-z_-]. Threads: pure functions. */
#ifndef CORE_SESSION_H
#define CORE_SESSION_H

#include "store/st-records.h"

G_BEGIN_DECLS

#define CORE_SESSION_KEY_SIZE 32
#define CORE_SESSION_ID_LENGTH 62
/* A session met for the first time is honoured this long after its issue. */
#define CORE_SESSION_MAX_AGE_MS (24 * 60 * 60 * G_GINT64_CONSTANT (1000))

typedef struct
{
  gint tenant_id;
  gint user_id; /* UM_ID */
  gint64 issued_ms;
  guint64 fingerprint; /* core_session_fingerprint() of the user at issue */
} CoreSession;

/* @id: CORE_SESSION_ID_LENGTH + 1 bytes, terminated. Fails only with APIM_SECRET_ERROR_RANDOM. */
gboolean core_session_seal (const CoreSession *session, const guint8 *key, char *id, GError **error);

/* FALSE for anything that was not sealed with @key, or not in this form. Says nothing about age. Constant time in the
 * signature. */
gboolean core_session_open (CoreSession *session, const guint8 *key, const char *id, gsize length);

/* A keyed digest of the user's stored password and salt: changes with the password. */
guint64 core_session_fingerprint (const StUser *user, const guint8 *key);

G_END_DECLS
#endif
