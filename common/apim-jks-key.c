/* The two ways in which Sun's providers encrypt a private key. Both put its PKCS#8 form into an EncryptedPrivateKeyInfo
 * of an algorithm of Sun's own, which OpenSSL does not know. */
#include "config.h"
#include "common/apim-jks.h"

#include "common/apim-jks-private.h"
#include "common/apim-key-store.h"
#include "common/apim-secret.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/md5.h>
#include <string.h>

#define JKS_ALGORITHM "1.3.6.1.4.1.42.2.17.1.1"
#define JCEKS_ALGORITHM "1.3.6.1.4.1.42.2.19.1"
#define ALGORITHM_TEXT_MAX 80
#define JCEKS_SALT_SIZE 8
#define JCEKS_KEY_SIZE 24 /* of triple DES; the initial vector follows it */
#define JCEKS_DERIVED_SIZE (2 * MD5_DIGEST_LENGTH)

typedef enum
{
  SEAL_UNKNOWN, /* or its parameters are out of bounds */
  SEAL_JKS,
  SEAL_JCEKS,
} Seal;

/* Secret bytes. */
typedef struct
{
  gsize length;
  guint8 bytes[];
} Wiped;

static void
wiped_free (gpointer data)
{
  Wiped *wiped = data;

  OPENSSL_cleanse (wiped->bytes, wiped->length);
  g_free (wiped);
}

static Wiped *
wiped_new (gsize length)
{
  Wiped *wiped = g_malloc (sizeof *wiped + length);

  wiped->length = length;
  return wiped;
}

GBytes *
apim_jks_password_bytes (const char *password)
{
  glong length = 0;
  gunichar2 *text = g_utf8_to_utf16 (password, -1, NULL, &length, NULL);
  Wiped *wiped;

  if (text == NULL)
    return NULL;
  wiped = wiped_new (2 * (gsize) length);
  for (glong i = 0; i < length; i++)
    {
      wiped->bytes[2 * i] = (guint8) (text[i] >> 8);
      wiped->bytes[2 * i + 1] = (guint8) text[i];
    }
  OPENSSL_cleanse (text, 2 * (gsize) length);
  g_free (text);
  return g_bytes_new_with_free_func (wiped->bytes, wiped->length, wiped_free, wiped);
}

gboolean
apim_jks_digest (GBytes *password, ApimJksSpan first, ApimJksSpan second, guint8 digest[APIM_JKS_DIGEST_SIZE])
{
  EVP_MD_CTX *context = EVP_MD_CTX_new ();
  gsize length;
  const void *bytes = g_bytes_get_data (password, &length);
  gboolean done = context != NULL && EVP_DigestInit_ex (context, EVP_sha1 (), NULL) == 1
                  && EVP_DigestUpdate (context, bytes, length) == 1
                  && EVP_DigestUpdate (context, first.bytes, first.length) == 1
                  && EVP_DigestUpdate (context, second.bytes, second.length) == 1
                  && EVP_DigestFinal_ex (context, digest, NULL) == 1;

  EVP_MD_CTX_free (context);
  return done;
}

/* The key is XORed with a chain of digests, each of the password and the one before; the first follows the salt.
 * @plain: (out): of @length bytes. */
static gboolean
apply_key_stream (GBytes *password, const guint8 *salt, const guint8 *sealed, gsize length, guint8 *plain)
{
  const ApimJksSpan none = { NULL, 0 };
  guint8 link[APIM_JKS_DIGEST_SIZE];
  gboolean done = TRUE;

  memcpy (link, salt, sizeof link);
  for (gsize i = 0; i < length && done; i++)
    {
      if (i % sizeof link == 0)
        done = apim_jks_digest (password, (ApimJksSpan){ link, sizeof link }, none, link);
      plain[i] = sealed[i] ^ link[i % sizeof link];
    }
  OPENSSL_cleanse (link, sizeof link);
  return done;
}

/* sun.security.provider.KeyProtector: salt, the encrypted key, and a digest of password and key. */
static Wiped *
open_jks (const guint8 *sealed, gsize length, const char *password)
{
  const gsize salt_size = APIM_JKS_DIGEST_SIZE;
  g_autoptr (GBytes) secret = apim_jks_password_bytes (password);
  const ApimJksSpan none = { NULL, 0 };
  guint8 digest[APIM_JKS_DIGEST_SIZE];
  Wiped *plain;

  if (secret == NULL || length <= salt_size + sizeof digest)
    return NULL;
  plain = wiped_new (length - salt_size - sizeof digest);
  if (apply_key_stream (secret, sealed, sealed + salt_size, plain->length, plain->bytes)
      && apim_jks_digest (secret, (ApimJksSpan){ plain->bytes, plain->length }, none, digest)
      && apim_secret_equal (digest, sizeof digest, sealed + length - sizeof digest, sizeof digest))
    return plain;
  wiped_free (plain);
  return NULL;
}

/* PBEWithMD5AndTripleDES: MD5 again and again, for each half of the salt. (Java turns one half around where both are
 * equal, which among its random salts is one in 4 billion: such a key does not open here.) */
static gboolean
derive_jceks (const char *password, const guint8 *salt, long iterations, guint8 derived[JCEKS_DERIVED_SIZE])
{
  EVP_MD_CTX *context = EVP_MD_CTX_new ();
  gboolean done = context != NULL;

  for (gsize half = 0; half < 2 && done; half++)
    {
      guint8 *digest = derived + half * MD5_DIGEST_LENGTH;
      gsize length = JCEKS_SALT_SIZE / 2;

      memcpy (digest, salt + half * length, length);
      for (long i = 0; i < iterations && done; i++, length = MD5_DIGEST_LENGTH)
        done = EVP_DigestInit_ex (context, EVP_md5 (), NULL) == 1 && EVP_DigestUpdate (context, digest, length) == 1
               && EVP_DigestUpdate (context, password, strlen (password)) == 1
               && EVP_DigestFinal_ex (context, digest, NULL) == 1;
    }
  EVP_MD_CTX_free (context);
  return done;
}

/* @plain: (inout): as long as the encrypted key; shorter afterwards. */
static gboolean
decrypt_triple_des (const guint8 *derived, const guint8 *sealed, Wiped *plain)
{
  EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new ();
  int most = 0, rest = 0;
  gboolean done = context != NULL
                  && EVP_DecryptInit_ex (context, EVP_des_ede3_cbc (), NULL, derived, derived + JCEKS_KEY_SIZE) == 1
                  && EVP_DecryptUpdate (context, plain->bytes, &most, sealed, (int) plain->length) == 1
                  && EVP_DecryptFinal_ex (context, plain->bytes + most, &rest) == 1;

  EVP_CIPHER_CTX_free (context);
  ERR_clear_error ();
  if (done)
    plain->length = (gsize) most + (gsize) rest;
  return done;
}

/* com.sun.crypto.provider.KeyProtector. The padding is all that tells a wrong password here, and what PKCS#8 looks like
 * afterwards. */
static Wiped *
open_jceks (const PBEPARAM *parameters, const guint8 *sealed, gsize length, const char *password)
{
  guint8 derived[JCEKS_DERIVED_SIZE];
  Wiped *plain = wiped_new (length + EVP_MAX_BLOCK_LENGTH);
  gboolean done;

  plain->length = length;
  done = derive_jceks (password, ASN1_STRING_get0_data (parameters->salt), ASN1_INTEGER_get (parameters->iter), derived)
         && decrypt_triple_des (derived, sealed, plain);
  OPENSSL_cleanse (derived, sizeof derived);
  if (done)
    return plain;
  wiped_free (plain);
  return NULL;
}

static Seal
find_seal (const X509_ALGOR *algorithm, PBEPARAM **parameters)
{
  char name[ALGORITHM_TEXT_MAX] = "";
  long iterations;

  OBJ_obj2txt (name, sizeof name, algorithm->algorithm, 1);
  if (strcmp (name, JKS_ALGORITHM) == 0)
    return SEAL_JKS;
  if (strcmp (name, JCEKS_ALGORITHM) != 0)
    return SEAL_UNKNOWN;
  *parameters = ASN1_TYPE_unpack_sequence (ASN1_ITEM_rptr (PBEPARAM), algorithm->parameter);
  iterations = *parameters != NULL ? ASN1_INTEGER_get ((*parameters)->iter) : 0;
  return iterations >= 1 && iterations <= APIM_JKS_JCEKS_ITERATIONS_MAX
                 && ASN1_STRING_length ((*parameters)->salt) == JCEKS_SALT_SIZE
             ? SEAL_JCEKS
             : SEAL_UNKNOWN;
}

static EVP_PKEY *
decode_key (const Wiped *plain)
{
  const guint8 *at = plain->bytes;
  PKCS8_PRIV_KEY_INFO *info = d2i_PKCS8_PRIV_KEY_INFO (NULL, &at, (long) plain->length);
  EVP_PKEY *key = info != NULL ? EVP_PKCS82PKEY (info) : NULL;

  PKCS8_PRIV_KEY_INFO_free (info);
  return key;
}

static EVP_PKEY *
open_sealed (const X509_SIG *info, const char *password, ApimKeyStoreError *failure)
{
  const X509_ALGOR *algorithm;
  const ASN1_OCTET_STRING *octets;
  PBEPARAM *parameters = NULL;
  Wiped *plain = NULL;
  EVP_PKEY *key = NULL;
  ApimJksSpan sealed;
  Seal seal;

  X509_SIG_get0 (info, &algorithm, &octets);
  sealed = (ApimJksSpan){ ASN1_STRING_get0_data (octets), (gsize) ASN1_STRING_length (octets) };
  seal = find_seal (algorithm, &parameters);
  if (seal == SEAL_JKS)
    plain = open_jks (sealed.bytes, sealed.length, password);
  else if (seal == SEAL_JCEKS)
    plain = open_jceks (parameters, sealed.bytes, sealed.length, password);
  PBEPARAM_free (parameters);
  *failure = seal == SEAL_JCEKS || (seal == SEAL_JKS && plain == NULL) ? APIM_KEY_STORE_ERROR_PASSWORD
                                                                       : APIM_KEY_STORE_ERROR_FORMAT;
  if (plain != NULL)
    {
      key = decode_key (plain);
      wiped_free (plain);
    }
  return key;
}

EVP_PKEY *
apim_jks_open_key (const char *path, const ApimJksEntry *entry, const char *password, GError **error)
{
  const guint8 *at = entry->key;
  X509_SIG *info = d2i_X509_SIG (NULL, &at, (long) entry->key_length);
  ApimKeyStoreError failure = APIM_KEY_STORE_ERROR_FORMAT;
  EVP_PKEY *key = info != NULL ? open_sealed (info, password, &failure) : NULL;

  X509_SIG_free (info);
  ERR_clear_error ();
  if (key == NULL && failure == APIM_KEY_STORE_ERROR_PASSWORD)
    g_set_error (error, APIM_KEY_STORE_ERROR, APIM_KEY_STORE_ERROR_PASSWORD,
                 "%s: the password does not open the private key \"%s\"", path, entry->alias);
  else if (key == NULL)
    g_set_error (error, APIM_KEY_STORE_ERROR, APIM_KEY_STORE_ERROR_FORMAT,
                 "%s: the private key \"%s\" is broken, or not encrypted as Java does it", path, entry->alias);
  return key;
}
