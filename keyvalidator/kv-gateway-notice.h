/* What a gateway is told of tokens that ended: the calls of its APIAuthenticationService (spec/soap-and-oauth.md 3.3,
 * spec/gateway-and-traffic-manager.md 3).
 *
 *   invalidateKeys           of every release; a mapping for each API that the token's application is subscribed to,
 *                            because gateways of 1.x look for token, context and version together
 *   invalidateCachedTokens   the tokens; of those releases that have it, it is what makes their key caches forget
 *
 * Gateways know a token by the text that they are shown, which for an application of TOKEN_TYPE JWT is not the stored one
 * (decisions.md 6): where it is not known it is made again. With an RSA key it is the same one, unless a subscription or
 * the application changed since; with an EC key never.
 *
 * Threads: immutable but for what is found out once, under a lock; any thread. */
#ifndef KV_GATEWAY_NOTICE_H
#define KV_GATEWAY_NOTICE_H

#include "keyvalidator/oauth/kv-oauth.h"
#include "net/net-buffer.h"

G_BEGIN_DECLS

/* Mappings of one token; an application that is subscribed to more has the first of them told. */
#define KV_GATEWAY_NOTICE_MAX_APIS 200

/* One token that ended; reference counted: every gateway's queue has it. */
typedef struct _KvGatewayNotice KvGatewayNotice;

/* @access_token: as it is stored. @shown: nullable: as a client showed it, where that is another text. @consumer_key:
 * nullable: looked up by the token. */
KvGatewayNotice *kv_gateway_notice_new (const char *access_token, const char *shown, const char *consumer_key,
                                        gint64 now_us);
KvGatewayNotice *kv_gateway_notice_ref (KvGatewayNotice *notice);
void kv_gateway_notice_unref (KvGatewayNotice *notice); /* wipes the token */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KvGatewayNotice, kv_gateway_notice_unref)

/* When it was made. */
gint64 kv_gateway_notice_made_us (const KvGatewayNotice *notice);

/* Finds the APIs, and the text of a JWT, unless that was done: blocks on the database. Where it does not answer, or knows
 * none, the token is told alone, as it is stored. */
void kv_gateway_notice_resolve (KvGatewayNotice *notice, KvOauth *oauth);

/* The Body of each operation, for @n notices that were resolved. */
void kv_gateway_notices_write_keys (KvGatewayNotice *const *notices, guint n, NetBuffer *body);
void kv_gateway_notices_write_tokens (KvGatewayNotice *const *notices, guint n, NetBuffer *body);

G_END_DECLS
#endif
