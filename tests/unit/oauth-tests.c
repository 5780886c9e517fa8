#include "config.h"
#include "tests/unit/oauth-tests.h"

#include <string.h>

#define UUID_LENGTH 36

void
oauth_assert_data_error (gboolean done, GError **error)
{
  g_assert_error (*error, ST_ERROR, ST_ERROR_DATA);
  g_assert_false (done);
  g_clear_error (error);
}

void
oauth_assert_conflict (gboolean done, GError **error)
{
  g_assert_error (*error, ST_ERROR, ST_ERROR_CONFLICT);
  g_assert_false (done);
  g_clear_error (error);
}

StOauthToken *
oauth_find_active (OauthWorld *world, const StOauthClient *client, const StOauthToken *like)
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

StOauthToken *
oauth_find_by_access (OauthWorld *world, const char *text)
{
  g_autoptr (GError) error = NULL;
  StOauthToken *token;

  g_assert_true (st_oauth_token_find_by_access (&world->writer, &world->form, text, &token, &error));
  g_assert_no_error (error);
  return token;
}

StOauthToken *
oauth_find_by_refresh (OauthWorld *world, const StOauthClient *client, const char *text)
{
  g_autoptr (GError) error = NULL;
  StOauthToken *token;

  g_assert_true (st_oauth_token_find_by_refresh (&world->writer, &world->form, client, text, &token, &error));
  g_assert_no_error (error);
  return token;
}

gboolean
oauth_is_superseded (OauthWorld *world, const StOauthClient *client, const StOauthToken *token)
{
  g_autoptr (GError) error = NULL;
  gboolean superseded;

  g_assert_true (st_oauth_token_is_superseded (&world->writer, &world->form, client, token, &superseded, &error));
  g_assert_no_error (error);
  return superseded;
}

void
oauth_issue (OauthWorld *world, const StOauthClient *client, const StOauthToken *token, const StOauthToken *old)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (st_oauth_token_issue (&world->writer, &world->form, client, token, old, &error));
  g_assert_no_error (error);
}

void
oauth_assert_state (OauthWorld *world, const StOauthToken *token, const char *expected)
{
  g_autofree char *state = oauth_world_select (
      world, "SELECT TOKEN_STATE FROM IDN_OAUTH2_ACCESS_TOKEN WHERE ACCESS_TOKEN = '%s'", token->access_token);
  g_autofree char *state_id = oauth_world_select (
      world, "SELECT TOKEN_STATE_ID FROM IDN_OAUTH2_ACCESS_TOKEN WHERE ACCESS_TOKEN = '%s'", token->access_token);

  g_assert_cmpstr (state, ==, expected);
  if (strcmp (expected, ST_OAUTH_ACTIVE) == 0)
    g_assert_cmpstr (state_id, ==, "NONE");
  else
    g_assert_cmpuint (strlen (state_id), ==, UUID_LENGTH);
}

gint64
oauth_time_of (OauthWorld *world, const char *table, const char *column, const char *where)
{
  gboolean mysql = world->generation->mysql;
  g_autofree char *text = oauth_world_select (world, "SELECT %s%s%s FROM %s WHERE %s", mysql ? "UNIX_TIMESTAMP(" : "",
                                              column, mysql ? ") * 1000" : "", table, where);

  return g_ascii_strtoll (text, NULL, 10);
}
