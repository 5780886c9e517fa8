/* The texts of access tokens: random UUIDs, which say nothing (spec/soap-and-oauth.md 5.2; the original makes them of an
 * MD5 digest, which is not taken over), or JWTs for applications with TOKEN_TYPE JWT (decisions.md 6).
 * Threads: any. */
#ifndef KV_OAUTH_TOKEN_TEXT_H
#define KV_OAUTH_TOKEN_TEXT_H

#include "keyvalidator/oauth/kv-oauth.h"
#include "store/st-oauth-client.h"

G_BEGIN_DECLS

/* Whether it has the form of a JWT: three parts with dots between them. */
gboolean kv_oauth_is_jwt (const char *access_token);

/* @token: all of it but the text. NULL with KV_OAUTH_ERROR_UNAUTHORIZED_CLIENT: this node makes no JWTs.
 * Free with apim_secret_free(). */
char *kv_oauth_make_access_token (KvOauth *oauth, const StOauthClient *client, const StOauthToken *token, gboolean jwt,
                                  GError **error);

G_END_DECLS
#endif
