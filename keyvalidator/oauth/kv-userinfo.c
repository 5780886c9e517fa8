#include "config.h"
#include "keyvalidator/oauth/kv-userinfo.h"

#include "common/apim-secret.h"
#include "keyvalidator/oauth/kv-id-token.h"
#include "keyvalidator/oauth/kv-oauth-answer.h"
#include "keyvalidator/oauth/kv-oauth-shown.h"
#include "net/net-http-credentials.h"

#include <string.h>

struct _KvUserinfo
{
  KvOauth *oauth;
  StDatabase *user_database;
};

KvUserinfo *
kv_userinfo_new (KvOauth *oauth, StDatabase *user_database)
{
  KvUserinfo *userinfo = g_new0 (KvUserinfo, 1);

  userinfo->oauth = oauth;
  userinfo->user_database = user_database;
  return userinfo;
}

void
kv_userinfo_free (KvUserinfo *userinfo)
{
  g_free (userinfo);
}

static gboolean
refuse (GError **error, KvOauthError code, const char *description)
{
  g_set_error_literal (error, KV_OAUTH_ERROR, code, description);
  return FALSE;
}

/* The token of the request; it must stand, and be for this. @facts: cleared by the caller. */
static gboolean
find_token (KvOauth *oauth, const NetHttpRequest *request, KvFacts *facts, GError **error)
{
  g_auto (ApimSecretText) shown = NULL;
  NetHttpText text;
  gboolean active;

  if (net_http_request_bearer (request, &text) != NET_HTTP_CREDENTIALS_FOUND)
    return refuse (error, KV_OAUTH_ERROR_INVALID_REQUEST, "Authorization header with a bearer token missing");
  shown = g_strndup (text.text, text.length);
  if (!kv_oauth_find_shown (oauth, shown, facts, &active, error))
    return FALSE;
  if (!active)
    return refuse (error, KV_OAUTH_ERROR_INVALID_TOKEN, "Access token validation failed");
  if (!g_strv_contains ((const char *const *) facts->view.token->scopes, KV_ID_TOKEN_SCOPE))
    return refuse (error, KV_OAUTH_ERROR_INSUFFICIENT_SCOPE, "Access token does not have the openid scope");
  return TRUE;
}

static const char *
claim (const GPtrArray *claims, const char *name)
{
  for (guint i = 0; i < claims->len; i++)
    {
      const StUserClaim *found = g_ptr_array_index (claims, i);

      if (g_str_has_prefix (found->uri, ST_DEFAULT_CLAIM_DIALECT "/")
          && strcmp (found->uri + strlen (ST_DEFAULT_CLAIM_DIALECT "/"), name) == 0)
        return found->value;
    }
  return NULL;
}

void
kv_userinfo_add_claims (GString *json, const GPtrArray *claims)
{
  const char *given = claim (claims, "givenname");
  const char *family = claim (claims, "lastname");
  const char *full = claim (claims, "fullname");
  g_autofree char *both = given != NULL && family != NULL ? g_strconcat (given, " ", family, NULL) : NULL;

  kv_oauth_json_text (json, "name", full != NULL ? full : both);
  kv_oauth_json_text (json, "given_name", given);
  kv_oauth_json_text (json, "family_name", family);
  kv_oauth_json_text (json, "email", claim (claims, "emailaddress"));
}

/* What userdb says of the user; of one of another store it says nothing. A user who is gone has no good token. */
static gboolean
add_user (KvUserinfo *userinfo, const StToken *token, GString *json, GError **error)
{
  KvOauth *oauth = userinfo->oauth;
  gint64 deadline_us = kv_oauth_deadline (oauth);
  g_autoptr (StUser) user = NULL;
  g_autoptr (GPtrArray) mappings = NULL;
  g_autoptr (GPtrArray) claims = NULL;

  if (g_ascii_strcasecmp (token->user_domain, ST_PRIMARY_USER_DOMAIN) != 0)
    return TRUE;
  if (!st_user_store_find_user (oauth->stores.users, token->tenant_id, token->user_name, deadline_us, &user, error))
    return FALSE;
  if (user == NULL)
    return refuse (error, KV_OAUTH_ERROR_INVALID_TOKEN, "Access token validation failed");
  if (!st_claim_mappings_find (userinfo->user_database, token->tenant_id, ST_DEFAULT_CLAIM_DIALECT, deadline_us,
                               &mappings, error)
      || !st_user_claims_find (userinfo->user_database, token->tenant_id, user->id, mappings, deadline_us, &claims,
                               error))
    return FALSE;
  kv_userinfo_add_claims (json, claims);
  return TRUE;
}

static GString *
describe (KvUserinfo *userinfo, const NetHttpRequest *request, GError **error)
{
  g_auto (KvFacts) facts = { .token = NULL };
  const StToken *token;
  g_autofree char *subject = NULL;
  GString *json;

  if (!find_token (userinfo->oauth, request, &facts, error))
    return NULL;
  token = facts.view.token;
  subject = st_oauth_user_text (&(StOauthUser){ .name = token->user_name,
                                                .user_domain = token->user_domain,
                                                .tenant_id = token->tenant_id,
                                                .tenant_domain = (char *) facts.view.token_tenant_domain });
  json = kv_oauth_json_begin ();
  kv_oauth_json_text (json, "sub", subject);
  kv_oauth_json_text (json, "preferred_username", token->user_name);
  if (add_user (userinfo, token, json, error))
    return json;
  g_string_free (json, TRUE);
  return NULL;
}

static void
handle_userinfo (NetHttpExchange *exchange, gpointer data)
{
  KvUserinfo *userinfo = data;
  const NetHttpRequest *request = net_http_exchange_request (exchange);
  g_autoptr (GError) error = NULL;
  GString *json;

  if (!net_http_text_equal (request->method, "GET") && !net_http_text_equal (request->method, "POST"))
    {
      net_http_exchange_add_header (exchange, "Allow", "GET, POST");
      net_http_respond (exchange, 405, NULL, NULL, 0);
      return;
    }
  json = describe (userinfo, request, &error);
  if (json != NULL)
    {
      kv_oauth_answer_json (exchange, json);
      return;
    }
  if (g_error_matches (error, KV_OAUTH_ERROR, KV_OAUTH_ERROR_INVALID_REQUEST))
    net_http_exchange_add_header (exchange, "WWW-Authenticate", "Bearer error=\"invalid_request\"");
  kv_oauth_answer_error (exchange, error, userinfo->oauth->config->host_name);
}

void
kv_userinfo_add_to (KvUserinfo *userinfo, NetHttpServer *server, const char *web_context_root)
{
  g_autofree char *path = g_strconcat (web_context_root, "/oauth2/userinfo", NULL);

  net_http_server_add (server, path, NET_HTTP_ON_POOL, handle_userinfo, userinfo);
}
