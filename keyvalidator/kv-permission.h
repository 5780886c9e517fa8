/* What a user may do: loads what the rule of core-permission.h decides from (spec/databases.md 6.4, 6.5).
 * Threads: any; blocks on the user store. */
#ifndef KV_PERMISSION_H
#define KV_PERMISSION_H

#include "store/st-user-store.h"

G_BEGIN_DECLS

/* Whether a user may do @resource_id: the roles that the user holds now, and Internal/everyone.
 * @name: without store domain and tenant, of a user who is known to exist (one who has just proved it with a password
 * or token): of nobody's roles Internal/everyone would be left. @user_domain: nullable: PRIMARY. FALSE with ST_ERROR:
 * not known; *allowed is FALSE then. */
gboolean kv_permission_of_user (StUserStore *users, gint tenant_id, const char *user_domain, const char *name,
                                const char *resource_id, gint64 deadline_us, gboolean *allowed, GError **error);

G_END_DECLS
#endif
