#include "config.h"

#include "admin-cli/ctl-exec.h"

#include "admin-cli/ctl-error.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define PROGRAM "apimctl-commands"

/* Beside this program, wherever that is: never one of another folder in PATH. */
static char *
beside (void)
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *folder = self != NULL ? g_path_get_dirname (self) : NULL;
  return folder != NULL ? g_build_filename (folder, PROGRAM, NULL) : NULL;
}

void
ctl_exec_commands (const char *const *arguments, GError **error)
{
  g_autofree char *near = beside ();
  gboolean in_build = near != NULL && g_file_test (near, G_FILE_TEST_IS_EXECUTABLE);
  const char *path = in_build ? near : APIM_LIBEXEC_DIR "/" PROGRAM;
  g_autoptr (GPtrArray) line = g_ptr_array_new ();

  g_ptr_array_add (line, (gpointer) "apimctl");
  for (; *arguments != NULL; arguments++)
    g_ptr_array_add (line, (gpointer) *arguments);
  g_ptr_array_add (line, NULL);
  execv (path, (char *const *) line->pdata);
  ctl_error_set (error, CTL_ERROR_FAILED, NULL, path, "cannot be run: %s; it is a part of apimctl: install it again",
                 g_strerror (errno));
}
