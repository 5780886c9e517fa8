/* A deadline over any number of GIO calls: a cancellable that a watching thread cancels when the time is over. GIO's
 * own time-outs are per read and write, so a peer that sends one byte now and then would never meet them. Threads:
 * one, besides its own. */
#ifndef CTL_DEADLINE_H
#define CTL_DEADLINE_H

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _CtlDeadline CtlDeadline;

CtlDeadline *ctl_deadline_new (guint timeout_ms);
void ctl_deadline_free (CtlDeadline *deadline);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CtlDeadline, ctl_deadline_free)

/* Pass it to every call. (transfer none) */
GCancellable *ctl_deadline_cancellable (CtlDeadline *deadline);

/* What it was made with. */
guint ctl_deadline_timeout_ms (const CtlDeadline *deadline);

G_END_DECLS
#endif
