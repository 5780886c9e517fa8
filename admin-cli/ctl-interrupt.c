#include "config.h"

#include "admin-cli/ctl-interrupt.h"

#include "admin-cli/ctl-error.h"

#include <signal.h>
#include <unistd.h>

static volatile sig_atomic_t a_change_is_on_its_way;

/* Only what a signal handler may call. */
static void
on_interrupt (int number)
{
  static const char words[]
      = "\napimctl: interrupted: the change may or may not have been made; the same command may be run again\n";
  if (a_change_is_on_its_way && write (STDERR_FILENO, words, sizeof words - 1) < 0)
    _exit (CTL_EXIT_INTERRUPTED);
  _exit (CTL_EXIT_INTERRUPTED);
}

void
ctl_interrupt_catch (void)
{
  struct sigaction before, catch = { .sa_handler = on_interrupt };
  if (sigaction (SIGINT, NULL, &before) == 0 && before.sa_handler != SIG_IGN)
    sigaction (SIGINT, &catch, NULL);
}

void
ctl_interrupt_writing (gboolean writing)
{
  a_change_is_on_its_way = writing;
}
