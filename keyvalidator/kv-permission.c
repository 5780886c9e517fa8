#include "config.h"
#include "keyvalidator/kv-permission.h"

#include "core/core-permission.h"

gboolean
kv_permission_of_user (StUserStore *users, gint tenant_id, const char *user_domain, const char *name,
                       const char *resource_id, gint64 deadline_us, gboolean *allowed, GError **error)
{
  const char *const resource_ids[] = { resource_id, NULL };
  const char *const everyone[] = { CORE_ROLE_EVERYONE, NULL };
  g_autoptr (GPtrArray) permissions = NULL;
  g_auto (GStrv) roles = NULL;

  *allowed = FALSE;
  if (!st_user_store_find_roles (users, tenant_id, user_domain, name, deadline_us, &roles, error)
      || !st_user_store_find_permissions (users, tenant_id, CORE_ACTION_EXECUTE, resource_ids, deadline_us,
                                          &permissions, error))
    return FALSE;
  *allowed = core_permission_allows (permissions, (const char *const *) roles, resource_id)
             || core_permission_allows (permissions, everyone, resource_id);
  return TRUE;
}
