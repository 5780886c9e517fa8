#include "config.h"

#include "admin-cli/ctl-manual.h"

#include <string.h>

#define PLACE "@COMMANDS@\n"

char *
ctl_manual_escape (const char *text)
{
  GString *roff = g_string_new (NULL);
  for (const char *c = text; *c != '\0'; c++)
    {
      gboolean line_start = c == text || c[-1] == '\n';
      if (*c == '\\')
        g_string_append (roff, "\\e");
      else if (*c == '-')
        g_string_append (roff, "\\-");
      else if (line_start && (*c == '.' || *c == '\''))
        g_string_append_printf (roff, "\\&%c", *c);
      else
        g_string_append_c (roff, *c);
    }
  return g_string_free (roff, FALSE);
}

static void
append_escaped (GString *page, const char *format, const char *text)
{
  g_autofree char *roff = ctl_manual_escape (text);
  g_auto (GStrv) halves = g_strsplit (format, "%s", 2);
  g_string_append_printf (page, "%s%s%s", halves[0], roff, halves[1]);
}

static void
append_option (GString *page, const CtlOption *option)
{
  g_string_append (page, ".TP\n.B ");
  if (option->letter != 0)
    g_string_append_printf (page, "\\-%c, ", option->letter);
  append_escaped (page, "\\-\\-%s", option->name);
  if (option->value != NULL)
    append_escaped (page, " %s", option->value);
  append_escaped (page, "\n%s\n", option->help);
}

/* The command's own options, and those of its kind where @page has no section for them. */
static void
append_options (GString *page, const CtlCommand *command)
{
  g_autofree const CtlOption **tables = ctl_command_tables (command);
  if (tables[0] == ctl_options_common)
    return;
  g_string_append (page, ".RS\n");
  for (const CtlOption **table = tables; *table != NULL && *table != ctl_options_common; table++)
    for (const CtlOption *option = *table; option->name != NULL; option++)
      append_option (page, option);
  g_string_append (page, ".RE\n");
}

static void
append_command (GString *page, const CtlCommand *command)
{
  g_autofree char *title = ctl_command_title (command);
  append_escaped (page, ".SS \"apimctl %s", title);
  append_escaped (page, command->arguments != NULL ? " %s\"\n" : "%s\"\n",
                  command->arguments != NULL ? command->arguments : "");
  append_escaped (page, "%s.\n", command->summary);
  if (command->synonym != NULL)
    append_escaped (page, "Short: apimctl %s.\n", command->synonym);
  if (command->details != NULL)
    append_escaped (page, ".PP\n%s\n", command->details);
  append_options (page, command);
  append_escaped (page, ".PP\n.nf\n%s\n.fi\n", command->example);
}

static void
append_commands (GString *page, const CtlCommand *const *commands, const char *group)
{
  for (; *commands != NULL; commands++)
    if (g_strcmp0 ((*commands)->group, group) == 0 && ((*commands)->flags & CTL_COMMAND_HIDDEN) == 0)
      append_command (page, *commands);
}

char *
ctl_manual_group (const CtlCommand *const *commands, const char *group)
{
  const CtlGroup *row = ctl_groups;
  while (row->name != NULL && strcmp (row->name, group) != 0)
    row++;
  if (row->name == NULL)
    return NULL;
  g_autofree char *upper = g_ascii_strup (group, -1);
  GString *page = g_string_new ("'\\\" t\n");
  g_string_append_printf (page,
                          ".TH APIMCTL\\-%s 1 \"\" \"apim\" \"User Commands\"\n.SH NAME\napimctl\\-%s \\- %c%s\n"
                          ".SH SYNOPSIS\n.B apimctl %s\n.I COMMAND\n.RI [ ARGUMENT ...]\n.RI [ OPTION ...]\n"
                          ".SH COMMANDS\n",
                          upper, group, g_ascii_tolower (row->summary[0]), row->summary + 1, group);
  append_commands (page, commands, group);
  g_string_append (page, ".SH SEE ALSO\n.BR apimctl (1),\nwhich explains the options of every command, output, errors "
                         "and exit statuses.\n");
  return g_string_free (page, FALSE);
}

char *
ctl_manual_overview (const CtlCommand *const *commands, const char *template)
{
  const char *place = strstr (template, PLACE);
  GString *page = g_string_new_len (template, place != NULL ? place - template : -1);
  append_commands (page, commands, NULL);
  g_string_append (page, ".SS Groups of commands\n");
  for (const CtlGroup *group = ctl_groups; group->name != NULL; group++)
    {
      g_string_append_printf (page, ".TP\n.BR apimctl\\-%s (1)\n", group->name);
      append_escaped (page, "%s\n", group->summary);
    }
  g_string_append (page, place != NULL ? place + strlen (PLACE) : "");
  return g_string_free (page, FALSE);
}
