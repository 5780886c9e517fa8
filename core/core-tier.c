#include "config.h"
#include "core/core-tier.h"

#include "store/st-policy-record.h"
#include "store/st-records.h"
#include "store/st-tier-permission.h"

#include <string.h>

static const char *const level_texts[CORE_N_TIER_LEVELS] = { "api", "application", "resource" };

const char *
core_tier_level_text (CoreTierLevel level)
{
  return level_texts[level];
}

gboolean
core_tier_level_parse (const char *text, CoreTierLevel *level)
{
  for (guint i = 0; i < CORE_N_TIER_LEVELS; i++)
    if (g_strcmp0 (text, level_texts[i]) == 0)
      {
        *level = i;
        return TRUE;
      }
  return FALSE;
}

StPolicyKind
core_tier_policy_kind (CoreTierLevel level)
{
  static const StPolicyKind kinds[CORE_N_TIER_LEVELS]
      = { ST_POLICY_SUBSCRIPTION, ST_POLICY_APPLICATION, ST_POLICY_API };

  return kinds[level];
}

#define UNLIMITED                                                                                            \
  {                                                                                                          \
    CORE_TIER_UNLIMITED, "Allows unlimited requests", G_MAXINT32                                             \
  }

static const CoreBuiltInTier api_tiers[] = {
  { "Gold", "Allows 5000 requests per minute", 5000 },
  { "Silver", "Allows 2000 requests per minute", 2000 },
  { "Bronze", "Allows 1000 requests per minute", 1000 },
  { CORE_TIER_UNAUTHENTICATED, "Allows 500 request(s) per minute", 500 },
  UNLIMITED,
  { NULL },
};
static const CoreBuiltInTier application_tiers[] = {
  { "50PerMin", "Allows 50 request per minute", 50 },
  { "20PerMin", "Allows 20 request per minute", 20 },
  { "10PerMin", "Allows 10 request per minute", 10 },
  UNLIMITED,
  { NULL },
};
static const CoreBuiltInTier resource_tiers[] = {
  { "50KPerMin", "Allows 50000 requests per minute", 50000 },
  { "20KPerMin", "Allows 20000 requests per minute", 20000 },
  { "10KPerMin", "Allows 10000 requests per minute", 10000 },
  UNLIMITED,
  { NULL },
};
/* 1.9 has one list for everything; 1.10 three. So all levels know the first. */
#define TIERS_OF_1_9                                                                                         \
  { "Gold", "Allows 20 request(s) per minute.", 20 }, { "Silver", "Allows 5 request(s) per minute.", 5 },    \
      { "Bronze", "Allows 1 request(s) per minute.", 1 },                                                    \
  {                                                                                                          \
    CORE_TIER_UNAUTHENTICATED, "Allows 60 request(s) per minute.", 60                                        \
  }
static const CoreBuiltInTier old_api_tiers[] = { TIERS_OF_1_9, UNLIMITED, { NULL } };
static const CoreBuiltInTier old_application_tiers[] = {
  { "Large", "Allows 20 request(s) per minute.", 20 },
  { "Medium", "Allows 5 request(s) per minute.", 5 },
  { "Small", "Allows 1 request(s) per minute.", 1 },
  TIERS_OF_1_9,
  UNLIMITED,
  { NULL },
};
static const CoreBuiltInTier old_resource_tiers[] = {
  { "Ultimate", "Allows 20 request(s) per minute.", 20 },
  { "Plus", "Allows 5 request(s) per minute.", 5 },
  { "Basic", "Allows 1 request(s) per minute.", 1 },
  TIERS_OF_1_9,
  UNLIMITED,
  { NULL },
};

const CoreBuiltInTier *
core_tier_built_in (CoreTierLevel level, gboolean advanced)
{
  static const CoreBuiltInTier *const tiers[2][CORE_N_TIER_LEVELS]
      = { { old_api_tiers, old_application_tiers, old_resource_tiers },
          { api_tiers, application_tiers, resource_tiers } };

  return tiers[advanced ? 1 : 0][level];
}

static gboolean
is_built_in (CoreTierLevel level, gboolean advanced, const char *name)
{
  for (const CoreBuiltInTier *tier = core_tier_built_in (level, advanced); tier->name != NULL; tier++)
    if (strcmp (tier->name, name) == 0)
      return TRUE;
  return FALSE;
}

/* One that the tenant has already, in whatever case its database compares names, stays. */
static gboolean
add_built_in (StWriter *writer, CoreTierLevel level, gint tenant_id, const CoreBuiltInTier *tier, GError **error)
{
  const StPolicy policy = { .kind = core_tier_policy_kind (level),
                            .tenant_id = tenant_id,
                            .name = tier->name,
                            .description = tier->description,
                            .quota = { tier->quota, NULL, 1, "min" },
                            .deployed = tenant_id == ST_SUPER_TENANT_ID,
                            .stop_on_quota_reach = level == CORE_TIER_API };
  g_autoptr (GError) why = NULL;
  gint64 policy_id;

  if (st_write_add_policy (writer, &policy, &policy_id, &why) || g_error_matches (why, ST_ERROR, ST_ERROR_CONFLICT))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&why));
  return FALSE;
}

gboolean
core_tier_has_rows (StWriter *writer, gint tenant_id, gboolean *rows, GError **error)
{
  g_autoptr (StPolicyRecord) found = NULL;

  /* Without a lock: readers ask, too. */
  *rows = FALSE;
  if (!st_policy_record_find_named (writer, ST_POLICY_APPLICATION, tenant_id, CORE_TIER_UNLIMITED, &found, error))
    return FALSE;
  *rows = found != NULL;
  return TRUE;
}

gboolean
core_tier_write_defaults (StWriter *writer, gboolean advanced, gint tenant_id, GError **error)
{
  gboolean rows;

  if (!advanced || !st_writer_has (writer, ST_CAP_POLICIES))
    return TRUE;
  if (!core_tier_has_rows (writer, tenant_id, &rows, error))
    return FALSE;
  for (guint level = 0; level < CORE_N_TIER_LEVELS && !rows; level++)
    for (const CoreBuiltInTier *tier = core_tier_built_in (level, TRUE); tier->name != NULL; tier++)
      if (!add_built_in (writer, level, tenant_id, tier, error))
        return FALSE;
  return TRUE;
}

gboolean
core_tier_exists (StWriter *writer, gboolean advanced, CoreTierLevel level, gint tenant_id, const char *name,
                  gboolean *exists, GError **error)
{
  if (advanced && st_writer_has (writer, ST_CAP_POLICIES))
    return core_tier_write_defaults (writer, advanced, tenant_id, error)
           && st_policy_exists (writer, core_tier_policy_kind (level), tenant_id, name, exists, error);
  *exists = is_built_in (level, FALSE, name);
  return TRUE;
}

gboolean
core_tier_is_allowed (StWriter *writer, gboolean advanced, gint tenant_id, const char *name,
                      const char *const *roles, gboolean *allowed, GError **error)
{
  g_autoptr (StTierPermission) permission = NULL;
  gboolean held = FALSE;

  if (!st_tier_permission_find (writer, advanced, tenant_id, name, &permission, error))
    return FALSE;
  for (guint i = 0; permission != NULL && permission->roles[i] != NULL && !held; i++)
    for (guint j = 0; roles[j] != NULL && !held; j++)
      held = g_ascii_strcasecmp (permission->roles[i], roles[j]) == 0;
  *allowed = permission == NULL || held == permission->allows;
  return TRUE;
}
