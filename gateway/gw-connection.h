/* The gateway's side of a client's connection on the ports 8280 and 8243: HTTP/1.1, and how HTTP/2 begins. Heads are read strictly, bodies are
 * passed on as they come, requests are answered one after the other in the order in which they came (pipelining).
 *
 * What cannot become a request is answered with 400, 413, 414, 417, 431, 501 or 505, and the connection ends, because
 * nobody knows where the next request would begin. A head that is not whole within ReadTimeout, or a body that stops
 * coming for as long, or comes too slowly (gw-pace.h): 408.
 *
 * A client that resets the connection is gone, and its request is given up. One that ends only its side may read on and
 * is answered; TCP does not tell it from one that has closed its socket. So after GW_GONE_CLIENT_MS it is sent an
 * interim answer, 100, which every client of HTTP/1.1 reads over, and which the kernel of one that is gone answers with
 * a reset. Clients of HTTP/1.0 cannot be asked: their requests go on.
 *
 * A request that nobody asked to be sent a body (Expect: 100-continue) is told to go on only once its call is let
 * through: who is refused does not send it in vain.
 *
 * Threads: one worker, like its NetConn. */
#ifndef GW_CONNECTION_H
#define GW_CONNECTION_H

#include "gateway/gw-stream.h"

G_BEGIN_DECLS

/* For net_reactor_listen(), with a GwDoor as data. Where the service speaks HTTP/2, connections go on as
 * gw-h2-connection.h has it: with TLS those whose ALPN chose h2, without TLS those that begin with its preface (RFC 9113 3.2,
 * 3.3; no Upgrade, which that RFC has given up). */
extern const NetProtocol gw_connection_protocol;
/* The same for a service that speaks HTTP/1.1 alone: TLS does not offer HTTP/2. */
extern const NetProtocol gw_connection_protocol_http1;

G_END_DECLS
#endif
