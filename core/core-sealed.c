#include "config.h"
#include "core/core-sealed.h"

#include "common/apim-secret.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

/* Base64url over these bytes, numbers big endian:
 *
 *    0   8  end, milliseconds since the epoch
 *    8  16  random
 *   24   n  the text
 *   24+n 32 HMAC-SHA256 (key, length of purpose ++ purpose ++ length of owner ++ owner ++ bytes 0..24+n)
 *
 * With the lengths in front no text can move from one part to the next and give the same message. */

enum
{
  OFFSET_END = 0,
  OFFSET_NONCE = 8,
  OFFSET_TEXT = OFFSET_NONCE + CORE_SEALED_NONCE_SIZE,
  SIGNATURE_SIZE = 32,
  MIN_SIZE = OFFSET_TEXT + SIGNATURE_SIZE,
};

G_STATIC_ASSERT (((MIN_SIZE + CORE_SEALED_MAX_TEXT) * 4 + 2) / 3 <= CORE_SEALED_MAX_LENGTH);

static void
put_number (guint8 *bytes, guint64 number)
{
  guint64 big = GUINT64_TO_BE (number);

  memcpy (bytes, &big, sizeof big);
}

static guint64
get_number (const guint8 *bytes)
{
  guint64 big;

  memcpy (&big, bytes, sizeof big);
  return GUINT64_FROM_BE (big);
}

static void
append_text (GByteArray *message, const char *text)
{
  guint8 length[8];

  put_number (length, strlen (text));
  g_byte_array_append (message, length, sizeof length);
  g_byte_array_append (message, (const guint8 *) text, (guint) strlen (text));
}

static void
sign (const guint8 *key, const char *purpose, const char *owner, const guint8 *bytes, gsize length, guint8 *signature)
{
  g_autoptr (GByteArray) message = g_byte_array_new ();
  unsigned int size = 0;

  append_text (message, purpose);
  append_text (message, owner);
  g_byte_array_append (message, bytes, (guint) length);
  if (HMAC (EVP_sha256 (), key, CORE_SEALED_KEY_SIZE, message->data, message->len, signature, &size) == NULL
      || size != SIGNATURE_SIZE)
    g_error ("core: OpenSSL cannot compute HMAC-SHA256");
}

char *
core_sealed_make (const guint8 *key, const char *purpose, const char *owner, const char *text, gint64 expires_ms,
                  GError **error)
{
  gsize length = strlen (text);
  gsize signed_length = OFFSET_TEXT + length;
  g_autofree guint8 *bytes = NULL;

  g_return_val_if_fail (length <= CORE_SEALED_MAX_TEXT, NULL);
  bytes = g_malloc (signed_length + SIGNATURE_SIZE);
  put_number (bytes + OFFSET_END, (guint64) MAX (expires_ms, 0));
  if (!apim_random_bytes (bytes + OFFSET_NONCE, CORE_SEALED_NONCE_SIZE, error))
    return NULL;
  memcpy (bytes + OFFSET_TEXT, text, length);
  sign (key, purpose, owner, bytes, signed_length, bytes + signed_length);
  return apim_base64url_encode (bytes, signed_length + SIGNATURE_SIZE);
}

CoreSealedVerdict
core_sealed_open (const guint8 *key, const char *purpose, const char *owner, const char *sealed, gint64 now_ms,
                  char **text, guint8 *nonce)
{
  gsize length = sealed != NULL ? strnlen (sealed, CORE_SEALED_MAX_LENGTH + 1) : 0;
  gsize size = length / 4 * 3 + (length % 4) * 3 / 4, signed_length;
  guint8 signature[SIGNATURE_SIZE];
  g_autofree guint8 *bytes = NULL;

  if (length > CORE_SEALED_MAX_LENGTH || size < MIN_SIZE)
    return CORE_SEALED_FORGED;
  bytes = g_malloc (size);
  if (!apim_base64url_decode (sealed, length, bytes, size))
    return CORE_SEALED_FORGED;
  signed_length = size - SIGNATURE_SIZE;
  sign (key, purpose, owner, bytes, signed_length, signature);
  if (CRYPTO_memcmp (signature, bytes + signed_length, SIGNATURE_SIZE) != 0)
    return CORE_SEALED_FORGED;
  if ((guint64) MAX (now_ms, 0) >= get_number (bytes + OFFSET_END))
    return CORE_SEALED_EXPIRED;
  memcpy (nonce, bytes + OFFSET_NONCE, CORE_SEALED_NONCE_SIZE);
  *text = g_strndup ((const char *) bytes + OFFSET_TEXT, signed_length - OFFSET_TEXT);
  return CORE_SEALED_OK;
}
