/* A password that a command needs: from a file, the environment, or a person. Threads: one. */
#ifndef CTL_PASSWORD_H
#define CTL_PASSWORD_H

#include <glib.h>

G_BEGIN_DECLS

/* From @file (- is stdin) where given; else from the environment variable @variable (nullable), which may be empty;
 * else asked for on the terminal, unseen. @what: "password of apim".
 * Returns: (transfer full): free with apim_secret_free(). NULL with CTL_ERROR_USAGE: also where nobody can be asked,
 * and when the person gives up with Ctrl-D. */
char *ctl_password_read (const char *file, const char *variable, const char *what, GError **error);

G_END_DECLS
#endif
