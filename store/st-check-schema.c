/* StCheck: whether this is a database of the product at all, and whole: state, version, tables, engines. */
#include "config.h"
#include "store/st-check-private.h"

#include <string.h>

#define DATA_SOURCES "repository/conf/datasources/master-datasources.xml"

typedef struct
{
  const char *table;
  StSchemaPart part;
  guint flags;         /* only where the database has all of these */
  gboolean validation; /* a node validates nothing without it; else only some writes need it */
} NeededTable;

static const NeededTable needed_tables[] = {
  { "AM_API", ST_SCHEMA_API, 0, TRUE },
  { "AM_API_DEFAULT_VERSION", ST_SCHEMA_API, 0, TRUE },
  { "AM_API_URL_MAPPING", ST_SCHEMA_API, 0, TRUE },
  { "AM_APPLICATION", ST_SCHEMA_API, 0, TRUE },
  { "AM_APPLICATION_KEY_MAPPING", ST_SCHEMA_API, 0, TRUE },
  { "AM_SUBSCRIBER", ST_SCHEMA_API, 0, TRUE },
  { "AM_SUBSCRIPTION", ST_SCHEMA_API, 0, TRUE },
  { "IDN_OAUTH2_ACCESS_TOKEN", ST_SCHEMA_API, 0, TRUE },
  { "IDN_OAUTH2_RESOURCE_SCOPE", ST_SCHEMA_API, 0, TRUE },
  { "IDN_OAUTH2_SCOPE", ST_SCHEMA_API, 0, TRUE },
  { "IDN_OAUTH_CONSUMER_APPS", ST_SCHEMA_API, 0, TRUE },
  { "IDN_OAUTH2_ACCESS_TOKEN_SCOPE", ST_SCHEMA_API, ST_CAP_TOKEN_IDS, TRUE },
  { "IDN_OAUTH2_SCOPE_BINDING", ST_SCHEMA_API, ST_CAP_TOKEN_HASH, TRUE },
  { "AM_API_THROTTLE_POLICY", ST_SCHEMA_API, ST_CAP_POLICIES, TRUE },
  { "AM_CONDITION_GROUP", ST_SCHEMA_API, ST_CAP_POLICIES, TRUE },
  { "AM_POLICY_APPLICATION", ST_SCHEMA_API, ST_CAP_POLICIES, TRUE },
  { "AM_POLICY_SUBSCRIPTION", ST_SCHEMA_API, ST_CAP_API_TIER, TRUE },
  { "AM_API_LC_EVENT", ST_SCHEMA_API, 0, FALSE },
  { "AM_API_SCOPES", ST_SCHEMA_API, 0, FALSE },
  { "AM_APPLICATION_REGISTRATION", ST_SCHEMA_API, 0, FALSE },
  { "AM_APP_KEY_DOMAIN_MAPPING", ST_SCHEMA_API, 0, FALSE },
  { "AM_WORKFLOWS", ST_SCHEMA_API, 0, FALSE },
  { "IDN_OAUTH2_AUTHORIZATION_CODE", ST_SCHEMA_API, 0, FALSE },
  { "AM_BLOCK_CONDITIONS", ST_SCHEMA_API, ST_CAP_POLICIES, FALSE },
  { "UM_DOMAIN", ST_SCHEMA_USER, 0, TRUE },
  { "UM_HYBRID_ROLE", ST_SCHEMA_USER, 0, TRUE },
  { "UM_HYBRID_USER_ROLE", ST_SCHEMA_USER, 0, TRUE },
  { "UM_ROLE", ST_SCHEMA_USER, 0, TRUE },
  { "UM_TENANT", ST_SCHEMA_USER, 0, TRUE },
  { "UM_USER", ST_SCHEMA_USER, 0, TRUE },
  { "UM_USER_ROLE", ST_SCHEMA_USER, 0, TRUE },
  { "UM_PERMISSION", ST_SCHEMA_USER, 0, FALSE },
  { "UM_ROLE_PERMISSION", ST_SCHEMA_USER, 0, FALSE },
  { "UM_USER_ATTRIBUTE", ST_SCHEMA_USER, 0, FALSE },
};

static const char *
part_name (const StCheck *self)
{
  return self->part == ST_SCHEMA_API ? "API Manager" : "user";
}

static void
list_missing (const StCheck *self, gboolean validation, guint *n_there, StCheckList *missing)
{
  for (guint i = 0; i < G_N_ELEMENTS (needed_tables); i++)
    {
      const NeededTable *needed = &needed_tables[i];

      if (needed->part != self->part || needed->validation != validation
          || (self->facts.capabilities & needed->flags) != needed->flags)
        continue;
      if (st_check_find_table (self, needed->table) != NULL)
        *n_there += 1;
      else
        st_check_list_add (missing, needed->table);
    }
}

/* FALSE: nothing can be read here. */
static gboolean
check_tables (StCheck *self)
{
  g_auto (StCheckList) for_reads = { 0 };
  g_auto (StCheckList) for_writes = { 0 };
  g_autofree char *migrate = st_check_hint (self, "db migrate");
  gboolean ours = self->results[self->part].report.state == ST_SCHEMA_OURS;
  guint n_there = 0;

  list_missing (self, TRUE, &n_there, &for_reads);
  list_missing (self, FALSE, &n_there, &for_writes);
  if (n_there == 0)
    ST_CHECK_ADD (self, ST_CHECK_ERROR, "part-missing", "a node on it answers every call with an error",
                  ours ? migrate : "correct the data source in " DATA_SOURCES,
                  "the database lacks the tables of the %s part", part_name (self));
  else if (for_reads.n > 0)
    ST_CHECK_ADD (
        self, ST_CHECK_ERROR, "half-created",
        "the script that creates the tables was broken off; every call is answered with an error",
        ours ? migrate
             : "restore the database from a backup, or create it again in an empty one with the script of its own"
               " product version (dbscripts); it is not completed here",
        "the schema is half created; tables that are missing: %u (%s)", for_reads.n, for_reads.text->str);
  else if (for_writes.n > 0)
    ST_CHECK_ADD (self, ST_CHECK_WARNING, "table-missing", "calls are validated, but what writes these tables fails",
                  ours ? migrate : "create them with the script of the database's own product version (dbscripts)",
                  "missing tables that only writes need: %u (%s)", for_writes.n, for_writes.text->str);
  return n_there > 0 && for_reads.n == 0;
}

static void
check_version (StCheck *self, const StSchemaReport *report)
{
  g_autofree char *migrate = st_check_hint (self, "db migrate");

  if (report->version == report->latest)
    ST_CHECK_ADD (self, ST_CHECK_OK, "schema", NULL, NULL, "the %s schema is of this product, version %u",
                  part_name (self), report->version);
  else if (report->version < report->latest)
    ST_CHECK_ADD (self, report->version < report->needed ? ST_CHECK_ERROR : ST_CHECK_WARNING, "schema-old",
                  report->version < report->needed ? "a node does not start on it"
                                                   : "it works, but lacks what came later",
                  migrate, "the %s database has version %u of the schema, the newest is %u", part_name (self),
                  report->version, report->latest);
  else
    ST_CHECK_ADD (self, ST_CHECK_ERROR, "schema-new", "this program does not know what a newer one keeps there",
                  "use the version of this program that migrated it",
                  "the %s database has version %u of the schema, this program knows %u", part_name (self),
                  report->version, report->latest);
}

static gboolean
has_any_table (const StCheck *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (needed_tables); i++)
    if (needed_tables[i].part == self->part && st_check_find_table (self, needed_tables[i].table) != NULL)
      return TRUE;
  return FALSE;
}

/* FALSE: empty, or not a database of the product. */
static gboolean
check_state (StCheck *self)
{
  const StSchemaReport *report = &self->results[self->part].report;
  g_autofree char *migrate = st_check_hint (self, "db migrate");

  if (report->state == ST_SCHEMA_EMPTY)
    ST_CHECK_ADD (self, ST_CHECK_ERROR, "empty", "there is nothing to validate against", migrate,
                  "the %s database is empty", part_name (self));
  else if (report->state == ST_SCHEMA_FOREIGN && !has_any_table (self))
    ST_CHECK_ADD (self, ST_CHECK_ERROR, "foreign", "a node on it answers every call with an error",
                  "correct its data source in " DATA_SOURCES, "the %s database holds tables of something else",
                  part_name (self));
  else
    {
      if (report->state == ST_SCHEMA_OURS && report->has_part)
        check_version (self, report);
      else if (report->has_part)
        ST_CHECK_ADD (self, ST_CHECK_OK, "schema", NULL, NULL,
                      "the %s schema was made by WSO2: it is used as it is and never altered", part_name (self));
      return TRUE;
    }
  return FALSE;
}

static gboolean
is_known_prefix (const char *name)
{
  return g_str_has_prefix (name, "AM_") || g_str_has_prefix (name, "IDN_") || g_str_has_prefix (name, "UM_");
}

static void
check_engines (StCheck *self)
{
  g_auto (StCheckList) others = { 0 };
  g_autoptr (GList) names = g_list_sort (g_hash_table_get_keys (self->facts.tables), (GCompareFunc)strcmp);

  for (GList *at = names; at != NULL; at = at->next)
    {
      const StCheckTable *table = g_hash_table_lookup (self->facts.tables, at->data);
      g_autofree char *text = NULL;

      if (!is_known_prefix (at->data) || *table->engine == '\0' || g_ascii_strcasecmp (table->engine, "InnoDB") == 0)
        continue;
      text = g_strdup_printf ("%s (%s)", table->name, table->engine);
      st_check_list_add (&others, text);
    }
  if (others.n > 0)
    ST_CHECK_ADD (self, ST_CHECK_WARNING, "engine",
                  "no transactions: what breaks off half-way stays half-written, and no foreign key keeps orphans away",
                  "in a maintenance window: ALTER TABLE <table> ENGINE=InnoDB, for each of them",
                  "tables that are not InnoDB: %u (%s)", others.n, others.text->str);
}

/* A dump of a server that folds table names, loaded into one that does not. */
static void
check_table_names (StCheck *self)
{
  g_auto (StCheckList) lower = { 0 };

  if (!st_check_variable_is (self, "lower_case_table_names", "0"))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (needed_tables); i++)
    {
      const StCheckTable *table = st_check_find_table (self, needed_tables[i].table);

      if (table != NULL && needed_tables[i].part == self->part && strcmp (table->name, needed_tables[i].table) != 0)
        st_check_list_add (&lower, table->name);
    }
  if (lower.n > 0)
    ST_CHECK_ADD (
        self, ST_CHECK_ERROR, "table-names",
        "this server tells upper from lower case in table names, and every statement writes them in upper"
        " case",
        "set lower_case_table_names = 1 in the server's configuration before its data is made, or RENAME TABLE"
        " each of them",
        "tables whose names are not in upper case: %u (%s)", lower.n, lower.text->str);
}

gboolean
st_check_schema (StCheck *self)
{
  if (!check_state (self))
    return FALSE;
  if (!check_tables (self))
    return FALSE;
  check_engines (self);
  check_table_names (self);
  return TRUE;
}
