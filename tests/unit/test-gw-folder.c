/* Which files of a folder changed, on a clock of the test's own. */
#include "config.h"
#include "gateway/gw-folder.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MS G_GINT64_CONSTANT (1000)

typedef struct
{
  char *path;
  GwFolder *folder;
  gint64 now_us;
  GString *seen; /* of the last look: "+a.xml" changed, "=" settled, "-" gone */
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  f->path = g_dir_make_tmp ("gw-folder-XXXXXX", NULL);
  f->folder = gw_folder_new (f->path, data != NULL ? GPOINTER_TO_UINT (data) : 100);
  f->now_us = 1000 * MS;
  f->seen = g_string_new (NULL);
}

static char *
file_path (const Fixture *f, const char *name)
{
  return g_build_filename (f->path, name, NULL);
}

static void
take_away (const Fixture *f, const char *name)
{
  g_autofree char *path = file_path (f, name);

  g_assert_cmpint (g_remove (path), ==, 0);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_autoptr (GDir) directory = g_dir_open (f->path, 0, NULL);
  const char *name;

  (void) data;
  while (directory != NULL && (name = g_dir_read_name (directory)) != NULL)
    take_away (f, name);
  g_rmdir (f->path);
  gw_folder_free (f->folder);
  g_free (f->path);
  g_string_free (f->seen, TRUE);
}

/* By rename, so that each content is another inode. */
static void
put (const Fixture *f, const char *name, const char *text)
{
  g_autofree char *path = file_path (f, name);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static void
note (const char *file, GwFileChange change, gpointer data)
{
  Fixture *f = data;

  g_string_append_printf (f->seen, "%c%s ", "+=-"[change], file);
}

/* Looks @later_ms after the last look. Returns: in how many ms it should be looked at again; -1: never. */
static gint64
look (Fixture *f, gint64 later_ms)
{
  gint64 next_us;

  f->now_us += later_ms * MS;
  g_string_truncate (f->seen, 0);
  next_us = gw_folder_look (f->folder, f->now_us, note, f);
  return next_us == G_MAXINT64 ? -1 : (next_us - f->now_us) / MS;
}

static void
test_change (Fixture *f, gconstpointer data)
{
  (void) data;
  g_assert_cmpint (look (f, 0), ==, -1);
  put (f, "a.xml", "1");
  g_assert_cmpint (look (f, 0), ==, GW_FOLDER_SETTLE_MS);
  g_assert_cmpstr (f->seen->str, ==, "+a.xml ");
  g_assert_cmpint (look (f, 400), ==, GW_FOLDER_SETTLE_MS - 400);
  g_assert_cmpstr (f->seen->str, ==, "");
  put (f, "a.xml", "2"); /* the second begins anew */
  g_assert_cmpint (look (f, 400), ==, GW_FOLDER_SETTLE_MS);
  g_assert_cmpstr (f->seen->str, ==, "+a.xml ");
  g_assert_cmpint (look (f, GW_FOLDER_SETTLE_MS), ==, -1);
  g_assert_cmpstr (f->seen->str, ==, "=a.xml ");
  g_assert_cmpint (look (f, 1000), ==, -1);
  g_assert_cmpstr (f->seen->str, ==, "");
}

static void
test_gone (Fixture *f, gconstpointer data)
{
  (void) data;
  put (f, "a.xml", "1");
  look (f, 0);
  look (f, GW_FOLDER_SETTLE_MS);
  take_away (f, "a.xml");
  g_assert_cmpint (look (f, 0), ==, GW_FOLDER_GONE_MS);
  g_assert_cmpstr (f->seen->str, ==, "");
  g_assert_cmpint (look (f, GW_FOLDER_GONE_MS - 1), ==, 1);
  g_assert_cmpstr (f->seen->str, ==, "");
  g_assert_cmpint (look (f, 1), ==, -1);
  g_assert_cmpstr (f->seen->str, ==, "-a.xml ");
  g_assert_cmpint (look (f, 1000), ==, -1);
  g_assert_cmpstr (f->seen->str, ==, "");
}

/* An editor moves a file away before it writes the new one. */
static void
test_moment_without (Fixture *f, gconstpointer data)
{
  g_autofree char *file = file_path (f, "a.xml"), *aside = file_path (f, "a.xml~");

  (void) data;
  put (f, "a.xml", "1");
  look (f, 0);
  look (f, GW_FOLDER_SETTLE_MS);
  for (guint i = 0; i < 5; i++)
    {
      g_assert_cmpint (g_rename (file, aside), ==, 0);
      look (f, GW_FOLDER_GONE_MS - 1);
      g_assert_cmpstr (f->seen->str, ==, "");
      g_assert_cmpint (g_rename (aside, file), ==, 0);
      look (f, GW_FOLDER_GONE_MS - 1);
      g_assert_null (strchr (f->seen->str, '-'));
    }
}

static void
test_what_counts (Fixture *f, gconstpointer data)
{
  g_autofree char *folder = file_path (f, "folder.xml"), *pipe = file_path (f, "pipe.xml");
  g_autofree char *link = file_path (f, "link.xml"), *nowhere = file_path (f, "nowhere.xml");

  (void) data;
  put (f, "a.xml", "1");
  put (f, ".hidden.xml", "1");
  put (f, "a.xml.back", "1");
  g_assert_cmpint (g_mkdir (folder, 0755), ==, 0);
  g_assert_cmpint (mkfifo (pipe, 0644), ==, 0);
  g_assert_cmpint (symlink ("a.xml.back", link), ==, 0);
  g_assert_cmpint (symlink ("missing", nowhere), ==, 0);
  look (f, 0);
  g_assert_true (strcmp (f->seen->str, "+a.xml +link.xml ") == 0 || strcmp (f->seen->str, "+link.xml +a.xml ") == 0);
}

static void
test_too_many (Fixture *f, gconstpointer data)
{
  (void) data;
  put (f, "a.xml", "1");
  put (f, "b.xml", "1");
  put (f, "c.xml", "1");
  look (f, 0);
  g_assert_cmpuint (strlen (f->seen->str), ==, 2 * strlen ("+a.xml "));
}

static void
test_folder_gone (Fixture *f, gconstpointer data)
{
  g_autofree char *aside = g_strconcat (f->path, "-aside", NULL);

  (void) data;
  put (f, "a.xml", "1");
  look (f, 0);
  look (f, GW_FOLDER_SETTLE_MS);
  g_assert_cmpint (g_rename (f->path, aside), ==, 0);
  look (f, 0);
  look (f, 10 * GW_FOLDER_GONE_MS);
  g_assert_cmpstr (f->seen->str, ==, "");
  g_assert_cmpint (g_rename (aside, f->path), ==, 0);
  look (f, 0);
  g_assert_cmpstr (f->seen->str, ==, "");
  g_assert_false (gw_folder_is_remote (f->folder));
}

static void
test_read (Fixture *f, gconstpointer data)
{
  g_autofree char *pipe = file_path (f, "pipe.xml");
  g_autofree char *bytes = NULL;
  g_autoptr (GError) error = NULL;
  gsize length;

  (void) data;
  put (f, "a.xml", "four");
  g_assert_cmpint (mkfifo (pipe, 0644), ==, 0);
  bytes = gw_folder_read (f->folder, "a.xml", 4, &length, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (bytes, ==, "four");
  g_assert_cmpuint (length, ==, 4);
  g_assert_null (gw_folder_read (f->folder, "a.xml", 3, &length, &error));
  g_assert_nonnull (strstr (error->message, "too large"));
  g_clear_error (&error);
  g_assert_null (gw_folder_read (f->folder, "pipe.xml", 3, &length, &error)); /* and does not wait for a writer */
  g_assert_nonnull (error);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(NAME, FUNC) g_test_add ("/gw-folder/" NAME, Fixture, NULL, set_up, FUNC, tear_down)
  ADD ("change", test_change);
  ADD ("gone", test_gone);
  ADD ("moment-without", test_moment_without);
  ADD ("what-counts", test_what_counts);
  ADD ("folder-gone", test_folder_gone);
  ADD ("read", test_read);
  g_test_add ("/gw-folder/too-many", Fixture, GUINT_TO_POINTER (2), set_up, test_too_many, tear_down);
  return g_test_run ();
}
