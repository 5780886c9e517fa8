/* One change on a server, as every command that writes makes it: --dry-run lets the server rehearse it, or only says
 * what would be done where the server cannot; else it is done, and stderr says what was.
 * Threads: one. */
#ifndef CTL_CHANGE_H
#define CTL_CHANGE_H

#include "admin-cli/ctl-rest.h"

G_BEGIN_DECLS

/* @request: its what is the object, e.g. "API Weather/1.0.0"; @verb, @past: "delete", "deleted".
 * Returns: (transfer full): the reply; of status 0 where nothing was sent. NULL with CTL_ERROR. */
CtlReply *ctl_change (CtlCall *call, CtlRest *rest, CtlRequest *request, const char *verb, const char *past,
                      GError **error);

/* What the server left out of @record, which it answered a change with: the texts of its member warnings, to stderr. */
void ctl_change_warn (CtlCall *call, JsonNode *record);

/* Asks for consent to what @question_format says, whose words name the consequence: "delete API Weather/1.0.0 with its
 * 3 documents". FALSE with @error: nobody can be asked, or the answer was no. */
gboolean ctl_change_confirm (CtlCall *call, GError **error, const char *question_format, ...) G_GNUC_PRINTF (3, 4);

/* The status of a command after a change whose object is in one of WSO2's states of waiting (ON_HOLD, CREATED of an
 * application or key): CTL_EXIT_WAITING with a note, else 0. */
int ctl_change_status (CtlCall *call, const char *what, gboolean waiting);

G_END_DECLS
#endif
