/* apimd: the node daemon. Options, configuration, first start, signals; everything else is node.c and the roles. */
#include "config.h"

#include "apimd/control.h"
#include "apimd/first-start.h"
#include "apimd/node.h"
#include "common/apim-log.h"
#include "common/apim-settings.h"
#include "common/apim-streams.h"

#include <glib-unix.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>

/* Nobody means this: "--port-offset -1" is a mistake, which must not start a node on the usual ports. */
#define NO_OFFSET G_MININT

typedef struct
{
  char *home;
  char **profiles;
  int port_offset;
  gboolean check_config;
  gboolean version;
} Options;

typedef struct
{
  const Options *options;
  Node *node;
  GMainLoop *loop;
} Daemon;

static void
options_clear (Options *options)
{
  g_free (options->home);
  g_strfreev (options->profiles);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static gboolean
parse_options (Options *options, int *argc, char ***argv, GError **error)
{
  const GOptionEntry entries[] = {
    { "home", 0, 0, G_OPTION_ARG_FILENAME, &options->home, "Home of the node, laid out like a WSO2 home (default: .)", "DIR" },
    { "profile", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options->profiles, "Role to run, may be repeated (default: all)", "NAME" },
    { "port-offset", 0, 0, G_OPTION_ARG_INT, &options->port_offset, "Moves every port that is not set by name", "N" },
    { "check-config", 0, 0, G_OPTION_ARG_NONE, &options->check_config, "Print the effective configuration and exit", NULL },
    { "version", 0, 0, G_OPTION_ARG_NONE, &options->version, "Print the version and exit", NULL },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("- API key validation node");

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, argc, argv, error))
    return FALSE;
  if (*argc > 1)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "\"%s\" is not an option", (*argv)[1]);
      return FALSE;
    }
  if (options->port_offset != NO_OFFSET && (options->port_offset < 0 || options->port_offset > APIM_PORT_OFFSET_MAX))
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "--port-offset: %d is not a port offset (0-%d)",
                   options->port_offset, APIM_PORT_OFFSET_MAX);
      return FALSE;
    }
  if (options->port_offset == NO_OFFSET)
    options->port_offset = -1; /* the configuration's */
  if (options->home == NULL)
    options->home = g_strdup (".");
  for (char **profile = options->profiles; profile != NULL && *profile != NULL; profile++)
    if (!node_check_profile (*profile, error))
      return FALSE;
  return TRUE;
}

static gboolean
on_reload (gpointer data)
{
  Daemon *daemon = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (ApimConfig) config = apim_config_load (daemon->options->home, daemon->options->port_offset, &error);

  if (config != NULL && node_reload (daemon->node, config, &error))
    apim_info ("apimd", "configuration and certificates reloaded");
  else
    apim_error ("apimd", "not reloaded, the running configuration stays: %s", error->message);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_stop (gpointer data)
{
  Daemon *daemon = data;

  apim_info ("apimd", "stopping: answering what was read, accepting nothing new");
  g_main_loop_quit (daemon->loop);
  return G_SOURCE_CONTINUE;
}

static void
collect_status (ApimStatus *status, gpointer data)
{
  Daemon *daemon = data;

  node_status (daemon->node, status);
}

static gboolean
on_report (gpointer data)
{
  g_autoptr (ApimStatus) status = apim_status_new ();
  g_autofree char *line = NULL;

  collect_status (status, data);
  line = apim_status_to_line (status);
  apim_info ("apimd", "status: %s", line);
  return G_SOURCE_CONTINUE;
}

static gboolean
make_what_is_missing (const ApimConfig *config, GError **error)
{
  const char *const host_names[] = { config->host_name, NULL };
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);
  gboolean made = apim_first_start (config, host_names, NULL, lines, error);

  for (guint i = 0; i < lines->len; i++)
    apim_info ("apimd", "first start: %s", (const char *) g_ptr_array_index (lines, i));
  return made;
}

/* Tokens and keys are in this process's memory: no core file, and no debugger of the same user (architecture 8). */
static void
protect_memory (void)
{
  const struct rlimit none = { 0, 0 };

  if (setrlimit (RLIMIT_CORE, &none) != 0 || prctl (PR_SET_DUMPABLE, 0) != 0)
    apim_warning ("apimd", "core dumps could not be switched off");
}

static int
run (const Options *options, ApimConfig *config)
{
  static const char *const no_profiles[] = { NULL };
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GError) error = NULL;
  g_autoptr (Control) control = NULL;
  g_autofree char *listeners = NULL;
  Daemon daemon = { .options = options, .loop = loop };

  /* Before any thread starts, so that every thread inherits the signal masks of GLib's signal sources. */
  g_unix_signal_add (SIGHUP, on_reload, &daemon);
  g_unix_signal_add (SIGTERM, on_stop, &daemon);
  g_unix_signal_add (SIGINT, on_stop, &daemon);
  if (control_is_taken (config->home))
    {
      apim_error ("apimd", "not started: a node runs in %s already (\"apimctl node status --home %s\" asks it)", config->home,
                  config->home);
      return EXIT_FAILURE;
    }
  if (make_what_is_missing (config, &error))
    daemon.node = node_start (config, options->profiles == NULL ? no_profiles : (const char *const *) options->profiles,
                              &error);
  if (daemon.node == NULL)
    {
      apim_error ("apimd", "not started: %s", error->message);
      return EXIT_FAILURE;
    }
  g_unix_signal_add (SIGUSR1, on_report, &daemon);
  control = control_start (config->home, collect_status, &daemon, &error);
  if (control == NULL)
    apim_warning ("apimd", "no control socket, so \"apimctl node status\" does not work: %s", error->message);
  listeners = node_describe_listeners (daemon.node);
  apim_info ("apimd", "ready: %s", listeners);
  g_main_loop_run (loop);
  g_clear_pointer (&control, control_stop);
  if (!node_stop (daemon.node))
    apim_warning ("apimd", "stopped; some requests took longer than Limits/DrainTimeout and were cut off");
  else
    apim_info ("apimd", "stopped");
  return EXIT_SUCCESS;
}

/* What the node understood, then what is wrong with the files that it names. */
static int
check_config (const Options *options, const ApimConfig *config)
{
  g_autofree char *text = apim_config_describe (config);
  g_autoptr (GError) error = NULL;

  fputs (text, stdout);
  fflush (stdout);
  if (!g_file_test (options->home, G_FILE_TEST_IS_DIR))
    fprintf (stderr, "apimd: note: there is no folder %s: these are the defaults, and a start would make a new node there\n",
             options->home);
  if (node_check_files (config, &error))
    return EXIT_SUCCESS;
  fprintf (stderr, "apimd: %s\n", error->message);
  return EXIT_FAILURE;
}

int
main (int argc, char **argv)
{
  g_auto (Options) options = { .port_offset = NO_OFFSET };
  g_autoptr (ApimConfig) config = NULL;
  g_autoptr (GError) error = NULL;

  apim_streams_fill ();
  if (!parse_options (&options, &argc, &argv, &error))
    {
      fprintf (stderr, "apimd: %s\n", error->message);
      return 2;
    }
  if (options.version)
    {
      printf ("apimd %s\n", PACKAGE_VERSION);
      return EXIT_SUCCESS;
    }
  config = apim_config_load (options.home, options.port_offset, &error);
  if (config == NULL)
    {
      fprintf (stderr, "apimd: %s\n", error->message);
      return EXIT_FAILURE;
    }
  if (options.check_config)
    return check_config (&options, config);
  protect_memory ();
  return run (&options, config);
}
