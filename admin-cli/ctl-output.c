#include "config.h"

#include "admin-cli/ctl-output.h"

#include "admin-cli/ctl-error.h"

#include <errno.h>

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
  fprintf (output->err, "apimctl: warning: %s\n", text);
}

void
ctl_output_table (CtlOutput *output, const CtlTable *table)
{
  g_autofree char *text = ctl_table_render (table, output->terminal);
  fputs (text, output->out);
}

void
ctl_output_json (CtlOutput *output, JsonBuilder *builder)
{
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  g_autofree char *text = ctl_json_render (root);
  fputs (text, output->out);
}

gboolean
ctl_output_finish (CtlOutput *output, GError **error)
{
  if (fflush (output->out) == 0 && !ferror (output->out))
    return TRUE;
  int code = errno;
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
