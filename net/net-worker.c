#include "config.h"
#include "net/net-private.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define EVENTS_PER_TURN 256

static __thread NetWorker *current_worker;

NetWorker *
net_worker_current (void)
{
  return current_worker;
}

guint
net_worker_index (const NetWorker *worker)
{
  return worker->index;
}

gint64
net_worker_now_us (const NetWorker *worker)
{
  return worker->now_us;
}

gint64
net_worker_now_wall_ms (const NetWorker *worker)
{
  return worker->now_wall_ms;
}

void
net_timer_arm (NetWorker *worker, NetTimer *timer, gint64 delay_ms)
{
  net_wheel_arm (&worker->wheel, timer, worker->now_us + MAX (delay_ms, 0) * 1000);
}

/* Tasks wait in a stack that the worker takes whole. Whoever finds it empty wakes the worker; who does not knows that
 * the wake-up is still to be seen, so a burst costs one write(). */
void
net_worker_post (NetWorker *worker, NetTask *task)
{
  NetTask *top = __atomic_load_n (&worker->posted, __ATOMIC_RELAXED);
  guint64 one = 1;

  do
    task->next = top;
  while (!__atomic_compare_exchange_n (&worker->posted, &top, task, TRUE, __ATOMIC_RELEASE, __ATOMIC_RELAXED));
  if (top == NULL && write (worker->wake_fd, &one, sizeof one) < 0)
    g_error ("a worker could not be woken: %s", g_strerror (errno));
}

static void
run_posted (NetWorker *worker)
{
  NetTask *taken = __atomic_exchange_n (&worker->posted, NULL, __ATOMIC_ACQUIRE);
  NetTask *oldest = NULL;

  while (taken != NULL)
    {
      NetTask *next = taken->next;

      taken->next = oldest;
      oldest = taken;
      taken = next;
    }
  while (oldest != NULL)
    {
      NetTask *task = oldest;

      oldest = task->next;
      task->run (task, worker);
    }
}

static void
woken (NetSource *source, NetWorker *worker, guint32 events)
{
  /* Only a bell: the tasks are run once per turn anyway. It is edge-triggered, so the counter need not be read. */
}

static void
refresh_clock (NetWorker *worker)
{
  worker->now_us = apim_clock_monotonic_us (worker->clock);
  worker->now_wall_ms = apim_clock_wall_ms (worker->clock);
}

static int
wait_ms (NetWorker *worker)
{
  gint64 next_us;

  if (worker->ready != NULL || __atomic_load_n (&worker->posted, __ATOMIC_RELAXED) != NULL)
    return 0;
  next_us = net_wheel_next_us (&worker->wheel);
  if (next_us < 0)
    return -1;
  return (int) CLAMP ((next_us - worker->now_us + 999) / 1000, 0, G_MAXINT);
}

/* With many connections, each has left the processor's caches by its next event. Those of a turn are known ahead: what
 * is looked at first is fetched while the one before is served. */
static inline void
fetch (const NetSource *source)
{
  for (gsize line = 0; line < 5; line++)
    __builtin_prefetch ((const char *) source + line * 64);
}

static gpointer
worker_thread (gpointer data)
{
  NetWorker *worker = data;
  struct epoll_event events[EVENTS_PER_TURN];

  current_worker = worker;
  net_buffer_use_cache (&worker->cache);
  while (!worker->stopping || __atomic_load_n (&worker->posted, __ATOMIC_RELAXED) != NULL || worker->ready != NULL)
    {
      int n = epoll_wait (worker->epoll_fd, events, EVENTS_PER_TURN, wait_ms (worker));

      if (n < 0 && errno != EINTR)
        g_error ("epoll_wait failed: %s", g_strerror (errno));
      refresh_clock (worker);
      for (int i = 0; i < n; i++)
        {
          NetSource *source = events[i].data.ptr;

          if (i + 1 < n)
            fetch (events[i + 1].data.ptr);
          source->ready (source, worker, events[i].events);
        }
      run_posted (worker);
      net_conn_run_ready (worker);
      net_wheel_advance (&worker->wheel, worker, worker->now_us);
      net_conn_bury (worker);
    }
  net_buffer_use_cache (NULL);
  net_buffer_cache_clear (&worker->cache);
  current_worker = NULL;
  return NULL;
}

static void
close_descriptors (NetWorker *worker)
{
  if (worker->epoll_fd >= 0)
    close (worker->epoll_fd);
  if (worker->wake_fd >= 0)
    close (worker->wake_fd);
  if (worker->reserve_fd >= 0)
    close (worker->reserve_fd);
}

gboolean
net_worker_start (NetWorker *worker, NetReactor *reactor, guint index, const ApimClock *clock,
                  const ApimLimits *limits, GError **error)
{
  struct epoll_event event = { .events = EPOLLIN | EPOLLET, .data.ptr = &worker->wake };
  g_autofree char *name = g_strdup_printf ("worker-%u", index);

  worker->reactor = reactor;
  worker->index = index;
  worker->clock = clock;
  worker->limits = *limits;
  worker->wake.ready = woken;
  worker->ready_tail = &worker->ready;
  worker->epoll_fd = epoll_create1 (EPOLL_CLOEXEC);
  worker->wake_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  worker->reserve_fd = open ("/dev/null", O_RDONLY | O_CLOEXEC);
  if (worker->epoll_fd < 0 || worker->wake_fd < 0 || worker->reserve_fd < 0
      || epoll_ctl (worker->epoll_fd, EPOLL_CTL_ADD, worker->wake_fd, &event) != 0)
    {
      g_set_error (error, NET_ERROR, NET_ERROR_SYSTEM, "could not start worker %u: %s", index, g_strerror (errno));
      close_descriptors (worker);
      return FALSE;
    }
  refresh_clock (worker);
  net_wheel_init (&worker->wheel, worker->now_us);
  worker->thread = g_thread_try_new (name, worker_thread, worker, error);
  if (worker->thread != NULL)
    return TRUE;
  g_prefix_error (error, "could not start worker %u: ", index);
  close_descriptors (worker);
  return FALSE;
}

typedef struct
{
  NetTask task;
  void (*call) (NetWorker *worker, gpointer data);
  gpointer data;
  GMutex lock;
  GCond done_cond;
  gboolean done;
} Call;

static void
run_call (NetTask *task, NetWorker *worker)
{
  Call *call = (Call *) task;

  call->call (worker, call->data);
  g_mutex_lock (&call->lock);
  call->done = TRUE;
  g_cond_signal (&call->done_cond);
  g_mutex_unlock (&call->lock);
}

void
net_worker_call (NetWorker *worker, void (*call) (NetWorker *worker, gpointer data), gpointer data)
{
  Call waiting = { .task.run = run_call, .call = call, .data = data };

  g_mutex_init (&waiting.lock);
  g_cond_init (&waiting.done_cond);
  net_worker_post (worker, &waiting.task);
  g_mutex_lock (&waiting.lock);
  while (!waiting.done)
    g_cond_wait (&waiting.done_cond, &waiting.lock);
  g_mutex_unlock (&waiting.lock);
  g_cond_clear (&waiting.done_cond);
  g_mutex_clear (&waiting.lock);
}

static void
stop (NetTask *task, NetWorker *worker)
{
  worker->stopping = TRUE;
}

void
net_worker_stop (NetWorker *worker)
{
  NetTask task = { .run = stop };

  net_worker_post (worker, &task);
  g_thread_join (worker->thread);
  close_descriptors (worker);
}
