#include "config.h"
#include "store/st-feed-setup.h"

#include "store/st-capabilities.h"
#include "store/st-database-private.h"
#include "store/st-feed-triggers.h"
#include "store/st-setup.h"

#include <string.h>

#define TABLE "APIM_CHANGE_FEED"
/* The column ID while nobody may read the feed. */
#define CLOSED_ID "CLOSED_ID"
#define CLOSE "ALTER TABLE " TABLE " CHANGE ID " CLOSED_ID " BIGINT NOT NULL AUTO_INCREMENT;\n"

/* Triggers keep the sql_mode under which they were made: without a strict one they never fail where the writer's own
 * statement would not. */
#define SESSION "SET SESSION sql_mode = '', lock_wait_timeout = " G_STRINGIFY (ST_SETUP_LOCK_WAIT_S) ";\n"
/* Whatever was read before: a text that no version knows as a kind means anything may have changed. */
#define TELL_EVERYTHING "INSERT INTO " TABLE " (KIND) VALUES ('everything');\n"

static const char *const table_columns[] = { "ID", "KIND", "SUBJECT", "CREATED_AT" };

static const StStatement triggers_of_schema = {
  "SELECT name, '' FROM sqlite_schema WHERE type = 'trigger'",
  "SELECT TRIGGER_NAME, ACTION_STATEMENT FROM INFORMATION_SCHEMA.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()",
};

/* What is in the database. */
typedef struct
{
  StTables *columns;
  GHashTable *triggers; /* upper-case name -> body, of those that are a feed's */
} Found;

static void
found_clear (Found *found)
{
  g_clear_pointer (&found->columns, st_tables_free);
  g_clear_pointer (&found->triggers, g_hash_table_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Found, found_clear)

const char *
st_feed_state_text (StFeedState state)
{
  static const char *const texts[] = {
    [ST_FEED_ABSENT] = "absent", [ST_FEED_HALF] = "half", [ST_FEED_OUTDATED] = "outdated",
    [ST_FEED_INSTALLED] = "installed",
  };

  return texts[state];
}

static gboolean
find_triggers (StDatabase *database, gint64 deadline_us, Found *found, GError **error)
{
  g_autoptr (StQuery) query = st_database_query (database, &triggers_of_schema, deadline_us, error);
  StStep step;

  found->triggers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  if (query == NULL)
    return FALSE;
  while ((step = st_query_step (query, error)) == ST_ROW)
    {
      g_autofree char *name = g_ascii_strup (st_query_text (query, 0), -1);
      const char *body = st_query_text (query, 1);

      /* Whoever may not see a trigger's text may not say that it is right. */
      if (g_str_has_prefix (name, ST_FEED_TRIGGER_PREFIX))
        g_hash_table_insert (found->triggers, g_steal_pointer (&name), g_strdup (body != NULL ? body : ""));
    }
  return step == ST_END;
}

static gboolean
look (StDatabase *database, gint64 deadline_us, Found *found, GError **error)
{
  found->columns = st_tables_read (database, deadline_us, error);
  return found->columns != NULL && find_triggers (database, deadline_us, found, error);
}

/* Of all @parts; ST_ERROR_SCHEMA where one has no tables. */
static GPtrArray *
wanted_triggers (const Found *found, StSchemaPart part, GError **error)
{
  g_autoptr (GPtrArray) triggers = st_feed_triggers_new (found->columns, part);

  if (triggers->len > 0 && st_tables_have (found->columns, part == ST_SCHEMA_API ? "AM_SUBSCRIBER" : "UM_USER", NULL))
    return g_steal_pointer (&triggers);
  g_set_error (error, ST_ERROR, ST_ERROR_SCHEMA, "the database has no tables of the %s part",
               part == ST_SCHEMA_API ? "API Manager's" : "user store's");
  return NULL;
}

static void
compare_triggers (const Found *found, const GPtrArray *wanted, StFeedReport *report)
{
  for (guint i = 0; i < wanted->len; i++)
    {
      const StFeedTrigger *trigger = wanted->pdata[i];
      g_autofree char *name = g_ascii_strup (trigger->name, -1);
      const char *body = g_hash_table_lookup (found->triggers, name);

      report->n_wanted++;
      if (body != NULL && st_feed_trigger_has_body (trigger, body))
        report->n_right++;
      else if (body != NULL)
        report->n_different++;
    }
}

static guint
count_found (const Found *found, guint parts)
{
  GHashTableIter iter;
  gpointer name;
  guint n = 0;

  g_hash_table_iter_init (&iter, found->triggers);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    n += (parts & ST_SCHEMA_BIT (st_feed_trigger_part (name))) != 0;
  return n;
}

static StFeedState
judge (const Found *found, const StFeedReport *report)
{
  gboolean whole = TRUE;

  for (guint i = 0; i < G_N_ELEMENTS (table_columns); i++)
    whole = whole && st_tables_have (found->columns, TABLE, table_columns[i]);
  if (report->n_found == 0 && !st_tables_have (found->columns, TABLE, NULL))
    return ST_FEED_ABSENT;
  if (!whole || report->n_right + report->n_different < report->n_wanted)
    return ST_FEED_HALF;
  return report->n_right == report->n_wanted && report->n_found == report->n_wanted ? ST_FEED_INSTALLED
                                                                                    : ST_FEED_OUTDATED;
}

static gboolean
report_found (const Found *found, guint parts, StFeedReport *report, GError **error)
{
  memset (report, 0, sizeof *report);
  report->ours = st_tables_have (found->columns, "APIM_SCHEMA_VERSION", NULL);
  report->n_found = count_found (found, parts);
  for (int part = ST_SCHEMA_API; part <= ST_SCHEMA_USER; part++)
    if ((parts & ST_SCHEMA_BIT (part)) != 0)
      {
        g_autoptr (GPtrArray) wanted = wanted_triggers (found, (StSchemaPart) part, error);

        if (wanted == NULL)
          return FALSE;
        compare_triggers (found, wanted, report);
      }
  report->state = judge (found, report);
  return TRUE;
}

gboolean
st_feed_inspect (StDatabase *database, guint parts, gint64 deadline_us, StFeedReport *report, GError **error)
{
  g_auto (Found) found = { NULL };

  return look (database, deadline_us, &found, error) && report_found (&found, parts, report, error);
}

gboolean
st_feed_is_absent (StDatabase *database, gint64 deadline_us, gboolean *absent, GError **error)
{
  g_auto (Found) found = { NULL };

  if (!look (database, deadline_us, &found, error))
    return FALSE;
  *absent = g_hash_table_size (found.triggers) == 0 && !st_tables_have (found.columns, TABLE, NULL);
  return TRUE;
}

static gboolean
read_definer (StDatabase *database, gint64 deadline_us, StFeedFigures *figures, GError **error)
{
  static const StStatement definer = {
    "SELECT NULL",
    "SELECT MIN(DEFINER) FROM INFORMATION_SCHEMA.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()"
    " AND UPPER(TRIGGER_NAME) LIKE 'APIM\\_FEED\\_%'",
  };
  g_autoptr (StQuery) query = st_database_query (database, &definer, deadline_us, error);

  if (query == NULL || st_query_step (query, error) != ST_ROW)
    return FALSE;
  figures->definer = g_strdup (st_query_text (query, 0));
  return TRUE;
}

gboolean
st_feed_measure (StDatabase *database, gint64 deadline_us, StFeedFigures *figures, GError **error)
{
#define SQLITE_AGE(which) "CAST((julianday('now') - 2440587.5) * 86400 - " which "(CREATED_AT) / 1000 AS INTEGER)"
#define AGE(which) "UNIX_TIMESTAMP() - UNIX_TIMESTAMP(" which "(CREATED_AT))"
  static const StStatement ages = {
    "SELECT COUNT(*), " SQLITE_AGE ("MIN") ", " SQLITE_AGE ("MAX") " FROM " TABLE,
    "SELECT COUNT(*), " AGE ("MIN") ", " AGE ("MAX") " FROM " TABLE,
  };
  g_autoptr (StQuery) query = st_database_query (database, &ages, deadline_us, error);

  memset (figures, 0, sizeof *figures);
  if (query == NULL || st_query_step (query, error) != ST_ROW)
    return FALSE;
  figures->rows = st_query_int64 (query, 0);
  figures->oldest_s = figures->rows > 0 ? MAX (st_query_int64 (query, 1), 0) : -1;
  figures->newest_s = figures->rows > 0 ? MAX (st_query_int64 (query, 2), 0) : -1;
  g_clear_pointer (&query, st_query_free);
  return read_definer (database, deadline_us, figures, error);
}

static gint
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (a, b);
}

/* @close: somebody may follow it. */
static void
append_removal (GString *script, const Found *found, gboolean close)
{
  GList *names = g_list_sort (g_hash_table_get_keys (found->triggers), compare_names);

  if (close && st_tables_have (found->columns, TABLE, "ID"))
    g_string_append (script, CLOSE);
  for (GList *name = names; name != NULL; name = name->next)
    g_string_append_printf (script, "DROP TRIGGER %s;\n", (const char *) name->data);
  if (st_tables_have (found->columns, TABLE, NULL))
    g_string_append (script, "DROP TABLE " TABLE ";\n");
  g_list_free (names);
}

static gboolean
append_installation (GString *script, const Found *found, guint parts, GError **error)
{
  g_autofree char *table = st_feed_table_sql ();

  g_string_append_printf (script, "%s;\n", table);
  for (int part = ST_SCHEMA_API; part <= ST_SCHEMA_USER; part++)
    if ((parts & ST_SCHEMA_BIT (part)) != 0)
      {
        g_autoptr (GPtrArray) wanted = wanted_triggers (found, (StSchemaPart) part, error);

        if (wanted == NULL)
          return FALSE;
        for (guint i = 0; i < wanted->len; i++)
          g_string_append_printf (script, "%s;\n", ((const StFeedTrigger *) wanted->pdata[i])->sql);
      }
  g_string_append (script, TELL_EVERYTHING);
  return TRUE;
}

static gboolean
is_foreign (StDatabase *database, gboolean ours, GError **error)
{
  if (st_database_kind (database) == APIM_DATABASE_MYSQL && !ours)
    return TRUE;
  g_set_error_literal (error, ST_ERROR, ST_ERROR_SCHEMA,
                       "this product made the database: its change feed comes and goes with \"apimctl db migrate\"");
  return FALSE;
}

static gboolean
check_server (StDatabase *database, GError **error)
{
  g_auto (StSetupServer) server = { NULL };

  if (!st_setup_ask_server (database, &server, error))
    return FALSE;
  if (server.read_only)
    g_set_error_literal (error, ST_ERROR, ST_ERROR_SETUP,
                         "the server is read-only: install the feed on the server that it replicates from");
  else if (server.binary_log && server.statements)
    g_set_error_literal (
        error, ST_ERROR, ST_ERROR_SETUP,
        "the server's binary log holds statements, of which a replica would number the changes in its own way: "
        "set binlog_format to ROW or MIXED");
  else
    return TRUE;
  return FALSE;
}

static gboolean
check_generation (StDatabase *database, guint parts, GError **error)
{
  guint capabilities;

  if ((parts & ST_SCHEMA_BIT (ST_SCHEMA_API)) == 0)
    return TRUE;
  return st_capabilities_read (database, 0, &capabilities, error)
         && st_capabilities_check_writable (capabilities, error);
}

char *
st_feed_install_script (StDatabase *database, guint parts, GError **error)
{
  g_auto (Found) found = { NULL };
  g_autoptr (GString) script = g_string_new (SESSION);
  StFeedReport report;

  if (!look (database, 0, &found, error) || !report_found (&found, parts, &report, error)
      || !is_foreign (database, report.ours, error) || !check_generation (database, parts, error))
    return NULL;
  if (report.state == ST_FEED_INSTALLED)
    return g_strdup ("");
  if (!check_server (database, error))
    return NULL;
  append_removal (script, &found, TRUE);
  if (!append_installation (script, &found, parts, error))
    return NULL;
  return g_strdup (script->str);
}

static char *
removal_script (StDatabase *database, gboolean close, GError **error)
{
  g_auto (Found) found = { NULL };
  g_autoptr (GString) script = g_string_new (SESSION);
  gsize empty = script->len;

  if (!look (database, 0, &found, error)
      || !is_foreign (database, st_tables_have (found.columns, "APIM_SCHEMA_VERSION", NULL), error))
    return NULL;
  append_removal (script, &found, close);
  return g_strdup (script->len > empty ? script->str : "");
}

char *
st_feed_remove_script (StDatabase *database, GError **error)
{
  return removal_script (database, TRUE, error);
}

char *
st_feed_advice (StDatabase *database, GError **error)
{
  g_auto (StSetupServer) server = { NULL };
  GString *advice;

  if (!st_setup_ask_server (database, &server, error))
    return NULL;
  advice = g_string_new (NULL);
  g_string_append_printf (
      advice,
      "The triggers run with the rights of %s, who makes them: this account must stay, with SELECT and INSERT\n"
      "on this database, or all writes to these tables fail. To install it also needs CREATE, ALTER, DROP and\n"
      "TRIGGER here; nodes need SELECT and DELETE on " TABLE ", and TRIGGER to see that the feed is whole.\n"
      "Each statement waits at most %u s for transactions that use its table, and others wait behind it.\n",
      server.user, ST_SETUP_LOCK_WAIT_S);
  if (server.binary_log && !server.trusts_creators)
    g_string_append (
        advice,
        "The server keeps a binary log: without the privilege SUPER it needs log_bin_trust_function_creators = 1.\n");
  return g_string_free (advice, FALSE);
}

/* Whether nobody has installed it since the script was made. */
static gboolean
check_still_absent (StDatabase *database, gpointer data, GError **error)
{
  gboolean absent;

  if (!st_feed_is_absent (database, 0, &absent, error))
    return FALSE;
  if (!absent)
    g_set_error_literal (error, ST_ERROR, ST_ERROR_CONFLICT, "somebody else has begun to install the feed meanwhile");
  return absent;
}

/* @first: there must be nothing of a feed. */
static gboolean
run_script (StDatabase *database, const char *script, gboolean first, GError **error)
{
  return st_setup_run (database, "feed", script, first ? check_still_absent : NULL, NULL, error);
}

gboolean
st_feed_remove (StDatabase *database, const char *script, GError **error)
{
  return *script == '\0' || run_script (database, script, FALSE, error);
}

/* Only where there was nothing of a feed before, so that nobody follows it; and not what another one is just putting
 * in. */
gboolean
st_feed_install (StDatabase *database, const char *script, GError **error)
{
  gboolean first = strstr (script, "DROP ") == NULL && strstr (script, CLOSE) == NULL;
  g_autoptr (GError) why = NULL;
  g_autofree char *undo = NULL;

  if (*script == '\0' || run_script (database, script, first, &why))
    return TRUE;
  if (first && !g_error_matches (why, ST_ERROR, ST_ERROR_CONFLICT))
    undo = removal_script (database, FALSE, NULL);
  g_propagate_error (error, g_steal_pointer (&why));
  if (undo != NULL && st_feed_remove (database, undo, NULL))
    g_prefix_error (error, "nothing of the feed was left behind: ");
  else if (undo != NULL || !first)
    g_prefix_error (error, "the feed may be half installed, do it again or remove it: ");
  return FALSE;
}
