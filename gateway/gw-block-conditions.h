/* The rule of the block conditions: the newest list that a Key Manager told, for every worker, and refusals with 900805
 * (spec/gateway-and-traffic-manager.md 2.3, 6.2 item 1). Who asks the Key Manager and hands its answers on is
 * gw-remote-blocks, or apimd/local-blocks for the one of the same process.
 *
 * What was told last holds until something else is; before that nothing is blocked, as in the original.
 *
 * Threads: made and freed on the main thread, freed after workers have ended; the rule on every worker; the rest from any
 * thread. */
#ifndef GW_BLOCK_CONDITIONS_H
#define GW_BLOCK_CONDITIONS_H

#include "common/apim-status.h"
#include "gateway/gw-throttle.h"

G_BEGIN_DECLS

typedef struct _GwBlockConditions GwBlockConditions;

GwBlockConditions *gw_block_conditions_new (guint n_workers);
void gw_block_conditions_free (GwBlockConditions *conditions);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwBlockConditions, gw_block_conditions_free)

/* What a Key Manager said (gw-block-list.h); the same bytes as before cost a comparison. FALSE with
 * G_IO_ERROR_INVALID_DATA: it is not understood, and what was told before holds. */
gboolean gw_block_conditions_take (GwBlockConditions *conditions, const char *json, gsize length, GError **error);

/* (transfer none): for APIs with the throttle handler of 2.x; that of 1.x knows no block conditions. */
GwThrottleRule *gw_block_conditions_rule (GwBlockConditions *conditions);

/* "gateway.block_conditions": how many are applied. */
void gw_block_conditions_add_status (GwBlockConditions *conditions, ApimStatus *status);

G_END_DECLS
#endif
