/* Users and their roles, as admin services look for them and change them: of the super tenant's PRIMARY user store,
 * which is the one that is written here. SOAP_ERROR for what the caller can do something about.
 *
 * Administrators are for administrators: the permission to manage the server is less than the administrators' role, so
 * who has only that neither gives nor takes the role, and does not set the password of one who has it.
 * Threads: on the HTTP pool; calls block on the user store. */
#ifndef KV_SOAP_USERS_H
#define KV_SOAP_USERS_H

#include "keyvalidator/soap/kv-soap-admin.h"

G_BEGIN_DECLS

/* @name: "[PRIMARY/]user[@carbon.super]". *user: (transfer full): NULL: there is none, or not in this user store. */
gboolean kv_soap_user_find (SoapCall *call, const char *name, StUser **user, GError **error);

/* The same of the parameter "userName"; that there is none is an error. */
gboolean kv_soap_user_need (SoapCall *call, StUser **user, GError **error);

/* With Internal/everyone, which everybody has. Free with g_strfreev(). */
gboolean kv_soap_user_roles (SoapCall *call, const StUser *user, char ***roles, GError **error);

/* @add, @remove: NULL-terminated. */
gboolean kv_soap_user_change_roles (SoapCall *call, const StUser *user, const char *const *add,
                                    const char *const *remove, GError **error);

/* A new user, by the rules of user-mgt.xml. @roles: (nullable). @id: (out) (optional). */
gboolean kv_soap_user_add (SoapCall *call, const char *name, const char *password, const char *const *roles,
                           gint *id, GError **error);

/* Whether the caller may act for the user: an administrator's account is for administrators. */
gboolean kv_soap_user_check_rank (SoapCall *call, const StUser *user, GError **error);

/* By the same rules. */
gboolean kv_soap_user_set_password (SoapCall *call, const StUser *user, const char *password, GError **error);

/* Whether a list of roles has one, without case. */
gboolean kv_soap_has_role (const char *const *roles, const char *role);

/* What a change of the user store says to the caller, or that it failed. @why: (transfer full). Always FALSE. */
gboolean kv_soap_fail_user_store (GError *why, GError **error);

G_END_DECLS
#endif
