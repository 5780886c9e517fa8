#include "config.h"
#include "common/apim-key-reader.h"

#include "common/apim-jks.h"
#include "common/apim-key-store.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <string.h>

static const char needs_password[]
    = "the key store needs a password, and none is given: carbon.xml Security/KeyStore/Password for the node's keys, "
      "trustCertificateKeyStorePassword in the URL of a data source";

static void
named_key_free (gpointer data)
{
  ApimNamedKey *named = data;

  EVP_PKEY_free (named->key);
  g_free (named->name);
  g_free (named);
}

static ApimKeyMaterial *
material_new (void)
{
  ApimKeyMaterial *material = g_new0 (ApimKeyMaterial, 1);

  material->keys = g_ptr_array_new_with_free_func (named_key_free);
  material->certificates = g_ptr_array_new_with_free_func ((GDestroyNotify) X509_free);
  return material;
}

void
apim_key_material_free (ApimKeyMaterial *material)
{
  if (material == NULL)
    return;
  g_ptr_array_unref (material->keys);
  g_ptr_array_unref (material->certificates);
  g_free (material);
}

static gboolean
fail (GError **error, ApimKeyStoreError code, const char *path, const char *reason)
{
  g_set_error (error, APIM_KEY_STORE_ERROR, (int) code, "%s: %s", path, reason);
  return FALSE;
}

static gboolean
add_key (ApimKeyMaterial *material, EVP_PKEY *key, char *name, const char *path, GError **error)
{
  ApimNamedKey *named = g_new0 (ApimNamedKey, 1);

  named->key = key;
  named->name = name;
  g_ptr_array_add (material->keys, named);
  return material->keys->len <= APIM_KEY_MATERIAL_KEYS_MAX
         || fail (error, APIM_KEY_STORE_ERROR_FORMAT, path, "there are more than 64 private keys in the file");
}

static gboolean
add_certificate (ApimKeyMaterial *material, X509 *certificate, const char *path, GError **error)
{
  if (certificate == NULL)
    return fail (error, APIM_KEY_STORE_ERROR_FORMAT, path, "a certificate in the file cannot be read");
  g_ptr_array_add (material->certificates, certificate);
  return material->certificates->len <= APIM_KEY_MATERIAL_CERTIFICATES_MAX
         || fail (error, APIM_KEY_STORE_ERROR_FORMAT, path, "there are more than 1024 certificates in the file");
}

/* One block between BEGIN and END. */
typedef struct
{
  char *name, *header;
  unsigned char *data;
  long length;
} PemBlock;

typedef struct
{
  const char *password; /* nullable */
  gboolean asked;
} PasswordQuestion;

static int
answer_password (char *buffer, int size, int writing, void *data)
{
  PasswordQuestion *question = data;
  size_t length = question->password != NULL ? strlen (question->password) : 0;

  question->asked = TRUE;
  if (question->password == NULL || length > (size_t) size)
    return -1;
  memcpy (buffer, question->password, length);
  return (int) length;
}

static gboolean
add_pem_key (ApimKeyMaterial *material, const PemBlock *block, const char *password, const char *path, GError **error)
{
  PasswordQuestion question = { password, FALSE };
  BIO *bio = BIO_new (BIO_s_secmem ());
  EVP_PKEY *key = NULL;

  /* The block goes back into PEM alone, because OpenSSL decrypts and decodes every kind of key from there. */
  if (bio != NULL && PEM_write_bio (bio, block->name, block->header, block->data, block->length) > 0)
    key = PEM_read_bio_PrivateKey (bio, NULL, answer_password, &question);
  BIO_free (bio);
  ERR_clear_error ();
  if (key != NULL)
    return add_key (material, key, NULL, path, error);
  if (!question.asked)
    return fail (error, APIM_KEY_STORE_ERROR_FORMAT, path, "a private key in the file cannot be read");
  return fail (error, APIM_KEY_STORE_ERROR_PASSWORD, path,
               password == NULL
                   ? "the private key is encrypted: give its password in carbon.xml Security/KeyStore/KeyPassword"
                   : "the password does not open the private key");
}

static gboolean
add_pem_block (ApimKeyMaterial *material, const PemBlock *block, const char *password, const char *path, GError **error)
{
  const unsigned char *data = block->data;

  if (g_str_has_suffix (block->name, "PRIVATE KEY"))
    return add_pem_key (material, block, password, path, error);
  if (strcmp (block->name, PEM_STRING_X509) == 0 || strcmp (block->name, PEM_STRING_X509_OLD) == 0)
    return add_certificate (material, d2i_X509 (NULL, &data, block->length), path, error);
  if (strcmp (block->name, PEM_STRING_X509_TRUSTED) == 0)
    return add_certificate (material, d2i_X509_AUX (NULL, &data, block->length), path, error);
  return TRUE; /* parameters, requests, revocation lists: of no use here */
}

ApimKeyMaterial *
apim_key_reader_pem (const char *path, const char *bytes, gsize length, const char *key_password, GError **error)
{
  g_autoptr (ApimKeyMaterial) material = material_new ();
  BIO *bio = BIO_new_mem_buf (bytes, (int) length);
  PemBlock block = { 0 };
  gboolean done = bio != NULL;

  while (done && PEM_read_bio (bio, &block.name, &block.header, &block.data, &block.length) == 1)
    {
      done = add_pem_block (material, &block, key_password, path, error);
      OPENSSL_free (block.name);
      OPENSSL_free (block.header);
      OPENSSL_clear_free (block.data, (size_t) block.length);
      block = (PemBlock){ 0 };
    }
  BIO_free (bio);
  if (done && ERR_GET_REASON (ERR_peek_last_error ()) != PEM_R_NO_START_LINE)
    done = fail (error, APIM_KEY_STORE_ERROR_FORMAT, path, "the file is not whole PEM: a block in it is broken");
  ERR_clear_error ();
  return done ? g_steal_pointer (&material) : NULL;
}

/* What a bag is opened with. */
typedef struct
{
  const char *path;
  const char *password;     /* nullable */
  const char *key_password; /* nullable: the same */
} Pkcs12Access;

static gboolean
fail_pkcs12 (const Pkcs12Access *access, gboolean wrong_password, GError **error)
{
  unsigned long code = ERR_peek_error ();
  gboolean unsupported = ERR_GET_REASON (code) == ERR_R_UNSUPPORTED;

  ERR_clear_error ();
  if (unsupported)
    return fail (error, APIM_KEY_STORE_ERROR_FORMAT, access->path,
                 "the PKCS#12 file is encrypted with an old algorithm that OpenSSL 3 leaves out (RC2 or so): make it "
                 "again with keytool of Java 17 or later");
  if (wrong_password)
    return fail (error, APIM_KEY_STORE_ERROR_PASSWORD, access->path, "the password does not open the private key");
  return fail (error, APIM_KEY_STORE_ERROR_FORMAT, access->path, "the PKCS#12 file is broken");
}

static PKCS8_PRIV_KEY_INFO *
decrypt_bag (const PKCS12_SAFEBAG *bag, const Pkcs12Access *access)
{
  PKCS8_PRIV_KEY_INFO *info = NULL;

  if (access->key_password != NULL)
    info = PKCS12_decrypt_skey (bag, access->key_password, -1);
  return info != NULL ? info : PKCS12_decrypt_skey (bag, access->password, -1);
}

static gboolean
add_bag_key (ApimKeyMaterial *material, PKCS12_SAFEBAG *bag, const Pkcs12Access *access, GError **error)
{
  gboolean encrypted = PKCS12_SAFEBAG_get_nid (bag) == NID_pkcs8ShroudedKeyBag;
  PKCS8_PRIV_KEY_INFO *decrypted = encrypted ? decrypt_bag (bag, access) : NULL;
  const PKCS8_PRIV_KEY_INFO *info = encrypted ? decrypted : PKCS12_SAFEBAG_get0_p8inf (bag);
  EVP_PKEY *key = info != NULL ? EVP_PKCS82PKEY (info) : NULL;
  char *friendly = PKCS12_get_friendlyname (bag);
  char *name = g_strdup (friendly);

  OPENSSL_free (friendly);
  PKCS8_PRIV_KEY_INFO_free (decrypted);
  if (key == NULL)
    {
      g_free (name);
      return fail_pkcs12 (access, encrypted && info == NULL, error);
    }
  ERR_clear_error ();
  return add_key (material, key, name, access->path, error);
}

static gboolean
add_bags (ApimKeyMaterial *material, const STACK_OF (PKCS12_SAFEBAG) * bags, const Pkcs12Access *access, GError **error)
{
  for (int i = 0; i < sk_PKCS12_SAFEBAG_num (bags); i++)
    {
      PKCS12_SAFEBAG *bag = sk_PKCS12_SAFEBAG_value (bags, i);
      int kind = PKCS12_SAFEBAG_get_nid (bag);
      gboolean done = TRUE;

      if (kind == NID_keyBag || kind == NID_pkcs8ShroudedKeyBag)
        done = add_bag_key (material, bag, access, error);
      else if (kind == NID_certBag && PKCS12_SAFEBAG_get_bag_nid (bag) == NID_x509Certificate)
        done = add_certificate (material, PKCS12_SAFEBAG_get1_cert (bag), access->path, error);
      if (!done)
        return FALSE;
    }
  return TRUE;
}

static gboolean
add_safes (ApimKeyMaterial *material, const STACK_OF (PKCS7) * safes, const Pkcs12Access *access, GError **error)
{
  for (int i = 0; i < sk_PKCS7_num (safes); i++)
    {
      PKCS7 *safe = sk_PKCS7_value (safes, i);
      STACK_OF (PKCS12_SAFEBAG) *bags = NULL;
      gboolean done;

      if (PKCS7_type_is_data (safe))
        bags = PKCS12_unpack_p7data (safe);
      else if (PKCS7_type_is_encrypted (safe))
        bags = PKCS12_unpack_p7encdata (safe, access->password, -1);
      else
        continue;
      done = bags != NULL ? add_bags (material, bags, access, error) : fail_pkcs12 (access, FALSE, error);
      sk_PKCS12_SAFEBAG_pop_free (bags, PKCS12_SAFEBAG_free);
      if (!done)
        return FALSE;
    }
  return TRUE;
}

static ApimKeyMaterial *
read_pkcs12 (const char *path, const char *bytes, gsize length, const char *password, const char *key_password,
             GError **error)
{
  const Pkcs12Access access = { path, password, key_password };
  g_autoptr (ApimKeyMaterial) material = material_new ();
  const unsigned char *data = (const unsigned char *) bytes;
  PKCS12 *store = d2i_PKCS12 (NULL, &data, (long) length);
  STACK_OF (PKCS7) *safes = NULL;
  gboolean done = FALSE;

  ERR_clear_error ();
  if (store == NULL)
    fail (error, APIM_KEY_STORE_ERROR_FORMAT, path, "not a key store: neither PKCS#12 nor JKS");
  else if (PKCS12_mac_present (store) && PKCS12_verify_mac (store, password, -1) != 1)
    fail (error, APIM_KEY_STORE_ERROR_PASSWORD, path,
          password == NULL ? needs_password : "the password does not open the key store");
  else if ((safes = PKCS12_unpack_authsafes (store)) == NULL)
    fail_pkcs12 (&access, FALSE, error);
  else
    done = add_safes (material, safes, &access, error);
  sk_PKCS7_pop_free (safes, PKCS7_free);
  PKCS12_free (store);
  ERR_clear_error ();
  return done ? g_steal_pointer (&material) : NULL;
}

static gboolean
add_certificates (ApimKeyMaterial *material, const GPtrArray *certificates, guint n, const char *path, GError **error)
{
  for (guint i = 0; i < MIN (n, certificates->len); i++)
    {
      X509_up_ref (certificates->pdata[i]);
      if (!add_certificate (material, certificates->pdata[i], path, error))
        return FALSE;
    }
  return TRUE;
}

/* @of_keys: those of the entries with a key, else the trusted ones. @n: at most so many of each. */
static gboolean
add_entry_certificates (ApimKeyMaterial *material, const GPtrArray *entries, gboolean of_keys, guint n,
                        const char *path, GError **error)
{
  for (guint i = 0; i < entries->len; i++)
    {
      const ApimJksEntry *entry = entries->pdata[i];

      if ((entry->key != NULL) == of_keys
          && !add_certificates (material, entry->certificates, n, path, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
add_entry_keys (ApimKeyMaterial *material, const GPtrArray *entries, const char *key_password, const char *alias,
                const char *path, GError **error)
{
  for (guint i = 0; i < entries->len; i++)
    {
      const ApimJksEntry *entry = entries->pdata[i];
      EVP_PKEY *key;

      if (entry->key == NULL || (alias != NULL && g_ascii_strcasecmp (alias, entry->alias) != 0))
        continue;
      key = apim_jks_open_key (path, entry, key_password, error);
      if (key == NULL || !add_key (material, key, g_strdup (entry->alias), path, error))
        return FALSE;
    }
  return TRUE;
}

static GPtrArray *
read_jks (const char *path, const char *bytes, gsize length, const char *password, GError **error)
{
  if (password != NULL)
    return apim_jks_read (path, bytes, length, password, error);
  fail (error, APIM_KEY_STORE_ERROR_PASSWORD, path, needs_password);
  return NULL;
}

ApimKeyMaterial *
apim_key_reader_store (const char *path, const char *bytes, gsize length, const char *password,
                       const char *key_password, const char *alias, GError **error)
{
  g_autoptr (ApimKeyMaterial) material = NULL;
  g_autoptr (GPtrArray) entries = NULL;

  if (!apim_jks_is (bytes, length))
    return read_pkcs12 (path, bytes, length, password, key_password, error);
  entries = read_jks (path, bytes, length, password, error);
  if (entries == NULL)
    return NULL;
  material = material_new ();
  return add_entry_keys (material, entries, key_password, alias, path, error)
                 && add_entry_certificates (material, entries, TRUE, G_MAXUINT, path, error)
                 && add_entry_certificates (material, entries, FALSE, 1, path, error)
             ? g_steal_pointer (&material)
             : NULL;
}

ApimKeyMaterial *
apim_key_reader_trusted (const char *path, const char *bytes, gsize length, const char *password, GError **error)
{
  g_autoptr (ApimKeyMaterial) material = NULL;
  g_autoptr (GPtrArray) entries = NULL;

  if (!apim_jks_is (bytes, length))
    return read_pkcs12 (path, bytes, length, password, NULL, error);
  entries = read_jks (path, bytes, length, password, error);
  if (entries == NULL)
    return NULL;
  material = material_new ();
  /* As Java: of a key's chain its own certificate is trusted, those that issued it are not. */
  return add_entry_certificates (material, entries, FALSE, 1, path, error)
                 && add_entry_certificates (material, entries, TRUE, 1, path, error)
             ? g_steal_pointer (&material)
             : NULL;
}
