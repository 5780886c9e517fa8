/* Where make-store puts its rows. Threads: one. */
#ifndef MAKE_STORE_H
#define MAKE_STORE_H

#include "bench/store-rows.h"

G_BEGIN_DECLS

/* Fill a database that has the schema and none of these rows, as fast as it takes them: without triggers and without
 * the index of hashes, which are back, and valid, at the end. FALSE with @error. */
gboolean make_store_sqlite (const StoreWorld *world, const char *path, GError **error);
gboolean make_store_mysql (const StoreWorld *world, const char *socket, const char *database, GError **error);

/* For people: how far it is. */
void make_store_say (const StoreTable *table, guint64 number, guint64 count);

/* The one index whose keys come in no order: made at the end, sorted. */
#define MAKE_STORE_HASH_INDEX "IDX_ATH"
#define MAKE_STORE_HASH_INDEX_ON "IDN_OAUTH2_ACCESS_TOKEN"
#define MAKE_STORE_HASH_INDEX_COLUMN "ACCESS_TOKEN_HASH"

G_END_DECLS
#endif
