#include "config.h"
#include "portal/pt-tiers.h"

#include "portal/pt-error.h"

gboolean
pt_tiers_read_level (const char *text, CoreTierLevel last, CoreTierLevel *level, GError **error)
{
  if (core_tier_level_parse (text, level) && *level <= last)
    return TRUE;
  return pt_fail (error, PT_ERROR_NOT_FOUND, "There are no tiers of the level \"%s\".", text);
}

static gint
tenant_of (const PtRequest *request, CoreAudience audience)
{
  return audience == CORE_AUDIENCE_STORE ? request->tenant->id : request->actor->tenant_id;
}

static void
append_item (GString *json, gconstpointer item, const PtRequest *request)
{
  CoreTierLevel level = CORE_TIER_API;

  core_tier_level_parse (request->parameters[0], &level);
  pt_json_tier_append (json, item, level);
}

gboolean
pt_tiers_list (PtRequest *request, PtAnswer *answer, CoreAudience audience, CoreTierLevel last, GError **error)
{
  g_autoptr (GPtrArray) tiers = NULL;
  CoreTierLevel level;
  StPage page;

  if (!pt_tiers_read_level (request->parameters[0], last, &level, error) || !pt_request_page (request, &page, error)
      || !core_tier_list (&request->core, request->actor, audience, level, tenant_of (request, audience), &tiers,
                          error))
    return FALSE;
  pt_page_answer_part (request, answer, &page, tiers, append_item);
  return TRUE;
}

gboolean
pt_tiers_get (PtRequest *request, PtAnswer *answer, CoreAudience audience, CoreTierLevel last, GError **error)
{
  g_autoptr (StPolicyRecord) tier = NULL;
  g_autofree char *etag = NULL;
  CoreTierLevel level;

  if (!pt_tiers_read_level (request->parameters[0], last, &level, error)
      || !core_tier_get (&request->core, request->actor, audience, level, tenant_of (request, audience),
                         request->parameters[1], &tier, error))
    return FALSE;
  etag = core_policy_etag (tier);
  pt_json_tier_append (answer->json, tier, level);
  pt_answer_set_etag (answer, etag);
  return TRUE;
}
