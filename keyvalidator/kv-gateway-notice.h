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
KvGatewayNotice *kv_gateway_notice_new (const char *access_token, const char *shown, const char *consumer_key);
KvGatewayNotice *kv_gateway_notice_ref (KvGatewayNotice *notice);
void kv_gateway_notice_unref (KvGatewayNotice *notice); /* wipes the token */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KvGatewayNotice, kv_gateway_notice_unref)

/* Finds the APIs, and the text of a JWT, unless that was done: blocks on the database. Where it does not answer, or knows
 * none, the token is told alone, as it is stored. */
void kv_gateway_notice_resolve (KvGatewayNotice *notice, KvOauth *oauth);

/* How far a list of notices has been written: the next notice, and the next of its APIs. */
typedef struct
{
  guint notice, api;
} KvGatewayNoticePlace;

/* The Body of each operation, for those of @n notices, all of them resolved, that *place is at and that one message has
 * room for: gateways bound their messages (Limits/MaxSoapMessage and SOAP_MAX_ELEMENTS of one of this product). Moves
 * *place on; place->notice is @n when all are written. */
void kv_gateway_notices_write_keys (KvGatewayNotice *const *notices, guint n, KvGatewayNoticePlace *place,
                                    NetBuffer *body);
void kv_gateway_notices_write_tokens (KvGatewayNotice *const *notices, guint n, KvGatewayNoticePlace *place,
                                      NetBuffer *body);

G_END_DECLS
#endif
