/* APIKeyMgtSubscriberService: what revokes (spec/soap-and-oauth.md 3.1). */
#include "config.h"
#include "keyvalidator/soap/kv-soap-subscriber-private.h"

#include "common/apim-secret.h"
#include "keyvalidator/oauth/kv-oauth-client-auth.h"
#include "keyvalidator/oauth/kv-oauth-issuer.h"
#include "keyvalidator/oauth/kv-oauth-token-text.h"
#include "store/st-application-keys.h"
#include "store/st-oauth-code.h"
#include "store/st-oauth-token-writes.h"

#include <string.h>

typedef struct
{
  KvOauth *oauth;
  const char *shown;
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
      || !kv_oauth_find_to_end (writer, &form, revocation->shown, &revocation->token, error))
    return FALSE;
  if (revocation->token != NULL && revocation->consumer_key != NULL
      && g_strcmp0 (revocation->token->consumer_key, revocation->consumer_key) != 0)
    g_clear_pointer (&revocation->token, st_oauth_token_free);
  return revocation->token == NULL || st_oauth_token_revoke (writer, revocation->token, error);
}

/* A token that is not there is revoked already. The cache forgets it whoever its user is. */
gboolean
kv_soap_revoke_access_token (SoapCall *call, GError **error)
{
  Revocation revocation
      = { .oauth = kv_soap_admin_of (call)->oauth, .consumer_key = soap_parameter (call->operation, "consumerKey") };
  g_auto (ApimSecretText) stored = NULL; /* of what is genuine */
  gboolean done, jwt;

  if (!soap_parameter_need (call->operation, "key", &revocation.shown, error))
    return FALSE;
  stored = kv_oauth_stored_text (revocation.oauth, revocation.shown, &jwt);
  done = kv_oauth_write (revocation.oauth, revoke_token, &revocation, error);
  if (done && revocation.token != NULL)
    {
      const StOauthToken *token = revocation.token;

      kv_oauth_forget_shown (revocation.oauth, token->access_token,
                             strcmp (stored, token->access_token) == 0 ? revocation.shown : NULL, token->consumer_key);
      kv_oauth_count (&revocation.oauth->counters.revoked);
    }
  g_clear_pointer (&revocation.token, st_oauth_token_free);
  return done;
}

/* What is revoked: every usable token of some clients, of all users or one. */
typedef struct
{
  KvOauth *oauth;
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

static gboolean
expire_codes (StWriter *writer, gpointer data, GError **error)
{
  const ClientUsers *of = data;
  StOauthForm form;

  return kv_oauth_form (of->oauth, writer, &form, error)
         && st_oauth_code_expire_all (writer, &form, of->client, NULL, apim_clock_wall_ms (of->oauth->stores.clock),
                                      error);
}

/* User by user, each in a transaction: a client may have any number of them, and what is interrupted can be asked for
 * again. */
gboolean
kv_soap_revoke_of_client (SoapCall *call, const char *consumer_key, GError **error)
{
  KvOauth *oauth = kv_soap_admin_of (call)->oauth;
  g_autoptr (StOauthClient) client = NULL;
  ClientUsers of = { oauth };
  gboolean done;

  if (!kv_oauth_client_find (oauth, consumer_key, &client, error))
    return FALSE;
  if (client == NULL)
    return TRUE; /* its tokens went with it */
  of.client = client;
  done = kv_oauth_write (oauth, expire_codes, &of, error) && kv_oauth_read (oauth, find_users, &of, error);
  for (guint i = 0; done && i < of.users->len; i++)
    done = kv_oauth_revoke_all (oauth, client, of.users->pdata[i], NULL, error);
  g_clear_pointer (&of.users, g_ptr_array_unref);
  return done;
}

static gboolean
revoke_of_clients (SoapCall *call, char **consumer_keys, GError **error)
{
  for (char **key = consumer_keys; *key != NULL; key++)
    if (!kv_soap_revoke_of_client (call, *key, error))
      return FALSE;
  return TRUE;
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
  return soap_fail (error, "The user has no application of this name.");
}

static gboolean
read_keys (SoapCall *call, Application *application, GError **error)
{
  GError *why = NULL;

  return kv_oauth_read (kv_soap_admin_of (call)->oauth, find_keys, application, &why) || kv_soap_fail_store (why, error);
}

gboolean
kv_soap_revoke_of_application (SoapCall *call, GError **error)
{
  const SoapElement *element = soap_element_next_named (call->operation, NULL, "application");
  Application application = { 0 };
  g_auto (GStrv) keys = NULL;
  const char *id;

  if (element == NULL)
    return soap_fail (error, "The parameter \"application\" is missing.");
  if (!soap_parameter_need (element, "id", &id, error))
    return FALSE;
  if (!g_ascii_string_to_signed (id, 10, 1, G_MAXINT, &application.id, NULL))
    return soap_fail (error, "The id of the application is not a number.");
  if (!read_keys (call, &application, error))
    return FALSE;
  keys = application.keys;
  return revoke_of_clients (call, keys, error);
}

/* A subscriber, or an application tier, whose applications' keys are asked for. */
typedef struct
{
  gint tenant_id;
  const char *subscriber; /* NULL: by tier */
  const char *tier;
  char **keys;
} Owner;

static gboolean
find_keys_of_owner (StWriter *writer, gpointer data, GError **error)
{
  Owner *owner = data;

  g_clear_pointer (&owner->keys, g_strfreev);
  return owner->subscriber != NULL
             ? st_subscriber_find_keys (writer, owner->tenant_id, owner->subscriber, &owner->keys, error)
             : st_application_tier_find_keys (writer, owner->tier, &owner->keys, error);
}

static gboolean
revoke_of_owner (SoapCall *call, Owner *owner, GError **error)
{
  g_auto (GStrv) keys = NULL;
  GError *why = NULL;

  if (!kv_oauth_read (kv_soap_admin_of (call)->oauth, find_keys_of_owner, owner, &why))
    {
      g_strfreev (owner->keys);
      return kv_soap_fail_store (why, error);
    }
  keys = owner->keys;
  return revoke_of_clients (call, keys, error);
}

/* Everything of all applications of a subscriber, whoever the tokens' users are. */
gboolean
kv_soap_revoke_of_subscriber (SoapCall *call, GError **error)
{
  const SoapElement *element = soap_element_next_named (call->operation, NULL, "subscriber");
  g_auto (StOauthUser) user = { .name = NULL };
  Owner owner = { 0 };

  if (element == NULL)
    return soap_fail (error, "The parameter \"subscriber\" is missing.");
  if (!soap_parameter_need (element, "name", &owner.subscriber, error)
      || !kv_soap_resolve_user (call, owner.subscriber, &user, error))
    return FALSE;
  owner.tenant_id = user.tenant_id;
  return revoke_of_owner (call, &owner, error);
}

/* Everything of all applications of an application tier. */
gboolean
kv_soap_revoke_of_tier (SoapCall *call, GError **error)
{
  Owner owner = { 0 };

  return soap_parameter_need (call->operation, "tierName", &owner.tier, error)
         && revoke_of_owner (call, &owner, error);
}

/* The tokens that one user has of one application. */
gboolean
kv_soap_revoke_of_user_by_app (SoapCall *call, GError **error)
{
  const char *owner_name = soap_parameter (call->operation, "appOwner");
  g_auto (StOauthUser) user = { .name = NULL };
  g_auto (StOauthUser) owner = { .name = NULL };
  Application application = { 0 };
  g_auto (GStrv) keys = NULL;
  const char *user_name;

  if (!soap_parameter_need (call->operation, "userName", &user_name, error)
      || !soap_parameter_need (call->operation, "appName", &application.name, error))
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

      if (!kv_oauth_client_find (kv_soap_admin_of (call)->oauth, *key, &client, error)
          || (client != NULL && !kv_oauth_revoke_all (kv_soap_admin_of (call)->oauth, client, &user, NULL, error)))
        return FALSE;
    }
  soap_write_boolean (call->output, "ns:return", TRUE);
  return TRUE;
}
