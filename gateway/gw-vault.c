#include "config.h"
#include "gateway/gw-vault.h"

#include "common/apim-cluster-key.h"
#include "common/apim-secret.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>

#define FILE_NAME "repository/resources/security/gateway-vault"
#define PURPOSE "gateway vault"
#define KEY_SIZE 32
#define NONCE_SIZE 12
#define TAG_SIZE 16
#define KEY_TEXT (2 * GW_VAULT_MAX_NAME + 2)

/* What one worker uses. */
typedef struct
{
  GHashTable *passwords; /* NULL: it was never asked */
  guint64 generation;
} Slot;

struct _GwVault
{
  char *path;
  guint8 key[KEY_SIZE];
  GMutex lock;
  GHashTable *passwords; /* "domain\talias" -> password; never changed, replaced as a whole */
  guint64 generation;    /* atomic; of passwords */
  guint n_slots;
  Slot *slots;
};

static gboolean
fail (GError **error, ApimSecretError code, const char *what)
{
  g_set_error (error, APIM_SECRET_ERROR, code, "%s: %s", FILE_NAME, what);
  return FALSE;
}

static GHashTable *
table_new (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) apim_secret_free);
}

/* What stands in a line as it is. */
static gboolean
is_name (const char *text)
{
  gsize length = strlen (text);

  return length > 0 && length <= GW_VAULT_MAX_NAME && strpbrk (text, "\t\r\n") == NULL;
}

/* Into @sealed: nonce, tag, and as many bytes as @text has. */
static gboolean
encrypt (const GwVault *vault, const char *name, const char *text, guint8 *sealed, GError **error)
{
  EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new ();
  int length = (int) strlen (text), done = 0;
  gboolean good = context != NULL && apim_random_bytes (sealed, NONCE_SIZE, error)
                  && EVP_EncryptInit_ex (context, EVP_aes_256_gcm (), NULL, vault->key, sealed) == 1
                  && EVP_EncryptUpdate (context, NULL, &done, (const guint8 *) name, (int) strlen (name)) == 1
                  && EVP_EncryptUpdate (context, sealed + NONCE_SIZE + TAG_SIZE, &done, (const guint8 *) text, length) == 1
                  && EVP_EncryptFinal_ex (context, sealed + NONCE_SIZE + TAG_SIZE + done, &done) == 1
                  && EVP_CIPHER_CTX_ctrl (context, EVP_CTRL_GCM_GET_TAG, TAG_SIZE, sealed + NONCE_SIZE) == 1;

  EVP_CIPHER_CTX_free (context);
  if (!good && error != NULL && *error == NULL)
    fail (error, APIM_SECRET_ERROR_WRITE, "a password could not be encrypted");
  return good;
}

/* NULL: it was not encrypted for this name, with this key. */
static char *
decrypt (const GwVault *vault, const char *name, const guint8 *sealed, gsize length)
{
  EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new ();
  gsize text_length = length - NONCE_SIZE - TAG_SIZE;
  char *text = g_malloc0 (text_length + 1);
  guint8 tag[TAG_SIZE];
  int done = 0;
  gboolean good;

  memcpy (tag, sealed + NONCE_SIZE, TAG_SIZE);
  good = context != NULL && EVP_DecryptInit_ex (context, EVP_aes_256_gcm (), NULL, vault->key, sealed) == 1
         && EVP_DecryptUpdate (context, NULL, &done, (const guint8 *) name, (int) strlen (name)) == 1
         && EVP_DecryptUpdate (context, (guint8 *) text, &done, sealed + NONCE_SIZE + TAG_SIZE, (int) text_length) == 1
         && EVP_CIPHER_CTX_ctrl (context, EVP_CTRL_GCM_SET_TAG, TAG_SIZE, tag) == 1
         && EVP_DecryptFinal_ex (context, (guint8 *) text + done, &done) == 1;
  EVP_CIPHER_CTX_free (context);
  if (good)
    return text;
  OPENSSL_cleanse (text, text_length);
  g_free (text);
  return NULL;
}

static gboolean
read_line (const GwVault *vault, GHashTable *table, const char *line, GError **error)
{
  const char *end = strrchr (line, '\t');
  g_autofree char *name = end != NULL ? g_strndup (line, (gsize) (end - line)) : NULL;
  gsize length = end != NULL ? strlen (end + 1) * 3 / 4 : 0;
  g_autofree guint8 *sealed = NULL;
  char *password;

  if (name == NULL || strchr (name, '\t') == NULL || length < NONCE_SIZE + TAG_SIZE
      || length > NONCE_SIZE + TAG_SIZE + GW_VAULT_MAX_PASSWORD || g_hash_table_size (table) == GW_VAULT_MAX_ENTRIES)
    return fail (error, APIM_SECRET_ERROR_INVALID, "a line that is none of a vault, or too many of them");
  sealed = g_malloc (length);
  if (!apim_base64url_decode (end + 1, strlen (end + 1), sealed, length)
      || (password = decrypt (vault, name, sealed, length)) == NULL)
    return fail (error, APIM_SECRET_ERROR_INVALID,
                 "a password was changed, or encrypted with another cluster key than this node's");
  g_hash_table_replace (table, g_steal_pointer (&name), password);
  return TRUE;
}

static GHashTable *
read_file (const GwVault *vault, GError **error)
{
  g_autoptr (GHashTable) table = table_new ();
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  if (!g_file_test (vault->path, G_FILE_TEST_EXISTS))
    return g_steal_pointer (&table);
  text = apim_secret_read_file (vault->path, error);
  if (text == NULL)
    return NULL;
  lines = g_strsplit (text, "\n", -1);
  for (char **line = lines; *line != NULL; line++)
    if (**line != '\0' && !read_line (vault, table, *line, error))
      return NULL;
  return g_steal_pointer (&table);
}

static gboolean
append_line (const GwVault *vault, GString *text, const char *name, const char *password, GError **error)
{
  gsize length = NONCE_SIZE + TAG_SIZE + strlen (password);
  g_autofree guint8 *sealed = g_malloc (length);
  g_autofree char *encoded = NULL;

  if (!encrypt (vault, name, password, sealed, error))
    return FALSE;
  encoded = apim_base64url_encode (sealed, length);
  g_string_append_printf (text, "%s\t%s\n", name, encoded);
  return TRUE;
}

/* Whole or not at all. */
static gboolean
write_file (const GwVault *vault, GHashTable *table, GError **error)
{
  g_autofree char *beside = g_strconcat (vault->path, ".new", NULL);
  g_autoptr (GString) text = g_string_new (NULL);
  GHashTableIter iter;
  gpointer name, password;

  g_hash_table_iter_init (&iter, table);
  while (g_hash_table_iter_next (&iter, &name, &password))
    if (!append_line (vault, text, name, password, error))
      return FALSE;
  g_unlink (beside); /* of a writer that was killed */
  if (!apim_secret_write_file (beside, text->str, text->len, error))
    return FALSE;
  if (g_rename (beside, vault->path) == 0)
    return TRUE;
  fail (error, APIM_SECRET_ERROR_WRITE, g_strerror (errno));
  g_unlink (beside);
  return FALSE;
}

/* Under the lock. @table: (transfer full). */
static void
publish (GwVault *vault, GHashTable *table)
{
  g_clear_pointer (&vault->passwords, g_hash_table_unref);
  vault->passwords = table;
  __atomic_store_n (&vault->generation, vault->generation + 1, __ATOMIC_RELEASE);
}

gboolean
gw_vault_reload (GwVault *vault, GError **error)
{
  GHashTable *table;

  g_mutex_lock (&vault->lock);
  table = read_file (vault, error);
  if (table != NULL)
    publish (vault, table);
  g_mutex_unlock (&vault->lock);
  return table != NULL;
}

static GHashTable *
copy_table (GHashTable *table)
{
  GHashTable *copy = table_new ();
  GHashTableIter iter;
  gpointer name, password;

  g_hash_table_iter_init (&iter, table);
  while (g_hash_table_iter_next (&iter, &name, &password))
    g_hash_table_insert (copy, g_strdup (name), g_strdup (password));
  return copy;
}

gboolean
gw_vault_put (GwVault *vault, const char *domain, const char *alias, const char *password, GError **error)
{
  g_autoptr (GHashTable) table = NULL;
  gboolean done;

  if (!is_name (domain) || !is_name (alias) || strlen (password) > GW_VAULT_MAX_PASSWORD)
    return fail (error, APIM_SECRET_ERROR_INVALID, "the alias or the password is too long, or the alias has line ends in it");
  g_mutex_lock (&vault->lock);
  table = copy_table (vault->passwords);
  g_hash_table_replace (table, g_strconcat (domain, "\t", alias, NULL), g_strdup (password));
  if (g_hash_table_size (table) > GW_VAULT_MAX_ENTRIES)
    done = fail (error, APIM_SECRET_ERROR_WRITE, "it is full");
  else
    done = write_file (vault, table, error);
  if (done)
    publish (vault, g_steal_pointer (&table));
  g_mutex_unlock (&vault->lock);
  return done;
}

static GHashTable *
newest (GwVault *vault, guint worker)
{
  Slot *slot = &vault->slots[worker];

  if (slot->generation != __atomic_load_n (&vault->generation, __ATOMIC_ACQUIRE))
    {
      g_clear_pointer (&slot->passwords, g_hash_table_unref);
      g_mutex_lock (&vault->lock);
      slot->passwords = g_hash_table_ref (vault->passwords);
      slot->generation = vault->generation;
      g_mutex_unlock (&vault->lock);
    }
  return slot->passwords;
}

GwText
gw_vault_find (GwVault *vault, guint worker, const char *domain, gsize domain_length, const char *alias)
{
  gsize alias_length = strlen (alias);
  char name[KEY_TEXT];
  const char *password;

  if (domain_length > GW_VAULT_MAX_NAME || alias_length > GW_VAULT_MAX_NAME)
    return (GwText){ NULL, 0 };
  memcpy (name, domain, domain_length);
  name[domain_length] = '\t';
  memcpy (name + domain_length + 1, alias, alias_length + 1);
  password = g_hash_table_lookup (newest (vault, worker), name);
  return (GwText){ password, password != NULL ? strlen (password) : 0 };
}

GwVault *
gw_vault_new (const char *home, guint n_workers, GError **error)
{
  g_autoptr (GwVault) vault = g_new0 (GwVault, 1);

  vault->path = g_build_filename (home, FILE_NAME, NULL);
  g_mutex_init (&vault->lock);
  vault->n_slots = n_workers;
  vault->slots = g_new0 (Slot, n_workers);
  if (!apim_cluster_key_derive (home, PURPOSE, vault->key, sizeof vault->key, error) || !gw_vault_reload (vault, error))
    return NULL;
  return g_steal_pointer (&vault);
}

void
gw_vault_free (GwVault *vault)
{
  if (vault == NULL)
    return;
  for (guint i = 0; i < vault->n_slots; i++)
    g_clear_pointer (&vault->slots[i].passwords, g_hash_table_unref);
  g_free (vault->slots);
  g_clear_pointer (&vault->passwords, g_hash_table_unref);
  OPENSSL_cleanse (vault->key, sizeof vault->key);
  g_mutex_clear (&vault->lock);
  g_free (vault->path);
  g_free (vault);
}
