#include "config.h"
#include "common/apim-secret.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

typedef struct
{
  char *folder;
  char *path;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  f->folder = g_dir_make_tmp ("apim-secret-XXXXXX", NULL);
  g_assert_nonnull (f->folder);
  f->path = g_build_filename (f->folder, "secret", NULL);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_unlink (f->path);
  g_assert_cmpint (g_rmdir (f->folder), ==, 0); /* also: nothing else was left in it */
  g_free (f->path);
  g_free (f->folder);
}

static void
test_random (void)
{
  g_autoptr (GError) error = NULL;
  guint8 a[32] = { 0 };
  guint8 b[32] = { 0 };
  g_autofree char *uuid = apim_random_uuid ();
  g_autofree char *other = apim_random_uuid ();
  gboolean seen[256] = { FALSE };

  g_assert_true (apim_random_bytes (a, sizeof a, &error));
  g_assert_true (apim_random_bytes (b, sizeof b, &error));
  g_assert_no_error (error);
  g_assert_cmpint (memcmp (a, b, sizeof a), !=, 0);
  g_assert_true (g_regex_match_simple ("^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$", uuid, 0,
                                       0));
  g_assert_cmpstr (uuid, !=, other);
  /* Long enough to meet every letter: one is missing with a probability of 62 * (61/62)^10000, under 10^-68. */
  g_auto (ApimSecretText) text = apim_random_text (10000, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (strlen (text), ==, 10000);
  for (const char *c = text; *c != '\0'; c++)
    seen[(guchar) *c] = TRUE;
  for (int c = 0; c < 256; c++)
    g_assert_cmpint (seen[c], ==, c < 128 && g_ascii_isalnum (c));
  g_auto (ApimSecretText) nothing = apim_random_text (0, &error);
  g_assert_cmpstr (nothing, ==, "");
}

/* Those of one time are neighbours, and no two are the same. */
static void
test_time_uuid (void)
{
  gint64 before_ms = g_get_real_time () / 1000;
  g_autofree char *uuid = apim_time_uuid ();
  g_autofree char *other = apim_time_uuid ();
  g_autofree char *digits = g_strndup (uuid, 13);
  guint64 ms;

  g_assert_true (g_regex_match_simple ("^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$", uuid, 0,
                                       0));
  g_assert_cmpstr (uuid, !=, other);
  memmove (digits + 8, digits + 9, 5);
  ms = g_ascii_strtoull (digits, NULL, 16);
  g_assert_cmpuint (ms, >=, before_ms);
  g_assert_cmpuint (ms, <=, g_get_real_time () / 1000);
}

static void
test_equal (void)
{
  g_assert_true (apim_secret_equal ("abc", 3, "abc", 3));
  g_assert_true (apim_secret_equal ("", 0, "x", 0));
  g_assert_false (apim_secret_equal ("abc", 3, "abd", 3));
  g_assert_false (apim_secret_equal ("abc", 3, "abc", 2));
  g_assert_false (apim_secret_equal ("\0a", 2, "\0b", 2));
}

static void
test_base64url (void)
{
  /* RFC 4648 section 10, and the two letters that differ from plain Base64. */
  static const struct
  {
    const char *bytes;
    const char *text;
  } good[] = {
    { "", "" }, { "f", "Zg" }, { "fo", "Zm8" }, { "foo", "Zm9v" }, { "foob", "Zm9vYg" }, { "fooba", "Zm9vYmE" },
    { "foobar", "Zm9vYmFy" }, { "\xfb\xff\xbf", "-_-_" },
  };
  static const struct
  {
    const char *text;
    gsize expected;
  } bad[] = {
    { "Zg==", 1 }, { "Zh", 1 },   { "Zm9", 2 },  { "Zg", 2 },   { "Z", 0 },          { "Z", 1 },
    { "Zm8+", 3 }, { "Zm/v", 3 }, { "Zm9\n", 3 }, { "Zm9v ", 3 }, { "Zm\xc3\xa9", 3 }, { "Zm9v", G_MAXSIZE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    {
      gsize length = strlen (good[i].bytes);
      g_autofree char *text = apim_base64url_encode ((const guint8 *) good[i].bytes, length);
      guint8 bytes[8];

      g_assert_cmpstr (text, ==, good[i].text);
      g_assert_true (apim_base64url_decode (text, strlen (text), bytes, length));
      g_assert_cmpmem (bytes, length, good[i].bytes, length);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      guint8 bytes[8];

      g_assert_false (apim_base64url_decode (bad[i].text, strlen (bad[i].text), bytes, bad[i].expected));
    }
}

static void
test_write_and_read (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_auto (ApimSecretText) text = NULL;
  GStatBuf info;

  g_assert_true (apim_secret_write_file (f->path, "s3cret \n", 8, &error));
  g_assert_no_error (error);
  g_assert_cmpint (g_stat (f->path, &info), ==, 0);
  g_assert_cmpuint (info.st_mode & 07777, ==, 0600);
  g_assert_cmpuint (info.st_size, ==, 8);
  text = apim_secret_read_file (f->path, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (text, ==, "s3cret");
  /* What is there is never written over. */
  g_assert_false (apim_secret_write_file (f->path, "new", 3, &error));
  g_assert_error (error, APIM_SECRET_ERROR, APIM_SECRET_ERROR_WRITE);
  g_assert_cmpint (g_stat (f->path, &info), ==, 0);
  g_assert_cmpuint (info.st_size, ==, 8);
}

/* No room (a limit of the file size stands for a full device): the write fails, and no half of a secret stays. */
static void
test_failed_write_leaves_nothing (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *large = g_strnfill (8192, 'x');
  struct rlimit before;
  struct rlimit small;

  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &before), ==, 0);
  small = before;
  small.rlim_cur = 4096;
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &small), ==, 0);
  g_assert_false (apim_secret_write_file (f->path, large, strlen (large), &error));
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &before), ==, 0);
  g_assert_error (error, APIM_SECRET_ERROR, APIM_SECRET_ERROR_WRITE);
  g_assert_false (g_file_test (f->path, G_FILE_TEST_EXISTS));
}

static void
assert_refused (const char *path, ApimSecretError code, const char *hint)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (apim_secret_read_file (path, &error));
  g_assert_error (error, APIM_SECRET_ERROR, (int) code);
  g_assert_nonnull (strstr (error->message, hint));
  g_assert_null (strstr (error->message, "s3cret"));
}

static void
test_refused_files (Fixture *f, gconstpointer data)
{
  static const guint exposed[] = { 0640, 0604, 0660, 0644, 0610, 0601 };
  g_autofree char *large = g_strnfill (64 * 1024 + 1, 'x');

  assert_refused (f->path, APIM_SECRET_ERROR_UNREADABLE, f->path);
  assert_refused (f->folder, APIM_SECRET_ERROR_INVALID, "regular");
  g_assert_true (apim_secret_write_file (f->path, "s3cret", 6, NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (exposed); i++)
    {
      g_assert_cmpint (g_chmod (f->path, (int) exposed[i]), ==, 0);
      assert_refused (f->path, APIM_SECRET_ERROR_EXPOSED, "chmod 600");
    }
  g_unlink (f->path);
  g_assert_true (apim_secret_write_file (f->path, "s3cret\0more", 11, NULL));
  assert_refused (f->path, APIM_SECRET_ERROR_INVALID, "NUL");
  g_unlink (f->path);
  g_assert_true (apim_secret_write_file (f->path, large, strlen (large), NULL));
  assert_refused (f->path, APIM_SECRET_ERROR_INVALID, "larger");
  /* A FIFO without a writer must not hold up the start. */
  g_unlink (f->path);
  g_assert_cmpint (mkfifo (f->path, 0600), ==, 0);
  assert_refused (f->path, APIM_SECRET_ERROR_INVALID, "regular");
}

/* FIPS 180-4's examples. */
static void
test_sha256_hex (void)
{
  char hex[APIM_SHA256_HEX_SIZE];

  g_assert_true (apim_sha256_hex ("abc", 3, hex));
  g_assert_cmpstr (hex, ==, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  g_assert_true (apim_sha256_hex ("", 0, hex));
  g_assert_cmpstr (hex, ==, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/secret/random", test_random);
  g_test_add_func ("/secret/time-uuid", test_time_uuid);
  g_test_add_func ("/secret/equal", test_equal);
  g_test_add_func ("/secret/base64url", test_base64url);
  g_test_add_func ("/secret/sha256-hex", test_sha256_hex);
  g_test_add ("/secret/write-and-read", Fixture, NULL, set_up, test_write_and_read, tear_down);
  g_test_add ("/secret/failed-write", Fixture, NULL, set_up, test_failed_write_leaves_nothing, tear_down);
  g_test_add ("/secret/refused-files", Fixture, NULL, set_up, test_refused_files, tear_down);
  return g_test_run ();
}
