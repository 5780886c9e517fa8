/* A gateway's APIGatewayAdmin service (spec/gateway-and-traffic-manager.md 5.1): the one of any WSO2 gateway,
 * or ours.
 *
 * Login by AuthenticationAdmin; the session is kept. A call that got no answer is made once more, on a fresh
 * connection: whether the first one was done does not matter to calls that may be repeated. What the gateway
 * refuses is not. Threads: as DpTarget. */
#ifndef DP_GATEWAY_ADMIN_H
#define DP_GATEWAY_ADMIN_H

#include "deployment/dp-target.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* @environment: borrowed; must have user and password. @trust: (nullable): borrowed. @timeout_ms: of one
 * call. */
DpTarget *dp_gateway_admin_new (const ApimEnvironment *environment, GTlsDatabase *trust, guint timeout_ms,
                                const DpSettings *settings);

G_END_DECLS
#endif
