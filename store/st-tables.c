#include "config.h"
#include "store/st-tables.h"

#include "store/st-capabilities.h"

#include <string.h>

struct _StTables
{
  GHashTable *names; /* "TABLE", "TABLE.COLUMN" -> the table's name as it is written */
};

StTables *
st_tables_new (void)
{
  StTables *columns = g_new0 (StTables, 1);

  columns->names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return columns;
}

void
st_tables_free (StTables *columns)
{
  if (columns == NULL)
    return;
  g_hash_table_unref (columns->names);
  g_free (columns);
}

void
st_tables_add (StTables *columns, const char *table, const char *column)
{
  g_autofree char *both = g_strconcat (table, ".", column, NULL);

  if (!g_hash_table_contains (columns->names, table))
    g_hash_table_insert (columns->names, g_ascii_strup (table, -1), g_strdup (table));
  g_hash_table_insert (columns->names, g_ascii_strup (both, -1), g_strdup (table));
}

static void
add_column (const char *table, const char *column, const char *type, gpointer data)
{
  st_tables_add (data, table, column);
}

StTables *
st_tables_read (StDatabase *database, gint64 deadline_us, GError **error)
{
  g_autoptr (StTables) columns = st_tables_new ();

  return st_capabilities_each_column (database, deadline_us, add_column, columns, error) ? g_steal_pointer (&columns)
                                                                                         : NULL;
}

gboolean
st_tables_have (const StTables *columns, const char *table, const char *column)
{
  g_autofree char *both = column == NULL ? NULL : g_strconcat (table, ".", column, NULL);

  return g_hash_table_contains (columns->names, both != NULL ? both : table);
}

const char *
st_tables_name (const StTables *tables, const char *table)
{
  return g_hash_table_lookup (tables->names, table);
}

GPtrArray *
st_tables_names (const StTables *tables)
{
  GPtrArray *names = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer upper, name;

  g_hash_table_iter_init (&iter, tables->names);
  while (g_hash_table_iter_next (&iter, &upper, &name))
    if (strchr (upper, '.') == NULL)
      g_ptr_array_add (names, name);
  return names;
}
