#include "config.h"

#include "admin-cli/ctl-command.h"

#include "admin-cli/ctl-exec.h"
#include "admin-cli/ctl-help.h"

#include <string.h>

/* What every command takes that asks a server, and that changes something there. */
static const CtlOption remote_options[] = {
  { "env", CTL_OPTION_TEXT, FALSE, "NAME", "which environment to ask; default: APIMCTL_ENV, else the one in use", 'e' },
  { "timeout", CTL_OPTION_TEXT, FALSE, "SECONDS", "how long one request may take; default 60" },
  { NULL },
};
static const CtlOption write_options[] = {
  { "dry-run", CTL_OPTION_FLAG, FALSE, NULL, "let the server check and tell what would be done; do nothing" },
  { "yes", CTL_OPTION_FLAG, FALSE, NULL, "ask nothing", 'y' },
  { NULL },
};

/* Longest name that is compared with the commands; what is longer is no typing error. */
#define MAX_TYPED 64

char *
ctl_command_title (const CtlCommand *command)
{
  return command->group != NULL ? g_strdup_printf ("%s %s", command->group, command->name) : g_strdup (command->name);
}

const CtlOption **
ctl_command_tables (const CtlCommand *command)
{
  GPtrArray *tables = g_ptr_array_new ();
  if (command->options != NULL)
    g_ptr_array_add (tables, (gpointer) command->options);
  if ((command->flags & CTL_COMMAND_WRITES) != 0)
    g_ptr_array_add (tables, (gpointer) write_options);
  if ((command->flags & CTL_COMMAND_REMOTE) != 0)
    g_ptr_array_add (tables, (gpointer) remote_options);
  g_ptr_array_add (tables, (gpointer) ctl_options_common);
  g_ptr_array_add (tables, NULL);
  return (const CtlOption **) g_ptr_array_free (tables, FALSE);
}

const CtlCommand *
ctl_command_find (const CtlCommand *const *commands, const char *const *words, guint *n_words)
{
  const CtlCommand *synonym = NULL;
  *n_words = 0;
  if (words[0] == NULL)
    return NULL;
  for (; *commands != NULL; commands++)
    {
      const CtlCommand *command = *commands;
      const char *second = command->group != NULL ? command->name : NULL;
      if (g_strcmp0 (words[0], command->synonym) == 0)
        synonym = command;
      if (strcmp (words[0], command->group != NULL ? command->group : command->name) != 0)
        continue;
      if (second == NULL || g_strcmp0 (words[1], second) == 0)
        {
          *n_words = second == NULL ? 1 : 2;
          return command;
        }
    }
  /* After the groups: "token revoke" is a command, "token WORD" means "token get WORD". */
  *n_words = synonym != NULL ? 1 : 0;
  return synonym;
}

gboolean
ctl_command_is_group (const CtlCommand *const *commands, const char *word)
{
  for (; *commands != NULL; commands++)
    if (g_strcmp0 ((*commands)->group, word) == 0)
      return TRUE;
  return FALSE;
}

/* Insertions, deletions, changes and swaps of neighbours that turn @a into @b; both at most MAX_TYPED bytes. */
static guint
edit_distance (const char *a, const char *b)
{
  gsize rows = strlen (a), columns = strlen (b);
  guint cost[MAX_TYPED + 1][MAX_TYPED + 1];
  for (gsize i = 0; i <= rows; i++)
    cost[i][0] = i;
  for (gsize j = 0; j <= columns; j++)
    cost[0][j] = j;
  for (gsize i = 1; i <= rows; i++)
    for (gsize j = 1; j <= columns; j++)
      {
        guint change = cost[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
        guint best = MIN (change, MIN (cost[i - 1][j], cost[i][j - 1]) + 1);
        if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
          best = MIN (best, cost[i - 2][j - 2] + 1);
        cost[i][j] = best;
      }
  return cost[rows][columns];
}

/* The best candidate so far. */
typedef struct
{
  guint distance;
  char *nearest; /* NULL: none yet */
} Suggestion;

/* Suggests @suggested when @typed is nearer to @candidate than to all before. */
static void
consider (Suggestion *suggestion, const char *typed, const char *candidate, const char *suggested)
{
  if (strlen (typed) > MAX_TYPED || strlen (candidate) > MAX_TYPED)
    return;
  guint distance = edit_distance (typed, candidate);
  /* One error in three letters is a typing error; more is another word. */
  if (distance > strlen (typed) / 3 + 1 || (suggestion->nearest != NULL && distance >= suggestion->distance))
    return;
  suggestion->distance = distance;
  g_free (suggestion->nearest);
  suggestion->nearest = g_strdup (suggested);
}

/* The second word, unless it is an option. */
static const char *
second_word (const char *const *words)
{
  return words[1] != NULL && words[1][0] != '-' ? words[1] : NULL;
}

char *
ctl_command_nearest (const CtlCommand *const *commands, const char *const *words)
{
  const char *second = words[0] != NULL ? second_word (words) : NULL;
  g_autofree char *both = second != NULL ? g_strdup_printf ("%s %s", words[0], second) : g_strdup (words[0]);
  if (both == NULL)
    return NULL;
  /* Who names a group wants one of its commands: "env delete" is not "api delete". */
  gboolean in_group = second != NULL && ctl_command_is_group (commands, words[0]);
  Suggestion suggestion = { 0 };
  for (; *commands != NULL; commands++)
    {
      const CtlCommand *command = *commands;
      g_autofree char *title = ctl_command_title (command);
      if ((command->flags & CTL_COMMAND_HIDDEN) != 0 || (in_group && g_strcmp0 (command->group, words[0]) != 0))
        continue;
      consider (&suggestion, both, title, title);
      if (command->synonym != NULL)
        consider (&suggestion, words[0], command->synonym, command->synonym);
      if (command->group == NULL)
        consider (&suggestion, words[0], title, title);
      if (command->group == NULL || second != NULL)
        continue;
      consider (&suggestion, both, command->group, command->group);
      consider (&suggestion, both, command->name, title);
    }
  return suggestion.nearest;
}

void
ctl_command_unknown (const CtlCommand *const *commands, const char *const *words, GError **error)
{
  gboolean in_group = ctl_command_is_group (commands, words[0]) && second_word (words) != NULL;
  g_autofree char *typed = in_group ? g_strdup_printf ("%s %s", words[0], words[1]) : g_strdup (words[0]);
  g_autofree char *nearest = ctl_command_nearest (commands, words);
  const char *topic = nearest != NULL ? nearest : in_group ? words[0] : "";
  g_autofree char *hint = g_strdup_printf ("apimctl help%s%s", *topic != '\0' ? " " : "", topic);
  if (nearest != NULL)
    ctl_error_set (error, CTL_ERROR_USAGE, hint, typed, "there is no such command; the nearest is \"%s\"", nearest);
  else
    ctl_error_set (error, CTL_ERROR_USAGE, hint, typed, "there is no such command");
}

/* @line: everything that was typed; @arguments: what follows the command's name. */
static int
run_command (const CtlCommand *const *commands, const CtlCommand *command, const char *const *line,
             const char *const *arguments, CtlOutput *output, GError **error)
{
  /* One word of a command in a group is its synonym, in which the errors speak then. */
  g_autofree char *title = arguments - line == 1 ? g_strdup (line[0]) : ctl_command_title (command);
  g_autofree char *hint = g_strdup_printf ("apimctl help %s", title);
  g_autofree const CtlOption **tables = ctl_command_tables (command);
  g_autoptr (CtlOptions) options = ctl_options_parse (tables, arguments, title, hint, error);
  if (options == NULL || !ctl_output_configure (output, options, title, hint, error))
    return 0;
  if (ctl_options_help (options))
    {
      g_autofree char *page = ctl_help_command (command);
      ctl_output_text (output, "%s", page);
      return 0;
    }
  const char *const *extra = ctl_options_arguments (options);
  if (extra[0] != NULL && command->arguments == NULL)
    {
      ctl_error_set (error, CTL_ERROR_USAGE, hint, title, "takes no argument \"%s\"", extra[0]);
      return 0;
    }
  if (command->run == NULL)
    {
      ctl_exec_commands (line, error);
      return 0;
    }
  CtlCall call = { commands, command, title, options, output };
  int status = command->run (&call, error);
  if (*error != NULL)
    ctl_error_wrap (error, NULL, title);
  else
    ctl_output_finish (output, error);
  return status;
}

static void
print_group (const CtlCommand *const *commands, const char *group, CtlOutput *output)
{
  g_autofree char *page = ctl_help_group (commands, group);
  ctl_output_text (output, "%s", page);
}

static gboolean
is_help_option (const char *word)
{
  return g_strcmp0 (word, "--help") == 0 || g_strcmp0 (word, "-h") == 0;
}

static int
dispatch (const CtlCommand *const *commands, const char *const *arguments, CtlOutput *output, GError **error)
{
  /* What other programs take as options, this one has as commands. */
  static const char *const help[] = { "help", NULL }, *const version[] = { "version", NULL };
  if (is_help_option (arguments[0]))
    arguments = help;
  else if (g_strcmp0 (arguments[0], "--version") == 0)
    arguments = version;

  guint n_words;
  const CtlCommand *command = ctl_command_find (commands, arguments, &n_words);
  if (command != NULL)
    return run_command (commands, command, arguments, arguments + n_words, output, error);
  if (arguments[0] == NULL)
    ctl_error_set (error, CTL_ERROR_USAGE, "apimctl help", "apimctl", "no command was given");
  else if (arguments[0][0] == '-')
    ctl_error_set (error, CTL_ERROR_USAGE, "apimctl help", "apimctl", "options come after the command, not \"%s\"",
                   arguments[0]);
  else if (ctl_command_is_group (commands, arguments[0]) && is_help_option (arguments[1]))
    print_group (commands, arguments[0], output);
  else if (ctl_command_is_group (commands, arguments[0]) && (arguments[1] == NULL || arguments[1][0] == '-'))
    {
      g_autofree char *hint = g_strdup_printf ("apimctl help %s", arguments[0]);
      ctl_error_set (error, CTL_ERROR_USAGE, hint, arguments[0], "is a group: say which of its commands");
    }
  else
    ctl_command_unknown (commands, arguments, error);
  return 0;
}

int
ctl_run (const CtlCommand *const *commands, const char *const *arguments, CtlOutput *output)
{
  g_autoptr (GError) error = NULL;
  gboolean json = ctl_options_want_json (arguments);
  int status = dispatch (commands, arguments, output, &error);
  if (error == NULL)
    ctl_output_finish (output, &error);
  if (error == NULL)
    return status;
  fflush (output->out);
  ctl_error_print (output->err, error, json, output->color_err);
  return ctl_error_exit_status (ctl_error_kind (error));
}

const char *const *
ctl_call_words (const CtlCall *call, guint min, guint max, GError **error)
{
  const char *const *words = ctl_options_arguments (call->options);
  guint n = g_strv_length ((char **) words);
  if (n >= min && n <= max)
    return words;
  g_autofree char *hint = g_strdup_printf ("apimctl help %s", call->title);
  ctl_error_set (error, CTL_ERROR_USAGE, hint, call->title, "takes %s, not %u argument%s", call->command->arguments, n,
                 n == 1 ? "" : "s");
  return NULL;
}
