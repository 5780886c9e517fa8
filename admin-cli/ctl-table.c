#include "config.h"

#include "admin-cli/ctl-table.h"

#include "admin-cli/ctl-output.h"

struct _CtlTable
{
  GPtrArray *headers;
  GPtrArray *cells; /* row by row */
};

CtlTable *
ctl_table_new (const char *header, ...)
{
  CtlTable *table = g_new0 (CtlTable, 1);
  table->headers = g_ptr_array_new_with_free_func (g_free);
  table->cells = g_ptr_array_new_with_free_func (g_free);
  va_list more;
  va_start (more, header);
  for (; header != NULL; header = va_arg (more, const char *))
    g_ptr_array_add (table->headers, g_strdup (header));
  va_end (more);
  return table;
}

void
ctl_table_free (CtlTable *table)
{
  g_ptr_array_unref (table->headers);
  g_ptr_array_unref (table->cells);
  g_free (table);
}

void
ctl_table_add (CtlTable *table, const char *first, ...)
{
  va_list more;
  va_start (more, first);
  const char *text = first;
  for (guint column = 0; column < table->headers->len; column++)
    {
      g_ptr_array_add (table->cells, ctl_text_clean (text != NULL ? text : ""));
      if (column + 1 < table->headers->len)
        text = va_arg (more, const char *);
    }
  va_end (more);
}

/* Columns that @text takes on a terminal. */
static guint
text_width (const char *text)
{
  guint width = 0;
  for (; *text != '\0'; text = g_utf8_next_char (text))
    {
      gunichar character = g_utf8_get_char (text);
      if (!g_unichar_iszerowidth (character))
        width += g_unichar_iswide (character) ? 2 : 1;
    }
  return width;
}

static void
append_row (GString *out, const GPtrArray *cells, guint first, const guint *widths, guint n_columns)
{
  for (guint column = 0; column < n_columns; column++)
    {
      const char *text = g_ptr_array_index (cells, first + column);
      g_string_append (out, text);
      if (column + 1 == n_columns)
        break;
      for (guint width = text_width (text); width < widths[column] + 2; width++)
        g_string_append_c (out, ' ');
    }
  while (out->len > 0 && out->str[out->len - 1] == ' ')
    g_string_truncate (out, out->len - 1);
  g_string_append_c (out, '\n');
}

static char *
render_aligned (const CtlTable *table)
{
  guint n_columns = table->headers->len;
  g_autofree guint *widths = g_new0 (guint, n_columns);
  for (guint i = 0; i < n_columns; i++)
    widths[i] = text_width (g_ptr_array_index (table->headers, i));
  for (guint i = 0; i < table->cells->len; i++)
    widths[i % n_columns] = MAX (widths[i % n_columns], text_width (g_ptr_array_index (table->cells, i)));

  GString *out = g_string_new (NULL);
  if (*(const char *) g_ptr_array_index (table->headers, 0) != '\0')
    append_row (out, table->headers, 0, widths, n_columns);
  for (guint i = 0; i < table->cells->len; i += n_columns)
    append_row (out, table->cells, i, widths, n_columns);
  return g_string_free (out, FALSE);
}

char *
ctl_table_render (const CtlTable *table, gboolean terminal)
{
  if (terminal)
    return render_aligned (table);
  GString *out = g_string_new (NULL);
  for (guint i = 0; i < table->cells->len; i++)
    {
      g_string_append (out, g_ptr_array_index (table->cells, i));
      g_string_append_c (out, (i + 1) % table->headers->len == 0 ? '\n' : '\t');
    }
  return g_string_free (out, FALSE);
}
