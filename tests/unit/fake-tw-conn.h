/* A connection of the reactor without a socket, for tests of the Thrift server: one worker, whose turns the test
 * takes. */
#ifndef FAKE_TW_CONN_H
#define FAKE_TW_CONN_H

#include "net/net-conn.h"

/* As accepted and opened on worker @worker_index. */
NetConn *fake_conn_new (const NetProtocol *protocol, gpointer listener_data, guint worker_index);

/* Bytes come from the peer; they are handed to the protocol as the reactor does. */
void fake_conn_receive (NetConn *conn, const void *bytes, gsize length);

/* One turn of the loop: input that waited for a resume goes to the protocol. Returns whether there was any. */
gboolean fake_conn_turn (NetConn *conn);

/* What was sent so far, as hexadecimal digits; free with g_free(). Forgets it. */
char *fake_conn_take_sent (NetConn *conn);
gsize fake_conn_sent (NetConn *conn);
guint fake_conn_writes (NetConn *conn);

gboolean fake_conn_is_paused (NetConn *conn);
gboolean fake_conn_is_busy (NetConn *conn);
NetCloseReason fake_conn_reason (NetConn *conn);

/* The next flush finds the peer gone. */
void fake_conn_break (NetConn *conn);

/* The peer goes away, if it is still there; and the test's reference. */
void fake_conn_free (NetConn *conn);

/* Connections that somebody still holds. */
guint fake_conn_count (void);

#endif
