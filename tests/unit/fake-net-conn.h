/* Connections in memory: the functions of net-conn.h and net-worker.h without sockets, time or TLS, so that protocols
 * can be tested byte by byte, deterministically. A program links this file before libnet, whose own objects for them
 * then stay out.
 *
 * It is as unfriendly as the contract allows: the input buffer moves to fresh memory of exact size whenever bytes are
 * added, so that a stale pointer or a read past the end is found by the address sanitizer; closed() is called before
 * the closing function returns; a function that belongs to the worker's thread aborts on any other.
 *
 * Threads: one thread plays the one worker; net_worker_post() may come from any. */
#ifndef FAKE_NET_CONN_H
#define FAKE_NET_CONN_H

#include "net/net-conn.h"

G_BEGIN_DECLS

#define FAKE_NOW_MS G_GINT64_CONSTANT (784111777000) /* Sun, 06 Nov 1994 08:49:37 GMT, the example of RFC 9110 */
#define FAKE_PEER "192.0.2.7"

/* A connection that is open. The caller's thread becomes the worker. Free with fake_conn_free(). */
NetConn *fake_conn_new (const NetProtocol *protocol, gpointer listener_data);
/* The peer goes away, if it has not yet. The connection lives on while the protocol holds references. */
void fake_conn_free (NetConn *conn);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NetConn, fake_conn_free)

/* The peer sends. While the input is paused the bytes wait, as in a socket. */
void fake_conn_feed (NetConn *conn, const void *bytes, gsize length);
/* What was sent to the peer so far. (transfer none): until the next call for this connection. */
const char *fake_conn_sent (NetConn *conn, gsize *length);
void fake_conn_forget_sent (NetConn *conn);
/* The peer closes. */
void fake_conn_peer_close (NetConn *conn);
void fake_conn_set_draining (NetConn *conn, gboolean draining);

gboolean fake_conn_is_paused (const NetConn *conn);
gboolean fake_conn_is_busy (const NetConn *conn);
gsize fake_conn_input_size (const NetConn *conn); /* bytes held for unread input, the "socket" not counted */
NetCloseReason fake_conn_close_reason (const NetConn *conn); /* once it is closed */

/* Connections whose memory is not gone yet. */
guint fake_conn_count (void);

/* Runs posted tasks and due resumes until there are none. */
void fake_worker_run (void);
/* The same, after waiting for at least one posted task. */
void fake_worker_wait (void);

G_END_DECLS
#endif
