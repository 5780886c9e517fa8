#include "config.h"
#include "store/st-schema-private.h"

#include "store/st-capabilities.h"
#include "store/st-database-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

/* Creating tables may take long on a busy server; nobody waits for a reply meanwhile. */
#define MIGRATION_TIMEOUT_MS (10 * 60 * 1000)

/* Where the questions about the schema are asked: outside or inside a transaction. */
typedef struct
{
  StDatabase *database;
  StTransaction *transaction; /* nullable */
} Source;

static const char *
part_name (StSchemaPart part)
{
  return part == ST_SCHEMA_API ? "api" : "user";
}

static StQuery *
source_query (const Source *source, const StStatement *statement, GError **error)
{
  if (source->transaction != NULL)
    return st_transaction_query (source->transaction, statement, error);
  return st_database_query (source->database, statement, 0, error);
}

/* (transfer full) (element-type utf8): upper-case names of all tables. */
static GHashTable *
read_tables (const Source *source, GError **error)
{
  static const StStatement tables = {
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'",
    "SELECT TABLE_NAME FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA = DATABASE()",
  };
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (StQuery) query = source_query (source, &tables, error);
  StStep step;

  if (query == NULL)
    return NULL;
  while ((step = st_query_step (query, error)) == ST_ROW)
    g_hash_table_add (names, g_ascii_strup (st_query_text (query, 0), -1));
  return step == ST_END ? g_steal_pointer (&names) : NULL;
}

static gboolean
read_version (const Source *source, StSchemaPart part, guint *version, GError **error)
{
  static const StStatement latest = { "SELECT MAX(VERSION) FROM APIM_SCHEMA_VERSION WHERE PART = ?" };
  g_autoptr (StQuery) query = source_query (source, &latest, error);

  if (query == NULL)
    return FALSE;
  st_query_bind_text (query, 0, part_name (part));
  if (st_query_step (query, error) != ST_ROW)
    return FALSE;
  *version = (guint) st_query_int64 (query, 0);
  return TRUE;
}

static guint
latest_number (ApimDatabaseKind kind, StSchemaPart part)
{
  guint latest = 0;

  for (guint i = 0; i < st_n_migrations; i++)
    if (st_migrations[i].kind == kind && st_migrations[i].part == part)
      latest = MAX (latest, st_migrations[i].number);
  return latest;
}

static StSchemaState
state_of (GHashTable *tables)
{
  if (g_hash_table_size (tables) == 0)
    return ST_SCHEMA_EMPTY;
  if (g_hash_table_contains (tables, "APIM_SCHEMA_VERSION"))
    return ST_SCHEMA_OURS;
  if (g_hash_table_contains (tables, "AM_SUBSCRIBER") || g_hash_table_contains (tables, "UM_USER")
      || g_hash_table_contains (tables, "REG_RESOURCE"))
    return ST_SCHEMA_WSO2;
  return ST_SCHEMA_FOREIGN;
}

static gboolean
inspect (const Source *source, StSchemaPart part, StSchemaReport *report, GError **error)
{
  g_autoptr (GHashTable) tables = read_tables (source, error);

  if (tables == NULL)
    return FALSE;
  report->n_tables = g_hash_table_size (tables);
  report->state = state_of (tables);
  if (part == ST_SCHEMA_API)
    report->has_part = g_hash_table_contains (tables, "AM_SUBSCRIBER")
                       && g_hash_table_contains (tables, "IDN_OAUTH2_ACCESS_TOKEN");
  else
    report->has_part = g_hash_table_contains (tables, "UM_USER") && g_hash_table_contains (tables, "UM_DOMAIN");
  return report->state != ST_SCHEMA_OURS || read_version (source, part, &report->version, error);
}

static gboolean
is_missing_file (const ApimDataSource *source)
{
  return source->kind == APIM_DATABASE_SQLITE && !g_file_test (source->path, G_FILE_TEST_EXISTS);
}

gboolean
st_schema_inspect (StDatabase *database, StSchemaPart part, StSchemaReport *report, GError **error)
{
  const Source source = { .database = database };
  guint capabilities;

  memset (report, 0, sizeof *report);
  report->state = ST_SCHEMA_EMPTY;
  report->latest = latest_number (st_database_kind (database), part);
  if (is_missing_file (st_database_source (database)))
    return TRUE;
  if (!inspect (&source, part, report, error))
    return FALSE;
  if (part == ST_SCHEMA_USER || !report->has_part)
    return TRUE;
  if (!st_capabilities_read (database, 0, &capabilities, error))
    return FALSE;
  g_strlcpy (report->generation, st_capabilities_generation (capabilities), sizeof report->generation);
  return TRUE;
}

static gboolean
may_migrate (const StSchemaReport *report, guint latest, GError **error)
{
  if (report->state == ST_SCHEMA_WSO2)
    g_set_error_literal (error, ST_ERROR, ST_ERROR_SCHEMA,
                         "the database was made by WSO2: it is used as it is and never migrated");
  else if (report->state == ST_SCHEMA_FOREIGN)
    g_set_error (error, ST_ERROR, ST_ERROR_SCHEMA,
                 "the database holds %u tables of something else: name an empty one in master-datasources.xml",
                 report->n_tables);
  else if (report->version > latest)
    g_set_error (error, ST_ERROR, ST_ERROR_SCHEMA,
                 "the database is at version %u, newer than this program's %u: upgrade the program", report->version,
                 latest);
  else
    return TRUE;
  return FALSE;
}

/* One migration at a time per MySQL server; ends with the connection. SQLite's write lock does the same. */
static gboolean
lock_schema (StTransaction *transaction, GError **error)
{
  static const StStatement lock = { "SELECT 1", "SELECT GET_LOCK('apim-schema', 60)" };
  g_autoptr (StQuery) query = st_transaction_query (transaction, &lock, error);

  if (query == NULL || st_query_step (query, error) != ST_ROW)
    return FALSE;
  if (st_query_int64 (query, 0) == 1)
    return TRUE;
  g_set_error_literal (error, ST_ERROR, ST_ERROR_CONFLICT, "another migration is running: wait for its end");
  return FALSE;
}

static gboolean
record_version (StTransaction *transaction, const StMigration *migration, GError **error)
{
  static const StStatement insert = { "INSERT INTO APIM_SCHEMA_VERSION (PART, VERSION) VALUES (?, ?)" };
  g_autoptr (StQuery) query = st_transaction_query (transaction, &insert, error);

  if (query == NULL)
    return FALSE;
  st_query_bind_text (query, 0, part_name (migration->part));
  st_query_bind_int64 (query, 1, migration->number);
  return st_query_step (query, error) == ST_END;
}

/* The rows of a migration and its number are committed together, so that nothing is inserted twice. */
static gboolean
apply (StTransaction *transaction, const StMigration *migration, GError **error)
{
  gboolean mysql = migration->kind == APIM_DATABASE_MYSQL;

  if ((mysql && !st_transaction_script (transaction, "START TRANSACTION", error))
      || !st_transaction_script (transaction, migration->sql, error) || !record_version (transaction, migration, error)
      || (mysql && !st_transaction_script (transaction, "COMMIT", error)))
    {
      g_prefix_error (error, "migration %s: ", migration->title);
      return FALSE;
    }
  return TRUE;
}

static gboolean
create_version_table (StTransaction *transaction, ApimDatabaseKind kind, GError **error)
{
  const char *sqlite = "CREATE TABLE IF NOT EXISTS APIM_SCHEMA_VERSION (PART TEXT NOT NULL, VERSION INTEGER NOT NULL,"
                       " APPLIED_AT INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000 AS"
                       " INTEGER)),"
                       " PRIMARY KEY (PART, VERSION))";
  const char *mysql
      = "CREATE TABLE IF NOT EXISTS APIM_SCHEMA_VERSION (PART VARCHAR(10) NOT NULL, VERSION INTEGER NOT NULL,"
        " APPLIED_AT TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, PRIMARY KEY (PART, VERSION))"
        " ENGINE=InnoDB";

  return st_transaction_script (transaction, kind == APIM_DATABASE_SQLITE ? sqlite : mysql, error);
}

static gboolean
migrate_locked (StTransaction *transaction, ApimDatabaseKind kind, StSchemaPart part, GError **error)
{
  const Source source = { .transaction = transaction };
  StSchemaReport report = { 0 };

  if (!lock_schema (transaction, error) || !inspect (&source, part, &report, error)
      || !may_migrate (&report, latest_number (kind, part), error) || !create_version_table (transaction, kind, error))
    return FALSE;
  for (guint i = 0; i < st_n_migrations; i++)
    if (st_migrations[i].kind == kind && st_migrations[i].part == part && st_migrations[i].number > report.version
        && !apply (transaction, &st_migrations[i], error))
      return FALSE;
  return TRUE;
}

static gboolean
migrate_database (const ApimDataSource *source, StSchemaPart part, GError **error)
{
  const ApimLimits limits = { .database_timeout_ms = MIGRATION_TIMEOUT_MS };
  g_autoptr (StDatabase) database = st_database_open (source, &limits, error);
  StTransaction *transaction;

  if (database == NULL)
    return FALSE;
  transaction = st_transaction_begin (database, 0, error);
  if (transaction == NULL)
    return FALSE;
  if (migrate_locked (transaction, source->kind, part, error))
    return st_transaction_commit (transaction, error);
  st_transaction_rollback (transaction);
  return FALSE;
}

/* An empty file is an empty database; SQLite gives its companions the same mode. */
static gboolean
create_file (const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  int fd;

  if (g_mkdir_with_parents (folder, 0700) != 0)
    {
      g_set_error (error, ST_ERROR, ST_ERROR_SETUP, "could not make folder \"%s\": %s", folder, g_strerror (errno));
      return FALSE;
    }
  fd = open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0)
    {
      g_set_error (error, ST_ERROR, ST_ERROR_SETUP, "could not make database \"%s\": %s", path, g_strerror (errno));
      return FALSE;
    }
  close (fd);
  return TRUE;
}

static void
remove_file (const char *path)
{
  static const char *const companions[] = { "", "-wal", "-shm", "-journal" };

  for (guint i = 0; i < G_N_ELEMENTS (companions); i++)
    {
      g_autofree char *name = g_strconcat (path, companions[i], NULL);

      g_unlink (name);
    }
}

gboolean
st_schema_migrate (const ApimDataSource *source, StSchemaPart part, GError **error)
{
  gboolean made = is_missing_file (source);

  if (made && !create_file (source->path, error))
    return FALSE;
  if (migrate_database (source, part, error))
    return TRUE;
  if (made)
    remove_file (source->path);
  return FALSE;
}

char *
st_schema_plan (const ApimDataSource *source, StSchemaPart part, GError **error)
{
  const ApimLimits limits = { .database_timeout_ms = MIGRATION_TIMEOUT_MS };
  g_autoptr (StDatabase) database = st_database_open (source, &limits, error);
  const char *what = source->kind == APIM_DATABASE_SQLITE ? source->path : source->database;
  GString *plan;
  StSchemaReport report;

  if (database == NULL || !st_schema_inspect (database, part, &report, error)
      || !may_migrate (&report, report.latest, error))
    return NULL;
  plan = g_string_new (NULL);
  if (is_missing_file (source))
    g_string_append_printf (plan, "make the file %s (mode 0600)\n", what);
  for (guint i = 0; i < st_n_migrations; i++)
    if (st_migrations[i].kind == source->kind && st_migrations[i].part == part
        && st_migrations[i].number > report.version)
      g_string_append_printf (plan, "apply %s to %s\n", st_migrations[i].title, what);
  if (plan->len == 0)
    g_string_append_printf (plan, "nothing to do: %s is at version %u\n", what, report.version);
  return g_string_free (plan, FALSE);
}
