/* One request through the gateway (spec/gateway-and-traffic-manager.md 1): route, resource, CORS, authentication,
 * sequence, backend, answer. Made by its stream when a head is whole; it ends by itself with the answer, or when
 * its client is gone.
 *
 * Both directions keep pace with their slower side: of a request's body at most GW_UPSTREAM_MARK bytes wait, of an
 * answer about GW_CLIENT_MARK.
 *
 * Threads: one worker. Nothing is allocated per request once the worker's spare exchanges and buffers are there. */
#ifndef GW_EXCHANGE_H
#define GW_EXCHANGE_H

#include "gateway/gw-stream.h"

G_BEGIN_DECLS

/* For a request of @stream. */
GwExchange *gw_exchange_new (GwStream *stream);

/* Reads a head that net_http_head_scan() found whole; its bytes are copied.
 * Returns: NULL with @status (400, 414, ...) and @error (static): it is none. Then free it. */
const NetHttpRequest *gw_exchange_read (GwExchange *exchange, const char *head, gsize length, guint *status,
                                        const char **error);

/* The request goes its way. Its answer may be whole, and the exchange gone, when this returns. */
void gw_exchange_begin (GwExchange *exchange);

/* Bytes of the request's body, which gw_stream_want_body() asked for. FALSE: these are taken; no more for now. */
gboolean gw_exchange_body (GwExchange *exchange, const guint8 *bytes, gsize length);
/* The body is whole. Also of a request that has none, or whose body nobody wanted. @trailers: the lines of its trailer section,
 * checked: "name:value" CR LF each; they are copied. */
void gw_exchange_body_end (GwExchange *exchange, NetHttpText trailers);
/* The rest of the body will not come: answers @status, if there is still time for it. The exchange is gone. */
void gw_exchange_broken (GwExchange *exchange, guint status, const char *error);

/* Whether an interim answer may be sent: to clients of HTTP/1.1, before the answer begins (RFC 9110 15.2). */
gboolean gw_exchange_takes_interim (const GwExchange *exchange);

/* The client has read most of what there is to send. */
void gw_exchange_sent (GwExchange *exchange);

/* Nobody waits for the answer any more, or there is one already: gives up whatever is under way. */
void gw_exchange_free (GwExchange *exchange);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwExchange, gw_exchange_free)

/* What the worker keeps for the next requests. */
void gw_exchange_free_spare (GwServiceWorker *worker);

G_END_DECLS
#endif
