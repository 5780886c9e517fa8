/* The form of a request to an OAuth2 endpoint, under the rules that they share (RFC 6749 3.2, RFC 9700 4.3.2).
 * Threads: as the exchange's. */
#ifndef KV_OAUTH_REQUEST_H
#define KV_OAUTH_REQUEST_H

#include "net/net-http-form.h"
#include "net/net-http-server.h"

G_BEGIN_DECLS

#define KV_OAUTH_MAX_FORM 65536 /* bytes of a form body; more: 413 */

/* The body of a POST. KV_OAUTH_ERROR: another method, another Content-Type, fields in the query (where they end up in
 * logs), a repeated field, too large, or not a form. (transfer full). */
NetHttpForm *kv_oauth_request_form (NetHttpExchange *exchange, GError **error);

/* The value of a field that must be there and not empty; else KV_OAUTH_ERROR_INVALID_REQUEST, naming it. */
const char *kv_oauth_request_need (const NetHttpForm *form, const char *name, GError **error);

G_END_DECLS
#endif
