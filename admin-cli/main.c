/* apimctl: everything but the streams is in ctl-command.c and the commands. */
#include "config.h"

#include "admin-cli/ctl-commands.h"
#include "admin-cli/ctl-interrupt.h"
#include "common/apim-streams.h"

#include <locale.h>
#include <unistd.h>

int
main (int argc, char **argv)
{
  apim_streams_fill ();
  setlocale (LC_ALL, "");
  /* https://no-color.org: an empty NO_COLOR is none */
  const char *no_color = g_getenv ("NO_COLOR");
  gboolean may_color = (no_color == NULL || *no_color == '\0') && g_strcmp0 (g_getenv ("TERM"), "dumb") != 0;
  CtlOutput output = { .out = stdout, .err = stderr, .terminal = isatty (STDOUT_FILENO) };
  output.color = may_color && output.terminal;
  output.color_err = may_color && isatty (STDERR_FILENO);
  ctl_interrupt_catch ();
  return ctl_run (ctl_commands, (const char *const *) argv + (argc > 0 ? 1 : 0), &output);
}
