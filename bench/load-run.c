#include "config.h"
#include "bench/load-run.h"

#include <errno.h>
#include <stdio.h>

#define LONGEST_WAIT_NS G_GINT64_CONSTANT (100000000)

G_DEFINE_QUARK (load-run-error-quark, load_run_error)

static gint64
read_clock_ns (clockid_t clock)
{
  struct timespec time;

  if (clock_gettime (clock, &time) != 0)
    return 0;
  return time.tv_sec * G_GINT64_CONSTANT (1000000000) + time.tv_nsec;
}

gint64
load_run_now_ns (void)
{
  return read_clock_ns (CLOCK_MONOTONIC);
}

gboolean
load_run_init (LoadRun *run, const LoadSettings *settings, LoadWorld *world, GError **error)
{
  run->settings = settings;
  run->world = world;
  run->clients = g_new0 (LoadClient, settings->connections);
  /* The CPU clock of a process counts all its threads, those that have ended too, to the nanosecond. */
  if (settings->server == 0 || clock_getcpuclockid (settings->server, &run->server_clock) == 0)
    return TRUE;
  g_set_error (error, LOAD_RUN_ERROR, LOAD_RUN_ERROR_SERVER, "the CPU time of process %d cannot be read",
               (int) settings->server);
  return FALSE;
}

void
load_run_clear (LoadRun *run)
{
  for (guint i = 0; i < run->settings->connections; i++)
    load_client_clear (&run->clients[i]);
  g_free (run->clients);
  g_free (run->first_failure);
  g_free (run->cipher);
  load_target_clear (&run->target);
}

gboolean
load_run_wait (LoadRun *run, gint64 until_ns, gboolean precise, GError **error)
{
  gint64 now_ns = load_run_now_ns ();
  gint64 wait_ns = CLAMP (until_ns - now_ns, 0, LONGEST_WAIT_NS);
  const struct timespec wait = { .tv_nsec = wait_ns };

  run->next_event = 0;
  run->n_events = 0;
  if (now_ns > run->settings->limit_ns)
    {
      g_set_error_literal (error, LOAD_RUN_ERROR, LOAD_RUN_ERROR_TIMEOUT, "not over within the time limit");
      return FALSE;
    }
  if (precise && wait_ns > 0)
    run->n_events = epoll_pwait2 (run->target.epoll_fd, run->events, LOAD_RUN_EVENTS, &wait, NULL);
  else
    run->n_events
        = epoll_wait (run->target.epoll_fd, run->events, LOAD_RUN_EVENTS, (int) (wait_ns / 1000000));
  return TRUE; /* interrupted: no events */
}

LoadClient *
load_run_next_event (LoadRun *run)
{
  return run->next_event < run->n_events ? run->events[run->next_event++].data.ptr : NULL;
}

/* How long this thread has waited for a core since it began: the second number of its schedstat. 0 where the
 * kernel does not say. */
static gint64
read_wait_ns (void)
{
  g_autofree char *text = NULL;
  guint64 ran, waited;

  if (!g_file_get_contents ("/proc/thread-self/schedstat", &text, NULL, NULL)
      || sscanf (text, "%" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT, &ran, &waited) != 2)
    return 0;
  return (gint64) waited;
}

void
load_run_begin_measuring (LoadRun *run, gint64 now_ns)
{
  run->measuring = TRUE;
  run->begin_ns = now_ns;
  run->own_wait_ns = -read_wait_ns ();
  run->own_cpu_ns = -read_clock_ns (CLOCK_PROCESS_CPUTIME_ID);
  if (run->settings->server != 0)
    run->server_cpu_ns = -read_clock_ns (run->server_clock);
}

void
load_run_end_measuring (LoadRun *run, gint64 now_ns)
{
  run->measuring = FALSE;
  run->end_ns = now_ns;
  run->own_wait_ns += read_wait_ns ();
  run->own_cpu_ns += read_clock_ns (CLOCK_PROCESS_CPUTIME_ID);
  if (run->settings->server != 0)
    run->server_cpu_ns += read_clock_ns (run->server_clock);
}

void
load_run_count (LoadRun *run, const LoadClient *client, LoadVerdict verdict, gint64 now_ns)
{
  if (verdict != LOAD_REPLY_RIGHT)
    run->wrong++;
  if (!run->measuring)
    return;
  run->replies++;
  load_histogram_add (client->expected.known ? &run->known : &run->unknown, now_ns - client->begin_ns);
}

void
load_run_count_failure (LoadRun *run, GError *error)
{
  run->failed++;
  if (run->first_failure == NULL)
    run->first_failure = g_strdup (error->message);
  g_error_free (error);
}

void
load_run_count_handshake (LoadRun *run, LoadClient *client)
{
  if (run->cipher == NULL)
    run->cipher = g_strconcat (SSL_get_version (client->ssl), " ", SSL_get_cipher_name (client->ssl), NULL);
  if (!run->measuring)
    return;
  if (SSL_session_reused (client->ssl))
    run->handshakes_resumed++;
  else
    run->handshakes_full++;
}

gboolean
load_run_open_clients (LoadRun *run, GError **error)
{
  const LoadSettings *settings = run->settings;
  guint waiting = settings->connections;

  for (guint i = 0; i < settings->connections; i++)
    if (!load_client_open (&run->clients[i], &run->target, FALSE, error))
      return FALSE;
  while (waiting > 0)
    {
      LoadClient *client;

      if (!load_run_wait (run, G_MAXINT64, FALSE, error))
        return FALSE;
      while ((client = load_run_next_event (run)) != NULL)
        {
          if (client->state == LOAD_CLIENT_IDLE)
            continue; /* a TLS session ticket, which the first read takes in */
          if (!load_client_shake_hands (client, &run->target, error))
            return FALSE;
          if (client->state != LOAD_CLIENT_IDLE)
            continue;
          load_run_count_handshake (run, client);
          waiting--;
        }
    }
  return TRUE;
}
