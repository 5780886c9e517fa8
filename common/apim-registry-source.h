/* Where a WSO2 node's configuration says that its registry is: registry.xml, which names a data source of
 * master-datasources.xml (spec/databases.md 1). Only what imports from it asks. Threads: pure function, but for the
 * files. */
#ifndef APIM_REGISTRY_SOURCE_H
#define APIM_REGISTRY_SOURCE_H

#include "common/apim-data-source.h"

G_BEGIN_DECLS

#define APIM_REGISTRY_GOVERNANCE "/_system/governance"

/* The database that holds the governance tree: that of the mount of APIM_REGISTRY_GOVERNANCE, else that of
 * currentDBConfig; without registry.xml the data source jdbc/WSO2REG_DB, else jdbc/WSO2CarbonDB. *source: (out)
 * (transfer full) (nullable): NULL: none of them is defined. *governance: (out) (transfer full): the path of the tree
 * in it, which a mount may change. FALSE with APIM_CONFIG_ERROR. */
gboolean apim_registry_source_read (const char *home, ApimDataSource **source, char **governance, GError **error);

G_END_DECLS
#endif
