#include "config.h"
#include "core/core-tier-list.h"

#include "core/core-policy.h"
#include "store/st-tier-permission.h"

#include <string.h>

typedef struct
{
  const CorePortal *portal;
  const CoreActor *actor;
  CoreAudience audience;
  CoreTierLevel level;
  gint tenant_id;
  GPtrArray *tiers;
} Question;

static void
add_built_in (const Question *question, gboolean advanced)
{
  for (const CoreBuiltInTier *tier = core_tier_built_in (question->level, advanced); tier->name != NULL; tier++)
    {
      const StPolicy policy = { .kind = core_tier_policy_kind (question->level),
                                .tenant_id = question->tenant_id,
                                .name = tier->name,
                                .display_name = tier->name,
                                .description = tier->description,
                                .quota = { tier->quota, NULL, advanced ? 1 : 60000, advanced ? "min" : "ms" },
                                .stop_on_quota_reach = TRUE,
                                .billing_plan = "FREE" };

      g_ptr_array_add (question->tiers, st_policy_record_new (&policy));
    }
}

/* What a caller of the Store may not choose is hidden from him. */
static gboolean
is_shown (StWriter *writer, const Question *question, const char *name, gboolean *shown, GError **error)
{
  *shown = g_strcmp0 (name, CORE_TIER_UNAUTHENTICATED) != 0;
  if (!*shown || question->level != CORE_TIER_API || question->audience != CORE_AUDIENCE_STORE)
    return TRUE;
  return core_tier_is_allowed (writer, question->portal->advanced_throttling, question->tenant_id, name,
                               (const char *const *)question->actor->roles, shown, error);
}

static gboolean
hide (StWriter *writer, Question *question, GError **error)
{
  for (guint i = question->tiers->len; i > 0; i--)
    {
      const StPolicyRecord *tier = question->tiers->pdata[i - 1];
      gboolean shown;

      if (!is_shown (writer, question, tier->policy.name, &shown, error))
        return FALSE;
      if (!shown)
        g_ptr_array_remove_index (question->tiers, i - 1);
    }
  return TRUE;
}

static gint
compare_names (gconstpointer a, gconstpointer b)
{
  return g_strcmp0 ((*(const StPolicyRecord *const *)a)->policy.name,
                    (*(const StPolicyRecord *const *)b)->policy.name);
}

static gboolean
list (StWriter *writer, gpointer data, GError **error)
{
  Question *question = data;
  gboolean policies = question->portal->advanced_throttling && st_writer_has (writer, ST_CAP_POLICIES);
  gboolean rows = FALSE;

  g_clear_pointer (&question->tiers, g_ptr_array_unref);
  if (policies && !core_tier_has_rows (writer, question->tenant_id, &rows, error))
    return FALSE;
  if (rows)
    {
      if (!st_policy_record_list (writer, core_tier_policy_kind (question->level), question->tenant_id,
                                  &question->tiers, error))
        return FALSE;
    }
  else
    {
      question->tiers = g_ptr_array_new_with_free_func ((GDestroyNotify)st_policy_record_free);
      add_built_in (question, policies);
    }
  g_ptr_array_sort (question->tiers, compare_names);
  return hide (writer, question, error);
}

static gboolean
check_audience (const CoreActor *actor, CoreAudience audience, GError **error)
{
  return audience == CORE_AUDIENCE_STORE || core_policy_check_viewer (actor, error);
}

gboolean
core_tier_list (const CorePortal *portal, const CoreActor *actor, CoreAudience audience, CoreTierLevel level,
                gint tenant_id, GPtrArray **tiers, GError **error)
{
  Question question
      = { .portal = portal, .actor = actor, .audience = audience, .level = level, .tenant_id = tenant_id };
  gboolean done = check_audience (actor, audience, error) && core_portal_read (portal, list, &question, error);

  if (!done)
    g_clear_pointer (&question.tiers, g_ptr_array_unref);
  *tiers = question.tiers;
  return done;
}

gboolean
core_tier_get (const CorePortal *portal, const CoreActor *actor, CoreAudience audience, CoreTierLevel level,
               gint tenant_id, const char *name, StPolicyRecord **found, GError **error)
{
  g_autoptr (GPtrArray) tiers = NULL;

  *found = NULL;
  if (!core_tier_list (portal, actor, audience, level, tenant_id, &tiers, error))
    return FALSE;
  for (guint i = 0; i < tiers->len && *found == NULL; i++)
    if (g_strcmp0 (((StPolicyRecord *)tiers->pdata[i])->policy.name, name) == 0)
      *found = g_ptr_array_steal_index (tiers, i);
  return *found != NULL
         || core_portal_fail (error, CORE_PORTAL_ERROR_NOT_FOUND, "there is no %s tier %s",
                              core_tier_level_text (level), name);
}

typedef struct
{
  const CorePortal *portal;
  const CoreActor *actor;
  const char *name;
  gboolean allows;
  const char *const *roles;
} Permission;

static gboolean
set_permission (StWriter *writer, gpointer data, GError **error)
{
  const Permission *permission = data;
  gboolean advanced = permission->portal->advanced_throttling;
  gint tenant_id = permission->actor->tenant_id;
  gboolean exists;

  if (!core_tier_exists (writer, advanced, CORE_TIER_API, tenant_id, permission->name, &exists, error))
    return FALSE;
  if (!exists || strcmp (permission->name, CORE_TIER_UNAUTHENTICATED) == 0)
    return core_portal_fail (error, CORE_PORTAL_ERROR_NOT_FOUND, "there is no api tier %s", permission->name);
  return st_write_tier_permission (writer, advanced, tenant_id, permission->name, permission->allows,
                                   permission->roles, error);
}

gboolean
core_tier_set_permission (const CorePortal *portal, const CoreActor *actor, const char *name, gboolean allows,
                          const char *const *roles, GError **error)
{
  Permission permission = { portal, actor, name, allows, roles };
  g_autoptr (GPtrArray) violations = core_violations_new ();
  g_autofree char *joined = g_strjoinv (",", (char **)roles);
  g_autofree char *details = g_strdup_printf ("%s %s", allows ? "allow" : "deny", joined);

  if (!core_actor_require (actor, CORE_MAY_MANAGE_TIERS, "say whose a tier is", error))
    return FALSE;
  for (guint i = 0; roles[i] != NULL; i++)
    if (*roles[i] == '\0' || strchr (roles[i], ',') != NULL)
      core_violations_add (violations, "roles", "\"%s\" is no name of a role", roles[i]);
  core_violations_check_text (violations, "roles", joined, 512);
  if (!core_violations_check (violations, error)
      || !core_portal_write (portal, set_permission, &permission, error))
    return FALSE;
  core_portal_audit (portal, actor, "update", "tier permission", name, details);
  return TRUE;
}
