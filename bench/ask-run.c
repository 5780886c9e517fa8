#include "config.h"
#include "bench/ask-run.h"

#include "bench/load-histogram.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

typedef struct
{
  const AskOptions *options;
  const AskDriver *driver;
  guint number;
  LoadHistogram times;
  guint64 wrong;
} Asker;

/* When the threads start and stop counting. */
static GMutex lock;
static GCond changed;
static int n_connected;
static gint64 begin_us, end_us; /* 0: not known yet */

void
ask_fail (const char *what, const char *why)
{
  fprintf (stderr, "ask: %s: %s\n", what, why);
  exit (1);
}

static gint64
now_ns (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return (gint64) now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Waits until all are connected. */
static void
meet (const AskOptions *options)
{
  g_mutex_lock (&lock);
  if (++n_connected == options->connections)
    {
      begin_us = g_get_monotonic_time () + (gint64) (options->warm_up * G_USEC_PER_SEC);
      end_us = begin_us + (gint64) (options->seconds * G_USEC_PER_SEC);
      g_cond_broadcast (&changed);
    }
  while (end_us == 0)
    g_cond_wait (&changed, &lock);
  g_mutex_unlock (&lock);
}

static gpointer
ask (gpointer data)
{
  Asker *self = data;
  const StoreWorld *world = &self->options->world;
  g_autoptr (GRand) random = g_rand_new_with_seed (self->number + 1);
  gpointer connection = self->driver->connect (self->options);
  gint64 from_ns = 0;

  meet (self->options);
  while (from_ns / 1000 < end_us)
    {
      StoreQuestion question;
      gint64 to_ns;

      store_world_question (world, (guint64) (g_rand_double (random) * (double) world->tokens), &question);
      from_ns = now_ns ();
      if (!self->driver->validate (connection, &question))
        self->wrong++;
      to_ns = now_ns ();
      if (from_ns / 1000 >= begin_us && to_ns / 1000 <= end_us)
        load_histogram_add (&self->times, to_ns - from_ns);
    }
  self->driver->disconnect (connection);
  return NULL;
}

static double
cpu_us (void)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);
  return (double) (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6
         + (double) (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

static void
print (const AskOptions *options, const LoadHistogram *times, guint64 wrong, double used_us)
{
  double seconds = options->seconds;

  printf ("{\"validations\": %" G_GUINT64_FORMAT ", \"wrong\": %" G_GUINT64_FORMAT
          ", \"per_second\": %.1f, \"cpu_us\": %.3f,"
          " \"latency_us\": {\"p50\": %.1f, \"p99\": %.1f, \"p999\": %.1f, \"max\": %.1f}}\n",
          times->count, wrong, (double) times->count / seconds,
          times->count > 0 ? used_us / (double) times->count : 0,
          (double) load_histogram_quantile (times, 0.5) / 1e3, (double) load_histogram_quantile (times, 0.99) / 1e3,
          (double) load_histogram_quantile (times, 0.999) / 1e3, (double) times->max_ns / 1e3);
}

static void
run (const AskOptions *options, const AskDriver *driver)
{
  g_autofree Asker *askers = g_new0 (Asker, options->connections);
  g_autofree GThread **threads = g_new0 (GThread *, options->connections);
  LoadHistogram *times = &askers[0].times;
  guint64 wrong = 0;
  double before_us, used_us;

  for (int i = 0; i < options->connections; i++)
    {
      askers[i].options = options;
      askers[i].driver = driver;
      askers[i].number = (guint) i;
      threads[i] = g_thread_new ("ask", ask, &askers[i]);
    }
  g_mutex_lock (&lock);
  while (end_us == 0)
    g_cond_wait (&changed, &lock);
  g_mutex_unlock (&lock);
  while (g_get_monotonic_time () < begin_us)
    g_usleep ((gulong) MAX (begin_us - g_get_monotonic_time (), 1));
  before_us = cpu_us ();
  while (g_get_monotonic_time () < end_us)
    g_usleep ((gulong) MAX (end_us - g_get_monotonic_time (), 1));
  used_us = cpu_us () - before_us;
  for (int i = 0; i < options->connections; i++)
    {
      g_thread_join (threads[i]);
      wrong += askers[i].wrong;
      if (i > 0)
        load_histogram_merge (times, &askers[i].times);
    }
  print (options, times, wrong, used_us);
}

static gboolean
parse (AskOptions *options, int *argc, char ***argv, GError **error)
{
  const GOptionEntry entries[] = {
    { "sqlite", 0, 0, G_OPTION_ARG_FILENAME, &options->sqlite, "Database file", "FILE" },
    { "mysql", 0, 0, G_OPTION_ARG_FILENAME, &options->socket, "Server's socket", "SOCKET" },
    { "database", 0, 0, G_OPTION_ARG_STRING, &options->database, "Name on that server", "NAME" },
    { "statements", 0, 0, G_OPTION_ARG_FILENAME, &options->statements, "The three statements", "FILE" },
    { "connections", 0, 0, G_OPTION_ARG_INT, &options->connections, "Threads", "N" },
    { "seconds", 0, 0, G_OPTION_ARG_DOUBLE, &options->seconds, "What is measured", "S" },
    { "warm-up", 0, 0, G_OPTION_ARG_DOUBLE, &options->warm_up, "Before that", "S" },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);

  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_add_main_entries (context, store_world_options (&options->world), NULL);
  if (!g_option_context_parse (context, argc, argv, error) || !store_world_check (&options->world, error))
    return FALSE;
  if ((options->sqlite == NULL) == (options->socket != NULL && options->database != NULL)
      && options->statements != NULL && options->connections > 0 && options->seconds > 0)
    return TRUE;
  g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                       "give --sqlite, or --mysql and --database, and --statements");
  return FALSE;
}

int
ask_run (int argc, char *argv[], const AskDriver *driver)
{
  AskOptions options
      = { .connections = 1, .seconds = 1, .warm_up = 0.3, .world = { 10000000, 1000000, 100000, 10000 } };
  g_autoptr (GError) error = NULL;

  if (!parse (&options, &argc, &argv, &error))
    ask_fail ("options", error->message);
  driver->open (&options);
  run (&options, driver);
  driver->close ();
  g_free (options.sqlite);
  g_free (options.socket);
  g_free (options.database);
  g_free (options.statements);
  return 0;
}
