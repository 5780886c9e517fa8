#include "config.h"

#include "admin-cli/ctl-deadline.h"

struct _CtlDeadline
{
  GCancellable *cancellable;
  GThread *watcher;
  guint timeout_ms;
  gint64 end_us; /* monotonic */
  GMutex lock;
  GCond done_changed;
  gboolean done; /* under lock */
};

static gpointer
watch (gpointer data)
{
  CtlDeadline *deadline = data;
  g_mutex_lock (&deadline->lock);
  while (!deadline->done && g_cond_wait_until (&deadline->done_changed, &deadline->lock, deadline->end_us))
    ;
  gboolean over = !deadline->done;
  g_mutex_unlock (&deadline->lock);
  if (over)
    g_cancellable_cancel (deadline->cancellable);
  return NULL;
}

CtlDeadline *
ctl_deadline_new (guint timeout_ms)
{
  CtlDeadline *deadline = g_new0 (CtlDeadline, 1);
  deadline->cancellable = g_cancellable_new ();
  deadline->timeout_ms = timeout_ms;
  deadline->end_us = g_get_monotonic_time () + (gint64) timeout_ms * 1000;
  g_mutex_init (&deadline->lock);
  g_cond_init (&deadline->done_changed);
  deadline->watcher = g_thread_new ("deadline", watch, deadline);
  return deadline;
}

void
ctl_deadline_free (CtlDeadline *deadline)
{
  g_mutex_lock (&deadline->lock);
  deadline->done = TRUE;
  g_cond_signal (&deadline->done_changed);
  g_mutex_unlock (&deadline->lock);
  g_thread_join (deadline->watcher);
  g_object_unref (deadline->cancellable);
  g_mutex_clear (&deadline->lock);
  g_cond_clear (&deadline->done_changed);
  g_free (deadline);
}

GCancellable *
ctl_deadline_cancellable (CtlDeadline *deadline)
{
  return deadline->cancellable;
}

guint
ctl_deadline_timeout_ms (const CtlDeadline *deadline)
{
  return deadline->timeout_ms;
}
