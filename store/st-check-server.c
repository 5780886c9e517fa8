/* StCheck: the server and how it is set: version, character sets, sql_mode, automatic times, read-only, Galera. */
#include "config.h"
#include "store/st-check-private.h"
#include "store/st-database-private.h"

#include <string.h>

/* A token of 2.2 and later, with hash and scopes, and a policy's blob fit many times. */
#define SMALL_PACKET (1024 * 1024)

static const StStatement sqlite_version = { "SELECT sqlite_version(), (SELECT journal_mode FROM pragma_journal_mode)" };
static const StStatement character_set = {
  NULL,
  "SELECT DEFAULT_CHARACTER_SET_NAME, DEFAULT_COLLATION_NAME FROM INFORMATION_SCHEMA.SCHEMATA"
  " WHERE SCHEMA_NAME = DATABASE()",
};

/* What is searched by and must be the same bytes. */
static const struct
{
  StSchemaPart part;
  const char *table;
  const char *column;
} exact_columns[] = {
  { ST_SCHEMA_API, "IDN_OAUTH2_ACCESS_TOKEN", "ACCESS_TOKEN" },
  { ST_SCHEMA_API, "IDN_OAUTH2_ACCESS_TOKEN", "ACCESS_TOKEN_HASH" },
  { ST_SCHEMA_API, "IDN_OAUTH_CONSUMER_APPS", "CONSUMER_KEY" },
  { ST_SCHEMA_API, "AM_APPLICATION_KEY_MAPPING", "CONSUMER_KEY" },
  { ST_SCHEMA_API, "AM_API", "CONTEXT" },
};

static void
check_version (StCheck *self)
{
  char *values[2] = { NULL, NULL };
  g_autoptr (GError) error = NULL;

  if (st_check_is_mysql (self))
    {
      const char *version = st_check_variable (self, "version");
      const char *comment = st_check_variable (self, "version_comment");

      ST_CHECK_ADD (self, ST_CHECK_OK, "server", NULL, NULL, "server %s (%s)", version != NULL ? version : "unknown",
                    comment != NULL ? comment : "");
      return;
    }
  if (st_check_read_row (self, &sqlite_version, 2, values, &error))
    ST_CHECK_ADD (self, ST_CHECK_OK, "server", NULL, NULL, "SQLite %s, journal mode %s", values[0], values[1]);
  else
    st_check_not_checked (self, "the version of SQLite", error);
  g_free (values[0]);
  g_free (values[1]);
}

static void
check_character_set (StCheck *self)
{
  g_auto (StCheckList) folding = { 0 };
  char *values[2] = { NULL, NULL };
  g_autoptr (GError) error = NULL;

  if (st_check_read_row (self, &character_set, 2, values, &error))
    ST_CHECK_ADD (self, ST_CHECK_OK, "charset", NULL, NULL, "character set %s, collation %s",
                  values[0] != NULL ? values[0] : "unknown", values[1] != NULL ? values[1] : "unknown");
  else
    st_check_not_checked (self, "the character set", error);
  g_free (values[0]);
  g_free (values[1]);
  for (guint i = 0; i < G_N_ELEMENTS (exact_columns); i++)
    if (exact_columns[i].part == self->part
        && st_check_folds_case (self, exact_columns[i].table, exact_columns[i].column))
      {
        const StCheckColumn *column = st_check_find_column (self, exact_columns[i].table, exact_columns[i].column);
        g_autofree char *text = g_strdup_printf ("%s.%s (%s)", column->table, column->column, column->collation);

        st_check_list_add (&folding, text);
      }
  if (folding.n > 0)
    ST_CHECK_ADD (self, ST_CHECK_NOTE, "collation",
                  "the server finds TOK1 where tok1 is meant. What it finds is compared byte by byte here, so no other"
                  " token passes",
                  "nothing; never alter the tables for it", "columns that are searched without regard to case: %u (%s)",
                  folding.n, folding.text->str);
}

/* One database may hold both parts, and tables that nobody here reads. */
static gboolean
is_of_part (const StCheck *self, const char *name)
{
  if (self->part == ST_SCHEMA_USER)
    return g_str_has_prefix (name, "UM_");
  return g_str_has_prefix (name, "AM_") || g_str_has_prefix (name, "IDN_");
}

/* Columns that move at every UPDATE which does not name them (spec/databases.md 4.5). */
static void
check_automatic_times (StCheck *self)
{
  g_auto (StCheckList) moving = { 0 };
  g_autoptr (GList) keys = g_list_sort (g_hash_table_get_keys (self->facts.columns), (GCompareFunc)strcmp);
  const StCheckColumn *created = st_check_find_column (self, "IDN_OAUTH2_ACCESS_TOKEN", "TIME_CREATED");
  gboolean tokens = created != NULL && strcasestr (created->extra, "on update") != NULL;

  for (GList *at = keys; at != NULL; at = at->next)
    {
      const StCheckColumn *column = g_hash_table_lookup (self->facts.columns, at->data);
      g_autofree char *text = g_strdup_printf ("%s.%s", column->table, column->column);

      if (strcasestr (column->extra, "on update") != NULL && is_of_part (self, at->data)
          && g_ascii_strcasecmp (column->column, "WF_UPDATED_TIME") != 0) /* this one is meant to */
        st_check_list_add (&moving, text);
    }
  if (moving.n > 0)
    ST_CHECK_ADD (
        self, tokens ? ST_CHECK_WARNING : ST_CHECK_NOTE, "on-update",
        tokens ? "an UPDATE by hand makes tokens young again; this product assigns the column to itself"
               : "an UPDATE by hand moves them; this product assigns them to themselves",
        "in every UPDATE by hand of these tables write the column too, as in SET ..., CREATED_TIME = CREATED_TIME",
        "explicit_defaults_for_timestamp is %s; times that move with every UPDATE of their row: %u (%s)",
        st_check_variable_is (self, "explicit_defaults_for_timestamp", "ON") ? "ON" : "OFF", moving.n,
        moving.text->str);
}

static void
check_sql_mode (StCheck *self)
{
  const char *mode = st_check_variable (self, "sql_mode");

  if (mode == NULL)
    return;
  if (strstr (mode, "STRICT_TRANS_TABLES") == NULL && strstr (mode, "STRICT_ALL_TABLES") == NULL)
    ST_CHECK_ADD (
        self, ST_CHECK_WARNING, "sql-mode",
        "a text that is too long for its column is cut off silently when it is written",
        "SET GLOBAL sql_mode = CONCAT(@@GLOBAL.sql_mode, ',STRICT_TRANS_TABLES'), and the same in the server's"
        " configuration; try it with the WSO2 nodes that stay",
        "sql_mode is not strict (%s)", *mode != '\0' ? mode : "empty");
  else if (strstr (mode, "NO_ZERO_DATE") != NULL && self->results[self->part].report.state == ST_SCHEMA_WSO2)
    ST_CHECK_ADD (self, ST_CHECK_NOTE, "zero-date",
                  "an INSERT that leaves a time column at its default of zero is refused",
                  "give every time column a value in statements by hand", "sql_mode has NO_ZERO_DATE");
}

static gboolean
is_on (const StCheck *self, const char *variable)
{
  return st_check_variable_is (self, variable, "ON") || st_check_variable_is (self, variable, "1");
}

static void
check_writable (StCheck *self)
{
  const char *packet = st_check_variable (self, "max_allowed_packet");

  if (is_on (self, "read_only") || is_on (self, "super_read_only"))
    ST_CHECK_ADD (self, ST_CHECK_WARNING, "read-only",
                  "calls are validated, but nothing is written: no token, no revocation. A replica may also lag behind",
                  "give the node the primary server, or SET GLOBAL read_only = 0 if this is it",
                  "the server is read-only");
  if (packet != NULL && g_ascii_strtoull (packet, NULL, 10) < SMALL_PACKET)
    ST_CHECK_ADD (self, ST_CHECK_WARNING, "packet",
                  "a longer statement or row ends the connection in the middle of its work",
                  "SET GLOBAL max_allowed_packet = 16777216, and the same in the server's configuration",
                  "max_allowed_packet is only %s bytes", packet);
}

/* A server without its cluster is not asked at all: connecting to it fails (st-mysql-connect.c). */
static void
check_galera (StCheck *self)
{
  const char *size = st_check_variable (self, "wsrep_cluster_size");

  if (is_on (self, "wsrep_on"))
    ST_CHECK_ADD (self, ST_CHECK_OK, "galera",
                  "a node waits with each look-up for what the other servers have committed; what has lost half of its"
                  " cluster or more refuses to answer",
                  NULL, "one server of a Galera cluster of %s", size != NULL ? size : "unknown size");
}

/* Whether the findings about this server are there already: both parts are often on one. */
static gboolean
is_told (StCheck *self)
{
  const ApimDataSource *source = st_database_source (self->database);
  g_autofree char *server = NULL;

  if (source->kind == APIM_DATABASE_SQLITE)
    server = g_strdup ("sqlite");
  else if (source->unix_socket != NULL)
    server = g_strdup (source->unix_socket);
  else
    server = g_strdup_printf ("%s:%u", source->host, source->port);
  if (g_strcmp0 (server, self->server) == 0)
    return TRUE;
  g_free (self->server);
  self->server = g_steal_pointer (&server);
  return FALSE;
}

void
st_check_server (StCheck *self)
{
  gboolean told = is_told (self);

  if (!told)
    check_version (self);
  if (!st_check_is_mysql (self))
    return;
  check_character_set (self);
  check_automatic_times (self);
  if (told)
    return;
  check_sql_mode (self);
  check_writable (self);
  check_galera (self);
}
