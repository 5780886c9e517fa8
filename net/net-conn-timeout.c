/* One timer per connection; what it means follows from the state. It is armed lazily: traffic only moves time
 * stamps, and the timer, when it fires too early for them, goes to sleep again. It is re-armed at once only for an
 * earlier deadline. */
#include "config.h"
#include "net/net-private.h"

static gint64
after (gint64 since_us, guint ms)
{
  return since_us + (gint64) ms * 1000;
}

/* Returns: when the connection is to be closed, for @reason; G_MAXINT64 = never as things are. */
static gint64
find_deadline (const NetConn *conn, NetCloseReason *reason)
{
  const ApimLimits *limits = &conn->worker->limits;
  gboolean output_waits = net_buffer_length (&conn->output) > 0;
  gint64 deadline = G_MAXINT64;

  if (conn->state == NET_CONN_WAITING || conn->state == NET_CONN_HANDSHAKING)
    {
      *reason = NET_CLOSE_HANDSHAKE_TIMEOUT;
      return conn->deadline_us;
    }
  if (conn->state == NET_CONN_LINGERING)
    {
      *reason = conn->last_words;
      return conn->deadline_us;
    }
  if (output_waits)
    {
      *reason = NET_CLOSE_WRITE_TIMEOUT;
      deadline = after (conn->written_us, limits->write_timeout_ms);
    }
  if (conn->state == NET_CONN_FLUSHING || conn->busy || conn->paused)
    return deadline;
  if (conn->message_us != 0 && !conn->input_due && after (conn->message_us, limits->read_timeout_ms) < deadline)
    {
      *reason = NET_CLOSE_READ_TIMEOUT;
      return after (conn->message_us, limits->read_timeout_ms);
    }
  if (output_waits || conn->message_us != 0 || limits->idle_timeout_ms == 0)
    return deadline;
  *reason = NET_CLOSE_IDLE_TIMEOUT;
  return after (conn->active_us, limits->idle_timeout_ms);
}

void
net_conn_update_timer (NetConn *conn)
{
  NetCloseReason reason;
  gint64 deadline = find_deadline (conn, &reason);

  if (deadline == G_MAXINT64 || (conn->timer.due_us != 0 && conn->timer.due_us <= deadline))
    return;
  net_wheel_arm (&conn->worker->wheel, &conn->timer, deadline);
}

/* TRUE: the peer is told why, before the connection ends. */
static gboolean
answer_time_out (NetConn *conn, NetCloseReason reason)
{
  if (reason != NET_CLOSE_READ_TIMEOUT || conn->protocol->timed_out == NULL || !net_conn_is_open (conn))
    return FALSE;
  conn->last_words = reason;
  conn->callbacks++;
  conn->protocol->timed_out (conn, conn->protocol_state);
  conn->callbacks--;
  net_conn_close_after_flush (conn);
  net_conn_flush (conn); /* the protocol may have said that it is finished, which alone sends nothing */
  return TRUE;
}

void
net_conn_timer_fired (NetTimer *timer, NetWorker *worker)
{
  NetConn *conn = (NetConn *) ((char *) timer - G_STRUCT_OFFSET (NetConn, timer));
  NetCloseReason reason = NET_CLOSE_IDLE_TIMEOUT;

  if (find_deadline (conn, &reason) > worker->now_us)
    net_conn_update_timer (conn);
  else if (!answer_time_out (conn, reason))
    net_conn_abandon (conn, reason);
}
