#include "config.h"
#include "keyvalidator/oauth/kv-oauth-token-text.h"

#include "common/apim-secret.h"
#include "keyvalidator/oauth/kv-jwt-token.h"

#include <string.h>

gboolean
kv_oauth_token_text_is_jwt (const char *text)
{
  const char *first = strchr (text, '.');

  return first != NULL && strchr (first + 1, '.') != NULL;
}

static char *
make_jwt (KvOauth *oauth, const StOauthClient *client, const StOauthUser *user, const StOauthToken *token,
          GError **error)
{
  gint64 deadline_us = kv_oauth_deadline (oauth);
  g_autoptr (CoreJwtKeys) keys = kv_signing_keys_get (oauth->signing_keys, NULL);
  g_autofree char *issuer = kv_jwt_token_issuer (oauth->config);
  g_autofree char *subject = st_oauth_user_text (user);
  g_autofree char *scope = g_strjoinv (" ", token->scopes);
  g_autoptr (StApplication) application = NULL;
  g_autoptr (GPtrArray) apis = NULL;

  if (!st_application_find (oauth->database, client->key, deadline_us, &application, error))
    return NULL;
  if (application == NULL)
    {
      g_set_error (error, ST_ERROR, ST_ERROR_DATA, "OAuth client \"%s\" lost its application at this moment",
                   client->key);
      return NULL;
    }
  if (!st_application_find_apis (oauth->database, application->id, deadline_us, &apis, error))
    return NULL;
  const KvJwtTokenRequest request = { .issuer = issuer,
                                      .id = token->access_token,
                                      .consumer_key = client->key,
                                      .subject = subject,
                                      .scope = scope,
                                      .issued_ms = token->issued_ms,
                                      .validity_ms = token->validity_ms,
                                      .application = application,
                                      .apis = apis };
  return kv_jwt_token_make (keys, &request, error);
}

char *
kv_oauth_token_text (KvOauth *oauth, const StOauthClient *client, const StOauthUser *user, const StOauthToken *token,
                     gboolean jwt, GError **error)
{
  if (!jwt || kv_oauth_token_text_is_jwt (token->access_token))
    return g_strdup (token->access_token);
  return make_jwt (oauth, client, user, token, error);
}

char *
kv_oauth_stored_text (KvOauth *oauth, const char *shown, gboolean *jwt)
{
  g_autoptr (CoreJwtKeys) keys = NULL;
  g_autofree char *issuer = NULL;
  g_autoptr (CoreJson) claims = NULL;
  const char *id;

  *jwt = kv_oauth_token_text_is_jwt (shown);
  if (!*jwt)
    return g_strdup (shown);
  keys = kv_signing_keys_get (oauth->signing_keys, NULL);
  issuer = kv_jwt_token_issuer (oauth->config);
  const CoreJwtRules rules = { .keys = keys,
                               .issuer = issuer,
                               .audience = KV_JWT_TOKEN_AUDIENCE,
                               .now_s = apim_clock_wall_ms (oauth->stores.clock) / 1000,
                               .skew_s = oauth->config->timestamp_skew_ms / 1000 };
  if (!core_jwt_verify (shown, strlen (shown), &rules, &claims, NULL))
    return g_strdup (shown);
  id = core_json_string (core_json_member (core_json_root (claims), "jti"));
  return g_strdup (id != NULL ? id : shown);
}
