/* A node's home as the local commands (node, db) use it: its configuration and its two databases.
 * Threads: one. */
#ifndef CTL_HOME_H
#define CTL_HOME_H

#include "common/apim-config.h"
#include "store/st-schema.h"

G_BEGIN_DECLS

/* The two parts, in the order in which they are made and shown. */
extern const StSchemaPart ctl_home_parts[2];

/* The configuration of the home at @path. NULL with CTL_ERROR: not_found when there is no such folder, failed when
 * the configuration cannot be understood. */
ApimConfig *ctl_home_load (const char *path, GError **error);

/* The data source that holds @part. (transfer none) */
const ApimDataSource *ctl_home_source (const ApimConfig *config, StSchemaPart part);
StDatabase *ctl_home_open (const ApimConfig *config, StSchemaPart part, GError **error);
/* The moment until which one question to a database may take: monotonic, microseconds. */
gint64 ctl_home_deadline (const ApimConfig *config);

/* "API Manager" or "user". */
const char *ctl_home_part_name (StSchemaPart part);
/* "SQLite /path" or "MySQL host:3306/name". Free with g_free(). */
char *ctl_home_describe_source (const ApimDataSource *source);
/* "apimctl COMMAND --home DIR", quoted for a shell. Free with g_free(). */
char *ctl_home_hint (const ApimConfig *config, const char *command);

/* Reads the password or token in the file, which only its owner may read; "-" is stdin. One line.
 * Returns: (transfer full): free with apim_secret_free(); NULL with CTL_ERROR. @what: for messages, e.g. "token". */
char *ctl_home_read_secret (const char *path, const char *what, GError **error);

G_END_DECLS
#endif
