/* Who asks: the bearer token of a request, looked up in the Key Manager's tables (state, end, scopes), and
 * what its user may do (spec/publisher-store-workflows.md 11, RFC 6750). Every node that shares the database
 * answers alike. Threads: any; blocks on the databases. */
#ifndef PT_AUTHENTICATION_H
#define PT_AUTHENTICATION_H

#include "core/core-authenticator.h"
#include "net/net-http-request.h"
#include "portal/pt-portal.h"

G_BEGIN_DECLS

/* *caller: (out) (transfer full): NULL where the request brings no token at all. FALSE with
 * PT_ERROR_INVALID_TOKEN (unknown, revoked, at its end, not a bearer token, of a user or tenant that is gone)
 * or an error of the store. */
gboolean pt_authenticate (PtPortal *portal, const NetHttpRequest *request, PtCaller **caller, GError **error);

/* Whether the token has @scope (nullable: none is asked for), or why not: PT_ERROR_NO_TOKEN without a caller,
 * PT_ERROR_SCOPE. */
gboolean pt_caller_require_scope (const PtCaller *caller, const char *scope, GError **error);

#define PT_LOGIN_FAILED "Login failed. Please recheck the username and password and try again"

/* Who @user_name and @password belong to. *actor: (out) (transfer full) (nullable): NULL: nobody. FALSE with
 * an error of the store. */
gboolean pt_authenticate_password (PtPortal *portal, CoreAuthenticator *authenticator, const char *user_name,
                                   const char *password, const char *peer, CoreActor **actor, GError **error);

/* The first half of it: whose the password is, with the lock-out. *user: (out) (transfer full) (nullable):
 * NULL: nobody's. */
gboolean pt_check_password (PtPortal *portal, CoreAuthenticator *authenticator, const char *user_name,
                            const char *password, const char *peer, StUser **user, GError **error);

/* What the user may do. *actor: (out) (transfer full) (nullable): NULL: there is no such tenant any more. */
gboolean pt_load_actor (PtPortal *portal, const StUser *user, CoreActor **actor, GError **error);

G_END_DECLS
#endif
