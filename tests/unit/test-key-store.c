#include "config.h"
#include "common/apim-key-store.h"

#include <glib/gstdio.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Keys are made once for all tests: RSA takes time. */
static EVP_PKEY *rsa_key, *ec_key, *issuer_key, *root_key;
static X509 *rsa_certificate, *ec_certificate, *issuer_certificate, *root_certificate, *old_certificate;

typedef struct
{
  ApimConfig *config; /* of an empty home */
  char *security;     /* its repository/resources/security */
  char *store;        /* a key store's path */
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autofree char *home = g_dir_make_tmp ("apim-keys-XXXXXX", NULL);
  g_autoptr (GError) error = NULL;

  f->config = apim_config_load (home, -1, &error);
  g_assert_no_error (error);
  f->security = apim_home_path (home, "resources", "security", NULL);
  f->store = g_build_filename (home, "store", NULL);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  static const char *const files[] = { "node-rsa.pem", "node-ec.pem", "node-cert.pem" };

  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_build_filename (f->security, files[i], NULL);

      g_unlink (path);
    }
  g_unlink (f->store);
  for (int i = 0; i < 3; i++)
    {
      g_autofree char *parent = g_path_get_dirname (f->security);

      g_rmdir (f->security);
      g_free (f->security);
      f->security = g_steal_pointer (&parent);
    }
  g_assert_cmpint (g_rmdir (f->security), ==, 0);
  g_free (f->security);
  g_free (f->store);
  apim_config_unref (f->config);
}

static X509 *
certify (EVP_PKEY *key, const char *name, EVP_PKEY *signer, X509 *issuer, long days)
{
  X509 *certificate = X509_new ();
  X509_NAME *subject = X509_get_subject_name (certificate);

  X509_set_version (certificate, X509_VERSION_3);
  ASN1_INTEGER_set (X509_get_serialNumber (certificate), 1);
  X509_time_adj_ex (X509_getm_notBefore (certificate), -2, 0, NULL);
  X509_time_adj_ex (X509_getm_notAfter (certificate), (int) days, 0, NULL);
  X509_set_pubkey (certificate, key);
  X509_NAME_add_entry_by_txt (subject, "CN", MBSTRING_ASC, (const unsigned char *) name, -1, -1, 0);
  X509_set_issuer_name (certificate, issuer != NULL ? X509_get_subject_name (issuer) : subject);
  g_assert_cmpint (X509_sign (certificate, signer, EVP_sha256 ()), >, 0);
  return certificate;
}

static void
make_keys (void)
{
  rsa_key = EVP_RSA_gen (2048);
  ec_key = EVP_EC_gen ("P-256");
  issuer_key = EVP_EC_gen ("P-256");
  root_key = EVP_EC_gen ("P-256");
  root_certificate = certify (root_key, "root", root_key, NULL, 2);
  issuer_certificate = certify (issuer_key, "issuer", root_key, root_certificate, 2);
  rsa_certificate = certify (rsa_key, "rsa", issuer_key, issuer_certificate, 2);
  ec_certificate = certify (ec_key, "ec", issuer_key, issuer_certificate, 2);
  old_certificate = certify (rsa_key, "old", issuer_key, issuer_certificate, -1);
}

static void
free_keys (void)
{
  EVP_PKEY_free (rsa_key);
  EVP_PKEY_free (ec_key);
  EVP_PKEY_free (issuer_key);
  EVP_PKEY_free (root_key);
  X509_free (rsa_certificate);
  X509_free (ec_certificate);
  X509_free (issuer_certificate);
  X509_free (root_certificate);
  X509_free (old_certificate);
}

static void
write_store (Fixture *f, BIO *bio)
{
  char *bytes = NULL;
  long length = BIO_get_mem_data (bio, &bytes);

  g_assert_true (g_file_set_contents_full (f->store, bytes, length, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
  BIO_free (bio);
}

/* Points the configuration at the store. */
static void
use_store (Fixture *f, ApimKeyStoreType type, const char *password, const char *key_password, const char *alias)
{
  ApimKeyStoreSettings *settings = &f->config->key_store;

  g_free (settings->location);
  g_free (settings->password);
  g_free (settings->key_password);
  g_free (settings->key_alias);
  settings->location = g_strdup (f->store);
  settings->type = type;
  settings->password = g_strdup (password);
  settings->key_password = g_strdup (key_password);
  settings->key_alias = g_strdup (alias);
}

static GPtrArray *
load (Fixture *f)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *pairs = apim_key_store_load (f->config, &error);

  g_assert_no_error (error);
  g_assert_nonnull (pairs);
  return pairs;
}

static void
assert_load_fails (Fixture *f, ApimKeyStoreError code, const char *hint)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (apim_key_store_load (f->config, &error));
  g_assert_error (error, APIM_KEY_STORE_ERROR, (int) code);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, hint));
  g_assert_null (strstr (error->message, "hunter2"));
}

static void
assert_pair (GPtrArray *pairs, guint i, EVP_PKEY *key, X509 *certificate)
{
  const ApimKeyPair *pair = pairs->pdata[i];

  g_assert_cmpint (EVP_PKEY_eq (pair->key, key), ==, 1);
  g_assert_cmpint (X509_cmp (pair->certificate, certificate), ==, 0);
  /* The intermediate one, and not the root. */
  g_assert_cmpint (sk_X509_num (pair->chain), ==, 1);
  g_assert_cmpint (X509_cmp (sk_X509_value (pair->chain, 0), issuer_certificate), ==, 0);
}

static gboolean
same_key (GPtrArray *a, GPtrArray *b, guint i)
{
  return EVP_PKEY_eq (((ApimKeyPair *) a->pdata[i])->key, ((ApimKeyPair *) b->pdata[i])->key) == 1;
}

static guint
mode_of (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  GStatBuf info;

  g_assert_cmpint (g_stat (path, &info), ==, 0);
  return info.st_mode & 07777;
}

static void
assert_names (X509 *certificate, const char *common_name)
{
  static const char *const hosts[] = { "km.example.com", "*.example.org", "localhost" };
  static const char *const addresses[] = { "192.0.2.7", "127.0.0.1", "::1" };
  char text[80];

  g_assert_cmpint (X509_NAME_get_text_by_NID (X509_get_subject_name (certificate), NID_commonName, text, sizeof text),
                   >, 0);
  g_assert_cmpstr (text, ==, common_name);
  for (gsize i = 0; i < G_N_ELEMENTS (hosts); i++)
    g_assert_cmpint (X509_check_host (certificate, hosts[i], 0, 0, NULL), ==, 1);
  for (gsize i = 0; i < G_N_ELEMENTS (addresses); i++)
    g_assert_cmpint (X509_check_ip_asc (certificate, addresses[i], 0), ==, 1);
  g_assert_cmpint (X509_check_host (certificate, "other.example.com", 0, 0, NULL), ==, 0);
}

static void
test_make_and_load (Fixture *f, gconstpointer data)
{
  static const char *const names[] = { "km.example.com", "192.0.2.7", "*.example.org", "localhost", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) pairs = NULL;
  g_autoptr (GPtrArray) again = NULL;
  gboolean made = FALSE;

  assert_load_fails (f, APIM_KEY_STORE_ERROR_UNREADABLE, "apimctl node init");
  g_assert_true (apim_key_store_make (f->config, names, &made, &error));
  g_assert_no_error (error);
  g_assert_true (made);
  g_assert_cmpuint (mode_of (f->security, "node-rsa.pem"), ==, 0600);
  g_assert_cmpuint (mode_of (f->security, "node-ec.pem"), ==, 0600);
  g_assert_cmpuint (mode_of (f->security, "node-cert.pem"), ==, 0644);
  pairs = load (f);
  g_assert_cmpuint (pairs->len, ==, 2);
  for (guint i = 0; i < 2; i++)
    {
      const ApimKeyPair *pair = pairs->pdata[i];

      g_assert_cmpint (EVP_PKEY_get_base_id (pair->key), ==, i == 0 ? EVP_PKEY_RSA : EVP_PKEY_EC);
      g_assert_cmpint (EVP_PKEY_get_bits (pair->key), ==, i == 0 ? 2048 : 256);
      g_assert_cmpint (X509_verify (pair->certificate, pair->key), ==, 1);
      g_assert_null (pair->chain);
      assert_names (pair->certificate, "km.example.com");
    }
  g_assert_true (apim_key_store_make (f->config, names, &made, &error));
  g_assert_false (made);
  again = load (f);
  g_assert_true (same_key (pairs, again, 0));
}

/* The file for trust stores holds both certificates, no key, and each verifies itself. */
static void
test_public_file (Fixture *f, gconstpointer data)
{
  static const char *const names[] = { "localhost", NULL };
  g_autofree char *path = g_build_filename (f->security, "node-cert.pem", NULL);
  g_autofree char *text = NULL;
  X509 *certificate;
  int n_certificates = 0;
  BIO *bio;

  g_assert_true (apim_key_store_make (f->config, names, NULL, NULL));
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_null (strstr (text, "PRIVATE"));
  bio = BIO_new_mem_buf (text, -1);
  while ((certificate = PEM_read_bio_X509 (bio, NULL, NULL, NULL)) != NULL)
    {
      X509_STORE *trusted = X509_STORE_new ();
      X509_STORE_CTX *check = X509_STORE_CTX_new ();

      g_assert_cmpint (X509_STORE_add_cert (trusted, certificate), ==, 1);
      g_assert_cmpint (X509_STORE_CTX_init (check, trusted, certificate, NULL), ==, 1);
      X509_STORE_CTX_set_purpose (check, X509_PURPOSE_SSL_SERVER);
      g_assert_cmpint (X509_verify_cert (check), ==, 1);
      X509_STORE_CTX_free (check);
      X509_STORE_free (trusted);
      X509_free (certificate);
      n_certificates++;
    }
  g_assert_cmpint (n_certificates, ==, 2);
  BIO_free (bio);
}

static void
test_missing_one_is_made (Fixture *f, gconstpointer data)
{
  g_autofree char *ec_path = g_build_filename (f->security, "node-ec.pem", NULL);
  g_autoptr (GPtrArray) first = NULL;
  g_autoptr (GPtrArray) second = NULL;
  gboolean made = FALSE;

  g_assert_true (apim_key_store_make (f->config, NULL, &made, NULL));
  first = load (f);
  g_unlink (ec_path);
  g_assert_true (apim_key_store_make (f->config, NULL, &made, NULL));
  g_assert_true (made);
  second = load (f);
  g_assert_true (same_key (first, second, 0));
  g_assert_false (same_key (first, second, 1));
  g_assert_cmpint (g_chmod (ec_path, 0644), ==, 0);
  assert_load_fails (f, APIM_KEY_STORE_ERROR_UNREADABLE, "chmod 600");
}

static void
test_make_refuses_names (Fixture *f, gconstpointer data)
{
  static const char *const bad[] = { "", "a b", "a/b", "a,DNS:evil", "a\nb" };

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      const char *const names[] = { bad[i], NULL };
      g_autoptr (GError) error = NULL;

      g_assert_false (apim_key_store_make (f->config, names, NULL, &error));
      g_assert_error (error, APIM_KEY_STORE_ERROR, APIM_KEY_STORE_ERROR_FORMAT);
      g_assert_false (g_file_test (f->security, G_FILE_TEST_EXISTS));
    }
}

/* A name longer than a CN may be stands among the alternative names only. */
static void
test_long_name (Fixture *f, gconstpointer data)
{
  g_autofree char *label = g_strnfill (60, 'a');
  g_autofree char *name = g_strconcat (label, ".", label, ".example", NULL);
  const char *const names[] = { name, NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) pairs = NULL;

  g_assert_true (apim_key_store_make (f->config, names, NULL, &error));
  g_assert_no_error (error);
  pairs = load (f);
  g_assert_cmpint (X509_check_host (((ApimKeyPair *) pairs->pdata[0])->certificate, name, 0, 0, NULL), ==, 1);
}

static void
write_pem (Fixture *f, EVP_PKEY *const *keys, X509 *const *certificates, const char *password)
{
  BIO *bio = BIO_new (BIO_s_mem ());

  for (; *certificates != NULL; certificates++)
    PEM_write_bio_X509 (bio, *certificates);
  for (; *keys != NULL; keys++)
    PEM_write_bio_PrivateKey (bio, *keys, password != NULL ? EVP_aes_128_cbc () : NULL,
                              (const unsigned char *) password, password != NULL ? (int) strlen (password) : 0, NULL,
                              NULL);
  write_store (f, bio);
}

static void
test_pem (Fixture *f, gconstpointer data)
{
  /* Certificates first, and in a wrong order: pairs are found by public key, chains by issuer. */
  EVP_PKEY *const keys[] = { ec_key, rsa_key, NULL };
  X509 *const certificates[] = { root_certificate, rsa_certificate, issuer_certificate, ec_certificate, NULL };
  static const char *const passwords[] = { NULL, "hunter2" };

  for (gsize i = 0; i < G_N_ELEMENTS (passwords); i++)
    {
      g_autoptr (GPtrArray) pairs = NULL;
      gboolean made = TRUE;

      write_pem (f, keys, certificates, passwords[i]);
      use_store (f, APIM_KEY_STORE_PEM, passwords[i], NULL, "alias that PEM does not know");
      pairs = load (f);
      g_assert_cmpuint (pairs->len, ==, 2);
      assert_pair (pairs, 0, ec_key, ec_certificate);
      assert_pair (pairs, 1, rsa_key, rsa_certificate);
      /* The operator's store is there: nothing is made beside it. */
      g_assert_true (apim_key_store_make (f->config, NULL, &made, NULL));
      g_assert_false (made);
      g_assert_false (g_file_test (f->security, G_FILE_TEST_EXISTS));
    }
  use_store (f, APIM_KEY_STORE_PEM, "wrong", NULL, NULL);
  assert_load_fails (f, APIM_KEY_STORE_ERROR_PASSWORD, "does not open the private key");
  use_store (f, APIM_KEY_STORE_PEM, NULL, NULL, NULL);
  assert_load_fails (f, APIM_KEY_STORE_ERROR_PASSWORD, "encrypted");
  use_store (f, APIM_KEY_STORE_PEM, "wrong", "hunter2", NULL);
  g_ptr_array_unref (load (f));
}

static void
test_old_certificate_is_served (Fixture *f, gconstpointer data)
{
  EVP_PKEY *const keys[] = { rsa_key, NULL };
  X509 *const certificates[] = { old_certificate, issuer_certificate, NULL };
  g_autoptr (GPtrArray) pairs = NULL;

  write_pem (f, keys, certificates, NULL);
  use_store (f, APIM_KEY_STORE_PEM, NULL, NULL, NULL);
  pairs = load (f);
  assert_pair (pairs, 0, rsa_key, old_certificate);
}

static void
test_bad_pem (Fixture *f, gconstpointer data)
{
  EVP_PKEY *const one[] = { rsa_key, NULL };
  EVP_PKEY *const none[] = { NULL };
  X509 *const wrong[] = { ec_certificate, NULL };
  X509 *const nothing[] = { NULL };
  g_autofree char *text = NULL;

  use_store (f, APIM_KEY_STORE_PEM, NULL, NULL, NULL);
  assert_load_fails (f, APIM_KEY_STORE_ERROR_UNREADABLE, "Security/KeyStore");
  write_pem (f, one, wrong, NULL);
  assert_load_fails (f, APIM_KEY_STORE_ERROR_FORMAT, "no certificate in the file fits");
  write_pem (f, one, nothing, NULL);
  assert_load_fails (f, APIM_KEY_STORE_ERROR_FORMAT, "no certificate in the file fits");
  write_pem (f, none, wrong, NULL);
  assert_load_fails (f, APIM_KEY_STORE_ERROR_FORMAT, "no private key");
  g_assert_true (g_file_set_contents (f->store, "rubbish", -1, NULL));
  assert_load_fails (f, APIM_KEY_STORE_ERROR_FORMAT, "no private key");
  g_assert_true (g_file_set_contents (f->store, "", -1, NULL));
  assert_load_fails (f, APIM_KEY_STORE_ERROR_FORMAT, "no private key");
  g_assert_true (g_file_set_contents (
      f->store, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", -1, NULL));
  assert_load_fails (f, APIM_KEY_STORE_ERROR_FORMAT, "cannot be read");
  g_assert_true (g_file_set_contents (
      f->store, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", -1, NULL));
  assert_load_fails (f, APIM_KEY_STORE_ERROR_FORMAT, "certificate in the file cannot be read");
  /* A block that breaks off must not pass as the end of the file. */
  write_pem (f, one, wrong, NULL);
  g_assert_true (g_file_get_contents (f->store, &text, NULL, NULL));
  g_assert_true (g_file_set_contents (f->store, text, (gssize) strlen (text) - 40, NULL));
  assert_load_fails (f, APIM_KEY_STORE_ERROR_FORMAT, "broken");
}

/* One bag with key and certificates, or keys alone; as keytool writes it, each key with its own entry. */
static void
write_pkcs12 (Fixture *f, gboolean two_keys, const char *password, const char *key_password)
{
  STACK_OF (PKCS12_SAFEBAG) *bags = NULL;
  STACK_OF (PKCS7) *safes = NULL;
  BIO *bio = BIO_new (BIO_s_mem ());
  PKCS12 *store;

  PKCS12_add_cert (&bags, root_certificate);
  PKCS12_add_cert (&bags, issuer_certificate);
  PKCS12_add_cert (&bags, rsa_certificate);
  PKCS12_add_cert (&bags, ec_certificate);
  PKCS12_add_safe (&safes, bags, NID_aes_256_cbc, 1000, password);
  sk_PKCS12_SAFEBAG_pop_free (bags, PKCS12_SAFEBAG_free);
  bags = NULL;
  PKCS12_add_friendlyname_asc (PKCS12_add_key (&bags, rsa_key, 0, 1000, NID_aes_256_cbc, key_password), "wso2carbon",
                               -1);
  if (two_keys)
    PKCS12_add_friendlyname_asc (PKCS12_add_key (&bags, ec_key, 0, 1000, NID_aes_256_cbc, key_password), "second", -1);
  PKCS12_add_safe (&safes, bags, -1, 0, NULL);
  sk_PKCS12_SAFEBAG_pop_free (bags, PKCS12_SAFEBAG_free);
  store = PKCS12_add_safes (safes, 0);
  sk_PKCS7_pop_free (safes, PKCS7_free);
  g_assert_cmpint (PKCS12_set_mac (store, password, -1, NULL, 0, 1000, EVP_sha256 ()), ==, 1);
  g_assert_cmpint (i2d_PKCS12_bio (bio, store), ==, 1);
  PKCS12_free (store);
  write_store (f, bio);
}

static void
test_pkcs12 (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) one = NULL;
  g_autoptr (GPtrArray) both = NULL;
  g_autoptr (GPtrArray) named = NULL;
  g_autoptr (GPtrArray) second = NULL;
  g_autoptr (GPtrArray) own_password = NULL;

  write_pkcs12 (f, FALSE, "hunter2", "hunter2");
  use_store (f, APIM_KEY_STORE_PKCS12, "hunter2", NULL, NULL);
  one = load (f);
  g_assert_cmpuint (one->len, ==, 1);
  assert_pair (one, 0, rsa_key, rsa_certificate);
  write_pkcs12 (f, TRUE, "hunter2", "hunter2");
  both = load (f);
  g_assert_cmpuint (both->len, ==, 2);
  assert_pair (both, 1, ec_key, ec_certificate);
  use_store (f, APIM_KEY_STORE_PKCS12, "hunter2", NULL, "WSO2Carbon");
  named = load (f);
  g_assert_cmpuint (named->len, ==, 1);
  assert_pair (named, 0, rsa_key, rsa_certificate);
  use_store (f, APIM_KEY_STORE_PKCS12, "hunter2", NULL, "second");
  second = load (f);
  g_assert_cmpuint (second->len, ==, 1);
  assert_pair (second, 0, ec_key, ec_certificate);
  write_pkcs12 (f, FALSE, "hunter2", "other");
  use_store (f, APIM_KEY_STORE_PKCS12, "hunter2", "other", "wso2carbon");
  own_password = load (f);
  assert_pair (own_password, 0, rsa_key, rsa_certificate);
}

static void
test_bad_pkcs12 (Fixture *f, gconstpointer data)
{
  g_autofree char *bytes = NULL;
  gsize length;

  write_pkcs12 (f, TRUE, "hunter2", "hunter2");
  use_store (f, APIM_KEY_STORE_PKCS12, "wrong", NULL, NULL);
  assert_load_fails (f, APIM_KEY_STORE_ERROR_PASSWORD, "does not open the key store");
  use_store (f, APIM_KEY_STORE_PKCS12, NULL, "hunter2", NULL);
  assert_load_fails (f, APIM_KEY_STORE_ERROR_PASSWORD, "needs a password");
  use_store (f, APIM_KEY_STORE_PKCS12, "hunter2", NULL, "third");
  assert_load_fails (f, APIM_KEY_STORE_ERROR_FORMAT, "alias \"third\"");
  g_assert_true (g_file_get_contents (f->store, &bytes, &length, NULL));
  g_assert_true (g_file_set_contents (f->store, bytes, (gssize) length / 2, NULL));
  assert_load_fails (f, APIM_KEY_STORE_ERROR_FORMAT, "neither PKCS#12 nor JKS");
  write_pkcs12 (f, TRUE, "hunter2", "other");
  use_store (f, APIM_KEY_STORE_PKCS12, "hunter2", NULL, NULL);
  assert_load_fails (f, APIM_KEY_STORE_ERROR_PASSWORD, "does not open the private key");
  use_store (f, APIM_KEY_STORE_PEM, "hunter2", NULL, NULL);
  assert_load_fails (f, APIM_KEY_STORE_ERROR_FORMAT, "no private key");
}

/* A key store that keytool made, as it would be found on a Key Manager. */
static void
copy_store (Fixture *f, const char *name)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "fuzz", "corpus", "jks", name, NULL);
  g_autofree char *bytes = NULL;
  gsize length;

  g_assert_true (g_file_get_contents (path, &bytes, &length, NULL));
  g_assert_true (
      g_file_set_contents_full (f->store, bytes, (gssize) length, G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL));
}

static void
assert_one_pair (Fixture *f, int type, const char *common_name, int n_chain)
{
  g_autoptr (GPtrArray) pairs = load (f);
  const ApimKeyPair *pair = pairs->pdata[0];
  char text[80];

  g_assert_cmpuint (pairs->len, ==, 1);
  g_assert_cmpint (EVP_PKEY_get_base_id (pair->key), ==, type);
  g_assert_cmpint (EVP_PKEY_eq (pair->key, X509_get0_pubkey (pair->certificate)), ==, 1);
  g_assert_cmpint (
      X509_NAME_get_text_by_NID (X509_get_subject_name (pair->certificate), NID_commonName, text, sizeof text), >, 0);
  g_assert_cmpstr (text, ==, common_name);
  g_assert_cmpint (pair->chain != NULL ? sk_X509_num (pair->chain) : 0, ==, n_chain);
}

static void
test_jks (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) both = NULL;

  copy_store (f, "wso2carbon.jks");
  use_store (f, APIM_KEY_STORE_JKS, "wso2carbon", NULL, "wso2carbon");
  assert_one_pair (f, EVP_PKEY_RSA, "localhost", 0);
  use_store (f, APIM_KEY_STORE_PKCS12, "wso2carbon", "wso2carbon", NULL); /* the content tells */
  assert_one_pair (f, EVP_PKEY_RSA, "localhost", 0);
  /* Two keys with passwords of their own: one alias opens one of them. JKS keeps aliases in lower case. */
  copy_store (f, "two-keys.jks");
  use_store (f, APIM_KEY_STORE_JKS, "st\xc3\xb6re pass", "rsa pass", "RSA-Key");
  assert_one_pair (f, EVP_PKEY_RSA, "two", 0);
  use_store (f, APIM_KEY_STORE_JKS, "st\xc3\xb6re pass", "ec p\xc3\xa4ss", "ec-key");
  assert_one_pair (f, EVP_PKEY_EC, "leaf", 1);
  copy_store (f, "jceks.jks");
  use_store (f, APIM_KEY_STORE_JKS, "wso2carbon", NULL, "wso2carbon");
  assert_one_pair (f, EVP_PKEY_RSA, "jceks", 0);
  /* Java 9 and later make PKCS#12, whatever the file's name. */
  write_pkcs12 (f, TRUE, "hunter2", "hunter2");
  use_store (f, APIM_KEY_STORE_JKS, "hunter2", NULL, NULL);
  both = load (f);
  g_assert_cmpuint (both->len, ==, 2);
}

static void
test_bad_jks (Fixture *f, gconstpointer data)
{
  copy_store (f, "two-keys.jks");
  use_store (f, APIM_KEY_STORE_JKS, "hunter2", "rsa pass", "rsa-key");
  assert_load_fails (f, APIM_KEY_STORE_ERROR_PASSWORD, "does not open the key store");
  use_store (f, APIM_KEY_STORE_JKS, "st\xf6re pass", "rsa pass", "rsa-key"); /* not UTF-8 */
  assert_load_fails (f, APIM_KEY_STORE_ERROR_PASSWORD, "does not open the key store");
  use_store (f, APIM_KEY_STORE_JKS, NULL, NULL, "rsa-key");
  assert_load_fails (f, APIM_KEY_STORE_ERROR_PASSWORD, "Security/KeyStore/Password");
  use_store (f, APIM_KEY_STORE_JKS, "st\xc3\xb6re pass", NULL, "rsa-key");
  assert_load_fails (f, APIM_KEY_STORE_ERROR_PASSWORD, "does not open the private key \"rsa-key\"");
  use_store (f, APIM_KEY_STORE_JKS, "st\xc3\xb6re pass", "rsa pass", NULL);
  assert_load_fails (f, APIM_KEY_STORE_ERROR_PASSWORD, "does not open the private key \"ec-key\"");
  use_store (f, APIM_KEY_STORE_JKS, "st\xc3\xb6re pass", "rsa pass", "root");
  assert_load_fails (f, APIM_KEY_STORE_ERROR_FORMAT, "no private key with the alias \"root\"");
  copy_store (f, "jceks.jks");
  use_store (f, APIM_KEY_STORE_JKS, "wso2carbon", "hunter2", "wso2carbon");
  assert_load_fails (f, APIM_KEY_STORE_ERROR_PASSWORD, "does not open the private key \"wso2carbon\"");
  copy_store (f, "secret-key.jks");
  use_store (f, APIM_KEY_STORE_JKS, "wso2carbon", NULL, NULL);
  assert_load_fails (f, APIM_KEY_STORE_ERROR_FORMAT, "secret key");
  copy_store (f, "client-truststore.jks");
  assert_load_fails (f, APIM_KEY_STORE_ERROR_FORMAT, "no private key in the file");
  g_assert_true (g_file_set_contents (f->store, "-----BEGIN X-----\n", -1, NULL));
  assert_load_fails (f, APIM_KEY_STORE_ERROR_FORMAT, "neither PKCS#12 nor JKS");
  g_unlink (f->store);
  assert_load_fails (f, APIM_KEY_STORE_ERROR_UNREADABLE, "Security/KeyStore");
}

#define ADD(name, function) g_test_add ("/key-store/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  int status;

  umask (022);
  g_test_init (&argc, &argv, NULL);
  make_keys ();
  ADD ("make-and-load", test_make_and_load);
  ADD ("public-file", test_public_file);
  ADD ("missing-one-is-made", test_missing_one_is_made);
  ADD ("make-refuses-names", test_make_refuses_names);
  ADD ("long-name", test_long_name);
  ADD ("pem", test_pem);
  ADD ("old-certificate", test_old_certificate_is_served);
  ADD ("bad-pem", test_bad_pem);
  ADD ("pkcs12", test_pkcs12);
  ADD ("bad-pkcs12", test_bad_pkcs12);
  ADD ("jks", test_jks);
  ADD ("bad-jks", test_bad_jks);
  status = g_test_run ();
  free_keys ();
  return status;
}
