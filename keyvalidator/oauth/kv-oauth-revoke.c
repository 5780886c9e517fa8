#include "config.h"
#include "keyvalidator/oauth/kv-oauth-revoke.h"

#include "common/apim-secret.h"
#include "keyvalidator/oauth/kv-oauth-answer.h"
#include "keyvalidator/oauth/kv-oauth-client-auth.h"
#include "keyvalidator/oauth/kv-oauth-issuer.h"
#include "keyvalidator/oauth/kv-oauth-request.h"
#include "keyvalidator/oauth/kv-oauth-token-text.h"
#include "net/net-http-chars.h"
#include "store/st-oauth-application.h"
#include "store/st-oauth-token-writes.h"

#include <string.h>

typedef struct
{
  KvOauth *oauth;
  const StOauthClient *client;
  const char *shown;      /* what the client sent */
  char *text;             /* what is stored of it; of a JWT that was not signed here, or is over, itself */
  gboolean refresh_first; /* token_type_hint */
  StOauthToken *token;    /* as found last; NULL: none of this client */
  gboolean jwt;           /* the application's tokens are JWTs */
} Revocation;

static void
revocation_clear (Revocation *revocation)
{
  apim_secret_free (revocation->text);
  st_oauth_token_free (revocation->token);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Revocation, revocation_clear)

static gboolean
find_by_access (StWriter *writer, const StOauthForm *form, Revocation *revocation, GError **error)
{
  return kv_oauth_find_to_end (writer, form, revocation->shown, &revocation->token, error);
}

static gboolean
find_by_refresh (StWriter *writer, const StOauthForm *form, Revocation *revocation, GError **error)
{
  if (!st_oauth_token_find_by_refresh (writer, form, revocation->client, revocation->shown, &revocation->token, error))
    return FALSE;
  /* One that was refreshed has its refresh token no more. */
  if (revocation->token != NULL && strcmp (revocation->token->state, ST_OAUTH_INACTIVE) == 0)
    g_clear_pointer (&revocation->token, st_oauth_token_free);
  return TRUE;
}

static gboolean
find_token (StWriter *writer, gpointer data, GError **error)
{
  Revocation *revocation = data;
  gboolean refresh_first = revocation->refresh_first;
  StOauthForm form;

  g_clear_pointer (&revocation->token, st_oauth_token_free);
  if (!kv_oauth_form (revocation->oauth, writer, &form, error)
      || !(refresh_first ? find_by_refresh : find_by_access) (writer, &form, revocation, error)
      || (revocation->token == NULL
          && !(refresh_first ? find_by_access : find_by_refresh) (writer, &form, revocation, error)))
    return FALSE;
  if (revocation->token != NULL && g_strcmp0 (revocation->token->consumer_key, revocation->client->key) != 0)
    g_clear_pointer (&revocation->token, st_oauth_token_free);
  return revocation->token == NULL
         || st_oauth_application_wants_jwt (writer, revocation->client->key, &revocation->jwt, error);
}

static gboolean
revoke_token (StWriter *writer, gpointer data, GError **error)
{
  Revocation *revocation = data;

  return find_token (writer, revocation, error)
         && (revocation->token == NULL || st_oauth_token_revoke (writer, revocation->token, error));
}

static gboolean
is_revoked (const StOauthToken *token)
{
  return strcmp (token->state, ST_OAUTH_REVOKED) == 0;
}

/* The client's own text of the access token, where it is another than the stored one, and genuine; NULL otherwise. */
static const char *
shown_jwt (const Revocation *revocation)
{
  return strcmp (revocation->text, revocation->shown) != 0
                 && g_strcmp0 (revocation->text, revocation->token->access_token) == 0
             ? revocation->shown
             : NULL;
}

/* Of one that is revoked already gateways are told again: a node may have gone between its revocation and their being
 * told, and then its client asks once more. */
static gboolean
find_and_revoke (Revocation *revocation, GError **error)
{
  KvOauth *oauth = revocation->oauth;

  if (!kv_oauth_read (oauth, find_token, revocation, error)
      || (revocation->token != NULL && !is_revoked (revocation->token)
          && !kv_oauth_write (oauth, revoke_token, revocation, error)))
    return FALSE;
  if (revocation->token == NULL)
    return TRUE;
  kv_oauth_forget_shown (oauth, revocation->token->access_token, shown_jwt (revocation), revocation->client->key);
  if (!is_revoked (revocation->token))
    kv_oauth_count (&oauth->counters.revoked);
  return TRUE;
}

static void
add_header (NetHttpExchange *exchange, const char *name, const char *value)
{
  if (value != NULL && net_http_is_field_text (value))
    net_http_exchange_add_header (exchange, name, value);
}

/* 1.10 and later keep the tenant's id. FALSE where his domain is not known now. */
static gboolean
complete_user (KvOauth *oauth, StOauthUser *user)
{
  g_autoptr (StTenant) tenant = NULL;

  if (user->tenant_domain != NULL)
    return TRUE;
  if (!st_user_store_find_tenant_by_id (oauth->stores.users, user->tenant_id, kv_oauth_deadline (oauth), &tenant, NULL)
      || tenant == NULL)
    return FALSE;
  user->tenant_domain = g_strdup (tenant->domain);
  return TRUE;
}

/* What gateways are to forget (4.2). It is revoked, whatever cannot be said of it here. */
static void
add_headers (const Revocation *revocation, NetHttpExchange *exchange)
{
  const StOauthToken *token = revocation->token;
  g_auto (StOauthUser) user = st_oauth_user_copy (&token->user);
  gboolean complete = complete_user (revocation->oauth, &user);
  g_autofree char *name = st_oauth_user_text (&user);
  g_auto (ApimSecretText) text = NULL;

  if (shown_jwt (revocation) != NULL)
    text = g_strdup (revocation->shown);
  else if (complete)
    text = kv_oauth_token_text (revocation->oauth, revocation->client, &user, token, revocation->jwt, NULL);
  add_header (exchange, "RevokedAccessToken", text);
  add_header (exchange, "AuthorizedUser", complete ? name : NULL);
  add_header (exchange, "RevokedRefreshToken", token->refresh_token);
}

static void
respond (NetHttpExchange *exchange, const char *callback)
{
  g_autofree char *body = callback != NULL ? g_strconcat (callback, "();", NULL) : g_strdup ("");

  kv_oauth_forbid_caching (exchange);
  if (callback != NULL)
    net_http_exchange_add_header (exchange, "X-Content-Type-Options", "nosniff");
  net_http_respond (exchange, 200, callback != NULL ? "application/javascript" : "text/html", body, strlen (body));
}

/* *callback: (out): into the form; NULL without. */
static gboolean
read_form (NetHttpExchange *exchange, NetHttpForm **form, const char **callback, GError **error)
{
  *form = kv_oauth_request_form (exchange, error);
  if (*form == NULL)
    return FALSE;
  *callback = net_http_form_get (*form, "callback");
  if (*callback != NULL && **callback == '\0')
    *callback = NULL;
  if (*callback == NULL || core_oauth_is_callback (*callback))
    return TRUE;
  *callback = NULL;
  g_set_error_literal (error, KV_OAUTH_ERROR, KV_OAUTH_ERROR_INVALID_REQUEST, "callback is not a function's name");
  return FALSE;
}

static gboolean
run (Revocation *revocation, NetHttpExchange *exchange, const NetHttpForm *form, StOauthClient **client,
     GError **error)
{
  gboolean jwt;

  *client = kv_oauth_client_auth (revocation->oauth, exchange, form, error);
  if (*client == NULL)
    return FALSE;
  revocation->client = *client;
  revocation->shown = net_http_form_get (form, "token");
  revocation->refresh_first = g_strcmp0 (net_http_form_get (form, "token_type_hint"), "refresh_token") == 0;
  if (revocation->shown == NULL || *revocation->shown == '\0')
    {
      g_set_error_literal (error, KV_OAUTH_ERROR, KV_OAUTH_ERROR_INVALID_REQUEST, "Invalid revocation request");
      return FALSE;
    }
  revocation->text = kv_oauth_stored_text (revocation->oauth, revocation->shown, &jwt);
  return find_and_revoke (revocation, error);
}

static void
handle_revoke (NetHttpExchange *exchange, gpointer data)
{
  KvOauth *oauth = data;
  g_auto (Revocation) revocation = { .oauth = oauth };
  g_autoptr (NetHttpForm) form = NULL;
  g_autoptr (StOauthClient) client = NULL;
  g_autoptr (GError) error = NULL;
  const char *callback = NULL;

  if (!read_form (exchange, &form, &callback, &error) || !run (&revocation, exchange, form, &client, &error))
    {
      kv_oauth_answer_error (exchange, error, oauth->config->host_name);
      return;
    }
  if (revocation.token != NULL)
    add_headers (&revocation, exchange);
  respond (exchange, callback);
}

void
kv_oauth_revoke_add_to (KvOauth *oauth, NetHttpServer *server)
{
  g_autofree char *path = g_strconcat (oauth->config->web_context_root, "/oauth2/revoke", NULL);

  net_http_server_add (server, path, NET_HTTP_ON_POOL, handle_revoke, oauth);
}
