/* How a connection is made. The NetConnecting is there from net_connect_start() to the end, and holds what
 * has been got so far: a question for the name, then a socket, then a NetConn in its TLS handshake. It is
 * freed by a task, because events of this turn of the worker may still name its socket. */
#include "config.h"
#include "net/net-connect.h"
#include "net/net-names.h"
#include "net/net-private.h"
#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

#define LEAST_SHARE_US 250000 /* for one address of several */

struct _NetConnecting
{
  NetSource source; /* the socket's, until it is connected */
  NetTask task;     /* the beginning, and the end */
  NetTimer timer;   /* of the address, or of all */
  NetWorker *worker;
  NetConnecting *next, **self; /* worker->connecting */
  NetConnect *connect;         /* NULL: cancelled */
  const NetProtocol *protocol;
  gpointer data;
  char *host;
  guint16 port;
  NetTlsClient *tls; /* nullable */
  gint64 deadline_us;

  NetNameQuery *query;     /* nullable */
  NetAddresses *addresses; /* nullable */
  guint n_tried;
  int fd;          /* -1: none, or its NetConn's */
  int last_errno;  /* of the last address that failed; 0: it said nothing */
  NetConn *conn;   /* in its handshake; nullable */
  gboolean queued; /* the beginning is posted */
};

static void try_next (NetConnecting *connecting);

static void
connecting_free (NetTask *task, NetWorker *worker)
{
  NetConnecting *connecting = (NetConnecting *)((char *)task - G_STRUCT_OFFSET (NetConnecting, task));

  net_addresses_unref (connecting->addresses);
  net_tls_client_unref (connecting->tls);
  g_free (connecting->host);
  g_free (connecting);
}

/* It is over, one way or the other. Its connect is the caller's again. */
static void
end (NetConnecting *connecting)
{
  NetWorker *worker = connecting->worker;

  net_timer_cancel (&connecting->timer);
  if (connecting->query != NULL)
    net_name_query_cancel (connecting->query);
  if (connecting->fd >= 0)
    close (connecting->fd);
  connecting->fd = -1;
  *connecting->self = connecting->next;
  if (connecting->next != NULL)
    connecting->next->self = connecting->self;
  if (connecting->connect != NULL)
    connecting->connect->connecting = NULL;
  connecting->task.run = connecting_free;
  net_worker_post (worker, &connecting->task);
  net_reactor_count_made (worker->reactor, -1);
}

static void
fail (NetConnecting *connecting, NetConnectError error, const char *reason)
{
  NetConnect *connect = connecting->connect;
  g_autofree char *why = NULL;

  if (connect == NULL) /* cancelled in its handshake */
    {
      end (connecting);
      return;
    }
  why = g_strdup_printf ("could not connect to %s port %u: %s", connecting->host, connecting->port, reason);
  net_count (&connecting->worker->counters.connect_failed, 1);
  end (connecting);
  connect->failed (connect, error, why);
}

static const char *
describe_reason (NetCloseReason reason)
{
  switch (reason)
    {
    case NET_CLOSE_LIMIT:
      return "more handshakes waiting than MaxHandshakesWaiting";
    case NET_CLOSE_DRAIN:
      return "the node stops";
    case NET_CLOSE_HANDSHAKE_TIMEOUT:
      return "the TLS handshake took too long";
    default:
      return "the connection was lost in the TLS handshake";
    }
}

void
net_connecting_lost (NetConnecting *connecting, NetCloseReason reason, const char *why)
{
  NetConnectError error = NET_CONNECT_TLS;

  connecting->conn = NULL;
  if (reason == NET_CLOSE_HANDSHAKE_TIMEOUT)
    error = NET_CONNECT_TIMEOUT;
  else if (reason == NET_CLOSE_LIMIT)
    error = NET_CONNECT_SYSTEM;
  else if (reason == NET_CLOSE_DRAIN)
    error = NET_CONNECT_DRAIN;
  fail (connecting, error, why != NULL ? why : describe_reason (reason));
}

void
net_connecting_done (NetConnecting *connecting)
{
  net_count (&connecting->worker->counters.connected, 1);
  end (connecting);
}

SSL *
net_connecting_open_tls (NetConnecting *connecting)
{
  return net_tls_client_open (connecting->tls, connecting->host, connecting->port);
}

/* A socket is connected: from here on a NetConn has it. */
static void
hand_over (NetConnecting *connecting)
{
  NetWorker *worker = connecting->worker;
  const struct sockaddr_storage *address = &connecting->addresses->list[connecting->n_tried - 1];
  int fd = connecting->fd;
  NetConn *conn = net_conn_new_made (connecting, worker, fd, address, connecting->protocol, connecting->data,
                                     connecting->tls != NULL);

  connecting->fd = -1;
  connecting->conn = conn;
  net_timer_cancel (&connecting->timer);
  if (connecting->tls != NULL)
    net_timer_arm (worker, &connecting->timer, (connecting->deadline_us - worker->now_us) / 1000);
  net_conn_adopt_made (conn);
}

static void
socket_ready (NetSource *source, NetWorker *worker, guint32 events)
{
  NetConnecting *connecting = (NetConnecting *)source;
  socklen_t length = sizeof connecting->last_errno;

  if (connecting->fd < 0)
    return; /* an event of this turn, overtaken */
  if (getsockopt (connecting->fd, SOL_SOCKET, SO_ERROR, &connecting->last_errno, &length) != 0)
    connecting->last_errno = errno;
  if (connecting->last_errno == 0)
    {
      hand_over (connecting);
      return;
    }
  close (connecting->fd);
  connecting->fd = -1;
  try_next (connecting);
}

static void
set_port (struct sockaddr_storage *address, guint16 port)
{
  if (address->ss_family == AF_INET)
    ((struct sockaddr_in *)address)->sin_port = g_htons (port);
  else
    ((struct sockaddr_in6 *)address)->sin6_port = g_htons (port);
}

/* Returns: a socket in the worker's set that is connecting, or -1 with errno. */
static int
begin_connect (NetConnecting *connecting, const struct sockaddr_storage *unported)
{
  struct sockaddr_storage address = *unported;
  struct epoll_event event = { .events = EPOLLOUT | EPOLLONESHOT, .data.ptr = &connecting->source };
  socklen_t length
      = address.ss_family == AF_INET ? sizeof (struct sockaddr_in) : sizeof (struct sockaddr_in6);
  int fd = socket (address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  int saved_errno;

  if (fd < 0)
    return -1;
  set_port (&address, connecting->port);
  if (net_socket_set_options (fd)
      && (connect (fd, (const struct sockaddr *)&address, length) == 0 || errno == EINPROGRESS)
      && epoll_ctl (connecting->worker->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0)
    return fd;
  saved_errno = errno;
  close (fd);
  errno = saved_errno;
  return -1;
}

static void
arm_for_address (NetConnecting *connecting)
{
  gint64 left_us = connecting->deadline_us - connecting->worker->now_us;
  guint others = connecting->addresses->n - connecting->n_tried;

  if (others > 0)
    left_us = MIN (left_us, MAX (left_us / (others + 1), LEAST_SHARE_US));
  net_timer_arm (connecting->worker, &connecting->timer, left_us / 1000);
}

static void
try_next (NetConnecting *connecting)
{
  while (connecting->n_tried < connecting->addresses->n)
    {
      connecting->fd = begin_connect (connecting, &connecting->addresses->list[connecting->n_tried++]);
      if (connecting->fd >= 0)
        {
          arm_for_address (connecting);
          return;
        }
      connecting->last_errno = errno;
      if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
        {
          fail (connecting, NET_CONNECT_SYSTEM, g_strerror (errno));
          return;
        }
    }
  if (connecting->last_errno == 0 || connecting->last_errno == ETIMEDOUT)
    fail (connecting, NET_CONNECT_TIMEOUT, "it does not answer");
  else
    fail (connecting, NET_CONNECT_REFUSED, g_strerror (connecting->last_errno));
}

static void
resolved (gpointer data, NetAddresses *addresses, const char *why)
{
  NetConnecting *connecting = data;

  connecting->query = NULL;
  if (addresses == NULL)
    {
      fail (connecting, NET_CONNECT_NO_ADDRESS, why);
      return;
    }
  connecting->addresses = net_addresses_ref (addresses);
  try_next (connecting);
}

static void
time_is_up (NetTimer *timer, NetWorker *worker)
{
  NetConnecting *connecting = (NetConnecting *)((char *)timer - G_STRUCT_OFFSET (NetConnecting, timer));

  if (connecting->conn != NULL)
    net_conn_abandon (connecting->conn, NET_CLOSE_HANDSHAKE_TIMEOUT);
  else if (connecting->addresses == NULL)
    fail (connecting, NET_CONNECT_TIMEOUT, "looking up its name took too long");
  else
    {
      close (connecting->fd);
      connecting->fd = -1;
      connecting->last_errno = 0;
      if (worker->now_us >= connecting->deadline_us)
        connecting->n_tried = connecting->addresses->n;
      try_next (connecting);
    }
}

/* What net_connect_start() posted: within it no failure may be told. */
static void
begin (NetTask *task, NetWorker *worker)
{
  NetConnecting *connecting = (NetConnecting *)((char *)task - G_STRUCT_OFFSET (NetConnecting, task));
  NetNames *names = net_reactor_names (worker->reactor);

  connecting->queued = FALSE;
  if (connecting->connect == NULL)
    end (connecting);
  else if (worker->cut)
    fail (connecting, NET_CONNECT_DRAIN, "the node stops");
  else if ((connecting->addresses = net_names_find (names, connecting->host)) != NULL)
    try_next (connecting);
  else
    connecting->query = net_names_ask (names, connecting->host, worker, resolved, connecting);
}

void
net_connect_start (NetConnect *connect, NetWorker *worker, const char *host, guint16 port, NetTlsClient *tls,
                   guint timeout_ms, const NetProtocol *protocol, gpointer data)
{
  NetConnecting *connecting = g_new0 (NetConnecting, 1);

  connecting->source.ready = socket_ready;
  connecting->timer.fired = time_is_up;
  connecting->worker = worker;
  connecting->connect = connect;
  connecting->protocol = protocol;
  connecting->data = data;
  connecting->host = g_strdup (host);
  connecting->port = port;
  connecting->tls = tls != NULL ? net_tls_client_ref (tls) : NULL;
  connecting->fd = -1;
  connecting->deadline_us = worker->now_us + (gint64)timeout_ms * 1000;
  connecting->next = worker->connecting;
  connecting->self = &worker->connecting;
  if (connecting->next != NULL)
    connecting->next->self = &connecting->next;
  worker->connecting = connecting;
  connect->connecting = connecting;
  net_reactor_count_made (worker->reactor, 1);
  net_timer_arm (worker, &connecting->timer, timeout_ms);
  connecting->queued = TRUE;
  connecting->task.run = begin;
  net_worker_post (worker, &connecting->task);
}

void
net_connect_cancel (NetConnect *connect)
{
  NetConnecting *connecting = connect->connecting;

  if (connecting == NULL)
    return;
  connect->connecting = NULL;
  connecting->connect = NULL;
  if (connecting->conn != NULL)
    net_conn_abandon (connecting->conn, NET_CLOSE_DONE);
  else if (!connecting->queued)
    end (connecting);
}

/* Those that are queued see it by themselves; those that have a connection end with it. */
void
net_connecting_cut (NetWorker *worker)
{
  NetConnecting *connecting = worker->connecting;

  while (connecting != NULL)
    if (connecting->queued || connecting->conn != NULL)
      connecting = connecting->next;
    else
      {
        fail (connecting, NET_CONNECT_DRAIN, "the node stops");
        connecting = worker->connecting; /* failed() may have changed the list */
      }
}
