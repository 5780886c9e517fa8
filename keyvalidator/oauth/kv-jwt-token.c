#include "config.h"
#include "keyvalidator/oauth/kv-jwt-token.h"

#include "core/core-validation.h"
#include "keyvalidator/oauth/kv-oauth.h"

#include <string.h>

char *
kv_jwt_token_issuer (const ApimConfig *config)
{
  if (config->token_issuer != NULL)
    return g_strdup (config->token_issuer);
  return kv_oauth_endpoint_url (config, "token");
}

static char *
make_header (const CoreJwtKey *key)
{
  GString *json = g_string_new ("{");

  core_json_append_member (json, "typ", "JWT");
  core_json_append_member (json, "alg", core_jwt_algorithm_name (key->algorithm));
  core_json_append_member (json, "kid", key->kid);
  if (key->x5t != NULL)
    core_json_append_member (json, "x5t", key->x5t);
  g_string_append_c (json, '}');
  return g_string_free (json, FALSE);
}

static void
append_number (GString *json, const char *name, gint64 number)
{
  core_json_append_name (json, name);
  g_string_append_printf (json, "%" G_GINT64_FORMAT, number);
}

static void
append_application (GString *json, const StApplication *application)
{
  core_json_append_name (json, "application");
  g_string_append_c (json, '{');
  append_number (json, "id", application->id);
  core_json_append_member (json, "name", application->name);
  core_json_append_member (json, "tier", application->tier);
  core_json_append_member (json, "owner", application->owner);
  if (application->uuid != NULL)
    core_json_append_member (json, "uuid", application->uuid);
  g_string_append_c (json, '}');
}

static void
append_api (GString *json, const StSubscribedApi *api, const char *tenant_domain)
{
  g_string_append_c (json, '{');
  core_json_append_member (json, "name", api->api_name);
  core_json_append_member (json, "context", api->context);
  core_json_append_member (json, "version", api->version);
  core_json_append_member (json, "publisher", api->provider);
  core_json_append_member (json, "subscriptionTier", api->tier);
  core_json_append_member (json, "subscriberTenantDomain", tenant_domain);
  g_string_append_c (json, '}');
}

/* The gateway takes a listed API for a granted one. Of several subscriptions to an API the first counts, whatever the others
 * say (spec/thrift-key-validation.md 7.3 item 3). @refused: contexts of those that do not. */
static gboolean
is_granted (const StSubscribedApi *api, const StApplication *application, GHashTable *refused)
{
  if (api->context == NULL)
    return FALSE;
  if (core_subscription_standing (api->status, application->key_type) == CORE_STATUS_OK)
    return !g_hash_table_contains (refused, api->context);
  g_hash_table_add (refused, api->context);
  return FALSE;
}

static void
append_apis (GString *json, const KvJwtTokenRequest *request)
{
  const StApplication *application = request->application;
  const char *tenant_domain = core_subscriber_tenant (application->owner);
  g_autoptr (GHashTable) refused = g_hash_table_new (g_str_hash, g_str_equal);
  gboolean first = TRUE;

  core_json_append_name (json, "subscribedAPIs");
  g_string_append_c (json, '[');
  for (guint i = 0; i < request->apis->len; i++)
    {
      const StSubscribedApi *api = request->apis->pdata[i];

      if (!is_granted (api, application, refused))
        continue;
      if (!first)
        g_string_append_c (json, ',');
      first = FALSE;
      append_api (json, api, tenant_domain);
    }
  g_string_append_c (json, ']');
}

static gint64
expiry_s (const KvJwtTokenRequest *request)
{
  gint64 expires_ms;

  if (request->validity_ms < 0 || __builtin_add_overflow (request->issued_ms, request->validity_ms, &expires_ms))
    return CORE_JWT_NEVER_S;
  return MIN (expires_ms / 1000, CORE_JWT_NEVER_S);
}

static char *
make_claims (const KvJwtTokenRequest *request)
{
  GString *json = g_string_new ("{");

  core_json_append_member (json, "iss", request->issuer);
  core_json_append_member (json, "sub", request->subject);
  core_json_append_member (json, "aud", CORE_JWT_FOR_GATEWAYS);
  append_number (json, "exp", expiry_s (request));
  append_number (json, "iat", request->issued_ms / 1000);
  core_json_append_member (json, "jti", request->id);
  core_json_append_member (json, "scope", request->scope);
  core_json_append_member (json, "keytype", request->application->key_type);
  core_json_append_member (json, "consumerKey", request->consumer_key);
  append_application (json, request->application);
  append_apis (json, request);
  g_string_append_c (json, '}');
  return g_string_free (json, FALSE);
}

char *
kv_jwt_token_sign (const CoreJwtKeys *keys, const char *claims, GError **error)
{
  const CoreJwtKey *key = core_jwt_keys_signer (keys);
  g_autofree char *header = NULL;

  if (key == NULL)
    {
      g_set_error_literal (error, CORE_JWT_ERROR, CORE_JWT_ERROR_FAILED,
                           "the node has neither an RSA nor a P-256 key to sign JWTs with");
      return NULL;
    }
  header = make_header (key);
  return core_jwt_sign (key, header, claims, CORE_JWT_BASE64URL, error);
}

char *
kv_jwt_token_make (const CoreJwtKeys *keys, const KvJwtTokenRequest *request, GError **error)
{
  g_autofree char *claims = make_claims (request);

  return kv_jwt_token_sign (keys, claims, error);
}
