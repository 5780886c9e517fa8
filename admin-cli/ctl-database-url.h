/* A database that is named on the command line: mysql://USER@HOST:PORT/NAME, or the JDBC URL of a data source.
 * Threads: one. */
#ifndef CTL_DATABASE_URL_H
#define CTL_DATABASE_URL_H

#include "common/apim-data-source.h"

G_BEGIN_DECLS

/* @url: mysql://, mariadb://, sqlite:PATH, jdbc:mysql:, jdbc:mariadb: or jdbc:sqlite:; a relative path starts at the
 * current folder. @user: (nullable): for a URL that names none. A password in the URL is refused: other users of the
 * machine read command lines.
 * Returns: (transfer full): the password is still NULL; free with apim_data_source_free(). NULL with CTL_ERROR_USAGE,
 * which does not repeat the URL. */
ApimDataSource *ctl_database_url_parse (const char *url, const char *user, GError **error);

G_END_DECLS
#endif
