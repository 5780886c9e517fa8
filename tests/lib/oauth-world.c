#include "config.h"
#include "tests/lib/oauth-world.h"

#include "common/apim-secret.h"

#include <string.h>

#define HOUR_MS G_GINT64_CONSTANT (3600000)

const OauthGeneration oauth_generations[] = {
  { "sqlite", NULL, FALSE, TRUE, TRUE, TRUE, TRUE, TRUE, ST_OAUTH_HASH_JSON },
  { "mariadb", NULL, TRUE, TRUE, TRUE, TRUE, TRUE, TRUE, ST_OAUTH_HASH_JSON },
  { "1.9", "1.9", TRUE, FALSE, FALSE, FALSE, FALSE, FALSE, ST_OAUTH_HASH_NONE },
  { "1.10", "1.10", TRUE, TRUE, FALSE, FALSE, FALSE, FALSE, ST_OAUTH_HASH_NONE },
  { "2.0", "2.0", TRUE, TRUE, TRUE, FALSE, FALSE, FALSE, ST_OAUTH_HASH_NONE },
  { "2.1", "2.1", TRUE, TRUE, TRUE, TRUE, FALSE, FALSE, ST_OAUTH_HASH_NONE },
  { "2.2", "2.2", TRUE, TRUE, TRUE, TRUE, TRUE, FALSE, ST_OAUTH_HASH_HEX },
  { "2.5", "2.5", TRUE, TRUE, TRUE, TRUE, TRUE, TRUE, ST_OAUTH_HASH_HEX },
  { "2.6", "2.6", TRUE, TRUE, TRUE, TRUE, TRUE, TRUE, ST_OAUTH_HASH_JSON },
  { "2.0-from-1.9", "2.0-from-1.9", TRUE, TRUE, FALSE, FALSE, FALSE, FALSE, ST_OAUTH_HASH_NONE },
  { "2.2-with-2.1-oauth", "2.2-with-2.1-oauth", TRUE, TRUE, TRUE, TRUE, FALSE, FALSE, ST_OAUTH_HASH_NONE },
  { NULL },
};

static OauthWorld *current;

static void
load_generation (StoreFixture *fixture, const char *name)
{
  g_autofree char *program = g_test_build_filename (G_TEST_DIST, "fixtures", "generations", "fixture", NULL);
  const char *const arguments[] = { program, name, NULL };
  g_autoptr (StDatabase) loader = NULL; /* of its own, since the script changes its session */
  g_autofree char *script = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  g_spawn_sync (NULL, (char **) arguments, NULL, G_SPAWN_DEFAULT, NULL, NULL, &script, NULL, &status, &error);
  g_assert_no_error (error);
  g_assert_true (g_spawn_check_wait_status (status, &error));
  loader = st_database_open (&fixture->api, &fixture->limits, &error);
  g_assert_no_error (error);
  store_fixture_run (loader, script);
  fixture->api_database = st_database_open (&fixture->api, &fixture->limits, &error);
  g_assert_no_error (error);
}

OauthWorld *
oauth_world_of (const OauthGeneration *generation)
{
  g_autoptr (GError) error = NULL;

  if (current != NULL && current->generation == generation)
    return current;
  oauth_world_end ();
  current = g_new0 (OauthWorld, 1);
  current->generation = generation;
  current->statements = g_ptr_array_new ();
  current->fixture = generation->mysql
                         ? store_fixture_mysql (store_fixture_mysql_socket (), "latin1 COLLATE latin1_swedish_ci")
                         : store_fixture_sqlite ();
  current->fixture->limits.database_timeout_ms = 60000; /* a hundred tables, on a busy machine */
  if (generation->fixture != NULL)
    load_generation (current->fixture, generation->fixture);
  else
    store_fixture_open (current->fixture);
  current->database = current->fixture->api_database;
  oauth_world_begin (current);
  g_assert_true (st_oauth_form_read (&current->writer, APIM_TOKEN_TIME_SERVER, TRUE, &current->form, &error));
  g_assert_no_error (error);
  oauth_world_rollback (current);
  current->client = oauth_world_client (current);
  return current;
}

static void
free_statement (gpointer data, gpointer unused)
{
  StStatement *statement = data;

  g_free ((char *) statement->sqlite);
  g_free (statement);
}

void
oauth_world_end (void)
{
  if (current == NULL)
    return;
  g_assert_null (current->writer.transaction);
  store_fixture_free (current->fixture);
  st_oauth_client_free (current->client);
  st_token_tables_unref (current->token_tables);
  g_ptr_array_foreach (current->statements, free_statement, NULL);
  g_ptr_array_unref (current->statements);
  g_clear_pointer (&current, g_free);
}

void
oauth_world_begin (OauthWorld *world)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (world->writer.transaction);
  g_assert_true (st_capabilities_get (world->database, 0, &world->writer.capabilities, &error));
  g_assert_no_error (error);
  g_assert_true (st_capabilities_check_writable (world->writer.capabilities, &error));
  st_token_tables_unref (world->token_tables);
  world->token_tables = st_token_tables_get (world->database, 0, &error);
  g_assert_no_error (error);
  world->writer.token_tables = world->token_tables;
  world->writer.transaction = st_transaction_begin (world->database, 0, &error);
  g_assert_no_error (error);
}

void
oauth_world_commit (OauthWorld *world)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (st_transaction_commit (g_steal_pointer (&world->writer.transaction), &error));
  g_assert_no_error (error);
}

void
oauth_world_rollback (OauthWorld *world)
{
  st_transaction_rollback (g_steal_pointer (&world->writer.transaction));
}

static StQuery *
query_of (OauthWorld *world, char *sql, StTransaction *transaction)
{
  StStatement *statement = g_new0 (StStatement, 1);
  g_autoptr (GError) error = NULL;
  StQuery *query;

  statement->sqlite = sql;
  g_ptr_array_add (world->statements, statement);
  query = transaction != NULL ? st_transaction_query (transaction, statement, &error)
                              : st_database_query (world->database, statement, 0, &error);
  g_assert_no_error (error);
  return query;
}

/* The number of columns is that of the commas outside brackets before FROM. */
static guint
count_columns (const char *sql)
{
  const char *end = strstr (sql, " FROM ");
  guint count = 1, depth = 0;

  for (const char *at = sql; *at != '\0' && at != end; at++)
    {
      depth += *at == '(' ? 1 : 0;
      depth -= *at == ')' ? 1 : 0;
      count += *at == ',' && depth == 0 ? 1 : 0;
    }
  return count;
}

char *
oauth_world_select (OauthWorld *world, const char *format, ...)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (StQuery) query = NULL;
  GString *rows = g_string_new (NULL);
  va_list arguments;
  char *sql;
  guint n_columns;

  va_start (arguments, format);
  sql = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  n_columns = count_columns (sql);
  query = query_of (world, sql, world->writer.transaction);
  while (st_query_step (query, &error) == ST_ROW)
    for (guint i = 0; i < n_columns; i++)
      {
        const char *text = st_query_text (query, i);

        g_string_append_printf (rows, "%s%s", i > 0 ? "|" : rows->len > 0 ? "\n" : "", text != NULL ? text : "NULL");
      }
  g_assert_no_error (error);
  return g_string_free (rows, FALSE);
}

void
oauth_world_run (OauthWorld *world, const char *format, ...)
{
  gboolean begin = world->writer.transaction == NULL;
  g_autoptr (GError) error = NULL;
  va_list arguments;
  char *sql;

  va_start (arguments, format);
  sql = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  if (begin)
    oauth_world_begin (world);
  g_assert_true (st_writer_run (query_of (world, sql, world->writer.transaction), &error));
  g_assert_no_error (error);
  if (begin)
    oauth_world_commit (world);
}

StOauthToken *
oauth_world_token (const char *scopes)
{
  StOauthToken *token = st_oauth_token_new ();

  token->access_token = apim_random_uuid ();
  token->refresh_token = apim_random_uuid ();
  token->user = (StOauthUser){
    .name = g_strdup ("alice"),
    .user_domain = g_strdup ("PRIMARY"),
    .tenant_id = ST_SUPER_TENANT_ID,
    .tenant_domain = g_strdup ("carbon.super"),
  };
  token->user_type = g_strdup (ST_OAUTH_USER_TYPE_USER);
  token->grant_type = g_strdup ("password");
  token->issued_ms = g_get_real_time () / G_USEC_PER_SEC * 1000 - 2 * HOUR_MS;
  token->refresh_issued_ms = token->issued_ms - HOUR_MS;
  token->validity_ms = HOUR_MS;
  token->refresh_validity_ms = 24 * HOUR_MS;
  g_strfreev (token->scopes);
  token->scopes = g_strsplit (scopes, " ", -1);
  return token;
}

StOauthClient *
oauth_world_client (OauthWorld *world)
{
  StOauthClient *client = st_oauth_client_new ();
  g_autoptr (GError) error = NULL;

  client->key = st_oauth_client_random_key ();
  client->secret = st_oauth_client_random_key ();
  client->owner.name = g_strdup ("alice");
  client->name = st_oauth_client_make_name ("alice", "WeatherApp", "PRODUCTION");
  client->grant_types = g_strdup ("client_credentials refresh_token password");
  oauth_world_begin (world);
  g_assert_true (st_oauth_client_insert (&world->writer, client, &error));
  g_assert_no_error (error);
  oauth_world_commit (world);
  return client;
}
