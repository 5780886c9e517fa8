/* Prints at build time the table of commands that the small apimctl is made with (ctl-exec.h): all rows, without the code
 * behind them, but for the commands that it runs itself. */
#include "config.h"

#include "admin-cli/ctl-commands.h"

#define ROW(command) { &command, #command }

/* What needs no library beyond those that the small program has: answers at once, however many the others load. */
static const struct
{
  const CtlCommand *command;
  const char *symbol;
} own[] = {
  ROW (ctl_cmd_config),
  ROW (ctl_cmd_env_add),
  ROW (ctl_cmd_env_list),
  ROW (ctl_cmd_env_remove),
  ROW (ctl_cmd_env_use),
  ROW (ctl_cmd_help),
  ROW (ctl_cmd_version),
};

static const char *
own_symbol (const CtlCommand *command)
{
  for (guint i = 0; i < G_N_ELEMENTS (own); i++)
    if (own[i].command == command)
      return own[i].symbol;
  return NULL;
}

static void
print_text (const char *member, const char *text)
{
  g_autofree char *escaped = text != NULL ? g_strescape (text, NULL) : NULL;
  if (text != NULL)
    g_print ("  .%s = \"%s\",\n", member, escaped);
}

static void
print_options (const CtlOption *options, guint number)
{
  if (options == NULL)
    return;
  g_print ("static const CtlOption options_%u[] = {\n", number);
  for (const CtlOption *option = options; option->name != NULL; option++)
    {
      g_print ("  {\n");
      print_text ("name", option->name);
      g_print ("  .kind = %u,\n  .required = %d,\n  .letter = %d,\n", option->kind, option->required, option->letter);
      print_text ("value", option->value);
      print_text ("help", option->help);
      g_print ("  },\n");
    }
  g_print ("  { NULL },\n};\n");
}

static void
print_command (const CtlCommand *command, guint number)
{
  print_options (command->options, number);
  g_print ("static const CtlCommand command_%u = {\n", number);
  print_text ("group", command->group);
  print_text ("name", command->name);
  print_text ("synonym", command->synonym);
  print_text ("summary", command->summary);
  print_text ("arguments", command->arguments);
  print_text ("details", command->details);
  print_text ("example", command->example);
  print_text ("completes", command->completes);
  g_print ("  .flags = %u,\n", command->flags);
  if (command->options != NULL)
    g_print ("  .options = options_%u,\n", number);
  g_print ("};\n");
}

int
main (void)
{
  g_print ("/* Made by admin-cli/make-table from ctl-commands.c. */\n#include \"config.h\"\n\n"
           "#include \"admin-cli/ctl-commands.h\"\n\nconst CtlGroup ctl_groups[] = {\n");
  for (const CtlGroup *group = ctl_groups; group->name != NULL; group++)
    {
      g_print ("  {\n");
      print_text ("name", group->name);
      print_text ("summary", group->summary);
      g_print ("  },\n");
    }
  g_print ("  { NULL },\n};\n");
  for (guint i = 0; ctl_commands[i] != NULL; i++)
    if (own_symbol (ctl_commands[i]) == NULL)
      print_command (ctl_commands[i], i);
  g_print ("const CtlCommand *const ctl_commands[] = {\n");
  for (guint i = 0; ctl_commands[i] != NULL; i++)
    if (own_symbol (ctl_commands[i]) != NULL)
      g_print ("  &%s,\n", own_symbol (ctl_commands[i]));
    else
      g_print ("  &command_%u,\n", i);
  g_print ("  NULL,\n};\n");
  return 0;
}
