#include "config.h"
#include "core/core-actor.h"

#include "core/core-permission.h"
#include "core/core-portal.h"

#define MANAGE CORE_PERMISSION_MANAGE

static const struct
{
  const char *resource_id;
  guint permission;
} tree[] = {
  { CORE_PERMISSION_LOGIN, CORE_MAY_LOGIN },         { MANAGE "/api/create", CORE_MAY_CREATE },
  { MANAGE "/api/publish", CORE_MAY_PUBLISH },       { MANAGE "/api/subscribe", CORE_MAY_SUBSCRIBE },
  { MANAGE "/manage_tiers", CORE_MAY_MANAGE_TIERS }, { MANAGE "/workflowadmin", CORE_MAY_APPROVE_WORKFLOWS },
  { MANAGE "/apim_admin", CORE_MAY_ADMINISTER },
};

static char *
full_name (const char *local_name, const StTenant *tenant)
{
  return tenant->id == ST_SUPER_TENANT_ID ? g_strdup (local_name)
                                          : g_strconcat (local_name, "@", tenant->domain, NULL);
}

static char *
local_name_of (const char *user_domain, const char *bare_name)
{
  if (user_domain == NULL || *user_domain == '\0'
      || g_ascii_strcasecmp (user_domain, ST_PRIMARY_USER_DOMAIN) == 0)
    return g_strdup (bare_name);
  return g_strconcat (user_domain, "/", bare_name, NULL);
}

/* @roles: without Internal/everyone, which is stored with nobody. */
static char **
with_everyone (const char *const *roles)
{
  GStrvBuilder *builder = g_strv_builder_new ();
  char **all;

  for (guint i = 0; roles != NULL && roles[i] != NULL; i++)
    if (g_ascii_strcasecmp (roles[i], CORE_ROLE_EVERYONE) != 0)
      g_strv_builder_add (builder, roles[i]);
  g_strv_builder_add (builder, CORE_ROLE_EVERYONE);
  all = g_strv_builder_end (builder);
  g_strv_builder_unref (builder);
  return all;
}

CoreActor *
core_actor_new (const char *user_domain, const char *bare_name, const StTenant *tenant,
                const char *const *roles, guint permissions)
{
  CoreActor *actor = g_new0 (CoreActor, 1);

  actor->bare_name = local_name_of (user_domain, bare_name);
  actor->name = full_name (actor->bare_name, tenant);
  actor->tenant_id = tenant->id;
  actor->tenant_domain = g_strdup (tenant->domain);
  actor->roles = with_everyone (roles);
  actor->permissions = permissions;
  return actor;
}

CoreActor *
core_actor_new_visitor (const StTenant *tenant)
{
  CoreActor *actor = g_new0 (CoreActor, 1);

  actor->name = g_strdup ("");
  actor->bare_name = g_strdup ("");
  actor->tenant_id = tenant->id;
  actor->tenant_domain = g_strdup (tenant->domain);
  actor->roles = g_new0 (char *, 1);
  return actor;
}

CoreActor *
core_actor_copy (const CoreActor *actor)
{
  CoreActor *copy = g_new0 (CoreActor, 1);

  copy->name = g_strdup (actor->name);
  copy->bare_name = g_strdup (actor->bare_name);
  copy->tenant_id = actor->tenant_id;
  copy->tenant_domain = g_strdup (actor->tenant_domain);
  copy->roles = g_strdupv (actor->roles);
  copy->permissions = actor->permissions;
  return copy;
}

void
core_actor_free (CoreActor *actor)
{
  if (actor == NULL)
    return;
  g_free (actor->name);
  g_free (actor->bare_name);
  g_free (actor->tenant_domain);
  g_strfreev (actor->roles);
  g_free (actor);
}

CoreActor *
core_actor_load (StUserStore *users, const char *user_domain, const char *bare_name, const StTenant *tenant,
                 gint64 deadline_us, GError **error)
{
  const char *resource_ids[G_N_ELEMENTS (tree) + 1] = { NULL };
  g_autoptr (GPtrArray) rows = NULL;
  g_autoptr (CoreActor) actor = NULL;
  g_auto (GStrv) roles = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (tree); i++)
    resource_ids[i] = tree[i].resource_id;
  if (!st_user_store_find_roles (users, tenant->id, user_domain, bare_name, deadline_us, &roles, error)
      || !st_user_store_find_permissions (users, tenant->id, CORE_ACTION_EXECUTE, resource_ids, deadline_us,
                                          &rows, error))
    return NULL;
  actor = core_actor_new (user_domain, bare_name, tenant, (const char *const *)roles, 0);
  for (guint i = 0; i < G_N_ELEMENTS (tree); i++)
    if (core_permission_allows (rows, (const char *const *)actor->roles, tree[i].resource_id))
      actor->permissions |= tree[i].permission;
  return g_steal_pointer (&actor);
}

gboolean
core_actor_may (const CoreActor *actor, guint permissions)
{
  return (actor->permissions & permissions) == permissions;
}

gboolean
core_actor_require (const CoreActor *actor, guint permissions, const char *what, GError **error)
{
  if (core_actor_may (actor, permissions))
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (tree); i++)
    if ((tree[i].permission & permissions & ~actor->permissions) != 0)
      return core_portal_fail (
          error, CORE_PORTAL_ERROR_FORBIDDEN, "%s may not %s: none of the user's roles has the permission %s",
          core_actor_is_visitor (actor) ? "a visitor" : actor->name, what, tree[i].resource_id);
  return core_portal_fail (error, CORE_PORTAL_ERROR_FORBIDDEN, "nobody may %s", what);
}

gboolean
core_actor_has_role (const CoreActor *actor, const char *const *roles)
{
  for (guint i = 0; roles != NULL && roles[i] != NULL; i++)
    {
      g_autofree char *wanted = g_utf8_casefold (roles[i], -1);

      for (guint j = 0; actor->roles[j] != NULL; j++)
        {
          g_autofree char *held = g_utf8_casefold (actor->roles[j], -1);

          if (g_str_equal (wanted, held))
            return TRUE;
        }
    }
  return FALSE;
}

gboolean
core_actor_is_visitor (const CoreActor *actor)
{
  return *actor->name == '\0';
}
