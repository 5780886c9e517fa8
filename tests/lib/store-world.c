#include "config.h"
#include "tests/lib/store-world.h"

#include "store/st-sql-stores.h"

#include <string.h>

#define WEATHER "/weather/1.0.0"
#define WEATHER_2 "/weather/2.0.0"
#define ORDERS "/t/example.com/orders/1.0"

#define API_ROWS \
  "INSERT INTO AM_SUBSCRIBER (SUBSCRIBER_ID, USER_ID, TENANT_ID) VALUES (1, 'alice', -1234);\n" \
  "INSERT INTO AM_APPLICATION (APPLICATION_ID, NAME, SUBSCRIBER_ID, APPLICATION_TIER, TOKEN_TYPE) VALUES" \
  " (1, 'App', 1, '50PerMin', 'DEFAULT'), (2, 'Heavy', 1, 'BytesApp', NULL);\n" \
  "INSERT INTO AM_API (API_ID, API_PROVIDER, API_NAME, API_VERSION, CONTEXT, API_TIER) VALUES" \
  " (1, 'admin', 'Weather', '1.0.0', '/weather/1.0.0', NULL), (2, 'admin', 'Weather', '2.0.0', '/weather/2.0.0'," \
  " 'BytesApi')," \
  " (3, 'dave@example.com', 'Orders', '1.0', '/t/example.com/orders/1.0', NULL), (4, 'admin', 'Bytes', '1'," \
  " '/bytes/1', NULL)," \
  " (5, 'admin', 'Group', '1', '/group/1', NULL);\n" \
  "INSERT INTO AM_API_DEFAULT_VERSION (API_NAME, API_PROVIDER, DEFAULT_API_VERSION, PUBLISHED_DEFAULT_API_VERSION)" \
  " VALUES" \
  " ('Weather', 'admin', '2.0.0', '2.0.0');\n" \
  "INSERT INTO AM_APPLICATION_KEY_MAPPING (APPLICATION_ID, CONSUMER_KEY, KEY_TYPE, STATE) VALUES" \
  " (1, 'Key-Prod', 'PRODUCTION', 'COMPLETED'), (1, 'Key-Sand', 'SANDBOX', 'COMPLETED')," \
  " (2, 'Key-Heavy', 'PRODUCTION', 'COMPLETED');\n" \
  "INSERT INTO AM_POLICY_SUBSCRIPTION (NAME, TENANT_ID, QUOTA_TYPE, QUOTA, UNIT_TIME, TIME_UNIT, RATE_LIMIT_COUNT," \
  " RATE_LIMIT_TIME_UNIT, STOP_ON_QUOTA_REACH, BILLING_PLAN) VALUES" \
  " ('Spiky', -1234, 'requestCount', 10, 1, 'min', 7, 'sec', 0, 'FREE')," \
  " ('BytesSub', -1234, 'bandwidthVolume', 10, 1, 'min', 0, NULL, 1, 'FREE')," \
  " ('TenantOnly', 1, 'requestCount', 10, 1, 'min', 0, NULL, 1, 'FREE');\n" \
  "INSERT INTO AM_POLICY_APPLICATION (NAME, TENANT_ID, QUOTA_TYPE, QUOTA, UNIT_TIME, TIME_UNIT) VALUES" \
  " ('BytesApp', -1234, 'bandwidthVolume', 10, 1, 'min');\n" \
  "INSERT INTO AM_API_THROTTLE_POLICY (POLICY_ID, NAME, TENANT_ID, DEFAULT_QUOTA_TYPE, DEFAULT_QUOTA," \
  " DEFAULT_UNIT_TIME," \
  " DEFAULT_TIME_UNIT, APPLICABLE_LEVEL) VALUES" \
  " (101, 'BytesApi', -1234, 'bandwidthVolume', 10, 1, 'min', 'apiLevel')," \
  " (102, 'Grouped', -1234, 'requestCount', 10, 1, 'min', 'userLevel');\n" \
  "INSERT INTO AM_CONDITION_GROUP (CONDITION_GROUP_ID, POLICY_ID, QUOTA_TYPE, QUOTA, UNIT_TIME, TIME_UNIT) VALUES" \
  " (7, 102, 'requestCount', 10, 1, 'min'), (9, 102, 'bandwidthVolume', 10, 1, 'min');\n" \
  "INSERT INTO AM_SUBSCRIPTION (SUBSCRIPTION_ID, TIER_ID, API_ID, APPLICATION_ID, SUB_STATUS, SUBS_CREATE_STATE)" \
  " VALUES" \
  " (1, 'Gold', 1, 1, 'BLOCKED', 'UN_SUBSCRIBE'), (2, 'Spiky', 1, 1, 'UNBLOCKED', 'SUBSCRIBE')," \
  " (3, 'Gold', 1, 1, 'ON_HOLD', 'SUBSCRIBE'), (4, 'TenantOnly', 3, 1, NULL, NULL)," \
  " (5, 'TenantOnly', 2, 1, 'UNBLOCKED', 'SUBSCRIBE'), (6, 'Gold', 1, 2, 'UNBLOCKED', 'SUBSCRIBE')," \
  " (7, 'Gold', 2, 2, 'UNBLOCKED', 'SUBSCRIBE'), (8, 'BytesSub', 4, 1, 'UNBLOCKED', 'SUBSCRIBE')," \
  " (9, 'Gold', 5, 1, 'UNBLOCKED', 'SUBSCRIBE');\n" \
  "INSERT INTO AM_API_URL_MAPPING (URL_MAPPING_ID, API_ID, HTTP_METHOD, AUTH_SCHEME, URL_PATTERN, THROTTLING_TIER)" \
  " VALUES" \
  " (1, 1, 'GET', 'Any', '/city/*', 'Unlimited'), (2, 1, 'POST', 'Application_User', '/city/*', 'Gone')," \
  " (3, 5, 'GET', 'None', '/a', 'Grouped'), (4, 5, 'GET', 'None', '/b', 'Unlimited');\n" \
  "INSERT INTO IDN_OAUTH2_SCOPE (SCOPE_ID, NAME, DISPLAY_NAME) VALUES (1, 'write', 'Write'), (2, 'open', 'Open');\n" \
  "INSERT INTO IDN_OAUTH2_SCOPE_BINDING (SCOPE_ID, SCOPE_BINDING) VALUES (1, ' editor '), (1, 'Internal/creator')," \
  " (1, '');\n" \
  "INSERT INTO IDN_OAUTH2_RESOURCE_SCOPE (RESOURCE_PATH, SCOPE_ID) VALUES" \
  " ('/weather/1.0.0/1.0.0/city/*:POST', 1), ('/weather/1.0.0/1.0.0/open:GET', 2);\n" \
  "INSERT INTO IDN_OAUTH_CONSUMER_APPS (ID, CONSUMER_KEY, CONSUMER_SECRET, APP_STATE) VALUES" \
  " (1, 'Key-Prod', 'x', 'ACTIVE'), (2, 'Key-Sand', 'x', 'REVOKED');\n"

static const char *const token_row
    = "INSERT INTO IDN_OAUTH2_ACCESS_TOKEN (TOKEN_ID, ACCESS_TOKEN, ACCESS_TOKEN_HASH, CONSUMER_KEY_ID,"
      " AUTHZ_USER, TENANT_ID,"
      " USER_DOMAIN, USER_TYPE, TIME_CREATED, VALIDITY_PERIOD, TOKEN_STATE, TOKEN_STATE_ID)"
      " VALUES ('id-%s', '%s', %s, %d, '%s', %d, '%s', 'APPLICATION_USER', %s, %s, '%s', '%s');\n";

/* The two that differ in case stand so that a folding collation meets the wrong one first. */
const StoreWorldToken store_world_tokens[] = {
  { "tok-hex", STORE_WORLD_HASH_HEX, 1, "alice", -1234, "PRIMARY", "3600000", "ACTIVE", "default write" },
  { "tok-json", STORE_WORLD_HASH_JSON, 2, "bob", 1, "LDAP", "-1", "ACTIVE", "" },
  { "tok-json-other", STORE_WORLD_HASH_JSON_OTHER, 1, "bob", -1234, "PRIMARY", "9223372036854775807", "ACTIVE", "a" },
  { "tok-plain", STORE_WORLD_HASH_NONE, 1, "alice", -1234, "PRIMARY", "1", "ACTIVE", "default" },
  { "TWIN", STORE_WORLD_HASH_NONE, 1, "wrong", -1234, "PRIMARY", "1", "ACTIVE", "wrong" },
  { "twin", STORE_WORLD_HASH_NONE, 1, "right", -1234, "PRIMARY", "1", "ACTIVE", "right" },
  { "Tok-Case", STORE_WORLD_HASH_NONE, 1, "alice2", -1234, "PRIMARY", "1", "ACTIVE", "" },
  { "tok-revoked", STORE_WORLD_HASH_JSON, 1, "alice", -1234, "PRIMARY", "3600000", "REVOKED", "default" },
  { "tok-expired", STORE_WORLD_HASH_HEX, 1, "alice", -1234, "PRIMARY", "3600000", "EXPIRED", "default" },
  { "tok-inactive", STORE_WORLD_HASH_NONE, 1, "alice", -1234, "PRIMARY", "3600000", "INACTIVE", "default" },
};

const guint store_world_n_tokens = G_N_ELEMENTS (store_world_tokens);

static const char *const user_rows
    = "INSERT INTO UM_TENANT (UM_ID, UM_DOMAIN_NAME, UM_ACTIVE) VALUES (1, 'example.com', 1), (2, 'closed.org', 0);\n"
      "INSERT INTO UM_DOMAIN (UM_DOMAIN_ID, UM_DOMAIN_NAME, UM_TENANT_ID) VALUES (100, 'LDAP', -1234), (101,"
      " 'PRIMARY', 1);\n"
      "INSERT INTO UM_USER (UM_ID, UM_USER_NAME, UM_USER_PASSWORD, UM_SALT_VALUE, UM_REQUIRE_CHANGE, UM_TENANT_ID)"
      " VALUES"
      " (1, 'Alice', 'hash-a', 'salt-a', 0, -1234), (2, 'bob', 'hash-b', NULL, 1, -1234), (3, 'admin', 'hash-c',"
      " 'c', 0, -1234),"
      " (4, 'alice', 'hash-d', 'd', 0, 1);\n"
      "INSERT INTO UM_ROLE (UM_ID, UM_ROLE_NAME, UM_TENANT_ID) VALUES (1, 'editor', -1234), (2, 'Buyer', 1);\n"
      "INSERT INTO UM_USER_ROLE (UM_ROLE_ID, UM_USER_ID, UM_TENANT_ID) VALUES (1, 1, -1234), (2, 4, 1);\n"
      "INSERT INTO UM_HYBRID_ROLE (UM_ID, UM_ROLE_NAME, UM_TENANT_ID) VALUES (50, 'creator', -1234), (51,"
      " 'Application/x', -1234);\n"
      "INSERT INTO UM_HYBRID_USER_ROLE (UM_USER_NAME, UM_ROLE_ID, UM_TENANT_ID, UM_DOMAIN_ID)"
      " SELECT 'alice', 50, -1234, UM_DOMAIN_ID FROM UM_DOMAIN WHERE UM_TENANT_ID = -1234 AND UM_DOMAIN_NAME ="
      " 'PRIMARY';\n"
      "INSERT INTO UM_HYBRID_USER_ROLE (UM_USER_NAME, UM_ROLE_ID, UM_TENANT_ID, UM_DOMAIN_ID)"
      " SELECT 'ghost', 50, -1234, UM_DOMAIN_ID FROM UM_DOMAIN WHERE UM_TENANT_ID = -1234 AND UM_DOMAIN_NAME ="
      " 'PRIMARY';\n"
      "INSERT INTO UM_HYBRID_USER_ROLE (UM_USER_NAME, UM_ROLE_ID, UM_TENANT_ID, UM_DOMAIN_ID) VALUES"
      " ('zoe', 51, -1234, 100), ('zoe', 50, -1234, 100);\n";

static char *
hash_text (const StoreWorldToken *row)
{
  g_autofree char *hex = g_compute_checksum_for_string (G_CHECKSUM_SHA256, row->token, -1);

  switch (row->form)
    {
    case STORE_WORLD_HASH_HEX:
      return g_strdup_printf ("'%s'", hex);
    case STORE_WORLD_HASH_JSON:
      return g_strdup_printf ("'{\"hash\":\"%s\",\"algorithm\":\"SHA-256\"}'", hex);
    case STORE_WORLD_HASH_JSON_OTHER:
      return g_strdup_printf ("'{\"algorithm\":\"SHA-256\",\"hash\":\"%s\"}'", hex);
    case STORE_WORLD_HASH_NONE:
    default:
      return g_strdup ("NULL");
    }
}

static void
fill_tokens (StoreWorld *world)
{
  gboolean sqlite = world->fixture->api.kind == APIM_DATABASE_SQLITE;
  g_autoptr (GString) script = g_string_new (NULL);

  for (guint i = 0; i < store_world_n_tokens; i++)
    {
      const StoreWorldToken *row = &store_world_tokens[i];
      g_autofree char *hash = hash_text (row);
      g_autofree char *time = g_strdup_printf (sqlite ? "%d000" : "FROM_UNIXTIME(%d)", STORE_WORLD_ISSUED_S);
      g_autofree char *id = g_strdup_printf ("%u-%s", i, row->token);
      g_auto (GStrv) scopes = g_strsplit (row->scopes, " ", -1);

      g_string_append_printf (script, token_row, id, row->token, hash, row->client, row->user, row->tenant_id,
                              row->user_domain, time, row->validity, row->state, id);
      for (guint s = 0; scopes[s] != NULL; s++)
        g_string_append_printf (
            script, "INSERT INTO IDN_OAUTH2_ACCESS_TOKEN_SCOPE (TOKEN_ID, TOKEN_SCOPE) VALUES ('id-%s', '%s');\n", id,
            scopes[s]);
    }
  store_fixture_run (world->fixture->api_database, script->str);
}

StoreWorld *
store_world_sql (StoreFixture *fixture)
{
  StoreWorld *world = g_new0 (StoreWorld, 1);

  world->fixture = fixture;
  store_fixture_open (fixture);
  store_fixture_run (fixture->api_database, API_ROWS);
  store_fixture_run (fixture->user_database, user_rows);
  fill_tokens (world);
  world->keys = st_sql_key_store_new (fixture->api_database, TRUE);
  world->users = st_sql_user_store_new (fixture->user_database, &fixture->settings);
  return world;
}

static void
fake_subscription (FakeStore *fake, const char *context, const char *key, gint tenant, StSubscription values)
{
  StSubscription *subscription = st_subscription_new ();

  *subscription = values;
  subscription->subscriber = g_strdup ("alice");
  subscription->tier = g_strdup (values.tier);
  subscription->status = g_strdup (values.status);
  subscription->create_state = g_strdup (values.create_state);
  subscription->application_name = g_strdup (values.application_name);
  subscription->application_tier = g_strdup (values.application_tier);
  subscription->key_type = g_strdup (values.key_type);
  subscription->api_name = g_strdup (values.api_name);
  subscription->api_provider = g_strdup (values.api_provider);
  subscription->api_version = g_strdup (values.api_version);
  subscription->api_tier = g_strdup (values.api_tier);
  subscription->rate_limit_unit = g_strdup (values.rate_limit_unit);
  subscription->has_policy = TRUE;
  fake_store_add_subscription (fake, context, key, tenant, subscription);
}

#define TEXT(text) ((char *) (text))
#define APP .application_id = 1, .application_name = TEXT ("App"), .application_tier = TEXT ("50PerMin"), \
  .create_state = TEXT ("SUBSCRIBE")
#define HEAVY \
  .application_id = 2, .application_name = TEXT ("Heavy"), .application_tier = TEXT ("BytesApp"), \
  .key_type = TEXT ("PRODUCTION"), .status = TEXT ("UNBLOCKED"), .create_state = TEXT ("SUBSCRIBE"), \
  .tier = TEXT ("Gold"), .content_aware = TRUE, .stop_on_quota_reach = TRUE
#define WEATHER_API .api_name = TEXT ("Weather"), .api_provider = TEXT ("admin"), .api_version = TEXT ("1.0.0")
#define WEATHER_2_API \
  .api_name = TEXT ("Weather"), .api_provider = TEXT ("admin"), .api_version = TEXT ("2.0.0"), \
  .api_tier = TEXT ("BytesApi")
#define SPIKY \
  .tier = TEXT ("Spiky"), .rate_limit_count = 7, .rate_limit_unit = TEXT ("sec"), .status = TEXT ("UNBLOCKED")

static void
fake_subscriptions (FakeStore *fake)
{
  fake_subscription (fake, WEATHER, "Key-Prod", -1234,
                     (StSubscription){ APP, WEATHER_API, SPIKY, .key_type = TEXT ("PRODUCTION") });
  fake_subscription (fake, WEATHER, "Key-Sand", -1234,
                     (StSubscription){ APP, WEATHER_API, SPIKY, .key_type = TEXT ("SANDBOX") });
  fake_subscription (fake, WEATHER, "Key-Heavy", -1234, (StSubscription){ HEAVY, WEATHER_API });
  fake_subscription (fake, WEATHER_2, "Key-Heavy", -1234, (StSubscription){ HEAVY, WEATHER_2_API });
  fake_subscription (fake, WEATHER_2, "Key-Prod", 1,
                     (StSubscription){ APP, WEATHER_2_API, .tier = TEXT ("TenantOnly"), .status = TEXT ("UNBLOCKED"),
                                       .stop_on_quota_reach = TRUE });
  fake_subscription (fake, ORDERS, "Key-Prod", 1,
                     (StSubscription){ .application_id = 1, .tier = TEXT ("TenantOnly"), .api_version = TEXT ("1.0"),
                                       .api_name = TEXT ("Orders"), .stop_on_quota_reach = TRUE });
  fake_subscription (
      fake, "/bytes/1", "Key-Prod", -1234,
      (StSubscription){ APP, .api_version = TEXT ("1"), .tier = TEXT ("BytesSub"), .content_aware = TRUE });
  fake_subscription (fake, "/group/1", "Key-Prod", -1234,
                     (StSubscription){ APP, .api_version = TEXT ("1"), .tier = TEXT ("Gold"), .content_aware = TRUE });
}

static void
fake_resource (StResources *resources, const char *verb, const char *level, const char *pattern, const char *tier,
               const char *applicable, const char *conditions)
{
  StResource *resource = st_resources_add (resources);

  resource->http_method = g_strdup (verb);
  resource->auth_scheme = g_strdup (level);
  resource->url_pattern = g_strdup (pattern);
  resource->throttling_tier = g_strdup (tier);
  resource->applicable_level = g_strdup (applicable);
  resource->conditions = conditions != NULL ? g_strsplit (conditions, " ", -1) : NULL;
}

static void
fake_apis (FakeStore *fake)
{
  static const char *const contexts[] = { WEATHER, WEATHER_2, ORDERS };
  static const char *const versions[] = { "1.0.0", "2.0.0", "1.0" };
  StResources *weather = st_resources_new ();
  StResources *group = st_resources_new ();
  StScope *write = st_scope_new ();
  StScope *open = st_scope_new ();

  fake_resource (weather, "GET", "Any", "/city/*", "Unlimited", "apiLevel", NULL);
  fake_resource (weather, "POST", "Application_User", "/city/*", "Gone", NULL, NULL);
  fake_store_add_resources (fake, WEATHER, "1.0.0", weather);
  fake_resource (group, "GET", "None", "/a", "Grouped", "userLevel", "_condition_7 _condition_9 _default");
  fake_resource (group, "GET", "None", "/b", "Unlimited", "apiLevel", NULL);
  fake_store_add_resources (fake, "/group/1", "1", group);
  write->key = g_strdup ("write");
  write->roles = g_strsplit ("editor Internal/creator", " ", -1);
  fake_store_add_scope (fake, "/weather/1.0.0/1.0.0/city/*:POST", write);
  open->key = g_strdup ("open");
  open->roles = g_new0 (char *, 1);
  fake_store_add_scope (fake, "/weather/1.0.0/1.0.0/open:GET", open);
  for (guint i = 0; i < G_N_ELEMENTS (contexts); i++)
    {
      StApiDefault *api = st_api_default_new ();

      api->api_name = g_strdup (i < 2 ? "Weather" : "Orders");
      api->api_version = g_strdup (versions[i]);
      api->default_version = g_strdup (i < 2 ? "2.0.0" : NULL);
      fake_store_add_api_default (fake, contexts[i], api);
    }
}

static void
fake_tokens (FakeStore *fake)
{
  for (guint i = 0; i < store_world_n_tokens; i++)
    {
      const StoreWorldToken *row = &store_world_tokens[i];
      StToken *token;

      if (strcmp (row->state, "ACTIVE") != 0)
        continue;
      token = st_token_new ();
      token->consumer_key = g_strdup (row->client == 1 ? "Key-Prod" : "Key-Sand");
      token->user_name = g_strdup (row->user);
      token->tenant_id = row->tenant_id;
      token->user_domain = g_strdup (row->user_domain);
      token->user_type = g_strdup ("APPLICATION_USER");
      token->issued_ms = STORE_WORLD_ISSUED_S * G_GINT64_CONSTANT (1000);
      token->validity_ms = g_ascii_strtoll (row->validity, NULL, 10);
      token->scopes = g_strsplit (row->scopes, " ", -1);
      fake_store_add_token (fake, row->token, token);
    }
}

static void
fake_user (FakeStore *fake, gint id, gint tenant_id, const char *name, const char *hash, const char *salt,
           gboolean change)
{
  StUser *user = st_user_new ();

  *user = (StUser){ .id = id, .tenant_id = tenant_id, .name = g_strdup (name), .password_hash = g_strdup (hash),
                    .salt = g_strdup (salt), .require_change = change, .changed_ms = g_get_real_time () / 1000 };
  fake_store_add_user (fake, user);
}

static void
fake_users (FakeStore *fake)
{
  StTenant *example = st_tenant_new ();
  StTenant *closed = st_tenant_new ();

  *example = (StTenant){ 1, g_strdup ("example.com"), TRUE };
  *closed = (StTenant){ 2, g_strdup ("closed.org"), FALSE };
  fake_store_add_tenant (fake, example);
  fake_store_add_tenant (fake, closed);
  fake_user (fake, 1, -1234, "Alice", "hash-a", "salt-a", FALSE);
  fake_user (fake, 2, -1234, "bob", "hash-b", NULL, TRUE);
  fake_user (fake, 4, 1, "alice", "hash-d", "d", FALSE);
  fake_store_set_roles (fake, -1234, "PRIMARY", "alice", (const char *const[]){ "editor", "Internal/creator", NULL });
  fake_store_set_roles (fake, 1, "PRIMARY", "alice", (const char *const[]){ "Buyer", NULL });
  fake_store_set_roles (fake, -1234, "PRIMARY", "admin", (const char *const[]){ "admin", NULL });
  fake_store_set_roles (fake, -1234, "LDAP", "zoe", (const char *const[]){ "Application/x", "Internal/creator", NULL });
}

StoreWorld *
store_world_fake (void)
{
  StoreWorld *world = g_new0 (StoreWorld, 1);

  world->fake = fake_store_new ();
  fake_tokens (world->fake);
  fake_subscriptions (world->fake);
  fake_apis (world->fake);
  fake_users (world->fake);
  world->keys = fake_store_keys (world->fake);
  world->users = fake_store_users (world->fake);
  return world;
}

void
store_world_free (StoreWorld *world)
{
  st_key_store_free (world->keys);
  st_user_store_free (world->users);
  if (world->fixture != NULL)
    store_fixture_free (world->fixture);
  if (world->fake != NULL)
    fake_store_free (world->fake);
  g_free (world);
}
