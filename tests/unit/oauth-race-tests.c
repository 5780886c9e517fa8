/* Many that ask for the same at once, each with connections of its own. */
#include "config.h"
#include "tests/unit/oauth-tests.h"

#include "common/apim-secret.h"
#include "store/st-oauth-code.h"

#include <string.h>

#define N_THREADS 4
#define N_ROUNDS 12
#define MAX_CONFLICTS 1000

/* What all racers share. */
typedef struct
{
  OauthWorld *world;
  StOauthClient *client;
  StWork work;
  char *prizes[N_ROUNDS]; /* the refresh tokens or codes that they want to use */
  gint waiting[N_ROUNDS]; /* atomic: racers that have not arrived at the round */
} Race;

typedef struct
{
  Race *race;
  StDatabase *database;
  guint round;
  char *got[N_ROUNDS]; /* the access token; NULL: refused */
  guint n_conflicts;
} Racer;

/* Answers with the token that there is, if it is good still, or else a new one: every odd round finds an expired one.
 */
static gboolean
get_token (StWriter *writer, gpointer data, GError **error)
{
  Racer *racer = data;
  Race *race = racer->race;
  g_autofree char *scope = g_strdup_printf ("round_%u", racer->round / 2);
  g_autoptr (StOauthToken) token = oauth_world_token (scope);
  const StOauthTokenKey key = { race->client, &token->user, token->user_type, (const char *const *) token->scopes };
  g_autoptr (StOauthToken) old = NULL;

  g_clear_pointer (&racer->got[racer->round], g_free);
  token->validity_ms = racer->round % 2 + 1; /* tells the rounds apart */
  if (!st_oauth_token_find_active (writer, &race->world->form, &key, &old, error))
    return FALSE;
  if (old != NULL && old->validity_ms == token->validity_ms)
    {
      racer->got[racer->round] = g_strdup (old->access_token);
      return TRUE;
    }
  racer->got[racer->round] = g_strdup (token->access_token);
  return st_oauth_token_issue (writer, &race->world->form, race->client, token, old, error);
}

/* Refreshes the round's token, unless it was refreshed. */
static gboolean
refresh_token (StWriter *writer, gpointer data, GError **error)
{
  Racer *racer = data;
  Race *race = racer->race;
  const char *prize = race->prizes[racer->round];
  g_autoptr (StOauthToken) token = NULL;
  g_autoptr (StOauthToken) old = NULL;

  g_clear_pointer (&racer->got[racer->round], g_free);
  if (!st_oauth_token_find_by_refresh (writer, &race->world->form, race->client, prize, &old, error))
    return FALSE;
  g_assert_nonnull (old);
  if (strcmp (old->state, ST_OAUTH_ACTIVE) != 0)
    return TRUE;
  token = oauth_world_token (old->scopes[0]);
  racer->got[racer->round] = g_strdup (token->access_token);
  return st_oauth_token_refresh (writer, &race->world->form, race->client, token, old, error);
}

/* Uses the round's code, unless it was used. */
static gboolean
use_code (StWriter *writer, gpointer data, GError **error)
{
  Racer *racer = data;
  Race *race = racer->race;
  g_autofree char *scope = g_strdup_printf ("%u_%p", racer->round, (void *) racer); /* so that no token is in the way */
  g_autoptr (StOauthToken) token = oauth_world_token (scope);
  g_autoptr (StOauthCode) code = NULL;

  g_clear_pointer (&racer->got[racer->round], g_free);
  if (!st_oauth_code_find (writer, &race->world->form, race->client, race->prizes[racer->round], &code, error))
    return FALSE;
  if (code == NULL || strcmp (code->state, ST_OAUTH_CODE_ACTIVE) != 0)
    return TRUE;
  racer->got[racer->round] = g_strdup (token->access_token);
  return st_oauth_token_issue (writer, &race->world->form, race->client, token, NULL, error)
         && st_oauth_code_use (writer, code, token->id, error);
}

static gpointer
run_racer (gpointer data)
{
  Racer *racer = data;

  for (racer->round = 0; racer->round < N_ROUNDS; racer->round++)
    {
      g_autoptr (GError) error = NULL;

      g_atomic_int_add (&racer->race->waiting[racer->round], -1);
      while (g_atomic_int_get (&racer->race->waiting[racer->round]) > 0)
        g_thread_yield ();
      while (!st_write (racer->database, racer->race->work, racer, 0, &error))
        {
          g_assert_error (error, ST_ERROR, ST_ERROR_CONFLICT);
          g_clear_error (&error);
          g_assert_cmpuint (racer->n_conflicts++, <, MAX_CONFLICTS);
        }
    }
  return NULL;
}

static void
run_race (Race *race, Racer racers[N_THREADS])
{
  GThread *threads[N_THREADS];

  for (guint i = 0; i < N_ROUNDS; i++)
    race->waiting[i] = N_THREADS;
  for (guint i = 0; i < N_THREADS; i++)
    {
      g_autoptr (GError) error = NULL;

      racers[i].race = race;
      racers[i].database = st_database_open (&race->world->fixture->api, &race->world->fixture->limits, &error);
      g_assert_no_error (error);
      threads[i] = g_thread_new ("racer", run_racer, &racers[i]);
    }
  for (guint i = 0; i < N_THREADS; i++)
    {
      g_thread_join (threads[i]);
      g_test_message ("racer %u began anew %u times", i, racers[i].n_conflicts);
    }
}

static void
race_clear (Race *race, Racer racers[N_THREADS])
{
  for (guint i = 0; i < N_THREADS; i++)
    {
      for (guint round = 0; round < N_ROUNDS; round++)
        g_free (racers[i].got[round]);
      st_database_free (racers[i].database);
    }
  for (guint round = 0; round < N_ROUNDS; round++)
    g_free (race->prizes[round]);
  st_oauth_client_free (race->client);
}

static void
assert_n_active (const Race *race, const char *expected)
{
  g_autofree char *id = g_strdup_printf ("%" G_GINT64_FORMAT, race->client->id);
  gboolean ids = race->world->generation->ids;

  oauth_world_assert (race->world, expected,
                      "SELECT COUNT(*) FROM IDN_OAUTH2_ACCESS_TOKEN WHERE %s = '%s' AND TOKEN_STATE = 'ACTIVE'",
                      ids ? "CONSUMER_KEY_ID" : "CONSUMER_KEY", ids ? id : race->client->key);
}

/* Everybody who asks for the same key at the same moment has the same token, and there is one. */
static void
test_issue_race (gconstpointer data)
{
  OauthWorld *world = oauth_world_of (data);
  Race race = { .world = world, .client = oauth_world_client (world), .work = get_token };
  Racer racers[N_THREADS] = { { NULL } };

  run_race (&race, racers);
  for (guint round = 0; round < N_ROUNDS; round++)
    for (guint i = 0; i < N_THREADS; i++)
      {
        g_assert_nonnull (racers[i].got[round]);
        g_assert_cmpstr (racers[i].got[round], ==, racers[0].got[round]);
      }
  assert_n_active (&race, "6"); /* of twelve rounds every second made the one before EXPIRED */
  race_clear (&race, racers);
}

static void
assert_one_winner (const Racer racers[N_THREADS])
{
  for (guint round = 0; round < N_ROUNDS; round++)
    {
      guint winners = 0;

      for (guint i = 0; i < N_THREADS; i++)
        winners += racers[i].got[round] != NULL ? 1 : 0;
      g_assert_cmpuint (winners, ==, 1);
    }
}

/* Of those that use the same refresh token at the same moment one has a new token. */
static void
test_refresh_race (gconstpointer data)
{
  OauthWorld *world = oauth_world_of (data);
  Race race = { .world = world, .client = oauth_world_client (world), .work = refresh_token };
  Racer racers[N_THREADS] = { { NULL } };

  oauth_world_begin (world);
  for (guint round = 0; round < N_ROUNDS; round++)
    {
      g_autofree char *scope = g_strdup_printf ("round_%u", round);
      g_autoptr (StOauthToken) token = oauth_world_token (scope);

      oauth_issue (world, race.client, token, NULL);
      race.prizes[round] = g_strdup (token->refresh_token);
    }
  oauth_world_commit (world);
  run_race (&race, racers);
  assert_one_winner (racers);
  assert_n_active (&race, G_STRINGIFY (N_ROUNDS));
  race_clear (&race, racers);
}

/* Of those that use the same code at the same moment one has a token. */
static void
test_code_race (gconstpointer data)
{
  OauthWorld *world = oauth_world_of (data);
  Race race = { .world = world, .client = oauth_world_client (world), .work = use_code };
  Racer racers[N_THREADS] = { { NULL } };

  oauth_world_begin (world);
  for (guint round = 0; round < N_ROUNDS; round++)
    {
      g_autoptr (StOauthCode) code = st_oauth_code_new ();
      g_autoptr (GError) error = NULL;

      code->code = apim_random_uuid ();
      code->user = st_oauth_user_parse ("alice@carbon.super");
      code->issued_ms = g_get_real_time () / 1000;
      code->validity_ms = HOUR_MS;
      g_assert_true (st_oauth_code_insert (&world->writer, &world->form, race.client, code, &error));
      g_assert_no_error (error);
      race.prizes[round] = g_strdup (code->code);
    }
  oauth_world_commit (world);
  run_race (&race, racers);
  assert_one_winner (racers);
  assert_n_active (&race, G_STRINGIFY (N_ROUNDS));
  race_clear (&race, racers);
}

const OauthTest oauth_race_tests[] = {
  { "issue-race", test_issue_race },
  { "refresh-race", test_refresh_race },
  { "code-race", test_code_race },
  { NULL },
};
