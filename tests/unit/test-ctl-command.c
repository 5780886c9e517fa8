/* Dispatch, suggestions, help, and that no command lacks what a command must have. */
#include "config.h"

#include "admin-cli/ctl-commands.h"
#include "admin-cli/ctl-help.h"

#include <string.h>

typedef struct
{
  int status;
  char *out;
  char *err;
} Outcome;

static void
outcome_clear (Outcome *outcome)
{
  free (outcome->out);
  free (outcome->err);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Outcome, outcome_clear)

/* Runs "apimctl LINE" in this process. */
static Outcome
run_table (const CtlCommand *const *commands, const char *line)
{
  Outcome outcome = { 0 };
  size_t out_length, err_length;
  CtlOutput output = { .out = open_memstream (&outcome.out, &out_length),
                       .err = open_memstream (&outcome.err, &err_length) };
  g_auto (GStrv) arguments = *line != '\0' ? g_strsplit (line, " ", -1) : g_new0 (char *, 1);
  outcome.status = ctl_run (commands, (const char *const *) arguments, &output);
  fclose (output.out);
  fclose (output.err);
  return outcome;
}

static Outcome
run (const char *line)
{
  return run_table (ctl_commands, line);
}

static int
echo_run (CtlCall *call, GError **error)
{
  const char *const *arguments = ctl_options_arguments (call->options);
  if (g_strcmp0 (arguments[0], "fail") == 0)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "because");
  for (; *arguments != NULL; arguments++)
    ctl_output_text (call->output, "%s.", *arguments);
  return 8;
}

static const CtlCommand echo = { .group = "say", .name = "echo", .arguments = "[WORD...]", .run = echo_run };
static const CtlCommand mute = { .name = "mute", .run = echo_run };
static const CtlCommand *const own_table[] = { &echo, &mute, NULL };

static void
test_dispatch (void)
{
  g_auto (Outcome) echoed = run_table (own_table, "say echo a b");
  g_assert_cmpint (echoed.status, ==, 8);
  g_assert_cmpstr (echoed.out, ==, "a.b.");
  g_assert_cmpstr (echoed.err, ==, "");

  g_auto (Outcome) failed = run_table (own_table, "say echo fail");
  g_assert_cmpint (failed.status, ==, 1);
  g_assert_cmpstr (failed.err, ==, "apimctl: error: say echo: because [failed]\n");

  g_auto (Outcome) extra = run_table (own_table, "mute x");
  g_assert_cmpint (extra.status, ==, 2);
  g_assert_cmpstr (extra.err, ==,
                   "apimctl: error: mute: takes no argument \"x\" [usage]\nhint: apimctl help mute\n");
  g_assert_cmpstr (extra.out, ==, "");
}

static void
test_suggestions (void)
{
  static const struct
  {
    const char *line;
    const char *nearest; /* NULL: none */
  } cases[] = {
    { "db chek", "db check" },     { "db migrat", "db migrate" }, { "bd check", "db check" },
    { "valdiate", "validate" },    { "validate2 --x", "validate" }, { "hlep", "help" },
    { "nod init", "node init" },   { "migrate", "db migrate" },   { "smaple", "db sample" },
    { "quite-another-word", NULL }, { "xyzzy plugh", NULL },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Outcome) outcome = run (cases[i].line);
      g_autofree char *hint = cases[i].nearest != NULL ? g_strdup_printf ("hint: apimctl help %s\n", cases[i].nearest)
                                                       : g_strdup ("hint: apimctl help\n");
      g_assert_cmpint (outcome.status, ==, 2);
      g_assert_cmpstr (outcome.out, ==, "");
      g_assert_true (g_str_has_suffix (outcome.err, hint));
    }
}

static void
test_hostile_words (void)
{
  g_autofree char *long_word = g_strnfill (100000, 'd');
  g_auto (Outcome) outcome = run (long_word);
  g_assert_cmpint (outcome.status, ==, 2);
  g_auto (Outcome) empty = run_table (ctl_commands, " ");
  g_assert_cmpint (empty.status, ==, 2);
  g_auto (Outcome) escape = run ("\033[2J");
  g_assert_cmpint (escape.status, ==, 2);
  g_assert_null (strchr (escape.err, '\033'));
}

static void
test_usage_errors (void)
{
  static const struct
  {
    const char *line;
    const char *err;
  } cases[] = {
    { "", "apimctl: error: apimctl: no command was given [usage]\nhint: apimctl help\n" },
    { "db", "apimctl: error: db: is a group: say which of its commands [usage]\nhint: apimctl help db\n" },
    { "-x", "apimctl: error: apimctl: options come after the command, not \"-x\" [usage]\nhint: apimctl help\n" },
    { "db migrate", "apimctl: error: db migrate: option --home is missing [usage]\nhint: apimctl help db migrate\n" },
    { "help db nothing-like-it",
      "apimctl: error: db nothing-like-it: there is no such command [usage]\nhint: apimctl help\n" },
    { "validate --context /a --version 1", "apimctl: error: validate: say which Key Manager: --server HOST:9443, or "
                                           "--home DIR of one on this machine [usage]\nhint: apimctl help validate\n" },
    { "validate --context /a --version 1 --server h --timeout 0",
      "apimctl: error: validate: --timeout is a whole number of seconds from 1 to 3600 [usage]\n"
      "hint: apimctl help validate\n" },
    { "validate --context /a --version 1 --server h",
      "apimctl: error: validate: option --user is missing [usage]\nhint: apimctl help validate\n" },
    { "validate --context /a --version 1 --server h --user u --password-file - --token-file -",
      "apimctl: error: validate: password and token cannot both come from stdin [usage]\n"
      "hint: apimctl help validate\n" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Outcome) outcome = run (cases[i].line);
      g_assert_cmpint (outcome.status, ==, 2);
      g_assert_cmpstr (outcome.out, ==, "");
      g_assert_cmpstr (outcome.err, ==, cases[i].err);
    }
}

static void
test_missing_home (void)
{
  static const char *const lines[] = { "db check", "db migrate", "db sample" };
  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_autofree char *line = g_strdup_printf ("%s --home /nonexistent/home", lines[i]);
      g_auto (Outcome) outcome = run (line);
      g_assert_cmpint (outcome.status, ==, 3);
      g_assert_cmpstr (outcome.err, ==,
                       "apimctl: error: /nonexistent/home: there is no such folder [not_found]\n"
                       "hint: apimctl node init --home '/nonexistent/home'\n");
    }
}

static void
test_json_errors (void)
{
  static const char *const lines[] = { "db chek -o json", "db check -o json", "validate --output=json", "-o json" };
  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_auto (Outcome) outcome = run (lines[i]);
      g_autoptr (JsonParser) parser = json_parser_new ();
      g_assert_cmpint (outcome.status, ==, 2);
      g_assert_cmpstr (outcome.out, ==, "");
      g_assert_true (json_parser_load_from_data (parser, outcome.err, -1, NULL));
    }
}

/* Help, version and --help in every form; all of them exit 0 and print to stdout only. */
static void
test_help_forms (void)
{
  static const struct
  {
    const char *line;
    const char *part;
  } cases[] = {
    { "help", "db migrate" },
    { "--help", "db migrate" },
    { "-h", "db migrate" },
    { "help db", "db sample" },
    { "db --help", "db sample" },
    { "db migrate --help", "usage: apimctl db migrate --home DIR " },
    { "help db migrate", "usage: apimctl db migrate --home DIR " },
    { "help help", "usage: apimctl help [COMMAND...] [-o table|json]\n" },
    { "version", "apimctl " PACKAGE_VERSION "\n" },
    { "--version", "apimctl " PACKAGE_VERSION "\n" },
    { "version -o json", "\"version\" : \"" PACKAGE_VERSION "\"" },
    { "help -o json", "\"command\" : \"db check\"" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Outcome) outcome = run (cases[i].line);
      g_assert_cmpint (outcome.status, ==, 0);
      g_assert_nonnull (strstr (outcome.out, cases[i].part));
      g_assert_cmpstr (outcome.err, ==, "");
    }
}

static char *
read_manual (void)
{
  char *text = NULL;
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "..", "man", "apimctl.1", NULL);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  return text;
}

/* Whether the manual names the option, with its dashes escaped as roff has it. */
static gboolean
manual_has_option (const char *manual, const char *name)
{
  g_autoptr (GString) roff = g_string_new (name);
  g_string_replace (roff, "-", "\\-", 0);
  g_string_prepend (roff, "\\-\\-");
  return strstr (manual, roff->str) != NULL;
}

static void
check_options (const CtlCommand *command, const char *manual)
{
  for (const CtlOption *option = command->options; option != NULL && option->name != NULL; option++)
    {
      g_assert_nonnull (option->help);
      g_assert_cmpint (option->value == NULL, ==, option->kind == CTL_OPTION_FLAG);
      g_assert_true (manual_has_option (manual, option->name));
    }
}

static void
test_every_command (void)
{
  g_autofree char *overview = ctl_help_overview (ctl_commands);
  g_autofree char *manual = read_manual ();
  for (const CtlCommand *const *row = ctl_commands; *row != NULL; row++)
    {
      const CtlCommand *command = *row;
      g_autofree char *title = ctl_command_title (command);
      g_autofree char *usage = ctl_help_usage (command);
      g_autofree char *usage_start = g_strdup_printf ("apimctl %s", title);
      g_autofree char *heading = g_strdup_printf (".B %s\n", title);
      g_test_message ("%s", title);
      g_assert_nonnull (command->run);
      g_assert_true (g_ascii_isupper (command->summary[0]));
      g_assert_false (g_str_has_suffix (command->summary, "."));
      g_assert_true (g_str_has_prefix (usage, usage_start));
      g_assert_true (g_str_has_prefix (command->example, usage_start));
      g_assert_nonnull (strstr (overview, command->summary));
      g_assert_nonnull (strstr (manual, heading));
      check_options (command, manual);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ctl-command/dispatch", test_dispatch);
  g_test_add_func ("/ctl-command/suggestions", test_suggestions);
  g_test_add_func ("/ctl-command/hostile-words", test_hostile_words);
  g_test_add_func ("/ctl-command/usage-errors", test_usage_errors);
  g_test_add_func ("/ctl-command/missing-home", test_missing_home);
  g_test_add_func ("/ctl-command/json-errors", test_json_errors);
  g_test_add_func ("/ctl-command/help-forms", test_help_forms);
  g_test_add_func ("/ctl-command/every-command", test_every_command);
  return g_test_run ();
}
