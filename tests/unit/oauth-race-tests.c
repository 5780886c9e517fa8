/* Many that ask at once. */
#include "config.h"
#include "tests/unit/oauth-tests.h"

#include <stdlib.h>

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

const OauthTest oauth_race_tests[] = {
  { "race", test_race },
  { NULL },
};
