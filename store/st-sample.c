#include "config.h"
#include "store/st-sample.h"

#include "common/apim-secret.h"
#include "store/st-database-private.h"
#include "store/st-records.h"
#include "store/st-sample-world.h"
#include "store/st-schema.h"

#include <openssl/evp.h>
#include <string.h>

/* As in a consumer secret of WSO2's: about 165 random bits. */
#define SECRET_LENGTH 28

typedef struct
{
  char *key;
  char *secret;
} Client;

static void
client_free (gpointer data)
{
  Client *client = data;

  apim_secret_free (client->key);
  apim_secret_free (client->secret);
  g_free (client);
}

typedef struct
{
  const StSampleSecrets *secrets;
  StTransaction *api;
  StTransaction *users;
  gint tenant_id;            /* of ST_SAMPLE_TENANT */
  GHashTable *clients; /* "application/KEY_TYPE" to Client */
  GPtrArray *tokens;
} Sample;

static void
sample_token_free (gpointer data)
{
  StSampleToken *token = data;

  apim_secret_free (token->token);
  g_free (token->description);
  g_free (token->context);
  g_free (token->version);
  g_free (token->resource);
  g_free (token->verb);
  g_free (token->level);
  g_free (token->key_type);
  g_free (token->consumer_key);
  apim_secret_free (token->consumer_secret);
  g_free (token);
}

static gint
tenant_of (const Sample *sample, gboolean tenant)
{
  return tenant ? sample->tenant_id : ST_SUPER_TENANT_ID;
}

/* Runs a statement. @types: one letter per parameter: "s" text (nullable), "i" gint64. */
static gboolean
run (StTransaction *transaction, const StStatement *statement, GError **error, const char *types, ...)
{
  g_autoptr (StQuery) query = st_transaction_query (transaction, statement, error);
  va_list values;

  if (query == NULL)
    return FALSE;
  va_start (values, types);
  for (guint at = 0; types[at] != '\0'; at++)
    if (types[at] == 's')
      st_query_bind_text (query, at, va_arg (values, const char *));
    else
      st_query_bind_int64 (query, at, va_arg (values, gint64));
  va_end (values);
  return st_query_step (query, error) == ST_END;
}

/* @statement counts rows of the sample that are there. */
static gboolean
check_absent (StTransaction *transaction, const StStatement *statement, const char *text, GError **error)
{
  g_autoptr (StQuery) query = st_transaction_query (transaction, statement, error);

  if (query == NULL)
    return FALSE;
  st_query_bind_text (query, 0, text);
  if (st_query_step (query, error) != ST_ROW)
    return FALSE;
  if (st_query_int64 (query, 0) == 0)
    return TRUE;
  g_set_error (error, ST_ERROR, ST_ERROR_CONFLICT, "the sample's \"%s\" is in the database already", text);
  return FALSE;
}

static gboolean
check_all_absent (const Sample *sample, GError **error)
{
  static const StStatement tenant = { "SELECT COUNT(*) FROM UM_TENANT WHERE UM_DOMAIN_NAME = ?" };
  static const StStatement user = { "SELECT COUNT(*) FROM UM_USER WHERE UM_USER_NAME = ?" };
  static const StStatement api = { "SELECT COUNT(*) FROM AM_API WHERE CONTEXT = ?" };
  static const StStatement application = { "SELECT COUNT(*) FROM AM_APPLICATION WHERE NAME = ?" };

  if (!check_absent (sample->users, &tenant, ST_SAMPLE_TENANT, error))
    return FALSE;
  for (const StSampleUser *each = st_sample_users; each->name != NULL; each++)
    if (!check_absent (sample->users, &user, each->name, error))
      return FALSE;
  for (const StSampleApi *each = st_sample_apis; each->context != NULL; each++)
    if (!check_absent (sample->api, &api, each->context, error))
      return FALSE;
  for (const StSampleApplication *each = st_sample_applications; each->name != NULL; each++)
    if (!check_absent (sample->api, &application, each->name, error))
      return FALSE;
  return TRUE;
}

static gboolean
add_tenant (Sample *sample, GError **error)
{
  static const StStatement tenant = {
    "INSERT INTO UM_TENANT (UM_DOMAIN_NAME, UM_EMAIL, UM_ACTIVE) VALUES (?, 'dave@example.com', 1)"
  };
  static const StStatement domains = {
    "INSERT INTO UM_DOMAIN (UM_DOMAIN_NAME, UM_TENANT_ID) SELECT UM_DOMAIN_NAME, ? FROM UM_DOMAIN WHERE"
    " UM_TENANT_ID = -1234"
  };
  static const StStatement everyone
      = { "INSERT INTO UM_HYBRID_ROLE (UM_ROLE_NAME, UM_TENANT_ID) VALUES ('everyone', ?)" };

  if (!run (sample->users, &tenant, error, "s", ST_SAMPLE_TENANT))
    return FALSE;
  sample->tenant_id = (gint) st_transaction_last_insert_id (sample->users);
  return run (sample->users, &domains, error, "i", (gint64) sample->tenant_id)
         && run (sample->users, &everyone, error, "i", (gint64) sample->tenant_id);
}

static gboolean
add_roles (Sample *sample, const StSampleUser *user, GError **error)
{
  static const StStatement role = { "INSERT INTO UM_ROLE (UM_ROLE_NAME, UM_TENANT_ID) VALUES (?, ?)" };
  static const StStatement member = {
    "INSERT INTO UM_USER_ROLE (UM_ROLE_ID, UM_USER_ID, UM_TENANT_ID)"
    " SELECT r.UM_ID, u.UM_ID, u.UM_TENANT_ID FROM UM_ROLE r JOIN UM_USER u ON u.UM_TENANT_ID = r.UM_TENANT_ID"
    " WHERE r.UM_ROLE_NAME = ? AND u.UM_USER_NAME = ? AND u.UM_TENANT_ID = ?"
  };
  /* An administrator added before the sample brought the role along. */
  static const StStatement hybrid_role = {
    "INSERT INTO UM_HYBRID_ROLE (UM_ROLE_NAME, UM_TENANT_ID) SELECT 'subscriber', ? FROM (SELECT 1 AS ONE) d"
    " WHERE NOT EXISTS (SELECT 1 FROM UM_HYBRID_ROLE h WHERE h.UM_ROLE_NAME = 'subscriber' AND h.UM_TENANT_ID = ?)"
  };
  static const StStatement hybrid_member = {
    "INSERT INTO UM_HYBRID_USER_ROLE (UM_USER_NAME, UM_ROLE_ID, UM_TENANT_ID, UM_DOMAIN_ID)"
    " SELECT ?, h.UM_ID, h.UM_TENANT_ID, d.UM_DOMAIN_ID FROM UM_HYBRID_ROLE h JOIN UM_DOMAIN d ON d.UM_TENANT_ID ="
    " h.UM_TENANT_ID"
    " WHERE h.UM_ROLE_NAME = 'subscriber' AND d.UM_DOMAIN_NAME = 'PRIMARY' AND h.UM_TENANT_ID = ?"
  };
  gint64 tenant_id = tenant_of (sample, user->tenant);

  if (user->role != NULL
      && (!run (sample->users, &role, error, "si", user->role, tenant_id)
          || !run (sample->users, &member, error, "ssi", user->role, user->name, tenant_id)))
    return FALSE;
  return !user->subscriber
         || (run (sample->users, &hybrid_role, error, "ii", tenant_id, tenant_id)
             && run (sample->users, &hybrid_member, error, "si", user->name, tenant_id));
}

static gboolean
add_users (Sample *sample, GError **error)
{
  static const StStatement insert = {
    "INSERT INTO UM_USER (UM_USER_NAME, UM_USER_PASSWORD, UM_SALT_VALUE, UM_REQUIRE_CHANGE, UM_TENANT_ID) VALUES"
    " (?, ?, ?, 0, ?)"
  };

  for (const StSampleUser *user = st_sample_users; user->name != NULL; user++)
    {
      g_auto (ApimSecretText) password = apim_random_text (SECRET_LENGTH, error);
      g_autofree char *salt = NULL;
      g_autofree char *hash = NULL;

      if (password != NULL)
        hash = sample->secrets->hash (password, &salt, sample->secrets->data, error);
      if (hash == NULL
          || !run (sample->users, &insert, error, "sssi", user->name, hash, salt,
                   (gint64) tenant_of (sample, user->tenant))
          || !add_roles (sample, user, error))
        return FALSE;
    }
  return TRUE;
}

/* The tenant's own policies are copies of the super tenant's, as WSO2 makes them when it loads a tenant. */
static gboolean
add_policies (Sample *sample, GError **error)
{
#define SQLITE_UUID "lower(hex(randomblob(16)))"
#define MYSQL_UUID "UUID()"
#define SUBSCRIPTION_POLICIES(uuid) \
  "INSERT INTO AM_POLICY_SUBSCRIPTION (NAME, DISPLAY_NAME, TENANT_ID, DESCRIPTION, QUOTA_TYPE, QUOTA, UNIT_TIME," \
  " TIME_UNIT," \
  " RATE_LIMIT_COUNT, IS_DEPLOYED, STOP_ON_QUOTA_REACH, BILLING_PLAN, UUID)" \
  " SELECT NAME, DISPLAY_NAME, ?, DESCRIPTION, QUOTA_TYPE, QUOTA, UNIT_TIME, TIME_UNIT, RATE_LIMIT_COUNT," \
  " IS_DEPLOYED," \
  " STOP_ON_QUOTA_REACH, BILLING_PLAN, " uuid " FROM AM_POLICY_SUBSCRIPTION WHERE TENANT_ID = -1234"
#define APPLICATION_POLICIES(uuid) \
  "INSERT INTO AM_POLICY_APPLICATION (NAME, DISPLAY_NAME, TENANT_ID, DESCRIPTION, QUOTA_TYPE, QUOTA, UNIT_TIME," \
  " TIME_UNIT," \
  " IS_DEPLOYED, UUID)" \
  " SELECT NAME, DISPLAY_NAME, ?, DESCRIPTION, QUOTA_TYPE, QUOTA, UNIT_TIME, TIME_UNIT, IS_DEPLOYED, " uuid \
  " FROM AM_POLICY_APPLICATION WHERE TENANT_ID = -1234"
#define API_POLICIES(uuid) \
  "INSERT INTO AM_API_THROTTLE_POLICY (NAME, DISPLAY_NAME, TENANT_ID, DESCRIPTION, DEFAULT_QUOTA_TYPE, DEFAULT_QUOTA," \
  " DEFAULT_UNIT_TIME, DEFAULT_TIME_UNIT, APPLICABLE_LEVEL, IS_DEPLOYED, UUID)" \
  " SELECT NAME, DISPLAY_NAME, ?, DESCRIPTION, DEFAULT_QUOTA_TYPE, DEFAULT_QUOTA, DEFAULT_UNIT_TIME," \
  " DEFAULT_TIME_UNIT," \
  " APPLICABLE_LEVEL, IS_DEPLOYED, " uuid " FROM AM_API_THROTTLE_POLICY WHERE TENANT_ID = -1234"
  static const StStatement subscription = { SUBSCRIPTION_POLICIES (SQLITE_UUID), SUBSCRIPTION_POLICIES (MYSQL_UUID) };
  static const StStatement application = { APPLICATION_POLICIES (SQLITE_UUID), APPLICATION_POLICIES (MYSQL_UUID) };
  static const StStatement api = { API_POLICIES (SQLITE_UUID), API_POLICIES (MYSQL_UUID) };
  gint64 tenant_id = sample->tenant_id;

  return run (sample->api, &subscription, error, "i", tenant_id)
         && run (sample->api, &application, error, "i", tenant_id) && run (sample->api, &api, error, "i", tenant_id);
}

static gboolean
add_apis (Sample *sample, GError **error)
{
  static const StStatement insert = {
    "INSERT INTO AM_API (API_PROVIDER, API_NAME, API_VERSION, CONTEXT, CONTEXT_TEMPLATE, CREATED_BY) VALUES (?, ?,"
    " ?, ?, ?, ?)"
  };
  static const StStatement event = {
    "INSERT INTO AM_API_LC_EVENT (API_ID, PREVIOUS_STATE, NEW_STATE, USER_ID, TENANT_ID)"
    " SELECT API_ID, ?, ?, CREATED_BY, ? FROM AM_API WHERE CONTEXT = ?"
  };
  static const StStatement version = {
    "INSERT INTO AM_API_DEFAULT_VERSION (API_NAME, API_PROVIDER, DEFAULT_API_VERSION,"
    " PUBLISHED_DEFAULT_API_VERSION) VALUES (?, ?, ?, ?)"
  };

  for (const StSampleApi *api = st_sample_apis; api->context != NULL; api++)
    {
      g_autofree char *template = g_path_get_dirname (api->context); /* the context ends in the version */
      gint64 tenant_id = tenant_of (sample, api->tenant);

      if (!run (sample->api, &insert, error, "ssssss", api->provider, api->name, api->version, api->context, template,
                api->provider)
          || !run (sample->api, &event, error, "ssis", NULL, "CREATED", tenant_id, api->context)
          || !run (sample->api, &event, error, "ssis", "CREATED", "PUBLISHED", tenant_id, api->context))
        return FALSE;
      if (api->default_version != NULL
          && !run (sample->api, &version, error, "ssss", api->name, api->provider, api->default_version,
                   api->default_version))
        return FALSE;
    }
  return TRUE;
}

static gboolean
add_scopes (Sample *sample, GError **error)
{
  static const StStatement insert = { "INSERT INTO IDN_OAUTH2_SCOPE (NAME, DISPLAY_NAME, TENANT_ID) VALUES (?, ?, ?)" };
  static const StStatement binding = { "INSERT INTO IDN_OAUTH2_SCOPE_BINDING (SCOPE_ID, SCOPE_BINDING) VALUES (?, ?)" };

  for (const StSampleScope *scope = st_sample_scopes; scope->key != NULL; scope++)
    {
      if (!run (sample->api, &insert, error, "ssi", scope->key, scope->title,
                (gint64) tenant_of (sample, scope->tenant)))
        return FALSE;
      if (scope->role != NULL
          && !run (sample->api, &binding, error, "is", st_transaction_last_insert_id (sample->api), scope->role))
        return FALSE;
    }
  return TRUE;
}

static const StSampleApi *
api_of (const char *context)
{
  const StSampleApi *api = st_sample_apis;

  while (strcmp (api->context, context) != 0)
    api++;
  return api;
}

static gboolean
add_resources (Sample *sample, GError **error)
{
  static const StStatement insert = {
    "INSERT INTO AM_API_URL_MAPPING (API_ID, HTTP_METHOD, AUTH_SCHEME, URL_PATTERN, THROTTLING_TIER)"
    " SELECT API_ID, ?, ?, ?, 'Unlimited' FROM AM_API WHERE CONTEXT = ?"
  };
  static const StStatement api_scope = {
    "INSERT INTO AM_API_SCOPES (API_ID, SCOPE_ID)"
    " SELECT p.API_ID, s.SCOPE_ID FROM AM_API p, IDN_OAUTH2_SCOPE s WHERE p.CONTEXT = ? AND s.NAME = ? AND"
    " s.TENANT_ID = ?"
  };
  static const StStatement resource_scope = {
    "INSERT INTO IDN_OAUTH2_RESOURCE_SCOPE (RESOURCE_PATH, SCOPE_ID, TENANT_ID)"
    " SELECT ?, SCOPE_ID, TENANT_ID FROM IDN_OAUTH2_SCOPE WHERE NAME = ? AND TENANT_ID = ?"
  };

  for (const StSampleResource *resource = st_sample_resources; resource->context != NULL; resource++)
    {
      const StSampleApi *api = api_of (resource->context);
      gint64 tenant_id = tenant_of (sample, api->tenant);
      g_autofree char *path
          = g_strdup_printf ("%s/%s%s:%s", api->context, api->version, resource->pattern, resource->verb);

      if (!run (sample->api, &insert, error, "ssss", resource->verb, resource->level, resource->pattern, api->context))
        return FALSE;
      if (resource->scope != NULL
          && (!run (sample->api, &api_scope, error, "ssi", api->context, resource->scope, tenant_id)
              || !run (sample->api, &resource_scope, error, "ssi", path, resource->scope, tenant_id)))
        return FALSE;
    }
  return TRUE;
}

static gboolean
add_keys (Sample *sample, const StSampleApplication *application, gint64 application_id, const char *key_type,
          GError **error)
{
  /* Validity 0: the server's default. */
  static const StStatement client = {
    "INSERT INTO IDN_OAUTH_CONSUMER_APPS (CONSUMER_KEY, CONSUMER_SECRET, USERNAME, TENANT_ID, USER_DOMAIN, APP_NAME,"
    " OAUTH_VERSION, CALLBACK_URL, GRANT_TYPES, USER_ACCESS_TOKEN_EXPIRE_TIME, APP_ACCESS_TOKEN_EXPIRE_TIME,"
    " REFRESH_TOKEN_EXPIRE_TIME, ID_TOKEN_EXPIRE_TIME)"
    " VALUES (?, ?, ?, ?, 'PRIMARY', ?, 'OAuth-2.0', '', 'client_credentials refresh_token password', 0, 0, 0, 0)"
  };
  static const StStatement mapping = {
    "INSERT INTO AM_APPLICATION_KEY_MAPPING (APPLICATION_ID, CONSUMER_KEY, KEY_TYPE, STATE, CREATE_MODE)"
    " VALUES (?, ?, ?, 'COMPLETED', 'CREATED')"
  };
  static const StStatement domain
      = { "INSERT INTO AM_APP_KEY_DOMAIN_MAPPING (CONSUMER_KEY, AUTHZ_DOMAIN) VALUES (?, 'ALL')" };
  g_autofree char *owner = g_strndup (application->owner, strcspn (application->owner, "@"));
  g_autofree char *name = g_strdup_printf ("%s_%s_%s", owner, application->name, key_type);
  Client *keys = g_new0 (Client, 1);

  g_hash_table_insert (sample->clients, g_strdup_printf ("%s/%s", application->name, key_type), keys);
  keys->key = apim_random_text (SECRET_LENGTH, error);
  keys->secret = keys->key != NULL ? apim_random_text (SECRET_LENGTH, error) : NULL;
  return keys->secret != NULL
         && run (sample->api, &client, error, "sssis", keys->key, keys->secret, owner,
                 (gint64) tenant_of (sample, application->tenant), name)
         && run (sample->api, &mapping, error, "iss", application_id, keys->key, key_type)
         && run (sample->api, &domain, error, "s", keys->key);
}

static gboolean
add_applications (Sample *sample, GError **error)
{
  static const StStatement subscriber = {
    "INSERT INTO AM_SUBSCRIBER (USER_ID, TENANT_ID, EMAIL_ADDRESS, CREATED_BY) SELECT ?, ?, '', ?"
    " FROM (SELECT 1 AS ONE) d"
    " WHERE NOT EXISTS (SELECT 1 FROM AM_SUBSCRIBER s WHERE s.USER_ID = ? AND s.TENANT_ID = ?)"
  };
  static const StStatement insert = {
    "INSERT INTO AM_APPLICATION (NAME, SUBSCRIBER_ID, APPLICATION_TIER, DESCRIPTION, APPLICATION_STATUS, GROUP_ID,"
    " CREATED_BY,"
    " UUID, TOKEN_TYPE)"
    " SELECT ?, SUBSCRIBER_ID, 'Unlimited', ?, 'APPROVED', '', USER_ID, ?, ? FROM AM_SUBSCRIBER WHERE USER_ID = ?"
    " AND TENANT_ID = ?"
  };

  for (const StSampleApplication *application = st_sample_applications; application->name != NULL; application++)
    {
      g_autofree char *uuid = apim_random_uuid ();
      gint64 tenant_id = tenant_of (sample, application->tenant);
      gint64 id;

      if (!run (sample->api, &subscriber, error, "sissi", application->owner, tenant_id, application->owner,
                application->owner, tenant_id)
          || !run (sample->api, &insert, error, "sssssi", application->name, application->description, uuid,
                   application->token_type, application->owner, tenant_id))
        return FALSE;
      id = st_transaction_last_insert_id (sample->api);
      if (!add_keys (sample, application, id, "PRODUCTION", error)
          || !add_keys (sample, application, id, "SANDBOX", error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
add_subscriptions (Sample *sample, GError **error)
{
  static const StStatement insert = {
    "INSERT INTO AM_SUBSCRIPTION (TIER_ID, API_ID, APPLICATION_ID, SUB_STATUS, SUBS_CREATE_STATE, CREATED_BY, UUID)"
    " SELECT ?, p.API_ID, a.APPLICATION_ID, ?, ?, a.CREATED_BY, ? FROM AM_API p, AM_APPLICATION a WHERE p.CONTEXT"
    " = ? AND a.NAME = ?"
  };

  for (const StSampleSubscription *each = st_sample_subscriptions; each->application != NULL; each++)
    {
      g_autofree char *uuid = apim_random_uuid ();

      if (!run (sample->api, &insert, error, "ssssss", each->tier, each->status, each->create_state, uuid,
                each->context, each->application))
        return FALSE;
    }
  return TRUE;
}

/* The form in which 2.6 stores it. */
static char *
token_hash (const char *token)
{
  g_autofree char *hex = g_compute_checksum_for_string (G_CHECKSUM_SHA256, token, -1);

  return g_strdup_printf ("{\"hash\":\"%s\",\"algorithm\":\"SHA-256\"}", hex);
}

static gboolean
insert_token (Sample *sample, const StSampleTokenSpec *spec, const char *id, const StSampleToken *token, GError **error)
{
#define TOKEN(time) \
  "INSERT INTO IDN_OAUTH2_ACCESS_TOKEN (TOKEN_ID, ACCESS_TOKEN, CONSUMER_KEY_ID, AUTHZ_USER, TENANT_ID," \
  " USER_DOMAIN, USER_TYPE," \
  " GRANT_TYPE, TIME_CREATED, REFRESH_TOKEN_TIME_CREATED, VALIDITY_PERIOD, REFRESH_TOKEN_VALIDITY_PERIOD," \
  " TOKEN_SCOPE_HASH," \
  " TOKEN_STATE, TOKEN_STATE_ID, SUBJECT_IDENTIFIER, ACCESS_TOKEN_HASH)" \
  " SELECT ?, ?, ID, ?, ?, 'PRIMARY', ?, ?, " time ", " time \
  ", ?, 0, ?, ?, ?, ?, ? FROM IDN_OAUTH_CONSUMER_APPS WHERE CONSUMER_KEY = ?"
  static const StStatement insert = { TOKEN ("?"), TOKEN ("FROM_UNIXTIME(FLOOR(? / 1000))") };
  gboolean application = strstr (spec->scopes, "am_application_scope") != NULL;
  gboolean live = strcmp (spec->state, "ACTIVE") == 0;
  gint64 issued_ms = g_get_real_time () / 1000 - spec->age_s * 1000;
  gint64 tenant_id = tenant_of (sample, strchr (spec->user, '@') != NULL);
  g_autofree char *user = g_strndup (spec->user, strcspn (spec->user, "@"));
  g_autofree char *scope_hash = g_compute_checksum_for_string (G_CHECKSUM_MD5, spec->scopes, -1);
  g_autofree char *state_id = live ? g_strdup ("NONE") : apim_random_uuid ();
  g_autofree char *hash = token_hash (token->token);

  return run (sample->api, &insert, error, "sssissiiissssss", id, token->token, user, tenant_id,
              application ? "APPLICATION" : "APPLICATION_USER", application ? "client_credentials" : "password",
              issued_ms, issued_ms, spec->validity_ms, scope_hash, spec->state, state_id, spec->user, hash,
              token->consumer_key);
}

static gboolean
insert_scopes (Sample *sample, const StSampleTokenSpec *spec, const char *id, GError **error)
{
  static const StStatement insert = {
    "INSERT INTO IDN_OAUTH2_ACCESS_TOKEN_SCOPE (TOKEN_ID, TOKEN_SCOPE, TENANT_ID) VALUES (?, ?, ?)"
  };
  g_auto (GStrv) scopes = g_strsplit (spec->scopes, " ", -1); /* of "": none */
  gint64 tenant_id = tenant_of (sample, strchr (spec->user, '@') != NULL);

  for (guint i = 0; scopes[i] != NULL; i++)
    if (!run (sample->api, &insert, error, "ssi", id, scopes[i], tenant_id))
      return FALSE;
  return TRUE;
}

static gboolean
add_tokens (Sample *sample, GError **error)
{
  for (const StSampleTokenSpec *spec = st_sample_token_specs; spec->description != NULL; spec++)
    {
      g_autofree char *id = apim_random_uuid ();
      g_autofree char *application_key = g_strdup_printf ("%s/%s", spec->application, spec->key_type);
      const Client *client = g_hash_table_lookup (sample->clients, application_key);
      StSampleToken *token = g_new0 (StSampleToken, 1);

      token->token = apim_random_uuid ();
      token->description = g_strdup (spec->description);
      token->context = g_strdup (spec->context);
      token->version = g_strdup (spec->version);
      token->resource = g_strdup (spec->resource);
      token->verb = g_strdup (spec->verb);
      token->level = g_strdup (spec->level);
      token->key_type = g_strdup (spec->key_type);
      token->consumer_key = client != NULL ? g_strdup (client->key) : NULL;
      token->consumer_secret = client != NULL ? g_strdup (client->secret) : NULL;
      token->expected_status = spec->expected_status;
      g_ptr_array_add (sample->tokens, token);
      if (spec->user != NULL
          && (!insert_token (sample, spec, id, token, error) || !insert_scopes (sample, spec, id, error)))
        return FALSE;
    }
  return TRUE;
}

static gboolean
check_ours (StDatabase *database, StSchemaPart part, GError **error)
{
  StSchemaReport report;

  if (!st_schema_inspect (database, part, &report, error))
    return FALSE;
  if (report.state == ST_SCHEMA_OURS && report.has_part)
    return TRUE;
  g_set_error (error, ST_ERROR, ST_ERROR_SCHEMA,
               "the sample is only loaded into databases made by \"apimctl db migrate\", and \"%s\" is none",
               st_database_source (database)->jndi_name);
  return FALSE;
}

/* Two write transactions on one SQLite file would wait for each other. */
static gboolean
share_transaction (StDatabase *api, StDatabase *users)
{
  return api == users
         || (st_database_kind (api) == APIM_DATABASE_SQLITE && st_database_kind (users) == APIM_DATABASE_SQLITE
             && strcmp (st_database_source (api)->path, st_database_source (users)->path) == 0);
}

static gboolean
load (Sample *sample, GError **error)
{
  return check_all_absent (sample, error) && add_tenant (sample, error) && add_users (sample, error)
         && add_policies (sample, error) && add_apis (sample, error) && add_scopes (sample, error)
         && add_resources (sample, error) && add_applications (sample, error) && add_subscriptions (sample, error)
         && add_tokens (sample, error);
}

static gboolean
commit (Sample *sample, GError **error)
{
  gboolean shared = sample->api == sample->users;
  gboolean done = st_transaction_commit (g_steal_pointer (&sample->users), error);

  if (shared)
    sample->api = NULL;
  else if (done)
    done = st_transaction_commit (g_steal_pointer (&sample->api), error);
  return done;
}

gboolean
st_sample_load (StDatabase *api, StDatabase *users, const StSampleSecrets *secrets, GPtrArray **tokens, GError **error)
{
  Sample sample = { .secrets = secrets };
  gboolean done = FALSE;

  if (!check_ours (api, ST_SCHEMA_API, error) || !check_ours (users, ST_SCHEMA_USER, error))
    return FALSE;
  sample.clients = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, client_free);
  sample.tokens = g_ptr_array_new_with_free_func (sample_token_free);
  sample.api = st_transaction_begin (api, 0, error);
  if (sample.api != NULL)
    sample.users = share_transaction (api, users) ? sample.api : st_transaction_begin (users, 0, error);
  if (sample.users != NULL)
    done = load (&sample, error) && commit (&sample, error);
  if (sample.users != NULL && sample.users != sample.api)
    st_transaction_rollback (sample.users);
  if (sample.api != NULL)
    st_transaction_rollback (sample.api);
  g_hash_table_unref (sample.clients);
  if (done)
    *tokens = sample.tokens;
  else
    g_ptr_array_unref (sample.tokens);
  return done;
}
