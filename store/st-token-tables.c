#include "config.h"
#include "store/st-token-tables.h"

#include "store/st-capabilities.h"
#include "store/st-database-private.h"

#include <string.h>

/* Nobody has as many user stores; each costs every unknown token a search. */
#define MAX_PARTITIONS 64

#define NAME_CHARACTERS G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_"

/* Names with other characters are not ones that WSO2 can be configured for. */
const char *
st_token_partition_suffix (const char *table)
{
  const char *suffix = table + strlen (ST_TOKEN_TABLE);
  const char *name;

  if (g_ascii_strncasecmp (table, ST_TOKEN_TABLE "_", strlen (ST_TOKEN_TABLE "_")) != 0
      || strspn (suffix, NAME_CHARACTERS) != strlen (suffix))
    return NULL;
  name = suffix + 1;
  if (*name == '\0' || g_ascii_strcasecmp (name, "SCOPE") == 0 || g_ascii_strncasecmp (name, "SCOPE_", 6) == 0
      || g_ascii_strcasecmp (name, "AUDIT") == 0)
    return NULL;
  return suffix;
}

static gboolean
has_ids (const StTables *tables, const char *table)
{
  return st_tables_have (tables, table, "TOKEN_ID");
}

static void
list_missing (const StTables *tables, const char *table, const char *const *columns, GString *missing)
{
  for (; *columns != NULL; columns++)
    if (!st_tables_have (tables, table, *columns))
      g_string_append_printf (missing, "%s%s", missing->len > 0 ? ", " : "", *columns);
}

char *
st_token_table_lacks (const StTables *tables, const char *table)
{
  static const char *const common[]
      = { "ACCESS_TOKEN", "AUTHZ_USER", "USER_TYPE", "TIME_CREATED", "VALIDITY_PERIOD", "TOKEN_STATE", NULL };
  static const char *const with_ids[] = { "TENANT_ID", "USER_DOMAIN", "CONSUMER_KEY_ID", NULL };
  static const char *const without_ids[] = { "CONSUMER_KEY", "TOKEN_SCOPE", NULL };
  g_autoptr (GString) missing = g_string_new (NULL);

  list_missing (tables, table, common, missing);
  list_missing (tables, table, has_ids (tables, table) ? with_ids : without_ids, missing);
  return missing->len > 0 ? g_string_free (g_steal_pointer (&missing), FALSE) : NULL;
}

static gint
compare_texts (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

GPtrArray *
st_token_partitions (const StTables *tables)
{
  g_autoptr (GPtrArray) names = st_tables_names (tables);
  GPtrArray *suffixes = g_ptr_array_new ();

  for (guint i = 0; i < names->len; i++)
    {
      const char *suffix = st_token_partition_suffix (names->pdata[i]);
      g_autofree char *upper = suffix != NULL ? g_ascii_strup (names->pdata[i], -1) : NULL;
      g_autofree char *missing = suffix != NULL ? st_token_table_lacks (tables, upper) : NULL;

      if (suffix != NULL && missing == NULL)
        g_ptr_array_add (suffixes, (char *) suffix);
    }
  g_ptr_array_sort (suffixes, compare_texts);
  return suffixes;
}

/* @suffix: of the partition, or "". */
static StTokenTable
make_table (const StTables *tables, const char *suffix)
{
  g_autofree char *name = g_strconcat (ST_TOKEN_TABLE, suffix, NULL);
  g_autofree char *scopes = g_strconcat (ST_TOKEN_SCOPE_TABLE, suffix, NULL);
  g_autofree char *upper = g_ascii_strup (name, -1);
  g_autofree char *upper_scopes = g_ascii_strup (scopes, -1);
  const char *written = st_tables_name (tables, upper);
  const char *written_scopes = st_tables_name (tables, upper_scopes);
  StTokenTable table = { .partition = *suffix != '\0' };

  table.name = g_strdup (table.partition && written != NULL ? written : ST_TOKEN_TABLE);
  table.scope_table = g_strdup (table.partition && written_scopes != NULL ? written_scopes : ST_TOKEN_SCOPE_TABLE);
  if (has_ids (tables, upper))
    table.capabilities |= ST_CAP_TOKEN_IDS;
  if (st_tables_have (tables, upper, "ACCESS_TOKEN_HASH"))
    table.capabilities |= ST_CAP_TOKEN_HASH;
  return table;
}

StTokenTables *
st_token_tables_new (const StTables *tables, GError **error)
{
  g_autoptr (GPtrArray) suffixes = st_token_partitions (tables);
  StTokenTables *self;

  if (suffixes->len > MAX_PARTITIONS)
    {
      g_set_error (error, ST_ERROR, ST_ERROR_SCHEMA,
                   "the database has more than %d partitions of " ST_TOKEN_TABLE
                   ": rename those that are copies and no partitions",
                   MAX_PARTITIONS);
      return NULL;
    }
  self = g_atomic_rc_box_new0 (StTokenTables);
  self->tables = g_new0 (StTokenTable, suffixes->len + 1);
  self->tables[self->n++] = make_table (tables, "");
  for (guint i = 0; i < suffixes->len; i++)
    self->tables[self->n++] = make_table (tables, suffixes->pdata[i]);
  return self;
}

static void
clear (gpointer data)
{
  StTokenTables *self = data;

  for (guint i = 0; i < self->n; i++)
    {
      g_free (self->tables[i].name);
      g_free (self->tables[i].scope_table);
    }
  g_free (self->tables);
}

void
st_token_tables_unref (StTokenTables *tables)
{
  if (tables != NULL)
    g_atomic_rc_box_release_full (tables, clear);
}

/* Of what every database remembers: held for a moment only. */
static GMutex lock;

static StTokenTables *
recall (StDatabase *database)
{
  StTokenTables *remembered;

  g_mutex_lock (&lock);
  remembered = *st_database_token_tables (database);
  if (remembered != NULL)
    g_atomic_rc_box_acquire (remembered);
  g_mutex_unlock (&lock);
  return remembered;
}

/* @tables: (transfer full) (nullable). */
static void
remember (StDatabase *database, StTokenTables *tables)
{
  StTokenTables **slot = st_database_token_tables (database);
  StTokenTables *before;

  g_mutex_lock (&lock);
  before = *slot;
  *slot = tables;
  g_mutex_unlock (&lock);
  st_token_tables_unref (before);
}

StTokenTables *
st_token_tables_get (StDatabase *database, gint64 deadline_us, GError **error)
{
  g_autoptr (StTables) read = NULL;
  StTokenTables *tables = recall (database);

  if (tables != NULL)
    return tables;
  read = st_tables_read (database, deadline_us, error);
  tables = read != NULL ? st_token_tables_new (read, error) : NULL;
  if (tables != NULL)
    remember (database, g_atomic_rc_box_acquire (tables));
  return tables;
}

void
st_token_tables_forget (StDatabase *database)
{
  remember (database, NULL);
}

const StTokenTable *
st_token_tables_find (const StTokenTables *tables, const char *name)
{
  for (guint i = 0; i < tables->n; i++)
    if (strcmp (tables->tables[i].name, name) == 0)
      return &tables->tables[i];
  return NULL;
}

/* Every name of the main table or its scopes in @sql, replaced. */
static char *
about (const StTokenTable *table, const char *sql)
{
  GString *text = g_string_new (NULL);

  for (const char *at = sql, *found;; at = found)
    {
      gsize length;

      found = strstr (at, ST_TOKEN_TABLE);
      g_string_append_len (text, at, found != NULL ? found - at : (gssize) strlen (at));
      if (found == NULL)
        return g_string_free (text, FALSE);
      length = strspn (found, NAME_CHARACTERS);
      if (length == strlen (ST_TOKEN_TABLE))
        g_string_append (text, table->name);
      else if (length == strlen (ST_TOKEN_SCOPE_TABLE) && g_str_has_prefix (found, ST_TOKEN_SCOPE_TABLE))
        g_string_append (text, table->scope_table);
      else
        g_string_append_len (text, found, (gssize) length);
      found += length;
    }
}

const StStatement *
st_token_table_statement (const StTokenTable *table, const StStatement *statement)
{
  g_autofree char *sqlite = NULL;
  g_autofree char *mysql = NULL;

  if (!table->partition)
    return statement;
  sqlite = about (table, statement->sqlite);
  mysql = statement->mysql != NULL ? about (table, statement->mysql) : NULL;
  return st_statement_intern (sqlite, mysql);
}
