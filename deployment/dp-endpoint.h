/* <endpoint> elements of Synapse, from an API's endpoint configuration
 * (spec/gateway-and-traffic-manager.md 5.3). Threads: one per document. */
#ifndef DP_ENDPOINT_H
#define DP_ENDPOINT_H

#include "core/core-endpoint.h"
#include "deployment/dp-settings.h"
#include "deployment/dp-xml.h"

G_BEGIN_DECLS

/* Writes the endpoint of one side of @config under @name, with its children named NAME_0, NAME_1 ... */
void dp_endpoint_write (DpXml *xml, const char *name, const CoreEndpointConfig *config,
                        const CoreEndpointSide *side, ApimGatewayGeneration generation);

G_END_DECLS
#endif
