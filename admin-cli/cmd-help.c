/* apimctl help [COMMAND...] */
#include "config.h"

#include "admin-cli/ctl-commands.h"
#include "admin-cli/ctl-help.h"

/* The page that @words ask for; NULL with @error. */
static char *
find_page (const CtlCommand *const *commands, const char *const *words, GError **error)
{
  guint n_words;
  if (words[0] == NULL)
    return ctl_help_overview (commands);
  /* "token" is a group and a verb: the group's page names both. */
  if (words[1] == NULL && ctl_command_is_group (commands, words[0]))
    return ctl_help_group (commands, words[0]);
  const CtlCommand *command = ctl_command_find (commands, words, &n_words);
  if (command != NULL)
    return ctl_help_command (command);
  ctl_command_unknown (commands, words, error);
  return NULL;
}

static void
add_command (JsonBuilder *builder, const CtlCommand *command)
{
  g_autofree char *title = ctl_command_title (command);
  json_builder_begin_object (builder);
  ctl_json_text (builder, "command", title);
  ctl_json_text (builder, "summary", command->summary);
  ctl_json_text (builder, "example", command->example);
  json_builder_end_object (builder);
}

static int
run (CtlCall *call, GError **error)
{
  const char *const *words = ctl_options_arguments (call->options);
  g_autofree char *page = find_page (call->commands, words, error);
  if (page == NULL)
    return 0;
  if (!call->output->json)
    {
      ctl_output_text (call->output, "%s", page);
      return 0;
    }
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  json_builder_begin_object (builder);
  ctl_json_text (builder, "text", page);
  json_builder_set_member_name (builder, "commands");
  json_builder_begin_array (builder);
  for (const CtlCommand *const *command = call->commands; *command != NULL; command++)
    if (((*command)->flags & CTL_COMMAND_HIDDEN) == 0)
      add_command (builder, *command);
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  ctl_output_json (call->output, builder);
  return 0;
}

const CtlCommand ctl_cmd_help = {
  .name = "help",
  .summary = "Explain the commands",
  .arguments = "[COMMAND...]",
  .completes = "command command",
  .example = "apimctl help db migrate",
  .run = run,
};
