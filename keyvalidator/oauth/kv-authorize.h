/* The interactive side of OAuth2: GET and POST /oauth2/authorize, and the pages that follow it, /oauth2/login, /oauth2/consent and /oauth2/logout
 * (spec/soap-and-oauth.md 4.3, RFC 6749 4.1 and 4.2, RFC 7636, RFC 9207, RFC 9700).
 *
 *   GET authorize ---- nobody logged in ---> login page ---- POST login ----+
 *        |  ^                                                               |
 *        |  +-------------------------- 303 --------------------------------+
 *        +------------ logged in ---------> consent page --- POST consent --> 303 to the application, with a code or an error
 *
 * No node keeps anything between these steps (kv-browser.h). Consent is asked for each time: it is stored nowhere.
 * Threads: runs on the HTTP server's pool. */
#ifndef KV_AUTHORIZE_H
#define KV_AUTHORIZE_H

#include "keyvalidator/oauth/kv-oauth.h"
#include "net/net-http-server.h"

G_BEGIN_DECLS

typedef struct _KvAuthorize KvAuthorize;

/* @oauth: borrowed. @issuer: who answers, as the metadata say it; copied. NULL with APIM_SECRET_ERROR: no cluster key. */
KvAuthorize *kv_authorize_new (KvOauth *oauth, const char *issuer, GError **error);
void kv_authorize_free (KvAuthorize *authorize);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KvAuthorize, kv_authorize_free)

/* Adds its paths to @server. */
void kv_authorize_add_to (KvAuthorize *authorize, NetHttpServer *server, const char *web_context_root);

G_END_DECLS
#endif
