/* StUserStore: users, roles and tenants of userdb (spec/databases.md 6). Conventions as in st-key-store.h. */
#ifndef ST_USER_STORE_H
#define ST_USER_STORE_H

#include "store/st-error.h"
#include "store/st-records.h"

G_BEGIN_DECLS

typedef struct _StUserStore StUserStore;

typedef struct
{
  gboolean (*find_tenant_by_domain) (StUserStore *store, const char *domain, gint64 deadline_us, StTenant **found,
                                     GError **error);
  gboolean (*find_tenant_by_id) (StUserStore *store, gint id, gint64 deadline_us, StTenant **found, GError **error);
  gboolean (*find_user) (StUserStore *store, gint tenant_id, const char *name, gint64 deadline_us, StUser **found,
                         GError **error);
  gboolean (*find_user_by_id) (StUserStore *store, gint tenant_id, gint id, gint64 deadline_us, StUser **found,
                               GError **error);
  gboolean (*find_roles) (StUserStore *store, gint tenant_id, const char *user_domain, const char *name,
                          gint64 deadline_us, char ***roles, GError **error);
  gboolean (*reads_inline) (StUserStore *store);
  void (*free) (StUserStore *store);
} StUserStoreInterface;

struct _StUserStore
{
  const StUserStoreInterface *interface;
};

/* carbon.super is always there, active, and has no row. */
gboolean st_user_store_find_tenant_by_domain (StUserStore *store, const char *domain, gint64 deadline_us,
                                              StTenant **found, GError **error);
gboolean st_user_store_find_tenant_by_id (StUserStore *store, gint id, gint64 deadline_us, StTenant **found,
                                          GError **error);

/* @name: without store domain and tenant. Matches without case unless the user store says otherwise (6.2). */
gboolean st_user_store_find_user (StUserStore *store, gint tenant_id, const char *name, gint64 deadline_us,
                                  StUser **found, GError **error);
gboolean st_user_store_find_user_by_id (StUserStore *store, gint tenant_id, gint id, gint64 deadline_us, StUser **found,
                                        GError **error);

/* The roles a user holds now (6.4): primary, "Internal/...", without the implicit Internal/everyone; the configured
 * admin user has the admin role. *roles: (transfer full): NULL-terminated, empty for an unknown user. */
gboolean st_user_store_find_roles (StUserStore *store, gint tenant_id, const char *user_domain, const char *name,
                                   gint64 deadline_us, char ***roles, GError **error);

gboolean st_user_store_reads_inline (StUserStore *store);
void st_user_store_free (StUserStore *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StUserStore, st_user_store_free)

G_END_DECLS
#endif
