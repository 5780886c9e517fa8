/* Service providers beside OAuth clients: SP_APP and SP_INBOUND_AUTH (spec/databases.md 3.1). */
#include "config.h"
#include "tests/unit/oauth-tests.h"

#include "common/apim-secret.h"
#include "store/st-service-provider.h"

#define PROVIDER "SELECT TENANT_ID, APP_NAME, USER_STORE, USERNAME, DESCRIPTION, AUTH_TYPE FROM SP_APP"
#define INBOUND "SELECT i.TENANT_ID, INBOUND_AUTH_TYPE, PROP_NAME, PROP_VALUE, a.APP_NAME FROM SP_INBOUND_AUTH i" \
                " JOIN SP_APP a ON a.ID = i.APP_ID"

static StOauthClient *
make_client (const char *name)
{
  StOauthClient *client = st_oauth_client_new ();

  client->key = st_oauth_client_random_key ();
  client->secret = g_strdup ("first");
  st_oauth_user_clear (&client->owner);
  client->owner = (StOauthUser){ .name = g_strdup ("bob"), .user_domain = g_strdup ("ldap"), .tenant_id = 3 };
  client->name = g_strdup (name);
  return client;
}

static void
insert (OauthWorld *world, StOauthClient *client)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (st_oauth_client_insert (&world->writer, client, &error));
  g_assert_no_error (error);
}

static void
remove_client (OauthWorld *world, const StOauthClient *client)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (st_oauth_client_delete (&world->writer, client, &error));
  g_assert_no_error (error);
}

static void
assert_counts (OauthWorld *world, const char *name, const char *providers, const char *inbounds)
{
  oauth_world_assert (world, providers, "SELECT COUNT(*) FROM SP_APP WHERE APP_NAME = '%s'", name);
  oauth_world_assert (world, inbounds,
                      "SELECT COUNT(*) FROM SP_INBOUND_AUTH i JOIN SP_APP a ON a.ID = i.APP_ID WHERE APP_NAME = '%s'",
                      name);
}

static void
test_rows (gconstpointer data)
{
  OauthWorld *world = oauth_world_of (data);
  g_autoptr (StOauthClient) client = make_client ("ldap_bob_Shop_PRODUCTION");
  g_autoptr (GError) error = NULL;

  oauth_world_begin (world);
  insert (world, client);
  oauth_world_assert (world,
                      "3|ldap_bob_Shop_PRODUCTION|LDAP|bob|Service Provider for application ldap_bob_Shop_PRODUCTION|"
                      "default",
                      PROVIDER " WHERE APP_NAME = 'ldap_bob_Shop_PRODUCTION'");
  oauth_world_assert (world, "3|oauth2|oauthConsumerSecret|first|ldap_bob_Shop_PRODUCTION",
                      INBOUND " WHERE INBOUND_AUTH_KEY = '%s'", client->key);
  if (world->generation->state) /* as INBOUND_CONFIG_TYPE, of 2.1 and later */
    oauth_world_assert (world, "standardAPP",
                        "SELECT INBOUND_CONFIG_TYPE FROM SP_INBOUND_AUTH WHERE INBOUND_AUTH_KEY = '%s'", client->key);
  apim_secret_free (client->secret);
  client->secret = g_strdup ("second");
  g_assert_true (st_oauth_client_update_secret (&world->writer, client, &error));
  g_assert_no_error (error);
  oauth_world_assert (world, "second", "SELECT PROP_VALUE FROM SP_INBOUND_AUTH WHERE INBOUND_AUTH_KEY = '%s'",
                      client->key);
  remove_client (world, client);
  assert_counts (world, client->name, "0", "0");
  oauth_world_rollback (world);
}

/* A provider of this name that a WSO2 node left behind, and a second client of the name. */
static void
test_same_name (gconstpointer data)
{
  OauthWorld *world = oauth_world_of (data);
  g_autoptr (StOauthClient) first = make_client ("left_behind");
  g_autoptr (StOauthClient) second = make_client ("left_behind");

  oauth_world_begin (world);
  oauth_world_run (world, "INSERT INTO SP_APP (TENANT_ID, APP_NAME, USER_STORE, USERNAME, AUTH_TYPE) VALUES"
                          " (3, 'left_behind', 'PRIMARY', 'alice', 'local'),"
                          " (4, 'left_behind', 'PRIMARY', 'eve', 'x')");
  insert (world, first);
  insert (world, second);
  assert_counts (world, "left_behind", "2", "2");
  oauth_world_assert (world, "3|left_behind|PRIMARY|alice|NULL|local", PROVIDER " WHERE TENANT_ID = 3");
  remove_client (world, first);
  assert_counts (world, "left_behind", "2", "1");
  oauth_world_assert (world, "1", "SELECT COUNT(*) FROM SP_INBOUND_AUTH WHERE INBOUND_AUTH_KEY = '%s'", second->key);
  remove_client (world, second);
  oauth_world_assert (world, "4", "SELECT TENANT_ID FROM SP_APP WHERE APP_NAME = 'left_behind'");
  oauth_world_rollback (world);
}

/* What else a provider lets in, and keys that only a collation takes for the client's, stay. */
static void
test_others_stay (gconstpointer data)
{
  OauthWorld *world = oauth_world_of (data);
  g_autoptr (StOauthClient) client = make_client ("kept");
  g_autofree char *upper = NULL;
  const char *more = world->generation->state ? ", INBOUND_CONFIG_TYPE" : "";
  const char *more_value = world->generation->state ? ", 'standardAPP'" : "";

  oauth_world_begin (world);
  insert (world, client);
  upper = g_ascii_strup (client->key, -1);
  oauth_world_run (world,
                   "INSERT INTO SP_INBOUND_AUTH (TENANT_ID, INBOUND_AUTH_KEY, INBOUND_AUTH_TYPE, APP_ID%s)"
                   " SELECT 3, '%s', 'oauth2', ID%s FROM SP_APP WHERE APP_NAME = 'kept'",
                   more, upper, more_value);
  oauth_world_run (world,
                   "INSERT INTO SP_INBOUND_AUTH (TENANT_ID, INBOUND_AUTH_KEY, INBOUND_AUTH_TYPE, APP_ID%s)"
                   " SELECT 3, '%s', 'samlsso', ID%s FROM SP_APP WHERE APP_NAME = 'kept'",
                   more, client->key, more_value);
  remove_client (world, client);
  assert_counts (world, "kept", "1", "2");
  oauth_world_rollback (world);
}

static void
assert_saas (OauthWorld *world, const StOauthClient *client, gboolean expected)
{
  g_autoptr (GError) error = NULL;
  gboolean saas = !expected;

  g_assert_true (st_service_provider_find_saas (&world->writer, client, &saas, &error));
  g_assert_no_error (error);
  g_assert_cmpint (saas, ==, expected);
}

static void
set_saas (OauthWorld *world, const StOauthClient *client, gboolean saas)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (st_service_provider_set_saas (&world->writer, client, saas, &error));
  g_assert_no_error (error);
}

/* A provider that lets in another client, too, keeps what it says. */
static void
test_saas (gconstpointer data)
{
  OauthWorld *world = oauth_world_of (data);
  g_autoptr (StOauthClient) client = make_client ("for_all");
  g_autoptr (StOauthClient) other = make_client ("for_one");
  g_autoptr (StOauthClient) second = make_client ("for_one");
  g_autoptr (StOauthClient) unknown = make_client ("for_all");

  oauth_world_begin (world);
  insert (world, client);
  insert (world, other);
  assert_saas (world, client, FALSE);
  set_saas (world, client, TRUE);
  assert_saas (world, client, TRUE);
  assert_saas (world, other, FALSE);
  assert_saas (world, unknown, FALSE);
  insert (world, second);
  set_saas (world, second, TRUE);
  assert_saas (world, other, FALSE);
  set_saas (world, client, FALSE);
  assert_saas (world, client, FALSE);
  remove_client (world, client);
  assert_saas (world, client, FALSE);
  oauth_world_rollback (world);
}

static void
test_limits (gconstpointer data)
{
  OauthWorld *world = oauth_world_of (data);
  g_autoptr (StOauthClient) client = make_client (NULL);
  g_autoptr (GError) error = NULL;

  oauth_world_begin (world);
  insert (world, client); /* without a name it goes by its key */
  assert_counts (world, client->key, "1", "1");
  remove_client (world, client);
  g_free (client->secret);
  client->secret = g_strnfill (1025, 's'); /* more than the provider's row holds */
  oauth_assert_data_error (st_oauth_client_insert (&world->writer, client, &error), &error);
  oauth_world_rollback (world);
}

const OauthTest oauth_provider_tests[] = {
  { "providers/rows", test_rows, OAUTH_FOREIGN },
  { "providers/same-name", test_same_name, OAUTH_FOREIGN },
  { "providers/others-stay", test_others_stay, OAUTH_FOREIGN },
  { "providers/limits", test_limits, OAUTH_FOREIGN },
  { "providers/saas", test_saas, OAUTH_EVERYWHERE },
  { NULL },
};
