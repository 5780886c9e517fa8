/* Throttling policies and block conditions, row by row, on every release's tables. */
#include "config.h"

#include "store/st-block-writes.h"
#include "store/st-policy-writes.h"
#include "tests/lib/write-world.h"

#include <string.h>

static const StPolicy gold = {
  .kind = ST_POLICY_SUBSCRIPTION,
  .tenant_id = -1234,
  .name = "Gold",
  .description = "Allows 5000 requests per minute",
  .quota = { 5000, NULL, 1, "min" },
  .deployed = TRUE,
  .stop_on_quota_reach = TRUE,
};
static const StPolicy bytes = {
  .kind = ST_POLICY_APPLICATION,
  .tenant_id = 1,
  .name = "Bytes",
  .display_name = "Few bytes",
  .quota = { 10, "MB", 2, "hour" },
  .custom_attributes = "[{\"name\":\"a\",\"value\":\"b\"}]",
};

static const StCondition conditions[] = {
  { ST_CONDITION_IP, NULL, "10.0.0.1", FALSE },
  { ST_CONDITION_IP_RANGE, "10.0.0.1", "10.0.0.9", TRUE },
  { ST_CONDITION_HEADER, "User-Agent", "curl", TRUE },
  { ST_CONDITION_QUERY, "q", "x", FALSE },
  { ST_CONDITION_JWT_CLAIM, "http://wso2.org/claims/role", "admin", TRUE },
};
static const StConditionGroup groups[] = {
  { { 100, NULL, 1, "min" }, "first", conditions, 5 },
  { { 1, "KB", 5, "sec" }, NULL, NULL, 0 },
};
static const StPolicy grouped = {
  .kind = ST_POLICY_API,
  .tenant_id = -1234,
  .name = "Grouped",
  .quota = { G_MAXINT32, NULL, 1, "day" },
  .per_user = TRUE,
  .groups = groups,
  .n_groups = 2,
};

/* Releases before 2.0 have none of it, and say so. */
static gboolean
skip_without_policies (WriteWorld *world)
{
  gint64 id;

  if (write_world_has (world, ST_CAP_POLICIES))
    return FALSE;
  REFUSE (world, ST_ERROR_SCHEMA, "has no throttling policies", st_write_add_policy (writer, &gold, &id, &error));
  REFUSE (world, ST_ERROR_SCHEMA, "has no throttling policies", st_write_update_policy (writer, &gold, &error));
  REFUSE (world, ST_ERROR_SCHEMA, "has no throttling policies",
          st_write_delete_policy (writer, ST_POLICY_API, -1234, "Gold", &error));
  REFUSE (world, ST_ERROR_SCHEMA, "has no block conditions",
          st_write_add_block (writer, ST_BLOCK_API, "/a", "carbon.super", &id, &error));
  REFUSE (world, ST_ERROR_SCHEMA, "has no block conditions", st_write_delete_block (writer, "carbon.super", 1, &error));
  return TRUE;
}

static gint64
add (WriteWorld *world, const StPolicy *policy)
{
  gint64 id = 0;

  WRITE (world, st_write_add_policy (writer, policy, &id, &error));
  g_assert_cmpint (id, >, 0);
  return id;
}

static const char subscription_rows[] = "SELECT NAME, DISPLAY_NAME, TENANT_ID, DESCRIPTION, QUOTA_TYPE, QUOTA, "
                                        "QUOTA_UNIT, UNIT_TIME, TIME_UNIT, RATE_LIMIT_COUNT,"
                                        " RATE_LIMIT_TIME_UNIT, IS_DEPLOYED, CUSTOM_ATTRIBUTES, STOP_ON_QUOTA_REACH, "
                                        "BILLING_PLAN FROM AM_POLICY_SUBSCRIPTION";
static const char application_rows[] = "SELECT NAME, DISPLAY_NAME, TENANT_ID, DESCRIPTION, QUOTA_TYPE, QUOTA, "
                                       "QUOTA_UNIT, UNIT_TIME, TIME_UNIT, IS_DEPLOYED,"
                                       " CUSTOM_ATTRIBUTES FROM AM_POLICY_APPLICATION";
static const char api_rows[] = "SELECT NAME, DISPLAY_NAME, TENANT_ID, DESCRIPTION, DEFAULT_QUOTA_TYPE, DEFAULT_QUOTA, "
                               "DEFAULT_QUOTA_UNIT, DEFAULT_UNIT_TIME,"
                               " DEFAULT_TIME_UNIT, APPLICABLE_LEVEL, IS_DEPLOYED FROM AM_API_THROTTLE_POLICY";

static void
test_add (WriteWorld *world)
{
  if (skip_without_policies (world))
    return;
  add (world, &gold);
  add (world, &bytes);
  add (world, &grouped);
  write_world_rows (
      world, subscription_rows,
      "Gold|Gold|-1234|Allows 5000 requests per minute|requestCount|5000|NULL|1|min|0|NULL|1|NULL|1|FREE");
  write_world_rows (world, application_rows,
                    "Bytes|Few bytes|1|NULL|bandwidthVolume|10|MB|2|hour|0|[{\"name\":\"a\",\"value\":\"b\"}]");
  write_world_rows (world, api_rows, "Grouped|Grouped|-1234|NULL|requestCount|2147483647|NULL|1|day|userLevel|0");
  write_world_rows (
      world,
      "SELECT LENGTH(s.UUID), LENGTH(a.UUID), LENGTH(p.UUID) FROM AM_POLICY_SUBSCRIPTION s, AM_POLICY_APPLICATION a,"
      " AM_API_THROTTLE_POLICY p",
      "36|36|36");
}

/* The flag's columns say "inverted", against their names (spec/databases.md 4.2). */
static void
test_conditions (WriteWorld *world)
{
  gint64 id;

  if (skip_without_policies (world))
    return;
  id = add (world, &grouped);
  g_assert_cmpint (write_world_number (world, "SELECT MIN(POLICY_ID) FROM AM_CONDITION_GROUP"), ==, id);
  write_world_rows (world,
                    "SELECT QUOTA_TYPE, QUOTA, QUOTA_UNIT, UNIT_TIME, TIME_UNIT, DESCRIPTION FROM AM_CONDITION_GROUP"
                    " ORDER BY CONDITION_GROUP_ID",
                    "requestCount|100|NULL|1|min|first\nbandwidthVolume|1|KB|5|sec|NULL");
  write_world_rows (
      world,
      "SELECT c.STARTING_IP, c.ENDING_IP, c.SPECIFIC_IP, c.WITHIN_IP_RANGE, g.DESCRIPTION FROM AM_IP_CONDITION c"
      " JOIN AM_CONDITION_GROUP g ON g.CONDITION_GROUP_ID = c.CONDITION_GROUP_ID ORDER BY c.AM_IP_CONDITION_ID",
      "NULL|NULL|10.0.0.1|0|first\n10.0.0.1|10.0.0.9|NULL|1|first");
  write_world_rows (
      world, "SELECT HEADER_FIELD_NAME, HEADER_FIELD_VALUE, IS_HEADER_FIELD_MAPPING FROM AM_HEADER_FIELD_CONDITION",
      "User-Agent|curl|1");
  write_world_rows (world, "SELECT PARAMETER_NAME, PARAMETER_VALUE, IS_PARAM_MAPPING FROM AM_QUERY_PARAMETER_CONDITION",
                    "q|x|0");
  write_world_rows (world, "SELECT CLAIM_URI, CLAIM_ATTRIB, IS_CLAIM_MAPPING FROM AM_JWT_CLAIM_CONDITION",
                    "http://wso2.org/claims/role|admin|1");
}

static void
test_update (WriteWorld *world)
{
  StPolicy silver = gold, fewer = bytes, regrouped = grouped;
  gint64 id;

  if (skip_without_policies (world))
    return;
  add (world, &gold);
  add (world, &bytes);
  id = add (world, &grouped);
  silver.quota = (StQuota){ 20, "KB", 3, "day" };
  silver.rate_limit_count = 7;
  silver.rate_limit_unit = "sec";
  silver.stop_on_quota_reach = FALSE;
  silver.billing_plan = "COMMERCIAL";
  silver.deployed = FALSE;
  WRITE (world, st_write_update_policy (writer, &silver, &error));
  write_world_rows (
      world, subscription_rows,
      "Gold|Gold|-1234|Allows 5000 requests per minute|bandwidthVolume|20|KB|3|day|7|sec|0|NULL|0|COMMERCIAL");
  fewer.quota.amount = 5;
  fewer.custom_attributes = NULL;
  WRITE (world, st_write_update_policy (writer, &fewer, &error));
  write_world_rows (world, application_rows, "Bytes|Few bytes|1|NULL|bandwidthVolume|5|MB|2|hour|0|NULL");
  regrouped.groups = &groups[1];
  regrouped.n_groups = 1;
  regrouped.per_user = FALSE;
  WRITE (world, st_write_update_policy (writer, &regrouped, &error));
  write_world_rows (world, api_rows, "Grouped|Grouped|-1234|NULL|requestCount|2147483647|NULL|1|day|apiLevel|0");
  g_assert_cmpint (write_world_number (world, "SELECT POLICY_ID FROM AM_CONDITION_GROUP"), ==, id);
  g_assert_cmpint (write_world_number (world, "SELECT COUNT(*) FROM AM_CONDITION_GROUP"), ==, 1);
  g_assert_cmpint (write_world_number (world, "SELECT COUNT(*) FROM AM_IP_CONDITION"), ==, 0);
}

static void
test_deployed_and_deleted (WriteWorld *world)
{
  const StPolicy *const policies[] = { &gold, &bytes, &grouped };
  static const char *const tables[] = { "AM_POLICY_SUBSCRIPTION", "AM_POLICY_APPLICATION", "AM_API_THROTTLE_POLICY" };

  if (skip_without_policies (world))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (policies); i++)
    {
      const StPolicy *policy = policies[i];
      g_autofree char *flag = g_strdup_printf ("SELECT IS_DEPLOYED FROM %s", tables[i]);
      g_autofree char *count = g_strdup_printf ("SELECT COUNT(*) FROM %s", tables[i]);

      add (world, policy);
      for (guint deployed = 0; deployed < 2; deployed++)
        {
          WRITE (world,
                 st_write_policy_deployed (writer, policy->kind, policy->tenant_id, policy->name, deployed, &error));
          g_assert_cmpint (write_world_number (world, flag), ==, deployed);
        }
      REFUSE (world, ST_ERROR_CONFLICT, "there is no such policy",
              st_write_delete_policy (writer, policy->kind, 77, policy->name, &error));
      WRITE (world, st_write_delete_policy (writer, policy->kind, policy->tenant_id, policy->name, &error));
      g_assert_cmpint (write_world_number (world, count), ==, 0);
    }
  g_assert_cmpint (write_world_number (world, "SELECT COUNT(*) FROM AM_CONDITION_GROUP"), ==, 0);
  g_assert_cmpint (write_world_number (world, "SELECT COUNT(*) FROM AM_JWT_CLAIM_CONDITION"), ==, 0);
}

static void
test_policy_taken (WriteWorld *world)
{
  StPolicy elsewhere = gold, lower = gold;
  gint64 id;

  if (skip_without_policies (world))
    return;
  add (world, &gold);
  REFUSE (world, ST_ERROR_CONFLICT, "a policy of this name", st_write_add_policy (writer, &gold, &id, &error));
  elsewhere.tenant_id = 1;
  add (world, &elsewhere);
  lower.name = "gold"; /* another name, to bytes */
  REFUSE (world, ST_ERROR_CONFLICT, "there is no such policy", st_write_update_policy (writer, &lower, &error));
}

static void
test_policies_that_cannot_be (WriteWorld *world)
{
  const struct
  {
    const char *words;
    StPolicy policy;
  } cases[] = {
    { "NAME must have a value", { .quota = { 1, NULL, 1, "min" } } },
    { "amount must be", { .name = "A", .quota = { -1, NULL, 1, "min" } } },
    { "amount must be", { .name = "A", .quota = { G_GINT64_CONSTANT (2147483648), NULL, 1, "min" } } },
    { "unit time must be", { .name = "A", .quota = { 1, NULL, 0, "min" } } },
    { "unit of data", { .name = "A", .quota = { 1, "GB", 1, "min" } } },
    { "time unit must be", { .name = "A", .quota = { 1, NULL, 1, "minute" } } },
    { "time unit must be", { .name = "A", .quota = { 1, NULL, 1, NULL } } },
    { "rate limit", { .name = "A", .quota = { 1, NULL, 1, "min" }, .rate_limit_count = -2 } },
    { "billing plan", { .name = "A", .quota = { 1, NULL, 1, "min" }, .billing_plan = "free" } },
    { "only API policies have condition groups", { .name = "A", .quota = { 1, NULL, 1, "min" }, .n_groups = 1 } },
    { "API policies have no attributes",
      { .kind = ST_POLICY_API, .name = "A", .quota = { 1, NULL, 1, "min" }, .custom_attributes = "[]" } },
    { "NAME has 513", { .name = write_world_long (513), .quota = { 1, NULL, 1, "min" } } },
    { "DESCRIPTION has 1025", { .name = "A", .description = write_world_long (1025), .quota = { 1, NULL, 1, "min" } } },
  };
  gint64 id;

  if (skip_without_policies (world))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    REFUSE (world, ST_ERROR_DATA, cases[i].words, st_write_add_policy (writer, &cases[i].policy, &id, &error));
  g_assert_cmpint (write_world_number (world, "SELECT COUNT(*) FROM AM_POLICY_SUBSCRIPTION"), ==, 0);
}

static void
test_conditions_that_cannot_be (WriteWorld *world)
{
  const struct
  {
    const char *words;
    StCondition condition;
  } cases[] = {
    { "condition group 1: condition 1: AM_IP_CONDITION.SPECIFIC_IP must have", { ST_CONDITION_IP, NULL, "", FALSE } },
    { "AM_IP_CONDITION.SPECIFIC_IP has 46", { ST_CONDITION_IP, NULL, write_world_long (46), FALSE } },
    { "AM_IP_CONDITION.STARTING_IP must have", { ST_CONDITION_IP_RANGE, NULL, "10.0.0.1", FALSE } },
    { "HEADER_FIELD_VALUE has 256", { ST_CONDITION_HEADER, "a", write_world_long (256), FALSE } },
    { "PARAMETER_NAME has 256", { ST_CONDITION_QUERY, write_world_long (256), "a", FALSE } },
    { "CLAIM_URI has 513", { ST_CONDITION_JWT_CLAIM, write_world_long (513), "a", FALSE } },
    { "CLAIM_ATTRIB has 1025", { ST_CONDITION_JWT_CLAIM, "a", write_world_long (1025), FALSE } },
  };
  gint64 id;

  if (skip_without_policies (world))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      StConditionGroup group = { { 1, NULL, 1, "min" }, NULL, &cases[i].condition, 1 };
      StPolicy policy = { .kind = ST_POLICY_API, .name = "A", .quota = group.quota, .groups = &group, .n_groups = 1 };

      REFUSE (world, ST_ERROR_DATA, cases[i].words, st_write_add_policy (writer, &policy, &id, &error));
    }
  g_assert_cmpint (write_world_number (world, "SELECT COUNT(*) FROM AM_API_THROTTLE_POLICY"), ==, 0);
}

static gint64
add_block (WriteWorld *world, StBlockKind kind, const char *value, const char *domain)
{
  gint64 id = 0;

  WRITE (world, st_write_add_block (writer, kind, value, domain, &id, &error));
  return id;
}

static const char blocks[] = "SELECT TYPE, VALUE, ENABLED, DOMAIN FROM AM_BLOCK_CONDITIONS ORDER BY CONDITION_ID";

static void
test_blocks (WriteWorld *world)
{
  gint64 id;

  if (skip_without_policies (world))
    return;
  id = add_block (world, ST_BLOCK_API, "/weather/1.0.0", "carbon.super");
  add_block (world, ST_BLOCK_API, "/Weather/1.0.0", "carbon.super");
  add_block (world, ST_BLOCK_API, "/weather/1.0.0", "example.com");
  add_block (world, ST_BLOCK_APPLICATION, "alice:Phone", "carbon.super");
  add_block (world, ST_BLOCK_USER, "alice@carbon.super", "carbon.super");
  add_block (world, ST_BLOCK_IP, "carbon.super:2001:db8::1", "carbon.super");
  write_world_rows (world, blocks,
                    "API|/weather/1.0.0|TRUE|carbon.super\nAPI|/Weather/1.0.0|TRUE|carbon.super\n"
                    "API|/weather/1.0.0|TRUE|example.com\nAPPLICATION|alice:Phone|TRUE|carbon.super\n"
                    "USER|alice@carbon.super|TRUE|carbon.super\nIP|carbon.super:2001:db8::1|TRUE|carbon.super");
  write_world_rows (world, "SELECT COUNT(DISTINCT UUID) FROM AM_BLOCK_CONDITIONS", "6");
  REFUSE (world, ST_ERROR_CONFLICT, "has this block condition already",
          st_write_add_block (writer, ST_BLOCK_API, "/weather/1.0.0", "carbon.super", &id, &error));
  write_world_run (world, "DELETE FROM AM_BLOCK_CONDITIONS WHERE TYPE <> 'USER';\n");
  id = write_world_number (world, "SELECT CONDITION_ID FROM AM_BLOCK_CONDITIONS");
  WRITE (world, st_write_block_enabled (writer, "carbon.super", id, FALSE, &error));
  write_world_rows (world, blocks, "USER|alice@carbon.super|FALSE|carbon.super");
  WRITE (world, st_write_block_enabled (writer, "carbon.super", id, TRUE, &error));
  write_world_rows (world, blocks, "USER|alice@carbon.super|TRUE|carbon.super");
  WRITE (world, st_write_delete_block (writer, "carbon.super", id, &error));
  write_world_rows (world, blocks, "");
  REFUSE (world, ST_ERROR_CONFLICT, "there is no block condition", st_write_delete_block (writer, "carbon.super", id, &error));
  REFUSE (world, ST_ERROR_CONFLICT, "there is no block condition", st_write_block_enabled (writer, "carbon.super", id, TRUE, &error));
}

static void
test_blocks_that_cannot_be (WriteWorld *world)
{
  const struct
  {
    StBlockKind kind;
    const char *value, *domain, *words;
  } cases[] = {
    { ST_BLOCK_API, NULL, "carbon.super", "VALUE must have" },
    { ST_BLOCK_API, "/a", NULL, "DOMAIN must have" },
    { ST_BLOCK_API, "weather", "carbon.super", "begins with" },
    { ST_BLOCK_APPLICATION, "Phone", "carbon.super", "owner:application" },
    { ST_BLOCK_APPLICATION, ":Phone", "carbon.super", "owner:application" },
    { ST_BLOCK_APPLICATION, "alice:", "carbon.super", "owner:application" },
    { ST_BLOCK_USER, "alice", "carbon.super", "user@tenant" },
    { ST_BLOCK_IP, "10.0.0.1", "carbon.super", "tenant:address" },
    { ST_BLOCK_IP, "example.com:10.0.0.1", "carbon.super", "tenant:address" },
    { ST_BLOCK_IP, "carbon.super:", "carbon.super", "tenant:address" },
    { ST_BLOCK_API, "/a", write_world_long (46), "DOMAIN has 46 characters, and the column holds 45" },
  };
  g_autofree char *long_context = g_strdup_printf ("/%s", write_world_long (45));
  gint64 id;

  if (skip_without_policies (world))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    REFUSE (world, ST_ERROR_DATA, cases[i].words,
            st_write_add_block (writer, cases[i].kind, cases[i].value, cases[i].domain, &id, &error));
  if (g_str_has_prefix (world->name, "2.0"))
    REFUSE (world, ST_ERROR_DATA, "VALUE has 46 characters, and the column holds 45",
            st_write_add_block (writer, ST_BLOCK_API, long_context, "carbon.super", &id, &error));
  else
    add_block (world, ST_BLOCK_API, long_context, "carbon.super");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  write_world_add ("/writes/policy/add", test_add);
  write_world_add ("/writes/policy/conditions", test_conditions);
  write_world_add ("/writes/policy/update", test_update);
  write_world_add ("/writes/policy/deployed-and-deleted", test_deployed_and_deleted);
  write_world_add ("/writes/policy/taken", test_policy_taken);
  write_world_add ("/writes/policy/that-cannot-be", test_policies_that_cannot_be);
  write_world_add ("/writes/policy/conditions-that-cannot-be", test_conditions_that_cannot_be);
  write_world_add ("/writes/block/add-switch-delete", test_blocks);
  write_world_add ("/writes/block/that-cannot-be", test_blocks_that_cannot_be);
  return write_world_run_tests ();
}
