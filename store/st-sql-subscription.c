/* The question for a subscription: with throttling policies where the database has them and they are in use, with the
 * columns that its generation has (spec/databases.md 5.4). */
#include "config.h"
#include "store/st-sql-key-store-private.h"

#include "store/st-capabilities.h"

enum
{
  COLUMN_CONTEXT,
  COLUMN_VERSION,
  COLUMN_CONSUMER_KEY,
  COLUMN_SUBSCRIBER,
  COLUMN_TIER,
  COLUMN_STATUS,
  COLUMN_CREATE_STATE,
  COLUMN_APPLICATION_ID,
  COLUMN_APPLICATION_NAME,
  COLUMN_APPLICATION_TIER,
  COLUMN_KEY_TYPE,
  COLUMN_API_NAME,
  COLUMN_API_PROVIDER,
  COLUMN_API_TIER,
  /* With policies: */
  COLUMN_RATE_LIMIT_COUNT,
  COLUMN_RATE_LIMIT_UNIT,
  COLUMN_STOP_ON_QUOTA_REACH,
  COLUMN_CONTENT_AWARE,
};

#define COLUMNS \
  "p.CONTEXT, p.API_VERSION, k.CONSUMER_KEY, u.USER_ID, s.TIER_ID, s.SUB_STATUS, s.SUBS_CREATE_STATE," \
  " a.APPLICATION_ID, a.NAME, a.APPLICATION_TIER, k.KEY_TYPE, p.API_NAME, p.API_PROVIDER"
/* A policy that counts bytes, of the subscription, the application, the API, or a resource (spec/databases.md 5.6,
 * IS_ANY_POLICY_CONTENT_AWARE). Policies are the API's tenant's, but for the application's, which are its subscriber's.
 * Each is searched by its name, for which there is an index. */
#define COUNTS_BYTES(policies, name) \
  "EXISTS (SELECT 1 FROM " policies " LEFT JOIN AM_CONDITION_GROUP g ON g.POLICY_ID = t.POLICY_ID" \
  " WHERE t.NAME = " name " AND t.TENANT_ID = q.TENANT_ID" \
  " AND (t.DEFAULT_QUOTA_TYPE = 'bandwidthVolume' OR g.QUOTA_TYPE = 'bandwidthVolume')"
#define POLICY_COLUMNS \
  ", q.RATE_LIMIT_COUNT, q.RATE_LIMIT_TIME_UNIT, q.STOP_ON_QUOTA_REACH," \
  " CASE WHEN q.QUOTA_TYPE = 'bandwidthVolume'" \
  " OR EXISTS (SELECT 1 FROM AM_POLICY_APPLICATION x" \
  " WHERE x.NAME = a.APPLICATION_TIER AND x.TENANT_ID = u.TENANT_ID AND x.QUOTA_TYPE = 'bandwidthVolume')"
#define POLICY_OF_API " OR " COUNTS_BYTES ("AM_API_THROTTLE_POLICY t", "p.API_TIER") ")"
#define POLICY_OF_RESOURCES \
  " OR " COUNTS_BYTES ("AM_API_URL_MAPPING m CROSS JOIN AM_API_THROTTLE_POLICY t", "m.THROTTLING_TIER") \
  " AND m.API_ID = p.API_ID) THEN 1 ELSE 0 END"
#define TABLES \
  " FROM AM_APPLICATION_KEY_MAPPING k" \
  " JOIN AM_SUBSCRIPTION s ON s.APPLICATION_ID = k.APPLICATION_ID" \
  " JOIN AM_APPLICATION a ON a.APPLICATION_ID = s.APPLICATION_ID" \
  " JOIN AM_SUBSCRIBER u ON u.SUBSCRIBER_ID = a.SUBSCRIBER_ID" \
  " JOIN AM_API p ON p.API_ID = s.API_ID"
#define FILTER \
  " WHERE p.CONTEXT = ? AND k.CONSUMER_KEY = ? AND (? = 1 OR p.API_VERSION = ?)" \
  " AND (s.SUBS_CREATE_STATE IS NULL OR s.SUBS_CREATE_STATE <> 'UN_SUBSCRIBE')" \
  " ORDER BY s.SUBSCRIPTION_ID"

/* spec/decisions.md 1: from 2.1 on the policy is one of the API's tenant; in 2.0, which is told by clients without
 * APP_STATE, any tenant's of that name will do, and the API's tenant's is the first of them. */
#define POLICY_OF_TENANT " JOIN AM_POLICY_SUBSCRIPTION q ON q.NAME = s.TIER_ID AND q.TENANT_ID = ?"
#define FOREIGN_POLICY ", CASE WHEN q.TENANT_ID = ? THEN 0 ELSE 1 END AS FOREIGN_POLICY"
#define POLICY_OF_ANY " JOIN AM_POLICY_SUBSCRIPTION q ON q.NAME = s.TIER_ID"
#define ORDER_OF_ANY ", FOREIGN_POLICY, q.POLICY_ID"

/* 1.x has no index to find the consumer key or the context by. MySQL is told to look for the key, so that one small
 * table is read whole and the rest by its keys; left alone it reads every subscription. */
static const StStatement *
intern_select (const char *sql, gboolean indexed)
{
  g_autofree char *sqlite = g_strconcat ("SELECT ", sql, NULL);
  g_autofree char *mysql = indexed ? NULL : g_strconcat ("SELECT STRAIGHT_JOIN ", sql, NULL);

  return st_statement_intern (sqlite, mysql);
}

const StStatement *
st_sql_subscription_statement (guint capabilities, gboolean policies)
{
  gboolean api_tier = (capabilities & ST_CAP_API_TIER) != 0;
  gboolean any_tenant = policies && (capabilities & ST_CAP_APP_STATE) == 0;
  g_autoptr (GString) sql = g_string_new (COLUMNS);

  g_string_append (sql, api_tier ? ", p.API_TIER" : ", NULL");
  if (policies)
    {
      g_string_append (sql, POLICY_COLUMNS);
      g_string_append (sql, api_tier ? POLICY_OF_API POLICY_OF_RESOURCES : POLICY_OF_RESOURCES);
    }
  if (any_tenant)
    g_string_append (sql, FOREIGN_POLICY TABLES POLICY_OF_ANY FILTER ORDER_OF_ANY);
  else if (policies)
    g_string_append (sql, TABLES POLICY_OF_TENANT FILTER);
  else
    g_string_append (sql, TABLES FILTER);
  return intern_select (sql->str, api_tier);
}

static StSubscription *
read_subscription (StQuery *query, const StSqlShape *shape)
{
  StSubscription *subscription = st_subscription_new ();

  subscription->api_version = st_sql_dup_column (query, COLUMN_VERSION);
  subscription->subscriber = st_sql_dup_column (query, COLUMN_SUBSCRIBER);
  subscription->tier = st_sql_dup_column (query, COLUMN_TIER);
  subscription->status = st_sql_dup_column (query, COLUMN_STATUS);
  subscription->create_state = st_sql_dup_column (query, COLUMN_CREATE_STATE);
  subscription->application_id = (gint) st_query_int64 (query, COLUMN_APPLICATION_ID);
  subscription->application_name = st_sql_dup_column (query, COLUMN_APPLICATION_NAME);
  subscription->application_tier = st_sql_dup_column (query, COLUMN_APPLICATION_TIER);
  subscription->key_type = st_sql_dup_column (query, COLUMN_KEY_TYPE);
  subscription->api_name = st_sql_dup_column (query, COLUMN_API_NAME);
  subscription->api_provider = st_sql_dup_column (query, COLUMN_API_PROVIDER);
  subscription->api_tier = st_sql_dup_column (query, COLUMN_API_TIER);
  subscription->has_policy = shape->policies || (shape->capabilities & ST_CAP_POLICIES) == 0;
  if (shape->policies)
    {
      subscription->rate_limit_count = (gint) st_query_int64 (query, COLUMN_RATE_LIMIT_COUNT);
      subscription->rate_limit_unit = st_sql_dup_column (query, COLUMN_RATE_LIMIT_UNIT);
      subscription->stop_on_quota_reach = st_query_int64 (query, COLUMN_STOP_ON_QUOTA_REACH) != 0;
      subscription->content_aware = st_query_int64 (query, COLUMN_CONTENT_AWARE) != 0;
    }
  return subscription;
}

gboolean
st_sql_find_subscription (StKeyStore *store, const char *context, const char *version, const char *consumer_key,
                          gint api_tenant_id, gint64 deadline_us, StSubscription **found, GError **error)
{
  StSqlKeyStore *self = (StSqlKeyStore *) store;
  g_autoptr (StSqlShape) shape = st_sql_key_store_shape (self, deadline_us, error);
  g_autoptr (StSubscription) subscription = NULL;
  g_autoptr (StQuery) query = NULL;
  guint at = 0;
  StStep step;

  if (shape == NULL)
    return FALSE;
  query = st_sql_key_store_query (self, shape->subscription, deadline_us, error);
  if (query == NULL)
    return FALSE;
  if (shape->policies)
    st_query_bind_int64 (query, at++, api_tenant_id);
  st_query_bind_text (query, at++, context);
  st_query_bind_text (query, at++, consumer_key);
  st_query_bind_int64 (query, at++, version == NULL);
  st_query_bind_text (query, at++, version);
  while ((step = st_query_step (query, error)) == ST_ROW)
    if (subscription == NULL && st_sql_is_text (query, COLUMN_CONTEXT, context)
        && st_sql_is_text (query, COLUMN_CONSUMER_KEY, consumer_key)
        && (version == NULL || st_sql_is_text (query, COLUMN_VERSION, version)))
      subscription = read_subscription (query, shape);
  if (step == ST_END)
    *found = g_steal_pointer (&subscription);
  return st_sql_key_store_finish (self, step, error);
}
