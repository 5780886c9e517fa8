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

char *
ctl_help_usage (const CtlCommand *command)
{
  g_autofree char *title = ctl_command_title (command);
  GString *usage = g_string_new ("apimctl ");
  gsize line_start = 0;
  g_string_append (usage, title);
  if (command->arguments != NULL)
    append_part (usage, &line_start, command->arguments);
  for (const CtlOption *option = command->options; option != NULL && option->name != NULL; option++)
    {
      g_autofree char *bare = option->value != NULL ? g_strdup_printf ("--%s %s", option->name, option->value)
                                                    : g_strdup_printf ("--%s", option->name);
      g_autofree char *part = option->required ? g_strdup (bare) : g_strdup_printf ("[%s]", bare);
      g_autofree char *repeated = option->kind == CTL_OPTION_LIST ? g_strconcat (part, "...", NULL) : NULL;
      append_part (usage, &line_start, repeated != NULL ? repeated : part);
    }
  append_part (usage, &line_start, "[-o table|json]");
  g_string_append_c (usage, '\n');
  return g_string_free (usage, FALSE);
}

char *
ctl_help_command (const CtlCommand *command)
{
  g_autofree char *usage = ctl_help_usage (command);
  GString *page = g_string_new (NULL);
  g_string_append_printf (page, "usage: %s\n%s.\n", usage, command->summary);
  if (command->details != NULL)
    g_string_append_printf (page, "\n%s\n", command->details);

  g_autoptr (CtlTable) table = ctl_table_new ("", "", NULL);
  for (const CtlOption *option = command->options; option != NULL && option->name != NULL; option++)
    {
      g_autofree char *name = option->value != NULL ? g_strdup_printf ("  --%s %s", option->name, option->value)
                                                    : g_strdup_printf ("  --%s", option->name);
      ctl_table_add (table, name, option->help);
    }
  ctl_table_add (table, "  -o, --output table|json", "how results and errors are printed");
  ctl_table_add (table, "  -h, --help", "this page");
  g_autofree char *options = ctl_table_render (table, TRUE);
  g_string_append_printf (page, "\noptions:\n%s\nexample:\n", options);
  g_auto (GStrv) lines = g_strsplit (command->example, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    g_string_append_printf (page, "  %s\n", lines[i]);
  return g_string_free (page, FALSE);
}

/* @group: NULL for all commands. */
static char *
command_list (const CtlCommand *const *commands, const char *group)
{
  g_autoptr (CtlTable) table = ctl_table_new ("", "", NULL);
  for (; *commands != NULL; commands++)
    {
      if (group != NULL && g_strcmp0 ((*commands)->group, group) != 0)
        continue;
      g_autofree char *title = ctl_command_title (*commands);
      g_autofree char *name = g_strconcat ("  ", title, NULL);
      ctl_table_add (table, name, (*commands)->summary);
    }
  return ctl_table_render (table, TRUE);
}

char *
ctl_help_overview (const CtlCommand *const *commands)
{
  g_autofree char *list = command_list (commands, NULL);
  return g_strdup_printf ("usage: apimctl COMMAND [OPTION...]\n\n"
                          "Administers API Manager nodes and their databases.\n\n"
                          "commands:\n%s\n"
                          "\"apimctl help COMMAND\" tells more about one. Results go to stdout: as tables on a\n"
                          "terminal, tab-separated in a pipe, as one JSON document with -o json.\n"
                          "Exit status: 0 done, 1 failed, 2 usage, 3 not found, 4 login, 5 forbidden, 6 conflict,\n"
                          "8 refused, 10 unreachable.\n",
                          list);
}

char *
ctl_help_group (const CtlCommand *const *commands, const char *group)
{
  g_autofree char *list = command_list (commands, group);
  return g_strdup_printf ("usage: apimctl %s COMMAND [OPTION...]\n\ncommands:\n%s\n"
                          "\"apimctl help %s COMMAND\" tells more about one.\n",
                          group, list, group);
}
