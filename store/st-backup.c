#include "config.h"
#include "store/st-backup.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sqlite3.h>
#include <string.h>
#include <unistd.h>

#define BUSY_MS 10000

static gboolean
file_error (GError **error, const char *action, const char *path)
{
  int code = errno;

  g_set_error (error, ST_ERROR, code == EEXIST ? ST_ERROR_SETUP : ST_ERROR_UNAVAILABLE, "could not %s \"%s\": %s",
               action, path, g_strerror (code));
  return FALSE;
}

/* @path: of the file that was worked on. */
static gboolean
sqlite_error (GError **error, sqlite3 *handle, const char *path)
{
  int status = sqlite3_extended_errcode (handle);
  StError code
      = (status & 0xff) == SQLITE_CORRUPT || (status & 0xff) == SQLITE_NOTADB ? ST_ERROR_DATA : ST_ERROR_UNAVAILABLE;

  g_set_error (error, ST_ERROR, code, "could not copy database \"%s\": %s", path,
               (status & 0xff) == SQLITE_FULL ? "no space is left on the disk of the copy" : sqlite3_errstr (status));
  return FALSE;
}

/* The copy is a new file without the holes of the old one. Its name is bound, never written into the statement. */
static gboolean
copy_into (sqlite3 *handle, const char *from, const char *to, GError **error)
{
  sqlite3_stmt *statement = NULL;
  gboolean done;

  sqlite3_busy_timeout (handle, BUSY_MS);
  done = sqlite3_prepare_v2 (handle, "VACUUM INTO ?", -1, &statement, NULL) == SQLITE_OK
         && sqlite3_bind_text (statement, 1, to, -1, SQLITE_STATIC) == SQLITE_OK
         && sqlite3_step (statement) == SQLITE_DONE;
  if (!done)
    sqlite_error (error, handle, from);
  sqlite3_finalize (statement);
  return done;
}

static gboolean
copy (const char *from, const char *to, GError **error)
{
  sqlite3 *handle = NULL;
  int status
      = sqlite3_open_v2 (from, &handle, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
  gboolean done = status == SQLITE_OK ? copy_into (handle, from, to, error) : sqlite_error (error, handle, from);

  sqlite3_close (handle);
  return done;
}

/* FALSE with the first thing that is wrong. @pragma: one that answers "ok". */
static gboolean
read_through (StDatabase *database, const StStatement *pragma, char **finding, GError **error)
{
  g_autoptr (StQuery) query = st_database_query (database, pragma, 0, error);

  if (query == NULL || st_query_step (query, error) != ST_ROW)
    return FALSE;
  if (g_strcmp0 (st_query_text (query, 0), "ok") != 0)
    *finding = g_strdup (st_query_text (query, 0));
  return TRUE;
}

static gboolean
check_copy (const ApimDataSource *source, const char *path, GError **error)
{
  static const StStatement integrity = { "PRAGMA integrity_check(1)", NULL };
  const ApimLimits limits = { .database_timeout_ms = 3600 * 1000 };
  ApimDataSource copied = *source;
  g_autoptr (StDatabase) database = NULL;
  g_autofree char *finding = NULL;

  copied.path = (char *) path;
  database = st_database_open (&copied, &limits, error);
  if (database == NULL || !read_through (database, &integrity, &finding, error))
    return FALSE;
  if (finding == NULL)
    return TRUE;
  g_set_error (error, ST_ERROR, ST_ERROR_DATA,
               "the copy of database \"%s\" is not whole, so the database is damaged: %s", source->path, finding);
  return FALSE;
}

static gboolean
sync_path (const char *path, int flags, GError **error)
{
  int fd = open (path, flags | O_CLOEXEC);
  gboolean synced = fd >= 0 && fsync (fd) == 0;

  if (!synced)
    file_error (error, "make last", path);
  if (fd >= 0)
    close (fd);
  return synced;
}

gboolean
st_backup (const ApimDataSource *source, const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  int fd = open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

  if (fd < 0)
    return file_error (error, "make", path);
  close (fd); /* SQLite writes into an empty file, whose mode stays */
  if (copy (source->path, path, error) && check_copy (source, path, error) && sync_path (path, O_RDONLY, error)
      && sync_path (folder, O_RDONLY | O_DIRECTORY, error))
    return TRUE;
  g_unlink (path);
  return FALSE;
}

/* The last connection that closes takes the log with it. */
static gboolean
was_closed (const char *path)
{
  g_autofree char *log = g_strconcat (path, "-wal", NULL);
  GStatBuf info;

  return g_stat (log, &info) != 0 || info.st_size == 0;
}

static gboolean
damaged (const char *path, const char *finding, GError **error)
{
  g_set_error (
      error, ST_ERROR, ST_ERROR_DATA,
      "database \"%s\" is damaged (%s): move it away with its -wal and -shm files, and put a copy made by \"apimctl db"
      " backup\" in its place; docs/sqlite.md says what can be saved from it",
      path, finding);
  return FALSE;
}

gboolean
st_file_check (const ApimDataSource *source, StFileState *state, GError **error)
{
  static const StStatement look = { "SELECT COUNT(*) FROM sqlite_schema", NULL };
  static const StStatement quick = { "SELECT quick_check FROM pragma_quick_check(1)", NULL };
  const ApimLimits limits = { .database_timeout_ms = ST_FILE_CHECK_MS };
  gboolean closed = was_closed (source->path); /* before we open it */
  g_autoptr (StDatabase) database = st_database_open (source, &limits, error);
  g_autofree char *finding = NULL;
  g_autoptr (GError) why = NULL;

  *state = closed ? ST_FILE_NOT_LOOKED_INTO : ST_FILE_WHOLE;
  if (database == NULL)
    return FALSE;
  if (read_through (database, closed ? &look : &quick, &finding, &why))
    return closed || finding == NULL || damaged (source->path, finding, error);
  if (g_error_matches (why, ST_ERROR, ST_ERROR_TIMEOUT) && !closed)
    {
      *state = ST_FILE_TOO_LARGE;
      return TRUE;
    }
  if (g_error_matches (why, ST_ERROR, ST_ERROR_DATA))
    return damaged (source->path, "its pages do not fit together", error);
  g_propagate_error (error, g_steal_pointer (&why));
  return FALSE;
}
