/* Throttling policies and block conditions as people manage them, on every release's tables. */
#include "config.h"

#include "core/core-application.h"
#include "core/core-block-condition.h"
#include "core/core-policy.h"
#include "core/core-subscription.h"
#include "core/core-tier.h"
#include "tests/lib/portal-world.h"

#include <string.h>

static const char apis[]
    = "INSERT INTO AM_API (API_ID, API_PROVIDER, API_NAME, API_VERSION, CONTEXT) VALUES"
      " (5, 'paula', 'Weather', '1.0.0', '/weather/1.0.0'),"
      " (7, 'dora@example.com', 'Theirs', '1', '/t/example.com/theirs/1');\n"
      "INSERT INTO AM_API_LC_EVENT (API_ID, NEW_STATE, USER_ID, TENANT_ID) VALUES (5, 'PUBLISHED', 'paula', -1234);\n";

static const StPolicy platinum = {
  .kind = ST_POLICY_SUBSCRIPTION,
  .name = "Platinum",
  .description = "Allows 4000 requests per minute",
  .quota = { 4000, NULL, 1, "min" },
  .rate_limit_count = -1,
  .rate_limit_unit = "NA",
  .custom_attributes = "[{\"name\":\"a\",\"value\":\"b\"}]",
  .stop_on_quota_reach = TRUE,
  .billing_plan = "COMMERCIAL",
};
static const StPolicy slow = { .kind = ST_POLICY_APPLICATION, .name = "Slow", .quota = { 1, "MB", 2, "hour" } };
static const StPolicy custom = {
  .kind = ST_POLICY_GLOBAL, .name = "custom1", .key_template = "$userId", .siddhi_query = "FROM RequestStream\n..."
};

static const StCondition conditions[] = {
  { ST_CONDITION_IP, NULL, "10.100.1.22", FALSE },
  { ST_CONDITION_HEADER, "Host", "10.100.7.77", FALSE },
  { ST_CONDITION_HEADER, "Location", "google.com", FALSE },
  { ST_CONDITION_QUERY, "name", "admin", FALSE },
  { ST_CONDITION_JWT_CLAIM, "claimUrl0", "claimAttr0", TRUE },
};
static const StCondition range[] = { { ST_CONDITION_IP_RANGE, "0.0.0.0", "1.1.1.1", TRUE } };
/* WSO2's own example: nobody of these gets through. */
static const StConditionGroup groups[] = {
  { { 0, NULL, 60, "sec" }, "first", conditions, G_N_ELEMENTS (conditions) },
  { { 0, NULL, 60, "sec" }, NULL, range, G_N_ELEMENTS (range) },
};
static const StPolicy grouped = {
  .kind = ST_POLICY_API,
  .name = "100KBP2Min",
  .quota = { 100, "KB", 2, "min" },
  .groups = groups,
  .n_groups = G_N_ELEMENTS (groups),
};

/* Before 2.0: a refusal that says why. */
static gboolean
refuses_without_policies (WriteWorld *world, PortalWorld *of)
{
  g_autoptr (StPolicyRecord) record = NULL;
  g_autoptr (StBlockRecord) block = NULL;
  g_autoptr (GPtrArray) list = NULL;

  if (write_world_has (world, ST_CAP_POLICIES))
    return FALSE;
  PORTAL_REFUSE (CORE_PORTAL_ERROR_CONFLICT, "has no throttling policies",
                 core_policy_list (&of->portal, of->admin, ST_POLICY_SUBSCRIPTION, &list, &error));
  PORTAL_REFUSE (CORE_PORTAL_ERROR_CONFLICT, "has no throttling policies",
                 core_policy_create (&of->portal, of->admin, &platinum, &record, &error));
  PORTAL_REFUSE (CORE_PORTAL_ERROR_CONFLICT, "has no throttling policies",
                 core_policy_delete (&of->portal, of->admin, ST_POLICY_API, "5", NULL, &error));
  PORTAL_REFUSE (CORE_PORTAL_ERROR_CONFLICT, "has no block conditions",
                 core_block_condition_list (&of->portal, of->admin, &list, &error));
  PORTAL_REFUSE (CORE_PORTAL_ERROR_CONFLICT, "has no block conditions",
                 core_block_condition_create (&of->portal, of->admin, "IP", "10.0.0.1", &block, &error));
  return TRUE;
}

static StPolicyRecord *
create (PortalWorld *of, const StPolicy *policy)
{
  StPolicyRecord *record = NULL;

  PORTAL_DO (core_policy_create (&of->portal, of->admin, policy, &record, &error));
  g_assert_cmpuint (strlen (record->uuid), ==, 36);
  g_assert_false (record->policy.deployed);
  return record;
}

static void
assert_quota (const StQuota *quota, const StQuota *expected)
{
  g_assert_cmpint (quota->amount, ==, expected->amount);
  g_assert_cmpstr (quota->unit, ==, expected->unit);
  g_assert_cmpint (quota->unit_time, ==, expected->unit_time);
  g_assert_cmpstr (quota->time_unit, ==, expected->time_unit);
}

static void
assert_groups (const StPolicy *policy, const StPolicy *expected)
{
  g_assert_cmpuint (policy->n_groups, ==, expected->n_groups);
  for (guint i = 0; i < policy->n_groups; i++)
    {
      const StConditionGroup *group = &policy->groups[i], *wanted = &expected->groups[i];

      assert_quota (&group->quota, &wanted->quota);
      g_assert_cmpstr (group->description, ==, wanted->description);
      g_assert_cmpuint (group->n_conditions, ==, wanted->n_conditions);
      for (guint j = 0; j < group->n_conditions; j++)
        {
          g_assert_cmpint (group->conditions[j].kind, ==, wanted->conditions[j].kind);
          g_assert_cmpstr (group->conditions[j].name, ==, wanted->conditions[j].name);
          g_assert_cmpstr (group->conditions[j].value, ==, wanted->conditions[j].value);
          g_assert_cmpint (group->conditions[j].inverted, ==, wanted->conditions[j].inverted);
        }
    }
}

/* What was written is what is read, of every kind. */
static void
test_life (WriteWorld *world)
{
  static const StPolicy *const policies[] = { &platinum, &slow, &grouped, &custom };
  g_autoptr (PortalWorld) of = portal_world_new (world);

  if (refuses_without_policies (world, of))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (policies); i++)
    {
      const StPolicy *policy = policies[i];
      g_autoptr (StPolicyRecord) created = create (of, policy);
      g_autoptr (StPolicyRecord) found = NULL;
      g_autoptr (StPolicyRecord) none = NULL;
      g_autofree char *etag = core_policy_etag (created);
      g_autofree char *found_etag = NULL;

      PORTAL_DO (core_policy_get (&of->portal, of->publisher, policy->kind, created->uuid, &found, &error));
      found_etag = core_policy_etag (found);
      g_assert_cmpstr (etag, ==, found_etag);
      g_assert_cmpstr (found->policy.name, ==, policy->name);
      g_assert_cmpstr (found->policy.description, ==, policy->description);
      g_assert_cmpstr (found->policy.custom_attributes, ==, policy->custom_attributes);
      g_assert_cmpint (found->policy.rate_limit_count, ==, policy->rate_limit_count);
      g_assert_cmpstr (found->policy.rate_limit_unit, ==, policy->rate_limit_unit);
      g_assert_cmpint (found->policy.stop_on_quota_reach, ==, policy->stop_on_quota_reach);
      g_assert_cmpstr (found->policy.billing_plan, ==, policy->billing_plan);
      g_assert_cmpstr (found->policy.key_template, ==, policy->key_template);
      g_assert_cmpstr (found->policy.siddhi_query, ==, policy->siddhi_query);
      if (policy->kind != ST_POLICY_GLOBAL)
        {
          g_assert_cmpstr (found->policy.display_name, ==, policy->name);
          assert_quota (&found->policy.quota, &policy->quota);
        }
      assert_groups (&found->policy, policy);
      PORTAL_REFUSE (CORE_PORTAL_ERROR_CONFLICT, "already exists",
                     core_policy_create (&of->portal, of->admin, policy, &none, &error));
      PORTAL_REFUSE (CORE_PORTAL_ERROR_PRECONDITION, "changed meanwhile",
                     core_policy_delete (&of->portal, of->admin, policy->kind, created->uuid, "other", &error));
      PORTAL_DO (core_policy_delete (&of->portal, of->admin, policy->kind, created->uuid, etag, &error));
      PORTAL_REFUSE (CORE_PORTAL_ERROR_NOT_FOUND, "there is no",
                     core_policy_delete (&of->portal, of->admin, policy->kind, created->uuid, NULL, &error));
      PORTAL_REFUSE (CORE_PORTAL_ERROR_NOT_FOUND, "there is no",
                     core_policy_get (&of->portal, of->admin, policy->kind, created->uuid, &none, &error));
    }
  g_assert_cmpint (write_world_number (world, "SELECT COUNT(*) FROM AM_CONDITION_GROUP"), ==, 0);
}

static void
test_update (WriteWorld *world)
{
  g_autoptr (PortalWorld) of = portal_world_new (world);
  g_autoptr (StPolicyRecord) created = NULL;
  g_autoptr (StPolicyRecord) updated = NULL;
  g_autoptr (StPolicyRecord) none = NULL;
  g_autofree char *etag = NULL;
  StPolicy changed = grouped;

  if (refuses_without_policies (world, of))
    return;
  created = create (of, &grouped);
  write_world_run (world, "UPDATE AM_API_THROTTLE_POLICY SET APPLICABLE_LEVEL = 'userLevel', IS_DEPLOYED = 1"
                          " WHERE NAME = '100KBP2Min';\n");
  etag = core_policy_etag (created);
  changed.name = "Another";
  changed.quota = (StQuota){ 7, NULL, 1, "day" };
  changed.n_groups = 1;
  PORTAL_REFUSE (CORE_PORTAL_ERROR_PRECONDITION, "changed meanwhile",
                 core_policy_update (&of->portal, of->admin, created->uuid, &changed, etag, &none, &error));
  PORTAL_DO (core_policy_update (&of->portal, of->admin, created->uuid, &changed, NULL, &updated, &error));
  g_assert_cmpstr (updated->policy.name, ==, "100KBP2Min");
  g_assert_cmpstr (updated->uuid, ==, created->uuid);
  g_assert_true (updated->policy.per_user);
  g_assert_false (updated->policy.deployed);
  assert_quota (&updated->policy.quota, &changed.quota);
  assert_groups (&updated->policy, &changed);
  g_assert_cmpint (write_world_number (world, "SELECT COUNT(*) FROM AM_CONDITION_GROUP"), ==, 1);
}

/* Its first policies come to a tenant with the first question, and only once. */
static void
test_defaults (WriteWorld *world)
{
  g_autoptr (PortalWorld) of = portal_world_new (world);
  g_autoptr (GPtrArray) records = NULL;
  g_autoptr (GPtrArray) fewer = NULL;
  const StPolicyRecord *first;

  if (refuses_without_policies (world, of))
    return;
  of->dave->permissions |= CORE_MAY_MANAGE_TIERS;
  PORTAL_DO (core_policy_list (&of->portal, of->dave, ST_POLICY_SUBSCRIPTION, &records, &error));
  write_world_rows (world,
                    "SELECT NAME, QUOTA, TIME_UNIT, IS_DEPLOYED, STOP_ON_QUOTA_REACH, BILLING_PLAN FROM"
                    " AM_POLICY_SUBSCRIPTION WHERE TENANT_ID = 7 ORDER BY POLICY_ID",
                    "Gold|5000|min|0|1|FREE\nSilver|2000|min|0|1|FREE\nBronze|1000|min|0|1|FREE\n"
                    "Unauthenticated|500|min|0|1|FREE\nUnlimited|2147483647|min|0|1|FREE");
  write_world_rows (world, "SELECT NAME, QUOTA FROM AM_POLICY_APPLICATION WHERE TENANT_ID = 7 ORDER BY POLICY_ID",
                    "50PerMin|50\n20PerMin|20\n10PerMin|10\nUnlimited|2147483647");
  write_world_rows (world,
                    "SELECT NAME, DEFAULT_QUOTA, APPLICABLE_LEVEL FROM AM_API_THROTTLE_POLICY WHERE TENANT_ID = 7"
                    " ORDER BY POLICY_ID",
                    "50KPerMin|50000|apiLevel\n20KPerMin|20000|apiLevel\n10KPerMin|10000|apiLevel\n"
                    "Unlimited|2147483647|apiLevel");
  g_assert_cmpuint (records->len, ==, 5);
  first = records->pdata[0];
  g_assert_cmpstr (first->policy.name, ==, "Gold");
  PORTAL_DO (core_policy_delete (&of->portal, of->dave, ST_POLICY_SUBSCRIPTION, first->uuid, NULL, &error));
  PORTAL_DO (core_policy_list (&of->portal, of->dave, ST_POLICY_SUBSCRIPTION, &fewer, &error));
  g_assert_cmpuint (fewer->len, ==, 4);
  /* Without advanced throttling nothing is written. */
  write_world_run (world, "DELETE FROM AM_POLICY_APPLICATION;\nDELETE FROM AM_POLICY_SUBSCRIPTION;\n");
  of->portal.advanced_throttling = FALSE;
  g_clear_pointer (&fewer, g_ptr_array_unref);
  PORTAL_DO (core_policy_list (&of->portal, of->dave, ST_POLICY_SUBSCRIPTION, &fewer, &error));
  g_assert_cmpuint (fewer->len, ==, 0);
}

/* A tenant that has some rows of its own keeps them. */
static void
test_defaults_beside_others (WriteWorld *world)
{
  if (!write_world_has (world, ST_CAP_POLICIES))
    return;
  write_world_run (world, "INSERT INTO AM_POLICY_SUBSCRIPTION (NAME, TENANT_ID, QUOTA_TYPE, QUOTA, UNIT_TIME, TIME_UNIT,"
                          " BILLING_PLAN) VALUES ('Gold', 7, 'requestCount', 3, 1, 'min', 'FREE');\n");
  WRITE (world, core_tier_write_defaults (writer, TRUE, 7, &error));
  WRITE (world, core_tier_write_defaults (writer, TRUE, 7, &error));
  write_world_rows (world, "SELECT QUOTA FROM AM_POLICY_SUBSCRIPTION WHERE NAME = 'Gold' AND TENANT_ID = 7", "3");
  g_assert_cmpint (write_world_number (world, "SELECT COUNT(*) FROM AM_POLICY_SUBSCRIPTION"), ==, 5);
}

/* A subscription to a tier makes the tenant's rows, without which the Key Manager refuses its calls. */
static void
test_first_subscription (WriteWorld *world)
{
  g_autoptr (PortalWorld) of = portal_world_new (world);
  const CoreApplicationInput phone = { .name = "Phone" };
  g_autoptr (StApplicationRecord) application = NULL;
  g_autoptr (StSubscriptionRecord) subscription = NULL;
  g_autofree char *id = NULL;

  write_world_run (world, apis);
  PORTAL_DO (core_application_create (&of->portal, of->alice, &phone, &application, &error));
  id = g_strdup_printf ("%" G_GINT64_FORMAT, application->id);
  PORTAL_DO (core_subscription_create (&of->portal, of->alice,
                                       &(CoreSubscriptionInput){ id, "paula-Weather-1.0.0", "Unlimited" },
                                       &subscription, &error));
  if (write_world_has (world, ST_CAP_POLICIES))
    write_world_rows (world,
                      "SELECT COUNT(*), MIN(q.TENANT_ID) FROM AM_SUBSCRIPTION s"
                      " JOIN AM_POLICY_SUBSCRIPTION q ON q.NAME = s.TIER_ID",
                      "1|-1234");
}

static void
test_in_use (WriteWorld *world)
{
  g_autoptr (PortalWorld) of = portal_world_new (world);
  const CoreApplicationInput phone = { .name = "Phone", .tier = "Slow" };
  g_autoptr (StApplicationRecord) application = NULL;
  g_autoptr (StSubscriptionRecord) subscription = NULL;
  g_autoptr (StPolicyRecord) of_subscriptions = NULL;
  g_autoptr (StPolicyRecord) of_applications = NULL;
  g_autoptr (StPolicyRecord) of_apis = NULL;
  g_autofree char *id = NULL;

  if (refuses_without_policies (world, of))
    return;
  write_world_run (world, apis);
  of_subscriptions = create (of, &platinum);
  of_applications = create (of, &slow);
  of_apis = create (of, &grouped);
  PORTAL_DO (core_application_create (&of->portal, of->alice, &phone, &application, &error));
  id = g_strdup_printf ("%" G_GINT64_FORMAT, application->id);
  PORTAL_DO (core_subscription_create (&of->portal, of->alice,
                                       &(CoreSubscriptionInput){ id, "paula-Weather-1.0.0", "Platinum" },
                                       &subscription, &error));
  write_world_run (world,
                   "UPDATE AM_API SET API_TIER = '100KBP2Min' WHERE API_ID = 5;\n"
                   "INSERT INTO AM_API_URL_MAPPING (API_ID, HTTP_METHOD, AUTH_SCHEME, URL_PATTERN, THROTTLING_TIER)"
                   " VALUES (5, 'GET', 'Any', '/*', '100KBP2Min'), (7, 'GET', 'Any', '/*', '100KBP2Min');\n");
  PORTAL_REFUSE (CORE_PORTAL_ERROR_CONFLICT, "Tier in use: Platinum has 1 subscriptions (Weather 1.0.0)",
                 core_policy_delete (&of->portal, of->admin, ST_POLICY_SUBSCRIPTION, of_subscriptions->uuid, NULL,
                                     &error));
  PORTAL_REFUSE (CORE_PORTAL_ERROR_CONFLICT, "Tier in use: Slow has 1 applications (Phone of alice)",
                 core_policy_delete (&of->portal, of->admin, ST_POLICY_APPLICATION, of_applications->uuid, NULL,
                                     &error));
  PORTAL_REFUSE (CORE_PORTAL_ERROR_CONFLICT, "has 1 APIs (Weather 1.0.0); 1 resources (Weather 1.0.0)",
                 core_policy_delete (&of->portal, of->admin, ST_POLICY_API, of_apis->uuid, NULL, &error));
  /* Who gave his subscription up does not hold it; another tenant's API neither. */
  write_world_run (world, "UPDATE AM_SUBSCRIPTION SET SUBS_CREATE_STATE = 'UN_SUBSCRIBE';\n"
                          "UPDATE AM_API SET API_TIER = NULL WHERE API_ID = 5;\n"
                          "DELETE FROM AM_API_URL_MAPPING WHERE API_ID = 5;\n");
  PORTAL_DO (
      core_policy_delete (&of->portal, of->admin, ST_POLICY_SUBSCRIPTION, of_subscriptions->uuid, NULL, &error));
  PORTAL_DO (core_policy_delete (&of->portal, of->admin, ST_POLICY_API, of_apis->uuid, NULL, &error));
}

/* An API may offer a tier that nobody subscribed to yet. */
static void
test_offered (WriteWorld *world)
{
  static const char *const offers[] = { "Platinum", "PlatinumPlus" };
  static const char *const words[] = { "1 APIs that offer it (Weather 1.0.0)", NULL };
  g_autoptr (PortalWorld) of = portal_world_new (world);

  if (!write_world_has (world, ST_CAP_POLICIES | ST_CAP_API_ARTIFACT))
    return;
  write_world_run (world, apis);
  for (guint i = 0; i < G_N_ELEMENTS (offers); i++)
    {
      g_autoptr (StPolicyRecord) created = create (of, &platinum);
      g_autofree char *row
          = g_strdup_printf ("INSERT INTO APIM_API_ARTIFACT (API_ID, UUID, VISIBILITY, ARTIFACT) VALUES (5, 'u', 'public',"
                             " '<metadata><overview><name>Weather</name><tier>Gold||%s</tier></overview></metadata>');\n",
                             offers[i]);

      write_world_run (world, row);
      if (words[i] != NULL)
        PORTAL_REFUSE (CORE_PORTAL_ERROR_CONFLICT, words[i],
                       core_policy_delete (&of->portal, of->admin, ST_POLICY_SUBSCRIPTION, created->uuid, NULL,
                                           &error));
      write_world_run (world, i == 0 ? "DELETE FROM APIM_API_ARTIFACT;\n" : ";\n");
      PORTAL_DO (core_policy_delete (&of->portal, of->admin, ST_POLICY_SUBSCRIPTION, created->uuid, NULL, &error));
    }
}

static void
test_unlimited (WriteWorld *world)
{
  static const StPolicyKind kinds[] = { ST_POLICY_SUBSCRIPTION, ST_POLICY_APPLICATION, ST_POLICY_API };
  g_autoptr (PortalWorld) of = portal_world_new (world);

  if (refuses_without_policies (world, of))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      StPolicy policy = { .kind = kinds[i], .name = "UNLIMITED", .quota = { 1, NULL, 1, "min" } };
      g_autoptr (GPtrArray) records = NULL;
      g_autoptr (StPolicyRecord) none = NULL;
      const StPolicyRecord *last;

      PORTAL_REFUSE (CORE_PORTAL_ERROR_CONFLICT, "Changes on the 'Unlimited' tier",
                     core_policy_create (&of->portal, of->admin, &policy, &none, &error));
      PORTAL_DO (core_policy_list (&of->portal, of->admin, kinds[i], &records, &error));
      last = records->pdata[records->len - 1];
      g_assert_cmpstr (last->policy.name, ==, "Unlimited");
      PORTAL_REFUSE (CORE_PORTAL_ERROR_CONFLICT, "Changes on the 'Unlimited' tier",
                     core_policy_update (&of->portal, of->admin, last->uuid, &policy, NULL, &none, &error));
      PORTAL_REFUSE (CORE_PORTAL_ERROR_CONFLICT, "Changes on the 'Unlimited' tier",
                     core_policy_delete (&of->portal, of->admin, kinds[i], last->uuid, NULL, &error));
    }
}

static void
test_tenants (WriteWorld *world)
{
  g_autoptr (PortalWorld) of = portal_world_new (world);
  g_autoptr (StPolicyRecord) created = NULL;
  g_autoptr (StPolicyRecord) theirs = NULL;
  g_autoptr (StPolicyRecord) none = NULL;
  g_autoptr (GPtrArray) list = NULL;

  if (refuses_without_policies (world, of))
    return;
  PORTAL_REFUSE (CORE_PORTAL_ERROR_FORBIDDEN, "alice may not",
                 core_policy_list (&of->portal, of->alice, ST_POLICY_API, &list, &error));
  PORTAL_REFUSE (CORE_PORTAL_ERROR_FORBIDDEN, "paula may not create",
                 core_policy_create (&of->portal, of->publisher, &platinum, &none, &error));
  created = create (of, &platinum);
  of->dave->permissions |= CORE_MAY_MANAGE_TIERS;
  PORTAL_REFUSE (CORE_PORTAL_ERROR_NOT_FOUND, "there is no",
                 core_policy_get (&of->portal, of->dave, ST_POLICY_SUBSCRIPTION, created->uuid, &none, &error));
  PORTAL_REFUSE (CORE_PORTAL_ERROR_NOT_FOUND, "there is no",
                 core_policy_update (&of->portal, of->dave, created->uuid, &platinum, NULL, &none, &error));
  PORTAL_REFUSE (CORE_PORTAL_ERROR_NOT_FOUND, "there is no",
                 core_policy_delete (&of->portal, of->dave, ST_POLICY_SUBSCRIPTION, created->uuid, NULL, &error));
  PORTAL_DO (core_policy_create (&of->portal, of->dave, &platinum, &theirs, &error));
  g_assert_cmpint (theirs->policy.tenant_id, ==, 7);
  PORTAL_REFUSE (CORE_PORTAL_ERROR_FORBIDDEN, "super tenant's alone",
                 core_policy_create (&of->portal, of->dave, &custom, &none, &error));
  PORTAL_REFUSE (CORE_PORTAL_ERROR_FORBIDDEN, "super tenant's alone",
                 core_policy_list (&of->portal, of->dave, ST_POLICY_GLOBAL, &list, &error));
}

static void
test_rows_without_uuid (WriteWorld *world)
{
  g_autoptr (PortalWorld) of = portal_world_new (world);
  g_autoptr (StPolicyRecord) created = NULL;
  g_autoptr (StPolicyRecord) found = NULL;
  g_autoptr (StPolicyRecord) none = NULL;
  g_autofree char *number = NULL;

  if (refuses_without_policies (world, of))
    return;
  created = create (of, &platinum);
  number = g_strdup_printf ("%" G_GINT64_FORMAT, created->id);
  PORTAL_REFUSE (CORE_PORTAL_ERROR_NOT_FOUND, "there is no",
                 core_policy_get (&of->portal, of->admin, ST_POLICY_SUBSCRIPTION, number, &none, &error));
  write_world_run (world, "UPDATE AM_POLICY_SUBSCRIPTION SET UUID = NULL;\n");
  PORTAL_DO (core_policy_get (&of->portal, of->admin, ST_POLICY_SUBSCRIPTION, number, &found, &error));
  g_assert_null (found->uuid);
  PORTAL_DO (core_policy_delete (&of->portal, of->admin, ST_POLICY_SUBSCRIPTION, number, NULL, &error));
}

static StBlockRecord *
block (PortalWorld *of, const CoreActor *actor, const char *type, const char *value, const char *stored)
{
  StBlockRecord *record = NULL;

  PORTAL_DO (core_block_condition_create (&of->portal, actor, type, value, &record, &error));
  g_assert_cmpstr (record->type, ==, type);
  g_assert_cmpstr (record->value, ==, stored);
  g_assert_true (record->enabled);
  return record;
}

static void
test_blocks (WriteWorld *world)
{
  static const struct
  {
    const char *type, *value, *words;
  } refused[] = {
    { "ip", "10.0.0.1", "conditionType" },
    { "IP", "10.0.0.332", "is no IP address" },
    { "IP", "carbon.super:10.0.0.1", "is no IP address" },
    { "IP", "", "not specified" },
    { "API", "weather/1.0.0", "begins with" },
    { "API", "/weather", "no API with the context" },
    { "API", "/Weather/1.0.0", "no API with the context" },
    { "API", "/t/example.com/theirs/1", "no API with the context" },
    { "APPLICATION", "Phone", "owner:application" },
    { "APPLICATION", "alice:Fax", "There is no application" },
    { "APPLICATION", "dave@example.com:Phone", "There is no application" },
    { "USER", "@carbon.super", "names no user" },
  };
  g_autoptr (PortalWorld) of = portal_world_new (world);
  const CoreApplicationInput phone = { .name = "Phone" };
  g_autoptr (StApplicationRecord) application = NULL;
  g_autoptr (StBlockRecord) ip = NULL;
  g_autoptr (StBlockRecord) api = NULL;
  g_autoptr (StBlockRecord) app = NULL;
  g_autoptr (StBlockRecord) user = NULL;
  g_autoptr (StBlockRecord) theirs = NULL;
  g_autoptr (StBlockRecord) changed = NULL;
  g_autoptr (StBlockRecord) none = NULL;
  g_autoptr (GPtrArray) list = NULL;
  g_autoptr (GPtrArray) all = NULL;
  g_autofree char *etag = NULL;

  if (refuses_without_policies (world, of))
    return;
  write_world_run (world, apis);
  PORTAL_DO (core_application_create (&of->portal, of->alice, &phone, &application, &error));
  of->dave->permissions |= CORE_MAY_ADMINISTER;
  ip = block (of, of->admin, "IP", "10.0.0.1", "carbon.super:10.0.0.1");
  api = block (of, of->admin, "API", "/weather/1.0.0", "/weather/1.0.0");
  app = block (of, of->admin, "APPLICATION", "alice:Phone", "alice:Phone");
  user = block (of, of->admin, "USER", "bob", "bob@carbon.super");
  theirs = block (of, of->dave, "API", "/t/example.com/theirs/1", "/t/example.com/theirs/1");
  g_assert_cmpstr (core_block_condition_value (ip, "carbon.super"), ==, "10.0.0.1");
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    PORTAL_REFUSE (CORE_PORTAL_ERROR_INVALID, refused[i].words,
                   core_block_condition_create (&of->portal, of->admin, refused[i].type, refused[i].value, &none,
                                                &error));
  PORTAL_REFUSE (CORE_PORTAL_ERROR_CONFLICT, "has this block condition already",
                 core_block_condition_create (&of->portal, of->admin, "USER", "bob@carbon.super", &none, &error));
  PORTAL_REFUSE (CORE_PORTAL_ERROR_FORBIDDEN, "paula may not",
                 core_block_condition_create (&of->portal, of->publisher, "IP", "10.0.0.2", &none, &error));
  PORTAL_DO (core_block_condition_list (&of->portal, of->admin, &list, &error));
  g_assert_cmpuint (list->len, ==, 4);
  WRITE (world, st_block_record_list (writer, NULL, &all, &error));
  g_assert_cmpuint (all->len, ==, 5);
  g_assert_cmpstr (((StBlockRecord *)all->pdata[4])->domain, ==, "example.com");
  /* Of another tenant's nothing is known. */
  PORTAL_REFUSE (CORE_PORTAL_ERROR_NOT_FOUND, "there is no block condition",
                 core_block_condition_get (&of->portal, of->dave, ip->uuid, &none, &error));
  PORTAL_REFUSE (CORE_PORTAL_ERROR_NOT_FOUND, "there is no block condition",
                 core_block_condition_switch (&of->portal, of->dave, ip->uuid, FALSE, NULL, &none, &error));
  PORTAL_REFUSE (CORE_PORTAL_ERROR_NOT_FOUND, "there is no block condition",
                 core_block_condition_delete (&of->portal, of->dave, ip->uuid, NULL, &error));
  PORTAL_DO (core_block_condition_switch (&of->portal, of->admin, ip->uuid, FALSE, NULL, &changed, &error));
  g_assert_false (changed->enabled);
  etag = core_block_condition_etag (ip);
  PORTAL_REFUSE (CORE_PORTAL_ERROR_PRECONDITION, "changed meanwhile",
                 core_block_condition_delete (&of->portal, of->admin, ip->uuid, etag, &error));
  PORTAL_DO (core_block_condition_delete (&of->portal, of->admin, ip->uuid, NULL, &error));
  PORTAL_REFUSE (CORE_PORTAL_ERROR_NOT_FOUND, "there is no block condition",
                 core_block_condition_delete (&of->portal, of->admin, ip->uuid, NULL, &error));
  write_world_rows (world, "SELECT COUNT(*) FROM AM_BLOCK_CONDITIONS", "4");
}

/* Rules that need no database. */
static void
test_rules (void)
{
  static const StCondition backwards[] = { { ST_CONDITION_IP_RANGE, "10.0.0.9", "10.0.0.1", FALSE } };
  static const StCondition six[] = { { ST_CONDITION_IP_RANGE, "::1", "::2", FALSE } };
  static const StCondition wrong[] = { { ST_CONDITION_IP, NULL, "10.0.0.256", FALSE } };
  static const StCondition unnamed[] = { { ST_CONDITION_HEADER, NULL, "x", FALSE } };
#define GROUP(list) &(StConditionGroup){ { 1, NULL, 1, "min" }, NULL, list, G_N_ELEMENTS (list) }
#define QUOTA { 1, NULL, 1, "min" }
  const struct
  {
    StPolicy policy;
    const char *field; /* NULL: nothing is wrong */
  } cases[] = {
    { { .name = "A", .quota = QUOTA }, NULL },
    { { .name = "A", .quota = { 0, NULL, 1, "min" } }, NULL },
    { { .name = "A", .quota = { 5, "KB", 1, "day" } }, NULL },
    { { .name = "A", .quota = QUOTA, .rate_limit_count = 5, .rate_limit_unit = "sec" }, NULL },
    { { .quota = QUOTA }, "policyName" },
    { { .name = "A B", .quota = QUOTA }, "policyName" },
    { { .name = "../A", .quota = QUOTA }, "policyName" },
    { { .name = "A|B", .quota = QUOTA }, "policyName" },
    { { .name = "\xff", .quota = QUOTA }, "policyName" },
    { { .name = write_world_long (51), .quota = QUOTA }, "policyName" },
    { { .kind = ST_POLICY_API, .name = write_world_long (51), .quota = QUOTA }, NULL },
    { { .kind = ST_POLICY_API, .name = write_world_long (256), .quota = QUOTA }, "policyName" },
    { { .name = "A", .description = write_world_long (1025), .quota = QUOTA }, "description" },
    { { .name = "A", .quota = { -1, NULL, 1, "min" } }, "defaultLimit.requestCount" },
    { { .name = "A", .quota = { -1, "KB", 1, "min" } }, "defaultLimit.dataAmount" },
    { { .name = "A", .quota = { 1, "GB", 1, "min" } }, "defaultLimit.dataUnit" },
    { { .name = "A", .quota = { 1, NULL, 0, "min" } }, "defaultLimit.unitTime" },
    { { .name = "A", .quota = { 1, NULL, 1, "week" } }, "defaultLimit.timeUnit" },
    { { .name = "A", .quota = { 1, NULL, 1, NULL } }, "defaultLimit.timeUnit" },
    { { .name = "A", .quota = QUOTA, .rate_limit_count = -2 }, "rateLimitCount" },
    { { .name = "A", .quota = QUOTA, .rate_limit_count = 5 }, "rateLimitTimeUnit" },
    { { .name = "A", .quota = QUOTA, .rate_limit_count = 5, .rate_limit_unit = "hour" }, "rateLimitTimeUnit" },
    { { .name = "A", .quota = QUOTA, .rate_limit_unit = "X" }, "rateLimitTimeUnit" },
    { { .name = "A", .quota = QUOTA, .billing_plan = "free" }, "billingPlan" },
    { { .name = "A", .quota = QUOTA, .custom_attributes = "[{\"name\":\"\",\"value\":\"\"}]" }, "customAttributes" },
    { { .kind = ST_POLICY_API, .name = "A", .quota = QUOTA, .groups = GROUP (backwards), .n_groups = 1 },
      "conditionalGroups[0].conditions[0].endingIP" },
    { { .kind = ST_POLICY_API, .name = "A", .quota = QUOTA, .groups = GROUP (six), .n_groups = 1 },
      "conditionalGroups[0].conditions[0].startingIP" },
    { { .kind = ST_POLICY_API, .name = "A", .quota = QUOTA, .groups = GROUP (wrong), .n_groups = 1 },
      "conditionalGroups[0].conditions[0].specificIP" },
    { { .kind = ST_POLICY_API, .name = "A", .quota = QUOTA, .groups = GROUP (unnamed), .n_groups = 1 },
      "conditionalGroups[0].conditions[0].headerName" },
    { { .kind = ST_POLICY_API, .name = "A", .quota = QUOTA,
        .groups = &(StConditionGroup){ QUOTA, NULL, NULL, 0 }, .n_groups = 1 }, "conditionalGroups[0].conditions" },
    { { .kind = ST_POLICY_GLOBAL, .name = "A", .key_template = "$userId" }, "siddhiQuery" },
    { { .kind = ST_POLICY_GLOBAL, .name = "A", .siddhi_query = "x" }, "keyTemplate" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GPtrArray) violations = core_violations_new ();

      core_policy_check (&cases[i].policy, violations);
      g_test_message ("case %u", i);
      g_assert_cmpuint (violations->len, ==, cases[i].field != NULL ? 1 : 0);
      if (cases[i].field != NULL)
        g_assert_cmpstr (((CoreViolation *)violations->pdata[0])->field, ==, cases[i].field);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/policies/rules", test_rules);
  write_world_add_few ("/policies/life", test_life);
  write_world_add_few ("/policies/update", test_update);
  write_world_add_few ("/policies/defaults", test_defaults);
  write_world_add_few ("/policies/defaults-beside-others", test_defaults_beside_others);
  write_world_add_few ("/policies/first-subscription", test_first_subscription);
  write_world_add ("/policies/in-use", test_in_use);
  write_world_add_few ("/policies/offered", test_offered);
  write_world_add_few ("/policies/unlimited", test_unlimited);
  write_world_add_few ("/policies/tenants", test_tenants);
  write_world_add_few ("/policies/rows-without-uuid", test_rows_without_uuid);
  write_world_add ("/policies/blocks", test_blocks);
  return write_world_run_tests ();
}
