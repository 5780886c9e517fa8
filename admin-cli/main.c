/* apimctl: everything but the streams is in ctl-command.c and the commands. */
#include "config.h"

#include "admin-cli/ctl-commands.h"

#include <locale.h>
#include <unistd.h>

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "");
  CtlOutput output = { .out = stdout, .err = stderr, .terminal = isatty (STDOUT_FILENO) };
  return ctl_run (ctl_commands, (const char *const *) argv + (argc > 0 ? 1 : 0), &output);
}
