/* How the addresses of endpoints are: ready, or left alone for a while because they failed; and which address of a group
 * is next (spec/gateway-and-traffic-manager.md 1.6, "Suspension").
 *
 * The state belongs to the node, as a WSO2 gateway has it: what one worker learns of a backend, all of them heed.
 * It hangs on the GwEndpoint, so that no look-up is needed; a file that is deployed again starts afresh.
 *
 * Threads: any. Asking whether an address is ready reads one atomic number; only failures, and the first success after
 * them, take a lock, for a moment. */
#ifndef GW_HEALTH_H
#define GW_HEALTH_H

#include "gateway/gw-endpoint.h"

G_BEGIN_DECLS

/* How many addresses one message is tried at, at most. */
#define GW_HEALTH_MAX_TRIES 16

/* The addresses that a message was tried at. Zero-initialise for each message. */
typedef struct
{
  const GwEndpoint *tried[GW_HEALTH_MAX_TRIES];
  guint n_tried;
  const GwEndpoint *preferred; /* nullable: the child of a load balance that has its turn, whoever would have it else */
} GwTries;

/* The address for a message: @endpoint itself, or one of its group that is ready and was not tried for this message.
 * A failover group gives its first one, so it comes back to the primary as soon as that is ready; a load balance goes
 * on in turns, by weight if it has weights, and tries another after a failure only where its file lets it.
 * What is returned is noted in @tries. @now_us: monotonic.
 * Returns: (transfer none): NULL with @code: GW_ERROR_SUSPENDED of a single address, GW_ERROR_NONE_READY of a group. */
const GwEndpoint *gw_health_choose (const GwEndpoint *endpoint, GwTries *tries, gint64 now_us, GwErrorCode *code);

/* What became of a message that was sent to @address (one that gw_health_choose() gave). */
void gw_health_succeeded (const GwEndpoint *address);
/* @error: of the transport, 1.6. */
void gw_health_failed (const GwEndpoint *address, gint32 error, gint64 now_us);

typedef enum
{
  GW_HEALTH_ACTIVE,
  GW_HEALTH_TIMEOUT, /* failed, and may fail a few times more before it is suspended */
  GW_HEALTH_SUSPENDED,
} GwHealthState;

/* For status and tests. @until_us: (out) (optional): when it may be tried again; 0: now. */
GwHealthState gw_health_state (const GwEndpoint *address, gint64 *until_us);

G_END_DECLS
#endif
