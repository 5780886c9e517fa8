/* Tiers of subscriptions on the Publisher's pages: what there are, and whose they are. */
#include "config.h"
#include "portal/jaggery/pt-page-tables.h"

#include "core/core-api.h"
#include "core/core-json.h"
#include "core/core-tier-list.h"

static gboolean
get_tiers (PtPageCall *call, GError **error)
{
  g_autoptr (GPtrArray) tiers = NULL;

  if (!core_tier_list (&call->portal->core, call->actor, CORE_AUDIENCE_PUBLISHER, CORE_TIER_API,
                       call->actor->tenant_id, &tiers, error))
    return FALSE;
  core_json_append_name (call->json, "tiers");
  g_string_append_c (call->json, '[');
  for (guint i = 0; i < tiers->len; i++)
    {
      const StPolicy *policy = &((const StPolicyRecord *)tiers->pdata[i])->policy;

      g_string_append (call->json, i > 0 ? ",{" : "{");
      core_json_append_member (call->json, "tierName", policy->name);
      core_json_append_member (call->json, "tierDisplayName",
                               policy->display_name != NULL ? policy->display_name : policy->name);
      core_json_append_member (call->json, "tierDescription",
                               policy->description != NULL ? policy->description : "");
      core_json_append_int64 (call->json, "tierSortKey", policy->quota.amount);
      g_string_append_c (call->json, '}');
    }
  g_string_append_c (call->json, ']');
  return TRUE;
}

/* The form has "allow" and "deny" in any case, and roles with commas. */
static gboolean
update_permissions (PtPageCall *call, GError **error)
{
  static const char *const nobody[] = { NULL };
  const char *name = pt_fields_need (call->fields, "tierName", error);
  const char *type = name != NULL ? pt_fields_need (call->fields, "permissiontype", error) : NULL;
  g_auto (GStrv) roles = core_api_list_from_text (pt_fields_get (call->fields, "roles"), ",");
  gboolean allows = type != NULL && g_ascii_strcasecmp (type, "allow") == 0;

  if (type == NULL)
    return FALSE;
  if (!allows && g_ascii_strcasecmp (type, "deny") != 0)
    return core_portal_fail (error, CORE_PORTAL_ERROR_INVALID, "The permissiontype must be allow or deny");
  return core_tier_set_permission (&call->portal->core, call->actor, name, allows,
                                   roles != NULL ? (const char *const *)roles : nobody, error);
}

const PtPageRow pt_publisher_page_tiers[] = {
  { "item-add/ajax/add.jag", "getTiers", PT_PAGE_TIMEOUT, PT_PAGE_TEXT | PT_PAGE_READS, get_tiers },
  { "tiers/ajax/tiers.jag", "updatePermissions", PT_PAGE_TIMEOUT, PT_PAGE_TEXT, update_permissions },
  { NULL },
};
