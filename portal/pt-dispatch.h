/* The way from the HTTP server to the portal's own pool: what waits for gateways and databases there keeps no
 * logins of gateways waiting. Threads: added on the main thread before the listeners accept. */
#ifndef PT_DISPATCH_H
#define PT_DISPATCH_H

#include "common/apim-pool.h"
#include "net/net-http-server.h"

G_BEGIN_DECLS

/* Answers with net_http_respond(). Runs on a thread of the pool. */
typedef void (*PtServe) (NetHttpExchange *exchange, gpointer data);

typedef struct _PtDispatch PtDispatch;

/* @pool: borrowed; it ends before the reactor does (common/apim-role.h). */
PtDispatch *pt_dispatch_new (ApimPool *pool);
void pt_dispatch_free (PtDispatch *dispatch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtDispatch, pt_dispatch_free)

/* @path: as net_http_server_add(). When the pool is full, requests are answered with 503 and Retry-After at
 * once. */
void pt_dispatch_add (PtDispatch *dispatch, NetHttpServer *server, const char *path, PtServe serve,
                      gpointer data);

G_END_DECLS
#endif
