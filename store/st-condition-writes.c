#include "config.h"
#include "store/st-condition-writes.h"

#include "store/st-columns.h"

#include <string.h>

const char *
st_quota_type (const StQuota *quota)
{
  return quota->unit == NULL ? "requestCount" : "bandwidthVolume";
}

gboolean
st_quota_check (const StQuota *quota, GError **error)
{
  static const char *const units[] = { "KB", "MB", NULL };
  static const char *const time_units[] = { "sec", "min", "hour", "day", NULL };
  const char *wrong = NULL;

  if (quota->amount < 1 || quota->amount > G_MAXINT32)
    wrong = "the amount must be from 1 to 2147483647";
  else if (quota->unit_time < 1 || quota->unit_time > G_MAXINT32)
    wrong = "the unit time must be from 1 to 2147483647";
  else if (quota->unit != NULL && !g_strv_contains (units, quota->unit))
    wrong = "the unit of data must be KB or MB";
  else if (quota->time_unit == NULL || !g_strv_contains (time_units, quota->time_unit))
    wrong = "the time unit must be sec, min, hour or day";
  if (wrong != NULL)
    g_set_error (error, ST_ERROR, ST_ERROR_DATA, "the quota cannot be: %s", wrong);
  return wrong == NULL;
}

/* The last column of each says that the condition is inverted, against its name (spec/databases.md 4.2). */
typedef struct
{
  const char *table;
  const char *name_column; /* NULL: it has only a value */
  const char *value_column;
  guint name_limit;
  guint value_limit;
  StStatement insert; /* group, inverted, value, name */
} ConditionTable;

static const ConditionTable tables[] = {
  [ST_CONDITION_IP]
  = { "AM_IP_CONDITION", NULL, "SPECIFIC_IP", 0, 45,
      { "INSERT INTO AM_IP_CONDITION (CONDITION_GROUP_ID, WITHIN_IP_RANGE, SPECIFIC_IP) VALUES (?, ?, ?)" } },
  [ST_CONDITION_IP_RANGE]
  = { "AM_IP_CONDITION", "STARTING_IP", "ENDING_IP", 45, 45,
      { "INSERT INTO AM_IP_CONDITION (CONDITION_GROUP_ID, WITHIN_IP_RANGE, ENDING_IP, STARTING_IP) VALUES (?, ?, ?, ?)" } },
  [ST_CONDITION_HEADER]
  = { "AM_HEADER_FIELD_CONDITION", "HEADER_FIELD_NAME", "HEADER_FIELD_VALUE", 255, 255,
      { "INSERT INTO AM_HEADER_FIELD_CONDITION (CONDITION_GROUP_ID, IS_HEADER_FIELD_MAPPING, HEADER_FIELD_VALUE, HEADER_FIELD_NAME)"
        " VALUES (?, ?, ?, ?)" } },
  [ST_CONDITION_QUERY]
  = { "AM_QUERY_PARAMETER_CONDITION", "PARAMETER_NAME", "PARAMETER_VALUE", 255, 255,
      { "INSERT INTO AM_QUERY_PARAMETER_CONDITION (CONDITION_GROUP_ID, IS_PARAM_MAPPING, PARAMETER_VALUE, PARAMETER_NAME)"
        " VALUES (?, ?, ?, ?)" } },
  [ST_CONDITION_JWT_CLAIM]
  = { "AM_JWT_CLAIM_CONDITION", "CLAIM_URI", "CLAIM_ATTRIB", 512, 1024,
      { "INSERT INTO AM_JWT_CLAIM_CONDITION (CONDITION_GROUP_ID, IS_CLAIM_MAPPING, CLAIM_ATTRIB, CLAIM_URI) VALUES (?, ?, ?, ?)" } },
};

static gboolean
insert_condition (StWriter *writer, gint64 group_id, const StCondition *condition, GError **error)
{
  const ConditionTable *table = &tables[condition->kind];
  const StText texts[] = {
    { table->value_column, condition->value, table->value_limit, ST_TEXT_REQUIRED },
    { table->name_column, condition->name, table->name_limit, ST_TEXT_REQUIRED },
  };
  guint n_texts = table->name_column != NULL ? 2 : 1;
  StQuery *query;
  guint at = 0;

  if (!st_columns_check_row (writer, table->table, texts, n_texts, error))
    return FALSE;
  query = st_writer_query (writer, &table->insert, error);
  st_query_bind (query, &at, "iis", group_id, (gint64) (condition->inverted ? 1 : 0), condition->value);
  if (n_texts == 2)
    st_query_bind (query, &at, "s", condition->name);
  return st_writer_run (query, error);
}

static gboolean
insert_group (StWriter *writer, gint64 policy_id, const StConditionGroup *group, GError **error)
{
  static const StStatement insert = {
    "INSERT INTO AM_CONDITION_GROUP (POLICY_ID, QUOTA_TYPE, QUOTA, QUOTA_UNIT, UNIT_TIME, TIME_UNIT, DESCRIPTION)"
    " VALUES (?, ?, ?, ?, ?, ?, ?)"
  };
  const StText texts[] = { { "DESCRIPTION", group->description, 1024, ST_TEXT_OPTIONAL } };
  const StQuota *quota = &group->quota;
  gint64 id;

  if (!st_quota_check (quota, error)
      || !st_columns_check_row (writer, "AM_CONDITION_GROUP", texts, G_N_ELEMENTS (texts), error)
      || !st_writer_execute (writer, &insert, error, "isisiss", policy_id, st_quota_type (quota), quota->amount, quota->unit,
                             quota->unit_time, quota->time_unit, group->description))
    return FALSE;
  id = st_transaction_last_insert_id (writer->transaction);
  for (guint i = 0; i < group->n_conditions; i++)
    if (!insert_condition (writer, id, &group->conditions[i], error))
      {
        g_prefix_error (error, "condition %u: ", i + 1);
        return FALSE;
      }
  return TRUE;
}

gboolean
st_write_insert_conditions (StWriter *writer, gint64 policy_id, const StPolicy *policy, GError **error)
{
  for (guint i = 0; i < policy->n_groups; i++)
    if (!insert_group (writer, policy_id, &policy->groups[i], error))
      {
        g_prefix_error (error, "condition group %u: ", i + 1);
        return FALSE;
      }
  return TRUE;
}

gboolean
st_write_delete_conditions (StWriter *writer, gint64 policy_id, GError **error)
{
  static const StStatement delete = { "DELETE FROM AM_CONDITION_GROUP WHERE POLICY_ID = ?" };

  return st_writer_execute (writer, &delete, error, "i", policy_id);
}
