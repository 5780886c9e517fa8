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
  *roles = NULL;
  if (!searchable (name) || !searchable (user_domain))
    {
      *roles = g_new0 (char *, 1);
      return TRUE;
    }
  return store->interface->find_roles (store, tenant_id, user_domain, name, deadline_us, roles, error);
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
