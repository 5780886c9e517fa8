#include "config.h"
#include "bench/make-store.h"

#include <errno.h>
#include <gio/gio.h>
#include <mysql.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* The server reads a named pipe of ours: with LOCAL, duplicates would be passed over, and to be able to do that InnoDB
 * takes each row by itself, for nearly twice the CPU. */
#define BUFFER_SIZE (1 << 16)

/* Rows on their way into LOAD DATA. */
typedef struct
{
  const StoreWorld *world;
  const StoreTable *table;
  const char *pipe;
  gboolean is_time[STORE_ROWS_MAX_COLUMNS];
} Stream;

/* The session's time zone is UTC. */
static void
write_time (const char *ms, FILE *file)
{
  time_t s = (time_t) (g_ascii_strtoll (ms, NULL, 10) / 1000);
  char text[32];
  struct tm tm;

  strftime (text, sizeof text, "%Y-%m-%d %H:%M:%S", gmtime_r (&s, &tm));
  fputs_unlocked (text, file);
}

static void
write_line (const Stream *stream, guint64 number, FILE *file)
{
  StoreRow row;

  row.n = 0;
  row.used = 0;
  stream->table->fill (stream->world, number, &row);
  for (guint i = 0; i < row.n; i++)
    {
      if (stream->is_time[i])
        write_time (row.values[i], file);
      else
        fputs_unlocked (row.values[i], file);
      fputc_unlocked (i + 1 < row.n ? '\t' : '\n', file);
    }
}

/* Waits for the server to open the pipe. What goes wrong here is a broken pipe, and told by the server. */
static gpointer
write_lines (gpointer data)
{
  const Stream *stream = data;
  guint64 count = stream->table->count (stream->world);
  FILE *file = fopen (stream->pipe, "w");

  if (file == NULL)
    g_error ("cannot open %s: %s", stream->pipe, g_strerror (errno));
  setvbuf (file, NULL, _IOFBF, BUFFER_SIZE);
  for (guint64 number = 0; number < count && !ferror (file); number++)
    {
      write_line (stream, number, file);
      make_store_say (stream->table, number, count);
    }
  fclose (file);
  return NULL;
}

static gboolean
run (MYSQL *handle, const char *sql, GError **error)
{
  MYSQL_RES *result;

  if (mysql_query (handle, sql) == 0)
    {
      result = mysql_store_result (handle);
      mysql_free_result (result);
      return TRUE;
    }
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "MariaDB: %s", mysql_error (handle));
  return FALSE;
}

/* Where the server refuses to read, the thread waits for good, and the program ends without it: the stream stays. */
static gboolean
fill_table (MYSQL *handle, const StoreWorld *world, const StoreTable *table, const char *pipe, GError **error)
{
  g_auto (GStrv) columns = g_strsplit (table->columns, " ", -1);
  Stream *stream = g_new0 (Stream, 1);
  g_autoptr (GString) sql = g_string_new (NULL);
  GThread *thread;

  *stream = (Stream){ .world = world, .table = table, .pipe = pipe };
  g_string_append_printf (sql, "LOAD DATA INFILE '%s' INTO TABLE %s CHARACTER SET utf8mb4 (", pipe, table->name);
  for (guint i = 0; columns[i] != NULL; i++)
    {
      stream->is_time[i] = *columns[i] == '@';
      g_string_append_printf (sql, "%s%s", i > 0 ? ", " : "", columns[i] + stream->is_time[i]);
    }
  g_string_append (sql, ")");
  thread = g_thread_new ("rows", write_lines, stream);
  if (!run (handle, sql->str, error))
    return FALSE;
  g_thread_join (thread);
  g_free (stream);
  return TRUE;
}

/* One column of all rows. (element-type utf8) (transfer full). */
static GPtrArray *
select_column (MYSQL *handle, const char *sql, guint column, GError **error)
{
  GPtrArray *texts = g_ptr_array_new_with_free_func (g_free);
  MYSQL_RES *result;
  MYSQL_ROW row;

  if (mysql_query (handle, sql) != 0)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "MariaDB: %s", mysql_error (handle));
      return g_ptr_array_unref (texts), NULL;
    }
  result = mysql_store_result (handle);
  while (result != NULL && (row = mysql_fetch_row (result)) != NULL)
    g_ptr_array_add (texts, g_strdup (row[column]));
  mysql_free_result (result);
  return texts;
}

/* As take_triggers() of SQLite. */
static GPtrArray *
take_triggers (MYSQL *handle, GError **error)
{
  g_autoptr (GPtrArray) names = select_column (handle, "SHOW TRIGGERS", 0, error);
  g_autoptr (GPtrArray) triggers = g_ptr_array_new_with_free_func (g_free);

  if (names == NULL)
    return NULL;
  for (guint i = 0; i < names->len; i++)
    {
      g_autofree char *show = g_strdup_printf ("SHOW CREATE TRIGGER %s", (char *) names->pdata[i]);
      g_autofree char *drop = g_strdup_printf ("DROP TRIGGER %s", (char *) names->pdata[i]);
      g_autoptr (GPtrArray) text = select_column (handle, show, 2, error);

      if (text == NULL || text->len != 1 || !run (handle, drop, error))
        return NULL;
      g_ptr_array_add (triggers, g_strdup (text->pdata[0]));
    }
  return g_steal_pointer (&triggers);
}

static gboolean
fill (MYSQL *handle, const StoreWorld *world, const char *pipe, GError **error)
{
  g_autoptr (GPtrArray) triggers = NULL;

  if (!run (handle, "SET SESSION time_zone = '+00:00', unique_checks = 0, foreign_key_checks = 0", error)
      || (triggers = take_triggers (handle, error)) == NULL)
    return FALSE;
  for (const StoreTable *table = store_tables; table->name != NULL; table++)
    if (!fill_table (handle, world, table, pipe, error))
      return FALSE;
  for (guint i = 0; i < triggers->len; i++)
    if (!run (handle, triggers->pdata[i], error))
      return FALSE;
  return run (handle,
              "ANALYZE TABLE AM_API, AM_APPLICATION, AM_APPLICATION_KEY_MAPPING, AM_SUBSCRIPTION,"
              " IDN_OAUTH2_ACCESS_TOKEN, IDN_OAUTH2_ACCESS_TOKEN_SCOPE, IDN_OAUTH2_RESOURCE_SCOPE",
              error);
}

gboolean
make_store_mysql (const StoreWorld *world, const char *socket, const char *database, GError **error)
{
  g_autofree char *pipe = g_strdup_printf ("%s.rows", socket);
  MYSQL *handle = mysql_init (NULL);
  gboolean done = FALSE;

  signal (SIGPIPE, SIG_IGN);
  mysql_optionsv (handle, MYSQL_SET_CHARSET_NAME, "utf8mb4");
  if (mysql_real_connect (handle, NULL, "root", NULL, database, 0, socket, 0) == NULL)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "MariaDB: %s", mysql_error (handle));
  else if (mkfifo (pipe, 0600) != 0)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "%s: %s", pipe, g_strerror (errno));
  else
    {
      done = fill (handle, world, pipe, error);
      unlink (pipe);
    }
  mysql_close (handle);
  return done;
}
