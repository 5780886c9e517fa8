/* APIKeyMgtSubscriberService: its operations, and the small ones (spec/soap-and-oauth.md 3.1). */
#include "config.h"
#include "keyvalidator/soap/kv-soap-subscriber-private.h"



/* Everything that is remembered of the client's tokens. */
static gboolean
clear_oauth_cache (SoapCall *call, GError **error)
{
  KvMemory *memory = kv_soap_admin_of (call)->oauth->stores.memory;
  const char *key;

  if (!soap_parameter_need (call->operation, "consumerKey", &key, error))
    return FALSE;
  if (memory != NULL)
    kv_cache_invalidate (memory->cache, kv_memory_tag_consumer_key (memory, key));
  return TRUE;
}

/* The APIs that somebody's applications are subscribed to. */
typedef struct
{
  gint tenant_id;
  const char *user;
  GPtrArray *apis;
} Subscriptions;

static gboolean
find_subscribed (StWriter *writer, gpointer data, GError **error)
{
  Subscriptions *of = data;

  g_clear_pointer (&of->apis, g_ptr_array_unref);
  return st_subscribed_apis_of_user (writer, of->tenant_id, of->user, &of->apis, error);
}

static gboolean
get_subscribed_apis (SoapCall *call, GError **error)
{
  g_auto (StOauthUser) user = { .name = NULL };
  g_autoptr (GPtrArray) apis = NULL;
  Subscriptions of = { 0 };
  GError *why = NULL;
  gboolean done;

  if (!soap_parameter_need (call->operation, "userId", &of.user, error)
      || !kv_soap_resolve_user (call, of.user, &user, error))
    return FALSE;
  of.tenant_id = user.tenant_id;
  done = kv_oauth_read (kv_soap_admin_of (call)->oauth, find_subscribed, &of, &why);
  apis = of.apis;
  if (!done)
    return kv_soap_fail_store (why, error);
  for (guint i = 0; i < apis->len; i++)
    kv_soap_write_api (call->output, apis->pdata[i]);
  return TRUE;
}

/* WSO2's does nothing either: subscriptions end in the Store, and nothing hangs on this call. */
static gboolean
unsubscribe (SoapCall *call, GError **error)
{
  StApiName api;
  const char *user;

  return soap_parameter_need (call->operation, "userId", &user, error) && kv_soap_read_api (call, &api, error);
}

/* The table */

static const SoapField client_result[] = { { .name = "return", .bean = &kv_soap_client_bean }, { NULL } };
static const SoapField string_result[] = { { .name = "return", .type = "string" }, { NULL } };
static const SoapField boolean_result[] = { { .name = "return", .type = "boolean" }, { NULL } };

static const SoapField apis_result[] = { { .name = "return", .many = TRUE, .bean = &kv_soap_api_info_bean }, { NULL } };

static const SoapField user_parameters[] = { { .name = "userId", .type = "string" }, { NULL } };

static const SoapField get_access_token_parameters[] = {
  { .name = "userId", .type = "string" },
  { .name = "apiInfoDTO", .bean = &kv_soap_api_info_bean },
  { .name = "applicationName", .type = "string" },
  { .name = "tokenType", .type = "string" },
  { .name = "callbackUrl", .type = "string" },
  { NULL },
};

static const SoapField unsubscribe_parameters[] = {
  { .name = "userId", .type = "string" },
  { .name = "apiInfoDTO", .bean = &kv_soap_api_info_bean },
  { NULL },
};

/* Of its members the name is enough. */
static const SoapField subscriber_fields[] = {
  { .name = "description", .type = "string" },
  { .name = "email", .type = "string" },
  { .name = "id", .type = "int" },
  { .name = "name", .type = "string" },
  { .name = "subscribedDate", .type = "string" },
  { .name = "tenantId", .type = "int" },
  { NULL },
};
static const SoapBean subscriber_bean = { "Subscriber", KV_SOAP_MODEL, subscriber_fields };
static const SoapField subscriber_parameters[] = { { .name = "subscriber", .bean = &subscriber_bean }, { NULL } };

static const SoapField tier_parameters[] = { { .name = "tierName", .type = "string" }, { NULL } };

static const SoapField create_parameters[] = {
  { .name = "userId", .type = "string" },
  { .name = "applicationName", .type = "string" },
  { .name = "callbackUrl", .type = "string" },
  { .name = "tokenType", .type = "string" }, /* 2.6; the application's row says it, too */
  { NULL },
};

static const SoapField create_by_info_parameters[] = {
  { .name = "oauthApplicationInfo", .bean = &kv_soap_client_bean },
  { NULL },
};

static const SoapField update_parameters[] = {
  { .name = "userId", .type = "string" },
  { .name = "applicationName", .type = "string" },
  { .name = "callbackUrl", .type = "string" },
  { .name = "consumerKey", .type = "string" },
  { .name = "grantTypes", .type = "string", .many = TRUE },
  { NULL },
};

static const SoapField key_parameters[] = { { .name = "consumerKey", .type = "string" }, { NULL } };

static const SoapField keys_fields[] = {
  { .name = "applicationAccessToken", .type = "string" },
  { .name = "consumerKey", .type = "string" },
  { .name = "consumerSecret", .type = "string" },
  { .name = "validityTime", .type = "string" },
  { NULL },
};

static const SoapBean keys_bean = { "ApplicationKeysDTO", KV_SOAP_DTO, keys_fields };
static const SoapField keys_result[] = { { .name = "return", .bean = &keys_bean }, { NULL } };

static const SoapField get_token_parameters[] = {
  { .name = "userId", .type = "string" },
  { .name = "applicationName", .type = "string" },
  { .name = "tokenType", .type = "string" },
  { .name = "callbackUrl", .type = "string" },
  { .name = "allowedDomains", .type = "string", .many = TRUE },
  { .name = "validityTime", .type = "string" },
  { NULL },
};

static const SoapField renew_parameters[] = {
  { .name = "tokenType", .type = "string" },
  { .name = "oldAccessToken", .type = "string" },
  { .name = "allowedDomains", .type = "string", .many = TRUE },
  { .name = "clientId", .type = "string" },
  { .name = "clientSecret", .type = "string" },
  { .name = "validityTime", .type = "string" },
  { NULL },
};

static const SoapField revoke_parameters[] = {
  { .name = "key", .type = "string" },
  { .name = "consumerKey", .type = "string" },
  { .name = "authorizedUser", .type = "string" },
  { NULL },
};

/* Of its members the id is enough. */
static const SoapField application_fields[] = { { .name = "id", .type = "int" }, { NULL } };
static const SoapBean application_bean = { "Application", KV_SOAP_MODEL, application_fields };
static const SoapField application_parameters[] = { { .name = "application", .bean = &application_bean }, { NULL } };

static const SoapField user_by_app_parameters[] = {
  { .name = "userName", .type = "string" },
  { .name = "appName", .type = "string" },
  { .name = "appOwner", .type = "string" },
  { NULL },
};

static const SoapField clear_parameters[] = {
  { .name = "consumerKey", .type = "string" },
  { .name = "authorizedUser", .type = "string" },
  { NULL },
};

static const SoapOperation operations[] = {
  { "createOAuthApplication", create_parameters, client_result, kv_soap_create_client },
  { "createOAuthApplicationByApplicationInfo", create_by_info_parameters, client_result,
    kv_soap_create_client_by_info },
  { "updateOAuthApplication", update_parameters, client_result, kv_soap_update_client },
  { "retrieveOAuthApplication", key_parameters, client_result, kv_soap_retrieve_client },
  { "deleteOAuthApplication", key_parameters, NULL, kv_soap_delete_client },
  { "getAccessToken", get_access_token_parameters, string_result, kv_soap_get_access_token },
  { "getApplicationAccessToken", get_token_parameters, keys_result, kv_soap_get_application_token },
  { "renewAccessToken", renew_parameters, string_result, kv_soap_renew_token },
  { "getSubscribedAPIsOfUser", user_parameters, apis_result, get_subscribed_apis },
  { "unsubscribeFromAPI", unsubscribe_parameters, NULL, unsubscribe },
  { "revokeAccessToken", revoke_parameters, NULL, kv_soap_revoke_access_token },
  { "revokeAccessTokenForApplication", application_parameters, NULL, kv_soap_revoke_of_application },
  { "revokeAccessTokenBySubscriber", subscriber_parameters, NULL, kv_soap_revoke_of_subscriber },
  { "revokeKeysByTier", tier_parameters, NULL, kv_soap_revoke_of_tier },
  { "revokeTokensOfUserByApp", user_by_app_parameters, boolean_result, kv_soap_revoke_of_user_by_app },
  { "clearOAuthCache", clear_parameters, NULL, clear_oauth_cache },
  { NULL },
};

const SoapService kv_soap_subscriber = {
  .name = "APIKeyMgtSubscriberService",
  .namespace = KV_SOAP_AXIS2,
  .target = "http://service.keymgt.apimgt.carbon.wso2.org",
  .exception = "APIKeyMgtException",
  .operations = operations,
};
