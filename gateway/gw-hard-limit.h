/* The hard limits of an API: how many calls with production keys, and with sandbox keys, its backend takes in a unit of
 * time, whoever makes them (productionMaxCount, sandboxMaxCount; spec/gateway-and-traffic-manager.md 6.1 item 6, 6.2 item
 * 7). Past that: 900801 until the unit is over, which began with its first call.
 *
 * Both count for themselves on each gateway. As in 2.1 and later, sandbox keys have their limit, too; 1.10 and 2.0 never
 * came to it. A deployment of the API begins a new unit.
 *
 * Threads: any; counted without a lock. */
#ifndef GW_HARD_LIMIT_H
#define GW_HARD_LIMIT_H

#include "gateway/gw-throttle.h"

G_BEGIN_DECLS

/* Of a unit; higher limits are as this one. */
#define GW_HARD_LIMIT_MAX ((1 << 26) - 2)

/* (transfer none): static, for APIs with either throttle handler. */
GwThrottleRule *gw_hard_limit_rule (void);

/* One more call at @now_ms, of any clock that never goes back. @max: calls in @unit_ms (<= 0: 1000 ms). FALSE: they are used up. */
gboolean gw_hard_limit_take (GwCallWindow *window, gint64 max, gint64 unit_ms, gint64 now_ms);

G_END_DECLS
#endif
