#include "config.h"
#include "tests/unit/fake-tw-conn.h"

#include "tests/unit/tw-test-bytes.h"

struct _NetWorker
{
  guint index;
};

struct _NetConn
{
  NetWorker worker;
  const NetProtocol *protocol;
  gpointer state;
  NetBuffer input, output, sent;
  gboolean open, paused, resumed, busy, broken;
  NetCloseReason reason;
  guint writes;
  guint ref_count;
};

static guint n_conns;

NetConn *
fake_conn_new (const NetProtocol *protocol, gpointer listener_data, guint worker_index)
{
  NetConn *conn = g_new0 (NetConn, 1);

  conn->worker.index = worker_index;
  conn->protocol = protocol;
  conn->open = TRUE;
  conn->ref_count = 1;
  conn->state = protocol->opened (conn, listener_data);
  n_conns++;
  return conn;
}

static void
deliver (NetConn *conn)
{
  net_conn_ref (conn);
  conn->protocol->input (conn, conn->state, &conn->input);
  if (conn->open)
    net_conn_flush (conn);
  net_conn_unref (conn);
}

void
fake_conn_receive (NetConn *conn, const void *bytes, gsize length)
{
  g_assert_true (conn->open);
  g_assert_false (conn->paused);
  net_buffer_append (&conn->input, bytes, length);
  deliver (conn);
}

gboolean
fake_conn_turn (NetConn *conn)
{
  gboolean due = conn->resumed && conn->open && !conn->paused && net_buffer_length (&conn->input) > 0;

  conn->resumed = FALSE;
  if (due)
    deliver (conn);
  return due;
}

char *
fake_conn_take_sent (NetConn *conn)
{
  char *hex = bytes_to_hex (net_buffer_data (&conn->sent), net_buffer_length (&conn->sent));

  net_buffer_clear (&conn->sent);
  return hex;
}

gsize
fake_conn_sent (NetConn *conn)
{
  return net_buffer_length (&conn->sent);
}

guint
fake_conn_writes (NetConn *conn)
{
  return conn->writes;
}

gboolean
fake_conn_is_paused (NetConn *conn)
{
  return conn->paused;
}

gboolean
fake_conn_is_busy (NetConn *conn)
{
  return conn->busy;
}

NetCloseReason
fake_conn_reason (NetConn *conn)
{
  return conn->reason;
}

void
fake_conn_break (NetConn *conn)
{
  conn->broken = TRUE;
}

void
fake_conn_free (NetConn *conn)
{
  net_conn_close (conn, NET_CLOSE_PEER);
  net_conn_unref (conn);
}

guint
fake_conn_count (void)
{
  return n_conns;
}

/* What the server calls, as net/net-conn.h has it. */

guint
net_worker_index (const NetWorker *worker)
{
  return worker->index;
}

NetWorker *
net_conn_worker (const NetConn *conn)
{
  return (NetWorker *) &conn->worker;
}

const char *
net_conn_peer (const NetConn *conn)
{
  return "192.0.2.1";
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

void
net_conn_flush (NetConn *conn)
{
  gsize length = net_buffer_length (&conn->output);

  if (length == 0)
    return;
  if (conn->broken)
    {
      net_conn_close (conn, NET_CLOSE_IO);
      return;
    }
  net_buffer_append (&conn->sent, net_buffer_data (&conn->output), length);
  net_buffer_consume (&conn->output, length);
  conn->writes++;
}

void
net_conn_pause (NetConn *conn)
{
  conn->paused = TRUE;
}

void
net_conn_resume (NetConn *conn)
{
  conn->paused = FALSE;
  conn->resumed = TRUE;
}

void
net_conn_set_busy (NetConn *conn, gboolean busy)
{
  conn->busy = busy;
}

void
net_conn_close (NetConn *conn, NetCloseReason reason)
{
  if (!conn->open)
    return;
  conn->open = FALSE;
  conn->reason = reason;
  conn->protocol->closed (conn, conn->state);
  conn->state = NULL;
}

gboolean
net_conn_is_open (const NetConn *conn)
{
  return conn->open;
}

NetConn *
net_conn_ref (NetConn *conn)
{
  conn->ref_count++;
  return conn;
}

void
net_conn_unref (NetConn *conn)
{
  if (--conn->ref_count > 0)
    return;
  g_assert_false (conn->open);
  net_buffer_clear (&conn->input);
  net_buffer_clear (&conn->output);
  net_buffer_clear (&conn->sent);
  g_free (conn);
  n_conns--;
}
