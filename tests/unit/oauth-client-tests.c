/* OAuth clients: IDN_OAUTH_CONSUMER_APPS (spec/databases.md 3.1). */
#include "config.h"
#include "tests/unit/oauth-tests.h"

#include "common/apim-secret.h"
#include "store/st-application-keys.h"

#include <string.h>

static void
check_client_row (OauthWorld *world, const StOauthClient *client)
{
  const OauthGeneration *generation = world->generation;
  g_autofree char *expected = g_strdup_printf (
      "%s|alice|-1234|alice_WeatherApp_PRODUCTION|OAuth-2.0||client_credentials refresh_token password",
      client->secret);
  const char *where = client->key;

  oauth_world_assert (world, expected,
                      "SELECT CONSUMER_SECRET, USERNAME, TENANT_ID, APP_NAME, OAUTH_VERSION, CALLBACK_URL, GRANT_TYPES"
                      " FROM IDN_OAUTH_CONSUMER_APPS WHERE CONSUMER_KEY = '%s'",
                      where);
  if (generation->ids)
    {
      g_autofree char *id = g_strdup_printf ("%" G_GINT64_FORMAT "|PRIMARY", client->id);

      oauth_world_assert (world, id, "SELECT ID, USER_DOMAIN FROM IDN_OAUTH_CONSUMER_APPS WHERE CONSUMER_KEY = '%s'",
                          where);
    }
  if (generation->pkce)
    oauth_world_assert (
        world, "0|0",
        "SELECT PKCE_MANDATORY, PKCE_SUPPORT_PLAIN FROM IDN_OAUTH_CONSUMER_APPS WHERE CONSUMER_KEY = '%s'", where);
  if (generation->state)
    oauth_world_assert (world, "ACTIVE", "SELECT APP_STATE FROM IDN_OAUTH_CONSUMER_APPS WHERE CONSUMER_KEY = '%s'",
                        where);
  if (generation->validity)
    oauth_world_assert (world, "0|0|0",
                        "SELECT USER_ACCESS_TOKEN_EXPIRE_TIME, APP_ACCESS_TOKEN_EXPIRE_TIME, REFRESH_TOKEN_EXPIRE_TIME"
                        " FROM IDN_OAUTH_CONSUMER_APPS WHERE CONSUMER_KEY = '%s'",
                        where);
  if (generation->id_token_validity)
    oauth_world_assert (world, "0",
                        "SELECT ID_TOKEN_EXPIRE_TIME FROM IDN_OAUTH_CONSUMER_APPS WHERE CONSUMER_KEY = '%s'", where);
}

static StOauthClient *
find_client (OauthWorld *world, const char *key)
{
  g_autoptr (GError) error = NULL;
  StOauthClient *client;

  g_assert_true (st_oauth_client_find (&world->writer, key, &client, &error));
  g_assert_no_error (error);
  return client;
}

static void
test_client_insert (gconstpointer data)
{
  OauthWorld *world = oauth_world_of (data);
  g_autoptr (StOauthClient) client = oauth_world_client (world);
  g_autoptr (StOauthClient) found = NULL;
  g_autofree char *lower = g_ascii_strdown (client->key, -1);
  g_autofree char *blank = g_strconcat (client->key, " ", NULL);
  g_autoptr (GError) error = NULL;

  check_client_row (world, client);
  oauth_world_begin (world);
  found = find_client (world, client->key);
  g_assert_cmpint (found->id, ==, client->id);
  g_assert_cmpstr (found->key, ==, client->key);
  g_assert_cmpstr (found->secret, ==, client->secret);
  g_assert_cmpstr (found->owner.name, ==, "alice");
  g_assert_cmpstr (found->owner.user_domain, ==, "PRIMARY");
  g_assert_cmpint (found->owner.tenant_id, ==, ST_SUPER_TENANT_ID);
  g_assert_cmpstr (found->name, ==, client->name);
  g_assert_cmpstr (found->callback_url, ==, "");
  g_assert_cmpstr (found->grant_types, ==, client->grant_types);
  g_assert_cmpstr (found->state, ==, ST_OAUTH_CLIENT_ACTIVE);
  g_assert_null (find_client (world, lower)); /* which the collation takes for the same */
  g_assert_null (find_client (world, blank));
  oauth_assert_conflict (st_oauth_client_insert (&world->writer, client, &error), &error);
  oauth_world_rollback (world);
}

/* 1.9 has the user store's name before the user's, in small letters. */
static void
test_client_of_secondary_store (gconstpointer data)
{
  OauthWorld *world = oauth_world_of (data);
  g_autoptr (StOauthClient) client = st_oauth_client_new ();
  g_autoptr (StOauthClient) found = NULL;
  g_autoptr (GError) error = NULL;

  client->key = st_oauth_client_random_key ();
  st_oauth_user_clear (&client->owner);
  client->owner = (StOauthUser){ .name = g_strdup ("Bob"), .user_domain = g_strdup ("ldap"), .tenant_id = 7 };
  client->callback_url = g_strdup ("https://app.example.com/back");
  oauth_world_begin (world);
  st_oauth_client_insert (&world->writer, client, &error);
  g_assert_no_error (error);
  oauth_world_assert (world, world->generation->ids ? "Bob|7" : "ldap/bob|7",
                      "SELECT USERNAME, TENANT_ID FROM IDN_OAUTH_CONSUMER_APPS WHERE CONSUMER_KEY = '%s'", client->key);
  found = find_client (world, client->key);
  g_assert_cmpstr (found->owner.name, ==, world->generation->ids ? "Bob" : "bob");
  g_assert_cmpstr (found->owner.user_domain, ==, "LDAP");
  g_assert_cmpstr (found->callback_url, ==, "https://app.example.com/back");
  oauth_world_rollback (world);
}

static void
test_client_update (gconstpointer data)
{
  OauthWorld *world = oauth_world_of (data);
  const OauthGeneration *generation = world->generation;
  g_autoptr (StOauthClient) client = oauth_world_client (world);
  g_autoptr (StOauthClient) found = NULL;
  g_autoptr (GError) error = NULL;
  StWriter *writer = &world->writer;

  g_free (client->callback_url);
  client->callback_url = g_strdup ("https://app.example.com/");
  g_free (client->grant_types);
  client->grant_types = g_strdup ("authorization_code");
  apim_secret_free (client->secret);
  client->secret = g_strdup ("another");
  g_free (client->state);
  client->state = g_strdup (ST_OAUTH_CLIENT_REVOKED);
  client->pkce_mandatory = TRUE;
  client->user_token_s = 60;
  client->application_token_s = 120;
  client->refresh_token_s = 86400;
  oauth_world_begin (world);
  g_assert_true (st_oauth_client_update_grants (writer, client, &error));
  g_assert_true (st_oauth_client_update_secret (writer, client, &error));
  g_assert_no_error (error);
  g_assert_cmpint (st_oauth_client_update_state (writer, client, &error), ==, generation->state);
  g_assert_cmpint (error != NULL, ==, !generation->state);
  g_clear_error (&error);
  g_assert_cmpint (st_oauth_client_update_pkce (writer, client, &error), ==, generation->pkce);
  g_clear_error (&error);
  g_assert_cmpint (st_oauth_client_update_validity (writer, client, &error), ==, generation->validity);
  g_clear_error (&error);
  found = find_client (world, client->key);
  g_assert_cmpstr (found->callback_url, ==, "https://app.example.com/");
  g_assert_cmpstr (found->grant_types, ==, "authorization_code");
  g_assert_cmpstr (found->secret, ==, "another");
  g_assert_cmpstr (found->state, ==, generation->state ? ST_OAUTH_CLIENT_REVOKED : ST_OAUTH_CLIENT_ACTIVE);
  g_assert_cmpint (found->pkce_mandatory, ==, generation->pkce);
  g_assert_false (found->pkce_support_plain);
  g_assert_cmpint (found->user_token_s, ==, generation->validity ? 60 : 0);
  g_assert_cmpint (found->application_token_s, ==, generation->validity ? 120 : 0);
  g_assert_cmpint (found->refresh_token_s, ==, generation->validity ? 86400 : 0);
  oauth_world_rollback (world);
}

/* Tokens, scopes and codes go with it, and nobody else's. */
static void
test_client_delete (gconstpointer data)
{
  OauthWorld *world = oauth_world_of (data);
  g_autoptr (StOauthClient) client = oauth_world_client (world);
  g_autoptr (StOauthToken) token = oauth_world_token ("default one");
  g_autoptr (StOauthToken) other = oauth_world_token ("kept");
  g_autoptr (GError) error = NULL;

  oauth_world_begin (world);
  oauth_issue (world, client, token, NULL);
  oauth_issue (world, world->client, other, NULL);
  g_assert_true (st_oauth_client_delete (&world->writer, client, &error));
  g_assert_no_error (error);
  g_assert_null (find_client (world, client->key));
  g_assert_null (oauth_find_by_access (world, token->access_token));
  if (world->generation->ids)
    oauth_world_assert (world, "0", "SELECT COUNT(*) FROM IDN_OAUTH2_ACCESS_TOKEN_SCOPE WHERE TOKEN_ID = '%s'",
                        token->id);
  oauth_assert_state (world, other, ST_OAUTH_ACTIVE);
  oauth_assert_conflict (st_oauth_token_issue (&world->writer, &world->form, client, token, NULL, &error), &error);
  oauth_world_rollback (world);
}

static void
test_client_limits (gconstpointer data)
{
  OauthWorld *world = oauth_world_of (data);
  g_autoptr (StOauthClient) client = st_oauth_client_new ();
  g_autoptr (GError) error = NULL;

  client->key = st_oauth_client_random_key ();
  client->owner.name = g_strdup ("alice");
  client->callback_url = g_strnfill (1025, 'u');
  oauth_world_begin (world);
  oauth_assert_data_error (st_oauth_client_insert (&world->writer, client, &error), &error);
  g_clear_pointer (&client->callback_url, g_free);
  client->secret = g_strnfill (world->generation->hash != ST_OAUTH_HASH_NONE ? 2049 : 513, 's');
  oauth_assert_data_error (st_oauth_client_insert (&world->writer, client, &error), &error);
  g_clear_pointer (&client->secret, g_free);
  client->user_token_s = 60;
  if (!world->generation->validity)
    oauth_assert_data_error (st_oauth_client_insert (&world->writer, client, &error), &error);
  oauth_world_rollback (world);
}

static gboolean
names_user (GPtrArray *users, const char *name, const char *tenant_domain, gint tenant_id)
{
  for (guint i = 0; i < users->len; i++)
    {
      const StOauthUser *user = users->pdata[i];

      if (strcmp (user->name, name) == 0 && strcmp (user->user_domain, ST_PRIMARY_USER_DOMAIN) == 0
          && (user->tenant_id == tenant_id || g_strcmp0 (user->tenant_domain, tenant_domain) == 0))
        return TRUE;
    }
  return FALSE;
}

/* Whose tokens could still be used; each once, and not who has revoked ones only. */
static void
test_client_users (gconstpointer data)
{
  static const char *const names[] = { "alice", "alice", "bob", "carol", "dave" };
  OauthWorld *world = oauth_world_of (data);
  g_autoptr (StOauthClient) client = oauth_world_client (world);
  g_autoptr (GPtrArray) none = NULL;
  g_autoptr (GPtrArray) users = NULL;
  g_autoptr (GError) error = NULL;

  oauth_world_begin (world);
  g_assert_true (st_oauth_client_find_users (&world->writer, client, &none, &error));
  g_assert_cmpuint (none->len, ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (StOauthToken) token = oauth_world_token (i == 1 ? "other" : "default");
      g_autoptr (StOauthToken) found = NULL;

      g_free (token->user.name);
      token->user.name = g_strdup (names[i]);
      if (i == 4)
        {
          token->user.tenant_id = 3;
          g_free (token->user.tenant_domain);
          token->user.tenant_domain = g_strdup ("example.com");
        }
      oauth_issue (world, client, token, NULL);
      found = oauth_find_by_access (world, token->access_token);
      if (i == 3)
        g_assert_true (st_oauth_token_revoke (&world->writer, found, &error));
    }
  g_assert_true (st_oauth_client_find_users (&world->writer, client, &users, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (users->len, ==, 3);
  g_assert_true (names_user (users, "alice", ST_SUPER_TENANT_DOMAIN, ST_SUPER_TENANT_ID));
  g_assert_true (names_user (users, "bob", ST_SUPER_TENANT_DOMAIN, ST_SUPER_TENANT_ID));
  g_assert_true (names_user (users, "dave", "example.com", 3));
  oauth_world_rollback (world);
}

const OauthTest oauth_client_tests[] = {
  { "client-insert", test_client_insert }, { "client-of-secondary-store", test_client_of_secondary_store },
  { "client-update", test_client_update }, { "client-delete", test_client_delete },
  { "client-limits", test_client_limits }, { "client-users", test_client_users },
  { NULL },
};
