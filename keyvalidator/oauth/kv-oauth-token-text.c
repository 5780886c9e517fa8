#include "config.h"
#include "keyvalidator/oauth/kv-oauth-token-text.h"

#include "common/apim-secret.h"
#include "keyvalidator/oauth/kv-jwt-token.h"

#include <string.h>

/* Without a policy of its tier a subscription is none (decisions.md 1), which gateways could not know. */
static gboolean
leave_out_without_policy (KvOauth *oauth, GPtrArray *apis, gint64 deadline_us, GError **error)
{
  for (guint i = apis->len; i-- > 0;)
    {
      const StSubscribedApi *api = apis->pdata[i];
      gint tenant_id;

      if (!kv_api_tenant_id (&oauth->stores, api->context, deadline_us, &tenant_id, error))
        return FALSE;
      if (!st_subscribed_api_has_policy (api, tenant_id))
        g_ptr_array_remove_index (apis, i);
    }
  return TRUE;
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
  if (!st_application_find_apis (oauth->database, application->id, deadline_us, &apis, error)
      || (oauth->config->advanced_throttling && !leave_out_without_policy (oauth, apis, deadline_us, error)))
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
  if (!jwt || core_jwt_has_form (token->access_token, strlen (token->access_token)))
    return g_strdup (token->access_token);
  return make_jwt (oauth, client, user, token, error);
}

char *
kv_oauth_stored_text (KvOauth *oauth, const char *shown, gboolean *jwt)
{
  gsize length = strlen (shown);
  char *id;

  *jwt = core_jwt_has_form (shown, length);
  id = *jwt ? kv_self_contained_id (oauth->stores.self_contained, shown, length) : NULL;
  return id != NULL ? id : g_strdup (shown);
}

gboolean
kv_oauth_find_to_end (StWriter *writer, const StOauthForm *form, const char *shown, StOauthToken **token, GError **error)
{
  gsize length = strlen (shown);
  g_autoptr (CoreJson) claims = core_jwt_has_form (shown, length) ? core_jwt_peek (shown, length) : NULL;
  const char *id = claims != NULL ? core_json_string (core_json_member (core_json_root (claims), "jti")) : NULL;

  *token = NULL;
  if (id != NULL && !st_oauth_token_find_by_access (writer, form, id, token, error))
    return FALSE;
  return *token != NULL || st_oauth_token_find_by_access (writer, form, shown, token, error);
}
