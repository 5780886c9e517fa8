/* Authorization codes: IDN_OAUTH2_AUTHORIZATION_CODE (spec/databases.md 3.4). */
#include "config.h"
#include "tests/unit/oauth-tests.h"

#include "common/apim-secret.h"
#include "store/st-oauth-code.h"

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
  g_assert_cmpint (oauth_time_of (world, "IDN_OAUTH2_AUTHORIZATION_CODE", "TIME_CREATED", where), ==, code->issued_ms);
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
      oauth_assert_data_error (st_oauth_code_insert (&world->writer, &world->form, client, code, &error), &error);
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
      g_assert_cmpint (oauth_time_of (world, "IDN_OAUTH2_AUTHORIZATION_CODE", "TIME_CREATED", where), ==,
                       code->issued_ms);
    }
  else
    g_assert_null (used);
  oauth_assert_conflict (st_oauth_code_use (&world->writer, found, "another", &error), &error);
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

static void
assert_codes (OauthWorld *world, const StOauthClient *client, StOauthCode *const *codes, const char *expected)
{
  g_autoptr (GString) states = g_string_new (NULL);

  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (StOauthCode) found = find_code (world, client, codes[i]->code);

      g_string_append_printf (states, "%s ", found != NULL ? found->state : ST_OAUTH_CODE_EXPIRED);
    }
  g_assert_cmpstr (states->str, ==, expected);
}

/* Whoever has one when tokens are revoked does not get a new token for it. */
static void
test_code_expire_all (gconstpointer data)
{
  OauthWorld *world = oauth_world_of (data);
  g_autoptr (StOauthClient) client = oauth_world_client (world);
  g_autoptr (StOauthCode) hers = new_code ("a");
  g_autoptr (StOauthCode) his = new_code ("a");
  g_autoptr (StOauthCode) over = new_code ("a");
  StOauthCode *codes[] = { hers, his, over };
  const StOauthUser alice = st_oauth_user_copy (&hers->user);
  gint64 now_ms = hers->issued_ms + 1000;
  g_autoptr (GError) error = NULL;

  g_free (his->user.name);
  his->user.name = g_strdup ("bob");
  over->validity_ms = 500;
  oauth_world_begin (world);
  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    insert_code (world, client, codes[i]);
  g_assert_true (st_oauth_code_expire_all (&world->writer, &world->form, world->client, NULL, now_ms, &error));
  assert_codes (world, client, codes, "ACTIVE ACTIVE ACTIVE ");
  g_assert_true (st_oauth_token_revoke_all (&world->writer, &world->form, client, &alice, now_ms, NULL, &error));
  g_assert_no_error (error);
  assert_codes (world, client, codes, "EXPIRED ACTIVE ACTIVE ");
  g_assert_true (st_oauth_code_expire_all (&world->writer, &world->form, client, NULL, now_ms, &error));
  g_assert_no_error (error);
  assert_codes (world, client, codes, "EXPIRED EXPIRED ACTIVE ");
  oauth_world_rollback (world);
  st_oauth_user_clear ((StOauthUser *) &alice);
}

const OauthTest oauth_code_tests[] = {
  { "code-expire-all", test_code_expire_all },
  { "code", test_code },
  { "code-use", test_code_use },
  { "code-expire", test_code_expire },
  { NULL },
};
