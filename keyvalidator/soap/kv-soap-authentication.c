/* AuthenticationAdmin: login and logout with the session cookie (spec/soap-and-oauth.md 3.4). Open to anyone: the
 * password is among the parameters, and tries are counted as everywhere (spec/decisions.md 14). */
#include "config.h"
#include "keyvalidator/soap/kv-soap-guard.h"

#include "keyvalidator/soap/kv-soap-refusal.h"
#include "net/net-http-credentials.h"

#define NAMESPACE "http://authentication.services.core.carbon.wso2.org"

static const SoapField login_parameters[] = {
  { .name = "username", .type = "string" },
  { .name = "password", .type = "string" },
  { .name = "remoteAddress", .type = "string" },
  { NULL },
};

static const SoapField boolean_result[] = { { .name = "return", .type = "boolean" }, { NULL } };

/* A wrong password is false and no fault: the Store looks at the boolean. What the caller says of its address is not
 * believed. The session is good for Thrift, too, so Apimd/ThriftLoginRole holds here as well. */
static gboolean
log_in (SoapCall *call, GError **error)
{
  const KvSoapGuard *guard = call->data;
  const char *name = soap_parameter (call->operation, "username");
  const char *password = soap_parameter (call->operation, "password");
  KvAdmissionResult admission = { .verdict = KV_ADMITTED };
  g_autoptr (StUser) user = NULL;
  CoreLogin result = CORE_LOGIN_REFUSED;

  if (name != NULL && password != NULL)
    result = core_authenticator_login (guard->authenticator, name, -1, password, -1,
                                     net_http_exchange_peer (call->exchange), call->deadline_us, &user);
  if (result == CORE_LOGIN_STORE_FAILED)
    return soap_fail (error, "The user store is not available.");
  if (result == CORE_LOGIN_OK)
    {
      if (!kv_sessions_issue (guard->sessions, user, admission.session_id, error))
        return FALSE;
      kv_soap_offer_session (call->exchange, &admission);
    }
  soap_write_boolean (call->output, "ns:return", result == CORE_LOGIN_OK);
  return TRUE;
}

/* Ends the session, on this node at once and on the others when they confirm it (kv_sessions_end()), and makes the client
 * forget it. Where they cannot be told now, the client hears so: it may try again, but not with this session. */
static gboolean
log_out (SoapCall *call, GError **error)
{
  const KvSoapGuard *guard = call->data;
  const NetHttpRequest *head = net_http_exchange_request (call->exchange);
  g_autoptr (KvSession) session = NULL;
  NetHttpText cookie;
  gboolean told = TRUE;

  if (net_http_request_cookie (head, KV_ADMISSION_COOKIE, &cookie)
      && kv_sessions_verify (guard->sessions, cookie.text, cookie.length, call->deadline_us, &session, NULL)
             == KV_SESSION_VALID)
    told = kv_sessions_end (guard->sessions, session, cookie.text, cookie.length, call->deadline_us, error);
  net_http_exchange_add_header (call->exchange, "Set-Cookie",
                                KV_ADMISSION_COOKIE "=; Path=/; Max-Age=0; Secure; HttpOnly");
  return told;
}

static const SoapOperation operations[] = {
  { "login", login_parameters, boolean_result, log_in },
  { "logout", NULL, NULL, log_out },
  { NULL },
};

const SoapService kv_soap_authentication_admin = {
  .name = "AuthenticationAdmin",
  .namespace = NAMESPACE,
  .target = NAMESPACE,
  .exception = "AuthenticationException",
  .operations = operations,
};
