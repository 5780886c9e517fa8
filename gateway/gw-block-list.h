/* Which calls are blocked: the block conditions of all tenants, as a Key Manager publishes them
 * (spec/gateway-and-traffic-manager.md 6.2, 6.5):
 *
 *   {"api": ["/weather/1.0.0"], "application": ["alice:Phone"], "ip": ["carbon.super:10.0.0.1"],
 *    "user": ["bob@carbon.super"], "custom": []}
 *
 * An API is its context with the version; an application its owner and its name; an address stands behind the tenant
 * whose APIs it may not call (twice, as 2.6 may write it, is once). Addresses are compared as addresses, not as texts.
 * Conditions of the kind "custom" are counted and not applied.
 *
 * Not as the original, which looks at the first entry of X-Forwarded-For alone, and so at whatever a client writes there:
 * a call is blocked when any entry of any such header is, or the address of whoever connected.
 *
 * Threads: immutable; references are atomic. */
#ifndef GW_BLOCK_LIST_H
#define GW_BLOCK_LIST_H

#include "gateway/gw-throttle.h"

G_BEGIN_DECLS

/* Bytes of a condition, as the database has them at most (and its kind); longer ones are not taken. */
#define GW_BLOCK_MAX_VALUE 1024

typedef struct _GwBlockList GwBlockList;

/* NULL with G_IO_ERROR_INVALID_DATA: not such an object. An array that is missing is empty. Fuzz target:
 * tests/fuzz/fuzz-gw-blocks. */
GwBlockList *gw_block_list_parse (const char *json, gsize length, GError **error);
/* One that blocks nothing. */
GwBlockList *gw_block_list_new_empty (void);
GwBlockList *gw_block_list_ref (GwBlockList *list);
void gw_block_list_unref (GwBlockList *list);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwBlockList, gw_block_list_unref)

/* Conditions that are applied; of the kind that is not. */
guint gw_block_list_count (const GwBlockList *list);
guint gw_block_list_not_applied (const GwBlockList *list);

gboolean gw_block_list_blocks (const GwBlockList *list, const GwThrottleCall *call);

G_END_DECLS
#endif
