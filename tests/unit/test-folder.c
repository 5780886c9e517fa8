/* Folders that gateways read from: whole files, and nothing outside. */
#include "config.h"
#include "common/apim-folder.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

static void
test_file_names (void)
{
  static const char *const cases[][2] = {
    { "admin--Weather:v1.0.0", "admin--Weather_v1.0.0.xml" },
    { "../a|b c<d>*?\\", "_._a_b_c_d____.xml" },
    { ".hidden", "_hidden.xml" },
    { "a\nb\x7f", "a_b_.xml" },
    { "", ".xml" }, /* never looked at: gateways skip hidden files */
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *file = apim_folder_file_name (cases[i][0]);

      g_assert_cmpstr (file, ==, cases[i][1]);
    }
}

/* What a test made, deepest first. */
static void
remove_all (const char *top, const char *const *names)
{
  for (; *names != NULL; names++)
    {
      g_autofree char *path = g_build_filename (top, *names, NULL);

      g_assert_cmpint (g_remove (path), ==, 0);
    }
  g_assert_cmpint (g_remove (top), ==, 0);
}

static void
test_files (void)
{
  g_autofree char *top = g_dir_make_tmp ("folder-XXXXXX", NULL);
  g_autofree char *missing = g_build_filename (top, "missing", NULL);
  g_auto (ApimFd) folder = apim_folder_open (top, "a/b");
  g_autofree char *text = NULL;
  g_autofree char *too_long = g_strnfill (300, 'x');
  gsize length;

  g_assert_cmpint (folder, >=, 0);
  g_assert_cmpint (apim_folder_open (missing, "a"), ==, -1);
  g_assert_cmpint (errno, ==, ENOENT);
  g_assert_null (apim_folder_read (folder, "x.xml", 100, NULL));
  g_assert_cmpint (errno, ==, ENOENT);
  g_assert_true (apim_folder_replace (folder, "x.xml", "one", 3));
  g_assert_true (apim_folder_replace (folder, "x.xml", "three", 5));
  text = apim_folder_read (folder, "x.xml", 5, &length);
  g_assert_cmpstr (text, ==, "three");
  g_assert_cmpuint (length, ==, 5);
  g_assert_null (apim_folder_read (folder, "x.xml", 4, NULL));
  g_assert_cmpint (errno, ==, EFBIG);
  g_assert_true (apim_folder_remove (folder, "x.xml"));
  g_assert_true (apim_folder_remove (folder, "x.xml"));
  g_assert_true (apim_folder_remove (folder, too_long));
  remove_all (top, (const char *const[]){ "a/b", "a", NULL }); /* nothing else is left */
}

static void
test_links (void)
{
  g_autofree char *top = g_dir_make_tmp ("folder-XXXXXX", NULL);
  g_autofree char *outside = g_dir_make_tmp ("folder-XXXXXX", NULL);
  g_autofree char *link = g_build_filename (top, "link", NULL);
  g_autofree char *file = g_build_filename (outside, "file", NULL);
  g_autofree char *inside = g_build_filename (top, "x.xml", NULL);
  g_auto (ApimFd) folder = apim_folder_open (top, ".");
  g_autofree char *text = NULL;

  g_assert_cmpint (symlink (outside, link), ==, 0);
  g_assert_cmpint (apim_folder_open (top, "link/api"), ==, -1);
  g_assert_true (g_file_set_contents (file, "theirs", -1, NULL));
  g_assert_cmpint (symlink (file, inside), ==, 0);
  g_assert_null (apim_folder_read (folder, "x.xml", 100, NULL));
  g_assert_true (apim_folder_replace (folder, "x.xml", "ours", 4)); /* the link, not what it points to */
  g_assert_true (g_file_get_contents (file, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "theirs");
  remove_all (top, (const char *const[]){ "link", "x.xml", NULL });
  remove_all (outside, (const char *const[]){ "file", NULL });
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/folder/file-names", test_file_names);
  g_test_add_func ("/folder/files", test_files);
  g_test_add_func ("/folder/links", test_links);
  return g_test_run ();
}
