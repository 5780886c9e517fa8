#include "config.h"
#include "net-caller.h"

static gpointer
caller_opened (NetConn *conn, gpointer data)
{
  Caller *caller = data;

  g_mutex_lock (&caller->lock);
  g_assert_false (caller->opened);
  g_assert_null (caller->connect.connecting);
  caller->opened = TRUE;
  caller->conn = net_conn_ref (conn);
  caller->draining = net_conn_is_draining (conn);
  net_conn_set_busy (conn, caller->busy);
  if (caller->greeting != NULL)
    net_buffer_append (net_conn_output (conn), caller->greeting, strlen (caller->greeting));
  g_cond_broadcast (&caller->changed);
  g_mutex_unlock (&caller->lock);
  return caller;
}

static void
caller_input (NetConn *conn, gpointer state, NetBuffer *input)
{
  Caller *caller = state;

  g_mutex_lock (&caller->lock);
  g_string_append_len (caller->received, (const char *)net_buffer_data (input),
                       (gssize)net_buffer_length (input));
  net_buffer_consume (input, net_buffer_length (input));
  g_cond_broadcast (&caller->changed);
  g_mutex_unlock (&caller->lock);
}

static void
caller_closed (NetConn *conn, gpointer state)
{
  Caller *caller = state;

  g_mutex_lock (&caller->lock);
  g_assert_false (caller->closed);
  caller->closed = TRUE;
  caller->reason = net_conn_close_reason (conn);
  g_cond_broadcast (&caller->changed);
  g_mutex_unlock (&caller->lock);
}

static void
caller_sent (NetConn *conn, gpointer state)
{
  Caller *caller = state;

  g_mutex_lock (&caller->lock);
  caller->n_sent++;
  g_assert_cmpuint (net_buffer_length (net_conn_output (conn)), <=, CALLER_MARK);
  g_cond_broadcast (&caller->changed);
  g_mutex_unlock (&caller->lock);
}

static const NetProtocol protocol = { "caller", caller_opened, caller_input, caller_closed, caller_sent };

static void
caller_failed (NetConnect *connect, NetConnectError error, const char *why)
{
  Caller *caller = (Caller *)connect;

  g_mutex_lock (&caller->lock);
  g_assert_false (caller->opened || caller->failed);
  g_assert_null (caller->connect.connecting);
  caller->failed = TRUE;
  caller->error = error;
  caller->why = g_strdup (why);
  g_cond_broadcast (&caller->changed);
  g_mutex_unlock (&caller->lock);
}

static void
begin_on_worker (NetWorker *worker, gpointer data)
{
  Caller *caller = data;

  net_connect_start (&caller->connect, worker, caller->host, caller->port, caller->tls, caller->timeout_ms,
                     &protocol, caller);
  g_assert_false (caller->opened || caller->failed);
  if (caller->cancel)
    {
      net_connect_cancel (&caller->connect);
      net_connect_cancel (&caller->connect);
    }
}

void
caller_begin (Caller *caller, NetReactor *reactor, const char *host, guint16 port, NetTlsClient *tls,
              guint timeout_ms)
{
  g_mutex_init (&caller->lock);
  g_cond_init (&caller->changed);
  caller->connect.failed = caller_failed;
  caller->reactor = reactor;
  caller->host = host;
  caller->port = port;
  caller->tls = tls;
  caller->timeout_ms = timeout_ms;
  caller->received = g_string_new (NULL);
  net_worker_call (net_reactor_worker (reactor, 0), begin_on_worker, caller);
}

static void
close_on_worker (NetWorker *worker, gpointer data)
{
  net_conn_close (((Caller *)data)->conn, NET_CLOSE_DONE);
}

void
caller_end (Caller *caller)
{
  if (caller->opened)
    {
      net_worker_call (net_reactor_worker (caller->reactor, 0), close_on_worker, caller);
      WAIT_UNTIL (caller, caller->closed);
      net_conn_unref (caller->conn);
    }
  g_free (caller->why);
  g_string_free (caller->received, TRUE);
  g_mutex_clear (&caller->lock);
  g_cond_clear (&caller->changed);
}
