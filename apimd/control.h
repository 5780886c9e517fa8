/* The node's control socket, HOME/repository/apimd.sock: whoever may connect (mode 0600: the node's user) gets the node's status as one
 * JSON document, and the end of the file.
 * Threads: main thread; a client that does not read is cut off after a second. */
#ifndef APIMD_CONTROL_H
#define APIMD_CONTROL_H

#include "common/apim-status.h"

G_BEGIN_DECLS

typedef struct _Control Control;

/* Fills @status with what there is to tell. */
typedef void (*ControlStatusFunc) (ApimStatus *status, gpointer data);

/* Whether a node answers at @home's socket. Two nodes in one home would write the same files, and the second one would take the
 * socket from the first. */
gboolean control_is_taken (const char *home);

/* NULL with a G_IO_ERROR. A socket that a dead node left behind is replaced. */
Control *control_start (const char *home, ControlStatusFunc collect, gpointer data, GError **error);
void control_stop (Control *control);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Control, control_stop)

G_END_DECLS
#endif
