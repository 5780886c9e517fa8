/* Binding addresses, and accepting on them. */
#include "config.h"
#include "common/apim-log.h"
#include "net/net-private.h"
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <unistd.h>

#define BACKLOG 1024
/* Then it is the turn of those that are there: no storm of new ones keeps them waiting. */
#define ACCEPTS_PER_TURN 16
#define PAUSE_MS 100

static gboolean
set_option (int fd, int level, int name, int value)
{
  return setsockopt (fd, level, name, &value, sizeof value) == 0;
}

/* Accepted sockets inherit what is set here, which saves the calls on each of them. */
gboolean
net_socket_set_options (int fd)
{
  return set_option (fd, IPPROTO_TCP, TCP_NODELAY, 1) && set_option (fd, SOL_SOCKET, SO_KEEPALIVE, 1)
         && set_option (fd, IPPROTO_TCP, TCP_KEEPIDLE, 120) /* under the patience of most NATs */
         && set_option (fd, IPPROTO_TCP, TCP_KEEPINTVL, 30) && set_option (fd, IPPROTO_TCP, TCP_KEEPCNT, 4);
}

/* Returns: a bound socket, or -1 with errno. */
static int
bind_socket (const struct addrinfo *info, gboolean reuse_port)
{
  int fd = socket (info->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  int saved_errno;

  if (fd < 0)
    return -1;
  /* REUSEADDR: connections of the last run that still fade away do not hinder. V6ONLY: IPv4 has its own socket. */
  if (set_option (fd, SOL_SOCKET, SO_REUSEADDR, 1)
      && (!reuse_port || set_option (fd, SOL_SOCKET, SO_REUSEPORT, 1))
      && (info->ai_family != AF_INET6 || set_option (fd, IPPROTO_IPV6, IPV6_V6ONLY, 1))
      && net_socket_set_options (fd) && bind (fd, info->ai_addr, info->ai_addrlen) == 0)
    return fd;
  saved_errno = errno;
  close (fd);
  errno = saved_errno;
  return -1;
}

static guint16
get_port (const struct sockaddr *address)
{
  return g_ntohs (address->sa_family == AF_INET ? ((const struct sockaddr_in *) address)->sin_port
                                                : ((const struct sockaddr_in6 *) address)->sin6_port);
}

static void
set_port (struct sockaddr *address, guint16 port)
{
  if (address->sa_family == AF_INET)
    ((struct sockaddr_in *) address)->sin_port = g_htons (port);
  else
    ((struct sockaddr_in6 *) address)->sin6_port = g_htons (port);
}

/* Binds one address for all workers. FALSE with errno. */
static gboolean
bind_address (NetListener *listener, struct addrinfo *info, guint n_workers)
{
  struct sockaddr_storage bound;
  socklen_t length = sizeof bound;
  int probe = bind_socket (info, FALSE); /* fails where another process listens, as SO_REUSEPORT would not */
  gboolean good = probe >= 0 && getsockname (probe, (struct sockaddr *) &bound, &length) == 0;
  int saved_errno;

  if (good)
    set_port (info->ai_addr, get_port ((struct sockaddr *) &bound));
  for (guint i = 0; good && i < n_workers; i++)
    {
      NetAcceptor acceptor = { .listener = listener, .fd = bind_socket (info, TRUE) };

      good = acceptor.fd >= 0;
      if (!good)
        break;
      g_array_append_val (listener->acceptors, acceptor);
      good = listen (acceptor.fd, BACKLOG) == 0;
    }
  saved_errno = errno;
  if (probe >= 0)
    close (probe);
  errno = saved_errno;
  return good;
}

/* localhost stands twice for the same address in some hosts files. */
static gboolean
is_repeated (const struct addrinfo *first, const struct addrinfo *info)
{
  guint8 wanted[16], seen[16];
  struct sockaddr_storage address = { 0 };

  memcpy (&address, info->ai_addr, info->ai_addrlen);
  net_address_bytes (&address, wanted);
  for (; first != info; first = first->ai_next)
    {
      memset (&address, 0, sizeof address);
      memcpy (&address, first->ai_addr, first->ai_addrlen);
      net_address_bytes (&address, seen);
      if (first->ai_family == info->ai_family && memcmp (wanted, seen, sizeof seen) == 0)
        return TRUE;
    }
  return FALSE;
}

static gboolean
is_usable (const struct addrinfo *info)
{
  return info->ai_family == AF_INET || info->ai_family == AF_INET6;
}

/* Binds every address of the list. An address that this machine does not have is left out, as long as one is left;
 * anything else, another listener above all, is an error. */
static gboolean
bind_all (NetListener *listener, struct addrinfo *found, guint n_workers, guint16 *port)
{
  int absent = EADDRNOTAVAIL;

  for (struct addrinfo *info = found; info != NULL; info = info->ai_next)
    {
      if (!is_usable (info) || is_repeated (found, info))
        continue;
      if (*port != 0)
        set_port (info->ai_addr, *port);
      if (bind_address (listener, info, n_workers))
        *port = get_port (info->ai_addr);
      else if (errno == EADDRNOTAVAIL || errno == EAFNOSUPPORT)
        absent = errno;
      else
        return FALSE;
    }
  errno = absent;
  return listener->acceptors->len > 0;
}

NetListener *
net_listener_new (NetReactor *reactor, const ApimListenAddress *address, guint n_workers, guint16 *bound_port,
                  GError **error)
{
  const struct addrinfo hints = { .ai_flags = AI_PASSIVE | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM };
  g_autofree char *service = g_strdup_printf ("%u", address->port);
  const char *host = address->host != NULL ? address->host : "*";
  const char *reason = NULL;
  struct addrinfo *found = NULL;
  guint16 port = address->port;
  NetListener *listener = g_new0 (NetListener, 1);
  int failed = getaddrinfo (address->host, service, &hints, &found);

  listener->reactor = reactor;
  listener->acceptors = g_array_new (FALSE, TRUE, sizeof (NetAcceptor));
  g_mutex_init (&listener->lock);
  if (failed != 0)
    reason = gai_strerror (failed);
  else if (!bind_all (listener, found, n_workers, &port))
    reason = g_strerror (errno);
  g_clear_pointer (&found, freeaddrinfo);
  if (reason != NULL)
    {
      g_set_error (error, NET_ERROR, NET_ERROR_LISTEN, "could not listen on %s:%u: %s", host, address->port, reason);
      net_listener_free (listener);
      return NULL;
    }
  if (bound_port != NULL)
    *bound_port = port;
  return listener;
}

void
net_listener_free (NetListener *listener)
{
  for (guint i = 0; i < listener->acceptors->len; i++)
    {
      int fd = g_array_index (listener->acceptors, NetAcceptor, i).fd;

      if (fd >= 0)
        close (fd);
    }
  g_array_unref (listener->acceptors);
  net_tls_unref (listener->tls);
  g_mutex_clear (&listener->lock);
  g_free (listener);
}

NetTls *
net_listener_ref_tls (NetListener *listener)
{
  NetTls *tls;

  g_mutex_lock (&listener->lock);
  tls = net_tls_ref (listener->tls);
  g_mutex_unlock (&listener->lock);
  return tls;
}

static void
watch_acceptors (NetWorker *worker, guint32 events)
{
  for (NetAcceptor *acceptor = worker->acceptors; acceptor != NULL; acceptor = acceptor->next)
    {
      struct epoll_event event = { .events = events, .data.ptr = &acceptor->source };

      if (epoll_ctl (worker->epoll_fd, EPOLL_CTL_MOD, acceptor->fd, &event) != 0)
        g_error ("epoll_ctl failed on a listener: %s", g_strerror (errno));
    }
}

static void
pause_over (NetTimer *timer, NetWorker *worker)
{
  if (worker->reserve_fd < 0)
    worker->reserve_fd = open ("/dev/null", O_RDONLY | O_CLOEXEC);
  watch_acceptors (worker, EPOLLIN);
}

/* No descriptor or no memory is left for one more connection. Waiting a little is all that can be done about it:
 * level-triggered, the waiting peer would otherwise keep this worker spinning. */
static void
pause_accepting (NetAcceptor *acceptor, NetWorker *worker, int reason)
{
  static ApimLogGate gate;

  net_count (&worker->counters.accept_pauses, 1);
  if ((reason == EMFILE || reason == ENFILE) && worker->reserve_fd >= 0)
    {
      int fd;

      close (worker->reserve_fd);
      fd = accept4 (acceptor->fd, NULL, NULL, SOCK_CLOEXEC);
      if (fd >= 0)
        close (fd); /* it learns at once, and may try another node */
      worker->reserve_fd = open ("/dev/null", O_RDONLY | O_CLOEXEC);
    }
  watch_acceptors (worker, 0);
  worker->accept_pause.fired = pause_over;
  net_timer_arm (worker, &worker->accept_pause, PAUSE_MS);
  apim_log_limited (&gate, APIM_LOG_WARNING, "net",
                    "%s: accepting no connections for %d ms: %s (LimitNOFILE, MaxConnections)",
                    acceptor->listener->protocol->name, PAUSE_MS, g_strerror (reason));
}

static void
refuse (NetAcceptor *acceptor, NetWorker *worker, int fd, const struct sockaddr_storage *address,
        const char *limit_name)
{
  static ApimLogGate gate;
  char peer[INET6_ADDRSTRLEN] = "";

  close (fd);
  net_address_text (address, peer);
  net_count (&worker->counters.closed[NET_CLOSE_LIMIT], 1);
  apim_log_limited (&gate, APIM_LOG_WARNING, "net", "%s: refused a connection of %s: %s is reached",
                    acceptor->listener->protocol->name, peer, limit_name);
}

static void
take (NetAcceptor *acceptor, NetWorker *worker, int fd, const struct sockaddr_storage *address)
{
  const char *limit_name;
  guint8 bytes[16];
  NetWorker *chosen;
  NetConn *conn;

  net_count (&worker->counters.accepted, 1);
  net_address_bytes (address, bytes);
  chosen = net_reactor_admit (worker->reactor, bytes, &worker->limits, worker->index, &limit_name);
  if (chosen == NULL)
    {
      refuse (acceptor, worker, fd, address, limit_name);
      return;
    }
  conn = net_conn_new (acceptor->listener, chosen, fd, address);
  if (chosen == worker)
    net_conn_adopt (conn);
  else
    net_worker_post (chosen, &conn->task);
}

static void
acceptor_ready (NetSource *source, NetWorker *worker, guint32 events)
{
  NetAcceptor *acceptor = (NetAcceptor *) source;

  for (guint i = 0; i < ACCEPTS_PER_TURN && acceptor->fd >= 0; i++)
    {
      struct sockaddr_storage address = { 0 };
      socklen_t length = sizeof address;
      int fd = accept4 (acceptor->fd, (struct sockaddr *) &address, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);

      if (fd >= 0)
        take (acceptor, worker, fd, &address);
      else if (errno == EAGAIN || errno == EWOULDBLOCK)
        return;
      else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
        {
          pause_accepting (acceptor, worker, errno);
          return;
        }
      /* Anything else is the fate of that one connection (accept(2): "treat them like EAGAIN by retrying"). */
    }
}

void
net_listener_start_accepting (NetListener *listener, NetWorker *worker)
{
  guint n_workers = net_reactor_n_workers (listener->reactor);

  for (guint i = worker->index; i < listener->acceptors->len; i += n_workers)
    {
      NetAcceptor *acceptor = &g_array_index (listener->acceptors, NetAcceptor, i);
      struct epoll_event event = { .events = EPOLLIN, .data.ptr = &acceptor->source };

      if (acceptor->active)
        continue;
      acceptor->active = TRUE;
      acceptor->source.ready = acceptor_ready;
      acceptor->next = worker->acceptors;
      worker->acceptors = acceptor;
      if (epoll_ctl (worker->epoll_fd, EPOLL_CTL_ADD, acceptor->fd, &event) != 0)
        g_error ("epoll_ctl failed on a listener: %s", g_strerror (errno));
    }
}

void
net_listener_stop_accepting (NetWorker *worker)
{
  net_timer_cancel (&worker->accept_pause);
  for (; worker->acceptors != NULL; worker->acceptors = worker->acceptors->next)
    {
      close (worker->acceptors->fd);
      worker->acceptors->fd = -1;
    }
}
