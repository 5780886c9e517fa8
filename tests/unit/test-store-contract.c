/* What every key store and user store must do, run against SQLite, MariaDB (two character sets) and the scripted fake. */
#include "config.h"

#include "store/st-sql-stores.h"
#include "tests/lib/fake-store.h"
#include "tests/lib/store-fixture.h"

#include <string.h>

#define ISSUED_S 1700000000
#define WEATHER "/weather/1.0.0"
#define WEATHER_2 "/weather/2.0.0"
#define ORDERS "/t/example.com/orders/1.0"

typedef struct
{
  StoreFixture *fixture; /* NULL for the fake */
  FakeStore *fake;
  StKeyStore *keys;
  StUserStore *users;
} World;

/* ---- the same world in both forms ---- */

/* %1$s is the time of issue in the dialect, the rest the hashes of the tokens' names. */
#define API_ROWS \
  "INSERT INTO AM_SUBSCRIBER (SUBSCRIBER_ID, USER_ID, TENANT_ID) VALUES (1, 'alice', -1234);\n" \
  "INSERT INTO AM_APPLICATION (APPLICATION_ID, NAME, SUBSCRIBER_ID, APPLICATION_TIER, TOKEN_TYPE) VALUES" \
  " (1, 'App', 1, '50PerMin', 'DEFAULT'), (2, 'Heavy', 1, 'BytesApp', NULL);\n" \
  "INSERT INTO AM_API (API_ID, API_PROVIDER, API_NAME, API_VERSION, CONTEXT, API_TIER) VALUES" \
  " (1, 'admin', 'Weather', '1.0.0', '/weather/1.0.0', NULL), (2, 'admin', 'Weather', '2.0.0', '/weather/2.0.0', 'BytesApi')," \
  " (3, 'dave@example.com', 'Orders', '1.0', '/t/example.com/orders/1.0', NULL), (4, 'admin', 'Bytes', '1', '/bytes/1', NULL)," \
  " (5, 'admin', 'Group', '1', '/group/1', NULL);\n" \
  "INSERT INTO AM_API_DEFAULT_VERSION (API_NAME, API_PROVIDER, DEFAULT_API_VERSION, PUBLISHED_DEFAULT_API_VERSION) VALUES" \
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
  "INSERT INTO AM_API_THROTTLE_POLICY (POLICY_ID, NAME, TENANT_ID, DEFAULT_QUOTA_TYPE, DEFAULT_QUOTA, DEFAULT_UNIT_TIME," \
  " DEFAULT_TIME_UNIT, APPLICABLE_LEVEL) VALUES" \
  " (101, 'BytesApi', -1234, 'bandwidthVolume', 10, 1, 'min', 'apiLevel')," \
  " (102, 'Grouped', -1234, 'requestCount', 10, 1, 'min', 'userLevel');\n" \
  "INSERT INTO AM_CONDITION_GROUP (CONDITION_GROUP_ID, POLICY_ID, QUOTA_TYPE, QUOTA, UNIT_TIME, TIME_UNIT) VALUES" \
  " (7, 102, 'requestCount', 10, 1, 'min'), (9, 102, 'bandwidthVolume', 10, 1, 'min');\n" \
  "INSERT INTO AM_SUBSCRIPTION (SUBSCRIPTION_ID, TIER_ID, API_ID, APPLICATION_ID, SUB_STATUS, SUBS_CREATE_STATE) VALUES" \
  " (1, 'Gold', 1, 1, 'BLOCKED', 'UN_SUBSCRIBE'), (2, 'Spiky', 1, 1, 'UNBLOCKED', 'SUBSCRIBE')," \
  " (3, 'Gold', 1, 1, 'ON_HOLD', 'SUBSCRIBE'), (4, 'TenantOnly', 3, 1, NULL, NULL)," \
  " (5, 'TenantOnly', 2, 1, 'UNBLOCKED', 'SUBSCRIBE'), (6, 'Gold', 1, 2, 'UNBLOCKED', 'SUBSCRIBE')," \
  " (7, 'Gold', 2, 2, 'UNBLOCKED', 'SUBSCRIBE'), (8, 'BytesSub', 4, 1, 'UNBLOCKED', 'SUBSCRIBE')," \
  " (9, 'Gold', 5, 1, 'UNBLOCKED', 'SUBSCRIBE');\n" \
  "INSERT INTO AM_API_URL_MAPPING (URL_MAPPING_ID, API_ID, HTTP_METHOD, AUTH_SCHEME, URL_PATTERN, THROTTLING_TIER) VALUES" \
  " (1, 1, 'GET', 'Any', '/city/*', 'Unlimited'), (2, 1, 'POST', 'Application_User', '/city/*', 'Gone')," \
  " (3, 5, 'GET', 'None', '/a', 'Grouped'), (4, 5, 'GET', 'None', '/b', 'Unlimited');\n" \
  "INSERT INTO IDN_OAUTH2_SCOPE (SCOPE_ID, NAME, DISPLAY_NAME) VALUES (1, 'write', 'Write'), (2, 'open', 'Open');\n" \
  "INSERT INTO IDN_OAUTH2_SCOPE_BINDING (SCOPE_ID, SCOPE_BINDING) VALUES (1, ' editor '), (1, 'Internal/creator'), (1, '');\n" \
  "INSERT INTO IDN_OAUTH2_RESOURCE_SCOPE (RESOURCE_PATH, SCOPE_ID) VALUES" \
  " ('/weather/1.0.0/1.0.0/city/*:POST', 1), ('/weather/1.0.0/1.0.0/open:GET', 2);\n" \
  "INSERT INTO IDN_OAUTH_CONSUMER_APPS (ID, CONSUMER_KEY, CONSUMER_SECRET, APP_STATE) VALUES" \
  " (1, 'Key-Prod', 'x', 'ACTIVE'), (2, 'Key-Sand', 'x', 'REVOKED');\n"

static const char *const token_row
    = "INSERT INTO IDN_OAUTH2_ACCESS_TOKEN (TOKEN_ID, ACCESS_TOKEN, ACCESS_TOKEN_HASH, CONSUMER_KEY_ID, AUTHZ_USER, TENANT_ID,"
      " USER_DOMAIN, USER_TYPE, TIME_CREATED, VALIDITY_PERIOD, TOKEN_STATE, TOKEN_STATE_ID)"
      " VALUES ('id-%s', '%s', %s, %d, '%s', %d, '%s', 'APPLICATION_USER', %s, %s, '%s', '%s');\n";

typedef enum
{
  HASH_NONE,
  HASH_HEX,
  HASH_JSON,       /* {"hash":...,"algorithm":...} */
  HASH_JSON_OTHER, /* the other order */
} HashForm;

typedef struct
{
  const char *token;
  HashForm form;
  guint client;
  const char *user;
  gint tenant_id;
  const char *user_domain;
  const char *validity;
  const char *state;
  const char *scopes; /* separated by a blank, in byte order */
} TokenRow;

/* The two that differ in case stand so that a folding collation meets the wrong one first. */
static const TokenRow token_rows[] = {
  { "tok-hex", HASH_HEX, 1, "alice", -1234, "PRIMARY", "3600000", "ACTIVE", "default write" },
  { "tok-json", HASH_JSON, 2, "bob", 1, "LDAP", "-1", "ACTIVE", "" },
  { "tok-json-other", HASH_JSON_OTHER, 1, "bob", -1234, "PRIMARY", "9223372036854775807", "ACTIVE", "a" },
  { "tok-plain", HASH_NONE, 1, "alice", -1234, "PRIMARY", "1", "ACTIVE", "default" },
  { "TWIN", HASH_NONE, 1, "wrong", -1234, "PRIMARY", "1", "ACTIVE", "wrong" },
  { "twin", HASH_NONE, 1, "right", -1234, "PRIMARY", "1", "ACTIVE", "right" },
  { "Tok-Case", HASH_NONE, 1, "alice2", -1234, "PRIMARY", "1", "ACTIVE", "" },
  { "tok-revoked", HASH_JSON, 1, "alice", -1234, "PRIMARY", "3600000", "REVOKED", "default" },
  { "tok-expired", HASH_HEX, 1, "alice", -1234, "PRIMARY", "3600000", "EXPIRED", "default" },
  { "tok-inactive", HASH_NONE, 1, "alice", -1234, "PRIMARY", "3600000", "INACTIVE", "default" },
};

static const char *const user_rows
    = "INSERT INTO UM_TENANT (UM_ID, UM_DOMAIN_NAME, UM_ACTIVE) VALUES (1, 'example.com', 1), (2, 'closed.org', 0);\n"
      "INSERT INTO UM_DOMAIN (UM_DOMAIN_ID, UM_DOMAIN_NAME, UM_TENANT_ID) VALUES (100, 'LDAP', -1234), (101, 'PRIMARY', 1);\n"
      "INSERT INTO UM_USER (UM_ID, UM_USER_NAME, UM_USER_PASSWORD, UM_SALT_VALUE, UM_REQUIRE_CHANGE, UM_TENANT_ID) VALUES"
      " (1, 'Alice', 'hash-a', 'salt-a', 0, -1234), (2, 'bob', 'hash-b', NULL, 1, -1234), (3, 'admin', 'hash-c', 'c', 0, -1234),"
      " (4, 'alice', 'hash-d', 'd', 0, 1);\n"
      "INSERT INTO UM_ROLE (UM_ID, UM_ROLE_NAME, UM_TENANT_ID) VALUES (1, 'editor', -1234), (2, 'Buyer', 1);\n"
      "INSERT INTO UM_USER_ROLE (UM_ROLE_ID, UM_USER_ID, UM_TENANT_ID) VALUES (1, 1, -1234), (2, 4, 1);\n"
      "INSERT INTO UM_HYBRID_ROLE (UM_ID, UM_ROLE_NAME, UM_TENANT_ID) VALUES (50, 'creator', -1234), (51, 'Application/x', -1234);\n"
      "INSERT INTO UM_HYBRID_USER_ROLE (UM_USER_NAME, UM_ROLE_ID, UM_TENANT_ID, UM_DOMAIN_ID)"
      " SELECT 'alice', 50, -1234, UM_DOMAIN_ID FROM UM_DOMAIN WHERE UM_TENANT_ID = -1234 AND UM_DOMAIN_NAME = 'PRIMARY';\n"
      "INSERT INTO UM_HYBRID_USER_ROLE (UM_USER_NAME, UM_ROLE_ID, UM_TENANT_ID, UM_DOMAIN_ID)"
      " SELECT 'ghost', 50, -1234, UM_DOMAIN_ID FROM UM_DOMAIN WHERE UM_TENANT_ID = -1234 AND UM_DOMAIN_NAME = 'PRIMARY';\n"
      "INSERT INTO UM_HYBRID_USER_ROLE (UM_USER_NAME, UM_ROLE_ID, UM_TENANT_ID, UM_DOMAIN_ID) VALUES"
      " ('zoe', 51, -1234, 100), ('zoe', 50, -1234, 100);\n";

static char *
hash_text (const TokenRow *row)
{
  g_autofree char *hex = g_compute_checksum_for_string (G_CHECKSUM_SHA256, row->token, -1);

  switch (row->form)
    {
    case HASH_HEX:
      return g_strdup_printf ("'%s'", hex);
    case HASH_JSON:
      return g_strdup_printf ("'{\"hash\":\"%s\",\"algorithm\":\"SHA-256\"}'", hex);
    case HASH_JSON_OTHER:
      return g_strdup_printf ("'{\"algorithm\":\"SHA-256\",\"hash\":\"%s\"}'", hex);
    case HASH_NONE:
    default:
      return g_strdup ("NULL");
    }
}

static void
fill_tokens (World *world)
{
  gboolean sqlite = world->fixture->api.kind == APIM_DATABASE_SQLITE;
  g_autoptr (GString) script = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (token_rows); i++)
    {
      const TokenRow *row = &token_rows[i];
      g_autofree char *hash = hash_text (row);
      g_autofree char *time = g_strdup_printf (sqlite ? "%d000" : "FROM_UNIXTIME(%d)", ISSUED_S);
      g_autofree char *id = g_strdup_printf ("%u-%s", i, row->token);
      g_auto (GStrv) scopes = g_strsplit (row->scopes, " ", -1);

      g_string_append_printf (script, token_row, id, row->token, hash, row->client, row->user, row->tenant_id,
                              row->user_domain, time, row->validity, row->state, id);
      for (guint s = 0; scopes[s] != NULL; s++)
        g_string_append_printf (script, "INSERT INTO IDN_OAUTH2_ACCESS_TOKEN_SCOPE (TOKEN_ID, TOKEN_SCOPE) VALUES ('id-%s', '%s');\n",
                                id, scopes[s]);
    }
  store_fixture_run (world->fixture->api_database, script->str);
}

static World *
sql_world (StoreFixture *fixture)
{
  World *world = g_new0 (World, 1);

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
  subscription->application_token_type = g_strdup (values.application_token_type);
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
  .application_token_type = TEXT ("DEFAULT"), .create_state = TEXT ("SUBSCRIBE")
#define HEAVY .application_id = 2, .application_name = TEXT ("Heavy"), .application_tier = TEXT ("BytesApp"), \
  .key_type = TEXT ("PRODUCTION"), .status = TEXT ("UNBLOCKED"), .create_state = TEXT ("SUBSCRIBE"), .tier = TEXT ("Gold"), \
  .content_aware = TRUE, .stop_on_quota_reach = TRUE
#define WEATHER_API .api_name = TEXT ("Weather"), .api_provider = TEXT ("admin"), .api_version = TEXT ("1.0.0")
#define WEATHER_2_API .api_name = TEXT ("Weather"), .api_provider = TEXT ("admin"), .api_version = TEXT ("2.0.0"), .api_tier = TEXT ("BytesApi")
#define SPIKY .tier = TEXT ("Spiky"), .rate_limit_count = 7, .rate_limit_unit = TEXT ("sec"), .status = TEXT ("UNBLOCKED")

static void
fake_subscriptions (FakeStore *fake)
{
  fake_subscription (fake, WEATHER, "Key-Prod", -1234, (StSubscription){ APP, WEATHER_API, SPIKY, .key_type = TEXT ("PRODUCTION") });
  fake_subscription (fake, WEATHER, "Key-Sand", -1234, (StSubscription){ APP, WEATHER_API, SPIKY, .key_type = TEXT ("SANDBOX") });
  fake_subscription (fake, WEATHER, "Key-Heavy", -1234, (StSubscription){ HEAVY, WEATHER_API });
  fake_subscription (fake, WEATHER_2, "Key-Heavy", -1234, (StSubscription){ HEAVY, WEATHER_2_API });
  fake_subscription (fake, WEATHER_2, "Key-Prod", 1,
                     (StSubscription){ APP, WEATHER_2_API, .tier = TEXT ("TenantOnly"), .status = TEXT ("UNBLOCKED"), .stop_on_quota_reach = TRUE });
  fake_subscription (fake, ORDERS, "Key-Prod", 1,
                     (StSubscription){ .application_id = 1, .tier = TEXT ("TenantOnly"), .api_version = TEXT ("1.0"),
                                       .api_name = TEXT ("Orders"), .stop_on_quota_reach = TRUE });
  fake_subscription (fake, "/bytes/1", "Key-Prod", -1234,
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
  for (guint i = 0; i < G_N_ELEMENTS (token_rows); i++)
    {
      const TokenRow *row = &token_rows[i];
      StToken *token;

      if (strcmp (row->state, "ACTIVE") != 0)
        continue;
      token = st_token_new ();
      token->consumer_key = g_strdup (row->client == 1 ? "Key-Prod" : "Key-Sand");
      token->user_name = g_strdup (row->user);
      token->tenant_id = row->tenant_id;
      token->user_domain = g_strdup (row->user_domain);
      token->user_type = g_strdup ("APPLICATION_USER");
      token->issued_ms = ISSUED_S * G_GINT64_CONSTANT (1000);
      token->validity_ms = g_ascii_strtoll (row->validity, NULL, 10);
      token->scopes = g_strsplit (row->scopes, " ", -1);
      fake_store_add_token (fake, row->token, token);
    }
}

static void
fake_user (FakeStore *fake, gint id, gint tenant_id, const char *name, const char *hash, const char *salt, gboolean change)
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

static World *
fake_world (void)
{
  World *world = g_new0 (World, 1);

  world->fake = fake_store_new ();
  fake_tokens (world->fake);
  fake_subscriptions (world->fake);
  fake_apis (world->fake);
  fake_users (world->fake);
  world->keys = fake_store_keys (world->fake);
  world->users = fake_store_users (world->fake);
  return world;
}

static void
world_free (World *world)
{
  st_key_store_free (world->keys);
  st_user_store_free (world->users);
  if (world->fixture != NULL)
    store_fixture_free (world->fixture);
  if (world->fake != NULL)
    fake_store_free (world->fake);
  g_free (world);
}

/* ---- the contract ---- */

static StToken *
look_up (World *world, const char *token, gsize length)
{
  g_autoptr (GError) error = NULL;
  StToken *found = (StToken *) world; /* must be overwritten */

  st_key_store_find_token (world->keys, token, length, 0, &found, &error);
  g_assert_no_error (error);
  return found;
}

static int
compare_texts (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

/* Order is not promised. */
static void
assert_texts (char **texts, const char *expected)
{
  g_autofree char *joined = NULL;

  g_assert_nonnull (texts);
  qsort (texts, g_strv_length (texts), sizeof *texts, compare_texts);
  joined = g_strjoinv (" ", texts);
  g_assert_cmpstr (joined, ==, expected);
}

static void
check_tokens_found (World *world)
{
  for (guint i = 0; i < G_N_ELEMENTS (token_rows); i++)
    {
      const TokenRow *row = &token_rows[i];
      g_autoptr (StToken) token = look_up (world, row->token, strlen (row->token));

      if (strcmp (row->state, "ACTIVE") != 0)
        {
          g_assert_null (token);
          continue;
        }
      g_assert_nonnull (token);
      g_assert_cmpstr (token->consumer_key, ==, row->client == 1 ? "Key-Prod" : "Key-Sand");
      g_assert_cmpstr (token->user_name, ==, row->user);
      g_assert_cmpint (token->tenant_id, ==, row->tenant_id);
      g_assert_cmpstr (token->user_domain, ==, row->user_domain);
      g_assert_cmpstr (token->user_type, ==, "APPLICATION_USER");
      g_assert_cmpint (token->issued_ms, ==, ISSUED_S * G_GINT64_CONSTANT (1000));
      g_assert_cmpint (token->validity_ms, ==, g_ascii_strtoll (row->validity, NULL, 10));
      assert_texts (token->scopes, row->scopes);
    }
}

/* Texts that a collation or a careless comparison could take for a token. */
static void
check_tokens_not_found (World *world)
{
  static const struct
  {
    const char *token;
    gsize length;
  } cases[] = {
    { "unknown", 7 },
    { "", 0 },
    { "TOK-HEX", 7 },
    { "tok-case", 8 },
    { "Twin", 4 },
    { "tok-plain ", 10 },
    { "tok-plai", 8 },
    { "tok-pl\xc3\xa4in", 10 },
    { "tok-plain\0", 10 },
    { "tok-plain\0x", 11 },
    { "\xff\xfe", 2 },
    { "tok\xe2\x82\xac", 6 },
    { "tok\xf0\x9f\x98\x80", 7 },
    { "' OR '1'='1", 11 },
    { "%", 1 },
  };
  g_autofree char *huge = g_strnfill (100000, 'a');

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_null (look_up (world, cases[i].token, cases[i].length));
  g_assert_null (look_up (world, huge, 2048));
  g_assert_null (look_up (world, huge, 100000));
}

static StSubscription *
subscription_of (World *world, const char *context, const char *version, const char *key, gint tenant_id)
{
  g_autoptr (GError) error = NULL;
  StSubscription *found = (StSubscription *) world;

  st_key_store_find_subscription (world->keys, context, version, key, tenant_id, 0, &found, &error);
  g_assert_no_error (error);
  return found;
}

/* The first that is not unsubscribed, with everything that hangs on it. */
static void
check_subscription (World *world)
{
  g_autoptr (StSubscription) found = subscription_of (world, WEATHER, "1.0.0", "Key-Prod", -1234);
  g_autoptr (StSubscription) any = subscription_of (world, WEATHER, NULL, "Key-Sand", -1234);

  g_assert_nonnull (found);
  g_assert_cmpstr (found->subscriber, ==, "alice");
  g_assert_cmpstr (found->tier, ==, "Spiky");
  g_assert_cmpstr (found->status, ==, "UNBLOCKED");
  g_assert_cmpstr (found->create_state, ==, "SUBSCRIBE");
  g_assert_cmpint (found->application_id, ==, 1);
  g_assert_cmpstr (found->application_name, ==, "App");
  g_assert_cmpstr (found->application_tier, ==, "50PerMin");
  g_assert_cmpstr (found->application_token_type, ==, "DEFAULT");
  g_assert_cmpstr (found->key_type, ==, "PRODUCTION");
  g_assert_cmpstr (found->api_name, ==, "Weather");
  g_assert_cmpstr (found->api_provider, ==, "admin");
  g_assert_cmpstr (found->api_version, ==, "1.0.0");
  g_assert_null (found->api_tier);
  g_assert_true (found->has_policy);
  g_assert_cmpint (found->rate_limit_count, ==, 7);
  g_assert_cmpstr (found->rate_limit_unit, ==, "sec");
  g_assert_false (found->stop_on_quota_reach);
  g_assert_false (found->content_aware);
  g_assert_nonnull (any);
  g_assert_cmpstr (any->key_type, ==, "SANDBOX");
}

static void
check_no_subscription (World *world)
{
  static const struct
  {
    const char *context, *version, *key;
    gint tenant_id;
  } cases[] = {
    { WEATHER, "2.0.0", "Key-Prod", -1234 },
    { WEATHER, "1.0.0", "key-prod", -1234 },
    { WEATHER, "1.0.0", "Key-Prod ", -1234 },
    { WEATHER, "1.0.0", "Key-None", -1234 },
    { "/Weather/1.0.0", "1.0.0", "Key-Prod", -1234 },
    { "/weather/1.0.0 ", NULL, "Key-Prod", -1234 },
    { "/weather", NULL, "Key-Prod", -1234 },
    { WEATHER_2, "2.0.0", "Key-Prod", -1234 }, /* decisions.md 1: the tier has a policy in another tenant only */
    { ORDERS, "1.0", "Key-Prod", -1234 },
    { WEATHER, "1.0.0", "Key\xff", -1234 },
    { WEATHER, "1.0.0\xf0\x9f\x98\x80", "Key-Prod", -1234 },
    { "", "", "", -1234 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_null (subscription_of (world, cases[i].context, cases[i].version, cases[i].key, cases[i].tenant_id));
}

static void
check_subscription_nulls (World *world)
{
  g_autoptr (StSubscription) found = subscription_of (world, ORDERS, "1.0", "Key-Prod", 1);

  g_assert_nonnull (found);
  g_assert_null (found->status); /* decisions.md 3: refused by the rules, not here */
  g_assert_null (found->create_state);
  g_assert_true (found->stop_on_quota_reach);
  g_assert_cmpint (found->rate_limit_count, ==, 0);
  g_assert_null (found->rate_limit_unit);
}

/* A policy that counts bytes, of the application, the API, the subscription, or a resource's condition group. */
static void
check_content_aware (World *world)
{
  static const char *const cases[][2] = {
    { WEATHER, "Key-Heavy" }, { WEATHER_2, "Key-Heavy" }, { "/bytes/1", "Key-Prod" }, { "/group/1", "Key-Prod" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (StSubscription) found = subscription_of (world, cases[i][0], NULL, cases[i][1], -1234);

      g_assert_nonnull (found);
      g_assert_true (found->content_aware);
    }
}

static StResources *
resources_of (World *world, const char *context, const char *version)
{
  g_autoptr (GError) error = NULL;
  StResources *found = NULL;

  st_key_store_find_resources (world->keys, context, version, -1234, 0, &found, &error);
  g_assert_no_error (error);
  g_assert_nonnull (found);
  return found;
}

static void
check_resources (World *world)
{
  g_autoptr (StResources) weather = resources_of (world, WEATHER, "1.0.0");
  g_autoptr (StResources) group = resources_of (world, "/group/1", "1");
  StResource *resource;

  g_assert_cmpuint (weather->resources->len, ==, 2);
  resource = g_ptr_array_index (weather->resources, 0);
  g_assert_cmpstr (resource->http_method, ==, "GET");
  g_assert_cmpstr (resource->url_pattern, ==, "/city/*");
  g_assert_cmpstr (resource->auth_scheme, ==, "Any");
  g_assert_cmpstr (resource->throttling_tier, ==, "Unlimited");
  g_assert_cmpstr (resource->applicable_level, ==, "apiLevel");
  g_assert_null (resource->conditions);
  resource = g_ptr_array_index (weather->resources, 1); /* an unknown tier hides nothing */
  g_assert_cmpstr (resource->throttling_tier, ==, "Gone");
  g_assert_null (resource->applicable_level);
  g_assert_cmpuint (group->resources->len, ==, 2);
  resource = g_ptr_array_index (group->resources, 0);
  g_assert_cmpstr (resource->applicable_level, ==, "userLevel");
  g_assert_cmpstrv (resource->conditions, ((const char *const[]){ "_condition_7", "_condition_9", "_default", NULL }));
  resource = g_ptr_array_index (group->resources, 1);
  g_assert_cmpstr (resource->url_pattern, ==, "/b");
  g_assert_null (resource->conditions);
}

static void
check_no_resources (World *world)
{
  static const char *const cases[][2] = {
    { WEATHER, "9" }, { "/nothing", "1" }, { "/WEATHER/1.0.0", "1.0.0" }, { "", "" }, { "\xff", "1" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (StResources) found = resources_of (world, cases[i][0], cases[i][1]);

      g_assert_cmpuint (found->resources->len, ==, 0);
    }
}

static StScope *
scope_of (World *world, const char *path)
{
  g_autoptr (GError) error = NULL;
  StScope *found = (StScope *) world;

  st_key_store_find_scope (world->keys, path, 0, &found, &error);
  g_assert_no_error (error);
  return found;
}

static void
check_scopes (World *world)
{
  g_autoptr (StScope) write = scope_of (world, "/weather/1.0.0/1.0.0/city/*:POST");
  g_autoptr (StScope) open = scope_of (world, "/weather/1.0.0/1.0.0/open:GET");

  g_assert_nonnull (write);
  g_assert_cmpstr (write->key, ==, "write");
  assert_texts (write->roles, "Internal/creator editor");
  g_assert_nonnull (open);
  g_assert_cmpstr (open->key, ==, "open");
  g_assert_cmpuint (g_strv_length (open->roles), ==, 0);
  g_assert_null (scope_of (world, "/weather/1.0.0/1.0.0/city/*:GET"));
  g_assert_null (scope_of (world, ""));
  g_assert_null (scope_of (world, "\xff"));
}

static void
check_api_default (World *world)
{
  static const char *const cases[][3] = {
    { WEATHER, "1.0.0", "2.0.0" }, { WEATHER_2, "2.0.0", "2.0.0" }, { ORDERS, "1.0", NULL },
  };
  g_autoptr (GError) error = NULL;
  StApiDefault *none = (StApiDefault *) world;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (StApiDefault) found = NULL;

      st_key_store_find_api_default (world->keys, cases[i][0], 0, &found, &error);
      g_assert_no_error (error);
      g_assert_nonnull (found);
      g_assert_cmpstr (found->api_version, ==, cases[i][1]);
      g_assert_cmpstr (found->default_version, ==, cases[i][2]);
    }
  st_key_store_find_api_default (world->keys, "/weather", 0, &none, &error);
  g_assert_no_error (error);
  g_assert_null (none);
}

static void
check_tenants (World *world)
{
  static const struct
  {
    const char *domain;
    gint id;
    gboolean active;
  } cases[] = { { "carbon.super", -1234, TRUE }, { "example.com", 1, TRUE }, { "closed.org", 2, FALSE } };
  static const char *const unknown[] = { "example.org", "EXAMPLE.COM", "example.com ", "", "\xff", "\xe2\x82\xac.com" };
  g_autoptr (GError) error = NULL;
  StTenant *none = (StTenant *) world;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (StTenant) by_domain = NULL;
      g_autoptr (StTenant) by_id = NULL;

      st_user_store_find_tenant_by_domain (world->users, cases[i].domain, 0, &by_domain, &error);
      g_assert_no_error (error);
      st_user_store_find_tenant_by_id (world->users, cases[i].id, 0, &by_id, &error);
      g_assert_no_error (error);
      g_assert_cmpint (by_domain->id, ==, cases[i].id);
      g_assert_cmpint (by_domain->active, ==, cases[i].active);
      g_assert_cmpstr (by_id->domain, ==, cases[i].domain);
    }
  for (guint i = 0; i < G_N_ELEMENTS (unknown); i++)
    {
      st_user_store_find_tenant_by_domain (world->users, unknown[i], 0, &none, &error);
      g_assert_no_error (error);
      g_assert_null (none);
    }
  st_user_store_find_tenant_by_id (world->users, 77, 0, &none, &error);
  g_assert_no_error (error);
  g_assert_null (none);
}

static StUser *
user_of (World *world, gint tenant_id, const char *name)
{
  g_autoptr (GError) error = NULL;
  StUser *found = (StUser *) world;

  st_user_store_find_user (world->users, tenant_id, name, 0, &found, &error);
  g_assert_no_error (error);
  return found;
}

static void
check_users (World *world)
{
  g_autoptr (StUser) alice = user_of (world, -1234, "ALICE");
  g_autoptr (StUser) bob = user_of (world, -1234, "bob");
  g_autoptr (StUser) other = user_of (world, 1, "Alice");
  g_autoptr (StUser) by_id = NULL;
  g_autoptr (StUser) wrong_tenant = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (alice);
  g_assert_cmpint (alice->id, ==, 1);
  g_assert_cmpint (alice->tenant_id, ==, -1234);
  g_assert_cmpstr (alice->name, ==, "Alice");
  g_assert_cmpstr (alice->password_hash, ==, "hash-a");
  g_assert_cmpstr (alice->salt, ==, "salt-a");
  g_assert_false (alice->require_change);
  g_assert_cmpint (ABS (alice->changed_ms - g_get_real_time () / 1000), <, 600 * 1000);
  g_assert_null (bob->salt);
  g_assert_true (bob->require_change);
  g_assert_cmpint (other->id, ==, 4);
  st_user_store_find_user_by_id (world->users, -1234, 2, 0, &by_id, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (by_id->name, ==, "bob");
  st_user_store_find_user_by_id (world->users, 1, 2, 0, &wrong_tenant, &error);
  g_assert_no_error (error);
  g_assert_null (wrong_tenant);
}

static void
check_no_user (World *world)
{
  static const char *const names[] = { "nobody", "", "bob ", "b\xc3\xb6""b", "\xff", "bob\xf0\x9f\x98\x80", "' OR 1=1 --", "al%" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_assert_null (user_of (world, -1234, names[i]));
  g_assert_null (user_of (world, 2, "bob"));
}

static void
check_roles (World *world)
{
  static const struct
  {
    gint tenant_id;
    const char *domain, *name, *roles;
  } cases[] = {
    { -1234, "PRIMARY", "alice", "Internal/creator editor" },
    { -1234, "PRIMARY", "bob", "" },
    { -1234, "PRIMARY", "admin", "admin" }, /* by configuration */
    { 1, "PRIMARY", "alice", "Buyer" },
    { 1, "PRIMARY", "admin", "" },
    { -1234, "LDAP", "zoe", "Application/x Internal/creator" },
    { -1234, "LDAP", "alice", "" },
    { -1234, "LDAP", "admin", "" },
    { -1234, "PRIMARY", "ghost", "" }, /* a role that outlived its user */
    { -1234, "PRIMARY", "nobody", "" },
    { -1234, "PRIMARY", "\xff", "" },
    { -1234, "PRIMARY", "alice\xf0\x9f\x98\x80", "" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (GStrv) roles = NULL;
      g_autoptr (GError) error = NULL;

      st_user_store_find_roles (world->users, cases[i].tenant_id, cases[i].domain, cases[i].name, 0, &roles, &error);
      g_assert_no_error (error);
      assert_texts (roles, cases[i].roles);
    }
}

/* A deadline that has passed is an error, never an answer. */
static void
check_past_deadline (World *world)
{
  g_autoptr (GError) error = NULL;
  StToken *found = NULL;

  if (world->fake != NULL)
    fake_store_hold (world->fake, FAKE_TOKEN);
  g_assert_false (st_key_store_find_token (world->keys, "tok-hex", 7, g_get_monotonic_time () - 1, &found, &error));
  g_assert_error (error, ST_ERROR, ST_ERROR_TIMEOUT);
  g_assert_null (found);
}

static gpointer
read_much (gpointer data)
{
  World *world = data;

  for (guint i = 0; i < 50; i++)
    {
      check_tokens_found (world);
      check_subscription (world);
      check_roles (world);
    }
  return NULL;
}

static void
check_threads (World *world)
{
  GThread *threads[12]; /* more than the pool has connections */

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("reader", read_much, world);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
}

static const struct
{
  const char *name;
  void (*check) (World *world);
} contract[] = {
  { "tokens-found", check_tokens_found },
  { "tokens-not-found", check_tokens_not_found },
  { "subscription", check_subscription },
  { "subscription-not-found", check_no_subscription },
  { "subscription-nulls", check_subscription_nulls },
  { "content-aware", check_content_aware },
  { "resources", check_resources },
  { "resources-not-found", check_no_resources },
  { "scopes", check_scopes },
  { "api-default", check_api_default },
  { "tenants", check_tenants },
  { "users", check_users },
  { "users-not-found", check_no_user },
  { "roles", check_roles },
  { "threads", check_threads },
  { "past-deadline", check_past_deadline },
};

static const struct
{
  const char *name;
  const char *charset; /* MySQL */
} worlds[] = { { "fake" }, { "sqlite" }, { "mariadb-latin1", "latin1 COLLATE latin1_swedish_ci" }, { "mariadb-utf8mb4-bin", "utf8mb4 COLLATE utf8mb4_bin" } };

/* One world serves all checks, which only read. */
static void
test_contract (gconstpointer data)
{
  const char *name = worlds[GPOINTER_TO_UINT (data)].name;
  const char *charset = worlds[GPOINTER_TO_UINT (data)].charset;
  World *world;

  if (charset != NULL && store_fixture_mysql_socket () == NULL)
    {
      g_test_skip ("needs a MariaDB: tools/check starts one");
      return;
    }
  if (strcmp (name, "fake") == 0)
    world = fake_world ();
  else if (charset == NULL)
    world = sql_world (store_fixture_sqlite ());
  else
    world = sql_world (store_fixture_mysql (store_fixture_mysql_socket (), charset));
  for (guint i = 0; i < G_N_ELEMENTS (contract); i++)
    {
      g_test_message ("%s: %s", name, contract[i].name);
      contract[i].check (world);
    }
  world_free (world);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (worlds); i++)
    {
      g_autofree char *path = g_strdup_printf ("/store/contract/%s", worlds[i].name);

      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_contract);
    }
  return g_test_run ();
}
