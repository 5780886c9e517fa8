#include "config.h"
#include "tests/lib/generation-world.h"

#include <string.h>

gboolean
generation_world_has (const GenerationWorld *world, guint flag)
{
  return (world->capabilities & flag) != 0;
}

gboolean
generation_world_is_mysql (const GenerationWorld *world)
{
  return world->fixture->api.kind == APIM_DATABASE_MYSQL;
}

/* Tables */

static void
add_table (GString *script, const char *name, const char *columns, const char *more)
{
  g_string_append_printf (script, "CREATE TABLE %s (%s%s);\n", name, columns, more);
}

static void
add_token_tables (GString *script, guint shape)
{
  static const char common[]
      = "ACCESS_TOKEN, AUTHZ_USER, USER_TYPE, TIME_CREATED, VALIDITY_PERIOD, TOKEN_STATE";
  g_autoptr (GString) more = g_string_new (NULL);

  if ((shape & ST_CAP_TOKEN_IDS) != 0)
    g_string_append (more, ", TOKEN_ID, CONSUMER_KEY_ID, TENANT_ID, USER_DOMAIN");
  else
    g_string_append (more, ", CONSUMER_KEY");
  if ((shape & ST_CAP_TOKEN_SCOPE_COLUMN) != 0)
    g_string_append (more, ", TOKEN_SCOPE");
  if ((shape & ST_CAP_TOKEN_HASH) != 0)
    g_string_append (more, ", ACCESS_TOKEN_HASH");
  add_table (script, TOKEN_TABLE, common, more->str);
  if ((shape & ST_CAP_TOKEN_IDS) != 0)
    add_table (script, TOKEN_TABLE "_SCOPE", "TOKEN_ID, TOKEN_SCOPE", "");
  g_string_assign (more, (shape & ST_CAP_TOKEN_IDS) != 0 ? ", ID" : "");
  if ((shape & ST_CAP_APP_STATE) != 0)
    g_string_append (more, ", APP_STATE");
  add_table (script, "IDN_OAUTH_CONSUMER_APPS", "CONSUMER_KEY", more->str);
}

static void
add_scope_tables (GString *script, guint shape)
{
  gboolean bindings = (shape & ST_CAP_SCOPE_BINDING) != 0;

  add_table (script, "IDN_OAUTH2_SCOPE", "SCOPE_ID, NAME",
             bindings ? ", DISPLAY_NAME" : ", SCOPE_KEY, ROLES");
  add_table (script, "IDN_OAUTH2_RESOURCE_SCOPE", "RESOURCE_PATH, SCOPE_ID", "");
  if (bindings)
    add_table (script, "IDN_OAUTH2_SCOPE_BINDING", "SCOPE_ID, SCOPE_BINDING", "");
}

static void
add_api_tables (GString *script, guint shape)
{
  add_table (script, "AM_SUBSCRIBER", "SUBSCRIBER_ID, USER_ID, TENANT_ID", "");
  add_table (script, "AM_APPLICATION", "APPLICATION_ID, NAME, SUBSCRIBER_ID, APPLICATION_TIER",
             (shape & ST_CAP_APP_TOKEN_TYPE) != 0 ? ", TOKEN_TYPE" : "");
  add_table (script, "AM_API", "API_ID, API_PROVIDER, API_NAME, API_VERSION, CONTEXT",
             (shape & ST_CAP_API_TIER) != 0 ? ", API_TIER" : "");
  add_table (script, "AM_API_URL_MAPPING",
             "URL_MAPPING_ID, API_ID, HTTP_METHOD, AUTH_SCHEME, URL_PATTERN, THROTTLING_TIER", "");
  add_table (script, "AM_API_DEFAULT_VERSION",
             "DEFAULT_VERSION_ID, API_NAME, API_PROVIDER, DEFAULT_API_VERSION, PUBLISHED_DEFAULT_API_VERSION",
             "");
  add_table (script, "AM_SUBSCRIPTION",
             "SUBSCRIPTION_ID, TIER_ID, API_ID, APPLICATION_ID, SUB_STATUS, SUBS_CREATE_STATE", "");
  add_table (script, "AM_APPLICATION_KEY_MAPPING", "APPLICATION_ID, CONSUMER_KEY, KEY_TYPE, STATE", "");
  if ((shape & ST_CAP_POLICIES) == 0)
    return;
  add_table (script, "AM_POLICY_SUBSCRIPTION",
             "POLICY_ID, NAME, TENANT_ID, QUOTA_TYPE, QUOTA, UNIT_TIME, TIME_UNIT, RATE_LIMIT_COUNT,"
             " RATE_LIMIT_TIME_UNIT, STOP_ON_QUOTA_REACH, BILLING_PLAN",
             "");
  add_table (script, "AM_POLICY_APPLICATION", "NAME, TENANT_ID, QUOTA_TYPE", "");
  add_table (script, "AM_API_THROTTLE_POLICY",
             "POLICY_ID, NAME, TENANT_ID, DEFAULT_QUOTA_TYPE, APPLICABLE_LEVEL", "");
  add_table (script, "AM_CONDITION_GROUP", "CONDITION_GROUP_ID, POLICY_ID, QUOTA_TYPE", "");
}

/* Rows */

static const char api_rows[]
    = "INSERT INTO AM_SUBSCRIBER (SUBSCRIBER_ID, USER_ID, TENANT_ID) VALUES (901, 'alice', -1234);\n"
      "INSERT INTO AM_APPLICATION (APPLICATION_ID, NAME, SUBSCRIBER_ID, APPLICATION_TIER) VALUES"
      " (901, 'App', 901, 'Unlimited'), (902, 'Odd', 901, 'Unlimited');\n"
      "INSERT INTO AM_API (API_ID, API_PROVIDER, API_NAME, API_VERSION, CONTEXT) VALUES"
      " (901, 'admin', 'Weather', '1.0.0', '/weather/1.0.0'), (902, 'dave@example.com', 'Orders', '1.0',"
      " '/t/example.com/orders/1.0'), (903, 'admin', 'Weather', '2.0.0', '/weather/2.0.0');\n"
      "INSERT INTO AM_API_URL_MAPPING (URL_MAPPING_ID, API_ID, HTTP_METHOD, AUTH_SCHEME, URL_PATTERN, "
      "THROTTLING_TIER)"
      " VALUES (902, 901, 'POST', 'Application', '/city/*', NULL), (901, 901, 'GET', 'Any', '/city/*', "
      "'Unlimited'),"
      " (903, 901, NULL, NULL, NULL, NULL), (904, 999, 'GET', 'None', '/nobody', NULL);\n"
      "INSERT INTO AM_API_DEFAULT_VERSION (DEFAULT_VERSION_ID, API_NAME, API_PROVIDER, DEFAULT_API_VERSION,"
      " PUBLISHED_DEFAULT_API_VERSION) VALUES (901, 'Weather', 'admin', '0.9', '0.9'), (902, 'Weather', "
      "'admin',"
      " '1.0.0', '1.0.0'), (903, 'WEATHER', 'admin', '9', '9');\n"
      "INSERT INTO AM_SUBSCRIPTION (SUBSCRIPTION_ID, TIER_ID, API_ID, APPLICATION_ID, SUB_STATUS, "
      "SUBS_CREATE_STATE)"
      " VALUES (904, 'Spiky', 901, 901, 'ON_HOLD', 'SUBSCRIBE'), (901, 'Spiky', 901, 901, 'BLOCKED', "
      "'UN_SUBSCRIBE'),"
      " (902, 'Spiky', 901, 901, NULL, NULL), (903, 'Foreign', 902, 901, 'UNBLOCKED', 'SUBSCRIBE'),"
      " (905, 'Nowhere', 903, 901, 'UNBLOCKED', 'SUBSCRIBE'), (906, 'Spiky', 901, 902, 'UNBLOCKED', "
      "'SUBSCRIBE');\n"
      "INSERT INTO AM_APPLICATION_KEY_MAPPING (APPLICATION_ID, CONSUMER_KEY, KEY_TYPE, STATE) VALUES"
      " (901, 'Key-Prod', 'PRODUCTION', 'COMPLETED'), (902, 'Key-Odd', 'SANDBOX', 'COMPLETED'),"
      " (902, NULL, 'PRODUCTION', 'CREATED');\n";

static const char policy_rows[]
    = "INSERT INTO AM_POLICY_SUBSCRIPTION (POLICY_ID, NAME, TENANT_ID, QUOTA_TYPE, QUOTA, UNIT_TIME, "
      "TIME_UNIT,"
      " RATE_LIMIT_COUNT, RATE_LIMIT_TIME_UNIT, STOP_ON_QUOTA_REACH, BILLING_PLAN) VALUES"
      " (901, 'Spiky', 7, 'requestCount', 10, 1, 'min', 1, 'hour', 0, 'FREE'),"
      " (902, 'Spiky', -1234, 'bandwidthVolume', 10, 1, 'min', 7, 'sec', 1, 'FREE'),"
      " (903, 'Foreign', 7, 'requestCount', 10, 1, 'min', NULL, NULL, 0, 'FREE');\n";

/* Orphans need a server that looks away. 4: a scope without a key; 9: a scope that is gone. */
static const char scope_paths[]
    = "INSERT INTO IDN_OAUTH2_RESOURCE_SCOPE (RESOURCE_PATH, SCOPE_ID) VALUES ('/w/write:POST', 901),"
      " ('/w/open:GET', 902), ('/w/unnamed:GET', 904), ('/w/orphan:GET', 909);\n";
static const char scope_rows_with_roles[]
    = "INSERT INTO IDN_OAUTH2_SCOPE (SCOPE_ID, SCOPE_KEY, NAME, ROLES) VALUES"
      " (901, 'write', 'Write weather', ' editor,,Internal/creator , '), (902, 'open', 'write', NULL),"
      " (904, '', 'x', NULL);\n";
static const char scope_rows_with_bindings[]
    = "INSERT INTO IDN_OAUTH2_SCOPE (SCOPE_ID, NAME, DISPLAY_NAME) VALUES (901, 'write', 'Write weather'),"
      " (902, 'open', 'write'), (904, '', 'x');\n"
      "INSERT INTO IDN_OAUTH2_SCOPE_BINDING (SCOPE_ID, SCOPE_BINDING) VALUES (901, ' editor'),"
      " (901, 'Internal/creator '), (901, '');\n";

const GenerationToken generation_tokens[] = {
  { "tok-super", "hex", "Key-Prod", NULL, "alice", "carbon.super", -1234, "ACTIVE", "3600000",
    "default write", TRUE },
  { "tok-tenant", "json", "Key-Odd", "LDAP", "bob", "example.com", 1, "ACTIVE", "-1", "am_application_scope",
    TRUE },
  { "tok-plain", NULL, "Key-Prod", "PRIMARY", "a@b.c", "carbon.super", -1234, "ACTIVE", "9223372036854775807",
    "", TRUE },
  { "tok-nowhere", NULL, "Key-Prod", NULL, "eve", "gone.org", 0, "ACTIVE", "3600000", "default", TRUE },
  { "tok-revoked", "hex", "Key-Prod", NULL, "alice", "carbon.super", -1234, "REVOKED", "3600000", "default",
    FALSE },
  { "tok-expired", NULL, "Key-Prod", NULL, "alice", "carbon.super", -1234, "EXPIRED", "3600000", "default",
    FALSE },
  { "tok-stateless", NULL, "Key-Prod", NULL, "alice", "carbon.super", -1234, NULL, "-1", "default", FALSE },
  { "tok-nobody", NULL, "Key-Prod", NULL, NULL, NULL, -1234, "ACTIVE", "-1", "default", FALSE },
  { "tok-forever", NULL, "Key-Prod", NULL, "alice", "carbon.super", -1234, "ACTIVE", NULL, "default", FALSE },
  { "tok-orphan", "hex", NULL, NULL, "alice", "carbon.super", -1234, "ACTIVE", "-1", "default", FALSE },
};

const guint generation_n_tokens = G_N_ELEMENTS (generation_tokens);

static char *
quote (const char *text)
{
  return text != NULL ? g_strdup_printf ("'%s'", text) : g_strdup ("NULL");
}

static char *
hash_of (const GenerationToken *row)
{
  g_autofree char *hex = g_compute_checksum_for_string (G_CHECKSUM_SHA256, row->token, -1);

  if (row->hash == NULL)
    return g_strdup ("NULL");
  return strcmp (row->hash, "hex") == 0
             ? quote (hex)
             : g_strdup_printf ("'{\"hash\":\"%s\",\"algorithm\":\"SHA-256\"}'", hex);
}

static char *
time_of (const GenerationWorld *world)
{
  return g_strdup_printf (generation_world_is_mysql (world) ? "FROM_UNIXTIME(%d)" : "%d000",
                          GENERATION_ISSUED_S);
}

static void
add_numbered_token (const GenerationWorld *world, GString *script, const char *table, const char *scope_table,
                    const GenerationToken *row)
{
  g_autofree char *user = quote (row->user);
  g_autofree char *domain = quote (row->domain);
  g_autofree char *state = quote (row->state);
  g_autofree char *hash = hash_of (row);
  g_autofree char *time = time_of (world);
  g_auto (GStrv) scopes = g_strsplit (row->scopes, " ", -1);
  int client = row->key == NULL ? 999 : strcmp (row->key, "Key-Prod") == 0 ? 901 : 902;

  g_string_append_printf (
      script,
      "INSERT INTO %s (TOKEN_ID, ACCESS_TOKEN, CONSUMER_KEY_ID, AUTHZ_USER, TENANT_ID, USER_DOMAIN,"
      " USER_TYPE, TIME_CREATED, VALIDITY_PERIOD, TOKEN_STATE%s) VALUES"
      " ('id-%s', '%s', %d, %s, %d, %s, 'APPLICATION_USER', %s, %s, %s%s%s);\n",
      table, generation_world_has (world, ST_CAP_TOKEN_HASH) ? ", ACCESS_TOKEN_HASH" : "", row->token,
      row->token, client, user, row->tenant_id, domain, time, row->validity != NULL ? row->validity : "NULL",
      state, generation_world_has (world, ST_CAP_TOKEN_HASH) ? ", " : "",
      generation_world_has (world, ST_CAP_TOKEN_HASH) ? hash : "");
  for (guint i = 0; scopes[i] != NULL; i++)
    g_string_append_printf (script, "INSERT INTO %s (TOKEN_ID, TOKEN_SCOPE) VALUES ('id-%s', '%s');\n",
                            scope_table, row->token, scopes[i]);
}

/* 1.9: "[domain/]user@tenant", and lower case. */
static void
add_named_token (const GenerationWorld *world, GString *script, const char *table, const GenerationToken *row)
{
  gboolean secondary = row->domain != NULL && strcmp (row->domain, "PRIMARY") != 0;
  g_autofree char *name = row->user == NULL ? NULL
                                            : g_strconcat (secondary ? row->domain : "", secondary ? "/" : "",
                                                           row->user, "@", row->tenant, NULL);
  g_autofree char *lower = name != NULL ? g_ascii_strdown (name, -1) : NULL;
  g_autofree char *user = quote (lower);
  g_autofree char *key = quote (row->key);
  g_autofree char *state = quote (row->state);
  g_autofree char *time = time_of (world);

  g_string_append_printf (script,
                          "INSERT INTO %s (ACCESS_TOKEN, CONSUMER_KEY, AUTHZ_USER, USER_TYPE, TIME_CREATED,"
                          " VALIDITY_PERIOD, TOKEN_SCOPE, TOKEN_STATE%s) VALUES"
                          " ('%s', %s, %s, 'APPLICATION_USER', %s, %s, '%s', %s%s%s%s);\n",
                          table, generation_world_is_mysql (world) ? ", TOKEN_STATE_ID" : "", row->token, key,
                          user, time, row->validity != NULL ? row->validity : "NULL", row->scopes, state,
                          generation_world_is_mysql (world) ? ", '" : "",
                          generation_world_is_mysql (world) ? row->token : "",
                          generation_world_is_mysql (world) ? "'" : "");
}

void
generation_world_add_token (const GenerationWorld *world, GString *script, const char *table,
                            const char *scope_table, const GenerationToken *row)
{
  if (generation_world_has (world, ST_CAP_TOKEN_IDS))
    add_numbered_token (world, script, table, scope_table, row);
  else
    add_named_token (world, script, table, row);
}

void
generation_world_run (const GenerationWorld *world, const char *script)
{
  g_autofree char *lenient = NULL;

  if (!generation_world_is_mysql (world))
    {
      store_fixture_run (world->fixture->api_database, script);
      return;
    }
  lenient = g_strconcat (
      "SET SESSION sql_mode = 'NO_ENGINE_SUBSTITUTION';\nSET SESSION FOREIGN_KEY_CHECKS = 0;\n", script,
      "SET SESSION FOREIGN_KEY_CHECKS = 1;\n", NULL);
  store_fixture_run (world->fixture->api_database, lenient);
}

void
generation_world_fill (GenerationWorld *world)
{
  g_autoptr (GString) script = g_string_new (api_rows);

  if (generation_world_has (world, ST_CAP_POLICIES))
    g_string_append (script, policy_rows);
  if (generation_world_has (world, ST_CAP_API_TIER))
    g_string_append (script, "UPDATE AM_API SET API_TIER = 'Silver' WHERE API_ID = 901;\n");
  if (generation_world_has (world, ST_CAP_APP_TOKEN_TYPE))
    g_string_append (script, "UPDATE AM_APPLICATION SET TOKEN_TYPE = 'JWT' WHERE APPLICATION_ID = 901;\n"
                             "UPDATE AM_APPLICATION SET TOKEN_TYPE = 'null' WHERE APPLICATION_ID = 902;\n");
  g_string_append (script, generation_world_has (world, ST_CAP_SCOPE_BINDING) ? scope_rows_with_bindings
                                                                              : scope_rows_with_roles);
  g_string_append (script, scope_paths);
  g_string_append_printf (script,
                          "INSERT INTO IDN_OAUTH_CONSUMER_APPS (%sCONSUMER_KEY) VALUES (%s'Key-Prod'),"
                          " (%s'Key-Odd');\n",
                          generation_world_has (world, ST_CAP_TOKEN_IDS) ? "ID, " : "",
                          generation_world_has (world, ST_CAP_TOKEN_IDS) ? "901, " : "",
                          generation_world_has (world, ST_CAP_TOKEN_IDS) ? "902, " : "");
  if (generation_world_has (world, ST_CAP_APP_STATE)) /* spec/decisions.md 4: not looked at */
    g_string_append (script, "UPDATE IDN_OAUTH_CONSUMER_APPS SET APP_STATE = 'REVOKED';\n");
  for (guint i = 0; i < generation_n_tokens; i++)
    generation_world_add_token (world, script, TOKEN_TABLE, TOKEN_TABLE "_SCOPE", &generation_tokens[i]);
  generation_world_run (world, script->str);
}

void
generation_world_add_copy (const GenerationWorld *world, GString *script, const char *name,
                           const char *original)
{
  if (generation_world_is_mysql (world))
    g_string_append_printf (script, "CREATE TABLE `%s` LIKE %s;\n", name, original);
  else
    g_string_append_printf (script, "CREATE TABLE `%s` AS SELECT * FROM %s WHERE 0;\n", name, original);
}

/* Worlds */

void
generation_world_make_store (GenerationWorld *world, gboolean advanced_throttling, ApimTokenTime token_time)
{
  st_key_store_free (world->keys);
  world->keys = st_sql_key_store_new (world->fixture->api_database, advanced_throttling);
  st_sql_key_store_set_token_time (world->keys, token_time);
  st_sql_key_store_set_tenants (world->keys, fake_store_users (world->tenants));
}

static GenerationWorld *
world_new (StoreFixture *fixture, const char *name, const char *tables)
{
  GenerationWorld *world = g_new0 (GenerationWorld, 1);
  StTenant *tenant = st_tenant_new ();
  g_autoptr (GError) error = NULL;

  world->fixture = fixture;
  world->name = name;
  fixture->api_database = st_database_open (&fixture->api, &fixture->limits, &error);
  g_assert_no_error (error);
  store_fixture_run (fixture->api_database, tables);
  st_capabilities_read (fixture->api_database, 0, &world->capabilities, &error);
  g_assert_no_error (error);
  *tenant = (StTenant){ 1, g_strdup ("example.com"), TRUE };
  world->tenants = fake_store_new ();
  fake_store_add_tenant (world->tenants, tenant);
  generation_world_make_store (world, TRUE, APIM_TOKEN_TIME_SERVER);
  return world;
}

GenerationWorld *
generation_world_sqlite (const char *name, guint shape)
{
  StoreFixture *fixture = store_fixture_sqlite ();
  g_autoptr (GString) tables = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  g_file_set_contents (fixture->api.path, "", 0, &error); /* an empty database */
  g_assert_no_error (error);
  if (shape != 0)
    {
      add_api_tables (tables, shape);
      add_token_tables (tables, shape);
      add_scope_tables (tables, shape);
    }
  return world_new (fixture, name, tables->str);
}

GenerationWorld *
generation_world_mysql (const char *name)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "fixtures", "generations", "fixture", NULL);
  const char *command[] = { "sh", path, name, NULL };
  g_autofree char *tables = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  g_spawn_sync (NULL, (char **) command, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &tables, NULL, &status,
                &error);
  g_assert_no_error (error);
  g_spawn_check_wait_status (status, &error);
  g_assert_no_error (error);
  return world_new (store_fixture_mysql (store_fixture_mysql_socket (), "latin1"), name, tables);
}

void
generation_world_free (GenerationWorld *world)
{
  st_key_store_free (world->keys);
  fake_store_free (world->tenants);
  store_fixture_free (world->fixture);
  g_free (world);
}
