/* The stores on a real database: how the node makes them from its configuration. */
#ifndef ST_SQL_STORES_H
#define ST_SQL_STORES_H

#include "store/st-database.h"
#include "store/st-key-store.h"
#include "store/st-user-store.h"

G_BEGIN_DECLS

/* @database: borrowed, must outlive the store. @advanced_throttling: api-manager.xml's switch; without policy tables
 * it counts as off.
 * The schema is read when a query first needs it; a database that is not the product's gives ST_ERROR_SCHEMA then. */
StKeyStore *st_sql_key_store_new (StDatabase *database, gboolean advanced_throttling);
/* @settings: copied. */
StUserStore *st_sql_user_store_new (StDatabase *database, const ApimUserStoreSettings *settings);

G_END_DECLS
#endif
