/* StKeyStore over SQL. Which statement asks a question depends on the database's capabilities: each question has a
 * list of variants, the richest first, and the first whose needs are met is used. */
#include "config.h"
#include "common/apim-secret.h"
#include "common/apim-text.h"
#include "store/st-capabilities.h"
#include "store/st-sql-stores.h"

#include <string.h>

/* Not a flag of the database: throttling by policies is on in the configuration. */
#define CAP_POLICIES_USED (1u << 31)
/* What every statement below stands on. */
#define CAPS_SUPPORTED \
  (ST_CAP_APIM | ST_CAP_TOKEN_IDS | ST_CAP_API_TIER | ST_CAP_TOKEN_HASH | ST_CAP_SCOPE_BINDING | ST_CAP_APP_TOKEN_TYPE)

typedef struct
{
  guint needs;
  const StStatement *statement;
} Variant;

typedef struct
{
  StKeyStore store;
  StDatabase *database; /* borrowed */
  gboolean advanced_throttling;
} SqlKeyStore;

/* The times: SQLite holds milliseconds, MySQL a TIMESTAMP that the session's time zone explains. */
#define TOKEN_COLUMNS(created) \
  "SELECT t.TOKEN_ID, t.ACCESS_TOKEN_HASH, t.ACCESS_TOKEN, c.CONSUMER_KEY, t.AUTHZ_USER, t.TENANT_ID, t.USER_DOMAIN," \
  " t.USER_TYPE, " created ", t.VALIDITY_PERIOD, s.TOKEN_SCOPE" \
  " FROM IDN_OAUTH2_ACCESS_TOKEN t" \
  " JOIN IDN_OAUTH_CONSUMER_APPS c ON c.ID = t.CONSUMER_KEY_ID" \
  " LEFT JOIN IDN_OAUTH2_ACCESS_TOKEN_SCOPE s ON s.TOKEN_ID = t.TOKEN_ID" \
  " WHERE t.TOKEN_STATE = 'ACTIVE' AND "
#define SQLITE_CREATED "t.TIME_CREATED"
#define MYSQL_CREATED "CAST(UNIX_TIMESTAMP(t.TIME_CREATED) * 1000 AS SIGNED)"
/* For a list SQLite makes a temporary table each time, which costs more than three searches. */
#define SQLITE_BY_HASH(n) TOKEN_COLUMNS (SQLITE_CREATED) "t.ACCESS_TOKEN_HASH = ?" #n
#define MYSQL_BY_HASH TOKEN_COLUMNS (MYSQL_CREATED) "t.ACCESS_TOKEN_HASH IN (?, ?, ?)"
#define BY_TEXT "t.ACCESS_TOKEN_HASH IS NULL AND t.ACCESS_TOKEN = ?"

static const StStatement token_by_hash
    = { SQLITE_BY_HASH (1) " UNION ALL " SQLITE_BY_HASH (2) " UNION ALL " SQLITE_BY_HASH (3), MYSQL_BY_HASH };
/* Rows from before the hash columns. The NULLs of the hash index are few where hashes are in use. */
static const StStatement token_by_text
    = { TOKEN_COLUMNS (SQLITE_CREATED) BY_TEXT, TOKEN_COLUMNS (MYSQL_CREATED) BY_TEXT };

#define SUBSCRIPTION_COLUMNS \
  "SELECT p.CONTEXT, p.API_VERSION, k.CONSUMER_KEY, u.USER_ID, s.TIER_ID, s.SUB_STATUS, s.SUBS_CREATE_STATE," \
  " a.APPLICATION_ID, a.NAME, a.APPLICATION_TIER, a.TOKEN_TYPE, k.KEY_TYPE, p.API_NAME, p.API_PROVIDER, p.API_TIER"
#define SUBSCRIPTION_TABLES \
  " FROM AM_API p" \
  " JOIN AM_SUBSCRIPTION s ON s.API_ID = p.API_ID" \
  " JOIN AM_APPLICATION a ON a.APPLICATION_ID = s.APPLICATION_ID" \
  " JOIN AM_SUBSCRIBER u ON u.SUBSCRIBER_ID = a.SUBSCRIBER_ID" \
  " JOIN AM_APPLICATION_KEY_MAPPING k ON k.APPLICATION_ID = a.APPLICATION_ID"
#define SUBSCRIPTION_FILTER \
  " WHERE p.CONTEXT = ? AND k.CONSUMER_KEY = ? AND (? = 1 OR p.API_VERSION = ?)" \
  " AND (s.SUBS_CREATE_STATE IS NULL OR s.SUBS_CREATE_STATE <> 'UN_SUBSCRIBE')" \
  " ORDER BY s.SUBSCRIPTION_ID"

static const StStatement subscription_plain = { SUBSCRIPTION_COLUMNS SUBSCRIPTION_TABLES SUBSCRIPTION_FILTER };

/* Policies of the API's tenant, but for the application's, which is its subscriber's (spec/databases.md 5.6,
 * IS_ANY_POLICY_CONTENT_AWARE). */
static const StStatement subscription_with_policies = {
  SUBSCRIPTION_COLUMNS
  ", q.RATE_LIMIT_COUNT, q.RATE_LIMIT_TIME_UNIT, q.STOP_ON_QUOTA_REACH,"
  " CASE WHEN q.QUOTA_TYPE = 'bandwidthVolume'"
  " OR EXISTS (SELECT 1 FROM AM_POLICY_APPLICATION x"
  " WHERE x.NAME = a.APPLICATION_TIER AND x.TENANT_ID = u.TENANT_ID AND x.QUOTA_TYPE = 'bandwidthVolume')"
  " OR EXISTS (SELECT 1 FROM AM_API_THROTTLE_POLICY t LEFT JOIN AM_CONDITION_GROUP g ON g.POLICY_ID = t.POLICY_ID"
  " WHERE t.TENANT_ID = q.TENANT_ID"
  " AND (t.DEFAULT_QUOTA_TYPE = 'bandwidthVolume' OR g.QUOTA_TYPE = 'bandwidthVolume')"
  " AND (t.NAME = p.API_TIER OR EXISTS (SELECT 1 FROM AM_API_URL_MAPPING m"
  " WHERE m.API_ID = p.API_ID AND m.THROTTLING_TIER = t.NAME)))"
  " THEN 1 ELSE 0 END"
  SUBSCRIPTION_TABLES " JOIN AM_POLICY_SUBSCRIPTION q ON q.NAME = s.TIER_ID AND q.TENANT_ID = ?" SUBSCRIPTION_FILTER,
};

static const Variant subscription_variants[] = {
  { ST_CAP_POLICIES | CAP_POLICIES_USED, &subscription_with_policies },
  { 0, &subscription_plain },
};

#define RESOURCE_COLUMNS \
  "SELECT p.CONTEXT, p.API_VERSION, m.URL_MAPPING_ID, m.HTTP_METHOD, m.URL_PATTERN, m.AUTH_SCHEME, m.THROTTLING_TIER"
#define RESOURCE_TABLES " FROM AM_API p JOIN AM_API_URL_MAPPING m ON m.API_ID = p.API_ID"
#define RESOURCE_FILTER " WHERE p.CONTEXT = ? AND p.API_VERSION = ? ORDER BY m.URL_MAPPING_ID"

static const StStatement resources_plain = { RESOURCE_COLUMNS RESOURCE_TABLES RESOURCE_FILTER };
static const StStatement resources_with_policies = {
  RESOURCE_COLUMNS ", t.APPLICABLE_LEVEL, g.CONDITION_GROUP_ID" RESOURCE_TABLES
  " LEFT JOIN AM_API_THROTTLE_POLICY t ON t.NAME = m.THROTTLING_TIER AND t.TENANT_ID = ?"
  " LEFT JOIN AM_CONDITION_GROUP g ON g.POLICY_ID = t.POLICY_ID"
  RESOURCE_FILTER ", g.CONDITION_GROUP_ID",
};

static const Variant resources_variants[] = {
  { ST_CAP_POLICIES | CAP_POLICIES_USED, &resources_with_policies },
  { 0, &resources_plain },
};

static const StStatement scope_by_path = {
  "SELECT s.NAME, b.SCOPE_BINDING FROM IDN_OAUTH2_RESOURCE_SCOPE r"
  " JOIN IDN_OAUTH2_SCOPE s ON s.SCOPE_ID = r.SCOPE_ID"
  " LEFT JOIN IDN_OAUTH2_SCOPE_BINDING b ON b.SCOPE_ID = s.SCOPE_ID"
  " WHERE r.RESOURCE_PATH = ?",
};

static const StStatement api_default_by_context = {
  "SELECT p.CONTEXT, p.API_NAME, p.API_VERSION, d.PUBLISHED_DEFAULT_API_VERSION FROM AM_API p"
  " LEFT JOIN AM_API_DEFAULT_VERSION d ON d.API_NAME = p.API_NAME AND d.API_PROVIDER = p.API_PROVIDER"
  " WHERE p.CONTEXT = ? ORDER BY p.API_ID",
};

static const StStatement *
pick (const Variant *variants, guint capabilities)
{
  while ((capabilities & variants->needs) != variants->needs)
    variants++;
  return variants->statement;
}

static gboolean
check_supported (guint capabilities, GError **error)
{
  if ((capabilities & ST_CAP_APIM) == 0)
    g_set_error_literal (error, ST_ERROR, ST_ERROR_SCHEMA,
                         "the database has no API Manager tables: run \"apimctl db migrate\" on an empty one");
  else if ((capabilities & ST_CAP_TOO_NEW) != 0 || (capabilities & CAPS_SUPPORTED) != CAPS_SUPPORTED)
    g_set_error (error, ST_ERROR, ST_ERROR_SCHEMA,
                 "the database has the shape of API Manager %s, which is not supported",
                 st_capabilities_generation (capabilities));
  else
    return TRUE;
  return FALSE;
}

static gboolean
get_capabilities (SqlKeyStore *self, gint64 deadline_us, guint *capabilities, GError **error)
{
  if (!st_capabilities_get (self->database, deadline_us, capabilities, error))
    return FALSE;
  if (!check_supported (*capabilities, error))
    {
      st_capabilities_forget (self->database);
      return FALSE;
    }
  if (self->advanced_throttling)
    *capabilities |= CAP_POLICIES_USED;
  return TRUE;
}

/* A statement that met another shape makes the next call look again: somebody may be migrating the database. */
static gboolean
finish (SqlKeyStore *self, StStep step, GError **error)
{
  if (step == ST_END)
    return TRUE;
  if (error != NULL && g_error_matches (*error, ST_ERROR, ST_ERROR_SCHEMA))
    st_capabilities_forget (self->database);
  return FALSE;
}

static StQuery *
start (SqlKeyStore *self, const Variant *variants, const StStatement *statement, gint64 deadline_us,
       guint *capabilities, GError **error)
{
  StQuery *query;

  if (!get_capabilities (self, deadline_us, capabilities, error))
    return NULL;
  query = st_database_query (self->database, variants != NULL ? pick (variants, *capabilities) : statement, deadline_us,
                             error);
  if (query == NULL)
    finish (self, ST_FAILED, error);
  return query;
}

static char *
dup_column (StQuery *query, guint column)
{
  return g_strdup (st_query_text (query, column));
}

/* Collations fold case and trailing blanks: only the same bytes are the same key. */
static gboolean
is_text (StQuery *query, guint column, const char *text)
{
  return g_strcmp0 (st_query_text (query, column), text) == 0;
}

/* The forms in which a token may be stored; none is secret any more than the hash is. */
typedef struct
{
  char hex[APIM_SHA256_HEX_SIZE];
  char hash_first[128];      /* 2.6: JSON */
  char algorithm_first[128]; /* the same with the other order of keys */
  char *text;                /* the token */
} TokenForms;

static void
token_forms_clear (TokenForms *forms)
{
  explicit_bzero (forms->text, strlen (forms->text));
  g_free (forms->text);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TokenForms, token_forms_clear)

static gboolean
token_forms_init (TokenForms *forms, const char *token, gsize length, GError **error)
{
  ApimText text;

  forms->text = g_strndup (token, length);
  if (!apim_sha256_hex (token, length, forms->hex))
    {
      g_set_error_literal (error, ST_ERROR, ST_ERROR_SETUP, "OpenSSL cannot compute SHA-256");
      return FALSE;
    }
  apim_text_init (&text, forms->hash_first, sizeof forms->hash_first);
  apim_text_add (&text, "{\"hash\":\"");
  apim_text_add (&text, forms->hex);
  apim_text_add (&text, "\",\"algorithm\":\"SHA-256\"}");
  apim_text_init (&text, forms->algorithm_first, sizeof forms->algorithm_first);
  apim_text_add (&text, "{\"algorithm\":\"SHA-256\",\"hash\":\"");
  apim_text_add (&text, forms->hex);
  apim_text_add (&text, "\"}");
  return TRUE;
}

static gboolean
is_token (StQuery *query, const TokenForms *forms)
{
  const char *hash = st_query_text (query, 1);

  if (hash == NULL)
    return is_text (query, 2, forms->text);
  return strcmp (hash, forms->hex) == 0 || strcmp (hash, forms->hash_first) == 0
         || strcmp (hash, forms->algorithm_first) == 0;
}

static StToken *
read_token (StQuery *query)
{
  StToken *token;

  if (st_query_is_null (query, 3) || st_query_is_null (query, 4))
    return NULL; /* nobody's token */
  token = st_token_new ();
  token->consumer_key = dup_column (query, 3);
  token->user_name = dup_column (query, 4);
  token->tenant_id = (gint) st_query_int64 (query, 5);
  token->user_domain = g_strdup (st_query_is_null (query, 6) ? ST_PRIMARY_USER_DOMAIN : st_query_text (query, 6));
  token->user_type = dup_column (query, 7);
  token->issued_ms = st_query_int64 (query, 8);
  token->validity_ms = st_query_int64 (query, 9);
  return token;
}

/* One row per scope of the token; rows of another token that the collation takes for this one may stand between
 * them. */
static StStep
read_token_rows (StQuery *query, const TokenForms *forms, StToken **found, GError **error)
{
  g_autoptr (GPtrArray) scopes = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (StToken) token = NULL;
  g_autofree char *token_id = NULL;
  StStep step;

  while ((step = st_query_step (query, error)) == ST_ROW)
    {
      if (!is_token (query, forms))
        continue;
      if (token == NULL)
        {
          token = read_token (query);
          token_id = dup_column (query, 0);
        }
      if (token != NULL && is_text (query, 0, token_id) && !st_query_is_null (query, 10))
        g_ptr_array_add (scopes, dup_column (query, 10));
    }
  if (step != ST_END || token == NULL)
    return step;
  g_ptr_array_add (scopes, NULL);
  token->scopes = (char **) g_ptr_array_free (g_steal_pointer (&scopes), FALSE);
  *found = g_steal_pointer (&token);
  return ST_END;
}

static gboolean
find_token (StKeyStore *store, const char *access_token, gsize length, gint64 deadline_us, StToken **found,
            GError **error)
{
  SqlKeyStore *self = (SqlKeyStore *) store;
  g_auto (TokenForms) forms = { .text = NULL };
  guint capabilities;
  StStep step;

  if (!token_forms_init (&forms, access_token, length, error))
    return FALSE;
  {
    g_autoptr (StQuery) query = start (self, NULL, &token_by_hash, deadline_us, &capabilities, error);

    if (query == NULL)
      return FALSE;
    st_query_bind_text (query, 0, forms.hex);
    st_query_bind_text (query, 1, forms.hash_first);
    st_query_bind_text (query, 2, forms.algorithm_first);
    step = read_token_rows (query, &forms, found, error);
  }
  if (step == ST_END && *found == NULL)
    {
      g_autoptr (StQuery) query = start (self, NULL, &token_by_text, deadline_us, &capabilities, error);

      if (query == NULL)
        return FALSE;
      st_query_bind_text (query, 0, forms.text);
      step = read_token_rows (query, &forms, found, error);
    }
  return finish (self, step, error);
}

static StSubscription *
read_subscription (StQuery *query, gboolean policies)
{
  StSubscription *subscription = st_subscription_new ();

  subscription->api_version = dup_column (query, 1);
  subscription->subscriber = dup_column (query, 3);
  subscription->tier = dup_column (query, 4);
  subscription->status = dup_column (query, 5);
  subscription->create_state = dup_column (query, 6);
  subscription->application_id = (gint) st_query_int64 (query, 7);
  subscription->application_name = dup_column (query, 8);
  subscription->application_tier = dup_column (query, 9);
  subscription->application_token_type = dup_column (query, 10);
  subscription->key_type = dup_column (query, 11);
  subscription->api_name = dup_column (query, 12);
  subscription->api_provider = dup_column (query, 13);
  subscription->api_tier = dup_column (query, 14);
  if (policies)
    {
      subscription->has_policy = TRUE;
      subscription->rate_limit_count = (gint) st_query_int64 (query, 15);
      subscription->rate_limit_unit = dup_column (query, 16);
      subscription->stop_on_quota_reach = st_query_int64 (query, 17) != 0;
      subscription->content_aware = st_query_int64 (query, 18) != 0;
    }
  return subscription;
}

static gboolean
find_subscription (StKeyStore *store, const char *context, const char *version, const char *consumer_key,
                   gint api_tenant_id, gint64 deadline_us, StSubscription **found, GError **error)
{
  SqlKeyStore *self = (SqlKeyStore *) store;
  g_autoptr (StSubscription) subscription = NULL;
  g_autoptr (StQuery) query = NULL;
  guint capabilities, at = 0;
  gboolean policies;
  StStep step;

  query = start (self, subscription_variants, NULL, deadline_us, &capabilities, error);
  if (query == NULL)
    return FALSE;
  policies = pick (subscription_variants, capabilities) == &subscription_with_policies;
  if (policies)
    st_query_bind_int64 (query, at++, api_tenant_id);
  st_query_bind_text (query, at++, context);
  st_query_bind_text (query, at++, consumer_key);
  st_query_bind_int64 (query, at++, version == NULL);
  st_query_bind_text (query, at++, version);
  while ((step = st_query_step (query, error)) == ST_ROW)
    if (subscription == NULL && is_text (query, 0, context) && is_text (query, 2, consumer_key)
        && (version == NULL || is_text (query, 1, version)))
      subscription = read_subscription (query, policies);
  if (step == ST_END)
    *found = g_steal_pointer (&subscription);
  return finish (self, step, error);
}

static void
end_conditions (StResource *resource, GPtrArray *conditions)
{
  if (resource == NULL || conditions->len == 0)
    return;
  g_ptr_array_add (conditions, g_strdup ("_default"));
  g_ptr_array_add (conditions, NULL);
  resource->conditions = (char **) g_ptr_array_steal (conditions, NULL);
}

/* One row per condition group of a resource's tier. */
static StStep
read_resource_rows (StQuery *query, const char *context, const char *version, gboolean policies, StResources *resources,
                    GError **error)
{
  g_autoptr (GPtrArray) conditions = g_ptr_array_new_with_free_func (g_free);
  StResource *resource = NULL;
  gint64 id = 0;
  StStep step;

  while ((step = st_query_step (query, error)) == ST_ROW)
    {
      if (!is_text (query, 0, context) || !is_text (query, 1, version))
        continue;
      if (resource == NULL || st_query_int64 (query, 2) != id)
        {
          end_conditions (resource, conditions);
          id = st_query_int64 (query, 2);
          resource = st_resources_add (resources);
          resource->http_method = dup_column (query, 3);
          resource->url_pattern = dup_column (query, 4);
          resource->auth_scheme = dup_column (query, 5);
          resource->throttling_tier = dup_column (query, 6);
          resource->applicable_level = policies ? dup_column (query, 7) : NULL;
        }
      if (policies && !st_query_is_null (query, 8))
        g_ptr_array_add (conditions, g_strdup_printf ("_condition_%" G_GINT64_FORMAT, st_query_int64 (query, 8)));
    }
  end_conditions (resource, conditions);
  return step;
}

static gboolean
find_resources (StKeyStore *store, const char *context, const char *version, gint api_tenant_id, gint64 deadline_us,
                StResources **found, GError **error)
{
  SqlKeyStore *self = (SqlKeyStore *) store;
  g_autoptr (StResources) resources = st_resources_new ();
  g_autoptr (StQuery) query = NULL;
  guint capabilities, at = 0;
  gboolean policies;
  StStep step;

  query = start (self, resources_variants, NULL, deadline_us, &capabilities, error);
  if (query == NULL)
    return FALSE;
  policies = pick (resources_variants, capabilities) == &resources_with_policies;
  if (policies)
    st_query_bind_int64 (query, at++, api_tenant_id);
  st_query_bind_text (query, at++, context);
  st_query_bind_text (query, at++, version);
  step = read_resource_rows (query, context, version, policies, resources, error);
  if (step == ST_END)
    *found = g_steal_pointer (&resources);
  return finish (self, step, error);
}

/* The one search that takes the collation's word: a resource that the database calls protected is protected. */
static gboolean
find_scope (StKeyStore *store, const char *resource_path, gint64 deadline_us, StScope **found, GError **error)
{
  SqlKeyStore *self = (SqlKeyStore *) store;
  g_autoptr (GPtrArray) roles = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *key = NULL;
  g_autoptr (StQuery) query = NULL;
  guint capabilities;
  StStep step;

  query = start (self, NULL, &scope_by_path, deadline_us, &capabilities, error);
  if (query == NULL)
    return FALSE;
  st_query_bind_text (query, 0, resource_path);
  while ((step = st_query_step (query, error)) == ST_ROW)
    {
      g_autofree char *role = g_strstrip (g_strdup (st_query_is_null (query, 1) ? "" : st_query_text (query, 1)));

      if (key == NULL)
        key = dup_column (query, 0);
      if (*role != '\0')
        g_ptr_array_add (roles, g_steal_pointer (&role));
    }
  if (step == ST_END && key != NULL)
    {
      g_ptr_array_add (roles, NULL);
      *found = st_scope_new ();
      (*found)->key = g_steal_pointer (&key);
      (*found)->roles = (char **) g_ptr_array_free (g_steal_pointer (&roles), FALSE);
    }
  return finish (self, step, error);
}

static gboolean
find_api_default (StKeyStore *store, const char *context, gint64 deadline_us, StApiDefault **found, GError **error)
{
  SqlKeyStore *self = (SqlKeyStore *) store;
  g_autoptr (StApiDefault) api = NULL;
  g_autoptr (StQuery) query = NULL;
  guint capabilities;
  StStep step;

  query = start (self, NULL, &api_default_by_context, deadline_us, &capabilities, error);
  if (query == NULL)
    return FALSE;
  st_query_bind_text (query, 0, context);
  while ((step = st_query_step (query, error)) == ST_ROW)
    {
      if (api != NULL || !is_text (query, 0, context))
        continue;
      api = st_api_default_new ();
      api->api_name = dup_column (query, 1);
      api->api_version = dup_column (query, 2);
      api->default_version = dup_column (query, 3);
    }
  if (step == ST_END)
    *found = g_steal_pointer (&api);
  return finish (self, step, error);
}

static gboolean
reads_inline (StKeyStore *store)
{
  return st_database_kind (((SqlKeyStore *) store)->database) == APIM_DATABASE_SQLITE;
}

static void
sql_key_store_free (StKeyStore *store)
{
  g_free (store);
}

static const StKeyStoreInterface sql_key_store = {
  .find_token = find_token,
  .find_subscription = find_subscription,
  .find_resources = find_resources,
  .find_scope = find_scope,
  .find_api_default = find_api_default,
  .reads_inline = reads_inline,
  .free = sql_key_store_free,
};

StKeyStore *
st_sql_key_store_new (StDatabase *database, gboolean advanced_throttling)
{
  SqlKeyStore *self = g_new0 (SqlKeyStore, 1);

  self->store.interface = &sql_key_store;
  self->database = database;
  self->advanced_throttling = advanced_throttling;
  return &self->store;
}
