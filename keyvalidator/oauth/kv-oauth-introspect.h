/* POST /oauth2/introspect (spec/soap-and-oauth.md 4.4, RFC 7662): what key validation knows of a token, from the same
 * memory. Who asks is an ACTIVE OAuth client, or a user of the super tenant who may /permission/admin/manage.
 *
 * "active" is what key validation would say, so it includes the clock skew (decisions.md 9); "exp" is the token's nominal
 * end. A token that is not active tells nothing else.
 * Threads: a caller who is remembered, for at most Limits/CacheMaxAge, and asks for a token that is (kv-oauth-memory.h) is
 * answered on the request's worker; everything else runs on the HTTP server's pool. */
#ifndef KV_OAUTH_INTROSPECT_H
#define KV_OAUTH_INTROSPECT_H

#include "keyvalidator/oauth/kv-oauth.h"
#include "net/net-http-server.h"

G_BEGIN_DECLS

/* Adds its path to @server. @oauth: borrowed, outlives it. */
void kv_oauth_introspect_add_to (KvOauth *oauth, NetHttpServer *server);

G_END_DECLS
#endif
