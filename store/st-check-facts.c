/* StCheck: tables, columns, indexes and server variables, read once per database. */
#include "config.h"
#include "store/st-check-private.h"

#include <string.h>

static const StStatement table_rows = {
  "SELECT name, '', '', -1 FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'",
  "SELECT TABLE_NAME, COALESCE(ENGINE, ''), COALESCE(TABLE_COLLATION, ''), COALESCE(TABLE_ROWS, -1)"
  " FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA = DATABASE()",
};
static const StStatement column_rows = {
  "SELECT t.name, c.name, c.type, '', '' FROM sqlite_schema t JOIN pragma_table_info(t.name) c WHERE t.type = 'table'",
  "SELECT TABLE_NAME, COLUMN_NAME, COLUMN_TYPE, COALESCE(COLLATION_NAME, ''), EXTRA FROM INFORMATION_SCHEMA.COLUMNS"
  " WHERE TABLE_SCHEMA = DATABASE()",
};
/* A primary key of one integer is no index to SQLite, but serves as one. */
static const StStatement leading_rows = {
  "SELECT t.name, i.name FROM sqlite_schema t JOIN pragma_index_list(t.name) l JOIN pragma_index_info(l.name) i"
  " WHERE t.type = 'table' AND i.seqno = 0"
  " UNION SELECT t.name, c.name FROM sqlite_schema t JOIN pragma_table_info(t.name) c"
  " WHERE t.type = 'table' AND c.pk = 1",
  "SELECT TABLE_NAME, COLUMN_NAME FROM INFORMATION_SCHEMA.STATISTICS"
  " WHERE TABLE_SCHEMA = DATABASE() AND SEQ_IN_INDEX = 1",
};
/* The session's where there are both: it is what the node's own connections have. A variable that a server does not
 * know gives no row. */
static const StStatement variable_rows = {
  NULL,
  "SHOW SESSION VARIABLES WHERE Variable_name IN ('version', 'version_comment', 'sql_mode', 'time_zone',"
  " 'system_time_zone', 'explicit_defaults_for_timestamp', 'lower_case_table_names', 'read_only', 'super_read_only',"
  " 'max_allowed_packet', 'wsrep_on', 'binlog_format', 'log_bin')",
};
static const StStatement status_rows = {
  NULL,
  "SHOW GLOBAL STATUS WHERE Variable_name IN ('wsrep_cluster_size', 'wsrep_cluster_status', 'wsrep_ready',"
  " 'wsrep_local_state_comment')",
};

static void
table_free (StCheckTable *table)
{
  g_free (table->name);
  g_free (table->engine);
  g_free (table->collation);
  g_free (table);
}

static void
column_free (StCheckColumn *column)
{
  g_free (column->table);
  g_free (column->column);
  g_free (column->collation);
  g_free (column->extra);
  g_free (column);
}

void
st_check_facts_clear (StCheckFacts *facts)
{
  g_clear_pointer (&facts->tables, g_hash_table_unref);
  g_clear_pointer (&facts->columns, g_hash_table_unref);
  g_clear_pointer (&facts->leading, g_hash_table_unref);
  g_clear_pointer (&facts->variables, g_hash_table_unref);
  facts->capabilities = 0;
}

static char *
column_key (const char *table, const char *column)
{
  g_autofree char *joined = g_strconcat (table, ".", column, NULL);

  return g_ascii_strup (joined, -1);
}

static void
take_table (StCheckFacts *facts, StQuery *query)
{
  StCheckTable *table = g_new0 (StCheckTable, 1);

  table->name = g_strdup (st_query_text (query, 0));
  table->engine = g_strdup (st_query_text (query, 1));
  table->collation = g_strdup (st_query_text (query, 2));
  table->rows = st_query_int64 (query, 3);
  g_hash_table_replace (facts->tables, g_ascii_strup (table->name, -1), table);
}

static void
take_column (StCheckFacts *facts, StQuery *query)
{
  StCheckColumn *column = g_new0 (StCheckColumn, 1);

  column->table = g_strdup (st_query_text (query, 0));
  column->column = g_strdup (st_query_text (query, 1));
  column->collation = g_strdup (st_query_text (query, 3));
  column->extra = g_strdup (st_query_text (query, 4));
  facts->capabilities |= st_capabilities_of_column (column->table, column->column, st_query_text (query, 2));
  g_hash_table_replace (facts->columns, column_key (column->table, column->column), column);
}

static void
take_leading (StCheckFacts *facts, StQuery *query)
{
  const char *column = st_query_text (query, 1);

  if (column != NULL) /* an index over an expression */
    g_hash_table_add (facts->leading, column_key (st_query_text (query, 0), column));
}

static void
take_variable (StCheckFacts *facts, StQuery *query)
{
  g_hash_table_replace (facts->variables, g_ascii_strdown (st_query_text (query, 0), -1),
                        g_strdup (st_query_is_null (query, 1) ? "" : st_query_text (query, 1)));
}

static gboolean
read_rows (StCheck *self, const StStatement *statement, void (*take) (StCheckFacts *, StQuery *), GError **error)
{
  g_autoptr (StQuery) query = st_check_query (self, statement, error);
  StStep step;

  if (query == NULL)
    return FALSE;
  while ((step = st_query_step (query, error)) == ST_ROW)
    take (&self->facts, query);
  return step == ST_END;
}

gboolean
st_check_facts_read (StCheck *self, GError **error)
{
  StCheckFacts *facts = &self->facts;

  st_check_facts_clear (facts);
  facts->tables = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)table_free);
  facts->columns = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)column_free);
  facts->leading = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  facts->variables = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  if (!read_rows (self, &table_rows, take_table, error) || !read_rows (self, &column_rows, take_column, error)
      || !read_rows (self, &leading_rows, take_leading, error))
    return FALSE;
  return !st_check_is_mysql (self)
         || (read_rows (self, &variable_rows, take_variable, error)
             && read_rows (self, &status_rows, take_variable, error));
}

const StCheckTable *
st_check_find_table (const StCheck *self, const char *table)
{
  return g_hash_table_lookup (self->facts.tables, table);
}

const StCheckColumn *
st_check_find_column (const StCheck *self, const char *table, const char *column)
{
  g_autofree char *key = column_key (table, column);

  return g_hash_table_lookup (self->facts.columns, key);
}

gboolean
st_check_has_index (const StCheck *self, const char *table, const char *column)
{
  g_autofree char *key = column_key (table, column);

  return g_hash_table_contains (self->facts.leading, key);
}

/* Binary and "_bin" collations compare bytes; "_cs" ones at least tell case. */
gboolean
st_check_folds_case (const StCheck *self, const char *table, const char *column)
{
  const StCheckColumn *found = st_check_find_column (self, table, column);

  return found != NULL && *found->collation != '\0' && !g_str_has_suffix (found->collation, "_bin")
         && strcmp (found->collation, "binary") != 0 && strstr (found->collation, "_cs") == NULL;
}

const char *
st_check_variable (const StCheck *self, const char *name)
{
  return g_hash_table_lookup (self->facts.variables, name);
}

gboolean
st_check_variable_is (const StCheck *self, const char *name, const char *value)
{
  const char *found = st_check_variable (self, name);

  return found != NULL && g_ascii_strcasecmp (found, value) == 0;
}

gboolean
st_check_is_mysql (const StCheck *self)
{
  return st_database_kind (self->database) == APIM_DATABASE_MYSQL;
}
