/* Tokens of applications (client_credentials, application_token) without a thread that waits: by far most token requests
 * are of these.
 *
 *   the application has a token, which is remembered   answered on the request's worker, from memory
 *   it needs a new one, or one that is not remembered  one operation of the group commit (kv-oauth-batch.h), which
 *                                                      answers when it is on disk; SQLite only
 *
 * Client and secret must be remembered (kv-oauth-memory.h). Everything else goes the way of all grants
 * (kv-oauth-grants.h), and so does whatever is to be refused: the words for that are there.
 * Threads: on the request's worker; never blocks. */
#ifndef KV_OAUTH_APPLICATION_H
#define KV_OAUTH_APPLICATION_H

#include "keyvalidator/oauth/kv-oauth.h"
#include "net/net-http-server.h"

G_BEGIN_DECLS

/* TRUE: the exchange is answered, or will be. FALSE: it is the caller's still. @otherwise: a handler for the server's
 * pool, with @oauth as its data: for an exchange whose operation, after TRUE, lost against another node's. */
gboolean kv_oauth_application_token (KvOauth *oauth, NetHttpExchange *exchange, NetHttpHandler otherwise);

G_END_DECLS
#endif
