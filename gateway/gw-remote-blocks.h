/* Asks Key Managers of other nodes which calls are blocked: GET /throttle/data/v1/block over HTTPS, with the gateway's user
 * and password (spec/gateway-and-traffic-manager.md 6.5). At the start, then once in a period, and whenever somebody says
 * that the conditions changed. Several Key Managers are asked in turn while one fails; while all do, after 1 s, then twice
 * as long up to the period.
 *
 * An answer is read by the worker that asked, whose other connections wait meanwhile; that is once for each change.
 *
 * Threads: made and freed on the main thread, freed after the workers have ended and before the upstream; the rest from
 * any thread. */
#ifndef GW_REMOTE_BLOCKS_H
#define GW_REMOTE_BLOCKS_H

#include "common/apim-status.h"
#include "gateway/gw-block-conditions.h"
#include "gateway/gw-key-managers.h"

G_BEGIN_DECLS

typedef struct
{
  const GPtrArray *managers; /* GwKeyManager */
  const char *user, *password;
  guint period_ms;
  guint timeout_ms; /* of a question, however many are asked */
  gsize max_answer; /* bytes */
  gboolean plain;   /* HTTP, for tests */
} GwRemoteBlocksSettings;

typedef struct _GwRemoteBlocks GwRemoteBlocks;

/* Copies @settings; the rest is borrowed. The first question is asked at once. */
GwRemoteBlocks *gw_remote_blocks_new (const GwRemoteBlocksSettings *settings, NetReactor *reactor, GwUpstream *upstream,
                                      GwBlockConditions *conditions);
void gw_remote_blocks_free (GwRemoteBlocks *blocks);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwRemoteBlocks, gw_remote_blocks_free)

/* Until the first question is over, whatever came of it, for at most @timeout_ms: a gateway that starts serves nobody
 * before. */
void gw_remote_blocks_wait (GwRemoteBlocks *blocks, guint timeout_ms);

/* The conditions changed: asks soon. Never blocks. */
void gw_remote_blocks_refresh (GwRemoteBlocks *blocks);

/* Where a Key Manager whose services are at @services ("/services/", "/apim/services/") says what is blocked. */
char *gw_remote_blocks_path (const char *services);

/* "gateway.block_conditions_failed": questions that nobody answered. */
void gw_remote_blocks_add_status (GwRemoteBlocks *blocks, ApimStatus *status);

G_END_DECLS
#endif
