/* StUserStore: users, roles and tenants of userdb (spec/databases.md 6). Conventions as in st-key-store.h. */
#ifndef ST_USER_STORE_H
#define ST_USER_STORE_H

#include "store/st-error.h"
#include "store/st-records.h"

G_BEGIN_DECLS

typedef struct _StUserStore StUserStore;

/* One role's allow or deny at one node of the permission tree (6.5). */
typedef struct
{
  char *resource_id; /* "/permission/admin" */
  char *role_domain; /* of UM_DOMAIN: "PRIMARY", "INTERNAL", ...; nullable: no domain */
  char *role_name;   /* without the domain */
  gboolean allowed;  /* FALSE: denied */
} StPermission;

/* Nodes of the tree that one question may ask for: its resource ids with all their ancestors. */
#define ST_MAX_PERMISSION_NODES 20

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
  gboolean (*find_permissions) (StUserStore *store, gint tenant_id, const char *action, GPtrArray *nodes,
                                gint64 deadline_us, GPtrArray *found, GError **error);
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
 * admin user has the admin role. *roles: (transfer full): NULL-terminated, empty for an unknown user.
 * @user_domain: any case; NULL or "" for PRIMARY. Of the users of another store only the hybrid roles are known. */
gboolean st_user_store_find_roles (StUserStore *store, gint tenant_id, const char *user_domain, const char *name,
                                   gint64 deadline_us, char ***roles, GError **error);

/* What the permission tree says for @action ("ui.execute") at each of @resource_ids and all their ancestors, "/"
 * included (6.5); core-permission.h decides from it. Resource ids begin with "/" and are compared as bytes.
 * *found: (transfer container) (element-type StPermission): in no order. ST_ERROR_DATA when the ids have more than
 * ST_MAX_PERMISSION_NODES nodes or one is not a path. */
gboolean st_user_store_find_permissions (StUserStore *store, gint tenant_id, const char *action,
                                         const char *const *resource_ids, gint64 deadline_us, GPtrArray **found,
                                         GError **error);

/* Adds to @found what find_permissions() is to find; for implementations. */
void st_permissions_add (GPtrArray *found, const char *resource_id, const char *role_domain, const char *role_name,
                         gboolean allowed);
/* An empty list that owns what is added. */
GPtrArray *st_permissions_new (void);

/* "STORE/name" (6.3), valid UTF-8: the store's name in upper case, ST_PRIMARY_USER_DOMAIN without one. Free with
 * g_free(). *bare: (transfer none): the name alone, a part of @name. Roles: "Internal/creator" gives INTERNAL. */
char *st_user_name_split (const char *name, const char **bare);

gboolean st_user_store_reads_inline (StUserStore *store);
void st_user_store_free (StUserStore *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StUserStore, st_user_store_free)

G_END_DECLS
#endif
