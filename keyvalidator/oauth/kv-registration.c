#include "config.h"
#include "keyvalidator/oauth/kv-registration.h"

#include "common/apim-log.h"
#include "core/core-permission.h"
#include "keyvalidator/kv-permission.h"
#include "keyvalidator/oauth/kv-oauth-answer.h"
#include "keyvalidator/oauth/kv-registration-profile.h"
#include "net/net-http-credentials.h"
#include "store/st-service-provider.h"

#include <string.h>

#define PREFIX "/client-registration/v0."

struct _KvRegistration
{
  KvOauth *oauth;
  char *prefix;
};

static gboolean
refuse (GError **error, KvRegistrationError code, const char *text)
{
  g_set_error_literal (error, KV_REGISTRATION_ERROR, code, text);
  return FALSE;
}

static gboolean
authenticate (KvOauth *oauth, NetHttpExchange *exchange, StUser **caller, GError **error)
{
  NetHttpBasic basic;
  CoreLogin result;

  if (net_http_request_basic (net_http_exchange_request (exchange), &basic) != NET_HTTP_CREDENTIALS_FOUND)
    return refuse (error, KV_REGISTRATION_ERROR_NOBODY, "Basic credentials of a user are needed");
  result = core_authenticator_login (oauth->authenticator, basic.user, -1, basic.password, -1,
                                   net_http_exchange_peer (exchange), kv_oauth_deadline (oauth), caller);
  net_http_basic_clear (&basic);
  if (result == CORE_LOGIN_STORE_FAILED)
    {
      g_set_error_literal (error, ST_ERROR, ST_ERROR_UNAVAILABLE, "the user store could not say who the caller is");
      return FALSE;
    }
  return result == CORE_LOGIN_OK || refuse (error, KV_REGISTRATION_ERROR_NOBODY, "Unauthenticated request");
}

static gboolean
check_permission (KvOauth *oauth, const StUser *caller, GError **error)
{
  gboolean allowed;

  if (!kv_permission_of_user (oauth->stores.users, caller->tenant_id, ST_PRIMARY_USER_DOMAIN, caller->name,
                              CORE_PERMISSION_LOGIN, kv_oauth_deadline (oauth), &allowed, error))
    return FALSE;
  return allowed || refuse (error, KV_REGISTRATION_ERROR_FORBIDDEN, "The user lacks the permission to log in");
}

static gboolean
is_super_admin (KvOauth *oauth, const StUser *user, gboolean *is, GError **error)
{
  g_auto (GStrv) roles = NULL;

  *is = FALSE;
  if (user->tenant_id != ST_SUPER_TENANT_ID)
    return TRUE;
  if (!st_user_store_find_roles (oauth->stores.users, user->tenant_id, ST_PRIMARY_USER_DOMAIN, user->name,
                                 kv_oauth_deadline (oauth), &roles, error))
    return FALSE;
  for (char **role = roles; *role != NULL && !*is; role++)
    *is = g_ascii_strcasecmp (*role, oauth->config->user_store.admin_role) == 0;
  return TRUE;
}

/* The user whom @name, "[PRIMARY/]user[@tenant]", means: as at a login, what is behind the last "@" is a tenant only if there is one of that name.
 * NULL: nobody who can own a client here. */
static gboolean
find_owner (KvOauth *oauth, const char *name, StUser **owner, GError **error)
{
  gint64 deadline_us = kv_oauth_deadline (oauth);
  const char *bare;
  g_autofree char *domain = st_user_name_split (name, &bare);
  g_autofree char *user = g_strdup (bare);
  char *at = strrchr (user, '@');
  g_autoptr (StTenant) tenant = NULL;
  gint tenant_id = ST_SUPER_TENANT_ID;

  if (strcmp (domain, ST_PRIMARY_USER_DOMAIN) != 0)
    return TRUE;
  if (at != NULL && !st_user_store_find_tenant_by_domain (oauth->stores.users, at + 1, deadline_us, &tenant, error))
    return FALSE;
  if (tenant != NULL)
    {
      *at = '\0';
      tenant_id = tenant->id;
    }
  return st_user_store_find_user (oauth->stores.users, tenant_id, user, deadline_us, owner, error);
}

/* *owner: (transfer full): whose client it is to be. */
static gboolean
choose_owner (KvOauth *oauth, StUser *caller, const char *name, StUser **owner, GError **error)
{
  gboolean super_admin;

  if (name == NULL)
    {
      *owner = st_user_ref (caller);
      return TRUE;
    }
  if (!find_owner (oauth, name, owner, error) || !is_super_admin (oauth, caller, &super_admin, error))
    return FALSE;
  if (*owner != NULL && (*owner)->id == caller->id && (*owner)->tenant_id == caller->tenant_id)
    return TRUE;
  if (!super_admin)
    {
      g_set_error (error, KV_REGISTRATION_ERROR, KV_REGISTRATION_ERROR_BAD,
                   "Logged in user '%s' and application owner '%s' should be same.", caller->name, name);
      return FALSE;
    }
  return *owner != NULL || refuse (error, KV_REGISTRATION_ERROR_BAD, "There is no user with the name of the owner.");
}

/* What happens in one operation: the client that there is, or a new one. */
typedef struct
{
  const StOauthUser *owner;
  const KvRegistrationProfile *profile;
  char *name;
  StOauthClient *client;
  gboolean made;
  gboolean saas; /* of the client */
} Registration;

static StOauthClient *
make_client (const Registration *registration)
{
  StOauthClient *client = st_oauth_client_new ();

  client->key = st_oauth_client_random_key ();
  client->secret = st_oauth_client_random_key ();
  st_oauth_user_clear (&client->owner);
  client->owner = st_oauth_user_copy (registration->owner);
  client->name = g_strdup (registration->name);
  client->callback_url = g_strdup (registration->profile->callback_url);
  client->grant_types = g_strdup (registration->profile->grant_types);
  return client;
}

static gboolean
find_or_add (StWriter *writer, gpointer data, GError **error)
{
  Registration *registration = data;
  gint tenant_id = registration->owner->tenant_id;

  g_clear_pointer (&registration->client, st_oauth_client_free);
  if (!st_oauth_client_find_named (writer, tenant_id, registration->name, &registration->client, error))
    return FALSE;
  registration->made = registration->client == NULL;
  if (registration->made)
    {
      registration->client = make_client (registration);
      if (!st_oauth_client_insert (writer, registration->client, error)
          || !st_service_provider_set_saas (writer, registration->client, registration->profile->saas, error))
        return FALSE;
    }
  return st_service_provider_find_saas (writer, registration->client, &registration->saas, error);
}

/* @client: (transfer full) (out). @saas: (out). */
static gboolean
register_client (KvOauth *oauth, const StOauthUser *owner, const KvRegistrationProfile *profile, const char *peer,
                 StOauthClient **client, gboolean *saas, GError **error)
{
  g_autofree char *name = st_oauth_client_make_name (owner->name, profile->client_name, NULL);
  Registration registration = { .owner = owner, .profile = profile, .name = name };
  g_autoptr (StOauthClient) found = NULL;
  gboolean done = kv_oauth_write (oauth, find_or_add, &registration, error);

  found = registration.client;
  if (!done)
    return FALSE;
  if (!registration.made
      && !st_oauth_user_is_same (owner, &found->owner, oauth->config->user_store.case_insensitive_names))
    return refuse (error, KV_REGISTRATION_ERROR_FORBIDDEN, "Access is forbidden to the application");
  if (registration.made)
    apim_info ("keyvalidator", "OAuth client \"%s\" (\"%s\") of user \"%s\" registered from %s", found->key,
               found->name, owner->name, peer);
  *client = g_steal_pointer (&found);
  *saas = registration.saas;
  return TRUE;
}

static gboolean
answer_request (KvOauth *oauth, NetHttpExchange *exchange, StOauthClient **client, gboolean *saas, GError **error)
{
  g_auto (KvRegistrationProfile) profile = { NULL };
  g_auto (StOauthUser) user = { .name = NULL };
  g_autoptr (StUser) caller = NULL;
  g_autoptr (StUser) owner = NULL;
  gsize length;
  const guint8 *body = net_http_exchange_body (exchange, &length);

  return authenticate (oauth, exchange, &caller, error) && check_permission (oauth, caller, error)
         && kv_registration_profile_parse ((const char *) body, length, &profile, error)
         && choose_owner (oauth, caller, profile.owner, &owner, error)
         && kv_oauth_user_of (oauth, owner->tenant_id, ST_PRIMARY_USER_DOMAIN, owner->name, &user, error)
         && register_client (oauth, &user, &profile, net_http_exchange_peer (exchange), client, saas, error);
}

/* The members of WSO2's bean; what its jsonString holds is a text, which clients parse again. */
static void
answer_client (NetHttpExchange *exchange, const StOauthClient *client, gboolean saas)
{
  g_autoptr (GString) inner = kv_oauth_json_begin ();
  GString *json = kv_oauth_json_begin ();

  kv_oauth_json_text (inner, "grant_types", client->grant_types != NULL ? client->grant_types : "");
  kv_oauth_json_text (inner, "redirect_uris", client->callback_url != NULL ? client->callback_url : "");
  kv_oauth_json_text (inner, "client_name", client->name);
  g_string_append_c (inner, '}');
  kv_oauth_json_text (json, "callBackURL", client->callback_url != NULL ? client->callback_url : "");
  kv_oauth_json_text (json, "jsonString", inner->str);
  kv_oauth_json_text (json, "clientName", client->name);
  kv_oauth_json_text (json, "clientId", client->key);
  kv_oauth_json_text (json, "clientSecret", client->secret);
  kv_oauth_json_boolean (json, "isSaasApplication", saas);
  kv_oauth_json_text (json, "appOwner", client->owner.name);
  kv_oauth_answer_json (exchange, json);
}

static void
answer_error (NetHttpExchange *exchange, guint status, guint code, const char *message, const char *description)
{
  g_autoptr (GString) json = kv_oauth_json_begin ();

  kv_oauth_json_number (json, "code", code);
  kv_oauth_json_text (json, "message", message);
  kv_oauth_json_text (json, "description", description);
  g_string_append_c (json, '}');
  kv_oauth_forbid_caching (exchange);
  net_http_respond (exchange, status, "application/json", json->str, json->len);
}

/* An internal failure has the status 400 and the code 500, as clients know it. */
static void
answer_failure (KvRegistration *registration, NetHttpExchange *exchange, const GError *error)
{
  static ApimLogGate gate;
  g_autofree char *challenge = g_strdup_printf ("Basic realm=%s", registration->oauth->config->host_name);

  if (g_error_matches (error, KV_REGISTRATION_ERROR, KV_REGISTRATION_ERROR_NOBODY))
    {
      net_http_exchange_add_header (exchange, "WWW-Authenticate", challenge);
      answer_error (exchange, 401, 401, "Unauthorized", error->message);
    }
  else if (g_error_matches (error, KV_REGISTRATION_ERROR, KV_REGISTRATION_ERROR_FORBIDDEN))
    answer_error (exchange, 403, 403, "Forbidden", error->message);
  else if (error->domain == KV_REGISTRATION_ERROR)
    answer_error (exchange, 400, 400, "Bad Request", error->message);
  else
    {
      apim_log_limited (&gate, APIM_LOG_ERROR, "keyvalidator", "could not register an OAuth client: %s",
                        error->message);
      answer_error (exchange, 400, 500, "Internal Server Error",
                    "Error occurred while trying to create the client application");
    }
}

/* "/client-registration/v0.<n>/register", with or without "/" at its end. */
static gboolean
is_register (const KvRegistration *registration, NetHttpText path)
{
  g_autofree char *copy = g_strndup (path.text, path.length);
  const char *version = copy + strlen (registration->prefix);
  gsize digits = strspn (version, "0123456789");

  return digits > 0 && (strcmp (version + digits, "/register") == 0 || strcmp (version + digits, "/register/") == 0);
}

static void
handle_register (NetHttpExchange *exchange, gpointer data)
{
  KvRegistration *registration = data;
  const NetHttpRequest *request = net_http_exchange_request (exchange);
  g_autoptr (StOauthClient) client = NULL;
  g_autoptr (GError) error = NULL;
  gboolean saas;

  if (!is_register (registration, request->path))
    answer_error (exchange, 404, 404, "Not Found", "Only /register is here");
  else if (!net_http_text_equal (request->method, "POST"))
    {
      /* WSO2 answers 500 to DELETE, which it does not implement either. */
      net_http_exchange_add_header (exchange, "Allow", "POST");
      answer_error (exchange, 405, 405, "Method Not Allowed", "Only POST is understood here");
    }
  else if (answer_request (registration->oauth, exchange, &client, &saas, &error))
    answer_client (exchange, client, saas);
  else
    answer_failure (registration, exchange, error);
}

KvRegistration *
kv_registration_new (KvOauth *oauth)
{
  KvRegistration *registration = g_new0 (KvRegistration, 1);

  registration->oauth = oauth;
  return registration;
}

void
kv_registration_free (KvRegistration *registration)
{
  if (registration == NULL)
    return;
  g_free (registration->prefix);
  g_free (registration);
}

void
kv_registration_add_to (KvRegistration *registration, NetHttpServer *server, const char *web_context_root)
{
  g_autofree char *path = NULL;

  g_free (registration->prefix);
  registration->prefix = g_strconcat (web_context_root, PREFIX, NULL);
  path = g_strconcat (registration->prefix, "*", NULL);
  net_http_server_add (server, path, NET_HTTP_ON_POOL, handle_register, registration);
}
