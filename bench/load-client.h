/* One TLS connection of the load generator: non-blocking, in an epoll set (level-triggered), with at most one
 * request on its way, as a Thrift client has it. Its memory must not move while it is open. Threads: one. */
#ifndef LOAD_CLIENT_H
#define LOAD_CLIENT_H

#include "bench/load-world.h"

#include <glib.h>
#include <netinet/in.h>
#include <openssl/ssl.h>

G_BEGIN_DECLS

#define LOAD_CLIENT_MAX_REPLY 4096

#define LOAD_CLIENT_ERROR (load_client_error_quark ())
GQuark load_client_error_quark (void);
typedef enum
{
  LOAD_CLIENT_ERROR_SETUP,      /* OpenSSL or the system refuses something */
  LOAD_CLIENT_ERROR_CONNECTION, /* the server cannot be reached, or ended the connection */
} LoadClientError;

/* How to reach a server; shared by all clients of a run. */
typedef struct
{
  struct sockaddr_in address;
  SSL_CTX *context;
  int epoll_fd;
} LoadTarget;

typedef enum
{
  LOAD_CLIENT_CLOSED,
  LOAD_CLIENT_CONNECTING,  /* TCP */
  LOAD_CLIENT_HANDSHAKING, /* TLS */
  LOAD_CLIENT_IDLE,
  LOAD_CLIENT_WAITING, /* for a reply */
} LoadClientState;

typedef struct
{
  LoadClientState state;
  int fd;
  guint32 interest;
  SSL *ssl;
  SSL_SESSION *session; /* nullable: the last one that a server gave; kept when the connection is closed */
  LoadExpected expected;
  gint64 begin_ns; /* the caller's: the time that the latency counts from */
  guint8 reply[LOAD_CLIENT_MAX_REPLY];
  gsize reply_length;
} LoadClient;

/* Listening on 127.0.0.1:@port. @key: "rsa" or "ec": the kind of certificate that the server has to show.
 * @tls: TLS1_2_VERSION or TLS1_3_VERSION: the only version. */
gboolean load_target_init (LoadTarget *target, guint16 port, const char *key, int tls, GError **error);
void load_target_clear (LoadTarget *target);

/* Begins to connect; @resume: with the session that the client still has, if any. */
gboolean load_client_open (LoadClient *client, LoadTarget *target, gboolean resume, GError **error);

/* To be called on each event until the state is LOAD_CLIENT_IDLE. */
gboolean load_client_shake_hands (LoadClient *client, LoadTarget *target, GError **error);

/* Sends the next request of @world on an idle connection. */
gboolean load_client_ask (LoadClient *client, LoadWorld *world, GError **error);

/* Reads. LOAD_REPLY_UNFINISHED: wait for the next event; otherwise the reply is complete, and the client is
 * idle. Returns: FALSE when the connection ended. */
gboolean load_client_hear (LoadClient *client, LoadWorld *world, LoadVerdict *verdict, GError **error);

/* Says good-bye as TLS wants it, if there is still somebody to hear it. */
void load_client_close (LoadClient *client);

/* Also forgets the session. */
void load_client_clear (LoadClient *client);

G_END_DECLS
#endif
