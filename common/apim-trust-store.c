#include "config.h"
#include "common/apim-trust-store.h"

#include "common/apim-key-reader.h"
#include "common/apim-key-store.h"

#include <glib/gstdio.h>
#include <openssl/pem.h>

#define TRUST_STORE_FILE_MAX (1024 * 1024)

static const char pem_mark[] = "-----BEGIN ";

static gboolean
read_file (const char *path, char **bytes, gsize *length, GError **error)
{
  g_autoptr (GError) reason = NULL;
  GStatBuf info;

  if (g_stat (path, &info) == 0 && (!S_ISREG (info.st_mode) || info.st_size > TRUST_STORE_FILE_MAX))
    {
      g_set_error (error, APIM_KEY_STORE_ERROR, APIM_KEY_STORE_ERROR_FORMAT,
                   "%s: a trust store must be a regular file of at most 1 MiB", path);
      return FALSE;
    }
  if (g_file_get_contents (path, bytes, length, &reason))
    return TRUE;
  g_set_error (error, APIM_KEY_STORE_ERROR, APIM_KEY_STORE_ERROR_UNREADABLE, "could not read the trust store: %s",
               reason->message);
  return FALSE;
}

static char *
write_pem (const char *path, const ApimKeyMaterial *material, GError **error)
{
  BIO *bio = BIO_new (BIO_s_mem ());
  gboolean done = bio != NULL && material->certificates->len > 0;
  char *text = NULL;
  char *data;
  long length;

  for (guint i = 0; done && i < material->certificates->len; i++)
    done = PEM_write_bio_X509 (bio, material->certificates->pdata[i]) == 1;
  if (done && (length = BIO_get_mem_data (bio, &data)) > 0)
    text = g_strndup (data, (gsize) length);
  else
    g_set_error (error, APIM_KEY_STORE_ERROR, APIM_KEY_STORE_ERROR_FORMAT, "%s: there is no certificate in the file",
                 path);
  BIO_free (bio);
  return text;
}

char *
apim_trust_store_read (const char *path, const char *password, GError **error)
{
  g_autoptr (ApimKeyMaterial) material = NULL;
  g_autofree char *bytes = NULL;
  gsize length = 0;

  if (!read_file (path, &bytes, &length, error))
    return NULL;
  /* OpenSSL reads a bundle of any size by itself. */
  if (g_strstr_len (bytes, (gssize) length, pem_mark) != NULL)
    return g_steal_pointer (&bytes);
  material = apim_key_reader_trusted (path, bytes, length, password, error);
  return material != NULL ? write_pem (path, material, error) : NULL;
}
