/* Backend JWTs of calls: when there is one, what it is made of, how long it is remembered and what makes it forgotten. */
#include "config.h"
#include "core/core-json.h"
#include "keyvalidator/kv-backend-jwt.h"
#include "keyvalidator/kv-call.h"
#include "tests/lib/store-fixture.h"
#include "tests/unit/kv-world.h"

#include <string.h>

typedef struct
{
  KvWorld world;
  StoreFixture *databases;
  KvMemory *memory;
  KvSigningKeys *signing_keys;
  ApimBackendJwtSettings settings;
  KvCallContext context;
  TwArguments arguments;
} Fixture;

static const char application[]
    = "INSERT INTO AM_SUBSCRIBER (SUBSCRIBER_ID, USER_ID, TENANT_ID) VALUES (901, 'alice', -1234);\n"
      "INSERT INTO AM_APPLICATION (APPLICATION_ID, NAME, SUBSCRIBER_ID, UUID) VALUES (7, 'PhoneApp', 901, 'u-7');\n"
      "INSERT INTO AM_APPLICATION_KEY_MAPPING (APPLICATION_ID, CONSUMER_KEY, KEY_TYPE, STATE) VALUES (7, 'ck_9fA3', "
      "'PRODUCTION',"
      " 'COMPLETED');\n"
      "INSERT INTO AM_APPLICATION_ATTRIBUTES (APPLICATION_ID, NAME, VALUE, TENANT_ID) VALUES (7, 'Ref', '12', "
      "-1234);\n";

static const char user[]
    = "INSERT INTO UM_USER (UM_ID, UM_USER_NAME, UM_USER_PASSWORD, UM_CHANGED_TIME, UM_TENANT_ID) VALUES (905, 'bob', "
      "'x', 1, -1234);\n"
      "INSERT INTO UM_USER_ATTRIBUTE (UM_ATTR_NAME, UM_ATTR_VALUE, UM_PROFILE_ID, UM_USER_ID, UM_TENANT_ID) VALUES"
      " ('mail', 'bob@example.com', 'default', 905, -1234);\n";

static CoreJwtKeys *
make_keys (void)
{
  CoreJwtKeys *keys = core_jwt_keys_new ();
  EVP_PKEY *rsa = EVP_RSA_gen (2048);

  g_assert_true (core_jwt_keys_add (keys, rsa, NULL));
  EVP_PKEY_free (rsa);
  return keys;
}

static void
add_bob (FakeStore *store)
{
  StUser *bob = st_user_new ();

  bob->id = 905;
  bob->tenant_id = ST_SUPER_TENANT_ID;
  bob->name = g_strdup ("bob");
  fake_store_add_user (store, bob);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  KvWorld *world = &fixture->world;
  g_autoptr (CoreJwtKeys) keys = make_keys ();

  kv_world_init (world);
  add_bob (world->store);
  fixture->databases = store_fixture_sqlite ();
  store_fixture_open (fixture->databases);
  store_fixture_run (fixture->databases->api_database, application);
  store_fixture_run (fixture->databases->user_database, user);
  fixture->memory = kv_memory_new (1024 * 1024, 1000, 0);
  kv_memory_set_heard_until (fixture->memory, G_MAXINT64);
  kv_memory_set_state (fixture->memory, KV_MEMORY_FOLLOWING);
  fixture->signing_keys = kv_signing_keys_new_from (keys);
  fixture->settings = (ApimBackendJwtSettings){ .enabled = TRUE,
                                                .sign = TRUE,
                                                .dialect = (char *) "http://wso2.org/claims",
                                                .claims_retriever
                                                = (char *) "org.wso2.carbon.apimgt.impl.token.DefaultClaimsRetriever",
                                                .validity_s = 900,
                                                .form = (ApimBackendJwtForm) GPOINTER_TO_UINT (data) };
  fixture->context = (KvCallContext){
    .stores = { fake_store_keys (world->store), fake_store_users (world->store), fixture->memory, &world->clock.clock,
                kv_backend_jwt_new (&fixture->settings, fixture->signing_keys, fixture->databases->api_database,
                                    fixture->databases->user_database, fake_store_users (world->store)) },
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
  kv_backend_jwt_free (fixture->context.stores.backend_jwt);
  kv_signing_keys_free (fixture->signing_keys);
  kv_memory_free (fixture->memory);
  store_fixture_free (fixture->databases);
  kv_world_clear (&fixture->world);
}

/* Another node's settings. */
static void
use_settings (Fixture *fixture)
{
  kv_backend_jwt_free (fixture->context.stores.backend_jwt);
  fixture->context.stores.backend_jwt
      = kv_backend_jwt_new (&fixture->settings, fixture->signing_keys, fixture->databases->api_database,
                            fixture->databases->user_database, fake_store_users (fixture->world.store));
}

/* Returns: (nullable): the JWT of the call. Free with g_free(). */
static char *
run (Fixture *fixture, CoreStatus status)
{
  KvCallResult result;
  char *text;

  kv_call_result_init (&result);
  kv_call_run (&fixture->context, TW_METHOD_VALIDATE_KEY, &fixture->arguments, TRUE, &result);
  g_assert_cmpint (result.answer, ==, KV_ANSWER_DECISION);
  g_assert_cmpint (result.decision.status, ==, status);
  text = g_strdup (result.end_user_token);
  kv_call_result_clear (&result);
  return text;
}

/* NULL: not all is remembered. */
static char *
try_from_memory (Fixture *fixture)
{
  KvCallResult result;
  char *text = NULL;

  kv_call_result_init (&result);
  if (kv_call_try (&fixture->context, TW_METHOD_VALIDATE_KEY, &fixture->arguments, &result))
    text = g_strdup (result.end_user_token);
  kv_call_result_clear (&result);
  return text;
}

static CoreJson *
claims_of (const char *jwt)
{
  g_auto (GStrv) parts = g_strsplit (jwt, ".", -1);
  g_autoptr (GError) error = NULL;
  g_autofree guchar *bytes = NULL;
  CoreJson *json;
  gsize length;

  g_assert_cmpuint (g_strv_length (parts), ==, 3);
  bytes = g_base64_decode (parts[1], &length);
  json = core_json_parse ((const char *) bytes, length, &error);
  g_assert_no_error (error);
  return json;
}

static void
assert_claim (const char *jwt, const char *name, const char *expected)
{
  g_autoptr (CoreJson) json = claims_of (jwt);
  g_autofree char *uri = g_strconcat ("http://wso2.org/claims/", name, NULL);

  g_assert_cmpstr (core_json_string (core_json_member (core_json_root (json), uri)), ==, expected);
}

static void
test_claims (Fixture *fixture, gconstpointer data)
{
  gboolean old = GPOINTER_TO_UINT (data) == APIM_BACKEND_JWT_1_X;
  g_autofree char *jwt = run (fixture, CORE_STATUS_OK);
  g_autoptr (CoreJson) json = claims_of (jwt);
  gint64 expires;

  assert_claim (jwt, "subscriber", "alice");
  assert_claim (jwt, "applicationid", "7");
  assert_claim (jwt, "apicontext", KV_WORLD_CONTEXT);
  assert_claim (jwt, "version", KV_WORLD_VERSION);
  assert_claim (jwt, "tier", "Gold");
  assert_claim (jwt, "usertype", "APPLICATION_USER");
  assert_claim (jwt, "enduser", "bob@carbon.super");
  assert_claim (jwt, "enduserTenantId", "-1234");
  assert_claim (jwt, "applicationUUId", old ? NULL : "u-7");
  assert_claim (jwt, "emailaddress", "bob@example.com");
  assert_claim (jwt, "role", old ? "forecaster,Internal/everyone" : NULL);
  g_assert_true (core_json_int64 (core_json_member (core_json_root (json), "exp"), &expires));
  /* Good for the whole 900 s after the last moment at which it may be handed out. */
  g_assert_cmpint (expires, ==, (KV_WORLD_NOW + 960000) / (old ? 1 : 1000));
}

static void
test_not_for_refusals (Fixture *fixture, gconstpointer data)
{
  g_autofree char *jwt = NULL;

  fixture->arguments.required_level = TW_TEXT ("Application");
  jwt = run (fixture, CORE_STATUS_WRONG_TOKEN_TYPE);
  g_assert_null (jwt);
}

static void
test_remembered (Fixture *fixture, gconstpointer data)
{
  g_autofree char *before = try_from_memory (fixture);
  g_autofree char *made = run (fixture, CORE_STATUS_OK);
  g_autofree char *recalled = try_from_memory (fixture);
  g_autofree char *gone = NULL;
  g_autofree char *late = NULL;

  g_assert_null (before);
  g_assert_cmpstr (recalled, ==, made);
  apim_manual_clock_advance (&fixture->world.clock, KV_BACKEND_JWT_REUSE_MS - 1);
  late = try_from_memory (fixture);
  g_assert_cmpstr (late, ==, made);
  apim_manual_clock_advance (&fixture->world.clock, 1);
  gone = try_from_memory (fixture);
  g_assert_null (gone);
}

static void
change_application (Fixture *fixture)
{
  store_fixture_run (fixture->databases->api_database,
                     "UPDATE AM_APPLICATION SET UUID = 'u-8' WHERE APPLICATION_ID = 7;\n");
  kv_cache_invalidate (fixture->memory->cache, kv_memory_tag_consumer_key (fixture->memory, "ck_9fA3"));
}

static void
change_user (Fixture *fixture)
{
  store_fixture_run (fixture->databases->user_database,
                     "UPDATE UM_USER_ATTRIBUTE SET UM_ATTR_VALUE = 'new@example.com' WHERE UM_USER_ID = 905;\n");
  kv_cache_invalidate (fixture->memory->cache, kv_memory_tag_user (fixture->memory, ST_SUPER_TENANT_ID, "BOB"));
}

static void
change_subscription (Fixture *fixture)
{
  StSubscription *subscription = st_subscription_new ();

  subscription->subscriber = g_strdup ("alice");
  subscription->tier = g_strdup ("Silver");
  subscription->status = g_strdup ("UNBLOCKED");
  subscription->create_state = g_strdup ("SUBSCRIBE");
  subscription->application_id = 7;
  subscription->application_name = g_strdup ("PhoneApp");
  subscription->application_tier = g_strdup ("Unlimited");
  subscription->key_type = g_strdup ("PRODUCTION");
  subscription->api_name = g_strdup ("Weather");
  subscription->api_version = g_strdup (KV_WORLD_VERSION);
  subscription->has_policy = TRUE;
  fake_store_add_subscription (fixture->world.store, KV_WORLD_CONTEXT, "ck_9fA3", ST_SUPER_TENANT_ID, subscription);
  kv_cache_invalidate (fixture->memory->cache, kv_memory_tag_api (fixture->memory, KV_WORLD_CONTEXT));
}

static void
test_changes (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    void (*change) (Fixture *fixture);
    const char *claim, *value;
  } changes[] = {
    { change_application, "applicationUUId", "u-8" },
    { change_user, "emailaddress", "new@example.com" },
    { change_subscription, "tier", "Silver" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      g_autofree char *before = run (fixture, CORE_STATUS_OK);
      g_autofree char *remembered = NULL;
      g_autofree char *after = NULL;

      changes[i].change (fixture);
      remembered = try_from_memory (fixture);
      g_assert_null (remembered);
      after = run (fixture, CORE_STATUS_OK);
      g_assert_cmpstr (after, !=, before);
      assert_claim (after, changes[i].claim, changes[i].value);
    }
}

/* What changes between the look at the first fact and the end of the signature is not remembered as if it were new. */
static void
test_change_while_made (Fixture *fixture, gconstpointer data)
{
  KvCallResult result;
  g_autofree char *made = NULL;
  g_autofree char *remembered = NULL;
  g_autofree char *first = run (fixture, CORE_STATUS_OK);

  apim_manual_clock_advance (&fixture->world.clock, KV_BACKEND_JWT_REUSE_MS);
  kv_call_result_init (&result);
  g_assert_false (kv_call_try (&fixture->context, TW_METHOD_VALIDATE_KEY, &fixture->arguments, &result));
  change_user (fixture);
  kv_call_run (&fixture->context, TW_METHOD_VALIDATE_KEY, &fixture->arguments, TRUE, &result);
  made = g_strdup (result.end_user_token);
  g_assert_nonnull (made);
  kv_call_result_clear (&result);
  remembered = try_from_memory (fixture);
  g_assert_null (remembered);
}

/* Spec 7.5: the answer stays granted, without a JWT; and nothing of the failure is remembered. */
static void
test_outage (Fixture *fixture, gconstpointer data)
{
  g_autofree char *none = NULL;
  g_autofree char *some = NULL;

  fake_store_fail (fixture->world.store, FAKE_USER, ST_ERROR_UNAVAILABLE, 1);
  none = run (fixture, CORE_STATUS_OK);
  g_assert_null (none);
  some = run (fixture, CORE_STATUS_OK);
  g_assert_nonnull (some);
}

static void
test_without_retriever (Fixture *fixture, gconstpointer data)
{
  g_autofree char *jwt = NULL;
  guint users = fake_store_calls (fixture->world.store, FAKE_USER);

  fixture->settings.claims_retriever = NULL;
  use_settings (fixture);
  jwt = run (fixture, CORE_STATUS_OK);
  assert_claim (jwt, "enduser", "bob@carbon.super");
  assert_claim (jwt, "emailaddress", NULL);
  g_assert_cmpuint (fake_store_calls (fixture->world.store, FAKE_USER), ==, users);
}

static void
test_unsigned (Fixture *fixture, gconstpointer data)
{
  g_autofree char *jwt = NULL;

  fixture->settings.sign = FALSE;
  use_settings (fixture);
  jwt = run (fixture, CORE_STATUS_OK);
  g_assert_true (g_str_has_suffix (jwt, "."));
}

static void
test_application_token_of_1_x (Fixture *fixture, gconstpointer data)
{
  const char *const scopes[] = { "am_application_scope", "default", "read", NULL };
  StToken *token = st_token_new ();
  g_autofree char *jwt = NULL;

  token->consumer_key = g_strdup ("ck_9fA3");
  token->user_name = g_strdup ("bob");
  token->tenant_id = ST_SUPER_TENANT_ID;
  token->user_domain = g_strdup (ST_PRIMARY_USER_DOMAIN);
  token->user_type = g_strdup ("APPLICATION");
  token->issued_ms = KV_WORLD_NOW;
  token->validity_ms = 3600000;
  token->scopes = g_strdupv ((char **) scopes);
  fake_store_add_token (fixture->world.store, KV_WORLD_TOKEN, token);
  jwt = run (fixture, CORE_STATUS_OK);
  assert_claim (jwt, "usertype", "APPLICATION");
  assert_claim (jwt, "enduser", "null");
}

static void
add (const char *path, ApimBackendJwtForm form, void (*test) (Fixture *, gconstpointer))
{
  g_test_add (path, Fixture, GUINT_TO_POINTER (form), set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("/kv-backend-jwt/claims/2.x", APIM_BACKEND_JWT_2_X, test_claims);
  add ("/kv-backend-jwt/claims/1.x", APIM_BACKEND_JWT_1_X, test_claims);
  add ("/kv-backend-jwt/application-token/1.x", APIM_BACKEND_JWT_1_X, test_application_token_of_1_x);
  add ("/kv-backend-jwt/not-for-refusals", APIM_BACKEND_JWT_2_X, test_not_for_refusals);
  add ("/kv-backend-jwt/remembered", APIM_BACKEND_JWT_2_X, test_remembered);
  add ("/kv-backend-jwt/changes", APIM_BACKEND_JWT_2_X, test_changes);
  add ("/kv-backend-jwt/change-while-made", APIM_BACKEND_JWT_2_X, test_change_while_made);
  add ("/kv-backend-jwt/outage", APIM_BACKEND_JWT_2_X, test_outage);
  add ("/kv-backend-jwt/without-retriever", APIM_BACKEND_JWT_2_X, test_without_retriever);
  add ("/kv-backend-jwt/unsigned", APIM_BACKEND_JWT_2_X, test_unsigned);
  return g_test_run ();
}
