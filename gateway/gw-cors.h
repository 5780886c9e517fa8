/* Which resource takes a request, and what browsers are told (spec/gateway-and-traffic-manager.md 1.4; Fetch
 * standard, "CORS protocol").
 *
 * gw_cors_route() looks for the resource as the CORS handler of the release does, and says what becomes of a
 * request that none takes: 404 and 405 in 2.x with a CORS handler, 403 from the authentication handler
 * otherwise, the engine's empty answers where an API has no handlers.
 *
 * Not as the original: Access-Control-Allow-Headers "*" echoes what this request asks for, not what the first
 * one asked for; an origin that is named (and not "*") comes with "Vary: Origin", so that no cache serves it
 * to another one.
 *
 * Threads: pure functions; nothing is allocated, but for a block of a resource's lines when they are first asked for,
 * which hangs on the resource. The settings stay what and where they are as long as the API lives. */
#ifndef GW_CORS_H
#define GW_CORS_H

#include "common/apim-config.h"
#include "gateway/gw-api.h"
#include "net/net-buffer.h"
#include "net/net-http-response.h"

G_BEGIN_DECLS

/* CORSConfiguration: what holds for APIs that say nothing themselves. Lists end with NULL. */
typedef struct
{
  gboolean enabled; /* header lines are written at all */
  const char *const *origins;
  const char *const *methods;
  const char *const *headers;
  gboolean credentials;
} GwCorsSettings;

/* The defaults of a release (1.4). (transfer none): static. */
const GwCorsSettings *gw_cors_standard_settings (ApimGatewayGeneration generation);

typedef enum
{
  GW_CORS_PASS,        /* resource: go on to the next handler */
  GW_CORS_PREFLIGHT,   /* 200 without body, with the header lines of gw_cors_append(); no authentication */
  GW_CORS_NO_RESOURCE, /* GW_FAULT_NO_RESOURCE */
  GW_CORS_NO_METHOD,   /* GW_FAULT_NO_METHOD */
  GW_CORS_FORBIDDEN,   /* GW_FAULT_SECURITY with 900906: what the authentication handler says of it */
  GW_CORS_ENGINE,      /* GW_FAULT_ENGINE with *status */
} GwCorsRoute;

/* @path: what follows the context, "/" at least; @query_length: of the query with its "?" behind it, as
 * gw_api_find() has it. @resource: (out): with GW_CORS_PASS and GW_CORS_PREFLIGHT (nullable there: any).
 * @status: (out): with GW_CORS_ENGINE: 404 or 405. */
GwCorsRoute gw_cors_route (const GwApi *api, ApimGatewayGeneration generation, const NetHttpRequest *request,
                           const char *path, gsize length, gsize query_length, const GwResource **resource,
                           GwVariables *variables, guint *status);

/* Appends the Access-Control-* lines of an answer to @request, each with its CR LF. Nothing where CORS is
 * off, or the API has no CORS handler. @resource: nullable: methods are all that are allowed.
 * @backend: (nullable): the answer they are added to; a header that it has already is left to it. */
void gw_cors_append (const GwApi *api, const GwCorsSettings *settings, const GwResource *resource,
                     const NetHttpRequest *request, const NetHttpResponse *backend, NetBuffer *headers);

G_END_DECLS
#endif
