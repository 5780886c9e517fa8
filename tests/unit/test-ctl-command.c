/* Dispatch, suggestions, help, and that no command lacks what a command must have. */
#include "config.h"

#include "admin-cli/ctl-commands.h"
#include "admin-cli/ctl-help.h"
#include "admin-cli/ctl-manual.h"

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
    { "db statsu", NULL },         { "node statsu", "node status" }, { "quite-another-word", NULL },
    { "xyzzy plugh", NULL },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Outcome) outcome = run (cases[i].line);
      g_autofree char *hint = cases[i].nearest != NULL ? g_strdup_printf ("hint: apimctl help %s\n", cases[i].nearest)
                        : g_str_has_prefix (cases[i].line, "db ") ? g_strdup ("hint: apimctl help db\n")
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
      "apimctl: error: db nothing-like-it: there is no such command [usage]\nhint: apimctl help db\n" },
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
    { "help", "Databases of nodes" },
    { "--help", "Databases of nodes" },
    { "-h", "Databases of nodes" },
    { "help token", "token revoke" },
    { "help subscribe", "usage: apimctl sub create APPLICATION NAME/VERSION " },
    { "help db", "db sample" },
    { "db --help", "db sample" },
    { "db migrate --help", "usage: apimctl db migrate --home DIR " },
    { "help db migrate", "usage: apimctl db migrate --home DIR " },
    { "help help", "usage: apimctl help [COMMAND...] [-o FORM]\n" },
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

static void
check_options (const CtlCommand *command, const char *manual)
{
  for (const CtlOption *option = command->options; option != NULL && option->name != NULL; option++)
    {
      g_autofree char *roff = ctl_manual_escape (option->name);
      g_autofree char *heading = g_strdup_printf ("\\-\\-%s", roff);
      g_assert_nonnull (option->help);
      g_assert_cmpint (option->value == NULL, ==, option->kind == CTL_OPTION_FLAG);
      g_assert_nonnull (strstr (manual, heading));
    }
}

/* Help, example and manual of one command. */
static void
check_command (const CtlCommand *command)
{
  g_autofree char *list = command->group != NULL ? ctl_help_group (ctl_commands, command->group)
                                                 : ctl_help_overview (ctl_commands);
  g_autofree char *manual = command->group != NULL ? ctl_manual_group (ctl_commands, command->group)
                                                   : ctl_manual_overview (ctl_commands, "@COMMANDS@\n");
  g_autofree char *title = ctl_command_title (command), *roff = ctl_manual_escape (title);
  g_autofree char *usage = ctl_help_usage (command);
  g_autofree char *usage_start = g_strdup_printf ("apimctl %s", title);
  g_autofree char *short_start = g_strdup_printf ("apimctl %s ", command->synonym != NULL ? command->synonym : title);
  g_autofree char *heading = g_strdup_printf (".SS \"apimctl %s", roff);
  g_test_message ("%s", title);
  g_assert_nonnull (command->run);
  g_assert_true (g_ascii_isupper (command->summary[0]));
  g_assert_false (g_str_has_suffix (command->summary, "."));
  g_assert_true (g_str_has_prefix (usage, usage_start));
  g_assert_true (g_str_has_prefix (command->example, usage_start) || g_str_has_prefix (command->example, short_start));
  g_assert_nonnull (manual);
  if ((command->flags & CTL_COMMAND_HIDDEN) != 0)
    return;
  g_assert_nonnull (strstr (list, command->summary));
  g_assert_nonnull (strstr (manual, heading));
  check_options (command, manual);
}

/* Whether "apimctl __complete -- WORDS" offers @word. */
static gboolean
is_offered (const char *before, const char *word)
{
  g_autofree char *line = g_strdup_printf ("__complete -- %s%s", before, word);
  g_auto (Outcome) outcome = run (line);
  g_auto (GStrv) lines = g_strsplit (outcome.out, "\n", -1);
  return g_strv_contains ((const char *const *) lines, word);
}

static void
check_completion (const CtlCommand *command)
{
  g_autofree char *before = command->group != NULL ? g_strconcat (command->group, " ", NULL) : g_strdup ("");
  g_assert_true (is_offered (before, command->name));
  g_assert_true (command->synonym == NULL || is_offered ("", command->synonym));
}

static void
test_every_command (void)
{
  for (const CtlCommand *const *row = ctl_commands; *row != NULL; row++)
    {
      check_command (*row);
      if (((*row)->flags & CTL_COMMAND_HIDDEN) == 0)
        check_completion (*row);
      else
        g_assert_false (is_offered ("", (*row)->name));
    }
}

/* Every group has commands, and a manual page that make builds and installs. */
static void
test_every_group (void)
{
  for (const CtlGroup *group = ctl_groups; group->name != NULL; group++)
    {
      g_autofree char *file = g_strdup_printf ("apimctl-%s.1", group->name);
      g_autofree char *path = g_test_build_filename (G_TEST_BUILT, "..", "man", file, NULL);
      g_test_message ("%s", file);
      g_assert_true (ctl_command_is_group (ctl_commands, group->name));
      g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
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
  g_test_add_func ("/ctl-command/every-group", test_every_group);
  return g_test_run ();
}
