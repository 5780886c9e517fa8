/* StKeyStore: everything key validation reads from apimgtdb. An interface; the SQL implementation runs on SQLite and
 * MySQL/MariaDB (st-sql-key-store.c over the StDatabase driver interface), the scripted one (tests/lib/fake-store.c)
 * in tests.
 *
 * Every search by a token or key compares the found bytes in C again, because collations fold case (spec/databases.md
 * 4.5).
 * Every call has a deadline: an absolute g_get_monotonic_time(); 0 = the data source's own limits only.
 * Result: FALSE with ST_ERROR when the question could not be answered; TRUE with *found = NULL when there is no such
 * thing.
 * Threads: any; calls block, except where st_key_store_reads_inline(). */
#ifndef ST_KEY_STORE_H
#define ST_KEY_STORE_H

#include "store/st-error.h"
#include "store/st-records.h"

G_BEGIN_DECLS

typedef struct _StKeyStore StKeyStore;

typedef struct
{
  gboolean (*find_token) (StKeyStore *store, const char *access_token, gsize length, gint64 deadline_us,
                          StToken **found, GError **error);
  gboolean (*find_subscription) (StKeyStore *store, const char *context, const char *version, const char *consumer_key,
                                 gint api_tenant_id, gint64 deadline_us, StSubscription **found, GError **error);
  gboolean (*find_resources) (StKeyStore *store, const char *context, const char *version, gint api_tenant_id,
                              gint64 deadline_us, StResources **found, GError **error);
  gboolean (*find_scope) (StKeyStore *store, const char *resource_path, gint64 deadline_us, StScope **found,
                          GError **error);
  gboolean (*find_api_default) (StKeyStore *store, const char *context, gint64 deadline_us, StApiDefault **found,
                                GError **error);
  gboolean (*reads_inline) (StKeyStore *store);
  void (*free) (StKeyStore *store);
} StKeyStoreInterface;

struct _StKeyStore
{
  const StKeyStoreInterface *interface;
};

/* An ACTIVE token by its exact bytes. A token with an embedded NUL is not found. */
gboolean st_key_store_find_token (StKeyStore *store, const char *access_token, gsize length, gint64 deadline_us,
                                  StToken **found, GError **error);

/* The subscription of @consumer_key's application to the API with exactly this context and, unless NULL, this
 * version. The first by SUBSCRIPTION_ID. With advanced throttling a row whose tier has no policy for @api_tenant_id
 * is not seen (decisions.md 1).
 * UN_SUBSCRIBE rows are not seen (decisions.md 2). @version: (nullable). */
gboolean st_key_store_find_subscription (StKeyStore *store, const char *context, const char *version,
                                         const char *consumer_key, gint api_tenant_id, gint64 deadline_us,
                                         StSubscription **found, GError **error);

/* Resources of an API; an unknown API has none: *found is an empty list, never NULL. */
gboolean st_key_store_find_resources (StKeyStore *store, const char *context, const char *version, gint api_tenant_id,
                                      gint64 deadline_us, StResources **found, GError **error);

/* @resource_path: context/version pattern:verb (spec/databases.md 5.7). */
gboolean st_key_store_find_scope (StKeyStore *store, const char *resource_path, gint64 deadline_us, StScope **found,
                                  GError **error);

gboolean st_key_store_find_api_default (StKeyStore *store, const char *context, gint64 deadline_us,
                                        StApiDefault **found, GError **error);

/* TRUE when reads are short point look-ups in this process (SQLite), so that a worker may make them itself
 * (measurements). */
gboolean st_key_store_reads_inline (StKeyStore *store);
void st_key_store_free (StKeyStore *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StKeyStore, st_key_store_free)

G_END_DECLS
#endif
