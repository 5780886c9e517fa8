/* Tiers: what plans, applications and resources are limited to, under the names that subscriptions,
 * applications and APIs hold (spec/publisher-store-workflows.md 8, spec/databases.md 11). With advanced
 * throttling a tier is a policy of the database; without it, and before 2.0, the tiers of 1.x that are known
 * here, whose numbers are in WSO2's registry. Threads: pure functions, and those of a StWriter. */
#ifndef CORE_TIER_H
#define CORE_TIER_H

#include "store/st-policy-writes.h"

G_BEGIN_DECLS

#define CORE_TIER_UNLIMITED "Unlimited"
/* What callers without a token get; nobody can choose it. */
#define CORE_TIER_UNAUTHENTICATED "Unauthenticated"

/* The levels of REST v0.14's /tiers/{level}. */
typedef enum
{
  CORE_TIER_API,         /* "api": of subscriptions */
  CORE_TIER_APPLICATION, /* "application" */
  CORE_TIER_RESOURCE,    /* "resource": of an API or one of its resources */
  CORE_N_TIER_LEVELS,
} CoreTierLevel;

const char *core_tier_level_text (CoreTierLevel level);
gboolean core_tier_level_parse (const char *text, CoreTierLevel *level);
StPolicyKind core_tier_policy_kind (CoreTierLevel level);

/* A tier that is there without a row: of 1.x, or of a tenant whose rows nobody has made yet. */
typedef struct
{
  const char *name;
  const char *description;
  gint64 quota; /* requests per minute; G_MAXINT32: unlimited */
} CoreBuiltInTier;

/* @advanced: those that a tenant of 2.x begins with (11.1), else those of 1.x (11.2), "Unlimited" included.
 * Ends with one without a name. */
const CoreBuiltInTier *core_tier_built_in (CoreTierLevel level, gboolean advanced);

/* Whether the tenant's tiers are rows: those of 2.x are there once somebody made "Unlimited" of applications. */
gboolean core_tier_has_rows (StWriter *writer, gint tenant_id, gboolean *rows, GError **error);

/* Within a write: the policies that a tenant of 2.x begins with, where it has none yet, as a WSO2 node writes
 * them when it loads the tenant; without rows the Key Manager knows no tier and refuses every call. What
 * somebody deleted later does not come back. Nothing without @advanced throttling, and before 2.0. */
gboolean core_tier_write_defaults (StWriter *writer, gboolean advanced, gint tenant_id, GError **error);

/* Within a write: whether @name, exactly, is a tier of the tenant, which gets its first ones for the question;
 * the tier stays until the end of the transaction. @advanced: the portal's advanced_throttling. */
gboolean core_tier_exists (StWriter *writer, gboolean advanced, CoreTierLevel level, gint tenant_id,
                           const char *name, gboolean *exists, GError **error);

/* Whether a user with @roles may use the tier of a subscription: AM_THROTTLE_TIER_PERMISSIONS, before 2.0
 * AM_TIER_PERMISSIONS. A tier that nobody restricted is everybody's. */
gboolean core_tier_is_allowed (StWriter *writer, gboolean advanced, gint tenant_id, const char *name,
                               const char *const *roles, gboolean *allowed, GError **error);

G_END_DECLS
#endif
