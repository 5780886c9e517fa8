/* Tokens of the Key Manager, which core-token-issuer.h issues (spec/soap-and-oauth.md 5.3): the ACTIVE one of the same client, user, type and scopes
 * while it is good, else a new one. What is answered for is on disk, and of several that ask at once, on any node, all
 * get the same token: the unique key of the table decides, and who loses finds what the winner wrote.
 * Threads: any; blocks on the database. */
#ifndef KV_OAUTH_ISSUER_H
#define KV_OAUTH_ISSUER_H

#include "core/core-oauth.h"
#include "core/core-token-issuer.h"
#include "keyvalidator/oauth/kv-oauth.h"

G_BEGIN_DECLS

/* The scopes of a request: kv_oauth_grant_scopes(); its user: kv_oauth_user_of(). */
typedef CoreTokenRequest KvOauthIssue;
typedef CoreTokenIssued KvOauthIssued;

static inline void
kv_oauth_issued_clear (KvOauthIssued *issued)
{
  core_token_issued_clear (issued);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (KvOauthIssued, kv_oauth_issued_clear)

/* Reads first: a token that is good is found without a transaction that writes. ST_ERROR; CORE_JWT_ERROR where a JWT
 * could not be signed. */
gboolean kv_oauth_issue (KvOauth *oauth, const KvOauthIssue *issue, KvOauthIssued *issued, GError **error);

/* The same within an operation of kv_oauth_write(), which does more (it uses a code). Afterwards, when it is committed:
 * kv_oauth_finish(). */
gboolean kv_oauth_issue_within (KvOauth *oauth, StWriter *writer, const KvOauthIssue *issue, KvOauthIssued *issued,
                                GError **error);

/* A new token in the place of @old, as found in this operation by its refresh token, which was checked (5.4). */
gboolean kv_oauth_renew_within (KvOauth *oauth, StWriter *writer, const KvOauthIssue *issue, const StOauthToken *old,
                                KvOauthIssued *issued, GError **error);

/* Counts, makes this node forget what was replaced, and fills @issued->text. Errors as kv_oauth_issue(): the token is
 * there all the same, and who asks again gets it. */
gboolean kv_oauth_finish (KvOauth *oauth, const KvOauthIssue *issue, KvOauthIssued *issued, GError **error);

/* What is left of the refresh token of @token, which was found for @client. In 1.9, which keeps no times of it, it lives
 * as long as one that is issued now, from the issue of the access token; that is set in @token. */
gint64 kv_oauth_refresh_remaining_ms (const KvOauth *oauth, const StOauthClient *client, StOauthToken *token);

/* The token is no longer what it was in the database: this node does not wait for the change feed to say so, and
 * gateways are told. @consumer_key: of its client; NULL: not known. Never blocks. */
void kv_oauth_forget_token (KvOauth *oauth, const char *access_token, const char *consumer_key);
/* The same of a token that somebody showed as @shown (nullable): the stored text, or a JWT, by which gateways know it. */
void kv_oauth_forget_shown (KvOauth *oauth, const char *access_token, const char *shown, const char *consumer_key);

/* Revokes every token of @user with @client that could still be used. *revoked: (nullable) (out): as
 * st_oauth_token_revoke_all(). */
gboolean kv_oauth_revoke_all (KvOauth *oauth, const StOauthClient *client, const StOauthUser *user, GPtrArray **revoked,
                              GError **error);

G_END_DECLS
#endif
