/* AuthenticatorService: POST <WebContextRoot>/thriftAuthenticator, TCompactProtocol (spec/thrift-key-validation.md 4).
 * Threads: runs on the HTTP server's pool. */
#ifndef KV_LOGIN_H
#define KV_LOGIN_H

#include "core/core-authenticator.h"
#include "keyvalidator/kv-sessions.h"
#include "net/net-http-server.h"

G_BEGIN_DECLS

typedef struct _KvLogin KvLogin;

/* All borrowed. @timeout_ms: for the user store, per login. */
KvLogin *kv_login_new (CoreAuthenticator *authenticator, KvSessions *sessions, guint timeout_ms);
void kv_login_free (KvLogin *login);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KvLogin, kv_login_free)

/* Adds its path to @server. */
void kv_login_add_to (KvLogin *login, NetHttpServer *server, const char *web_context_root);

G_END_DECLS
#endif
