#include "config.h"
#include "portal/json/pt-json-policy.h"

#include <string.h>

static char *
id_of (const char *uuid, gint64 id)
{
  return uuid != NULL ? g_strdup (uuid) : g_strdup_printf ("%" G_GINT64_FORMAT, id);
}

char *
pt_json_policy_id (const StPolicyRecord *record)
{
  return id_of (record->uuid, record->id);
}

static void
append_limit (GString *json, const char *name, const StQuota *quota)
{
  core_json_append_name (json, name);
  g_string_append_c (json, '{');
  core_json_append_member (json, "type", quota->unit == NULL ? "RequestCountLimit" : "BandwidthLimit");
  core_json_append_member (json, "timeUnit", quota->time_unit);
  core_json_append_int64 (json, "unitTime", quota->unit_time);
  core_json_append_int64 (json, quota->unit == NULL ? "requestCount" : "dataAmount", quota->amount);
  if (quota->unit != NULL)
    core_json_append_member (json, "dataUnit", quota->unit);
  g_string_append_c (json, '}');
}

static void
append_condition (GString *json, const StCondition *condition)
{
  static const struct
  {
    const char *type;
    const char *name;
    const char *value;
  } pairs[] = {
    [ST_CONDITION_HEADER] = { "HeaderCondition", "headerName", "headerValue" },
    [ST_CONDITION_QUERY] = { "QueryParameterCondition", "parameterName", "parameterValue" },
    [ST_CONDITION_JWT_CLAIM] = { "JWTClaimsCondition", "claimUrl", "attribute" },
  };
  gboolean is_single = condition->kind == ST_CONDITION_IP;

  g_string_append_c (json, '{');
  if (is_single || condition->kind == ST_CONDITION_IP_RANGE)
    {
      core_json_append_member (json, "type", "IPCondition");
      core_json_append_boolean (json, "invertCondition", condition->inverted);
      core_json_append_member (json, "ipConditionType", is_single ? "IPSpecific" : "IPRange");
      core_json_append_member (json, "specificIP", is_single ? condition->value : NULL);
      core_json_append_member (json, "startingIP", is_single ? NULL : condition->name);
      core_json_append_member (json, "endingIP", is_single ? NULL : condition->value);
    }
  else
    {
      core_json_append_member (json, "type", pairs[condition->kind].type);
      core_json_append_boolean (json, "invertCondition", condition->inverted);
      core_json_append_member (json, pairs[condition->kind].name, condition->name);
      core_json_append_member (json, pairs[condition->kind].value, condition->value);
    }
  g_string_append_c (json, '}');
}

static void
append_groups (GString *json, const StPolicy *policy)
{
  core_json_append_name (json, "conditionalGroups");
  g_string_append_c (json, '[');
  for (guint i = 0; i < policy->n_groups; i++)
    {
      const StConditionGroup *group = &policy->groups[i];

      g_string_append (json, i > 0 ? ",{" : "{");
      core_json_append_member (json, "description", group->description);
      core_json_append_name (json, "conditions");
      g_string_append_c (json, '[');
      for (guint j = 0; j < group->n_conditions; j++)
        {
          if (j > 0)
            g_string_append_c (json, ',');
          append_condition (json, &group->conditions[j]);
        }
      g_string_append_c (json, ']');
      append_limit (json, "limit", &group->quota);
      g_string_append_c (json, '}');
    }
  g_string_append_c (json, ']');
}

static void
append_attributes (GString *json, const char *text)
{
  g_auto (GStrv) pairs = core_policy_attributes_read (text);
  g_autofree char *list = core_policy_attributes_write ((const char *const *)pairs);

  core_json_append_name (json, "customAttributes");
  g_string_append (json, list);
}

void
pt_json_policy_append (GString *json, const StPolicyRecord *record, gboolean whole)
{
  const StPolicy *policy = &record->policy;
  g_autofree char *id = pt_json_policy_id (record);

  g_string_append_c (json, '{');
  core_json_append_member (json, "policyId", id);
  core_json_append_member (json, "policyName", policy->name);
  core_json_append_member (json, "displayName", policy->display_name);
  core_json_append_member (json, "description", policy->description);
  core_json_append_boolean (json, "isDeployed", policy->deployed);
  if (policy->kind != ST_POLICY_GLOBAL)
    append_limit (json, "defaultLimit", &policy->quota);
  if (policy->kind == ST_POLICY_SUBSCRIPTION)
    {
      core_json_append_int64 (json, "rateLimitCount", policy->rate_limit_count);
      core_json_append_member (json, "rateLimitTimeUnit", policy->rate_limit_unit);
      append_attributes (json, policy->custom_attributes);
      core_json_append_boolean (json, "stopOnQuotaReach", policy->stop_on_quota_reach);
      core_json_append_member (json, "billingPlan", policy->billing_plan);
    }
  else if (policy->kind == ST_POLICY_GLOBAL)
    {
      core_json_append_member (json, "siddhiQuery", policy->siddhi_query);
      core_json_append_member (json, "keyTemplate", policy->key_template);
    }
  else if (policy->kind == ST_POLICY_API && whole)
    append_groups (json, policy);
  g_string_append_c (json, '}');
}

void
pt_policy_body_clear (PtPolicyBody *body)
{
  for (guint i = 0; i < body->policy.n_groups; i++)
    g_free ((gpointer)body->policy.groups[i].conditions);
  g_free ((gpointer)body->policy.groups);
  g_clear_pointer (&body->texts, g_ptr_array_unref);
  body->policy = (StPolicy){ 0 };
}

/* A text that lives as long as @body; NULL where there is none. */
static const char *
read_text (PtPolicyBody *body, const PtJson *json, const char *name)
{
  char *text = NULL;

  pt_json_text (json, name, &text);
  if (text != NULL)
    g_ptr_array_add (body->texts, text);
  return text;
}

static void
note (const PtJson *json, const char *name, const char *message)
{
  g_autofree char *field = g_strconcat (json->prefix, name, NULL);

  core_violations_add (json->violations, field, "%s", message);
}

static void
read_number (const PtJson *json, const char *name, gint64 *to)
{
  if (pt_json_has (json, name))
    pt_json_number (json, name, G_MININT64, G_MAXINT64, to);
  else
    note (json, name, "It is missing");
}

/* @json: the limit; its object may be NULL. */
static void
read_limit (PtPolicyBody *body, const PtJson *json, StQuota *quota)
{
  const char *type = read_text (body, json, "type");

  if (g_strcmp0 (type, "RequestCountLimit") == 0)
    read_number (json, "requestCount", &quota->amount);
  else if (g_strcmp0 (type, "BandwidthLimit") == 0)
    {
      const char *unit = read_text (body, json, "dataUnit");

      quota->unit = unit != NULL ? unit : "";
      read_number (json, "dataAmount", &quota->amount);
    }
  else
    note (json, "type", "The type of a limit must be RequestCountLimit or BandwidthLimit");
  quota->time_unit = read_text (body, json, "timeUnit");
  read_number (json, "unitTime", &quota->unit_time);
}

static void
read_address_condition (PtPolicyBody *body, const PtJson *json, StCondition *condition)
{
  const char *type = read_text (body, json, "ipConditionType");

  if (g_strcmp0 (type, "IPRange") == 0)
    *condition = (StCondition){ .kind = ST_CONDITION_IP_RANGE,
                                .name = read_text (body, json, "startingIP"),
                                .value = read_text (body, json, "endingIP") };
  else if (type == NULL || strcmp (type, "IPSpecific") == 0)
    *condition = (StCondition){ .kind = ST_CONDITION_IP, .value = read_text (body, json, "specificIP") };
  else
    note (json, "ipConditionType", "The type must be IPSpecific or IPRange");
}

static void
read_condition (PtPolicyBody *body, const PtJson *json, StCondition *condition)
{
  const char *type = read_text (body, json, "type");

  if (g_strcmp0 (type, "IPCondition") == 0)
    read_address_condition (body, json, condition);
  else if (g_strcmp0 (type, "HeaderCondition") == 0)
    *condition = (StCondition){ .kind = ST_CONDITION_HEADER,
                                .name = read_text (body, json, "headerName"),
                                .value = read_text (body, json, "headerValue") };
  else if (g_strcmp0 (type, "QueryParameterCondition") == 0)
    *condition = (StCondition){ .kind = ST_CONDITION_QUERY,
                                .name = read_text (body, json, "parameterName"),
                                .value = read_text (body, json, "parameterValue") };
  else if (g_strcmp0 (type, "JWTClaimsCondition") == 0)
    *condition = (StCondition){ .kind = ST_CONDITION_JWT_CLAIM,
                                .name = read_text (body, json, "claimUrl"),
                                .value = read_text (body, json, "attribute") };
  else
    note (json, "type",
          "The type of a condition must be IPCondition, HeaderCondition, QueryParameterCondition or "
          "JWTClaimsCondition");
  pt_json_boolean (json, "invertCondition", &condition->inverted);
}

/* An element that is no object reads as one without members. */
static const CoreJsonNode *
object_of (const CoreJsonNode *node)
{
  return core_json_type (node) == CORE_JSON_OBJECT ? node : NULL;
}

static void
read_group (PtPolicyBody *body, const PtJson *json, StConditionGroup *group)
{
  GArray *conditions = g_array_new (FALSE, TRUE, sizeof (StCondition));
  g_autofree char *limit = g_strconcat (json->prefix, "limit.", NULL);
  PtJson of_limit = pt_json_object (json, "limit", limit);

  group->description = read_text (body, json, "description");
  read_limit (body, &of_limit, &group->quota);
  for (const CoreJsonNode *node = pt_json_array (json, "conditions"); node != NULL; node = core_json_next (node))
    {
      g_autofree char *prefix = g_strdup_printf ("%sconditions[%u].", json->prefix, conditions->len);
      const PtJson of_condition = { object_of (node), prefix, json->violations };
      StCondition condition = { 0 };

      read_condition (body, &of_condition, &condition);
      g_array_append_val (conditions, condition);
    }
  group->n_conditions = conditions->len;
  group->conditions = (const StCondition *)g_array_free (conditions, FALSE);
}

static void
read_groups (PtPolicyBody *body, const PtJson *json)
{
  GArray *groups = g_array_new (FALSE, TRUE, sizeof (StConditionGroup));

  for (const CoreJsonNode *node = pt_json_array (json, "conditionalGroups"); node != NULL;
       node = core_json_next (node))
    {
      g_autofree char *prefix = g_strdup_printf ("conditionalGroups[%u].", groups->len);
      const PtJson of_group = { object_of (node), prefix, json->violations };
      StConditionGroup group = { { 0 } };

      read_group (body, &of_group, &group);
      g_array_append_val (groups, group);
    }
  body->policy.n_groups = groups->len;
  body->policy.groups = (const StConditionGroup *)g_array_free (groups, FALSE);
}

/* [{"name": .., "value": ..}, ...]; none: no text at all. */
static void
read_attributes (PtPolicyBody *body, const PtJson *json)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) pairs = NULL;
  char *text;

  for (const CoreJsonNode *node = pt_json_array (json, "customAttributes"); node != NULL;
       node = core_json_next (node))
    {
      const char *name = core_json_string (core_json_member (object_of (node), "name"));
      const char *value = core_json_string (core_json_member (object_of (node), "value"));

      if (name == NULL || value == NULL)
        {
          note (json, "customAttributes", "Each attribute must have a name and a value, which are texts");
          return;
        }
      g_strv_builder_add_many (builder, name, value, NULL);
    }
  pairs = g_strv_builder_end (builder);
  if (pairs[0] == NULL)
    return;
  text = core_policy_attributes_write ((const char *const *)pairs);
  g_ptr_array_add (body->texts, text);
  body->policy.custom_attributes = text;
}

static void
read_subscription (PtPolicyBody *body, const PtJson *json)
{
  StPolicy *policy = &body->policy;

  pt_json_number (json, "rateLimitCount", G_MININT64, G_MAXINT64, &policy->rate_limit_count);
  policy->rate_limit_unit = read_text (body, json, "rateLimitTimeUnit");
  pt_json_boolean (json, "stopOnQuotaReach", &policy->stop_on_quota_reach);
  policy->billing_plan = read_text (body, json, "billingPlan");
  read_attributes (body, json);
}

gboolean
pt_json_policy_read (const CoreJsonNode *node, StPolicyKind kind, PtPolicyBody *body, GError **error)
{
  g_autoptr (GPtrArray) violations = core_violations_new ();
  const PtJson json = { node, "", violations };
  StPolicy *policy = &body->policy;

  body->texts = g_ptr_array_new_with_free_func (g_free);
  policy->kind = kind;
  policy->name = read_text (body, &json, "policyName");
  policy->description = read_text (body, &json, "description");
  if (kind == ST_POLICY_GLOBAL)
    {
      policy->siddhi_query = read_text (body, &json, "siddhiQuery");
      policy->key_template = read_text (body, &json, "keyTemplate");
      return core_violations_check (violations, error);
    }
  policy->display_name = read_text (body, &json, "displayName");
  if (pt_json_has (&json, "defaultLimit"))
    {
      PtJson limit = pt_json_object (&json, "defaultLimit", "defaultLimit.");

      read_limit (body, &limit, &policy->quota);
    }
  else
    note (&json, "defaultLimit", "The limit is missing");
  if (kind == ST_POLICY_SUBSCRIPTION)
    read_subscription (body, &json);
  else if (kind == ST_POLICY_API)
    read_groups (body, &json);
  return core_violations_check (violations, error);
}

char *
pt_json_block_condition_id (const StBlockRecord *record)
{
  return id_of (record->uuid, record->id);
}

void
pt_json_block_condition_append (GString *json, const StBlockRecord *record, const char *tenant_domain)
{
  g_autofree char *id = pt_json_block_condition_id (record);

  g_string_append_c (json, '{');
  core_json_append_member (json, "conditionId", id);
  core_json_append_member (json, "conditionType", record->type);
  core_json_append_member (json, "conditionValue", core_block_condition_value (record, tenant_domain));
  core_json_append_boolean (json, "conditionStatus", record->enabled);
  g_string_append_c (json, '}');
}
