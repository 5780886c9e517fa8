/* StDataVersion: whether anybody has written an embedded database since one looked last, at the price of one look at
 * its log and without reading a row: what was remembered of the database before is right as long as the version is
 * the same. Every writer counts, of this process or of another one, as soon as its transaction is committed.
 * Threads: any. */
#ifndef ST_DATA_VERSION_H
#define ST_DATA_VERSION_H

#include "store/st-database.h"

G_BEGIN_DECLS

typedef struct _StDataVersion StDataVersion;

/* @database: borrowed. (nullable): MySQL and MariaDB cannot tell. */
StDataVersion *st_data_version_new (StDatabase *database);
void st_data_version_free (StDataVersion *watch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StDataVersion, st_data_version_free)

/* *version: (out): another than at any call before where something was committed in between; also where it cannot be
 * known, behind a look that failed. It has no order, and is no other StDataVersion's.
 * @deadline_us: as for st_database_query(). FALSE with ST_ERROR. */
gboolean st_data_version_read (StDataVersion *watch, gint64 deadline_us, guint64 *version, GError **error);

G_END_DECLS
#endif
