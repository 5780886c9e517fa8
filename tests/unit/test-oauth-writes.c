/* What is written of clients, tokens and codes, column by column, in the databases of every generation
 * (spec/databases.md 3 and 9). MariaDB's run where APIM_TEST_MYSQL_SOCKET names a server. */
#include "config.h"

#include "common/apim-secret.h"
#include "store/st-oauth-code.h"
#include "store/st-oauth-token-writes.h"
#include "tests/lib/oauth-world.h"

#include <string.h>

#define HOUR_MS G_GINT64_CONSTANT (3600000)
#define DEFAULT_HASH "c21f969b5f03d33d43e04f8f136e7682"
#define UUID_LENGTH 36
#define LAX "SET SESSION sql_mode = ''"
#define STRICT "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE'"
#define NORMAL "SET SESSION sql_mode = DEFAULT"

static void
assert_data_error (gboolean done, GError **error)
{
  g_assert_error (*error, ST_ERROR, ST_ERROR_DATA);
  g_assert_false (done);
  g_clear_error (error);
}

static void
assert_conflict (gboolean done, GError **error)
{
  g_assert_error (*error, ST_ERROR, ST_ERROR_CONFLICT);
  g_assert_false (done);
  g_clear_error (error);
}

static StOauthToken *
find_active (OauthWorld *world, const StOauthClient *client, const StOauthToken *like)
{
  const StOauthTokenKey key = {
    .client = client, .user = &like->user, .user_type = like->user_type, .scopes = (const char *const *) like->scopes
  };
  g_autoptr (GError) error = NULL;
  StOauthToken *token;

  g_assert_true (st_oauth_token_find_active (&world->writer, &world->form, &key, &token, &error));
  g_assert_no_error (error);
  return token;
}

static StOauthToken *
find_by_access (OauthWorld *world, const char *text)
{
  g_autoptr (GError) error = NULL;
  StOauthToken *token;

  g_assert_true (st_oauth_token_find_by_access (&world->writer, &world->form, text, &token, &error));
  g_assert_no_error (error);
  return token;
}

static StOauthToken *
find_by_refresh (OauthWorld *world, const StOauthClient *client, const char *text)
{
  g_autoptr (GError) error = NULL;
  StOauthToken *token;

  g_assert_true (st_oauth_token_find_by_refresh (&world->writer, &world->form, client, text, &token, &error));
  g_assert_no_error (error);
  return token;
}

static gboolean
is_superseded (OauthWorld *world, const StOauthClient *client, const StOauthToken *token)
{
  g_autoptr (GError) error = NULL;
  gboolean superseded;

  g_assert_true (st_oauth_token_is_superseded (&world->writer, &world->form, client, token, &superseded, &error));
  g_assert_no_error (error);
  return superseded;
}

static void
issue (OauthWorld *world, const StOauthClient *client, const StOauthToken *token, const StOauthToken *old)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (st_oauth_token_issue (&world->writer, &world->form, client, token, old, &error));
  g_assert_no_error (error);
}

static char *
state_of (OauthWorld *world, const char *access_token)
{
  return oauth_world_select (world, "SELECT TOKEN_STATE FROM IDN_OAUTH2_ACCESS_TOKEN WHERE ACCESS_TOKEN = '%s'",
                             access_token);
}

static void
assert_state (OauthWorld *world, const StOauthToken *token, const char *expected)
{
  g_autofree char *state = state_of (world, token->access_token);
  g_autofree char *state_id = oauth_world_select (
      world, "SELECT TOKEN_STATE_ID FROM IDN_OAUTH2_ACCESS_TOKEN WHERE ACCESS_TOKEN = '%s'", token->access_token);

  g_assert_cmpstr (state, ==, expected);
  if (strcmp (expected, ST_OAUTH_ACTIVE) == 0)
    g_assert_cmpstr (state_id, ==, "NONE");
  else
    g_assert_cmpuint (strlen (state_id), ==, UUID_LENGTH);
}

/* The time in a column, as epoch milliseconds, by the server's reckoning. */
static gint64
time_of (OauthWorld *world, const char *table, const char *column, const char *where)
{
  gboolean mysql = world->generation->mysql;
  g_autofree char *text = oauth_world_select (world, "SELECT %s%s%s FROM %s WHERE %s", mysql ? "UNIX_TIMESTAMP(" : "",
                                              column, mysql ? ") * 1000" : "", table, where);

  return g_ascii_strtoll (text, NULL, 10);
}

/* Clients --------------------------------------------------------------- */

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
  assert_conflict (st_oauth_client_insert (&world->writer, client, &error), &error);
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
  g_autofree char *other_state = NULL;
  g_autoptr (GError) error = NULL;

  oauth_world_begin (world);
  issue (world, client, token, NULL);
  issue (world, world->client, other, NULL);
  g_assert_true (st_oauth_client_delete (&world->writer, client, &error));
  g_assert_no_error (error);
  g_assert_null (find_client (world, client->key));
  g_assert_null (find_by_access (world, token->access_token));
  if (world->generation->ids)
    oauth_world_assert (world, "0", "SELECT COUNT(*) FROM IDN_OAUTH2_ACCESS_TOKEN_SCOPE WHERE TOKEN_ID = '%s'",
                        token->id);
  other_state = state_of (world, other->access_token);
  g_assert_cmpstr (other_state, ==, "ACTIVE");
  assert_conflict (st_oauth_token_issue (&world->writer, &world->form, client, token, NULL, &error), &error);
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
  assert_data_error (st_oauth_client_insert (&world->writer, client, &error), &error);
  g_clear_pointer (&client->callback_url, g_free);
  client->secret = g_strnfill (world->generation->hash != ST_OAUTH_HASH_NONE ? 2049 : 513, 's');
  assert_data_error (st_oauth_client_insert (&world->writer, client, &error), &error);
  g_clear_pointer (&client->secret, g_free);
  client->user_token_s = 60;
  if (!world->generation->validity)
    assert_data_error (st_oauth_client_insert (&world->writer, client, &error), &error);
  oauth_world_rollback (world);
}

/* Tokens ---------------------------------------------------------------- */

static char *
expected_row (const OauthGeneration *generation, const StOauthClient *client, const StOauthToken *token)
{
  g_autofree char *hash = st_oauth_hash (generation->hash, token->access_token);
  g_autofree char *refresh_hash = st_oauth_hash (generation->hash, token->refresh_token);

  if (!generation->ids)
    return g_strdup_printf ("%s|%s|%s|alice@carbon.super|APPLICATION_USER|3600000|default|ACTIVE|NONE",
                            token->access_token, token->refresh_token, client->key);
  return g_strdup_printf ("%s|%s|%s|%" G_GINT64_FORMAT
                          "|alice|-1234|PRIMARY|APPLICATION_USER|password|3600000|86400000|" DEFAULT_HASH
                          "|ACTIVE|NONE|alice@carbon.super%s%s%s%s",
                          token->id, token->access_token, token->refresh_token, client->id, hash != NULL ? "|" : "",
                          hash != NULL ? hash : "", hash != NULL ? "|" : "", hash != NULL ? refresh_hash : "");
}

static void
test_issue (gconstpointer data)
{
  OauthWorld *world = oauth_world_of (data);
  const OauthGeneration *generation = world->generation;
  g_autoptr (StOauthClient) client = oauth_world_client (world);
  g_autoptr (StOauthToken) token = oauth_world_token ("default");
  g_autofree char *expected = expected_row (generation, client, token);
  g_autofree char *where = g_strdup_printf ("ACCESS_TOKEN = '%s'", token->access_token);

  oauth_world_begin (world);
  g_assert_null (find_active (world, client, token));
  issue (world, client, token, NULL);
  oauth_world_commit (world);
  if (generation->ids)
    oauth_world_assert (
        world, expected,
        "SELECT TOKEN_ID, ACCESS_TOKEN, REFRESH_TOKEN, CONSUMER_KEY_ID, AUTHZ_USER, TENANT_ID, USER_DOMAIN, USER_TYPE,"
        " GRANT_TYPE, VALIDITY_PERIOD, REFRESH_TOKEN_VALIDITY_PERIOD, TOKEN_SCOPE_HASH, TOKEN_STATE, TOKEN_STATE_ID,"
        " SUBJECT_IDENTIFIER%s FROM IDN_OAUTH2_ACCESS_TOKEN WHERE %s",
        generation->hash != ST_OAUTH_HASH_NONE ? ", ACCESS_TOKEN_HASH, REFRESH_TOKEN_HASH" : "", where);
  else
    oauth_world_assert (
        world, expected,
        "SELECT ACCESS_TOKEN, REFRESH_TOKEN, CONSUMER_KEY, AUTHZ_USER, USER_TYPE, VALIDITY_PERIOD, TOKEN_SCOPE,"
        " TOKEN_STATE, TOKEN_STATE_ID FROM IDN_OAUTH2_ACCESS_TOKEN WHERE %s",
        where);
  g_assert_cmpint (time_of (world, "IDN_OAUTH2_ACCESS_TOKEN", "TIME_CREATED", where), ==, token->issued_ms);
  if (!generation->ids)
    return;
  g_assert_cmpint (time_of (world, "IDN_OAUTH2_ACCESS_TOKEN", "REFRESH_TOKEN_TIME_CREATED", where), ==,
                   token->refresh_issued_ms);
  oauth_world_assert (world, "default|-1234",
                      "SELECT TOKEN_SCOPE, TENANT_ID FROM IDN_OAUTH2_ACCESS_TOKEN_SCOPE WHERE TOKEN_ID = '%s'",
                      token->id);
}

static void
assert_same (const OauthGeneration *generation, const StOauthToken *found, const StOauthToken *token,
             const char *scopes)
{
  g_autofree char *found_scopes = st_oauth_scope_text ((const char *const *) found->scopes);

  g_assert_cmpstr (found->access_token, ==, token->access_token);
  g_assert_cmpstr (found->refresh_token, ==, token->refresh_token);
  g_assert_cmpstr (found->user.name, ==, "alice");
  g_assert_cmpstr (found->user.user_domain, ==, "PRIMARY");
  g_assert_cmpstr (found->user.tenant_domain, ==, "carbon.super");
  g_assert_cmpint (found->user.tenant_id, ==, ST_SUPER_TENANT_ID);
  g_assert_cmpstr (found->user_type, ==, token->user_type);
  g_assert_cmpint (found->issued_ms, ==, token->issued_ms);
  g_assert_cmpint (found->validity_ms, ==, token->validity_ms);
  g_assert_cmpstr (found->state, ==, ST_OAUTH_ACTIVE);
  g_assert_cmpstr (found_scopes, ==, scopes);
  if (!generation->ids)
    return;
  g_assert_cmpstr (found->id, ==, token->id);
  g_assert_cmpstr (found->grant_type, ==, "password");
  g_assert_cmpint (found->refresh_issued_ms, ==, token->refresh_issued_ms);
  g_assert_cmpint (found->refresh_validity_ms, ==, token->refresh_validity_ms);
  g_assert_cmpstr (found->subject, ==, "alice@carbon.super");
}

static void
test_find (gconstpointer data)
{
  OauthWorld *world = oauth_world_of (data);
  g_autoptr (StOauthClient) client = oauth_world_client (world);
  g_autoptr (StOauthToken) token = oauth_world_token ("default am_application_scope default");
  g_autoptr (StOauthToken) active = NULL;
  g_autoptr (StOauthToken) by_access = NULL;
  g_autoptr (StOauthToken) by_refresh = NULL;
  g_autofree char *upper = g_ascii_strup (token->access_token, -1);
  g_autofree char *upper_refresh = g_ascii_strup (token->refresh_token, -1);

  oauth_world_begin (world);
  issue (world, client, token, NULL);
  active = find_active (world, client, token);
  by_access = find_by_access (world, token->access_token);
  by_refresh = find_by_refresh (world, client, token->refresh_token);
  assert_same (world->generation, active, token, "am_application_scope default");
  assert_same (world->generation, by_access, token, "am_application_scope default");
  assert_same (world->generation, by_refresh, token, "am_application_scope default");
  g_assert_cmpstr (by_access->consumer_key, ==, client->key);
  g_assert_null (find_by_access (world, upper));
  g_assert_null (find_by_access (world, token->refresh_token));
  g_assert_null (find_by_access (world, ""));
  g_assert_null (find_by_refresh (world, client, upper_refresh));
  g_assert_null (find_by_refresh (world, world->client, token->refresh_token)); /* another's */
  g_assert_false (is_superseded (world, client, by_refresh));
  oauth_world_rollback (world);
}

/* Tokens of other scopes, users and types are not in the way. */
static void
test_one_for_each_key (gconstpointer data)
{
  OauthWorld *world = oauth_world_of (data);
  g_autoptr (StOauthClient) client = oauth_world_client (world);
  g_autoptr (StOauthToken) token = oauth_world_token ("a b");
  g_autoptr (StOauthToken) same = oauth_world_token ("b a");
  g_autoptr (StOauthToken) scopes = oauth_world_token ("a");
  g_autoptr (StOauthToken) user = oauth_world_token ("a b");
  g_autoptr (StOauthToken) store = oauth_world_token ("a b");
  g_autoptr (StOauthToken) type = oauth_world_token ("a b");
  g_autoptr (StOauthToken) found = NULL;
  g_autoptr (GError) error = NULL;

  g_free (user->user.name);
  user->user.name = g_strdup ("bob");
  g_free (store->user.user_domain);
  store->user.user_domain = g_strdup ("ldap");
  g_free (type->user_type);
  type->user_type = g_strdup (ST_OAUTH_USER_TYPE_APPLICATION);
  oauth_world_begin (world);
  issue (world, client, token, NULL);
  issue (world, client, scopes, NULL);
  issue (world, client, user, NULL);
  issue (world, client, store, NULL);
  issue (world, client, type, NULL);
  found = find_active (world, client, same);
  g_assert_cmpstr (found->access_token, ==, token->access_token);
  assert_conflict (st_oauth_token_issue (&world->writer, &world->form, client, same, NULL, &error), &error);
  oauth_world_rollback (world);
}

/* The old one goes, and keeps its time; twice in a row, so that there are two dead ones of the same key. */
static void
test_issue_anew (gconstpointer data)
{
  OauthWorld *world = oauth_world_of (data);
  g_autoptr (StOauthClient) client = oauth_world_client (world);
  g_autoptr (StOauthToken) old = NULL;

  oauth_world_begin (world);
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (StOauthToken) token = oauth_world_token ("default");
      g_autofree char *where = g_strdup_printf ("ACCESS_TOKEN = '%s'", old != NULL ? old->access_token : "");

      token->issued_ms += i * 1000;
      issue (world, client, token, old);
      assert_state (world, token, ST_OAUTH_ACTIVE);
      if (old != NULL)
        {
          assert_state (world, old, ST_OAUTH_EXPIRED);
          g_assert_cmpint (time_of (world, "IDN_OAUTH2_ACCESS_TOKEN", "TIME_CREATED", where), ==, old->issued_ms);
        }
      st_oauth_token_free (old);
      old = find_active (world, client, token);
      g_assert_cmpstr (old->access_token, ==, token->access_token);
    }
  oauth_world_rollback (world);
}

static void
test_refresh (gconstpointer data)
{
  OauthWorld *world = oauth_world_of (data);
  g_autoptr (StOauthClient) client = oauth_world_client (world);
  g_autoptr (StOauthToken) token = oauth_world_token ("default");
  g_autoptr (StOauthToken) next = oauth_world_token ("default");
  g_autoptr (StOauthToken) old = NULL;
  g_autoptr (StOauthToken) gone = NULL;
  g_autofree char *where = g_strdup_printf ("ACCESS_TOKEN = '%s'", token->access_token);
  g_autoptr (GError) error = NULL;

  oauth_world_begin (world);
  issue (world, client, token, NULL);
  old = find_by_refresh (world, client, token->refresh_token);
  g_assert_true (st_oauth_token_refresh (&world->writer, &world->form, client, next, old, &error));
  g_assert_no_error (error);
  assert_state (world, token, ST_OAUTH_INACTIVE);
  assert_state (world, next, ST_OAUTH_ACTIVE);
  g_assert_cmpint (time_of (world, "IDN_OAUTH2_ACCESS_TOKEN", "TIME_CREATED", where), ==, token->issued_ms);
  gone = find_by_refresh (world, client, token->refresh_token);
  g_assert_cmpstr (gone->state, ==, ST_OAUTH_INACTIVE);
  /* The same refresh token once more, as found before: somebody else was faster. */
  assert_conflict (st_oauth_token_refresh (&world->writer, &world->form, client, next, old, &error), &error);
  oauth_world_rollback (world);
}

/* An expired token whose refresh token is kept: of the two rows with it, the ACTIVE one answers; and which rows have a
 * successor. */
static void
test_kept_refresh_token (gconstpointer data)
{
  OauthWorld *world = oauth_world_of (data);
  g_autoptr (StOauthClient) client = oauth_world_client (world);
  g_autoptr (StOauthToken) token = oauth_world_token ("default");
  g_autoptr (StOauthToken) next = oauth_world_token ("default");
  g_autoptr (StOauthToken) last = oauth_world_token ("default");
  g_autoptr (StOauthToken) found = NULL;
  g_autoptr (StOauthToken) expired = NULL;
  g_autoptr (StOauthToken) found_next = NULL;
  g_autoptr (GError) error = NULL;

  apim_secret_free (next->refresh_token);
  next->refresh_token = g_strdup (token->refresh_token);
  next->issued_ms = token->issued_ms + HOUR_MS;
  last->issued_ms = next->issued_ms + 1000;
  oauth_world_begin (world);
  issue (world, client, token, NULL);
  found = find_by_refresh (world, client, token->refresh_token);
  issue (world, client, next, found);
  g_clear_pointer (&found, st_oauth_token_free);
  found = find_by_refresh (world, client, token->refresh_token);
  g_assert_cmpstr (found->access_token, ==, next->access_token);
  g_assert_false (is_superseded (world, client, found));
  expired = find_by_access (world, token->access_token);
  g_assert_cmpstr (expired->state, ==, ST_OAUTH_EXPIRED);
  g_assert_true (is_superseded (world, client, expired));
  g_assert_true (st_oauth_token_expire (&world->writer, found, &error));
  g_assert_no_error (error);
  g_assert_true (is_superseded (world, client, expired)); /* by a newer EXPIRED one */
  found_next = find_by_access (world, next->access_token);
  g_assert_false (is_superseded (world, client, found_next));
  g_assert_true (st_oauth_token_refresh (&world->writer, &world->form, client, last, found_next, &error));
  g_assert_no_error (error);
  assert_state (world, next, ST_OAUTH_INACTIVE);
  oauth_world_rollback (world);
}

static void
test_revoke (gconstpointer data)
{
  OauthWorld *world = oauth_world_of (data);
  g_autoptr (StOauthClient) client = oauth_world_client (world);
  g_autoptr (StOauthToken) token = oauth_world_token ("default");
  g_autoptr (StOauthToken) next = oauth_world_token ("default");
  g_autoptr (StOauthToken) found = NULL;
  g_autoptr (StOauthToken) revoked = NULL;
  g_autofree char *where = g_strdup_printf ("ACCESS_TOKEN = '%s'", token->access_token);
  g_autoptr (GError) error = NULL;

  oauth_world_begin (world);
  issue (world, client, token, NULL);
  found = find_by_access (world, token->access_token);
  g_assert_true (st_oauth_token_revoke (&world->writer, found, &error));
  g_assert_no_error (error);
  assert_state (world, token, ST_OAUTH_REVOKED);
  g_assert_cmpint (time_of (world, "IDN_OAUTH2_ACCESS_TOKEN", "TIME_CREATED", where), ==, token->issued_ms);
  assert_conflict (st_oauth_token_revoke (&world->writer, found, &error), &error);
  revoked = find_by_access (world, token->access_token);
  g_assert_true (st_oauth_token_revoke (&world->writer, revoked, &error)); /* is so already */
  g_assert_no_error (error);
  g_assert_null (find_active (world, client, token));
  issue (world, client, next, NULL);
  oauth_world_rollback (world);
}

static void
test_revoke_all (gconstpointer data)
{
  OauthWorld *world = oauth_world_of (data);
  g_autoptr (StOauthClient) client = oauth_world_client (world);
  StOauthToken *tokens[5] = { NULL };
  g_autoptr (StOauthToken) other = oauth_world_token ("one");
  g_autoptr (StOauthToken) found = NULL;
  g_autoptr (GPtrArray) revoked = NULL;
  g_autoptr (GPtrArray) again = NULL;
  g_autoptr (GError) error = NULL;
  gint64 now_ms;

  g_free (other->user.name);
  other->user.name = g_strdup ("bob");
  oauth_world_begin (world);
  for (guint i = 0; i < G_N_ELEMENTS (tokens); i++)
    {
      tokens[i] = oauth_world_token (((const char *[]){ "one", "two", "three", "four", "four" })[i]);
      tokens[i]->refresh_validity_ms = i == 2 ? HOUR_MS : 24 * HOUR_MS; /* the third's refresh token is over */
      if (i == 4)
        found = find_active (world, client, tokens[i]);
      issue (world, client, tokens[i], found);
    }
  issue (world, client, other, NULL);
  g_clear_pointer (&found, st_oauth_token_free);
  found = find_by_access (world, tokens[2]->access_token);
  g_assert_true (st_oauth_token_expire (&world->writer, found, &error));
  now_ms = tokens[0]->issued_ms + 2 * HOUR_MS;
  g_assert_true (st_oauth_token_revoke_all (&world->writer, &world->form, client, &other->user, now_ms, NULL, &error));
  g_assert_true (
      st_oauth_token_revoke_all (&world->writer, &world->form, client, &tokens[0]->user, now_ms, &revoked, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (revoked->len, ==, world->generation->ids ? 4 : 5); /* 1.9 does not know when a refresh token ends */
  for (guint i = 0; i < G_N_ELEMENTS (tokens); i++)
    assert_state (world, tokens[i], i == 2 && world->generation->ids ? ST_OAUTH_EXPIRED : ST_OAUTH_REVOKED);
  assert_state (world, other, ST_OAUTH_REVOKED);
  g_assert_true (
      st_oauth_token_revoke_all (&world->writer, &world->form, client, &tokens[0]->user, now_ms, &again, &error));
  g_assert_cmpuint (again->len, ==, 0);
  oauth_world_rollback (world);
  for (guint i = 0; i < G_N_ELEMENTS (tokens); i++)
    st_oauth_token_free (tokens[i]);
}

/* The form in which 1.9 names him is in small letters; later ones have columns. */
static void
test_tenant_user (gconstpointer data)
{
  OauthWorld *world = oauth_world_of (data);
  g_autoptr (StOauthToken) token = oauth_world_token ("tenant");
  g_autoptr (StOauthToken) found = NULL;
  g_autoptr (GError) error = NULL;

  st_oauth_user_clear (&token->user);
  token->user = (StOauthUser){ .name = g_strdup ("Dave"),
                               .user_domain = g_strdup ("Ldap"),
                               .tenant_id = 3,
                               .tenant_domain = g_strdup ("example.com") };
  oauth_world_begin (world);
  issue (world, world->client, token, NULL);
  found = find_active (world, world->client, token);
  if (world->generation->ids)
    {
      oauth_world_assert (world, "Dave|3|LDAP|Ldap/Dave@example.com",
                          "SELECT AUTHZ_USER, TENANT_ID, USER_DOMAIN, SUBJECT_IDENTIFIER FROM IDN_OAUTH2_ACCESS_TOKEN"
                          " WHERE ACCESS_TOKEN = '%s'",
                          token->access_token);
      oauth_world_assert (world, "3", "SELECT TENANT_ID FROM IDN_OAUTH2_ACCESS_TOKEN_SCOPE WHERE TOKEN_ID = '%s'",
                          token->id);
      g_assert_cmpint (found->user.tenant_id, ==, 3);
      g_assert_null (found->user.tenant_domain);
    }
  else
    {
      oauth_world_assert (world, "ldap/dave@example.com",
                          "SELECT AUTHZ_USER FROM IDN_OAUTH2_ACCESS_TOKEN WHERE ACCESS_TOKEN = '%s'",
                          token->access_token);
      g_assert_cmpstr (found->user.tenant_domain, ==, "example.com");
      g_clear_pointer (&token->user.tenant_domain, g_free);
      assert_data_error (st_oauth_token_issue (&world->writer, &world->form, world->client, token, found, &error),
                         &error);
    }
  oauth_world_rollback (world);
}

static void
test_token_limits (gconstpointer data)
{
  OauthWorld *world = oauth_world_of (data);
  gsize longest = world->generation->hash != ST_OAUTH_HASH_NONE ? 2048 : 255;
  g_autoptr (StOauthToken) token = oauth_world_token ("limits");
  g_autoptr (StOauthToken) long_scope
      = oauth_world_token ("0123456789012345678901234567890123456789012345678901234567890");
  g_autoptr (StOauthToken) long_user = oauth_world_token ("limits");
  g_autoptr (StOauthToken) found = NULL;
  g_autoptr (GError) error = NULL;
  StWriter *writer = &world->writer;

  oauth_world_begin (world);
  apim_secret_free (token->access_token);
  token->access_token = g_strnfill (longest + 1, 'x');
  assert_data_error (st_oauth_token_issue (writer, &world->form, world->client, token, NULL, &error), &error);
  token->access_token[longest] = '\0';
  issue (world, world->client, token, NULL);
  found = find_by_access (world, token->access_token);
  g_assert_nonnull (found);
  if (world->generation->ids)
    assert_data_error (st_oauth_token_issue (writer, &world->form, world->client, long_scope, NULL, &error), &error);
  else
    issue (world, world->client, long_scope, NULL);
  g_free (long_user->user.name);
  long_user->user.name = g_strnfill (world->generation->ids ? 101 : 88, 'u'); /* with "@carbon.super" */
  assert_data_error (st_oauth_token_issue (writer, &world->form, world->client, long_user, NULL, &error), &error);
  oauth_world_rollback (world);
}

/* What Unicode offers, in databases that have no place for it, in both kinds of sql_mode: never a stranger's token. */
static void
test_foreign_characters (gconstpointer data)
{
  OauthWorld *world = oauth_world_of (data);
  static const char *const names[] = { "\xd0\xb6\xd0\xb5\xd0\xbd\xd0\xb0", "smile\xf0\x9f\x98\x80" };

  for (guint i = 0; i < 2 * G_N_ELEMENTS (names); i++)
    {
      g_autoptr (StOauthToken) token = oauth_world_token ("default");
      g_autoptr (StOauthClient) client = oauth_world_client (world);
      g_autoptr (StOauthToken) found = NULL;
      g_autoptr (GError) error = NULL;

      g_free (token->user.name);
      token->user.name = g_strdup (names[i / 2]);
      oauth_world_begin (world);
      if (world->generation->mysql)
        oauth_world_run (world, i % 2 == 0 ? LAX : STRICT);
      if (st_oauth_token_issue (&world->writer, &world->form, client, token, NULL, &error))
        {
          found = find_active (world, client, token);
          g_assert_cmpstr (found->access_token, ==, token->access_token);
          g_assert_cmpstr (found->user.name, ==, token->user.name);
        }
      else
        {
          g_assert_true (world->generation->mysql);
          assert_data_error (FALSE, &error);
        }
      if (world->generation->mysql)
        oauth_world_run (world, NORMAL);
      oauth_world_rollback (world);
    }
}

/* A token of a name that differs in case, as another node wrote it; and one that only the collation takes for the same.
 */
static void
test_folded_names (gconstpointer data)
{
  OauthWorld *world = oauth_world_of (data);
  g_autoptr (StOauthClient) client = oauth_world_client (world);
  g_autoptr (StOauthToken) token = oauth_world_token ("default");
  g_autoptr (StOauthToken) like = oauth_world_token ("default");
  g_autoptr (StOauthToken) found = NULL;
  const StOauthTokenKey key = {
    .client = client, .user = &like->user, .user_type = like->user_type, .scopes = (const char *const *) like->scopes
  };
  StOauthForm exact = world->form;
  g_autoptr (GError) error = NULL;
  StOauthToken *none;

  if (!world->generation->mysql)
    {
      g_test_skip ("SQLite compares bytes");
      return;
    }
  exact.fold_names = FALSE;
  g_free (token->user.name);
  token->user.name = g_strdup ("ALICE");
  oauth_world_begin (world);
  issue (world, client, token, NULL);
  found = find_active (world, client, like);
  g_assert_cmpstr (found->access_token, ==, token->access_token);
  if (world->generation->ids)
    assert_data_error (st_oauth_token_find_active (&world->writer, &exact, &key, &none, &error), &error);
  oauth_world_rollback (world);
  g_free (token->user.name);
  token->user.name = g_strdup ("\xc3\xa1lice");
  oauth_world_begin (world);
  issue (world, client, token, NULL);
  assert_data_error (st_oauth_token_find_active (&world->writer, &world->form, &key, &none, &error), &error);
  oauth_world_rollback (world);
}

static void
test_folded_scopes (gconstpointer data)
{
  OauthWorld *world = oauth_world_of (data);
  g_autoptr (StOauthToken) token = oauth_world_token ("read Read");
  g_autoptr (GError) error = NULL;

  oauth_world_begin (world);
  if (world->generation->mysql && world->generation->ids)
    assert_data_error (st_oauth_token_issue (&world->writer, &world->form, world->client, token, NULL, &error), &error);
  else
    issue (world, world->client, token, NULL);
  oauth_world_rollback (world);
}

/* Rows from before the hash columns are found by their text. */
static void
test_rows_without_hash (gconstpointer data)
{
  OauthWorld *world = oauth_world_of (data);
  g_autoptr (StOauthClient) client = oauth_world_client (world);
  g_autoptr (StOauthToken) token = oauth_world_token ("default");
  g_autoptr (StOauthToken) by_access = NULL;
  g_autoptr (StOauthToken) by_refresh = NULL;
  g_autofree char *upper = g_ascii_strup (token->access_token, -1);

  if (world->generation->hash == ST_OAUTH_HASH_NONE)
    {
      g_test_skip ("this generation has no hashes");
      return;
    }
  oauth_world_begin (world);
  issue (world, client, token, NULL);
  oauth_world_run (
      world,
      "UPDATE IDN_OAUTH2_ACCESS_TOKEN SET ACCESS_TOKEN_HASH = NULL, REFRESH_TOKEN_HASH = NULL WHERE TOKEN_ID = '%s'",
      token->id);
  by_access = find_by_access (world, token->access_token);
  by_refresh = find_by_refresh (world, client, token->refresh_token);
  g_assert_cmpstr (by_access->id, ==, token->id);
  g_assert_cmpstr (by_refresh->id, ==, token->id);
  g_assert_null (find_by_access (world, upper));
  oauth_world_rollback (world);
}

/* The majority of the newest ACTIVE tokens decides; others do not count. */
static void
test_majority (gconstpointer data)
{
  static const struct
  {
    StOauthHash hash;
    guint n_active;
    guint n_revoked;
  } written[]
      = { { ST_OAUTH_HASH_HEX, 3, 0 }, { ST_OAUTH_HASH_JSON, 2, 9 }, { ST_OAUTH_HASH_JSON_ALGORITHM_FIRST, 4, 0 } };
  OauthWorld *world = oauth_world_of (data);
  g_autoptr (StOauthClient) client = oauth_world_client (world);
  StOauthForm form = world->form, found;
  g_autoptr (GError) error = NULL;

  if (world->generation->hash == ST_OAUTH_HASH_NONE)
    {
      g_test_skip ("this generation has no hashes");
      return;
    }
  oauth_world_begin (world);
  oauth_world_run (world, "DELETE FROM IDN_OAUTH2_ACCESS_TOKEN");
  for (guint i = 0; i < G_N_ELEMENTS (written); i++)
    for (guint n = 0; n < written[i].n_active + written[i].n_revoked; n++)
      {
        g_autofree char *scope = g_strdup_printf ("scope_%u_%u", i, n);
        g_autoptr (StOauthToken) token = oauth_world_token (scope);
        g_autoptr (StOauthToken) stored = NULL;

        form.hash = written[i].hash;
        g_assert_true (st_oauth_token_issue (&world->writer, &form, client, token, NULL, &error));
        stored = find_by_access (world, token->access_token);
        g_assert_cmpstr (stored->id, ==, token->id); /* every form is found */
        if (n >= written[i].n_active)
          g_assert_true (st_oauth_token_revoke (&world->writer, stored, &error));
        g_assert_no_error (error);
      }
  g_assert_true (st_oauth_form_read (&world->writer, FALSE, TRUE, &found, &error));
  g_assert_cmpint (found.hash, ==, ST_OAUTH_HASH_JSON_ALGORITHM_FIRST);
  oauth_world_run (world, "UPDATE IDN_OAUTH2_ACCESS_TOKEN SET TOKEN_STATE = 'REVOKED', TOKEN_STATE_ID = TOKEN_ID"
                          " WHERE ACCESS_TOKEN_HASH LIKE '{\"a%%'");
  g_assert_true (st_oauth_form_read (&world->writer, FALSE, TRUE, &found, &error));
  g_assert_cmpint (found.hash, ==, ST_OAUTH_HASH_HEX);
  oauth_world_rollback (world);
}

/* Times ----------------------------------------------------------------- */

/* A server five and a half hours east of UTC: the setting decides what stands in the column, and what is read is what
 * was written. */
static void
test_token_time (gconstpointer data)
{
  OauthWorld *world = oauth_world_of (data);
  gint64 issued_ms = G_GINT64_CONSTANT (1577934245000); /* 2020-01-02 03:04:05 UTC */

  if (!world->generation->mysql)
    {
      g_test_skip ("SQLite holds milliseconds");
      return;
    }
  for (guint utc = 0; utc < 2; utc++)
    {
      g_autoptr (StOauthToken) token = oauth_world_token ("time");
      g_autoptr (StOauthToken) found = NULL;
      StOauthForm form = world->form;
      g_autoptr (GError) error = NULL;

      token->issued_ms = issued_ms;
      token->refresh_issued_ms = issued_ms + 1000;
      form.utc_times = utc != 0;
      oauth_world_begin (world);
      oauth_world_run (world, "SET SESSION time_zone = '+05:30'");
      g_assert_true (st_oauth_token_issue (&world->writer, &form, world->client, token, NULL, &error));
      g_assert_no_error (error);
      oauth_world_assert (world, utc != 0 ? "2020-01-02 03:04:05" : "2020-01-02 08:34:05",
                          "SELECT TIME_CREATED FROM IDN_OAUTH2_ACCESS_TOKEN WHERE ACCESS_TOKEN = '%s'",
                          token->access_token);
      g_assert_true (st_oauth_token_find_by_access (&world->writer, &form, token->access_token, &found, &error));
      g_assert_cmpint (found->issued_ms, ==, issued_ms);
      if (world->generation->ids)
        g_assert_cmpint (found->refresh_issued_ms, ==, issued_ms + 1000);
      g_assert_false (is_superseded (world, world->client, found));
      oauth_world_run (world, "SET SESSION time_zone = SYSTEM");
      oauth_world_rollback (world);
    }
}

/* Rows with zero dates change their state, whatever the server thinks of zero dates, and keep them. */
static void
test_zero_dates (gconstpointer data)
{
  OauthWorld *world = oauth_world_of (data);
  g_autoptr (StOauthClient) client = oauth_world_client (world);
  g_autoptr (StOauthToken) token = oauth_world_token ("default");
  g_autoptr (StOauthToken) next = oauth_world_token ("default");
  g_autoptr (StOauthToken) found = NULL;
  g_autoptr (GError) error = NULL;

  if (!world->generation->mysql)
    {
      g_test_skip ("SQLite has no zero dates");
      return;
    }
  oauth_world_begin (world);
  issue (world, client, token, NULL);
  oauth_world_run (world, LAX);
  oauth_world_run (world, "UPDATE IDN_OAUTH2_ACCESS_TOKEN SET TIME_CREATED = 0%s WHERE ACCESS_TOKEN = '%s'",
                   world->generation->ids ? ", REFRESH_TOKEN_TIME_CREATED = 0" : "", token->access_token);
  oauth_world_run (world, STRICT);
  found = find_active (world, client, token);
  g_assert_cmpint (found->issued_ms, ==, 0);
  issue (world, client, next, found);
  assert_state (world, token, ST_OAUTH_EXPIRED);
  oauth_world_assert (world, "0000-00-00 00:00:00",
                      "SELECT TIME_CREATED FROM IDN_OAUTH2_ACCESS_TOKEN WHERE ACCESS_TOKEN = '%s'",
                      token->access_token);
  g_clear_pointer (&found, st_oauth_token_free);
  found = find_by_access (world, token->access_token);
  g_assert_true (st_oauth_token_revoke (&world->writer, found, &error));
  g_assert_no_error (error);
  oauth_world_run (world, NORMAL);
  oauth_world_rollback (world);
}

/* Authorization codes --------------------------------------------------- */

static StOauthCode *
new_code (const char *scopes)
{
  StOauthCode *code = st_oauth_code_new ();

  code->code = apim_random_uuid ();
  code->user = st_oauth_user_parse ("alice@carbon.super");
  code->callback_url = g_strdup ("https://app.example.com/back");
  code->issued_ms = g_get_real_time () / G_USEC_PER_SEC * 1000 - HOUR_MS;
  code->validity_ms = 300000;
  g_strfreev (code->scopes);
  code->scopes = g_strsplit (scopes, " ", -1);
  return code;
}

static void
insert_code (OauthWorld *world, const StOauthClient *client, const StOauthCode *code)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (st_oauth_code_insert (&world->writer, &world->form, client, code, &error));
  g_assert_no_error (error);
}

static StOauthCode *
find_code (OauthWorld *world, const StOauthClient *client, const char *text)
{
  g_autoptr (GError) error = NULL;
  StOauthCode *code;

  g_assert_true (st_oauth_code_find (&world->writer, &world->form, client, text, &code, &error));
  g_assert_no_error (error);
  return code;
}

static void
check_code_row (OauthWorld *world, const StOauthCode *code, const StOauthClient *client)
{
  const OauthGeneration *generation = world->generation;
  g_autofree char *where = g_strdup_printf ("AUTHORIZATION_CODE = '%s'", code->code);

  if (generation->ids)
    {
      g_autofree char *expected = g_strdup_printf (
          "%s|%" G_GINT64_FORMAT
          "|https://app.example.com/back|a b|alice|-1234|PRIMARY|300000|ACTIVE|NULL|alice@carbon.super",
          code->id, client->id);

      oauth_world_assert (
          world, expected,
          "SELECT CODE_ID, CONSUMER_KEY_ID, CALLBACK_URL, SCOPE, AUTHZ_USER, TENANT_ID, USER_DOMAIN, VALIDITY_PERIOD,"
          " STATE, TOKEN_ID, SUBJECT_IDENTIFIER FROM IDN_OAUTH2_AUTHORIZATION_CODE WHERE %s",
          where);
    }
  else
    {
      g_autofree char *expected
          = g_strdup_printf ("%s|https://app.example.com/back|a b|alice@carbon.super|300000", client->key);

      oauth_world_assert (world, expected,
                          "SELECT CONSUMER_KEY, CALLBACK_URL, SCOPE, AUTHZ_USER, VALIDITY_PERIOD FROM "
                          "IDN_OAUTH2_AUTHORIZATION_CODE WHERE %s",
                          where);
    }
  if (generation->pkce)
    oauth_world_assert (
        world, "challenge|S256",
        "SELECT PKCE_CODE_CHALLENGE, PKCE_CODE_CHALLENGE_METHOD FROM IDN_OAUTH2_AUTHORIZATION_CODE WHERE %s", where);
  if (generation->hash != ST_OAUTH_HASH_NONE)
    {
      g_autofree char *hash = st_oauth_hash (generation->hash, code->code);

      oauth_world_assert (world, hash, "SELECT AUTHORIZATION_CODE_HASH FROM IDN_OAUTH2_AUTHORIZATION_CODE WHERE %s",
                          where);
    }
  g_assert_cmpint (time_of (world, "IDN_OAUTH2_AUTHORIZATION_CODE", "TIME_CREATED", where), ==, code->issued_ms);
}

static void
test_code (gconstpointer data)
{
  OauthWorld *world = oauth_world_of (data);
  const OauthGeneration *generation = world->generation;
  g_autoptr (StOauthClient) client = oauth_world_client (world);
  g_autoptr (StOauthCode) code = new_code ("b a");
  g_autoptr (StOauthCode) found = NULL;
  g_autofree char *upper = g_ascii_strup (code->code, -1);
  g_autofree char *scopes = NULL;
  g_autoptr (GError) error = NULL;

  oauth_world_begin (world);
  code->challenge = g_strdup ("challenge");
  code->challenge_method = g_strdup ("S256");
  if (!generation->pkce)
    {
      assert_data_error (st_oauth_code_insert (&world->writer, &world->form, client, code, &error), &error);
      g_clear_pointer (&code->challenge, g_free);
    }
  insert_code (world, client, code);
  check_code_row (world, code, client);
  found = find_code (world, client, code->code);
  scopes = g_strjoinv (" ", found->scopes);
  g_assert_cmpstr (scopes, ==, "a b");
  g_assert_cmpstr (found->user.name, ==, "alice");
  g_assert_cmpint (found->issued_ms, ==, code->issued_ms);
  g_assert_cmpint (found->validity_ms, ==, 300000);
  g_assert_cmpstr (found->state, ==, ST_OAUTH_CODE_ACTIVE);
  g_assert_cmpstr (found->callback_url, ==, code->callback_url);
  g_assert_cmpstr (found->challenge, ==, generation->pkce ? "challenge" : NULL);
  g_assert_cmpstr (found->challenge_method, ==, generation->pkce ? "S256" : NULL);
  g_assert_null (find_code (world, client, upper));
  g_assert_null (find_code (world, world->client, code->code)); /* another's */
  oauth_world_rollback (world);
}

/* Once; and what remains of it. */
static void
test_code_use (gconstpointer data)
{
  OauthWorld *world = oauth_world_of (data);
  g_autoptr (StOauthClient) client = oauth_world_client (world);
  g_autoptr (StOauthCode) code = new_code ("a b");
  g_autoptr (StOauthCode) found = NULL;
  g_autoptr (StOauthCode) used = NULL;
  g_autofree char *where = g_strdup_printf ("AUTHORIZATION_CODE = '%s'", code->code);
  g_autoptr (GError) error = NULL;

  oauth_world_begin (world);
  insert_code (world, client, code);
  found = find_code (world, client, code->code);
  g_assert_true (st_oauth_code_use (&world->writer, found, "the token's id", &error));
  g_assert_no_error (error);
  used = find_code (world, client, code->code);
  if (world->generation->ids)
    {
      g_assert_cmpstr (used->state, ==, ST_OAUTH_CODE_INACTIVE);
      g_assert_cmpstr (used->token_id, ==, "the token's id");
      g_assert_cmpint (time_of (world, "IDN_OAUTH2_AUTHORIZATION_CODE", "TIME_CREATED", where), ==, code->issued_ms);
    }
  else
    g_assert_null (used);
  assert_conflict (st_oauth_code_use (&world->writer, found, "another", &error), &error);
  oauth_world_rollback (world);
}

static void
test_code_expire (gconstpointer data)
{
  OauthWorld *world = oauth_world_of (data);
  g_autoptr (StOauthClient) client = oauth_world_client (world);
  g_autoptr (StOauthCode) code = new_code ("a");
  g_autoptr (StOauthCode) found = NULL;
  g_autoptr (StOauthCode) expired = NULL;
  g_autoptr (GError) error = NULL;

  oauth_world_begin (world);
  insert_code (world, client, code);
  if (world->generation->hash != ST_OAUTH_HASH_NONE) /* also one from before the hash column */
    oauth_world_run (world,
                     "UPDATE IDN_OAUTH2_AUTHORIZATION_CODE SET AUTHORIZATION_CODE_HASH = NULL WHERE CODE_ID = '%s'",
                     code->id);
  found = find_code (world, client, code->code);
  g_assert_true (st_oauth_code_expire (&world->writer, found, &error));
  g_assert_no_error (error);
  expired = find_code (world, client, code->code);
  if (world->generation->ids)
    g_assert_cmpstr (expired->state, ==, ST_OAUTH_CODE_EXPIRED);
  else
    g_assert_null (expired);
  oauth_world_rollback (world);
}

/* Many at once ---------------------------------------------------------- */

#define N_THREADS 4
#define N_ROUNDS 12

typedef struct
{
  OauthWorld *world;
  StDatabase *database; /* of the thread's own */
  const StOauthClient *client;
  guint round;
  gint *waiting; /* atomic: threads that have not arrived at the round */
  char *got[N_ROUNDS];
  guint n_conflicts;
} Racer;

/* Answers with the token that there is, if it is good still, or else a new one: every odd round finds an expired one.
 */
static gboolean
get_token (StWriter *writer, gpointer data, GError **error)
{
  Racer *racer = data;
  g_autofree char *scope = g_strdup_printf ("round_%u", racer->round / 2);
  g_autoptr (StOauthToken) token = oauth_world_token (scope);
  const StOauthTokenKey key = { racer->client, &token->user, token->user_type, (const char *const *) token->scopes };
  g_autoptr (StOauthToken) old = NULL;

  if (!st_oauth_token_find_active (writer, &racer->world->form, &key, &old, error))
    return FALSE;
  g_clear_pointer (&racer->got[racer->round], g_free);
  token->validity_ms = racer->round % 2 + 1; /* tells the rounds apart */
  if (old != NULL && old->validity_ms == token->validity_ms)
    {
      racer->got[racer->round] = g_strdup (old->access_token);
      return TRUE;
    }
  racer->got[racer->round] = g_strdup (token->access_token);
  return st_oauth_token_issue (writer, &racer->world->form, racer->client, token, old, error);
}

static gpointer
race (gpointer data)
{
  Racer *racer = data;

  for (racer->round = 0; racer->round < N_ROUNDS; racer->round++)
    {
      g_autoptr (GError) error = NULL;

      g_atomic_int_add (&racer->waiting[racer->round], -1);
      while (g_atomic_int_get (&racer->waiting[racer->round]) > 0)
        g_thread_yield ();
      while (!st_write (racer->database, get_token, racer, 0, &error))
        {
          g_assert_error (error, ST_ERROR, ST_ERROR_CONFLICT);
          g_clear_error (&error);
          racer->n_conflicts++;
        }
    }
  return NULL;
}

/* Everybody who asks for the same key at the same moment has the same token, and there is one. */
static void
test_race (gconstpointer data)
{
  OauthWorld *world = oauth_world_of (data);
  g_autoptr (StOauthClient) client = oauth_world_client (world);
  Racer racers[N_THREADS] = { { NULL } };
  GThread *threads[N_THREADS];
  gint waiting[N_ROUNDS];
  g_autofree char *active = NULL;

  for (guint i = 0; i < N_ROUNDS; i++)
    waiting[i] = N_THREADS;
  for (guint i = 0; i < N_THREADS; i++)
    {
      StDatabase *database = st_database_open (&world->fixture->api, &world->fixture->limits, NULL);

      racers[i] = (Racer){ .world = world, .database = database, .client = client, .waiting = waiting };
      threads[i] = g_thread_new ("racer", race, &racers[i]);
    }
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);
  for (guint round = 0; round < N_ROUNDS; round++)
    for (guint i = 1; i < N_THREADS; i++)
      g_assert_cmpstr (racers[i].got[round], ==, racers[0].got[round]);
  active = oauth_world_select (
      world, "SELECT COUNT(*) FROM IDN_OAUTH2_ACCESS_TOKEN WHERE %s = '%s' AND TOKEN_STATE = 'ACTIVE'",
      world->generation->ids ? "TOKEN_STATE_ID = 'NONE' AND VALIDITY_PERIOD = 2 AND AUTHZ_USER" : "CONSUMER_KEY",
      world->generation->ids ? "alice" : client->key);
  g_assert_cmpint (atoi (active), ==, N_ROUNDS / 2);
  for (guint i = 0; i < N_THREADS; i++)
    {
      g_test_message ("thread %u began anew %u times", i, racers[i].n_conflicts);
      for (guint round = 0; round < N_ROUNDS; round++)
        g_free (racers[i].got[round]);
      st_database_free (racers[i].database);
    }
}

static void
add_tests (const OauthGeneration *generation)
{
  static const struct
  {
    const char *name;
    GTestDataFunc function;
  } tests[] = {
    { "client-insert", test_client_insert },
    { "client-of-secondary-store", test_client_of_secondary_store },
    { "client-update", test_client_update },
    { "client-delete", test_client_delete },
    { "client-limits", test_client_limits },
    { "issue", test_issue },
    { "find", test_find },
    { "one-for-each-key", test_one_for_each_key },
    { "issue-anew", test_issue_anew },
    { "refresh", test_refresh },
    { "kept-refresh-token", test_kept_refresh_token },
    { "revoke", test_revoke },
    { "revoke-all", test_revoke_all },
    { "tenant-user", test_tenant_user },
    { "token-limits", test_token_limits },
    { "foreign-characters", test_foreign_characters },
    { "folded-names", test_folded_names },
    { "folded-scopes", test_folded_scopes },
    { "rows-without-hash", test_rows_without_hash },
    { "majority", test_majority },
    { "token-time", test_token_time },
    { "zero-dates", test_zero_dates },
    { "code", test_code },
    { "code-use", test_code_use },
    { "code-expire", test_code_expire },
    { "race", test_race },
  };

  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *path = g_strdup_printf ("/oauth-writes/%s/%s", generation->name, tests[i].name);

      g_test_add_data_func (path, generation, tests[i].function);
    }
}

int
main (int argc, char *argv[])
{
  int status;

  g_test_init (&argc, &argv, NULL);
  for (const OauthGeneration *each = oauth_generations; each->name != NULL; each++)
    if (!each->mysql || store_fixture_mysql_socket () != NULL)
      add_tests (each);
  status = g_test_run ();
  oauth_world_end ();
  return status;
}
