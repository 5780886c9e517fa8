/* The gateway of a node (profile gateway-worker): serves the APIs of its synapse files on the ports 8280 and 8243
 * (architecture 2, spec/gateway-and-traffic-manager.md).
 *
 * Who may call is decided by the Key Manager in the same process, or else by those that APIKeyValidator names
 * (gw-key-managers.h). A token that the former ends is forgotten at once; what it says besides is believed for
 * CacheMaxAge, so that a token that another node ends, a subscription that is blocked, a resource that changes is heeded
 * within that time. The latter are believed as long, or for TokenCacheExpiry where that is given.
 *
 * Threads: as ApimRole says. */
#ifndef GW_ROLE_H
#define GW_ROLE_H

#include "common/apim-role.h"

G_BEGIN_DECLS

extern const ApimRole apim_role_gateway;

G_END_DECLS
#endif
