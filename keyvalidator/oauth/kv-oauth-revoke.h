/* POST /oauth2/revoke (spec/soap-and-oauth.md 4.2, RFC 7009), with the headers by which gateways forget the token.
 *
 * What belongs to another client, or to nobody, is answered with 200 and stays as it is. Errors are JSON as on the other
 * endpoints, where the original says text/html: with a text from outside in it a browser could be made to run it.
 * Threads: runs on the HTTP server's pool. */
#ifndef KV_OAUTH_REVOKE_H
#define KV_OAUTH_REVOKE_H

#include "keyvalidator/oauth/kv-oauth.h"
#include "net/net-http-server.h"

G_BEGIN_DECLS

/* Adds its path to @server. @oauth: borrowed, outlives it. */
void kv_oauth_revoke_add_to (KvOauth *oauth, NetHttpServer *server);

G_END_DECLS
#endif
