#include "config.h"
#include "common/apim-secret.h"

#include "common/apim-text.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECRET_FILE_MAX (64 * 1024)

G_DEFINE_QUARK (apim-secret-error-quark, apim_secret_error)

gboolean
apim_random_bytes (guint8 *bytes, gsize length, GError **error)
{
  /* RAND_bytes() counts in int. */
  while (length > 0)
    {
      int part = (int) MIN (length, 1024 * 1024);

      if (RAND_bytes (bytes, part) != 1)
        {
          g_set_error_literal (error, APIM_SECRET_ERROR, APIM_SECRET_ERROR_RANDOM,
                               "the random number generator of OpenSSL failed");
          return FALSE;
        }
      bytes += part;
      length -= (gsize) part;
    }
  return TRUE;
}

char *
apim_random_text (gsize length, GError **error)
{
  static const char letters[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  const guint n_letters = sizeof letters - 1;
  const guint fair = 256 / n_letters * n_letters; /* larger bytes would prefer the first letters */
  g_auto (ApimSecretText) text = g_malloc0 (length + 1);
  guint8 pool[64];
  gsize used = 0;

  while (used < length)
    {
      if (!apim_random_bytes (pool, sizeof pool, error))
        return NULL;
      for (gsize i = 0; i < sizeof pool && used < length; i++)
        if (pool[i] < fair)
          text[used++] = letters[pool[i] % n_letters];
    }
  OPENSSL_cleanse (pool, sizeof pool);
  return g_steal_pointer (&text);
}

/* @b: 16 bytes, of which version and variant are set here. */
static char *
uuid_text (guint8 *b, guint version)
{
  b[6] = (guint8) ((b[6] & 0x0f) | version << 4);
  b[8] = (b[8] & 0x3f) | 0x80; /* variant of RFC 9562 */
  return g_strdup_printf ("%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1], b[2],
                          b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
}

char *
apim_random_uuid (void)
{
  g_autoptr (GError) error = NULL;
  guint8 b[16];

  if (!apim_random_bytes (b, sizeof b, &error))
    g_error ("%s", error->message);
  return uuid_text (b, 4);
}

char *
apim_time_uuid (void)
{
  g_autoptr (GError) error = NULL;
  guint64 now_ms = (guint64) g_get_real_time () / 1000;
  guint8 b[16];

  if (!apim_random_bytes (b, sizeof b, &error))
    g_error ("%s", error->message);
  for (guint i = 0; i < 6; i++)
    b[i] = (guint8) (now_ms >> (40 - 8 * i));
  return uuid_text (b, 7);
}

gboolean
apim_secret_equal (const void *a, gsize a_length, const void *b, gsize b_length)
{
  return a_length == b_length && CRYPTO_memcmp (a, b, a_length) == 0;
}

void
apim_secret_free (char *text)
{
  if (text == NULL)
    return;
  OPENSSL_cleanse (text, strlen (text));
  g_free (text);
}

static const char base64url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* Fetched once for the process: EVP_sha256() is looked up by name again on every use, which costs more than hashing a token. */
static gpointer
fetch_sha256 (gpointer unused)
{
  return EVP_MD_fetch (NULL, "SHA2-256", NULL);
}

gboolean
apim_sha256_hex (const void *bytes, gsize length, char hex[APIM_SHA256_HEX_SIZE])
{
  static GOnce fetched = G_ONCE_INIT;
  EVP_MD *sha256 = g_once (&fetched, fetch_sha256, NULL);
  guint8 digest[EVP_MAX_MD_SIZE];
  ApimText text;

  apim_text_init (&text, hex, APIM_SHA256_HEX_SIZE);
  if (sha256 == NULL || EVP_Digest (bytes, length, digest, NULL, sha256, NULL) != 1)
    return FALSE;
  apim_text_add_hex (&text, digest, 32);
  return TRUE;
}

char *
apim_base64url_encode (const guint8 *bytes, gsize length)
{
  char *text = g_malloc (length / 3 * 4 + 5);
  gsize used = 0;
  guint32 bits = 0;
  guint n_bits = 0;

  for (gsize i = 0; i < length; i++)
    {
      bits = (bits << 8 | bytes[i]) & 0xffff;
      for (n_bits += 8; n_bits >= 6; n_bits -= 6)
        text[used++] = base64url[bits >> (n_bits - 6) & 0x3f];
    }
  if (n_bits > 0)
    text[used++] = base64url[bits << (6 - n_bits) & 0x3f];
  text[used] = '\0';
  return text;
}

static int
base64url_value (char c)
{
  if (c >= 'A' && c <= 'Z')
    return c - 'A';
  if (c >= 'a' && c <= 'z')
    return c - 'a' + 26;
  if (c >= '0' && c <= '9')
    return c - '0' + 52;
  return c == '-' ? 62 : c == '_' ? 63 : -1;
}

gboolean
apim_base64url_decode (const char *text, gsize text_length, guint8 *bytes, gsize expected)
{
  gsize used = 0;
  guint32 bits = 0;
  guint n_bits = 0;

  if (expected > G_MAXSIZE / 8 || text_length != (expected * 8 + 5) / 6)
    return FALSE;
  for (gsize i = 0; i < text_length; i++)
    {
      int value = base64url_value (text[i]);

      if (value < 0)
        return FALSE;
      bits = (bits << 6 | (guint32) value) & 0x3fff;
      n_bits += 6;
      if (n_bits >= 8)
        {
          n_bits -= 8;
          bytes[used++] = (guint8) (bits >> n_bits);
        }
    }
  /* Spare bits that are not zero would give one value several texts. */
  return (bits & ((1U << n_bits) - 1)) == 0;
}

/* Opens a regular file that only its owner may use. */
static int
open_secret (const char *path, gsize *size, GError **error)
{
  /* O_NONBLOCK: a FIFO in its place must not hold up the start. */
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  struct stat info;

  if (fd < 0 || fstat (fd, &info) != 0)
    {
      g_set_error (error, APIM_SECRET_ERROR, APIM_SECRET_ERROR_UNREADABLE, "could not read %s: %s", path,
                   g_strerror (errno));
    }
  else if (!S_ISREG (info.st_mode))
    {
      g_set_error (error, APIM_SECRET_ERROR, APIM_SECRET_ERROR_INVALID, "%s is not a regular file", path);
    }
  else if ((info.st_mode & 077) != 0)
    {
      g_set_error (error, APIM_SECRET_ERROR, APIM_SECRET_ERROR_EXPOSED,
                   "%s is open to other users (mode %04o): run chmod 600 %s", path, (guint) info.st_mode & 07777, path);
    }
  else if (info.st_size > SECRET_FILE_MAX)
    {
      g_set_error (error, APIM_SECRET_ERROR, APIM_SECRET_ERROR_INVALID, "%s is larger than %d bytes", path,
                   SECRET_FILE_MAX);
    }
  else
    {
      *size = (gsize) info.st_size;
      return fd;
    }
  if (fd >= 0)
    close (fd);
  return -1;
}

/* As many bytes as there are, at most @size; -1 with errno. */
static gssize
read_up_to (int fd, char *bytes, gsize size)
{
  gsize used = 0;

  while (used < size)
    {
      gssize n = read (fd, bytes + used, size - used);

      if (n == 0)
        break;
      if (n > 0)
        used += (gsize) n;
      else if (errno != EINTR)
        return -1;
    }
  return (gssize) used;
}

char *
apim_secret_read_file (const char *path, GError **error)
{
  g_auto (ApimSecretText) text = NULL;
  gsize size = 0;
  int fd = open_secret (path, &size, error);
  gssize length;
  int read_errno;

  if (fd < 0)
    return NULL;
  text = g_malloc0 (size + 1);
  length = read_up_to (fd, text, size);
  read_errno = errno;
  close (fd);
  if (length < 0)
    {
      g_set_error (error, APIM_SECRET_ERROR, APIM_SECRET_ERROR_UNREADABLE, "could not read %s: %s", path,
                   g_strerror (read_errno));
      return NULL;
    }
  if (memchr (text, '\0', (gsize) length) != NULL)
    {
      OPENSSL_cleanse (text, size);
      g_set_error (error, APIM_SECRET_ERROR, APIM_SECRET_ERROR_INVALID, "%s is not text: it holds a NUL byte", path);
      return NULL;
    }
  g_strchomp (text);
  return g_steal_pointer (&text);
}

/* Makes the name itself survive a power cut. */
static gboolean
sync_directory_of (const char *path)
{
  g_autofree char *directory = g_path_get_dirname (path);
  int fd = open (directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  gboolean synced;

  if (fd < 0)
    return FALSE;
  /* EINVAL: a file system that cannot sync directories orders them by itself. */
  synced = fsync (fd) == 0 || errno == EINVAL;
  close (fd);
  return synced;
}

static gboolean
write_all (int fd, const char *bytes, gsize length)
{
  while (length > 0)
    {
      gssize n = write (fd, bytes, length);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return FALSE;
      bytes += n;
      length -= (gsize) n;
    }
  return TRUE;
}

/* Writes @fd's content for good and closes it; errno tells why not. */
static gboolean
finish_file (int fd, const void *bytes, gsize length)
{
  gboolean done = write_all (fd, bytes, length) && fsync (fd) == 0;
  int write_errno = errno;

  if (close (fd) != 0 && done)
    return FALSE;
  errno = write_errno;
  return done;
}

/* Written beside its name and linked into place once it is whole: a start that was cut short must not leave half a key that the next start
 * takes for the key. link() also refuses where the name is taken. */
gboolean
apim_secret_write_file (const char *path, const void *bytes, gsize length, GError **error)
{
  g_autofree char *unfinished = g_strconcat (path, ".unfinished", NULL);
  gboolean done;
  int fd;

  g_unlink (unfinished);
  fd = open (unfinished, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  done = fd >= 0 && finish_file (fd, bytes, length) && link (unfinished, path) == 0 && sync_directory_of (path);
  if (!done)
    g_set_error (error, APIM_SECRET_ERROR, APIM_SECRET_ERROR_WRITE, "could not make %s: %s", path, g_strerror (errno));
  g_unlink (unfinished);
  return done;
}
