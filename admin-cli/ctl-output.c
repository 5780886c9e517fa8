#include "config.h"

#include "admin-cli/ctl-output.h"

#include "admin-cli/ctl-error.h"
#include "admin-cli/ctl-json.h"
#include "admin-cli/ctl-yaml.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>

gboolean
ctl_output_configure (CtlOutput *output, const CtlOptions *options, const char *what, const char *hint, GError **error)
{
  const char *form = ctl_options_text (options, "output");
  output->quiet = ctl_options_flag (options, "quiet");
  output->verbose = ctl_options_flag (options, "verbose");
  output->field = ctl_options_text (options, "field");
  output->columns = ctl_options_text (options, "columns");
  output->yaml = g_strcmp0 (form, "yaml") == 0;
  output->wide = g_strcmp0 (form, "wide") == 0;
  output->name = g_strcmp0 (form, "name") == 0;
  output->json = output->yaml || output->field != NULL || g_strcmp0 (form, "json") == 0;
  if (form == NULL || output->json || output->wide || output->name || strcmp (form, "table") == 0)
    return TRUE;
  ctl_error_set (error, CTL_ERROR_USAGE, hint, what,
                 "\"%s\" is not an output format: there are table, wide, json, yaml and name", form);
  return FALSE;
}

void
ctl_output_text (CtlOutput *output, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  vfprintf (output->out, format, arguments);
  va_end (arguments);
}

void
ctl_output_warning (CtlOutput *output, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  g_autofree char *text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  if (!output->quiet)
    fprintf (output->err, "apimctl: warning: %s\n", text);
}

void
ctl_output_note (CtlOutput *output, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  g_autofree char *text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_autofree char *clean = ctl_text_clean (text);
  if (!output->quiet)
    fprintf (output->err, "%s\n", clean);
}

void
ctl_output_table (CtlOutput *output, const CtlTable *table)
{
  g_autoptr (CtlTable) chosen = NULL;
  if (output->columns != NULL || output->name)
    {
      chosen = ctl_table_select (table, output->columns, &output->failure);
      if (chosen == NULL)
        return;
      table = chosen;
    }
  g_autofree char *text = ctl_table_render (table, output->terminal && !output->name, output->color);
  fputs (text, output->out);
}

void
ctl_output_json (CtlOutput *output, JsonBuilder *builder)
{
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  ctl_output_node (output, root);
}

/* The --field of one document. */
static void
print_field (CtlOutput *output, JsonNode *root)
{
  JsonNode *found = ctl_json_find (root, output->field);
  g_autofree char *text = found != NULL ? ctl_json_display (found) : NULL;
  if (text != NULL)
    fprintf (output->out, "%s\n", text);
  else if (output->failure == NULL)
    ctl_error_set (&output->failure, CTL_ERROR_NOT_FOUND, NULL, output->field, "the result has no such field");
}

void
ctl_output_node (CtlOutput *output, JsonNode *root)
{
  if (output->field != NULL && JSON_NODE_HOLDS_ARRAY (root))
    {
      JsonArray *rows = json_node_get_array (root);
      for (guint i = 0; i < json_array_get_length (rows); i++)
        print_field (output, json_array_get_element (rows, i));
      return;
    }
  if (output->field != NULL)
    {
      print_field (output, root);
      return;
    }
  g_autofree char *text = output->yaml ? ctl_yaml_render (root) : ctl_json_render (root);
  fputs (text, output->out);
}

static gboolean
reader_is_gone (FILE *stream)
{
  struct pollfd wanted = { .fd = fileno (stream), .events = POLLOUT };
  return wanted.fd >= 0 && poll (&wanted, 1, 0) == 1 && (wanted.revents & POLLERR) != 0;
}

/* As programs end whose reader has seen enough ("| head -1"): without a word. The network library had the signal
 * ignored, so that a change is not broken off by it half-way. */
static void
end_by_pipe_signal (void)
{
  sigset_t pipe_signal;
  sigemptyset (&pipe_signal);
  sigaddset (&pipe_signal, SIGPIPE);
  signal (SIGPIPE, SIG_DFL);
  sigprocmask (SIG_UNBLOCK, &pipe_signal, NULL);
  raise (SIGPIPE);
}

gboolean
ctl_output_finish (CtlOutput *output, GError **error)
{
  if (output->failure != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&output->failure));
      return FALSE;
    }
  if (fflush (output->out) == 0 && !ferror (output->out))
    return TRUE;
  int code = errno;
  if (reader_is_gone (output->out))
    end_by_pipe_signal ();
  ctl_error_set (error, CTL_ERROR_FAILED, NULL, "could not write the result", "%s", g_strerror (code));
  return FALSE;
}

void
ctl_json_text (JsonBuilder *builder, const char *name, const char *text)
{
  json_builder_set_member_name (builder, name);
  if (text == NULL)
    {
      json_builder_add_null_value (builder);
      return;
    }
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  json_builder_add_string_value (builder, valid);
}

void
ctl_json_int (JsonBuilder *builder, const char *name, gint64 value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, value);
}

void
ctl_json_bool (JsonBuilder *builder, const char *name, gboolean value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_boolean_value (builder, value);
}

void
ctl_json_texts (JsonBuilder *builder, const char *name, const GPtrArray *texts)
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_array (builder);
  for (guint i = 0; i < texts->len; i++)
    json_builder_add_string_value (builder, texts->pdata[i]);
  json_builder_end_array (builder);
}

char *
ctl_json_render (JsonNode *root)
{
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  json_generator_set_pretty (generator, TRUE);
  json_generator_set_root (generator, root);
  g_autofree char *text = json_generator_to_data (generator, NULL);
  return g_strconcat (text, "\n", NULL);
}

char *
ctl_text_clean (const char *text)
{
  GString *clean = g_string_new (NULL);
  const char *position = text;
  while (*position != '\0')
    {
      gunichar character = g_utf8_get_char_validated (position, -1);
      gboolean broken = character == (gunichar) -1 || character == (gunichar) -2;
      if (broken || g_unichar_iscntrl (character) || g_unichar_type (character) == G_UNICODE_FORMAT)
        g_string_append_c (clean, '?');
      else
        g_string_append_unichar (clean, character);
      position = broken ? position + 1 : g_utf8_next_char (position);
    }
  return g_string_free (clean, FALSE);
}
