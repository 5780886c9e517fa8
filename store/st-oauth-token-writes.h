/* Writes of tokens as a WSO2 node of the database's generation makes them (spec/databases.md 9), within an operation of
 * StWriter. A request for a token: find_active(); answer with what is good still, or else issue (new, old).
 *
 * ST_ERROR_CONFLICT comes from all of these: another node changed the same token at this moment, or wrote the one of
 * this client, user and scopes. End the operation with it and begin it anew, to find what the other one wrote.
 * ST_ERROR_DATA: a text does not fit into the database.
 *
 * What was found in a partition (spec/databases.md 3.3) changes its state there. New rows always go into the table
 * itself: a WSO2 node looks in a partition only for tokens whose own text names the user store, and ours do not.
 * Threads: as StWriter. */
#ifndef ST_OAUTH_TOKEN_WRITES_H
#define ST_OAUTH_TOKEN_WRITES_H

#include "store/st-oauth-token.h"

G_BEGIN_DECLS

/* Adds @token. @old: (nullable): the ACTIVE token of the same client, user, type and scopes, as found in this
 * operation: becomes EXPIRED. */
gboolean st_oauth_token_issue (StWriter *writer, const StOauthForm *form, const StOauthClient *client,
                               const StOauthToken *token, const StOauthToken *old, GError **error);

/* The same, but @old (ACTIVE or EXPIRED, and not superseded) becomes INACTIVE, its refresh token having been used, and so
 * does what is EXPIRED with the same refresh token. */
gboolean st_oauth_token_refresh (StWriter *writer, const StOauthForm *form, const StOauthClient *client,
                                 const StOauthToken *token, const StOauthToken *old, GError **error);

/* @token, as found in this operation, becomes REVOKED, and so does what is EXPIRED with the same refresh token; nothing
 * where it is so already. */
gboolean st_oauth_token_revoke (StWriter *writer, const StOauthToken *token, GError **error);

/* Every token of the client and user that could still be used or refreshed at @now_ms, or be activated again, and
 * every authorization code. *tokens: (nullable) (out): those, as they were before, to be told to gateways:
 * (element-type StOauthToken) (transfer full). */
gboolean st_oauth_token_revoke_all (StWriter *writer, const StOauthForm *form, const StOauthClient *client,
                                    const StOauthUser *user, gint64 now_ms, GPtrArray **tokens, GError **error);

/* @token, ACTIVE and as found in this operation, becomes EXPIRED without a successor. */
gboolean st_oauth_token_expire (StWriter *writer, const StOauthToken *token, GError **error);

/* @token, ACTIVE and as found in this operation, becomes BLOCKED. */
gboolean st_oauth_token_block (StWriter *writer, const StOauthToken *token, GError **error);

/* The reverse, for one that has no successor (st_oauth_token_is_superseded()). */
gboolean st_oauth_token_unblock (StWriter *writer, const StOauthToken *token, GError **error);

G_END_DECLS
#endif
