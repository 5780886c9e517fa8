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

#include "gateway/gw-service.h"
#include "net/net-conn.h"

G_BEGIN_DECLS

typedef struct _GwConnection GwConnection;

/* For net_reactor_listen(), with a GwDoor as data. */
extern const NetProtocol gw_connection_protocol;

/* What an exchange asks of its connection. */
NetConn *gw_connection_conn (const GwConnection *connection);
const GwDoor *gw_connection_door (const GwConnection *connection);

/* Whether gw_exchange_body() may be called. Never called before this returns. */
void gw_connection_want_body (GwConnection *connection, gboolean wanted);

/* An answer's head is about to be written: decides whether another request may follow on the connection.
 * Returns: the value of the head's Connection; nullable (static). */
const char *gw_connection_begin_answer (GwConnection *connection, const NetHttpRequest *request);
/* The answer has no end but that of the connection. */
void gw_connection_ends_answer (GwConnection *connection);

/* The answer is whole, or (@cut) will never be, and the client must not take it for whole. The exchange is gone; so may
 * @connection be, after this. */
void gw_connection_finish (GwConnection *connection, gboolean cut);

G_END_DECLS
#endif
