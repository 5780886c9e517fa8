#include "config.h"
#include "store/st-policy-writes.h"

#include "common/apim-secret.h"
#include "store/st-columns.h"
#include "store/st-condition-writes.h"

typedef struct
{
  const char *table;
  StStatement find;     /* name, tenant: id and name; shared with others who look */
  StStatement lock;     /* the same, held alone */
  StStatement delete;   /* id */
  StStatement deployed; /* flag, id */
} PolicyTable;

/* A shared lock has to meet the one of who deletes the row, who found it by another index: so a column is read that
 * the index of names does not have, else InnoDB locks nothing but the entry of that index. */
#define POLICY_TABLE(name) \
  { \
    .table = name, \
    .find = { "SELECT POLICY_ID, NAME FROM " name " WHERE NAME = ? AND TENANT_ID = ?", \
              "SELECT POLICY_ID, NAME, UUID FROM " name " WHERE NAME = ? AND TENANT_ID = ? LOCK IN SHARE MODE" }, \
    .lock = ST_LOCKING ("SELECT POLICY_ID, NAME FROM " name " WHERE NAME = ? AND TENANT_ID = ?"), \
    .delete = { "DELETE FROM " name " WHERE POLICY_ID = ?" }, \
    .deployed = { "UPDATE " name " SET IS_DEPLOYED = ? WHERE POLICY_ID = ?" }, \
  }

static const PolicyTable tables[] = {
  [ST_POLICY_SUBSCRIPTION] = POLICY_TABLE ("AM_POLICY_SUBSCRIPTION"),
  [ST_POLICY_APPLICATION] = POLICY_TABLE ("AM_POLICY_APPLICATION"),
  [ST_POLICY_API] = POLICY_TABLE ("AM_API_THROTTLE_POLICY"),
  [ST_POLICY_GLOBAL] = POLICY_TABLE ("AM_POLICY_GLOBAL"),
};

gboolean
st_policy_check_generation (StWriter *writer, GError **error)
{
  if (st_writer_has (writer, ST_CAP_POLICIES))
    return TRUE;
  g_set_error (error, ST_ERROR, ST_ERROR_SCHEMA,
               "the database, of API Manager %s, has no throttling policies: tiers are in the registry",
               st_capabilities_generation (writer->capabilities));
  return FALSE;
}

static const char *
wrong_in_policy (const StPolicy *policy)
{
  static const char *const plans[] = { "FREE", "COMMERCIAL", NULL };

  if (policy->kind != ST_POLICY_API && policy->n_groups > 0)
    return "only API policies have condition groups";
  if (policy->kind == ST_POLICY_API && policy->custom_attributes != NULL)
    return "API policies have no attributes";
  if (policy->rate_limit_count < -1 || policy->rate_limit_count > G_MAXINT32)
    return "the rate limit must be from -1 to 2147483647";
  if (policy->billing_plan != NULL && !g_strv_contains (plans, policy->billing_plan))
    return "the billing plan must be FREE or COMMERCIAL";
  return NULL;
}

static gboolean
check_global (StWriter *writer, const StPolicy *policy, GError **error)
{
  const StText texts[] = {
    { "NAME", policy->name, 255, ST_TEXT_REQUIRED },
    { "DESCRIPTION", policy->description, 1024, ST_TEXT_OPTIONAL },
    { "KEY_TEMPLATE", policy->key_template, 512, ST_TEXT_REQUIRED },
    { "SIDDHI_QUERY", policy->siddhi_query, 65535, ST_TEXT_OPTIONAL },
  };

  return st_policy_check_generation (writer, error)
         && st_columns_check_row (writer, tables[policy->kind].table, texts, G_N_ELEMENTS (texts), error);
}

static gboolean
check_policy (StWriter *writer, const StPolicy *policy, GError **error)
{
  const StText texts[] = {
    { "NAME", policy->name, 255, ST_TEXT_REQUIRED },
    { "DISPLAY_NAME", policy->display_name, 512, ST_TEXT_OPTIONAL },
    { "DESCRIPTION", policy->description, 1024, ST_TEXT_OPTIONAL },
    { "RATE_LIMIT_TIME_UNIT", policy->rate_limit_unit, 25, ST_TEXT_OPTIONAL },
    { "CUSTOM_ATTRIBUTES", policy->custom_attributes, 65535, ST_TEXT_OPTIONAL },
  };
  const char *wrong = wrong_in_policy (policy);

  if (policy->kind == ST_POLICY_GLOBAL)
    return check_global (writer, policy, error);
  if (!st_policy_check_generation (writer, error) || !st_quota_check (&policy->quota, error)
      || !st_columns_check_row (writer, tables[policy->kind].table, texts, G_N_ELEMENTS (texts), error))
    return FALSE;
  if (wrong != NULL)
    g_set_error (error, ST_ERROR, ST_ERROR_DATA, "the policy cannot be: %s", wrong);
  return wrong == NULL;
}

/* *policy_id: 0 where there is none. Names are compared as bytes again. */
static gboolean
find_policy (StWriter *writer, const StStatement *select, gint tenant_id, const char *name, gint64 *policy_id,
             GError **error)
{
  g_autoptr (StQuery) query = NULL;
  guint at = 0;
  StStep step;

  *policy_id = 0;
  if (!st_policy_check_generation (writer, error))
    return FALSE;
  query = st_writer_query (writer, select, error);
  if (query == NULL)
    return FALSE;
  st_query_bind (query, &at, "si", name, (gint64) tenant_id);
  while ((step = st_query_step (query, error)) == ST_ROW)
    if (g_strcmp0 (st_query_text (query, 1), name) == 0)
      *policy_id = st_query_int64 (query, 0);
  return step == ST_END;
}

gboolean
st_policy_exists (StWriter *writer, StPolicyKind kind, gint tenant_id, const char *name, gboolean *exists,
                  GError **error)
{
  gint64 policy_id;
  gboolean done = find_policy (writer, &tables[kind].find, tenant_id, name, &policy_id, error);

  *exists = done && policy_id != 0;
  return done;
}

/* Its id; ST_ERROR_CONFLICT where there is none. */
static gboolean
lock_policy (StWriter *writer, StPolicyKind kind, gint tenant_id, const char *name, gint64 *policy_id, GError **error)
{
  if (!find_policy (writer, &tables[kind].lock, tenant_id, name, policy_id, error))
    return FALSE;
  if (*policy_id == 0)
    g_set_error (error, ST_ERROR, ST_ERROR_CONFLICT, "there is no such policy in %s", tables[kind].table);
  return *policy_id != 0;
}

/* What all kinds have stands first in every statement, in this order, with "DEFAULT_" before the names of API policies;
 * but for ST_POLICY_GLOBAL, which has little in common with them. */
static void
bind_common (StQuery *query, guint *at, const StPolicy *policy)
{
  const char *display_name = policy->display_name != NULL ? policy->display_name : policy->name;

  if (policy->kind == ST_POLICY_GLOBAL)
    {
      st_query_bind (query, at, "si", policy->description, (gint64) (policy->deployed ? 1 : 0));
      return;
    }
  st_query_bind (query, at, "sssisisi", display_name, policy->description, st_quota_type (&policy->quota),
                 policy->quota.amount, policy->quota.unit, policy->quota.unit_time, policy->quota.time_unit,
                 (gint64) (policy->deployed ? 1 : 0));
}

static void
bind_own (StQuery *query, guint *at, const StPolicy *policy)
{
  switch (policy->kind)
    {
    case ST_POLICY_SUBSCRIPTION:
      st_query_bind (query, at, "sisis", policy->custom_attributes, policy->rate_limit_count, policy->rate_limit_unit,
                     (gint64) (policy->stop_on_quota_reach ? 1 : 0),
                     policy->billing_plan != NULL ? policy->billing_plan : "FREE");
      break;
    case ST_POLICY_APPLICATION:
      st_query_bind (query, at, "s", policy->custom_attributes);
      break;
    case ST_POLICY_GLOBAL:
      st_query_bind (query, at, "ss", policy->key_template, policy->siddhi_query);
      break;
    case ST_POLICY_API:
    default:
      st_query_bind (query, at, "s", policy->per_user ? "userLevel" : "apiLevel");
      break;
    }
}

#define INSERT_POLICY(table, prefix, columns, values) \
  { \
    "INSERT INTO " table " (DISPLAY_NAME, DESCRIPTION, " prefix "QUOTA_TYPE, " prefix "QUOTA, " prefix \
    "QUOTA_UNIT, " prefix "UNIT_TIME, " prefix "TIME_UNIT, IS_DEPLOYED, " columns \
    ", NAME, TENANT_ID, UUID) VALUES (?, ?, ?, ?, ?, ?, ?, ?, " values ", ?, ?, ?)" \
  }

static gboolean
fail_taken (StPolicyKind kind, GError **error)
{
  g_set_error (error, ST_ERROR, ST_ERROR_CONFLICT, "the tenant has a policy of this name in %s already",
               tables[kind].table);
  return FALSE;
}

static gboolean
insert_policy (StWriter *writer, const StPolicy *policy, gint64 *policy_id, GError **error)
{
  static const StStatement inserts[] = {
    [ST_POLICY_SUBSCRIPTION]
    = INSERT_POLICY ("AM_POLICY_SUBSCRIPTION", "",
                     "CUSTOM_ATTRIBUTES, RATE_LIMIT_COUNT, RATE_LIMIT_TIME_UNIT, STOP_ON_QUOTA_REACH, BILLING_PLAN",
                     "?, ?, ?, ?, ?"),
    [ST_POLICY_APPLICATION] = INSERT_POLICY ("AM_POLICY_APPLICATION", "", "CUSTOM_ATTRIBUTES", "?"),
    [ST_POLICY_API] = INSERT_POLICY ("AM_API_THROTTLE_POLICY", "DEFAULT_", "APPLICABLE_LEVEL", "?"),
    [ST_POLICY_GLOBAL] = { "INSERT INTO AM_POLICY_GLOBAL (DESCRIPTION, IS_DEPLOYED, KEY_TEMPLATE, SIDDHI_QUERY, NAME,"
                           " TENANT_ID, UUID) VALUES (?, ?, ?, ?, ?, ?, ?)" },
  };
  g_autofree char *uuid = apim_random_uuid ();
  StQuery *query = st_writer_query (writer, &inserts[policy->kind], error);
  g_autoptr (GError) why = NULL;
  guint at = 0;

  if (query == NULL)
    return FALSE;
  bind_common (query, &at, policy);
  bind_own (query, &at, policy);
  st_query_bind (query, &at, "sis", policy->name, (gint64) policy->tenant_id, uuid);
  if (st_writer_run (query, &why))
    {
      *policy_id = st_transaction_last_insert_id (writer->transaction);
      return TRUE;
    }
  if (g_error_matches (why, ST_ERROR, ST_ERROR_CONFLICT))
    return fail_taken (policy->kind, error);
  g_propagate_error (error, g_steal_pointer (&why));
  return FALSE;
}

/* The table of ST_POLICY_GLOBAL has no unique key of names, as the others have. */
static gboolean
check_is_new (StWriter *writer, const StPolicy *policy, GError **error)
{
  gint64 policy_id;

  if (policy->kind != ST_POLICY_GLOBAL)
    return TRUE;
  return find_policy (writer, &tables[policy->kind].lock, policy->tenant_id, policy->name, &policy_id, error)
         && (policy_id == 0 || fail_taken (policy->kind, error));
}

gboolean
st_write_add_policy (StWriter *writer, const StPolicy *policy, gint64 *policy_id, GError **error)
{
  return check_policy (writer, policy, error) && check_is_new (writer, policy, error)
         && insert_policy (writer, policy, policy_id, error)
         && st_write_insert_conditions (writer, *policy_id, policy, error);
}

#define UPDATE_POLICY(table, prefix, columns) \
  { \
    "UPDATE " table " SET DISPLAY_NAME = ?, DESCRIPTION = ?, " prefix "QUOTA_TYPE = ?, " prefix "QUOTA = ?, " prefix \
    "QUOTA_UNIT = ?, " prefix "UNIT_TIME = ?, " prefix "TIME_UNIT = ?, IS_DEPLOYED = ?, " columns \
    " WHERE POLICY_ID = ?" \
  }

gboolean
st_write_update_policy (StWriter *writer, const StPolicy *policy, GError **error)
{
  static const StStatement updates[] = {
    [ST_POLICY_SUBSCRIPTION] = UPDATE_POLICY ("AM_POLICY_SUBSCRIPTION", "",
                                              "CUSTOM_ATTRIBUTES = ?, RATE_LIMIT_COUNT = ?, RATE_LIMIT_TIME_UNIT = ?, "
                                              "STOP_ON_QUOTA_REACH = ?, BILLING_PLAN = ?"),
    [ST_POLICY_APPLICATION] = UPDATE_POLICY ("AM_POLICY_APPLICATION", "", "CUSTOM_ATTRIBUTES = ?"),
    [ST_POLICY_API] = UPDATE_POLICY ("AM_API_THROTTLE_POLICY", "DEFAULT_", "APPLICABLE_LEVEL = ?"),
    [ST_POLICY_GLOBAL] = { "UPDATE AM_POLICY_GLOBAL SET DESCRIPTION = ?, IS_DEPLOYED = ?, KEY_TEMPLATE = ?,"
                           " SIDDHI_QUERY = ? WHERE POLICY_ID = ?" },
  };
  StQuery *query;
  gint64 policy_id;
  guint at = 0;

  if (!check_policy (writer, policy, error)
      || !lock_policy (writer, policy->kind, policy->tenant_id, policy->name, &policy_id, error))
    return FALSE;
  query = st_writer_query (writer, &updates[policy->kind], error);
  if (query == NULL)
    return FALSE;
  bind_common (query, &at, policy);
  bind_own (query, &at, policy);
  st_query_bind (query, &at, "i", policy_id);
  if (!st_writer_run (query, error))
    return FALSE;
  return policy->kind != ST_POLICY_API
         || (st_write_delete_conditions (writer, policy_id, error)
             && st_write_insert_conditions (writer, policy_id, policy, error));
}

gboolean
st_write_delete_policy (StWriter *writer, StPolicyKind kind, gint tenant_id, const char *name, GError **error)
{
  gint64 policy_id;

  return lock_policy (writer, kind, tenant_id, name, &policy_id, error)
         && (kind != ST_POLICY_API || st_write_delete_conditions (writer, policy_id, error))
         && st_writer_execute (writer, &tables[kind].delete, error, "i", policy_id);
}

gboolean
st_write_policy_deployed (StWriter *writer, StPolicyKind kind, gint tenant_id, const char *name, gboolean deployed,
                          GError **error)
{
  gint64 policy_id;

  return lock_policy (writer, kind, tenant_id, name, &policy_id, error)
         && st_writer_execute (writer, &tables[kind].deployed, error, "ii", (gint64) (deployed ? 1 : 0), policy_id);
}
