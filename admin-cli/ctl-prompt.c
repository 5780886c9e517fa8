#include "config.h"

#include "admin-cli/ctl-prompt.h"

#include <unistd.h>

gboolean
ctl_prompt_confirm (CtlCall *call, const char *question, const char *hint, GError **error)
{
  if (ctl_options_flag (call->options, "yes") || ctl_options_flag (call->options, "dry-run"))
    return TRUE;
  if (!isatty (STDIN_FILENO) || !isatty (STDERR_FILENO))
    {
      ctl_error_set (error, CTL_ERROR_USAGE, hint, call->title, "needs a terminal to ask on, or --yes");
      return FALSE;
    }
  fflush (call->output->out);
  fprintf (call->output->err, "%s? [y/N] ", question);
  fflush (call->output->err);
  char answer[16] = "";
  if (fgets (answer, sizeof answer, stdin) != NULL)
    {
      g_strstrip (answer);
      if (g_ascii_strcasecmp (answer, "y") == 0 || g_ascii_strcasecmp (answer, "yes") == 0)
        return TRUE;
    }
  ctl_error_set (error, CTL_ERROR_FAILED, NULL, call->title, "nothing was changed");
  return FALSE;
}
