/* Makes the node's own keys and self-signed certificates (apim_key_store_make). */
#include "config.h"
#include "common/apim-key-store.h"

#include "common/apim-secret.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define VALID_DAYS 3650
#define SERIAL_SIZE 16
#define COMMON_NAME_MAX 64 /* ub-common-name of RFC 5280 */

static gboolean
fail_write (GError **error, const char *path, const char *reason)
{
  g_set_error (error, APIM_KEY_STORE_ERROR, APIM_KEY_STORE_ERROR_WRITE, "could not make %s: %s", path, reason);
  return FALSE;
}

/* A name as certificates hold it: ASCII (RFC 5890), at most 253 characters. NULL: it cannot stand there. */
static char *
certificate_name (const char *host_name)
{
  g_autofree char *ascii = g_hostname_to_ascii (host_name);

  if (ascii == NULL || *ascii == '\0' || strlen (ascii) > 253)
    return NULL;
  if (!g_hostname_is_ip_address (ascii)
      && strspn (ascii, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz.-_*") != strlen (ascii))
    return NULL;
  return g_steal_pointer (&ascii);
}

/* All names of the certificate, each once: the given ones first, then those by which the machine calls itself. */
static GPtrArray *
collect_names (const ApimConfig *config, const char *const *host_names, GError **error)
{
  static const char *const always[] = { "localhost", "127.0.0.1", "::1", NULL };
  const char *const configured[] = { config->host_name, NULL };
  const char *const *given = host_names != NULL && host_names[0] != NULL ? host_names : configured;
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  const char *const *const lists[] = { given, always };

  for (gsize list = 0; list < G_N_ELEMENTS (lists); list++)
    for (const char *const *name = lists[list]; *name != NULL; name++)
      {
        g_autofree char *usable = certificate_name (*name);

        if (usable == NULL)
          {
            g_set_error (error, APIM_KEY_STORE_ERROR, APIM_KEY_STORE_ERROR_FORMAT,
                         "\"%s\" cannot stand in a certificate: it is not a host name or address", *name);
            return NULL;
          }
        if (!g_ptr_array_find_with_equal_func (names, usable, g_str_equal, NULL))
          g_ptr_array_add (names, g_steal_pointer (&usable));
      }
  return g_steal_pointer (&names);
}

static GENERAL_NAME *
general_name (const char *name)
{
  GENERAL_NAME *general = GENERAL_NAME_new ();
  ASN1_OCTET_STRING *address = a2i_IPADDRESS (name);
  ASN1_IA5STRING *text;

  if (address != NULL)
    {
      GENERAL_NAME_set0_value (general, GEN_IPADD, address);
      return general;
    }
  ERR_clear_error ();
  text = ASN1_IA5STRING_new ();
  ASN1_STRING_set (text, name, -1);
  GENERAL_NAME_set0_value (general, GEN_DNS, text);
  return general;
}

static gboolean
add_alternative_names (X509 *certificate, const GPtrArray *names)
{
  GENERAL_NAMES *all = GENERAL_NAMES_new ();
  gboolean added;

  for (guint i = 0; i < names->len; i++)
    sk_GENERAL_NAME_push (all, general_name (names->pdata[i]));
  added = X509_add1_ext_i2d (certificate, NID_subject_alt_name, all, 0, X509V3_ADD_DEFAULT) == 1;
  GENERAL_NAMES_free (all);
  return added;
}

static gboolean
add_extension (X509 *certificate, int nid, const char *value)
{
  X509V3_CTX context;
  X509_EXTENSION *extension;
  gboolean added;

  X509V3_set_ctx (&context, certificate, certificate, NULL, NULL, 0);
  extension = X509V3_EXT_conf_nid (NULL, &context, nid, value);
  added = extension != NULL && X509_add_ext (certificate, extension, -1) == 1;
  X509_EXTENSION_free (extension);
  return added;
}

static gboolean
add_extensions (X509 *certificate, gboolean rsa, const GPtrArray *names)
{
  return add_extension (certificate, NID_basic_constraints, "critical,CA:FALSE")
         && add_extension (certificate, NID_key_usage,
                           rsa ? "critical,digitalSignature,keyEncipherment" : "critical,digitalSignature")
         && add_extension (certificate, NID_ext_key_usage, "serverAuth")
         && add_extension (certificate, NID_subject_key_identifier, "hash")
         && add_alternative_names (certificate, names);
}

static gboolean
set_serial (X509 *certificate)
{
  guint8 bytes[SERIAL_SIZE];
  BIGNUM *number;
  gboolean set;

  if (!apim_random_bytes (bytes, sizeof bytes, NULL))
    return FALSE;
  bytes[0] = (bytes[0] & 0x7f) | 0x40; /* positive and never short */
  number = BN_bin2bn (bytes, sizeof bytes, NULL);
  set = number != NULL && BN_to_ASN1_INTEGER (number, X509_get_serialNumber (certificate)) != NULL;
  BN_free (number);
  return set;
}

static gboolean
set_subject (X509 *certificate, const char *host_name)
{
  X509_NAME *subject = X509_get_subject_name (certificate);
  /* Of a name that is too long the extension alone has to tell. */
  const char *common_name = strlen (host_name) <= COMMON_NAME_MAX ? host_name : "apim";

  return X509_NAME_add_entry_by_txt (subject, "CN", MBSTRING_ASC, (const unsigned char *) common_name, -1, -1, 0) == 1
         && X509_set_issuer_name (certificate, subject) == 1;
}

static X509 *
make_certificate (EVP_PKEY *key, const GPtrArray *names)
{
  X509 *certificate = X509_new ();

  if (certificate != NULL && X509_set_version (certificate, X509_VERSION_3) == 1 && set_serial (certificate)
      && X509_gmtime_adj (X509_getm_notBefore (certificate), -60 * 60) != NULL /* clocks of clients differ */
      && X509_time_adj_ex (X509_getm_notAfter (certificate), VALID_DAYS, 0, NULL) != NULL
      && X509_set_pubkey (certificate, key) == 1 && set_subject (certificate, names->pdata[0])
      && add_extensions (certificate, EVP_PKEY_get_base_id (key) == EVP_PKEY_RSA, names)
      && X509_sign (certificate, key, EVP_sha256 ()) > 0)
    return certificate;
  X509_free (certificate);
  return NULL;
}

static gboolean
write_pair (const char *path, EVP_PKEY *key, X509 *certificate, GError **error)
{
  g_autoptr (GError) reason = NULL;
  BIO *bio = BIO_new (BIO_s_secmem ()); /* wiped when it is freed */
  char *bytes = NULL;
  long length;
  gboolean written = FALSE;

  if (bio == NULL || PEM_write_bio_PrivateKey (bio, key, NULL, NULL, 0, NULL, NULL) != 1
      || PEM_write_bio_X509 (bio, certificate) != 1)
    fail_write (error, path, "OpenSSL could not encode the key");
  else if (length = BIO_get_mem_data (bio, &bytes), apim_secret_write_file (path, bytes, (gsize) length, &reason))
    written = TRUE;
  else
    g_set_error_literal (error, APIM_KEY_STORE_ERROR, APIM_KEY_STORE_ERROR_WRITE, reason->message);
  BIO_free (bio);
  return written;
}

/* Makes one key file unless it is there. */
static gboolean
make_pair (const char *path, gboolean rsa, const GPtrArray *names, gboolean *made, GError **error)
{
  EVP_PKEY *key;
  X509 *certificate;
  gboolean written;

  if (g_file_test (path, G_FILE_TEST_EXISTS))
    return TRUE;
  key = rsa ? EVP_RSA_gen (2048) : EVP_EC_gen ("P-256");
  certificate = key != NULL ? make_certificate (key, names) : NULL;
  if (certificate == NULL)
    written = fail_write (error, path, "OpenSSL could not make the key or its certificate");
  else
    written = write_pair (path, key, certificate, error);
  X509_free (certificate);
  EVP_PKEY_free (key);
  ERR_clear_error ();
  *made = *made || written;
  return written;
}

static X509 *
read_certificate (const char *path)
{
  g_auto (ApimSecretText) text = apim_secret_read_file (path, NULL);
  BIO *bio = text != NULL ? BIO_new_mem_buf (text, -1) : NULL;
  X509 *certificate = bio != NULL ? PEM_read_bio_X509 (bio, NULL, NULL, NULL) : NULL;

  BIO_free (bio);
  ERR_clear_error ();
  return certificate;
}

/* The public half of both, for clients' trust stores. */
static gboolean
write_certificates (const char *path, const char *const *key_paths, GError **error)
{
  BIO *bio = BIO_new (BIO_s_mem ());
  g_autoptr (GError) reason = NULL;
  gboolean done = bio != NULL;
  char *bytes = NULL;
  long length;

  for (gsize i = 0; done && key_paths[i] != NULL; i++)
    {
      X509 *certificate = read_certificate (key_paths[i]);

      done = certificate != NULL && PEM_write_bio_X509 (bio, certificate) == 1;
      X509_free (certificate);
      if (!done)
        g_set_error (error, APIM_KEY_STORE_ERROR, APIM_KEY_STORE_ERROR_FORMAT, "%s: there is no readable certificate",
                     key_paths[i]);
    }
  if (done)
    {
      length = BIO_get_mem_data (bio, &bytes);
      done = g_file_set_contents_full (path, bytes, length,
                                       G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0644, &reason)
             || fail_write (error, path, reason->message);
    }
  BIO_free (bio);
  return done;
}

gboolean
apim_key_store_make (const ApimConfig *config, const char *const *host_names, gboolean *made, GError **error)
{
  g_autofree char *folder = apim_home_path (config->home, "resources", "security", NULL);
  g_autofree char *rsa_path = g_build_filename (folder, "node-rsa.pem", NULL);
  g_autofree char *ec_path = g_build_filename (folder, "node-ec.pem", NULL);
  g_autofree char *certificates_path = g_build_filename (folder, "node-cert.pem", NULL);
  const char *const key_paths[] = { rsa_path, ec_path, NULL };
  g_autoptr (GPtrArray) names = NULL;
  gboolean made_key = FALSE;
  gboolean done;

  if (made != NULL)
    *made = FALSE;
  if (config->key_store.location != NULL)
    return TRUE;
  names = collect_names (config, host_names, error);
  if (names == NULL)
    return FALSE;
  if (g_mkdir_with_parents (folder, 0755) != 0)
    return fail_write (error, folder, g_strerror (errno));
  done = make_pair (rsa_path, TRUE, names, &made_key, error) && make_pair (ec_path, FALSE, names, &made_key, error);
  if (done && (made_key || !g_file_test (certificates_path, G_FILE_TEST_EXISTS)))
    {
      done = write_certificates (certificates_path, key_paths, error);
      made_key = TRUE;
    }
  if (made != NULL)
    *made = made_key;
  return done;
}
