#include "config.h"
#include "keyvalidator/oauth/kv-oauth-introspect.h"

#include "core/core-permission.h"
#include "keyvalidator/kv-permission.h"
#include "keyvalidator/oauth/kv-oauth-answer.h"
#include "keyvalidator/oauth/kv-oauth-client-auth.h"
#include "keyvalidator/oauth/kv-oauth-request.h"
#include "keyvalidator/oauth/kv-oauth-shown.h"
#include "net/net-http-credentials.h"

#include <string.h>

static gboolean
refuse_caller (GError **error)
{
  g_set_error_literal (error, KV_OAUTH_ERROR, KV_OAUTH_ERROR_INVALID_CLIENT, "Client Authentication failed.");
  return FALSE;
}

static gboolean
check_basic (KvOauth *oauth, const NetHttpBasic *basic, const char *peer, GError **error)
{
  gint64 deadline_us = kv_oauth_deadline (oauth);
  g_autoptr (StUser) user = NULL;
  gboolean allowed;
  CoreLogin result = core_authenticator_login (oauth->authenticator, basic->user, -1, basic->password, -1,
                                                 peer, deadline_us, &user);

  if (result == CORE_LOGIN_STORE_FAILED)
    {
      g_set_error_literal (error, ST_ERROR, ST_ERROR_UNAVAILABLE, "the user store could not say who the user is");
      return FALSE;
    }
  if (result != CORE_LOGIN_OK)
    return refuse_caller (error);
  if (!kv_permission_of_user (oauth->stores.users, user->tenant_id, ST_PRIMARY_USER_DOMAIN, user->name,
                              CORE_PERMISSION_MANAGE, deadline_us, &allowed, error))
    return FALSE;
  if (allowed && user->tenant_id == ST_SUPER_TENANT_ID)
    return TRUE;
  g_set_error_literal (error, KV_OAUTH_ERROR, KV_OAUTH_ERROR_ACCESS_DENIED, "the user may not ask about tokens");
  return FALSE;
}

static gboolean
check_user (KvOauth *oauth, NetHttpExchange *exchange, GError **error)
{
  NetHttpBasic basic;
  gboolean allowed;

  if (net_http_request_basic (net_http_exchange_request (exchange), &basic) != NET_HTTP_CREDENTIALS_FOUND)
    return refuse_caller (error);
  allowed = check_basic (oauth, &basic, net_http_exchange_peer (exchange), error);
  net_http_basic_clear (&basic);
  return allowed;
}

/* Users of one tenant learn of tokens of others: the gateways' one account asks for all tenants (7), so it must be one of
 * the super tenant. */
static gboolean
look_up_caller (KvOauth *oauth, NetHttpExchange *exchange, const NetHttpForm *form, GError **error)
{
  g_autoptr (StOauthClient) client = NULL;
  gboolean user_may_be;

  if (!kv_oauth_client_auth_or_user (oauth, exchange, form, &client, &user_may_be, error))
    return FALSE;
  return client != NULL ? kv_oauth_client_is_active (client, error) : check_user (oauth, exchange, error);
}

/* Callers come back with every token that they are shown: they are looked up once in CacheMaxAge, which is how long
 * secrets, passwords and permissions that changed may go on being believed. Not while the database is gone.
 * TRUE: @basic is filled, and the caller's to clear. */
static gboolean
can_be_remembered (KvOauth *oauth, NetHttpExchange *exchange, const NetHttpForm *form, NetHttpBasic *basic)
{
  KvMemory *memory = oauth->stores.memory;

  return memory != NULL && kv_memory_believes (memory, apim_clock_monotonic_us (oauth->stores.clock))
         && net_http_form_get (form, "client_id") == NULL && net_http_form_get (form, "client_secret") == NULL
         && net_http_request_basic (net_http_exchange_request (exchange), basic) == NET_HTTP_CREDENTIALS_FOUND;
}

/* FALSE: not remembered. */
static gboolean
recall_caller (KvOauth *oauth, NetHttpExchange *exchange, const NetHttpForm *form)
{
  char note[KV_CREDENTIAL_NOTE_SIZE];
  NetHttpBasic basic;
  gboolean known;

  if (!can_be_remembered (oauth, exchange, form, &basic))
    return FALSE;
  known = kv_credential_memory_recall (oauth->callers, &basic, note);
  net_http_basic_clear (&basic);
  return known;
}

static gboolean
check_caller (KvOauth *oauth, NetHttpExchange *exchange, const NetHttpForm *form, GError **error)
{
  NetHttpBasic basic;

  if (recall_caller (oauth, exchange, form))
    return TRUE;
  if (!look_up_caller (oauth, exchange, form, error))
    return FALSE;
  if (can_be_remembered (oauth, exchange, form, &basic))
    {
      kv_credential_memory_remember (oauth->callers, &basic, "");
      net_http_basic_clear (&basic);
    }
  return TRUE;
}

static void
add_times (GString *json, const StToken *token)
{
  gint64 end_ms;

  kv_oauth_json_number (json, "iat", token->issued_ms / 1000);
  kv_oauth_json_number (json, "nbf", token->issued_ms / 1000);
  if (token->validity_ms >= 0 && token->validity_ms != G_MAXINT64
      && !__builtin_add_overflow (token->issued_ms, token->validity_ms, &end_ms))
    kv_oauth_json_number (json, "exp", end_ms / 1000);
}

static void
add_user (GString *json, const StToken *token, const char *tenant_domain)
{
  const StOauthUser user = { .name = token->user_name,
                             .user_domain = token->user_domain,
                             .tenant_id = token->tenant_id,
                             .tenant_domain = (char *) tenant_domain };
  g_autofree char *text = st_oauth_user_text (&user);

  kv_oauth_json_text (json, "username", text);
}

static GString *
describe (const StToken *token, const char *tenant_domain)
{
  GString *json = kv_oauth_json_begin ();

  kv_oauth_json_boolean (json, "active", TRUE);
  kv_oauth_json_text (json, "token_type", "Bearer");
  kv_oauth_json_words (json, "scope", (const char *const *) token->scopes);
  kv_oauth_json_text (json, "client_id", token->consumer_key);
  add_user (json, token, tenant_domain);
  add_times (json, token);
  return json;
}

/* Answers. */
static void
answer (KvOauth *oauth, NetHttpExchange *exchange, const KvFacts *facts, gboolean active)
{
  GString *json;

  if (active)
    json = describe (facts->view.token, facts->view.token_tenant_domain);
  else
    {
      json = kv_oauth_json_begin ();
      kv_oauth_json_boolean (json, "active", FALSE);
    }
  kv_oauth_count (&oauth->counters.introspected);
  kv_oauth_answer_json (exchange, json);
}

/* FALSE: not answered, because something is not remembered, or is to be refused. On the worker; never blocks. */
static gboolean
introspect_from_memory (KvOauth *oauth, NetHttpExchange *exchange)
{
  g_autoptr (NetHttpForm) form = kv_oauth_request_form (exchange, NULL);
  g_auto (KvFacts) facts = { .token = NULL };
  const char *token = form != NULL ? net_http_form_get (form, "token") : NULL;
  gboolean active;

  if (token == NULL || *token == '\0' || !recall_caller (oauth, exchange, form)
      || !kv_oauth_recall_shown (oauth, token, &facts, &active))
    return FALSE;
  answer (oauth, exchange, &facts, active);
  return TRUE;
}

static gboolean
introspect (KvOauth *oauth, NetHttpExchange *exchange, KvFacts *facts, gboolean *active, GError **error)
{
  g_autoptr (NetHttpForm) form = kv_oauth_request_form (exchange, error);
  const char *token;

  if (form == NULL || !check_caller (oauth, exchange, form, error))
    return FALSE;
  token = net_http_form_get (form, "token");
  if (token != NULL && *token != '\0')
    return kv_oauth_find_shown (oauth, token, facts, active, error);
  g_set_error_literal (error, KV_OAUTH_ERROR, KV_OAUTH_ERROR_INVALID_REQUEST, "Invalid input");
  return FALSE;
}

static void
introspect_on_pool (NetHttpExchange *exchange, gpointer data)
{
  KvOauth *oauth = data;
  g_auto (KvFacts) facts = { .token = NULL };
  g_autoptr (GError) error = NULL;
  gboolean active;

  if (introspect (oauth, exchange, &facts, &active, &error))
    answer (oauth, exchange, &facts, active);
  else
    kv_oauth_answer_error (exchange, error, oauth->config->host_name);
}

static void
handle_introspect (NetHttpExchange *exchange, gpointer data)
{
  KvOauth *oauth = data;

  if (!introspect_from_memory (oauth, exchange))
    net_http_exchange_hand_to_pool (exchange, introspect_on_pool, oauth);
}

void
kv_oauth_introspect_add_to (KvOauth *oauth, NetHttpServer *server)
{
  g_autofree char *path = g_strconcat (oauth->config->web_context_root, "/oauth2/introspect", NULL);

  net_http_server_add (server, path, NET_HTTP_ON_WORKER, handle_introspect, oauth);
}
