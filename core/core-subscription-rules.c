#include "config.h"
#include "core/core-subscription-rules.h"

#include "core/core-portal.h"
#include "core/core-tier.h"

#include <string.h>

static gboolean
is_named (const char *const *list, const char *text)
{
  for (guint i = 0; list != NULL && list[i] != NULL; i++)
    if (g_ascii_strcasecmp (list[i], text) == 0)
      return TRUE;
  return FALSE;
}

/* By the domain: of a tenant's API not more is known everywhere. */
static gboolean
is_of_tenant (const CoreActor *actor, const CoreApi *api)
{
  return g_strcmp0 (actor->tenant_domain, api->tenant_domain) == 0;
}

gboolean
core_subscription_sees_api (const CoreActor *actor, const CoreApi *api)
{
  const char *visibility = api->visibility != NULL ? api->visibility : "public";
  gboolean same_tenant = is_of_tenant (actor, api);

  if (strcmp (visibility, "public") == 0
      || (!core_actor_is_visitor (actor) && g_strcmp0 (actor->name, api->provider) == 0))
    return TRUE;
  if (strcmp (visibility, "private") == 0)
    return same_tenant && !core_actor_is_visitor (actor);
  /* The roles of another tenant are other roles, whatever they are called. */
  if (strcmp (visibility, "restricted") == 0)
    return same_tenant && core_actor_has_role (actor, (const char *const *)api->visible_roles);
  if (strcmp (visibility, "controlled") == 0)
    return same_tenant || is_named ((const char *const *)api->visible_tenants, actor->tenant_domain);
  return FALSE;
}

gboolean
core_subscription_is_available (const CoreActor *actor, const CoreApi *api)
{
  const char *availability = api->subscription_availability;

  if (is_of_tenant (actor, api) || g_strcmp0 (availability, "all_tenants") == 0)
    return TRUE;
  return g_strcmp0 (availability, "specific_tenants") == 0
         && is_named ((const char *const *)api->subscription_tenants, actor->tenant_domain);
}

static gboolean
offers_tier (const CoreApi *api, const char *tier)
{
  /* An API that was found without its artifact has no list: what the tenant has is offered. */
  return api->uuid == NULL || (api->tiers != NULL && g_strv_contains ((const char *const *)api->tiers, tier));
}

gboolean
core_subscription_check (const CoreActor *actor, const CoreApi *api, const char *tier, GError **error)
{
  g_autoptr (GPtrArray) violations = core_violations_new ();
  g_autofree char *label = core_api_label (api);

  if (!core_subscription_sees_api (actor, api))
    return core_portal_fail (error, CORE_PORTAL_ERROR_NOT_FOUND, "there is no API %s in the Store", label);
  if (g_strcmp0 (api->status, "PUBLISHED") != 0)
    return core_portal_fail (error, CORE_PORTAL_ERROR_CONFLICT,
                             "Subscriptions not allowed on APIs in the state: %s", api->status);
  if (!core_subscription_is_available (actor, api))
    return core_portal_fail (error, CORE_PORTAL_ERROR_FORBIDDEN,
                             "Subscription is not allowed for users of %s: the API %s is for other tenants",
                             actor->tenant_domain, label);
  if (tier == NULL || *tier == '\0')
    core_violations_add (violations, "tier", "No tier is given for the subscription");
  else if (!offers_tier (api, tier) || strcmp (tier, CORE_TIER_UNAUTHENTICATED) == 0)
    core_violations_add (violations, "tier", "Tier %s is not allowed for the API %s", tier, label);
  return core_violations_check (violations, error);
}
