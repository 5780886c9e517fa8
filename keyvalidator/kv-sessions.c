#include "config.h"
#include "keyvalidator/kv-sessions.h"

#include "common/apim-cluster-key.h"
#include "common/apim-secret.h"
#include "store/st-ended-sessions.h"

#include <openssl/crypto.h>
#include <string.h>

struct _KvSessions
{
  guint8 key[CORE_SESSION_KEY_SIZE];
  StUserStore *users;
  StDatabase *database; /* nullable: of ended sessions */
  const ApimClock *clock;
  gint64 idle_ms;
  KvSessionTable *table;
};

KvSessions *
kv_sessions_new (const guint8 *key, StUserStore *users, const ApimClock *clock, guint max_sessions, gint64 idle_ms)
{
  KvSessions *sessions = g_new0 (KvSessions, 1);

  memcpy (sessions->key, key, sizeof sessions->key);
  sessions->users = users;
  sessions->clock = clock;
  sessions->idle_ms = idle_ms;
  sessions->table = kv_session_table_new (clock, max_sessions, idle_ms);
  return sessions;
}

KvSessions *
kv_sessions_new_of_node (const ApimConfig *config, StUserStore *users, StDatabase *user_database, const ApimClock *clock,
                         GError **error)
{
  guint8 key[CORE_SESSION_KEY_SIZE];
  KvSessions *sessions;

  if (!apim_cluster_key_derive (config->home, "thrift session", key, sizeof key, error))
    return NULL;
  sessions = kv_sessions_new (key, users, clock, config->limits.max_sessions, config->session_idle_ms);
  kv_sessions_set_database (sessions, user_database);
  OPENSSL_cleanse (key, sizeof key);
  return sessions;
}

void
kv_sessions_free (KvSessions *sessions)
{
  if (sessions == NULL)
    return;
  kv_session_table_free (sessions->table);
  OPENSSL_cleanse (sessions->key, sizeof sessions->key);
  g_free (sessions);
}

/* A session that this node knows. The touch comes first: it is what ends an idle session. */
static KvSessionVerdict
peek_known (KvSessions *sessions, KvSession *session, gint64 now_ms)
{
  if (!kv_session_touch (session, now_ms, sessions->idle_ms))
    return KV_SESSION_INVALID;
  if (kv_session_is_stale (session, now_ms) || kv_session_needs_check (session, now_ms))
    return KV_SESSION_NEEDS_STORE;
  return KV_SESSION_VALID;
}

KvSessionVerdict
kv_sessions_peek (KvSessions *sessions, KvSession *session, const char *id, gsize length, KvSession **found)
{
  gint64 now_ms = apim_clock_wall_ms (sessions->clock);
  KvSessionVerdict verdict;
  KvSession *known;
  CoreSession claims;

  *found = NULL;
  if (session != NULL && kv_session_has_id (session, id, length))
    return peek_known (sessions, session, now_ms);
  known = kv_session_table_find (sessions->table, id, length);
  if (known != NULL)
    {
      verdict = peek_known (sessions, known, now_ms);
      if (verdict == KV_SESSION_VALID)
        *found = known;
      else
        kv_session_unref (known);
      return verdict;
    }
  /* Rubbish is told from a real session by its signature alone, so that guessing never reaches the store. */
  return core_session_open (&claims, sessions->key, id, length) ? KV_SESSION_NEEDS_STORE : KV_SESSION_INVALID;
}

void
kv_sessions_set_database (KvSessions *sessions, StDatabase *user_database)
{
  sessions->database = user_database;
}

/* Where there is no table of them, none has. */
static gboolean
was_logged_out (KvSessions *sessions, const char *id, gsize length, gint64 deadline_us, gboolean *ended, GError **error)
{
  char digest[APIM_SHA256_HEX_SIZE];
  GError *why = NULL;

  *ended = FALSE;
  if (sessions->database == NULL || !apim_sha256_hex (id, length, digest)
      || st_session_has_ended (sessions->database, digest, deadline_us, ended, &why))
    return TRUE;
  if (g_error_matches (why, ST_ERROR, ST_ERROR_SCHEMA))
    {
      g_error_free (why);
      return TRUE;
    }
  g_propagate_error (error, why);
  return FALSE;
}

gboolean
kv_sessions_end (KvSessions *sessions, KvSession *session, const char *id, gsize length, gint64 deadline_us,
                 GError **error)
{
  char digest[APIM_SHA256_HEX_SIZE];
  GError *why = NULL;

  kv_session_end (session);
  if (sessions->database == NULL || !apim_sha256_hex (id, length, digest)
      || st_session_end (sessions->database, digest, apim_clock_wall_ms (sessions->clock), deadline_us, &why))
    return TRUE;
  if (g_error_matches (why, ST_ERROR, ST_ERROR_SCHEMA))
    {
      g_error_free (why);
      return TRUE;
    }
  g_propagate_error (error, why);
  return FALSE;
}

/* Whether the session was not logged out of, and the user whom it was issued to is still there with the same password.
 */
static gboolean
still_stands (KvSessions *sessions, const char *id, gsize length, const CoreSession *claims, gint64 deadline_us,
              gboolean *stands, GError **error)
{
  gboolean ended;
  g_autoptr (StTenant) tenant = NULL;
  g_autoptr (StUser) user = NULL;

  *stands = FALSE;
  if (!was_logged_out (sessions, id, length, deadline_us, &ended, error))
    return FALSE;
  if (ended)
    return TRUE;
  if (!st_user_store_find_tenant_by_id (sessions->users, claims->tenant_id, deadline_us, &tenant, error))
    return FALSE;
  if (tenant == NULL || !tenant->active)
    return TRUE;
  if (!st_user_store_find_user_by_id (sessions->users, claims->tenant_id, claims->user_id, deadline_us, &user, error))
    return FALSE;
  *stands = user != NULL && core_session_fingerprint (user, sessions->key) == claims->fingerprint;
  return TRUE;
}

/* A session that another node issued, or this one before it was restarted. */
static KvSessionVerdict
verify_stranger (KvSessions *sessions, const char *id, gsize length, gint64 deadline_us, KvSession **found, GError **error)
{
  gint64 now_ms = apim_clock_wall_ms (sessions->clock);
  CoreSession claims;
  gboolean stands;

  if (!core_session_open (&claims, sessions->key, id, length) || now_ms - claims.issued_ms >= CORE_SESSION_MAX_AGE_MS)
    return KV_SESSION_INVALID;
  if (!still_stands (sessions, id, length, &claims, deadline_us, &stands, error))
    return KV_SESSION_NEEDS_STORE;
  if (!stands)
    return KV_SESSION_INVALID;
  *found = kv_session_table_add (sessions->table, id, &claims);
  if (*found == NULL)
    return KV_SESSION_INVALID;
  kv_session_confirmed (*found, now_ms);
  return KV_SESSION_VALID;
}

KvSessionVerdict
kv_sessions_verify (KvSessions *sessions, const char *id, gsize length, gint64 deadline_us, KvSession **found,
                    GError **error)
{
  g_autoptr (KvSession) known = kv_session_table_find (sessions->table, id, length);
  g_autoptr (GError) local_error = NULL;
  gint64 now_ms;
  gboolean stands;

  *found = NULL;
  if (known == NULL)
    return verify_stranger (sessions, id, length, deadline_us, found, error);
  now_ms = apim_clock_wall_ms (sessions->clock);
  if (!kv_session_touch (known, now_ms, sessions->idle_ms))
    return KV_SESSION_INVALID;
  if (!still_stands (sessions, id, length, kv_session_sealed (known), deadline_us, &stands, &local_error))
    {
      /* The store is away: what was confirmed less than a minute ago still holds. */
      if (kv_session_is_stale (known, now_ms))
        {
          g_propagate_error (error, g_steal_pointer (&local_error));
          return KV_SESSION_NEEDS_STORE;
        }
    }
  else if (!stands)
    {
      kv_session_end (known);
      return KV_SESSION_INVALID;
    }
  else
    kv_session_confirmed (known, now_ms);
  *found = g_steal_pointer (&known);
  return KV_SESSION_VALID;
}

gboolean
kv_sessions_issue (KvSessions *sessions, const StUser *user, char *id, GError **error)
{
  CoreSession claims = {
    .tenant_id = user->tenant_id,
    .user_id = user->id,
    .issued_ms = apim_clock_wall_ms (sessions->clock),
    .fingerprint = core_session_fingerprint (user, sessions->key),
  };
  g_autoptr (KvSession) session = NULL;

  if (!core_session_seal (&claims, sessions->key, id, error))
    return FALSE;
  session = kv_session_table_add (sessions->table, id, &claims);
  if (session != NULL)
    kv_session_confirmed (session, claims.issued_ms);
  return TRUE;
}

void
kv_sessions_sweep (KvSessions *sessions)
{
  kv_session_table_sweep (sessions->table, apim_clock_wall_ms (sessions->clock));
}

guint
kv_sessions_count (KvSessions *sessions)
{
  return kv_session_table_size (sessions->table);
}
