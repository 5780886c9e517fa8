/* SQLite: the embedded database. Readers are read-only connections; one read-write connection makes the transactions.
 * Every wait, for a lock or in a long statement, ends at the connection's deadline. */
#include "config.h"
#include "store/st-database-private.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <sqlite3.h>
#include <unistd.h>

/* Virtual machine steps between two looks at the clock: some 10 us. */
#define STEPS_PER_LOOK 1000
#define BUSY_PAUSE_MAX_US 20000
/* Of a reader: holds the inner pages of every index of millions of tokens, so that a look-up reads leaves only. */
#define READER_CACHE_KIB 8192
/* Of the writer: a new token touches a page in each of eight indexes, most of them anywhere. */
#define WRITER_CACHE_KIB 16384
/* Pages in the write-ahead log, 32 MiB, before they are copied into the file: most were written again by then, and are
 * copied once. */
#define CHECKPOINT_PAGES 8192

typedef struct
{
  StConnection connection;
  sqlite3 *handle;
} Sqlite;

static sqlite3 *
handle_of (StConnection *connection)
{
  return ((Sqlite *) connection)->handle;
}

static const char *
path_of (StConnection *connection)
{
  return st_database_source (connection->database)->path;
}

static gboolean
is_over (StConnection *connection)
{
  return g_get_monotonic_time () >= connection->deadline_us;
}

/* SQLite's text is only used where it names tables and columns: elsewhere it may quote the statement. */
static void
set_error (StConnection *connection, int status, GError **error)
{
  const char *text = sqlite3_errmsg (handle_of (connection));
  const char *path = path_of (connection);

  switch (status & 0xff)
    {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      g_set_error (error, ST_ERROR, ST_ERROR_TIMEOUT, "database \"%s\" is busy with another writer", path);
      break;
    case SQLITE_INTERRUPT:
      g_set_error (error, ST_ERROR, ST_ERROR_TIMEOUT, "database \"%s\" did not answer in time", path);
      break;
    case SQLITE_CONSTRAINT:
      g_set_error (error, ST_ERROR, ST_ERROR_CONFLICT, "database \"%s\" refused a row: %s", path, text);
      break;
    case SQLITE_NOTADB:
      g_set_error (error, ST_ERROR, ST_ERROR_SCHEMA, "\"%s\" is not a SQLite database", path);
      break;
    case SQLITE_CORRUPT:
      g_set_error (error, ST_ERROR, ST_ERROR_DATA, "database \"%s\" is damaged: restore it from a backup", path);
      break;
    case SQLITE_READONLY:
    case SQLITE_PERM:
      g_set_error (error, ST_ERROR, ST_ERROR_SETUP,
                   "database \"%s\" is read-only: this user must be able to write the file and its folder", path);
      break;
    case SQLITE_FULL:
      g_set_error (error, ST_ERROR, ST_ERROR_UNAVAILABLE, "no space is left for database \"%s\": nothing of this was written",
                   path);
      break;
    case SQLITE_IOERR:
      g_set_error (error, ST_ERROR, ST_ERROR_UNAVAILABLE, "could not read or write database \"%s\": %s: look at its disk", path,
                   sqlite3_errstr (status));
      break;
    case SQLITE_CANTOPEN:
      g_set_error (error, ST_ERROR, ST_ERROR_UNAVAILABLE,
                   "could not open database \"%s\": this user must be able to read the file and write its folder",
                   path);
      break;
    case SQLITE_ERROR:
      g_set_error (error, ST_ERROR, ST_ERROR_SCHEMA, "database \"%s\" has another shape: %s", path,
                   g_str_has_prefix (text, "no such ") ? text : sqlite3_errstr (status));
      break;
    default:
      g_set_error (error, ST_ERROR, ST_ERROR_UNAVAILABLE, "database \"%s\": %s", path, sqlite3_errstr (status));
      break;
    }
}

static int
on_busy (void *data, int count)
{
  gint64 pause = MIN ((gint64) 500 << MIN (count, 10), BUSY_PAUSE_MAX_US);
  gint64 left = ((StConnection *) data)->deadline_us - g_get_monotonic_time ();

  if (left <= 0)
    return 0;
  g_usleep ((gulong) MIN (pause, left));
  return 1;
}

static int
on_progress (void *data)
{
  return is_over (data);
}

static gboolean
sqlite_run (StConnection *connection, const char *sql, GError **error)
{
  int status = sqlite3_exec (handle_of (connection), sql, NULL, NULL, NULL);

  if (status == SQLITE_OK)
    return TRUE;
  set_error (connection, status, error);
  return FALSE;
}

static void
sqlite_close (StConnection *connection)
{
  sqlite3_close_v2 (handle_of (connection));
  g_free (connection);
}

static void
set_open_error (const char *path, int status, GError **error)
{
  if (g_access (path, F_OK) != 0 && errno == ENOENT)
    g_set_error (error, ST_ERROR, ST_ERROR_UNAVAILABLE, "database \"%s\" does not exist: run \"apimctl node init\"",
                 path);
  else
    g_set_error (error, ST_ERROR, ST_ERROR_UNAVAILABLE, "could not open database \"%s\": %s", path,
                 g_access (path, R_OK) != 0 ? g_strerror (errno) : sqlite3_errstr (status));
}

/* Counting every allocation, which nobody asks for, takes a lock at each. */
static void
configure_library (void)
{
  static gsize done;

  if (!g_once_init_enter (&done))
    return;
  if (sqlite3_config (SQLITE_CONFIG_MEMSTATUS, 0) != SQLITE_OK)
    g_debug ("SQLite was in use already; it keeps counting its memory");
  g_once_init_leave (&done, 1);
}

static gboolean
set_up_reader (StConnection *connection, GError **error)
{
  return sqlite_run (connection, "PRAGMA cache_size = -" G_STRINGIFY (READER_CACHE_KIB), error);
}

/* What a transaction answered for survives a power cut. What only serves to take a statement back stays in memory: in
 * files it was most of what a token's row wrote. */
static gboolean
set_up_writer (StConnection *connection, GError **error)
{
  return sqlite_run (connection,
                     "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY;"
                     " PRAGMA cache_size = -" G_STRINGIFY (WRITER_CACHE_KIB) ";"
                     " PRAGMA wal_autocheckpoint = " G_STRINGIFY (CHECKPOINT_PAGES),
                     error);
}

static StConnection *
sqlite_connect (StDatabase *database, gboolean writer, gint64 deadline_us, GError **error)
{
  const char *path = st_database_source (database)->path;
  int flags = (writer ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY) | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  Sqlite *sqlite = g_new0 (Sqlite, 1);
  StConnection *connection = &sqlite->connection;
  int status;

  configure_library ();
  connection->driver = &st_driver_sqlite;
  connection->database = database;
  connection->deadline_us = deadline_us;
  status = sqlite3_open_v2 (path, &sqlite->handle, flags, NULL);
  if (status != SQLITE_OK)
    {
      set_open_error (path, status, error);
      sqlite_close (connection);
      return NULL;
    }
  sqlite3_busy_handler (sqlite->handle, on_busy, connection);
  sqlite3_progress_handler (sqlite->handle, STEPS_PER_LOOK, on_progress, connection);
  sqlite3_db_config (sqlite->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
  sqlite3_db_config (sqlite->handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
  sqlite3_db_config (sqlite->handle, SQLITE_DBCONFIG_ENABLE_FKEY, 1, NULL);
  if (!(writer ? set_up_writer : set_up_reader) (connection, error))
    {
      sqlite_close (connection);
      return NULL;
    }
  return connection;
}

static gboolean
sqlite_check (StConnection *connection, GError **error)
{
  return TRUE; /* there is nobody at the other end who could have left */
}

static StPrepared
sqlite_prepare (StConnection *connection, const StStatement *statement, GError **error)
{
  sqlite3_stmt *prepared = NULL;
  int status = sqlite3_prepare_v3 (handle_of (connection), statement->sqlite, -1, SQLITE_PREPARE_PERSISTENT, &prepared,
                                   NULL);

  if (status == SQLITE_OK)
    return prepared;
  set_error (connection, status, error);
  return NULL;
}

static void
sqlite_finalize (StPrepared prepared)
{
  sqlite3_finalize (prepared);
}

static int
bind_value (sqlite3_stmt *prepared, int at, const StValue *value)
{
  switch (value->kind)
    {
    case ST_VALUE_INT64:
      return sqlite3_bind_int64 (prepared, at, value->number);
    case ST_VALUE_TEXT:
      return sqlite3_bind_text64 (prepared, at, value->text, value->length, SQLITE_STATIC, SQLITE_UTF8);
    case ST_VALUE_NULL:
    default:
      return sqlite3_bind_null (prepared, at);
    }
}

static gboolean
sqlite_execute (StConnection *connection, StPrepared prepared, const StValue *values, guint n_values, GError **error)
{
  guint n_parameters = (guint) sqlite3_bind_parameter_count (prepared);

  g_assert (n_values <= n_parameters);
  for (guint i = 0; i < n_values; i++)
    {
      int status = bind_value (prepared, (int) i + 1, &values[i]);

      if (status != SQLITE_OK)
        {
          set_error (connection, status, error);
          return FALSE;
        }
    }
  return TRUE;
}

static StStep
sqlite_fetch (StConnection *connection, StPrepared prepared, GError **error)
{
  int status = sqlite3_step (prepared);

  if (status == SQLITE_ROW)
    return ST_ROW;
  if (status == SQLITE_DONE)
    return ST_END;
  set_error (connection, status, error);
  status &= 0xff;
  /* A fresh connection finds a file that was put in place of a bad one. */
  connection->broken = status == SQLITE_NOTADB || status == SQLITE_CORRUPT || status == SQLITE_IOERR;
  return ST_FAILED;
}

static const char *
sqlite_text (StPrepared prepared, guint column)
{
  return (const char *) sqlite3_column_text (prepared, (int) column);
}

static gsize
sqlite_length (StPrepared prepared, guint column)
{
  return (gsize) sqlite3_column_bytes (prepared, (int) column);
}

static gint64
sqlite_number (StPrepared prepared, guint column)
{
  return sqlite3_column_int64 (prepared, (int) column);
}

static gboolean
sqlite_is_null (StPrepared prepared, guint column)
{
  return sqlite3_column_type (prepared, (int) column) == SQLITE_NULL;
}

/* The bindings point into the caller's memory, so they go too. */
static void
sqlite_reset (StPrepared prepared)
{
  sqlite3_reset (prepared);
  sqlite3_clear_bindings (prepared);
}

static gint64
sqlite_last_insert_id (StConnection *connection)
{
  return sqlite3_last_insert_rowid (handle_of (connection));
}

const StDriver st_driver_sqlite = {
  .separate_writer = TRUE,
  .connect = sqlite_connect,
  .close = sqlite_close,
  .check = sqlite_check,
  .prepare = sqlite_prepare,
  .finalize = sqlite_finalize,
  .execute = sqlite_execute,
  .fetch = sqlite_fetch,
  .text = sqlite_text,
  .length = sqlite_length,
  .int64 = sqlite_number,
  .is_null = sqlite_is_null,
  .reset = sqlite_reset,
  .run = sqlite_run,
  .last_insert_id = sqlite_last_insert_id,
  .begin = "BEGIN IMMEDIATE",
  .begin_read = "BEGIN",
};
