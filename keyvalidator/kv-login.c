#include "config.h"
#include "keyvalidator/kv-login.h"

#include "common/apim-log.h"
#include "common/apim-secret.h"
#include "thrift/tw-compact.h"

#define CONTENT_TYPE "application/x-thrift"

struct _KvLogin
{
  CoreAuthenticator *authenticator;
  KvSessions *sessions;
  guint timeout_ms;
};

KvLogin *
kv_login_new (CoreAuthenticator *authenticator, KvSessions *sessions, guint timeout_ms)
{
  KvLogin *login = g_new0 (KvLogin, 1);

  login->authenticator = authenticator;
  login->sessions = sessions;
  login->timeout_ms = timeout_ms;
  return login;
}

void
kv_login_free (KvLogin *login)
{
  g_free (login);
}

/* The texts are Java's (spec 4.3), with one difference: an unknown user gets the text of a wrong password. Java says "Invalid User", which tells a stranger
 * who exists; no client looks at the text. */
static char *
refusal_text (CoreLogin result, TwText user_name)
{
  int shown = (int) MIN (user_name.length, 255);

  switch (result)
    {
    case CORE_LOGIN_NO_USER_NAME:
      return g_strdup ("Authentication request was missing the user name ");
    case CORE_LOGIN_NO_TENANT:
      return g_strdup ("Authentication request was missing the domain name of the user");
    case CORE_LOGIN_NO_PASSWORD:
      return g_strdup ("Authentication request was missing the required password");
    case CORE_LOGIN_STORE_FAILED:
      return g_strdup_printf ("User not authenticated for the given username : %.*s", shown, user_name.bytes);
    default:
      return g_strdup_printf ("User '%.*s' not authenticated.", shown, user_name.bytes);
    }
}

static void
encode_login (KvLogin *login, const TwAuthenticateCall *call, const char *peer, NetBuffer *reply)
{
  gint64 deadline_us = g_get_monotonic_time () + login->timeout_ms * G_GINT64_CONSTANT (1000);
  g_autoptr (StUser) user = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  char session_id[CORE_SESSION_ID_LENGTH + 1];
  CoreLogin result;

  result = core_authenticator_login (login->authenticator, call->user_name.bytes, (gssize) call->user_name.length,
                                     call->password.bytes, (gssize) call->password.length, peer, deadline_us, &user);
  if (result != CORE_LOGIN_OK)
    {
      text = refusal_text (result, call->user_name);
      tw_compact_encode_refusal (reply, call->sequence_id, text);
    }
  else if (kv_sessions_issue (login->sessions, user, session_id, &error))
    tw_compact_encode_session (reply, call->sequence_id, tw_text (session_id));
  else
    {
      apim_error ("keyvalidator", "could not make a session: %s", error->message);
      text = g_strdup_printf ("Error occurred while authenticating the user: %.*s",
                              (int) MIN (call->user_name.length, 255), call->user_name.bytes);
      tw_compact_encode_refusal (reply, call->sequence_id, text);
    }
}

/* Like the servlet, it does not look at the HTTP method. Every answer of the application is a 200 (spec 4.2); rubbish is a 500, because concurrent re-logins of
 * old gateways can garble their bodies and take a 500 as a reason to try again. */
static void
handle_login (NetHttpExchange *exchange, gpointer data)
{
  KvLogin *login = data;
  NetBuffer reply = { NULL };
  TwAuthenticateCall call;
  gsize length;
  const guint8 *body = net_http_exchange_body (exchange, &length);

  if (!tw_compact_decode_authenticate (&call, body, length))
    {
      static const char text[] = "the body is not a compact-protocol Thrift call\n";

      net_http_respond (exchange, 500, "text/plain", text, sizeof text - 1);
      return;
    }
  if (!tw_text_equal (call.method, TW_TEXT ("authenticate")))
    {
      g_autofree char *text = g_strdup_printf ("Invalid method name: '%.*s'", (int) call.method.length, call.method.bytes);

      tw_compact_encode_application_exception (&reply, call.method, call.sequence_id, TW_APP_UNKNOWN_METHOD, text);
    }
  else if (call.user_name.bytes == NULL || call.password.bytes == NULL)
    {
      g_autofree char *text = g_strdup_printf ("Required field '%s' was not present! Struct: authenticate_args",
                                               call.user_name.bytes == NULL ? "userName" : "password");

      tw_compact_encode_application_exception (&reply, call.method, call.sequence_id, TW_APP_PROTOCOL_ERROR, text);
    }
  else
    encode_login (login, &call, net_http_exchange_peer (exchange), &reply);
  net_http_respond (exchange, 200, CONTENT_TYPE, net_buffer_data (&reply), net_buffer_length (&reply));
  net_buffer_clear (&reply);
}

void
kv_login_add_to (KvLogin *login, NetHttpServer *server, const char *web_context_root)
{
  g_autofree char *path = g_strconcat (web_context_root, "/thriftAuthenticator", NULL);

  net_http_server_add (server, path, NET_HTTP_ON_POOL, handle_login, login);
}
