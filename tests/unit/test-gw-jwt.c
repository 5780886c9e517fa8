/* Self-contained tokens that a gateway judges by itself: what is granted, what is refused and why, and everything that is
 * left to the Key Manager. */
#include "config.h"
#include "gateway/gw-jwt.h"

#include "core/core-jwt.h"

#include <string.h>

#define ISSUER "https://km.example:9443/oauth2/token"
#define START_MS G_GINT64_CONSTANT (1500000000000) /* the gateway's */
#define NOW_MS (START_MS + 3600000)
#define NOW_S (NOW_MS / 1000)
#define SKEW_MS 300000

typedef struct
{
  ApimManualClock clock;
  CoreJwtKeys *keys;
  GwJwt *jwt;
  GwEndedTokens *ended;
  GwJwtAnswer answer;
} Fixture;

static CoreJwtKeys *
make_keys (gboolean rsa)
{
  CoreJwtKeys *keys = core_jwt_keys_new ();
  EVP_PKEY *key = rsa ? EVP_RSA_gen (2048) : EVP_EC_gen ("P-256");

  g_assert_true (core_jwt_keys_add (keys, key, NULL));
  EVP_PKEY_free (key);
  return keys;
}

static void
set_up_with (Fixture *f, guint bad_per_second)
{
  const GwJwtSettings settings = { .issuer = ISSUER,
                                   .application_scope = "am_application_scope",
                                   .skew_ms = SKEW_MS,
                                   .bad_per_second = bad_per_second };

  memset (f, 0, sizeof *f);
  apim_manual_clock_init (&f->clock, START_MS);
  f->keys = make_keys (TRUE);
  f->jwt = gw_jwt_new (&settings, f->keys, &f->clock.clock);
  f->ended = gw_ended_tokens_new (16, SKEW_MS / 1000, &f->clock.clock);
  apim_manual_clock_advance (&f->clock, NOW_MS - START_MS);
}

static void
set_up (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  set_up_with (f, 0);
}

static void
tear_down (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  gw_jwt_answer_clear (&f->answer);
  gw_ended_tokens_free (f->ended);
  gw_jwt_free (f->jwt);
  core_jwt_keys_unref (f->keys);
}

#define STANDARD_APPLICATION \
  "{\"id\":7,\"name\":\"PhoneApp\",\"tier\":\"Unlimited\",\"owner\":\"alice\",\"uuid\":\"u-7\"}"
#define STANDARD_APIS \
  "[{\"name\":\"Other\",\"context\":\"/other/1.0\",\"version\":\"1.0\",\"publisher\":\"carol\"," \
  "\"subscriptionTier\":\"Gold\",\"subscriberTenantDomain\":\"carbon.super\"}," \
  "{\"name\":\"Weather\",\"context\":\"/weather/1.0\",\"version\":\"1.0\",\"publisher\":\"carol\"," \
  "\"subscriptionTier\":\"Gold\",\"subscriberTenantDomain\":\"carbon.super\"}]"

typedef struct
{
  const char *issuer, *audience, *scope, *keytype, *application, *apis, *id, *more;
  gint64 issued_s, expires_s;
} Claims;

static const Claims standard = { ISSUER,
                                 CORE_JWT_FOR_GATEWAYS,
                                 "\"default read\"",
                                 "PRODUCTION",
                                 STANDARD_APPLICATION,
                                 STANDARD_APIS,
                                 "id-7",
                                 "",
                                 NOW_S - 60,
                                 NOW_S + 3600 };

static char *
sign (const CoreJwtKeys *keys, const Claims *claims)
{
  const CoreJwtKey *key = core_jwt_keys_get (keys, 0);
  g_autofree char *header = g_strdup_printf ("{\"typ\":\"JWT\",\"alg\":\"%s\",\"kid\":\"%s\"}",
                                             core_jwt_algorithm_name (key->algorithm), key->kid);
  g_autofree char *body
      = g_strdup_printf ("{\"iss\":\"%s\",\"aud\":\"%s\",\"sub\":\"bob@carbon.super\",\"iat\":%" G_GINT64_FORMAT
                         ",\"exp\":%" G_GINT64_FORMAT ",\"jti\":\"%s\",\"scope\":%s,\"keytype\":\"%s\","
                         "\"consumerKey\":\"ck_9fA3\",\"application\":%s,\"subscribedAPIs\":%s%s}",
                         claims->issuer, claims->audience, claims->issued_s, claims->expires_s, claims->id,
                         claims->scope, claims->keytype, claims->application, claims->apis, claims->more);
  g_autoptr (GError) error = NULL;
  char *token = core_jwt_sign (key, header, body, CORE_JWT_BASE64URL, &error);

  g_assert_no_error (error);
  return token;
}

static const TwUriTemplate city
    = { .uri_template = TW_TEXT ("/city/*"), .http_verb = TW_TEXT ("GET"), .auth_type = TW_TEXT ("Any"), .scope = TW_TEXT ("") };

static GwAuthQuestion
question_of (const char *token)
{
  return (GwAuthQuestion){ .context = TW_TEXT ("/weather/1.0"),
                           .version = TW_TEXT ("1.0"),
                           .resource = TW_TEXT ("/city/*"),
                           .verb = TW_TEXT ("GET"),
                           .token = tw_text (token) };
}

/* Of a text. Returns: the code of a refusal, 0 for a grant, the negative verdict for the rest. */
static int
judge_text (Fixture *f, const char *token, const TwUriTemplate *resource)
{
  const GwAuthQuestion question = question_of (token);
  GwJwtVerdict verdict;

  gw_jwt_answer_clear (&f->answer);
  verdict = gw_jwt_judge (f->jwt, &question, resource, f->ended, &f->answer);
  g_assert_cmpint (f->answer.info.authorized && verdict == GW_JWT_GRANTED, ==, verdict == GW_JWT_GRANTED);
  if (verdict == GW_JWT_GRANTED)
    return 0;
  return verdict == GW_JWT_REFUSED ? f->answer.info.validation_status : -(int)verdict - 1;
}

#define ASK (-(int)GW_JWT_ASK - 1)
#define BUSY (-(int)GW_JWT_BUSY - 1)

static int
judge_for (Fixture *f, const Claims *claims, const TwUriTemplate *resource)
{
  g_autofree char *token = sign (f->keys, claims);

  return judge_text (f, token, resource);
}

static int
judge (Fixture *f, const Claims *claims)
{
  return judge_for (f, claims, &city);
}

static void
assert_text (TwText text, const char *expected)
{
  g_autofree char *copy = text.bytes != NULL ? g_strndup (text.bytes, text.length) : NULL;

  g_assert_cmpstr (copy, ==, expected);
}

static void
test_granted (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  const TwKeyValidationInfo *info = &f->answer.info;

  g_assert_cmpint (judge (f, &standard), ==, 0);
  assert_text (info->end_user_name, "bob@carbon.super");
  assert_text (info->consumer_key, "ck_9fA3");
  assert_text (info->type, "PRODUCTION");
  assert_text (info->tier, "Gold");
  assert_text (info->subscriber, "alice");
  assert_text (info->subscriber_tenant_domain, "carbon.super");
  assert_text (info->application_id, "7");
  assert_text (info->application_name, "PhoneApp");
  assert_text (info->application_tier, "Unlimited");
  assert_text (info->api_name, "Weather");
  assert_text (info->api_publisher, "carol");
  g_assert_null (info->end_user_token.bytes);
  g_assert_cmpint (info->issued_time_ms, ==, NOW_MS);
  g_assert_cmpint (info->validity_period_ms, ==, 3600000 + SKEW_MS);
}

/* To the millisecond as the Key Manager has it (decisions.md 9). */
static void
test_ends (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  Claims claims = standard;

  claims.expires_s = CORE_JWT_NEVER_S;
  g_assert_cmpint (judge (f, &claims), ==, 0);
  g_assert_cmpint (f->answer.info.validity_period_ms, ==, G_MAXINT64);
  claims.expires_s = NOW_S - SKEW_MS / 1000 + 2;
  g_assert_cmpint (judge (f, &claims), ==, 0);
  g_assert_cmpint (f->answer.info.validity_period_ms, ==, 2000);
  apim_manual_clock_advance (&f->clock, 999);
  g_assert_cmpint (judge (f, &claims), ==, 0);
  g_assert_cmpint (f->answer.info.validity_period_ms, ==, 1000);
  apim_manual_clock_advance (&f->clock, 1);
  g_assert_cmpint (judge (f, &claims), ==, 900901);
  claims.expires_s = NOW_S - 3600;
  g_assert_cmpint (judge (f, &claims), ==, 900901);
}

static void
test_begins (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  Claims claims = standard;

  claims.more = ",\"nbf\":1500003900";
  g_assert_cmpint (judge (f, &claims), ==, 0);
  claims.more = ",\"nbf\":1500003901";
  g_assert_cmpint (judge (f, &claims), ==, 900901);
}

static void
test_levels (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  static const struct
  {
    const char *level;
    int user, application;
  } cases[] = {
    { "Any", 0, 0 },
    { "Application", 900905, 0 },
    { "Application_User", 0, 900905 },
    { "", 900905, 900905 },
    { "Something", 0, 0 },
  };
  Claims user = standard, application = standard;

  application.scope = "\"am_application_scope default\"";
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      TwUriTemplate resource = city;

      resource.auth_type = tw_text (cases[i].level);
      g_assert_cmpint (judge_for (f, &user, &resource), ==, cases[i].user);
      g_assert_cmpint (judge_for (f, &application, &resource), ==, cases[i].application);
    }
}

static void
test_scopes (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  static const struct
  {
    const char *has, *wanted;
    int expected;
  } cases[] = {
    { "\"default read\"", "read", 0 },
    { "\"read\"", "read", 0 },
    { "\"  read \"", "read", 0 },
    { "\"default\"", "read", 900910 },
    { "\"reader\"", "read", 900910 },
    { "\"READ\"", "read", 900910 },
    { "\"rea d\"", "read", 900910 },
    { "\"\"", "read", 0 }, /* a token without scopes passes (7.4) */
    { "\"  \"", "read", 0 },
    { "\"default\"", "", 0 },
    { "\"default read\"", NULL, ASK }, /* nobody told */
    { "[\"read\"]", "read", ASK },
    { "null", "read", ASK },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      TwUriTemplate resource = city;
      Claims claims = standard;

      claims.scope = cases[i].has;
      resource.scope = tw_text (cases[i].wanted);
      g_assert_cmpint (judge_for (f, &claims, &resource), ==, cases[i].expected);
    }
}

/* A token that lacks a subscription may be older than that. */
static void
test_subscriptions (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  static const char *const others[] = {
    "[]",
    "null",
    "{}",
    "[7,\"/weather/1.0\"]",
    "[{\"context\":\"/weather/1.0\",\"version\":\"2.0\"}]",
    "[{\"context\":\"/Weather/1.0\",\"version\":\"1.0\"}]",
    "[{\"context\":\"/weather/1.0/x\",\"version\":\"1.0\"}]",
    "[{\"context\":\"/weather/1.0\",\"version\":\"1.0\"}]", /* of what tier? */
  };
  Claims claims = standard;
  g_autofree char *token = sign (f->keys, &standard);
  GwAuthQuestion question = question_of (token);

  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    {
      claims.apis = others[i];
      g_assert_cmpint (judge (f, &claims), ==, ASK);
    }
  /* By the default version the context alone counts. */
  gw_jwt_answer_clear (&f->answer);
  question.version = TW_TEXT ("9.9");
  g_assert_cmpint (gw_jwt_judge (f->jwt, &question, &city, f->ended, &f->answer), ==, GW_JWT_ASK);
  gw_jwt_answer_clear (&f->answer);
  question.default_version = TRUE;
  g_assert_cmpint (gw_jwt_judge (f->jwt, &question, &city, f->ended, &f->answer), ==, GW_JWT_GRANTED);
}

/* A genuine token that does not say what is needed, or says it to others. */
static void
test_not_for_us (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  Claims claims = standard;

  claims.issuer = "https://other.example/oauth2/token";
  g_assert_cmpint (judge (f, &claims), ==, ASK);
  claims = standard;
  claims.audience = "client-7";
  g_assert_cmpint (judge (f, &claims), ==, ASK);
  claims = standard;
  claims.keytype = "TEST";
  g_assert_cmpint (judge (f, &claims), ==, ASK);
  claims = standard;
  claims.application = "{\"name\":\"PhoneApp\"}";
  g_assert_cmpint (judge (f, &claims), ==, ASK);
  claims.application = "\"PhoneApp\"";
  g_assert_cmpint (judge (f, &claims), ==, ASK);
}

static void
test_ended (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  Claims claims = standard;

  gw_ended_tokens_add (f->ended, TW_TEXT ("id-7"), claims.expires_s);
  g_assert_cmpint (judge (f, &claims), ==, ASK);
  claims.id = "id-8";
  g_assert_cmpint (judge (f, &claims), ==, 0);
  claims.issued_s = START_MS / 1000 - 1; /* it may have been told of while nobody listened */
  g_assert_cmpint (judge (f, &claims), ==, ASK);
}

/* One that nobody could tell of by its id. */
static void
test_ids_that_are_none (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autofree char *longest = g_strnfill (255, 'x'), *longer = g_strnfill (256, 'x');
  Claims claims = standard;

  claims.id = longest;
  g_assert_cmpint (judge (f, &claims), ==, 0);
  claims.id = longer;
  g_assert_cmpint (judge (f, &claims), ==, ASK);
  claims.id = "";
  g_assert_cmpint (judge (f, &claims), ==, ASK);
  claims.id = "id-7\\u0000";
  g_assert_cmpint (judge (f, &claims), ==, ASK);
}

static void
test_forged (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autofree char *good = sign (f->keys, &standard);
  g_autoptr (CoreJwtKeys) others = make_keys (TRUE);
  g_autoptr (CoreJwtKeys) curve = make_keys (FALSE);
  g_autofree char *foreign = sign (others, &standard);
  g_autofree char *of_curve = sign (curve, &standard);
  g_autofree char *changed = g_strdup (good);
  g_auto (GStrv) parts = g_strsplit (good, ".", -1), foreign_parts = g_strsplit (foreign, ".", -1);
  g_autofree char *named = g_strjoin (".", parts[0], foreign_parts[1], foreign_parts[2], NULL);
  g_autofree char *unsigned_text = g_strjoin (".", "eyJhbGciOiJub25lIn0", parts[1], "", NULL);
  char *claims = strchr (changed, '.') + 1;

  claims[20] = claims[20] == 'A' ? 'B' : 'A';
  g_assert_cmpint (judge_text (f, changed, &city), ==, 900901);
  g_assert_cmpint (judge_text (f, named, &city), ==, 900901);
  /* Nobody whom this gateway knows signed these. */
  g_assert_cmpint (judge_text (f, foreign, &city), ==, ASK);
  g_assert_cmpint (judge_text (f, of_curve, &city), ==, ASK);
  g_assert_cmpint (judge_text (f, unsigned_text, &city), ==, ASK);
  g_assert_cmpint (judge_text (f, "..", &city), ==, ASK);
  g_assert_cmpint (judge_text (f, "a1b2c3d4", &city), ==, ASK);
  g_assert_cmpint (judge_text (f, good, &city), ==, 0);
}

static void
test_keys_change (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (CoreJwtKeys) others = make_keys (FALSE);
  g_autofree char *of_others = sign (others, &standard);

  g_assert_cmpint (judge_text (f, of_others, &city), ==, ASK);
  gw_jwt_set_keys (f->jwt, others);
  g_assert_cmpint (judge_text (f, of_others, &city), ==, 0);
  g_assert_cmpint (judge (f, &standard), ==, ASK);
}

/* Wrong signatures use the budget up; time fills it again. */
static void
test_flood (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autofree char *good = NULL;
  g_autofree char *bad = NULL;
  char *end;

  tear_down (f, NULL);
  set_up_with (f, 10);
  good = sign (f->keys, &standard);
  bad = g_strdup (good);
  end = strrchr (bad, '.') + 10;
  *end = *end == 'A' ? 'B' : 'A';
  for (guint i = 0; i < 10; i++)
    g_assert_cmpint (judge_text (f, bad, &city), ==, 900901);
  g_assert_cmpint (judge_text (f, bad, &city), ==, BUSY);
  g_assert_cmpint (judge_text (f, good, &city), ==, BUSY);
  apim_manual_clock_advance (&f->clock, 100);
  g_assert_cmpint (judge_text (f, good, &city), ==, 0);
  g_assert_cmpint (judge_text (f, good, &city), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) g_test_add ("/gw-jwt/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("granted", test_granted);
  ADD ("ends", test_ends);
  ADD ("begins", test_begins);
  ADD ("levels", test_levels);
  ADD ("scopes", test_scopes);
  ADD ("subscriptions", test_subscriptions);
  ADD ("not-for-us", test_not_for_us);
  ADD ("ended", test_ended);
  ADD ("ids-that-are-none", test_ids_that_are_none);
  ADD ("forged", test_forged);
  ADD ("keys-change", test_keys_change);
  ADD ("flood", test_flood);
#undef ADD
  return g_test_run ();
}
