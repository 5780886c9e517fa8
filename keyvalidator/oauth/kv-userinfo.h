/* GET and POST /oauth2/userinfo: who the user of an access token with the scope "openid" is (spec/soap-and-oauth.md 4.5, OpenID Connect 5.3).
 * The token comes in the Authorization header; in the query, where logs keep it, it is not looked for.
 * Threads: runs on the HTTP server's pool. */
#ifndef KV_USERINFO_H
#define KV_USERINFO_H

#include "keyvalidator/oauth/kv-oauth.h"
#include "net/net-http-server.h"
#include "store/st-user-claims.h"

G_BEGIN_DECLS

typedef struct _KvUserinfo KvUserinfo;

/* Everything is borrowed. */
KvUserinfo *kv_userinfo_new (KvOauth *oauth, StDatabase *user_database);
void kv_userinfo_free (KvUserinfo *userinfo);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KvUserinfo, kv_userinfo_free)

void kv_userinfo_add_to (KvUserinfo *userinfo, NetHttpServer *server, const char *web_context_root);

/* Appends what @claims (element-type StUserClaim), of the default dialect, say of the user in OpenID Connect's words. */
void kv_userinfo_add_claims (GString *json, const GPtrArray *claims);

G_END_DECLS
#endif
