/* Users and roles of a tenant as lists, for those who administer them (spec/databases.md 6.1, 6.4). Of the PRIMARY user
 * store and the hybrid roles. Names are sorted by the database. Threads: any; calls block. ST_ERROR. */
#ifndef ST_USER_LISTS_H
#define ST_USER_LISTS_H

#include "store/st-database.h"

G_BEGIN_DECLS

/* *names, *roles: (transfer full): NULL-terminated, at most @limit. */

/* @filter: "*" stands for any text, "?" for any character. */
gboolean st_users_list (StDatabase *database, gint tenant_id, const char *filter, guint limit, gint64 deadline_us,
                        char ***names, GError **error);

/* Full names: "editor", "Internal/subscriber", "Application/x", without Internal/everyone. @hybrid_only: without those
 * of the PRIMARY store. */
gboolean st_roles_list (StDatabase *database, gint tenant_id, gboolean hybrid_only, guint limit, gint64 deadline_us,
                        char ***roles, GError **error);

/* The users who have the role, full name. */
gboolean st_users_of_role_list (StDatabase *database, gint tenant_id, const char *role, guint limit, gint64 deadline_us,
                                char ***names, GError **error);

/* Whether there is such a role, without case, as user names and roles are compared. */
gboolean st_role_exists (StDatabase *database, gint tenant_id, const char *role, gint64 deadline_us, gboolean *exists,
                         GError **error);

G_END_DECLS
#endif
