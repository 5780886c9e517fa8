/* One API of a registry, taken in one transaction. Private to core-registry-import*.c. */
#ifndef CORE_REGISTRY_IMPORT_PRIVATE_H
#define CORE_REGISTRY_IMPORT_PRIVATE_H

#include "core/core-api-private.h"
#include "core/core-registry-api.h"
#include "core/core-registry-import.h"

G_BEGIN_DECLS

/* Whether the database has the tables that an import needs; else ST_ERROR_SCHEMA. A StWork; @data: unused. */
gboolean core_registry_import_check (StWriter *reader, gpointer data, GError **error);

/* Fills the result, taken and notes of @import. */
gboolean core_registry_import_one (const CorePortal *portal, const CoreActor *actor, const CoreRegistryApi *source,
                                   gboolean overwrite, CoreRegistryImport *import, GError **error);

G_END_DECLS
#endif
