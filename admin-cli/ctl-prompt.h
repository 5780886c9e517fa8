/* Questions before something is changed. Threads: one. */
#ifndef CTL_PROMPT_H
#define CTL_PROMPT_H

#include "admin-cli/ctl-command.h"

G_BEGIN_DECLS

/* Whether to go on: TRUE with --yes; asks on a terminal. FALSE with CTL_ERROR_USAGE where nobody can be asked (then
 * @hint says how to go on), and with CTL_ERROR_FAILED when the answer is no. @question: without the question mark. */
gboolean ctl_prompt_confirm (CtlCall *call, const char *question, const char *hint, GError **error);

G_END_DECLS
#endif
