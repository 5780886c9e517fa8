#include "config.h"

#include "admin-cli/ctl-change.h"

#include "admin-cli/ctl-json.h"
#include "admin-cli/ctl-prompt.h"
#include "admin-cli/ctl-view.h"

static CtlReply *
rehearse (CtlCall *call, CtlRest *rest, CtlRequest *request, const char *verb, GError **error)
{
  g_autoptr (CtlReply) reply = NULL;
  if (ctl_rest_can_rehearse (rest, request->service))
    {
      request->dry_run = "true";
      reply = ctl_rest_send (rest, request, error);
      if (reply == NULL)
        return NULL;
      ctl_output_note (call->output, "dry run: would %s %s; the server agrees", verb, request->what);
    }
  else
    {
      reply = g_new0 (CtlReply, 1);
      ctl_output_note (call->output, "dry run: would %s %s; this server cannot rehearse, so nothing was sent", verb,
                       request->what);
    }
  return g_steal_pointer (&reply);
}

CtlReply *
ctl_change (CtlCall *call, CtlRest *rest, CtlRequest *request, const char *verb, const char *past, GError **error)
{
  if (ctl_options_flag (call->options, "dry-run"))
    return rehearse (call, rest, request, verb, error);
  CtlReply *reply = ctl_rest_send (rest, request, error);
  if (reply != NULL)
    ctl_output_note (call->output, "%s %s", past, request->what);
  return reply;
}

void
ctl_change_warn (CtlCall *call, JsonNode *record)
{
  JsonNode *warnings = ctl_json_find (record, "warnings");
  JsonArray *array = warnings != NULL && JSON_NODE_HOLDS_ARRAY (warnings) ? json_node_get_array (warnings) : NULL;
  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      g_autofree char *path = g_strdup_printf ("warnings.%u", i), *text = ctl_view_text (record, path);
      g_autofree char *clean = ctl_text_clean (text != NULL ? text : "");
      ctl_output_warning (call->output, "%s", clean);
    }
}

static void
append_word (GString *hint, const char *word)
{
  g_autofree char *quoted = g_shell_quote (word);
  g_string_append_printf (hint, " %s", g_regex_match_simple ("^[\\w./-]+$", word, 0, 0) ? word : quoted);
}

/* What was given of the command's own options: without one of them it may be about more. */
static void
append_options (CtlCall *call, GString *hint)
{
  for (const CtlOption *option = call->command->options; option != NULL && option->name != NULL; option++)
    {
      const char *text = option->kind == CTL_OPTION_TEXT ? ctl_options_text (call->options, option->name) : NULL;
      const char *const one[] = { text, NULL };
      const char *const *values
          = option->kind == CTL_OPTION_LIST ? ctl_options_list (call->options, option->name) : one;
      if (option->kind == CTL_OPTION_FLAG && ctl_options_flag (call->options, option->name))
        g_string_append_printf (hint, " --%s", option->name);
      for (; option->kind != CTL_OPTION_FLAG && *values != NULL; values++)
        {
          g_string_append_printf (hint, " --%s", option->name);
          append_word (hint, *values);
        }
    }
}

gboolean
ctl_change_confirm (CtlCall *call, GError **error, const char *question_format, ...)
{
  va_list arguments;
  va_start (arguments, question_format);
  g_autofree char *question = g_strdup_vprintf (question_format, arguments);
  va_end (arguments);
  g_autofree char *clean = ctl_text_clean (question);
  g_autoptr (GString) hint = g_string_new ("apimctl ");
  g_string_append (hint, call->title);
  for (const char *const *word = ctl_options_arguments (call->options); *word != NULL; word++)
    append_word (hint, *word);
  append_options (call, hint);
  g_string_append (hint, " --yes");
  return ctl_prompt_confirm (call, clean, hint->str, error);
}

int
ctl_change_status (CtlCall *call, const char *what, gboolean waiting)
{
  if (!waiting)
    return 0;
  ctl_output_note (call->output, "%s waits for approval (apimctl workflow list)", what);
  return CTL_EXIT_WAITING;
}
