#include "config.h"
#include "bench/make-store.h"

#include <gio/gio.h>
#include <sqlite3.h>
#include <string.h>

typedef struct
{
  sqlite3 *handle;
  sqlite3_stmt *statement;
} Target;

static void
target_clear (Target *target)
{
  sqlite3_finalize (target->statement);
  sqlite3_close (target->handle);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Target, target_clear)

static gboolean
fail (const Target *target, GError **error)
{
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "SQLite: %s", sqlite3_errmsg (target->handle));
  return FALSE;
}

static gboolean
run (const Target *target, const char *sql, GError **error)
{
  return sqlite3_exec (target->handle, sql, NULL, NULL, NULL) == SQLITE_OK || fail (target, error);
}

/* (element-type utf8) (transfer full): the SQL that makes the triggers; they are gone then. */
static GPtrArray *
take_triggers (Target *target, GError **error)
{
  g_autoptr (GPtrArray) triggers = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GString) drop = g_string_new (NULL);

  if (sqlite3_prepare_v2 (target->handle, "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'", -1,
                          &target->statement, NULL)
      != SQLITE_OK)
    return fail (target, error), NULL;
  while (sqlite3_step (target->statement) == SQLITE_ROW)
    {
      g_string_append_printf (drop, "DROP TRIGGER %s;", (const char *) sqlite3_column_text (target->statement, 0));
      g_ptr_array_add (triggers, g_strdup ((const char *) sqlite3_column_text (target->statement, 1)));
    }
  sqlite3_finalize (g_steal_pointer (&target->statement));
  return run (target, drop->str, error) ? g_steal_pointer (&triggers) : NULL;
}

static gboolean
prepare_insert (Target *target, const StoreTable *table, GError **error)
{
  g_auto (GStrv) columns = g_strsplit (table->columns, " ", -1);
  g_autoptr (GString) sql = g_string_new (NULL);

  g_string_append_printf (sql, "INSERT INTO %s (", table->name);
  for (guint i = 0; columns[i] != NULL; i++)
    g_string_append_printf (sql, "%s%s", i > 0 ? ", " : "", columns[i] + (*columns[i] == '@'));
  g_string_append (sql, ") VALUES (");
  for (guint i = 0; columns[i] != NULL; i++)
    g_string_append (sql, i > 0 ? ", ?" : "?");
  g_string_append (sql, ")");
  return sqlite3_prepare_v2 (target->handle, sql->str, -1, &target->statement, NULL) == SQLITE_OK
         || fail (target, error);
}

static gboolean
fill_table (Target *target, const StoreWorld *world, const StoreTable *table, GError **error)
{
  guint64 count = table->count (world);
  StoreRow row;

  if (!prepare_insert (target, table, error))
    return FALSE;
  for (guint64 number = 0; number < count; number++)
    {
      row.n = 0;
      row.used = 0;
      table->fill (world, number, &row);
      for (guint i = 0; i < row.n; i++)
        sqlite3_bind_text (target->statement, (int) i + 1, row.values[i], -1, SQLITE_STATIC);
      if (sqlite3_step (target->statement) != SQLITE_DONE)
        return fail (target, error);
      sqlite3_reset (target->statement);
      make_store_say (table, number, count);
    }
  sqlite3_finalize (g_steal_pointer (&target->statement));
  return TRUE;
}

/* Without a journal: a half filled database is of no use to anybody. The index of hashes, the one whose keys come in no
 * order, is made at the end, sorted. */
#define BEFORE \
  "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;" \
  " PRAGMA cache_size = -1000000; PRAGMA foreign_keys = OFF; BEGIN; DROP INDEX IDX_ATH"
#define AFTER \
  "CREATE INDEX IDX_ATH ON IDN_OAUTH2_ACCESS_TOKEN (ACCESS_TOKEN_HASH); COMMIT;" \
  " PRAGMA analysis_limit = 1000; ANALYZE; PRAGMA locking_mode = NORMAL; PRAGMA journal_mode = WAL"

gboolean
make_store_sqlite (const StoreWorld *world, const char *path, GError **error)
{
  g_auto (Target) target = { NULL };
  g_autoptr (GPtrArray) triggers = NULL;

  if (sqlite3_open_v2 (path, &target.handle, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
    return fail (&target, error);
  if (!run (&target, BEFORE, error) || (triggers = take_triggers (&target, error)) == NULL)
    return FALSE;
  for (const StoreTable *table = store_tables; table->name != NULL; table++)
    if (!fill_table (&target, world, table, error))
      return FALSE;
  for (guint i = 0; i < triggers->len; i++)
    if (!run (&target, triggers->pdata[i], error))
      return FALSE;
  return run (&target, AFTER, error);
}
