#include "config.h"
#include "tests/lib/write-world.h"

#include <string.h>

#define FORGIVING "NO_ENGINE_SUBSTITUTION"
#define STRICT "STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO"

typedef struct
{
  const char *name;
  const char *sql_mode;
  void (*test) (WriteWorld *world);
} Case;

/* The tables of a release, by the fixtures' own script. */
static void
load_release (StoreFixture *fixture, const char *name)
{
  g_autofree char *script = g_test_build_filename (G_TEST_DIST, "fixtures", "generations", "fixture", NULL);
  const char *argv[] = { "sh", script, name, NULL };
  g_autoptr (StDatabase) loader = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *sql = NULL;
  int status;

  g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &sql, NULL, &status, &error);
  g_assert_no_error (error);
  g_spawn_check_wait_status (status, &error);
  g_assert_no_error (error);
  loader = st_database_open (&fixture->api, &fixture->limits, &error);
  g_assert_no_error (error);
  store_fixture_run (loader, sql);
  fixture->api_database = st_database_open (&fixture->api, &fixture->limits, &error);
  g_assert_no_error (error);
}

/* Making the tables of a release takes longer than all tests in them: name to StoreFixture. */
static GHashTable *made;

static StoreFixture *
get_fixture (const Case *each)
{
  StoreFixture *fixture = made != NULL ? g_hash_table_lookup (made, each->name) : NULL;

  if (fixture != NULL)
    return fixture;
  if (made == NULL)
    made = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) store_fixture_free);
  if (each->sql_mode == NULL)
    fixture = store_fixture_sqlite ();
  else
    fixture = store_fixture_mysql (store_fixture_mysql_socket (), "latin1 COLLATE latin1_swedish_ci");
  fixture->limits.database_timeout_ms = 30000; /* many databases, and sanitizers */
  if (strcmp (each->name, "ours") == 0 || each->sql_mode == NULL)
    store_fixture_open (fixture);
  else
    load_release (fixture, each->name);
  g_hash_table_insert (made, (gpointer) each->name, fixture);
  return fixture;
}

/* Deletes all rows; no order of the tables' suits the foreign keys of every release. */
static void
wipe (WriteWorld *world)
{
  static const StStatement tables = {
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND (name LIKE 'AM\\_%' ESCAPE '\\' OR name LIKE 'IDN\\_O%' "
    "ESCAPE '\\' OR name LIKE 'APIM\\_API%' ESCAPE '\\' OR name IN ('APIM_USED_ASSERTION', 'APIM_REGISTRY_IMPORT'))",
    "SELECT TABLE_NAME FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA = DATABASE()"
    " AND (TABLE_NAME LIKE 'AM\\_%' OR TABLE_NAME LIKE 'IDN\\_O%' OR TABLE_NAME LIKE 'APIM\\_API%'"
    " OR TABLE_NAME IN ('APIM_USED_ASSERTION', 'APIM_REGISTRY_IMPORT'))",
  };
  g_autoptr (GString) script
      = g_string_new (world->sql_mode == NULL ? "PRAGMA defer_foreign_keys = ON;\n" : "SET FOREIGN_KEY_CHECKS = 0;\n");
  g_autoptr (GError) error = NULL;
  g_autoptr (StQuery) query = st_database_query (world->database, &tables, 0, &error);

  g_assert_no_error (error);
  while (st_query_step (query, &error) == ST_ROW)
    g_string_append_printf (script, "DELETE FROM %s;\n", st_query_text (query, 0));
  g_assert_no_error (error);
  g_clear_pointer (&query, st_query_free);
  if (world->sql_mode != NULL)
    g_string_append (script, "SET FOREIGN_KEY_CHECKS = 1;\n");
  write_world_run (world, script->str);
}

static void
run_case (gconstpointer data)
{
  const Case *each = data;
  WriteWorld world = { .name = each->name, .sql_mode = each->sql_mode };
  StoreFixture *fixture = get_fixture (each);
  g_autoptr (GError) error = NULL;

  world.fixture = fixture;
  world.database = fixture->api_database;
  st_capabilities_get (world.database, 0, &world.capabilities, &error);
  g_assert_no_error (error);
  wipe (&world);
  each->test (&world);
}

int
write_world_run_tests (void)
{
  int status = g_test_run ();

  g_clear_pointer (&made, g_hash_table_unref);
  return status;
}

static void
add_case (const char *path, const char *name, const char *sql_mode, void (*test) (WriteWorld *world))
{
  g_autofree char *full
      = g_strdup_printf ("%s/%s%s", path, name, sql_mode != NULL && strcmp (sql_mode, STRICT) == 0 ? "-strict" : "");
  Case *each = g_new (Case, 1);

  *each = (Case){ name, sql_mode, test };
  g_test_add_data_func_full (full, each, run_case, g_free);
}

void
write_world_add (const char *path, void (*test) (WriteWorld *world))
{
  static const char *const names[]
      = { "ours", "1.9", "1.10", "2.0", "2.1", "2.2", "2.5", "2.6", "2.0-from-1.9", "2.2-with-2.1-oauth" };

  if (g_getenv ("APIM_TEST_BRIEF") != NULL)
    {
      write_world_add_few (path, test);
      return;
    }
  add_case (path, "sqlite", NULL, test);
  for (guint i = 0; store_fixture_mysql_socket () != NULL && i < G_N_ELEMENTS (names); i++)
    {
      add_case (path, names[i], FORGIVING, test);
      add_case (path, names[i], STRICT, test);
    }
}

void
write_world_add_few (const char *path, void (*test) (WriteWorld *world))
{
  static const char *const names[] = { "ours", "1.9", "2.6" };

  add_case (path, "sqlite", NULL, test);
  for (guint i = 0; store_fixture_mysql_socket () != NULL && i < G_N_ELEMENTS (names); i++)
    add_case (path, names[i], STRICT, test);
}

gboolean
write_world_has (const WriteWorld *world, guint capabilities)
{
  return (world->capabilities & capabilities) == capabilities;
}

static StTransaction *
begin (WriteWorld *world, const char *sql_mode)
{
  g_autoptr (GError) error = NULL;
  StTransaction *transaction = st_transaction_begin (world->database, 0, &error);

  g_assert_no_error (error);
  if (sql_mode != NULL)
    {
      g_autofree char *set = g_strdup_printf ("SET SESSION sql_mode = '%s';\n", sql_mode);

      st_transaction_script (transaction, set, &error);
      g_assert_no_error (error);
    }
  return transaction;
}

StWriter *
write_begin (WriteWorld *world)
{
  world->writer = (StWriter){ begin (world, world->sql_mode), world->capabilities };
  return &world->writer;
}

gboolean
write_end (WriteWorld *world, gboolean done)
{
  StTransaction *transaction = g_steal_pointer (&world->writer.transaction);
  g_autoptr (GError) error = NULL;

  if (!done)
    {
      st_transaction_rollback (transaction);
      return FALSE;
    }
  st_transaction_commit (transaction, &error);
  g_assert_no_error (error);
  return TRUE;
}

void
write_world_assert_words (const GError *error, const char *words)
{
  if (strstr (error->message, words) == NULL)
    g_error ("\"%s\" is not in \"%s\"", words, error->message);
}

/* Statements are known by their address, so each text has one for ever. */
static const StStatement *
statement_of (const char *sql)
{
  static GHashTable *statements;
  StStatement *statement;

  if (statements == NULL)
    statements = g_hash_table_new (g_str_hash, g_str_equal);
  statement = g_hash_table_lookup (statements, sql);
  if (statement == NULL)
    {
      statement = g_new0 (StStatement, 1);
      statement->sqlite = g_strdup (sql);
      g_hash_table_insert (statements, (gpointer) statement->sqlite, statement);
    }
  return statement;
}

/* The columns in a SELECT's list: commas outside parentheses before FROM. */
static guint
count_columns (const char *select)
{
  const char *end = strstr (select, " FROM ");
  guint count = 1, depth = 0;

  for (; select != end && *select != '\0'; select++)
    {
      depth += *select == '(';
      depth -= *select == ')';
      count += *select == ',' && depth == 0;
    }
  return count;
}

void
write_world_rows (WriteWorld *world, const char *select, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (StQuery) query = st_database_query (world->database, statement_of (select), 0, &error);
  g_autoptr (GString) rows = g_string_new (NULL);
  guint n_columns = count_columns (select);

  g_assert_no_error (error);
  while (st_query_step (query, &error) == ST_ROW)
    {
      g_string_append (rows, rows->len > 0 ? "\n" : "");
      for (guint i = 0; i < n_columns; i++)
        {
          const char *text = st_query_text (query, i);

          g_string_append_printf (rows, "%s%s", i > 0 ? "|" : "", text != NULL ? text : "NULL");
        }
    }
  g_assert_no_error (error);
  g_assert_cmpstr (rows->str, ==, expected);
}

gint64
write_world_number (WriteWorld *world, const char *select)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (StQuery) query = st_database_query (world->database, statement_of (select), 0, &error);

  g_assert_no_error (error);
  g_assert_cmpint (st_query_step (query, &error), ==, ST_ROW);
  g_assert_no_error (error);
  return st_query_int64 (query, 0);
}

void
write_world_run (WriteWorld *world, const char *sql)
{
  StTransaction *transaction = begin (world, world->sql_mode != NULL ? FORGIVING : NULL);
  g_autoptr (GError) error = NULL;

  st_transaction_script (transaction, sql, &error);
  g_assert_no_error (error);
  st_transaction_commit (transaction, &error);
  g_assert_no_error (error);
}

const char *
write_world_long (gsize length)
{
  g_autofree char *text = g_strnfill (length, 'a');

  return g_intern_string (text);
}
