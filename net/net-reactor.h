/* The reactor: workers, listeners, handshake threads, limits, drain (architecture 3).
 *
 * Each worker has its own listening socket per address (SO_REUSEPORT); an accepted socket is handed to the worker
 * with the fewest connections, because gateways keep few connections for a long time and the kernel's hash would
 * spread those unevenly. Before the listeners are made, each address is bound once without SO_REUSEPORT, so that a
 * second node started by mistake fails with "address already in use" instead of taking half of the traffic.
 * Full handshakes run on helper threads (as many as workers), so that a burst of them never delays established
 * connections. When descriptors run out, accepting pauses for 100 ms instead of spinning; one reserve descriptor is
 * given up to close the waiting peer.
 *
 * Threads: main thread, unless said. */
#ifndef NET_REACTOR_H
#define NET_REACTOR_H

#include "common/apim-clock.h"
#include "common/apim-config.h"
#include "net/net-conn.h"
#include "net/net-tls.h"

G_BEGIN_DECLS

#define NET_ERROR (net_error_quark ())
GQuark net_error_quark (void);
typedef enum
{
  NET_ERROR_LISTEN,  /* an address could not be resolved or bound */
  NET_ERROR_SYSTEM,  /* epoll, threads, descriptors */
} NetError;

typedef struct _NetReactor NetReactor;

/* @workers: 0 = one per core. @limits is copied. Starts the threads.
 * For the whole process it ignores SIGPIPE and raises the soft limit of descriptors to the hard one. */
NetReactor *net_reactor_new (guint workers, const ApimLimits *limits, const ApimClock *clock, GError **error);

/* Limits for connections from now on (a reload). */
void net_reactor_set_limits (NetReactor *reactor, const ApimLimits *limits);

/* Requests that are served will need connections that we make: from now on MaxConnections = 0 leaves them half of the
 * descriptors, so that clients, however many, cannot take the last one. */
void net_reactor_expect_outgoing (NetReactor *reactor);

guint net_reactor_n_workers (const NetReactor *reactor);
NetWorker *net_reactor_worker (NetReactor *reactor, guint index);

/* Binds @address (every address its host resolves to; at least one must work) and accepts from net_reactor_accept() on.
 * @tls: (nullable): NULL = plain TCP. Port 0 = any free one.
 * @bound_port: (out) (optional).
 * Returns: an id for net_reactor_set_tls() (>= 0), or -1 with NET_ERROR_LISTEN. */
int net_reactor_listen (NetReactor *reactor, const ApimListenAddress *address, NetTls *tls, const NetProtocol *protocol,
                        gpointer listener_data, guint16 *bound_port, GError **error);
/* New handshakes on this listener use @tls from now on; connections go on as they are. */
void net_reactor_set_tls (NetReactor *reactor, int listener, NetTls *tls);

/* Starts to accept on all listeners. */
void net_reactor_accept (NetReactor *reactor);

/* Stops accepting, closes idle connections, lets requests in progress finish, for at most @timeout_ms; then closes
 * the rest. No connection is made any more: NET_CONNECT_DRAIN.
 * Returns: TRUE when nothing had to be cut off. Blocks the calling thread. */
gboolean net_reactor_drain (NetReactor *reactor, guint timeout_ms);

/* After the drain (it drains with 0 ms otherwise). Joins the threads. Tasks posted before are run. */
void net_reactor_free (NetReactor *reactor);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NetReactor, net_reactor_free)

/* Sums over all workers, read without stopping them. */
typedef struct
{
  guint64 accepted;
  guint64 open; /* now */
  guint64 handshakes_full, handshakes_resumed;
  guint64 bytes_in, bytes_out;
  guint64 accept_pauses; /* descriptors ran out */
  guint64 closed[NET_CLOSE_N_REASONS];
  /* Connections that we make (net-connect.h); those above are of listeners alone. */
  guint64 connected, connect_failed;
  guint64 connected_open;    /* now; being made included */
  guint64 connected_resumed; /* with a TLS session of before */
  guint64 connected_bytes_in, connected_bytes_out;
} NetCounters;

void net_reactor_read_counters (NetReactor *reactor, NetCounters *counters); /* any thread */

G_END_DECLS
#endif
