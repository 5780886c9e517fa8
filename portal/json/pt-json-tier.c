#include "config.h"
#include "portal/json/pt-json-tier.h"

#include <string.h>

static void
append_attributes (GString *json, const char *text)
{
  g_auto (GStrv) pairs = core_policy_attributes_read (text);

  core_json_append_name (json, "attributes");
  g_string_append_c (json, '{');
  for (guint i = 0; pairs[i] != NULL && pairs[i + 1] != NULL; i += 2)
    core_json_append_member (json, pairs[i], pairs[i + 1]);
  g_string_append_c (json, '}');
}

void
pt_json_tier_append (GString *json, const StPolicyRecord *record, CoreTierLevel level)
{
  const StPolicy *policy = &record->policy;
  gboolean is_plan = policy->kind == ST_POLICY_SUBSCRIPTION;

  g_string_append_c (json, '{');
  core_json_append_member (json, "name", policy->name);
  core_json_append_member (json, "description", policy->description);
  core_json_append_member (json, "tierLevel", core_tier_level_text (level));
  append_attributes (json, policy->custom_attributes);
  core_json_append_int64 (json, "requestCount", policy->quota.amount);
  core_json_append_int64 (json, "unitTime", policy->quota.unit_time);
  core_json_append_member (json, "timeUnit", policy->quota.time_unit);
  core_json_append_member (json, "tierPlan",
                           is_plan && policy->billing_plan != NULL ? policy->billing_plan : "FREE");
  core_json_append_boolean (json, "stopOnQuotaReach", !is_plan || policy->stop_on_quota_reach);
  g_string_append_c (json, '}');
}

/* Tiers of 1.x are measured in milliseconds, which policies do not know. FALSE: less than whole seconds. */
static gboolean
convert_milliseconds (StQuota *quota)
{
  static const struct
  {
    gint64 ms;
    const char *unit;
  } units[] = { { 86400000, "day" }, { 3600000, "hour" }, { 60000, "min" }, { 1000, "sec" } };

  for (guint i = 0; i < G_N_ELEMENTS (units); i++)
    if (quota->unit_time > 0 && quota->unit_time % units[i].ms == 0)
      {
        quota->unit_time /= units[i].ms;
        quota->time_unit = units[i].unit;
        return TRUE;
      }
  return FALSE;
}

static const char *
keep (PtPolicyBody *body, char *text)
{
  if (text != NULL)
    g_ptr_array_add (body->texts, text);
  return text;
}

static void
need (const PtJson *json, const char *name)
{
  if (!pt_json_has (json, name))
    core_violations_add (json->violations, name, "The field \"%s\" must be given.", name);
}

/* Values may be numbers, as WSO2's own example has them. */
static void
read_attributes (const PtJson *json, PtPolicyBody *body)
{
  PtJson object = pt_json_object (json, "attributes", "attributes.");
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) pairs = NULL;

  if (object.object == NULL)
    return;
  for (const CoreJsonNode *node = core_json_first (object.object); node != NULL; node = core_json_next (node))
    {
      const char *value = core_json_string (node) != NULL ? core_json_string (node) : core_json_number (node);

      if (value == NULL)
        core_violations_add (json->violations, "attributes", "Each attribute must be a text.");
      else
        g_strv_builder_add_many (builder, core_json_name (node), value, NULL);
    }
  pairs = g_strv_builder_end (builder);
  if (pairs[0] != NULL)
    body->policy.custom_attributes
        = keep (body, core_policy_attributes_write ((const char *const *)pairs));
}

gboolean
pt_json_tier_read (const CoreJsonNode *node, PtPolicyBody *body, GError **error)
{
  static const char *const needed[] = { "name", "requestCount", "unitTime", "tierPlan", "stopOnQuotaReach" };
  g_autoptr (GPtrArray) violations = core_violations_new ();
  const PtJson json = { node, "", violations };
  StPolicy *policy = &body->policy;
  char *name = NULL, *description = NULL, *unit = NULL, *plan = NULL;

  body->texts = g_ptr_array_new_with_free_func (g_free);
  policy->kind = ST_POLICY_SUBSCRIPTION;
  for (guint i = 0; i < G_N_ELEMENTS (needed); i++)
    need (&json, needed[i]);
  pt_json_text (&json, "name", &name);
  pt_json_text (&json, "description", &description);
  pt_json_text (&json, "timeUnit", &unit);
  pt_json_text (&json, "tierPlan", &plan);
  policy->name = keep (body, name);
  policy->description = keep (body, description);
  policy->quota.time_unit = keep (body, unit);
  policy->billing_plan = keep (body, plan);
  pt_json_number (&json, "requestCount", G_MININT64, G_MAXINT64, &policy->quota.amount);
  pt_json_number (&json, "unitTime", G_MININT64, G_MAXINT64, &policy->quota.unit_time);
  pt_json_boolean (&json, "stopOnQuotaReach", &policy->stop_on_quota_reach);
  read_attributes (&json, body);
  if (pt_json_has (&json, "unitTime") && (unit == NULL || strcmp (unit, "ms") == 0)
      && !convert_milliseconds (&policy->quota))
    core_violations_add (violations, "unitTime",
                         "Without a timeUnit it is in milliseconds, and must be whole seconds.");
  return core_violations_check (violations, error);
}

gboolean
pt_json_tier_permission_read (const CoreJsonNode *node, gboolean *allows, char ***roles, GError **error)
{
  g_autoptr (GPtrArray) violations = core_violations_new ();
  const PtJson json = { node, "", violations };
  const char *type = core_json_string (core_json_member (node, "permissionType"));
  g_auto (GStrv) list = NULL;

  *allows = g_strcmp0 (type, "allow") == 0;
  if (!*allows && g_strcmp0 (type, "deny") != 0)
    core_violations_add (violations, "permissionType", "The type must be allow or deny.");
  need (&json, "roles");
  pt_json_texts (&json, "roles", &list);
  if (!core_violations_check (violations, error))
    return FALSE;
  *roles = list != NULL ? g_steal_pointer (&list) : g_new0 (char *, 1);
  return TRUE;
}
