/* A gateway that judges a self-contained token against the Key Manager that made it. Both know the same application,
 * subscription, resource and scope: what the gateway grants the Key Manager grants, with the same words, and what it refuses
 * the Key Manager refuses for the same reason. Only what the gateway leaves to the Key Manager may be either.
 *
 * The input is lines: the numbers of the token and of now, the scopes of the token, the resource's scope, its level, context
 * and version asked for, context, version, status and tier of the subscription, the key's type. */
#include "config.h"
#include "core/core-validation.h"
#include "gateway/gw-jwt.h"
#include "keyvalidator/oauth/kv-jwt-token.h"
#include "tests/fuzz/replay.h"

#include <string.h>

#define ISSUER "https://km/oauth2/token"
#define SKEW_MS 300000
#define N_LINES 11

enum
{
  LINE_NUMBERS, /* issued, validity, now: milliseconds */
  LINE_SCOPES,
  LINE_SCOPE,
  LINE_LEVEL,
  LINE_CONTEXT,
  LINE_VERSION,
  LINE_API_CONTEXT,
  LINE_API_VERSION,
  LINE_STATUS,
  LINE_TIER,
  LINE_KEY_TYPE,
};

typedef struct
{
  char **lines;
  gint64 issued_ms, validity_ms, now_ms;
  gboolean default_version;
  char **scopes;
} Case;

static const CoreJwtKeys *
all_keys (void)
{
  static CoreJwtKeys *keys;
  EVP_PKEY *key;

  if (keys != NULL)
    return keys;
  keys = core_jwt_keys_new ();
  key = EVP_EC_gen ("P-256");
  g_assert_true (core_jwt_keys_add (keys, key, NULL));
  EVP_PKEY_free (key);
  return keys;
}

static StApplication *
application_of (const Case *c)
{
  static StApplication application = { .id = 7, .name = (char *) "Phone", .tier = (char *) "Unlimited", .owner = (char *) "alice" };

  application.key_type = c->lines[LINE_KEY_TYPE];
  return &application;
}

/* NULL: it cannot be made. */
static char *
make_token (const Case *c)
{
  StSubscribedApi api = { (char *) "Weather", c->lines[LINE_API_CONTEXT], c->lines[LINE_API_VERSION], (char *) "carol", c->lines[LINE_TIER],
                          c->lines[LINE_STATUS], NULL };
  g_autoptr (GPtrArray) apis = g_ptr_array_new ();
  g_autofree char *scope = g_strjoinv (" ", c->scopes);
  const KvJwtTokenRequest request = { .issuer = ISSUER,
                                      .id = "id-7",
                                      .consumer_key = "ck",
                                      .subject = "bob@carbon.super",
                                      .scope = scope,
                                      .issued_ms = c->issued_ms,
                                      .validity_ms = c->validity_ms,
                                      .application = application_of (c),
                                      .apis = apis };

  g_ptr_array_add (apis, &api);
  return kv_jwt_token_make (all_keys (), &request, NULL);
}

/* As the database would have it. */
static void
decide (const Case *c, CoreDecision *decision)
{
  static const char *const roles[] = { "somebody", NULL };
  static char *no_roles[] = { NULL };
  g_autofree char *version = g_strconcat (c->default_version ? "_default_" : "", c->lines[LINE_VERSION], NULL);
  StToken token = { (char *) "ck", (char *) "bob", ST_SUPER_TENANT_ID, TRUE, (char *) "PRIMARY", (char *) "APPLICATION_USER",
                    c->issued_ms, c->validity_ms, c->scopes };
  StSubscription subscription = { .subscriber = (char *) "alice",
                                  .tier = c->lines[LINE_TIER],
                                  .status = c->lines[LINE_STATUS],
                                  .application_id = 7,
                                  .application_name = (char *) "Phone",
                                  .application_tier = (char *) "Unlimited",
                                  .key_type = c->lines[LINE_KEY_TYPE],
                                  .api_name = (char *) "Weather",
                                  .api_provider = (char *) "carol",
                                  .has_policy = TRUE };
  StScope scope = { c->lines[LINE_SCOPE], no_roles };
  const CoreValidationRequest request = { .context = c->lines[LINE_CONTEXT],
                                          .version = version,
                                          .required_level = c->lines[LINE_LEVEL],
                                          .matching_resource = "/city",
                                          .http_verb = "GET" };
  const CoreValidationRules rules = { .skew_ms = SKEW_MS, .advanced_throttling = TRUE, .application_token_scope = "am_application_scope" };
  CoreFacts facts = { .token_known = TRUE,
                      .token = &token,
                      .token_tenant_domain = "carbon.super",
                      .token_self_contained = TRUE,
                      .subscription_known = TRUE,
                      .scope_known = TRUE,
                      .scope = *c->lines[LINE_SCOPE] != '\0' ? &scope : NULL,
                      .roles_known = TRUE,
                      .roles = roles };

  if (strcmp (c->lines[LINE_CONTEXT], c->lines[LINE_API_CONTEXT]) == 0
      && (c->default_version || strcmp (c->lines[LINE_VERSION], c->lines[LINE_API_VERSION]) == 0))
    facts.subscription = &subscription;
  g_assert_cmpint (core_validation_next (&request, &facts, &rules, c->now_ms, decision), ==, CORE_NEED_NOTHING);
}

static void
expect_text (TwText told, const char *known)
{
  g_assert_true (tw_text_equal (told, tw_text (known)));
}

/* Tokens say whole seconds: the gateway may think one expired up to a second before the Key Manager does, and one that is
 * issued in the future no good, which the Key Manager finds when it looks at the text. */
static gboolean
is_about_time (const Case *c)
{
  return c->issued_ms / 1000 > (c->now_ms + SKEW_MS) / 1000
         || (c->validity_ms >= 0 && c->validity_ms <= c->now_ms - SKEW_MS - c->issued_ms + 2000);
}

static void
compare (const Case *c, GwJwtVerdict verdict, const TwKeyValidationInfo *info)
{
  CoreDecision decision;

  if (verdict == GW_JWT_ASK)
    return;
  decide (c, &decision);
  g_assert_true (verdict == GW_JWT_GRANTED || verdict == GW_JWT_REFUSED);
  if (verdict == GW_JWT_REFUSED)
    {
      g_assert_true (info->validation_status == (gint32) decision.status
                     || (info->validation_status == 900901 && is_about_time (c)));
      return;
    }
  g_assert_true (decision.authorized);
  expect_text (info->type, decision.type);
  expect_text (info->tier, decision.tier);
  expect_text (info->application_id, decision.application_id);
  expect_text (info->application_name, decision.application_name);
  expect_text (info->application_tier, decision.application_tier);
  expect_text (info->subscriber, decision.subscriber);
  expect_text (info->subscriber_tenant_domain, decision.subscriber_tenant_domain);
  expect_text (info->end_user_name, decision.end_user_name);
  expect_text (info->consumer_key, decision.consumer_key);
  expect_text (info->api_name, decision.api_name);
  expect_text (info->api_publisher, decision.api_publisher);
  /* What outlives 292,000 years never expires, as far as a token can say. */
  g_assert_true (info->validity_period_ms <= decision.validity_ms
                 || decision.validity_ms / 1000 >= CORE_JWT_NEVER_S - c->now_ms / 1000 - 1);
}

static void
judge (const Case *c, const char *token)
{
  static const GwJwtSettings settings = { .issuer = ISSUER, .application_scope = "am_application_scope", .skew_ms = SKEW_MS };
  ApimManualClock clock;
  const TwUriTemplate resource = { .uri_template = TW_TEXT ("/city"),
                                   .http_verb = TW_TEXT ("GET"),
                                   .auth_type = tw_text (c->lines[LINE_LEVEL]),
                                   .scope = tw_text (c->lines[LINE_SCOPE]) };
  const GwAuthQuestion question = { .context = tw_text (c->lines[LINE_CONTEXT]),
                                    .version = tw_text (c->lines[LINE_VERSION]),
                                    .default_version = c->default_version,
                                    .resource = TW_TEXT ("/city"),
                                    .verb = TW_TEXT ("GET"),
                                    .token = tw_text (token) };
  g_auto (GwJwtAnswer) answer = { .claims = NULL };
  g_autoptr (GwEndedTokens) ended = NULL;
  g_autoptr (GwJwt) jwt = NULL;

  apim_manual_clock_init (&clock, -SKEW_MS - 2000); /* it has been listening since before any token */
  ended = gw_ended_tokens_new (4, SKEW_MS / 1000, &clock.clock);
  apim_manual_clock_advance (&clock, c->now_ms - clock.now_wall_ms);
  jwt = gw_jwt_new (&settings, (CoreJwtKeys *) all_keys (), &clock.clock);
  compare (c, gw_jwt_judge (jwt, &question, &resource, ended, &answer), &answer.info);
}

/* What a database can hold, and HTTP can ask for. */
static gboolean
is_possible (const Case *c)
{
  for (guint i = 0; i < N_LINES; i++)
    if (strlen (c->lines[i]) > 200 || !g_utf8_validate (c->lines[i], -1, NULL))
      return FALSE;
  return g_str_has_prefix (c->lines[LINE_VERSION], "_default_") == FALSE && strchr (c->lines[LINE_SCOPE], ' ') == NULL;
}

static gboolean
read_numbers (Case *c)
{
  g_auto (GStrv) words = g_strsplit (c->lines[LINE_NUMBERS], " ", 4);

  if (g_strv_length (words) < 3)
    return FALSE;
  c->issued_ms = g_ascii_strtoll (words[0], NULL, 10);
  c->validity_ms = g_ascii_strtoll (words[1], NULL, 10);
  c->now_ms = g_ascii_strtoll (words[2], NULL, 10);
  c->default_version = words[3] != NULL;
  return c->issued_ms >= 0 && c->issued_ms < G_GINT64_CONSTANT (1) << 50 && c->now_ms >= 0
         && c->now_ms < G_GINT64_CONSTANT (1) << 50;
}

static char **
words_of (const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, " ", -1);
  g_autoptr (GStrvBuilder) words = g_strv_builder_new ();

  for (char **part = parts; *part != NULL; part++)
    if (**part != '\0')
      g_strv_builder_add (words, *part);
  return g_strv_builder_end (words);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_auto (GStrv) lines = g_strsplit (text, "\n", N_LINES);
  g_autofree char *token = NULL;
  Case c = { .lines = lines };

  if (g_strv_length (lines) < N_LINES || !is_possible (&c) || !read_numbers (&c))
    return 0;
  c.scopes = words_of (lines[LINE_SCOPES]);
  token = make_token (&c);
  if (token != NULL)
    judge (&c, token);
  g_strfreev (c.scopes);
  return 0;
}
