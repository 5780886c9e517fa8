/* What a node's first start makes in its home, shared by apimd and `apimctl node init`: folders, TLS keys, the
 * cluster key, the gateway's token APIs, the embedded databases, the first administrator. What exists is left exactly as it is; a run that was
 * interrupted can be run again, and two at once do no harm.
 * Threads: one; calls block. */
#ifndef APIMD_FIRST_START_H
#define APIMD_FIRST_START_H

#include "common/apim-config.h"
#include "store/st-database.h"

G_BEGIN_DECLS

#define APIM_FIRST_START_ERROR (apim_first_start_error_quark ())
GQuark apim_first_start_error_quark (void);
typedef enum
{
  APIM_FIRST_START_ERROR_FILE, /* a file or folder could not be made */
  APIM_FIRST_START_ERROR_BUSY, /* another process is preparing this home right now */
} ApimFirstStartError;

/* Makes what is missing in config->home:
 *  - the folders (repository/resources/security and repository/database for their owner only);
 *  - the node's own RSA and P-256 keys, unless the operator's configuration names a key store; the cluster key;
 *  - the APIs of the gateway's token endpoints, see token-apis.h;
 *  - the databases whose data source is a SQLite file that is not there, in the 2.6 shape. Databases on
 *    MySQL/MariaDB are never touched: that is `apimctl db migrate`;
 *  - in a user database made here, the administrator of the configuration, see apim_first_start_add_admin().
 *
 * @host_names: (nullable): NULL-terminated, for the certificates; none: the configuration's host name.
 * @admin_password: (nullable): NULL: a random one.
 * @lines: (element-type utf8) (nullable): one line of text is added per thing made, none when everything was there;
 * no secret is in them.
 * @error: APIM_FIRST_START_ERROR, APIM_SECRET_ERROR, APIM_KEY_STORE_ERROR, ST_ERROR. */
gboolean apim_first_start (const ApimConfig *config, const char *const *host_names, const char *admin_password,
                           GPtrArray *lines, GError **error);

/* Adds the configuration's administrator to @users, a user database just made. @admin_password: (nullable): NULL: a
 * random one of 24 characters, put first into repository/conf/initial-admin-password (0600); the password in a file
 * that an interrupted run left there is taken. */
gboolean apim_first_start_add_admin (const ApimConfig *config, StDatabase *users, const char *admin_password,
                                     GPtrArray *lines, GError **error);

G_END_DECLS
#endif
