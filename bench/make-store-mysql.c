#include "config.h"
#include "bench/make-store.h"

#include <gio/gio.h>
#include <mysql.h>
#include <string.h>
#include <time.h>

/* Rows on their way into LOAD DATA, which asks for bytes. */
typedef struct
{
  const StoreWorld *world;
  const StoreTable *table;
  guint64 number;
  guint64 count;
  gboolean is_time[STORE_ROWS_MAX_COLUMNS];
  char line[4096];
  gsize line_size;
  gsize line_at;
} Stream;

static int
stream_begin (void **data, const char *file_name, void *stream)
{
  *data = stream;
  return 0;
}

static void
stream_end (void *data)
{
}

static int
stream_error (void *data, char *text, unsigned int size)
{
  g_strlcpy (text, "make-store: no error is possible here", size);
  return 0;
}

/* The session's time zone is UTC. */
static gsize
write_time (const char *ms, char *to, gsize size)
{
  time_t s = (time_t) (g_ascii_strtoll (ms, NULL, 10) / 1000);
  struct tm tm;

  return strftime (to, size, "%Y-%m-%d %H:%M:%S", gmtime_r (&s, &tm));
}

static void
next_line (Stream *stream)
{
  StoreRow row;
  char *at = stream->line;

  row.n = 0;
  row.used = 0;
  stream->table->fill (stream->world, stream->number, &row);
  for (guint i = 0; i < row.n; i++)
    {
      gsize left = sizeof stream->line - (gsize) (at - stream->line) - 1;
      gsize size = stream->is_time[i] ? write_time (row.values[i], at, left) : g_strlcpy (at, row.values[i], left);

      g_assert (size < left);
      at += size;
      *at++ = i + 1 < row.n ? '\t' : '\n';
    }
  stream->line_size = (gsize) (at - stream->line);
  stream->line_at = 0;
  make_store_say (stream->table, stream->number++, stream->count);
}

static int
stream_read (void *data, char *buffer, unsigned int size)
{
  Stream *stream = data;
  unsigned int done = 0;

  while (done < size)
    {
      gsize part = MIN (stream->line_size - stream->line_at, size - done);

      memcpy (buffer + done, stream->line + stream->line_at, part);
      stream->line_at += part;
      done += (unsigned int) part;
      if (stream->line_at < stream->line_size)
        continue;
      if (stream->number == stream->count)
        break;
      next_line (stream);
    }
  return (int) done;
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

static gboolean
fill_table (MYSQL *handle, const StoreWorld *world, const StoreTable *table, GError **error)
{
  g_auto (GStrv) columns = g_strsplit (table->columns, " ", -1);
  Stream stream = { .world = world, .table = table, .count = table->count (world) };
  g_autoptr (GString) sql = g_string_new (NULL);

  g_string_append_printf (sql, "LOAD DATA LOCAL INFILE 'rows' INTO TABLE %s CHARACTER SET utf8mb4 (", table->name);
  for (guint i = 0; columns[i] != NULL; i++)
    {
      stream.is_time[i] = *columns[i] == '@';
      g_string_append_printf (sql, "%s%s", i > 0 ? ", " : "", columns[i] + stream.is_time[i]);
    }
  g_string_append (sql, ")");
  mysql_set_local_infile_handler (handle, stream_begin, stream_read, stream_end, stream_error, &stream);
  return run (handle, sql->str, error);
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
fill (MYSQL *handle, const StoreWorld *world, GError **error)
{
  g_autoptr (GPtrArray) triggers = NULL;

  if (!run (handle, "SET SESSION time_zone = '+00:00', unique_checks = 0, foreign_key_checks = 0", error)
      || (triggers = take_triggers (handle, error)) == NULL
      || !run (handle, "ALTER TABLE " MAKE_STORE_HASH_INDEX_ON " DROP KEY " MAKE_STORE_HASH_INDEX, error))
    return FALSE;
  for (const StoreTable *table = store_tables; table->name != NULL; table++)
    if (!fill_table (handle, world, table, error))
      return FALSE;
  if (!run (handle,
            "ALTER TABLE " MAKE_STORE_HASH_INDEX_ON " ADD KEY " MAKE_STORE_HASH_INDEX
            " (" MAKE_STORE_HASH_INDEX_COLUMN ")",
            error))
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
  MYSQL *handle = mysql_init (NULL);
  unsigned int on = 1;
  gboolean done = FALSE;

  mysql_optionsv (handle, MYSQL_OPT_LOCAL_INFILE, &on);
  mysql_optionsv (handle, MYSQL_SET_CHARSET_NAME, "utf8mb4");
  if (mysql_real_connect (handle, NULL, "root", NULL, database, 0, socket, 0) == NULL)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "MariaDB: %s", mysql_error (handle));
  else
    done = fill (handle, world, error);
  mysql_close (handle);
  return done;
}
