/* Tenants: seen, made and switched by the super tenant's API administrator (spec/databases.md 6, 11).
 *
 * A new tenant gets what a WSO2 node gives it: user-store domains, the admin role, Internal/everyone, subscriber,
 * publisher and creator with their permissions, an administrator, the realm configuration that a WSO2 node loads it by,
 * and the first throttling policies. Not its key store, which WSO2's nodes keep in the registry.
 * The users of a tenant that is not active log in nowhere. Errors: CORE_PORTAL_ERROR. Threads: any; calls block. */
#ifndef CORE_TENANT_H
#define CORE_TENANT_H

#include "core/core-portal.h"
#include "store/st-tenant.h"

G_BEGIN_DECLS

/* Texts are borrowed. */
typedef struct
{
  const char *domain;         /* "example.com" */
  const char *email;          /* (nullable) */
  const char *admin_user;     /* (nullable): user-mgt.xml's AdminUser; without the tenant */
  const char *admin_password; /* (nullable): missing, which is a violation */
} CoreNewTenant;

/* Adds what @domain breaks, as "domain": 1 to 255 of a-z, 0-9, ".", "-" and "_", which begin and end with a letter or
 * digit and have a "." within; two of them together are none. Pure. */
void core_tenant_check_domain (const char *domain, GPtrArray *violations);

/* *records: (out) (transfer full) (element-type StTenantRecord): by domain; the super tenant is not among them. */
gboolean core_tenant_list (const CorePortal *portal, const CoreActor *actor, GPtrArray **records, GError **error);
/* *record: (out) (transfer full). CORE_PORTAL_ERROR_NOT_FOUND */
gboolean core_tenant_get (const CorePortal *portal, const CoreActor *actor, const char *domain, StTenantRecord **record,
                          GError **error);
/* CORE_PORTAL_ERROR_CONFLICT: there is one. *record: (out) (transfer full) */
gboolean core_tenant_create (const CorePortal *portal, const CoreActor *actor, const CoreNewTenant *tenant,
                             StTenantRecord **record, GError **error);
/* Again is done already. *record: (out) (transfer full) */
gboolean core_tenant_set_active (const CorePortal *portal, const CoreActor *actor, const char *domain, gboolean active,
                                 StTenantRecord **record, GError **error);

G_END_DECLS
#endif
