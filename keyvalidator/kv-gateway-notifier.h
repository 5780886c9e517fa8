/* Tells every gateway of api-manager.xml that tokens have ended, so that its key cache forgets them before their time
 * (architecture 5, spec/soap-and-oauth.md 3.3).
 *
 * Each gateway has a thread and a queue: one that is away or slow keeps nobody waiting, neither the one who revokes nor
 * the other gateways. What cannot be told is tried again, at growing intervals with jitter, however long it takes: a
 * gateway's cache forgets after 15 minutes, but one that judges self-contained tokens by itself has nobody else to hear
 * it from. A full queue drops its oldest. An outage is logged when it begins and when it ends. At a stop, what is waiting
 * for a gateway that was there is tried once more.
 *
 * What a gateway is told is only ever that it should ask again: a notice that is lost costs time, not the truth.
 * Threads: kv_gateway_notifier_token_ended() and the status from any; new and free on the main thread. */
#ifndef KV_GATEWAY_NOTIFIER_H
#define KV_GATEWAY_NOTIFIER_H

#include "common/apim-config.h"
#include "common/apim-status.h"

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _KvOauth KvOauth;
typedef struct _KvGatewayNotifier KvGatewayNotifier;

/* Takes those of @config->environments that have a user and a password. @trust: who vouches for them; a reference is
 * taken. @oauth: borrowed. */
KvGatewayNotifier *kv_gateway_notifier_new (const ApimConfig *config, GTlsDatabase *trust, KvOauth *oauth);
void kv_gateway_notifier_free (KvGatewayNotifier *notifier);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KvGatewayNotifier, kv_gateway_notifier_free)

/* Never blocks. @access_token, @shown, @consumer_key: as kv_gateway_notice_new(). */
void kv_gateway_notifier_token_ended (KvGatewayNotifier *notifier, const char *access_token, const char *shown,
                                      const char *consumer_key);

/* Sums over all gateways. */
void kv_gateway_notifier_add_status (KvGatewayNotifier *notifier, ApimStatus *status);

G_END_DECLS
#endif
