/* Tiers as the Publisher and the Store show them, on every release's tables. */
#include "config.h"

#include "core/core-policy.h"
#include "core/core-tier-list.h"
#include "tests/lib/portal-world.h"

#include <string.h>

/* The names of what is shown, joined by blanks. */
static char *
names (PortalWorld *of, const CoreActor *actor, CoreAudience audience, CoreTierLevel level, gint tenant_id)
{
  g_autoptr (GPtrArray) tiers = NULL;
  GString *joined = g_string_new (NULL);

  PORTAL_DO (core_tier_list (&of->portal, actor, audience, level, tenant_id, &tiers, &error));
  for (guint i = 0; i < tiers->len; i++)
    g_string_append_printf (joined, "%s%s", i > 0 ? " " : "", ((StPolicyRecord *)tiers->pdata[i])->policy.name);
  return g_string_free (joined, FALSE);
}

static void
assert_names (PortalWorld *of, const CoreActor *actor, CoreAudience audience, CoreTierLevel level, gint tenant_id,
              const char *expected)
{
  g_autofree char *shown = names (of, actor, audience, level, tenant_id);

  g_assert_cmpstr (shown, ==, expected);
}

/* Nothing is written for a question, and the answer is the same before there are rows and with them. */
static void
test_list (WriteWorld *world)
{
  static const char *const advanced[] = { "Bronze Gold Silver Unlimited", "10PerMin 20PerMin 50PerMin Unlimited",
                                          "10KPerMin 20KPerMin 50KPerMin Unlimited" };
  static const char *const old[] = { "Bronze Gold Silver Unlimited", "Bronze Gold Large Medium Silver Small Unlimited",
                                     "Basic Bronze Gold Plus Silver Ultimate Unlimited" };
  g_autoptr (PortalWorld) of = portal_world_new (world);
  gboolean policies = write_world_has (world, ST_CAP_POLICIES);
  const char *const *expected = policies ? advanced : old;

  for (guint round = 0; round < (policies ? 2 : 1); round++)
    {
      for (guint level = 0; level < CORE_N_TIER_LEVELS; level++)
        {
          assert_names (of, of->publisher, CORE_AUDIENCE_PUBLISHER, level, -1234, expected[level]);
          assert_names (of, of->visitor, CORE_AUDIENCE_STORE, level, -1234, expected[level]);
        }
      if (policies && round == 0)
        {
          g_assert_cmpint (write_world_number (world, "SELECT COUNT(*) FROM AM_POLICY_SUBSCRIPTION"), ==, 0);
          WRITE (world, core_tier_write_defaults (writer, TRUE, -1234, &error));
        }
    }
  of->portal.advanced_throttling = FALSE;
  assert_names (of, of->publisher, CORE_AUDIENCE_PUBLISHER, CORE_TIER_APPLICATION, -1234, old[1]);
}

static void
test_what_somebody_made (WriteWorld *world)
{
  const StPolicy mine = { .kind = ST_POLICY_SUBSCRIPTION, .name = "Mine", .quota = { 3, "MB", 2, "hour" },
                          .billing_plan = "COMMERCIAL" };
  g_autoptr (PortalWorld) of = portal_world_new (world);
  g_autoptr (StPolicyRecord) created = NULL;
  g_autoptr (StPolicyRecord) found = NULL;
  g_autoptr (StPolicyRecord) none = NULL;

  if (!write_world_has (world, ST_CAP_POLICIES))
    return;
  PORTAL_DO (core_policy_create (&of->portal, of->admin, &mine, &created, &error));
  PORTAL_DO (core_tier_get (&of->portal, of->alice, CORE_AUDIENCE_STORE, CORE_TIER_API, -1234, "Mine", &found, &error));
  g_assert_cmpstr (found->uuid, ==, created->uuid);
  g_assert_cmpint (found->policy.quota.amount, ==, 3);
  g_assert_cmpstr (found->policy.billing_plan, ==, "COMMERCIAL");
  PORTAL_REFUSE (CORE_PORTAL_ERROR_NOT_FOUND, "there is no api tier mine",
                 core_tier_get (&of->portal, of->alice, CORE_AUDIENCE_STORE, CORE_TIER_API, -1234, "mine", &none,
                                &error));
  PORTAL_REFUSE (CORE_PORTAL_ERROR_NOT_FOUND, "there is no api tier Mine",
                 core_tier_get (&of->portal, of->alice, CORE_AUDIENCE_STORE, CORE_TIER_API, 7, "Mine", &none, &error));
  PORTAL_REFUSE (CORE_PORTAL_ERROR_NOT_FOUND, "there is no api tier Unauthenticated",
                 core_tier_get (&of->portal, of->admin, CORE_AUDIENCE_PUBLISHER, CORE_TIER_API, -1234,
                                "Unauthenticated", &none, &error));
  PORTAL_REFUSE (CORE_PORTAL_ERROR_FORBIDDEN, "alice may not",
                 core_tier_get (&of->portal, of->alice, CORE_AUDIENCE_PUBLISHER, CORE_TIER_API, -1234, "Mine", &none,
                                &error));
}

static void
test_permission (WriteWorld *world)
{
  static const char *const subscribers[] = { "Internal/subscriber", "partner", NULL };
  static const char *const nobody[] = { NULL };
  static const char *const commas[] = { "a,b", NULL };
  g_autoptr (PortalWorld) of = portal_world_new (world);

  PORTAL_REFUSE (CORE_PORTAL_ERROR_FORBIDDEN, "paula may not",
                 core_tier_set_permission (&of->portal, of->publisher, "Gold", FALSE, subscribers, &error));
  PORTAL_REFUSE (CORE_PORTAL_ERROR_NOT_FOUND, "there is no api tier Tin",
                 core_tier_set_permission (&of->portal, of->admin, "Tin", FALSE, subscribers, &error));
  PORTAL_REFUSE (CORE_PORTAL_ERROR_INVALID, "no name of a role",
                 core_tier_set_permission (&of->portal, of->admin, "Gold", FALSE, commas, &error));
  PORTAL_DO (core_tier_set_permission (&of->portal, of->admin, "Gold", FALSE, subscribers, &error));
  assert_names (of, of->alice, CORE_AUDIENCE_STORE, CORE_TIER_API, -1234, "Bronze Silver Unlimited");
  assert_names (of, of->publisher, CORE_AUDIENCE_PUBLISHER, CORE_TIER_API, -1234, "Bronze Gold Silver Unlimited");
  PORTAL_DO (core_tier_set_permission (&of->portal, of->admin, "Gold", TRUE, subscribers, &error));
  assert_names (of, of->alice, CORE_AUDIENCE_STORE, CORE_TIER_API, -1234, "Bronze Gold Silver Unlimited");
  assert_names (of, of->visitor, CORE_AUDIENCE_STORE, CORE_TIER_API, -1234, "Bronze Silver Unlimited");
  PORTAL_DO (core_tier_set_permission (&of->portal, of->admin, "Gold", TRUE, nobody, &error));
  assert_names (of, of->visitor, CORE_AUDIENCE_STORE, CORE_TIER_API, -1234, "Bronze Gold Silver Unlimited");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  write_world_add ("/tiers/list", test_list);
  write_world_add_few ("/tiers/what-somebody-made", test_what_somebody_made);
  write_world_add_few ("/tiers/permission", test_permission);
  return write_world_run_tests ();
}
