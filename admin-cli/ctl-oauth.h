/* OAuth2 as apimctl needs it: a client of its own by dynamic client registration, tokens by the password, refresh and
 * client credentials grants, revocation (RFC 6749, 7009; spec/publisher-store-workflows.md 11). Threads: one. */
#ifndef CTL_OAUTH_H
#define CTL_OAUTH_H

#include "admin-cli/ctl-server.h"
#include "admin-cli/ctl-state.h"

G_BEGIN_DECLS

/* All scopes of the REST APIs: the server grants those that the user's roles allow. */
extern const char ctl_oauth_scopes[];

/* Registers a client for @user, gets tokens for it, and puts all of it into @state, unsaved.
 * FALSE with CTL_ERROR: login when the server does not take user and password. */
gboolean ctl_oauth_login (CtlServer *server, CtlState *state, const char *user, const char *password, GError **error);
/* New tokens by the refresh token. FALSE with CTL_ERROR_LOGIN when the server does not take it. */
gboolean ctl_oauth_renew (CtlServer *server, CtlState *state, GError **error);
/* Revokes the tokens of @state. */
gboolean ctl_oauth_revoke (CtlServer *server, const CtlState *state, GError **error);

/* Revokes @token of the client. */
gboolean ctl_oauth_revoke_token (CtlServer *server, const char *client_id, const char *client_secret, const char *token,
                                 GError **error);
/* A token for an application itself. @scope: (nullable). Returns: (transfer full): the answer, with access_token. */
JsonNode *ctl_oauth_client_token (CtlServer *server, const char *client_id, const char *client_secret,
                                  const char *scope, GError **error);

G_END_DECLS
#endif
