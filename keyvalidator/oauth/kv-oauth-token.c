#include "config.h"
#include "keyvalidator/oauth/kv-oauth-token.h"

#include "common/apim-secret.h"
#include "keyvalidator/oauth/kv-id-token.h"
#include "keyvalidator/oauth/kv-jwt-token.h"
#include "keyvalidator/oauth/kv-oauth-answer.h"
#include "keyvalidator/oauth/kv-oauth-application.h"
#include "keyvalidator/oauth/kv-oauth-client-auth.h"
#include "keyvalidator/oauth/kv-oauth-grants.h"
#include "keyvalidator/oauth/kv-oauth-memory.h"
#include "keyvalidator/oauth/kv-oauth-request.h"
#include "net/net-http-chars.h"

#include <string.h>

#define MAX_SHOWN 64

typedef struct
{
  const char *name;
  KvOauthGrantFunc func;
  gboolean tells_refresh; /* the answer has the refresh token, where the client may use it */
  gboolean tells_user;    /* and an ID token, where the scope "openid" was granted */
  gboolean saml;          /* only where an identity provider is configured */
} Row;

/* The NTLM grant of the original is not among them. */
static const Row rows[] = {
  { CORE_OAUTH_CLIENT_CREDENTIALS, kv_oauth_grant_application, FALSE, FALSE, FALSE },
  { CORE_OAUTH_APPLICATION_TOKEN, kv_oauth_grant_application, FALSE, FALSE, FALSE },
  { CORE_OAUTH_PASSWORD, kv_oauth_grant_password, TRUE, TRUE, FALSE },
  { CORE_OAUTH_REFRESH_TOKEN, kv_oauth_grant_refresh, TRUE, TRUE, FALSE },
  { CORE_OAUTH_AUTHORIZATION_CODE, kv_oauth_grant_code, TRUE, TRUE, FALSE },
  { CORE_OAUTH_SAML2_BEARER, kv_oauth_grant_saml, TRUE, TRUE, TRUE },
};

static const Row *
find_row (const KvOauth *oauth, const NetHttpForm *form, GError **error)
{
  const char *name = kv_oauth_request_need (form, "grant_type", error);

  if (name == NULL)
    return NULL;
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    if (strcmp (rows[i].name, name) == 0 && (!rows[i].saml || oauth->saml != NULL))
      return &rows[i];
  g_set_error (error, KV_OAUTH_ERROR, KV_OAUTH_ERROR_UNSUPPORTED_GRANT_TYPE, "Unsupported grant type : %.*s, is used.",
               MAX_SHOWN, name);
  return NULL;
}

static gboolean
may_use (const StOauthClient *client, const Row *row, GError **error)
{
  if (core_oauth_client_may (client->grant_types, row->name))
    return TRUE;
  g_set_error_literal (error, KV_OAUTH_ERROR, KV_OAUTH_ERROR_UNAUTHORIZED_CLIENT, "Unauthorized Client!");
  return FALSE;
}

/* *id_token: NULL where there is to be none. An application token that is refreshed has no user to tell of. */
static gboolean
make_id_token (const KvOauthGrant *grant, const KvOauthIssued *issued, char **id_token, GError **error)
{
  KvOauth *oauth = grant->oauth;
  g_autofree char *issuer = NULL;
  g_autoptr (CoreJwtKeys) keys = NULL;

  if (!g_strv_contains ((const char *const *) issued->token->scopes, KV_ID_TOKEN_SCOPE)
      || g_strcmp0 (issued->token->user_type, ST_OAUTH_USER_TYPE_USER) != 0)
    return TRUE;
  issuer = kv_jwt_token_issuer (oauth->config);
  keys = kv_signing_keys_get (oauth->signing_keys, NULL);
  *id_token = kv_id_token_make (keys,
                                &(KvIdTokenRequest){
                                    .issuer = issuer,
                                    .client_id = grant->client->key,
                                    .subject = issued->subject,
                                    .access_token = issued->text,
                                    .nonce = issued->nonce,
                                    .auth_time_s = issued->auth_time_s,
                                    .now_s = apim_clock_wall_ms (oauth->stores.clock) / 1000,
                                    .validity_s = oauth->config->id_token_validity_s,
                                },
                                error);
  return *id_token != NULL;
}

/* What the answer tells beside the access token. */
typedef struct
{
  gboolean refresh;
  char *id_token; /* nullable */
} Extra;

static gboolean
issue (KvOauth *oauth, NetHttpExchange *exchange, KvOauthIssued *issued, Extra *extra, GError **error)
{
  KvCacheTicket ticket = kv_oauth_memory_ticket (oauth);
  g_autoptr (NetHttpForm) form = kv_oauth_request_form (exchange, error);
  g_autoptr (StOauthClient) client = form != NULL ? kv_oauth_client_auth (oauth, exchange, form, error) : NULL;
  KvOauthGrant grant = { oauth, client, form, NULL, net_http_exchange_peer (exchange), ticket };
  const Row *row;

  if (client == NULL || !kv_oauth_client_is_active (client, error))
    return FALSE;
  row = find_row (oauth, form, error);
  if (row == NULL || !may_use (client, row, error))
    return FALSE;
  grant.grant_type = row->name;
  extra->refresh = row->tells_refresh && core_oauth_client_may (client->grant_types, CORE_OAUTH_REFRESH_TOKEN);
  return row->func (&grant, issued, error)
         && (!row->tells_user || make_id_token (&grant, issued, &extra->id_token, error));
}

/* By this header gateways forget the token that was replaced. Of a JWT it is the stored text, its "jti": ours know it by
 * that, and one that judges it by itself hears of its end in no other way; others have nothing by that name, which harms
 * nothing. */
static void
add_deactivated (NetHttpExchange *exchange, const KvOauthIssued *issued)
{
  if (issued->replaced != NULL && net_http_is_field_text (issued->replaced))
    net_http_exchange_add_header (exchange, "DeactivatedAccessToken", issued->replaced);
}

void
kv_oauth_token_answer (NetHttpExchange *exchange, const KvOauthIssued *issued, gboolean tells_refresh,
                       const char *id_token)
{
  g_autofree char *scope = g_strjoinv (" ", issued->token->scopes);

  add_deactivated (exchange, issued);
  kv_oauth_answer_token (exchange, issued->text, tells_refresh ? issued->token->refresh_token : NULL, scope,
                         issued->expires_in_s, id_token);
}

static void
issue_on_pool (NetHttpExchange *exchange, gpointer data)
{
  KvOauth *oauth = data;
  g_auto (KvOauthIssued) issued = { .token = NULL };
  g_autoptr (GError) error = NULL;
  Extra extra = { FALSE, NULL };
  g_auto (ApimSecretText) id_token = NULL;
  gboolean done = issue (oauth, exchange, &issued, &extra, &error);

  id_token = extra.id_token;
  if (!done)
    {
      kv_oauth_count (&oauth->counters.refused);
      kv_oauth_answer_error (exchange, error, oauth->config->host_name);
      return;
    }
  kv_oauth_token_answer (exchange, &issued, extra.refresh, id_token);
}

static void
handle_token (NetHttpExchange *exchange, gpointer data)
{
  KvOauth *oauth = data;

  if (!kv_oauth_application_token (oauth, exchange, issue_on_pool))
    net_http_exchange_hand_to_pool (exchange, issue_on_pool, oauth);
}

void
kv_oauth_token_add_to (KvOauth *oauth, NetHttpServer *server)
{
  g_autofree char *path = g_strconcat (oauth->config->web_context_root, "/oauth2/token", NULL);

  net_http_server_add (server, path, NET_HTTP_ON_WORKER, handle_token, oauth);
}
