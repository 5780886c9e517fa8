/* The sample world: every token of it is decided as it says, by the real rules over the real stores. */
#include "config.h"

#include "core/core-validation.h"
#include "store/st-sample.h"
#include "store/st-schema.h"
#include "store/st-sql-stores.h"
#include "tests/lib/store-fixture.h"

#include <string.h>

typedef struct
{
  StoreFixture *fixture;
  StKeyStore *keys;
  StUserStore *users;
} World;

static char *
fake_hash (const char *password, char **salt, gpointer data, GError **error)
{
  guint *calls = data;

  (*calls)++;
  *salt = g_strdup ("salt");
  return g_strdup ("hash");
}

static char *
failing_hash (const char *password, char **salt, gpointer data, GError **error)
{
  g_set_error_literal (error, ST_ERROR, ST_ERROR_SETUP, "no digest");
  return NULL;
}

/* What a decision needs, held until it is checked. */
typedef struct
{
  StToken *token;
  StTenant *tenant;
  StSubscription *subscription;
  StScope *scope;
  char **roles;
} Held;

static void
held_clear (Held *held)
{
  g_clear_pointer (&held->token, st_token_unref);
  g_clear_pointer (&held->tenant, st_tenant_unref);
  g_clear_pointer (&held->subscription, st_subscription_unref);
  g_clear_pointer (&held->scope, st_scope_unref);
  g_clear_pointer (&held->roles, g_strfreev);
}

static void
load_token (World *world, const StSampleToken *sample, Held *held, CoreFacts *facts)
{
  g_autoptr (GError) error = NULL;

  st_key_store_find_token (world->keys, sample->token, strlen (sample->token), 0, &held->token, &error);
  g_assert_no_error (error);
  if (held->token != NULL)
    st_user_store_find_tenant_by_id (world->users, held->token->tenant_id, 0, &held->tenant, &error);
  g_assert_no_error (error);
  facts->token_known = TRUE;
  facts->token = held->token;
  facts->token_tenant_domain = held->tenant != NULL ? held->tenant->domain : NULL;
}

static void
load_subscription (World *world, const CoreValidationRequest *request, Held *held, CoreFacts *facts)
{
  char buffer[512], domain[256];
  const char *context, *version;
  g_autoptr (StTenant) tenant = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (core_validation_subscription_key (request, facts, buffer, sizeof buffer, &context, &version));
  g_assert_true (core_context_tenant_domain (context, domain, sizeof domain));
  st_user_store_find_tenant_by_domain (world->users, domain, 0, &tenant, &error);
  g_assert_no_error (error);
  g_assert_nonnull (tenant);
  st_key_store_find_subscription (world->keys, context, version, held->token->consumer_key, tenant->id, 0,
                                  &held->subscription, &error);
  g_assert_no_error (error);
  facts->subscription_known = TRUE;
  facts->subscription = held->subscription;
}

static void
load_scope (World *world, const CoreValidationRequest *request, Held *held, CoreFacts *facts)
{
  char path[1024];
  g_autoptr (GError) error = NULL;

  g_assert_true (core_validation_resource_path (request, path, sizeof path));
  st_key_store_find_scope (world->keys, path, 0, &held->scope, &error);
  g_assert_no_error (error);
  facts->scope_known = TRUE;
  facts->scope = held->scope;
}

static void
load_roles (World *world, Held *held, CoreFacts *facts)
{
  g_autoptr (GError) error = NULL;

  st_user_store_find_roles (world->users, held->token->tenant_id, held->token->user_domain, held->token->user_name, 0,
                            &held->roles, &error);
  g_assert_no_error (error);
  facts->roles_known = TRUE;
  facts->roles = (const char *const *) held->roles;
}

static void
check_token (World *world, const StSampleToken *sample)
{
  static const CoreValidationRules rules = {
    .skew_ms = 300000, .advanced_throttling = TRUE, .application_token_scope = "am_application_scope"
  };
  CoreValidationRequest request = {
    .kind = CORE_VALIDATE_KEY,
    .context = sample->context,
    .version = sample->version,
    .required_level = sample->level,
    .matching_resource = sample->resource,
    .http_verb = sample->verb,
  };
  Held held = { NULL };
  CoreFacts facts = { 0 };
  CoreDecision decision;
  CoreNeed need;

  while ((need = core_validation_next (&request, &facts, &rules, g_get_real_time () / 1000, &decision))
         != CORE_NEED_NOTHING)
    if (need == CORE_NEED_TOKEN)
      load_token (world, sample, &held, &facts);
    else if (need == CORE_NEED_SUBSCRIPTION)
      load_subscription (world, &request, &held, &facts);
    else if (need == CORE_NEED_SCOPE)
      load_scope (world, &request, &held, &facts);
    else if (need == CORE_NEED_ROLES)
      load_roles (world, &held, &facts);
    else
      g_assert_not_reached ();
  g_test_message ("%s: %d", sample->description, (int) decision.status);
  g_assert_cmpint (decision.status, ==, sample->expected_status);
  g_assert_cmpint (decision.authorized, ==, sample->expected_status == 0);
  if (decision.authorized)
    g_assert_cmpstr (decision.type, ==, sample->key_type);
  held_clear (&held);
}

/* The templates that a gateway would ask for name the level that the sample says. */
static void
check_level (World *world, const StSampleToken *sample)
{
  g_autoptr (StApiDefault) api = NULL;
  g_autoptr (StResources) resources = NULL;
  g_autoptr (GError) error = NULL;

  st_key_store_find_api_default (world->keys, sample->context, 0, &api, &error);
  g_assert_no_error (error);
  g_assert_nonnull (api);
  st_key_store_find_resources (world->keys, sample->context, api->api_version, -1234, 0, &resources, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < resources->resources->len; i++)
    {
      StResource *resource = g_ptr_array_index (resources->resources, i);

      if (strcmp (resource->url_pattern, sample->resource) != 0 || strcmp (resource->http_method, sample->verb) != 0)
        continue;
      g_assert_cmpstr (resource->auth_scheme, ==, sample->level);
      return;
    }
  g_assert_not_reached ();
}

static StoreFixture *
make_fixture (const char *kind)
{
  StoreFixture *fixture;

  if (strcmp (kind, "mariadb") != 0)
    fixture = store_fixture_sqlite ();
  else if (store_fixture_mysql_socket () != NULL)
    fixture = store_fixture_mysql (store_fixture_mysql_socket (), "latin1 COLLATE latin1_swedish_ci");
  else
    {
      g_test_skip ("needs a MariaDB: tools/check starts one");
      return NULL;
    }
  if (strcmp (kind, "sqlite-one-file") == 0)
    {
      g_free (fixture->users.path);
      fixture->users.path = g_strdup (fixture->api.path);
    }
  store_fixture_open (fixture);
  return fixture;
}

static void
test_tokens (gconstpointer kind)
{
  World world = { .fixture = make_fixture (kind) };
  g_autoptr (GPtrArray) tokens = NULL;
  g_autoptr (GPtrArray) again = NULL;
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GError) error = NULL;
  guint hashed = 0;
  StSampleSecrets secrets = { fake_hash, &hashed };

  if (world.fixture == NULL)
    return;
  g_assert_true (st_schema_add_admin (world.fixture->user_database, &world.fixture->settings, "hash", NULL, &error));
  g_assert_true (st_sample_load (world.fixture->api_database, world.fixture->user_database, &secrets, &tokens, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (hashed, ==, 4);
  world.keys = st_sql_key_store_new (world.fixture->api_database, TRUE);
  world.users = st_sql_user_store_new (world.fixture->user_database, &world.fixture->settings);
  for (guint i = 0; i < tokens->len; i++)
    {
      const StSampleToken *token = g_ptr_array_index (tokens, i);

      g_assert_true (g_hash_table_add (seen, token->token)); /* no two are alike */
      check_token (&world, token);
      check_level (&world, token);
    }
  g_assert_false (st_sample_load (world.fixture->api_database, world.fixture->user_database, &secrets, &again, &error));
  g_assert_error (error, ST_ERROR, ST_ERROR_CONFLICT);
  g_assert_null (again);
  st_key_store_free (world.keys);
  st_user_store_free (world.users);
  store_fixture_free (world.fixture);
}

/* A world that fails half-way leaves nothing behind. */
static void
test_failure_leaves_nothing (void)
{
  g_autoptr (StoreFixture) fixture = make_fixture ("sqlite");
  g_autoptr (GPtrArray) tokens = NULL;
  g_autoptr (GError) error = NULL;
  guint hashed = 0;
  StSampleSecrets bad = { failing_hash, NULL };
  StSampleSecrets good = { fake_hash, &hashed };

  g_assert_false (st_sample_load (fixture->api_database, fixture->user_database, &bad, &tokens, &error));
  g_assert_error (error, ST_ERROR, ST_ERROR_SETUP);
  g_assert_null (tokens);
  g_clear_error (&error);
  g_assert_true (st_sample_load (fixture->api_database, fixture->user_database, &good, &tokens, &error));
  g_assert_no_error (error);
}

static void
test_not_ours (void)
{
  g_autoptr (StoreFixture) fixture = store_fixture_sqlite ();
  g_autoptr (GPtrArray) tokens = NULL;
  g_autoptr (GError) error = NULL;
  guint hashed = 0;
  StSampleSecrets secrets = { fake_hash, &hashed };

  g_file_set_contents (fixture->api.path, "", 0, NULL);
  g_file_set_contents (fixture->users.path, "", 0, NULL);
  fixture->api_database = st_database_open (&fixture->api, &fixture->limits, NULL);
  fixture->user_database = st_database_open (&fixture->users, &fixture->limits, NULL);
  store_fixture_run (fixture->api_database, "CREATE TABLE AM_SUBSCRIBER (USER_ID TEXT);\n");
  g_assert_false (st_sample_load (fixture->api_database, fixture->user_database, &secrets, &tokens, &error));
  g_assert_error (error, ST_ERROR, ST_ERROR_SCHEMA);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/sample/tokens/sqlite", "sqlite", test_tokens);
  g_test_add_data_func ("/sample/tokens/sqlite-one-file", "sqlite-one-file", test_tokens);
  g_test_add_data_func ("/sample/tokens/mariadb", "mariadb", test_tokens);
  g_test_add_func ("/sample/failure-leaves-nothing", test_failure_leaves_nothing);
  g_test_add_func ("/sample/not-ours", test_not_ours);
  return g_test_run ();
}
