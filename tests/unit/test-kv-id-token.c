/* ID tokens: that a checker of JWTs takes them and for whom, and what codes carry for them. */
#include "config.h"
#include "keyvalidator/oauth/kv-id-token.h"

#include <string.h>

#define ISSUER "https://km.example:9443/oauth2/token"
#define NOW_S G_GINT64_CONSTANT (1700000000)

static CoreJwtKeys *
make_keys (void)
{
  CoreJwtKeys *keys = core_jwt_keys_new ();
  EVP_PKEY *key = EVP_RSA_gen (2048);

  g_assert_true (core_jwt_keys_add (keys, key, NULL));
  EVP_PKEY_free (key);
  return keys;
}

static const char *
claim (const CoreJson *claims, const char *name)
{
  return core_json_string (core_json_member (core_json_root (claims), name));
}

/* The access token and its hash are those of OpenID Connect Core 1.0, A.3. */
static void
test_claims (void)
{
  g_autoptr (CoreJwtKeys) keys = make_keys ();
  const KvIdTokenRequest request = { .issuer = ISSUER,
                                     .client_id = "client",
                                     .subject = "LDAP/bob@acme.com",
                                     .access_token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y",
                                     .nonce = "n-\"0S6",
                                     .auth_time_s = NOW_S - 5,
                                     .now_s = NOW_S,
                                     .validity_s = 60 };
  g_autoptr (GError) error = NULL;
  g_autofree char *token = kv_id_token_make (keys, &request, &error);
  CoreJwtRules rules = { .keys = keys, .issuer = ISSUER, .audience = "client", .now_s = NOW_S };
  g_autoptr (CoreJson) claims = NULL;
  gint64 number;

  g_assert_no_error (error);
  g_assert_true (core_jwt_verify (token, strlen (token), &rules, &claims, &error));
  g_assert_cmpstr (claim (claims, "sub"), ==, "LDAP/bob@acme.com");
  g_assert_cmpstr (claim (claims, "azp"), ==, "client");
  g_assert_cmpstr (claim (claims, "nonce"), ==, "n-\"0S6");
  g_assert_cmpstr (claim (claims, "at_hash"), ==, "77QmUPtjPfzWtF2AnpK9RQ");
  g_assert_true (core_json_int64 (core_json_member (core_json_root (claims), "exp"), &number));
  g_assert_cmpint (number, ==, NOW_S + 60);
  g_assert_true (core_json_int64 (core_json_member (core_json_root (claims), "auth_time"), &number));
  g_assert_cmpint (number, ==, NOW_S - 5);
  rules.audience = "http://org.wso2.apimgt/gateway"; /* not an access token */
  g_assert_false (core_jwt_verify (token, strlen (token), &rules, NULL, NULL));
}

static void
test_no_key (void)
{
  g_autoptr (CoreJwtKeys) keys = core_jwt_keys_new ();
  const KvIdTokenRequest request
      = { .issuer = ISSUER, .client_id = "c", .subject = "s", .access_token = "a" };
  g_autoptr (GError) error = NULL;

  g_assert_null (kv_id_token_make (keys, &request, &error));
  g_assert_error (error, CORE_JWT_ERROR, CORE_JWT_ERROR_FAILED);
}

static void
assert_read (const char *code, const char *expected_nonce, gint64 expected_time_s)
{
  g_autofree char *nonce = NULL;
  gint64 auth_time_s;

  kv_id_token_code_read (code, &nonce, &auth_time_s);
  g_assert_cmpstr (nonce, ==, expected_nonce);
  g_assert_cmpint (auth_time_s, ==, expected_time_s);
}

static void
test_codes (void)
{
  g_autofree char *longest = g_strnfill (KV_ID_TOKEN_MAX_NONCE, 'n');
  const char *const nonces[] = { NULL, "n", "n-0S6_WzA2Mj", "a:b:c", "\xc3\xa4", longest };

  for (gsize i = 0; i < G_N_ELEMENTS (nonces); i++)
    {
      g_autofree char *code = kv_id_token_code ("random", nonces[i], NOW_S);

      g_assert_true (g_str_has_prefix (code, "random."));
      g_assert_cmpuint (strlen (code), <, 256 - 34);
      assert_read (code, nonces[i], NOW_S);
    }
}

/* Codes of other makers, and what a stranger may send. */
static void
test_other_codes (void)
{
  g_autofree char *huge = g_strnfill (100000, 'A');
  g_autofree char *huge_tail = g_strconcat ("x.", huge, NULL);
  const char *const others[] = { "",         "3c8b2f0e-6f7f-4f0b-a2f1-8a3c9d3c8b2f",
                                 "x.",       "x.A",
                                 "x.AAAA",   "x.!!!!",
                                 "x.Y29kZQ", "x.OjpuOjo=",
                                 huge_tail };

  for (gsize i = 0; i < G_N_ELEMENTS (others); i++)
    assert_read (others[i], NULL, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/kv-id-token/claims", test_claims);
  g_test_add_func ("/kv-id-token/no-key", test_no_key);
  g_test_add_func ("/kv-id-token/codes", test_codes);
  g_test_add_func ("/kv-id-token/other-codes", test_other_codes);
  return g_test_run ();
}
