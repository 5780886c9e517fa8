#include "config.h"
#include "bench/ask-bare.h"

#include <sqlite3.h>
#include <string.h>

typedef struct
{
  sqlite3 *handle;
  sqlite3_stmt *statements[BARE_N_STATEMENTS];
} Connection;

static gpointer
connect_sqlite (const AskOptions *options, char *const statements[BARE_N_STATEMENTS])
{
  Connection *self = g_new0 (Connection, 1);

  if (sqlite3_open_v2 (options->sqlite, &self->handle, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
    ask_fail (options->sqlite, sqlite3_errmsg (self->handle));
  for (guint i = 0; i < BARE_N_STATEMENTS; i++)
    if (sqlite3_prepare_v3 (self->handle, statements[i], -1, SQLITE_PREPARE_PERSISTENT, &self->statements[i], NULL)
        != SQLITE_OK)
      ask_fail ("SQLite", sqlite3_errmsg (self->handle));
  return self;
}

static void
keep (sqlite3_stmt *statement, const guint *columns, guint n_columns, BareAnswer *answer)
{
  for (guint i = 0; i < n_columns; i++)
    {
      const char *text = (const char *) sqlite3_column_text (statement, (int) columns[i]);

      g_strlcpy (answer->text[i], text != NULL ? text : "", BARE_MAX_TEXT);
    }
}

static gboolean
ask (gpointer connection, guint number, const BareParameters *parameters, const guint *columns, guint n_columns,
     BareAnswer *answer)
{
  Connection *self = connection;
  sqlite3_stmt *statement = self->statements[number];
  gboolean found = FALSE;
  int status;

  for (guint i = 0; i < parameters->n; i++)
    if (parameters->texts[i] != NULL)
      sqlite3_bind_text (statement, (int) i + 1, parameters->texts[i], -1, SQLITE_STATIC);
    else
      sqlite3_bind_int64 (statement, (int) i + 1, parameters->numbers[i]);
  while ((status = sqlite3_step (statement)) == SQLITE_ROW)
    {
      int n = sqlite3_column_count (statement);

      for (int i = 0; i < n; i++)
        sqlite3_column_text (statement, i);
      if (!found)
        keep (statement, columns, n_columns, answer);
      found = TRUE;
    }
  if (status != SQLITE_DONE)
    ask_fail ("SQLite", sqlite3_errmsg (self->handle));
  sqlite3_reset (statement);
  return found;
}

static void
disconnect_sqlite (gpointer connection)
{
  Connection *self = connection;

  for (guint i = 0; i < BARE_N_STATEMENTS; i++)
    sqlite3_finalize (self->statements[i]);
  sqlite3_close (self->handle);
  g_free (self);
}

const BareDriver bare_sqlite = { connect_sqlite, ask, disconnect_sqlite };
