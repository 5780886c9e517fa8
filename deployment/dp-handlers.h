/* The <handlers> of an API's file: what a gateway does with a call before it goes to the endpoint, in this
 * order (spec/gateway-and-traffic-manager.md 1.1).
 *
 * WSO2's templates append a second <handlers> element, of which the engine reads none; for an API that is
 * BLOCKED the second one is the only one. Ours write exactly one in every case. Threads: one per document. */
#ifndef DP_HANDLERS_H
#define DP_HANDLERS_H

#include "core/core-api.h"
#include "deployment/dp-settings.h"
#include "deployment/dp-xml.h"

G_BEGIN_DECLS

/* The chain of @api. A prototype's has neither authentication nor throttling, a blocked API's likewise: it
 * answers everybody with 700700. */
void dp_handlers_write (DpXml *xml, const CoreApi *api, const DpSettings *settings);

/* Of the file that passes calls without a version on. */
void dp_handlers_write_default (DpXml *xml, const DpSettings *settings);

/* The mediator of responses, which moved together with the usage handlers. */
const char *dp_handlers_response_class (ApimGatewayGeneration generation);

G_END_DECLS
#endif
