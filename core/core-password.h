/* WSO2's stored passwords (spec/databases.md 6.2). Threads: pure functions. */
#ifndef CORE_PASSWORD_H
#define CORE_PASSWORD_H

#include "common/apim-config.h"
#include "store/st-records.h"

G_BEGIN_DECLS

/* Whether @password is @user's, in constant time, UTF-8 first and then ISO-8859-1 where that differs. A password that
 * had to be changed and is over 24 h old is refused. @user: (nullable): NULL costs the same time and is FALSE.
 * @now_ms: UTC. An unknown digest name is FALSE. */
gboolean core_password_check (const StUser *user, const char *password, gsize length,
                              const ApimUserStoreSettings *settings, gint64 now_ms);

/* What to store for a new password. @salt: (out): Base64 text of 16 random bytes, NULL when not salted. Free both
 * with g_free(). NULL with APIM_SECRET_ERROR, or APIM_CONFIG_ERROR_VALUE for a digest that OpenSSL does not know. */
char *core_password_hash (const char *password, const ApimUserStoreSettings *settings, char **salt, GError **error);

G_END_DECLS
#endif
