/* Ctrl-C: the program ends at once with status 130, and says when a server was being told to change something, for then
 * only the server knows whether it did. Threads: one. */
#ifndef CTL_INTERRUPT_H
#define CTL_INTERRUPT_H

#include <glib.h>

G_BEGIN_DECLS

/* From now on SIGINT does that. A SIGINT that is ignored (a job in the background) stays ignored. */
void ctl_interrupt_catch (void);
/* Whether a change is on its way. */
void ctl_interrupt_writing (gboolean writing);

G_END_DECLS
#endif
