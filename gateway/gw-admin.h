/* What others ask of a gateway over SOAP (spec/gateway-and-traffic-manager.md 3, 5.1):
 *   APIGatewayAdmin           a Publisher brings and takes away APIs, endpoints and sequences: they become files of the
 *                             tenant's folder, written whole, and are served when the call is answered
 *   RestApiAdmin              the same of APIs alone, for Publishers from before there was APIGatewayAdmin
 *   APIAuthenticationService  the Key Manager, the Store and the Publisher name what is to be forgotten
 *
 * What would be refused as a file is refused with the reason, and nothing is written. A file must define what the call
 * says that it does. A tenant's APIs have contexts below /t/<domain>/, and nobody else's have. Every call may be
 * repeated: add and update both mean "be this from now on", delete means "be gone". The second answers true, too.
 *
 * Not done, and answered with a fault: policies of the traffic manager, certificates.
 *
 * Threads: made and freed on the main thread; calls come on threads of the HTTP pool. */
#ifndef GW_ADMIN_H
#define GW_ADMIN_H

#include "common/apim-tenants.h"
#include "gateway/gw-authenticator.h"
#include "gateway/gw-deployment.h"
#include "gateway/gw-vault.h"
#include "soap/soap-service.h"

G_BEGIN_DECLS

typedef struct _GwAdmin GwAdmin;

/* @guard: (nullable): nobody may ask. @tenants: (nullable): there is the super tenant alone. @authenticator: (nullable):
 * nothing is remembered. @vault: (nullable): there is none. All borrowed; @config is read only here. */
GwAdmin *gw_admin_new (const ApimConfig *config, SoapGuard *guard, ApimTenants *tenants, GwDeployment *deployment,
                       GwAuthenticator *authenticator, GwVault *vault);
void gw_admin_free (GwAdmin *admin);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwAdmin, gw_admin_free)

/* Any thread. */
void gw_admin_set_limits (GwAdmin *admin, const ApimLimits *limits);

/* Adds the paths of the services to @http. */
void gw_admin_add_to (GwAdmin *admin, NetHttpServer *http);

/* "gateway.soap.calls", ... */
void gw_admin_add_status (GwAdmin *admin, ApimStatus *status);

G_END_DECLS
#endif
