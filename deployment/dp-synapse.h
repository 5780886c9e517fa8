/* An API's file for gateways: Synapse's <api>, as the Publisher of a WSO2 generation writes it
 * (spec/gateway-and-traffic-manager.md 5.3), so that WSO2's gateways and ours run it.
 *
 * The same API gives the same bytes. Texts of the API cannot become markup, nor part of an XPath expression.
 * What WSO2's files get wrong is left out: the second <handlers> element (dp-handlers.h). Threads: pure
 * functions. */
#ifndef DP_SYNAPSE_H
#define DP_SYNAPSE_H

#include "common/apim-environments.h"
#include "core/core-api.h"
#include "core/core-endpoint.h"
#include "deployment/dp-settings.h"

G_BEGIN_DECLS

#define DP_SYNAPSE_ERROR (dp_synapse_error_quark ())
GQuark dp_synapse_error_quark (void);
typedef enum
{
  DP_SYNAPSE_ERROR_API, /* the API cannot be served by a gateway as it is: the message says why */
} DpSynapseError;

/* The file of @api in its state: its resources, or the fault 700700 where it is BLOCKED. @endpoints: of the
 * API; NULL: none, which will do for BLOCKED and INLINE ones. @type: of the environment. Free with g_free();
 * NULL with DP_SYNAPSE_ERROR, DP_XML_ERROR. */
char *dp_synapse_api (const CoreApi *api, const CoreEndpointConfig *endpoints, ApimEnvironmentType type,
                      const DpSettings *settings, GError **error);

/* The version-less file, which passes calls on to the version of @api. Free with g_free(); NULL with
 * DP_XML_ERROR. */
char *dp_synapse_default_api (const CoreApi *api, const DpSettings *settings, GError **error);

/* Whether endpoints are files of their own, named by the API's (since 2.5). WSDL endpoints stay in the API's
 * file. */
gboolean dp_synapse_has_endpoint_files (const CoreApi *api, const CoreEndpointConfig *endpoints,
                                        const DpSettings *settings);
/* One of them. @sandbox: that side must be there. Free with g_free(); NULL with DP_XML_ERROR. */
char *dp_synapse_endpoint (const CoreApi *api, const CoreEndpointConfig *endpoints, gboolean sandbox,
                           const DpSettings *settings, GError **error);

/* The side that serves calls first in an environment of @type; NULL: this environment has nothing to serve.
 */
const CoreEndpointSide *dp_synapse_first_side (const CoreEndpointConfig *endpoints, ApimEnvironmentType type);

G_END_DECLS
#endif
