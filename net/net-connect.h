/* Connections that we make: a host's name becomes addresses, one of them a socket, and that a NetConn of the
 * worker that asked, with TLS or without.
 *
 * The addresses are tried one after the other; one that says nothing gets its share of the time that is left,
 * so that the next one still has a chance. Names are looked up and TLS handshakes are done on threads of
 * their own (net-names.h, net-handshake.c): nothing blocks the worker.
 *
 * A node that drains still makes connections, for the requests that it still answers, until the drain's end
 * cuts them off. Threads: the worker. */
#ifndef NET_CONNECT_H
#define NET_CONNECT_H

#include "net/net-conn.h"
#include "net/net-tls-client.h"

G_BEGIN_DECLS

typedef enum
{
  NET_CONNECT_NO_ADDRESS, /* the name is not known, or cannot be asked for */
  NET_CONNECT_REFUSED,    /* no address takes the connection: refused, unreachable */
  NET_CONNECT_TIMEOUT,
  NET_CONNECT_TLS,    /* no TLS, or a certificate that does not vouch for the host */
  NET_CONNECT_SYSTEM, /* of our own making: no descriptors, too many handshakes wait */
  NET_CONNECT_DRAIN,  /* the node stops */
} NetConnectError;

/* Embed it, zero-initialised but for failed(). */
typedef struct _NetConnect NetConnect;
struct _NetConnect
{
  /* There will be no connection. @why: a sentence for a log that names host and port; lives until this
   * returns. */
  void (*failed) (NetConnect *connect, NetConnectError error, const char *why);
  /*< private >*/
  NetConnecting *connecting; /* NULL: none is under way */
};

/* Begins. Either protocol->opened (conn, data) is called, or connect->failed(), once, never before this
 * returns;
 * @connect is the caller's again when it is.
 * @host: a name, or an address without brackets; copied. @tls: (nullable): NULL: plain TCP.
 * @timeout_ms: for all of it: name, TCP, TLS. */
void net_connect_start (NetConnect *connect, NetWorker *worker, const char *host, guint16 port,
                        NetTlsClient *tls, guint timeout_ms, const NetProtocol *protocol, gpointer data);

/* Neither of the two is called any more. Does nothing when none is under way. */
void net_connect_cancel (NetConnect *connect);

G_END_DECLS
#endif
