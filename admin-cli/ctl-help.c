#include "config.h"

#include "admin-cli/ctl-help.h"

#include <string.h>

#define USAGE_COLUMNS 100

/* Adds @part to the usage, on a new line where it would be too long. */
static void
append_part (GString *usage, gsize *line_start, const char *part)
{
  if (usage->len - *line_start + 1 + strlen (part) > USAGE_COLUMNS)
    {
      g_string_append_c (usage, '\n');
      *line_start = usage->len;
      g_string_append (usage, "       ");
    }
  g_string_append_c (usage, ' ');
  g_string_append (usage, part);
}

/* "[--name VALUE]..." of one option. Free with g_free(). */
static char *
option_usage (const CtlOption *option)
{
  g_autofree char *bare = option->value != NULL ? g_strdup_printf ("--%s %s", option->name, option->value)
                                                : g_strdup_printf ("--%s", option->name);
  return g_strdup_printf ("%s%s%s%s", option->required ? "" : "[", bare, option->required ? "" : "]",
                          option->kind == CTL_OPTION_LIST ? "..." : "");
}

char *
ctl_help_usage (const CtlCommand *command)
{
  g_autofree char *title = ctl_command_title (command);
  g_autofree const CtlOption **tables = ctl_command_tables (command);
  GString *usage = g_string_new ("apimctl ");
  gsize line_start = 0;
  g_string_append (usage, title);
  if (command->arguments != NULL)
    append_part (usage, &line_start, command->arguments);
  for (const CtlOption **table = tables; *table != NULL && *table != ctl_options_common; table++)
    for (const CtlOption *option = *table; option->name != NULL; option++)
      {
        g_autofree char *part = option_usage (option);
        append_part (usage, &line_start, part);
      }
  append_part (usage, &line_start, "[-o FORM]");
  g_string_append_c (usage, '\n');
  if (command->synonym != NULL)
    g_string_append_printf (usage, "       apimctl %s ...\n", command->synonym);
  return g_string_free (usage, FALSE);
}

static void
append_options (GString *page, const CtlCommand *command)
{
  g_autofree const CtlOption **tables = ctl_command_tables (command);
  g_autoptr (CtlTable) table = ctl_table_new ("", "", NULL);
  for (const CtlOption **rows = tables; *rows != NULL; rows++)
    for (const CtlOption *option = *rows; option->name != NULL; option++)
      {
        g_autofree char *letter = option->letter != 0 ? g_strdup_printf ("-%c, ", option->letter) : g_strdup ("");
        g_autofree char *name = g_strdup_printf ("  %s--%s%s%s", letter, option->name, option->value != NULL ? " " : "",
                                                 option->value != NULL ? option->value : "");
        ctl_table_add (table, name, option->help);
      }
  g_autofree char *options = ctl_table_render (table, TRUE, FALSE);
  g_string_append_printf (page, "\noptions:\n%s", options);
}

char *
ctl_help_command (const CtlCommand *command)
{
  g_autofree char *usage = ctl_help_usage (command);
  GString *page = g_string_new (NULL);
  g_string_append_printf (page, "usage: %s\n%s.\n", usage, command->summary);
  if (command->details != NULL)
    g_string_append_printf (page, "\n%s\n", command->details);
  append_options (page, command);
  g_string_append (page, "\nexample:\n");
  g_auto (GStrv) lines = g_strsplit (command->example, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    g_string_append_printf (page, "  %s\n", lines[i]);
  return g_string_free (page, FALSE);
}

/* The commands of @group; NULL: verbs of their own, synonyms among them. */
static char *
command_list (const CtlCommand *const *commands, const char *group)
{
  g_autoptr (CtlTable) table = ctl_table_new ("", "", NULL);
  for (; *commands != NULL; commands++)
    {
      const CtlCommand *command = *commands;
      gboolean shown = group != NULL ? g_strcmp0 (command->group, group) == 0
                                     : command->group == NULL || command->synonym != NULL;
      if (!shown || (command->flags & CTL_COMMAND_HIDDEN) != 0)
        continue;
      g_autofree char *title = group == NULL && command->synonym != NULL ? g_strdup (command->synonym)
                                                                         : ctl_command_title (command);
      g_autofree char *name = g_strconcat ("  ", title, NULL);
      ctl_table_add (table, name, command->summary);
    }
  return ctl_table_render (table, TRUE, FALSE);
}

static char *
group_list (void)
{
  g_autoptr (CtlTable) table = ctl_table_new ("", "", NULL);
  for (const CtlGroup *group = ctl_groups; group->name != NULL; group++)
    {
      g_autofree char *name = g_strconcat ("  ", group->name, NULL);
      ctl_table_add (table, name, group->summary);
    }
  return ctl_table_render (table, TRUE, FALSE);
}

char *
ctl_help_overview (const CtlCommand *const *commands)
{
  g_autofree char *verbs = command_list (commands, NULL), *groups = group_list ();
  return g_strdup_printf ("usage: apimctl COMMAND [ARGUMENT...] [OPTION...]\n\n"
                          "Publishes APIs, subscribes to them, and administers API Manager nodes.\n\n"
                          "from an OpenAPI file to an access token:\n"
                          "  apimctl login https://SERVER:9443\n"
                          "  apimctl api create --definition weather.yaml\n"
                          "  apimctl publish Weather/1.0.0\n"
                          "  apimctl app create Phone\n"
                          "  apimctl subscribe Phone Weather/1.0.0\n"
                          "  apimctl key generate Phone\n"
                          "  apimctl token Phone\n\n"
                          "commands:\n%s\ngroups of commands (apimctl GROUP COMMAND):\n%s\n"
                          "\"apimctl help GROUP\" and \"apimctl help COMMAND\" tell more. Results go to stdout: tables on a\n"
                          "terminal, tab-separated in a pipe, one document with -o json or -o yaml.\n"
                          "Exit status: 0 done, 1 failed, 2 usage or invalid input, 3 not found, 4 login needed,\n"
                          "5 forbidden, 6 conflict, 7 partial, 8 waiting for approval or refused, 9 differences,\n"
                          "10 unreachable, 130 interrupted.\n",
                          verbs, groups);
}

char *
ctl_help_group (const CtlCommand *const *commands, const char *group)
{
  g_autofree char *list = command_list (commands, group);
  const CtlGroup *row = ctl_groups;
  while (row->name != NULL && strcmp (row->name, group) != 0)
    row++;
  return g_strdup_printf ("usage: apimctl %s COMMAND [ARGUMENT...] [OPTION...]\n%s%s\ncommands:\n%s\n"
                          "\"apimctl help %s COMMAND\" tells more about one.\n",
                          group, row->name != NULL ? row->summary : "", row->name != NULL ? ".\n" : "", list, group);
}
