#include "config.h"
#include "keyvalidator/oauth/kv-saml-provider.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#define MAX_FILE (1024 * 1024)

G_DEFINE_QUARK (kv-saml-error-quark, kv_saml_error)

/* What signs assertions is RSA or ECDSA (kv-saml-signature.c). */
static gboolean
check_key (X509 *certificate, const char *path, gboolean weak, GError **error)
{
  EVP_PKEY *key = X509_get0_pubkey (certificate);
  int type = key != NULL ? EVP_PKEY_get_base_id (key) : EVP_PKEY_NONE;
  int shortest = weak ? KV_SAML_MIN_WEAK_RSA_BITS : KV_SAML_MIN_RSA_BITS;

  if (type != EVP_PKEY_RSA && type != EVP_PKEY_EC)
    g_set_error (error, KV_SAML_ERROR, KV_SAML_ERROR_CERTIFICATE,
                 "%s: the key of a certificate is neither an RSA nor an EC key", path);
  else if (type == EVP_PKEY_RSA && EVP_PKEY_get_bits (key) < shortest)
    g_set_error (
        error, KV_SAML_ERROR, KV_SAML_ERROR_CERTIFICATE,
        "%s: the RSA key of a certificate has %d bits: let the identity provider sign with %d at least%s",
        path, EVP_PKEY_get_bits (key), shortest,
        weak ? "" : ", or, as long as it cannot, set WeakSignatures to true for it");
  else
    return TRUE;
  return FALSE;
}

static gboolean
add_certificates (KvSamlProvider *provider, BIO *file, const char *path, GError **error)
{
  X509 *certificate;

  while ((certificate = PEM_read_bio_X509 (file, NULL, NULL, NULL)) != NULL)
    {
      g_ptr_array_add (provider->certificates, certificate);
      if (!check_key (certificate, path, provider->weak, error))
        return FALSE;
      if (provider->certificates->len > KV_SAML_MAX_CERTIFICATES)
        {
          g_set_error (error, KV_SAML_ERROR, KV_SAML_ERROR_CERTIFICATE, "%s: more than %d certificates", path,
                       KV_SAML_MAX_CERTIFICATES);
          return FALSE;
        }
    }
  if (provider->certificates->len > 0 && ERR_GET_REASON (ERR_peek_last_error ()) == PEM_R_NO_START_LINE)
    return TRUE;
  g_set_error (error, KV_SAML_ERROR, KV_SAML_ERROR_CERTIFICATE,
               "%s: not the certificates of an identity provider in PEM (-----BEGIN CERTIFICATE-----)", path);
  return FALSE;
}

static gboolean
read_certificates (KvSamlProvider *provider, const char *path, GError **error)
{
  g_autoptr (GError) why = NULL;
  g_autofree char *content = NULL;
  gsize length;
  BIO *file;
  gboolean done;

  if (!g_file_get_contents (path, &content, &length, &why))
    {
      g_set_error (error, KV_SAML_ERROR, KV_SAML_ERROR_CERTIFICATE,
                   "could not read the certificate of an identity provider: %s", why->message);
      return FALSE;
    }
  file = BIO_new_mem_buf (content, (int)MIN (length, MAX_FILE));
  if (file == NULL)
    g_error ("out of memory");
  ERR_clear_error ();
  done = add_certificates (provider, file, path, error);
  ERR_clear_error ();
  BIO_free (file);
  return done;
}

/* A copy of @words, or, where there are none, of @others. */
static char **
copy_or (char *const *words, const char *const *others)
{
  return g_strdupv (words[0] != NULL ? (char **)words : (char **)others);
}

KvSamlProvider *
kv_saml_provider_new (const ApimSamlProvider *settings, const char *endpoint, GError **error)
{
  const char *const own[] = { endpoint, NULL };
  g_autoptr (KvSamlProvider) provider = g_new0 (KvSamlProvider, 1);

  provider->issuer = g_strdup (settings->issuer);
  provider->certificates = g_ptr_array_new_with_free_func ((GDestroyNotify)X509_free);
  provider->recipients = copy_or (settings->recipients, own);
  provider->audiences = copy_or (settings->audiences, (const char *const *)provider->recipients);
  provider->tenants = g_strdupv (settings->tenants);
  provider->weak = settings->weak;
  return read_certificates (provider, settings->certificate, error) ? g_steal_pointer (&provider) : NULL;
}

void
kv_saml_provider_free (KvSamlProvider *provider)
{
  if (provider == NULL)
    return;
  g_free (provider->issuer);
  g_ptr_array_unref (provider->certificates);
  g_strfreev (provider->recipients);
  g_strfreev (provider->audiences);
  g_strfreev (provider->tenants);
  g_free (provider);
}
