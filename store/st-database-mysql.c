/* MySQL and MariaDB over MariaDB Connector/C, with server-side prepared statements.
 *
 * Connector/C counts its own time limits in whole seconds and per read, so they only stand behind: the pool's guard
 * ends a call at its exact deadline by shutting the socket down. It does so on a duplicate of the descriptor, which
 * stays ours when Connector/C closes its own after an error, so that it can never hit a stranger who got the number
 * meanwhile. Connecting (name look-up, TCP, TLS, login) is bounded by Connector/C alone.
 *
 * The server's messages can quote values, so only those that name users, hosts, tables and columns are passed on. The
 * session's time_zone is never changed (spec/databases.md 4.6). */
#include "config.h"
#include "store/st-database-private.h"

#include <errmsg.h>
#include <fcntl.h>
#include <mysql.h>
#include <mysqld_error.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define FIRST_COLUMN_SIZE 128

typedef struct
{
  StConnection connection;
  MYSQL *handle;
  int guard_fd; /* duplicate of the socket; -1 before the connection stands */
} Mysql;

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
  return ((Mysql *) connection)->handle;
}

/* The connection is of no use any more, and the database, or the way to it, is why. */
static gboolean
is_gone (unsigned int number)
{
  switch (number)
    {
    case CR_SERVER_GONE_ERROR:
    case CR_SERVER_LOST:
    case CR_SERVER_LOST_EXTENDED:
    case CR_CONN_HOST_ERROR:
    case CR_CONNECTION_ERROR:
    case CR_COMMANDS_OUT_OF_SYNC:
    case ER_SERVER_SHUTDOWN:
    case ER_NORMAL_SHUTDOWN:
    case ER_CONNECTION_KILLED:
    case ER_NEW_ABORTING_CONNECTION:
    /* A proxy changed the server behind the connection: its prepared statements are not there. */
    case ER_UNKNOWN_STMT_HANDLER:
    case ER_NEED_REPREPARE:
      return TRUE;
    default:
      return FALSE;
    }
}

static StError
code_of (unsigned int number)
{
  switch (number)
    {
    /* The whole transaction is rolled back. Galera says the same of one whose certification failed. */
    case ER_LOCK_DEADLOCK:
      return ST_ERROR_RETRY;
    case ER_LOCK_WAIT_TIMEOUT:
    case ER_QUERY_INTERRUPTED:
    case ER_STATEMENT_TIMEOUT:
      return ST_ERROR_TIMEOUT;
    case ER_DUP_ENTRY:
    case ER_ROW_IS_REFERENCED_2:
    case ER_NO_REFERENCED_ROW_2:
      return ST_ERROR_CONFLICT;
    case ER_NO_SUCH_TABLE:
    case ER_BAD_FIELD_ERROR:
      return ST_ERROR_SCHEMA;
    case ER_ACCESS_DENIED_ERROR:
    case ER_ACCESS_DENIED_NO_PASSWORD_ERROR:
    case ER_DBACCESS_DENIED_ERROR:
    case ER_TABLEACCESS_DENIED_ERROR:
    case ER_COLUMNACCESS_DENIED_ERROR:
    case ER_BAD_DB_ERROR:
    case ER_BINLOG_CREATE_ROUTINE_NEED_SUPER:
    case CR_SSL_CONNECTION_ERROR:
      return ST_ERROR_SETUP;
    case ER_DATA_TOO_LONG:
    case ER_WARN_DATA_OUT_OF_RANGE:
    case ER_TRUNCATED_WRONG_VALUE_FOR_FIELD:
    case ER_BAD_NULL_ERROR:
      return ST_ERROR_DATA;
    default:
      return ST_ERROR_UNAVAILABLE;
    }
}

/* Whether the server's words only name tables, columns, users and hosts. */
static gboolean
may_quote (unsigned int number)
{
  StError code = code_of (number);

  return code == ST_ERROR_SCHEMA || code == ST_ERROR_SETUP;
}

static void
set_error (StConnection *connection, unsigned int number, const char *text, GError **error)
{
  const char *name = st_database_source (connection->database)->jndi_name;

  connection->gone = is_gone (number);
  connection->broken = connection->gone;
  if (connection->gone && g_get_monotonic_time () >= connection->deadline_us)
    {
      connection->gone = FALSE; /* the guard cut it off: the database may be well, only slow */
      g_set_error (error, ST_ERROR, ST_ERROR_TIMEOUT, "database of \"%s\" did not answer in time", name);
    }
  else if (connection->gone)
    g_set_error (error, ST_ERROR, ST_ERROR_UNAVAILABLE, "the connection to the database of \"%s\" broke (error %u)",
                 name, number);
  else if (number == ER_BINLOG_CREATE_ROUTINE_NEED_SUPER)
    g_set_error (error, ST_ERROR, ST_ERROR_SETUP,
                 "database of \"%s\": the server keeps a binary log and lets this user make no triggers: set"
                 " log_bin_trust_function_creators = 1 on the server, or migrate as a user with the privilege SUPER",
                 name);
  else if (code_of (number) == ST_ERROR_RETRY)
    g_set_error (error, ST_ERROR, ST_ERROR_RETRY, "database of \"%s\": another transaction stood in the way", name);
  else if (may_quote (number))
    g_set_error (error, ST_ERROR, code_of (number), "database of \"%s\": %s", name, text);
  else
    g_set_error (error, ST_ERROR, code_of (number), "database of \"%s\" refused the request (error %u)", name, number);
}

static gpointer
start_library (gpointer data)
{
  mysql_library_init (0, NULL, NULL);
  return NULL;
}

static void
set_options (MYSQL *handle, const ApimDataSource *source, const ApimLimits *limits, gint64 deadline_us)
{
  gint64 left_us = MAX (deadline_us - g_get_monotonic_time (), 0);
  unsigned int connect_s = (unsigned int) (left_us / G_USEC_PER_SEC + 1);
  unsigned int io_s = limits->database_timeout_ms / 1000 + 1;
  unsigned int protocol = MYSQL_PROTOCOL_TCP; /* else "localhost" would mean a Unix socket, not as in a JDBC URL */
  unsigned int off = 0;
  my_bool yes = 1, no = 0, verify = source->verify_tls ? 1 : 0;

  mysql_optionsv (handle, MYSQL_OPT_CONNECT_TIMEOUT, &connect_s);
  mysql_optionsv (handle, MYSQL_OPT_READ_TIMEOUT, &io_s);
  mysql_optionsv (handle, MYSQL_OPT_WRITE_TIMEOUT, &io_s);
  mysql_optionsv (handle, MYSQL_OPT_RECONNECT, &no);
  mysql_optionsv (handle, MYSQL_OPT_LOCAL_INFILE, &off);
  mysql_optionsv (handle, MYSQL_SET_CHARSET_NAME, "utf8mb4");
  if (source->unix_socket == NULL)
    mysql_optionsv (handle, MYSQL_OPT_PROTOCOL, &protocol);
  if (source->use_tls)
    mysql_optionsv (handle, MYSQL_OPT_SSL_ENFORCE, &yes);
  mysql_optionsv (handle, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verify);
}

static void
set_connect_error (const ApimDataSource *source, unsigned int number, const char *text, GError **error)
{
  StError code = is_gone (number) ? ST_ERROR_UNAVAILABLE : code_of (number);

  if (source->unix_socket != NULL)
    g_set_error (error, ST_ERROR, code, "could not connect to the database of \"%s\" at %s: %s", source->jndi_name,
                 source->unix_socket, text);
  else
    g_set_error (error, ST_ERROR, code, "could not connect to the database of \"%s\" at %s port %u: %s",
                 source->jndi_name, source->host, source->port, text);
}

static void
mysql_driver_close (StConnection *connection)
{
  Mysql *mysql = (Mysql *) connection;

  mysql_close (mysql->handle);
  if (mysql->guard_fd >= 0)
    close (mysql->guard_fd);
  g_free (mysql);
}

/* Connector/C goes on in clear when the server knows no TLS, whatever was asked for: nothing of ours is sent then. */
static gboolean
finish_connect (Mysql *mysql, const ApimDataSource *source, GError **error)
{
  if (source->use_tls && mysql_get_ssl_cipher (mysql->handle) == NULL)
    {
      g_set_error (error, ST_ERROR, ST_ERROR_SETUP, "the database of \"%s\" offers no TLS, which its URL asks for",
                   source->jndi_name);
      return FALSE;
    }
  mysql->guard_fd = fcntl (mysql_get_socket (mysql->handle), F_DUPFD_CLOEXEC, 0);
  if (mysql->guard_fd >= 0)
    return TRUE;
  g_set_error_literal (error, ST_ERROR, ST_ERROR_UNAVAILABLE, "no file descriptor is left for a database connection");
  return FALSE;
}

static StConnection *
mysql_driver_connect (StDatabase *database, gboolean writer, gint64 deadline_us, GError **error)
{
  static GOnce once = G_ONCE_INIT;
  const ApimDataSource *source = st_database_source (database);
  Mysql *mysql = g_new0 (Mysql, 1);
  StConnection *connection = &mysql->connection;

  g_once (&once, start_library, NULL);
  connection->driver = &st_driver_mysql;
  connection->database = database;
  connection->deadline_us = deadline_us;
  mysql->guard_fd = -1;
  mysql->handle = mysql_init (NULL);
  if (mysql->handle == NULL)
    g_error ("out of memory for a database connection");
  set_options (mysql->handle, source, st_database_limits (database), deadline_us);
  if (mysql_real_connect (mysql->handle, source->unix_socket == NULL ? source->host : NULL, source->user,
                          source->password, source->database, source->port, source->unix_socket, 0)
      == NULL)
    {
      set_connect_error (source, mysql_errno (mysql->handle), mysql_error (mysql->handle), error);
      mysql_driver_close (connection);
      return NULL;
    }
  if (finish_connect (mysql, source, error))
    return connection;
  mysql_driver_close (connection);
  return NULL;
}

static void
mysql_driver_interrupt (StConnection *connection)
{
  shutdown (((Mysql *) connection)->guard_fd, SHUT_RDWR);
}

static gboolean
mysql_driver_run (StConnection *connection, const char *sql, GError **error)
{
  MYSQL *handle = handle_of (connection);
  MYSQL_RES *rows;

  if (mysql_real_query (handle, sql, strlen (sql)) != 0)
    {
      set_error (connection, mysql_errno (handle), mysql_error (handle), error);
      return FALSE;
    }
  rows = mysql_store_result (handle);
  if (rows != NULL)
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
      set_error (connection, mysql_stmt_errno (prepared->statement), mysql_stmt_error (prepared->statement), error);
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

  g_assert (n_values <= prepared->n_parameters);
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
        set_error (connection, mysql_stmt_errno (statement), mysql_stmt_error (statement), error);
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
      set_error (connection, mysql_stmt_errno (prepared->statement), mysql_stmt_error (prepared->statement), error);
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
  .connect = mysql_driver_connect,
  .close = mysql_driver_close,
  .check = mysql_driver_check,
  .interrupt = mysql_driver_interrupt,
  .prepare = mysql_driver_prepare,
  .finalize = mysql_driver_finalize,
  .execute = mysql_driver_execute,
  .fetch = mysql_driver_fetch,
  .text = mysql_driver_text,
  .int64 = mysql_driver_int64,
  .is_null = mysql_driver_is_null,
  .reset = mysql_driver_reset,
  .run = mysql_driver_run,
  .last_insert_id = mysql_driver_last_insert_id,
  .begin = "START TRANSACTION",
};
