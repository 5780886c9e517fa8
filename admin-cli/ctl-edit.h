/* Reading an API, changing some of its fields and writing it back, so that a change which somebody else made in between
 * is not lost: the ETag that was read goes with the write, and the server refuses (exit status 6). Threads: one. */
#ifndef CTL_EDIT_H
#define CTL_EDIT_H

#include "admin-cli/ctl-change.h"

G_BEGIN_DECLS

/* The API @reference (NAME/VERSION) as the Publisher has it: an object, with its ETag. NULL with CTL_ERROR. */
CtlReply *ctl_edit_get (CtlRest *rest, const char *reference, GError **error);

/* Changes @api as @call asks. FALSE with @error. */
typedef gboolean (*CtlEditFunc) (JsonObject *api, CtlCall *call, GError **error);

/* Reads, changes, writes; writes nothing where nothing changes.
 * Returns: (transfer full): the API as it is then. NULL with CTL_ERROR. */
JsonNode *ctl_edit (CtlCall *call, CtlRest *rest, const char *reference, CtlEditFunc change, GError **error);

G_END_DECLS
#endif
