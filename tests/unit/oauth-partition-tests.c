/* Tokens in partitions: IDN_OAUTH2_ACCESS_TOKEN_<X>, for users of secondary user stores (spec/databases.md 3.3). */
#include "config.h"
#include "store/st-application-keys.h"
#include "tests/unit/oauth-tests.h"

#include <string.h>

#define MAIN "IDN_OAUTH2_ACCESS_TOKEN"
#define PARTITION MAIN "_X"

static void
add_copy (GString *script, gboolean mysql, const char *name, const char *original)
{
  if (mysql)
    g_string_append_printf (script, "CREATE TABLE %s LIKE %s;\n", name, original);
  else
    g_string_append_printf (script, "CREATE TABLE %s AS SELECT * FROM %s WHERE 0;\n", name, original);
}

/* Tables cannot be made within the tests' transactions, which are rolled back. */
static OauthWorld *
begin_with_partition (const OauthGeneration *generation)
{
  OauthWorld *world = oauth_world_of (generation);
  g_autoptr (GString) script = g_string_new (NULL);

  add_copy (script, generation->mysql, PARTITION, MAIN);
  if (generation->ids)
    add_copy (script, generation->mysql, MAIN "_SCOPE_X", MAIN "_SCOPE");
  store_fixture_run (world->database, script->str);
  st_capabilities_forget (world->database);
  oauth_world_begin (world);
  g_assert_cmpuint (world->writer.token_tables->n, ==, 2);
  return world;
}

static void
end_with_partition (OauthWorld *world)
{
  oauth_world_rollback (world);
  store_fixture_run (world->database, "DROP TABLE " PARTITION ";\n");
  if (world->generation->ids)
    store_fixture_run (world->database, "DROP TABLE " MAIN "_SCOPE_X;\n");
  st_capabilities_forget (world->database);
}

static StOauthToken *
secondary_token (const char *scopes)
{
  StOauthToken *token = oauth_world_token (scopes);

  g_free (token->user.user_domain);
  token->user.user_domain = g_strdup ("LDAP");
  return token;
}

/* As a WSO2 node writes it. */
static void
copy_to_partition (OauthWorld *world, const StOauthToken *token)
{
  oauth_world_run (world, "INSERT INTO " PARTITION " SELECT * FROM " MAIN " WHERE ACCESS_TOKEN = '%s'",
                   token->access_token);
  if (world->generation->ids)
    oauth_world_run (world, "INSERT INTO " MAIN "_SCOPE_X SELECT * FROM " MAIN "_SCOPE WHERE TOKEN_ID = '%s'",
                     token->id);
}

static void
issue_in_partition (OauthWorld *world, const StOauthClient *client, const StOauthToken *token)
{
  oauth_issue (world, client, token, NULL);
  copy_to_partition (world, token);
  if (world->generation->ids)
    oauth_world_run (world, "DELETE FROM " MAIN "_SCOPE WHERE TOKEN_ID = '%s'", token->id);
  oauth_world_run (world, "DELETE FROM " MAIN " WHERE ACCESS_TOKEN = '%s'", token->access_token);
}

static void
assert_partition_state (OauthWorld *world, const StOauthToken *token, const char *expected)
{
  g_autofree char *where = g_strdup_printf ("ACCESS_TOKEN = '%s'", token->access_token);
  g_autofree char *state_id = oauth_world_select (world, "SELECT TOKEN_STATE_ID FROM " PARTITION " WHERE %s", where);

  oauth_world_assert (world, expected, "SELECT TOKEN_STATE FROM " PARTITION " WHERE %s", where);
  oauth_world_assert (world, "0", "SELECT COUNT(*) FROM " MAIN " WHERE %s", where);
  g_assert_cmpint (strcmp (state_id, "NONE") == 0, ==, strcmp (expected, ST_OAUTH_ACTIVE) == 0);
  g_assert_cmpint (oauth_time_of (world, PARTITION, "TIME_CREATED", where), ==, token->issued_ms);
}

static void
assert_found (StOauthToken *found, const StOauthToken *token)
{
  g_autofree char *scopes = NULL;

  g_assert_nonnull (found);
  g_assert_cmpstr (found->access_token, ==, token->access_token);
  g_assert_cmpstr (found->table, ==, PARTITION);
  g_assert_cmpstr (found->user.user_domain, ==, "LDAP");
  scopes = st_oauth_scope_text ((const char *const *) found->scopes);
  g_assert_cmpstr (scopes, ==, "default write");
  st_oauth_token_free (found);
}

static void
test_find (gconstpointer data)
{
  OauthWorld *world = begin_with_partition (data);
  g_autoptr (StOauthToken) token = secondary_token ("write default");
  g_autofree char *upper = g_ascii_strup (token->access_token, -1);

  issue_in_partition (world, world->client, token);
  assert_found (oauth_find_by_access (world, token->access_token), token);
  assert_found (oauth_find_by_refresh (world, world->client, token->refresh_token), token);
  assert_found (oauth_find_active (world, world->client, token), token);
  g_assert_null (oauth_find_by_access (world, upper));
  end_with_partition (world);
}

static void
test_revoke_and_expire (gconstpointer data)
{
  OauthWorld *world = begin_with_partition (data);
  g_autoptr (StOauthToken) token = secondary_token ("default");
  g_autoptr (StOauthToken) other = secondary_token ("other");
  g_autoptr (StOauthToken) found = NULL;
  g_autoptr (StOauthToken) found_other = NULL;
  g_autoptr (GError) error = NULL;

  issue_in_partition (world, world->client, token);
  issue_in_partition (world, world->client, other);
  found = oauth_find_by_access (world, token->access_token);
  found_other = oauth_find_by_access (world, other->access_token);
  g_assert_true (st_oauth_token_revoke (&world->writer, found, &error));
  g_assert_no_error (error);
  g_assert_true (st_oauth_token_expire (&world->writer, found_other, &error));
  g_assert_no_error (error);
  assert_partition_state (world, token, ST_OAUTH_REVOKED);
  assert_partition_state (world, other, ST_OAUTH_EXPIRED);
  oauth_assert_conflict (st_oauth_token_revoke (&world->writer, found, &error), &error); /* found before */
  g_assert_null (oauth_find_active (world, world->client, token));
  end_with_partition (world);
}

/* The successor is where every node finds it; the old row knows that it has one. */
static void
test_refresh (gconstpointer data)
{
  OauthWorld *world = begin_with_partition (data);
  g_autoptr (StOauthToken) token = secondary_token ("default");
  g_autoptr (StOauthToken) next = secondary_token ("default");
  g_autoptr (StOauthToken) last = secondary_token ("default");
  g_autoptr (StOauthToken) old = NULL;
  g_autoptr (StOauthToken) found = NULL;
  g_autoptr (GError) error = NULL;

  issue_in_partition (world, world->client, token);
  old = oauth_find_by_refresh (world, world->client, token->refresh_token);
  g_assert_false (oauth_is_superseded (world, world->client, old));
  g_assert_true (st_oauth_token_refresh (&world->writer, &world->form, world->client, next, old, &error));
  g_assert_no_error (error);
  assert_partition_state (world, token, ST_OAUTH_INACTIVE);
  oauth_assert_state (world, next, ST_OAUTH_ACTIVE);
  g_assert_true (oauth_is_superseded (world, world->client, old));
  found = oauth_find_active (world, world->client, token);
  g_assert_cmpstr (found->access_token, ==, next->access_token);
  g_assert_null (found->table);
  oauth_issue (world, world->client, last, found);
  oauth_assert_state (world, next, ST_OAUTH_EXPIRED);
  end_with_partition (world);
}

/* Issued anew: the one in the partition is the one that expires. */
static void
test_issue_anew (gconstpointer data)
{
  OauthWorld *world = begin_with_partition (data);
  g_autoptr (StOauthToken) token = secondary_token ("default");
  g_autoptr (StOauthToken) next = secondary_token ("default");
  g_autoptr (StOauthToken) found = NULL;

  issue_in_partition (world, world->client, token);
  found = oauth_find_active (world, world->client, token);
  oauth_issue (world, world->client, next, found);
  assert_partition_state (world, token, ST_OAUTH_EXPIRED);
  oauth_assert_state (world, next, ST_OAUTH_ACTIVE);
  end_with_partition (world);
}

/* Of the client: so many users of the secondary store have tokens. */
static void
assert_users (OauthWorld *world, guint expected)
{
  g_autoptr (GPtrArray) users = NULL;
  g_autoptr (GError) error = NULL;
  guint n = 0;

  g_assert_true (st_oauth_client_find_users (&world->writer, world->client, &users, &error));
  g_assert_no_error (error);
  for (guint i = 0; i < users->len; i++)
    n += g_strcmp0 (((const StOauthUser *) users->pdata[i])->user_domain, "LDAP") == 0;
  g_assert_cmpuint (n, ==, expected);
}

static void
test_revoke_all (gconstpointer data)
{
  OauthWorld *world = begin_with_partition (data);
  g_autoptr (StOauthToken) there = secondary_token ("there");
  g_autoptr (StOauthToken) here = secondary_token ("here");
  g_autoptr (GPtrArray) revoked = NULL;
  g_autoptr (GError) error = NULL;

  issue_in_partition (world, world->client, there);
  assert_users (world, 1);
  oauth_issue (world, world->client, here, NULL);
  assert_users (world, 1);
  g_assert_true (st_oauth_token_revoke_all (&world->writer, &world->form, world->client, &here->user, here->issued_ms,
                                            &revoked, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (revoked->len, ==, 2);
  assert_partition_state (world, there, ST_OAUTH_REVOKED);
  oauth_assert_state (world, here, ST_OAUTH_REVOKED);
  end_with_partition (world);
}

/* A copy of the table, under a name that looks like a partition's, from before tokens were revoked or purged. */
static void
test_copy_is_no_partition (gconstpointer data)
{
  OauthWorld *world = begin_with_partition (data);
  g_autoptr (StOauthToken) purged = oauth_world_token ("purged");
  g_autoptr (StOauthToken) revoked = secondary_token ("revoked");
  g_autoptr (StOauthToken) found = NULL;
  g_autoptr (StOauthToken) by_refresh = NULL;
  g_autoptr (GError) error = NULL;

  issue_in_partition (world, world->client, purged);
  g_assert_null (oauth_find_by_access (world, purged->access_token));
  g_assert_null (oauth_find_by_refresh (world, world->client, purged->refresh_token));
  g_assert_null (oauth_find_active (world, world->client, purged));
  oauth_issue (world, world->client, revoked, NULL);
  copy_to_partition (world, revoked);
  found = oauth_find_by_access (world, revoked->access_token);
  g_assert_true (st_oauth_token_revoke (&world->writer, found, &error));
  g_assert_no_error (error);
  g_clear_pointer (&found, st_oauth_token_free);
  found = oauth_find_by_access (world, revoked->access_token);
  g_assert_cmpstr (found->state, ==, ST_OAUTH_REVOKED);
  by_refresh = oauth_find_by_refresh (world, world->client, revoked->refresh_token);
  g_assert_cmpstr (by_refresh->state, ==, ST_OAUTH_REVOKED);
  end_with_partition (world);
}

/* A table that was dropped since the token was found. */
static void
test_partition_gone (gconstpointer data)
{
  OauthWorld *world = begin_with_partition (data);
  g_autoptr (StOauthToken) token = secondary_token ("default");
  g_autoptr (StOauthToken) found = NULL;
  g_autoptr (GError) error = NULL;

  issue_in_partition (world, world->client, token);
  found = oauth_find_by_access (world, token->access_token);
  end_with_partition (world);
  oauth_world_begin (world);
  g_assert_cmpuint (world->writer.token_tables->n, ==, 1);
  oauth_assert_conflict (st_oauth_token_revoke (&world->writer, found, &error), &error);
  oauth_world_rollback (world);
}

const OauthTest oauth_partition_tests[] = {
  { "partitions/find", test_find },
  { "partitions/revoke-and-expire", test_revoke_and_expire },
  { "partitions/refresh", test_refresh },
  { "partitions/issue-anew", test_issue_anew },
  { "partitions/revoke-all", test_revoke_all },
  { "partitions/copy-is-no-partition", test_copy_is_no_partition },
  { "partitions/partition-gone", test_partition_gone },
  { NULL },
};
