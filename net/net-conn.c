/* The life of a connection: made, adopted, opened, closed, buried; and what protocols may ask of it. */
#include "config.h"
#include "common/apim-log.h"
#include "net/net-private.h"
#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

#define LINGER_MS 1000

NetWorker *
net_conn_worker (const NetConn *conn)
{
  return conn->worker;
}

const char *
net_conn_peer (const NetConn *conn)
{
  return conn->peer;
}

NetBuffer *
net_conn_input (NetConn *conn)
{
  return &conn->input;
}

NetBuffer *
net_conn_output (NetConn *conn)
{
  return &conn->output;
}

gboolean
net_conn_is_open (const NetConn *conn)
{
  return conn->state == NET_CONN_OPEN && !conn->close_wanted;
}

NetCloseReason
net_conn_close_reason (const NetConn *conn)
{
  return conn->close_reason;
}

gboolean
net_conn_is_draining (const NetConn *conn)
{
  return conn->draining;
}

NetConn *
net_conn_ref (NetConn *conn)
{
  g_atomic_int_inc (&conn->ref_count);
  return conn;
}

/* The worker gave up socket, TLS and timer when it closed the connection: only memory is left, and any thread may
 * free it. */
void
net_conn_unref (NetConn *conn)
{
  if (!g_atomic_int_dec_and_test (&conn->ref_count))
    return;
  net_buffer_clear (&conn->input);
  net_buffer_clear (&conn->output);
  g_free (conn->handshake_error);
  g_free (conn);
}

const char *
net_conn_alpn (const NetConn *conn, gsize *length)
{
  const unsigned char *name = NULL;
  unsigned int n = 0;

  if (conn->ssl != NULL)
    SSL_get0_alpn_selected (conn->ssl, &name, &n);
  *length = n;
  return (const char *) name;
}

void
net_conn_hand_over (NetConn *conn, const NetProtocol *protocol, gpointer data)
{
  conn->protocol = protocol;
  conn->protocol_state = protocol->opened (conn, data);
  conn->input_due = net_buffer_length (&conn->input) > 0;
}

void
net_conn_flush (NetConn *conn)
{
  if (conn->state != NET_CONN_OPEN && conn->state != NET_CONN_FLUSHING)
    return;
  net_conn_write (conn);
  net_conn_settle (conn);
}

void
net_conn_flush_soon (NetConn *conn)
{
  if (conn->state == NET_CONN_OPEN || conn->state == NET_CONN_FLUSHING)
    net_conn_queue_ready (conn);
}

/* Whether net_conn_settle() could find that the connection is over. */
static gboolean
may_end (const NetConn *conn)
{
  return conn->close_wanted || conn->eof || conn->draining || conn->write_broken || conn->state != NET_CONN_OPEN;
}

void
net_conn_flush_now (NetConn *conn)
{
  if (conn->state != NET_CONN_OPEN && conn->state != NET_CONN_FLUSHING)
    return;
  conn->callbacks++; /* an error closes it later */
  net_conn_write (conn);
  conn->callbacks--;
  if (may_end (conn) || conn->callbacks > 0)
    net_conn_queue_ready (conn);
  else
    net_conn_settle (conn);
}

void
net_conn_notify_sent (NetConn *conn, gsize mark)
{
  if (conn->state != NET_CONN_OPEN)
    return;
  conn->sent_wanted = TRUE;
  conn->sent_mark = mark;
  if (net_buffer_length (&conn->output) <= mark)
    net_conn_queue_ready (conn);
}

void
net_conn_pause (NetConn *conn)
{
  conn->paused = TRUE;
}

void
net_conn_resume (NetConn *conn)
{
  if (!conn->paused)
    return;
  conn->paused = FALSE;
  conn->active_us = conn->worker->now_us;
  conn->input_due = net_buffer_length (&conn->input) > 0;
  if (conn->state == NET_CONN_OPEN)
    net_conn_queue_ready (conn);
}

void
net_conn_set_busy (NetConn *conn, gboolean busy)
{
  if (conn->busy == !!busy)
    return;
  conn->busy = !!busy;
  conn->message_us = 0;
  if (busy || conn->state != NET_CONN_OPEN)
    return;
  conn->active_us = conn->worker->now_us;
  if (net_buffer_length (&conn->input) > 0)
    conn->message_us = conn->worker->now_us;
  /* Not settled here: the answer that made it idle may be about to be appended. */
  net_conn_queue_ready (conn);
}

void
net_conn_close (NetConn *conn, NetCloseReason reason)
{
  if (conn->close_wanted || conn->state < NET_CONN_OPEN || conn->state >= NET_CONN_LINGERING)
    return;
  conn->close_wanted = TRUE;
  conn->close_reason = reason;
  if (conn->callbacks == 0)
    net_conn_finish (conn, reason);
}

void
net_conn_close_after_flush (NetConn *conn)
{
  if (conn->state != NET_CONN_OPEN || conn->close_wanted)
    return;
  conn->state = NET_CONN_FLUSHING;
  /* Later, so that the caller keeps its connection until it returns. A callback is followed by a settlement anyway. */
  if (conn->callbacks == 0)
    net_conn_queue_ready (conn);
}

void
net_conn_set_ends_with_peer (NetConn *conn, gboolean ends)
{
  conn->ends_with_peer = !!ends;
}

/* What a peer or a limit did, once per kind and interval; the rest is only counted. */
static void
log_close (NetConn *conn, NetCloseReason reason)
{
  static ApimLogGate gates[NET_CLOSE_N_REASONS];
  static const char *const texts[NET_CLOSE_N_REASONS] = {
    [NET_CLOSE_PROTOCOL] = "broke the protocol",
    [NET_CLOSE_HANDSHAKE] = "TLS handshake failed",
    [NET_CLOSE_HANDSHAKE_TIMEOUT] = "TLS handshake not finished within HandshakeTimeout",
    [NET_CLOSE_READ_TIMEOUT] = "began a request and did not finish it within ReadTimeout",
    [NET_CLOSE_WRITE_TIMEOUT] = "read nothing of a waiting reply for WriteTimeout",
    [NET_CLOSE_LIMIT] = "more handshakes waiting than MaxHandshakesWaiting",
  };
  const char *more = conn->handshake_error;

  if (texts[reason] != NULL && conn->listener != NULL) /* of those that we made, whoever asked for them is told */
    apim_log_limited (&gates[reason], APIM_LOG_WARNING, "net", "%s: closed the connection of %s: %s%s%s",
                      conn->protocol->name, conn->peer, texts[reason], more != NULL ? ": " : "",
                      more != NULL ? more : "");
}

static void
end_protocol (NetConn *conn)
{
  conn->callbacks++;
  conn->protocol->closed (conn, conn->protocol_state);
  conn->callbacks--;
}

/* close() sends a reset: what was sent is not to be taken for all there was to send. */
static void
reset_at_close (int fd)
{
  const struct linger at_once = { 1, 0 };

  (void) setsockopt (fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

void
net_conn_finish (NetConn *conn, NetCloseReason reason)
{
  NetWorker *worker = conn->worker;
  NetConnState was = conn->state;
  NetConnecting *connecting = g_steal_pointer (&conn->connecting);

  conn->state = NET_CONN_CLOSED;
  conn->close_reason = reason;
  net_timer_cancel (&conn->timer);
  log_close (conn, reason);
  if (reason == NET_CLOSE_IO || reason == NET_CLOSE_HANDSHAKE)
    conn->tls_broken = TRUE;
  net_transport_end (conn);
  if (reason == NET_CLOSE_IO)
    reset_at_close (conn->fd);
  close (conn->fd);
  conn->fd = -1;
  if (was == NET_CONN_OPEN || was == NET_CONN_FLUSHING)
    end_protocol (conn);
  net_buffer_clear (&conn->output);
  if (!conn->paused)
    net_buffer_clear (&conn->input);

  *conn->self = conn->next;
  if (conn->next != NULL)
    conn->next->self = conn->self;
  conn->list_next = worker->buried;
  worker->buried = conn;
  if (connecting != NULL)
    net_connecting_lost (connecting, reason, conn->handshake_error);
  if (conn->listener == NULL)
    {
      net_reactor_count_made (worker->reactor, -1);
      return;
    }
  net_count (&worker->counters.closed[reason], 1);
  net_reactor_release (worker->reactor, worker, conn->peer_address);
}

void
net_conn_bury (NetWorker *worker)
{
  while (worker->buried != NULL)
    {
      NetConn *conn = worker->buried;

      worker->buried = conn->list_next;
      net_conn_unref (conn);
    }
}

void
net_conn_abandon (NetConn *conn, NetCloseReason reason)
{
  if (conn->state == NET_CONN_CLOSED || (conn->state == NET_CONN_HANDSHAKING && conn->close_wanted))
    return;
  if (conn->state != NET_CONN_HANDSHAKING)
    {
      net_conn_finish (conn, reason);
      return;
    }
  conn->close_wanted = TRUE;
  conn->close_reason = reason;
  g_atomic_int_set (&conn->abandoned, TRUE);
}

/* close() with unread bytes in the socket makes the kernel send a reset, which may destroy the reply before the peer
 * has read it. So our end is shut first, and what still comes is thrown away for a moment. */
void
net_conn_linger (NetConn *conn)
{
  net_transport_end (conn);
  if (conn->eof || shutdown (conn->fd, SHUT_WR) != 0)
    {
      net_conn_finish (conn, conn->last_words);
      return;
    }
  conn->state = NET_CONN_LINGERING;
  conn->deadline_us = conn->worker->now_us + LINGER_MS * 1000;
  net_wheel_arm (&conn->worker->wheel, &conn->timer, conn->deadline_us);
  net_conn_watch (conn, EPOLLIN);
  conn->close_reason = conn->last_words;
  end_protocol (conn);
  net_buffer_clear (&conn->output);
  if (!conn->paused)
    net_buffer_clear (&conn->input);
}

static void
throw_away (NetConn *conn)
{
  guint8 waste[16384];
  gssize n = recv (conn->fd, waste, sizeof waste, 0);

  if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
    net_conn_finish (conn, conn->last_words);
}

/* An event of a connection that wants no input: not again, as long as it does not. */
static void
overlook_input (NetConn *conn, guint32 events)
{
  if (conn->edges)
    return;
  net_conn_watch (conn, conn->interest & ~(guint32) (EPOLLIN | EPOLLRDHUP));
  if ((events & net_conn_end_event (conn)) == 0)
    return;
  conn->peer_end_seen = TRUE;
  if (!net_conn_is_open (conn))
    return;
  conn->callbacks++;
  conn->protocol->peer_ended (conn, conn->protocol_state);
  conn->callbacks--;
}

static void
conn_ready (NetSource *source, NetWorker *worker, guint32 events)
{
  NetConn *conn = (NetConn *) source;
  gboolean readable = (events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0 || conn->read_wants_write;

  switch (conn->state)
    {
    case NET_CONN_WAITING:
      conn->interest = 0; /* EPOLLONESHOT */
      net_handshake_continue (conn);
      return;
    case NET_CONN_OPEN:
    case NET_CONN_FLUSHING:
      /* The end may have come along with bytes, which a read that meets their end says nothing about. */
      if (events & (EPOLLRDHUP | EPOLLERR | EPOLLHUP))
        conn->edges = FALSE;
      if (net_conn_reads_wanted (conn))
        conn->read_blocked = FALSE;
      else if (events & (EPOLLERR | EPOLLHUP))
        {
          net_conn_close (conn, conn->eof ? NET_CLOSE_PEER : NET_CLOSE_IO);
          return;
        }
      else if (events & (EPOLLIN | EPOLLRDHUP))
        overlook_input (conn, events);
      net_conn_turn (conn, readable);
      return;
    case NET_CONN_LINGERING:
      throw_away (conn);
      return;
    case NET_CONN_HANDSHAKING:
    case NET_CONN_CLOSED:
      return; /* an event of this turn, overtaken */
    }
}

static void
run_adopt (NetTask *task, NetWorker *worker)
{
  net_conn_adopt ((NetConn *) ((char *) task - G_STRUCT_OFFSET (NetConn, task)));
}

static NetConn *
conn_new (NetWorker *worker, int fd, const struct sockaddr_storage *address)
{
  NetConn *conn = g_new0 (NetConn, 1);

  conn->source.ready = conn_ready;
  conn->task.run = run_adopt;
  conn->timer.fired = net_conn_timer_fired;
  conn->worker = worker;
  conn->fd = fd;
  conn->ref_count = 1;
  conn->state = NET_CONN_WAITING;
  conn->last_words = NET_CLOSE_DONE;
  net_address_bytes (address, conn->peer_address);
  net_address_text (address, conn->peer);
  return conn;
}

NetConn *
net_conn_new (NetListener *listener, NetWorker *worker, int fd, const struct sockaddr_storage *address)
{
  NetConn *conn = conn_new (worker, fd, address);

  conn->listener = listener;
  conn->protocol = listener->protocol;
  conn->protocol_data = listener->data;
  conn->secure = listener->secure;
  return conn;
}

NetConn *
net_conn_new_made (NetConnecting *connecting, NetWorker *worker, int fd, const struct sockaddr_storage *address,
                   const NetProtocol *protocol, gpointer data, gboolean secure)
{
  NetConn *conn = conn_new (worker, fd, address);

  conn->connecting = connecting;
  conn->protocol = protocol;
  conn->protocol_data = data;
  conn->secure = secure;
  net_reactor_count_made (worker->reactor, 1);
  return conn;
}

static void
link_to_worker (NetConn *conn)
{
  NetWorker *worker = conn->worker;

  conn->next = worker->conns;
  conn->self = &worker->conns;
  if (conn->next != NULL)
    conn->next->self = &conn->next;
  worker->conns = conn;
}

void
net_conn_adopt (NetConn *conn)
{
  NetWorker *worker = conn->worker;
  struct epoll_event event = { .events = conn->secure ? EPOLLIN | EPOLLONESHOT : NET_CONN_EDGES,
                               .data.ptr = &conn->source };

  link_to_worker (conn);
  conn->edges = !conn->secure;
  conn->deadline_us = worker->now_us + (gint64) worker->limits.handshake_timeout_ms * 1000;
  if (worker->draining || epoll_ctl (worker->epoll_fd, EPOLL_CTL_ADD, conn->fd, &event) != 0)
    {
      net_conn_finish (conn, worker->draining ? NET_CLOSE_DRAIN : NET_CLOSE_IO);
      return;
    }
  conn->interest = event.events;
  if (conn->secure)
    net_conn_update_timer (conn);
  else
    net_conn_open (conn);
}

/* Its deadline is the connecting's. With TLS the handshake's threads say what is watched; until then nothing is. */
void
net_conn_adopt_made (NetConn *conn)
{
  NetWorker *worker = conn->worker;
  struct epoll_event event = { .events = conn->secure ? EPOLLONESHOT : NET_CONN_EDGES, .data.ptr = &conn->source };

  link_to_worker (conn);
  conn->edges = !conn->secure;
  conn->deadline_us = G_MAXINT64;
  conn->draining = worker->draining;
  if (epoll_ctl (worker->epoll_fd, EPOLL_CTL_MOD, conn->fd, &event) != 0)
    {
      net_conn_finish (conn, NET_CLOSE_IO);
      return;
    }
  conn->interest = event.events;
  if (conn->secure)
    net_handshake_continue (conn);
  else
    net_conn_open (conn);
}

void
net_conn_open (NetConn *conn)
{
  conn->state = NET_CONN_OPEN;
  if (conn->connecting != NULL)
    net_connecting_done (g_steal_pointer (&conn->connecting));
  conn->active_us = conn->worker->now_us;
  conn->callbacks++;
  conn->protocol_state = conn->protocol->opened (conn, conn->protocol_data);
  conn->callbacks--;
  net_conn_turn (conn, FALSE); /* the first request may have come with the end of the handshake */
}
