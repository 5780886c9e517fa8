/* The product's one HTTP/1.1 server (architecture 3): a NetProtocol with a table of paths. Content-Length and chunked
 * bodies, keep-alive, pipelining answered in order, HEAD, Expect: 100-continue, limits and time-outs of ApimLimits.
 * Handlers run on the worker (must not block, answer before they return or later) or on a bounded pool.
 * A handler that never answers is a bug; one that is overtaken by a closed connection answers into nothing.
 *
 * Threads: routes are added on the main thread before the listener accepts. */
#ifndef NET_HTTP_SERVER_H
#define NET_HTTP_SERVER_H

#include "common/apim-config.h"
#include "common/apim-pool.h"
#include "net/net-conn.h"
#include "net/net-http-client-address.h"
#include "net/net-http-request.h"

G_BEGIN_DECLS

typedef struct _NetHttpServer NetHttpServer;
typedef struct _NetHttpExchange NetHttpExchange; /* one request and its answer */

/* Answer with net_http_respond(), exactly once. @exchange and all that it gives out live until then. */
typedef void (*NetHttpHandler) (NetHttpExchange *exchange, gpointer data);

typedef enum
{
  NET_HTTP_ON_WORKER, /* called on the connection's worker */
  NET_HTTP_ON_POOL,   /* called on the server's pool; 503 with Retry-After at once when it is full */
} NetHttpWhere;

/* @pool: (nullable): where NET_HTTP_ON_POOL handlers run; free it (which runs what is queued) before the reactor whose
 * workers take the answers, and the server after both. @limits is copied. */
NetHttpServer *net_http_server_new (const ApimLimits *limits, ApimPool *pool);
void net_http_server_free (NetHttpServer *server);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NetHttpServer, net_http_server_free)

/* Whose X-Forwarded-For is believed: nobody's until it is called. @trust is copied, what it names is borrowed. Before the
 * listener accepts. */
void net_http_server_set_trust (NetHttpServer *server, const NetHttpTrust *trust);

/* For requests from now on (a reload). Any thread. */
void net_http_server_set_limits (NetHttpServer *server, const ApimLimits *limits);

/* Adds a path. @path: begins with "/"; exact ("/thriftAuthenticator"), or a prefix when it ends in "*" (text compare,
 * the longest wins). Compared with the undecoded request path. A path with empty segments, dot segments (also
 * "..;x"), a backslash, "%2f", "%5c", "%2e" or "%00" never reaches a handler: 400. Anything else: 404. The handler
 * sees every method. */
void net_http_server_add (NetHttpServer *server, const char *path, NetHttpWhere where, NetHttpHandler handler,
                          gpointer data);

/* Requests for @path (as above) may have bodies up to MaxArchive. Of those over MaxHttpBody MaxArchivesAtOnce are
 * taken at a time, in all: one more is 503 with Retry-After, before its body is read. */
void net_http_server_allow_archives (NetHttpServer *server, const char *path);

/* The protocol for net_reactor_listen(); listener_data is the server. */
extern const NetProtocol net_http_protocol;

/* The request. Valid until net_http_respond(). Same thread as the handler. */
const NetHttpRequest *net_http_exchange_request (const NetHttpExchange *exchange);
const guint8 *net_http_exchange_body (const NetHttpExchange *exchange, gsize *length);
/* The client's address: that of whoever connected, or the one that a trusted proxy tells of
 * (net-http-client-address.h). */
const char *net_http_exchange_peer (const NetHttpExchange *exchange);

/* Adds a response header, before net_http_respond(). A @name or @value that is not header text (CR, LF, other controls)
 * aborts: it would be a bug of the handler that lets a peer split responses. */
void net_http_exchange_add_header (NetHttpExchange *exchange, const char *name, const char *value);

/* For a handler that finds that it would have to wait: @handler is called for this exchange on the server's pool, or 503
 * is answered as for NET_HTTP_ON_POOL. The exchange is gone for the caller. Any thread. */
void net_http_exchange_hand_to_pool (NetHttpExchange *exchange, NetHttpHandler handler, gpointer data);

/* Answers. From any thread; the body is copied. @status: 200-599. @content_type: (nullable) with an empty body. Date,
 * Content-Length and Connection ("close" where it ends, "keep-alive" to HTTP/1.0 where it does not) are added. HEAD,
 * 204 and 304 get no body. @exchange is gone after this. */
void net_http_respond (NetHttpExchange *exchange, guint status, const char *content_type, const void *body,
                       gsize length);

G_END_DECLS
#endif
