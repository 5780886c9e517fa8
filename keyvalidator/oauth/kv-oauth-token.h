/* POST /oauth2/token (spec/soap-and-oauth.md 4.1).
 * Threads: runs on the HTTP server's pool. */
#ifndef KV_OAUTH_TOKEN_H
#define KV_OAUTH_TOKEN_H

#include "keyvalidator/oauth/kv-oauth.h"
#include "net/net-http-server.h"

G_BEGIN_DECLS

/* Adds its path to @server. @oauth: borrowed, outlives it. */
void kv_oauth_token_add_to (KvOauth *oauth, NetHttpServer *server);

G_END_DECLS
#endif
