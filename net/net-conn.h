/* One connection, accepted or made: socket, TLS, input and output buffers, time-outs. It lives and dies on one worker.
 *
 * Life: accepted (limits checked), or made by net-connect.h -> TLS handshake, on a helper thread -> open:
 * protocol->opened() -> input() whenever bytes came -> protocol->closed(), always called once after opened(), then the
 * connection is freed when its last reference goes.
 *
 * One that we made differs: no limit of listeners counts it; its input is read however much output waits; it ends when
 * its peer has ended and all that came was taken, also while it is busy; and when the peer takes no more bytes (a
 * reset), what the peer has sent before is still read.
 *
 * Threads: everything here on the connection's worker only, unless said. */
#ifndef NET_CONN_H
#define NET_CONN_H

#include "net/net-buffer.h"
#include "net/net-worker.h"

G_BEGIN_DECLS

typedef struct _NetConn NetConn;
typedef struct _NetConnecting NetConnecting; /* net-connect.c */

/* What speaks on a connection: one static table per protocol. */
typedef struct
{
  const char *name; /* for log lines: "thrift", "https" */

  /* The handshake is done. Returns the protocol's state for this connection (nullable). @data: as given to
   * net_reactor_listen() or net_connect_start(). */
  gpointer (*opened) (NetConn *conn, gpointer data);

  /* Bytes are in @input (always net_conn_input()). Consume whole requests with net_buffer_consume(); what is left
   * stays for the next call. Append replies to net_conn_output(); they are sent when the call returns. Not called
   * while input is paused. */
  void (*input) (NetConn *conn, gpointer state, NetBuffer *input);

  /* The last call for this connection; the peer may still be reading what was sent. Free @state (or keep it until
   * the answers still under way came back). */
  void (*closed) (NetConn *conn, gpointer state);

  /* What net_conn_notify_sent() asked for. Nullable where nobody asks. */
  void (*sent) (NetConn *conn, gpointer state);

  /* The rest of a message did not come within ReadTimeout. What this appends to the output is still sent, then the
   * connection ends. Nullable: it ends without a word. */
  void (*timed_out) (NetConn *conn, gpointer state);

  /* The peer has ended its side while input is not read: after what its socket holds nothing more will come. Whether it
   * still reads shows only when something is sent. At most once per connection. Nullable: it is noticed when input is
   * read again. */
  void (*peer_ended) (NetConn *conn, gpointer state);

  /* The node begins to drain: a protocol whose peer is to be told so says it now. Nullable. */
  void (*drain) (NetConn *conn, gpointer state);

  /* What TLS listeners of it offer by ALPN, the best first, each name after a byte with its length (RFC 7301 3.1).
   * Nullable: they say nothing. A client with whom nothing is in common goes on without. */
  const char *alpn;
} NetProtocol;

/* Why a connection ended; counted by cause, and logged (rate limited) when it says something about a peer or a
 * limit. */
typedef enum
{
  NET_CLOSE_PEER,              /* the peer closed */
  NET_CLOSE_DONE,              /* the protocol was finished with it */
  NET_CLOSE_PROTOCOL,          /* the peer broke the protocol */
  NET_CLOSE_IO,                /* reset, TLS failure; by the protocol: our end is a reset, too, and no TLS alert */
  NET_CLOSE_HANDSHAKE,         /* TLS handshake failed */
  NET_CLOSE_HANDSHAKE_TIMEOUT,
  NET_CLOSE_IDLE_TIMEOUT,
  NET_CLOSE_READ_TIMEOUT,      /* a request that never became whole */
  NET_CLOSE_WRITE_TIMEOUT,     /* a peer that does not read */
  NET_CLOSE_LIMIT,             /* over MaxConnections or MaxConnectionsPerAddress */
  NET_CLOSE_DRAIN,             /* the node stops */
  NET_CLOSE_N_REASONS
} NetCloseReason;

NetWorker *net_conn_worker (const NetConn *conn); /* any thread */
/* Text form of the peer's address, without port. */
const char *net_conn_peer (const NetConn *conn); /* any thread */
NetBuffer *net_conn_input (NetConn *conn);
NetBuffer *net_conn_output (NetConn *conn);

/* What ALPN chose, of an open connection that we accepted: "h2", ...; not terminated. NULL: nothing. */
const char *net_conn_alpn (const NetConn *conn, gsize *length);

/* Another protocol goes on with the connection, and begins with what is left of the input. Only within input(), as its
 * last step: closed() is not called, what the old protocol kept is its own to free. @data: for opened(). */
void net_conn_hand_over (NetConn *conn, const NetProtocol *protocol, gpointer data);

/* Sends what is in the output buffer now. Needed only outside input(): for answers that come later. May close the
 * connection. */
void net_conn_flush (NetConn *conn);

/* Sends it at the end of this turn of the worker, so that what several callers append leaves in one write. Calls
 * nothing and closes nothing before it returns. */
void net_conn_flush_soon (NetConn *conn);

/* Sends it at once, for what is whole: the peer begins while this turn of the worker goes on. Calls nothing and closes
 * nothing before it returns, either: what follows from it comes at the end of the turn. */
void net_conn_flush_now (NetConn *conn);

/* Has protocol->sent() called once, when at most @mark bytes of output wait for the peer (perhaps they do now: then in
 * the next turn); never before this returns. Asking again replaces the question. This is how a producer keeps pace
 * with a slow reader. */
void net_conn_notify_sent (NetConn *conn, gsize mark);

/* Stops reading (and calling input()) until resumed: a request is in progress elsewhere. While paused the input
 * buffer is neither moved nor freed, not even by a close, as long as a reference is held: arguments decoded in place
 * stay valid. Resume calls input() from the next turn of the loop, if bytes are waiting. */
void net_conn_pause (NetConn *conn);
void net_conn_resume (NetConn *conn);

/* Tells the time-outs and the drain what the connection is doing: @busy TRUE while any request is in progress on a
 * pool (no idle or read time-out runs, a drain waits for it). An idle connection with input left in its buffer is in
 * the middle of a request. */
void net_conn_set_busy (NetConn *conn, gboolean busy);

/* Whether a busy connection ends when its peer has ended and all that came was taken: what is in progress needs more of
 * the peer (the rest of a body), and will not get it. */
void net_conn_set_ends_with_peer (NetConn *conn, gboolean ends);

/* Ends the connection: at once, or after the output is sent (no more input is read). closed() is called before this
 * returns or later. */
void net_conn_close (NetConn *conn, NetCloseReason reason);
void net_conn_close_after_flush (NetConn *conn);
gboolean net_conn_is_open (const NetConn *conn);
/* In closed() and later: why it ended. */
NetCloseReason net_conn_close_reason (const NetConn *conn);
/* The node is draining: answer what is in progress, then close (HTTP says "Connection: close"). */
gboolean net_conn_is_draining (const NetConn *conn);

/* References keep the memory, not the connection: an answer that comes late checks net_conn_is_open(). */
NetConn *net_conn_ref (NetConn *conn);
void net_conn_unref (NetConn *conn);

G_END_DECLS
#endif
