#include "config.h"
#include "store/st-policy-record.h"

#include "store/st-columns.h"
#include "store/st-list.h"

#include <string.h>

enum
{
  COLUMN_ID,
  COLUMN_UUID,
  COLUMN_NAME,
  COLUMN_DISPLAY_NAME,
  COLUMN_DESCRIPTION,
  COLUMN_DEPLOYED,
  COLUMN_QUOTA_TYPE,
  COLUMN_QUOTA,
  COLUMN_QUOTA_UNIT,
  COLUMN_UNIT_TIME,
  COLUMN_TIME_UNIT,
  COLUMN_OWN, /* what the kind has besides */
};

#define HEAD(display_name) "POLICY_ID, UUID, NAME, " display_name ", DESCRIPTION, IS_DEPLOYED, "
#define QUOTA(prefix) \
  prefix "QUOTA_TYPE, " prefix "QUOTA, " prefix "QUOTA_UNIT, " prefix "UNIT_TIME, " prefix "TIME_UNIT"
#define SUBSCRIPTION_COLUMNS                                                                                 \
  HEAD ("DISPLAY_NAME")                                                                                      \
  QUOTA ("")                                                                                                 \
  ", CUSTOM_ATTRIBUTES, RATE_LIMIT_COUNT, RATE_LIMIT_TIME_UNIT, STOP_ON_QUOTA_REACH, BILLING_PLAN"
#define APPLICATION_COLUMNS HEAD ("DISPLAY_NAME") QUOTA ("") ", CUSTOM_ATTRIBUTES"
#define API_COLUMNS HEAD ("DISPLAY_NAME") QUOTA ("DEFAULT_") ", APPLICABLE_LEVEL"
#define GLOBAL_COLUMNS HEAD ("NULL") "NULL, 0, NULL, 0, NULL, KEY_TEMPLATE, SIDDHI_QUERY"

#define OF_TENANT " WHERE TENANT_ID = ?"
#define BY_UUID " AND UUID = ?"
#define BY_NUMBER " AND UUID IS NULL AND POLICY_ID = ?"
#define BY_NAME " AND NAME = ?"
#define SELECTS(table, what)                                                                                 \
  {                                                                                                          \
    .columns = what, .from = table OF_TENANT,                                                                \
    .by_uuid = { { "SELECT " what " FROM " table OF_TENANT BY_UUID },                                        \
                 ST_LOCKING ("SELECT " what " FROM " table OF_TENANT BY_UUID) },                             \
    .by_number = { { "SELECT " what " FROM " table OF_TENANT BY_NUMBER },                                    \
                   ST_LOCKING ("SELECT " what " FROM " table OF_TENANT BY_NUMBER) },                         \
    .by_name = { "SELECT " what " FROM " table OF_TENANT BY_NAME },                                          \
  }

typedef struct
{
  const char *columns;
  const char *from;
  StStatement by_uuid[2]; /* the second locks the row */
  StStatement by_number[2];
  StStatement by_name;
} Selects;

static const Selects selects[] = {
  [ST_POLICY_SUBSCRIPTION] = SELECTS ("AM_POLICY_SUBSCRIPTION", SUBSCRIPTION_COLUMNS),
  [ST_POLICY_APPLICATION] = SELECTS ("AM_POLICY_APPLICATION", APPLICATION_COLUMNS),
  [ST_POLICY_API] = SELECTS ("AM_API_THROTTLE_POLICY", API_COLUMNS),
  [ST_POLICY_GLOBAL] = SELECTS ("AM_POLICY_GLOBAL", GLOBAL_COLUMNS),
};

static const char *
keep (StPolicyRecord *record, const char *text)
{
  return text != NULL ? g_string_chunk_insert (record->texts, text) : NULL;
}

/* Units are few: each text is kept once. */
static const char *
keep_word (StPolicyRecord *record, const char *text)
{
  return text != NULL ? g_string_chunk_insert_const (record->texts, text) : NULL;
}

StPolicyRecord *
st_policy_record_new (const StPolicy *policy)
{
  StPolicyRecord *record = g_new0 (StPolicyRecord, 1);
  StPolicy *copy = &record->policy;

  record->texts = g_string_chunk_new (256);
  *copy = *policy;
  copy->name = keep (record, policy->name);
  copy->display_name = keep (record, policy->display_name);
  copy->description = keep (record, policy->description);
  copy->quota.unit = keep_word (record, policy->quota.unit);
  copy->quota.time_unit = keep_word (record, policy->quota.time_unit);
  copy->custom_attributes = keep (record, policy->custom_attributes);
  copy->rate_limit_unit = keep_word (record, policy->rate_limit_unit);
  copy->billing_plan = keep_word (record, policy->billing_plan);
  copy->key_template = keep (record, policy->key_template);
  copy->siddhi_query = keep (record, policy->siddhi_query);
  copy->groups = NULL;
  copy->n_groups = 0;
  return record;
}

void
st_policy_record_free (StPolicyRecord *record)
{
  if (record == NULL)
    return;
  for (guint i = 0; i < record->policy.n_groups; i++)
    g_free ((gpointer)record->policy.groups[i].conditions);
  g_free ((gpointer)record->policy.groups);
  g_string_chunk_free (record->texts);
  g_free (record->uuid);
  g_free (record);
}

/* @at: of the first of the five columns. */
static StQuota
read_quota (StPolicyRecord *record, StQuery *query, guint at)
{
  gboolean is_data = g_strcmp0 (st_query_text (query, at), "bandwidthVolume") == 0;
  const char *unit = st_query_text (query, at + 2);

  return (StQuota){ .amount = st_query_int64 (query, at + 1),
                    .unit = is_data ? keep_word (record, unit != NULL ? unit : "KB") : NULL,
                    .unit_time = st_query_int64 (query, at + 3),
                    .time_unit = keep_word (record, st_query_text (query, at + 4)) };
}

static void
read_own (StPolicyRecord *record, StQuery *query)
{
  StPolicy *policy = &record->policy;
  const char *first = st_query_text (query, COLUMN_OWN);

  switch (policy->kind)
    {
    case ST_POLICY_SUBSCRIPTION:
      policy->custom_attributes = keep (record, first);
      policy->rate_limit_count = st_query_int64 (query, COLUMN_OWN + 1);
      policy->rate_limit_unit = keep_word (record, st_query_text (query, COLUMN_OWN + 2));
      policy->stop_on_quota_reach = st_query_int64 (query, COLUMN_OWN + 3) != 0;
      policy->billing_plan = keep_word (record, st_query_text (query, COLUMN_OWN + 4));
      break;
    case ST_POLICY_APPLICATION:
      policy->custom_attributes = keep (record, first);
      break;
    case ST_POLICY_API:
      policy->per_user = g_strcmp0 (first, "userLevel") == 0;
      break;
    case ST_POLICY_GLOBAL:
    default:
      policy->key_template = keep (record, first);
      policy->siddhi_query = keep (record, st_query_text (query, COLUMN_OWN + 1));
      break;
    }
}

/* @data: a StPolicy with the kind and the tenant. */
static gpointer
read_record (StQuery *query, gpointer data)
{
  StPolicyRecord *record = st_policy_record_new (data);
  StPolicy *policy = &record->policy;

  record->id = st_query_int64 (query, COLUMN_ID);
  record->uuid = g_strdup (st_query_text (query, COLUMN_UUID));
  policy->name = keep (record, st_query_text (query, COLUMN_NAME));
  policy->display_name = keep (record, st_query_text (query, COLUMN_DISPLAY_NAME));
  policy->description = keep (record, st_query_text (query, COLUMN_DESCRIPTION));
  policy->deployed = st_query_int64 (query, COLUMN_DEPLOYED) != 0;
  policy->quota = read_quota (record, query, COLUMN_QUOTA_TYPE);
  read_own (record, query);
  return record;
}

gboolean
st_policy_record_list (StWriter *writer, StPolicyKind kind, gint tenant_id, GPtrArray **records,
                       GError **error)
{
  const StList list = { selects[kind].columns, NULL, selects[kind].from, "POLICY_ID" };
  StPolicy of = { .kind = kind, .tenant_id = tenant_id };
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify)st_policy_record_free);

  *records = NULL;
  if (!st_policy_check_generation (writer, error)
      || !st_list_read (writer, &list, NULL, read_record, &of, rows, NULL, error, "i", (gint64)tenant_id))
    return FALSE;
  *records = g_steal_pointer (&rows);
  return TRUE;
}

static gboolean
read_groups (StWriter *writer, StPolicyRecord *record, GArray *ids, GError **error)
{
  static const StStatement select
      = { "SELECT CONDITION_GROUP_ID, DESCRIPTION, " QUOTA ("") " FROM AM_CONDITION_GROUP WHERE POLICY_ID = ?"
          " ORDER BY CONDITION_GROUP_ID" };
  g_autoptr (StQuery) query = st_writer_query (writer, &select, error);
  g_autoptr (GArray) groups = g_array_new (FALSE, TRUE, sizeof (StConditionGroup));
  StStep step;

  if (query == NULL)
    return FALSE;
  st_query_bind_int64 (query, 0, record->id);
  while ((step = st_query_step (query, error)) == ST_ROW)
    {
      gint64 id = st_query_int64 (query, 0);
      StConditionGroup group
          = { .description = keep (record, st_query_text (query, 1)), .quota = read_quota (record, query, 2) };

      g_array_append_val (ids, id);
      g_array_append_val (groups, group);
    }
  record->policy.n_groups = groups->len;
  record->policy.groups = (const StConditionGroup *)g_array_steal (groups, NULL);
  return step == ST_END;
}

typedef struct
{
  StConditionKind kind;
  StStatement select; /* of policy: group, inverted, name, value; of addresses the single one behind them */
} ConditionSelect;

#define CONDITIONS(table, id, flag, values)                                                                  \
  {                                                                                                          \
    "SELECT c.CONDITION_GROUP_ID, c." flag ", " values " FROM " table                                        \
    " c JOIN AM_CONDITION_GROUP g ON g.CONDITION_GROUP_ID = c.CONDITION_GROUP_ID WHERE g.POLICY_ID = ?"      \
    " ORDER BY c.CONDITION_GROUP_ID, c." id                                                                  \
  }

/* In the order in which WSO2 shows them. */
static const ConditionSelect condition_selects[] = {
  { ST_CONDITION_IP_RANGE, CONDITIONS ("AM_IP_CONDITION", "AM_IP_CONDITION_ID", "WITHIN_IP_RANGE",
                                       "c.STARTING_IP, c.ENDING_IP, c.SPECIFIC_IP") },
  { ST_CONDITION_HEADER, CONDITIONS ("AM_HEADER_FIELD_CONDITION", "HEADER_FIELD_ID", "IS_HEADER_FIELD_MAPPING",
                                     "c.HEADER_FIELD_NAME, c.HEADER_FIELD_VALUE") },
  { ST_CONDITION_QUERY, CONDITIONS ("AM_QUERY_PARAMETER_CONDITION", "QUERY_PARAMETER_ID", "IS_PARAM_MAPPING",
                                    "c.PARAMETER_NAME, c.PARAMETER_VALUE") },
  { ST_CONDITION_JWT_CLAIM,
    CONDITIONS ("AM_JWT_CLAIM_CONDITION", "JWT_CLAIM_ID", "IS_CLAIM_MAPPING", "c.CLAIM_URI, c.CLAIM_ATTRIB") },
};

/* Adds what @from finds to the list of its group. @lists: (element-type GArray). */
static gboolean
read_conditions (StWriter *writer, StPolicyRecord *record, const ConditionSelect *from, const GArray *ids,
                 GPtrArray *lists, GError **error)
{
  g_autoptr (StQuery) query = st_writer_query (writer, &from->select, error);
  guint at = 0;
  StStep step;

  if (query == NULL)
    return FALSE;
  st_query_bind_int64 (query, 0, record->id);
  while ((step = st_query_step (query, error)) == ST_ROW)
    {
      gint64 group = st_query_int64 (query, 0);
      gboolean single = from->kind == ST_CONDITION_IP_RANGE && !st_query_is_null (query, 4);
      StCondition condition
          = { .kind = single ? ST_CONDITION_IP : from->kind,
              .name = single ? NULL : keep (record, st_query_text (query, 2)),
              .value = keep (record, st_query_text (query, single ? 4 : 3)),
              .inverted = st_query_int64 (query, 1) != 0 };

      while (at < ids->len && g_array_index (ids, gint64, at) != group)
        at++;
      if (at < ids->len)
        g_array_append_val ((GArray *)lists->pdata[at], condition);
    }
  return step == ST_END;
}

static gboolean
read_conditional (StWriter *writer, StPolicyRecord *record, GError **error)
{
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_autoptr (GPtrArray) lists = g_ptr_array_new_with_free_func ((GDestroyNotify)g_array_unref);
  gboolean done = read_groups (writer, record, ids, error);

  for (guint i = 0; i < ids->len; i++)
    g_ptr_array_add (lists, g_array_new (FALSE, FALSE, sizeof (StCondition)));
  for (guint i = 0; i < G_N_ELEMENTS (condition_selects) && done && ids->len > 0; i++)
    done = read_conditions (writer, record, &condition_selects[i], ids, lists, error);
  for (guint i = 0; i < ids->len; i++)
    {
      StConditionGroup *group = (StConditionGroup *)&record->policy.groups[i];
      GArray *list = lists->pdata[i];

      group->n_conditions = list->len;
      group->conditions = (const StCondition *)g_array_steal (list, NULL);
    }
  return done;
}

/* @query: (transfer full) (nullable): bound. @column must have exactly @text (nullable: is not looked at):
 * collations fold case. */
static gboolean
take_one (StWriter *writer, StQuery *query, const StPolicy *of, guint column, const char *text,
          StPolicyRecord **found, GError **error)
{
  g_autoptr (StQuery) owned = query;
  g_autoptr (StPolicyRecord) record = NULL;
  StStep step;

  *found = NULL;
  if (owned == NULL)
    return FALSE;
  while ((step = st_query_step (owned, error)) == ST_ROW)
    if (record == NULL && (text == NULL || g_strcmp0 (st_query_text (owned, column), text) == 0))
      record = read_record (owned, (gpointer)of);
  if (step == ST_FAILED
      || (record != NULL && of->kind == ST_POLICY_API && !read_conditional (writer, record, error)))
    return FALSE;
  *found = g_steal_pointer (&record);
  return TRUE;
}

gboolean
st_policy_record_find (StWriter *writer, StPolicyKind kind, gint tenant_id, const char *id, gboolean lock,
                       StPolicyRecord **found, GError **error)
{
  const Selects *from = &selects[kind];
  const StPolicy of = { .kind = kind, .tenant_id = tenant_id };
  StQuery *query;
  gint64 number;
  guint at = 0;

  *found = NULL;
  if (!st_policy_check_generation (writer, error))
    return FALSE;
  if (g_ascii_string_to_signed (id, 10, 1, G_MAXINT32, &number, NULL))
    {
      query = st_writer_query (writer, &from->by_number[lock ? 1 : 0], error);
      st_query_bind (query, &at, "ii", (gint64)tenant_id, number);
      return take_one (writer, query, &of, 0, NULL, found, error);
    }
  query = st_writer_query (writer, &from->by_uuid[lock ? 1 : 0], error);
  st_query_bind (query, &at, "is", (gint64)tenant_id, id);
  return take_one (writer, query, &of, COLUMN_UUID, id, found, error);
}

gboolean
st_policy_record_find_named (StWriter *writer, StPolicyKind kind, gint tenant_id, const char *name,
                             StPolicyRecord **found, GError **error)
{
  const StPolicy of = { .kind = kind, .tenant_id = tenant_id };
  StQuery *query;
  guint at = 0;

  *found = NULL;
  if (!st_policy_check_generation (writer, error))
    return FALSE;
  query = st_writer_query (writer, &selects[kind].by_name, error);
  st_query_bind (query, &at, "is", (gint64)tenant_id, name);
  return take_one (writer, query, &of, COLUMN_NAME, name, found, error);
}
