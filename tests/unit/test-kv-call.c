/* A call from arguments to answer, with a store that fails on command: an outage is never a grant. */
#include "config.h"
#include "keyvalidator/kv-call.h"
#include "tests/unit/kv-world.h"

#include <string.h>

typedef struct
{
  KvWorld world;
  KvCallContext context;
  TwArguments arguments;
  KvCallResult result;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  KvWorld *world = &fixture->world;

  kv_world_init (world);
  fixture->context = (KvCallContext){
    .stores = { fake_store_keys (world->store), fake_store_users (world->store), NULL, &world->clock.clock },
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
  kv_call_result_clear (&fixture->result);
  kv_world_clear (&fixture->world);
}

static const KvCallResult *
run (Fixture *fixture, TwMethod method)
{
  kv_call_result_clear (&fixture->result);
  memset (&fixture->result, 0, sizeof fixture->result);
  kv_call_run (&fixture->context, method, &fixture->arguments, FALSE, &fixture->result);
  return &fixture->result;
}

static void
expect_status (Fixture *fixture, TwMethod method, CoreStatus status)
{
  const KvCallResult *result = run (fixture, method);

  g_assert_cmpint (result->answer, ==, KV_ANSWER_DECISION);
  g_assert_cmpint (result->decision.status, ==, status);
  g_assert_cmpint (result->decision.authorized, ==, status == CORE_STATUS_OK);
}

static void
expect_exception (Fixture *fixture, TwMethod method, TwDeclaredException exception, const char *message)
{
  const KvCallResult *result = run (fixture, method);

  g_assert_cmpint (result->answer, ==, KV_ANSWER_EXCEPTION);
  g_assert_cmpint (result->exception, ==, exception);
  g_assert_cmpstr (result->message, ==, message);
}

static void
test_granted (Fixture *fixture, gconstpointer data)
{
  const CoreDecision *decision = &fixture->result.decision;

  expect_status (fixture, TW_METHOD_VALIDATE_KEY, CORE_STATUS_OK);
  g_assert_cmpstr (decision->end_user_name, ==, "bob@carbon.super");
  g_assert_cmpstr (decision->subscriber, ==, "alice");
  g_assert_cmpstr (decision->api_name, ==, "Weather");
  g_assert_cmpstr (decision->application_id, ==, "7");
  g_assert_nonnull (fixture->result.session);
}

typedef struct
{
  const char *name;
  FakeKind kind;
  TwMethod method;
  TwDeclaredException exception;
  const char *message;
} Outage;

static const Outage outages[] = {
  { "token", FAKE_TOKEN, TW_METHOD_VALIDATE_KEY, TW_KEY_MGT_EXCEPTION,
    "Error while obtaining Token Metadata from Authorization Server" },
  { "subscription", FAKE_SUBSCRIPTION, TW_METHOD_VALIDATE_KEY, TW_API_MANAGEMENT_EXCEPTION,
    "Exception occurred while validating Subscription." },
  { "scope", FAKE_SCOPE, TW_METHOD_VALIDATE_KEY, TW_API_MANAGEMENT_EXCEPTION,
    "Exception occurred while validating scopes." },
  { "roles", FAKE_ROLES, TW_METHOD_VALIDATE_KEY, TW_API_MANAGEMENT_EXCEPTION,
    "Exception occurred while validating scopes." },
  { "api-default", FAKE_API_DEFAULT, TW_METHOD_VALIDATE_KEY_FOR_HANDSHAKE, TW_API_MANAGEMENT_EXCEPTION,
    "Exception occurred while validating Subscription." },
  { "resources", FAKE_RESOURCES, TW_METHOD_GET_ALL_URI_TEMPLATES, TW_API_MANAGEMENT_EXCEPTION,
    "Error while fetching all URL Templates" },
};

/* Whatever is away, and whichever way: an exception, and the next call is right again. */
static void
test_outage (Fixture *fixture, gconstpointer data)
{
  static const StError codes[] = { ST_ERROR_UNAVAILABLE, ST_ERROR_TIMEOUT, ST_ERROR_SCHEMA, ST_ERROR_DATA };
  const Outage *outage = data;

  for (gsize i = 0; i < G_N_ELEMENTS (codes); i++)
    {
      fake_store_fail (fixture->world.store, outage->kind, codes[i], 1);
      expect_exception (fixture, outage->method, outage->exception, outage->message);
    }
  g_assert_cmpint (run (fixture, outage->method)->answer, !=, KV_ANSWER_EXCEPTION);
}

/* Those that the decision goes by, and only for who asks. */
static void
test_scopes_are_told (Fixture *fixture, gconstpointer data)
{
  StResources *resources = st_resources_new ();

  for (guint i = 0; i < 2; i++)
    {
      StResource *resource = st_resources_add (resources);

      resource->url_pattern = g_strdup (i == 0 ? KV_WORLD_RESOURCE : "/open");
      resource->http_method = g_strdup ("GET");
    }
  fake_store_add_resources (fixture->world.store, KV_WORLD_CONTEXT, KV_WORLD_VERSION, resources);
  g_assert_null (run (fixture, TW_METHOD_GET_ALL_URI_TEMPLATES)->scopes);
  fixture->arguments.tell_scopes = TRUE;
  g_assert_cmpint (run (fixture, TW_METHOD_GET_ALL_URI_TEMPLATES)->answer, ==, KV_ANSWER_URI_TEMPLATES);
  g_assert_cmpuint (fixture->result.scopes->len, ==, 2);
  g_assert_cmpstr (fixture->result.scopes->pdata[0], ==, "read");
  g_assert_cmpstr (fixture->result.scopes->pdata[1], ==, "");
  fake_store_fail (fixture->world.store, FAKE_SCOPE, ST_ERROR_UNAVAILABLE, 1);
  expect_exception (fixture, TW_METHOD_GET_ALL_URI_TEMPLATES, TW_API_MANAGEMENT_EXCEPTION,
                    "Error while fetching all URL Templates");
}

static void
test_invalid_session (Fixture *fixture, gconstpointer data)
{
  guint calls = fake_store_calls (fixture->world.store, FAKE_TOKEN);

  fixture->arguments.session_id = TW_TEXT ("5c3f0a1e-7b42-4d6a-9e10-2f8c6b7d9a01");
  for (int method = TW_METHOD_VALIDATE_KEY; method < TW_METHOD_UNKNOWN; method++)
    expect_exception (fixture, (TwMethod) method, TW_KEY_MGT_EXCEPTION, KV_MESSAGE_INVALID_SESSION);
  g_assert_cmpuint (fake_store_calls (fixture->world.store, FAKE_TOKEN), ==, calls);
}

/* spec 2.5: clients of generation II-a send no session with getAllURITemplates; served only where the operator says so. */
static void
test_templates_without_session (Fixture *fixture, gconstpointer data)
{
  fixture->arguments.session_id = (TwText){ NULL, 0 };
  expect_exception (fixture, TW_METHOD_GET_ALL_URI_TEMPLATES, TW_KEY_MGT_EXCEPTION, KV_MESSAGE_INVALID_SESSION);
  fixture->context.templates_without_session = TRUE;
  g_assert_cmpint (run (fixture, TW_METHOD_GET_ALL_URI_TEMPLATES)->answer, ==, KV_ANSWER_URI_TEMPLATES);
  g_assert_cmpuint (fixture->result.resources->resources->len, ==, 1);
  expect_exception (fixture, TW_METHOD_VALIDATE_KEY, TW_KEY_MGT_EXCEPTION, KV_MESSAGE_INVALID_SESSION);
}

static void
test_unknown_api_has_no_templates (Fixture *fixture, gconstpointer data)
{
  fixture->arguments.context = TW_TEXT ("/nowhere");
  g_assert_cmpint (run (fixture, TW_METHOD_GET_ALL_URI_TEMPLATES)->answer, ==, KV_ANSWER_URI_TEMPLATES);
  g_assert_cmpuint (fixture->result.resources->resources->len, ==, 0);
}

static void
test_refusals (Fixture *fixture, gconstpointer data)
{
  const TwArguments good = fixture->arguments;

  fixture->arguments.access_token = TW_TEXT ("A1B2C3D4E5F60718293A4B5C6D7E8F90");
  expect_status (fixture, TW_METHOD_VALIDATE_KEY, CORE_STATUS_INVALID_CREDENTIALS);
  fixture->arguments = good;
  fixture->arguments.context = TW_TEXT ("/weather/1.0.1");
  expect_status (fixture, TW_METHOD_VALIDATE_KEY, CORE_STATUS_FORBIDDEN);
  fixture->arguments = good;
  fixture->arguments.context = TW_TEXT ("/t/nowhere.example/weather/1.0.0");
  expect_status (fixture, TW_METHOD_VALIDATE_KEY, CORE_STATUS_FORBIDDEN);
  fixture->arguments = good;
  fixture->arguments.required_level = TW_TEXT ("");
  expect_status (fixture, TW_METHOD_VALIDATE_KEY, CORE_STATUS_WRONG_TOKEN_TYPE);
}

/* To the second, by the clock of the call. The session is kept in use meanwhile. */
static void
test_expiry (Fixture *fixture, gconstpointer data)
{
  const gint64 life_ms = 3600000 + 300000; /* validity and skew */

  for (int i = 0; i < 3; i++)
    {
      apim_manual_clock_advance (&fixture->world.clock, 20 * 60000);
      expect_status (fixture, TW_METHOD_VALIDATE_KEY, CORE_STATUS_OK);
    }
  apim_manual_clock_advance (&fixture->world.clock, life_ms - 60 * 60000 - 1001);
  expect_status (fixture, TW_METHOD_VALIDATE_KEY, CORE_STATUS_OK);
  apim_manual_clock_advance (&fixture->world.clock, 1);
  expect_status (fixture, TW_METHOD_VALIDATE_KEY, CORE_STATUS_INVALID_CREDENTIALS);
}

/* Texts that no database holds: too long, or with a NUL after which another text would begin. */
static void
test_impossible_texts (Fixture *fixture, gconstpointer data)
{
  static const char with_nul[] = KV_WORLD_CONTEXT "\0x";
  g_autofree char *huge = g_strnfill (100000, 'x');
  const TwArguments good = fixture->arguments;

  fixture->arguments.context = (TwText){ with_nul, sizeof with_nul - 1 };
  expect_status (fixture, TW_METHOD_VALIDATE_KEY, CORE_STATUS_FORBIDDEN);
  fixture->arguments.context = tw_text (huge);
  expect_status (fixture, TW_METHOD_VALIDATE_KEY, CORE_STATUS_FORBIDDEN);
  fixture->arguments = good;
  fixture->arguments.version = tw_text (huge);
  expect_status (fixture, TW_METHOD_VALIDATE_KEY, CORE_STATUS_FORBIDDEN);
  fixture->arguments = good;
  fixture->arguments.access_token = tw_text (huge);
  expect_status (fixture, TW_METHOD_VALIDATE_KEY, CORE_STATUS_INVALID_CREDENTIALS);
  fixture->arguments.access_token = (TwText){ "", 0 };
  expect_status (fixture, TW_METHOD_VALIDATE_KEY, CORE_STATUS_INVALID_CREDENTIALS);
}

/* An API, a subscriber, or a token's user of a tenant that is switched off. */
static void
test_switched_off (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *context, *subscriber;
    gint tenant_id;
    CoreStatus status;
  } cases[] = {
    { "/other/1.0", "alice", ST_SUPER_TENANT_ID, CORE_STATUS_OK },
    { "/other/1.0", "alice@gmail.example", ST_SUPER_TENANT_ID, CORE_STATUS_OK }, /* of no tenant: a name */
    { "/other/1.0", "alice@sleeping.example", ST_SUPER_TENANT_ID, CORE_STATUS_FORBIDDEN },
    { "/t/sleeping.example/other/1.0", "alice", 1, CORE_STATUS_FORBIDDEN },
    { "/t/sleeping.example/other/1.0", "alice@sleeping.example", 1, CORE_STATUS_FORBIDDEN },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *context = g_strdup_printf ("%s/%" G_GSIZE_FORMAT, cases[i].context, i);
      g_autofree char *consumer_key = g_strdup_printf ("ck_%" G_GSIZE_FORMAT, i);
      g_autofree char *access_token = g_strdup_printf ("token-of-%" G_GSIZE_FORMAT, i);
      StToken *token = st_token_new ();
      StSubscription *subscription = st_subscription_new ();

      token->consumer_key = g_strdup (consumer_key);
      token->user_name = g_strdup ("bob");
      token->tenant_id = ST_SUPER_TENANT_ID;
      token->user_domain = g_strdup (ST_PRIMARY_USER_DOMAIN);
      token->user_type = g_strdup ("APPLICATION_USER");
      token->issued_ms = KV_WORLD_NOW;
      token->validity_ms = 3600000;
      token->scopes = g_new0 (char *, 1);
      fake_store_add_token (fixture->world.store, access_token, token);
      subscription->subscriber = g_strdup (cases[i].subscriber);
      subscription->tier = g_strdup ("Gold");
      subscription->status = g_strdup ("UNBLOCKED");
      subscription->create_state = g_strdup ("SUBSCRIBE");
      subscription->key_type = g_strdup ("PRODUCTION");
      subscription->api_name = g_strdup ("Other");
      subscription->api_version = g_strdup (KV_WORLD_VERSION);
      subscription->has_policy = TRUE;
      fake_store_add_subscription (fixture->world.store, context, consumer_key, cases[i].tenant_id, subscription);
      fixture->arguments.context = tw_text (context);
      fixture->arguments.access_token = tw_text (access_token);
      expect_status (fixture, TW_METHOD_VALIDATE_KEY, cases[i].status);
      token->tenant_id = 1;
      expect_status (fixture, TW_METHOD_VALIDATE_KEY, CORE_STATUS_INVALID_CREDENTIALS);
    }
}

#define ADD(name, data, function) g_test_add ("/kv-call/" name, Fixture, data, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("granted", NULL, test_granted);
  for (gsize i = 0; i < G_N_ELEMENTS (outages); i++)
    {
      g_autofree char *path = g_strconcat ("/kv-call/outage/", outages[i].name, NULL);

      g_test_add (path, Fixture, &outages[i], set_up, test_outage, tear_down);
    }
  ADD ("scopes-are-told", NULL, test_scopes_are_told);
  ADD ("invalid-session", NULL, test_invalid_session);
  ADD ("templates-without-session", NULL, test_templates_without_session);
  ADD ("unknown-api-has-no-templates", NULL, test_unknown_api_has_no_templates);
  ADD ("refusals", NULL, test_refusals);
  ADD ("expiry", NULL, test_expiry);
  ADD ("switched-off", NULL, test_switched_off);
  ADD ("impossible-texts", NULL, test_impossible_texts);
  return g_test_run ();
}
