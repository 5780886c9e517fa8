#include "config.h"
#include "core/core-password.h"

#include "common/apim-digest.h"
#include "common/apim-secret.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>

/* stored = Base64 (digest (password ++ salt text)), one round (spec/databases.md 6.2). WSO2's form, not our choice: a
 * slow hash would lock the Java nodes out of the same database. */

#define CHANGE_WITHIN_MS (24 * 60 * 60 * G_GINT64_CONSTANT (1000)) /* for a password that has to be changed */
#define SALT_SIZE 16
/* Base64 of the longest digest, terminated. */
#define HASH_TEXT_SIZE (4 * ((EVP_MAX_MD_SIZE + 2) / 3) + 1)

/* Stands in for a user that does not exist, so that its absence costs what a wrong password costs. */
static const StUser nobody = {
  .password_hash = (char *) "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
  .salt = (char *) "AAAAAAAAAAAAAAAAAAAAAA==",
};

static gboolean
is_plain (const char *digest_name)
{
  return digest_name == NULL || digest_name[0] == '\0' || strcmp (digest_name, "PLAIN_TEXT") == 0;
}

static gboolean
hash_password (const EVP_MD *digest, const char *password, gsize length, const char *salt, char *text)
{
  EVP_MD_CTX *context = EVP_MD_CTX_new ();
  guint8 hash[EVP_MAX_MD_SIZE];
  guint size = 0;
  gboolean done = context != NULL && EVP_DigestInit_ex (context, digest, NULL) == 1
                  && EVP_DigestUpdate (context, password, length) == 1
                  && (salt == NULL || EVP_DigestUpdate (context, salt, strlen (salt)) == 1)
                  && EVP_DigestFinal_ex (context, hash, &size) == 1;

  EVP_MD_CTX_free (context);
  if (done)
    EVP_EncodeBlock ((guint8 *) text, hash, (int) size);
  OPENSSL_cleanse (hash, sizeof hash);
  return done;
}

/* Whether @text is what is stored; nothing matches an empty column. */
static gboolean
equals_stored (const StUser *user, const char *text, gsize length)
{
  gsize stored_length = user->password_hash != NULL ? strlen (user->password_hash) : 0;

  return stored_length > 0 && stored_length == length && CRYPTO_memcmp (user->password_hash, text, length) == 0;
}

static gboolean
hash_equals_stored (const StUser *user, const EVP_MD *digest, gboolean salted, const char *password, gsize length)
{
  char text[HASH_TEXT_SIZE];
  gboolean equal = hash_password (digest, password, length, salted ? user->salt : NULL, text)
                   && equals_stored (user, text, strlen (text));

  OPENSSL_cleanse (text, sizeof text);
  return equal;
}

/* The password in ISO-8859-1. FALSE when that is no different, or it has other characters. @latin1: room for @length
 * bytes. */
static gboolean
to_latin1 (const char *password, gsize length, char *latin1, gsize *latin1_length)
{
  const char *end = password + length;
  gsize used = 0;

  if (!g_utf8_validate_len (password, length, NULL))
    return FALSE;
  for (const char *at = password; at < end; at = g_utf8_next_char (at))
    {
      gunichar character = g_utf8_get_char (at);

      if (character > 0xff)
        return FALSE;
      latin1[used++] = (char) character;
    }
  *latin1_length = used;
  return used < length;
}

gboolean
core_password_check (const StUser *user, const char *password, gsize length, const ApimUserStoreSettings *settings,
                     gint64 now_ms)
{
  const StUser *compared = user != NULL ? user : &nobody;
  const EVP_MD *digest;
  gboolean matches, matches_latin1 = FALSE;
  gsize latin1_length = 0;
  char *latin1;

  if (is_plain (settings->password_digest))
    matches = equals_stored (compared, password, length);
  else
    {
      digest = apim_digest_find (settings->password_digest);
      if (digest == NULL)
        return FALSE;
      matches = hash_equals_stored (compared, digest, settings->salted, password, length);
      latin1 = g_malloc (length + 1);
      if (to_latin1 (password, length, latin1, &latin1_length))
        matches_latin1 = hash_equals_stored (compared, digest, settings->salted, latin1, latin1_length);
      OPENSSL_cleanse (latin1, length + 1);
      g_free (latin1);
    }
  if (user == NULL || (user->require_change && user->changed_ms < now_ms - CHANGE_WITHIN_MS))
    return FALSE;
  return matches || matches_latin1;
}

char *
core_password_hash (const char *password, const ApimUserStoreSettings *settings, char **salt, GError **error)
{
  g_autofree char *salt_text = NULL;
  const EVP_MD *digest;
  char text[HASH_TEXT_SIZE];

  *salt = NULL;
  if (is_plain (settings->password_digest))
    return g_strdup (password);
  digest = apim_digest_find (settings->password_digest);
  if (settings->salted)
    {
      guint8 bytes[SALT_SIZE];

      if (!apim_random_bytes (bytes, sizeof bytes, error))
        return NULL;
      salt_text = g_base64_encode (bytes, sizeof bytes);
    }
  if (digest == NULL || !hash_password (digest, password, strlen (password), salt_text, text))
    {
      g_set_error (error, APIM_CONFIG_ERROR, APIM_CONFIG_ERROR_VALUE,
                   "password digest \"%s\" is not available: use SHA-256, another of the SHA family, or MD5",
                   settings->password_digest);
      return NULL;
    }
  *salt = g_steal_pointer (&salt_text);
  return g_strdup (text);
}
