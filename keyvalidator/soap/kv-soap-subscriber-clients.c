/* APIKeyMgtSubscriberService: the OAuth clients that the Store makes for applications (spec/soap-and-oauth.md 3.1). */
#include "config.h"
#include "keyvalidator/soap/kv-soap-subscriber-private.h"

#include "core/core-oauth-client.h"
#include "keyvalidator/oauth/kv-oauth-answer.h"
#include "keyvalidator/oauth/kv-oauth-client-auth.h"
#include "keyvalidator/oauth/kv-oauth-grants.h"

#include <string.h>

static const SoapField client_fields[] = {
  { .name = "appOwner", .type = "string" },     { .name = "callBackURL", .type = "string" },
  { .name = "clientId", .type = "string" },     { .name = "clientName", .type = "string" },
  { .name = "clientSecret", .type = "string" }, { .name = "isSaasApplication", .type = "boolean" },
  { .name = "jsonString", .type = "string" },
  { NULL },
};

const SoapBean kv_soap_client_bean = { "OAuthApplicationInfo", KV_SOAP_MODEL, client_fields };

static char *
owner_text (const StOauthClient *client)
{
  const StOauthUser *owner = &client->owner;

  /* The super tenant's users have no suffix here, as the Store has them. */
  if (owner->tenant_id == ST_SUPER_TENANT_ID && strcmp (owner->user_domain, ST_PRIMARY_USER_DOMAIN) == 0)
    return g_strdup (owner->name);
  return st_oauth_user_text (owner);
}

/* Never nil: the Store takes an answer without it for no client. */
static char *
json_text (const StOauthClient *client)
{
  GString *json = kv_oauth_json_begin ();

  kv_oauth_json_text (json, "redirect_uris", client->callback_url);
  kv_oauth_json_text (json, "client_name", client->name);
  kv_oauth_json_text (json, "grant_types", client->grant_types != NULL ? client->grant_types : "");
  g_string_append_c (json, '}');
  return g_string_free (json, FALSE);
}

static void
write_client (NetBuffer *output, const StOauthClient *client)
{
  g_autofree char *owner = owner_text (client);
  g_autofree char *json = json_text (client);

  SOAP_WRITE_MARKUP (output, "<ns:return>");
  soap_write_text (output, "b:appOwner", owner);
  soap_write_text (output, "b:callBackURL", client->callback_url);
  soap_write_text (output, "b:clientId", client->key);
  soap_write_text (output, "b:clientName", client->name);
  soap_write_text (output, "b:clientSecret", client->secret);
  soap_write_boolean (output, "b:isSaasApplication", FALSE);
  soap_write_text (output, "b:jsonString", json);
  SOAP_WRITE_MARKUP (output, "</ns:return>");
}

static gboolean
insert_client (StWriter *writer, gpointer data, GError **error)
{
  return st_oauth_client_insert (writer, data, error);
}

/* An owner that is not given is a nil answer and no fault (3.1). */
static gboolean
create (SoapCall *call, const char *owner_name, const char *name, const char *callback_url, GError **error)
{
  g_auto (StOauthUser) owner = { .name = NULL };
  g_autoptr (StOauthClient) client = NULL;
  GError *why = NULL;

  if (owner_name == NULL)
    {
      soap_write_text (call->output, "ns:return", NULL);
      return TRUE;
    }
  if (name == NULL)
    return soap_fail (error, "The name of the application is missing.");
  if (!kv_soap_resolve_user (call, owner_name, &owner, error))
    return FALSE;
  client = core_oauth_client_new (&owner, name, callback_url, NULL);
  if (!kv_oauth_write (kv_soap_admin_of (call)->oauth, insert_client, client, &why))
    return kv_soap_fail_store (why, error);
  write_client (call->output, client);
  return TRUE;
}

gboolean
kv_soap_create_client (SoapCall *call, GError **error)
{
  return create (call, soap_parameter (call->operation, "userId"),
                 soap_parameter (call->operation, "applicationName"),
                 soap_parameter (call->operation, "callbackUrl"), error);
}

gboolean
kv_soap_create_client_by_info (SoapCall *call, GError **error)
{
  const SoapElement *info = soap_element_next_named (call->operation, NULL, "oauthApplicationInfo");

  if (info == NULL)
    return soap_fail (error, "The parameter \"oauthApplicationInfo\" is missing.");
  return create (call, soap_parameter (info, "appOwner"), soap_parameter (info, "clientName"),
                 soap_parameter (info, "callBackURL"), error);
}

/* The Store names the owner again: another one's client is left alone. */
static gboolean
check_owner (const StOauthClient *client, const StOauthUser *owner, GError **error)
{
  const StOauthUser *stored = &client->owner;
  gboolean same_tenant = stored->tenant_id != 0 ? stored->tenant_id == owner->tenant_id
                                                : g_strcmp0 (stored->tenant_domain, owner->tenant_domain) == 0;

  if (same_tenant && st_oauth_user_is_same (owner, stored, TRUE))
    return TRUE;
  return soap_fail (error, "The OAuth application is of another user.");
}

static gboolean
update_client (StWriter *writer, gpointer data, GError **error)
{
  return st_oauth_client_update_grants (writer, data, error);
}

gboolean
kv_soap_update_client (SoapCall *call, GError **error)
{
  g_autofree const char **grant_types = soap_parameter_list (call->operation, "grantTypes");
  const char *callback_url = soap_parameter (call->operation, "callbackUrl");
  g_auto (StOauthUser) owner = { .name = NULL };
  g_autoptr (StOauthClient) client = NULL;
  const char *key, *owner_name;
  GError *why = NULL;

  if (!soap_parameter_need (call->operation, "consumerKey", &key, error)
      || !soap_parameter_need (call->operation, "userId", &owner_name, error)
      || !kv_soap_resolve_user (call, owner_name, &owner, error) || !kv_soap_find_client (call, key, &client, error)
      || !check_owner (client, &owner, error))
    return FALSE;
  g_free (client->callback_url);
  client->callback_url = g_strdup (callback_url != NULL ? callback_url : "");
  if (grant_types[0] != NULL)
    {
      g_free (client->grant_types);
      client->grant_types = g_strjoinv (" ", (char **) grant_types);
    }
  if (!kv_oauth_write (kv_soap_admin_of (call)->oauth, update_client, client, &why))
    return kv_soap_fail_store (why, error);
  write_client (call->output, client);
  return TRUE;
}

/* A nil answer is "no such application" to the Store. */
gboolean
kv_soap_retrieve_client (SoapCall *call, GError **error)
{
  g_autoptr (StOauthClient) client = NULL;
  const char *key;

  if (!soap_parameter_need (call->operation, "consumerKey", &key, error)
      || !kv_oauth_client_find (kv_soap_admin_of (call)->oauth, key, &client, error))
    return FALSE;
  if (client != NULL)
    write_client (call->output, client);
  else
    soap_write_text (call->output, "ns:return", NULL);
  return TRUE;
}

static gboolean
delete_client (StWriter *writer, gpointer data, GError **error)
{
  return st_oauth_client_delete (writer, data, error);
}

/* Its tokens go with it; they are revoked before, so that gateways are told of each. */
gboolean
kv_soap_delete_client (SoapCall *call, GError **error)
{
  KvMemory *memory = kv_soap_admin_of (call)->oauth->stores.memory;
  g_autoptr (StOauthClient) client = NULL;
  GError *why = NULL;
  const char *key;

  if (!soap_parameter_need (call->operation, "consumerKey", &key, error)
      || !kv_soap_find_client (call, key, &client, error) || !kv_soap_revoke_of_client (call, key, error))
    return FALSE;
  if (!kv_oauth_write (kv_soap_admin_of (call)->oauth, delete_client, client, &why))
    return kv_soap_fail_store (why, error);
  if (memory != NULL)
    kv_cache_invalidate (memory->cache, kv_memory_tag_consumer_key (memory, key));
  return TRUE;
}
