/* GET /oauth2/jwks: the public halves of the keys that this node signs JWTs with (RFC 7517). Anybody may ask; the
 * answer is prepared when the keys change, so that it costs a worker a copy.
 * Threads: set_keys() from any thread; the rest on the main thread. */
#ifndef KV_OAUTH_JWKS_H
#define KV_OAUTH_JWKS_H

#include "core/core-jwt-keys.h"
#include "net/net-http-server.h"

G_BEGIN_DECLS

#define KV_OAUTH_JWKS_PATH "/oauth2/jwks"

typedef struct _KvOauthJwks KvOauthJwks;

KvOauthJwks *kv_oauth_jwks_new (const CoreJwtKeys *keys);
/* After the server has stopped. */
void kv_oauth_jwks_free (KvOauthJwks *jwks);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KvOauthJwks, kv_oauth_jwks_free)

/* For requests from now on (a reload). */
void kv_oauth_jwks_set_keys (KvOauthJwks *jwks, const CoreJwtKeys *keys);

/* Adds the path behind @web_context_root. */
void kv_oauth_jwks_add_to (KvOauthJwks *jwks, NetHttpServer *server, const char *web_context_root);

G_END_DECLS
#endif
