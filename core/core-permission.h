/* Permissions: what a user's roles allow in WSO2's permission tree (spec/databases.md 6.5).
 *
 * A permission is a path and an action, nearly always "ui.execute". For each role the deepest node on the path with an
 * explicit allow or deny decides; a role without one is denied; one role that allows is enough. Where rows contradict
 * each other at one node, the deny holds. Grants to single users (UM_USER_PERMISSION, which nothing writes) are not
 * looked at. Threads: pure functions. */
#ifndef CORE_PERMISSION_H
#define CORE_PERMISSION_H

#include "store/st-user-store.h"

G_BEGIN_DECLS

#define CORE_ACTION_EXECUTE "ui.execute"
#define CORE_PERMISSION_LOGIN "/permission/admin/login"
#define CORE_PERMISSION_MANAGE "/permission/admin/manage"
/* Everybody has it; it is stored with nobody. */
#define CORE_ROLE_EVERYONE "Internal/everyone"

/* "name" of PRIMARY, "Internal/name", "System/name", "STORE/name". @domain: nullable, as PRIMARY. A @name that has a
 * domain keeps it. Free with g_free(). */
char *core_permission_role_name (const char *domain, const char *name);

/* @roles: full names, matched without case; NULL-terminated. @permissions: (element-type StPermission): what
 * st_user_store_find_permissions() found; nodes off the path of @resource_id do not count. */
gboolean core_permission_allows (GPtrArray *permissions, const char *const *roles, const char *resource_id);

G_END_DECLS
#endif
