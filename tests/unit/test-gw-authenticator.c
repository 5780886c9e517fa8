/* The authenticator on a real worker, with a validator that answers when it is told to. */
#include "config.h"
#include "core/core-jwt.h"
#include "gateway/gw-authenticator.h"
#include "gateway/gw-jwt.h"
#include "net/net-private.h"

#include <string.h>

#define NOW_MS G_GINT64_CONSTANT (1500000000000)
#define MAX_QUESTIONS 16

/* The Key Manager: keeps questions until the test answers them, or answers at once. */
typedef struct
{
  GwKeyValidator validator;
  GwKeyQuestion *questions[MAX_QUESTIONS];
  guint n_questions;
  guint asked;
  char last_version[32];
  gboolean at_once;
  gboolean away;
  gint32 refusal; /* 0: grants */
  gint64 validity_ms;
} FakeKeyManager;

typedef struct
{
  FakeKeyManager manager;
  ApimManualClock clock;
  NetReactor *reactor;
  GwAuthSettings settings;
  GwAuthenticator *authenticator;
  void (*test) (gpointer fixture, NetWorker *worker);
} Fixture;

typedef struct
{
  GwAuthCall call;
  guint done;
} TestCall;

static void
count_done (GwAuthCall *call)
{
  ((TestCall *)call)->done++;
}

static void
reply_to (FakeKeyManager *manager, GwKeyQuestion *question)
{
  static const TwUriTemplate templates[] = {
    { .uri_template = TW_TEXT ("/open"), .http_verb = TW_TEXT ("GET"), .auth_type = TW_TEXT ("None") },
    { .uri_template = TW_TEXT ("/menu"),
      .http_verb = TW_TEXT ("GET"),
      .auth_type = TW_TEXT ("Any"),
      .throttling_tier = TW_TEXT ("Bronze"),
      .scope = TW_TEXT ("") },
    { .uri_template = TW_TEXT ("/menu"),
      .http_verb = TW_TEXT ("POST"),
      .auth_type = TW_TEXT ("Application_User") },
  };
  TwKeyValidationInfo info = {
    .authorized = manager->refusal == 0,
    .validation_status = manager->refusal,
    .tier = TW_TEXT ("Gold"),
    .issued_time_ms = NOW_MS,
    .validity_period_ms = manager->validity_ms,
  };
  GwKeyReply reply = { .answered = !manager->away };

  if (question->method == TW_METHOD_VALIDATE_KEY)
    reply.info = &info;
  else
    {
      reply.templates = templates;
      reply.n_templates = G_N_ELEMENTS (templates);
    }
  question->answered (question, &reply);
}

static void
fake_ask (GwKeyValidator *validator, GwKeyQuestion *question)
{
  FakeKeyManager *manager = (FakeKeyManager *)validator;
  TwText version = question->arguments.version;

  manager->asked++;
  g_snprintf (manager->last_version, sizeof manager->last_version, "%.*s", (int)version.length,
              version.bytes);
  if (manager->at_once)
    {
      reply_to (manager, question);
      return;
    }
  g_assert_cmpuint (manager->n_questions, <, MAX_QUESTIONS);
  manager->questions[manager->n_questions++] = question;
}

static void
answer_all (FakeKeyManager *manager)
{
  while (manager->n_questions > 0)
    reply_to (manager, manager->questions[--manager->n_questions]);
}

static const GwKeyValidatorInterface fake_interface = { "fake", fake_ask };

static void
set_up (Fixture *f, gconstpointer data)
{
  ApimLimits limits = { .max_connections = 16, .idle_timeout_ms = 60000, .handshake_timeout_ms = 60000 };
  GError *error = NULL;

  f->manager
      = (FakeKeyManager){ .validator.interface = &fake_interface, .at_once = TRUE, .validity_ms = 3600000 };
  apim_manual_clock_init (&f->clock, NOW_MS);
  f->settings = gw_auth_standard_settings;
  f->reactor = net_reactor_new (1, &limits, &apim_clock_system, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  net_reactor_free (f->reactor);
  gw_authenticator_free (f->authenticator);
}

static void
on_worker (NetWorker *worker, gpointer data)
{
  Fixture *f = data;

  f->test (f, worker);
}

static void
run (Fixture *f, void (*test) (gpointer, NetWorker *))
{
  if (f->authenticator == NULL)
    f->authenticator
        = gw_authenticator_new (&f->manager.validator, &f->settings, f->reactor, &f->clock.clock);
  f->test = test;
  net_worker_call (net_reactor_worker (f->reactor, 0), on_worker, f);
}

static GwAuthStatus
check (Fixture *f, NetWorker *worker, TestCall *call, const char *resource, const char *verb,
       const char *token)
{
  const GwAuthQuestion question = {
    .context = TW_TEXT ("/shop/1.0"),
    .version = TW_TEXT ("1.0"),
    .resource = tw_text (resource),
    .verb = tw_text (verb),
    .token = tw_text (token),
  };

  memset (call, 0, sizeof *call);
  call->call.done = count_done;
  return gw_authenticator_check (f->authenticator, worker, &question, &call->call);
}

/* The same, and nothing is kept. Returns: 0 when granted, else the code, negative when nobody could be asked.
 */
static int
verdict (Fixture *f, NetWorker *worker, const char *resource, const char *verb, const char *token)
{
  TestCall call;
  GwAuthStatus status = check (f, worker, &call, resource, verb, token);
  int code = (int)call.call.code;

  g_assert_cmpint (status, !=, GW_AUTH_PENDING);
  g_assert_cmpuint (call.done, ==, 0);
  gw_auth_call_clear (&call.call);
  return status == GW_AUTH_GRANTED ? 0 : status == GW_AUTH_UNAVAILABLE ? -code : code;
}

static void
first_and_second (gpointer data, NetWorker *worker)
{
  Fixture *f = data;
  TestCall call;

  g_assert_cmpint (check (f, worker, &call, "/menu", "GET", "t1"), ==, GW_AUTH_GRANTED);
  g_assert_cmpstr (call.call.info->tier.bytes, ==, "Gold");
  g_assert_true (tw_text_equal (call.call.resource->throttling_tier, TW_TEXT ("Bronze")));
  gw_auth_call_clear (&call.call);
  g_assert_cmpuint (f->manager.asked, ==, 2);
  g_assert_cmpint (verdict (f, worker, "/menu", "GET", "t1"), ==, 0);
  g_assert_cmpuint (f->manager.asked, ==, 2);
  /* Another verb asks for another level, another token is another token. */
  g_assert_cmpint (verdict (f, worker, "/menu", "POST", "t1"), ==, 0);
  g_assert_cmpint (verdict (f, worker, "/menu", "GET", "t2"), ==, 0);
  g_assert_cmpuint (f->manager.asked, ==, 4);
}

static void
test_asks_once (Fixture *f, gconstpointer data)
{
  run (f, first_and_second);
}

static void
without_token (gpointer data, NetWorker *worker)
{
  Fixture *f = data;
  TestCall call;
  g_autofree char *long_token = g_strnfill (GW_AUTH_MAX_TOKEN + 1, 'a');

  g_assert_cmpint (verdict (f, worker, "/menu", "GET", NULL), ==, 900902);
  g_assert_cmpint (verdict (f, worker, "/menu", "GET", ""), ==, 900902);
  g_assert_cmpint (verdict (f, worker, "/menu", "GET", long_token), ==, 900901);
  g_assert_cmpint (verdict (f, worker, "/menu", "DELETE", "t1"), ==, 900906);
  g_assert_cmpint (verdict (f, worker, "/nothing", "GET", "t1"), ==, 900906);
  g_assert_cmpint (check (f, worker, &call, "/open", "GET", NULL), ==, GW_AUTH_GRANTED);
  g_assert_true (call.call.anonymous);
  g_assert_cmpstr (call.call.info->tier.bytes, ==, "Unauthenticated");
  gw_auth_call_clear (&call.call);
  g_assert_cmpuint (f->manager.asked, ==, 1);
}

static void
test_without_token (Fixture *f, gconstpointer data)
{
  run (f, without_token);
}

static void
refusals (gpointer data, NetWorker *worker)
{
  Fixture *f = data;

  f->manager.refusal = 900908;
  g_assert_cmpint (verdict (f, worker, "/menu", "GET", "t1"), ==, 900908);
  f->manager.refusal = 0;
  g_assert_cmpint (verdict (f, worker, "/menu", "GET", "t1"), ==, 900908);
  apim_manual_clock_advance (&f->clock, f->settings.refusal_ms);
  g_assert_cmpint (verdict (f, worker, "/menu", "GET", "t1"), ==, 0);
  /* A refusal without a code of its own. */
  f->manager.refusal = -1;
  g_assert_cmpint (verdict (f, worker, "/menu", "GET", "t2"), ==, 900900);
}

static void
test_refusals_are_short_lived (Fixture *f, gconstpointer data)
{
  run (f, refusals);
}

static void
expiry (gpointer data, NetWorker *worker)
{
  Fixture *f = data;

  f->manager.validity_ms = 1000;
  g_assert_cmpint (verdict (f, worker, "/menu", "GET", "t1"), ==, 0);
  apim_manual_clock_advance (&f->clock, 999);
  g_assert_cmpint (verdict (f, worker, "/menu", "GET", "t1"), ==, 0);
  g_assert_cmpuint (f->manager.asked, ==, 2);
  apim_manual_clock_advance (&f->clock, 1);
  g_assert_cmpint (verdict (f, worker, "/menu", "GET", "t1"), ==, 900901);
  /* A grant that is over when it arrives. */
  g_assert_cmpint (verdict (f, worker, "/menu", "GET", "t2"), ==, 900901);
}

static void
test_expired (Fixture *f, gconstpointer data)
{
  run (f, expiry);
}

static void
timeout (gpointer data, NetWorker *worker)
{
  Fixture *f = data;

  f->manager.validity_ms = G_MAXINT64;
  g_assert_cmpint (verdict (f, worker, "/menu", "GET", "t1"), ==, 0);
  apim_manual_clock_advance (&f->clock, f->settings.grant_ms - 1);
  f->manager.away = TRUE;
  g_assert_cmpint (verdict (f, worker, "/menu", "GET", "t1"), ==, 0);
  g_assert_cmpint (verdict (f, worker, "/menu", "GET", "t2"), ==, -900900);
  apim_manual_clock_advance (&f->clock, 1);
  g_assert_cmpint (verdict (f, worker, "/menu", "GET", "t1"), ==, -900900);
  g_assert_cmpint (verdict (f, worker, "/open", "GET", NULL), ==, -900900);
  f->manager.away = FALSE;
  g_assert_cmpint (verdict (f, worker, "/menu", "GET", "t1"), ==, 0);
}

static void
test_key_manager_gone (Fixture *f, gconstpointer data)
{
  run (f, timeout);
}

static void
grace (gpointer data, NetWorker *worker)
{
  Fixture *f = data;

  f->manager.validity_ms = f->settings.grant_ms + 3000;
  g_assert_cmpint (verdict (f, worker, "/menu", "GET", "t1"), ==, 0);
  apim_manual_clock_advance (&f->clock, f->settings.grant_ms + 2999);
  f->manager.away = TRUE;
  g_assert_cmpint (verdict (f, worker, "/menu", "GET", "t1"), ==, 0);
  g_assert_cmpint (verdict (f, worker, "/menu", "GET", "t2"), ==, -900900);
  apim_manual_clock_advance (&f->clock, 1);
  g_assert_cmpint (verdict (f, worker, "/menu", "GET", "t1"), ==, 900901);
  g_assert_cmpint (verdict (f, worker, "/menu", "GET", "t1"), ==, -900900);
}

static void
test_grace (Fixture *f, gconstpointer data)
{
  f->settings.grace_ms = 5000;
  run (f, grace);
}

static void
joined (gpointer data, NetWorker *worker)
{
  Fixture *f = data;
  GwAuthCounters counters;
  TestCall calls[4];

  f->manager.at_once = FALSE;
  for (guint i = 0; i < 4; i++)
    g_assert_cmpint (check (f, worker, &calls[i], "/menu", "GET", "t1"), ==, GW_AUTH_PENDING);
  g_assert_cmpuint (f->manager.asked, ==, 1);
  gw_auth_call_cancel (&calls[1].call);
  answer_all (&f->manager);
  g_assert_cmpuint (f->manager.asked, ==, 2);
  for (guint i = 0; i < 4; i++)
    {
      g_assert_cmpuint (calls[i].done, ==, i == 1 ? 0 : 1);
      g_assert_cmpint (calls[i].call.status, ==, i == 1 ? GW_AUTH_PENDING : GW_AUTH_GRANTED);
      gw_auth_call_clear (&calls[i].call);
    }
  gw_authenticator_read_counters (f->authenticator, &counters);
  g_assert_cmpuint (counters.asked, ==, 2);
  g_assert_cmpuint (counters.granted, ==, 3);
}

static void
test_joins (Fixture *f, gconstpointer data)
{
  run (f, joined);
}

/* A revocation that overtakes an answer. */

static TestCall overtaken;

static void
ask_and_wait (gpointer data, NetWorker *worker)
{
  Fixture *f = data;

  g_assert_cmpint (verdict (f, worker, "/menu", "GET", "t0"), ==, 0);
  f->manager.at_once = FALSE;
  g_assert_cmpint (check (f, worker, &overtaken, "/menu", "GET", "t1"), ==, GW_AUTH_PENDING);
}

static void
answer_after_revocation (gpointer data, NetWorker *worker)
{
  Fixture *f = data;

  answer_all (&f->manager);
  g_assert_cmpuint (overtaken.done, ==, 1);
  g_assert_cmpint (overtaken.call.status, ==, GW_AUTH_REFUSED);
  g_assert_cmpuint (overtaken.call.code, ==, 900901);
  gw_auth_call_clear (&overtaken.call);
  g_assert_cmpint (verdict (f, worker, "/menu", "GET", "t1"), ==, 900901);
  g_assert_cmpint (verdict (f, worker, "/menu", "GET", "t0"), ==, 0);
}

static void
test_revoked_meanwhile (Fixture *f, gconstpointer data)
{
  run (f, ask_and_wait);
  gw_authenticator_revoke_token (f->authenticator, "t1", 2);
  run (f, answer_after_revocation);
}

static void
answer_after_forgetting (gpointer data, NetWorker *worker)
{
  Fixture *f = data;
  guint asked;

  answer_all (&f->manager);
  g_assert_cmpint (overtaken.call.status, ==, GW_AUTH_GRANTED);
  gw_auth_call_clear (&overtaken.call);
  f->manager.at_once = TRUE;
  asked = f->manager.asked;
  g_assert_cmpint (verdict (f, worker, "/menu", "GET", "t1"), ==, 0);
  g_assert_cmpuint (f->manager.asked, ==, asked + 1);
  g_assert_cmpint (verdict (f, worker, "/menu", "GET", "t0"), ==, 0);
  g_assert_cmpuint (f->manager.asked, ==, asked + 1);
}

static void
test_forgotten_meanwhile (Fixture *f, gconstpointer data)
{
  run (f, ask_and_wait);
  gw_authenticator_forget_token (f->authenticator, "t1", 2);
  run (f, answer_after_forgetting);
}

static void
grant_t1 (gpointer data, NetWorker *worker)
{
  g_assert_cmpint (verdict (data, worker, "/menu", "GET", "t1"), ==, 0);
}

static void
refuse_t1 (gpointer data, NetWorker *worker)
{
  Fixture *f = data;

  g_assert_cmpint (verdict (f, worker, "/menu", "GET", "t1"), ==, 900901);
  g_assert_cmpint (verdict (f, worker, "/menu", "POST", "t1"), ==, 900901);
  g_assert_cmpint (verdict (f, worker, "/menu", "GET", "t2"), ==, 0);
  g_assert_cmpuint (f->manager.asked, ==, 3);
}

static void
test_revoked (Fixture *f, gconstpointer data)
{
  run (f, grant_t1);
  gw_authenticator_revoke_token (f->authenticator, "t1", 2);
  run (f, refuse_t1);
}

static void
revoke_and_refuse_t1 (gpointer data, NetWorker *worker)
{
  Fixture *f = data;

  gw_authenticator_revoke_token (f->authenticator, "t1", 2);
  refuse_t1 (f, worker);
}

/* The worker has not come around to the task that makes it forget, as when the next call is in the same turn. */
static void
test_revoked_at_once (Fixture *f, gconstpointer data)
{
  run (f, grant_t1);
  run (f, revoke_and_refuse_t1);
}

static void
ask_again_for_resources (gpointer data, NetWorker *worker)
{
  Fixture *f = data;

  g_assert_cmpint (verdict (f, worker, "/menu", "GET", "t1"), ==, 0);
  g_assert_cmpuint (f->manager.asked, ==, 3);
  /* One that the Key Manager may have learnt of since. */
  g_assert_cmpint (verdict (f, worker, "/new", "GET", "t1"), ==, 900906);
  apim_manual_clock_advance (&f->clock, f->settings.refusal_ms);
  g_assert_cmpint (verdict (f, worker, "/new", "GET", "t1"), ==, 900906);
  g_assert_cmpuint (f->manager.asked, ==, 4);
}

static void
test_resources_forgotten (Fixture *f, gconstpointer data)
{
  run (f, grant_t1);
  gw_authenticator_forget_resources (f->authenticator);
  run (f, ask_again_for_resources);
}

static void
default_version (gpointer data, NetWorker *worker)
{
  Fixture *f = data;
  GwAuthQuestion question = { .context = TW_TEXT ("/shop/1.0"),
                              .version = TW_TEXT ("1.0"),
                              .default_version = TRUE,
                              .resource = TW_TEXT ("/menu"),
                              .verb = TW_TEXT ("GET"),
                              .token = TW_TEXT ("t1") };
  GwAuthCall call = { .done = count_done };

  g_assert_cmpint (gw_authenticator_check (f->authenticator, worker, &question, &call), ==, GW_AUTH_GRANTED);
  g_assert_cmpstr (f->manager.last_version, ==, "_default_1.0");
  gw_auth_call_clear (&call);
  g_assert_cmpint (verdict (f, worker, "/menu", "GET", "t1"), ==, 0);
  g_assert_cmpstr (f->manager.last_version, ==, "1.0");
  g_assert_cmpuint (f->manager.asked, ==, 3);
}

static void
test_default_version (Fixture *f, gconstpointer data)
{
  run (f, default_version);
}

#define ADD(name, function) g_test_add ("/gw-authenticator/" name, Fixture, NULL, set_up, function, tear_down)

/* Two texts of one self-contained token, and one of another. */
#define TEXT_7 "e30.eyJqdGkiOiJpZC03IiwiZXhwIjoxNTAwMDAzNjAwfQ.c2ln"
#define TEXT_7_AGAIN "e30.eyJqdGkiOiJpZC03IiwiZXhwIjoxNTAwMDAzNjAwLCJzdWJzY3JpYmVkQVBJcyI6W119.c2ln"
#define TEXT_8 "e30.eyJqdGkiOiJpZC04In0.c2ln"

static void
use_self_contained (gpointer data, NetWorker *worker)
{
  Fixture *f = data;

  g_assert_cmpint (verdict (f, worker, "/menu", "GET", TEXT_7), ==, 0);
  g_assert_cmpint (verdict (f, worker, "/menu", "GET", TEXT_8), ==, 0);
  g_assert_cmpuint (f->manager.asked, ==, 3);
}

static void
use_self_contained_again (gpointer data, NetWorker *worker)
{
  Fixture *f = data;

  g_assert_cmpint (verdict (f, worker, "/menu", "GET", TEXT_8), ==, 0);
  g_assert_cmpuint (f->manager.asked, ==, 3);
  g_assert_cmpint (verdict (f, worker, "/menu", "GET", TEXT_7), ==, 900901);
  g_assert_cmpint (verdict (f, worker, "/menu", "GET", TEXT_7_AGAIN), ==, 900901);
  g_assert_cmpuint (f->manager.asked, ==, 3);
}

/* The Key Manager tells the token by a text that it made anew, or by the id alone. */
static void
test_revoked_by_id (Fixture *f, gconstpointer told)
{
  run (f, use_self_contained);
  gw_authenticator_revoke_token (f->authenticator, told, strlen (told));
  run (f, use_self_contained_again);
}

/* Judged here */

static char *
sign_jwt (const CoreJwtKeys *keys, const char *id)
{
  const CoreJwtKey *key = core_jwt_keys_get (keys, 0);
  g_autofree char *claims = g_strdup_printf (
      "{\"iss\":\"km\",\"aud\":\"" CORE_JWT_FOR_GATEWAYS "\",\"sub\":\"bob@carbon.super\",\"iat\":%" G_GINT64_FORMAT
      ",\"exp\":%" G_GINT64_FORMAT ",\"jti\":\"%s\",\"scope\":\"default\",\"keytype\":\"PRODUCTION\","
      "\"consumerKey\":\"ck\",\"application\":{\"id\":7,\"name\":\"App\",\"tier\":\"Gold\",\"owner\":\"alice\"},"
      "\"subscribedAPIs\":[{\"name\":\"Shop\",\"context\":\"/shop/1.0\",\"version\":\"1.0\","
      "\"publisher\":\"carol\",\"subscriptionTier\":\"Gold\",\"subscriberTenantDomain\":\"carbon.super\"}]}",
      NOW_MS / 1000 + 5, NOW_MS / 1000 + 3600, id);

  return core_jwt_sign (key, "{\"alg\":\"ES256\"}", claims, CORE_JWT_BASE64URL, NULL);
}

static char *signed_jwt, *other_jwt, *forged_jwt;

static void
judge_them (gpointer data, NetWorker *worker)
{
  Fixture *f = data;
  GwAuthCounters counters;

  g_assert_cmpint (verdict (f, worker, "/menu", "GET", signed_jwt), ==, 0);
  g_assert_cmpint (verdict (f, worker, "/menu", "GET", forged_jwt), ==, 900901);
  g_assert_cmpuint (f->manager.asked, ==, 1); /* for the resources */
  f->manager.away = TRUE; /* nobody is needed for it */
  g_assert_cmpint (verdict (f, worker, "/menu", "GET", other_jwt), ==, 0);
  g_assert_cmpint (verdict (f, worker, "/menu", "GET", "t1"), ==, -900900);
  f->manager.away = FALSE;
  g_assert_cmpuint (f->manager.asked, ==, 2);
  /* Of what is remembered nothing is judged anew. */
  g_assert_cmpint (verdict (f, worker, "/menu", "GET", signed_jwt), ==, 0);
  g_assert_cmpint (verdict (f, worker, "/menu", "GET", forged_jwt), ==, 900901);
  gw_authenticator_read_counters (f->authenticator, &counters);
  g_assert_cmpuint (counters.judged, ==, 3);
  /* Nobody told the scope of this one. */
  g_assert_cmpint (verdict (f, worker, "/menu", "POST", signed_jwt), ==, 0);
  g_assert_cmpuint (f->manager.asked, ==, 3);
}

static void
ask_about_what_was_told (gpointer data, NetWorker *worker)
{
  Fixture *f = data;
  GwAuthCounters counters;

  g_assert_cmpint (verdict (f, worker, "/menu", "GET", signed_jwt), ==, 0);
  g_assert_cmpuint (f->manager.asked, ==, 4);
  g_assert_cmpint (verdict (f, worker, "/menu", "GET", other_jwt), ==, 900901);
  g_assert_cmpuint (f->manager.asked, ==, 4);
  gw_authenticator_read_counters (f->authenticator, &counters);
  g_assert_cmpuint (counters.judged, ==, 3);
}

static void
refuse_in_the_end (gpointer data, NetWorker *worker)
{
  Fixture *f = data;

  f->manager.refusal = 900901;
  g_assert_cmpint (verdict (f, worker, "/menu", "GET", signed_jwt), ==, 900901);
  g_assert_cmpuint (f->manager.asked, ==, 5);
}

static void
test_judged (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (CoreJwtKeys) keys = core_jwt_keys_new (), others = core_jwt_keys_new ();
  const GwJwtSettings settings = { .issuer = "km" };
  EVP_PKEY *key = EVP_EC_gen ("P-256"), *another = EVP_EC_gen ("P-256");
  g_autoptr (GwJwt) jwt = NULL;

  g_assert_true (core_jwt_keys_add (keys, key, NULL) && core_jwt_keys_add (others, another, NULL));
  jwt = gw_jwt_new (&settings, keys, &f->clock.clock);
  f->authenticator = gw_authenticator_new (&f->manager.validator, &f->settings, f->reactor, &f->clock.clock);
  gw_authenticator_set_jwt (f->authenticator, jwt, 0);
  apim_manual_clock_advance (&f->clock, 10000);
  signed_jwt = sign_jwt (keys, "id-1");
  other_jwt = sign_jwt (keys, "id-2");
  forged_jwt = sign_jwt (others, "id-3");
  run (f, judge_them);
  gw_authenticator_forget_token (f->authenticator, signed_jwt, strlen (signed_jwt));
  gw_authenticator_revoke_token (f->authenticator, "id-2", 4);
  run (f, ask_about_what_was_told);
  gw_authenticator_forget_answers (f->authenticator);
  run (f, refuse_in_the_end);
  g_free (signed_jwt);
  g_free (other_jwt);
  g_free (forged_jwt);
  EVP_PKEY_free (key);
  EVP_PKEY_free (another);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("asks-once", test_asks_once);
  ADD ("without-token", test_without_token);
  ADD ("refusals-are-short-lived", test_refusals_are_short_lived);
  ADD ("expired", test_expired);
  ADD ("key-manager-gone", test_key_manager_gone);
  ADD ("grace", test_grace);
  ADD ("joins", test_joins);
  ADD ("revoked-meanwhile", test_revoked_meanwhile);
  ADD ("forgotten-meanwhile", test_forgotten_meanwhile);
  ADD ("revoked", test_revoked);
  ADD ("revoked-at-once", test_revoked_at_once);
  g_test_add ("/gw-authenticator/revoked-by-another-text", Fixture, TEXT_7_AGAIN, set_up, test_revoked_by_id,
              tear_down);
  g_test_add ("/gw-authenticator/revoked-by-id", Fixture, "id-7", set_up, test_revoked_by_id, tear_down);
  ADD ("judged", test_judged);
  ADD ("resources-forgotten", test_resources_forgotten);
  ADD ("default-version", test_default_version);
  return g_test_run ();
}
