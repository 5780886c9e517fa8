/* What every key store and user store must do, run against SQLite, MariaDB (two character sets) and the scripted
 * fake. */
#include "config.h"

#include "tests/lib/store-world.h"

#include <string.h>

#define WEATHER "/weather/1.0.0"
#define WEATHER_2 "/weather/2.0.0"
#define ORDERS "/t/example.com/orders/1.0"

static StToken *
look_up (StoreWorld *world, const char *token, gsize length)
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
  g_auto (GStrv) sorted = g_strdupv (texts); /* a record belongs to all its readers */
  g_autofree char *joined = NULL;

  g_assert_nonnull (sorted);
  qsort (sorted, g_strv_length (sorted), sizeof *sorted, compare_texts);
  joined = g_strjoinv (" ", sorted);
  g_assert_cmpstr (joined, ==, expected);
}

static void
check_tokens_found (StoreWorld *world)
{
  for (guint i = 0; i < store_world_n_tokens; i++)
    {
      const StoreWorldToken *row = &store_world_tokens[i];
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
      g_assert_cmpint (token->issued_ms, ==, STORE_WORLD_ISSUED_S * G_GINT64_CONSTANT (1000));
      g_assert_cmpint (token->validity_ms, ==, g_ascii_strtoll (row->validity, NULL, 10));
      assert_texts (token->scopes, row->scopes);
    }
}

/* Texts that a collation or a careless comparison could take for a token. */
static void
check_tokens_not_found (StoreWorld *world)
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
subscription_of (StoreWorld *world, const char *context, const char *version, const char *key, gint tenant_id)
{
  g_autoptr (GError) error = NULL;
  StSubscription *found = (StSubscription *) world;

  st_key_store_find_subscription (world->keys, context, version, key, tenant_id, 0, &found, &error);
  g_assert_no_error (error);
  return found;
}

/* The first that is not unsubscribed, with everything that hangs on it. */
static void
check_subscription (StoreWorld *world)
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
check_no_subscription (StoreWorld *world)
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
check_subscription_nulls (StoreWorld *world)
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
check_content_aware (StoreWorld *world)
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
resources_of (StoreWorld *world, const char *context, const char *version)
{
  g_autoptr (GError) error = NULL;
  StResources *found = NULL;

  st_key_store_find_resources (world->keys, context, version, -1234, 0, &found, &error);
  g_assert_no_error (error);
  g_assert_nonnull (found);
  return found;
}

static void
check_resources (StoreWorld *world)
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
check_no_resources (StoreWorld *world)
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
scope_of (StoreWorld *world, const char *path)
{
  g_autoptr (GError) error = NULL;
  StScope *found = (StScope *) world;

  st_key_store_find_scope (world->keys, path, 0, &found, &error);
  g_assert_no_error (error);
  return found;
}

static void
check_scopes (StoreWorld *world)
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
check_api_default (StoreWorld *world)
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
check_tenants (StoreWorld *world)
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
user_of (StoreWorld *world, gint tenant_id, const char *name)
{
  g_autoptr (GError) error = NULL;
  StUser *found = (StUser *) world;

  st_user_store_find_user (world->users, tenant_id, name, 0, &found, &error);
  g_assert_no_error (error);
  return found;
}

static void
check_users (StoreWorld *world)
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
check_no_user (StoreWorld *world)
{
  static const char *const names[] = {
    "nobody", "", "bob ", ("b\xc3\xb6" "b"), "\xff", "bob\xf0\x9f\x98\x80", "' OR 1=1 --", "al%",
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_assert_null (user_of (world, -1234, names[i]));
  g_assert_null (user_of (world, 2, "bob"));
}

static void
check_roles (StoreWorld *world)
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
check_past_deadline (StoreWorld *world)
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
  StoreWorld *world = data;

  for (guint i = 0; i < 50; i++)
    {
      check_tokens_found (world);
      check_subscription (world);
      check_roles (world);
    }
  return NULL;
}

static void
check_threads (StoreWorld *world)
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
  void (*check) (StoreWorld *world);
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
} worlds[] = { { "fake" },
               { "sqlite" },
               { "mariadb-latin1", "latin1 COLLATE latin1_swedish_ci" },
               { "mariadb-utf8mb4-bin", "utf8mb4 COLLATE utf8mb4_bin" } };

/* One world serves all checks, which only read. */
static void
test_contract (gconstpointer data)
{
  const char *name = worlds[GPOINTER_TO_UINT (data)].name;
  const char *charset = worlds[GPOINTER_TO_UINT (data)].charset;
  StoreWorld *world;

  if (charset != NULL && store_fixture_mysql_socket () == NULL)
    {
      g_test_skip ("needs a MariaDB: tools/check starts one");
      return;
    }
  if (strcmp (name, "fake") == 0)
    world = store_world_fake ();
  else if (charset == NULL)
    world = store_world_sql (store_fixture_sqlite ());
  else
    world = store_world_sql (store_fixture_mysql (store_fixture_mysql_socket (), charset));
  for (guint i = 0; i < G_N_ELEMENTS (contract); i++)
    {
      g_test_message ("%s: %s", name, contract[i].name);
      contract[i].check (world);
    }
  store_world_free (world);
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
