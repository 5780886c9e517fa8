#include "config.h"
#include "core/core-jwt.h"

#include "common/apim-secret.h"

#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <string.h>

#define ES256_HALF 32
#define MAX_SIGNATURE 2048 /* of an RSA key of 16,384 bits */

G_DEFINE_QUARK (core-jwt-error-quark, core_jwt_error)

typedef struct
{
  const char *text;
  gsize length;
} Part;

static gboolean
refuse (GError **error, CoreJwtError code, const char *reason)
{
  g_set_error_literal (error, CORE_JWT_ERROR, code, reason);
  return FALSE;
}

/* Making */

static void
append_encoded (GString *token, const guint8 *bytes, gsize length, CoreJwtEncoding encoding)
{
  g_autofree char *text
      = encoding == CORE_JWT_BASE64 ? g_base64_encode (bytes, length) : apim_base64url_encode (bytes, length);

  g_string_append (token, text);
}

static GString *
begin_token (const char *header, const char *claims, CoreJwtEncoding encoding)
{
  GString *token = g_string_new (NULL);

  append_encoded (token, (const guint8 *) header, strlen (header), encoding);
  g_string_append_c (token, '.');
  append_encoded (token, (const guint8 *) claims, strlen (claims), encoding);
  return token;
}

static char *
end_token (GString *token, GError **error)
{
  if (token->len <= CORE_JWT_MAX_LENGTH)
    return g_string_free (token, FALSE);
  g_string_free (token, TRUE);
  g_set_error (error, CORE_JWT_ERROR, CORE_JWT_ERROR_MALFORMED, "the JWT has more to say than the %d bytes it may have",
               CORE_JWT_MAX_LENGTH);
  return NULL;
}

/* OpenSSL writes ECDSA signatures as DER, JWS as two numbers side by side (RFC 7518 3.4). */
static gboolean
der_to_pair (guint8 *signature, gsize *length)
{
  const guint8 *at = signature;
  ECDSA_SIG *pair = d2i_ECDSA_SIG (NULL, &at, (long) *length);
  gboolean fits = pair != NULL && BN_bn2binpad (ECDSA_SIG_get0_r (pair), signature, ES256_HALF) == ES256_HALF
                  && BN_bn2binpad (ECDSA_SIG_get0_s (pair), signature + ES256_HALF, ES256_HALF) == ES256_HALF;

  ECDSA_SIG_free (pair);
  *length = 2 * ES256_HALF;
  return fits;
}

static gboolean
sign (const CoreJwtKey *key, const char *text, gsize text_length, guint8 signature[MAX_SIGNATURE], gsize *length)
{
  EVP_MD_CTX *context = EVP_MD_CTX_new ();
  gboolean done;

  *length = MAX_SIGNATURE;
  done = context != NULL && EVP_PKEY_get_size (key->key) <= MAX_SIGNATURE
         && EVP_DigestSignInit (context, NULL, EVP_sha256 (), NULL, key->key) == 1
         && EVP_DigestSign (context, signature, length, (const guint8 *) text, text_length) == 1
         && (key->algorithm != CORE_JWT_ES256 || der_to_pair (signature, length));
  EVP_MD_CTX_free (context);
  return done;
}

char *
core_jwt_sign (const CoreJwtKey *key, const char *header, const char *claims, CoreJwtEncoding encoding, GError **error)
{
  GString *token = begin_token (header, claims, encoding);
  guint8 signature[MAX_SIGNATURE];
  gsize length;

  if (!sign (key, token->str, token->len, signature, &length))
    {
      ERR_clear_error ();
      g_string_free (token, TRUE);
      refuse (error, CORE_JWT_ERROR_FAILED, "OpenSSL could not sign a JWT with the node's key");
      return NULL;
    }
  g_string_append_c (token, '.');
  append_encoded (token, signature, length, encoding);
  return end_token (token, error);
}

char *
core_jwt_make_unsigned (const char *header, const char *claims, CoreJwtEncoding encoding, GError **error)
{
  GString *token = begin_token (header, claims, encoding);

  g_string_append_c (token, '.');
  return end_token (token, error);
}

/* Checking */

gboolean
core_jwt_has_form (const char *text, gsize length)
{
  const char *end, *dot;
  guint n = 0;

  if (length == 0) /* perhaps of no text at all */
    return FALSE;
  end = text + length;
  for (const char *at = text; n < 2 && at < end && (dot = memchr (at, '.', (gsize) (end - at))) != NULL; at = dot + 1)
    n++;
  return n == 2;
}

/* Three parts, none of them empty. */
static gboolean
split (const char *token, gsize length, Part parts[3], GError **error)
{
  const char *at = token, *end = token + length;

  if (length > CORE_JWT_MAX_LENGTH)
    return refuse (error, CORE_JWT_ERROR_MALFORMED, "the JWT is too long");
  for (guint i = 0; i < 3; i++)
    {
      const char *dot = i == 2 ? end : memchr (at, '.', (gsize) (end - at));

      if (dot == NULL || dot == at)
        return refuse (error, CORE_JWT_ERROR_MALFORMED, "the JWT has not three parts: only signed ones are accepted");
      parts[i] = (Part){ at, (gsize) (dot - at) };
      at = dot + 1;
    }
  if (parts[0].length > CORE_JWT_MAX_HEADER)
    return refuse (error, CORE_JWT_ERROR_MALFORMED, "the JWT's header is too long");
  return TRUE;
}

/* Bytes that a part stands for. A dot in the last part is no base64url, so there are never four. */
static guint8 *
decode (Part part, gsize *length, GError **error)
{
  static const guint8 rest[] = { 0, 0, 1, 2 };
  g_autofree guint8 *bytes = NULL;

  *length = part.length / 4 * 3 + rest[part.length % 4];
  bytes = g_malloc (*length + 1);
  if (part.length % 4 != 1 && apim_base64url_decode (part.text, part.length, bytes, *length))
    return g_steal_pointer (&bytes);
  refuse (error, CORE_JWT_ERROR_MALFORMED, "a part of the JWT is not base64url");
  return NULL;
}

static CoreJson *
decode_object (Part part, GError **error)
{
  g_autoptr (GError) why = NULL;
  g_autofree guint8 *bytes = NULL;
  CoreJson *json;
  gsize length;

  bytes = decode (part, &length, error);
  if (bytes == NULL)
    return NULL;
  json = core_json_parse ((const char *) bytes, length, &why);
  if (json == NULL)
    g_set_error (error, CORE_JWT_ERROR, CORE_JWT_ERROR_MALFORMED, "a part of the JWT is %s", why->message);
  return json;
}

CoreJson *
core_jwt_peek (const char *token, gsize length)
{
  Part parts[3];

  return split (token, length, parts, NULL) ? decode_object (parts[1], NULL) : NULL;
}

/* "typ" may be left out; what another type says is not an access token (RFC 8725 3.11). */
static gboolean
check_type (const CoreJsonNode *header, GError **error)
{
  static const char *const types[] = { "JWT", "at+jwt", "application/at+jwt" };
  const CoreJsonNode *typ = core_json_member (header, "typ");
  const char *text = core_json_string (typ);

  if (typ == NULL)
    return TRUE;
  for (guint i = 0; text != NULL && i < G_N_ELEMENTS (types); i++)
    if (g_ascii_strcasecmp (text, types[i]) == 0)
      return TRUE;
  return refuse (error, CORE_JWT_ERROR_UNSUPPORTED, "the JWT's type is not one of access tokens");
}

static gboolean
check_header (const CoreJsonNode *header, CoreJwtAlgorithm *algorithm, GError **error)
{
  const char *name = core_json_string (core_json_member (header, "alg"));

  if (core_json_member (header, "crit") != NULL || core_json_member (header, "b64") != NULL)
    return refuse (error, CORE_JWT_ERROR_UNSUPPORTED, "the JWT asks for an extension that is not understood");
  for (*algorithm = CORE_JWT_RS256; *algorithm <= CORE_JWT_ES256; (*algorithm)++)
    if (g_strcmp0 (name, core_jwt_algorithm_name (*algorithm)) == 0)
      return check_type (header, error);
  return refuse (error, CORE_JWT_ERROR_UNSUPPORTED, "the JWT's algorithm is neither RS256 nor ES256");
}

/* A name that the token gives is compared as a text; a key that does not have the name is not tried. */
static gboolean
is_named (const CoreJsonNode *header, const char *member, const char *name)
{
  const CoreJsonNode *node = core_json_member (header, member);

  return node == NULL || (name != NULL && g_strcmp0 (core_json_string (node), name) == 0);
}

/* The same without padding, as it stands in a JWT's header. */
static gboolean
is_named_unpadded (const CoreJsonNode *header, const char *member, const char *name)
{
  const char *text = core_json_string (core_json_member (header, member));
  gsize length = name != NULL ? strcspn (name, "=") : 0;

  return text != NULL && length > 0 && strlen (text) == length && memcmp (text, name, length) == 0;
}

/* By the thumbprint of its certificate, in any of the forms that WSO2's releases give it. */
static gboolean
is_certified (const CoreJsonNode *header, const char *member, const CoreJwtKey *key)
{
  return is_named (header, member, key->x5t) || is_named (header, member, key->x5t_hex)
         || is_named_unpadded (header, member, key->x5t_hex);
}

static gboolean
may_be_meant (const CoreJsonNode *header, CoreJwtAlgorithm algorithm, const CoreJwtKey *key)
{
  if (key->algorithm != algorithm)
    return FALSE;
  /* With a kid the thumbprint of a certificate adds nothing, and public keys may come without theirs. WSO2's servers
   * have one for the other. */
  if (core_json_member (header, "kid") != NULL)
    return is_named (header, "kid", key->kid) || is_certified (header, "kid", key);
  return is_certified (header, "x5t", key);
}

/* Two numbers side by side as the DER that OpenSSL reads. Returns: (nullable): free with OPENSSL_free(). */
static guint8 *
pair_to_der (const guint8 *signature, gsize length, int *der_length)
{
  ECDSA_SIG *pair = ECDSA_SIG_new ();
  BIGNUM *r = NULL, *s = NULL;
  guint8 *der = NULL;

  if (length == 2 * ES256_HALF && pair != NULL)
    {
      r = BN_bin2bn (signature, ES256_HALF, NULL);
      s = BN_bin2bn (signature + ES256_HALF, ES256_HALF, NULL);
    }
  if (r != NULL && s != NULL && ECDSA_SIG_set0 (pair, r, s) == 1)
    *der_length = i2d_ECDSA_SIG (pair, &der);
  else
    {
      BN_free (r);
      BN_free (s);
    }
  ECDSA_SIG_free (pair);
  return der;
}

static gboolean
verify_digest (EVP_PKEY *key, const guint8 *signature, gsize signature_length, const char *text, gsize length)
{
  EVP_MD_CTX *context = EVP_MD_CTX_new ();
  gboolean good = context != NULL && EVP_DigestVerifyInit (context, NULL, EVP_sha256 (), NULL, key) == 1
                  && EVP_DigestVerify (context, signature, signature_length, (const guint8 *) text, length) == 1;

  EVP_MD_CTX_free (context);
  /* A wrong signature is no error of this thread's next OpenSSL call. */
  ERR_clear_error ();
  return good;
}

static gboolean
is_signed_by (const CoreJwtKey *key, const guint8 *signature, gsize signature_length, const char *text, gsize length)
{
  guint8 *der;
  int der_length = 0;
  gboolean good;

  if (key->algorithm == CORE_JWT_RS256)
    return signature_length == (gsize) EVP_PKEY_get_size (key->key)
           && verify_digest (key->key, signature, signature_length, text, length);
  der = pair_to_der (signature, signature_length, &der_length);
  good = der != NULL && der_length > 0 && verify_digest (key->key, der, (gsize) der_length, text, length);
  OPENSSL_free (der);
  return good;
}

/* @text: the first two parts with their dot. */
static gboolean
check_signature (const CoreJsonNode *header, CoreJwtAlgorithm algorithm, const CoreJwtKeys *keys, Part signature,
                 Part text, GError **error)
{
  gboolean known = FALSE;
  g_autofree guint8 *bytes = NULL;
  gsize length;

  bytes = decode (signature, &length, error);
  if (bytes == NULL)
    return FALSE;
  for (guint i = 0; i < core_jwt_keys_count (keys); i++)
    {
      const CoreJwtKey *key = core_jwt_keys_get (keys, i);

      if (!may_be_meant (header, algorithm, key))
        continue;
      known = TRUE;
      if (is_signed_by (key, bytes, length, text.text, text.length))
        return TRUE;
    }
  return known ? refuse (error, CORE_JWT_ERROR_SIGNATURE, "the JWT's signature is wrong")
               : refuse (error, CORE_JWT_ERROR_UNKNOWN_KEY, "the JWT is signed with a key that is not known");
}

static gboolean
has_audience (const CoreJsonNode *aud, const char *audience)
{
  if (aud == NULL || core_json_type (aud) != CORE_JSON_ARRAY)
    return g_strcmp0 (core_json_string (aud), audience) == 0;
  for (const CoreJsonNode *one = core_json_first (aud); one != NULL; one = core_json_next (one))
    if (g_strcmp0 (core_json_string (one), audience) == 0)
      return TRUE;
  return FALSE;
}

/* A time that may be left out; FALSE: it is there and is none. */
static gboolean
read_time (const CoreJsonNode *claims, const char *name, gint64 if_absent, gint64 *time_s)
{
  const CoreJsonNode *node = core_json_member (claims, name);

  *time_s = if_absent;
  return node == NULL || core_json_int64 (node, time_s);
}

static gboolean
check_times (const CoreJsonNode *claims, const CoreJwtRules *rules, GError **error)
{
  gint64 earliest_s = rules->now_s - rules->skew_s, latest_s = rules->now_s + rules->skew_s;
  gint64 expires_s, not_before_s, issued_s;

  if (!core_json_int64 (core_json_member (claims, "exp"), &expires_s)
      || !read_time (claims, "nbf", G_MININT64, &not_before_s) || !read_time (claims, "iat", G_MININT64, &issued_s))
    return refuse (error, CORE_JWT_ERROR_CLAIM,
                   "the JWT does not say when it expires, or a time in it is no whole number");
  if (expires_s <= earliest_s)
    return refuse (error, CORE_JWT_ERROR_EXPIRED, "the JWT has expired");
  if (not_before_s > latest_s || issued_s > latest_s)
    return refuse (error, CORE_JWT_ERROR_NOT_YET, "the JWT is not valid yet");
  return TRUE;
}

static gboolean
check_claims (const CoreJsonNode *claims, const CoreJwtRules *rules, GError **error)
{
  const char *issuer = core_json_string (core_json_member (claims, "iss"));

  if (issuer == NULL || strcmp (issuer, rules->issuer) != 0)
    return refuse (error, CORE_JWT_ERROR_CLAIM, "the JWT is of another issuer");
  if (!has_audience (core_json_member (claims, "aud"), rules->audience))
    return refuse (error, CORE_JWT_ERROR_CLAIM, "the JWT is for another audience");
  return check_times (claims, rules, error);
}

gboolean
core_jwt_verify (const char *token, gsize length, const CoreJwtRules *rules, CoreJson **claims, GError **error)
{
  g_autoptr (CoreJson) header = NULL;
  g_autoptr (CoreJson) body = NULL;
  CoreJwtAlgorithm algorithm = CORE_JWT_RS256; /* set by check_header(), which not every compiler sees */
  Part parts[3], text;

  g_return_val_if_fail (rules->issuer != NULL && rules->audience != NULL, FALSE);
  if (!split (token, length, parts, error))
    return FALSE;
  header = decode_object (parts[0], error);
  if (header == NULL || !check_header (core_json_root (header), &algorithm, error))
    return FALSE;
  text = (Part){ token, parts[0].length + 1 + parts[1].length };
  /* What a stranger wrote is read only once it is known not to be a stranger's. */
  if (!check_signature (core_json_root (header), algorithm, rules->keys, parts[2], text, error))
    return FALSE;
  body = decode_object (parts[1], error);
  if (body == NULL || !check_claims (core_json_root (body), rules, error))
    return FALSE;
  if (claims != NULL)
    *claims = g_steal_pointer (&body);
  return TRUE;
}
