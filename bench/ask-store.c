/* Validates tokens through the product's own key store, pool and drivers; without its cache.
 *
 *   ask-store OPTIONS    (ask-run.h)
 *
 * Where the file of --statements is not there, writes it: the texts of the statements that the key store asks, for
 * ask-bare to ask the same. */
#include "config.h"
#include "bench/ask-run.h"

#include "store/st-sql-key-store-private.h"

#include <string.h>

#define TIME_LIMIT_MS 30000

static ApimDataSource source = { .jndi_name = (char *) "jdbc/WSO2AM_DB", .max_wait_ms = TIME_LIMIT_MS };
static StDatabase *database;
static StKeyStore *store;

static const char *
text_of (const StStatement *statement)
{
  return source.kind == APIM_DATABASE_MYSQL && statement->mysql != NULL ? statement->mysql : statement->sqlite;
}

static void
write_statements (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (StSqlShape) shape = st_sql_shape_read (database, TRUE, APIM_TOKEN_TIME_SERVER, 0, &error);
  g_autofree char *texts = NULL;

  if (shape == NULL)
    ask_fail ("schema", error->message);
  texts = g_strdup_printf ("%s\n%s\n%s\n",
                           text_of (g_array_index (shape->token_tables, StSqlTokenTable, 0).by_hash),
                           text_of (shape->subscription), text_of (shape->scope));
  if (!g_file_set_contents (path, texts, -1, &error))
    ask_fail (path, error->message);
}

static void
open_store (const AskOptions *options)
{
  ApimLimits limits = { .database_timeout_ms = TIME_LIMIT_MS };
  g_autoptr (GError) error = NULL;

  source.kind = options->sqlite != NULL ? APIM_DATABASE_SQLITE : APIM_DATABASE_MYSQL;
  source.path = options->sqlite;
  source.unix_socket = options->socket;
  source.database = options->database;
  source.user = (char *) "root";
  source.max_active = (guint) options->connections;
  database = st_database_open (&source, &limits, &error);
  if (database == NULL)
    ask_fail ("database", error->message);
  store = st_sql_key_store_new (database, TRUE);
  if (!g_file_test (options->statements, G_FILE_TEST_EXISTS))
    write_statements (options->statements);
}

/* The pool's connections are nobody's. */
static gpointer
connect_none (const AskOptions *options)
{
  return NULL;
}

static void
disconnect_none (gpointer connection)
{
}

static gboolean
validate (gpointer connection, const StoreQuestion *question)
{
  gint64 deadline_us = g_get_monotonic_time () + TIME_LIMIT_MS * 1000;
  g_autoptr (StToken) token = NULL;
  g_autoptr (StSubscription) subscription = NULL;
  g_autoptr (StScope) scope = NULL;
  g_autoptr (GError) error = NULL;

  if (!st_key_store_find_token (store, question->token, strlen (question->token), deadline_us, &token, &error)
      || (token != NULL
          && !st_key_store_find_subscription (store, question->context, STORE_WORLD_VERSION, token->consumer_key,
                                              ST_SUPER_TENANT_ID, deadline_us, &subscription, &error))
      || !st_key_store_find_scope (store, question->resource, deadline_us, &scope, &error))
    ask_fail ("look-up", error->message);
  return token != NULL && subscription != NULL && scope != NULL && strcmp (token->user_name, question->user) == 0
         && strcmp (token->consumer_key, question->consumer_key) == 0 && token->scopes[0] != NULL
         && strcmp (token->scopes[0], STORE_WORLD_SCOPE) == 0
         && (guint64) subscription->application_id == question->application_id
         && strcmp (scope->key, STORE_WORLD_SCOPE) == 0;
}

static void
close_store (void)
{
  st_key_store_free (store);
  st_database_free (database);
}

int
main (int argc, char *argv[])
{
  static const AskDriver driver = { open_store, connect_none, validate, disconnect_none, close_store };

  return ask_run (argc, argv, &driver);
}
