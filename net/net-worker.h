/* A worker: one thread with one epoll set that owns connections, timers and counters (architecture 3).
 * Nothing that runs on it may block. Other threads reach it only by net_worker_post(). */
#ifndef NET_WORKER_H
#define NET_WORKER_H

#include <glib.h>

G_BEGIN_DECLS

typedef struct _NetWorker NetWorker;

/* Work for a worker's thread. Embed it; no allocation. */
typedef struct _NetTask NetTask;
struct _NetTask
{
  void (*run) (NetTask *task, NetWorker *worker); /* owns the task from here on */
  NetTask *next;                                  /* the worker's */
};

/* From any thread: @task runs soon on @worker's thread, in the order of posting by one thread. */
void net_worker_post (NetWorker *worker, NetTask *task);

/* The worker whose thread this is; NULL elsewhere. */
NetWorker *net_worker_current (void);

/* 0 .. number of workers - 1. */
guint net_worker_index (const NetWorker *worker);

/* The reactor's clock, read once per turn of the loop. Worker's thread only. */
gint64 net_worker_now_us (const NetWorker *worker);      /* monotonic */
gint64 net_worker_now_wall_ms (const NetWorker *worker); /* UTC */

/* A timer of a worker; embed it, zero-initialised. Granularity about 10 ms; never early. */
typedef struct _NetTimer NetTimer;
struct _NetTimer
{
  void (*fired) (NetTimer *timer, NetWorker *worker);
  gint64 due_us;          /* 0 = not armed */
  NetTimer *next, **self; /* the wheel's */
};

/* (Re)arms. Worker's thread only. */
void net_timer_arm (NetWorker *worker, NetTimer *timer, gint64 delay_ms);
void net_timer_cancel (NetTimer *timer);

G_END_DECLS
#endif
