/* echo-tls: the floor. For each N bytes that come in over TLS it sends one fixed reply, with the sequence id
 * of the request in its place. It decodes nothing, looks nothing up and limits nothing: one thread, epoll,
 * OpenSSL with read-ahead, one recv() and one send() per request. What any server does over this is its own
 * cost. It shares no code with the product.
 *
 *   echo-tls PORT REQUEST-BYTES REPLY-FILE KEY-FILE...     (PEM, each with key and certificate) */
#include "config.h"

#include <errno.h>
#include <glib.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define SEQUENCE_OFFSET 19 /* strict TBinaryProtocol: version 4, length 4, "validateKey" 11 */
#define SEQUENCE_SIZE 4
#define MAX_REPLY 4096
#define MAX_REQUEST 1024
#define MAX_EVENTS 256

typedef struct
{
  SSL_CTX *context;
  int epoll_fd, listener;
  gsize request_size, reply_size;
  guint8 reply[MAX_REPLY];
} Echo;

typedef struct
{
  int fd;
  SSL *ssl;
  gsize filled;
  guint8 request[MAX_REQUEST];
} Conn;

static void
die (const char *what)
{
  fprintf (stderr, "echo-tls: %s: %s\n", what, strerror (errno));
  ERR_print_errors_fp (stderr);
  exit (EXIT_FAILURE);
}

static void
watch (const Echo *echo, int fd, void *data)
{
  struct epoll_event event = { .events = EPOLLIN, .data.ptr = data };

  if (epoll_ctl (echo->epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0)
    die ("epoll_ctl");
}

static void
conn_free (Conn *conn)
{
  SSL_free (conn->ssl);
  close (conn->fd);
  g_free (conn);
}

static void
accept_all (const Echo *echo)
{
  const int on = 1;
  int fd;

  while ((fd = accept4 (echo->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0)
    {
      Conn *conn = g_new0 (Conn, 1);

      setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      conn->fd = fd;
      conn->ssl = SSL_new (echo->context);
      if (conn->ssl == NULL || SSL_set_fd (conn->ssl, fd) != 1)
        die ("SSL_new");
      SSL_set_accept_state (conn->ssl);
      watch (echo, fd, conn);
    }
}

/* Replies are a few hundred bytes on a connection that waits for them: they always fit into the socket's
 * buffer. */
static gboolean
answer (Echo *echo, Conn *conn)
{
  gsize written;

  memcpy (echo->reply + SEQUENCE_OFFSET, conn->request + SEQUENCE_OFFSET, SEQUENCE_SIZE);
  conn->filled = 0;
  return SSL_write_ex (conn->ssl, echo->reply, echo->reply_size, &written) == 1;
}

/* FALSE: the connection is over. */
static gboolean
serve (Echo *echo, Conn *conn)
{
  gsize length;

  do
    {
      /* Does the handshake, too. */
      if (SSL_read_ex (conn->ssl, conn->request + conn->filled, echo->request_size - conn->filled, &length)
          != 1)
        {
          gboolean more = SSL_get_error (conn->ssl, 0) == SSL_ERROR_WANT_READ;

          if (!more)
            ERR_clear_error ();
          return more;
        }
      conn->filled += length;
      if (conn->filled == echo->request_size && !answer (echo, conn))
        return FALSE;
    }
  while (SSL_has_pending (conn->ssl));
  return TRUE;
}

static void
listen_on (Echo *echo, int port)
{
  const struct sockaddr_in address = { .sin_family = AF_INET,
                                       .sin_port = htons ((guint16) port),
                                       .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  const int on = 1;

  echo->listener = socket (AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  setsockopt (echo->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind (echo->listener, (const struct sockaddr *) &address, sizeof address) != 0
      || listen (echo->listener, 4096) != 0)
    die ("listen");
  echo->epoll_fd = epoll_create1 (EPOLL_CLOEXEC);
  watch (echo, echo->listener, NULL);
}

static void
load_keys (Echo *echo, char **files)
{
  echo->context = SSL_CTX_new (TLS_server_method ());
  if (echo->context == NULL)
    die ("SSL_CTX_new");
  SSL_CTX_set_read_ahead (echo->context, 1);
  SSL_CTX_set_options (echo->context, SSL_OP_IGNORE_UNEXPECTED_EOF);
  for (; *files != NULL; files++)
    if (SSL_CTX_use_certificate_chain_file (echo->context, *files) != 1
        || SSL_CTX_use_PrivateKey_file (echo->context, *files, SSL_FILETYPE_PEM) != 1)
      die (*files);
}

static void
load_reply (Echo *echo, const char *path)
{
  FILE *file = fopen (path, "rb");

  if (file == NULL)
    die (path);
  echo->reply_size = fread (echo->reply, 1, sizeof echo->reply, file);
  fclose (file);
  if (echo->reply_size < SEQUENCE_OFFSET + SEQUENCE_SIZE)
    die (path);
}

int
main (int argc, char **argv)
{
  Echo echo = { 0 };
  struct epoll_event events[MAX_EVENTS];

  if (argc < 5)
    {
      fprintf (stderr, "usage: echo-tls PORT REQUEST-BYTES REPLY-FILE KEY-FILE...\n");
      return 2;
    }
  echo.request_size = (gsize) CLAMP (atoi (argv[2]), SEQUENCE_OFFSET + SEQUENCE_SIZE, MAX_REQUEST);
  signal (SIGPIPE, SIG_IGN);
  load_reply (&echo, argv[3]);
  load_keys (&echo, argv + 4);
  listen_on (&echo, atoi (argv[1]));
  for (;;)
    {
      int n = epoll_wait (echo.epoll_fd, events, MAX_EVENTS, -1);

      for (int i = 0; i < n; i++)
        {
          Conn *conn = events[i].data.ptr;

          if (conn == NULL)
            accept_all (&echo);
          else if (!serve (&echo, conn))
            conn_free (conn);
        }
    }
}
