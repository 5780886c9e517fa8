/* Where the scopes of the REST APIs come from: RESTAPIScopes of repository/resources/tenant-conf.json, which
 * WSO2 copies into each tenant's registry when it is loaded. Here one file counts for all tenants, and the
 * registry is not read. Threads: any; reads a file. */
#ifndef KV_REST_SCOPES_H
#define KV_REST_SCOPES_H

#include "common/apim-config.h"
#include "core/core-rest-scopes.h"

G_BEGIN_DECLS

/* Of the home of @config; without the file the standard ones.
 * Returns: (transfer full): NULL with CORE_REST_SCOPES_ERROR or G_FILE_ERROR; the message names the file. */
CoreRestScopes *kv_rest_scopes_load (const ApimConfig *config, GError **error);

G_END_DECLS
#endif
