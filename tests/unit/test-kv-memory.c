/* Calls answered from memory: what is asked of the store, what is believed after a change, an outage, a minute. */
#include "config.h"
#include "keyvalidator/kv-call.h"
#include "tests/unit/kv-world.h"

#include <string.h>


typedef struct
{
  KvWorld world;
  KvMemory *memory;
  KvCallContext context;
  TwArguments arguments;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  KvWorld *world = &fixture->world;

  kv_world_init (world);
  fixture->memory = kv_memory_new (1024 * 1024, 1000, 0);
  kv_memory_set_heard_until (fixture->memory, G_MAXINT64);
  kv_memory_set_state (fixture->memory, KV_MEMORY_FOLLOWING);
  fixture->context = (KvCallContext){
    .stores = { fake_store_keys (world->store), fake_store_users (world->store), fixture->memory, &world->clock.clock },
    .sessions = world->sessions,
    .rules = { .skew_ms = 300000, .advanced_throttling = TRUE, .application_token_scope = "am_application_scope" },
    .timeout_us = 60 * G_USEC_PER_SEC,
  };
  fixture->arguments = (TwArguments){
    .context = TW_TEXT (KV_WORLD_CONTEXT),
    .version = TW_TEXT (KV_WORLD_VERSION),
    .access_token = TW_TEXT (KV_WORLD_TOKEN),
    .session_id = tw_text (world->session_id),
    .required_level = TW_TEXT ("Any"),
    .matching_resource = TW_TEXT (KV_WORLD_RESOURCE),
    .http_verb = TW_TEXT ("GET"),
  };
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  kv_memory_free (fixture->memory);
  kv_world_clear (&fixture->world);
}

static void
expect (Fixture *fixture, CoreStatus status)
{
  KvCallResult result;

  kv_call_result_init (&result);
  kv_call_run (&fixture->context, TW_METHOD_VALIDATE_KEY, &fixture->arguments, TRUE, &result);
  g_assert_cmpint (result.answer, ==, KV_ANSWER_DECISION);
  g_assert_cmpint (result.decision.status, ==, status);
  g_assert_cmpint (result.decision.authorized, ==, status == CORE_STATUS_OK);
  kv_call_result_clear (&result);
}

static gboolean
try_from_memory (Fixture *fixture, CoreStatus status)
{
  KvCallResult result;
  gboolean answered;

  kv_call_result_init (&result);
  answered = kv_call_try (&fixture->context, TW_METHOD_VALIDATE_KEY, &fixture->arguments, &result);
  if (answered)
    g_assert_cmpint (result.decision.status, ==, status);
  kv_call_result_clear (&result);
  return answered;
}

static guint
all_calls (Fixture *fixture)
{
  guint calls = 0;

  for (int kind = 0; kind < FAKE_N_KINDS; kind++)
    calls += fake_store_calls (fixture->world.store, (FakeKind) kind);
  return calls;
}

static void
test_second_call_asks_nobody (Fixture *fixture, gconstpointer data)
{
  guint calls;

  g_assert_false (try_from_memory (fixture, CORE_STATUS_OK));
  expect (fixture, CORE_STATUS_OK);
  calls = all_calls (fixture);
  expect (fixture, CORE_STATUS_OK);
  g_assert_true (try_from_memory (fixture, CORE_STATUS_OK));
  g_assert_cmpuint (all_calls (fixture), ==, calls);
}

/* Facts are remembered, decisions are not: the token expires by the clock of the call. */
static void
test_expiry_is_exact (Fixture *fixture, gconstpointer data)
{
  expect (fixture, CORE_STATUS_OK);
  /* The wall clock alone, so that nothing grows old. */
  fixture->world.clock.now_wall_ms += 3600000 + 300000 - 1001;
  g_assert_true (try_from_memory (fixture, CORE_STATUS_OK));
  fixture->world.clock.now_wall_ms += 1;
  g_assert_true (try_from_memory (fixture, CORE_STATUS_INVALID_CREDENTIALS));
}

typedef struct
{
  const char *name;
  guint64 (*tag) (const KvMemory *memory);
} Change;

static guint64
token_tag (const KvMemory *memory)
{
  g_autofree char *digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, KV_WORLD_TOKEN, -1);

  return kv_memory_tag_token (memory, digest);
}

static guint64
consumer_tag (const KvMemory *memory)
{
  return kv_memory_tag_consumer_key (memory, "CK_9fA3 "); /* as a collation that folds might have it */
}

static guint64
api_tag (const KvMemory *memory)
{
  return kv_memory_tag_api (memory, KV_WORLD_CONTEXT);
}

static guint64
resource_tag (const KvMemory *memory)
{
  return kv_memory_tag_resource (memory, KV_WORLD_CONTEXT "/" KV_WORLD_VERSION KV_WORLD_RESOURCE ":get");
}

static guint64
user_tag (const KvMemory *memory)
{
  return kv_memory_tag_user (memory, ST_SUPER_TENANT_ID, "Bob");
}

static const Change changes[] = {
  { "token", token_tag }, { "consumer-key", consumer_tag }, { "api", api_tag }, { "resource", resource_tag }, { "user", user_tag },
};

/* Each kind of change makes the next call ask again, and the one after that not. */
static void
test_change (Fixture *fixture, gconstpointer data)
{
  const Change *change = data;

  expect (fixture, CORE_STATUS_OK);
  g_assert_true (try_from_memory (fixture, CORE_STATUS_OK));
  kv_cache_invalidate (fixture->memory->cache, change->tag (fixture->memory));
  g_assert_false (try_from_memory (fixture, CORE_STATUS_OK));
  expect (fixture, CORE_STATUS_OK);
  g_assert_true (try_from_memory (fixture, CORE_STATUS_OK));
}

static void
test_revoked (Fixture *fixture, gconstpointer data)
{
  expect (fixture, CORE_STATUS_OK);
  fake_store_remove_token (fixture->world.store, KV_WORLD_TOKEN);
  kv_cache_invalidate (fixture->memory->cache, token_tag (fixture->memory));
  expect (fixture, CORE_STATUS_INVALID_CREDENTIALS);
}

static void
test_unknown_token_is_remembered_briefly (Fixture *fixture, gconstpointer data)
{
  guint calls;

  fixture->arguments.access_token = TW_TEXT ("unknown");
  expect (fixture, CORE_STATUS_INVALID_CREDENTIALS);
  calls = all_calls (fixture);
  expect (fixture, CORE_STATUS_INVALID_CREDENTIALS);
  g_assert_cmpuint (all_calls (fixture), ==, calls);
  kv_memory_forget_unknown (fixture->memory);
  g_assert_false (try_from_memory (fixture, CORE_STATUS_INVALID_CREDENTIALS));
  expect (fixture, CORE_STATUS_INVALID_CREDENTIALS);
  apim_manual_clock_advance (&fixture->world.clock, 1001);
  g_assert_false (try_from_memory (fixture, CORE_STATUS_INVALID_CREDENTIALS));
}

/* A flood of ever new tokens: when its second's worth is spent the database is left alone, what is remembered still passes, and what is not gets
 * an error, never a refusal. */
static void
test_flood_of_unknown_tokens (Fixture *fixture, gconstpointer data)
{
  KvCallResult result;
  guint calls;

  apim_budget_init (&fixture->memory->unknown_tokens, 2);
  expect (fixture, CORE_STATUS_OK);
  fixture->arguments.access_token = TW_TEXT ("random-1");
  expect (fixture, CORE_STATUS_INVALID_CREDENTIALS);
  fixture->arguments.access_token = TW_TEXT ("random-2");
  expect (fixture, CORE_STATUS_INVALID_CREDENTIALS);
  calls = all_calls (fixture);
  fixture->arguments.access_token = TW_TEXT ("random-3");
  kv_call_result_init (&result);
  kv_call_run (&fixture->context, TW_METHOD_VALIDATE_KEY, &fixture->arguments, TRUE, &result);
  g_assert_cmpint (result.answer, ==, KV_ANSWER_EXCEPTION);
  kv_call_result_clear (&result);
  g_assert_cmpuint (all_calls (fixture), ==, calls);
  fixture->arguments.access_token = TW_TEXT (KV_WORLD_TOKEN);
  expect (fixture, CORE_STATUS_OK);
  apim_manual_clock_advance (&fixture->world.clock, 1000);
  fixture->arguments.access_token = TW_TEXT ("random-3");
  expect (fixture, CORE_STATUS_INVALID_CREDENTIALS);
}

/* The feed cannot be read: the database is asked every time, and what it said before is not believed after either. */
static void
test_bypassed (Fixture *fixture, gconstpointer data)
{
  expect (fixture, CORE_STATUS_OK);
  kv_memory_set_state (fixture->memory, KV_MEMORY_BYPASSED);
  g_assert_false (try_from_memory (fixture, CORE_STATUS_OK));
  expect (fixture, CORE_STATUS_OK);
  g_assert_false (try_from_memory (fixture, CORE_STATUS_OK));
  kv_memory_set_state (fixture->memory, KV_MEMORY_FOLLOWING);
  g_assert_false (try_from_memory (fixture, CORE_STATUS_OK));
}

/* Whatever keeps the feed's reader: nothing is believed longer than what it last heard is good for. */
static void
test_nothing_heard (Fixture *fixture, gconstpointer data)
{
  kv_memory_set_heard_until (fixture->memory, apim_clock_monotonic_us (&fixture->world.clock.clock) + 1000 * 1000);
  expect (fixture, CORE_STATUS_OK);
  apim_manual_clock_advance (&fixture->world.clock, 1000);
  g_assert_true (try_from_memory (fixture, CORE_STATUS_OK));
  apim_manual_clock_advance (&fixture->world.clock, 1);
  g_assert_false (try_from_memory (fixture, CORE_STATUS_OK));
  expect (fixture, CORE_STATUS_OK);
  /* Heard of again: what did not change meanwhile is still there. */
  kv_memory_set_heard_until (fixture->memory, apim_clock_monotonic_us (&fixture->world.clock.clock) + 1000 * 1000);
  g_assert_true (try_from_memory (fixture, CORE_STATUS_OK));
}

static void
test_short_lived (Fixture *fixture, gconstpointer data)
{
  kv_memory_set_state (fixture->memory, KV_MEMORY_SHORT_LIVED);
  expect (fixture, CORE_STATUS_OK);
  g_assert_true (try_from_memory (fixture, CORE_STATUS_OK));
  apim_manual_clock_advance (&fixture->world.clock, 1200);
  g_assert_false (try_from_memory (fixture, CORE_STATUS_OK));
}

/* What is remembered is answered while the database is away; what is not is an error, and nothing of it is remembered. */
static void
test_outage (Fixture *fixture, gconstpointer data)
{
  KvCallResult result;

  expect (fixture, CORE_STATUS_OK);
  fake_store_fail (fixture->world.store, FAKE_TOKEN, ST_ERROR_UNAVAILABLE, 1);
  g_assert_true (try_from_memory (fixture, CORE_STATUS_OK));
  fixture->arguments.access_token = TW_TEXT ("unknown");
  kv_call_result_init (&result);
  kv_call_run (&fixture->context, TW_METHOD_VALIDATE_KEY, &fixture->arguments, TRUE, &result);
  g_assert_cmpint (result.answer, ==, KV_ANSWER_EXCEPTION);
  kv_call_result_clear (&result);
  g_assert_false (try_from_memory (fixture, CORE_STATUS_INVALID_CREDENTIALS));
}

#define ADD(name, data, function) g_test_add ("/kv-memory/" name, Fixture, data, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("second-call-asks-nobody", NULL, test_second_call_asks_nobody);
  ADD ("expiry-is-exact", NULL, test_expiry_is_exact);
  for (gsize i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      g_autofree char *path = g_strconcat ("/kv-memory/change/", changes[i].name, NULL);

      g_test_add (path, Fixture, &changes[i], set_up, test_change, tear_down);
    }
  ADD ("revoked", NULL, test_revoked);
  ADD ("nothing-heard", NULL, test_nothing_heard);
  ADD ("unknown-token-is-remembered-briefly", NULL, test_unknown_token_is_remembered_briefly);
  ADD ("flood-of-unknown-tokens", NULL, test_flood_of_unknown_tokens);
  ADD ("bypassed", NULL, test_bypassed);
  ADD ("short-lived", NULL, test_short_lived);
  ADD ("outage", NULL, test_outage);
  return g_test_run ();
}
