/* A connection's turn: write what waits, read, call the protocol, write its answers, and settle what follows from
 * that. */
#include "config.h"
#include "net/net-private.h"
#include <errno.h>
#include <sys/epoll.h>

#define READS_PER_TURN 16 /* then it is the others' turn */
#define ROOM_WANTED 4096  /* less room than this, and the buffer grows before a read */
#define MAX_READ 65536
#define INPUT_RESERVE 65536 /* over the largest message; the protocols' own limits are the exact ones */

static gsize
max_input (const ApimLimits *limits)
{
  gsize http = (gsize) limits->max_http_header + MAX (limits->max_http_body, limits->max_archive);

  return MAX (http, limits->max_thrift_message) + INPUT_RESERVE;
}

/* Who asks faster than he reads answers waits. Who answers us is read at any time: he may refuse the request that we
 * are sending, and how much of it waits is its sender's to limit. */
static gboolean
output_full (const NetConn *conn)
{
  return conn->listener != NULL
         && net_buffer_length (&conn->output) > conn->worker->limits.max_unread_output;
}

static gboolean
input_allowed (const NetConn *conn)
{
  return conn->state == NET_CONN_OPEN && !conn->close_wanted && !conn->paused && !output_full (conn);
}

/* More is read only when the protocol has seen what is there and left it: otherwise a peer that asks faster than it
 * reads, or than its requests are answered, would fill the input buffer. */
gboolean
net_conn_reads_wanted (const NetConn *conn)
{
  return input_allowed (conn) && !conn->eof && !conn->input_due;
}

/* A backend that refuses a request in the middle of it answers, and closes: its answer is worth more than the error
 * that our next write meets. TLS allows nothing after an error. */
static gboolean
may_still_read (const NetConn *conn)
{
  return conn->listener == NULL && conn->ssl == NULL && !conn->eof;
}

void
net_conn_write (NetConn *conn)
{
  if (conn->write_broken)
    net_buffer_clear (&conn->output);
  while (net_buffer_length (&conn->output) > 0 && !conn->close_wanted)
    {
      gsize written;
      NetIo io = net_transport_write (conn, net_buffer_data (&conn->output), net_buffer_length (&conn->output),
                                      &written);

      if (io == NET_IO_DONE)
        {
          net_buffer_consume (&conn->output, written);
          conn->write_blocked = FALSE;
          conn->written_us = conn->worker->now_us;
          conn->answered_in_drain |= conn->draining;
          continue;
        }
      if (io == NET_IO_AGAIN)
        {
          if (!conn->write_blocked)
            conn->written_us = conn->worker->now_us;
          conn->write_blocked = TRUE;
          return;
        }
      if (may_still_read (conn))
        {
          conn->write_broken = TRUE;
          net_buffer_clear (&conn->output);
          return;
        }
      net_conn_close (conn, conn->eof ? NET_CLOSE_PEER : NET_CLOSE_IO);
    }
}

static gboolean
sent_is_due (const NetConn *conn)
{
  return conn->sent_wanted && conn->state == NET_CONN_OPEN && !conn->close_wanted && !conn->write_broken
         && net_buffer_length (&conn->output) <= conn->sent_mark;
}

static void
tell_sent (NetConn *conn)
{
  if (!sent_is_due (conn))
    return;
  conn->sent_wanted = FALSE;
  conn->callbacks++;
  conn->protocol->sent (conn, conn->protocol_state);
  conn->callbacks--;
}

static void
run_input (NetConn *conn)
{
  gsize start = conn->input.start;
  gsize left;

  conn->input_due = FALSE;
  conn->callbacks++;
  conn->protocol->input (conn, conn->protocol_state, &conn->input);
  conn->callbacks--;
  left = net_buffer_length (&conn->input);
  /* It may have stopped because the output is full, or have paused and resumed: then there may be whole requests in
   * what is left. */
  conn->input_due = left > 0 && (conn->input_due || output_full (conn));
  conn->in_message = left > 0 && !conn->input_due && !conn->paused;
  if (left == 0 || conn->busy || conn->paused)
    conn->message_us = 0;
  else if (conn->input.start != start || conn->message_us == 0)
    /* Something was consumed, so another message has begun. A shorter input alone does not say so: chunked bodies
     * shrink in place. */
    conn->message_us = conn->worker->now_us;
}

static void
serve_input (NetConn *conn)
{
  if (conn->input_due && input_allowed (conn))
    run_input (conn);
  if (output_full (conn))
    net_conn_write (conn);
}

/* Reads once. Returns: TRUE when more may be had at once. */
static gboolean
read_once (NetConn *conn)
{
  NetBuffer *input = &conn->input;
  gsize room = input->bytes == NULL ? 0 : input->size - input->end;
  gsize length;
  NetIo io;

  if (net_buffer_length (input) >= max_input (&conn->worker->limits))
    {
      net_conn_close (conn, NET_CLOSE_PROTOCOL);
      return FALSE;
    }
  net_buffer_reserve (input, room >= ROOM_WANTED ? room : ROOM_WANTED);
  room = MIN (input->size - input->end, MAX_READ);
  io = net_transport_read (conn, input->bytes + input->end, room, &length);
  conn->read_wants_write = io == NET_IO_WANT_WRITE;
  conn->read_blocked = io == NET_IO_AGAIN || io == NET_IO_WANT_WRITE;
  if (io == NET_IO_DONE)
    {
      net_buffer_commit (input, length);
      conn->input_due = TRUE;
      conn->active_us = conn->worker->now_us;
      return net_transport_pending (conn) || (conn->ssl == NULL && length == room);
    }
  if (io == NET_IO_EOF)
    conn->eof = TRUE;
  else if (io == NET_IO_ERROR)
    net_conn_close (conn, NET_CLOSE_IO);
  return FALSE;
}

/* TLS holds bytes, and not only the beginning of a record. */
static gboolean
tls_has_more (const NetConn *conn)
{
  return !conn->read_blocked && !conn->eof && net_transport_pending (conn);
}

void
net_conn_turn (NetConn *conn, gboolean readable)
{
  gboolean more = readable || conn->may_read || tls_has_more (conn);

  net_conn_write (conn);
  tell_sent (conn);
  for (guint i = 0; i < READS_PER_TURN; i++)
    {
      serve_input (conn);
      if (!more || !net_conn_reads_wanted (conn))
        break;
      /* Within a long message the protocol is asked again only once more of it has been gathered. */
      do
        more = read_once (conn);
      while (more && conn->in_message && ++i < READS_PER_TURN);
    }
  conn->may_read = more && conn->edges;
  serve_input (conn);
  net_conn_write (conn);
  net_conn_settle (conn);
}

void
net_conn_watch (NetConn *conn, guint32 events)
{
  struct epoll_event event = { .events = events, .data.ptr = &conn->source };

  if (events == conn->interest)
    return;
  if (epoll_ctl (conn->worker->epoll_fd, EPOLL_CTL_MOD, conn->fd, &event) != 0)
    g_error ("epoll_ctl failed on a connection: %s", g_strerror (errno));
  conn->interest = events;
}

guint32
net_conn_end_event (const NetConn *conn)
{
  return conn->protocol->peer_ended != NULL && !conn->peer_end_seen ? EPOLLRDHUP : 0;
}

/* On a plain connection, epoll tells once of what comes, and does not look at it again at every turn until nothing is
 * left: a read that leaves room in the buffer has met the end of what there is, and what comes later is told of anew.
 * Where one stops earlier, may_read says so. Bytes within TLS begin and end elsewhere than those of the socket, and of
 * the peer's end the last event may be over when somebody wants to know: such connections are told again and again.
 *
 * Of these, one that pauses for a moment keeps EPOLLIN: most peers send nothing before they have their answer, and the
 * event of those that do takes it away (net-conn.c). */
static void
update_interest (NetConn *conn)
{
  guint32 wanted = 0;

  if (conn->edges)
    wanted = NET_CONN_EDGES;
  else if (!net_conn_reads_wanted (conn))
    wanted |= (conn->interest & EPOLLIN) | net_conn_end_event (conn);
  else
    wanted |= conn->read_wants_write ? EPOLLOUT : EPOLLIN | net_conn_end_event (conn);
  if (net_buffer_length (&conn->output) > 0)
    wanted |= EPOLLOUT;
  net_conn_watch (conn, wanted);
}

/* Nothing of the connection's work is left. */
static gboolean
is_over (const NetConn *conn)
{
  /* Who answers us and has ended says no more, whatever we have to say. */
  if ((conn->listener == NULL || conn->ends_with_peer) && conn->eof && !conn->paused && !conn->input_due)
    return TRUE;
  if (net_buffer_length (&conn->output) > 0)
    return FALSE;
  if (conn->state == NET_CONN_FLUSHING)
    return TRUE;
  if (conn->busy || conn->paused || conn->input_due)
    return FALSE;
  if (conn->eof)
    return TRUE;
  return conn->draining && (net_buffer_length (&conn->input) == 0 || conn->answered_in_drain);
}

void
net_conn_settle (NetConn *conn)
{
  if (conn->callbacks > 0 || conn->state < NET_CONN_OPEN || conn->state >= NET_CONN_LINGERING)
    return;
  if (conn->close_wanted)
    {
      net_conn_finish (conn, conn->close_reason);
      return;
    }
  if (is_over (conn))
    {
      if (conn->state == NET_CONN_FLUSHING)
        net_conn_linger (conn);
      else
        net_conn_finish (conn, conn->eof ? NET_CLOSE_PEER : NET_CLOSE_DRAIN);
      return;
    }
  if (!conn->paused && net_buffer_length (&conn->input) == 0)
    net_buffer_clear (&conn->input);
  if (net_buffer_length (&conn->output) == 0)
    net_buffer_clear (&conn->output);
  update_interest (conn);
  net_conn_update_timer (conn);
  /* What epoll does not see. */
  if ((input_allowed (conn) && (conn->input_due || conn->may_read || tls_has_more (conn))) || sent_is_due (conn))
    net_conn_queue_ready (conn);
  else
    conn->ready_void = net_buffer_length (&conn->output) == 0;
}

void
net_conn_queue_ready (NetConn *conn)
{
  NetWorker *worker = conn->worker;

  conn->ready_void = FALSE;
  if (conn->in_ready)
    return;
  conn->in_ready = TRUE;
  conn->ready_next = NULL;
  *worker->ready_tail = net_conn_ref (conn);
  worker->ready_tail = &conn->ready_next;
}

void
net_conn_run_ready (NetWorker *worker)
{
  NetConn *conn = worker->ready;

  /* Who queues itself again waits for the next turn. */
  worker->ready = NULL;
  worker->ready_tail = &worker->ready;
  while (conn != NULL)
    {
      NetConn *next = conn->ready_next;

      conn->in_ready = FALSE;
      if (!conn->ready_void && (conn->state == NET_CONN_OPEN || conn->state == NET_CONN_FLUSHING))
        net_conn_turn (conn, FALSE);
      net_conn_unref (conn);
      conn = next;
    }
}

void
net_conn_drain (NetConn *conn)
{
  conn->draining = TRUE;
  if (conn->state < NET_CONN_OPEN && conn->listener == NULL)
    return; /* for a request that is still answered */
  if (conn->state < NET_CONN_OPEN)
    net_conn_abandon (conn, NET_CLOSE_DRAIN);
  else if (conn->state < NET_CONN_LINGERING)
    {
      if (conn->state == NET_CONN_OPEN && conn->protocol->drain != NULL)
        {
          conn->callbacks++;
          conn->protocol->drain (conn, conn->protocol_state);
          conn->callbacks--;
        }
      net_conn_turn (conn, TRUE); /* what has arrived already is still answered */
    }
}
