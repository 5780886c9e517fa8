/* MySQL and MariaDB over MariaDB Connector/C, with server-side prepared statements: the statements. Connecting is in
 * st-mysql-connect.c, errors are in st-mysql-error.c.
 *
 * Connector/C counts its own time limits in whole seconds and per read, so they only stand behind: the pool's guard
 * ends a call at its exact deadline by shutting the socket down. It does so on a duplicate of the descriptor, which
 * stays ours when Connector/C closes its own after an error, so that it can never hit a stranger who got the number
 * meanwhile. */
#include "config.h"
#include "store/st-mysql-private.h"

#include <mysqld_error.h>
#include <string.h>
#include <sys/socket.h>

#define FIRST_COLUMN_SIZE 128
/* What a request takes beside its values. */
#define REQUEST_OVERHEAD 1024

typedef struct
{
  char *buffer;
  unsigned long size;
  unsigned long length;
  my_bool is_null;
  my_bool truncated;
} Column;

typedef struct
{
  MYSQL_STMT *statement;
  guint n_parameters;
  guint n_columns;
  MYSQL_BIND parameters[ST_MAX_VALUES];
  MYSQL_BIND *results;
  Column *columns;
  gboolean no_rows; /* execute() found that no row can match */
} Prepared;

static MYSQL *
handle_of (StConnection *connection)
{
  return ((StMysql *) connection)->handle;
}

/* A longer request would end the connection, and the message would not say why. */
static gboolean
fits (StConnection *connection, gsize length, GError **error)
{
  gsize maximum = ((StMysql *) connection)->max_packet;

  if (maximum == 0 || length + REQUEST_OVERHEAD <= maximum)
    return TRUE;
  g_set_error (error, ST_ERROR, ST_ERROR_DATA,
               "database of \"%s\": %" G_GSIZE_FORMAT " bytes are more than the server takes at once"
               " (max_allowed_packet = %" G_GSIZE_FORMAT ")",
               st_database_source (connection->database)->jndi_name, length, maximum);
  return FALSE;
}

static void
set_error (StConnection *connection, unsigned int number, const char *text, GError **error)
{
  st_mysql_set_error ((StMysql *) connection, number, text, error);
}

static void
set_statement_error (StConnection *connection, MYSQL_STMT *statement, GError **error)
{
  set_error (connection, mysql_stmt_errno (statement), mysql_stmt_error (statement), error);
}

static void
mysql_driver_interrupt (StConnection *connection)
{
  shutdown (((StMysql *) connection)->guard_fd, SHUT_RDWR);
}

static gboolean
mysql_driver_run (StConnection *connection, const char *sql, GError **error)
{
  MYSQL *handle = handle_of (connection);
  gsize length = strlen (sql);
  MYSQL_RES *rows;

  if (!fits (connection, length, error))
    return FALSE;
  if (mysql_real_query (handle, sql, length) != 0)
    {
      set_error (connection, mysql_errno (handle), mysql_error (handle), error);
      return FALSE;
    }
  rows = mysql_store_result (handle);
  if (rows == NULL && mysql_field_count (handle) > 0)
    {
      set_error (connection, mysql_errno (handle), mysql_error (handle), error);
      return FALSE;
    }
  mysql_free_result (rows);
  return TRUE;
}

static gboolean
mysql_driver_check (StConnection *connection, GError **error)
{
  const char *query = st_database_source (connection->database)->validation_query;

  return mysql_driver_run (connection, query != NULL ? query : "SELECT 1", error);
}

static void
mysql_driver_finalize (StPrepared data)
{
  Prepared *prepared = data;

  mysql_stmt_close (prepared->statement);
  for (guint i = 0; i < prepared->n_columns; i++)
    g_free (prepared->columns[i].buffer);
  g_free (prepared->columns);
  g_free (prepared->results);
  g_free (prepared);
}

/* Everything is fetched as text: one path for every column type there may be. */
static void
describe_column (Prepared *prepared, guint at)
{
  Column *column = &prepared->columns[at];
  MYSQL_BIND *result = &prepared->results[at];

  column->buffer = g_realloc (column->buffer, column->size);
  result->buffer_type = MYSQL_TYPE_STRING;
  result->buffer = column->buffer;
  result->buffer_length = column->size - 1; /* for the terminator */
  result->length = &column->length;
  result->is_null = &column->is_null;
  result->error = &column->truncated;
}

static StPrepared
mysql_driver_prepare (StConnection *connection, const StStatement *text, GError **error)
{
  const char *sql = text->mysql != NULL ? text->mysql : text->sqlite;
  Prepared *prepared = g_new0 (Prepared, 1);

  prepared->statement = mysql_stmt_init (handle_of (connection));
  if (prepared->statement == NULL)
    g_error ("out of memory for a database statement");
  if (mysql_stmt_prepare (prepared->statement, sql, strlen (sql)) != 0)
    {
      set_statement_error (connection, prepared->statement, error);
      mysql_driver_finalize (prepared);
      return NULL;
    }
  prepared->n_parameters = (guint) mysql_stmt_param_count (prepared->statement);
  g_assert (prepared->n_parameters <= ST_MAX_VALUES);
  prepared->n_columns = mysql_stmt_field_count (prepared->statement);
  prepared->columns = g_new0 (Column, prepared->n_columns);
  prepared->results = g_new0 (MYSQL_BIND, prepared->n_columns);
  for (guint i = 0; i < prepared->n_columns; i++)
    {
      prepared->columns[i].size = FIRST_COLUMN_SIZE;
      describe_column (prepared, i);
    }
  return prepared;
}

static void
bind_value (MYSQL_BIND *parameter, const StValue *value)
{
  memset (parameter, 0, sizeof *parameter);
  switch (value->kind)
    {
    case ST_VALUE_INT64:
      parameter->buffer_type = MYSQL_TYPE_LONGLONG;
      parameter->buffer = (void *) &value->number;
      break;
    case ST_VALUE_TEXT:
      parameter->buffer_type = MYSQL_TYPE_STRING;
      parameter->buffer = (void *) value->text;
      parameter->buffer_length = value->length;
      break;
    case ST_VALUE_NULL:
    default:
      parameter->buffer_type = MYSQL_TYPE_NULL;
      break;
    }
}

/* A text that the column's character set cannot hold is an error to the server; to us it is a text that equals
 * nothing. */
static gboolean
is_foreign_text (unsigned int number)
{
  return number == ER_CANT_AGGREGATE_2COLLATIONS || number == ER_CANT_AGGREGATE_3COLLATIONS
         || number == ER_CANT_AGGREGATE_NCOLLATIONS;
}

/* All rows are read here, so that what can fail in the network fails before the first row is seen. */
static gboolean
mysql_driver_execute (StConnection *connection, StPrepared data, const StValue *values, guint n_values, GError **error)
{
  static const StValue null = { .kind = ST_VALUE_NULL };
  Prepared *prepared = data;
  MYSQL_STMT *statement = prepared->statement;
  gsize length = 0;

  g_assert (n_values <= prepared->n_parameters);
  for (guint i = 0; i < n_values; i++)
    length += values[i].kind == ST_VALUE_TEXT ? values[i].length : 0;
  if (!fits (connection, length, error))
    return FALSE;
  for (guint i = 0; i < prepared->n_parameters; i++)
    bind_value (&prepared->parameters[i], i < n_values ? &values[i] : &null);
  prepared->no_rows = FALSE;
  if ((prepared->n_parameters > 0 && mysql_stmt_bind_param (statement, prepared->parameters) != 0)
      || mysql_stmt_execute (statement) != 0
      || (prepared->n_columns > 0
          && (mysql_stmt_bind_result (statement, prepared->results) != 0 || mysql_stmt_store_result (statement) != 0)))
    {
      prepared->no_rows = prepared->n_columns > 0 && is_foreign_text (mysql_stmt_errno (statement));
      if (!prepared->no_rows)
        set_statement_error (connection, statement, error);
      /* A deadlock may come between two rows: the rest would still be awaited by the next use of the statement. */
      if (!connection->broken)
        mysql_stmt_reset (statement);
    }
  else
    return TRUE;
  return prepared->no_rows;
}

/* Fetches again, with room enough, what did not fit. */
static gboolean
fetch_long_columns (Prepared *prepared)
{
  for (guint i = 0; i < prepared->n_columns; i++)
    {
      Column *column = &prepared->columns[i];

      if (column->is_null || column->length < column->size)
        continue;
      column->size = column->length + 1;
      describe_column (prepared, i);
      if (mysql_stmt_fetch_column (prepared->statement, &prepared->results[i], i, 0) != 0)
        return FALSE;
    }
  return mysql_stmt_bind_result (prepared->statement, prepared->results) == 0;
}

static StStep
mysql_driver_fetch (StConnection *connection, StPrepared data, GError **error)
{
  Prepared *prepared = data;
  int status;

  if (prepared->n_columns == 0 || prepared->no_rows)
    return ST_END;
  status = mysql_stmt_fetch (prepared->statement);
  if (status == MYSQL_NO_DATA)
    return ST_END;
  if ((status != 0 && status != MYSQL_DATA_TRUNCATED)
      || (status == MYSQL_DATA_TRUNCATED && !fetch_long_columns (prepared)))
    {
      set_statement_error (connection, prepared->statement, error);
      return ST_FAILED;
    }
  for (guint i = 0; i < prepared->n_columns; i++)
    if (!prepared->columns[i].is_null)
      prepared->columns[i].buffer[prepared->columns[i].length] = '\0';
  return ST_ROW;
}

static const char *
mysql_driver_text (StPrepared data, guint column)
{
  Prepared *prepared = data;

  return prepared->columns[column].is_null ? NULL : prepared->columns[column].buffer;
}

static gsize
mysql_driver_length (StPrepared data, guint column)
{
  Prepared *prepared = data;

  return prepared->columns[column].length;
}

static gint64
mysql_driver_int64 (StPrepared data, guint column)
{
  const char *text = mysql_driver_text (data, column);

  return text != NULL ? g_ascii_strtoll (text, NULL, 10) : 0;
}

static gboolean
mysql_driver_is_null (StPrepared data, guint column)
{
  return ((Prepared *) data)->columns[column].is_null;
}

static void
mysql_driver_reset (StPrepared data)
{
  mysql_stmt_free_result (((Prepared *) data)->statement);
}

static gint64
mysql_driver_last_insert_id (StConnection *connection)
{
  return (gint64) mysql_insert_id (handle_of (connection));
}

const StDriver st_driver_mysql = {
  .remote = TRUE,
  .connect = st_mysql_connect,
  .close = st_mysql_close,
  .check = mysql_driver_check,
  .interrupt = mysql_driver_interrupt,
  .prepare = mysql_driver_prepare,
  .finalize = mysql_driver_finalize,
  .execute = mysql_driver_execute,
  .fetch = mysql_driver_fetch,
  .text = mysql_driver_text,
  .length = mysql_driver_length,
  .int64 = mysql_driver_int64,
  .is_null = mysql_driver_is_null,
  .reset = mysql_driver_reset,
  .run = mysql_driver_run,
  .last_insert_id = mysql_driver_last_insert_id,
  .begin = "START TRANSACTION",
  .begin_read = "START TRANSACTION READ ONLY",
};
