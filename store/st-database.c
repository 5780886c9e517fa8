#include "config.h"
#include "store/st-pool.h"

#include "common/apim-data-source.h"
#include "store/st-token-tables.h"

#include <string.h>

#define FIRST_STATEMENTS 32

struct _StDatabase
{
  ApimDataSource *source;
  ApimLimits limits;
  const StDriver *driver;
  StPool readers; /* of every connection where the driver has no separate writer */
  StPool writers;
  guint capabilities; /* atomic; st-capabilities.c */
  guint server;       /* atomic; st-mysql-connect.c */
  StTokenTables *token_tables; /* st-token-tables.c */
};

struct _StQuery
{
  StPool *pool; /* where the connection goes back to; NULL inside a transaction */
  gint64 deadline_us;
  const StStatement *statement;
  StConnection *connection; /* NULL when the query failed for good */
  StPrepared prepared;
  gboolean executed;
  gboolean retried;
  guint n_values;
  StValue values[ST_MAX_VALUES];
};

struct _StTransaction
{
  StPool *pool;
  StConnection *connection;
};

static gboolean
check_source (const ApimDataSource *source, GError **error)
{
  const char *missing = NULL;

  if (source->kind == APIM_DATABASE_SQLITE)
    missing = source->path == NULL ? "path" : NULL;
  else if (source->database == NULL || *source->database == '\0')
    missing = "database name";
  else if (source->host == NULL && source->unix_socket == NULL)
    missing = "host";
  if (missing == NULL)
    return TRUE;
  g_set_error (error, ST_ERROR, ST_ERROR_SETUP, "data source \"%s\" has no %s", source->jndi_name, missing);
  return FALSE;
}

StDatabase *
st_database_open (const ApimDataSource *source, const ApimLimits *limits, GError **error)
{
  StDatabase *database;

  if (!check_source (source, error))
    return NULL;
  database = g_new0 (StDatabase, 1);
  database->source = apim_data_source_copy (source);
  database->limits = *limits;
  database->driver = source->kind == APIM_DATABASE_SQLITE ? &st_driver_sqlite : &st_driver_mysql;
  st_pool_init (&database->readers, database, database->driver, FALSE, source->max_active);
  st_pool_init (&database->writers, database, database->driver, TRUE, 1);
  return database;
}

void
st_database_free (StDatabase *database)
{
  if (database == NULL)
    return;
  st_pool_clear (&database->readers);
  st_pool_clear (&database->writers);
  st_token_tables_unref (database->token_tables);
  apim_data_source_free (database->source);
  g_free (database);
}

ApimDatabaseKind
st_database_kind (const StDatabase *database)
{
  return database->source->kind;
}

const ApimDataSource *
st_database_source (const StDatabase *database)
{
  return database->source;
}

static guint
hash_statement (gconstpointer key)
{
  const StStatement *statement = key;

  return g_str_hash (statement->sqlite);
}

static gboolean
equal_statements (gconstpointer a, gconstpointer b)
{
  const StStatement *left = a;
  const StStatement *right = b;

  return strcmp (left->sqlite, right->sqlite) == 0 && g_strcmp0 (left->mysql, right->mysql) == 0;
}

const StStatement *
st_statement_intern (const char *sqlite, const char *mysql)
{
  static GMutex lock;
  static GHashTable *statements;
  const StStatement wanted = { sqlite, mysql };
  StStatement *statement;

  g_mutex_lock (&lock);
  if (statements == NULL)
    statements = g_hash_table_new (hash_statement, equal_statements);
  statement = g_hash_table_lookup (statements, &wanted);
  if (statement == NULL)
    {
      statement = g_new (StStatement, 1);
      *statement = (StStatement){ g_strdup (sqlite), g_strdup (mysql) };
      g_hash_table_add (statements, statement);
    }
  g_mutex_unlock (&lock);
  return statement;
}

guint *
st_database_capabilities (StDatabase *database)
{
  return &database->capabilities;
}

StTokenTables **
st_database_token_tables (StDatabase *database)
{
  return &database->token_tables;
}

guint *
st_database_server (StDatabase *database)
{
  return &database->server;
}

const ApimLimits *
st_database_limits (const StDatabase *database)
{
  return &database->limits;
}

/* The caller's deadline, but never more than database_timeout_ms away. FALSE when it has passed. */
static gboolean
bound_deadline (const StDatabase *database, gint64 *deadline_us, GError **error)
{
  gint64 now = g_get_monotonic_time ();
  gint64 latest = now + (gint64) database->limits.database_timeout_ms * 1000;

  if (*deadline_us == 0 || *deadline_us > latest)
    *deadline_us = latest;
  if (*deadline_us > now)
    return TRUE;
  g_set_error_literal (error, ST_ERROR, ST_ERROR_TIMEOUT, "the time for the database was over before it was asked");
  return FALSE;
}

/* The slot that holds @statement, or the free one where it belongs. */
static StCachedStatement *
find_slot (StCachedStatement *slots, guint size, const StStatement *statement)
{
  /* Statements are neighbours in memory: the multiplication spreads the few bits in which they differ. */
  guint at = (guint) (((guint64) (gsize) statement * G_GUINT64_CONSTANT (0x9E3779B97F4A7C15)) >> 32) & (size - 1);

  while (slots[at].statement != NULL && slots[at].statement != statement)
    at = (at + 1) & (size - 1);
  return &slots[at];
}

static void
grow_statements (StConnection *connection)
{
  guint size = MAX (connection->statements_size * 2, FIRST_STATEMENTS);
  StCachedStatement *slots = g_new0 (StCachedStatement, size);

  for (guint i = 0; i < connection->statements_size; i++)
    if (connection->statements[i].statement != NULL)
      *find_slot (slots, size, connection->statements[i].statement) = connection->statements[i];
  g_free (connection->statements);
  connection->statements = slots;
  connection->statements_size = size;
}

static StPrepared
connection_prepare (StConnection *connection, const StStatement *statement, GError **error)
{
  StCachedStatement *slot;

  if (connection->n_statements * 2 >= connection->statements_size)
    grow_statements (connection);
  slot = find_slot (connection->statements, connection->statements_size, statement);
  if (slot->statement == NULL)
    {
      StPrepared prepared = connection->driver->prepare (connection, statement, error);

      if (prepared == NULL)
        return NULL;
      *slot = (StCachedStatement){ statement, prepared };
      connection->n_statements++;
    }
  return slot->prepared;
}

void
st_connection_free (StConnection *connection)
{
  for (guint i = 0; i < connection->statements_size; i++)
    if (connection->statements[i].statement != NULL)
      connection->driver->finalize (connection->statements[i].prepared);
  g_free (connection->statements);
  connection->driver->close (connection);
}

/* Gives the query a connection with its statement; a connection that turns out dead is replaced once. */
static gboolean
query_connect (StQuery *query, GError **error)
{
  for (;;)
    {
      g_autoptr (GError) why = NULL;

      query->connection = st_pool_acquire (query->pool, query->deadline_us, error);
      if (query->connection == NULL)
        return FALSE;
      query->prepared = connection_prepare (query->connection, query->statement, &why);
      if (query->prepared != NULL)
        return TRUE;
      gboolean again = query->connection->gone && !query->retried;
      st_pool_release (query->pool, g_steal_pointer (&query->connection));
      if (!again)
        {
          g_propagate_error (error, g_steal_pointer (&why));
          return FALSE;
        }
      query->retried = TRUE;
    }
}

StQuery *
st_database_query (StDatabase *database, const StStatement *statement, gint64 deadline_us, GError **error)
{
  StQuery *query;

  if (!bound_deadline (database, &deadline_us, error))
    return NULL;
  query = g_new0 (StQuery, 1);
  query->pool = &database->readers;
  query->deadline_us = deadline_us;
  query->statement = statement;
  if (query_connect (query, error))
    return query;
  g_free (query);
  return NULL;
}

static StValue *
next_value (StQuery *query, guint index)
{
  g_assert (index < ST_MAX_VALUES);
  g_assert (!query->executed);
  query->n_values = MAX (query->n_values, index + 1);
  return &query->values[index];
}

void
st_query_bind_text (StQuery *query, guint index, const char *text)
{
  StValue *value = next_value (query, index);

  *value = (StValue){ .kind = ST_VALUE_NULL };
  if (text != NULL)
    *value = (StValue){ .kind = ST_VALUE_TEXT, .text = text, .length = strlen (text) };
}

void
st_query_bind_bytes (StQuery *query, guint index, const char *bytes, gsize length)
{
  *next_value (query, index) = (StValue){ .kind = ST_VALUE_TEXT, .text = bytes, .length = length };
}

void
st_query_bind_int64 (StQuery *query, guint index, gint64 value)
{
  *next_value (query, index) = (StValue){ .kind = ST_VALUE_INT64, .number = value };
}

static gboolean
query_execute (StQuery *query, GError **error)
{
  for (;;)
    {
      StConnection *connection = query->connection;
      g_autoptr (GError) why = NULL;

      if (connection->driver->execute (connection, query->prepared, query->values, query->n_values, &why))
        return TRUE;
      if (query->pool == NULL || !connection->gone || query->retried)
        {
          g_propagate_error (error, g_steal_pointer (&why));
          return FALSE;
        }
      query->retried = TRUE;
      st_pool_release (query->pool, g_steal_pointer (&query->connection));
      if (!query_connect (query, error))
        return FALSE;
    }
}

StStep
st_query_step (StQuery *query, GError **error)
{
  if (!query->executed)
    {
      query->executed = TRUE;
      if (!query_execute (query, error))
        return ST_FAILED;
    }
  return query->connection->driver->fetch (query->connection, query->prepared, error);
}

const char *
st_query_text (StQuery *query, guint column)
{
  return query->connection->driver->text (query->prepared, column);
}

const char *
st_query_bytes (StQuery *query, guint column, gsize *length)
{
  const char *bytes = query->connection->driver->text (query->prepared, column);

  *length = bytes != NULL ? query->connection->driver->length (query->prepared, column) : 0;
  return bytes;
}

gint64
st_query_int64 (StQuery *query, guint column)
{
  return query->connection->driver->int64 (query->prepared, column);
}

gboolean
st_query_is_null (StQuery *query, guint column)
{
  return query->connection->driver->is_null (query->prepared, column);
}

void
st_query_free (StQuery *query)
{
  if (query == NULL)
    return;
  if (query->connection != NULL)
    {
      if (query->executed)
        query->connection->driver->reset (query->prepared);
      if (query->pool != NULL)
        st_pool_release (query->pool, query->connection);
    }
  g_free (query);
}

gboolean
st_database_ping (StDatabase *database, gint64 deadline_us, GError **error)
{
  /* SQLite reads nothing of the file for "SELECT 1". */
  static const StStatement ping = { "SELECT COUNT(*) FROM sqlite_schema", "SELECT 1" };
  g_autoptr (StQuery) query = st_database_query (database, &ping, deadline_us, error);

  return query != NULL && st_query_step (query, error) == ST_ROW;
}

static StTransaction *
transaction_begin (StDatabase *database, StPool *pool, const char *begin, gint64 deadline_us, GError **error)
{
  StTransaction *transaction;
  gboolean retried = FALSE;

  if (!bound_deadline (database, &deadline_us, error))
    return NULL;
  for (;;)
    {
      g_autoptr (GError) why = NULL;
      StConnection *connection = st_pool_acquire (pool, deadline_us, error);

      if (connection == NULL)
        return NULL;
      if (connection->driver->run (connection, begin, &why))
        {
          transaction = g_new0 (StTransaction, 1);
          transaction->pool = pool;
          transaction->connection = connection;
          return transaction;
        }
      gboolean again = connection->gone && !retried;
      st_pool_release (pool, connection);
      if (!again)
        {
          g_propagate_error (error, g_steal_pointer (&why));
          return NULL;
        }
      retried = TRUE;
    }
}

StTransaction *
st_transaction_begin (StDatabase *database, gint64 deadline_us, GError **error)
{
  StPool *pool = database->driver->separate_writer ? &database->writers : &database->readers;

  return transaction_begin (database, pool, database->driver->begin, deadline_us, error);
}

StTransaction *
st_transaction_begin_read (StDatabase *database, gint64 deadline_us, GError **error)
{
  return transaction_begin (database, &database->readers, database->driver->begin_read, deadline_us, error);
}

StQuery *
st_transaction_query (StTransaction *transaction, const StStatement *statement, GError **error)
{
  StPrepared prepared = connection_prepare (transaction->connection, statement, error);
  StQuery *query;

  if (prepared == NULL)
    return NULL;
  query = g_new0 (StQuery, 1);
  query->statement = statement;
  query->connection = transaction->connection;
  query->prepared = prepared;
  return query;
}

/* Where the statement at @sql ends: at the ";" at a line's end; a trigger's body has such lines too, so a trigger ends
 * at its line "END;". NULL: at the end of @sql. */
static const char *
find_end (const char *sql)
{
  static const char trigger[] = "CREATE TRIGGER ";
  const char *end;

  sql += strspn (sql, " \n");
  if (g_ascii_strncasecmp (sql, trigger, strlen (trigger)) != 0)
    return strstr (sql, ";\n");
  end = strstr (sql, "\nEND;\n");
  return end != NULL ? strchr (end, ';') : NULL;
}

gboolean
st_transaction_script (StTransaction *transaction, const char *sql, GError **error)
{
  StConnection *connection = transaction->connection;

  while (*sql != '\0')
    {
      const char *end = find_end (sql);
      gsize length = end != NULL ? (gsize) (end - sql) : strlen (sql);
      g_autofree char *statement = g_strstrip (g_strndup (sql, length));

      if (*statement != '\0' && !connection->driver->run (connection, statement, error))
        return FALSE;
      sql += length + (end != NULL ? 2 : 0);
    }
  return TRUE;
}

gint64
st_transaction_last_insert_id (StTransaction *transaction)
{
  return transaction->connection->driver->last_insert_id (transaction->connection);
}

static void
transaction_free (StTransaction *transaction)
{
  st_pool_release (transaction->pool, transaction->connection);
  g_free (transaction);
}

gboolean
st_transaction_commit (StTransaction *transaction, GError **error)
{
  StConnection *connection = transaction->connection;
  gboolean done = connection->driver->run (connection, "COMMIT", error);

  if (!done)
    {
      /* Cut off by its deadline counts, too. */
      g_prefix_error (error, connection->broken ? "it is not known whether this was done: " : "could not commit: ");
      st_transaction_rollback (transaction);
      return FALSE;
    }
  transaction_free (transaction);
  return TRUE;
}

void
st_transaction_rollback (StTransaction *transaction)
{
  StConnection *connection = transaction->connection;

  if (!connection->broken && !connection->driver->run (connection, "ROLLBACK", NULL))
    connection->broken = TRUE; /* closing rolls back */
  transaction_free (transaction);
}
