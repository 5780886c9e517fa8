/* What gateways call an API and what belongs to it, as WSO2's Publisher names them
 * (spec/gateway-and-traffic-manager.md 1.2, 5.2, 5.3). All are to be freed with g_free(). Threads: pure
 * functions. */
#ifndef DP_NAMES_H
#define DP_NAMES_H

#include "core/core-api.h"

G_BEGIN_DECLS

/* "admin--Weather": the name attribute of the API's file, and the name of its version-less one. */
char *dp_name_api (const CoreApi *api);
/* "admin--Weather:v1.0.0": what Synapse calls a version of it. */
char *dp_name_api_version (const CoreApi *api);
/* "Weather--v1.0.0_APIproductionEndpoint": the key of an endpoint of its own, since 2.5. */
char *dp_name_endpoint (const CoreApi *api, gboolean sandbox);
/* "admin--Weather1.0.0": the alias of the endpoint's password in a gateway's secure vault. */
char *dp_name_vault_alias (const CoreApi *api);

G_END_DECLS
#endif
