/* JWTs made and checked: keys and their names, and everything that a token can do to be taken for what it is not. */
#include "config.h"
#include "common/apim-secret.h"
#include "core/core-jwt.h"

#include <openssl/core_names.h>
#include <openssl/hmac.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <string.h>

#define NOW 1700000000
#define ISSUER "https://km.example:9443/oauth2/token"
#define AUDIENCE "http://org.wso2.apimgt/gateway"

#define HEADER(alg) "{\"typ\":\"JWT\",\"alg\":\"" alg "\"}"
#define CLAIMS(more) "{\"iss\":\"" ISSUER "\",\"aud\":\"" AUDIENCE "\",\"exp\":1700000600" more "}"

static EVP_PKEY *rsa, *other_rsa, *ec;
static CoreJwtKeys *keys;

static void
make_keys (void)
{
  rsa = EVP_RSA_gen (2048);
  other_rsa = EVP_RSA_gen (2048);
  ec = EVP_EC_gen ("P-256");
  keys = core_jwt_keys_new ();
  g_assert_true (core_jwt_keys_add (keys, rsa, NULL));
  g_assert_true (core_jwt_keys_add (keys, ec, NULL));
}

static void
free_keys (void)
{
  core_jwt_keys_unref (keys);
  EVP_PKEY_free (rsa);
  EVP_PKEY_free (other_rsa);
  EVP_PKEY_free (ec);
}

static const CoreJwtRules *
rules (void)
{
  static CoreJwtRules all;

  all = (CoreJwtRules){ .keys = keys, .issuer = ISSUER, .audience = AUDIENCE, .now_s = NOW, .skew_s = 60 };
  return &all;
}

static void
assert_good (const char *token)
{
  g_autoptr (CoreJson) claims = NULL;
  g_autoptr (GError) error = NULL;

  core_jwt_verify (token, strlen (token), rules (), &claims, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (core_json_string (core_json_member (core_json_root (claims), "iss")), ==, ISSUER);
}

static void
assert_bad (const char *token, gsize length, CoreJwtError code)
{
  CoreJson *claims = (CoreJson *) keys; /* must stay */
  g_autoptr (GError) error = NULL;

  g_assert_false (core_jwt_verify (token, length, rules (), &claims, &error));
  g_assert_error (error, CORE_JWT_ERROR, (int) code);
  g_assert_true (claims == (CoreJson *) keys);
}

static char *
make (const CoreJwtKey *key, const char *header, const char *claims)
{
  g_autoptr (GError) error = NULL;
  char *token = core_jwt_sign (key, header, claims, CORE_JWT_BASE64URL, &error);

  g_assert_no_error (error);
  return token;
}

static char *
encode (const char *text)
{
  return apim_base64url_encode ((const guint8 *) text, strlen (text));
}

/* Keys */

/* The public RSA key of RFC 7638 3.1. */
static EVP_PKEY *
rfc_7638_key (void)
{
  static const char modulus[]
      = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_"
        "BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W"
        "-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_"
        "FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdk"
        "t-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
  guint8 n[256];
  EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name (NULL, "RSA", NULL);
  OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new ();
  BIGNUM *modulus_number, *exponent = BN_new ();
  OSSL_PARAM *parameters;
  EVP_PKEY *key = NULL;

  g_assert_true (apim_base64url_decode (modulus, strlen (modulus), n, sizeof n));
  modulus_number = BN_bin2bn (n, sizeof n, NULL);
  BN_set_word (exponent, 65537);
  OSSL_PARAM_BLD_push_BN (builder, OSSL_PKEY_PARAM_RSA_N, modulus_number);
  OSSL_PARAM_BLD_push_BN (builder, OSSL_PKEY_PARAM_RSA_E, exponent);
  parameters = OSSL_PARAM_BLD_to_param (builder);
  g_assert_cmpint (EVP_PKEY_fromdata_init (context), ==, 1);
  g_assert_cmpint (EVP_PKEY_fromdata (context, &key, EVP_PKEY_PUBLIC_KEY, parameters), ==, 1);
  OSSL_PARAM_free (parameters);
  OSSL_PARAM_BLD_free (builder);
  BN_free (modulus_number);
  BN_free (exponent);
  EVP_PKEY_CTX_free (context);
  return key;
}

static void
test_thumbprint (void)
{
  g_autoptr (CoreJwtKeys) set = core_jwt_keys_new ();
  EVP_PKEY *key = rfc_7638_key ();

  g_assert_true (core_jwt_keys_add (set, key, NULL));
  g_assert_cmpstr (core_jwt_keys_get (set, 0)->kid, ==, "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
  EVP_PKEY_free (key);
}

static void
test_jwks (void)
{
  g_autofree char *text = core_jwt_keys_to_jwks (keys);
  g_autoptr (CoreJson) json = core_json_parse (text, strlen (text), NULL);
  const CoreJsonNode *first, *second;

  g_assert_nonnull (json);
  first = core_json_first (core_json_member (core_json_root (json), "keys"));
  second = core_json_next (first);
  g_assert_null (core_json_next (second));
  g_assert_cmpstr (core_json_string (core_json_member (first, "kty")), ==, "RSA");
  g_assert_cmpstr (core_json_string (core_json_member (first, "e")), ==, "AQAB");
  g_assert_cmpuint (strlen (core_json_string (core_json_member (first, "n"))), ==, 342);
  g_assert_cmpstr (core_json_string (core_json_member (first, "alg")), ==, "RS256");
  g_assert_cmpstr (core_json_string (core_json_member (first, "use")), ==, "sig");
  g_assert_cmpstr (core_json_string (core_json_member (first, "kid")), ==, core_jwt_keys_get (keys, 0)->kid);
  g_assert_cmpstr (core_json_string (core_json_member (second, "crv")), ==, "P-256");
  g_assert_cmpuint (strlen (core_json_string (core_json_member (second, "x"))), ==, 43);
  g_assert_cmpuint (strlen (core_json_string (core_json_member (second, "y"))), ==, 43);
  g_assert_null (core_json_member (first, "d"));
  g_assert_null (core_json_member (second, "d"));
}

static void
test_unfit_keys (void)
{
  g_autoptr (CoreJwtKeys) set = core_jwt_keys_new ();
  EVP_PKEY *unfit[] = { EVP_RSA_gen (512), EVP_EC_gen ("P-384"), EVP_PKEY_Q_keygen (NULL, NULL, "ED25519") };

  for (guint i = 0; i < G_N_ELEMENTS (unfit); i++)
    {
      g_assert_nonnull (unfit[i]);
      g_assert_false (core_jwt_keys_add (set, unfit[i], NULL));
      EVP_PKEY_free (unfit[i]);
    }
  g_assert_null (core_jwt_keys_signer (set));
  for (guint i = 0; i < CORE_JWT_MAX_KEYS; i++)
    g_assert_true (core_jwt_keys_add (set, ec, NULL));
  g_assert_false (core_jwt_keys_add (set, ec, NULL));
  g_assert_true (core_jwt_keys_signer (set) == core_jwt_keys_get (set, 0));
}

/* Making */

static void
test_good (void)
{
  const CoreJwtKey *rsa_key = core_jwt_keys_get (keys, 0), *ec_key = core_jwt_keys_get (keys, 1);
  g_autofree char *with_kid = g_strdup_printf ("{\"alg\":\"RS256\",\"kid\":\"%s\",\"x5t\":\"unknown\"}", rsa_key->kid);
  const struct
  {
    const CoreJwtKey *key;
    const char *header, *claims;
  } cases[] = {
    { rsa_key, HEADER ("RS256"), CLAIMS ("") },
    { ec_key, HEADER ("ES256"), CLAIMS ("") },
    { rsa_key, "{\"alg\":\"RS256\"}", CLAIMS ("") },
    { rsa_key, "{\"alg\":\"RS256\",\"typ\":\"at+jwt\"}", CLAIMS ("") },
    { rsa_key, with_kid, CLAIMS ("") },
    { rsa_key, HEADER ("RS256"), CLAIMS (",\"nbf\":1700000060,\"iat\":1700000060") },
    { rsa_key, HEADER ("RS256"), "{\"iss\":\"" ISSUER "\",\"aud\":[\"x\",\"" AUDIENCE "\"],\"exp\":9223372036854775}" },
    { rsa_key, HEADER ("RS256"), "{\"iss\":\"" ISSUER "\",\"aud\":\"" AUDIENCE "\",\"exp\":1699999941}" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *token = make (cases[i].key, cases[i].header, cases[i].claims);

      assert_good (token);
    }
  g_assert_true (core_jwt_keys_signer (keys) == rsa_key);
}

/* WSO2's servers name a key by its certificate, as RFC 7515 does and in their own form, with padding and without, and in
 * "kid" as well; and whoever names another one is not meant. */
static void
test_named_by_certificate (void)
{
  EVP_PKEY *key = EVP_RSA_gen (2048);
  X509 *certificate = X509_new ();
  g_autoptr (CoreJwtKeys) certified = core_jwt_keys_new ();
  const CoreJwtRules rules
      = { .keys = certified, .issuer = ISSUER, .audience = AUDIENCE, .now_s = 1700000000, .skew_s = 60 };
  g_autofree char *unpadded = NULL;
  const CoreJwtKey *one;

  g_assert_true (X509_set_pubkey (certificate, key) == 1 && X509_sign (certificate, key, EVP_sha256 ()) > 0);
  g_assert_true (core_jwt_keys_add (certified, key, certificate));
  one = core_jwt_keys_get (certified, 0);
  unpadded = g_strndup (one->x5t_hex, strcspn (one->x5t_hex, "="));
  g_assert_cmpstr (unpadded, !=, one->x5t_hex);
  const char *const names[] = { one->x5t, one->x5t_hex, unpadded, "bm9ib2R5", "" };

  for (guint i = 0; i < 2 * G_N_ELEMENTS (names); i++)
    {
      const char *name = names[i / 2];
      g_autofree char *header
          = g_strdup_printf ("{\"alg\":\"RS256\",\"%s\":\"%s\"}", i % 2 == 0 ? "kid" : "x5t", name);
      g_autofree char *token = make (one, header, CLAIMS (""));
      g_autoptr (GError) error = NULL;

      if (i / 2 < 3)
        g_assert_true (core_jwt_verify (token, strlen (token), &rules, NULL, &error));
      else
        {
          g_assert_false (core_jwt_verify (token, strlen (token), &rules, NULL, &error));
          g_assert_error (error, CORE_JWT_ERROR, CORE_JWT_ERROR_UNKNOWN_KEY);
        }
    }
  X509_free (certificate);
  EVP_PKEY_free (key);
}

static void
test_encoding (void)
{
  g_autofree char *padded
      = core_jwt_sign (core_jwt_keys_get (keys, 0), "{\"a\":\"\xc3\xbf\xc3\xbf\"}", "{}", CORE_JWT_BASE64, NULL);
  g_autofree char *unsigned_token = core_jwt_make_unsigned ("{}", "{\"a\":1}", CORE_JWT_BASE64, NULL);
  g_auto (GStrv) parts = g_strsplit (padded, ".", -1);

  g_assert_cmpstr (unsigned_token, ==, "e30=.eyJhIjoxfQ==.");
  g_assert_cmpuint (g_strv_length (parts), ==, 3);
  g_assert_cmpstr (parts[0], ==, "eyJhIjoiw7/DvyJ9");
  g_assert_cmpstr (parts[1], ==, "e30=");
  g_assert_true (g_str_has_suffix (parts[2], "=="));
}

static void
test_too_long (void)
{
  g_autofree char *filling = g_strnfill (CORE_JWT_MAX_LENGTH, 'x');
  g_autofree char *claims = g_strdup_printf ("{\"a\":\"%s\"}", filling);
  g_autoptr (GError) error = NULL;

  g_assert_null (core_jwt_sign (core_jwt_keys_get (keys, 0), HEADER ("RS256"), claims, CORE_JWT_BASE64URL, &error));
  g_assert_error (error, CORE_JWT_ERROR, CORE_JWT_ERROR_MALFORMED);
}

/* Refusals of signed tokens */

typedef struct
{
  const char *name, *header, *claims;
  CoreJwtError code;
} BadToken;

#define IS(member, value) "\"" member "\":" value
#define WITH(members) "{\"alg\":\"RS256\"," members "}"

static const BadToken bad_tokens[] = {
  { "none", HEADER ("none"), CLAIMS (""), CORE_JWT_ERROR_UNSUPPORTED },
  { "None", HEADER ("None"), CLAIMS (""), CORE_JWT_ERROR_UNSUPPORTED },
  { "case", HEADER ("rs256"), CLAIMS (""), CORE_JWT_ERROR_UNSUPPORTED },
  { "other-hash", HEADER ("RS512"), CLAIMS (""), CORE_JWT_ERROR_UNSUPPORTED },
  { "pss", HEADER ("PS256"), CLAIMS (""), CORE_JWT_ERROR_UNSUPPORTED },
  { "other-key-kind", HEADER ("ES256"), CLAIMS (""), CORE_JWT_ERROR_SIGNATURE },
  { "no-algorithm", "{\"typ\":\"JWT\"}", CLAIMS (""), CORE_JWT_ERROR_UNSUPPORTED },
  { "algorithm-number", "{\"alg\":256}", CLAIMS (""), CORE_JWT_ERROR_UNSUPPORTED },
  { "algorithm-list", "{\"alg\":[\"RS256\"]}", CLAIMS (""), CORE_JWT_ERROR_UNSUPPORTED },
  { "algorithm-twice", "{\"alg\":\"none\",\"alg\":\"RS256\"}", CLAIMS (""), CORE_JWT_ERROR_MALFORMED },
  { "crit", WITH (IS ("crit", "[\"exp\"]")), CLAIMS (""), CORE_JWT_ERROR_UNSUPPORTED },
  { "crit-unknown", WITH (IS ("crit", "[\"x\"],\"x\":1")), CLAIMS (""), CORE_JWT_ERROR_UNSUPPORTED },
  { "b64", WITH (IS ("b64", "false")), CLAIMS (""), CORE_JWT_ERROR_UNSUPPORTED },
  { "type", WITH (IS ("typ", "\"dpop+jwt\"")), CLAIMS (""), CORE_JWT_ERROR_UNSUPPORTED },
  { "type-number", WITH (IS ("typ", "1")), CLAIMS (""), CORE_JWT_ERROR_UNSUPPORTED },
  { "kid-path", WITH (IS ("kid", "\"../../../../dev/null\"")), CLAIMS (""), CORE_JWT_ERROR_UNKNOWN_KEY },
  { "kid-sql", WITH (IS ("kid", "\"x' UNION SELECT 'key'--\"")), CLAIMS (""), CORE_JWT_ERROR_UNKNOWN_KEY },
  { "kid-empty", WITH (IS ("kid", "\"\"")), CLAIMS (""), CORE_JWT_ERROR_UNKNOWN_KEY },
  { "kid-null", WITH (IS ("kid", "null")), CLAIMS (""), CORE_JWT_ERROR_UNKNOWN_KEY },
  { "kid-list", WITH (IS ("kid", "[\"a\"]")), CLAIMS (""), CORE_JWT_ERROR_UNKNOWN_KEY },
  { "x5t-unknown", WITH (IS ("x5t", "\"a_jhNus21KVuoFx65LmkW2O_l10\"")), CLAIMS (""), CORE_JWT_ERROR_UNKNOWN_KEY },
  { "issuer", HEADER ("RS256"), "{\"iss\":\"https://evil.example\",\"aud\":\"" AUDIENCE "\",\"exp\":1700000600}",
    CORE_JWT_ERROR_CLAIM },
  { "issuer-longer", HEADER ("RS256"), "{\"iss\":\"" ISSUER "/\",\"aud\":\"" AUDIENCE "\",\"exp\":1700000600}",
    CORE_JWT_ERROR_CLAIM },
  { "issuer-missing", HEADER ("RS256"), "{\"aud\":\"" AUDIENCE "\",\"exp\":1700000600}", CORE_JWT_ERROR_CLAIM },
  { "issuer-list", HEADER ("RS256"), "{\"iss\":[\"" ISSUER "\"],\"aud\":\"" AUDIENCE "\",\"exp\":1700000600}",
    CORE_JWT_ERROR_CLAIM },
  { "audience", HEADER ("RS256"), "{\"iss\":\"" ISSUER "\",\"aud\":\"x\",\"exp\":1700000600}", CORE_JWT_ERROR_CLAIM },
  { "audience-none", HEADER ("RS256"), "{\"iss\":\"" ISSUER "\",\"aud\":[],\"exp\":1700000600}", CORE_JWT_ERROR_CLAIM },
  { "audience-missing", HEADER ("RS256"), "{\"iss\":\"" ISSUER "\",\"exp\":1700000600}", CORE_JWT_ERROR_CLAIM },
  { "audience-nested", HEADER ("RS256"), "{\"iss\":\"" ISSUER "\",\"aud\":[[\"" AUDIENCE "\"]],\"exp\":1700000600}",
    CORE_JWT_ERROR_CLAIM },
  { "expired", HEADER ("RS256"), "{\"iss\":\"" ISSUER "\",\"aud\":\"" AUDIENCE "\",\"exp\":1699999940}",
    CORE_JWT_ERROR_EXPIRED },
  { "expired-long-ago", HEADER ("RS256"), "{\"iss\":\"" ISSUER "\",\"aud\":\"" AUDIENCE "\",\"exp\":-1}",
    CORE_JWT_ERROR_EXPIRED },
  { "never-expires", HEADER ("RS256"), "{\"iss\":\"" ISSUER "\",\"aud\":\"" AUDIENCE "\"}", CORE_JWT_ERROR_CLAIM },
  { "expiry-text", HEADER ("RS256"), "{\"iss\":\"" ISSUER "\",\"aud\":\"" AUDIENCE "\",\"exp\":\"1700000600\"}",
    CORE_JWT_ERROR_CLAIM },
  { "expiry-huge", HEADER ("RS256"), "{\"iss\":\"" ISSUER "\",\"aud\":\"" AUDIENCE "\",\"exp\":1e300}",
    CORE_JWT_ERROR_CLAIM },
  { "expiry-twice", HEADER ("RS256"), CLAIMS (",\"exp\":1800000000"), CORE_JWT_ERROR_MALFORMED },
  { "not-before", HEADER ("RS256"), CLAIMS (",\"nbf\":1700000061"), CORE_JWT_ERROR_NOT_YET },
  { "not-before-text", HEADER ("RS256"), CLAIMS (",\"nbf\":\"0\""), CORE_JWT_ERROR_CLAIM },
  { "issued-tomorrow", HEADER ("RS256"), CLAIMS (",\"iat\":1700086400"), CORE_JWT_ERROR_NOT_YET },
  { "claims-list", HEADER ("RS256"), "[]", CORE_JWT_ERROR_MALFORMED },
  { "claims-empty-object", HEADER ("RS256"), "{}", CORE_JWT_ERROR_CLAIM },
  { "header-list", "[]", CLAIMS (""), CORE_JWT_ERROR_MALFORMED },
};

/* All of them are signed by a key that counts. */
static void
test_bad (gconstpointer data)
{
  const BadToken *bad = data;
  g_autofree char *token = make (core_jwt_keys_get (keys, 0), bad->header, bad->claims);

  assert_bad (token, strlen (token), bad->code);
}

static void
test_key_in_token (void)
{
  g_autoptr (CoreJwtKeys) others = core_jwt_keys_new ();
  g_autofree char *header = NULL;
  g_autofree char *token = NULL;

  g_assert_true (core_jwt_keys_add (others, other_rsa, NULL));
  header = g_strdup_printf (
      "{\"alg\":\"RS256\",\"jwk\":%s,\"jku\":\"https://evil.example/jwks\",\"x5u\":\"file:///etc/passwd\"}",
      core_jwt_keys_get (others, 0)->jwk);
  token = make (core_jwt_keys_get (others, 0), header, CLAIMS (""));
  assert_bad (token, strlen (token), CORE_JWT_ERROR_SIGNATURE);
}

/* The public key is public, so whoever takes it for an HMAC's secret lets everybody in. */
static void
test_public_key_as_secret (void)
{
  g_autofree char *header = encode (HEADER ("HS256"));
  g_autofree char *claims = encode (CLAIMS (""));
  g_autofree char *text = g_strconcat (header, ".", claims, NULL);
  g_autofree char *mac_text = NULL;
  g_autofree char *token = NULL;
  guint8 mac[EVP_MAX_MD_SIZE];
  guint length;
  BIO *pem = BIO_new (BIO_s_mem ());
  char *secret;
  long secret_length;

  PEM_write_bio_PUBKEY (pem, rsa);
  secret_length = BIO_get_mem_data (pem, &secret);
  HMAC (EVP_sha256 (), secret, (int) secret_length, (const guint8 *) text, strlen (text), mac, &length);
  BIO_free (pem);
  mac_text = apim_base64url_encode (mac, length);
  token = g_strconcat (text, ".", mac_text, NULL);
  assert_bad (token, strlen (token), CORE_JWT_ERROR_UNSUPPORTED);
}

/* Broken tokens */

static void
test_malformed (void)
{
  g_autofree char *good = make (core_jwt_keys_get (keys, 0), HEADER ("RS256"), CLAIMS (""));
  g_auto (GStrv) parts = g_strsplit (good, ".", 3);
  char *broken[] = {
    g_strdup (""),
    g_strdup ("."),
    g_strdup (".."),
    g_strdup ("a.b"),
    g_strdup ("4c1b0ad2-2d5e-3f1a-9f0e-8a1b2c3d4e5f"),
    g_strconcat (parts[0], ".", parts[1], NULL),
    g_strconcat (parts[0], ".", parts[1], ".", NULL),
    g_strconcat (".", parts[1], ".", parts[2], NULL),
    g_strconcat (parts[0], "..", parts[2], NULL),
    g_strconcat (good, ".", NULL),
    g_strconcat (good, ".x", NULL),
    g_strconcat (good, "=", NULL),
    g_strconcat (good, "\n", NULL),
    g_strconcat (" ", good, NULL),
    g_strconcat (parts[0], "=.", parts[1], ".", parts[2], NULL),
    g_strconcat (parts[0], ".", parts[1], ".", "+/+/", NULL),
    g_strconcat (parts[0], ".", parts[1], ".", parts[2], "AAA", NULL),
    g_strconcat (parts[0], ".", parts[1], ".{}", NULL),
  };

  for (guint i = 0; i < G_N_ELEMENTS (broken); i++)
    {
      g_test_message ("%u", i);
      assert_bad (broken[i], strlen (broken[i]), CORE_JWT_ERROR_MALFORMED);
      g_free (broken[i]);
    }
}

static void
test_sizes (void)
{
  g_autofree char *filling = g_strnfill (CORE_JWT_MAX_LENGTH, 'A');
  g_autofree char *long_header = g_strnfill (CORE_JWT_MAX_HEADER + 1, 'A');
  g_autofree char *token = g_strconcat ("e30.e30.", filling, NULL);
  g_autofree char *second = g_strconcat (long_header, ".e30.e30", NULL);

  assert_bad (token, strlen (token), CORE_JWT_ERROR_MALFORMED);
  assert_bad (second, strlen (second), CORE_JWT_ERROR_MALFORMED);
  assert_bad ("eyJhbGciOiJSUzI1NiJ9.e\0.e30", 27, CORE_JWT_ERROR_SIGNATURE);
}

/* Each character of header, claims and signature changed: never good, whatever it became. */
static void
test_every_character_counts (gconstpointer data)
{
  const CoreJwtKey *key = core_jwt_keys_get (keys, GPOINTER_TO_UINT (data));
  g_autofree char *header = g_strdup_printf (HEADER ("%s"), core_jwt_algorithm_name (key->algorithm));
  g_autofree char *token = make (key, header, CLAIMS (""));

  for (guint i = 0; token[i] != '\0'; i++)
    {
      char kept = token[i];

      token[i] = kept == 'A' ? 'B' : 'A';
      g_assert_false (core_jwt_verify (token, strlen (token), rules (), NULL, NULL));
      token[i] = kept;
    }
  assert_good (token);
}

static void
test_other_signatures (void)
{
  g_autoptr (CoreJwtKeys) others = core_jwt_keys_new ();
  EVP_PKEY *other_ec = EVP_EC_gen ("P-256");
  g_autofree char *rsa_token = NULL;
  g_autofree char *ec_token = NULL;
  g_autofree char *zeros = NULL;
  g_auto (GStrv) parts = NULL;
  static const guint8 nothing[64];
  g_autofree char *nothing_text = apim_base64url_encode (nothing, sizeof nothing);

  g_assert_true (core_jwt_keys_add (others, other_rsa, NULL) && core_jwt_keys_add (others, other_ec, NULL));
  rsa_token = make (core_jwt_keys_get (others, 0), HEADER ("RS256"), CLAIMS (""));
  ec_token = make (core_jwt_keys_get (others, 1), HEADER ("ES256"), CLAIMS (""));
  assert_bad (rsa_token, strlen (rsa_token), CORE_JWT_ERROR_SIGNATURE);
  assert_bad (ec_token, strlen (ec_token), CORE_JWT_ERROR_SIGNATURE);
  /* r = s = 0 (CVE-2022-21449) */
  parts = g_strsplit (ec_token, ".", 3);
  zeros = g_strconcat (parts[0], ".", parts[1], ".", nothing_text, NULL);
  assert_bad (zeros, strlen (zeros), CORE_JWT_ERROR_SIGNATURE);
  EVP_PKEY_free (other_ec);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  make_keys ();
  g_test_add_func ("/jwt/keys/thumbprint", test_thumbprint);
  g_test_add_func ("/jwt/keys/jwks", test_jwks);
  g_test_add_func ("/jwt/keys/unfit", test_unfit_keys);
  g_test_add_func ("/jwt/good", test_good);
  g_test_add_func ("/jwt/encoding", test_encoding);
  g_test_add_func ("/jwt/named-by-certificate", test_named_by_certificate);
  g_test_add_func ("/jwt/too-long", test_too_long);
  for (guint i = 0; i < G_N_ELEMENTS (bad_tokens); i++)
    {
      g_autofree char *path = g_strdup_printf ("/jwt/bad/%s", bad_tokens[i].name);

      g_test_add_data_func (path, &bad_tokens[i], test_bad);
    }
  g_test_add_func ("/jwt/bad/key-in-token", test_key_in_token);
  g_test_add_func ("/jwt/bad/public-key-as-secret", test_public_key_as_secret);
  g_test_add_func ("/jwt/bad/malformed", test_malformed);
  g_test_add_func ("/jwt/bad/sizes", test_sizes);
  g_test_add_data_func ("/jwt/every-character/rs256", GUINT_TO_POINTER (0), test_every_character_counts);
  g_test_add_data_func ("/jwt/every-character/es256", GUINT_TO_POINTER (1), test_every_character_counts);
  g_test_add_func ("/jwt/other-signatures", test_other_signatures);
  status = g_test_run ();
  free_keys ();
  return status;
}
