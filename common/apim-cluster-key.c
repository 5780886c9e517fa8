#include "config.h"
#include "common/apim-cluster-key.h"

#include "common/apim-config.h"
#include "common/apim-secret.h"

#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <string.h>

static char *
key_path (const char *home)
{
  return apim_home_path (home, "resources", "security", "cluster-key", NULL);
}

gboolean
apim_cluster_key_make (const char *home, gboolean *made, GError **error)
{
  g_autofree char *path = key_path (home);
  g_autofree char *directory = g_path_get_dirname (path);
  guint8 key[APIM_CLUSTER_KEY_SIZE];
  char text[2 * APIM_CLUSTER_KEY_SIZE + 2];
  gboolean written;

  if (made != NULL)
    *made = FALSE;
  if (g_file_test (path, G_FILE_TEST_EXISTS))
    return TRUE;
  if (g_mkdir_with_parents (directory, 0755) != 0)
    {
      g_set_error (error, APIM_SECRET_ERROR, APIM_SECRET_ERROR_WRITE, "could not make the folder %s: %s", directory,
                   g_strerror (errno));
      return FALSE;
    }
  if (!apim_random_bytes (key, sizeof key, error))
    return FALSE;
  for (gsize i = 0; i < sizeof key; i++)
    g_snprintf (text + 2 * i, 3, "%02x", key[i]);
  text[2 * sizeof key] = '\n';
  written = apim_secret_write_file (path, text, 2 * sizeof key + 1, error);
  OPENSSL_cleanse (key, sizeof key);
  OPENSSL_cleanse (text, sizeof text);
  if (written && made != NULL)
    *made = TRUE;
  return written;
}

static gboolean
read_key (const char *home, guint8 *key, GError **error)
{
  g_autofree char *path = key_path (home);
  g_auto (ApimSecretText) text = apim_secret_read_file (path, error);

  if (text == NULL)
    return FALSE;
  if (strlen (text) != 2 * APIM_CLUSTER_KEY_SIZE
      || strspn (text, "0123456789abcdefABCDEF") != 2 * APIM_CLUSTER_KEY_SIZE)
    {
      g_set_error (
          error, APIM_SECRET_ERROR, APIM_SECRET_ERROR_INVALID,
          "%s is not a cluster key: it must hold %d hexadecimal digits; copy it from another node of the cluster",
          path, 2 * APIM_CLUSTER_KEY_SIZE);
      return FALSE;
    }
  for (gsize i = 0; i < APIM_CLUSTER_KEY_SIZE; i++)
    key[i] = (guint8) (g_ascii_xdigit_value (text[2 * i]) << 4 | g_ascii_xdigit_value (text[2 * i + 1]));
  return TRUE;
}

/* HKDF-SHA256 (RFC 5869) without salt: the cluster key is uniformly random already. */
static gboolean
hkdf (guint8 *key, const char *purpose, guint8 *derived, gsize length)
{
  EVP_KDF *kdf = EVP_KDF_fetch (NULL, "HKDF", NULL);
  EVP_KDF_CTX *context = kdf != NULL ? EVP_KDF_CTX_new (kdf) : NULL;
  char digest[] = "SHA256";
  OSSL_PARAM params[] = {
    OSSL_PARAM_construct_utf8_string (OSSL_KDF_PARAM_DIGEST, digest, 0),
    OSSL_PARAM_construct_octet_string (OSSL_KDF_PARAM_KEY, key, APIM_CLUSTER_KEY_SIZE),
    OSSL_PARAM_construct_octet_string (OSSL_KDF_PARAM_INFO, (char *) purpose, strlen (purpose)),
    OSSL_PARAM_construct_end (),
  };
  gboolean done = context != NULL && EVP_KDF_derive (context, derived, length, params) == 1;

  EVP_KDF_CTX_free (context);
  EVP_KDF_free (kdf);
  return done;
}

gboolean
apim_cluster_key_derive (const char *home, const char *purpose, guint8 *derived, gsize length, GError **error)
{
  guint8 key[APIM_CLUSTER_KEY_SIZE];
  gboolean done;

  if (!read_key (home, key, error))
    return FALSE;
  done = hkdf (key, purpose, derived, length);
  OPENSSL_cleanse (key, sizeof key);
  if (!done)
    g_set_error (error, APIM_SECRET_ERROR, APIM_SECRET_ERROR_INVALID,
                 "could not derive a key of %" G_GSIZE_FORMAT " bytes for \"%s\"", length, purpose);
  return done;
}
