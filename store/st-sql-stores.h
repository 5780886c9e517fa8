/* The stores on a real database: how the node makes them from its configuration. */
#ifndef ST_SQL_STORES_H
#define ST_SQL_STORES_H

#include "store/st-database.h"
#include "store/st-key-store.h"
#include "store/st-user-store.h"

G_BEGIN_DECLS

/* @database: borrowed, must outlive the store; of API Manager 1.9 to 2.6, or half migrated between them.
 * @advanced_throttling: api-manager.xml's switch; on a database from before policies (1.x) it counts as off.
 * The schema is read when a query first needs it, and again after a statement did not fit it; one that cannot be served
 * gives ST_ERROR_SCHEMA then, which names what is missing. */
StKeyStore *st_sql_key_store_new (StDatabase *database, gboolean advanced_throttling);
/* Before the first question. How tokens' times of MySQL are to be read (spec/databases.md 4.6); as the server's time
 * where nothing is said. */
void st_sql_key_store_set_token_time (StKeyStore *store, ApimTokenTime token_time);
/* Before the first question. @tenants: borrowed: who knows the ids of the tenants that tokens of 1.9 only name; where
 * nothing is said, the super tenant alone is known, and tokens of others have tenant id 0, which no tenant has. */
void st_sql_key_store_set_tenants (StKeyStore *store, StUserStore *tenants);
/* @settings: copied. */
StUserStore *st_sql_user_store_new (StDatabase *database, const ApimUserStoreSettings *settings);

G_END_DECLS
#endif
