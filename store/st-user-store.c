#include "config.h"
#include "store/st-user-store.h"

#include <string.h>

/* Longer texts are in no column that is searched. */
#define MAX_TEXT 1024

static gboolean
searchable (const char *text)
{
  return text != NULL && *text != '\0' && strnlen (text, MAX_TEXT + 1) <= MAX_TEXT && g_utf8_validate (text, -1, NULL);
}

static StTenant *
super_tenant (void)
{
  StTenant *tenant = st_tenant_new ();

  tenant->id = ST_SUPER_TENANT_ID;
  tenant->domain = g_strdup (ST_SUPER_TENANT_DOMAIN);
  tenant->active = TRUE;
  return tenant;
}

gboolean
st_user_store_find_tenant_by_domain (StUserStore *store, const char *domain, gint64 deadline_us, StTenant **found,
                                     GError **error)
{
  *found = NULL;
  if (!searchable (domain))
    return TRUE;
  if (strcmp (domain, ST_SUPER_TENANT_DOMAIN) == 0)
    {
      *found = super_tenant ();
      return TRUE;
    }
  return store->interface->find_tenant_by_domain (store, domain, deadline_us, found, error);
}

gboolean
st_user_store_find_tenant_by_id (StUserStore *store, gint id, gint64 deadline_us, StTenant **found, GError **error)
{
  *found = NULL;
  if (id == ST_SUPER_TENANT_ID)
    {
      *found = super_tenant ();
      return TRUE;
    }
  return store->interface->find_tenant_by_id (store, id, deadline_us, found, error);
}

gboolean
st_user_store_find_user (StUserStore *store, gint tenant_id, const char *name, gint64 deadline_us, StUser **found,
                         GError **error)
{
  *found = NULL;
  if (!searchable (name))
    return TRUE;
  return store->interface->find_user (store, tenant_id, name, deadline_us, found, error);
}

gboolean
st_user_store_find_user_by_id (StUserStore *store, gint tenant_id, gint id, gint64 deadline_us, StUser **found,
                               GError **error)
{
  *found = NULL;
  return store->interface->find_user_by_id (store, tenant_id, id, deadline_us, found, error);
}

gboolean
st_user_store_find_roles (StUserStore *store, gint tenant_id, const char *user_domain, const char *name,
                          gint64 deadline_us, char ***roles, GError **error)
{
  g_autofree char *domain = NULL;

  *roles = NULL;
  if (user_domain == NULL || *user_domain == '\0')
    user_domain = ST_PRIMARY_USER_DOMAIN;
  if (!searchable (name) || !searchable (user_domain))
    {
      *roles = g_new0 (char *, 1);
      return TRUE;
    }
  domain = g_utf8_strup (user_domain, -1);
  return store->interface->find_roles (store, tenant_id, domain, name, deadline_us, roles, error);
}

char *
st_user_name_split (const char *name, const char **bare)
{
  const char *slash = strchr (name, '/');

  *bare = name;
  if (slash == NULL || slash == name)
    return g_strdup (ST_PRIMARY_USER_DOMAIN);
  *bare = slash + 1;
  return g_utf8_strup (name, slash - name);
}

static void
permission_free (gpointer data)
{
  StPermission *permission = data;

  g_free (permission->resource_id);
  g_free (permission->role_domain);
  g_free (permission->role_name);
  g_free (permission);
}

GPtrArray *
st_permissions_new (void)
{
  return g_ptr_array_new_with_free_func (permission_free);
}

void
st_permissions_add (GPtrArray *found, const char *resource_id, const char *role_domain, const char *role_name,
                    gboolean allowed)
{
  StPermission *permission = g_new (StPermission, 1);

  *permission = (StPermission){ g_strdup (resource_id), g_strdup (role_domain), g_strdup (role_name), allowed };
  g_ptr_array_add (found, permission);
}

static gboolean
add_node (GPtrArray *nodes, const char *resource_id, gsize length)
{
  g_autofree char *node = g_strndup (resource_id, length);

  if (g_ptr_array_find_with_equal_func (nodes, node, g_str_equal, NULL))
    return TRUE;
  if (nodes->len == ST_MAX_PERMISSION_NODES)
    return FALSE;
  g_ptr_array_add (nodes, g_steal_pointer (&node));
  return TRUE;
}

/* "/a/b" adds "/", "/a" and "/a/b". */
static gboolean
add_nodes (GPtrArray *nodes, const char *resource_id)
{
  if (!searchable (resource_id) || *resource_id != '/' || !add_node (nodes, resource_id, 1))
    return FALSE;
  for (const char *at = resource_id + 1; *at != '\0'; at += *at == '/')
    {
      at += strcspn (at, "/");
      if (!add_node (nodes, resource_id, (gsize) (at - resource_id)))
        return FALSE;
    }
  return TRUE;
}

gboolean
st_user_store_find_permissions (StUserStore *store, gint tenant_id, const char *action,
                                const char *const *resource_ids, gint64 deadline_us, GPtrArray **found,
                                GError **error)
{
  g_autoptr (GPtrArray) nodes = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) permissions = st_permissions_new ();

  *found = NULL;
  for (guint i = 0; resource_ids[i] != NULL; i++)
    if (!add_nodes (nodes, resource_ids[i]))
      {
        g_set_error (error, ST_ERROR, ST_ERROR_DATA,
                     "a permission is asked for that is no path, or has more than %d nodes with its ancestors",
                     ST_MAX_PERMISSION_NODES);
        return FALSE;
      }
  if (!store->interface->find_permissions (store, tenant_id, action, nodes, deadline_us, permissions, error))
    return FALSE;
  *found = g_steal_pointer (&permissions);
  return TRUE;
}

gboolean
st_user_store_reads_inline (StUserStore *store)
{
  return store->interface->reads_inline (store);
}

void
st_user_store_free (StUserStore *store)
{
  if (store != NULL)
    store->interface->free (store);
}
