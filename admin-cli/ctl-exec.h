/* apimctl is two programs. Libraries for HTTP, databases and Thrift take longer to load than most commands to run, and
 * help and `env` need none of them: so the one that people start has the whole table of commands
 * and little else, and gives what it cannot run to the other, `apimctl-commands`, which stands beside it in the build
 * folder, and in libexecdir when installed, where it is found in a moved installation, too (DESTDIR). Threads: one. */
#ifndef CTL_EXEC_H
#define CTL_EXEC_H

#include <glib.h>

G_BEGIN_DECLS

/* Becomes the other program, with the same arguments (without the program's name). Returns: only with CTL_ERROR_FAILED:
 * it is not there. */
void ctl_exec_commands (const char *const *arguments, GError **error);

G_END_DECLS
#endif
