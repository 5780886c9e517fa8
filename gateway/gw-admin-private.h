/* What the services of gw-admin.h share. */
#ifndef GW_ADMIN_PRIVATE_H
#define GW_ADMIN_PRIVATE_H

#include "gateway/gw-admin.h"

G_BEGIN_DECLS

struct _GwAdmin
{
  ApimTenants *tenants;
  GwDeployment *deployment;
  GwAuthenticator *authenticator;
  GwVault *vault;
  SoapServer *server;
  GMutex lock; /* over the folders: one call writes at a time */
};

/* Whose files a call is about. */
typedef struct
{
  gint id;
  const char *domain;
} GwAdminTenant;

static inline GwAdmin *
gw_admin_of (const SoapCall *call)
{
  return call->data;
}

/* By the parameter tenantDomain, which the operations named ...ForTenant need. */
gboolean gw_admin_read_tenant (const SoapCall *call, GwAdminTenant *tenant, GError **error);

/* Makes @text the file of what it defines, and waits until it is served. @name: (nullable): what it must define. */
gboolean gw_admin_put (GwAdmin *admin, const GwAdminTenant *tenant, GwFileKind kind, const char *name,
                       const char *text, GError **error);

/* @was_there: (out) (optional). */
gboolean gw_admin_take_away (GwAdmin *admin, const GwAdminTenant *tenant, GwFileKind kind, const char *name,
                             gboolean *was_there, GError **error);

gboolean gw_admin_has (GwAdmin *admin, const GwAdminTenant *tenant, GwFileKind kind, const char *name);

/* The tenant's API of that name, if it is served. (transfer full) (nullable) */
GwApi *gw_admin_find_api (GwAdmin *admin, const GwAdminTenant *tenant, const char *name);

extern const SoapField gw_admin_boolean_result[];

/* Operations of APIGatewayAdmin (gw-admin-parts.c). */
gboolean gw_admin_add_sequence (SoapCall *call, GError **error);
gboolean gw_admin_get_sequence (SoapCall *call, GError **error);
gboolean gw_admin_delete_sequence (SoapCall *call, GError **error);
gboolean gw_admin_has_sequence (SoapCall *call, GError **error);
gboolean gw_admin_add_endpoint (SoapCall *call, GError **error);
gboolean gw_admin_delete_endpoint (SoapCall *call, GError **error);
gboolean gw_admin_remove_endpoints (SoapCall *call, GError **error);

extern const SoapService gw_admin_apis;
extern const SoapService gw_admin_rest;
extern const SoapService gw_admin_authentication;

G_END_DECLS
#endif
