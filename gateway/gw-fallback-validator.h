/* One way to ask Key Managers, and another one while it is down: Thrift, and SOAP.
 *
 * A question that nobody answered the first way is asked the second way. Then the first is left alone for a while, as
 * gw-peer-health.h says of a Key Manager, and questions go the second way at once. A refusal is an answer: it is never
 * asked for twice.
 *
 * Threads: as GwKeyValidator; everything belongs to its worker, no locks. */
#ifndef GW_FALLBACK_VALIDATOR_H
#define GW_FALLBACK_VALIDATOR_H

#include "gateway/gw-key-validator.h"
#include "net/net-reactor.h"

G_BEGIN_DECLS

/* @first, @second: borrowed. @timeout_ms: of a question the first way. Main thread. */
GwKeyValidator *gw_fallback_validator_new (GwKeyValidator *first, GwKeyValidator *second, guint timeout_ms,
                                           NetReactor *reactor);
/* After the workers have ended. */
void gw_fallback_validator_free (GwKeyValidator *validator);

G_END_DECLS
#endif
