/* What a throttling policy must look like: pure rules (spec/publisher-store-workflows.md 8, databases.md 10). */
#include "config.h"
#include "core/core-policy.h"

#include "core/core-api-rules.h"
#include "core/core-json.h"

#include <arpa/inet.h>
#include <string.h>

static const char *const kind_texts[ST_N_POLICY_KINDS] = {
  [ST_POLICY_SUBSCRIPTION] = "subscription",
  [ST_POLICY_APPLICATION] = "application",
  [ST_POLICY_API] = "advanced",
  [ST_POLICY_GLOBAL] = "custom",
};

const char *
core_policy_kind_text (StPolicyKind kind)
{
  return kind_texts[kind];
}

gboolean
core_policy_kind_parse (const char *text, StPolicyKind *kind)
{
  for (guint i = 0; i < ST_N_POLICY_KINDS; i++)
    if (g_strcmp0 (text, kind_texts[i]) == 0)
      {
        *kind = i;
        return TRUE;
      }
  return FALSE;
}

/* A violation whose field begins with @prefix: "conditionalGroups[0].limit.". */
static void add (GPtrArray *violations, const char *prefix, const char *field, const char *format, ...)
    G_GNUC_PRINTF (4, 5);

static void
add (GPtrArray *violations, const char *prefix, const char *field, const char *format, ...)
{
  g_autofree char *name = g_strconcat (prefix, field, NULL);
  g_autofree char *message = NULL;
  va_list arguments;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  core_violations_add (violations, name, "%s", message);
}

/* Names stand in lists of tiers, in keys of throttling and in names of files. */
static void
check_name (const StPolicy *policy, GPtrArray *violations)
{
  gboolean is_tier = policy->kind == ST_POLICY_SUBSCRIPTION || policy->kind == ST_POLICY_APPLICATION;
  const char *name = policy->name != NULL ? policy->name : "";
  const char *illegal = strpbrk (name, CORE_API_ILLEGAL);

  if (*name == '\0')
    core_violations_add (violations, "policyName", "The name of the policy is not specified");
  if (illegal != NULL)
    core_violations_add (violations, "policyName",
                         "The name of a policy must not contain \"%c\", nor any of %s", *illegal,
                         CORE_API_ILLEGAL);
  for (const char *at = name; *at != '\0'; at++)
    if (g_ascii_isspace (*at) || g_ascii_iscntrl (*at))
      {
        core_violations_add (violations, "policyName",
                             "The name of a policy must not contain white space or control characters");
        break;
      }
  core_violations_check_text (violations, "policyName", name,
                              is_tier ? CORE_POLICY_MAX_TIER_NAME : CORE_POLICY_MAX_NAME);
}

/* 0 lets nothing pass: WSO2's own example has it for callers whom a condition names. */
static void
check_quota (const StQuota *quota, const char *prefix, GPtrArray *violations)
{
  static const char *const units[] = { "KB", "MB", NULL };
  static const char *const time_units[] = { "sec", "min", "hour", "day", NULL };

  if (quota->amount < 0 || quota->amount > G_MAXINT32)
    add (violations, prefix, quota->unit != NULL ? "dataAmount" : "requestCount",
         "It must be a whole number from 0, which lets nothing pass, to 2147483647");
  if (quota->unit != NULL && !g_strv_contains (units, quota->unit))
    add (violations, prefix, "dataUnit", "The unit of data must be KB or MB");
  if (quota->unit_time < 1 || quota->unit_time > G_MAXINT32)
    add (violations, prefix, "unitTime", "It must be a whole number from 1 to 2147483647");
  if (quota->time_unit == NULL || !g_strv_contains (time_units, quota->time_unit))
    add (violations, prefix, "timeUnit", "The time unit must be sec, min, hour or day");
}

/* An address of either family; *ipv4: (out): as the number that gateways compare, 0 of IPv6. */
static gboolean
check_address (const char *text, const char *prefix, const char *field, guint32 *ipv4, GPtrArray *violations)
{
  struct in_addr four = { 0 };
  struct in6_addr six;
  gboolean is_four = text != NULL && inet_pton (AF_INET, text, &four) == 1;

  *ipv4 = is_four ? ntohl (four.s_addr) : 0;
  if (is_four || (text != NULL && inet_pton (AF_INET6, text, &six) == 1))
    return TRUE;
  add (violations, prefix, field, "\"%s\" is no IP address", text != NULL ? text : "");
  return FALSE;
}

static void
check_range (const StCondition *condition, const char *prefix, GPtrArray *violations)
{
  guint32 first, last;
  gboolean good = check_address (condition->name, prefix, "startingIP", &first, violations);

  if (!check_address (condition->value, prefix, "endingIP", &last, violations) || !good)
    return;
  if (strchr (condition->name, ':') != NULL || strchr (condition->value, ':') != NULL)
    add (violations, prefix, "startingIP", "A range must be one of IPv4 addresses");
  else if (first > last)
    add (violations, prefix, "endingIP", "The range ends before it begins");
}

static void
check_pair (const StCondition *condition, const char *prefix, const char *name_field, glong name_limit,
            const char *value_field, glong value_limit, GPtrArray *violations)
{
  const char *const texts[] = { condition->name, condition->value };
  const char *const fields[] = { name_field, value_field };
  const glong limits[] = { name_limit, value_limit };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *field = g_strconcat (prefix, fields[i], NULL);

      if (texts[i] == NULL || *texts[i] == '\0')
        core_violations_add (violations, field, "It is missing");
      core_violations_check_text (violations, field, texts[i], limits[i]);
    }
}

static void
check_condition (const StCondition *condition, const char *prefix, GPtrArray *violations)
{
  guint32 ipv4;

  switch (condition->kind)
    {
    case ST_CONDITION_IP:
      check_address (condition->value, prefix, "specificIP", &ipv4, violations);
      break;
    case ST_CONDITION_IP_RANGE:
      check_range (condition, prefix, violations);
      break;
    case ST_CONDITION_HEADER:
      check_pair (condition, prefix, "headerName", 255, "headerValue", 255, violations);
      break;
    case ST_CONDITION_QUERY:
      check_pair (condition, prefix, "parameterName", 255, "parameterValue", 255, violations);
      break;
    case ST_CONDITION_JWT_CLAIM:
    default:
      check_pair (condition, prefix, "claimUrl", 512, "attribute", 1024, violations);
      break;
    }
}

static void
check_group (const StConditionGroup *group, guint number, GPtrArray *violations)
{
  g_autofree char *prefix = g_strdup_printf ("conditionalGroups[%u].", number);
  g_autofree char *limit = g_strconcat (prefix, "limit.", NULL);
  g_autofree char *description = g_strconcat (prefix, "description", NULL);

  check_quota (&group->quota, limit, violations);
  core_violations_check_text (violations, description, group->description, 1024);
  if (group->n_conditions == 0 || group->n_conditions > CORE_POLICY_MAX_CONDITIONS)
    add (violations, prefix, "conditions", "A group has from 1 to %u conditions", CORE_POLICY_MAX_CONDITIONS);
  for (guint i = 0; i < MIN (group->n_conditions, CORE_POLICY_MAX_CONDITIONS); i++)
    {
      g_autofree char *of = g_strdup_printf ("%sconditions[%u].", prefix, i);

      check_condition (&group->conditions[i], of, violations);
    }
}

/* WSO2's examples write -1 and "NA" for no limit. Gateways know seconds and minutes. */
static void
check_rate (const StPolicy *policy, GPtrArray *violations)
{
  static const char *const units[] = { "sec", "min", NULL };
  const char *unit = policy->rate_limit_unit != NULL ? policy->rate_limit_unit : "";
  gboolean none = policy->rate_limit_count <= 0;

  if (policy->rate_limit_count < -1 || policy->rate_limit_count > G_MAXINT32)
    core_violations_add (violations, "rateLimitCount",
                         "It must be a whole number from -1 to 2147483647; 0 and -1: any number");
  if (!g_strv_contains (units, unit) && !(none && (*unit == '\0' || strcmp (unit, "NA") == 0)))
    core_violations_add (violations, "rateLimitTimeUnit", "The time unit must be sec or min");
}

static void
check_subscription (const StPolicy *policy, GPtrArray *violations)
{
  const char *plan = policy->billing_plan;
  g_auto (GStrv) pairs = core_policy_attributes_read (policy->custom_attributes);
  guint length = g_strv_length (pairs);

  check_rate (policy, violations);
  if (plan != NULL && strcmp (plan, "FREE") != 0 && strcmp (plan, "COMMERCIAL") != 0)
    core_violations_add (violations, "billingPlan", "The billing plan must be FREE or COMMERCIAL");
  if (length / 2 > CORE_POLICY_MAX_ATTRIBUTES
      || (policy->custom_attributes != NULL && strlen (policy->custom_attributes) > CORE_POLICY_MAX_TEXT))
    core_violations_add (violations, "customAttributes", "There are at most %u attributes in %u bytes",
                         CORE_POLICY_MAX_ATTRIBUTES, CORE_POLICY_MAX_TEXT);
  for (guint i = 0; i + 1 < length; i += 2)
    if (*pairs[i] == '\0')
      core_violations_add (violations, "customAttributes", "An attribute has no name");
}

static void
check_custom (const StPolicy *policy, GPtrArray *violations)
{
  if (policy->key_template == NULL || *policy->key_template == '\0')
    core_violations_add (violations, "keyTemplate", "The key template is not specified");
  core_violations_check_text (violations, "keyTemplate", policy->key_template, 512);
  if (policy->siddhi_query == NULL || *policy->siddhi_query == '\0')
    core_violations_add (violations, "siddhiQuery", "The Siddhi query is not specified");
  else if (strlen (policy->siddhi_query) > CORE_POLICY_MAX_TEXT)
    core_violations_add (violations, "siddhiQuery", "The Siddhi query has %" G_GSIZE_FORMAT
                         " bytes; the limit is %u", strlen (policy->siddhi_query), CORE_POLICY_MAX_TEXT);
}

void
core_policy_check (const StPolicy *policy, GPtrArray *violations)
{
  check_name (policy, violations);
  core_violations_check_text (violations, "displayName", policy->display_name, 512);
  core_violations_check_text (violations, "description", policy->description, 1024);
  if (policy->kind == ST_POLICY_GLOBAL)
    {
      check_custom (policy, violations);
      return;
    }
  check_quota (&policy->quota, "defaultLimit.", violations);
  if (policy->kind == ST_POLICY_SUBSCRIPTION)
    check_subscription (policy, violations);
  if (policy->n_groups > CORE_POLICY_MAX_GROUPS)
    core_violations_add (violations, "conditionalGroups", "A policy has at most %u groups of conditions",
                         CORE_POLICY_MAX_GROUPS);
  for (guint i = 0; i < MIN (policy->n_groups, CORE_POLICY_MAX_GROUPS); i++)
    check_group (&policy->groups[i], i, violations);
}

char *
core_policy_attributes_write (const char *const *pairs)
{
  GString *json = g_string_new ("[");

  for (guint i = 0; pairs[i] != NULL && pairs[i + 1] != NULL; i += 2)
    {
      g_string_append (json, i > 0 ? ",{" : "{");
      core_json_append_member (json, "name", pairs[i]);
      core_json_append_member (json, "value", pairs[i + 1]);
      g_string_append_c (json, '}');
    }
  g_string_append_c (json, ']');
  return g_string_free (json, FALSE);
}

char **
core_policy_attributes_read (const char *text)
{
  g_autoptr (GStrvBuilder) pairs = g_strv_builder_new ();
  /* The parser reads objects. */
  g_autofree char *object = g_strconcat ("{\"a\":", text != NULL ? text : "[]", "}", NULL);
  g_autoptr (CoreJson) json = core_json_parse (object, strlen (object), NULL);
  const CoreJsonNode *list = json != NULL ? core_json_member (core_json_root (json), "a") : NULL;

  if (list != NULL && core_json_type (list) == CORE_JSON_ARRAY)
    for (const CoreJsonNode *node = core_json_first (list); node != NULL; node = core_json_next (node))
      {
        const char *name = core_json_string (core_json_member (node, "name"));
        const char *value = core_json_string (core_json_member (node, "value"));

        if (name != NULL && value != NULL)
          g_strv_builder_add_many (pairs, name, value, NULL);
      }
  return g_strv_builder_end (pairs);
}

static void
sum_text (GChecksum *sum, const char *text)
{
  const char *present = text != NULL ? text : "";

  g_checksum_update (sum, (const guchar *)present, (gssize)strlen (present) + 1);
}

static void
sum_quota (GChecksum *sum, const StQuota *quota)
{
  g_autofree char *numbers
      = g_strdup_printf ("%" G_GINT64_FORMAT "/%" G_GINT64_FORMAT, quota->amount, quota->unit_time);

  sum_text (sum, numbers);
  sum_text (sum, quota->unit);
  sum_text (sum, quota->time_unit);
}

static void
sum_group (GChecksum *sum, const StConditionGroup *group)
{
  sum_quota (sum, &group->quota);
  sum_text (sum, group->description);
  for (guint i = 0; i < group->n_conditions; i++)
    {
      const StCondition *condition = &group->conditions[i];
      g_autofree char *numbers = g_strdup_printf ("%d%d", (int)condition->kind, condition->inverted);

      sum_text (sum, numbers);
      sum_text (sum, condition->name);
      sum_text (sum, condition->value);
    }
}

char *
core_policy_etag (const StPolicyRecord *record)
{
  const StPolicy *policy = &record->policy;
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree char *numbers
      = g_strdup_printf ("%" G_GINT64_FORMAT "/%" G_GINT64_FORMAT "/%d%d%d", record->id,
                         policy->rate_limit_count, policy->deployed != FALSE,
                         policy->stop_on_quota_reach != FALSE, policy->per_user != FALSE);
  const char *const texts[] = { numbers,
                                policy->name,
                                policy->display_name,
                                policy->description,
                                policy->custom_attributes,
                                policy->rate_limit_unit,
                                policy->billing_plan,
                                policy->key_template,
                                policy->siddhi_query };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    sum_text (sum, texts[i]);
  sum_quota (sum, &policy->quota);
  for (guint i = 0; i < policy->n_groups; i++)
    sum_group (sum, &policy->groups[i]);
  return g_strndup (g_checksum_get_string (sum), 32);
}
