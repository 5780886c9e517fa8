/* What is written in userdb: users, their passwords and their roles, as a WSO2 node writes them (spec/databases.md 6).
 * Each call is one transaction. Whether names and passwords are good ones is the caller's business (core-user-rules.h,
 * core-password.h); here only what the columns can hold is checked.
 *
 * Roles are full names: "editor" of the PRIMARY store, "Internal/subscriber" and "Application/x" hybrid ones.
 * Internal/everyone is never stored and is left out silently. A role must exist.
 *
 * Errors: ST_ERROR_CONFLICT where a user or role is missing or there already, or is not to be touched; ST_ERROR_SETUP
 * where user-mgt.xml says ReadOnly; ST_ERROR_DATA for a text that its column cannot hold. Threads: any; calls block. */
#ifndef ST_USER_WRITES_H
#define ST_USER_WRITES_H

#include "store/st-database.h"
#include "store/st-records.h"

G_BEGIN_DECLS

/* What a user is made from; texts are borrowed. */
typedef struct
{
  gint tenant_id;
  const char *name;          /* without store domain and tenant */
  const char *password_hash; /* of core_password_hash() */
  const char *salt;          /* of the same; nullable */
  const char *const *roles;  /* NULL-terminated; nullable: none */
} StNewUser;

/* @id: (out) (optional): UM_ID. A user whose name differs only in case from a given one exists already, where
 * CaseInsensitiveUsername says so. */
gboolean st_user_add (StDatabase *database, const ApimUserStoreSettings *settings, const StNewUser *user,
                      gint64 deadline_us, gint *id, GError **error);

/* The user has no duty to change it (UM_REQUIRE_CHANGE 0). */
gboolean st_user_set_password (StDatabase *database, const ApimUserStoreSettings *settings, gint tenant_id,
                               gint user_id, const char *password_hash, const char *salt, gint64 deadline_us,
                               GError **error);

/* With roles, attributes and permissions. Tokens and subscriptions are in apimgtdb and the caller's business. The
 * configured administrator cannot be deleted. */
gboolean st_user_delete (StDatabase *database, const ApimUserStoreSettings *settings, gint tenant_id, gint user_id,
                         gint64 deadline_us, GError **error);

/* @add, @remove: nullable. A membership that is there, or is not, is left as it is. */
gboolean st_user_change_roles (StDatabase *database, const ApimUserStoreSettings *settings, gint tenant_id,
                               gint user_id, const char *const *add, const char *const *remove, gint64 deadline_us,
                               GError **error);

G_END_DECLS
#endif
