#include "config.h"
#include "core/core-validation.h"

#include <string.h>

#define NOW G_GINT64_CONSTANT (1500000000000)
#define SKEW G_GINT64_CONSTANT (300000)
#define HOUR G_GINT64_CONSTANT (3600000)
/* In a table: NULL on purpose; NULL there leaves the good value. */
static char NONE[] = "(none)";

/* A request, the facts and the rules that authorize it with every fact in use; each case spoils one thing. */
typedef struct
{
  CoreValidationRequest request;
  CoreFacts facts;
  CoreValidationRules rules;
  StToken token;
  StApiDefault api_default;
  StSubscription subscription;
  StScope scope;
  char *token_scopes[4];
  char *scope_roles[4];
  const char *user_roles[4];
  CoreDecision decision;
} World;

static char *
text (const char *constant)
{
  return (char *) constant;
}

static void
good_subscription (StSubscription *subscription)
{
  *subscription = (StSubscription){ .subscriber = text ("alice"), .tier = text ("Gold"), .status = text ("UNBLOCKED"),
                                    .create_state = text ("SUBSCRIBE"), .application_id = 7,
                                    .application_name = text ("PhoneApp"), .application_tier = text ("Unlimited"),
                                    .key_type = text ("PRODUCTION"), .api_name = text ("Weather"), .api_provider = text ("carol"),
                                    .api_version = text ("1.0"), .api_tier = text ("Silver"), .has_policy = TRUE,
                                    .rate_limit_count = 20, .rate_limit_unit = text ("sec"),
                                    .stop_on_quota_reach = TRUE, .content_aware = TRUE };
}

static void
good_world (World *world)
{
  memset (world, 0, sizeof *world);
  world->request = (CoreValidationRequest){ CORE_VALIDATE_KEY, "/weather/1.0", "1.0", "Any", "/city/*", "GET" };
  world->rules = (CoreValidationRules){ SKEW, FALSE, FALSE, TRUE, "am_application_scope" };
  world->token_scopes[0] = text ("read");
  world->scope_roles[0] = text ("forecaster");
  world->user_roles[0] = "forecaster";
  world->token = (StToken){ .consumer_key = text ("ck_9fA3"), .user_name = text ("bob"),
                            .tenant_id = ST_SUPER_TENANT_ID, .user_domain = text ("PRIMARY"),
                            .user_type = text ("APPLICATION_USER"), .issued_ms = NOW, .validity_ms = HOUR,
                            .scopes = world->token_scopes };
  good_subscription (&world->subscription);
  world->scope = (StScope){ text ("read"), world->scope_roles };
  world->api_default = (StApiDefault){ text ("Weather"), text ("1.0"), NULL };
  world->facts = (CoreFacts){ .token_known = TRUE, .token = &world->token,
                              .token_tenant_domain = ST_SUPER_TENANT_DOMAIN,
                              .api_default_known = TRUE, .api_default = &world->api_default,
                              .subscription_known = TRUE, .subscription = &world->subscription,
                              .scope_known = TRUE, .scope = &world->scope,
                              .roles_known = TRUE, .roles = world->user_roles };
}

static void
override (char **field, const char *value)
{
  if (value != NULL)
    *field = value == NONE ? NULL : (char *) value;
}

static void
override_list (char **list, const char *const *value)
{
  for (gsize i = 0; i < 4; i++)
    list[i] = (char *) value[i];
}

static CoreNeed
decide (World *world)
{
  /* What an earlier decision left in the memory must not show. */
  memset (&world->decision, 0xa5, sizeof world->decision);
  return core_validation_next (&world->request, &world->facts, &world->rules, NOW, &world->decision);
}

/* Which fields a reply carries, by how far the chain got. */
typedef enum
{
  TELLS_NOTHING,
  TELLS_TOKEN,
  TELLS_TYPE, /* and the token */
  TELLS_SUBSCRIPTION, /* and both, with the throttling fields when advanced throttling is on */
} Tells;

static void
expect_token_fields (const World *world, gboolean told)
{
  g_assert_cmpstr (world->decision.end_user_name, ==, told ? "bob@carbon.super" : NULL);
  g_assert_cmpstr (world->decision.consumer_key, ==, told ? "ck_9fA3" : NULL);
  g_assert_cmpint (world->decision.validity_ms, ==, told ? HOUR + SKEW : 0);
  g_assert_cmpint (world->decision.issued_ms, ==, told ? NOW : 0);
}

static void
expect_throttling_fields (const World *world, gboolean told)
{
  const CoreDecision *decision = &world->decision;

  g_assert_cmpint (decision->content_aware, ==, told);
  g_assert_cmpint (decision->spike_arrest_limit, ==, told ? 20 : 0);
  g_assert_cmpstr (decision->spike_arrest_unit, ==, told ? "sec" : NULL);
  g_assert_cmpint (decision->stop_on_quota_reach, ==, told);
  g_assert_cmpstr (decision->subscriber_tenant_domain, ==, told ? "carbon.super" : NULL);
  g_assert_cmpstr (decision->api_tier, ==, told ? "Silver" : NULL);
  g_assert_cmpstr (decision->throttling_data, ==, told ? "api_level_throttling_key" : NULL);
}

static void
expect (World *world, CoreStatus status, Tells tells)
{
  const CoreDecision *decision = &world->decision;
  gboolean told = tells == TELLS_SUBSCRIPTION;

  g_assert_cmpint (decide (world), ==, CORE_NEED_NOTHING);
  g_assert_cmpint (decision->status, ==, status);
  g_assert_cmpint (decision->authorized, ==, status == CORE_STATUS_OK);
  expect_token_fields (world, tells >= TELLS_TOKEN);
  g_assert_cmpstr (decision->type, ==, tells >= TELLS_TYPE ? world->subscription.key_type : NULL);
  g_assert_cmpstr (decision->subscriber, ==, told ? "alice" : NULL);
  g_assert_cmpstr (decision->tier, ==, told ? "Gold" : NULL);
  g_assert_cmpstr (decision->application_id, ==, told ? "7" : NULL);
  g_assert_cmpstr (decision->application_name, ==, told ? "PhoneApp" : NULL);
  g_assert_cmpstr (decision->application_tier, ==, told ? "Unlimited" : NULL);
  g_assert_cmpstr (decision->api_name, ==, told ? "Weather" : NULL);
  g_assert_cmpstr (decision->api_publisher, ==, told ? "carol" : NULL);
  expect_throttling_fields (world, told && world->rules.advanced_throttling);
}

static void
test_good (void)
{
  World world;

  good_world (&world);
  expect (&world, CORE_STATUS_OK, TELLS_SUBSCRIPTION);
}

/* With any fact missing nobody is let in, and the fact that is asked for is the first missing one. */
static void
test_every_subset_of_facts (gconstpointer kind)
{
  for (guint known = 0; known < 32; known++)
    {
      World world;
      CoreNeed need;

      good_world (&world);
      world.request.kind = GPOINTER_TO_INT (kind);
      world.facts.token_known = known & 1;
      world.facts.api_default_known = (known & 2) != 0 || world.request.kind == CORE_VALIDATE_KEY;
      world.facts.subscription_known = (known & 4) != 0;
      world.facts.scope_known = (known & 8) != 0 || world.request.kind == CORE_VALIDATE_HANDSHAKE;
      world.facts.roles_known = (known & 16) != 0 || world.request.kind == CORE_VALIDATE_HANDSHAKE;
      need = !world.facts.token_known           ? CORE_NEED_TOKEN
             : !world.facts.api_default_known   ? CORE_NEED_API_DEFAULT
             : !world.facts.subscription_known  ? CORE_NEED_SUBSCRIPTION
             : !world.facts.scope_known         ? CORE_NEED_SCOPE
             : !world.facts.roles_known         ? CORE_NEED_ROLES
                                                : CORE_NEED_NOTHING;
      g_assert_cmpint (decide (&world), ==, need);
      g_assert_cmpint (world.decision.authorized, ==, need == CORE_NEED_NOTHING);
      g_assert_cmpint (world.decision.status, ==, need == CORE_NEED_NOTHING ? 0 : CORE_STATUS_GENERAL_ERROR);
    }
}

/* Every fact known to be absent, or known: the first absent one decides; absent scopes protect nothing. */
static void
test_absent_facts (void)
{
  World world;

  good_world (&world);
  world.facts.token = NULL;
  expect (&world, CORE_STATUS_INVALID_CREDENTIALS, TELLS_NOTHING);
  good_world (&world);
  world.facts.token_tenant_domain = NULL;
  expect (&world, CORE_STATUS_INVALID_CREDENTIALS, TELLS_NOTHING);
  good_world (&world);
  world.facts.token_tenant_domain = "";
  expect (&world, CORE_STATUS_INVALID_CREDENTIALS, TELLS_NOTHING);
  good_world (&world);
  world.facts.subscription = NULL;
  expect (&world, CORE_STATUS_FORBIDDEN, TELLS_TOKEN);
  good_world (&world);
  world.facts.scope = NULL;
  expect (&world, CORE_STATUS_OK, TELLS_SUBSCRIPTION);
  good_world (&world);
  world.facts.roles = NULL;
  expect (&world, CORE_STATUS_INVALID_SCOPE, TELLS_SUBSCRIPTION);
}

/* Records that the store never makes. */
static void
test_senseless_facts (void)
{
  World world;

  good_world (&world);
  world.token.consumer_key = NULL;
  expect (&world, CORE_STATUS_INVALID_CREDENTIALS, TELLS_NOTHING);
  good_world (&world);
  world.token.consumer_key = text ("");
  expect (&world, CORE_STATUS_INVALID_CREDENTIALS, TELLS_NOTHING);
  good_world (&world);
  world.token.user_name = text ("");
  expect (&world, CORE_STATUS_INVALID_CREDENTIALS, TELLS_NOTHING);
  good_world (&world);
  world.token.scopes = NULL;
  expect (&world, CORE_STATUS_INVALID_CREDENTIALS, TELLS_NOTHING);
  good_world (&world);
  world.scope.roles = NULL;
  expect (&world, CORE_STATUS_INVALID_SCOPE, TELLS_SUBSCRIPTION);
  good_world (&world);
  world.scope.key = NULL;
  expect (&world, CORE_STATUS_INVALID_SCOPE, TELLS_SUBSCRIPTION);
  good_world (&world);
  world.request.context = NULL;
  world.facts.subscription_known = FALSE;
  expect (&world, CORE_STATUS_FORBIDDEN, TELLS_TOKEN);
  good_world (&world);
  world.request.version = NULL;
  expect (&world, CORE_STATUS_FORBIDDEN, TELLS_TOKEN);
}

typedef struct
{
  const char *name;
  gint64 issued_ms, validity_ms, skew_ms;
  const char *user_type;
  gboolean user_never, app_never;
  gint64 told_ms; /* 0: expired */
} ExpiryCase;

static const ExpiryCase expiry_cases[] = {
  { "fresh", NOW, HOUR, 0, NULL, FALSE, FALSE, HOUR },
  { "skew-lengthens", NOW, HOUR, SKEW, NULL, FALSE, FALSE, HOUR + SKEW },
  { "whole-seconds", NOW - 1, HOUR, 0, NULL, FALSE, FALSE, HOUR - 1000 },
  { "last-second", NOW, 1000, 0, NULL, FALSE, FALSE, 0 },
  { "before-last-second", NOW, 1001, 0, NULL, FALSE, FALSE, 1000 },
  { "just-under-two-seconds", NOW, 1999, 0, NULL, FALSE, FALSE, 1000 },
  { "two-seconds", NOW, 2000, 0, NULL, FALSE, FALSE, 2000 },
  { "long-gone", NOW - 2 * HOUR, HOUR, SKEW, NULL, FALSE, FALSE, 0 },
  { "within-skew", NOW - HOUR - SKEW + 1001, HOUR, SKEW, NULL, FALSE, FALSE, 1000 },
  { "past-skew", NOW - HOUR - SKEW + 1000, HOUR, SKEW, NULL, FALSE, FALSE, 0 },
  { "zero-validity", NOW, 0, 0, NULL, FALSE, FALSE, 0 },
  { "zero-validity-within-skew", NOW, 0, SKEW, NULL, FALSE, FALSE, SKEW },
  { "never-minus-one", 0, -1, SKEW, NULL, FALSE, FALSE, G_MAXINT64 },
  { "never-lowest", 0, G_MININT64, SKEW, NULL, FALSE, FALSE, G_MAXINT64 },
  { "never-highest", 0, G_MAXINT64, SKEW, NULL, FALSE, FALSE, G_MAXINT64 },
  { "highest-but-one", G_MAXINT64, G_MAXINT64 - 1, SKEW, NULL, FALSE, FALSE,
    (G_MAXINT64 - NOW + SKEW) / 1000 * 1000 },
  { "lowest-issue", G_MININT64, HOUR, SKEW, NULL, FALSE, FALSE, 0 },
  { "highest-skew", NOW, HOUR, G_MAXINT64, NULL, FALSE, FALSE, G_MAXINT64 / 1000 * 1000 },
  { "user-never", NOW, HOUR, 0, "APPLICATION_USER", TRUE, FALSE, G_MAXINT64 },
  { "user-never-other-kind", NOW, HOUR, 0, "APPLICATION", TRUE, FALSE, HOUR },
  { "app-never", NOW, HOUR, 0, "APPLICATION", FALSE, TRUE, G_MAXINT64 },
  { "app-never-other-kind", NOW, HOUR, 0, "APPLICATION_USER", FALSE, TRUE, HOUR },
  { "never-unknown-kind", NOW, HOUR, 0, "application", TRUE, TRUE, HOUR },
  { "never-no-kind", NOW, HOUR, 0, NONE, TRUE, TRUE, HOUR },
  { "never-but-expired", NOW - 2 * HOUR, HOUR, 0, "APPLICATION_USER", TRUE, TRUE, 0 },
};

static void
test_expiry (gconstpointer data)
{
  const ExpiryCase *test = data;
  World world;

  good_world (&world);
  world.token.issued_ms = test->issued_ms;
  world.token.validity_ms = test->validity_ms;
  world.rules.skew_ms = test->skew_ms;
  override (&world.token.user_type, test->user_type);
  world.rules.user_tokens_never_expire = test->user_never;
  world.rules.app_tokens_never_expire = test->app_never;
  if (test->told_ms == 0)
    {
      expect (&world, CORE_STATUS_INVALID_CREDENTIALS, TELLS_NOTHING);
      return;
    }
  g_assert_cmpint (decide (&world), ==, CORE_NEED_NOTHING);
  g_assert_true (world.decision.authorized);
  g_assert_cmpint (world.decision.validity_ms, ==, test->told_ms);
  g_assert_cmpint (world.decision.issued_ms, ==, NOW);
}

/* The same facts, asked again later: an answer is made for its moment. */
static void
test_expires_between_calls (void)
{
  World world;
  gint64 end_ms = NOW + HOUR + SKEW;

  good_world (&world);
  core_validation_next (&world.request, &world.facts, &world.rules, end_ms - 1001, &world.decision);
  g_assert_true (world.decision.authorized);
  core_validation_next (&world.request, &world.facts, &world.rules, end_ms - 1000, &world.decision);
  g_assert_false (world.decision.authorized);
  g_assert_cmpint (world.decision.status, ==, CORE_STATUS_INVALID_CREDENTIALS);
}

static void
test_end_user (void)
{
  static const struct
  {
    const char *domain, *user, *tenant, *told;
  } cases[] = {
    { "PRIMARY", "bob", "carbon.super", "bob@carbon.super" },
    { "primary", "bob", "carbon.super", "bob@carbon.super" },
    { "", "bob", "example.com", "bob@example.com" },
    { NULL, "bob", "example.com", "bob@example.com" },
    { "LDAP", "bob", "example.com", "LDAP/bob@example.com" },
    { "LDAP", "bob@mail.org", "example.com", "LDAP/bob@mail.org@example.com" },
  };
  World world;

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      good_world (&world);
      world.token.user_domain = text (cases[i].domain);
      world.token.user_name = text (cases[i].user);
      world.facts.token_tenant_domain = cases[i].tenant;
      decide (&world);
      g_assert_true (world.decision.authorized);
      g_assert_cmpstr (world.decision.end_user_name, ==, cases[i].told);
    }
}

static void
test_end_user_length (void)
{
  World world;
  gsize room = sizeof world.decision.end_user_buffer - 1 - strlen ("@" ST_SUPER_TENANT_DOMAIN);
  g_autofree char *fits = g_strnfill (room, 'b');
  g_autofree char *too_long = g_strnfill (room + 1, 'b');

  good_world (&world);
  world.token.user_name = fits;
  decide (&world);
  g_assert_true (world.decision.authorized);
  g_assert_cmpuint (strlen (world.decision.end_user_name), ==, sizeof world.decision.end_user_buffer - 1);
  world.token.user_name = too_long;
  expect (&world, CORE_STATUS_GENERAL_ERROR, TELLS_NOTHING);
}

typedef struct
{
  const char *level;
  gboolean application_token;
  gboolean passes;
} LevelCase;

static const LevelCase level_cases[] = {
  { NONE, FALSE, FALSE },
  { NONE, TRUE, FALSE },
  { "", FALSE, FALSE },
  { "", TRUE, FALSE },
  { "Any", FALSE, TRUE },
  { "Any", TRUE, TRUE },
  { "None", FALSE, TRUE },
  { "None", TRUE, TRUE },
  { "Application", FALSE, FALSE },
  { "Application", TRUE, TRUE },
  { "Application_User", FALSE, TRUE },
  { "Application_User", TRUE, FALSE },
  /* Other texts pass, and case makes another text. */
  { "application", FALSE, TRUE },
  { "APPLICATION_USER", TRUE, TRUE },
  { "Application ", FALSE, TRUE },
};

/* The level is looked at before the subscription: a refusal needs no look-up. */
static void
test_level (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (level_cases); i++)
    {
      const LevelCase *test = &level_cases[i];
      World world;

      good_world (&world);
      world.request.required_level = test->level == NONE ? NULL : test->level;
      if (test->application_token)
        world.token_scopes[1] = text ("am_application_scope");
      if (!test->passes)
        world.facts.subscription_known = FALSE;
      expect (&world, test->passes ? CORE_STATUS_OK : CORE_STATUS_WRONG_TOKEN_TYPE,
              test->passes ? TELLS_SUBSCRIPTION : TELLS_TOKEN);
    }
}

/* The name of the scope is the configuration's; without one nothing is an application token. */
static void
test_application_scope_name (void)
{
  World world;

  good_world (&world);
  world.request.required_level = "Application";
  world.rules.application_token_scope = "read";
  expect (&world, CORE_STATUS_OK, TELLS_SUBSCRIPTION);
  world.rules.application_token_scope = "READ";
  expect (&world, CORE_STATUS_WRONG_TOKEN_TYPE, TELLS_TOKEN);
  world.rules.application_token_scope = NULL;
  expect (&world, CORE_STATUS_WRONG_TOKEN_TYPE, TELLS_TOKEN);
}

/* decisions.md 6: whatever the stored text of such a token is used for, it is refused as a token, before anything of the
 * API is looked at; the JWT that stands for it is a token like any other. */
static void
test_jwt_application (void)
{
  World world;

  good_world (&world);
  world.token.of_jwt_application = TRUE;
  expect (&world, CORE_STATUS_INVALID_CREDENTIALS, TELLS_NOTHING);
  world.facts.subscription = NULL;
  expect (&world, CORE_STATUS_INVALID_CREDENTIALS, TELLS_NOTHING);
  world.request.required_level = "Application";
  world.facts.subscription_known = FALSE;
  expect (&world, CORE_STATUS_INVALID_CREDENTIALS, TELLS_NOTHING);
  world.facts.token_self_contained = TRUE;
  expect (&world, CORE_STATUS_WRONG_TOKEN_TYPE, TELLS_TOKEN);
  world.request.required_level = "Any";
  world.facts.subscription_known = TRUE;
  expect (&world, CORE_STATUS_FORBIDDEN, TELLS_TOKEN);
  world.facts.subscription = &world.subscription;
  expect (&world, CORE_STATUS_OK, TELLS_SUBSCRIPTION);
  world.facts.scope_known = TRUE;
  world.token_scopes[0] = text ("another");
  expect (&world, CORE_STATUS_INVALID_SCOPE, TELLS_SUBSCRIPTION);
}

typedef struct
{
  const char *status, *key_type, *create_state;
  CoreStatus expected;
  Tells tells;
} SubscriptionCase;

static const SubscriptionCase subscription_cases[] = {
  { "UNBLOCKED", NULL, NULL, CORE_STATUS_OK, TELLS_SUBSCRIPTION },
  { "UNBLOCKED", "SANDBOX", NULL, CORE_STATUS_OK, TELLS_SUBSCRIPTION },
  { "TIER_UPDATE_PENDING", NULL, NULL, CORE_STATUS_OK, TELLS_SUBSCRIPTION },
  { "blocked", NULL, NULL, CORE_STATUS_OK, TELLS_SUBSCRIPTION },
  { "", NULL, NULL, CORE_STATUS_OK, TELLS_SUBSCRIPTION },
  { NONE, NULL, NULL, CORE_STATUS_SUBSCRIPTION_INACTIVE, TELLS_TOKEN },
  { "ON_HOLD", NULL, NULL, CORE_STATUS_SUBSCRIPTION_INACTIVE, TELLS_TOKEN },
  { "ON_HOLD", "SANDBOX", NULL, CORE_STATUS_SUBSCRIPTION_INACTIVE, TELLS_TOKEN },
  { "REJECTED", NULL, NULL, CORE_STATUS_SUBSCRIPTION_INACTIVE, TELLS_TOKEN },
  { "BLOCKED", NULL, NULL, CORE_STATUS_API_BLOCKED, TELLS_TOKEN },
  { "BLOCKED", "SANDBOX", NULL, CORE_STATUS_API_BLOCKED, TELLS_TOKEN },
  { "PROD_ONLY_BLOCKED", NULL, NULL, CORE_STATUS_API_BLOCKED, TELLS_TYPE },
  { "PROD_ONLY_BLOCKED", "SANDBOX", NULL, CORE_STATUS_OK, TELLS_SUBSCRIPTION },
  { "PROD_ONLY_BLOCKED", "sandbox", NULL, CORE_STATUS_API_BLOCKED, TELLS_TYPE },
  { "PROD_ONLY_BLOCKED", NONE, NULL, CORE_STATUS_API_BLOCKED, TELLS_TYPE },
  /* decisions.md 2: also where WSO2 lets the sandbox key pass */
  { "UNBLOCKED", NULL, "UN_SUBSCRIBE", CORE_STATUS_FORBIDDEN, TELLS_TOKEN },
  { "BLOCKED", NULL, "UN_SUBSCRIBE", CORE_STATUS_FORBIDDEN, TELLS_TOKEN },
  { "PROD_ONLY_BLOCKED", "SANDBOX", "UN_SUBSCRIBE", CORE_STATUS_FORBIDDEN, TELLS_TOKEN },
  { "UNBLOCKED", NULL, NONE, CORE_STATUS_OK, TELLS_SUBSCRIPTION },
};

static void
test_subscription (gconstpointer advanced)
{
  for (gsize i = 0; i < G_N_ELEMENTS (subscription_cases); i++)
    {
      const SubscriptionCase *test = &subscription_cases[i];
      World world;

      good_world (&world);
      world.rules.advanced_throttling = GPOINTER_TO_INT (advanced);
      override (&world.subscription.status, test->status);
      override (&world.subscription.key_type, test->key_type);
      override (&world.subscription.create_state, test->create_state);
      expect (&world, test->expected, test->tells);
    }
}

/* decisions.md 17: with a refused subscription and a refused scope the subscription's status is told, and no scope is
 * loaded. */
static void
test_subscription_before_scope (void)
{
  World world;

  good_world (&world);
  world.subscription.status = text ("BLOCKED");
  world.facts.scope_known = FALSE;
  expect (&world, CORE_STATUS_API_BLOCKED, TELLS_TOKEN);
}

static void
test_policy (void)
{
  World world;

  good_world (&world);
  world.subscription.has_policy = FALSE;
  expect (&world, CORE_STATUS_FORBIDDEN, TELLS_TOKEN);
  world.rules.advanced_throttling = FALSE;
  expect (&world, CORE_STATUS_OK, TELLS_SUBSCRIPTION);
}

static void
test_throttling_fields (void)
{
  static const struct
  {
    const char *subscriber, *tenant, *api_tier;
    gint count, limit;
    const char *told_tier;
  } cases[] = {
    { "alice", "carbon.super", "Gold", 1, 1, "Gold" },
    { "alice@example.com", "example.com", "", 0, 0, NULL },
    { "alice@mail.org@example.com", "example.com", " \t", -1, 0, NULL },
    { "alice@", "carbon.super", NULL, G_MAXINT, G_MAXINT, NULL },
    { NULL, "carbon.super", " Gold", G_MININT, 0, " Gold" },
  };
  World world;

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      good_world (&world);
      world.subscription.subscriber = text (cases[i].subscriber);
      world.subscription.api_tier = text (cases[i].api_tier);
      world.subscription.rate_limit_count = cases[i].count;
      world.subscription.rate_limit_unit = NULL;
      decide (&world);
      g_assert_true (world.decision.authorized);
      g_assert_cmpstr (world.decision.subscriber_tenant_domain, ==, cases[i].tenant);
      g_assert_cmpstr (world.decision.api_tier, ==, cases[i].told_tier);
      g_assert_cmpint (world.decision.spike_arrest_limit, ==, cases[i].limit);
      g_assert_null (world.decision.spike_arrest_unit);
    }
}

static void
test_application_id_width (void)
{
  World world;

  good_world (&world);
  world.subscription.application_id = G_MININT;
  decide (&world);
  g_assert_cmpstr (world.decision.application_id, ==, "-2147483648");
}

typedef struct
{
  const char *name;
  const char *token_scopes[4], *scope_roles[4], *user_roles[4];
  gboolean passes;
} ScopeCase;

static const ScopeCase scope_cases[] = {
  { "token-without-scopes", { NULL }, { "forecaster" }, { NULL }, TRUE },
  { "lacks-scope", { "write" }, { NULL }, { "forecaster" }, FALSE },
  { "scope-by-case", { "READ" }, { NULL }, { "forecaster" }, FALSE },
  { "scope-by-prefix", { "rea", "read2" }, { NULL }, { "forecaster" }, FALSE },
  { "second-scope", { "write", "read" }, { "forecaster" }, { "forecaster" }, TRUE },
  { "no-roles-on-scope", { "read" }, { NULL }, { "clerk" }, TRUE },
  { "no-roles-on-scope-or-user", { "read" }, { NULL }, { NULL }, FALSE },
  { "no-roles-on-user", { "read" }, { "forecaster" }, { NULL }, FALSE },
  { "no-common-role", { "read" }, { "forecaster", "admin" }, { "clerk", "cook" }, FALSE },
  { "one-common-role", { "read" }, { "forecaster", "admin" }, { "clerk", "admin" }, TRUE },
  { "role-by-case", { "read" }, { "Forecaster" }, { "forecaster" }, FALSE },
  { "everyone", { "read" }, { "admin", "Internal/everyone" }, { "clerk" }, TRUE },
  { "everyone-by-case", { "read" }, { "internal/Everyone" }, { "clerk" }, FALSE },
  { "everyone-but-nobody", { "read" }, { "Internal/everyone" }, { NULL }, FALSE },
};

static void
test_scope (gconstpointer data)
{
  const ScopeCase *test = data;
  World world;

  good_world (&world);
  override_list (world.token_scopes, test->token_scopes);
  override_list (world.scope_roles, test->scope_roles);
  for (gsize i = 0; i < 4; i++)
    world.user_roles[i] = test->user_roles[i];
  expect (&world, test->passes ? CORE_STATUS_OK : CORE_STATUS_INVALID_SCOPE, TELLS_SUBSCRIPTION);
}

/* What is not needed is not asked for. */
static void
test_scope_needs (void)
{
  World world;

  good_world (&world);
  world.token_scopes[0] = NULL;
  world.facts.scope_known = world.facts.roles_known = FALSE;
  expect (&world, CORE_STATUS_OK, TELLS_SUBSCRIPTION);
  good_world (&world);
  world.token_scopes[0] = text ("write");
  world.facts.roles_known = FALSE;
  expect (&world, CORE_STATUS_INVALID_SCOPE, TELLS_SUBSCRIPTION);
}

/* spec 2.5: clients of generations I and II send neither resource nor verb. */
static void
test_old_generations (void)
{
  World world;

  good_world (&world);
  world.facts.scope_known = FALSE;
  world.request.matching_resource = NULL;
  expect (&world, CORE_STATUS_OK, TELLS_SUBSCRIPTION);
  world.request.matching_resource = "/city/*";
  world.request.http_verb = NULL;
  expect (&world, CORE_STATUS_OK, TELLS_SUBSCRIPTION);
  /* Empty texts were sent; they name a resource like any other. */
  world.request.http_verb = world.request.matching_resource = "";
  g_assert_cmpint (decide (&world), ==, CORE_NEED_SCOPE);
}

/* Neither level nor scope is looked at (spec 6.4). */
static void
test_handshake (void)
{
  World world;

  good_world (&world);
  world.request = (CoreValidationRequest){ CORE_VALIDATE_HANDSHAKE, "/weather/1.0", "1.0", NULL, NULL, NULL };
  world.facts.scope_known = world.facts.roles_known = FALSE;
  expect (&world, CORE_STATUS_OK, TELLS_SUBSCRIPTION);
  world.request.matching_resource = "/city/*";
  world.request.http_verb = "GET";
  world.facts.api_default = NULL;
  expect (&world, CORE_STATUS_OK, TELLS_SUBSCRIPTION);
  world.subscription.status = text ("BLOCKED");
  expect (&world, CORE_STATUS_API_BLOCKED, TELLS_TOKEN);
  world.facts.subscription = NULL;
  expect (&world, CORE_STATUS_FORBIDDEN, TELLS_TOKEN);
  world.facts.token = NULL;
  expect (&world, CORE_STATUS_INVALID_CREDENTIALS, TELLS_NOTHING);
}

/* decisions.md 11 and spec 6.4 item 1: refused with 900901, and says whose token it was. */
static void
test_handshake_expired (void)
{
  World world;
  g_autofree char *too_long = g_strnfill (sizeof world.decision.end_user_buffer, 'b');

  good_world (&world);
  world.request.kind = CORE_VALIDATE_HANDSHAKE;
  world.token.issued_ms = NOW - 2 * HOUR;
  world.facts.api_default_known = world.facts.subscription_known = FALSE;
  g_assert_cmpint (decide (&world), ==, CORE_NEED_NOTHING);
  g_assert_false (world.decision.authorized);
  g_assert_cmpint (world.decision.status, ==, CORE_STATUS_INVALID_CREDENTIALS);
  g_assert_cmpstr (world.decision.end_user_name, ==, "bob@carbon.super");
  g_assert_cmpstr (world.decision.consumer_key, ==, "ck_9fA3");
  g_assert_cmpint (world.decision.validity_ms, ==, 0);
  g_assert_cmpint (world.decision.issued_ms, ==, 0);
  world.token.user_name = too_long;
  expect (&world, CORE_STATUS_INVALID_CREDENTIALS, TELLS_NOTHING);
}

static void
test_handshake_default_version (void)
{
  World world;
  gsize room = sizeof world.decision.api_name_buffer - 1 - strlen ("*2.0");
  g_autofree char *fits = g_strnfill (room, 'w');
  g_autofree char *too_long = g_strnfill (room + 1, 'w');

  good_world (&world);
  world.request.kind = CORE_VALIDATE_HANDSHAKE;
  world.request.version = NULL;
  world.api_default.default_version = text ("2.0");
  g_assert_cmpint (decide (&world), ==, CORE_NEED_NOTHING);
  g_assert_true (world.decision.authorized);
  g_assert_cmpstr (world.decision.api_name, ==, "Weather*2.0");
  world.subscription.api_name = fits;
  decide (&world);
  g_assert_true (world.decision.authorized);
  g_assert_cmpuint (strlen (world.decision.api_name), ==, sizeof world.decision.api_name_buffer - 1);
  world.subscription.api_name = too_long;
  expect (&world, CORE_STATUS_GENERAL_ERROR, TELLS_TOKEN);
  /* It is the handshake's rule alone. */
  world.subscription.api_name = text ("Weather");
  world.request.kind = CORE_VALIDATE_KEY;
  world.request.version = "1.0";
  expect (&world, CORE_STATUS_OK, TELLS_SUBSCRIPTION);
}

static void
add_named_cases (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (expiry_cases); i++)
    {
      g_autofree char *path = g_strconcat ("/validation/expiry/", expiry_cases[i].name, NULL);

      g_test_add_data_func (path, &expiry_cases[i], test_expiry);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (scope_cases); i++)
    {
      g_autofree char *path = g_strconcat ("/validation/scope/", scope_cases[i].name, NULL);

      g_test_add_data_func (path, &scope_cases[i], test_scope);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/validation/good", test_good);
  g_test_add_data_func ("/validation/every-subset/key", GINT_TO_POINTER (CORE_VALIDATE_KEY),
                        test_every_subset_of_facts);
  g_test_add_data_func ("/validation/every-subset/handshake", GINT_TO_POINTER (CORE_VALIDATE_HANDSHAKE),
                        test_every_subset_of_facts);
  g_test_add_func ("/validation/absent-facts", test_absent_facts);
  g_test_add_func ("/validation/senseless-facts", test_senseless_facts);
  add_named_cases ();
  g_test_add_func ("/validation/expires-between-calls", test_expires_between_calls);
  g_test_add_func ("/validation/end-user", test_end_user);
  g_test_add_func ("/validation/end-user-length", test_end_user_length);
  g_test_add_func ("/validation/level", test_level);
  g_test_add_func ("/validation/application-scope-name", test_application_scope_name);
  g_test_add_func ("/validation/jwt-application", test_jwt_application);
  g_test_add_data_func ("/validation/subscription/advanced-throttling", GINT_TO_POINTER (TRUE), test_subscription);
  g_test_add_data_func ("/validation/subscription/plain", GINT_TO_POINTER (FALSE), test_subscription);
  g_test_add_func ("/validation/decision-17-subscription-before-scope", test_subscription_before_scope);
  g_test_add_func ("/validation/policy", test_policy);
  g_test_add_func ("/validation/throttling-fields", test_throttling_fields);
  g_test_add_func ("/validation/application-id-width", test_application_id_width);
  g_test_add_func ("/validation/scope-needs", test_scope_needs);
  g_test_add_func ("/validation/old-generations", test_old_generations);
  g_test_add_func ("/validation/handshake/answers", test_handshake);
  g_test_add_func ("/validation/handshake/decision-11-expired", test_handshake_expired);
  g_test_add_func ("/validation/handshake/decision-11-default-version", test_handshake_default_version);
  return g_test_run ();
}
