/* CoreCatalogue: what lists show of all APIs, remembered from one list to the next as long as nobody has written the
 * database: a list of APIs then asks it one question instead of reading a row of each.
 *
 * Right at once: the version of the data is asked for with every list, so that what any node, tool or workflow has
 * committed is in the next one. Nothing is remembered of what a caller may see: that is decided for each caller and
 * API, as it is from the tables. Where the database cannot tell its version (MySQL and MariaDB), or there is more than
 * CORE_CATALOGUE_MAX_BYTES, nothing is remembered. Threads: any; calls block. */
#ifndef CORE_CATALOGUE_H
#define CORE_CATALOGUE_H

#include "core/core-api-read.h"

G_BEGIN_DECLS

/* Of the texts of all APIs: some 30,000 with short descriptions. */
#define CORE_CATALOGUE_MAX_BYTES (16 * 1024 * 1024)

typedef struct _CoreCatalogue CoreCatalogue;

/* An API as lists have it. Immutable. */
typedef struct
{
  CoreApiItem item; /* the first member; borrows of @row where it says the same */
  StApiRow *row;
} CoreCatalogueEntry;

/* @row: (transfer full). Counts its owners, on any threads. */
CoreCatalogueEntry *core_catalogue_entry_new (StApiRow *row);
CoreCatalogueEntry *core_catalogue_entry_ref (CoreCatalogueEntry *entry);
void core_catalogue_entry_unref (CoreCatalogueEntry *entry);

/* @apis: borrowed. @max_bytes: CORE_CATALOGUE_MAX_BYTES, or fewer. */
CoreCatalogue *core_catalogue_new (StDatabase *apis, gsize max_bytes);
void core_catalogue_free (CoreCatalogue *catalogue);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CoreCatalogue, core_catalogue_free)

/* All APIs as the database has them now, by name, version and provider. What was written just now is read from the
 * tables once, and remembered from the second list on: writes that follow each other cost lists nothing.
 * Returns: (transfer full) (nullable) (element-type CoreCatalogueEntry): NULL: read the tables; whatever fails shows
 * there. */
GPtrArray *core_catalogue_get (const CorePortal *portal);

G_END_DECLS
#endif
