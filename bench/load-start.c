/* How long a server takes from exec() to its first answer. */
#include "config.h"
#include "bench/load-run.h"

#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAUSE_NS 500000  /* between two tries */
#define PATIENCE_MS 5000 /* with a server that was told to end */

static pid_t
start (char **argv, int core, GError **error)
{
  pid_t pid = fork ();

  if (pid == 0)
    {
      cpu_set_t cores;

      CPU_ZERO (&cores);
      if (core >= 0)
        CPU_SET ((guint) core, &cores);
      if (core < 0 || sched_setaffinity (0, sizeof cores, &cores) == 0)
        execvp (argv[0], argv);
      _exit (127);
    }
  if (pid < 0)
    g_set_error_literal (error, LOAD_RUN_ERROR, LOAD_RUN_ERROR_SERVER, "no process could be made");
  return pid;
}

static void
stop (pid_t pid)
{
  kill (pid, SIGTERM);
  for (guint i = 0; i < PATIENCE_MS; i++)
    {
      if (waitpid (pid, NULL, WNOHANG) != 0)
        return;
      g_usleep (1000);
    }
  kill (pid, SIGKILL);
  waitpid (pid, NULL, 0);
}

/* One connection from beginning to end. FALSE without an error: not yet. */
static gboolean
try_once (LoadRun *run, gboolean *answered, GError **error)
{
  LoadClient *client = &run->clients[0];
  g_autoptr (GError) refused = NULL;
  LoadVerdict verdict = LOAD_REPLY_UNFINISHED;

  *answered = FALSE;
  if (!load_client_open (client, &run->target, FALSE, &refused))
    return TRUE;
  while (verdict == LOAD_REPLY_UNFINISHED)
    {
      if (!load_run_wait (run, G_MAXINT64, FALSE, error))
        return FALSE;
      if (load_run_next_event (run) == NULL)
        continue;
      if (client->state == LOAD_CLIENT_WAITING)
        {
          if (!load_client_hear (client, run->world, &verdict, &refused))
            return TRUE;
        }
      else if (!load_client_shake_hands (client, &run->target, &refused)
               || (client->state == LOAD_CLIENT_IDLE && !load_client_ask (client, run->world, &refused)))
        return TRUE;
    }
  load_run_count (run, client, verdict, 0);
  *answered = TRUE;
  return TRUE;
}

gboolean
load_run_start (LoadRun *run, char **argv, int core, double *milliseconds, GError **error)
{
  const struct timespec pause = { .tv_nsec = PAUSE_NS };
  gint64 begin_ns = load_run_now_ns ();
  gboolean answered = FALSE, good = TRUE;
  pid_t pid = start (argv, core, error);

  if (pid < 0)
    return FALSE;
  while (good && !answered)
    {
      good = try_once (run, &answered, error);
      *milliseconds = (double) (load_run_now_ns () - begin_ns) / 1e6;
      load_client_close (&run->clients[0]);
      if (good && !answered && waitpid (pid, NULL, WNOHANG) == pid)
        {
          g_set_error (error, LOAD_RUN_ERROR, LOAD_RUN_ERROR_SERVER, "\"%s\" ended before it answered",
                       argv[0]);
          return FALSE;
        }
      if (good && !answered && load_run_now_ns () > run->settings->limit_ns)
        {
          g_set_error (error, LOAD_RUN_ERROR, LOAD_RUN_ERROR_TIMEOUT,
                       "no answer of \"%s\" within the time limit", argv[0]);
          good = FALSE;
        }
      if (!answered)
        nanosleep (&pause, NULL);
    }
  stop (pid);
  return good;
}
