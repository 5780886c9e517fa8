#include "config.h"
#include "core/core-jwt-keys.h"

#include "common/apim-secret.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <string.h>

#define P256_BYTES 32
#define MAX_NUMBER_BYTES 2048 /* an RSA modulus of 16,384 bits */

struct _CoreJwtKeys
{
  gint ref_count;  /* atomic */
  GPtrArray *list; /* of CoreJwtKey */
};

const char *
core_jwt_algorithm_name (CoreJwtAlgorithm algorithm)
{
  return algorithm == CORE_JWT_ES256 ? "ES256" : "RS256";
}

static void
key_free (gpointer data)
{
  CoreJwtKey *key = data;

  EVP_PKEY_free (key->key);
  g_free (key->kid);
  g_free (key->jwk);
  g_free (key->x5t);
  g_free (key->x5t_hex);
  g_free (key);
}

CoreJwtKeys *
core_jwt_keys_new (void)
{
  CoreJwtKeys *keys = g_new0 (CoreJwtKeys, 1);

  keys->ref_count = 1;
  keys->list = g_ptr_array_new_with_free_func (key_free);
  return keys;
}

CoreJwtKeys *
core_jwt_keys_ref (CoreJwtKeys *keys)
{
  g_atomic_int_inc (&keys->ref_count);
  return keys;
}

void
core_jwt_keys_unref (CoreJwtKeys *keys)
{
  if (keys == NULL || !g_atomic_int_dec_and_test (&keys->ref_count))
    return;
  g_ptr_array_unref (keys->list);
  g_free (keys);
}

/* One number of a public key in base64url. @size: bytes, with zeros in front; 0: as many as it needs. */
static char *
encode_number (EVP_PKEY *key, const char *name, int size)
{
  guint8 bytes[MAX_NUMBER_BYTES];
  BIGNUM *number = NULL;
  char *text = NULL;

  if (EVP_PKEY_get_bn_param (key, name, &number) != 1)
    return NULL;
  if (size == 0)
    size = BN_num_bytes (number);
  if (size <= MAX_NUMBER_BYTES && BN_bn2binpad (number, bytes, size) == size)
    text = apim_base64url_encode (bytes, (gsize) size);
  BN_free (number);
  return text;
}

static gboolean
find_algorithm (EVP_PKEY *key, CoreJwtAlgorithm *algorithm)
{
  char curve[32];

  switch (EVP_PKEY_get_base_id (key))
    {
    case EVP_PKEY_RSA:
      *algorithm = CORE_JWT_RS256;
      return EVP_PKEY_get_bits (key) >= CORE_JWT_MIN_RSA_BITS;
    case EVP_PKEY_EC:
      *algorithm = CORE_JWT_ES256;
      return EVP_PKEY_get_utf8_string_param (key, OSSL_PKEY_PARAM_GROUP_NAME, curve, sizeof curve, NULL) == 1
             && strcmp (curve, SN_X9_62_prime256v1) == 0;
    default:
      return FALSE;
    }
}

/* The members that RFC 7638 3.2 asks for, in its order: thumbprint and JWK are made of the same text. */
static char *
required_members (EVP_PKEY *key, CoreJwtAlgorithm algorithm)
{
  gboolean rsa = algorithm == CORE_JWT_RS256;
  g_autofree char *a
      = rsa ? encode_number (key, OSSL_PKEY_PARAM_RSA_E, 0) : encode_number (key, OSSL_PKEY_PARAM_EC_PUB_X, P256_BYTES);
  g_autofree char *b
      = rsa ? encode_number (key, OSSL_PKEY_PARAM_RSA_N, 0) : encode_number (key, OSSL_PKEY_PARAM_EC_PUB_Y, P256_BYTES);

  if (a == NULL || b == NULL)
    return NULL;
  if (rsa)
    return g_strdup_printf ("\"e\":\"%s\",\"kty\":\"RSA\",\"n\":\"%s\"", a, b);
  return g_strdup_printf ("\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"%s\",\"y\":\"%s\"", a, b);
}

static char *
thumbprint (const char *members)
{
  g_autofree char *object = g_strdup_printf ("{%s}", members);
  guint8 digest[EVP_MAX_MD_SIZE];
  guint length;

  if (EVP_Digest (object, strlen (object), digest, &length, EVP_sha256 (), NULL) != 1)
    return NULL;
  return apim_base64url_encode (digest, length);
}

static void
add_certificate (CoreJwtKey *key, X509 *certificate)
{
  guint8 digest[EVP_MAX_MD_SIZE];
  g_autoptr (GString) hex = NULL;
  guint length;

  if (X509_digest (certificate, EVP_sha1 (), digest, &length) != 1)
    return;
  hex = g_string_new (NULL);
  for (guint i = 0; i < length; i++)
    g_string_append_printf (hex, "%02x", digest[i]);
  key->x5t = apim_base64url_encode (digest, length);
  key->x5t_hex = g_base64_encode ((const guchar *) hex->str, hex->len);
}

gboolean
core_jwt_keys_add (CoreJwtKeys *keys, EVP_PKEY *private_key, X509 *certificate)
{
  g_autofree char *members = NULL;
  g_autofree char *kid = NULL;
  CoreJwtAlgorithm algorithm;
  CoreJwtKey *key;

  if (keys->list->len == CORE_JWT_MAX_KEYS || !find_algorithm (private_key, &algorithm))
    return FALSE;
  members = required_members (private_key, algorithm);
  kid = members == NULL ? NULL : thumbprint (members);
  if (kid == NULL)
    return FALSE;
  key = g_new0 (CoreJwtKey, 1);
  EVP_PKEY_up_ref (private_key);
  key->key = private_key;
  key->algorithm = algorithm;
  key->jwk = g_strdup_printf ("{%s,\"use\":\"sig\",\"alg\":\"%s\",\"kid\":\"%s\"}", members,
                              core_jwt_algorithm_name (algorithm), kid);
  key->kid = g_steal_pointer (&kid);
  if (certificate != NULL)
    add_certificate (key, certificate);
  g_ptr_array_add (keys->list, key);
  return TRUE;
}

guint
core_jwt_keys_count (const CoreJwtKeys *keys)
{
  return keys->list->len;
}

const CoreJwtKey *
core_jwt_keys_get (const CoreJwtKeys *keys, guint index)
{
  return keys->list->pdata[index];
}

const CoreJwtKey *
core_jwt_keys_first (const CoreJwtKeys *keys, CoreJwtAlgorithm algorithm)
{
  for (guint i = 0; i < keys->list->len; i++)
    if (core_jwt_keys_get (keys, i)->algorithm == algorithm)
      return core_jwt_keys_get (keys, i);
  return NULL;
}

const CoreJwtKey *
core_jwt_keys_signer (const CoreJwtKeys *keys)
{
  const CoreJwtKey *rsa = core_jwt_keys_first (keys, CORE_JWT_RS256);

  return rsa != NULL || keys->list->len == 0 ? rsa : core_jwt_keys_get (keys, 0);
}

char *
core_jwt_keys_to_jwks (const CoreJwtKeys *keys)
{
  GString *json = g_string_new ("{\"keys\":[");

  for (guint i = 0; i < keys->list->len; i++)
    {
      if (i > 0)
        g_string_append_c (json, ',');
      g_string_append (json, core_jwt_keys_get (keys, i)->jwk);
    }
  g_string_append (json, "]}");
  return g_string_free (json, FALSE);
}
