#include "config.h"
#include "common/apim-trust-store.h"

#include "common/apim-key-reader.h"
#include "common/apim-key-store.h"

#include <glib/gstdio.h>
#include <openssl/pem.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

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

/* Where distributions keep the authorities that they believe in, as one file of PEM. */
static const char *const system_bundles[]
    = { "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem" };

/* A missing file adds nothing. */
static gboolean
append_file (GString *pem, const char *path, GError **error)
{
  g_autofree char *text = NULL;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return TRUE;
  text = apim_trust_store_read (path, NULL, error);
  if (text != NULL)
    g_string_append_printf (pem, "%s\n", text);
  return text != NULL;
}

static char *
read_standard (const char *home, GError **error)
{
  g_autofree char *own = apim_home_path (home, "resources", "security", "node-cert.pem", NULL);
  g_autoptr (GString) pem = g_string_new (NULL);

  if (!append_file (pem, own, error))
    return NULL;
  for (gsize i = 0; i < G_N_ELEMENTS (system_bundles); i++)
    if (g_file_test (system_bundles[i], G_FILE_TEST_EXISTS))
      return append_file (pem, system_bundles[i], error) ? g_string_free (g_steal_pointer (&pem), FALSE) : NULL;
  return g_string_free (g_steal_pointer (&pem), FALSE);
}

static void
close_file (gpointer data)
{
  close (GPOINTER_TO_INT (data));
}

/* GIO reads authorities from a file only, and not just once: this one is nowhere but in memory, for as long as the
 * database that reads it. */
static GTlsDatabase *
open_pem (const char *pem, GError **error)
{
  int fd = memfd_create ("trust-store", MFD_CLOEXEC);
  g_autofree char *path = g_strdup_printf ("/proc/self/fd/%d", fd);
  gsize length = strlen (pem);
  GTlsDatabase *database = NULL;

  if (fd >= 0 && write (fd, pem, length) == (gssize) length)
    database = g_tls_file_database_new (path, error);
  else
    g_set_error (error, APIM_KEY_STORE_ERROR, APIM_KEY_STORE_ERROR_UNREADABLE, "could not keep the trust store: %s",
                 g_strerror (errno));
  if (database != NULL)
    g_object_set_data_full (G_OBJECT (database), "apim-trust-store-fd", GINT_TO_POINTER (fd), close_file);
  else if (fd >= 0)
    close (fd);
  return database;
}

char *
apim_trust_store_pem (const ApimConfig *config, GError **error)
{
  const ApimTrustStoreSettings *settings = &config->trust_store;

  return settings->location != NULL ? apim_trust_store_read (settings->location, settings->password, error)
                                    : read_standard (config->home, error);
}

GTlsDatabase *
apim_trust_store_open (const ApimConfig *config, GError **error)
{
  g_autofree char *pem = apim_trust_store_pem (config, error);

  return pem != NULL ? open_pem (pem, error) : NULL;
}
