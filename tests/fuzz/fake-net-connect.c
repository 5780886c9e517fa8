#include "config.h"
#include "tests/fuzz/fake-net-connect.h"

#include "net/net-connect.h"
#include "net/net-reactor.h"

static struct
{
  const NetProtocol *protocol;
  gpointer data;
} pending[FAKE_CONNECT_MAX];
static guint n_pending;
static NetConn *conns[FAKE_CONNECT_MAX];
static guint n_conns;

void
net_connect_start (NetConnect *connect, NetWorker *worker, const char *host, guint16 port, NetTlsClient *tls,
                   guint timeout_ms, const NetProtocol *protocol, gpointer data)
{
  g_assert_cmpuint (n_pending, <, FAKE_CONNECT_MAX);
  pending[n_pending].protocol = protocol;
  pending[n_pending++].data = data;
}

gint64
net_worker_now_us (const NetWorker *worker)
{
  return 1;
}

void
net_timer_arm (NetWorker *worker, NetTimer *timer, gint64 delay_ms)
{
  timer->due_us = 1;
}

void
net_timer_cancel (NetTimer *timer)
{
  timer->due_us = 0;
}

void
net_reactor_expect_outgoing (NetReactor *reactor)
{
}

guint
net_reactor_n_workers (const NetReactor *reactor)
{
  return 1;
}

NetWorker *
net_reactor_worker (NetReactor *reactor, guint index)
{
  return NULL;
}

void
fake_connect_run (void)
{
  for (;;)
    {
      fake_worker_run ();
      if (n_pending == 0 || n_conns == FAKE_CONNECT_MAX)
        return;
      n_pending--;
      conns[n_conns] = fake_conn_new (pending[n_pending].protocol, pending[n_pending].data);
      n_conns++;
    }
}

guint
fake_connect_count (void)
{
  return n_conns;
}

NetConn *
fake_connect_conn (guint index)
{
  return conns[index];
}

void
fake_connect_free (void)
{
  for (guint i = 0; i < n_conns; i++)
    fake_conn_free (conns[i]);
  n_conns = n_pending = 0;
}
