#include "config.h"

#include "admin-cli/ctl-set.h"

#include "admin-cli/ctl-error.h"

#include <string.h>

/* The name becomes that of a file. NULL with @error. */
static char *
set_path (const char *env, const char *name, GError **error)
{
  gboolean good = *name != '\0' && *name != '.' && strlen (name) <= 64;
  for (const char *c = name; good && *c != '\0'; c++)
    good = g_ascii_isalnum (*c) || strchr ("-_.", *c) != NULL;
  if (good)
    return g_build_filename (g_get_user_state_dir (), "apimctl", "sets", env, name, NULL);
  ctl_error_set (error, CTL_ERROR_USAGE, NULL, name, "a set's name is of letters, digits, \"-\", \"_\" and \".\"");
  return NULL;
}

char **
ctl_set_load (const char *env, const char *name, GError **error)
{
  g_autoptr (GError) cause = NULL;
  g_autofree char *path = set_path (env, name, error), *text = NULL;
  if (path == NULL)
    return NULL;
  if (!g_file_get_contents (path, &text, NULL, &cause) && !g_error_matches (cause, G_FILE_ERROR, G_FILE_ERROR_NOENT))
    {
      ctl_error_set (error, CTL_ERROR_FAILED, NULL, path, "%s", cause->message);
      return NULL;
    }
  g_autofree char *trimmed = g_strchomp (g_strdup (text != NULL ? text : ""));
  return *trimmed != '\0' ? g_strsplit (trimmed, "\n", -1) : g_new0 (char *, 1);
}

gboolean
ctl_set_save (const char *env, const char *name, const char *const *titles, GError **error)
{
  g_autoptr (GError) cause = NULL;
  g_autofree char *path = set_path (env, name, error);
  if (path == NULL)
    return FALSE;
  g_autofree char *folder = g_path_get_dirname (path), *lines = g_strjoinv ("\n", (char **)titles);
  g_autofree char *text = g_strconcat (lines, "\n", NULL);
  if (g_mkdir_with_parents (folder, 0700) == 0 && g_file_set_contents (path, text, -1, &cause))
    return TRUE;
  ctl_error_set (error, CTL_ERROR_FAILED, NULL, path, "%s",
                 cause != NULL ? cause->message : "its folder could not be made");
  return FALSE;
}
