#include "config.h"
#include "common/apim-jks.h"

#include "common/apim-jks-private.h"
#include "common/apim-key-store.h"
#include "common/apim-secret.h"

#include <openssl/err.h>
#include <string.h>

#define MAGIC_JKS 0xfeedfeedU
#define MAGIC_JCEKS 0xcecececeU
#define MAGIC_SIZE 4

typedef enum
{
  ENTRY_PRIVATE_KEY = 1,
  ENTRY_TRUSTED = 2,
  ENTRY_SECRET_KEY = 3, /* JCEKS: a serialized Java object, whose end only Java knows */
} EntryKind;

/* What is still to be read. Numbers are in network byte order. */
typedef struct
{
  const char *path;
  const guint8 *at;
  gsize left;
  guint32 version;
  guint n_certificates;
} Cursor;

static void
entry_free (gpointer data)
{
  ApimJksEntry *entry = data;

  g_free (entry->alias);
  g_ptr_array_unref (entry->certificates);
  g_free (entry);
}

static gboolean
fail (const char *path, const char *reason, GError **error)
{
  g_set_error (error, APIM_KEY_STORE_ERROR, APIM_KEY_STORE_ERROR_FORMAT, "%s: %s", path, reason);
  return FALSE;
}

static gboolean
take (Cursor *cursor, gsize length, const guint8 **bytes, GError **error)
{
  if (length > cursor->left)
    return fail (cursor->path, "the key store is broken: an entry is longer than the file", error);
  *bytes = cursor->at;
  cursor->at += length;
  cursor->left -= length;
  return TRUE;
}

static guint32
read_number (const guint8 *bytes)
{
  return (guint32) bytes[0] << 24 | (guint32) bytes[1] << 16 | (guint32) bytes[2] << 8 | bytes[3];
}

static gboolean
take_number (Cursor *cursor, guint32 *number, GError **error)
{
  const guint8 *bytes;

  if (!take (cursor, 4, &bytes, error))
    return FALSE;
  *number = read_number (bytes);
  return TRUE;
}

/* Bytes after their length. */
static gboolean
take_block (Cursor *cursor, const guint8 **bytes, gsize *length, GError **error)
{
  guint32 number;

  if (!take_number (cursor, &number, error))
    return FALSE;
  *length = number;
  return take (cursor, number, bytes, error);
}

/* A text as Java's DataOutput writes it: two bytes of length, modified UTF-8. */
static gboolean
take_text (Cursor *cursor, char **text, GError **error)
{
  const guint8 *size, *bytes;
  gsize length;

  if (!take (cursor, 2, &size, error))
    return FALSE;
  length = (gsize) size[0] << 8 | size[1];
  if (!take (cursor, length, &bytes, error))
    return FALSE;
  *text = g_utf8_make_valid ((const char *) bytes, (gssize) length);
  return TRUE;
}

static gboolean
take_certificate (Cursor *cursor, GPtrArray *certificates, GError **error)
{
  g_autofree char *type = NULL;
  const guint8 *bytes;
  X509 *certificate;
  gsize length;

  if (cursor->version > 1 && !take_text (cursor, &type, error))
    return FALSE;
  if (!take_block (cursor, &bytes, &length, error))
    return FALSE;
  if (++cursor->n_certificates > APIM_JKS_CERTIFICATES_MAX)
    return fail (cursor->path, "there are more than 1024 certificates in the file", error);
  if (type != NULL && g_ascii_strcasecmp (type, "X.509") != 0 && g_ascii_strcasecmp (type, "X509") != 0)
    return TRUE; /* of no use here */
  certificate = d2i_X509 (NULL, &bytes, (long) length);
  ERR_clear_error ();
  if (certificate == NULL)
    return fail (cursor->path, "a certificate in the file cannot be read", error);
  g_ptr_array_add (certificates, certificate);
  return TRUE;
}

static gboolean
take_private_key (Cursor *cursor, ApimJksEntry *entry, GError **error)
{
  guint32 n_certificates;

  if (!take_block (cursor, &entry->key, &entry->key_length, error) || !take_number (cursor, &n_certificates, error))
    return FALSE;
  for (guint32 i = 0; i < n_certificates; i++)
    if (!take_certificate (cursor, entry->certificates, error))
      return FALSE;
  return TRUE;
}

static gboolean
take_entry (Cursor *cursor, GPtrArray *entries, GError **error)
{
  ApimJksEntry *entry = g_new0 (ApimJksEntry, 1);
  const guint8 *date;
  guint32 kind;

  entry->certificates = g_ptr_array_new_with_free_func ((GDestroyNotify) X509_free);
  g_ptr_array_add (entries, entry);
  if (!take_number (cursor, &kind, error) || !take_text (cursor, &entry->alias, error)
      || !take (cursor, 8, &date, error))
    return FALSE;
  switch (kind)
    {
    case ENTRY_PRIVATE_KEY:
      return take_private_key (cursor, entry, error);
    case ENTRY_TRUSTED:
      return take_certificate (cursor, entry->certificates, error);
    case ENTRY_SECRET_KEY:
      return fail (cursor->path,
                   "the key store has a secret key, which only Java can read: take it out with keytool -delete, or use "
                   "a key store of its own for the node",
                   error);
    default:
      return fail (cursor->path, "the key store is broken: it has an entry of an unknown kind", error);
    }
}

static gboolean
take_entries (Cursor *cursor, GPtrArray *entries, GError **error)
{
  guint32 magic, n_entries;

  if (!take_number (cursor, &magic, error) || !take_number (cursor, &cursor->version, error)
      || !take_number (cursor, &n_entries, error))
    return FALSE;
  if (cursor->version < 1 || cursor->version > 2)
    return fail (cursor->path, "the key store has a version other than 1 and 2", error);
  if (n_entries > APIM_JKS_ENTRIES_MAX)
    return fail (cursor->path, "there are more than 1024 entries in the key store", error);
  for (guint32 i = 0; i < n_entries; i++)
    if (!take_entry (cursor, entries, error))
      return FALSE;
  return cursor->left == 0
         || fail (cursor->path, "the key store is broken: there is something after its entries", error);
}

/* SHA-1 of the password, a text that Sun's engineers chose, and all before the digest. */
static gboolean
check_seal (const char *path, const guint8 *bytes, gsize length, const char *password, GError **error)
{
  static const char whitener[] = "Mighty Aphrodite";
  const ApimJksSpan middle = { whitener, sizeof whitener - 1 }, rest = { bytes, length };
  g_autoptr (GBytes) secret = apim_jks_password_bytes (password);
  guint8 digest[APIM_JKS_DIGEST_SIZE];

  if (secret != NULL && apim_jks_digest (secret, middle, rest, digest)
      && apim_secret_equal (digest, sizeof digest, bytes + length, sizeof digest))
    return TRUE;
  g_set_error (error, APIM_KEY_STORE_ERROR, APIM_KEY_STORE_ERROR_PASSWORD,
               "%s: the password does not open the key store (a damaged file looks the same)", path);
  return FALSE;
}

gboolean
apim_jks_is (const void *bytes, gsize length)
{
  guint32 magic = length >= MAGIC_SIZE ? read_number (bytes) : 0;

  return magic == MAGIC_JKS || magic == MAGIC_JCEKS;
}

GPtrArray *
apim_jks_read (const char *path, const void *bytes, gsize length, const char *password, GError **error)
{
  g_autoptr (GPtrArray) entries = g_ptr_array_new_with_free_func (entry_free);
  Cursor cursor = { .path = path, .at = bytes };
  gboolean done;

  if (!apim_jks_is (bytes, length) || length < MAGIC_SIZE + APIM_JKS_DIGEST_SIZE)
    done = fail (path, "not a key store of type JKS", error);
  else
    {
      cursor.left = length - APIM_JKS_DIGEST_SIZE;
      done = check_seal (path, bytes, cursor.left, password, error) && take_entries (&cursor, entries, error);
    }
  return done ? g_steal_pointer (&entries) : NULL;
}
