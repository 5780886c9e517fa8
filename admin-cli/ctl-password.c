#include "config.h"

#include "admin-cli/ctl-password.h"

#include "admin-cli/ctl-error.h"
#include "admin-cli/ctl-home.h"
#include "common/apim-secret.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define MAX_PASSWORD 1024

/* What may end the program while the terminal shows nothing that is typed. */
static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };

static volatile sig_atomic_t caught;

static void
on_signal (int number)
{
  caught = number;
}

/* The line without its end; NULL: no line came. */
static char *
read_line (void)
{
  char *text = g_malloc0 (MAX_PASSWORD + 1);
  gsize length = 0;
  while (length < MAX_PASSWORD)
    {
      ssize_t got = read (STDIN_FILENO, text + length, 1);
      if (got == 1 && text[length] == '\n')
        {
          text[length] = '\0';
          return text;
        }
      if (got == 0 || (got < 0 && (errno != EINTR || caught != 0)))
        break;
      length += got == 1;
    }
  apim_secret_free (text);
  return NULL;
}

/* The terminal is put back before a signal has its usual effect. */
static char *
ask (const char *what)
{
  struct termios shown, hidden;
  struct sigaction catch = { .sa_handler = on_signal }, before[G_N_ELEMENTS (signals)];
  if (tcgetattr (STDIN_FILENO, &shown) != 0)
    return NULL;
  caught = 0;
  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    sigaction (signals[i], &catch, &before[i]);
  hidden = shown;
  hidden.c_lflag &= ~(tcflag_t)ECHO;
  g_printerr ("%s: ", what);
  tcsetattr (STDIN_FILENO, TCSAFLUSH, &hidden);
  char *text = read_line ();
  tcsetattr (STDIN_FILENO, TCSAFLUSH, &shown);
  g_printerr ("\n");
  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    sigaction (signals[i], &before[i], NULL);
  if (caught != 0)
    raise (caught);
  return text;
}

char *
ctl_password_read (const char *file, const char *variable, const char *what, GError **error)
{
  if (file != NULL)
    return ctl_home_read_secret (file, what, error);
  const char *set = variable != NULL ? g_getenv (variable) : NULL;
  if (set != NULL)
    return g_strdup (set);
  if (!isatty (STDIN_FILENO) || !isatty (STDERR_FILENO))
    {
      ctl_error_set (error, CTL_ERROR_USAGE, NULL, what, "give it with --password-file FILE or %s%s",
                     variable != NULL ? "in " : "--password-stdin", variable != NULL ? variable : "");
      return NULL;
    }
  char *text = ask (what);
  if (text == NULL)
    ctl_error_set (error, CTL_ERROR_USAGE, NULL, what, "was not given");
  return text;
}
