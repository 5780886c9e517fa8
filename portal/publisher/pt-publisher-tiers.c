/* Tiers of all levels, read; those of subscriptions made and changed as the policies that they are. */
#include "config.h"
#include "portal/publisher/pt-publisher.h"

#include "portal/pt-tiers.h"

#define VIEW "apim:tier_view"
#define MANAGE "apim:tier_manage"

static gboolean
list_tiers (PtRequest *request, PtAnswer *answer, GError **error)
{
  return pt_tiers_list (request, answer, CORE_AUDIENCE_PUBLISHER, CORE_TIER_RESOURCE, error);
}

static gboolean
get_tier (PtRequest *request, PtAnswer *answer, GError **error)
{
  return pt_tiers_get (request, answer, CORE_AUDIENCE_PUBLISHER, CORE_TIER_RESOURCE, error);
}

/* v0.14 writes tiers of subscriptions only. */
static gboolean
check_writable (const PtRequest *request, GError **error)
{
  CoreTierLevel level;

  if (!pt_tiers_read_level (request->parameters[0], CORE_TIER_API, &level, error))
    return FALSE;
  return request->core.advanced_throttling
         || core_portal_fail (error, CORE_PORTAL_ERROR_CONFLICT,
                              "with EnableAdvanceThrottling off the tiers are WSO2's files in its registry, "
                              "which are not written here");
}

static void
answer_tier (PtAnswer *answer, const StPolicyRecord *tier)
{
  g_autofree char *etag = core_policy_etag (tier);

  pt_json_tier_append (answer->json, tier, CORE_TIER_API);
  pt_answer_set_etag (answer, etag);
}

static gboolean
create_tier (PtRequest *request, PtAnswer *answer, GError **error)
{
  g_auto (PtPolicyBody) body = { { 0 } };
  g_autoptr (StPolicyRecord) tier = NULL;
  g_autofree char *name = NULL;

  if (!check_writable (request, error) || !pt_json_tier_read (request->body, &body, error)
      || !core_policy_create (&request->core, request->actor, &body.policy, &tier, error))
    return FALSE;
  name = g_uri_escape_string (tier->policy.name, NULL, FALSE);
  answer_tier (answer, tier);
  pt_answer_created (answer, "/tiers/api/%s", name);
  return TRUE;
}

/* The policy behind a tier, as the writes know it. *tier: (transfer full). *etag: (transfer full): what the
 * caller saw, or what is there now. Nobody changes it in between. */
static gboolean
find_for_change (PtRequest *request, StPolicyRecord **tier, char **id, char **etag, GError **error)
{
  g_autoptr (GPtrArray) policies = NULL;

  /* The list gives a tenant its first policies. */
  if (!check_writable (request, error)
      || !core_policy_list (&request->core, request->actor, ST_POLICY_SUBSCRIPTION, &policies, error)
      || !core_tier_get (&request->core, request->actor, CORE_AUDIENCE_PUBLISHER, CORE_TIER_API,
                         request->actor->tenant_id, request->parameters[1], tier, error))
    return FALSE;
  *id = pt_json_policy_id (*tier);
  *etag = request->if_match != NULL ? g_strdup (request->if_match) : core_policy_etag (*tier);
  return TRUE;
}

/* What a tier does not show stays as it is. */
static gboolean
update_tier (PtRequest *request, PtAnswer *answer, GError **error)
{
  g_auto (PtPolicyBody) body = { { 0 } };
  g_autoptr (StPolicyRecord) before = NULL;
  g_autoptr (StPolicyRecord) tier = NULL;
  g_autofree char *id = NULL;
  g_autofree char *etag = NULL;

  if (!find_for_change (request, &before, &id, &etag, error)
      || !pt_json_tier_read (request->body, &body, error))
    return FALSE;
  if (before->policy.quota.unit != NULL)
    return core_portal_fail (error, CORE_PORTAL_ERROR_CONFLICT,
                             "the tier %s counts data, which a tier cannot say: change its policy in the "
                             "administration API",
                             before->policy.name);
  body.policy.display_name = before->policy.display_name;
  body.policy.rate_limit_count = before->policy.rate_limit_count;
  body.policy.rate_limit_unit = before->policy.rate_limit_unit;
  if (!core_policy_update (&request->core, request->actor, id, &body.policy, etag, &tier, error))
    return FALSE;
  answer_tier (answer, tier);
  return TRUE;
}

static gboolean
delete_tier (PtRequest *request, PtAnswer *answer, GError **error)
{
  g_autoptr (StPolicyRecord) tier = NULL;
  g_autofree char *id = NULL;
  g_autofree char *etag = NULL;

  return find_for_change (request, &tier, &id, &etag, error)
         && core_policy_delete (&request->core, request->actor, ST_POLICY_SUBSCRIPTION, id, etag, error);
}

static void
append_tier (GString *json, gconstpointer item, const PtRequest *request)
{
  pt_json_tier_append (json, item, CORE_TIER_API);
}

/* Answers with all tiers of the level. */
static gboolean
update_permission (PtRequest *request, PtAnswer *answer, GError **error)
{
  const char *name = pt_request_need_query (request, "tierName", error);
  const char *text = name != NULL ? pt_request_need_query (request, "tierLevel", error) : NULL;
  g_autoptr (GPtrArray) tiers = NULL;
  g_auto (GStrv) roles = NULL;
  CoreTierLevel level;
  gboolean allows;

  if (text == NULL || !pt_tiers_read_level (text, CORE_TIER_API, &level, error)
      || !pt_json_tier_permission_read (request->body, &allows, &roles, error)
      || !core_tier_set_permission (&request->core, request->actor, name, allows, (const char *const *)roles,
                                    error)
      || !core_tier_list (&request->core, request->actor, CORE_AUDIENCE_PUBLISHER, level,
                          request->actor->tenant_id, &tiers, error))
    return FALSE;
  pt_page_append_items (answer->json, request, tiers, 0, tiers->len, append_tier);
  return TRUE;
}

const PtRoute pt_publisher_tiers[] = {
  { "POST", "/tiers/update-permission", MANAGE, PT_BODY_JSON, FALSE, update_permission },
  { "GET", "/tiers/{tierLevel}", VIEW, PT_BODY_NONE, FALSE, list_tiers },
  { "POST", "/tiers/{tierLevel}", MANAGE, PT_BODY_JSON, FALSE, create_tier },
  { "GET", "/tiers/{tierLevel}/{tierName}", VIEW, PT_BODY_NONE, FALSE, get_tier },
  { "PUT", "/tiers/{tierLevel}/{tierName}", MANAGE, PT_BODY_JSON, FALSE, update_tier },
  { "DELETE", "/tiers/{tierLevel}/{tierName}", MANAGE, PT_BODY_NONE, FALSE, delete_tier },
  { NULL },
};
