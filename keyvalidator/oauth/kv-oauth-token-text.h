/* What a client is given for a stored access token. That is the stored text, a random UUID that says nothing
 * (spec/soap-and-oauth.md 5.2; the original makes it of an MD5 digest, which is not taken over), but for applications of
 * TOKEN_TYPE JWT a JWT with the stored text as its "jti" (kv-jwt-token.h, decisions.md 6).
 * Threads: any; blocks on the database, and costs a signature where it is a JWT. */
#ifndef KV_OAUTH_TOKEN_TEXT_H
#define KV_OAUTH_TOKEN_TEXT_H

#include "keyvalidator/oauth/kv-oauth.h"
#include "store/st-oauth-client.h"
#include "store/st-oauth-token.h"

G_BEGIN_DECLS

/* @user: of the token, with his tenant's domain. @jwt: st_oauth_application_wants_jwt(). A stored text that is a JWT
 * (a WSO2 node wrote it) stays as it is.
 * NULL with an ST_ERROR or CORE_JWT_ERROR. Free with apim_secret_free(). */
char *kv_oauth_token_text (KvOauth *oauth, const StOauthClient *client, const StOauthUser *user,
                           const StOauthToken *token, gboolean jwt, GError **error);

/* The reverse: what is stored of a token that a client shows; the same text where it is no JWT that was signed here, or
 * one that is over. *jwt: (out): it is written as one. Free with apim_secret_free(). */
char *kv_oauth_stored_text (KvOauth *oauth, const char *shown, gboolean *jwt);

/* The token that a client, or an administrator, shows because it is to end: by its "jti" where it is written as a JWT, else
 * by its text, which is also how a WSO2 node may have stored a JWT. Whose token it is, is the caller's to check; who signed
 * the text does not matter: the node's key may be another one by now, and the token must end all the same.
 * *token: (out): NULL: there is none. */
gboolean kv_oauth_find_to_end (StWriter *writer, const StOauthForm *form, const char *shown, StOauthToken **token,
                               GError **error);

G_END_DECLS
#endif
