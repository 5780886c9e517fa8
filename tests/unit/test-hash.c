#include "config.h"
#include "common/apim-hash.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <string.h>

/* OpenSSL's SipHash, with the same numbers of rounds. */
static void
reference (const ApimHashKey *key, const guint8 *bytes, gsize length, guint c_rounds, guint d_rounds, guint size,
           guint8 *digest)
{
  EVP_MAC *mac = EVP_MAC_fetch (NULL, "SIPHASH", NULL);
  EVP_MAC_CTX *context = EVP_MAC_CTX_new (mac);
  guint64 key_bytes[2] = { GUINT64_TO_LE (key->k0), GUINT64_TO_LE (key->k1) };
  OSSL_PARAM params[] = {
    OSSL_PARAM_uint (OSSL_MAC_PARAM_SIZE, &size),
    OSSL_PARAM_uint (OSSL_MAC_PARAM_C_ROUNDS, &c_rounds),
    OSSL_PARAM_uint (OSSL_MAC_PARAM_D_ROUNDS, &d_rounds),
    OSSL_PARAM_END,
  };
  gsize written;

  g_assert_nonnull (context);
  g_assert_cmpint (EVP_MAC_init (context, (const guint8 *) key_bytes, sizeof key_bytes, params), ==, 1);
  g_assert_cmpint (EVP_MAC_update (context, bytes, length), ==, 1);
  g_assert_cmpint (EVP_MAC_final (context, digest, &written, size), ==, 1);
  g_assert_cmpuint (written, ==, size);
  EVP_MAC_CTX_free (context);
  EVP_MAC_free (mac);
}

static void
test_against_openssl (void)
{
  guint8 bytes[70];

  for (guint i = 0; i < sizeof bytes; i++)
    bytes[i] = (guint8) g_test_rand_int ();
  for (gsize length = 0; length <= sizeof bytes; length++)
    {
      guint64 fingerprint[2], expected[2];
      ApimHashKey key;

      apim_hash_key_init (&key);
      reference (&key, bytes, length, 1, 3, 8, (guint8 *) expected);
      g_assert_cmphex (apim_hash (&key, bytes, length), ==, GUINT64_FROM_LE (expected[0]));
      reference (&key, bytes, length, 2, 4, 16, (guint8 *) expected);
      apim_hash_fingerprint (&key, bytes, length, fingerprint);
      g_assert_cmphex (fingerprint[0], ==, GUINT64_FROM_LE (expected[0]));
      g_assert_cmphex (fingerprint[1], ==, GUINT64_FROM_LE (expected[1]));
    }
}

static void
test_no_bytes (void)
{
  const ApimHashKey key = { 1, 2 };
  guint64 a[2], b[2];

  g_assert_cmphex (apim_hash (&key, NULL, 0), ==, apim_hash (&key, "x", 0));
  apim_hash_fingerprint (&key, NULL, 0, a);
  apim_hash_fingerprint (&key, "x", 0, b);
  g_assert_cmpmem (a, sizeof a, b, sizeof b);
}

static void
test_keys_are_random (void)
{
  ApimHashKey a, b;

  apim_hash_key_init (&a);
  apim_hash_key_init (&b);
  g_assert_true (a.k0 != b.k0 && a.k1 != b.k1);
  g_assert_cmphex (apim_hash (&a, "text", 4), !=, apim_hash (&b, "text", 4));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/hash/against-openssl", test_against_openssl);
  g_test_add_func ("/hash/no-bytes", test_no_bytes);
  g_test_add_func ("/hash/keys-are-random", test_keys_are_random);
  return g_test_run ();
}
