#include "config.h"
#include "store/st-portal-setup.h"

#include "store/st-capabilities.h"
#include "store/st-schema-private.h"
#include "store/st-setup.h"
#include "store/st-tables.h"

#include <string.h>

#define CREATE "CREATE TABLE IF NOT EXISTS "
#define PREFIX "APIM_"
#define FEED "APIM_CHANGE_FEED"
#define SESSION "SET SESSION lock_wait_timeout = " G_STRINGIFY (ST_SETUP_LOCK_WAIT_S) ";\n"

/* One of our tables, as the migrations make it. */
typedef struct
{
  char *name;
  char *sql; /* without the final ";" */
} Table;

static void
table_free (gpointer data)
{
  Table *table = data;

  g_free (table->name);
  g_free (table->sql);
  g_free (table);
}

const char *
st_portal_state_text (StPortalState state)
{
  static const char *const texts[]
      = { [ST_PORTAL_ABSENT] = "absent", [ST_PORTAL_HALF] = "half", [ST_PORTAL_INSTALLED] = "installed" };

  return texts[state];
}

/* Statements end with ";" at a line's end (sql/README.md). */
static void
add_tables (GPtrArray *tables, const char *sql)
{
  for (const char *at = sql; (at = strstr (at, CREATE PREFIX)) != NULL; at++)
    {
      const char *name = at + strlen (CREATE), *end = strstr (at, ";\n");
      gsize length = strspn (name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_");
      Table *table;

      if (end == NULL)
        g_error ("the migrations hold a table that cannot be read");
      if (strncmp (name, FEED, length) == 0 && length == strlen (FEED))
        continue;
      table = g_new0 (Table, 1);
      table->name = g_strndup (name, length);
      table->sql = g_strndup (at, (gsize)(end - at));
      g_ptr_array_add (tables, table);
    }
}

/* (transfer full) (element-type Table): of @parts. */
static GPtrArray *
wanted_tables (guint parts)
{
  GPtrArray *tables = g_ptr_array_new_with_free_func (table_free);

  for (guint i = 0; i < st_n_migrations; i++)
    if (st_migrations[i].kind == APIM_DATABASE_MYSQL && (parts & ST_SCHEMA_BIT (st_migrations[i].part)) != 0)
      add_tables (tables, st_migrations[i].sql);
  return tables;
}

/* Each column has a line of its own, which begins with its name; keys begin with a word. (nullable): the first that
 * @found lacks. Free with g_free(). */
static char *
missing_column (const StTables *found, const Table *table)
{
  static const char *const words[] = { "PRIMARY", "UNIQUE", "INDEX", "FOREIGN", "KEY", NULL };
  g_auto (GStrv) lines = g_strsplit (table->sql, "\n", -1);

  for (guint i = 1; lines[i] != NULL; i++)
    {
      const char *line = g_strchug (lines[i]);
      g_autofree char *word = g_strndup (line, strspn (line, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_"));

      if (*word != '\0' && !g_strv_contains (words, word) && !st_tables_have (found, table->name, word))
        return g_steal_pointer (&word);
    }
  return NULL;
}

static gboolean
is_whole (const StTables *found, const Table *table)
{
  g_autofree char *missing = NULL;

  if (!st_tables_have (found, table->name, NULL))
    return FALSE;
  missing = missing_column (found, table);
  return missing == NULL;
}

static gboolean
check_parts (const StTables *found, guint parts, GError **error)
{
  static const char *const tables[] = { [ST_SCHEMA_API] = "AM_API", [ST_SCHEMA_USER] = "UM_USER" };

  for (guint part = 0; part < G_N_ELEMENTS (tables); part++)
    if ((parts & ST_SCHEMA_BIT (part)) != 0 && !st_tables_have (found, tables[part], NULL))
      {
        g_set_error (error, ST_ERROR, ST_ERROR_SCHEMA, "the database has no tables of the %s part",
                     part == ST_SCHEMA_API ? "API Manager's" : "user store's");
        return FALSE;
      }
  return TRUE;
}

static gboolean
count_rows (StDatabase *database, const StTables *found, const char *table, const StStatement *statement,
            gint64 deadline_us, gint64 *rows, GError **error)
{
  g_autoptr (StQuery) query = NULL;

  *rows = 0;
  if (!st_tables_have (found, table, NULL))
    return TRUE;
  query = st_database_query (database, statement, deadline_us, error);
  if (query == NULL || st_query_step (query, error) != ST_ROW)
    return FALSE;
  *rows = st_query_int64 (query, 0);
  return TRUE;
}

static gboolean
count_all (StDatabase *database, const StTables *found, gint64 deadline_us, StPortalReport *report, GError **error)
{
  static const StStatement apis = { "SELECT COUNT(*) FROM APIM_API_ARTIFACT" };
  static const StStatement documents = { "SELECT COUNT(*) FROM APIM_API_DOCUMENT" };
  static const StStatement pictures = { "SELECT COUNT(*) FROM APIM_API_THUMBNAIL" };

  return count_rows (database, found, "APIM_API_ARTIFACT", &apis, deadline_us, &report->apis, error)
         && count_rows (database, found, "APIM_API_DOCUMENT", &documents, deadline_us, &report->documents, error)
         && count_rows (database, found, "APIM_API_THUMBNAIL", &pictures, deadline_us, &report->pictures, error);
}

static void
compare (const StTables *found, const GPtrArray *wanted, StPortalReport *report)
{
  report->n_wanted = wanted->len;
  for (guint i = 0; i < wanted->len; i++)
    {
      const Table *table = wanted->pdata[i];

      report->n_found += st_tables_have (found, table->name, NULL);
      report->n_right += is_whole (found, table);
    }
  report->state = report->n_found == 0                  ? ST_PORTAL_ABSENT
                  : report->n_right == report->n_wanted ? ST_PORTAL_INSTALLED
                                                        : ST_PORTAL_HALF;
}

gboolean
st_portal_inspect (StDatabase *database, guint parts, gint64 deadline_us, StPortalReport *report, GError **error)
{
  g_autoptr (StTables) found = st_tables_read (database, deadline_us, error);
  g_autoptr (GPtrArray) wanted = wanted_tables (parts);

  memset (report, 0, sizeof *report);
  if (found == NULL || !check_parts (found, parts, error))
    return FALSE;
  report->ours = st_tables_have (found, "APIM_SCHEMA_VERSION", NULL);
  compare (found, wanted, report);
  return count_all (database, found, deadline_us, report, error);
}

static gboolean
check_foreign (StDatabase *database, const StTables *found, GError **error)
{
  if (st_database_kind (database) == APIM_DATABASE_MYSQL && !st_tables_have (found, "APIM_SCHEMA_VERSION", NULL))
    return TRUE;
  g_set_error_literal (error, ST_ERROR, ST_ERROR_SCHEMA,
                       "this product made the database: our tables come and go with \"apimctl db migrate\"");
  return FALSE;
}

static gboolean
check_installable (StDatabase *database, guint parts, GError **error)
{
  g_auto (StSetupServer) server = { NULL };
  guint capabilities;

  if ((parts & ST_SCHEMA_BIT (ST_SCHEMA_API)) != 0
      && (!st_capabilities_read (database, 0, &capabilities, error)
          || !st_capabilities_check_writable (capabilities, error)))
    return FALSE;
  if (!st_setup_ask_server (database, &server, error))
    return FALSE;
  if (server.read_only)
    g_set_error_literal (error, ST_ERROR, ST_ERROR_SETUP,
                         "the server is read-only: install the tables on the server that it replicates from");
  return !server.read_only;
}

char *
st_portal_install_script (StDatabase *database, guint parts, GError **error)
{
  g_autoptr (StTables) found = st_tables_read (database, 0, error);
  g_autoptr (GPtrArray) wanted = wanted_tables (parts);
  g_autoptr (GString) script = g_string_new (SESSION);
  gsize empty = script->len;

  if (found == NULL || !check_parts (found, parts, error) || !check_foreign (database, found, error))
    return NULL;
  for (guint i = 0; i < wanted->len; i++)
    {
      const Table *table = wanted->pdata[i];
      g_autofree char *missing = NULL;

      if (!st_tables_have (found, table->name, NULL))
        g_string_append_printf (script, "%s;\n", table->sql);
      else if ((missing = missing_column (found, table)) != NULL)
        {
          g_set_error (error, ST_ERROR, ST_ERROR_SETUP,
                       "the table %s is there without the column %s: no release of this product made it so",
                       table->name, missing);
          return NULL;
        }
    }
  if (script->len == empty)
    return g_strdup ("");
  return check_installable (database, parts, error) ? g_strdup (script->str) : NULL;
}

char *
st_portal_remove_script (StDatabase *database, guint parts, GError **error)
{
  g_autoptr (StTables) found = st_tables_read (database, 0, error);
  g_autoptr (GPtrArray) wanted = wanted_tables (parts);
  g_autoptr (GString) script = g_string_new (SESSION);
  gsize empty = script->len;

  if (found == NULL || !check_foreign (database, found, error))
    return NULL;
  /* A later table may refer to an earlier one. */
  for (guint i = wanted->len; i > 0; i--)
    {
      const Table *table = wanted->pdata[i - 1];

      if (st_tables_have (found, table->name, NULL))
        g_string_append_printf (script, "DROP TABLE %s;\n", table->name);
    }
  return g_strdup (script->len > empty ? script->str : "");
}

char *
st_portal_advice (StDatabase *database, GError **error)
{
  g_auto (StSetupServer) server = { NULL };

  if (!st_setup_ask_server (database, &server, error))
    return NULL;
  return g_strdup_printf (
      "To make them %s needs CREATE, REFERENCES and DROP on this database. Nodes need SELECT, INSERT, UPDATE and "
      "DELETE\n"
      "on them, and a Publisher or Store needs the same on the tables of WSO2. When an API is deleted in AM_API, by\n"
      "whomever, its rows in them go, too. Each statement waits at most %u s for transactions that use AM_API.\n",
      server.user, ST_SETUP_LOCK_WAIT_S);
}

static gboolean
check_still_absent (StDatabase *database, gpointer data, GError **error)
{
  const guint *parts = data;
  StPortalReport report;

  if (!st_portal_inspect (database, *parts, 0, &report, error))
    return FALSE;
  if (report.n_found > 0)
    g_set_error_literal (error, ST_ERROR, ST_ERROR_CONFLICT, "somebody else has begun to install the tables meanwhile");
  return report.n_found == 0;
}

gboolean
st_portal_remove (StDatabase *database, const char *script, GError **error)
{
  return *script == '\0' || st_setup_run (database, "portal", script, NULL, NULL, error);
}

/* Only what was made now is taken out again, never what somebody filled. */
gboolean
st_portal_install (StDatabase *database, guint parts, const char *script, GError **error)
{
  StPortalReport before;
  g_autoptr (GError) why = NULL;
  g_autofree char *undo = NULL;
  gboolean first;

  if (*script == '\0')
    return TRUE;
  if (!st_portal_inspect (database, parts, 0, &before, error))
    return FALSE;
  first = before.n_found == 0;
  if (st_setup_run (database, "portal", script, first ? check_still_absent : NULL, &parts, &why))
    return TRUE;
  if (first && !g_error_matches (why, ST_ERROR, ST_ERROR_CONFLICT))
    undo = st_portal_remove_script (database, parts, NULL);
  g_propagate_error (error, g_steal_pointer (&why));
  if (undo != NULL && st_portal_remove (database, undo, NULL))
    g_prefix_error (error, "none of the tables was left behind: ");
  else
    g_prefix_error (error, "some of the tables may be there, do it again or remove them: ");
  return FALSE;
}
