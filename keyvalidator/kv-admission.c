#include "config.h"
#include "keyvalidator/kv-admission.h"

#include "common/apim-log.h"
#include "core/core-permission.h"
#include "keyvalidator/kv-permission.h"
#include "net/net-http-credentials.h"

/* What is noted beside credentials is the id of the session that they led to. */
G_STATIC_ASSERT (CORE_SESSION_ID_LENGTH < KV_CREDENTIAL_NOTE_SIZE);

struct _KvAdmission
{
  CoreAuthenticator *authenticator;
  KvSessions *sessions;
  StUserStore *users;
  const ApimClock *clock;
  guint timeout_ms;
  KvCredentialMemory *credentials;
};

KvAdmission *
kv_admission_new (CoreAuthenticator *authenticator, KvSessions *sessions, StUserStore *users, const ApimClock *clock,
                  guint timeout_ms)
{
  KvAdmission *admission = g_new0 (KvAdmission, 1);

  admission->authenticator = authenticator;
  admission->sessions = sessions;
  admission->users = users;
  admission->clock = clock;
  admission->timeout_ms = timeout_ms;
  admission->credentials = kv_credential_memory_new (clock, KV_ADMISSION_REMEMBER_MS);
  return admission;
}

void
kv_admission_free (KvAdmission *admission)
{
  if (admission == NULL)
    return;
  kv_credential_memory_free (admission->credentials);
  g_free (admission);
}

static KvAdmissionVerdict
peek_session (KvAdmission *admission, const char *id, gsize length)
{
  g_autoptr (KvSession) session = NULL;
  KvSessionVerdict verdict = kv_sessions_peek (admission->sessions, NULL, id, length, &session);
  gboolean allowed;

  if (verdict == KV_SESSION_INVALID)
    return KV_ADMISSION_NO_CREDENTIALS;
  if (verdict == KV_SESSION_NEEDS_STORE
      || !kv_session_permission (session, apim_clock_wall_ms (admission->clock), &allowed))
    return KV_ADMISSION_NEEDS_STORE;
  return allowed ? KV_ADMITTED : KV_ADMISSION_NOT_PERMITTED;
}

static void
peek_basic (KvAdmission *admission, const NetHttpBasic *basic, KvAdmissionResult *result)
{
  result->verdict = KV_ADMISSION_NEEDS_STORE;
  if (!kv_credential_memory_recall (admission->credentials, basic, result->session_id))
    return;
  result->verdict = peek_session (admission, result->session_id, CORE_SESSION_ID_LENGTH);
  /* The session has ended, but the credentials may be as good as ever. */
  if (result->verdict == KV_ADMISSION_NO_CREDENTIALS)
    result->verdict = KV_ADMISSION_NEEDS_STORE;
}

void
kv_admission_peek (KvAdmission *admission, const NetHttpRequest *request, KvAdmissionResult *result)
{
  NetHttpText cookie;
  NetHttpBasic basic;

  result->verdict = KV_ADMISSION_NO_CREDENTIALS;
  result->session_id[0] = '\0';
  if (net_http_request_cookie (request, KV_ADMISSION_COOKIE, &cookie))
    result->verdict = peek_session (admission, cookie.text, cookie.length);
  if (result->verdict != KV_ADMISSION_NO_CREDENTIALS
      || net_http_request_basic (request, &basic) != NET_HTTP_CREDENTIALS_FOUND)
    return;
  peek_basic (admission, &basic, result);
  net_http_basic_clear (&basic);
}

static void
log_store_failure (const GError *error)
{
  static ApimLogGate gate;

  apim_log_limited (&gate, APIM_LOG_ERROR, "keyvalidator", "could not look up the user of a SOAP request: %s",
                    error->message);
}

static gboolean
look_up_permission (KvAdmission *admission, const CoreSession *sealed, gint64 deadline_us, gboolean *allowed,
                    GError **error)
{
  g_autoptr (StUser) user = NULL;

  *allowed = FALSE;
  if (!st_user_store_find_user_by_id (admission->users, sealed->tenant_id, sealed->user_id, deadline_us, &user, error))
    return FALSE;
  return user == NULL
         || kv_permission_of_user (admission->users, sealed->tenant_id, ST_PRIMARY_USER_DOMAIN, user->name,
                                   CORE_PERMISSION_MANAGE, deadline_us, allowed, error);
}

static KvAdmissionVerdict
verify_permission (KvAdmission *admission, KvSession *session, gint64 deadline_us)
{
  gint64 now_ms = apim_clock_wall_ms (admission->clock);
  g_autoptr (GError) error = NULL;
  gboolean allowed;

  if (look_up_permission (admission, kv_session_sealed (session), deadline_us, &allowed, &error))
    kv_session_set_permission (session, allowed, now_ms);
  else
    {
      log_store_failure (error);
      if (!kv_session_last_permission (session, now_ms, &allowed))
        return KV_ADMISSION_FAILED;
    }
  return allowed ? KV_ADMITTED : KV_ADMISSION_NOT_PERMITTED;
}

static KvAdmissionVerdict
verify_session (KvAdmission *admission, const char *id, gsize length, gint64 deadline_us)
{
  g_autoptr (KvSession) session = NULL;
  g_autoptr (GError) error = NULL;

  switch (kv_sessions_verify (admission->sessions, id, length, deadline_us, &session, &error))
    {
    case KV_SESSION_VALID:
      return verify_permission (admission, session, deadline_us);
    case KV_SESSION_INVALID:
      return KV_ADMISSION_NO_CREDENTIALS;
    default:
      log_store_failure (error);
      return KV_ADMISSION_FAILED;
    }
}

static KvAdmissionVerdict
log_in (KvAdmission *admission, const NetHttpBasic *basic, const char *peer, gint64 deadline_us, char *session_id)
{
  g_autoptr (StUser) user = NULL;
  g_autoptr (GError) error = NULL;

  switch (core_authenticator_login (admission->authenticator, basic->user, -1, basic->password, -1, peer,
                                  deadline_us, &user))
    {
    case CORE_LOGIN_OK:
      break;
    case CORE_LOGIN_STORE_FAILED:
      return KV_ADMISSION_FAILED;
    default:
      return KV_ADMISSION_REFUSED;
    }
  if (!kv_sessions_issue (admission->sessions, user, session_id, &error))
    {
      apim_error ("keyvalidator", "could not make a session: %s", error->message);
      session_id[0] = '\0';
      return KV_ADMISSION_FAILED;
    }
  kv_credential_memory_remember (admission->credentials, basic, session_id);
  return verify_session (admission, session_id, CORE_SESSION_ID_LENGTH, deadline_us);
}

void
kv_admission_verify (KvAdmission *admission, const NetHttpRequest *request, const char *peer, KvAdmissionResult *result)
{
  gint64 deadline_us = g_get_monotonic_time () + admission->timeout_ms * G_GINT64_CONSTANT (1000);
  NetHttpText cookie;
  NetHttpBasic basic;

  result->verdict = KV_ADMISSION_NO_CREDENTIALS;
  result->session_id[0] = '\0';
  if (net_http_request_cookie (request, KV_ADMISSION_COOKIE, &cookie))
    result->verdict = verify_session (admission, cookie.text, cookie.length, deadline_us);
  if (result->verdict != KV_ADMISSION_NO_CREDENTIALS
      || net_http_request_basic (request, &basic) != NET_HTTP_CREDENTIALS_FOUND)
    return;
  if (kv_credential_memory_recall (admission->credentials, &basic, result->session_id))
    result->verdict = verify_session (admission, result->session_id, CORE_SESSION_ID_LENGTH, deadline_us);
  if (result->verdict == KV_ADMISSION_NO_CREDENTIALS)
    result->verdict = log_in (admission, &basic, peer, deadline_us, result->session_id);
  net_http_basic_clear (&basic);
}
