#include "config.h"
#include "net/net-private.h"
#include <errno.h>
#include <signal.h>
#include <sys/resource.h>

#define DESCRIPTOR_RESERVE 64 /* files, databases, listeners */

G_DEFINE_QUARK (net-error-quark, net_error)

struct _NetReactor
{
  NetWorker *workers;
  guint n_workers;
  NetHandshakes *handshakes;
  NetPeers *peers;
  NetNames *names;
  GPtrArray *listeners; /* of NetListener; main thread */
  guint max_descriptors;
  ApimLimits limits;          /* as given; main thread */
  gboolean expects_outgoing;  /* main thread */
  gint n_open; /* atomic */
  gint n_made; /* atomic: connections that we make or made */

  GMutex lock;
  GCond changed; /* under lock: n_open and n_made may have become 0 */
  gint draining; /* atomic */
  gint n_cut;    /* atomic: connections that the end of a drain cut off */
  gboolean drained;
};

/* Descriptors are what MaxConnections = 0 stands for, so take all that we may have. */
static guint
raise_descriptor_limit (void)
{
  struct rlimit limit;

  if (getrlimit (RLIMIT_NOFILE, &limit) != 0)
    return 1024;
  if (limit.rlim_cur < limit.rlim_max)
    {
      struct rlimit raised = { .rlim_cur = limit.rlim_max, .rlim_max = limit.rlim_max };

      if (setrlimit (RLIMIT_NOFILE, &raised) == 0)
        limit = raised;
    }
  return (guint) MIN (limit.rlim_cur, G_MAXINT32);
}

static ApimLimits
resolve_limits (const NetReactor *reactor, const ApimLimits *limits)
{
  ApimLimits resolved = *limits;
  guint usable = reactor->max_descriptors > 2 * DESCRIPTOR_RESERVE ? reactor->max_descriptors - DESCRIPTOR_RESERVE
                                                                   : MAX (reactor->max_descriptors / 2, 1);

  if (resolved.max_connections == 0)
    resolved.max_connections = reactor->expects_outgoing ? MAX (usable / 2, 1) : usable;
  return resolved;
}

NetReactor *
net_reactor_new (guint workers, const ApimLimits *limits, const ApimClock *clock, GError **error)
{
  NetReactor *reactor = g_new0 (NetReactor, 1);
  guint wanted = workers > 0 ? workers : g_get_num_processors ();
  ApimLimits resolved;

  signal (SIGPIPE, SIG_IGN); /* OpenSSL's socket BIO cannot send without it */
  g_mutex_init (&reactor->lock);
  g_cond_init (&reactor->changed);
  reactor->max_descriptors = raise_descriptor_limit ();
  reactor->listeners = g_ptr_array_new_with_free_func ((GDestroyNotify) net_listener_free);
  reactor->peers = net_peers_new ();
  reactor->names = net_names_new (net_names_resolve, clock);
  reactor->handshakes = net_handshakes_new (wanted);
  reactor->workers = g_new0 (NetWorker, wanted);
  reactor->limits = *limits;
  resolved = resolve_limits (reactor, limits);
  while (reactor->n_workers < wanted)
    {
      if (!net_worker_start (&reactor->workers[reactor->n_workers], reactor, reactor->n_workers, clock, &resolved,
                             error))
        {
          net_reactor_free (reactor);
          return NULL;
        }
      reactor->n_workers++;
    }
  return reactor;
}

static void
set_limits (NetWorker *worker, gpointer data)
{
  worker->limits = *(const ApimLimits *) data;
}

void
net_reactor_set_limits (NetReactor *reactor, const ApimLimits *limits)
{
  ApimLimits resolved = resolve_limits (reactor, limits);

  reactor->limits = *limits;
  for (guint i = 0; i < reactor->n_workers; i++)
    net_worker_call (&reactor->workers[i], set_limits, &resolved);
}

void
net_reactor_expect_outgoing (NetReactor *reactor)
{
  const ApimLimits limits = reactor->limits;

  reactor->expects_outgoing = TRUE;
  net_reactor_set_limits (reactor, &limits);
}

guint
net_reactor_n_workers (const NetReactor *reactor)
{
  return reactor->n_workers;
}

NetWorker *
net_reactor_worker (NetReactor *reactor, guint index)
{
  return &reactor->workers[index];
}

NetHandshakes *
net_reactor_handshakes (NetReactor *reactor)
{
  return reactor->handshakes;
}

int
net_reactor_listen (NetReactor *reactor, const ApimListenAddress *address, NetTls *tls, const NetProtocol *protocol,
                    gpointer listener_data, guint16 *bound_port, GError **error)
{
  NetListener *listener = net_listener_new (reactor, address, reactor->n_workers, bound_port, error);

  if (listener == NULL)
    return -1;
  listener->protocol = protocol;
  listener->data = listener_data;
  listener->secure = tls != NULL;
  listener->tls = tls != NULL ? net_tls_ref (tls) : NULL;
  g_ptr_array_add (reactor->listeners, listener);
  return (int) reactor->listeners->len - 1;
}

void
net_reactor_set_tls (NetReactor *reactor, int id, NetTls *tls)
{
  NetListener *listener = g_ptr_array_index (reactor->listeners, id);
  NetTls *old;

  g_return_if_fail (listener->secure && tls != NULL);
  g_mutex_lock (&listener->lock);
  old = listener->tls;
  listener->tls = net_tls_ref (tls);
  g_mutex_unlock (&listener->lock);
  net_tls_unref (old);
}

static void
accept_on_worker (NetWorker *worker, gpointer data)
{
  GPtrArray *listeners = data;

  for (guint i = 0; i < listeners->len; i++)
    net_listener_start_accepting (g_ptr_array_index (listeners, i), worker);
}

void
net_reactor_accept (NetReactor *reactor)
{
  for (guint i = 0; i < reactor->n_workers; i++)
    net_worker_call (&reactor->workers[i], accept_on_worker, reactor->listeners);
}

/* The worker with the fewest connections; among equals the first one from @start on. */
static NetWorker *
choose_worker (NetReactor *reactor, guint start)
{
  NetWorker *best = NULL;
  gint fewest = G_MAXINT;

  for (guint i = 0; i < reactor->n_workers; i++)
    {
      NetWorker *worker = &reactor->workers[(start + i) % reactor->n_workers];
      gint n = g_atomic_int_get (&worker->n_conns);

      if (n < fewest)
        {
          fewest = n;
          best = worker;
        }
    }
  g_atomic_int_inc (&best->n_conns);
  return best;
}

NetNames *
net_reactor_names (NetReactor *reactor)
{
  return reactor->names;
}

void
net_reactor_set_resolver (NetReactor *reactor, NetResolve resolve)
{
  net_names_free (reactor->names);
  reactor->names = net_names_new (resolve, reactor->workers[0].clock);
}

static void
wake_drain (NetReactor *reactor)
{
  if (!g_atomic_int_get (&reactor->draining))
    return;
  g_mutex_lock (&reactor->lock);
  g_cond_broadcast (&reactor->changed);
  g_mutex_unlock (&reactor->lock);
}

static void
count_out (NetReactor *reactor)
{
  if (g_atomic_int_dec_and_test (&reactor->n_open))
    wake_drain (reactor);
}

void
net_reactor_count_made (NetReactor *reactor, int change)
{
  if (g_atomic_int_add (&reactor->n_made, change) + change == 0)
    wake_drain (reactor);
}

NetWorker *
net_reactor_admit (NetReactor *reactor, const guint8 address[16], const ApimLimits *limits, guint start,
                   const char **limit_name)
{
  /* Counted before it is compared: two workers cannot both take the last place. */
  if ((guint) g_atomic_int_add (&reactor->n_open, 1) >= limits->max_connections)
    *limit_name = "MaxConnections";
  else if (!net_peers_add (reactor->peers, address, limits->max_connections_per_address))
    *limit_name = "MaxConnectionsPerAddress";
  else
    return choose_worker (reactor, start);
  count_out (reactor);
  return NULL;
}

void
net_reactor_release (NetReactor *reactor, NetWorker *worker, const guint8 address[16])
{
  net_peers_remove (reactor->peers, address);
  g_atomic_int_add (&worker->n_conns, -1);
  count_out (reactor);
}

void
net_reactor_count_cut (NetReactor *reactor)
{
  g_atomic_int_inc (&reactor->n_cut);
}

static void
for_each_conn (NetWorker *worker, void (*act) (NetConn *conn))
{
  for (NetConn *conn = worker->conns, *next; conn != NULL; conn = next)
    {
      /* It may close and leave the list; nothing else leaves it meanwhile. */
      next = conn->next;
      act (conn);
    }
}

static void
stop_accepting (NetWorker *worker, gpointer data)
{
  net_listener_stop_accepting (worker);
}

static void
start_drain (NetWorker *worker, gpointer data)
{
  worker->draining = TRUE;
  for_each_conn (worker, net_conn_drain);
}

static void
cut (NetConn *conn)
{
  if (conn->state == NET_CONN_OPEN || conn->state == NET_CONN_FLUSHING)
    net_reactor_count_cut (conn->worker->reactor);
  net_conn_abandon (conn, NET_CLOSE_DRAIN);
}

static void
leave (NetConn *conn)
{
  net_conn_abandon (conn, NET_CLOSE_DRAIN);
}

/* @late: (nullable): all were closed, so what there is began since, by a timer, and nobody's call is cut off. */
static void
cut_all (NetWorker *worker, gpointer late)
{
  worker->cut = TRUE;
  net_connecting_cut (worker);
  for_each_conn (worker, late != NULL ? leave : cut);
}

/* Returns: TRUE when all connections are closed; FALSE after @end_us (monotonic; -1 = wait as long as it takes). */
static gboolean
wait_until_closed (NetReactor *reactor, gint64 end_us)
{
  gboolean closed;

  g_mutex_lock (&reactor->lock);
  while (!(closed = g_atomic_int_get (&reactor->n_open) == 0 && g_atomic_int_get (&reactor->n_made) == 0))
    {
      if (end_us < 0)
        g_cond_wait (&reactor->changed, &reactor->lock);
      else if (!g_cond_wait_until (&reactor->changed, &reactor->lock, end_us))
        break;
    }
  g_mutex_unlock (&reactor->lock);
  return closed;
}

gboolean
net_reactor_drain (NetReactor *reactor, guint timeout_ms)
{
  gint64 end_us = g_get_monotonic_time () + (gint64) timeout_ms * 1000;
  gboolean closed;

  g_atomic_int_set (&reactor->draining, TRUE);
  reactor->drained = TRUE;
  net_handshakes_abort (reactor->handshakes);
  /* All of them first: who loses an idle connection and comes again should find another node, not our last listener. */
  for (guint i = 0; i < reactor->n_workers; i++)
    net_worker_call (&reactor->workers[i], stop_accepting, NULL);
  for (guint i = 0; i < reactor->n_workers; i++)
    net_worker_call (&reactor->workers[i], start_drain, NULL);
  closed = wait_until_closed (reactor, end_us);
  for (guint i = 0; i < reactor->n_workers; i++)
    net_worker_call (&reactor->workers[i], cut_all, closed ? reactor : NULL);
  wait_until_closed (reactor, -1); /* a handshake thread may still hold one for a moment */
  return g_atomic_int_get (&reactor->n_cut) == 0;
}

void
net_reactor_free (NetReactor *reactor)
{
  if (reactor == NULL)
    return;
  if (!reactor->drained)
    net_reactor_drain (reactor, 0);
  net_names_free (reactor->names);
  net_handshakes_free (reactor->handshakes);
  for (guint i = 0; i < reactor->n_workers; i++)
    net_worker_stop (&reactor->workers[i]);
  g_ptr_array_unref (reactor->listeners);
  net_peers_free (reactor->peers);
  g_free (reactor->workers);
  g_cond_clear (&reactor->changed);
  g_mutex_clear (&reactor->lock);
  g_free (reactor);
}

static void
add_counters (NetCounters *sum, const NetCounters *counters)
{
  const guint64 *from = (const guint64 *) counters;
  guint64 *to = (guint64 *) sum;

  G_STATIC_ASSERT (sizeof *sum % sizeof *to == 0);
  for (gsize i = 0; i < sizeof *sum / sizeof *to; i++)
    to[i] += __atomic_load_n (&from[i], __ATOMIC_RELAXED);
}

void
net_reactor_read_counters (NetReactor *reactor, NetCounters *counters)
{
  memset (counters, 0, sizeof *counters);
  for (guint i = 0; i < reactor->n_workers; i++)
    {
      add_counters (counters, &reactor->workers[i].counters);
      counters->open += (guint64) g_atomic_int_get (&reactor->workers[i].n_conns);
    }
  counters->connected_open = (guint64) g_atomic_int_get (&reactor->n_made);
}
