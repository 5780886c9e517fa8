#include "config.h"
#include "tests/unit/fake-net-conn.h"

struct _NetWorker
{
  GMutex lock;
  GCond posted;
  NetTask *head, **tail;
  GThread *thread;
  GList *resumed; /* of NetConn, each with a reference */
  guint n_conns;
};

struct _NetConn
{
  const NetProtocol *protocol;
  gpointer state;
  guint references;
  gboolean held; /* by the test */
  gboolean open, paused, busy, draining, in_input, sent_wanted;
  NetCloseReason reason;
  NetBuffer input, output;
  GByteArray *socket; /* sent by the peer, not read yet */
  GByteArray *sent;
};

static NetWorker worker = { .tail = &worker.head };

static void
assert_on_worker (void)
{
  g_assert (g_thread_self () == worker.thread);
}

/* Buffers: every growth moves. */

guint8 *
net_buffer_reserve (NetBuffer *buffer, gsize length)
{
  gsize unread = net_buffer_length (buffer);
  guint8 *bytes = g_malloc (unread + length);

  if (unread > 0)
    memcpy (bytes, net_buffer_data (buffer), unread);
  g_free (buffer->bytes);
  *buffer = (NetBuffer){ .bytes = bytes, .end = unread, .size = unread + length };
  return bytes + unread;
}

void
net_buffer_clear (NetBuffer *buffer)
{
  g_free (buffer->bytes);
  *buffer = (NetBuffer){ NULL };
}

/* The worker. */

void
net_worker_post (NetWorker *self, NetTask *task)
{
  g_mutex_lock (&self->lock);
  task->next = NULL;
  *self->tail = task;
  self->tail = &task->next;
  g_cond_signal (&self->posted);
  g_mutex_unlock (&self->lock);
}

NetWorker *
net_worker_current (void)
{
  return g_thread_self () == worker.thread ? &worker : NULL;
}

guint
net_worker_index (const NetWorker *self)
{
  return 0;
}

gint64
net_worker_now_wall_ms (const NetWorker *self)
{
  assert_on_worker ();
  return FAKE_NOW_MS;
}

static NetTask *
take_task (gboolean wait)
{
  NetTask *task;

  g_mutex_lock (&worker.lock);
  while (wait && worker.head == NULL)
    g_cond_wait (&worker.posted, &worker.lock);
  task = worker.head;
  if (task != NULL)
    worker.head = task->next;
  if (worker.head == NULL)
    worker.tail = &worker.head;
  g_mutex_unlock (&worker.lock);
  return task;
}

/* Connections. */

static void
send_output (NetConn *conn)
{
  g_byte_array_append (conn->sent, net_buffer_data (&conn->output), net_buffer_length (&conn->output));
  net_buffer_clear (&conn->output);
}

static void
free_if_unused (NetConn *conn)
{
  if (conn->references > 0)
    return;
  net_buffer_clear (&conn->input);
  if (conn->held)
    return;
  net_buffer_clear (&conn->output);
  g_byte_array_unref (conn->socket);
  g_byte_array_unref (conn->sent);
  g_free (conn);
  worker.n_conns--;
}

/* Reads what the peer sent and gives it to the protocol. */
static void
read_input (NetConn *conn)
{
  if (!conn->open || conn->paused)
    return;
  net_buffer_append (&conn->input, conn->socket->data, conn->socket->len);
  g_byte_array_set_size (conn->socket, 0);
  if (net_buffer_length (&conn->input) == 0)
    return;
  net_conn_ref (conn);
  conn->in_input = TRUE;
  conn->protocol->input (conn, conn->state, &conn->input);
  conn->in_input = FALSE;
  send_output (conn);
  net_conn_unref (conn);
}

/* Everything is sent: no mark is low enough to wait for. */
static void
tell_sent (NetConn *conn)
{
  if (!conn->open || !conn->sent_wanted)
    return;
  conn->sent_wanted = FALSE;
  conn->protocol->sent (conn, conn->state);
}

static void
run_resumed (void)
{
  while (worker.resumed != NULL)
    {
      NetConn *conn = worker.resumed->data;

      worker.resumed = g_list_delete_link (worker.resumed, worker.resumed);
      send_output (conn);
      tell_sent (conn);
      read_input (conn);
      net_conn_unref (conn);
    }
}

void
fake_worker_run (void)
{
  NetTask *task;

  run_resumed ();
  while ((task = take_task (FALSE)) != NULL)
    {
      task->run (task, &worker);
      run_resumed ();
    }
}

void
fake_worker_wait (void)
{
  NetTask *task = take_task (TRUE);

  task->run (task, &worker);
  fake_worker_run ();
}

NetConn *
fake_conn_new (const NetProtocol *protocol, gpointer listener_data)
{
  NetConn *conn = g_new0 (NetConn, 1);

  if (worker.thread == NULL)
    worker.thread = g_thread_self ();
  worker.n_conns++;
  conn->protocol = protocol;
  conn->references = 1; /* the worker's, while it is open */
  conn->held = conn->open = TRUE;
  conn->socket = g_byte_array_new ();
  conn->sent = g_byte_array_new ();
  conn->state = protocol->opened (conn, listener_data);
  return conn;
}

void
fake_conn_free (NetConn *conn)
{
  net_conn_close (conn, NET_CLOSE_PEER);
  conn->held = FALSE;
  free_if_unused (conn);
}

void
fake_conn_feed (NetConn *conn, const void *bytes, gsize length)
{
  g_byte_array_append (conn->socket, bytes, length);
  read_input (conn);
}

const char *
fake_conn_sent (NetConn *conn, gsize *length)
{
  *length = conn->sent->len;
  return (const char *) conn->sent->data;
}

void
fake_conn_forget_sent (NetConn *conn)
{
  g_byte_array_set_size (conn->sent, 0);
}

void
fake_conn_peer_close (NetConn *conn)
{
  net_conn_close (conn, NET_CLOSE_PEER);
}

void
fake_conn_set_draining (NetConn *conn, gboolean draining)
{
  conn->draining = draining;
  if (draining && conn->open && conn->protocol->drain != NULL)
    conn->protocol->drain (conn, conn->state);
}

gboolean
fake_conn_is_paused (const NetConn *conn)
{
  return conn->paused;
}

gboolean
fake_conn_is_busy (const NetConn *conn)
{
  return conn->busy;
}

gsize
fake_conn_input_size (const NetConn *conn)
{
  return net_buffer_length (&conn->input);
}

NetCloseReason
fake_conn_close_reason (const NetConn *conn)
{
  g_assert (!conn->open);
  return conn->reason;
}

guint
fake_conn_count (void)
{
  return worker.n_conns;
}

NetWorker *
net_conn_worker (const NetConn *conn)
{
  return &worker;
}

const char *
net_conn_peer (const NetConn *conn)
{
  return FAKE_PEER;
}

NetBuffer *
net_conn_input (NetConn *conn)
{
  assert_on_worker ();
  return &conn->input;
}

NetBuffer *
net_conn_output (NetConn *conn)
{
  assert_on_worker ();
  g_assert (conn->open);
  return &conn->output;
}

void
net_conn_flush (NetConn *conn)
{
  assert_on_worker ();
  g_assert (!conn->in_input);
  send_output (conn);
}

static void
run_soon (NetConn *conn)
{
  worker.resumed = g_list_append (worker.resumed, net_conn_ref (conn));
}

void
net_conn_flush_soon (NetConn *conn)
{
  assert_on_worker ();
  if (conn->open)
    run_soon (conn);
}

void
net_conn_flush_now (NetConn *conn)
{
  assert_on_worker ();
  if (!conn->open)
    return;
  send_output (conn);
  run_soon (conn);
}

void
net_conn_notify_sent (NetConn *conn, gsize mark)
{
  assert_on_worker ();
  conn->sent_wanted = TRUE;
  run_soon (conn);
}

void
net_conn_pause (NetConn *conn)
{
  assert_on_worker ();
  conn->paused = TRUE;
}

void
net_conn_resume (NetConn *conn)
{
  assert_on_worker ();
  if (!conn->paused)
    return;
  conn->paused = FALSE;
  run_soon (conn);
}

void
net_conn_set_busy (NetConn *conn, gboolean busy)
{
  assert_on_worker ();
  conn->busy = busy;
}

void
net_conn_set_ends_with_peer (NetConn *conn, gboolean ends)
{
  assert_on_worker ();
}

const char *
net_conn_alpn (const NetConn *conn, gsize *length)
{
  *length = 0;
  return NULL;
}

void
net_conn_hand_over (NetConn *conn, const NetProtocol *protocol, gpointer data)
{
  g_assert (conn->in_input);
  conn->protocol = protocol;
  conn->state = protocol->opened (conn, data);
  run_soon (conn);
}

void
net_conn_close (NetConn *conn, NetCloseReason reason)
{
  assert_on_worker ();
  if (!conn->open)
    return;
  conn->open = FALSE;
  conn->reason = reason;
  conn->protocol->closed (conn, conn->state);
  net_conn_unref (conn);
}

void
net_conn_close_after_flush (NetConn *conn)
{
  send_output (conn);
  net_conn_close (conn, NET_CLOSE_DONE);
}

gboolean
net_conn_is_open (const NetConn *conn)
{
  assert_on_worker ();
  return conn->open;
}

NetCloseReason
net_conn_close_reason (const NetConn *conn)
{
  return conn->reason;
}

gboolean
net_conn_is_draining (const NetConn *conn)
{
  assert_on_worker ();
  return conn->draining;
}

NetConn *
net_conn_ref (NetConn *conn)
{
  assert_on_worker ();
  conn->references++;
  return conn;
}

void
net_conn_unref (NetConn *conn)
{
  assert_on_worker ();
  g_assert (conn->references > 0);
  conn->references--;
  free_if_unused (conn);
}
