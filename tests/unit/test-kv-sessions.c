/* Sessions as spec/decisions.md 10 has them: honoured by every node with the key, ended by idleness, by a deleted user, by a new password. */
#include "config.h"
#include "tests/unit/kv-world.h"

#define MINUTE 60000
#define HOUR (60 * MINUTE)

typedef struct
{
  KvWorld world;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  kv_world_init (&fixture->world);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  kv_world_clear (&fixture->world);
}

static KvSessionVerdict
peek (KvSessions *sessions, const char *id)
{
  g_autoptr (KvSession) found = NULL;
  KvSessionVerdict verdict = kv_sessions_peek (sessions, NULL, id, strlen (id), &found);

  g_assert_true ((found != NULL) == (verdict == KV_SESSION_VALID));
  return verdict;
}

static KvSessionVerdict
verify (KvSessions *sessions, const char *id)
{
  g_autoptr (KvSession) found = NULL;
  g_autoptr (GError) error = NULL;
  KvSessionVerdict verdict = kv_sessions_verify (sessions, id, strlen (id), kv_world_deadline (), &found, &error);

  g_assert_true ((found != NULL) == (verdict == KV_SESSION_VALID));
  g_assert_true ((error != NULL) == (verdict == KV_SESSION_NEEDS_STORE));
  return verdict;
}

/* Another node of the cluster, or this one after a restart. */
static KvSessions *
other_node (KvWorld *world)
{
  return kv_sessions_new (world->key, fake_store_users (world->store), &world->clock.clock, 1024, 30 * MINUTE);
}

static void
test_issued_here (Fixture *fixture, gconstpointer data)
{
  KvWorld *world = &fixture->world;
  guint calls = fake_store_calls (world->store, FAKE_USER);

  g_assert_cmpint (peek (world->sessions, world->session_id), ==, KV_SESSION_VALID);
  g_assert_cmpuint (fake_store_calls (world->store, FAKE_USER), ==, calls);
}

static void
test_remembered_by_connection (Fixture *fixture, gconstpointer data)
{
  KvWorld *world = &fixture->world;
  g_autoptr (KvSession) first = NULL;
  KvSession *again;

  g_assert_cmpint (kv_sessions_peek (world->sessions, NULL, world->session_id, CORE_SESSION_ID_LENGTH, &first), ==,
                   KV_SESSION_VALID);
  g_assert_cmpint (kv_sessions_peek (world->sessions, first, world->session_id, CORE_SESSION_ID_LENGTH, &again), ==,
                   KV_SESSION_VALID);
  g_assert_null (again);
}

static void
test_rubbish_never_reaches_the_store (Fixture *fixture, gconstpointer data)
{
  static const char *const rubbish[] = { "", "5c3f0a1e-7b42-4d6a-9e10-2f8c6b7d9a01", "sid" };
  KvWorld *world = &fixture->world;
  guint calls = fake_store_calls (world->store, FAKE_USER);
  char forged[CORE_SESSION_ID_LENGTH + 1];

  for (gsize i = 0; i < G_N_ELEMENTS (rubbish); i++)
    {
      g_assert_cmpint (peek (world->sessions, rubbish[i]), ==, KV_SESSION_INVALID);
      g_assert_cmpint (verify (world->sessions, rubbish[i]), ==, KV_SESSION_INVALID);
    }
  g_strlcpy (forged, world->session_id, sizeof forged);
  forged[20] = forged[20] == 'A' ? 'B' : 'A';
  g_assert_cmpint (peek (world->sessions, forged), ==, KV_SESSION_INVALID);
  g_assert_cmpint (verify (world->sessions, forged), ==, KV_SESSION_INVALID);
  g_assert_cmpuint (fake_store_calls (world->store, FAKE_USER), ==, calls);
}

static void
test_honoured_by_another_node (Fixture *fixture, gconstpointer data)
{
  KvWorld *world = &fixture->world;
  g_autoptr (KvSessions) other = other_node (world);

  g_assert_cmpint (peek (other, world->session_id), ==, KV_SESSION_NEEDS_STORE);
  g_assert_cmpint (verify (other, world->session_id), ==, KV_SESSION_VALID);
  g_assert_cmpint (peek (other, world->session_id), ==, KV_SESSION_VALID);
}

static void
test_another_key_honours_nothing (Fixture *fixture, gconstpointer data)
{
  KvWorld *world = &fixture->world;
  g_autoptr (KvSessions) stranger = NULL;

  world->key[0] ^= 1;
  stranger = other_node (world);
  g_assert_cmpint (peek (stranger, world->session_id), ==, KV_SESSION_INVALID);
  g_assert_cmpint (verify (stranger, world->session_id), ==, KV_SESSION_INVALID);
}

static void
test_met_after_a_day (Fixture *fixture, gconstpointer data)
{
  KvWorld *world = &fixture->world;
  g_autoptr (KvSessions) early = other_node (world);
  g_autoptr (KvSessions) late = other_node (world);

  apim_manual_clock_advance (&world->clock, 24 * HOUR - 1);
  g_assert_cmpint (verify (early, world->session_id), ==, KV_SESSION_VALID);
  apim_manual_clock_advance (&world->clock, 1);
  g_assert_cmpint (verify (late, world->session_id), ==, KV_SESSION_INVALID);
}

/* Sliding: each use starts the 30 minutes anew; once they have passed, the session stays ended, also for a look-up that would meet it. */
static void
test_idle (Fixture *fixture, gconstpointer data)
{
  KvWorld *world = &fixture->world;

  for (int i = 0; i < 4; i++)
    {
      apim_manual_clock_advance (&world->clock, 29 * MINUTE);
      g_assert_cmpint (verify (world->sessions, world->session_id), ==, KV_SESSION_VALID);
    }
  apim_manual_clock_advance (&world->clock, 30 * MINUTE);
  g_assert_cmpint (peek (world->sessions, world->session_id), ==, KV_SESSION_INVALID);
  g_assert_cmpint (verify (world->sessions, world->session_id), ==, KV_SESSION_INVALID);
  kv_sessions_sweep (world->sessions);
  g_assert_cmpint (verify (world->sessions, world->session_id), ==, KV_SESSION_INVALID);
}

static void
test_deleted_user (Fixture *fixture, gconstpointer data)
{
  KvWorld *world = &fixture->world;

  fake_store_remove_user (world->store, ST_SUPER_TENANT_ID, KV_WORLD_USER);
  apim_manual_clock_advance (&world->clock, MINUTE);
  g_assert_cmpint (peek (world->sessions, world->session_id), ==, KV_SESSION_NEEDS_STORE);
  g_assert_cmpint (verify (world->sessions, world->session_id), ==, KV_SESSION_INVALID);
  g_assert_cmpint (peek (world->sessions, world->session_id), ==, KV_SESSION_INVALID);
}

static void
test_changed_password (Fixture *fixture, gconstpointer data)
{
  KvWorld *world = &fixture->world;

  kv_world_set_admin (world, 3, "4MnJjCYpevdkIed46uWi+mk+ZvFjMASJPmrZIWynBuM=");
  apim_manual_clock_advance (&world->clock, MINUTE);
  g_assert_cmpint (verify (world->sessions, world->session_id), ==, KV_SESSION_INVALID);
}

/* Deleted and made again under the same name: not the user who logged in. */
static void
test_recreated_user (Fixture *fixture, gconstpointer data)
{
  KvWorld *world = &fixture->world;

  fake_store_remove_user (world->store, ST_SUPER_TENANT_ID, KV_WORLD_USER);
  kv_world_set_admin (world, 4, NULL);
  apim_manual_clock_advance (&world->clock, MINUTE);
  g_assert_cmpint (verify (world->sessions, world->session_id), ==, KV_SESSION_INVALID);
}

/* An outage is survived on what was confirmed less than a minute ago; after that there is an error, and no answer from memory. */
static void
test_store_away (Fixture *fixture, gconstpointer data)
{
  KvWorld *world = &fixture->world;

  fake_store_fail (world->store, FAKE_USER, ST_ERROR_UNAVAILABLE, 2);
  apim_manual_clock_advance (&world->clock, MINUTE / 2);
  g_assert_cmpint (peek (world->sessions, world->session_id), ==, KV_SESSION_NEEDS_STORE);
  g_assert_cmpint (verify (world->sessions, world->session_id), ==, KV_SESSION_VALID);
  apim_manual_clock_advance (&world->clock, MINUTE);
  g_assert_cmpint (verify (world->sessions, world->session_id), ==, KV_SESSION_NEEDS_STORE);
  g_assert_cmpint (verify (world->sessions, world->session_id), ==, KV_SESSION_VALID);
}

/* One caller in 30 s looks the user up; the others are not held up. */
static void
test_one_check_at_a_time (Fixture *fixture, gconstpointer data)
{
  KvWorld *world = &fixture->world;

  apim_manual_clock_advance (&world->clock, MINUTE / 2);
  g_assert_cmpint (peek (world->sessions, world->session_id), ==, KV_SESSION_NEEDS_STORE);
  g_assert_cmpint (peek (world->sessions, world->session_id), ==, KV_SESSION_VALID);
}

#define ADD(name, function) g_test_add ("/kv-sessions/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("issued-here", test_issued_here);
  ADD ("remembered-by-connection", test_remembered_by_connection);
  ADD ("rubbish-never-reaches-the-store", test_rubbish_never_reaches_the_store);
  ADD ("honoured-by-another-node", test_honoured_by_another_node);
  ADD ("another-key-honours-nothing", test_another_key_honours_nothing);
  ADD ("met-after-a-day", test_met_after_a_day);
  ADD ("idle", test_idle);
  ADD ("deleted-user", test_deleted_user);
  ADD ("changed-password", test_changed_password);
  ADD ("recreated-user", test_recreated_user);
  ADD ("store-away", test_store_away);
  ADD ("one-check-at-a-time", test_one_check_at_a_time);
  return g_test_run ();
}
