/* What a database's neighbours decide: the form of hashes, times and their traps (spec/databases.md 4.5, 4.6, 9). */
#include "config.h"
#include "tests/unit/oauth-tests.h"

#include <string.h>

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
        stored = oauth_find_by_access (world, token->access_token);
        g_assert_cmpstr (stored->id, ==, token->id); /* every form is found */
        if (n >= written[i].n_active)
          g_assert_true (st_oauth_token_revoke (&world->writer, stored, &error));
        g_assert_no_error (error);
      }
  g_assert_true (st_oauth_form_read (&world->writer, APIM_TOKEN_TIME_SERVER, TRUE, &found, &error));
  g_assert_cmpint (found.hash, ==, ST_OAUTH_HASH_JSON_ALGORITHM_FIRST);
  oauth_world_run (world, "UPDATE IDN_OAUTH2_ACCESS_TOKEN SET TOKEN_STATE = 'REVOKED', TOKEN_STATE_ID = TOKEN_ID"
                          " WHERE ACCESS_TOKEN_HASH LIKE '{\"a%%'");
  g_assert_true (st_oauth_form_read (&world->writer, APIM_TOKEN_TIME_SERVER, TRUE, &found, &error));
  g_assert_cmpint (found.hash, ==, ST_OAUTH_HASH_HEX);
  oauth_world_rollback (world);
}

/* A server five and a half hours east of UTC: the setting decides what stands in the column, and what is read is what
 * was written. */
static void
test_token_time (gconstpointer data)
{
  OauthWorld *world = oauth_world_of (data);
  gint64 issued_ms = G_GINT64_CONSTANT (1577934245000); /* 2020-01-02 03:04:05 UTC */

  for (guint utc = 0; utc < 2; utc++)
    {
      g_autoptr (StOauthToken) token = oauth_world_token ("time");
      g_autoptr (StOauthToken) found = NULL;
      StOauthForm form = world->form;
      g_autoptr (GError) error = NULL;

      token->issued_ms = issued_ms;
      token->refresh_issued_ms = issued_ms + 1000;
      form.token_time = utc != 0 ? APIM_TOKEN_TIME_UTC : APIM_TOKEN_TIME_SERVER;
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
      g_assert_false (oauth_is_superseded (world, world->client, found));
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

  oauth_world_begin (world);
  oauth_issue (world, client, token, NULL);
  oauth_world_run (world, LAX);
  oauth_world_run (world, "UPDATE IDN_OAUTH2_ACCESS_TOKEN SET TIME_CREATED = 0%s WHERE ACCESS_TOKEN = '%s'",
                   world->generation->ids ? ", REFRESH_TOKEN_TIME_CREATED = 0" : "", token->access_token);
  oauth_world_run (world, STRICT);
  found = oauth_find_active (world, client, token);
  g_assert_cmpint (found->issued_ms, ==, 0);
  oauth_issue (world, client, next, found);
  oauth_assert_state (world, token, ST_OAUTH_EXPIRED);
  oauth_world_assert (world, "0000-00-00 00:00:00",
                      "SELECT TIME_CREATED FROM IDN_OAUTH2_ACCESS_TOKEN WHERE ACCESS_TOKEN = '%s'",
                      token->access_token);
  g_clear_pointer (&found, st_oauth_token_free);
  found = oauth_find_by_access (world, token->access_token);
  g_assert_true (st_oauth_token_revoke (&world->writer, found, &error));
  g_assert_no_error (error);
  oauth_world_run (world, NORMAL);
  oauth_world_rollback (world);
}

const OauthTest oauth_form_tests[] = {
  { "majority", test_majority, OAUTH_HASHES },
  { "token-time", test_token_time, OAUTH_MYSQL },
  { "zero-dates", test_zero_dates, OAUTH_MYSQL },
  { NULL },
};
