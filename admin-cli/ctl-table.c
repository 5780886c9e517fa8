#include "config.h"

#include "admin-cli/ctl-table.h"

#include "admin-cli/ctl-error.h"
#include "admin-cli/ctl-output.h"

#define BOLD "\033[1m"
#define PLAIN "\033[0m"

struct _CtlTable
{
  GPtrArray *headers;
  GPtrArray *cells; /* row by row */
};

CtlTable *
ctl_table_new_empty (void)
{
  CtlTable *table = g_new0 (CtlTable, 1);
  table->headers = g_ptr_array_new_with_free_func (g_free);
  table->cells = g_ptr_array_new_with_free_func (g_free);
  return table;
}

void
ctl_table_add_column (CtlTable *table, const char *header)
{
  g_ptr_array_add (table->headers, g_strdup (header));
}

CtlTable *
ctl_table_new (const char *header, ...)
{
  CtlTable *table = ctl_table_new_empty ();
  va_list more;
  va_start (more, header);
  for (; header != NULL; header = va_arg (more, const char *))
    ctl_table_add_column (table, header);
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

void
ctl_table_add_row (CtlTable *table, const char *const *cells)
{
  for (guint column = 0; column < table->headers->len; column++)
    g_ptr_array_add (table->cells, ctl_text_clean (cells[column] != NULL ? cells[column] : ""));
}

/* The number of the column; the number of columns when there is none. */
static guint
find_column (const CtlTable *table, const char *name)
{
  guint column = 0;
  while (column < table->headers->len
         && g_ascii_strcasecmp (g_ptr_array_index (table->headers, column), name) != 0)
    column++;
  return column;
}

static gboolean
choose_columns (const CtlTable *table, const char *columns, GArray *chosen, GError **error)
{
  g_auto (GStrv) names = g_strsplit (columns, ",", -1);
  for (guint i = 0; names[i] != NULL; i++)
    {
      guint column = find_column (table, g_strstrip (names[i]));
      if (column == table->headers->len)
        {
          g_ptr_array_add (table->headers, NULL);
          g_autofree char *all = g_strjoinv (", ", (char **) table->headers->pdata);
          g_ptr_array_remove_index (table->headers, table->headers->len - 1);
          ctl_error_set (error, CTL_ERROR_USAGE, NULL, names[i], "there is no such column: there are %s",
                         *all != '\0' ? all : "none");
          return FALSE;
        }
      g_array_append_val (chosen, column);
    }
  return TRUE;
}

CtlTable *
ctl_table_select (const CtlTable *table, const char *columns, GError **error)
{
  g_autoptr (GArray) chosen = g_array_new (FALSE, TRUE, sizeof (guint));
  if (columns == NULL)
    g_array_set_size (chosen, 1);
  else if (!choose_columns (table, columns, chosen, error))
    return NULL;
  CtlTable *result = ctl_table_new_empty ();
  for (guint i = 0; i < chosen->len; i++)
    ctl_table_add_column (result, g_ptr_array_index (table->headers, g_array_index (chosen, guint, i)));
  for (guint row = 0; row < table->cells->len; row += table->headers->len)
    for (guint i = 0; i < chosen->len; i++)
      g_ptr_array_add (result->cells,
                       g_strdup (g_ptr_array_index (table->cells, row + g_array_index (chosen, guint, i))));
  return result;
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
render_aligned (const CtlTable *table, gboolean color)
{
  guint n_columns = table->headers->len;
  g_autofree guint *widths = g_new0 (guint, n_columns);
  for (guint i = 0; i < n_columns; i++)
    widths[i] = text_width (g_ptr_array_index (table->headers, i));
  for (guint i = 0; i < table->cells->len; i++)
    widths[i % n_columns] = MAX (widths[i % n_columns], text_width (g_ptr_array_index (table->cells, i)));

  GString *out = g_string_new (NULL);
  if (*(const char *) g_ptr_array_index (table->headers, 0) != '\0')
    {
      g_string_append (out, color ? BOLD : "");
      append_row (out, table->headers, 0, widths, n_columns);
      g_string_append (out, color ? PLAIN : "");
    }
  for (guint i = 0; i < table->cells->len; i += n_columns)
    append_row (out, table->cells, i, widths, n_columns);
  return g_string_free (out, FALSE);
}

char *
ctl_table_render (const CtlTable *table, gboolean terminal, gboolean color)
{
  if (terminal)
    return render_aligned (table, color);
  GString *out = g_string_new (NULL);
  for (guint i = 0; i < table->cells->len; i++)
    {
      g_string_append (out, g_ptr_array_index (table->cells, i));
      g_string_append_c (out, (i + 1) % table->headers->len == 0 ? '\n' : '\t');
    }
  return g_string_free (out, FALSE);
}
