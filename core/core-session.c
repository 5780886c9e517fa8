#include "config.h"
#include "core/core-session.h"

#include "common/apim-secret.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

/* A session id is base64url over 46 bytes, numbers big endian:
 *
 *    0   4  tenant id, two's complement
 *    4   4  user id
 *    8   6  time of issue, milliseconds since the epoch (good until the year 10889)
 *   14   8  fingerprint of the stored password
 *   22   8  random, so that two logins in the same millisecond get different ids
 *   30  16  HMAC-SHA256 (key, "session" ++ bytes 0..29), its first half
 *
 * The labels "session" and "fingerprint" keep the two uses of the key apart: no fingerprint is also a signature. */

enum
{
  OFFSET_TENANT = 0,
  OFFSET_USER = 4,
  OFFSET_ISSUED = 8,
  OFFSET_FINGERPRINT = 14,
  OFFSET_NONCE = 22,
  OFFSET_SIGNATURE = 30,
  NONCE_SIZE = 8,
  SIGNATURE_SIZE = 16,
  SEALED_SIZE = OFFSET_SIGNATURE + SIGNATURE_SIZE,
};
#define MAX_ISSUED_MS ((G_GINT64_CONSTANT (1) << 48) - 1)

G_STATIC_ASSERT ((SEALED_SIZE * 4 + 2) / 3 == CORE_SESSION_ID_LENGTH);

static void
put_number (guint8 *bytes, gsize size, guint64 number)
{
  for (gsize i = size; i > 0; i--, number >>= 8)
    bytes[i - 1] = (guint8) number;
}

static guint64
get_number (const guint8 *bytes, gsize size)
{
  guint64 number = 0;

  for (gsize i = 0; i < size; i++)
    number = number << 8 | bytes[i];
  return number;
}

/* HMAC-SHA256 with SHA-256 built in has no way to fail but for want of memory, and GLib programs end there. */
static void
sign (const guint8 *key, const guint8 *message, gsize length, guint8 *mac)
{
  guint size = 0;

  if (HMAC (EVP_sha256 (), key, CORE_SESSION_KEY_SIZE, message, length, mac, &size) == NULL || size != 32)
    g_error ("HMAC-SHA256 is not available");
}

static void
sign_session (const guint8 *key, const guint8 *sealed, guint8 *mac)
{
  static const char label[] = "session";
  guint8 message[sizeof label - 1 + OFFSET_SIGNATURE];

  memcpy (message, label, sizeof label - 1);
  memcpy (message + sizeof label - 1, sealed, OFFSET_SIGNATURE);
  sign (key, message, sizeof message, mac);
}

gboolean
core_session_seal (const CoreSession *session, const guint8 *key, char *id, GError **error)
{
  guint8 sealed[SEALED_SIZE], mac[EVP_MAX_MD_SIZE];
  g_autofree char *text = NULL;

  put_number (sealed + OFFSET_TENANT, 4, (guint32) session->tenant_id);
  put_number (sealed + OFFSET_USER, 4, (guint32) session->user_id);
  put_number (sealed + OFFSET_ISSUED, 6, (guint64) CLAMP (session->issued_ms, 0, MAX_ISSUED_MS));
  put_number (sealed + OFFSET_FINGERPRINT, 8, session->fingerprint);
  if (!apim_random_bytes (sealed + OFFSET_NONCE, NONCE_SIZE, error))
    return FALSE;
  sign_session (key, sealed, mac);
  memcpy (sealed + OFFSET_SIGNATURE, mac, SIGNATURE_SIZE);
  text = apim_base64url_encode (sealed, sizeof sealed);
  memcpy (id, text, CORE_SESSION_ID_LENGTH + 1);
  OPENSSL_cleanse (text, CORE_SESSION_ID_LENGTH);
  return TRUE;
}

gboolean
core_session_open (CoreSession *session, const guint8 *key, const char *id, gsize length)
{
  guint8 sealed[SEALED_SIZE], mac[EVP_MAX_MD_SIZE];

  if (id == NULL || length != CORE_SESSION_ID_LENGTH || !apim_base64url_decode (id, length, sealed, sizeof sealed))
    return FALSE;
  sign_session (key, sealed, mac);
  if (CRYPTO_memcmp (sealed + OFFSET_SIGNATURE, mac, SIGNATURE_SIZE) != 0)
    return FALSE;
  session->tenant_id = (gint) (guint32) get_number (sealed + OFFSET_TENANT, 4);
  session->user_id = (gint) (guint32) get_number (sealed + OFFSET_USER, 4);
  session->issued_ms = (gint64) get_number (sealed + OFFSET_ISSUED, 6);
  session->fingerprint = get_number (sealed + OFFSET_FINGERPRINT, 8);
  return TRUE;
}

guint64
core_session_fingerprint (const StUser *user, const guint8 *key)
{
  g_autoptr (GByteArray) message = g_byte_array_new ();
  const char *hash = user->password_hash != NULL ? user->password_hash : "";
  const char *salt = user->salt != NULL ? user->salt : "";
  guint8 hash_length[4], mac[EVP_MAX_MD_SIZE];

  /* With the length in front no text can move from the hash to the salt and give the same message. */
  put_number (hash_length, sizeof hash_length, strlen (hash));
  g_byte_array_append (message, (const guint8 *) "fingerprint", strlen ("fingerprint"));
  g_byte_array_append (message, hash_length, sizeof hash_length);
  g_byte_array_append (message, (const guint8 *) hash, strlen (hash));
  g_byte_array_append (message, (const guint8 *) salt, strlen (salt));
  sign (key, message->data, message->len, mac);
  OPENSSL_cleanse (message->data, message->len);
  return get_number (mac, 8);
}
