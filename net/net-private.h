/* What the files of the reactor share; nobody else includes it, tests of this folder excepted.
 * Threads: "worker" = only on that worker's thread; everything else says so. */
#ifndef NET_PRIVATE_H
#define NET_PRIVATE_H

#include "net/net-connect.h"
#include "net/net-names.h"
#include "net/net-reactor.h"
#include <netinet/in.h>
#include <sys/socket.h>

G_BEGIN_DECLS

/* Buffers: chunks of two sizes circulate in a cache per worker, so that requests cost no malloc() and an idle
 * connection holds nothing. A small one takes most heads and what waits beside them, so that a thousand calls in
 * progress lie close together; a large one takes a TLS record, and what is read: it is mostly given back at once, and so
 * stays in the processor's cache. */
#define NET_BUFFER_SMALL_CHUNK 2048
#define NET_BUFFER_CHUNK 16384

typedef struct
{
  guint8 *first;
  guint n;
} NetBufferShelf;

typedef struct
{
  NetBufferShelf small, large;
} NetBufferCache;

/* @cache: (nullable): what net_buffer_reserve() and net_buffer_clear() use on the calling thread. */
void net_buffer_use_cache (NetBufferCache *cache);
void net_buffer_cache_clear (NetBufferCache *cache);

/* The timer wheel; see net-timer.c. */
#define NET_TICK_US 10000
#define NET_WHEEL_SLOTS 4096

typedef struct
{
  gint64 tick; /* the last one that was run */
  NetTimer *slots[NET_WHEEL_SLOTS];
  guint64 used[NET_WHEEL_SLOTS / 64]; /* a bit may outlive its slot's last timer */
} NetWheel;

void net_wheel_init (NetWheel *wheel, gint64 now_us);
void net_wheel_arm (NetWheel *wheel, NetTimer *timer, gint64 due_us);
/* Fires what is due. @worker is passed on. */
void net_wheel_advance (NetWheel *wheel, NetWorker *worker, gint64 now_us);
/* When to look again; -1 = no timer is armed. */
gint64 net_wheel_next_us (const NetWheel *wheel);

/* Something in a worker's epoll set. */
typedef struct _NetSource NetSource;
struct _NetSource
{
  void (*ready) (NetSource *source, NetWorker *worker, guint32 events);
};

typedef struct _NetListener NetListener;
typedef struct _NetAcceptor NetAcceptor;
typedef struct _NetHandshakes NetHandshakes;
typedef struct _NetPeers NetPeers;

struct _NetWorker
{
  NetReactor *reactor;
  const ApimClock *clock;
  GThread *thread;
  guint index;
  int epoll_fd;
  int wake_fd;
  NetSource wake;
  NetTask *posted; /* atomic; newest first */
  gboolean stopping;

  gint64 now_us, now_wall_ms;
  NetWheel wheel;
  NetBufferCache cache;
  ApimLimits limits; /* worker */

  NetConn *conns;                   /* every one that is not closed */
  NetConn *ready, **ready_tail;     /* to go on with next turn without waiting for epoll */
  NetConn *buried;                  /* closed in this turn; events of the turn may still name them */
  gint n_conns;                     /* atomic; raised by whoever gives the worker a connection */
  gboolean draining;
  gboolean cut; /* the drain is over: nothing begins any more */

  NetConnecting *connecting; /* connections that are being made */
  NetAcceptor *acceptors;
  NetTimer accept_pause;
  int reserve_fd; /* given up when descriptors run out */

  NetCounters counters; /* written by the worker, read by any thread; .open is not used */
};

/* @worker is zeroed memory. FALSE with NET_ERROR_SYSTEM. */
gboolean net_worker_start (NetWorker *worker, NetReactor *reactor, guint index, const ApimClock *clock,
                           const ApimLimits *limits, GError **error);
/* Runs what was posted, joins the thread. */
void net_worker_stop (NetWorker *worker);
/* Runs @call on the worker and waits for it. Any thread but another worker. */
void net_worker_call (NetWorker *worker, void (*call) (NetWorker *worker, gpointer data), gpointer data);

/* Adds to a counter of one's own worker. */
static inline void
net_count (guint64 *counter, guint64 amount)
{
  __atomic_store_n (counter, *counter + amount, __ATOMIC_RELAXED);
}

typedef enum
{
  NET_CONN_WAITING,     /* for bytes of the TLS handshake */
  NET_CONN_HANDSHAKING, /* a handshake thread owns ssl and fd; the worker keeps off */
  NET_CONN_OPEN,
  NET_CONN_FLUSHING,  /* closes once the output is sent */
  NET_CONN_LINGERING, /* our end is shut; what the peer still sends is thrown away so that it can read our last words */
  NET_CONN_CLOSED,
} NetConnState;

typedef enum
{
  NET_HANDSHAKE_DONE,
  NET_HANDSHAKE_WANT_READ,
  NET_HANDSHAKE_WANT_WRITE,
  NET_HANDSHAKE_FAILED,
} NetHandshakeResult;

struct _NetConn
{
  NetSource source;
  NetTask task; /* adoption by the worker; the way back from a handshake thread */
  NetTimer timer;
  NetWorker *worker;
  const NetProtocol *protocol;
  gpointer protocol_data;    /* for opened() */
  NetListener *listener;     /* NULL: we made it */
  NetConnecting *connecting; /* of one that we make, until it is open */
  gboolean secure;
  SSL *ssl; /* nullable */
  int fd;   /* -1 when closed */
  gint ref_count;
  gpointer protocol_state;
  NetBuffer input;
  NetBuffer output;

  NetConn *next, **self;  /* worker->conns */
  NetConn *ready_next;    /* worker->ready, holds a reference */
  NetConn *list_next;     /* worker->buried, or the handshake queue */

  NetConnState state;
  NetCloseReason close_reason; /* when close_wanted or ended */
  NetCloseReason last_words;   /* why it ends when its output is sent: NET_CLOSE_DONE, unless a time-out was answered */
  NetHandshakeResult handshake;
  char *handshake_error;       /* nullable; for the log */
  gint abandoned;              /* atomic: the handshake is not worth going on with */
  guint32 interest;            /* what epoll is asked for */
  guint callbacks;             /* depth of calls into the protocol */
  unsigned close_wanted : 1;
  unsigned paused : 1;
  unsigned busy : 1;
  unsigned in_ready : 1;
  unsigned ready_void : 1;       /* of one in_ready: settled since, and nothing is left to go on with */
  unsigned input_due : 1;        /* bytes that input() has not seen, or could take only now */
  unsigned in_message : 1;       /* input() left the beginning of a message */
  unsigned read_wants_write : 1; /* TLS must send before it can read */
  unsigned read_blocked : 1;     /* the last read found no whole record */
  unsigned write_blocked : 1;
  unsigned edges : 1;    /* epoll tells once of what comes (net-conn-io.c, update_interest()) */
  unsigned may_read : 1; /* of such a one: it has told of bytes that no read has met the end of */
  unsigned eof : 1;
  unsigned peer_end_seen : 1; /* while input was not read; epoll is not asked for it again */
  unsigned draining : 1;
  unsigned answered_in_drain : 1;
  unsigned tls_broken : 1; /* no close_notify after a fatal TLS error */
  unsigned ends_with_peer : 1;
  unsigned write_broken : 1; /* the peer takes no more; what it sent before is still read */
  unsigned sent_wanted : 1;  /* sent() is due when no more than sent_mark bytes wait */
  gsize sent_mark;

  gint64 deadline_us;   /* of the handshake; of lingering */
  gint64 active_us;     /* bytes came, or a request ended */
  gint64 message_us;    /* the message in the input began; 0 = none has */
  gint64 written_us;    /* the output blocked, or got on since */
  char peer[INET6_ADDRSTRLEN];
  guint8 peer_address[16]; /* IPv4 as mapped */
};

/* Takes @fd over. The counts (worker, total, address) were raised by the caller. Any thread. */
NetConn *net_conn_new (NetListener *listener, NetWorker *worker, int fd, const struct sockaddr_storage *address);
/* Puts it into its worker's set. Worker. */
void net_conn_adopt (NetConn *conn);
/* The same for one that we made: @fd is connected and in the worker's set. Worker. */
NetConn *net_conn_new_made (NetConnecting *connecting, NetWorker *worker, int fd,
                            const struct sockaddr_storage *address, const NetProtocol *protocol, gpointer data,
                            gboolean secure);
void net_conn_adopt_made (NetConn *conn);
/* TLS is done (or there is none): the protocol starts. Worker. */
void net_conn_open (NetConn *conn);
/* Closes at once, whatever the state. Not while a handshake thread has it. Worker. */
void net_conn_finish (NetConn *conn, NetCloseReason reason);
/* Closes, or has it closed when the handshake thread gives it back. Worker. */
void net_conn_abandon (NetConn *conn, NetCloseReason reason);
/* The output is sent: ends the protocol, shuts our end and waits a moment for the peer to end its own. Worker. */
void net_conn_linger (NetConn *conn);
/* Drops the references of what was closed in this turn. Worker. */
void net_conn_bury (NetWorker *worker);
/* Asks epoll for @events, unless it does that already. Worker. */
void net_conn_watch (NetConn *conn, guint32 events);

/* net-conn-io.c; worker. */
/* @readable: bytes are known to wait in the socket. */
void net_conn_turn (NetConn *conn, gboolean readable);
void net_conn_write (NetConn *conn);
/* After any change: closes what is over, gives back memory, sets epoll interest and timer. */
void net_conn_settle (NetConn *conn);
gboolean net_conn_reads_wanted (const NetConn *conn);
/* The event by which the peer's end is noticed while input is not read; 0: nobody wants to know, or knows already. */
guint32 net_conn_end_event (const NetConn *conn);
/* What epoll is asked for on a plain connection, from its beginning on. */
#define NET_CONN_EDGES (EPOLLIN | EPOLLRDHUP | EPOLLET)
void net_conn_queue_ready (NetConn *conn);
void net_conn_run_ready (NetWorker *worker);
void net_conn_drain (NetConn *conn);

/* net-conn-timeout.c; worker. */
void net_conn_update_timer (NetConn *conn);
void net_conn_timer_fired (NetTimer *timer, NetWorker *worker);

/* net-transport.c: TLS or plain, the same to the rest. Worker. */
typedef enum
{
  NET_IO_DONE,
  NET_IO_AGAIN,
  NET_IO_WANT_WRITE, /* a read that cannot go on before TLS has sent something */
  NET_IO_EOF,
  NET_IO_ERROR,
} NetIo;

NetIo net_transport_read (NetConn *conn, guint8 *bytes, gsize room, gsize *length);
NetIo net_transport_write (NetConn *conn, const guint8 *bytes, gsize length, gsize *written);
/* Bytes wait in TLS, which epoll cannot know. */
gboolean net_transport_pending (const NetConn *conn);
/* Says good-bye (best effort) and frees the TLS state. */
void net_transport_end (NetConn *conn);

/* net-connect.c */
/* Its connection is open; the connecting is gone. Worker. */
void net_connecting_done (NetConnecting *connecting);
/* Its connection ended before that. @why: nullable. Worker. */
void net_connecting_lost (NetConnecting *connecting, NetCloseReason reason, const char *why);
/* Fails what has no connection yet. Worker. */
void net_connecting_cut (NetWorker *worker);
/* The client's end of its TLS. NULL with OpenSSL's error. Handshake thread. */
SSL *net_connecting_open_tls (NetConnecting *connecting);

/* net-handshake.c */
NetHandshakes *net_handshakes_new (guint threads);
/* Runs what is queued to its end. */
void net_handshakes_free (NetHandshakes *handshakes);
/* From now on handshakes are given back failed, without work. */
void net_handshakes_abort (NetHandshakes *handshakes);
/* The first bytes are there, or the bytes that were waited for. Worker. */
void net_handshake_continue (NetConn *conn);

/* net-peers.c: connections per address. Any thread. */
/* An address in 16 bytes, IPv4 as mapped. */
void net_address_bytes (const struct sockaddr_storage *address, guint8 bytes[16]);
void net_address_text (const struct sockaddr_storage *address, char text[INET6_ADDRSTRLEN]);
NetPeers *net_peers_new (void);
void net_peers_free (NetPeers *peers);
/* FALSE when the address has @limit connections already (0 = no limit). */
gboolean net_peers_add (NetPeers *peers, const guint8 address[16], guint limit);
void net_peers_remove (NetPeers *peers, const guint8 address[16]);

/* net-listener.c */
struct _NetAcceptor
{
  NetSource source;
  NetListener *listener;
  NetAcceptor *next; /* worker->acceptors */
  int fd;
  gboolean active;
};

struct _NetListener
{
  NetReactor *reactor;
  const NetProtocol *protocol;
  gpointer data;
  gboolean secure;
  GMutex lock;
  NetTls *tls;         /* under lock; nullable */
  GArray *acceptors;   /* of NetAcceptor: for each address, one per worker in order */
};

/* Keep-alive and no delay, for sockets of listeners (those that they accept inherit it) and for those that we connect.
 * FALSE with errno. Any thread. */
gboolean net_socket_set_options (int fd);
/* Binds. NULL with NET_ERROR_LISTEN. */
NetListener *net_listener_new (NetReactor *reactor, const ApimListenAddress *address, guint n_workers,
                               guint16 *bound_port, GError **error);
void net_listener_free (NetListener *listener);
/* Worker. */
void net_listener_start_accepting (NetListener *listener, NetWorker *worker);
void net_listener_stop_accepting (NetWorker *worker);
NetTls *net_listener_ref_tls (NetListener *listener); /* any thread */

/* net-reactor.c */
NetHandshakes *net_reactor_handshakes (NetReactor *reactor);
/* Counts one more connection in and chooses its worker; NULL with @limit_name when it is one too many. Any thread. */
NetWorker *net_reactor_admit (NetReactor *reactor, const guint8 address[16], const ApimLimits *limits, guint start,
                              const char **limit_name);
void net_reactor_release (NetReactor *reactor, NetWorker *worker, const guint8 address[16]); /* any thread */
void net_reactor_count_cut (NetReactor *reactor);                                            /* any thread */
/* Connections that we make or made: a drain waits for them, too. Any thread. */
void net_reactor_count_made (NetReactor *reactor, int change);
NetNames *net_reactor_names (NetReactor *reactor);
/* For tests, before any connection is made. */
void net_reactor_set_resolver (NetReactor *reactor, NetResolve resolve);

G_END_DECLS
#endif
