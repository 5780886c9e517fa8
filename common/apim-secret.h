/* Secrets in memory and on disk: random bytes, comparison, wiping, files of mode 0600.
 * Threads: every function may be called from any thread. */
#ifndef APIM_SECRET_H
#define APIM_SECRET_H

#include <glib.h>

G_BEGIN_DECLS

#define APIM_SECRET_ERROR (apim_secret_error_quark ())
GQuark apim_secret_error_quark (void);
typedef enum
{
  APIM_SECRET_ERROR_UNREADABLE, /* missing, or this user may not read it */
  APIM_SECRET_ERROR_EXPOSED,    /* other users may read it */
  APIM_SECRET_ERROR_INVALID,    /* not the kind of content it should be */
  APIM_SECRET_ERROR_WRITE,      /* could not be written whole */
  APIM_SECRET_ERROR_RANDOM,     /* the random source failed */
} ApimSecretError;

/* Fills @bytes from OpenSSL's generator. FALSE with APIM_SECRET_ERROR_RANDOM: use nothing of it. */
gboolean apim_random_bytes (guint8 *bytes, gsize length, GError **error);

/* A random text of @length characters from [0-9A-Za-z], about 5.95 bits each. Free with apim_secret_free(). */
char *apim_random_text (gsize length, GError **error);

/* A random lower-case UUID of version 4 (RFC 9562), free with g_free(). Aborts if the random source fails. */
char *apim_random_uuid (void);

/* A UUID of version 7 (RFC 9562 5.7): the milliseconds since the epoch, then 74 random bits. For keys of rows: those of
 * one time are neighbours in an index. It tells when it was made, so it is for no secret. Free with g_free(). */
char *apim_time_uuid (void);

/* Compares without telling by its time where the first difference is. The lengths are not secret. */
gboolean apim_secret_equal (const void *a, gsize a_length, const void *b, gsize b_length);

/* Wipes and frees a text (nullable). Made for g_autoptr-like use: g_auto (ApimSecretText). */
void apim_secret_free (char *text);
typedef char *ApimSecretText;
G_DEFINE_AUTO_CLEANUP_FREE_FUNC (ApimSecretText, apim_secret_free, NULL)

#define APIM_SHA256_HEX_SIZE 65

/* The SHA-256 digest of @bytes (FIPS 180-4) in small hexadecimal digits, terminated: what WSO2 keeps of a token. FALSE: OpenSSL could not; @hex is
 * empty then. */
gboolean apim_sha256_hex (const void *bytes, gsize length, char hex[APIM_SHA256_HEX_SIZE]);

/* Base64url without padding (RFC 4648 section 5). */
char *apim_base64url_encode (const guint8 *bytes, gsize length);
/* Strict: no padding, no other characters, no spare bits. FALSE if @text is not exactly @expected bytes. */
gboolean apim_base64url_decode (const char *text, gsize text_length, guint8 *bytes, gsize expected);

/* Reads a text file that only its owner may read; white space at the end is dropped.
 * Returns: (transfer full): free with apim_secret_free(); NULL with APIM_SECRET_ERROR. */
char *apim_secret_read_file (const char *path, GError **error);

/* Makes @path with mode 0600 and exactly @length bytes, synced to disk, whole or not at all; fails if it exists. */
gboolean apim_secret_write_file (const char *path, const void *bytes, gsize length, GError **error);

G_END_DECLS
#endif
