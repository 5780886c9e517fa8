/* What a tenant of the user database begins with (spec/databases.md 6.1, 6.7): its user-store domains, the role that
 * everybody has, and an administrator with the roles that API Manager makes at its start. Within st_write_users().
 * Errors: ST_ERROR. Threads: one per writer. */
#ifndef ST_ADMIN_H
#define ST_ADMIN_H

#include "store/st-writer.h"

G_BEGIN_DECLS

/* Texts are borrowed. */
typedef struct
{
  gint tenant_id;
  const char *name;          /* without tenant and store */
  const char *role;          /* of the PRIMARY store, which is made with him: "admin" */
  const char *password_hash; /* of core_password_hash() */
  const char *salt;          /* nullable */
} StAdmin;

/* UM_DOMAIN and Internal/everyone of a tenant that has neither. */
gboolean st_write_tenant_domains (StWriter *writer, gint tenant_id, GError **error);
/* The user, the role with its permissions, and Internal/subscriber, publisher and creator with him as a member; the
 * tenant has its domains. ST_ERROR_CONFLICT when the user exists. */
gboolean st_write_admin (StWriter *writer, const StAdmin *admin, GError **error);

G_END_DECLS
#endif
