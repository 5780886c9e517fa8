/* Where make-store puts its rows. Threads: one. */
#ifndef MAKE_STORE_H
#define MAKE_STORE_H

#include "bench/store-rows.h"

G_BEGIN_DECLS

/* Fill a database that has the schema and none of these rows, as fast as it takes them: triggers come back at the end,
 * and all indexes are valid then. FALSE with @error. */
gboolean make_store_sqlite (const StoreWorld *world, const char *path, GError **error);
gboolean make_store_mysql (const StoreWorld *world, const char *socket, const char *database, GError **error);

/* For people: how far it is. */
void make_store_say (const StoreTable *table, guint64 number, guint64 count);

G_END_DECLS
#endif
