/* POST /oauth2/token (spec/soap-and-oauth.md 4.1).
 * Threads: applications are answered as kv-oauth-application.h says; everything else runs on the HTTP server's pool. */
#ifndef KV_OAUTH_TOKEN_H
#define KV_OAUTH_TOKEN_H

#include "keyvalidator/oauth/kv-oauth-issuer.h"
#include "net/net-http-server.h"

G_BEGIN_DECLS

/* Adds its path to @server. @oauth: borrowed, outlives it. */
void kv_oauth_token_add_to (KvOauth *oauth, NetHttpServer *server);

/* Answers with a token, and with the headers for gateways. @id_token: (nullable): of OpenID Connect. Any thread. */
void kv_oauth_token_answer (NetHttpExchange *exchange, const KvOauthIssued *issued, gboolean tells_refresh,
                            const char *id_token);

G_END_DECLS
#endif
