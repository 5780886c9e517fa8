/* Zip archives: read with suspicion, written the same way every time. Hostile ones are in tests/integration,
 * made by another library; here are those that ours can make or that are broken by hand. */
#include "config.h"
#include "core/core-zip.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void
add (CoreZip *zip, const char *name, const char *text)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  g_autoptr (GError) error = NULL;

  core_zip_add (zip, name, bytes, &error);
  g_assert_no_error (error);
}

static void
assert_text (const CoreZip *zip, const char *name, const char *text)
{
  GBytes *bytes = core_zip_lookup (zip, name);

  g_assert_nonnull (bytes);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), text, strlen (text));
}

static GBytes *
write_sample (gboolean reversed)
{
  g_autoptr (CoreZip) zip = core_zip_new ();
  g_autoptr (GError) error = NULL;
  GBytes *bytes;

  add (zip, reversed ? "W-1/b/\xc3\xa4.txt" : "W-1/a.json", reversed ? "umlaut" : "{}");
  add (zip, reversed ? "W-1/a.json" : "W-1/b/\xc3\xa4.txt", reversed ? "{}" : "umlaut");
  add (zip, "W-1/empty", "");
  bytes = core_zip_write (zip, &error);
  g_assert_no_error (error);
  return bytes;
}

static void
test_round_trip (void)
{
  g_autoptr (GBytes) bytes = write_sample (FALSE);
  g_autoptr (GError) error = NULL;
  g_autoptr (CoreZip) zip = core_zip_read (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), &error);
  g_autofree const char **names = NULL;

  g_assert_no_error (error);
  names = core_zip_names (zip);
  g_assert_cmpuint (g_strv_length ((char **)names), ==, 3);
  g_assert_cmpstr (names[0], ==, "W-1/a.json");
  assert_text (zip, "W-1/a.json", "{}");
  assert_text (zip, "W-1/b/\xc3\xa4.txt", "umlaut");
  assert_text (zip, "W-1/empty", "");
}

/* Neither the order in which files came, nor the time, nor the zone is in the bytes. */
static void
test_same_bytes (void)
{
  g_autoptr (GBytes) first = write_sample (FALSE), second = NULL;

  g_setenv ("TZ", "Asia/Tokyo", TRUE);
  tzset ();
  second = write_sample (TRUE);
  g_assert_true (g_bytes_equal (first, second));
}

typedef struct
{
  const char *name;
  const char *second; /* nullable: name of a second entry */
  guint type;
  const char *message;
} Hostile;

static const Hostile hostiles[] = {
  { "../evil", NULL, AE_IFREG, "leads out" },
  { "a/../../evil", NULL, AE_IFREG, "leads out" },
  { "a/./b", NULL, AE_IFREG, "leads out" },
  { "a//b", NULL, AE_IFREG, "leads out" },
  { "/etc/passwd", NULL, AE_IFREG, "absolute" },
  { "C:/windows", NULL, AE_IFREG, "absolute" },
  { "a\\..\\b", NULL, AE_IFREG,
    "leads out" }, /* libarchive takes a name with backslashes alone for a Windows one */
  { "a/..\\b", NULL, AE_IFREG, "backslash" },
  { "a\nb", NULL, AE_IFREG, "control" },
  { "link", NULL, AE_IFLNK, "link" },
  { "a/b", "a/b", AE_IFREG, "two of this name" },
  { "a/B", "a/b", AE_IFREG, "two of this name" },
  { "a/\xc3\xa4", "a/a\xcc\x88", AE_IFREG, "two of this name" },
};

static void
write_entry (struct archive *archive, const char *name, guint type)
{
  struct archive_entry *entry = archive_entry_new ();

  archive_entry_set_pathname_utf8 (entry, name);
  archive_entry_set_filetype (entry, type);
  archive_entry_set_perm (entry, 0644);
  if (type == AE_IFLNK)
    archive_entry_set_symlink (entry, "/etc/passwd");
  else
    archive_entry_set_size (entry, 1);
  archive_write_header (archive, entry);
  if (type != AE_IFLNK)
    archive_write_data (archive, "x", 1);
  archive_entry_free (entry);
}

static void
assert_refused (const void *bytes, gsize length, const char *message)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (core_zip_read (bytes, length, &error));
  g_assert_error (error, CORE_ZIP_ERROR, CORE_ZIP_ERROR_INVALID);
  if (strstr (error->message, message) == NULL)
    g_error ("expected \"%s\" in \"%s\"", message, error->message);
}

static void
test_hostile (gconstpointer data)
{
  const Hostile *hostile = data;
  struct archive *archive = archive_write_new ();
  char buffer[4096];
  gsize used = 0;

  archive_write_set_format_zip (archive);
  archive_write_set_options (archive, "zip:hdrcharset=UTF-8");
  archive_write_open_memory (archive, buffer, sizeof buffer, &used);
  write_entry (archive, hostile->name, hostile->type);
  if (hostile->second != NULL)
    write_entry (archive, hostile->second, hostile->type);
  archive_write_close (archive);
  archive_write_free (archive);
  assert_refused (buffer, used, hostile->message);
}

static void
test_bomb (void)
{
  g_autoptr (CoreZip) zip = core_zip_new ();
  g_autofree char *zeros = g_strnfill (8 * 1024 * 1024, '0');
  g_autoptr (GBytes) bytes = NULL;

  add (zip, "W-1/zeros", zeros);
  bytes = core_zip_write (zip, NULL);
  g_assert_cmpuint (g_bytes_get_size (bytes), <, 64 * 1024);
  assert_refused (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), "hundredfold");
}

static void
test_too_many (void)
{
  g_autoptr (CoreZip) zip = core_zip_new ();
  g_autoptr (GBytes) bytes = NULL;

  for (guint i = 0; i <= CORE_ZIP_MAX_ENTRIES; i++)
    {
      g_autofree char *name = g_strdup_printf ("f%u", i);

      add (zip, name, "");
    }
  bytes = core_zip_write (zip, NULL);
  assert_refused (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), "more than 4096");
}

/* Cut off anywhere, or with any byte changed: an archive or a refusal, and never other content in silence. */
static void
test_damaged (void)
{
  g_autoptr (GBytes) whole = write_sample (FALSE);
  gsize length;
  const char *bytes = g_bytes_get_data (whole, &length);

  for (gsize n = 0; n < length; n++)
    assert_refused (bytes, n, "");
  for (gsize i = 0; i < length; i++)
    {
      g_autofree char *changed = g_memdup2 (bytes, length);
      g_autoptr (CoreZip) zip = NULL;

      changed[i] ^= 0x20;
      zip = core_zip_read (changed, length, NULL);
      if (zip != NULL && core_zip_lookup (zip, "W-1/b/\xc3\xa4.txt") != NULL)
        assert_text (zip, "W-1/b/\xc3\xa4.txt", "umlaut");
    }
  assert_refused ("<html>", 6, "no zip");
}

static void
test_bad_names_are_not_written (void)
{
  static const char *const names[] = { "", "../x", "/x", "a\\b", "a/", "\xff" };
  g_autoptr (CoreZip) zip = core_zip_new ();
  g_autoptr (GBytes) bytes = g_bytes_new_static ("x", 1);

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_assert_false (core_zip_add (zip, names[i], bytes, NULL));
  g_assert_true (core_zip_add (zip, "a", bytes, NULL));
  g_assert_true (core_zip_add (zip, "a", bytes, NULL));
  g_assert_false (core_zip_add (zip, "A", bytes, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/zip/round-trip", test_round_trip);
  g_test_add_func ("/zip/same-bytes", test_same_bytes);
  for (guint i = 0; i < G_N_ELEMENTS (hostiles); i++)
    {
      g_autofree char *path = g_strdup_printf ("/zip/hostile/%u", i);

      g_test_add_data_func (path, &hostiles[i], test_hostile);
    }
  g_test_add_func ("/zip/bomb", test_bomb);
  g_test_add_func ("/zip/too-many", test_too_many);
  g_test_add_func ("/zip/damaged", test_damaged);
  g_test_add_func ("/zip/bad-names-are-not-written", test_bad_names_are_not_written);
  return g_test_run ();
}
