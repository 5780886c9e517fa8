/* The main program of a fuzz target that is built without the fuzz engine: tries every stored input once.
 *
 * fuzz-NAME [--tap] [FILE|DIRECTORY]...
 * Without arguments: every file of $G_TEST_SRCDIR/fuzz/corpus/NAME. No input at all is a failure. An input that
 * crashes the target is the one named in the last comment line. */
#include "config.h"
#include "tests/fuzz/replay.h"

#include <glib.h>
#include <stdio.h>
#include <string.h>

static guint n_tried;

static gint
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static gboolean
try_file (const char *path)
{
  g_autofree char *contents = NULL;
  g_autofree char *name = g_path_get_basename (path);
  g_autofree guint8 *copy = NULL;
  g_autoptr (GError) error = NULL;
  gsize length;

  if (!g_file_get_contents (path, &contents, &length, &error))
    {
      printf ("Bail out! %s\n", error->message);
      return FALSE;
    }
  printf ("# %s, %" G_GSIZE_FORMAT " bytes\n", name, length);
  fflush (stdout);
  /* In a block of just this size, so that a sanitizer sees a read past the end. */
  copy = g_memdup2 (contents, length);
  LLVMFuzzerTestOneInput (copy, length);
  printf ("ok %u - %s\n", ++n_tried, name);
  return TRUE;
}

static gboolean
try_path (const char *path)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) directory = NULL;
  const char *name;

  if (!g_file_test (path, G_FILE_TEST_IS_DIR))
    return try_file (path);
  directory = g_dir_open (path, 0, &error);
  if (directory == NULL)
    {
      printf ("Bail out! %s\n", error->message);
      return FALSE;
    }
  while ((name = g_dir_read_name (directory)) != NULL)
    g_ptr_array_add (names, g_build_filename (path, name, NULL));
  g_ptr_array_sort (names, compare_names);
  for (guint i = 0; i < names->len; i++)
    if (!try_path (g_ptr_array_index (names, i)))
      return FALSE;
  return TRUE;
}

/* "/build/tests/fuzz/lt-fuzz-binary" stands for "fuzz/corpus/binary" below the test sources. */
static char *
own_corpus (const char *program)
{
  g_autofree char *base = g_path_get_basename (program);
  const char *name = base;
  const char *sources = g_getenv ("G_TEST_SRCDIR");

  if (g_str_has_prefix (name, "lt-"))
    name += strlen ("lt-");
  if (g_str_has_prefix (name, "fuzz-"))
    name += strlen ("fuzz-");
  return g_build_filename (sources != NULL ? sources : ".", "fuzz", "corpus", name, NULL);
}

int
main (int argc, char **argv)
{
  gboolean named = FALSE;
  gboolean ok = TRUE;

  for (int i = 1; i < argc && ok; i++)
    if (strcmp (argv[i], "--tap") != 0)
      {
        named = TRUE;
        ok = try_path (argv[i]);
      }
  if (!named)
    {
      g_autofree char *corpus = own_corpus (argv[0]);

      ok = try_path (corpus);
    }
  if (ok && n_tried == 0)
    {
      printf ("Bail out! there is no input to try\n");
      ok = FALSE;
    }
  if (ok)
    printf ("1..%u\n", n_tried);
  return ok ? 0 : 1;
}
