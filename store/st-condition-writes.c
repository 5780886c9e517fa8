#include "config.h"
#include "store/st-condition-writes.h"

#include "store/st-columns.h"

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

  /* 0 is what WSO2's own examples send for callers who shall not get through. */
  if (quota->amount < 0 || quota->amount > G_MAXINT32)
    wrong = "the amount must be from 0 to 2147483647";
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

/* The flag that each has says that the condition is inverted, against its column's name (spec/databases.md 4.2). */
typedef struct
{
  const char *table;
  const char *name_column; /* NULL: a condition has only a value */
  const char *value_column;
  guint name_limit;
  guint value_limit;
  StStatement insert; /* of group, inverted, value and, where there is one, name */
} ConditionTable;

#define INSERT_CONDITION(table, flag, columns, values) \
  { "INSERT INTO " table " (CONDITION_GROUP_ID, " flag ", " columns ") VALUES (?, ?, " values ")" }

static const ConditionTable tables[] = {
  [ST_CONDITION_IP] = {
    .table = "AM_IP_CONDITION",
    .value_column = "SPECIFIC_IP",
    .value_limit = 45,
    .insert = INSERT_CONDITION ("AM_IP_CONDITION", "WITHIN_IP_RANGE", "SPECIFIC_IP", "?"),
  },
  [ST_CONDITION_IP_RANGE] = {
    .table = "AM_IP_CONDITION",
    .name_column = "STARTING_IP",
    .value_column = "ENDING_IP",
    .name_limit = 45,
    .value_limit = 45,
    .insert = INSERT_CONDITION ("AM_IP_CONDITION", "WITHIN_IP_RANGE", "ENDING_IP, STARTING_IP", "?, ?"),
  },
  [ST_CONDITION_HEADER] = {
    .table = "AM_HEADER_FIELD_CONDITION",
    .name_column = "HEADER_FIELD_NAME",
    .value_column = "HEADER_FIELD_VALUE",
    .name_limit = 255,
    .value_limit = 255,
    .insert = INSERT_CONDITION ("AM_HEADER_FIELD_CONDITION", "IS_HEADER_FIELD_MAPPING",
                                "HEADER_FIELD_VALUE, HEADER_FIELD_NAME", "?, ?"),
  },
  [ST_CONDITION_QUERY] = {
    .table = "AM_QUERY_PARAMETER_CONDITION",
    .name_column = "PARAMETER_NAME",
    .value_column = "PARAMETER_VALUE",
    .name_limit = 255,
    .value_limit = 255,
    .insert = INSERT_CONDITION ("AM_QUERY_PARAMETER_CONDITION", "IS_PARAM_MAPPING", "PARAMETER_VALUE, PARAMETER_NAME",
                                "?, ?"),
  },
  [ST_CONDITION_JWT_CLAIM] = {
    .table = "AM_JWT_CLAIM_CONDITION",
    .name_column = "CLAIM_URI",
    .value_column = "CLAIM_ATTRIB",
    .name_limit = 512,
    .value_limit = 1024,
    .insert = INSERT_CONDITION ("AM_JWT_CLAIM_CONDITION", "IS_CLAIM_MAPPING", "CLAIM_ATTRIB, CLAIM_URI", "?, ?"),
  },
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
  static const StStatement insert
      = { "INSERT INTO AM_CONDITION_GROUP (POLICY_ID, QUOTA_TYPE, QUOTA, QUOTA_UNIT, UNIT_TIME, TIME_UNIT, DESCRIPTION)"
          " VALUES (?, ?, ?, ?, ?, ?, ?)" };
  const StText texts[] = { { "DESCRIPTION", group->description, 1024, ST_TEXT_OPTIONAL } };
  const StQuota *quota = &group->quota;
  gint64 id;

  if (!st_quota_check (quota, error)
      || !st_columns_check_row (writer, "AM_CONDITION_GROUP", texts, G_N_ELEMENTS (texts), error)
      || !st_writer_execute (writer, &insert, error, "isisiss", policy_id, st_quota_type (quota), quota->amount,
                             quota->unit, quota->unit_time, quota->time_unit, group->description))
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
