/* Load for a server over TLS, and what it took: load-thrift or load-https, by the load-world.h that is linked
 * in. One thread, to be pinned to a core that the server does not use. Every reply is checked; the result,
 * one JSON object, goes to standard output. bench/README.md says what the kinds of load are for. */
#include "config.h"
#include "bench/load-run.h"

#include <math.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct
{
  char *kind, *world, *key, *tls, *save_reply;
  int port, connections, server, start_core;
  double seconds, warm_up, rate, misses, time_limit;
  gboolean resume, handshake_only, once, sleep, background;
} Options;

static gboolean
check_options (const Options *options, GError **error)
{
  static const char *const kinds[] = { "closed", "open", "connect", "start", NULL };
  const char *wrong = NULL;

  if (options->kind == NULL || !g_strv_contains (kinds, options->kind))
    wrong = "--kind is closed, open, connect or start";
  else if (options->world == NULL)
    wrong = "--world is needed";
  else if (options->port < 1 || options->port > 65535)
    wrong = "--port is 1 to 65535";
  else if (options->connections < 1 || options->connections > 20000)
    wrong = "--connections is 1 to 20000";
  else if (!(options->seconds > 0 && options->seconds <= 3600)
           || !(options->warm_up >= 0 && options->warm_up <= 3600))
    wrong = "--seconds and --warm-up are at most 3600";
  else if (!(options->rate >= 0 && options->rate <= 1e7)
           || (options->rate == 0 && g_str_equal (options->kind, "open")))
    wrong = "--rate is at most 10000000, and needed with --kind=open";
  else if (!(options->misses >= 0 && options->misses <= 100))
    wrong = "--misses is 0 to 100";
  else if (!g_str_equal (options->key, "rsa") && !g_str_equal (options->key, "ec"))
    wrong = "--key is rsa or ec";
  else if (!g_str_equal (options->tls, "1.2") && !g_str_equal (options->tls, "1.3"))
    wrong = "--tls is 1.2 or 1.3";
  if (wrong == NULL)
    return load_world_check_options (error);
  g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, wrong);
  return FALSE;
}

static gboolean
parse_options (Options *options, int *argc, char ***argv, GError **error)
{
  const GOptionEntry entries[] = {
    { "kind", 0, 0, G_OPTION_ARG_STRING, &options->kind, "closed, open, connect, start", "KIND" },
    { "world", 0, 0, G_OPTION_ARG_FILENAME, &options->world, "Tokens, as bench/make-tokens writes them",
      "FILE" },
    { "port", 0, 0, G_OPTION_ARG_INT, &options->port, "Of the server, on 127.0.0.1", "PORT" },
    { "connections", 0, 0, G_OPTION_ARG_INT, &options->connections, "At the same time (default: 1)", "N" },
    { "seconds", 0, 0, G_OPTION_ARG_DOUBLE, &options->seconds, "To measure (default: 5)", "S" },
    { "warm-up", 0, 0, G_OPTION_ARG_DOUBLE, &options->warm_up, "Before them (default: 0)", "S" },
    { "rate", 0, 0, G_OPTION_ARG_DOUBLE, &options->rate, "open: requests, connect: connections per second",
      "N" },
    { "misses", 0, 0, G_OPTION_ARG_DOUBLE, &options->misses, "Requests with unknown tokens (default: 0)",
      "PERCENT" },
    { "once", 0, 0, G_OPTION_ARG_NONE, &options->once, "closed: each token once; connect: each client once",
      NULL },
    { "resume", 0, 0, G_OPTION_ARG_NONE, &options->resume, "connect: resume the TLS session", NULL },
    { "handshake-only", 0, 0, G_OPTION_ARG_NONE, &options->handshake_only, "connect: ask nothing", NULL },
    { "sleep", 0, 0, G_OPTION_ARG_NONE, &options->sleep, "open: sleep between requests", NULL },
    { "background", 0, 0, G_OPTION_ARG_NONE, &options->background, "Give way to others on this core", NULL },
    { "key", 0, 0, G_OPTION_ARG_STRING, &options->key, "Certificate: rsa or ec (default: rsa)", "KIND" },
    { "tls", 0, 0, G_OPTION_ARG_STRING, &options->tls, "Version: 1.2 or 1.3 (default: 1.3)", "VERSION" },
    { "server", 0, 0, G_OPTION_ARG_INT, &options->server, "Process whose CPU time is read", "PID" },
    { "save-reply", 0, 0, G_OPTION_ARG_FILENAME, &options->save_reply,
      "Write the last reply, for bench/echo-tls", "FILE" },
    { "time-limit", 0, 0, G_OPTION_ARG_DOUBLE, &options->time_limit, "Fail after it (default: 60)", "S" },
    { "start-core", 0, 0, G_OPTION_ARG_INT, &options->start_core, "start: core for the server", "N" },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("[-- SERVER ARGUMENT...]");

  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_add_main_entries (context, load_world_options (), NULL);
  g_option_context_set_summary (
      context, "Asks a server on loopback over TLS, checks each reply and prints what it took as JSON.");
  if (!g_option_context_parse (context, argc, argv, error))
    return FALSE;
  if (options->key == NULL)
    options->key = g_strdup ("rsa");
  if (options->tls == NULL)
    options->tls = g_strdup ("1.3");
  return check_options (options, error);
}

/* Results */

static void
print_histogram (const char *name, const LoadHistogram *histogram)
{
  double count = MAX (1.0, (double) histogram->count);

  printf (", \"%s\": {\"count\": %" G_GUINT64_FORMAT
          ", \"mean\": %.1f, \"p50\": %.1f, \"p90\": %.1f, \"p99\": %.1f, \"p999\": %.1f, "
          "\"max\": %.1f}",
          name, histogram->count, (double) histogram->sum_ns / count / 1e3,
          (double) load_histogram_quantile (histogram, 0.5) / 1e3,
          (double) load_histogram_quantile (histogram, 0.9) / 1e3,
          (double) load_histogram_quantile (histogram, 0.99) / 1e3,
          (double) load_histogram_quantile (histogram, 0.999) / 1e3, (double) histogram->max_ns / 1e3);
}

static void
print_result (const Options *options, const LoadRun *run, double start_ms)
{
  double seconds = MAX (1e-9, (double) (run->end_ns - run->begin_ns) / 1e9);
  double replies = MAX (1.0, (double) run->replies);

  printf ("{\"kind\": \"%s\", \"connections\": %d, \"request_bytes\": %" G_GSIZE_FORMAT
          ", \"wrong\": %" G_GUINT64_FORMAT ", \"failed\": %" G_GUINT64_FORMAT,
          options->kind, options->connections, load_world_request_size (run->world), run->wrong, run->failed);
  if (run->cipher != NULL)
    printf (", \"cipher\": \"%s\"", run->cipher);
  if (g_str_equal (options->kind, "start"))
    printf (", \"start_ms\": %.1f", start_ms);
  else
    {
      printf (
          ", \"seconds\": %.3f, \"replies\": %" G_GUINT64_FORMAT ", \"per_second\": %.1f, \"cpu_us\": %.3f"
          ", \"generator_busy\": %.3f, \"generator_waited\": %.3f, \"handshakes_full\": %" G_GUINT64_FORMAT
          ", \"handshakes_resumed\": %" G_GUINT64_FORMAT,
          seconds, run->replies, (double) run->replies / seconds, (double) run->server_cpu_ns / 1e3 / replies,
          (double) run->own_cpu_ns / 1e9 / seconds, (double) run->own_wait_ns / 1e9 / seconds,
          run->handshakes_full, run->handshakes_resumed);
      print_histogram ("latency_us", &run->known);
      if (options->misses > 0)
        print_histogram ("miss_latency_us", &run->unknown);
    }
  printf ("}\n");
}

static gboolean
save_reply (const Options *options, const LoadRun *run, GError **error)
{
  const LoadClient *client = &run->clients[0];

  return options->save_reply == NULL
         || g_file_set_contents (options->save_reply, (const char *) client->reply,
                                 (gssize) client->reply_length, error);
}

static gboolean
run_kind (const Options *options, LoadRun *run, char **server, double *start_ms, GError **error)
{
  if (g_str_equal (options->kind, "closed"))
    return load_run_closed (run, error);
  if (g_str_equal (options->kind, "open"))
    return load_run_open (run, error);
  if (g_str_equal (options->kind, "connect"))
    return load_run_connect (run, error);
  return load_run_start (run, server, options->start_core, start_ms, error);
}

static gboolean
run_load (const Options *options, char **server, GError **error)
{
  const LoadSettings settings = {
    .connections = (guint) options->connections,
    .seconds = options->seconds,
    .warm_up = options->warm_up,
    .rate = options->rate,
    .resume = options->resume,
    .handshake_only = options->handshake_only,
    .once = options->once,
    .sleep = options->sleep,
    .server = options->server,
    .limit_ns = load_run_now_ns () + (gint64) (options->time_limit * 1e9),
  };
  g_autoptr (LoadWorld) world = load_world_new (options->world, options->misses / 100, error);
  int tls = g_str_equal (options->tls, "1.2") ? TLS1_2_VERSION : TLS1_3_VERSION;
  LoadRun run = { .settings = &settings };
  double start_ms = 0;
  gboolean done;

  if (world == NULL)
    return FALSE;
  done = load_run_init (&run, &settings, world, error)
         && load_target_init (&run.target, (guint16) options->port, options->key, tls, error)
         && run_kind (options, &run, server, &start_ms, error) && save_reply (options, &run, error);
  if (done)
    print_result (options, &run, start_ms);
  if (run.first_failure != NULL)
    fprintf (stderr, "%s: the first failure: %s\n", g_get_prgname (), run.first_failure);
  load_run_clear (&run);
  return done;
}

static void
give_way (void)
{
  const struct sched_param none = { 0 };

  if (sched_setscheduler (0, SCHED_IDLE, &none) != 0)
    fprintf (stderr, "%s: --background has no effect here\n", g_get_prgname ());
}

static void
clear_options (Options *options)
{
  g_free (options->kind);
  g_free (options->world);
  g_free (options->key);
  g_free (options->tls);
  g_free (options->save_reply);
}

int
main (int argc, char **argv)
{
  Options options = { .connections = 1, .seconds = 5, .time_limit = 60, .start_core = -1 };
  g_autoptr (GError) error = NULL;
  int status = EXIT_SUCCESS;

  signal (SIGPIPE, SIG_IGN);
  if (!parse_options (&options, &argc, &argv, &error))
    status = 2;
  else
    {
      if (options.background)
        give_way ();
      if (argc > 1 && g_str_equal (argv[1], "--"))
        argv++;
      if (g_str_equal (options.kind, "start") && argv[1] == NULL)
        g_set_error_literal (&error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                             "--kind=start needs -- and a command");
      if (error != NULL || !run_load (&options, argv + 1, &error))
        status = g_error_matches (error, LOAD_RUN_ERROR, LOAD_RUN_ERROR_TIMEOUT) ? 3 : EXIT_FAILURE;
    }
  if (error != NULL)
    fprintf (stderr, "%s: %s\n", g_get_prgname (), error->message);
  clear_options (&options);
  return status;
}
