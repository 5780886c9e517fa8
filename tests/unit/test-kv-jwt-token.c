/* Self-contained access tokens: a golden one, what blocked subscriptions do to it, and that what is made is accepted. */
#include "config.h"
#include "keyvalidator/oauth/kv-jwt-token.h"

#include <string.h>

#define ISSUER "https://km.example:9443/oauth2/token"
#define ISSUED_MS G_GINT64_CONSTANT (1700000000123)

static CoreJwtKeys *
make_keys (gboolean rsa)
{
  CoreJwtKeys *keys = core_jwt_keys_new ();
  EVP_PKEY *key = rsa ? EVP_RSA_gen (2048) : EVP_EC_gen ("P-256");

  g_assert_true (core_jwt_keys_add (keys, key, NULL));
  EVP_PKEY_free (key);
  return keys;
}

static const StApplication application = { .id = 7,
                                           .uuid = (char *) "u-7",
                                           .name = (char *) "Phone \"App\"",
                                           .tier = (char *) "Unlimited",
                                           .token_type = (char *) "JWT",
                                           .owner = (char *) "eve@acme.com",
                                           .key_type = (char *) "PRODUCTION" };

static StSubscribedApi apis[] = {
  { (char *) "Weather", (char *) "/weather/1.0", (char *) "1.0", (char *) "carol", (char *) "Gold",
    (char *) "UNBLOCKED" },
  { (char *) "Blocked", (char *) "/a/1.0", (char *) "1.0", (char *) "carol", (char *) "Gold", (char *) "BLOCKED" },
  { (char *) "Half", (char *) "/b/1.0", (char *) "1.0", (char *) "carol", (char *) "Gold",
    (char *) "PROD_ONLY_BLOCKED" },
  { (char *) "Waiting", (char *) "/c/1.0", (char *) "1.0", (char *) "carol", (char *) "Gold", (char *) "ON_HOLD" },
  { (char *) "Nothing", (char *) "/d/1.0", (char *) "1.0", (char *) "carol", (char *) "Gold", NULL },
  { (char *) "Moving", (char *) "/e/1.0", (char *) "1.0", (char *) "carol", (char *) "Gold",
    (char *) "TIER_UPDATE_PENDING" },
  /* The first subscription to an API counts. */
  { (char *) "Blocked", (char *) "/a/1.0", (char *) "1.0", (char *) "carol", (char *) "Gold", (char *) "UNBLOCKED" },
  { (char *) "Late", (char *) "/f/1.0", (char *) "1.0", (char *) "carol", (char *) "Gold", (char *) "UNBLOCKED" },
  { (char *) "Late", (char *) "/f/1.0", (char *) "1.0", (char *) "carol", (char *) "Gold", (char *) "BLOCKED" },
};

static GPtrArray *
all_apis (void)
{
  GPtrArray *list = g_ptr_array_new ();

  for (guint i = 0; i < G_N_ELEMENTS (apis); i++)
    g_ptr_array_add (list, &apis[i]);
  return list;
}

static KvJwtTokenRequest
request_for (const GPtrArray *list)
{
  return (KvJwtTokenRequest){ .issuer = ISSUER,
                              .id = "4c1b0ad2-2d5e-4f1a-9f0e-8a1b2c3d4e5f",
                              .consumer_key = "ck_9fA3",
                              .subject = "bob@carbon.super",
                              .scope = "default read",
                              .issued_ms = ISSUED_MS,
                              .validity_ms = 3600000,
                              .application = &application,
                              .apis = list };
}

static char *
part_of (const char *token, guint part)
{
  g_auto (GStrv) parts = g_strsplit (token, ".", -1);
  g_autoptr (GString) text = g_string_new (NULL);
  gsize length;

  for (const char *at = parts[part]; *at != '\0'; at++)
    g_string_append_c (text, *at == '-' ? '+' : *at == '_' ? '/' : *at);
  while (text->len % 4 != 0)
    g_string_append_c (text, '=');
  g_base64_decode_inplace (text->str, &length);
  return g_strndup (text->str, length);
}

#define API(name, context)                                                                                             \
  "{\"name\":\"" name "\",\"context\":\"" context "\",\"version\":\"1.0\",\"publisher\":\"carol\","                    \
  "\"subscriptionTier\":\"Gold\",\"subscriberTenantDomain\":\"acme.com\"}"

static void
test_golden (void)
{
  g_autoptr (CoreJwtKeys) keys = make_keys (TRUE);
  g_autoptr (GPtrArray) list = all_apis ();
  KvJwtTokenRequest request = request_for (list);
  g_autofree char *token = kv_jwt_token_make (keys, &request, NULL);
  g_autofree char *again = kv_jwt_token_make (keys, &request, NULL);
  g_autofree char *header = part_of (token, 0);
  g_autofree char *claims = part_of (token, 1);
  g_autofree char *expected_header
      = g_strdup_printf ("{\"typ\":\"JWT\",\"alg\":\"RS256\",\"kid\":\"%s\"}", core_jwt_keys_get (keys, 0)->kid);

  g_assert_cmpstr (header, ==, expected_header);
  g_assert_cmpstr (claims, ==,
                   "{\"iss\":\"" ISSUER "\",\"sub\":\"bob@carbon.super\",\"aud\":\"http://org.wso2.apimgt/gateway\","
                   "\"exp\":1700003600,\"iat\":1700000000,\"jti\":\"4c1b0ad2-2d5e-4f1a-9f0e-8a1b2c3d4e5f\","
                   "\"scope\":\"default read\",\"keytype\":\"PRODUCTION\",\"consumerKey\":\"ck_9fA3\","
                   "\"application\":{\"id\":7,\"name\":\"Phone \\\"App\\\"\",\"tier\":\"Unlimited\","
                   "\"owner\":\"eve@acme.com\",\"uuid\":\"u-7\"},\"subscribedAPIs\":[" API (
                       "Weather", "/weather/1.0") "," API ("Moving", "/e/1.0") "," API ("Late", "/f/1.0") "]}");
  /* Made again from what is stored, it is the same token. */
  g_assert_cmpstr (again, ==, token);
}

static void
assert_expires (KvJwtTokenRequest *request, gint64 expected_s)
{
  g_autoptr (CoreJwtKeys) keys = make_keys (FALSE);
  g_autofree char *token = kv_jwt_token_make (keys, request, NULL);
  CoreJwtRules rules
      = { .keys = keys, .issuer = ISSUER, .audience = CORE_JWT_FOR_GATEWAYS, .now_s = expected_s - 1, .skew_s = 0 };
  g_autoptr (CoreJson) claims = NULL;
  g_autoptr (GError) error = NULL;
  gint64 expires_s;

  core_jwt_verify (token, strlen (token), &rules, &claims, &error);
  g_assert_no_error (error);
  g_assert_true (core_json_int64 (core_json_member (core_json_root (claims), "exp"), &expires_s));
  g_assert_cmpint (expires_s, ==, expected_s);
  rules.now_s = expected_s;
  g_assert_false (core_jwt_verify (token, strlen (token), &rules, NULL, &error));
  g_assert_error (error, CORE_JWT_ERROR, CORE_JWT_ERROR_EXPIRED);
}

static void
test_expiry (void)
{
  g_autoptr (GPtrArray) list = all_apis ();
  KvJwtTokenRequest request = request_for (list);

  assert_expires (&request, 1700003600);
  request.validity_ms = -1;
  assert_expires (&request, G_GINT64_CONSTANT (9223372036854775));
  request.validity_ms = G_MAXINT64;
  assert_expires (&request, G_GINT64_CONSTANT (9223372036854775));
}

static void
test_too_many_apis (void)
{
  g_autoptr (CoreJwtKeys) keys = make_keys (FALSE);
  g_autoptr (GPtrArray) list = g_ptr_array_new ();
  KvJwtTokenRequest request = request_for (list);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 1000; i++)
    g_ptr_array_add (list, &apis[0]);
  g_assert_null (kv_jwt_token_make (keys, &request, &error));
  g_assert_error (error, CORE_JWT_ERROR, CORE_JWT_ERROR_MALFORMED);
}

static void
test_no_key (void)
{
  g_autoptr (CoreJwtKeys) keys = core_jwt_keys_new ();
  g_autoptr (GPtrArray) list = all_apis ();
  KvJwtTokenRequest request = request_for (list);
  g_autoptr (GError) error = NULL;

  g_assert_null (kv_jwt_token_make (keys, &request, &error));
  g_assert_error (error, CORE_JWT_ERROR, CORE_JWT_ERROR_FAILED);
}

static void
test_issuer (void)
{
  ApimConfig config
      = { .host_name = (char *) "km.example", .web_context_root = (char *) "/am", .https = { NULL, 9444 } };
  g_autofree char *made = kv_jwt_token_issuer (&config);
  g_autofree char *given = NULL;

  config.token_issuer = (char *) "https://id.example";
  given = kv_jwt_token_issuer (&config);
  g_assert_cmpstr (made, ==, "https://km.example:9444/am/oauth2/token");
  g_assert_cmpstr (given, ==, "https://id.example");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/kv-jwt-token/golden", test_golden);
  g_test_add_func ("/kv-jwt-token/expiry", test_expiry);
  g_test_add_func ("/kv-jwt-token/too-many-apis", test_too_many_apis);
  g_test_add_func ("/kv-jwt-token/no-key", test_no_key);
  g_test_add_func ("/kv-jwt-token/issuer", test_issuer);
  return g_test_run ();
}
