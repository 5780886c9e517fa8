/* The gateways of a node's configuration as the workflows of core/ see them: the CoreDeployer of
 * core-portal.h over the environments of api-manager.xml (spec/gateway-and-traffic-manager.md 5.1).
 *
 * Environments are asked at the same time, each by one at a time, so that what is published first arrives
 * first. One that fails stands in the failures with its reason, and keeps none of the others back. Threads:
 * any. Calls block, up to twice Limits/GatewayDeployTimeout for each call of an environment that does not answer.
 */
#ifndef DP_ENVIRONMENTS_H
#define DP_ENVIRONMENTS_H

#include "common/apim-config.h"
#include "core/core-portal.h"
#include "deployment/dp-target.h"

G_BEGIN_DECLS

typedef struct _DpEnvironments DpEnvironments;

/* Those of @config, which it keeps a reference to. @own_folder: (nullable): the repository/ that a gateway of this very
 * process reads: it is written to, instead of calling ourselves, for environments whose ServerURL is this node, and where
 * there is none it is the only environment. Reads the trust store. NULL with APIM_KEY_STORE_ERROR, G_TLS_ERROR. */
DpEnvironments *dp_environments_new (ApimConfig *config, const char *own_folder, GError **error);
void dp_environments_free (DpEnvironments *environments);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DpEnvironments, dp_environments_free)

/* For CorePortal.deployer; lives as long as @environments. A gateway's service does not show what an API looks
 * like there, so it is never CORE_PRESENCE_CURRENT or OUTDATED; a folder does. */
CoreDeployer *dp_environments_deployer (DpEnvironments *environments);

G_END_DECLS
#endif
