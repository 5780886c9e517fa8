/* Writes of what hangs on an API: scopes, URL mappings, and which scope protects which resource, in both shapes of the
 * scope tables (spec/databases.md 3.5). Used by st-api-writes.c. Errors: as in st-application-writes.h. Threads: one
 * per writer. */
#ifndef ST_RESOURCE_WRITES_H
#define ST_RESOURCE_WRITES_H

#include "store/st-api-writes.h"

G_BEGIN_DECLS

/* Whether scopes and resources are whole, fit into their columns and agree with each other. Writes nothing. */
gboolean st_write_check_resources (StWriter *writer, const StStoredApi *api, const StApiDesign *design, GError **error);

/* Inserts them for an API that has none. */
gboolean st_write_insert_resources (StWriter *writer, const StStoredApi *api, const StApiDesign *design,
                                    GError **error);

/* Deletes all that the API has. A scope that another API has too loses only this API's resources. */
gboolean st_write_delete_resources (StWriter *writer, const StStoredApi *api, GError **error);

/* RESOURCE_PATH: context/version pattern:verb (spec/databases.md 3.5); free with g_free(). */
char *st_resource_path (const StStoredApi *api, const char *url_pattern, const char *verb);

G_END_DECLS
#endif
