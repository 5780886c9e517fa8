/* Archives of APIs, which "api export" and "export" save alike. Threads: one. */
#ifndef CMD_API_ARCHIVE_H
#define CMD_API_ARCHIVE_H

#include "admin-cli/ctl-rest.h"

G_BEGIN_DECLS

/* Saves the API @reference (NAME/VERSION) as an archive in @path ("-": stdout). @created: in the state
 * CREATED, whatever it is in. FALSE with CTL_ERROR. */
gboolean cmd_api_archive_save (CtlCall *call, CtlRest *rest, const char *reference, const char *path,
                               gboolean created, GError **error);

G_END_DECLS
#endif
