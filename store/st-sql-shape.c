/* The shape of an apimgtdb as key validation needs to know it: read in one pass over all columns, checked for what is
 * missing, and turned into statements. The half-migrated mixtures of spec/databases.md 2.1 are why everything goes by
 * what is there, and nothing by the generation. */
#include "config.h"
#include "store/st-sql-key-store-private.h"

#include "store/st-capabilities.h"

#include <string.h>

/* Bits for what is there. */
enum
{
  NUMBERED = 1 << 0, /* 1.10 and later need it */
  NAMED = 1 << 1,    /* 1.9 needs it */
  POLICY = 1 << 2,   /* advanced throttling needs it */
  BOTH = NUMBERED | NAMED,
};

typedef struct
{
  const char *name;
  guint needed;
} Need;

static const Need needed_tables[] = {
  { "AM_SUBSCRIBER", BOTH },
  { "AM_APPLICATION", BOTH },
  { "AM_API", BOTH },
  { "AM_API_URL_MAPPING", BOTH },
  { "AM_API_DEFAULT_VERSION", BOTH },
  { "AM_SUBSCRIPTION", BOTH },
  { "AM_APPLICATION_KEY_MAPPING", BOTH },
  { "IDN_OAUTH_CONSUMER_APPS", BOTH },
  { ST_TOKEN_TABLE, BOTH },
  { ST_TOKEN_SCOPE_TABLE, NUMBERED },
  { "IDN_OAUTH2_SCOPE", BOTH },
  { "IDN_OAUTH2_RESOURCE_SCOPE", BOTH },
  { "AM_POLICY_SUBSCRIPTION", POLICY },
  { "AM_POLICY_APPLICATION", POLICY },
  { "AM_API_THROTTLE_POLICY", POLICY },
  { "AM_CONDITION_GROUP", POLICY },
};

typedef struct
{
  guint capabilities;
  StTables *tables;
} Reading;

static void
reading_clear (Reading *reading)
{
  st_tables_free (reading->tables);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Reading, reading_clear)

static void
see_column (const char *table, const char *column, const char *type, gpointer data)
{
  Reading *reading = data;

  reading->capabilities |= st_capabilities_of_column (table, column, type);
  st_tables_add (reading->tables, table, column);
}

static guint
kind_of (guint capabilities)
{
  return (capabilities & ST_CAP_TOKEN_IDS) != 0 ? NUMBERED : NAMED;
}

/* The needed tables that are wanted and not there; NULL: none. *any: whether there is one at all. */
static char *
list_missing (const StTables *tables, guint wanted, gboolean *any)
{
  g_autoptr (GString) missing = g_string_new (NULL);

  *any = FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (needed_tables); i++)
    if (st_tables_have (tables, needed_tables[i].name, NULL))
      *any = TRUE;
    else if ((needed_tables[i].needed & wanted) != 0)
      g_string_append_printf (missing, "%s%s", missing->len > 0 ? ", " : "", needed_tables[i].name);
  return missing->len > 0 ? g_string_free (g_steal_pointer (&missing), FALSE) : NULL;
}

/* Policies came with AM_API.API_TIER: with one of them, all must be there. A schema of 2.x that was created by half
 * must not pass for one of 1.x, where no policy is asked for. */
static guint
wanted_tables (guint capabilities, gboolean advanced_throttling)
{
  gboolean policies = (capabilities & (ST_CAP_API_TIER | ST_CAP_POLICIES)) != 0;

  return kind_of (capabilities) | (advanced_throttling && policies ? POLICY : 0);
}

static gboolean
check_supported (const Reading *reading, gboolean advanced_throttling, GError **error)
{
  gboolean any;
  g_autofree char *tables
      = list_missing (reading->tables, wanted_tables (reading->capabilities, advanced_throttling), &any);
  g_autofree char *columns = NULL;

  if (!any)
    g_set_error_literal (error, ST_ERROR, ST_ERROR_SCHEMA,
                         "the database has no API Manager tables: run \"apimctl db migrate\" on an empty one");
  else if ((reading->capabilities & ST_CAP_TOO_NEW) != 0)
    g_set_error (error, ST_ERROR, ST_ERROR_SCHEMA,
                 "the database has the shape of API Manager %s, which is not supported: 1.9 to 2.6 are",
                 st_capabilities_generation (reading->capabilities));
  else if (tables != NULL)
    g_set_error (error, ST_ERROR, ST_ERROR_SCHEMA,
                 "the database has some API Manager tables, but not %s: finish creating or migrating it, and let this "
                 "user read all of its tables",
                 tables);
  else if ((columns = st_token_table_lacks (reading->tables, ST_TOKEN_TABLE)) != NULL)
    g_set_error (error, ST_ERROR, ST_ERROR_SCHEMA, "the table " ST_TOKEN_TABLE " lacks %s: finish migrating the database",
                 columns);
  else
    return TRUE;
  return FALSE;
}

StSqlShape *
st_sql_shape_read (StDatabase *database, gboolean advanced_throttling, ApimTokenTime token_time, gint64 deadline_us,
                   GError **error)
{
  g_auto (Reading) reading = { .tables = st_tables_new () };
  g_autoptr (StTokenTables) token_tables = NULL;
  g_autoptr (StSqlShape) shape = NULL;

  if (!st_capabilities_each_column (database, deadline_us, see_column, &reading, error)
      || !check_supported (&reading, advanced_throttling, error)
      || (token_tables = st_token_tables_new (reading.tables, error)) == NULL)
    return NULL;
  shape = g_atomic_rc_box_new0 (StSqlShape);
  shape->capabilities = reading.capabilities;
  shape->policies = advanced_throttling && (reading.capabilities & ST_CAP_POLICIES) != 0;
  shape->token_tables = g_array_new (FALSE, FALSE, sizeof (StSqlTokenTable));
  shape->subscription = st_sql_subscription_statement (shape->capabilities, shape->policies);
  shape->resources = st_sql_resources_statement (shape->policies);
  shape->scope = st_sql_scope_statement (shape->capabilities);
  for (guint i = 0; i < token_tables->n; i++)
    {
      StSqlTokenTable table = st_sql_token_table (&token_tables->tables[i], shape->capabilities, token_time);

      g_array_append_val (shape->token_tables, table);
    }
  return g_steal_pointer (&shape);
}

StSqlShape *
st_sql_shape_ref (StSqlShape *shape)
{
  return g_atomic_rc_box_acquire (shape);
}

static void
shape_clear (gpointer data)
{
  StSqlShape *shape = data;

  g_array_unref (shape->token_tables);
}

void
st_sql_shape_unref (StSqlShape *shape)
{
  if (shape != NULL)
    g_atomic_rc_box_release_full (shape, shape_clear);
}
