#include "config.h"
#include "bench/ask-bare.h"

#include <mysql.h>
#include <string.h>

#define MAX_COLUMNS 24

typedef struct
{
  MYSQL_STMT *statement;
  MYSQL_BIND parameters[BARE_MAX_PARAMETERS];
  MYSQL_BIND results[MAX_COLUMNS];
  char texts[MAX_COLUMNS][BARE_MAX_TEXT];
  unsigned long lengths[MAX_COLUMNS];
  my_bool is_null[MAX_COLUMNS];
} Prepared;

typedef struct
{
  MYSQL *handle;
  Prepared prepared[BARE_N_STATEMENTS];
} Connection;

G_NORETURN static void
fail (const Prepared *prepared)
{
  ask_fail ("MariaDB", mysql_stmt_error (prepared->statement));
}

static void
prepare (MYSQL *handle, Prepared *prepared, const char *sql)
{
  prepared->statement = mysql_stmt_init (handle);
  if (mysql_stmt_prepare (prepared->statement, sql, strlen (sql)) != 0)
    fail (prepared);
  if (mysql_stmt_field_count (prepared->statement) > MAX_COLUMNS)
    ask_fail ("statement", "there are too many columns");
  for (guint i = 0; i < mysql_stmt_field_count (prepared->statement); i++)
    prepared->results[i] = (MYSQL_BIND){ .buffer_type = MYSQL_TYPE_STRING,
                                         .buffer = prepared->texts[i],
                                         .buffer_length = BARE_MAX_TEXT - 1,
                                         .length = &prepared->lengths[i],
                                         .is_null = &prepared->is_null[i] };
  if (mysql_stmt_bind_result (prepared->statement, prepared->results) != 0)
    fail (prepared);
}

static gpointer
connect_mysql (const AskOptions *options, char *const statements[BARE_N_STATEMENTS])
{
  Connection *self = g_new0 (Connection, 1);

  self->handle = mysql_init (NULL);
  mysql_optionsv (self->handle, MYSQL_SET_CHARSET_NAME, "utf8mb4");
  if (mysql_real_connect (self->handle, NULL, "root", NULL, options->database, 0, options->socket, 0) == NULL)
    ask_fail ("MariaDB", mysql_error (self->handle));
  for (guint i = 0; i < BARE_N_STATEMENTS; i++)
    prepare (self->handle, &self->prepared[i], statements[i]);
  return self;
}

static void
keep (const Prepared *prepared, const guint *columns, guint n_columns, BareAnswer *answer)
{
  for (guint i = 0; i < n_columns; i++)
    {
      gsize length = prepared->is_null[columns[i]] ? 0 : MIN (prepared->lengths[columns[i]], BARE_MAX_TEXT - 1);

      memcpy (answer->text[i], prepared->texts[columns[i]], length);
      answer->text[i][length] = '\0';
    }
}

static gboolean
ask (gpointer connection, guint number, const BareParameters *parameters, const guint *columns, guint n_columns,
     BareAnswer *answer)
{
  Prepared *prepared = &((Connection *) connection)->prepared[number];
  gboolean found = FALSE;
  int status;

  for (guint i = 0; i < parameters->n; i++)
    if (parameters->texts[i] != NULL)
      prepared->parameters[i] = (MYSQL_BIND){ .buffer_type = MYSQL_TYPE_STRING,
                                              .buffer = (char *) parameters->texts[i],
                                              .buffer_length = strlen (parameters->texts[i]) };
    else
      prepared->parameters[i]
          = (MYSQL_BIND){ .buffer_type = MYSQL_TYPE_LONGLONG, .buffer = (gint64 *) &parameters->numbers[i] };
  if (mysql_stmt_bind_param (prepared->statement, prepared->parameters) != 0
      || mysql_stmt_execute (prepared->statement) != 0)
    fail (prepared);
  while ((status = mysql_stmt_fetch (prepared->statement)) == 0)
    {
      if (!found)
        keep (prepared, columns, n_columns, answer);
      found = TRUE;
    }
  if (status != MYSQL_NO_DATA)
    fail (prepared);
  return found;
}

static void
disconnect_mysql (gpointer connection)
{
  Connection *self = connection;

  for (guint i = 0; i < BARE_N_STATEMENTS; i++)
    mysql_stmt_close (self->prepared[i].statement);
  mysql_close (self->handle);
  g_free (self);
}

const BareDriver bare_mysql = { connect_mysql, ask, disconnect_mysql };
