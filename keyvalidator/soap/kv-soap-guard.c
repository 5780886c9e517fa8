#include "config.h"
#include "keyvalidator/soap/kv-soap-guard.h"

#include "keyvalidator/soap/kv-soap-refusal.h"
#include "net/net-http-credentials.h"

#include <string.h>

/* The user of the session that the request was admitted with. */
static StUser *
find_user (const KvSoapGuard *guard, NetHttpExchange *exchange, const char *id, gint64 deadline_us, gint *tenant_id,
           GError **error)
{
  const NetHttpRequest *head = net_http_exchange_request (exchange);
  NetHttpText cookie = { id, strlen (id) };
  g_autoptr (KvSession) session = NULL;
  StUser *user = NULL;

  if (id[0] == '\0' && !net_http_request_cookie (head, KV_ADMISSION_COOKIE, &cookie))
    return NULL;
  if (kv_sessions_verify (guard->sessions, cookie.text, cookie.length, deadline_us, &session, error)
      != KV_SESSION_VALID)
    return NULL;
  *tenant_id = kv_session_sealed (session)->tenant_id;
  st_user_store_find_user_by_id (guard->users, *tenant_id, kv_session_sealed (session)->user_id, deadline_us, &user,
                                 error);
  return user;
}

/* @user: (out): where the verdict is KV_ADMITTED. */
static KvAdmissionVerdict
look_at (const KvSoapGuard *guard, NetHttpExchange *exchange, gint64 deadline_us, KvAdmissionResult *admission,
         StUser **user)
{
  g_autoptr (StUser) found = NULL;
  g_autoptr (GError) error = NULL;
  gint tenant_id = 0;

  kv_admission_verify (guard->admission, net_http_exchange_request (exchange), net_http_exchange_peer (exchange),
                       admission);
  if (admission->verdict != KV_ADMITTED)
    return admission->verdict;
  found = find_user (guard, exchange, admission->session_id, deadline_us, &tenant_id, &error);
  if (found == NULL)
    return error != NULL ? KV_ADMISSION_FAILED : KV_ADMISSION_NO_CREDENTIALS;
  if (tenant_id != ST_SUPER_TENANT_ID)
    return KV_ADMISSION_NOT_PERMITTED;
  *user = g_steal_pointer (&found);
  return KV_ADMITTED;
}

static gboolean
admit (SoapGuard *data, NetHttpExchange *exchange, SoapVersion version, gint64 deadline_us, gpointer *caller)
{
  KvAdmissionResult admission;
  StUser *user = NULL;
  KvAdmissionVerdict verdict = look_at ((const KvSoapGuard *) data, exchange, deadline_us, &admission, &user);

  if (verdict != KV_ADMITTED)
    {
      kv_soap_answer_not_admitted (exchange, version, verdict);
      return FALSE;
    }
  kv_soap_offer_session (exchange, &admission);
  *caller = user;
  return TRUE;
}

static guint
check (SoapGuard *data, NetHttpExchange *exchange, gint64 deadline_us)
{
  KvAdmissionResult admission;
  g_autoptr (StUser) user = NULL;

  switch (look_at ((const KvSoapGuard *) data, exchange, deadline_us, &admission, &user))
    {
    case KV_ADMITTED:
      return 0;
    case KV_ADMISSION_NOT_PERMITTED:
      return 403;
    case KV_ADMISSION_FAILED:
      return 503;
    default:
      return 401;
    }
}

static void
release (SoapGuard *guard, gpointer caller)
{
  (void) guard;
  st_user_unref (caller);
}

static gboolean
find_tenant (ApimTenants *tenants, const char *domain, gint64 deadline_us, gint *id, GError **error)
{
  const KvSoapGuard *guard = (const KvSoapGuard *) ((char *) tenants - G_STRUCT_OFFSET (KvSoapGuard, tenants));
  g_autoptr (StTenant) tenant = NULL;

  *id = 0;
  if (!st_user_store_find_tenant_by_domain (guard->users, domain, deadline_us, &tenant, error))
    return FALSE;
  if (tenant != NULL && tenant->active)
    *id = tenant->id;
  return TRUE;
}

KvSoapGuard *
kv_soap_guard_new (KvAdmission *admission, CoreAuthenticator *authenticator, KvSessions *sessions, StUserStore *users)
{
  KvSoapGuard *guard = g_new0 (KvSoapGuard, 1);

  guard->guard = (SoapGuard){ admit, release, check };
  guard->tenants = (ApimTenants){ find_tenant };
  guard->admission = admission;
  guard->authenticator = authenticator;
  guard->sessions = sessions;
  guard->users = users;
  return guard;
}

void
kv_soap_guard_free (KvSoapGuard *guard)
{
  g_free (guard);
}
