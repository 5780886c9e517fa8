#include "config.h"

#include "admin-cli/ctl-exec.h"

#include "admin-cli/ctl-error.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define PROGRAM "apimctl-commands"

/* The one that belongs to this program, wherever that is: beside it in the build folder, in libexec beside its bin where the
 * installation was moved, else where it was installed. Never one of another folder in PATH. */
static char *
find_program (void)
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *folder = self != NULL ? g_path_get_dirname (self) : NULL;
  static const char *const places[] = { ".", "../libexec/" PACKAGE };
  for (guint i = 0; folder != NULL && i < G_N_ELEMENTS (places); i++)
    {
      g_autofree char *path = g_build_filename (folder, places[i], PROGRAM, NULL);
      if (g_file_test (path, G_FILE_TEST_IS_EXECUTABLE))
        return g_canonicalize_filename (path, NULL);
    }
  return g_strdup (APIM_LIBEXEC_DIR "/" PROGRAM);
}

void
ctl_exec_commands (const char *const *arguments, GError **error)
{
  g_autofree char *path = find_program ();
  g_autoptr (GPtrArray) line = g_ptr_array_new ();

  g_ptr_array_add (line, (gpointer) "apimctl");
  for (; *arguments != NULL; arguments++)
    g_ptr_array_add (line, (gpointer) *arguments);
  g_ptr_array_add (line, NULL);
  execv (path, (char *const *) line->pdata);
  ctl_error_set (error, CTL_ERROR_FAILED, NULL, path, "cannot be run: %s; it is a part of apimctl: install it again",
                 g_strerror (errno));
}
