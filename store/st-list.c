#include "config.h"
#include "store/st-list.h"

#include "store/st-columns.h"

#include <string.h>

/* @columns of both dialects before the same rest. */
static const StStatement *
make_statement (const char *sqlite, const char *mysql, const char *rest)
{
  g_autofree char *sqlite_text = g_strconcat ("SELECT ", sqlite, " FROM ", rest, NULL);
  g_autofree char *mysql_text = g_strconcat ("SELECT ", mysql != NULL ? mysql : sqlite, " FROM ", rest, NULL);

  return st_statement_intern (sqlite_text, mysql_text);
}

static gboolean
count_rows (StWriter *writer, const StList *list, gint64 *total, GError **error, const char *types,
            va_list values)
{
  g_autoptr (StQuery) query = st_writer_query (writer, make_statement ("COUNT(*)", NULL, list->from), error);
  guint at = 0;

  if (query == NULL)
    return FALSE;
  st_query_bind_valist (query, &at, types, values);
  if (st_query_step (query, error) != ST_ROW)
    return FALSE;
  *total = st_query_int64 (query, 0);
  return TRUE;
}

static gboolean
read_rows (StWriter *writer, const StList *list, const StPage *page, StListRow row, gpointer data,
           GPtrArray *rows, GError **error, const char *types, va_list values)
{
  g_autofree char *rest
      = g_strconcat (list->from, " ORDER BY ", list->order, page != NULL ? " LIMIT ? OFFSET ?" : NULL, NULL);
  g_autoptr (StQuery) query
      = st_writer_query (writer, make_statement (list->sqlite, list->mysql, rest), error);
  guint at = 0;
  StStep step;

  if (query == NULL)
    return FALSE;
  st_query_bind_valist (query, &at, types, values);
  if (page != NULL)
    st_query_bind (query, &at, "ii", (gint64)page->limit, (gint64)page->offset);
  while ((step = st_query_step (query, error)) == ST_ROW)
    g_ptr_array_add (rows, row (query, data));
  return step == ST_END;
}

gboolean
st_list_read (StWriter *writer, const StList *list, const StPage *page, StListRow row, gpointer data,
              GPtrArray *rows, gint64 *total, GError **error, const char *types, ...)
{
  gboolean done = TRUE;
  va_list values;

  if (total != NULL && page != NULL)
    {
      va_start (values, types);
      done = count_rows (writer, list, total, error, types, values);
      va_end (values);
    }
  if (done && (page == NULL || page->limit > 0))
    {
      va_start (values, types);
      done = read_rows (writer, list, page, row, data, rows, error, types, values);
      va_end (values);
    }
  if (done && total != NULL && page == NULL)
    *total = rows->len;
  return done;
}

char *
st_list_pattern (const char *text)
{
  GString *pattern = g_string_new ("%");

  for (; *text != '\0'; text++)
    {
      if (strchr ("%_!", *text) != NULL)
        g_string_append_c (pattern, '!');
      g_string_append_c (pattern, *text);
    }
  g_string_append_c (pattern, '%');
  return g_string_free (pattern, FALSE);
}
