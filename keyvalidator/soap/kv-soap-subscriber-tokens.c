/* APIKeyMgtSubscriberService: keys and tokens of applications, made or renewed (spec/soap-and-oauth.md 3.1). */
#include "config.h"
#include "keyvalidator/soap/kv-soap-subscriber-private.h"

#include "common/apim-secret.h"
#include "core/core-oauth-client.h"
#include "keyvalidator/oauth/kv-oauth-client-auth.h"
#include "keyvalidator/oauth/kv-oauth-issuer.h"
#include "keyvalidator/oauth/kv-oauth-scopes.h"
#include "keyvalidator/oauth/kv-oauth-token-text.h"
#include "store/st-application-keys.h"
#include "store/st-oauth-token-writes.h"

#include <string.h>

static gboolean
read_key_type (const SoapElement *operation, StKeyType *type, GError **error)
{
  const char *text = soap_parameter (operation, "tokenType");

  *type = g_strcmp0 (text, st_key_type_text (ST_KEY_SANDBOX)) == 0 ? ST_KEY_SANDBOX : ST_KEY_PRODUCTION;
  return g_strcmp0 (text, st_key_type_text (*type)) == 0
         || soap_fail (error, "The parameter \"tokenType\" is neither PRODUCTION nor SANDBOX.");
}

/* validityTime: seconds; negative: never expires; nothing: the default. */
static gboolean
read_validity (const SoapElement *operation, gint64 *validity_s, GError **error)
{
  return core_oauth_parse_validity (soap_parameter (operation, "validityTime"), validity_s)
         || soap_fail (error, "The parameter \"validityTime\" is not a number of seconds.");
}

/* As client_credentials: in the name of the client's owner. @asked: scopes, nullable. */
static gboolean
issue (SoapCall *call, const StOauthClient *client, const StOauthUser *owner, const char *asked,
       gint64 validity_s, KvOauthIssued *issued, GError **error)
{
  KvOauthIssue request = { .client = client,
                           .user = owner,
                           .user_type = ST_OAUTH_USER_TYPE_APPLICATION,
                           .grant_type = CORE_OAUTH_CLIENT_CREDENTIALS,
                           .asked_s = validity_s };
  g_auto (GStrv) scopes = NULL;
  GError *why = NULL;

  if (!kv_oauth_client_is_active (client, &why)
      || !kv_oauth_grant_scopes (kv_soap_admin_of (call)->oauth, client, owner, asked, TRUE, &scopes, &why))
    return kv_soap_fail_store (why, error);
  request.scopes = (const char *const *) scopes;
  return kv_oauth_issue (kv_soap_admin_of (call)->oauth, &request, issued, &why) || kv_soap_fail_store (why, error);
}

/* Keys that are asked for. */
typedef struct
{
  const StOauthUser *owner;
  const char *user; /* AM_SUBSCRIBER.USER_ID */
  const char *application;
  StKeyType type;
  const char *callback_url; /* nullable */
  const char *const *domains;
  gint64 validity_s;
  const StApiName *api; /* nullable: that the application must be subscribed to */
  char *key;            /* of the client, once there is one */
} KeyRequest;

/* Registration, mapping and client, as the Store would write them with the approval of nobody. */
static gboolean
make_keys (StWriter *writer, gint64 application_id, KeyRequest *request, GError **error)
{
  g_autofree char *reference = apim_random_uuid ();
  const StRegistration registration = { .application_id = application_id,
                                        .type = request->type,
                                        .workflow_reference = reference,
                                        .validity_s = request->validity_s,
                                        .approved = TRUE };
  g_autofree char *name = core_oauth_client_key_name (request->application, request->type);
  g_autoptr (StOauthClient) client = core_oauth_client_new (request->owner, name, request->callback_url, NULL);

  if (!st_write_register_keys (writer, &registration, error) || !st_oauth_client_insert (writer, client, error)
      || !st_write_complete_keys (writer, application_id, request->type, client->key, request->domains, error))
    return FALSE;
  request->key = g_strdup (client->key);
  return TRUE;
}

static gboolean
check_subscribed (StWriter *writer, gint64 application_id, const StApiName *api, GError **error)
{
  gboolean subscribed;

  if (!st_application_is_subscribed (writer, application_id, api, &subscribed, error))
    return FALSE;
  return subscribed || soap_fail (error, "The application is not subscribed to this API.");
}

static gboolean
find_or_make_keys (StWriter *writer, gpointer data, GError **error)
{
  KeyRequest *request = data;
  g_autofree char *state = NULL;
  gint64 application_id;

  g_clear_pointer (&request->key, g_free);
  if (!st_application_find_named (writer, request->owner->tenant_id, request->user, request->application,
                                  &application_id, error))
    return FALSE;
  if (application_id == 0)
    return soap_fail (error, "The user has no application of this name.");
  if (request->api != NULL && !check_subscribed (writer, application_id, request->api, error))
    return FALSE;
  if (!st_application_find_key (writer, application_id, request->type, &request->key, &state, error))
    return FALSE;
  if (request->key != NULL)
    return TRUE;
  /* Somebody is to decide about it, or has decided: this is no way around. */
  return state == NULL ? make_keys (writer, application_id, request, error)
                       : soap_fail (error, "The keys of the application wait for approval, or were rejected.");
}

static void
write_keys (NetBuffer *output, const StOauthClient *client, const KvOauthIssued *issued)
{
  g_autofree char *validity = g_strdup_printf ("%" G_GINT64_FORMAT, issued->expires_in_s);

  SOAP_WRITE_MARKUP (output, "<ns:return>");
  soap_write_text (output, "b:applicationAccessToken", issued->text);
  soap_write_text (output, "b:consumerKey", client->key);
  soap_write_text (output, "b:consumerSecret", client->secret);
  soap_write_text (output, "b:validityTime", validity);
  SOAP_WRITE_MARKUP (output, "</ns:return>");
}

static gboolean
read_key_request (SoapCall *call, KeyRequest *request, StOauthUser *owner, GError **error)
{
  request->owner = owner;
  request->callback_url = soap_parameter (call->operation, "callbackUrl");
  return soap_parameter_need (call->operation, "userId", &request->user, error)
         && soap_parameter_need (call->operation, "applicationName", &request->application, error)
         && read_key_type (call->operation, &request->type, error)
         && read_validity (call->operation, &request->validity_s, error)
         && kv_soap_resolve_user (call, request->user, owner, error);
}

/* The keys first, then the token: who is interrupted between them finds the keys the next time. */
static gboolean
get_keys_and_token (SoapCall *call, KeyRequest *request, const StOauthUser *owner, StOauthClient **client,
                    KvOauthIssued *issued, GError **error)
{
  g_autofree char *key = NULL;
  GError *why = NULL;
  gboolean done = kv_oauth_write (kv_soap_admin_of (call)->oauth, find_or_make_keys, request, &why);

  key = request->key;
  if (!done)
    return kv_soap_fail_store (why, error);
  return kv_soap_find_client (call, key, client, error)
         && issue (call, *client, owner, NULL, request->validity_s, issued, error);
}

/* "Generate keys" of the first releases' Store. */
gboolean
kv_soap_get_application_token (SoapCall *call, GError **error)
{
  g_autofree const char **domains = soap_parameter_list (call->operation, "allowedDomains");
  KeyRequest request = { .domains = domains };
  g_auto (StOauthUser) owner = { .name = NULL };
  g_auto (KvOauthIssued) issued = { NULL };
  g_autoptr (StOauthClient) client = NULL;

  if (!read_key_request (call, &request, &owner, error)
      || !get_keys_and_token (call, &request, &owner, &client, &issued, error))
    return FALSE;
  write_keys (call->output, client, &issued);
  return TRUE;
}

/* The same for an API that the application must be subscribed to; tokens are the application's all the same. */
gboolean
kv_soap_get_access_token (SoapCall *call, GError **error)
{
  static const char *const no_domains[] = { NULL };
  StApiName api;
  KeyRequest request = { .domains = no_domains, .api = &api };
  g_auto (StOauthUser) owner = { .name = NULL };
  g_auto (KvOauthIssued) issued = { NULL };
  g_autoptr (StOauthClient) client = NULL;

  if (!kv_soap_read_api (call, &api, error) || !read_key_request (call, &request, &owner, error)
      || !get_keys_and_token (call, &request, &owner, &client, &issued, error))
    return FALSE;
  soap_write_text (call->output, "ns:return", issued.text);
  return TRUE;
}

/* A token that gives way to a new one. */
typedef struct
{
  KvOauth *oauth;
  const StOauthClient *client;
  const char *shown;
  char *stored; /* (out): NULL: there was no such token of the client */
} Revocation;

static gboolean
revoke_own_token (StWriter *writer, gpointer data, GError **error)
{
  Revocation *revocation = data;
  g_autoptr (StOauthToken) token = NULL;
  StOauthForm form;

  g_clear_pointer (&revocation->stored, apim_secret_free);
  if (!kv_oauth_form (revocation->oauth, writer, &form, error)
      || !kv_oauth_find_to_end (writer, &form, revocation->shown, &token, error))
    return FALSE;
  if (token == NULL || g_strcmp0 (token->consumer_key, revocation->client->key) != 0)
    return TRUE;
  revocation->stored = g_strdup (token->access_token);
  return st_oauth_token_revoke (writer, token, error);
}

/* FALSE with SOAP_ERROR. */
static gboolean
end_old_token (KvOauth *oauth, const StOauthClient *client, const char *shown, GError **error)
{
  Revocation revocation = { oauth, client, shown, NULL };
  gboolean done, jwt;
  GError *why = NULL;

  if (shown == NULL)
    return TRUE;
  done = kv_oauth_write (oauth, revoke_own_token, &revocation, &why);
  if (done && revocation.stored != NULL)
    {
      g_auto (ApimSecretText) genuine = kv_oauth_stored_text (oauth, shown, &jwt);

      kv_oauth_forget_shown (oauth, revocation.stored, strcmp (genuine, revocation.stored) == 0 ? shown : NULL,
                             client->key);
    }
  apim_secret_free (revocation.stored);
  return done || kv_soap_fail_store (why, error);
}

/* WSO2 asks its own gateway to revoke and to issue; here it is done at once. */
gboolean
kv_soap_renew_token (SoapCall *call, GError **error)
{
  const char *shown = soap_parameter (call->operation, "oldAccessToken");
  KvOauth *oauth = kv_soap_admin_of (call)->oauth;
  g_auto (KvOauthIssued) issued = { NULL };
  g_autoptr (StOauthClient) client = NULL;
  const char *key, *secret;
  gint64 validity_s;

  if (!soap_parameter_need (call->operation, "clientId", &key, error)
      || !soap_parameter_need (call->operation, "clientSecret", &secret, error)
      || !read_validity (call->operation, &validity_s, error) || !kv_oauth_client_find (oauth, key, &client, error))
    return FALSE;
  if (client == NULL || client->secret == NULL
      || !apim_secret_equal (secret, strlen (secret), client->secret, strlen (client->secret)))
    return soap_fail (error, "The consumer key or the consumer secret is wrong.");
  if (!end_old_token (oauth, client, shown, error)
      || !issue (call, client, &client->owner, soap_parameter (call->operation, "tokenType"), validity_s, &issued,
                 error))
    return FALSE;
  soap_write_text (call->output, "ns:return", issued.text);
  return TRUE;
}
