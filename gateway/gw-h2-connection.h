/* The gateway's side of a client's HTTP/2 connection (RFC 9113), by libnghttp2: on 8243 where ALPN chose h2, on 8280 for
 * clients that begin with the preface (prior knowledge, 3.3). gw-connection.h hands connections over.
 *
 * Each stream is one request with an exchange of its own, so that what becomes of it is the same as in HTTP/1.1. Request
 * heads: gw-h2-head.h. Streams that break the rules of one stream are reset; who breaks those of the connection gets
 * GOAWAY, as does who costs more than he asks for (gw-h2-guard.h).
 *
 * Both directions keep pace with their slower side: of a request's body as much as its window waits, and of all bodies as
 * much as the connection's window; of each answer about GW_CLIENT_MARK, and of frames to be written as much again.
 *
 * A drain tells the client (GOAWAY), answers what was under way when it heard of that, and then ends (6.8).
 *
 * Threads: one worker, like its NetConn. Nothing of ours is allocated per request once the worker's spare streams and
 * buffers are there; the library allocates a stream, its frames and the fields of its answer. */
#ifndef GW_H2_CONNECTION_H
#define GW_H2_CONNECTION_H

#include "gateway/gw-service.h"
#include "net/net-conn.h"

G_BEGIN_DECLS

/* What is written for a client before more is taken from the streams. */
#define GW_H2_OUTPUT_MARK 65536
/* How long a drain waits for the client to have heard that it should open no more streams. */
#define GW_H2_GOODBYE_MS 1000

/* For net_conn_hand_over(), with a GwDoor as data; the input begins with the preface, or with part of it. */
extern const NetProtocol gw_h2_connection_protocol;

void gw_h2_stream_free_spare (GwServiceWorker *worker);

G_END_DECLS
#endif
