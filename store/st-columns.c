#include "config.h"
#include "store/st-columns.h"

#include <string.h>

typedef struct
{
  char *name;
  char *charset; /* NULL: bytes */
  gint64 width;  /* characters, or bytes */
} Column;

struct _StColumns
{
  char *table;
  GArray *columns; /* of Column; empty on SQLite */
};

static void
column_clear (gpointer data)
{
  Column *column = data;

  g_free (column->name);
  g_free (column->charset);
}

void
st_columns_free (StColumns *columns)
{
  g_free (columns->table);
  g_array_unref (columns->columns);
  g_free (columns);
}

StColumns *
st_columns_read (StWriter *writer, const char *table, GError **error)
{
  static const StStatement columns_of_table = {
    "SELECT NULL, NULL, NULL WHERE 0 = ?",
    "SELECT COLUMN_NAME, CHARACTER_MAXIMUM_LENGTH, CHARACTER_SET_NAME FROM INFORMATION_SCHEMA.COLUMNS"
    " WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ? AND CHARACTER_MAXIMUM_LENGTH IS NOT NULL",
  };
  g_autoptr (StQuery) query = st_writer_query (writer, &columns_of_table, error);
  g_autoptr (StColumns) columns = NULL;
  StStep step;

  if (query == NULL)
    return NULL;
  columns = g_new0 (StColumns, 1);
  columns->table = g_strdup (table);
  columns->columns = g_array_new (FALSE, FALSE, sizeof (Column));
  g_array_set_clear_func (columns->columns, column_clear);
  st_query_bind_text (query, 0, table);
  while ((step = st_query_step (query, error)) == ST_ROW)
    {
      Column column
          = { g_strdup (st_query_text (query, 0)), g_strdup (st_query_text (query, 2)), st_query_int64 (query, 1) };

      g_array_append_val (columns->columns, column);
    }
  return step == ST_END ? g_steal_pointer (&columns) : NULL;
}

static const Column *
find_column (const StColumns *columns, const char *name)
{
  for (guint i = 0; i < columns->columns->len; i++)
    {
      const Column *column = &g_array_index (columns->columns, Column, i);

      if (g_ascii_strcasecmp (column->name, name) == 0)
        return column;
    }
  return NULL;
}

static gboolean
is_basic_plane (const char *text)
{
  for (; *text != '\0'; text = g_utf8_next_char (text))
    if (g_utf8_get_char (text) > 0xffff)
      return FALSE;
  return TRUE;
}

/* @charset: as MySQL names it. Others than these hold all of Unicode, or are converted with an error in strict mode
 * only: then the text is tried with the converter of that name. */
static gboolean
charset_holds (const char *charset, const char *text)
{
  g_autofree char *converted = NULL;
  const char *name = charset;

  if (g_str_is_ascii (text) || g_str_has_prefix (charset, "utf8mb4") || g_str_has_prefix (charset, "utf16")
      || strcmp (charset, "utf32") == 0)
    return TRUE;
  if (g_str_has_prefix (charset, "utf8") || strcmp (charset, "ucs2") == 0)
    return is_basic_plane (text);
  if (strcmp (charset, "latin1") == 0)
    name = "WINDOWS-1252"; /* what MySQL means by it */
  converted = g_convert (text, -1, name, "UTF-8", NULL, NULL, NULL);
  return converted != NULL;
}

static gboolean
check_text (const StColumns *columns, const StText *text, GError **error)
{
  const Column *column = find_column (columns, text->column);
  gboolean bytes = column != NULL && column->charset == NULL;
  gint64 limit = column != NULL ? column->width : (gint64) text->limit;
  gint64 length;

  if (text->text == NULL || *text->text == '\0')
    {
      if (text->need == ST_TEXT_OPTIONAL)
        return TRUE;
      g_set_error (error, ST_ERROR, ST_ERROR_DATA, "%s.%s must have a value", columns->table, text->column);
      return FALSE;
    }
  if (!g_utf8_validate (text->text, -1, NULL))
    {
      g_set_error (error, ST_ERROR, ST_ERROR_DATA, "the value for %s.%s is not UTF-8", columns->table, text->column);
      return FALSE;
    }
  length = bytes ? (gint64) strlen (text->text) : g_utf8_strlen (text->text, -1);
  if (length > limit)
    g_set_error (error, ST_ERROR, ST_ERROR_DATA,
                 "the value for %s.%s has %" G_GINT64_FORMAT " %s, and the column holds %" G_GINT64_FORMAT,
                 columns->table, text->column, length, bytes ? "bytes" : "characters", limit);
  else if (!bytes && column != NULL && !charset_holds (column->charset, text->text))
    g_set_error (error, ST_ERROR, ST_ERROR_DATA,
                 "the value for %s.%s has a character that the column's character set, %s, lacks", columns->table,
                 text->column, column->charset);
  else
    return TRUE;
  return FALSE;
}

gboolean
st_columns_check (const StColumns *columns, const StText *texts, guint n_texts, GError **error)
{
  for (guint i = 0; i < n_texts; i++)
    if (!check_text (columns, &texts[i], error))
      return FALSE;
  return TRUE;
}

gboolean
st_columns_check_row (StWriter *writer, const char *table, const StText *texts, guint n_texts, GError **error)
{
  g_autoptr (StColumns) columns = st_columns_read (writer, table, error);

  return columns != NULL && st_columns_check (columns, texts, n_texts, error);
}

void
st_query_bind_valist (StQuery *query, guint *at, const char *types, va_list values)
{
  for (; *types != '\0'; types++)
    if (*types == 's')
      st_query_bind_text (query, (*at)++, va_arg (values, const char *));
    else
      st_query_bind_int64 (query, (*at)++, va_arg (values, gint64));
}

void
st_query_bind (StQuery *query, guint *at, const char *types, ...)
{
  va_list values;

  if (query == NULL)
    return;
  va_start (values, types);
  st_query_bind_valist (query, at, types, values);
  va_end (values);
}

gboolean
st_writer_execute (StWriter *writer, const StStatement *statement, GError **error, const char *types, ...)
{
  StQuery *query = st_writer_query (writer, statement, error);
  guint at = 0;
  va_list values;

  if (query == NULL)
    return FALSE;
  va_start (values, types);
  st_query_bind_valist (query, &at, types, values);
  va_end (values);
  return st_writer_run (query, error);
}

gboolean
st_writer_fail_missing (const char *what, gint64 id, GError **error)
{
  g_set_error (error, ST_ERROR, ST_ERROR_CONFLICT, "there is no %s %" G_GINT64_FORMAT, what, id);
  return FALSE;
}
