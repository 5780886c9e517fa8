/* Who may manage a node that has no Key Manager, over SOAP: the user store, sessions and AuthenticationAdmin alone, as a
 * gateway of WSO2's has them (spec/gateway-and-traffic-manager.md 5.1). On a node with a Key Manager its role has them.
 * Threads: made and freed on the main thread. */
#ifndef KV_MANAGEMENT_H
#define KV_MANAGEMENT_H

#include "common/apim-role.h"

G_BEGIN_DECLS

typedef struct _KvManagement KvManagement;

/* Sets node->soap_guard and node->tenants, and adds AuthenticationAdmin to node->https. The user database need not answer
 * now: until it does, nobody is let in. NULL with @error. */
KvManagement *kv_management_new (ApimNode *node, GError **error);
/* After the workers and pools have ended. */
void kv_management_free (KvManagement *management);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KvManagement, kv_management_free)

G_END_DECLS
#endif
