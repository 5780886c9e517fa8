/* APIKeyMgtSubscriberService: its operations, and those that revoke (spec/soap-and-oauth.md 3.1). */
#include "config.h"
#include "keyvalidator/soap/kv-soap-subscriber-private.h"

#include "common/apim-secret.h"
#include "keyvalidator/oauth/kv-oauth-client-auth.h"
#include "keyvalidator/oauth/kv-oauth-issuer.h"
#include "keyvalidator/oauth/kv-oauth-token-text.h"
#include "store/st-application-keys.h"
#include "store/st-oauth-token-writes.h"

#include <string.h>

/* Revoking */

typedef struct
{
  KvOauth *oauth;
  const char *access_token;
  const char *consumer_key; /* nullable: any client's */
  StOauthToken *token;      /* as found; NULL: none, or another client's */
} Revocation;

static gboolean
revoke_token (StWriter *writer, gpointer data, GError **error)
{
  Revocation *revocation = data;
  StOauthForm form;

  g_clear_pointer (&revocation->token, st_oauth_token_free);
  if (!kv_oauth_form (revocation->oauth, writer, &form, error)
      || !st_oauth_token_find_by_access (writer, &form, revocation->access_token, &revocation->token, error))
    return FALSE;
  if (revocation->token != NULL && revocation->consumer_key != NULL
      && g_strcmp0 (revocation->token->consumer_key, revocation->consumer_key) != 0)
    g_clear_pointer (&revocation->token, st_oauth_token_free);
  return revocation->token == NULL || st_oauth_token_revoke (writer, revocation->token, error);
}

/* A token that is not there is revoked already. The cache forgets it whoever its user is. */
static gboolean
revoke_access_token (KvSoapAdminCall *call, GError **error)
{
  Revocation revocation = { .oauth = call->admin->oauth,
                            .consumer_key = kv_soap_parameter (call->operation, "consumerKey") };
  g_auto (ApimSecretText) stored = NULL;
  const char *shown;
  gboolean done, jwt;

  if (!kv_soap_parameter_need (call->operation, "key", &shown, error))
    return FALSE;
  revocation.access_token = stored = kv_oauth_stored_text (revocation.oauth, shown, &jwt);
  done = kv_oauth_write (revocation.oauth, revoke_token, &revocation, error);
  if (done && revocation.token != NULL)
    {
      kv_oauth_forget_token (revocation.oauth, revocation.access_token);
      kv_oauth_count (&revocation.oauth->counters.revoked);
    }
  g_clear_pointer (&revocation.token, st_oauth_token_free);
  return done;
}

/* What is revoked: every usable token of some clients, of all users or one. */
typedef struct
{
  const StOauthClient *client;
  GPtrArray *users; /* of StOauthUser */
} ClientUsers;

static gboolean
find_users (StWriter *writer, gpointer data, GError **error)
{
  ClientUsers *of = data;

  g_clear_pointer (&of->users, g_ptr_array_unref);
  return st_oauth_client_find_users (writer, of->client, &of->users, error);
}

/* User by user, each in a transaction: a client may have any number of them, and what is interrupted can be asked for
 * again. */
static gboolean
revoke_of_client (KvSoapAdminCall *call, const char *consumer_key, GError **error)
{
  KvOauth *oauth = call->admin->oauth;
  g_autoptr (StOauthClient) client = NULL;
  ClientUsers of = { NULL };
  gboolean done;

  if (!kv_oauth_client_find (oauth, consumer_key, &client, error))
    return FALSE;
  if (client == NULL)
    return TRUE; /* its tokens went with it */
  of.client = client;
  done = kv_oauth_read (oauth, find_users, &of, error);
  for (guint i = 0; done && i < of.users->len; i++)
    done = kv_oauth_revoke_all (oauth, client, of.users->pdata[i], NULL, error);
  g_clear_pointer (&of.users, g_ptr_array_unref);
  return done;
}

/* An application, by id or by subscriber and name, and its keys. */
typedef struct
{
  gint64 id; /* 0: to be found */
  gint tenant_id;
  const char *subscriber;
  const char *name;
  char **keys;
} Application;

static gboolean
find_keys (StWriter *writer, gpointer data, GError **error)
{
  Application *application = data;

  g_clear_pointer (&application->keys, g_strfreev);
  if (application->id == 0
      && !st_application_find_named (writer, application->tenant_id, application->subscriber, application->name,
                               &application->id, error))
    return FALSE;
  if (application->id != 0)
    return st_application_find_keys (writer, application->id, &application->keys, error);
  return kv_soap_fail (error, "The user has no application of this name.");
}

static gboolean
read_keys (KvSoapAdminCall *call, Application *application, GError **error)
{
  GError *why = NULL;

  return kv_oauth_read (call->admin->oauth, find_keys, application, &why) || kv_soap_fail_store (why, error);
}

static gboolean
revoke_of_application (KvSoapAdminCall *call, GError **error)
{
  const SoapElement *element = soap_element_next_named (call->operation, NULL, "application");
  Application application = { 0 };
  g_auto (GStrv) keys = NULL;
  const char *id;

  if (element == NULL)
    return kv_soap_fail (error, "The parameter \"application\" is missing.");
  if (!kv_soap_parameter_need (element, "id", &id, error))
    return FALSE;
  if (!g_ascii_string_to_signed (id, 10, 1, G_MAXINT, &application.id, NULL))
    return kv_soap_fail (error, "The id of the application is not a number.");
  if (!read_keys (call, &application, error))
    return FALSE;
  keys = application.keys;
  for (char **key = keys; *key != NULL; key++)
    if (!revoke_of_client (call, *key, error))
      return FALSE;
  return TRUE;
}

/* The tokens that one user has of one application. */
static gboolean
revoke_tokens_of_user_by_app (KvSoapAdminCall *call, GError **error)
{
  const char *owner_name = kv_soap_parameter (call->operation, "appOwner");
  g_auto (StOauthUser) user = { .name = NULL };
  g_auto (StOauthUser) owner = { .name = NULL };
  Application application = { 0 };
  g_auto (GStrv) keys = NULL;
  const char *user_name;

  if (!kv_soap_parameter_need (call->operation, "userName", &user_name, error)
      || !kv_soap_parameter_need (call->operation, "appName", &application.name, error))
    return FALSE;
  application.subscriber = owner_name != NULL ? owner_name : user_name; /* before 2.6: his own application */
  if (!kv_soap_resolve_user (call, user_name, &user, error)
      || !kv_soap_resolve_user (call, application.subscriber, &owner, error))
    return FALSE;
  application.tenant_id = owner.tenant_id;
  if (!read_keys (call, &application, error))
    return FALSE;
  keys = application.keys;
  for (char **key = keys; *key != NULL; key++)
    {
      g_autoptr (StOauthClient) client = NULL;

      if (!kv_oauth_client_find (call->admin->oauth, *key, &client, error)
          || (client != NULL && !kv_oauth_revoke_all (call->admin->oauth, client, &user, NULL, error)))
        return FALSE;
    }
  soap_write_boolean (call->output, "ns:return", TRUE);
  return TRUE;
}

/* Everything that is remembered of the client's tokens. */
static gboolean
clear_oauth_cache (KvSoapAdminCall *call, GError **error)
{
  KvMemory *memory = call->admin->oauth->stores.memory;
  const char *key;

  if (!kv_soap_parameter_need (call->operation, "consumerKey", &key, error))
    return FALSE;
  if (memory != NULL)
    kv_cache_invalidate (memory->cache, kv_memory_tag_consumer_key (memory, key));
  return TRUE;
}

/* The table */

static const KvSoapField client_result[] = { { .name = "return", .bean = &kv_soap_client_bean }, { NULL } };
static const KvSoapField string_result[] = { { .name = "return", .type = "string" }, { NULL } };
static const KvSoapField boolean_result[] = { { .name = "return", .type = "boolean" }, { NULL } };

static const KvSoapField create_parameters[] = {
  { .name = "userId", .type = "string" },
  { .name = "applicationName", .type = "string" },
  { .name = "callbackUrl", .type = "string" },
  { .name = "tokenType", .type = "string" }, /* 2.6; the application's row says it, too */
  { NULL },
};

static const KvSoapField create_by_info_parameters[] = {
  { .name = "oauthApplicationInfo", .bean = &kv_soap_client_bean },
  { NULL },
};

static const KvSoapField update_parameters[] = {
  { .name = "userId", .type = "string" },
  { .name = "applicationName", .type = "string" },
  { .name = "callbackUrl", .type = "string" },
  { .name = "consumerKey", .type = "string" },
  { .name = "grantTypes", .type = "string", .many = TRUE },
  { NULL },
};

static const KvSoapField key_parameters[] = { { .name = "consumerKey", .type = "string" }, { NULL } };

static const KvSoapField keys_fields[] = {
  { .name = "applicationAccessToken", .type = "string" },
  { .name = "consumerKey", .type = "string" },
  { .name = "consumerSecret", .type = "string" },
  { .name = "validityTime", .type = "string" },
  { NULL },
};

static const KvSoapBean keys_bean = { "ApplicationKeysDTO", "http://dto.impl.apimgt.carbon.wso2.org/xsd", keys_fields };
static const KvSoapField keys_result[] = { { .name = "return", .bean = &keys_bean }, { NULL } };

static const KvSoapField get_token_parameters[] = {
  { .name = "userId", .type = "string" },
  { .name = "applicationName", .type = "string" },
  { .name = "tokenType", .type = "string" },
  { .name = "callbackUrl", .type = "string" },
  { .name = "allowedDomains", .type = "string", .many = TRUE },
  { .name = "validityTime", .type = "string" },
  { NULL },
};

static const KvSoapField renew_parameters[] = {
  { .name = "tokenType", .type = "string" },
  { .name = "oldAccessToken", .type = "string" },
  { .name = "allowedDomains", .type = "string", .many = TRUE },
  { .name = "clientId", .type = "string" },
  { .name = "clientSecret", .type = "string" },
  { .name = "validityTime", .type = "string" },
  { NULL },
};

static const KvSoapField revoke_parameters[] = {
  { .name = "key", .type = "string" },
  { .name = "consumerKey", .type = "string" },
  { .name = "authorizedUser", .type = "string" },
  { NULL },
};

/* Of its members the id is enough. */
static const KvSoapField application_fields[] = { { .name = "id", .type = "int" }, { NULL } };
static const KvSoapBean application_bean = { "Application", KV_SOAP_MODEL, application_fields };
static const KvSoapField application_parameters[] = { { .name = "application", .bean = &application_bean }, { NULL } };

static const KvSoapField user_by_app_parameters[] = {
  { .name = "userName", .type = "string" },
  { .name = "appName", .type = "string" },
  { .name = "appOwner", .type = "string" },
  { NULL },
};

static const KvSoapField clear_parameters[] = {
  { .name = "consumerKey", .type = "string" },
  { .name = "authorizedUser", .type = "string" },
  { NULL },
};

static const KvSoapOperation operations[] = {
  { "createOAuthApplication", create_parameters, client_result, kv_soap_create_client },
  { "createOAuthApplicationByApplicationInfo", create_by_info_parameters, client_result,
    kv_soap_create_client_by_info },
  { "updateOAuthApplication", update_parameters, client_result, kv_soap_update_client },
  { "retrieveOAuthApplication", key_parameters, client_result, kv_soap_retrieve_client },
  { "deleteOAuthApplication", key_parameters, NULL, kv_soap_delete_client },
  { "getApplicationAccessToken", get_token_parameters, keys_result, kv_soap_get_application_token },
  { "renewAccessToken", renew_parameters, string_result, kv_soap_renew_token },
  { "revokeAccessToken", revoke_parameters, NULL, revoke_access_token },
  { "revokeAccessTokenForApplication", application_parameters, NULL, revoke_of_application },
  { "revokeTokensOfUserByApp", user_by_app_parameters, boolean_result, revoke_tokens_of_user_by_app },
  { "clearOAuthCache", clear_parameters, NULL, clear_oauth_cache },
  { NULL },
};

const KvSoapAdminService kv_soap_subscriber = {
  .name = "APIKeyMgtSubscriberService",
  .namespace = KV_SOAP_AXIS2,
  .target = "http://service.keymgt.apimgt.carbon.wso2.org",
  .exception = "APIKeyMgtException",
  .operations = operations,
};
