/* TLS handshakes: a few threads that serve one first-come queue. A connection waits in its worker's epoll set until
 * bytes are there (one that we make speaks first, and does not wait), is queued, does as much of its handshake as the bytes allow on a helper thread, and goes back to
 * the worker to wait for more. So the private-key work is never done on a worker, and a stalled peer holds no
 * helper. */
#include "config.h"
#include "net/net-private.h"
#include <errno.h>
#include <openssl/err.h>
#include <sys/epoll.h>
#include <unistd.h>

struct _NetHandshakes
{
  GMutex lock;
  GCond wake;
  NetConn *head, **tail; /* oldest first */
  guint waiting;
  gboolean stopping;
  gint aborting; /* atomic */
  guint n_threads;
  GThread **threads;
};

/* The text for the log: what an operator can do something about is put in his words. */
static char *
describe_failure (int ssl_error, int saved_errno)
{
  static const struct
  {
    int reason;
    const char *text;
  } known[] = {
    { SSL_R_UNSUPPORTED_PROTOCOL, "the peer offers only TLS versions below TlsMinimumVersion" },
    { SSL_R_NO_SHARED_CIPHER, "the peer offers none of our ciphers (TlsCiphers)" },
    { SSL_R_TLSV1_ALERT_UNKNOWN_CA, "the peer does not trust our certificate (unknown CA)" },
    { SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN, "the peer does not trust our certificate" },
    { SSL_R_SSLV3_ALERT_BAD_CERTIFICATE, "the peer refuses our certificate" },
    { SSL_R_TLSV1_ALERT_PROTOCOL_VERSION, "the peer refuses our TLS versions" },
    { SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE, "the peer finds no common parameters" },
  };
  unsigned long code = ERR_peek_last_error ();

  if (code == 0 && ssl_error == SSL_ERROR_SYSCALL && saved_errno != 0)
    return g_strdup (g_strerror (saved_errno));
  if (code == 0)
    return g_strdup ("the peer closed the connection in the middle of it");
  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    if (ERR_GET_LIB (code) == ERR_LIB_SSL && ERR_GET_REASON (code) == known[i].reason)
      return g_strdup (known[i].text);
  return net_tls_last_error ();
}

static SSL *
make_server_end (NetListener *listener)
{
  g_autoptr (NetTls) tls = net_listener_ref_tls (listener);
  SSL *ssl = SSL_new (net_tls_context (tls));

  if (ssl == NULL)
    return NULL;
  SSL_set_accept_state (ssl);
  net_tls_offer (ssl, listener->protocol->alpn);
  return ssl;
}

static gboolean
make_ssl (NetConn *conn)
{
  conn->ssl
      = conn->listener != NULL ? make_server_end (conn->listener) : net_connecting_open_tls (conn->connecting);
  return conn->ssl != NULL && SSL_set_fd (conn->ssl, conn->fd) == 1;
}

static NetHandshakeResult
handshake_step (NetHandshakes *handshakes, NetConn *conn)
{
  int result, ssl_error, saved_errno;

  /* Those that we make are for requests in progress, which a drain lets finish. */
  if (g_atomic_int_get (&conn->abandoned) || (conn->listener != NULL && g_atomic_int_get (&handshakes->aborting)))
    return NET_HANDSHAKE_FAILED;
  ERR_clear_error ();
  if (conn->ssl == NULL && !make_ssl (conn))
    {
      conn->handshake_error = net_tls_last_error ();
      return NET_HANDSHAKE_FAILED;
    }
  errno = 0;
  result = SSL_do_handshake (conn->ssl);
  if (result == 1)
    return NET_HANDSHAKE_DONE;
  saved_errno = errno;
  ssl_error = SSL_get_error (conn->ssl, result);
  if (ssl_error == SSL_ERROR_WANT_READ)
    return NET_HANDSHAKE_WANT_READ;
  if (ssl_error == SSL_ERROR_WANT_WRITE)
    return NET_HANDSHAKE_WANT_WRITE;
  errno = saved_errno;
  conn->handshake_error = conn->listener != NULL ? describe_failure (ssl_error, saved_errno)
                                                 : net_tls_client_describe (conn->ssl, ssl_error);
  ERR_clear_error ();
  return NET_HANDSHAKE_FAILED;
}

static gpointer
handshake_thread (gpointer data)
{
  NetHandshakes *handshakes = data;

  g_mutex_lock (&handshakes->lock);
  for (;;)
    {
      NetConn *conn;

      while (handshakes->head == NULL && !handshakes->stopping)
        g_cond_wait (&handshakes->wake, &handshakes->lock);
      conn = handshakes->head;
      if (conn == NULL)
        break; /* stopping, and nothing is left */
      handshakes->head = conn->list_next;
      if (handshakes->head == NULL)
        handshakes->tail = &handshakes->head;
      handshakes->waiting--;
      g_mutex_unlock (&handshakes->lock);
      conn->handshake = handshake_step (handshakes, conn);
      net_worker_post (conn->worker, &conn->task);
      g_mutex_lock (&handshakes->lock);
    }
  g_mutex_unlock (&handshakes->lock);
  return NULL;
}

static void
watch_handshake (NetConn *conn, guint32 events)
{
  conn->state = NET_CONN_WAITING;
  net_conn_watch (conn, events | EPOLLONESHOT);
}

/* On the worker again. */
static void
handshake_returned (NetTask *task, NetWorker *worker)
{
  NetConn *conn = (NetConn *) ((char *) task - G_STRUCT_OFFSET (NetConn, task));

  conn->state = NET_CONN_WAITING;
  if (conn->close_wanted)
    net_conn_finish (conn, conn->close_reason);
  else if (conn->handshake == NET_HANDSHAKE_FAILED)
    net_conn_finish (conn, conn->handshake_error != NULL ? NET_CLOSE_HANDSHAKE : NET_CLOSE_DRAIN);
  else if (conn->handshake == NET_HANDSHAKE_WANT_READ)
    watch_handshake (conn, EPOLLIN);
  else if (conn->handshake == NET_HANDSHAKE_WANT_WRITE)
    watch_handshake (conn, EPOLLOUT);
  else
    {
      if (conn->listener == NULL)
        net_count (&worker->counters.connected_resumed, SSL_session_reused (conn->ssl) ? 1 : 0);
      else if (SSL_session_reused (conn->ssl))
        net_count (&worker->counters.handshakes_resumed, 1);
      else
        net_count (&worker->counters.handshakes_full, 1);
      net_conn_open (conn);
    }
}

static gboolean
push (NetHandshakes *handshakes, NetConn *conn, guint limit)
{
  gboolean taken = FALSE;

  g_mutex_lock (&handshakes->lock);
  if (handshakes->waiting < limit)
    {
      conn->list_next = NULL;
      *handshakes->tail = conn;
      handshakes->tail = &conn->list_next;
      handshakes->waiting++;
      taken = TRUE;
      g_cond_signal (&handshakes->wake);
    }
  g_mutex_unlock (&handshakes->lock);
  return taken;
}

/* What the first bytes are when they are not TLS; NULL when they may be. */
static const char *
recognise (const guint8 *bytes, gsize length)
{
  static const char *const methods[] = { "GET ", "POST", "HEAD", "PUT ", "OPTI", "DELE", "CONN", "PRI " };

  if (bytes[0] == 0x16 || (length < 4 && bytes[0] == 0x80))
    return NULL;
  if (length >= 4 && bytes[0] == 0x80 && bytes[1] == 0x01 && bytes[2] == 0x00)
    return "the peer speaks Thrift without TLS to a TLS port";
  if (bytes[0] & 0x80)
    return NULL; /* perhaps the SSL 2.0 greeting by which Java 6 offers TLS: OpenSSL's to judge */
  for (guint i = 0; length >= 4 && i < G_N_ELEMENTS (methods); i++)
    if (memcmp (bytes, methods[i], 4) == 0)
      return "the peer speaks HTTP without TLS to a TLS port (http:// where https:// is meant)";
  if (bytes[0] == 0 && length >= 4)
    return "the peer speaks Thrift without TLS to a TLS port (or something else that is not TLS)";
  return "the peer does not speak TLS";
}

/* Looks at the first bytes before any work is done for them. Returns: FALSE when the connection is closed. */
static gboolean
check_first_bytes (NetConn *conn)
{
  guint8 bytes[4];
  gssize n = recv (conn->fd, bytes, sizeof bytes, MSG_PEEK);
  const char *reason;

  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    {
      watch_handshake (conn, EPOLLIN);
      return FALSE;
    }
  if (n <= 0)
    {
      net_conn_finish (conn, NET_CLOSE_PEER); /* a balancer's health check, for one */
      return FALSE;
    }
  reason = recognise (bytes, (gsize) n);
  if (reason != NULL)
    {
      guint8 waste[4096];

      conn->handshake_error = g_strdup (reason);
      if (recv (conn->fd, waste, sizeof waste, 0) > 0) /* read, so that the peer sees an end and not a reset */
        net_conn_finish (conn, NET_CLOSE_HANDSHAKE);
      else
        net_conn_finish (conn, NET_CLOSE_PEER);
      return FALSE;
    }
  return TRUE;
}

void
net_handshake_continue (NetConn *conn)
{
  NetWorker *worker = conn->worker;

  if (conn->ssl == NULL && conn->listener != NULL && !check_first_bytes (conn))
    return;
  conn->state = NET_CONN_HANDSHAKING;
  conn->task.run = handshake_returned;
  if (!push (net_reactor_handshakes (worker->reactor), conn, worker->limits.max_handshakes_waiting))
    net_conn_finish (conn, NET_CLOSE_LIMIT);
}

NetHandshakes *
net_handshakes_new (guint threads)
{
  NetHandshakes *handshakes = g_new0 (NetHandshakes, 1);

  g_mutex_init (&handshakes->lock);
  g_cond_init (&handshakes->wake);
  handshakes->tail = &handshakes->head;
  handshakes->n_threads = threads;
  handshakes->threads = g_new0 (GThread *, threads);
  for (guint i = 0; i < threads; i++)
    handshakes->threads[i] = g_thread_new ("handshake", handshake_thread, handshakes);
  return handshakes;
}

void
net_handshakes_abort (NetHandshakes *handshakes)
{
  g_atomic_int_set (&handshakes->aborting, TRUE);
}

void
net_handshakes_free (NetHandshakes *handshakes)
{
  g_mutex_lock (&handshakes->lock);
  handshakes->stopping = TRUE;
  g_cond_broadcast (&handshakes->wake);
  g_mutex_unlock (&handshakes->lock);
  for (guint i = 0; i < handshakes->n_threads; i++)
    g_thread_join (handshakes->threads[i]);
  g_free (handshakes->threads);
  g_cond_clear (&handshakes->wake);
  g_mutex_clear (&handshakes->lock);
  g_free (handshakes);
}
