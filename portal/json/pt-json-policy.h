/* Throttling policies and block conditions as the admin API of REST writes and reads them (the definitions
 * ApplicationThrottlePolicy, SubscriptionThrottlePolicy, AdvancedThrottlePolicy, CustomRule and
 * BlockingCondition of admin-api.yaml v0.14). Threads: pure functions. */
#ifndef PT_JSON_POLICY_H
#define PT_JSON_POLICY_H

#include "core/core-block-condition.h"
#include "core/core-policy.h"
#include "portal/json/pt-json.h"

G_BEGIN_DECLS

/* The UUID, or the number of a row without. Free with g_free(). */
char *pt_json_policy_id (const StPolicyRecord *record);

/* @whole: with the condition groups of an advanced policy, which lists leave out. */
void pt_json_policy_append (GString *json, const StPolicyRecord *record, gboolean whole);

/* What a body says of a policy. Owns what @policy borrows. */
typedef struct
{
  StPolicy policy;
  GPtrArray *texts;
} PtPolicyBody;

void pt_policy_body_clear (PtPolicyBody *body);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PtPolicyBody, pt_policy_body_clear)

/* FALSE with CORE_PORTAL_ERROR_INVALID: members that are missing or of the wrong type. isDeployed and policyId
 * are not looked at. */
gboolean pt_json_policy_read (const CoreJsonNode *node, StPolicyKind kind, PtPolicyBody *body, GError **error);

char *pt_json_block_condition_id (const StBlockRecord *record);
/* Additional: conditionStatus. @tenant_domain: whose it is. */
void pt_json_block_condition_append (GString *json, const StBlockRecord *record, const char *tenant_domain);

G_END_DECLS
#endif
