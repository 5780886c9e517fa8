/* The tiers of subscriptions and applications, which anybody may read. */
#include "config.h"
#include "portal/store/pt-store.h"

#include "portal/pt-tiers.h"

static gboolean
list_tiers (PtRequest *request, PtAnswer *answer, GError **error)
{
  return pt_tiers_list (request, answer, CORE_AUDIENCE_STORE, CORE_TIER_APPLICATION, error);
}

static gboolean
get_tier (PtRequest *request, PtAnswer *answer, GError **error)
{
  return pt_tiers_get (request, answer, CORE_AUDIENCE_STORE, CORE_TIER_APPLICATION, error);
}

const PtRoute pt_store_tiers[] = {
  { "GET", "/tiers/{tierLevel}", NULL, PT_BODY_NONE, FALSE, list_tiers },
  { "GET", "/tiers/{tierLevel}/{tierName}", NULL, PT_BODY_NONE, FALSE, get_tier },
  { NULL },
};
