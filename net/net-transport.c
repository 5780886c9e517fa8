#include "config.h"
#include "net/net-private.h"
#include <errno.h>
#include <openssl/err.h>

/* OpenSSL takes an error that somebody left behind for its own. Looking costs a tenth of clearing. */
static void
forget_old_errors (void)
{
  if (ERR_peek_error () != 0)
    ERR_clear_error ();
}

static NetIo
plain_result (void)
{
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? NET_IO_AGAIN : NET_IO_ERROR;
}

static NetIo
tls_result (NetConn *conn, int result, gboolean reading)
{
  switch (SSL_get_error (conn->ssl, result))
    {
    case SSL_ERROR_WANT_READ:
      return NET_IO_AGAIN;
    case SSL_ERROR_WANT_WRITE:
      return reading ? NET_IO_WANT_WRITE : NET_IO_AGAIN;
    case SSL_ERROR_ZERO_RETURN:
      return NET_IO_EOF;
    default:
      conn->tls_broken = TRUE;
      ERR_clear_error ();
      return NET_IO_ERROR;
    }
}

NetIo
net_transport_read (NetConn *conn, guint8 *bytes, gsize room, gsize *length)
{
  NetIo io = NET_IO_DONE;

  *length = 0;
  if (conn->ssl != NULL)
    {
      int result;

      forget_old_errors ();
      result = SSL_read_ex (conn->ssl, bytes, room, length);
      if (result != 1)
        io = tls_result (conn, result, TRUE);
    }
  else
    {
      gssize n = recv (conn->fd, bytes, room, 0);

      if (n < 0)
        io = plain_result ();
      else if (n == 0)
        io = NET_IO_EOF;
      else
        *length = (gsize) n;
    }
  if (io == NET_IO_DONE)
    net_count (conn->listener != NULL ? &conn->worker->counters.bytes_in : &conn->worker->counters.connected_bytes_in,
               *length);
  return io;
}

NetIo
net_transport_write (NetConn *conn, const guint8 *bytes, gsize length, gsize *written)
{
  NetIo io = NET_IO_DONE;

  *written = 0;
  if (conn->ssl != NULL)
    {
      int result;

      forget_old_errors ();
      result = SSL_write_ex (conn->ssl, bytes, length, written);
      if (result != 1)
        io = tls_result (conn, result, FALSE);
    }
  else
    {
      gssize n = send (conn->fd, bytes, length, MSG_NOSIGNAL);

      if (n < 0)
        io = plain_result ();
      else
        *written = (gsize) n;
    }
  if (io == NET_IO_DONE)
    net_count (conn->listener != NULL ? &conn->worker->counters.bytes_out
                                      : &conn->worker->counters.connected_bytes_out,
               *written);
  return io;
}

gboolean
net_transport_pending (const NetConn *conn)
{
  return conn->ssl != NULL && SSL_has_pending (conn->ssl);
}

void
net_transport_end (NetConn *conn)
{
  if (conn->ssl == NULL)
    return;
  if (!conn->tls_broken && SSL_is_init_finished (conn->ssl))
    {
      ERR_clear_error ();
      if (SSL_shutdown (conn->ssl) < 0)
        ERR_clear_error ();
      /* Freed without the peer's close_notify, its session would leave the cache, and old JVMs never send one. */
      SSL_set_shutdown (conn->ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    }
  g_clear_pointer (&conn->ssl, SSL_free);
}
