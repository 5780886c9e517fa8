/* Which tenant has a domain: an interface, for parts that do not read the user store themselves. Threads: any; blocks. */
#ifndef APIM_TENANTS_H
#define APIM_TENANTS_H

#include <glib.h>

G_BEGIN_DECLS

#define APIM_SUPER_TENANT_ID (-1234)
#define APIM_SUPER_TENANT_DOMAIN "carbon.super"

typedef struct _ApimTenants ApimTenants;
struct _ApimTenants
{
  /* @id: (out): 0: there is no such tenant. FALSE with any error: not known. */
  gboolean (*find) (ApimTenants *tenants, const char *domain, gint64 deadline_us, gint *id, GError **error);
};

G_END_DECLS
#endif
