/* The key store on databases of every release and on half-migrated ones: small ones of SQLite in every
 * combination of shapes, and the fixtures of tests/fixtures/generations on MariaDB. The same rows, as each
 * shape writes them, must be read alike. */
#include "config.h"

#include "core/core-validation.h"
#include "store/st-sql-key-store-private.h"
#include "tests/lib/generation-world.h"

#include <string.h>

#define WEATHER "/weather/1.0.0"
#define ORDERS "/t/example.com/orders/1.0"

static const struct
{
  const char *name;
  guint shape;         /* of the SQLite database; 0: none */
  const char *fixture; /* on MariaDB; NULL: none */
} worlds[] = {
  { "1.9", AM_1 | IDN_1_9, "1.9" },
  { "1.10", AM_1 | IDN_1_10, "1.10" },
  { "2.0", AM_2_0 | IDN_1_10, "2.0" },
  { "2.1", AM_2_0 | IDN_2_1, "2.1" },
  { "2.2", AM_2_0 | IDN_2_2, "2.2" },
  { "2.5", AM_2_5 | IDN_2_2, "2.5" },
  { "2.6", 0, "2.6" },
  { "2.0-from-1.9", 0, "2.0-from-1.9" },
  { "2.2-with-2.1-oauth", 0, "2.2-with-2.1-oauth" },
  { "1.9-with-2.2-oauth", AM_1 | IDN_2_2, NULL },
  { "2.6-with-1.9-oauth", AM_2_5 | IDN_1_9 | ST_CAP_APP_STATE, NULL },
  { "2.1-with-2.2-scopes", AM_2_0 | IDN_2_1 | ST_CAP_SCOPE_BINDING, NULL },
  { "2.1-with-2.2-hashes", AM_2_0 | HASHES, NULL },
  { "1.10-with-scopes-column", AM_1 | IDN_1_9 | IDN_1_10, NULL },
};

/* Questions */

static StToken *
token_of (GenerationWorld *world, const char *token)
{
  StToken *found = (StToken *) world; /* must be overwritten */
  g_autoptr (GError) error = NULL;

  st_key_store_find_token (world->keys, token, strlen (token), 0, &found, &error);
  g_assert_no_error (error);
  return found;
}

static int
compare_texts (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

static void
assert_texts (char **texts, const char *expected)
{
  g_autofree char *joined = NULL;

  qsort (texts, g_strv_length (texts), sizeof *texts, compare_texts);
  joined = g_strjoinv (" ", texts);
  g_assert_cmpstr (joined, ==, expected);
}

static void
check_token (GenerationWorld *world, const GenerationToken *row)
{
  g_autoptr (StToken) token = token_of (world, row->token);

  g_test_message ("%s: %s", world->name, row->token);
  if (!row->found)
    {
      g_assert_null (token);
      return;
    }
  g_assert_nonnull (token);
  g_assert_cmpstr (token->consumer_key, ==, row->key);
  g_assert_cmpstr (token->user_name, ==, row->user);
  g_assert_cmpint (token->tenant_id, ==, row->tenant_id);
  g_assert_cmpstr (token->user_domain, ==, row->domain != NULL ? row->domain : "PRIMARY");
  g_assert_cmpstr (token->user_type, ==, "APPLICATION_USER");
  g_assert_cmpint (token->issued_ms, ==, GENERATION_ISSUED_S * G_GINT64_CONSTANT (1000));
  g_assert_cmpint (token->validity_ms, ==, g_ascii_strtoll (row->validity, NULL, 10));
  /* spec/decisions.md 6; the other application's type is the text "null" */
  g_assert_cmpint (token->of_jwt_application, ==,
                   generation_world_has (world, ST_CAP_APP_TOKEN_TYPE) && strcmp (row->key, "Key-Prod") == 0);
  assert_texts (token->scopes, row->scopes);
}

static void
check_tokens (GenerationWorld *world)
{
  static const char *const unknown[]
      = { "tok", "TOK-SUPER", "tok-super ", "TOK-PLAIN", "tok-plain ", "tok-pl\xc3\xa4in", "id-tok-plain" };

  for (guint i = 0; i < generation_n_tokens; i++)
    check_token (world, &generation_tokens[i]);
  for (guint i = 0; i < G_N_ELEMENTS (unknown); i++)
    g_assert_null (token_of (world, unknown[i]));
}

static StSubscription *
subscription_of (GenerationWorld *world, const char *context, const char *version, const char *key,
                 gint tenant_id)
{
  StSubscription *found = (StSubscription *) world;
  g_autoptr (GError) error = NULL;

  st_key_store_find_subscription (world->keys, context, version, key, tenant_id, 0, &found, &error);
  g_assert_no_error (error);
  return found;
}

/* The first by id that is not unsubscribed. */
static void
check_subscription (GenerationWorld *world)
{
  g_autoptr (StSubscription) found = subscription_of (world, WEATHER, "1.0.0", "Key-Prod", -1234);
  g_autoptr (StSubscription) odd = subscription_of (world, WEATHER, NULL, "Key-Odd", -1234);

  g_assert_nonnull (found);
  g_assert_null (found->status);
  g_assert_null (found->create_state);
  g_assert_cmpstr (found->tier, ==, "Spiky");
  g_assert_cmpstr (found->subscriber, ==, "alice");
  g_assert_cmpstr (found->key_type, ==, "PRODUCTION");
  g_assert_cmpstr (found->application_name, ==, "App");
  g_assert_cmpstr (found->api_tier, ==, generation_world_has (world, ST_CAP_API_TIER) ? "Silver" : NULL);
  g_assert_true (found->has_policy);
  g_assert_cmpint (found->rate_limit_count, ==, generation_world_has (world, ST_CAP_POLICIES) ? 7 : 0);
  g_assert_cmpstr (found->rate_limit_unit, ==, generation_world_has (world, ST_CAP_POLICIES) ? "sec" : NULL);
  g_assert_cmpint (found->stop_on_quota_reach, ==, generation_world_has (world, ST_CAP_POLICIES));
  g_assert_cmpint (found->content_aware, ==, generation_world_has (world, ST_CAP_POLICIES));
  g_assert_nonnull (odd);
  g_assert_cmpstr (odd->key_type, ==, "SANDBOX");
  g_assert_null (subscription_of (world, WEATHER, "1.0", "Key-Prod", -1234));
  g_assert_null (subscription_of (world, WEATHER, "1.0.0", "key-prod", -1234));
  g_assert_null (subscription_of (world, "/Weather/1.0.0", NULL, "Key-Prod", -1234));
}

/* spec/decisions.md 1: a policy of another tenant will do in 2.0 alone; without policies none is asked for.
 */
static void
check_tenant_of_policy (GenerationWorld *world)
{
  gboolean any
      = !generation_world_has (world, ST_CAP_POLICIES) || !generation_world_has (world, ST_CAP_APP_STATE);
  g_autoptr (StSubscription) foreign = subscription_of (world, ORDERS, "1.0", "Key-Prod", 1);
  g_autoptr (StSubscription) nowhere = subscription_of (world, "/weather/2.0.0", "2.0.0", "Key-Prod", -1234);

  g_assert_cmpint (foreign != NULL, ==, any);
  g_assert_cmpint (nowhere != NULL, ==, !generation_world_has (world, ST_CAP_POLICIES));
  g_assert_true (foreign == NULL || foreign->has_policy);
  g_assert_true (nowhere == NULL || nowhere->has_policy);
}

/* The rules and the store agree on a database from before policies, though throttling by policies is on by
 * default. */
static void
check_answer (GenerationWorld *world)
{
  const CoreValidationRequest request
      = { .kind = CORE_VALIDATE_KEY, .context = WEATHER, .version = "1.0.0", .required_level = "Any" };
  const CoreValidationRules rules
      = { .advanced_throttling = TRUE, .application_token_scope = "am_application_scope" };
  g_autoptr (StToken) token = token_of (world, "tok-tenant");
  g_autoptr (StSubscription) subscription = subscription_of (world, WEATHER, "1.0.0", "Key-Odd", -1234);
  const CoreFacts facts = { .token_known = TRUE,
                            .token = token,
                            .token_tenant_domain = "example.com",
                            .subscription_known = TRUE,
                            .subscription = subscription };
  CoreDecision decision;

  g_assert_cmpint (core_validation_next (&request, &facts, &rules,
                                         GENERATION_ISSUED_S * G_GINT64_CONSTANT (1000), &decision),
                   ==, CORE_NEED_NOTHING);
  g_assert_cmpint (decision.status, ==, CORE_STATUS_OK);
  g_assert_true (decision.authorized);
  g_assert_cmpstr (decision.end_user_name, ==, "LDAP/bob@example.com");
  g_assert_cmpstr (decision.tier, ==, "Spiky");
}

/* Switched off in the configuration: 2.x is read as 1.x. */
static void
check_throttling_off (GenerationWorld *world)
{
  g_autoptr (StSubscription) nowhere = NULL;

  generation_world_make_store (world, FALSE, APIM_TOKEN_TIME_SERVER);
  nowhere = subscription_of (world, "/weather/2.0.0", "2.0.0", "Key-Prod", -1234);
  g_assert_nonnull (nowhere);
  g_assert_cmpint (nowhere->rate_limit_count, ==, 0);
  generation_world_make_store (world, TRUE, APIM_TOKEN_TIME_SERVER);
}

static void
check_resources (GenerationWorld *world)
{
  g_autoptr (StResources) found = NULL;
  g_autoptr (GError) error = NULL;
  StResource *resource;

  st_key_store_find_resources (world->keys, WEATHER, "1.0.0", -1234, 0, &found, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (found->resources->len, ==, 3);
  resource = g_ptr_array_index (found->resources, 0);
  g_assert_cmpstr (resource->http_method, ==, "GET");
  g_assert_cmpstr (resource->throttling_tier, ==, "Unlimited");
  g_assert_null (resource->conditions);
  resource = g_ptr_array_index (found->resources, 1);
  g_assert_cmpstr (resource->http_method, ==, "POST");
  g_assert_cmpstr (resource->auth_scheme, ==, "Application");
  g_assert_null (resource->throttling_tier);
  resource = g_ptr_array_index (found->resources, 2);
  g_assert_null (resource->http_method);
  g_assert_null (resource->auth_scheme);
}

static StScope *
scope_of (GenerationWorld *world, const char *path)
{
  StScope *found = (StScope *) world;
  g_autoptr (GError) error = NULL;

  st_key_store_find_scope (world->keys, path, 0, &found, &error);
  g_assert_no_error (error);
  return found;
}

static void
check_scopes (GenerationWorld *world)
{
  static const char *const closed[] = { "/w/unnamed:GET", "/w/orphan:GET" };
  g_autoptr (StScope) write = scope_of (world, "/w/write:POST");
  g_autoptr (StScope) open = scope_of (world, "/w/open:GET");

  g_assert_nonnull (write);
  g_assert_cmpstr (write->key, ==, "write");
  assert_texts (write->roles, "Internal/creator editor");
  g_assert_nonnull (open);
  g_assert_cmpstr (open->key, ==, "open");
  g_assert_cmpuint (g_strv_length (open->roles), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (closed); i++)
    {
      g_autoptr (StScope) scope = scope_of (world, closed[i]);

      g_assert_nonnull (scope);
      g_assert_cmpstr (scope->key, ==, " "); /* which no token has */
    }
  g_assert_null (scope_of (world, "/w/free:GET"));
}

static void
check_api_default (GenerationWorld *world)
{
  g_autoptr (StApiDefault) weather = NULL;
  g_autoptr (StApiDefault) orders = NULL;
  g_autoptr (GError) error = NULL;

  st_key_store_find_api_default (world->keys, WEATHER, 0, &weather, &error);
  g_assert_no_error (error);
  st_key_store_find_api_default (world->keys, ORDERS, 0, &orders, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (weather->api_version, ==, "1.0.0");
  g_assert_cmpstr (weather->default_version, ==, "1.0.0"); /* the newest row of exactly this name */
  g_assert_cmpstr (orders->api_version, ==, "1.0");
  g_assert_null (orders->default_version);
}

/* Partitions, and tables that only look like them. */

static const GenerationToken partition_rows[] = {
  { "tok-a", "hex", "Key-Prod", "LDAP", "zoe", "example.com", 1, "ACTIVE", "-1", "default write", TRUE },
  { "tok-b", NULL, "Key-Prod", "AD", "yan", "carbon.super", -1234, "ACTIVE", "3600000", "default", TRUE },
  { "tok-a-revoked", "hex", "Key-Prod", "LDAP", "zoe", "example.com", 1, "REVOKED", "-1", "default", FALSE },
  /* A copy of the main table from before the token was revoked, or purged: */
  { "tok-revoked", "hex", "Key-Prod", "LDAP", "alice", "carbon.super", -1234, "ACTIVE", "-1", "default",
    FALSE },
  { "tok-purged", "hex", "Key-Prod", NULL, "alice", "carbon.super", -1234, "ACTIVE", "-1", "default", FALSE },
};
static const GenerationToken stranger
    = { "tok-stranger", NULL, "Key-Prod", "LDAP", "zoe", "example.com", 1, "ACTIVE", "-1", "", FALSE };

static void
check_partitions (GenerationWorld *world)
{
  static const char *const strangers[] = { TOKEN_TABLE "_AUDIT", TOKEN_TABLE "_SCOPE_ZZ", TOKEN_TABLE "_X-Y",
                                           TOKEN_TABLE "X", TOKEN_TABLE "_" };
  g_autoptr (GString) script = g_string_new (NULL);

  generation_world_add_copy (world, script, TOKEN_TABLE "_A", TOKEN_TABLE);
  generation_world_add_copy (world, script, TOKEN_TABLE "_b_2", TOKEN_TABLE);
  generation_world_add_copy (world, script, TOKEN_TABLE "_BAK", TOKEN_TABLE);
  if (generation_world_has (world, ST_CAP_TOKEN_IDS))
    generation_world_add_copy (world, script, TOKEN_TABLE "_SCOPE_A", TOKEN_TABLE "_SCOPE");
  g_string_append (script, "CREATE TABLE " TOKEN_TABLE "_HALF (ACCESS_TOKEN VARCHAR(255));\n");
  generation_world_add_token (world, script, TOKEN_TABLE "_A", TOKEN_TABLE "_SCOPE_A", &partition_rows[0]);
  generation_world_add_token (world, script, TOKEN_TABLE "_b_2", TOKEN_TABLE "_SCOPE", &partition_rows[1]);
  generation_world_add_token (world, script, TOKEN_TABLE "_A", TOKEN_TABLE "_SCOPE_A", &partition_rows[2]);
  generation_world_add_token (world, script, TOKEN_TABLE "_BAK", TOKEN_TABLE "_SCOPE_A", &partition_rows[3]);
  generation_world_add_token (world, script, TOKEN_TABLE "_BAK", TOKEN_TABLE "_SCOPE_A", &partition_rows[4]);
  for (guint i = 0; i < G_N_ELEMENTS (strangers); i++)
    {
      g_autofree char *quoted = g_strdup_printf ("`%s`", strangers[i]);

      g_string_append_printf (script, "DROP TABLE IF EXISTS %s;\n", quoted);
      generation_world_add_copy (world, script, strangers[i], TOKEN_TABLE);
      generation_world_add_token (world, script, quoted, NULL, &stranger);
    }
  generation_world_run (world, script->str);
  generation_world_make_store (world, TRUE, APIM_TOKEN_TIME_SERVER);
  for (guint i = 0; i < G_N_ELEMENTS (partition_rows); i++)
    check_token (world, &partition_rows[i]);
  check_token (world, &stranger);
  check_tokens (world);
}

/* The session's zone is the server's, whatever that is; so the wall clock of UTC is written here as text. */
static void
check_utc (GenerationWorld *world)
{
  const char *key = generation_world_has (world, ST_CAP_TOKEN_IDS) ? "TOKEN_ID = 'id-tok-super'"
                                                                   : "ACCESS_TOKEN = 'tok-super'";
  g_autofree char *script
      = g_strdup_printf ("UPDATE " TOKEN_TABLE " SET TIME_CREATED = %s WHERE %s;\n",
                         generation_world_is_mysql (world) ? "'2023-11-14 22:13:20'" : "1700000000000", key);

  generation_world_run (world, script);
  generation_world_make_store (world, TRUE, APIM_TOKEN_TIME_UTC);
  check_token (world, &generation_tokens[0]);
}

/* The time of "tok-plain", whose clock showed that of ISSUED_S in UTC, to a session of a server in Tokyo. */
static gint64
issued_in_tokyo (GenerationWorld *world, ApimTokenTime token_time)
{
  StTokenTable table = { (char *) TOKEN_TABLE, (char *) TOKEN_TABLE "_SCOPE", world->capabilities, FALSE };
  StSqlTokenTable tokens = st_sql_token_table (&table, world->capabilities, token_time);
  g_autoptr (GError) error = NULL;
  StTransaction *transaction = st_transaction_begin (world->fixture->api_database, 0, &error);
  StQuery *query;
  gint64 issued_ms;

  g_assert_no_error (error);
  st_transaction_script (transaction,
                         "SET time_zone = '+09:00';\n"
                         "UPDATE " TOKEN_TABLE
                         " SET TIME_CREATED = '2023-11-14 22:13:20' WHERE ACCESS_TOKEN = 'tok-plain';\n",
                         &error);
  g_assert_no_error (error);
  query = st_transaction_query (transaction, tokens.by_text, &error);
  g_assert_no_error (error);
  st_query_bind_text (query, 0, "tok-plain");
  g_assert_cmpint (st_query_step (query, &error), ==, ST_ROW);
  issued_ms = st_query_int64 (query, 9);
  st_query_free (query);
  st_transaction_script (transaction, "SET time_zone = DEFAULT;\n", &error);
  g_assert_no_error (error);
  st_transaction_rollback (transaction);
  return issued_ms;
}

/* spec/databases.md 4.6. */
static void
check_time_zone (GenerationWorld *world)
{
  const gint64 issued_ms = GENERATION_ISSUED_S * G_GINT64_CONSTANT (1000);

  if (!generation_world_is_mysql (world))
    return;
  g_assert_cmpint (issued_in_tokyo (world, APIM_TOKEN_TIME_UTC), ==, issued_ms);
  g_assert_cmpint (issued_in_tokyo (world, APIM_TOKEN_TIME_SERVER), ==, issued_ms - 9 * 3600 * 1000);
}

/* A time that MySQL writes where none is given. */
static void
check_zero_date (GenerationWorld *world)
{
  g_autoptr (StToken) token = NULL;

  if (!generation_world_is_mysql (world))
    return;
  generation_world_run (world,
                        "UPDATE " TOKEN_TABLE
                        " SET TIME_CREATED = '0000-00-00 00:00:00' WHERE ACCESS_TOKEN = 'tok-plain';\n");
  for (int time = APIM_TOKEN_TIME_SERVER; time <= APIM_TOKEN_TIME_UTC; time++)
    {
      generation_world_make_store (world, TRUE, (ApimTokenTime) time);
      g_clear_pointer (&token, st_token_unref);
      token = token_of (world, "tok-plain");
      g_assert_nonnull (token);
      g_assert_cmpint (token->issued_ms, ==, 0);
    }
}

static const struct
{
  const char *name;
  void (*check) (GenerationWorld *world);
} checks[] = {
  { "tokens", check_tokens },
  { "subscription", check_subscription },
  { "tenant-of-policy", check_tenant_of_policy },
  { "answer", check_answer },
  { "throttling-off", check_throttling_off },
  { "resources", check_resources },
  { "scopes", check_scopes },
  { "api-default", check_api_default },
  { "partitions", check_partitions },
  { "utc", check_utc },
  { "time-zone", check_time_zone },
  { "zero-date", check_zero_date },
};

static void
check_world (GenerationWorld *world)
{
  generation_world_fill (world);
  for (guint i = 0; i < G_N_ELEMENTS (checks); i++)
    {
      g_test_message ("%s: %s", world->name, checks[i].name);
      checks[i].check (world);
    }
  generation_world_free (world);
}

static void
test_sqlite (gconstpointer data)
{
  guint i = GPOINTER_TO_UINT (data);

  check_world (generation_world_sqlite (worlds[i].name, worlds[i].shape));
}

static void
test_mysql (gconstpointer data)
{
  if (store_fixture_mysql_socket () == NULL)
    {
      g_test_skip ("needs a MariaDB: tools/check starts one");
      return;
    }
  check_world (generation_world_mysql (worlds[GPOINTER_TO_UINT (data)].fixture));
}

/* Schemas that cannot be served */

static void
expect_schema_error (GenerationWorld *world, const char *words)
{
  StToken *found = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_false (st_key_store_find_token (world->keys, "tok", 3, 0, &found, &error));
  g_assert_error (error, ST_ERROR, ST_ERROR_SCHEMA);
  g_assert_null (found);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, words));
}

static const struct
{
  const char *name;
  guint shape;
  const char *script;
  const char *words;
} broken[] = {
  { "empty", 0, "", "no API Manager tables: run \"apimctl db migrate\"" },
  { "stranger", 0, "CREATE TABLE CUSTOMERS (ID);\n", "no API Manager tables" },
  { "half", AM_1 | IDN_1_9, "DROP TABLE AM_SUBSCRIBER;\nDROP TABLE IDN_OAUTH2_SCOPE;\n",
    "but not AM_SUBSCRIBER, IDN_OAUTH2_SCOPE:" },
  { "no-tokens", AM_2_5 | IDN_2_2, "DROP TABLE IDN_OAUTH2_ACCESS_TOKEN;\n",
    "but not IDN_OAUTH2_ACCESS_TOKEN:" },
  { "no-token-scopes", AM_1 | IDN_1_10, "DROP TABLE IDN_OAUTH2_ACCESS_TOKEN_SCOPE;\n",
    "but not IDN_OAUTH2_ACCESS_TOKEN_SCOPE:" },
  /* Not taken for a 1.x, where no policy is asked for. */
  { "no-policies", AM_2_0 | IDN_2_1, "DROP TABLE AM_POLICY_SUBSCRIPTION;\n",
    "but not AM_POLICY_SUBSCRIPTION:" },
  { "no-conditions", AM_2_0 | IDN_2_1, "DROP TABLE AM_CONDITION_GROUP;\n", "but not AM_CONDITION_GROUP:" },
  { "no-domain", AM_1 | IDN_1_10, "ALTER TABLE IDN_OAUTH2_ACCESS_TOKEN DROP COLUMN USER_DOMAIN;\n",
    "lacks USER_DOMAIN" },
  { "no-scope", AM_1 | IDN_1_9, "ALTER TABLE IDN_OAUTH2_ACCESS_TOKEN DROP COLUMN TOKEN_SCOPE;\n",
    "lacks TOKEN_SCOPE" },
  { "too-new", AM_2_5 | IDN_2_2 | ST_CAP_TOKEN_AUDIT,
    "CREATE TABLE AM_SYSTEM_APPS (ID);\n"
    "CREATE TABLE IDN_OAUTH2_ACCESS_TOKEN_AUDIT (ID);\n",
    "API Manager 3.0+, which is not supported: 1.9 to 2.6 are" },
};

static void
test_broken (gconstpointer data)
{
  guint i = GPOINTER_TO_UINT (data);
  GenerationWorld *world = generation_world_sqlite (broken[i].name, broken[i].shape);

  store_fixture_run (world->fixture->api_database, broken[i].script);
  expect_schema_error (world, broken[i].words);
  generation_world_free (world);
}

/* A store of 64 partitions works; one more is refused rather than left out. */
static void
test_many_partitions (void)
{
  GenerationWorld *world = generation_world_sqlite ("partitions", AM_1 | IDN_1_9);
  g_autoptr (GString) script = g_string_new (NULL);

  for (guint i = 0; i < 64; i++)
    {
      g_autofree char *name = g_strdup_printf (TOKEN_TABLE "_P%u", i);

      generation_world_add_copy (world, script, name, TOKEN_TABLE);
    }
  store_fixture_run (world->fixture->api_database, script->str);
  g_assert_null (token_of (world, "tok"));
  g_string_assign (script, "");
  generation_world_add_copy (world, script, TOKEN_TABLE "_ONE_MORE", TOKEN_TABLE);
  store_fixture_run (world->fixture->api_database, script->str);
  generation_world_make_store (world, TRUE, APIM_TOKEN_TIME_SERVER);
  expect_schema_error (world, "more than 64 partitions");
  generation_world_free (world);
}

/* Migrated while the node runs: the first answer that does not fit makes it look again. */
static void
test_migrated_meanwhile (void)
{
  GenerationWorld *world = generation_world_sqlite ("meanwhile", AM_1 | IDN_1_9);
  g_autoptr (StScope) scope = NULL;
  g_autoptr (GError) error = NULL;

  generation_world_fill (world);
  g_assert_nonnull (scope = scope_of (world, "/w/write:POST"));
  g_clear_pointer (&scope, st_scope_unref);
  store_fixture_run (world->fixture->api_database,
                     "DROP TABLE IDN_OAUTH2_SCOPE;\n"
                     "CREATE TABLE IDN_OAUTH2_SCOPE (SCOPE_ID, NAME, DISPLAY_NAME);\n"
                     "CREATE TABLE IDN_OAUTH2_SCOPE_BINDING (SCOPE_ID, SCOPE_BINDING);\n"
                     "INSERT INTO IDN_OAUTH2_SCOPE (SCOPE_ID, NAME) VALUES (901, 'migrated');\n");
  g_assert_false (st_key_store_find_scope (world->keys, "/w/write:POST", 0, &scope, &error));
  g_assert_error (error, ST_ERROR, ST_ERROR_SCHEMA);
  scope = scope_of (world, "/w/write:POST");
  g_assert_cmpstr (scope->key, ==, "migrated");
  generation_world_free (world);
}

/* 1.9: names as they may stand in AUTHZ_USER. */
static void
test_named_users (void)
{
  static const struct
  {
    const char *authz_user, *domain, *user;
    gint tenant_id;
  } cases[] = {
    { "admin@carbon.super", "PRIMARY", "admin", -1234 },
    { "admin", "PRIMARY", "admin", -1234 },
    { "ldap/bob@example.com", "LDAP", "bob", 1 },
    { "a@b.c@example.com", "PRIMARY", "a@b.c", 1 },
    { "ldap/a/b@example.com", "LDAP", "a/b", 1 },
    { "/bob@example.com", "PRIMARY", "bob", 1 },
    { "bob@", "PRIMARY", "bob", 0 },
    { "bob@gone.org", "PRIMARY", "bob", 0 },
    { "@example.com", NULL, NULL, 0 },
    { "ldap/@example.com", NULL, NULL, 0 },
    { "", NULL, NULL, 0 },
  };
  GenerationWorld *world = generation_world_sqlite ("names", AM_1 | IDN_1_9);
  g_autoptr (GError) error = NULL;
  StToken *failed = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *token = g_strdup_printf ("tok-%u", i);
      g_autofree char *script = g_strdup_printf (
          "INSERT INTO " TOKEN_TABLE " (ACCESS_TOKEN, CONSUMER_KEY, AUTHZ_USER, VALIDITY_PERIOD,"
          " TOKEN_STATE, TOKEN_SCOPE) VALUES ('%s', 'k', '%s', -1, 'ACTIVE', '  a   b ');\n",
          token, cases[i].authz_user);
      g_autoptr (StToken) found = NULL;

      store_fixture_run (world->fixture->api_database, script);
      found = token_of (world, token);
      g_assert_cmpint (found != NULL, ==, cases[i].user != NULL);
      if (found == NULL)
        continue;
      g_assert_cmpstr (found->user_domain, ==, cases[i].domain);
      g_assert_cmpstr (found->user_name, ==, cases[i].user);
      g_assert_cmpint (found->tenant_id, ==, cases[i].tenant_id);
      assert_texts (found->scopes, "a b");
    }
  /* Who the tenant is cannot be asked: no answer, and above all not another tenant's. */
  fake_store_fail (world->tenants, FAKE_TENANT, ST_ERROR_UNAVAILABLE, 1);
  g_assert_false (st_key_store_find_token (world->keys, "tok-2", 5, 0, &failed, &error));
  g_assert_error (error, ST_ERROR, ST_ERROR_UNAVAILABLE);
  g_assert_null (failed);
  generation_world_free (world);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (worlds); i++)
    {
      g_autofree char *sqlite = g_strdup_printf ("/store/generations/sqlite/%s", worlds[i].name);
      g_autofree char *mysql = g_strdup_printf ("/store/generations/mariadb/%s", worlds[i].name);

      if (worlds[i].shape != 0)
        g_test_add_data_func (sqlite, GUINT_TO_POINTER (i), test_sqlite);
      if (worlds[i].fixture != NULL)
        g_test_add_data_func (mysql, GUINT_TO_POINTER (i), test_mysql);
    }
  for (guint i = 0; i < G_N_ELEMENTS (broken); i++)
    {
      g_autofree char *path = g_strdup_printf ("/store/generations/broken/%s", broken[i].name);

      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_broken);
    }
  g_test_add_func ("/store/generations/many-partitions", test_many_partitions);
  g_test_add_func ("/store/generations/migrated-meanwhile", test_migrated_meanwhile);
  g_test_add_func ("/store/generations/named-users", test_named_users);
  return g_test_run ();
}
