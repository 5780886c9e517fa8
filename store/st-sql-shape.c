/* The shape of an apimgtdb as key validation needs to know it: read in one pass over all columns, checked for what is
 * missing, and turned into statements. The half-migrated mixtures of spec/databases.md 2.1 are why everything goes by
 * what is there, and nothing by the generation. */
#include "config.h"
#include "store/st-sql-key-store-private.h"

#include "store/st-capabilities.h"

#include <string.h>

#define TOKEN_TABLE "IDN_OAUTH2_ACCESS_TOKEN"
#define SCOPE_TABLE TOKEN_TABLE "_SCOPE"
/* Nobody has as many user stores; each costs every unknown token a search. */
#define MAX_PARTITIONS 64

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
  { TOKEN_TABLE, BOTH },
  { SCOPE_TABLE, NUMBERED },
  { "IDN_OAUTH2_SCOPE", BOTH },
  { "IDN_OAUTH2_RESOURCE_SCOPE", BOTH },
  { "AM_POLICY_SUBSCRIPTION", POLICY },
  { "AM_POLICY_APPLICATION", POLICY },
  { "AM_API_THROTTLE_POLICY", POLICY },
  { "AM_CONDITION_GROUP", POLICY },
};

static const Need needed_columns[] = {
  { "ACCESS_TOKEN", BOTH },    { "AUTHZ_USER", BOTH },      { "USER_TYPE", BOTH },
  { "TIME_CREATED", BOTH },    { "VALIDITY_PERIOD", BOTH }, { "TOKEN_STATE", BOTH },
  { "TOKEN_ID", NUMBERED },    { "TENANT_ID", NUMBERED },   { "USER_DOMAIN", NUMBERED },
  { "CONSUMER_KEY_ID", NUMBERED },
  { "CONSUMER_KEY", NAMED },   { "TOKEN_SCOPE", NAMED },
};

/* A table of tokens, or of their scopes. */
typedef struct
{
  char *name;         /* as the server writes it */
  guint columns;      /* a bit per needed_columns */
  guint capabilities; /* that it would give the main table */
} FoundTable;

typedef struct
{
  guint capabilities;
  guint tables; /* a bit per needed_tables */
  GPtrArray *found; /* of FoundTable */
} Reading;

static void
found_table_free (gpointer data)
{
  FoundTable *table = data;

  g_free (table->name);
  g_free (table);
}

static void
reading_clear (Reading *reading)
{
  g_ptr_array_unref (reading->found);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Reading, reading_clear)

static guint
bit_of (const Need *needs, gsize n, const char *name)
{
  for (gsize i = 0; i < n; i++)
    if (g_ascii_strcasecmp (needs[i].name, name) == 0)
      return 1u << i;
  return 0;
}

static FoundTable *
find_table (GPtrArray *found, const char *name)
{
  for (guint i = 0; i < found->len; i++)
    {
      FoundTable *table = g_ptr_array_index (found, i);

      if (g_ascii_strcasecmp (table->name, name) == 0)
        return table;
    }
  return NULL;
}

static void
see_column (const char *table, const char *column, const char *type, gpointer data)
{
  Reading *reading = data;
  FoundTable *found;

  reading->capabilities |= st_capabilities_of_column (table, column, type);
  reading->tables |= bit_of (needed_tables, G_N_ELEMENTS (needed_tables), table);
  if (g_ascii_strncasecmp (table, TOKEN_TABLE, strlen (TOKEN_TABLE)) != 0)
    return;
  found = find_table (reading->found, table);
  if (found == NULL)
    {
      found = g_new0 (FoundTable, 1);
      found->name = g_strdup (table);
      g_ptr_array_add (reading->found, found);
    }
  found->columns |= bit_of (needed_columns, G_N_ELEMENTS (needed_columns), column);
  found->capabilities |= st_capabilities_of_column (TOKEN_TABLE, column, type);
}

static guint
kind_of (guint capabilities)
{
  return (capabilities & ST_CAP_TOKEN_IDS) != 0 ? NUMBERED : NAMED;
}

/* What of @needs is wanted and not among the bits of @there; NULL: nothing. */
static char *
list_missing (const Need *needs, gsize n, guint wanted, guint there)
{
  g_autoptr (GString) missing = g_string_new (NULL);

  for (gsize i = 0; i < n; i++)
    if ((needs[i].needed & wanted) != 0 && (there & (1u << i)) == 0)
      g_string_append_printf (missing, "%s%s", missing->len > 0 ? ", " : "", needs[i].name);
  return missing->len > 0 ? g_string_free (g_steal_pointer (&missing), FALSE) : NULL;
}

static char *
missing_columns (const FoundTable *table)
{
  return list_missing (needed_columns, G_N_ELEMENTS (needed_columns), kind_of (table->capabilities), table->columns);
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
  g_autofree char *tables = list_missing (needed_tables, G_N_ELEMENTS (needed_tables),
                                          wanted_tables (reading->capabilities, advanced_throttling), reading->tables);
  g_autofree char *columns = NULL;

  if (reading->tables == 0)
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
  else if ((columns = missing_columns (find_table (reading->found, TOKEN_TABLE))) != NULL)
    g_set_error (error, ST_ERROR, ST_ERROR_SCHEMA, "the table " TOKEN_TABLE " lacks %s: finish migrating the database",
                 columns);
  else
    return TRUE;
  return FALSE;
}

/* What follows TOKEN_TABLE and "_" in the name of a partition; NULL: it is none. Names with other characters are not
 * ones that WSO2 can be configured for. */
static const char *
partition_suffix (const FoundTable *table)
{
  const char *suffix = table->name + strlen (TOKEN_TABLE);

  if (*suffix != '_' || strspn (suffix, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_") != strlen (suffix))
    return NULL;
  suffix++;
  if (*suffix == '\0' || g_ascii_strcasecmp (suffix, "SCOPE") == 0 || g_ascii_strncasecmp (suffix, "SCOPE_", 6) == 0
      || g_ascii_strcasecmp (suffix, "AUDIT") == 0)
    return NULL;
  return suffix;
}

/* A table that only looks like a partition by its name, and lacks columns, is none. */
static gboolean
is_partition (const FoundTable *table)
{
  g_autofree char *missing = partition_suffix (table) != NULL ? missing_columns (table) : NULL;

  return partition_suffix (table) != NULL && missing == NULL;
}

/* A partition's scopes are in a table of its own if there is one. */
static const char *
scope_table_of (const Reading *reading, const FoundTable *partition)
{
  g_autofree char *own = g_strconcat (SCOPE_TABLE "_", partition_suffix (partition), NULL);
  const FoundTable *found = find_table (reading->found, own);

  return found != NULL ? found->name : SCOPE_TABLE;
}

static gint
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp ((*(FoundTable *const *) a)->name, (*(FoundTable *const *) b)->name);
}

static gboolean
add_token_tables (StSqlShape *shape, const Reading *reading, ApimTokenTime token_time, GError **error)
{
  StSqlTokenTable table = st_sql_token_table (TOKEN_TABLE, SCOPE_TABLE, reading->capabilities, token_time, FALSE);

  g_array_append_val (shape->token_tables, table);
  g_ptr_array_sort (reading->found, compare_names);
  for (guint i = 0; i < reading->found->len; i++)
    {
      const FoundTable *found = g_ptr_array_index (reading->found, i);

      if (!is_partition (found))
        continue;
      if (shape->token_tables->len > MAX_PARTITIONS)
        {
          g_set_error (error, ST_ERROR, ST_ERROR_SCHEMA,
                       "the database has more than %d partitions of " TOKEN_TABLE
                       ": rename those that are copies and no partitions",
                       MAX_PARTITIONS);
          return FALSE;
        }
      table = st_sql_token_table (found->name, scope_table_of (reading, found), found->capabilities, token_time, TRUE);
      g_array_append_val (shape->token_tables, table);
    }
  return TRUE;
}

StSqlShape *
st_sql_shape_read (StDatabase *database, gboolean advanced_throttling, ApimTokenTime token_time, gint64 deadline_us,
                   GError **error)
{
  g_auto (Reading) reading = { .found = g_ptr_array_new_with_free_func (found_table_free) };
  g_autoptr (StSqlShape) shape = NULL;

  if (!st_capabilities_each_column (database, deadline_us, see_column, &reading, error)
      || !check_supported (&reading, advanced_throttling, error))
    return NULL;
  shape = g_atomic_rc_box_new0 (StSqlShape);
  shape->capabilities = reading.capabilities;
  shape->policies = advanced_throttling && (reading.capabilities & ST_CAP_POLICIES) != 0;
  shape->token_tables = g_array_new (FALSE, FALSE, sizeof (StSqlTokenTable));
  shape->subscription = st_sql_subscription_statement (shape->capabilities, shape->policies);
  shape->resources = st_sql_resources_statement (shape->policies);
  shape->scope = st_sql_scope_statement (shape->capabilities);
  if (!add_token_tables (shape, &reading, token_time, error))
    return NULL;
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

static guint
hash_statement (gconstpointer key)
{
  const StStatement *statement = key;

  return g_str_hash (statement->sqlite);
}

static gboolean
equal_statements (gconstpointer a, gconstpointer b)
{
  const StStatement *left = a;
  const StStatement *right = b;

  return strcmp (left->sqlite, right->sqlite) == 0 && g_strcmp0 (left->mysql, right->mysql) == 0;
}

const StStatement *
st_sql_statement_intern (const char *sqlite, const char *mysql)
{
  static GMutex lock;
  static GHashTable *statements;
  const StStatement wanted = { sqlite, mysql };
  StStatement *statement;

  g_mutex_lock (&lock);
  if (statements == NULL)
    statements = g_hash_table_new (hash_statement, equal_statements);
  statement = g_hash_table_lookup (statements, &wanted);
  if (statement == NULL)
    {
      statement = g_new (StStatement, 1);
      *statement = (StStatement){ g_strdup (sqlite), g_strdup (mysql) };
      g_hash_table_add (statements, statement);
    }
  g_mutex_unlock (&lock);
  return statement;
}
