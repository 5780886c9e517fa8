#include "config.h"
#include "common/apim-key-store.h"

#include "common/apim-key-reader.h"
#include "common/apim-log.h"
#include "common/apim-secret.h"

#include <glib/gstdio.h>
#include <openssl/crypto.h>
#include <openssl/x509v3.h>
#include <string.h>

#define KEY_STORE_FILE_MAX (1024 * 1024)

G_DEFINE_QUARK (apim-key-store-error-quark, apim_key_store_error)

static const char *const own_files[] = { "node-rsa.pem", "node-ec.pem" };

void
apim_key_pair_free (ApimKeyPair *pair)
{
  if (pair == NULL)
    return;
  EVP_PKEY_free (pair->key);
  X509_free (pair->certificate);
  sk_X509_pop_free (pair->chain, X509_free);
  g_free (pair);
}

static GPtrArray *
pairs_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) apim_key_pair_free);
}

/* The certificates that lead from @certificate towards its root, the root left out: who trusts it has it. */
static STACK_OF (X509) *
find_chain (X509 *certificate, const GPtrArray *certificates)
{
  STACK_OF (X509) *chain = NULL;
  X509 *last = certificate;

  /* At most every certificate once, should they issue each other in a ring. */
  for (guint length = 0; length < certificates->len; length++)
    {
      X509 *issuer = NULL;

      for (guint i = 0; i < certificates->len && issuer == NULL; i++)
        if (certificates->pdata[i] != last && X509_check_issued (certificates->pdata[i], last) == X509_V_OK)
          issuer = certificates->pdata[i];
      if (issuer == NULL || issuer == certificate || X509_self_signed (issuer, 0) == 1)
        break;
      if (chain == NULL)
        chain = sk_X509_new_null ();
      X509_up_ref (issuer);
      sk_X509_push (chain, issuer);
      last = issuer;
    }
  return chain;
}

static ApimKeyPair *
pair_key (EVP_PKEY *key, const GPtrArray *certificates)
{
  for (guint i = 0; i < certificates->len; i++)
    {
      X509 *certificate = certificates->pdata[i];
      ApimKeyPair *pair;

      if (EVP_PKEY_eq (X509_get0_pubkey (certificate), key) != 1)
        continue;
      pair = g_new0 (ApimKeyPair, 1);
      EVP_PKEY_up_ref (key);
      X509_up_ref (certificate);
      pair->key = key;
      pair->certificate = certificate;
      pair->chain = find_chain (certificate, certificates);
      return pair;
    }
  return NULL;
}

static void
warn_of_dates (const ApimKeyPair *pair, const char *path)
{
  if (X509_cmp_current_time (X509_get0_notAfter (pair->certificate)) < 0)
    apim_warning ("common", "%s: the %s certificate has expired; clients may refuse it", path,
                  EVP_PKEY_get0_type_name (pair->key));
  else if (X509_cmp_current_time (X509_get0_notBefore (pair->certificate)) > 0)
    apim_warning ("common", "%s: the %s certificate does not hold yet; clients may refuse it", path,
                  EVP_PKEY_get0_type_name (pair->key));
}

static gboolean
has_type (const GPtrArray *pairs, int type)
{
  for (guint i = 0; i < pairs->len; i++)
    if (EVP_PKEY_get_base_id (((const ApimKeyPair *) pairs->pdata[i])->key) == type)
      return TRUE;
  return FALSE;
}

/* Adds the pairs of one file: the key called @alias, or without it the first of each kind, since a listener can hold
 * one of a kind. Java writes aliases of PKCS#12 in lower case, so case does not count. */
static gboolean
add_pairs (GPtrArray *pairs, const ApimKeyMaterial *material, const char *alias, const char *path, GError **error)
{
  guint before = pairs->len;

  for (guint i = 0; i < material->keys->len; i++)
    {
      const ApimNamedKey *named = material->keys->pdata[i];
      ApimKeyPair *pair;

      if (alias != NULL && (named->name == NULL || g_ascii_strcasecmp (alias, named->name) != 0))
        continue;
      if (has_type (pairs, EVP_PKEY_get_base_id (named->key)))
        {
          apim_warning ("common", "%s: more than one %s key; only the first is served", path,
                        EVP_PKEY_get0_type_name (named->key));
          continue;
        }
      pair = pair_key (named->key, material->certificates);
      if (pair == NULL)
        {
          g_set_error (error, APIM_KEY_STORE_ERROR, APIM_KEY_STORE_ERROR_FORMAT,
                       "%s: no certificate in the file fits its %s key", path, EVP_PKEY_get0_type_name (named->key));
          return FALSE;
        }
      warn_of_dates (pair, path);
      g_ptr_array_add (pairs, pair);
    }
  if (pairs->len > before)
    return TRUE;
  if (alias != NULL)
    g_set_error (error, APIM_KEY_STORE_ERROR, APIM_KEY_STORE_ERROR_FORMAT,
                 "%s: there is no private key with the alias \"%s\"", path, alias);
  else
    g_set_error (error, APIM_KEY_STORE_ERROR, APIM_KEY_STORE_ERROR_FORMAT, "%s: there is no private key in the file",
                 path);
  return FALSE;
}

/* One PEM file that the node made itself: key and certificate. */
static gboolean
add_own_file (GPtrArray *pairs, const char *home, const char *name, GError **error)
{
  g_autofree char *path = apim_home_path (home, "resources", "security", name, NULL);
  g_autoptr (ApimKeyMaterial) material = NULL;
  g_autoptr (GError) reason = NULL;
  g_auto (ApimSecretText) text = apim_secret_read_file (path, &reason);

  if (text == NULL)
    {
      g_set_error (error, APIM_KEY_STORE_ERROR, APIM_KEY_STORE_ERROR_UNREADABLE,
                   "%s (apimctl node init makes the node's keys where they are missing)", reason->message);
      return FALSE;
    }
  material = apim_key_reader_pem (path, text, strlen (text), NULL, error);
  return material != NULL && add_pairs (pairs, material, NULL, path, error);
}

/* The operator's file. Its mode is the operator's business, but worth a word. */
static gboolean
read_store_file (const char *path, char **bytes, gsize *length, GError **error)
{
  g_autoptr (GError) reason = NULL;
  GStatBuf info;

  if (g_stat (path, &info) == 0)
    {
      if (!S_ISREG (info.st_mode) || info.st_size > KEY_STORE_FILE_MAX)
        {
          g_set_error (error, APIM_KEY_STORE_ERROR, APIM_KEY_STORE_ERROR_FORMAT,
                       "%s: a key store must be a regular file of at most 1 MiB", path);
          return FALSE;
        }
      if ((info.st_mode & 007) != 0)
        apim_warning ("common", "%s: every user of the machine may use this key store; chmod o-rwx keeps them out",
                      path);
    }
  if (g_file_get_contents (path, bytes, length, &reason))
    return TRUE;
  g_set_error (error, APIM_KEY_STORE_ERROR, APIM_KEY_STORE_ERROR_UNREADABLE,
               "could not read the key store that carbon.xml Security/KeyStore names: %s", reason->message);
  return FALSE;
}

static gboolean
add_operator_store (GPtrArray *pairs, const ApimKeyStoreSettings *settings, GError **error)
{
  const char *path = settings->location;
  const char *key_password = settings->key_password != NULL ? settings->key_password : settings->password;
  gboolean pem = settings->type == APIM_KEY_STORE_PEM;
  g_autoptr (ApimKeyMaterial) material = NULL;
  char *bytes = NULL;
  gsize length = 0;

  if (!read_store_file (path, &bytes, &length, error))
    return FALSE;
  if (pem)
    material = apim_key_reader_pem (path, bytes, length, key_password, error);
  else
    material = apim_key_reader_store (path, bytes, length, settings->password, key_password, settings->key_alias, error);
  OPENSSL_cleanse (bytes, length);
  g_free (bytes);
  /* PEM knows no aliases. */
  return material != NULL && add_pairs (pairs, material, pem ? NULL : settings->key_alias, path, error);
}

GPtrArray *
apim_key_store_load (const ApimConfig *config, GError **error)
{
  g_autoptr (GPtrArray) pairs = pairs_new ();

  if (config->key_store.location != NULL)
    return add_operator_store (pairs, &config->key_store, error) ? g_steal_pointer (&pairs) : NULL;
  for (gsize i = 0; i < G_N_ELEMENTS (own_files); i++)
    if (!add_own_file (pairs, config->home, own_files[i], error))
      return NULL;
  return g_steal_pointer (&pairs);
}
