/* Tiers as the publisher and store APIs of REST write and read them (the definition Tier of publisher-api.yaml
 * v0.14). Threads: pure functions. */
#ifndef PT_JSON_TIER_H
#define PT_JSON_TIER_H

#include "core/core-tier-list.h"
#include "portal/json/pt-json-policy.h"

G_BEGIN_DECLS

/* requestCount of a tier that counts data is the amount of data, as WSO2 answers it. */
void pt_json_tier_append (GString *json, const StPolicyRecord *record, CoreTierLevel level);

/* A policy of subscriptions. FALSE with CORE_PORTAL_ERROR_INVALID: members that are missing or of the wrong
 * type. unitTime is in milliseconds where there is no timeUnit. */
gboolean pt_json_tier_read (const CoreJsonNode *node, PtPolicyBody *body, GError **error);

/* {"permissionType": "allow" or "deny", "roles": [...]}. *roles: (transfer full). */
gboolean pt_json_tier_permission_read (const CoreJsonNode *node, gboolean *allows, char ***roles,
                                       GError **error);

G_END_DECLS
#endif
