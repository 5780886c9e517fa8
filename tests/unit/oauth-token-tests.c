/* Tokens: IDN_OAUTH2_ACCESS_TOKEN and its scopes (spec/databases.md 3.2, 9). */
#include "config.h"
#include "tests/unit/oauth-tests.h"

#include "common/apim-secret.h"
#include "store/st-application-keys.h"

#include <string.h>

#define DEFAULT_HASH "c21f969b5f03d33d43e04f8f136e7682" /* of the scope "default" */

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
  g_assert_null (oauth_find_active (world, client, token));
  oauth_issue (world, client, token, NULL);
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
  g_assert_cmpint (oauth_time_of (world, "IDN_OAUTH2_ACCESS_TOKEN", "TIME_CREATED", where), ==, token->issued_ms);
  if (!generation->ids)
    return;
  g_assert_cmpint (oauth_time_of (world, "IDN_OAUTH2_ACCESS_TOKEN", "REFRESH_TOKEN_TIME_CREATED", where), ==,
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

/* 1.9 has no ids. */
static void
assert_found_by_id (OauthWorld *world, const StOauthToken *token)
{
  g_autofree char *upper = g_ascii_strup (token->id, -1);
  g_autoptr (StOauthToken) found = NULL;
  g_autoptr (StOauthToken) other = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (st_oauth_token_find_by_id (&world->writer, &world->form, token->id, &found, &error));
  g_assert_no_error (error);
  if (world->generation->ids)
    assert_same (world->generation, found, token, "am_application_scope default");
  else
    g_assert_null (found);
  g_assert_true (st_oauth_token_find_by_id (&world->writer, &world->form, upper, &other, &error));
  g_assert_null (other);
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
  oauth_issue (world, client, token, NULL);
  active = oauth_find_active (world, client, token);
  by_access = oauth_find_by_access (world, token->access_token);
  by_refresh = oauth_find_by_refresh (world, client, token->refresh_token);
  assert_same (world->generation, active, token, "am_application_scope default");
  assert_same (world->generation, by_access, token, "am_application_scope default");
  assert_same (world->generation, by_refresh, token, "am_application_scope default");
  g_assert_cmpstr (by_access->consumer_key, ==, client->key);
  assert_found_by_id (world, token);
  g_assert_null (oauth_find_by_access (world, upper));
  g_assert_null (oauth_find_by_access (world, token->refresh_token));
  g_assert_null (oauth_find_by_access (world, ""));
  g_assert_null (oauth_find_by_refresh (world, client, upper_refresh));
  g_assert_null (oauth_find_by_refresh (world, world->client, token->refresh_token)); /* another's */
  g_assert_false (oauth_is_superseded (world, client, by_refresh));
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
  oauth_issue (world, client, token, NULL);
  oauth_issue (world, client, scopes, NULL);
  oauth_issue (world, client, user, NULL);
  oauth_issue (world, client, store, NULL);
  oauth_issue (world, client, type, NULL);
  found = oauth_find_active (world, client, same);
  g_assert_cmpstr (found->access_token, ==, token->access_token);
  oauth_assert_conflict (st_oauth_token_issue (&world->writer, &world->form, client, same, NULL, &error), &error);
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
      oauth_issue (world, client, token, old);
      oauth_assert_state (world, token, ST_OAUTH_ACTIVE);
      if (old != NULL)
        {
          oauth_assert_state (world, old, ST_OAUTH_EXPIRED);
          g_assert_cmpint (oauth_time_of (world, "IDN_OAUTH2_ACCESS_TOKEN", "TIME_CREATED", where), ==, old->issued_ms);
        }
      st_oauth_token_free (old);
      old = oauth_find_active (world, client, token);
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
  oauth_issue (world, client, token, NULL);
  old = oauth_find_by_refresh (world, client, token->refresh_token);
  g_assert_true (st_oauth_token_refresh (&world->writer, &world->form, client, next, old, &error));
  g_assert_no_error (error);
  oauth_assert_state (world, token, ST_OAUTH_INACTIVE);
  oauth_assert_state (world, next, ST_OAUTH_ACTIVE);
  g_assert_cmpint (oauth_time_of (world, "IDN_OAUTH2_ACCESS_TOKEN", "TIME_CREATED", where), ==, token->issued_ms);
  gone = oauth_find_by_refresh (world, client, token->refresh_token);
  g_assert_cmpstr (gone->state, ==, ST_OAUTH_INACTIVE);
  /* The same refresh token once more, as found before: somebody else was faster. */
  oauth_assert_conflict (st_oauth_token_refresh (&world->writer, &world->form, client, next, old, &error), &error);
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
  oauth_issue (world, client, token, NULL);
  found = oauth_find_by_refresh (world, client, token->refresh_token);
  oauth_issue (world, client, next, found);
  g_clear_pointer (&found, st_oauth_token_free);
  found = oauth_find_by_refresh (world, client, token->refresh_token);
  g_assert_cmpstr (found->access_token, ==, next->access_token);
  g_assert_false (oauth_is_superseded (world, client, found));
  expired = oauth_find_by_access (world, token->access_token);
  g_assert_cmpstr (expired->state, ==, ST_OAUTH_EXPIRED);
  g_assert_true (oauth_is_superseded (world, client, expired));
  g_assert_true (st_oauth_token_expire (&world->writer, found, &error));
  g_assert_no_error (error);
  g_assert_true (oauth_is_superseded (world, client, expired)); /* by a newer EXPIRED one */
  found_next = oauth_find_by_access (world, next->access_token);
  g_assert_false (oauth_is_superseded (world, client, found_next));
  g_assert_true (st_oauth_token_refresh (&world->writer, &world->form, client, last, found_next, &error));
  g_assert_no_error (error);
  oauth_assert_state (world, next, ST_OAUTH_INACTIVE);
  oauth_world_rollback (world);
}

/* What the refresh token of an expired token stood for ends with the token that took its place, in whatever way. */
static void
test_kept_refresh_token_ends (gconstpointer data)
{
  static const char *const states[] = { ST_OAUTH_REVOKED, ST_OAUTH_INACTIVE, ST_OAUTH_BLOCKED };
  OauthWorld *world = oauth_world_of (data);
  g_autoptr (StOauthClient) client = oauth_world_client (world);

  for (guint i = 0; i < G_N_ELEMENTS (states); i++)
    {
      g_autoptr (StOauthToken) token = oauth_world_token ("default other");
      g_autoptr (StOauthToken) next = oauth_world_token ("default other");
      g_autoptr (StOauthToken) narrow = oauth_world_token ("default");
      g_autoptr (StOauthToken) found = NULL;
      g_autoptr (StOauthToken) found_next = NULL;
      g_autoptr (GError) error = NULL;

      apim_secret_free (next->refresh_token);
      next->refresh_token = g_strdup (token->refresh_token);
      oauth_world_begin (world);
      oauth_issue (world, client, token, NULL);
      found = oauth_find_active (world, client, token);
      oauth_issue (world, client, next, found);
      found_next = oauth_find_active (world, client, next);
      if (i == 0)
        g_assert_true (st_oauth_token_revoke (&world->writer, found_next, &error));
      else if (i == 1)
        g_assert_true (st_oauth_token_refresh (&world->writer, &world->form, client, narrow, found_next, &error));
      else
        g_assert_true (st_oauth_token_block (&world->writer, found_next, &error));
      g_assert_no_error (error);
      g_clear_pointer (&found, st_oauth_token_free);
      found = oauth_find_by_refresh (world, client, token->refresh_token);
      g_assert_cmpstr (found->state, ==, states[i]);
      oauth_assert_state (world, token, i < 2 ? states[i] : ST_OAUTH_EXPIRED);
      oauth_world_rollback (world);
    }
}

/* As a WSO2 node leaves them: the row that was EXPIRED stays so. */
static void
test_newest_of_refresh_token (gconstpointer data)
{
  OauthWorld *world = oauth_world_of (data);
  g_autoptr (StOauthClient) client = oauth_world_client (world);
  g_autoptr (StOauthToken) token = oauth_world_token ("default");
  g_autoptr (StOauthToken) next = oauth_world_token ("default");
  g_autoptr (StOauthToken) found = NULL;

  apim_secret_free (next->refresh_token);
  next->refresh_token = g_strdup (token->refresh_token);
  next->issued_ms = token->issued_ms + HOUR_MS;
  oauth_world_begin (world);
  oauth_issue (world, client, token, NULL);
  found = oauth_find_active (world, client, token);
  oauth_issue (world, client, next, found);
  oauth_world_run (world, "UPDATE IDN_OAUTH2_ACCESS_TOKEN SET TOKEN_STATE = 'INACTIVE', TOKEN_STATE_ID = 'x',"
                          " TIME_CREATED = TIME_CREATED WHERE ACCESS_TOKEN = '%s'", next->access_token);
  g_clear_pointer (&found, st_oauth_token_free);
  found = oauth_find_by_refresh (world, client, token->refresh_token);
  g_assert_cmpstr (found->access_token, ==, next->access_token);
  g_assert_cmpstr (found->state, ==, ST_OAUTH_INACTIVE);
  oauth_world_rollback (world);
}

/* Or it would come back when somebody activates it. */
static void
test_revoke_all_blocked (gconstpointer data)
{
  OauthWorld *world = oauth_world_of (data);
  g_autoptr (StOauthClient) client = oauth_world_client (world);
  g_autoptr (StOauthToken) token = oauth_world_token ("default");
  g_autoptr (StOauthToken) found = NULL;
  g_autoptr (GPtrArray) users = NULL;
  g_autoptr (GError) error = NULL;

  oauth_world_begin (world);
  oauth_issue (world, client, token, NULL);
  found = oauth_find_active (world, client, token);
  g_assert_true (st_oauth_token_block (&world->writer, found, &error));
  g_assert_true (st_oauth_client_find_users (&world->writer, client, &users, &error));
  g_assert_cmpuint (users->len, ==, 1);
  g_assert_true (st_oauth_token_revoke_all (&world->writer, &world->form, client, users->pdata[0],
                                            token->issued_ms + 1000 * HOUR_MS, NULL, &error));
  g_assert_no_error (error);
  oauth_assert_state (world, token, ST_OAUTH_REVOKED);
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
  oauth_issue (world, client, token, NULL);
  found = oauth_find_by_access (world, token->access_token);
  g_assert_true (st_oauth_token_revoke (&world->writer, found, &error));
  g_assert_no_error (error);
  oauth_assert_state (world, token, ST_OAUTH_REVOKED);
  g_assert_cmpint (oauth_time_of (world, "IDN_OAUTH2_ACCESS_TOKEN", "TIME_CREATED", where), ==, token->issued_ms);
  oauth_assert_conflict (st_oauth_token_revoke (&world->writer, found, &error), &error);
  revoked = oauth_find_by_access (world, token->access_token);
  g_assert_true (st_oauth_token_revoke (&world->writer, revoked, &error)); /* is so already */
  g_assert_no_error (error);
  g_assert_null (oauth_find_active (world, client, token));
  oauth_issue (world, client, next, NULL);
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
        found = oauth_find_active (world, client, tokens[i]);
      oauth_issue (world, client, tokens[i], found);
    }
  oauth_issue (world, client, other, NULL);
  g_clear_pointer (&found, st_oauth_token_free);
  found = oauth_find_by_access (world, tokens[2]->access_token);
  g_assert_true (st_oauth_token_expire (&world->writer, found, &error));
  now_ms = tokens[0]->issued_ms + 2 * HOUR_MS;
  g_assert_true (st_oauth_token_revoke_all (&world->writer, &world->form, client, &other->user, now_ms, NULL, &error));
  g_assert_true (
      st_oauth_token_revoke_all (&world->writer, &world->form, client, &tokens[0]->user, now_ms, &revoked, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (revoked->len, ==, world->generation->ids ? 4 : 5); /* 1.9 does not know when a refresh token ends */
  for (guint i = 0; i < G_N_ELEMENTS (tokens); i++)
    oauth_assert_state (world, tokens[i], i == 2 && world->generation->ids ? ST_OAUTH_EXPIRED : ST_OAUTH_REVOKED);
  oauth_assert_state (world, other, ST_OAUTH_REVOKED);
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
  oauth_issue (world, world->client, token, NULL);
  found = oauth_find_active (world, world->client, token);
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
      token->user.tenant_id = 0;
    }
  else
    {
      oauth_world_assert (world, "ldap/dave@example.com",
                          "SELECT AUTHZ_USER FROM IDN_OAUTH2_ACCESS_TOKEN WHERE ACCESS_TOKEN = '%s'",
                          token->access_token);
      g_assert_cmpstr (found->user.tenant_domain, ==, "example.com");
      g_clear_pointer (&token->user.tenant_domain, g_free);
    }
  oauth_assert_data_error (st_oauth_token_issue (&world->writer, &world->form, world->client, token, found, &error),
                           &error);
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
  oauth_assert_data_error (st_oauth_token_issue (writer, &world->form, world->client, token, NULL, &error), &error);
  token->access_token[longest] = '\0';
  oauth_issue (world, world->client, token, NULL);
  found = oauth_find_by_access (world, token->access_token);
  g_assert_nonnull (found);
  if (world->generation->ids)
    oauth_assert_data_error (st_oauth_token_issue (writer, &world->form, world->client, long_scope, NULL, &error),
                             &error);
  else
    oauth_issue (world, world->client, long_scope, NULL);
  g_free (long_user->user.name);
  long_user->user.name = g_strnfill (world->generation->ids ? 101 : 88, 'u'); /* with "@carbon.super" */
  oauth_assert_data_error (st_oauth_token_issue (writer, &world->form, world->client, long_user, NULL, &error), &error);
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
          found = oauth_find_active (world, client, token);
          g_assert_cmpstr (found->access_token, ==, token->access_token);
          g_assert_cmpstr (found->user.name, ==, token->user.name);
        }
      else
        {
          g_assert_true (world->generation->mysql);
          oauth_assert_data_error (FALSE, &error);
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

  exact.fold_names = FALSE;
  g_free (token->user.name);
  token->user.name = g_strdup ("ALICE");
  oauth_world_begin (world);
  oauth_issue (world, client, token, NULL);
  found = oauth_find_active (world, client, like);
  g_assert_cmpstr (found->access_token, ==, token->access_token);
  if (world->generation->ids)
    oauth_assert_data_error (st_oauth_token_find_active (&world->writer, &exact, &key, &none, &error), &error);
  oauth_world_rollback (world);
  g_free (token->user.name);
  token->user.name = g_strdup ("\xc3\xa1lice");
  oauth_world_begin (world);
  oauth_issue (world, client, token, NULL);
  oauth_assert_data_error (st_oauth_token_find_active (&world->writer, &world->form, &key, &none, &error), &error);
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
    oauth_assert_data_error (st_oauth_token_issue (&world->writer, &world->form, world->client, token, NULL, &error),
                             &error);
  else
    oauth_issue (world, world->client, token, NULL);
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

  oauth_world_begin (world);
  oauth_issue (world, client, token, NULL);
  oauth_world_run (
      world,
      "UPDATE IDN_OAUTH2_ACCESS_TOKEN SET ACCESS_TOKEN_HASH = NULL, REFRESH_TOKEN_HASH = NULL WHERE TOKEN_ID = '%s'",
      token->id);
  by_access = oauth_find_by_access (world, token->access_token);
  by_refresh = oauth_find_by_refresh (world, client, token->refresh_token);
  g_assert_cmpstr (by_access->id, ==, token->id);
  g_assert_cmpstr (by_refresh->id, ==, token->id);
  g_assert_null (oauth_find_by_access (world, upper));
  oauth_world_rollback (world);
}

const OauthTest oauth_token_tests[] = {
  { "issue", test_issue },
  { "find", test_find },
  { "one-for-each-key", test_one_for_each_key },
  { "issue-anew", test_issue_anew },
  { "refresh", test_refresh },
  { "kept-refresh-token", test_kept_refresh_token },
  { "revoke", test_revoke },
  { "revoke-all", test_revoke_all },
  { "kept-refresh-token-ends", test_kept_refresh_token_ends },
  { "newest-of-refresh-token", test_newest_of_refresh_token },
  { "revoke-all-blocked", test_revoke_all_blocked },
  { "tenant-user", test_tenant_user },
  { "token-limits", test_token_limits },
  { "foreign-characters", test_foreign_characters },
  { "folded-names", test_folded_names, OAUTH_MYSQL },
  { "folded-scopes", test_folded_scopes },
  { "rows-without-hash", test_rows_without_hash, OAUTH_HASHES },
  { NULL },
};
