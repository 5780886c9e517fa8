/* For the tests of net/: a server with a small line protocol on a real socket, and a blocking client.
 *
 * Requests are lines. "later X" is answered from another thread, with input paused meanwhile. "sync X" pauses, and
 * resumes before input() returns. "hold X" stays in progress until net_test_release(). "big N" is answered with N
 * bytes 'b' and a line end. "quit" is answered, then the connection is closed. "break" is a breach of the protocol.
 * Anything else comes back as it is. */
#ifndef NET_TEST_H
#define NET_TEST_H

#include "common/apim-key-store.h"
#include "common/apim-pool.h"
#include "net/net-private.h"

typedef struct
{
  NetReactor *reactor;
  int listener;
  guint16 port;
  gint opened, closed; /* atomic */
  gint held;           /* atomic: "hold" requests in progress */
  gint paused_closes;  /* atomic: connections that closed under a held request */
  GMutex lock;
  GSList *holds; /* under lock */
  ApimPool *later;
} NetTestServer;

/* Generous time-outs, so that no test depends on the machine's speed unless it sets one. */
ApimLimits net_test_limits (void);

/* @tls: (nullable). Listens on 127.0.0.1, any port, and accepts. */
void net_test_server_start (NetTestServer *server, guint workers, const ApimLimits *limits, NetTls *tls);
void net_test_server_stop (NetTestServer *server);
extern const NetProtocol net_test_protocol;

/* Answers every held request; waits until @n are held first. */
void net_test_wait_held (NetTestServer *server, gint n);
void net_test_release (NetTestServer *server);

NetCounters net_test_counters (NetTestServer *server);
/* Waits (not for ever: it fails) until @reason was counted @n times, or @n connections are open. */
void net_test_wait_closed (NetTestServer *server, NetCloseReason reason, guint64 n);
void net_test_wait_open (NetTestServer *server, guint64 n);

/* Keys made once per process: "rsa" or "ec". Self-signed for localhost. */
ApimKeyPair *net_test_key_pair (gboolean ec);
/* With both key pairs. @ticket_key: (nullable). */
NetTls *net_test_tls (int minimum, const guint8 *ticket_key);

/* Issues a certificate for a new P-256 key. @issuer: nullable: self-signed. @names: (nullable): as in "DNS:a.example,IP:127.0.0.1";
 * NULL: an authority. @from_s, @until_s: of its validity, from now. Free with apim_key_pair_free(). */
ApimKeyPair *net_test_issue (const ApimKeyPair *issuer, const char *common_name, const char *names, glong from_s,
                             glong until_s);
/* Free with g_free(). */
char *net_test_pem (const ApimKeyPair *pair);
/* A listener's context that serves this pair alone, which lives longer. */
NetTls *net_test_tls_of (ApimKeyPair *pair);

typedef struct
{
  int fd;
  SSL *ssl; /* nullable */
} NetTestClient;

int net_test_connect (guint16 port);
/* A socket that listens on 127.0.0.1; on accept() the backlog is all that waits. */
int net_test_listen (int backlog, guint16 *port);
void net_test_client_plain (NetTestClient *client, guint16 port);
/* @context: (nullable): a client context; @session: (nullable): to resume. Fails the test when the handshake fails. */
void net_test_client_tls (NetTestClient *client, guint16 port, SSL_CTX *context, SSL_SESSION *session);
/* Either, by @secure. */
void net_test_client (NetTestClient *client, guint16 port, gboolean secure);
void net_test_send (NetTestClient *client, const char *text);
/* A line without its end, at most 1 MiB; NULL at the end of the stream or a reset. Free with g_free(). */
char *net_test_receive (NetTestClient *client);
/* Reads exactly @n bytes. */
void net_test_skip (NetTestClient *client, gsize n);
void net_test_expect (NetTestClient *client, const char *line);
/* Fails the test when anything but the end comes. */
void net_test_expect_end (NetTestClient *client);
void net_test_client_close (NetTestClient *client);

#endif
