#include "config.h"
#include "bench/load-client.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <sys/epoll.h>
#include <unistd.h>

G_DEFINE_QUARK (load-client-error-quark, load_client_error)

static gboolean
fail_with_errno (GError **error, const char *what)
{
  int code = errno;

  g_set_error (error, LOAD_CLIENT_ERROR, LOAD_CLIENT_ERROR_CONNECTION, "could not %s: %s", what,
               g_strerror (code));
  return FALSE;
}

static gboolean
fail_with_ssl (GError **error, LoadClientError code, const char *what)
{
  int saved = errno;
  const char *reason = ERR_reason_error_string (ERR_peek_last_error ());

  if (reason == NULL)
    reason = saved == 0 ? "the server ended the connection" : g_strerror (saved);
  g_set_error (error, LOAD_CLIENT_ERROR, code, "%s: %s", what, reason);
  ERR_clear_error ();
  return FALSE;
}

static int
keep_session (SSL *ssl, SSL_SESSION *session)
{
  LoadClient *client = SSL_get_app_data (ssl);

  g_clear_pointer (&client->session, SSL_SESSION_free);
  client->session = session;
  return 1; /* the reference is ours now */
}

static gboolean
set_up_context (SSL_CTX *context, const char *key, int tls)
{
  /* The second algorithm of each kind is for the certificate's own signature. */
  const char *algorithms = g_str_equal (key, "ec") ? "ECDSA+SHA256" : "rsa_pss_rsae_sha256:RSA+SHA256";

  SSL_CTX_set_session_cache_mode (context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb (context, keep_session);
  SSL_CTX_set_read_ahead (context, 1); /* one recv() for a reply */
  SSL_CTX_set_mode (context, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_verify (context, SSL_VERIFY_NONE, NULL);
  return SSL_CTX_set_min_proto_version (context, tls) == 1
         && SSL_CTX_set_max_proto_version (context, tls) == 1
         && SSL_CTX_set1_sigalgs_list (context, algorithms) == 1;
}

gboolean
load_target_init (LoadTarget *target, guint16 port, const char *key, int tls, GError **error)
{
  target->address = (struct sockaddr_in){
    .sin_family = AF_INET,
    .sin_port = htons (port),
    .sin_addr.s_addr = htonl (INADDR_LOOPBACK),
  };
  target->epoll_fd = epoll_create1 (EPOLL_CLOEXEC);
  if (target->epoll_fd < 0)
    return fail_with_errno (error, "make an epoll set");
  target->context = SSL_CTX_new (TLS_client_method ());
  if (target->context == NULL || !set_up_context (target->context, key, tls))
    return fail_with_ssl (error, LOAD_CLIENT_ERROR_SETUP, "no TLS context could be made");
  return TRUE;
}

void
load_target_clear (LoadTarget *target)
{
  if (target->epoll_fd > 0)
    close (target->epoll_fd);
  SSL_CTX_free (target->context);
}

static gboolean
watch (LoadClient *client, LoadTarget *target, guint32 events, GError **error)
{
  struct epoll_event event = { .events = events, .data.ptr = client };

  if (events == client->interest)
    return TRUE;
  if (epoll_ctl (target->epoll_fd, client->interest == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, client->fd, &event)
      != 0)
    return fail_with_errno (error, "watch a socket");
  client->interest = events;
  return TRUE;
}

static gboolean
make_ssl (LoadClient *client, LoadTarget *target, gboolean resume, GError **error)
{
  client->ssl = SSL_new (target->context);
  if (client->ssl == NULL || SSL_set_fd (client->ssl, client->fd) != 1
      || (resume && client->session != NULL && SSL_set_session (client->ssl, client->session) != 1))
    return fail_with_ssl (error, LOAD_CLIENT_ERROR_SETUP, "no TLS connection could be made");
  SSL_set_app_data (client->ssl, client);
  SSL_set_connect_state (client->ssl);
  return TRUE;
}

gboolean
load_client_open (LoadClient *client, LoadTarget *target, gboolean resume, GError **error)
{
  const int on = 1;

  client->fd = socket (AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (client->fd < 0)
    return fail_with_errno (error, "make a socket");
  client->interest = 0;
  client->reply_length = 0;
  client->state = LOAD_CLIENT_CONNECTING;
  setsockopt (client->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (connect (client->fd, (struct sockaddr *) &target->address, sizeof target->address) != 0
      && errno != EINPROGRESS)
    return fail_with_errno (error, "connect");
  return make_ssl (client, target, resume, error) && watch (client, target, EPOLLOUT, error);
}

static gboolean
finish_connecting (LoadClient *client, GError **error)
{
  socklen_t size = sizeof errno;
  int code = 0;

  if (getsockopt (client->fd, SOL_SOCKET, SO_ERROR, &code, &size) == 0 && code == 0)
    {
      client->state = LOAD_CLIENT_HANDSHAKING;
      return TRUE;
    }
  errno = code;
  return fail_with_errno (error, "connect");
}

gboolean
load_client_shake_hands (LoadClient *client, LoadTarget *target, GError **error)
{
  int result;

  if (client->state == LOAD_CLIENT_CONNECTING && !finish_connecting (client, error))
    return FALSE;
  errno = 0;
  result = SSL_do_handshake (client->ssl);
  if (result == 1)
    {
      client->state = LOAD_CLIENT_IDLE;
      return watch (client, target, EPOLLIN, error);
    }
  switch (SSL_get_error (client->ssl, result))
    {
    case SSL_ERROR_WANT_READ:
      return watch (client, target, EPOLLIN, error);
    case SSL_ERROR_WANT_WRITE:
      return watch (client, target, EPOLLOUT, error);
    default:
      return fail_with_ssl (error, LOAD_CLIENT_ERROR_CONNECTION, "the TLS handshake failed");
    }
}

gboolean
load_client_ask (LoadClient *client, LoadWorld *world, GError **error)
{
  guint8 request[LOAD_WORLD_MAX_REQUEST];
  gsize size = load_world_request_size (world);
  gsize written;

  load_world_ask (world, request, &client->expected);
  client->reply_length = 0;
  client->state = LOAD_CLIENT_WAITING;
  errno = 0;
  /* One small request on a connection with nothing else on its way always fits into the socket's buffer. */
  if (SSL_write_ex (client->ssl, request, size, &written) == 1)
    return TRUE;
  return fail_with_ssl (error, LOAD_CLIENT_ERROR_CONNECTION, "a request could not be sent");
}

gboolean
load_client_hear (LoadClient *client, LoadWorld *world, LoadVerdict *verdict, GError **error)
{
  *verdict = LOAD_REPLY_UNFINISHED;
  for (;;)
    {
      gsize room = sizeof client->reply - client->reply_length;
      gsize length;

      errno = 0;
      if (SSL_read_ex (client->ssl, client->reply + client->reply_length, room, &length) != 1)
        {
          if (SSL_get_error (client->ssl, 0) == SSL_ERROR_WANT_READ)
            return TRUE;
          return fail_with_ssl (error, LOAD_CLIENT_ERROR_CONNECTION, "a reply could not be read");
        }
      client->reply_length += length;
      *verdict = load_world_check (world, &client->expected, client->reply, client->reply_length);
      /* What fills the buffer and is no reply yet never becomes one; nor is one right that nobody asked for.
       */
      if (client->state != LOAD_CLIENT_WAITING || (*verdict == LOAD_REPLY_UNFINISHED && length == room))
        *verdict = LOAD_REPLY_WRONG;
      if (*verdict == LOAD_REPLY_UNFINISHED)
        continue;
      client->state = LOAD_CLIENT_IDLE;
      return TRUE;
    }
}

void
load_client_close (LoadClient *client)
{
  if (client->state == LOAD_CLIENT_CLOSED)
    return;
  if (client->ssl != NULL)
    {
      if (client->state == LOAD_CLIENT_IDLE)
        SSL_shutdown (client->ssl);
      /* Or OpenSSL takes the session for broken. */
      SSL_set_shutdown (client->ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
      g_clear_pointer (&client->ssl, SSL_free);
      ERR_clear_error ();
    }
  close (client->fd);
  client->state = LOAD_CLIENT_CLOSED;
}

void
load_client_clear (LoadClient *client)
{
  load_client_close (client);
  g_clear_pointer (&client->session, SSL_SESSION_free);
}
