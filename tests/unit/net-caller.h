/* One connection that a test makes, and what came of it. */
#ifndef NET_CALLER_H
#define NET_CALLER_H

#include "net-test.h"
#include "net/net-tls-client.h"

#define PATIENCE_US (120 * G_USEC_PER_SEC)
#define CALLER_MARK 1000 /* at most so much waits when sent() comes */

/* Zero-initialise, but for what a case sets. Results are under the lock. */
typedef struct
{
  NetConnect connect;
  NetReactor *reactor;
  const char *host;
  guint16 port;
  NetTlsClient *tls;
  guint timeout_ms;
  const char *greeting; /* sent when it is open */
  gboolean busy;
  gboolean cancel; /* as soon as it has begun */

  GMutex lock;
  GCond changed;
  NetConn *conn; /* a reference */
  gboolean opened, failed, closed, draining;
  guint n_sent;
  NetConnectError error;
  char *why;
  NetCloseReason reason;
  GString *received;
} Caller;

/* On the first worker of @reactor; waits until it has begun. */
void caller_begin (Caller *caller, NetReactor *reactor, const char *host, guint16 port, NetTlsClient *tls,
                   guint timeout_ms);
/* Closes the connection, if there is one, and waits for its end. */
void caller_end (Caller *caller);

#define WAIT_UNTIL(caller, condition)                                                                        \
  do                                                                                                         \
    {                                                                                                        \
      gint64 end_us = g_get_monotonic_time () + PATIENCE_US;                                                 \
                                                                                                             \
      g_mutex_lock (&(caller)->lock);                                                                        \
      while (!(condition))                                                                                   \
        g_assert_true (g_cond_wait_until (&(caller)->changed, &(caller)->lock, end_us));                     \
      g_mutex_unlock (&(caller)->lock);                                                                      \
    }                                                                                                        \
  while (0)

#endif
