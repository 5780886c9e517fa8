/* GET /throttle/data/v1/block and /throttle/data/v1/keyTemplates: what gateways of 2.x ask their Key Manager for once
 * when they start: which calls are blocked, and the keys of the operator's own throttling rules
 * (spec/gateway-and-traffic-manager.md 6.5).
 *
 *   {"api": ["/weather/1.0.0"], "application": ["alice:Phone"], "ip": ["carbon.super:10.0.0.1"],
 *    "user": ["bob@carbon.super"], "custom": []}
 *   ["$userId"]
 *
 * Conditions of all tenants that are switched on, for who may call the SOAP services (kv-admission.h). A database before
 * 2.0 has none. Threads: any that may block. */
#ifndef KV_THROTTLE_DATA_H
#define KV_THROTTLE_DATA_H

#include "keyvalidator/kv-admission.h"
#include "net/net-http-server.h"
#include "store/st-database.h"

G_BEGIN_DECLS

typedef struct _KvThrottleData KvThrottleData;

/* Everything is borrowed. @apis: apimgtdb. */
KvThrottleData *kv_throttle_data_new (KvAdmission *admission, StDatabase *apis);
void kv_throttle_data_free (KvThrottleData *data);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KvThrottleData, kv_throttle_data_free)

/* Appends what the first of both answers. Blocks on the database. */
gboolean kv_throttle_data_read_blocks (KvThrottleData *data, GString *json, GError **error);

void kv_throttle_data_add_to (KvThrottleData *data, NetHttpServer *server, const char *web_context_root);

G_END_DECLS
#endif
