/* The question for an API's resources; with throttling policies, for their levels and conditions too
 * (spec/databases.md 5.6). */
#include "config.h"
#include "store/st-sql-key-store-private.h"

enum
{
  COLUMN_CONTEXT,
  COLUMN_VERSION,
  COLUMN_ID,
  COLUMN_METHOD,
  COLUMN_PATTERN,
  COLUMN_AUTH_SCHEME,
  COLUMN_TIER,
  /* With policies: */
  COLUMN_LEVEL,
  COLUMN_CONDITION_GROUP,
};

#define COLUMNS \
  "p.CONTEXT, p.API_VERSION, m.URL_MAPPING_ID, m.HTTP_METHOD, m.URL_PATTERN, m.AUTH_SCHEME, m.THROTTLING_TIER"
#define TABLES " FROM AM_API p JOIN AM_API_URL_MAPPING m ON m.API_ID = p.API_ID"
#define FILTER " WHERE p.CONTEXT = ? AND p.API_VERSION = ? ORDER BY m.URL_MAPPING_ID"

#define PLAIN COLUMNS TABLES FILTER
#define WITH_POLICIES \
  COLUMNS ", t.APPLICABLE_LEVEL, g.CONDITION_GROUP_ID" TABLES \
  " LEFT JOIN AM_API_THROTTLE_POLICY t ON t.NAME = m.THROTTLING_TIER AND t.TENANT_ID = ?" \
  " LEFT JOIN AM_CONDITION_GROUP g ON g.POLICY_ID = t.POLICY_ID" FILTER ", g.CONDITION_GROUP_ID"

/* Most generations have no index to find the context by. MySQL is told to look there nevertheless, so that one small
 * table is read whole; left alone it reads every resource. */
#define STATEMENT(sql) { "SELECT " sql, "SELECT STRAIGHT_JOIN " sql }

const StStatement *
st_sql_resources_statement (gboolean policies)
{
  static const StStatement plain = STATEMENT (PLAIN);
  static const StStatement with_policies = STATEMENT (WITH_POLICIES);

  return policies ? &with_policies : &plain;
}

static void
end_conditions (StResource *resource, GPtrArray *conditions)
{
  if (resource == NULL || conditions->len == 0)
    return;
  g_ptr_array_add (conditions, g_strdup ("_default"));
  g_ptr_array_add (conditions, NULL);
  resource->conditions = (char **) g_ptr_array_steal (conditions, NULL);
}

static StResource *
read_resource (StQuery *query, StResources *resources, gboolean policies)
{
  StResource *resource = st_resources_add (resources);

  resource->http_method = st_sql_dup_column (query, COLUMN_METHOD);
  resource->url_pattern = st_sql_dup_column (query, COLUMN_PATTERN);
  resource->auth_scheme = st_sql_dup_column (query, COLUMN_AUTH_SCHEME);
  resource->throttling_tier = st_sql_dup_column (query, COLUMN_TIER);
  resource->applicable_level = policies ? st_sql_dup_column (query, COLUMN_LEVEL) : NULL;
  return resource;
}

/* One row per condition group of a resource's tier. */
static StStep
read_rows (StQuery *query, const char *context, const char *version, gboolean policies, StResources *resources,
           GError **error)
{
  g_autoptr (GPtrArray) conditions = g_ptr_array_new_with_free_func (g_free);
  StResource *resource = NULL;
  gint64 id = 0;
  StStep step;

  while ((step = st_query_step (query, error)) == ST_ROW)
    {
      if (!st_sql_is_text (query, COLUMN_CONTEXT, context) || !st_sql_is_text (query, COLUMN_VERSION, version))
        continue;
      if (resource == NULL || st_query_int64 (query, COLUMN_ID) != id)
        {
          end_conditions (resource, conditions);
          id = st_query_int64 (query, COLUMN_ID);
          resource = read_resource (query, resources, policies);
        }
      if (policies && !st_query_is_null (query, COLUMN_CONDITION_GROUP))
        g_ptr_array_add (conditions, g_strdup_printf ("_condition_%" G_GINT64_FORMAT,
                                                      st_query_int64 (query, COLUMN_CONDITION_GROUP)));
    }
  end_conditions (resource, conditions);
  return step;
}

gboolean
st_sql_find_resources (StKeyStore *store, const char *context, const char *version, gint api_tenant_id,
                       gint64 deadline_us, StResources **found, GError **error)
{
  StSqlKeyStore *self = (StSqlKeyStore *) store;
  g_autoptr (StSqlShape) shape = st_sql_key_store_shape (self, deadline_us, error);
  g_autoptr (StResources) resources = st_resources_new ();
  g_autoptr (StQuery) query = NULL;
  guint at = 0;
  StStep step;

  if (shape == NULL)
    return FALSE;
  query = st_sql_key_store_query (self, shape->resources, deadline_us, error);
  if (query == NULL)
    return FALSE;
  if (shape->policies)
    st_query_bind_int64 (query, at++, api_tenant_id);
  st_query_bind_text (query, at++, context);
  st_query_bind_text (query, at++, version);
  step = read_rows (query, context, version, shape->policies, resources, error);
  if (step == ST_END)
    *found = g_steal_pointer (&resources);
  return st_sql_key_store_finish (self, step, error);
}
