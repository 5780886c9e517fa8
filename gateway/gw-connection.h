/* The gateway's side of a client's connection: HTTP/1.1 on the ports 8280 and 8243. Heads are read strictly, bodies are
 * passed on as they come, requests are answered one after the other in the order in which they came (pipelining).
 *
 * What cannot become a request is answered with 400, 413, 414, 417, 431, 501 or 505, and the connection ends, because
 * nobody knows where the next request would begin. A body that stops coming: 408.
 *
 * A request that nobody asked to be sent a body (Expect: 100-continue) is told to go on only once its call is let
 * through: who is refused does not send it in vain.
 *
 * Threads: one worker, like its NetConn. */
#ifndef GW_CONNECTION_H
#define GW_CONNECTION_H

#include "gateway/gw-stream.h"

G_BEGIN_DECLS

/* For net_reactor_listen(), with a GwDoor as data. */
extern const NetProtocol gw_connection_protocol;

G_END_DECLS
#endif
