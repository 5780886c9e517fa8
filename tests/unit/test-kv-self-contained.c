/* Self-contained tokens that a gateway asks its Key Manager about: the signature is checked here, the rest is that of the
 * stored token as it is now; and whatever is forged is a token that nobody knows. */
#include "config.h"
#include "keyvalidator/kv-call.h"
#include "keyvalidator/oauth/kv-jwt-token.h"
#include "tests/unit/kv-world.h"

#include <string.h>

#define ISSUER "https://km.example:9443/oauth2/token"
#define ID "4c1b0ad2-2d5e-4f1a-9f0e-8a1b2c3d4e5f"
#define OPAQUE_ID "0f0e0d0c-2d5e-4f1a-9f0e-8a1b2c3d4e5f" /* of an application without JWTs */

typedef struct
{
  KvWorld world;
  CoreJwtKeys *keys;
  KvSigningKeys *signing_keys;
  KvSelfContained *self_contained;
  KvMemory *memory;
  KvCallContext context;
  KvCallResult result;
} Fixture;

static CoreJwtKeys *
make_keys (void)
{
  CoreJwtKeys *keys = core_jwt_keys_new ();
  EVP_PKEY *key = EVP_RSA_gen (2048);

  g_assert_true (core_jwt_keys_add (keys, key, NULL));
  EVP_PKEY_free (key);
  return keys;
}

/* A row of bob's, as the one of KV_WORLD_TOKEN. */
static void
add_token (FakeStore *store, const char *stored, gboolean of_jwt_application)
{
  const char *const scopes[] = { "default", "read", NULL };
  StToken *token = st_token_new ();

  token->consumer_key = g_strdup ("ck_9fA3");
  token->user_name = g_strdup ("bob");
  token->tenant_id = ST_SUPER_TENANT_ID;
  token->of_jwt_application = of_jwt_application;
  token->user_domain = g_strdup (ST_PRIMARY_USER_DOMAIN);
  token->user_type = g_strdup ("APPLICATION_USER");
  token->issued_ms = KV_WORLD_NOW;
  token->validity_ms = 3600000;
  token->scopes = g_strdupv ((char **)scopes);
  fake_store_add_token (store, stored, token);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  KvWorld *world = &fixture->world;

  kv_world_init (world);
  world->config.token_issuer = (char *)ISSUER;
  world->config.timestamp_skew_ms = 300000;
  fixture->keys = make_keys ();
  fixture->signing_keys = kv_signing_keys_new_from (fixture->keys);
  fixture->self_contained
      = kv_self_contained_new (&world->config, fixture->signing_keys, &world->clock.clock);
  fixture->memory = kv_memory_new (1 << 20, 1000, 0);
  kv_memory_set_state (fixture->memory, KV_MEMORY_FOLLOWING);
  kv_memory_set_heard_until (fixture->memory, G_MAXINT64);
  fixture->context = (KvCallContext){
    .stores = { .keys = fake_store_keys (world->store),
                .users = fake_store_users (world->store),
                .memory = fixture->memory,
                .clock = &world->clock.clock,
                .self_contained = fixture->self_contained },
    .sessions = world->sessions,
    .rules = { .skew_ms = 300000, .advanced_throttling = TRUE, .application_token_scope = "am_application_scope" },
    .timeout_us = 60 * G_USEC_PER_SEC,
  };
  add_token (world->store, ID, TRUE);
  add_token (world->store, OPAQUE_ID, FALSE);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  kv_call_result_clear (&fixture->result);
  kv_memory_free (fixture->memory);
  kv_self_contained_free (fixture->self_contained);
  kv_signing_keys_free (fixture->signing_keys);
  core_jwt_keys_unref (fixture->keys);
  kv_world_clear (&fixture->world);
}

static char *
make_jwt (const CoreJwtKeys *keys, const char *id, const char *issuer)
{
  const StApplication application = { .id = 7,
                                      .name = (char *)"PhoneApp",
                                      .tier = (char *)"Unlimited",
                                      .owner = (char *)"alice",
                                      .key_type = (char *)"PRODUCTION" };
  g_autoptr (GPtrArray) apis = g_ptr_array_new ();
  const KvJwtTokenRequest request = { .issuer = issuer,
                                      .id = id,
                                      .consumer_key = "ck_9fA3",
                                      .subject = "bob@carbon.super",
                                      .scope = "default read",
                                      .issued_ms = KV_WORLD_NOW,
                                      .validity_ms = 3600000,
                                      .application = &application,
                                      .apis = apis };

  return kv_jwt_token_make (keys, &request, NULL);
}

static void
expect_call (Fixture *fixture, const char *token, const char *context, const char *level, CoreStatus status)
{
  const TwArguments arguments = { .context = tw_text (context),
                                  .version = TW_TEXT (KV_WORLD_VERSION),
                                  .access_token = tw_text (token),
                                  .required_level = tw_text (level),
                                  .matching_resource = TW_TEXT (KV_WORLD_RESOURCE),
                                  .http_verb = TW_TEXT ("GET") };

  kv_call_result_clear (&fixture->result);
  memset (&fixture->result, 0, sizeof fixture->result);
  kv_call_run (&fixture->context, TW_METHOD_VALIDATE_KEY, &arguments, TRUE, &fixture->result);
  g_assert_cmpint (fixture->result.answer, ==, KV_ANSWER_DECISION);
  g_assert_cmpint (fixture->result.decision.status, ==, status);
  g_assert_cmpint (fixture->result.decision.authorized, ==, status == CORE_STATUS_OK);
}

static void
expect (Fixture *fixture, const char *token, CoreStatus status)
{
  expect_call (fixture, token, KV_WORLD_CONTEXT, "Any", status);
}

static void
end_token (Fixture *fixture, const char *stored)
{
  g_autofree char *hex = g_compute_checksum_for_string (G_CHECKSUM_SHA256, stored, -1);

  fake_store_remove_token (fixture->world.store, stored);
  kv_cache_invalidate (fixture->memory->cache, kv_memory_tag_token (fixture->memory, hex));
}

static void
test_granted (Fixture *fixture, gconstpointer data)
{
  g_autofree char *jwt = make_jwt (fixture->keys, ID, ISSUER);
  const CoreDecision *decision = &fixture->result.decision;

  expect (fixture, jwt, CORE_STATUS_OK);
  g_assert_cmpstr (decision->end_user_name, ==, "bob@carbon.super");
  g_assert_cmpstr (decision->consumer_key, ==, "ck_9fA3");
  g_assert_cmpstr (decision->type, ==, "PRODUCTION");
  /* The rest of the chain is asked too. */
  expect_call (fixture, jwt, "/nowhere/1.0.0", "Any", CORE_STATUS_FORBIDDEN);
  expect_call (fixture, jwt, KV_WORLD_CONTEXT, "Application", CORE_STATUS_WRONG_TOKEN_TYPE);
}

/* What is remembered of a JWT goes with the token that it stands for. */
static void
test_remembered (Fixture *fixture, gconstpointer data)
{
  g_autofree char *jwt = make_jwt (fixture->keys, ID, ISSUER);
  guint asked;

  expect (fixture, jwt, CORE_STATUS_OK);
  asked = fake_store_calls (fixture->world.store, FAKE_TOKEN);
  expect (fixture, jwt, CORE_STATUS_OK);
  g_assert_cmpuint (fake_store_calls (fixture->world.store, FAKE_TOKEN), ==, asked);
  end_token (fixture, ID);
  expect (fixture, jwt, CORE_STATUS_INVALID_CREDENTIALS);
}

static void
test_ends (Fixture *fixture, gconstpointer data)
{
  g_autofree char *jwt = make_jwt (fixture->keys, ID, ISSUER);

  expect (fixture, jwt, CORE_STATUS_OK);
  apim_manual_clock_advance (&fixture->world.clock, (3600 + 300) * 1000);
  expect (fixture, jwt, CORE_STATUS_INVALID_CREDENTIALS);
}

/* decisions.md 6: the stored text is no token, subscribed or not. */
static void
test_stored_text (Fixture *fixture, gconstpointer data)
{
  expect (fixture, ID, CORE_STATUS_INVALID_CREDENTIALS);
  expect (fixture, ID, CORE_STATUS_INVALID_CREDENTIALS);
  expect_call (fixture, ID, "/nowhere/1.0.0", "Any", CORE_STATUS_INVALID_CREDENTIALS);
  expect_call (fixture, ID, KV_WORLD_CONTEXT, "Application", CORE_STATUS_INVALID_CREDENTIALS);
  expect (fixture, OPAQUE_ID, CORE_STATUS_OK);
}

static void
test_forged (Fixture *fixture, gconstpointer data)
{
  g_autoptr (CoreJwtKeys) others = make_keys ();
  g_autofree char *foreign = make_jwt (others, ID, ISSUER);
  g_autofree char *elsewhere = make_jwt (fixture->keys, ID, "https://other.example/oauth2/token");
  g_autofree char *opaque = make_jwt (fixture->keys, OPAQUE_ID, ISSUER);
  g_autofree char *unknown = make_jwt (fixture->keys, "00000000-2d5e-4f1a-9f0e-8a1b2c3d4e5f", ISSUER);
  g_autofree char *changed = make_jwt (fixture->keys, ID, ISSUER);
  char *claims = strchr (changed, '.') + 1;

  claims[20] = claims[20] == 'A' ? 'B' : 'A';
  expect (fixture, foreign, CORE_STATUS_INVALID_CREDENTIALS);
  expect (fixture, elsewhere, CORE_STATUS_INVALID_CREDENTIALS);
  expect (fixture, opaque, CORE_STATUS_INVALID_CREDENTIALS);
  expect (fixture, unknown, CORE_STATUS_INVALID_CREDENTIALS);
  expect (fixture, changed, CORE_STATUS_INVALID_CREDENTIALS);
  expect (fixture, "..", CORE_STATUS_INVALID_CREDENTIALS);
  expect (fixture, "eyJhbGciOiJub25lIn0.eyJqdGkiOiJ4In0.", CORE_STATUS_INVALID_CREDENTIALS);
}

/* As WSO2 nodes write them: the whole text in the row. */
static void
test_stored_whole (Fixture *fixture, gconstpointer data)
{
  g_autoptr (CoreJwtKeys) others = make_keys ();
  g_autofree char *jwt = make_jwt (fixture->keys, "11111111-2d5e-4f1a-9f0e-8a1b2c3d4e5f", ISSUER);
  g_autofree char *foreign = make_jwt (others, "22222222-2d5e-4f1a-9f0e-8a1b2c3d4e5f", ISSUER);
  g_autofree char *opaque = make_jwt (others, "33333333-2d5e-4f1a-9f0e-8a1b2c3d4e5f", ISSUER);

  add_token (fixture->world.store, jwt, TRUE);
  add_token (fixture->world.store, foreign, TRUE);
  add_token (fixture->world.store, opaque, FALSE); /* a token generator of the operator's own */
  for (guint i = 0; i < 2; i++)
    {
      expect (fixture, jwt, CORE_STATUS_OK);
      expect (fixture, foreign, CORE_STATUS_INVALID_CREDENTIALS);
      expect (fixture, opaque, CORE_STATUS_OK);
    }
  end_token (fixture, jwt);
  end_token (fixture, opaque);
  expect (fixture, jwt, CORE_STATUS_INVALID_CREDENTIALS);
  expect (fixture, opaque, CORE_STATUS_INVALID_CREDENTIALS);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define TEST(path, function) \
  g_test_add ("/self-contained/" path, Fixture, NULL, set_up, function, tear_down)
  TEST ("granted", test_granted);
  TEST ("remembered", test_remembered);
  TEST ("ends", test_ends);
  TEST ("stored-text", test_stored_text);
  TEST ("forged", test_forged);
  TEST ("stored-whole", test_stored_whole);
#undef TEST
  return g_test_run ();
}
