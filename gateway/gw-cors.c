#include "config.h"
#include "gateway/gw-cors.h"

#include "gateway/gw-headers.h"

#include <string.h>

#define EVERY_METHOD                                                                                         \
  (GW_METHOD_GET | GW_METHOD_POST | GW_METHOD_PUT | GW_METHOD_DELETE | GW_METHOD_PATCH | GW_METHOD_HEAD      \
   | GW_METHOD_OPTIONS)

static const char *const every_origin[] = { "*", NULL };
static const char *const portal_origins[] = { "https://localhost:9443", "http://localhost:9763", NULL };
static const char *const methods_2_x[] = { "GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", NULL };
static const char *const headers_1_x[]
    = { "authorization", "Access-Control-Allow-Origin", "Content-Type", NULL };
static const char *const headers_2_x[]
    = { "authorization", "Access-Control-Allow-Origin", "Content-Type", "SOAPAction", NULL };

static const GwCorsSettings standard_1_x = { TRUE, portal_origins, methods_2_x, headers_1_x, FALSE };
static const GwCorsSettings standard_2_x = { TRUE, every_origin, methods_2_x, headers_2_x, FALSE };

const GwCorsSettings *
gw_cors_standard_settings (ApimGatewayGeneration generation)
{
  return generation < APIM_GATEWAY_2_0 ? &standard_1_x : &standard_2_x;
}

/* A request that no resource takes, or whose OPTIONS none declares, by who finds out. */
static GwCorsRoute
refuse (const GwApi *api, ApimGatewayGeneration generation, GwFound found, guint *status)
{
  if (generation >= APIM_GATEWAY_2_0 && (api->chain.handlers & GW_HANDLER_CORS) != 0)
    return found == GW_FOUND_NOTHING ? GW_CORS_NO_RESOURCE : GW_CORS_NO_METHOD;
  if ((api->chain.handlers & GW_HANDLER_AUTHENTICATION) != 0)
    return GW_CORS_FORBIDDEN;
  *status = found == GW_FOUND_NOTHING ? 404 : 405;
  return GW_CORS_ENGINE;
}

/* OPTIONS: the resource that the browser will ask next is looked for. Without a word of that, any resource at
 * this path. */
static GwCorsRoute
route_options (const GwApi *api, ApimGatewayGeneration generation, const NetHttpRequest *request,
               const char *path, gsize length, gsize query_length, const GwResource **resource,
               GwVariables *variables, guint *status)
{
  NetHttpText wanted;
  guint methods = EVERY_METHOD;
  const GwResource *declares;
  GwFound found;

  if (net_http_request_header (request, "Access-Control-Request-Method", &wanted))
    methods = gw_method_parse (wanted.text, wanted.length) | GW_METHOD_OPTIONS;
  found = gw_api_find (api, methods, path, length, query_length, resource, variables);
  if (found != GW_FOUND)
    return refuse (api, generation, found, status);
  if (((*resource)->methods & GW_METHOD_OPTIONS) != 0)
    return GW_CORS_PASS;
  /* Another element for the same path may declare it. */
  if (gw_api_find (api, GW_METHOD_OPTIONS, path, length, query_length, &declares, variables) == GW_FOUND
      && strcmp (gw_pattern_text (declares->pattern), gw_pattern_text ((*resource)->pattern)) == 0)
    {
      *resource = declares;
      return GW_CORS_PASS;
    }
  if ((api->chain.handlers & GW_HANDLER_CORS) != 0)
    return GW_CORS_PREFLIGHT;
  if ((api->chain.handlers & GW_HANDLER_AUTHENTICATION) != 0)
    return GW_CORS_FORBIDDEN;
  /* The engine's own check lets OPTIONS through (1.4). */
  gw_api_find (api, methods, path, length, query_length, resource, variables);
  return GW_CORS_PASS;
}

GwCorsRoute
gw_cors_route (const GwApi *api, ApimGatewayGeneration generation, const NetHttpRequest *request,
               const char *path, gsize length, gsize query_length, const GwResource **resource,
               GwVariables *variables, guint *status)
{
  guint method = gw_method_parse (request->method.text, request->method.length);
  GwFound found;

  if (method == GW_METHOD_OPTIONS)
    return route_options (api, generation, request, path, length, query_length, resource, variables, status);
  found = gw_api_find (api, method, path, length, query_length, resource, variables);
  return found == GW_FOUND ? GW_CORS_PASS : refuse (api, generation, found, status);
}

static void
put (NetBuffer *headers, const char *text)
{
  net_buffer_append (headers, text, strlen (text));
}

static gboolean
contains (const char *const *list, const char *text, gsize length)
{
  for (; *list != NULL; list++)
    if (strlen (*list) == length && memcmp (*list, text, length) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
backend_has (const NetHttpResponse *backend, NetHttpName name)
{
  for (guint i = 0; backend != NULL && i < backend->n_headers; i++)
    if (net_http_header_id (&backend->headers[i]) == name)
      return TRUE;
  return FALSE;
}

/* Returns: whether the answer may be read by scripts of one named origin. */
static gboolean
put_origin (const char *const *origins, const NetHttpRequest *request, const NetHttpResponse *backend,
            NetBuffer *headers)
{
  NetHttpText origin;
  gboolean named;

  if (backend_has (backend, NET_HTTP_NAME_ACCESS_CONTROL_ALLOW_ORIGIN))
    return FALSE;
  if (contains (origins, "*", 1))
    {
      put (headers, "Access-Control-Allow-Origin: *\r\n");
      return FALSE;
    }
  named = net_http_request_named (request, NET_HTTP_NAME_ORIGIN, &origin) && origin.length > 0
          && contains (origins, origin.text, origin.length);
  if (named)
    {
      put (headers, "Access-Control-Allow-Origin: ");
      net_buffer_append (headers, origin.text, origin.length);
      put (headers, "\r\n");
    }
  put (headers, "Vary: Origin\r\n");
  return named;
}

static void
put_methods (const char *const *allowed, const GwResource *resource, NetBuffer *headers)
{
  gboolean any = FALSE;

  for (; *allowed != NULL; allowed++)
    {
      if (resource != NULL && (gw_method_parse (*allowed, strlen (*allowed)) & resource->methods) == 0)
        continue;
      put (headers, any ? "," : "Access-Control-Allow-Methods: ");
      gw_headers_append_value (*allowed, strlen (*allowed), headers);
      any = TRUE;
    }
  if (any)
    put (headers, "\r\n");
}

static void
put_headers (const char *const *allowed, const NetHttpRequest *request, NetBuffer *headers)
{
  NetHttpText asked;

  if (contains (allowed, "*", 1))
    {
      if (!net_http_request_header (request, "Access-Control-Request-Headers", &asked) || asked.length == 0)
        return;
      put (headers, "Access-Control-Allow-Headers: ");
      net_buffer_append (headers, asked.text, asked.length);
      put (headers, "\r\n");
      return;
    }
  for (const char *const *name = allowed; *name != NULL; name++)
    {
      put (headers, name == allowed ? "Access-Control-Allow-Headers: " : ",");
      gw_headers_append_value (*name, strlen (*name), headers);
    }
  if (*allowed != NULL)
    put (headers, "\r\n");
}

/* The API's list, or the node's. */
static const char *const *
choose (char **own, const char *const *standard)
{
  return own != NULL ? (const char *const *)own : standard;
}

/* The lines that depend on no request, of one resource and one node's settings. */
typedef struct
{
  const GwCorsSettings *settings;
  gsize length;
  char text[];
} Lines;

/* The resource's lines, made by whoever asks first. NULL: they are not of these settings, or differ from request to
 * request: "*" is an echo of what is asked for. */
static const Lines *
lines_of (const GwResource *resource, const GwCorsSettings *settings, const char *const *methods,
          const char *const *headers, const NetHttpRequest *request)
{
  gpointer *place = (gpointer *)&resource->cors;
  const Lines *made = g_atomic_pointer_get (place);
  NetBuffer text = { 0 };
  Lines *lines;

  if (made != NULL)
    return made->settings == settings ? made : NULL;
  if (contains (headers, "*", 1))
    return NULL;
  put_methods (methods, resource, &text);
  put_headers (headers, request, &text);
  lines = g_malloc (sizeof *lines + net_buffer_length (&text));
  lines->settings = settings;
  lines->length = net_buffer_length (&text);
  if (lines->length > 0)
    memcpy (lines->text, net_buffer_data (&text), lines->length);
  net_buffer_clear (&text);
  if (g_atomic_pointer_compare_and_exchange (place, NULL, lines))
    return lines;
  g_free (lines); /* another worker was faster */
  return g_atomic_pointer_get (place);
}

/* Of methods and headers; @backend: it may have said so itself. */
static void
put_allowed (const GwApi *api, const GwCorsSettings *settings, const GwResource *resource, const NetHttpRequest *request,
             const NetHttpResponse *backend, NetBuffer *output)
{
  const char *const *methods = choose (api->chain.cors_methods, settings->methods);
  const char *const *headers = choose (api->chain.cors_headers, settings->headers);
  gboolean has_methods = backend_has (backend, NET_HTTP_NAME_ACCESS_CONTROL_ALLOW_METHODS);
  gboolean has_headers = backend_has (backend, NET_HTTP_NAME_ACCESS_CONTROL_ALLOW_HEADERS);

  if (resource != NULL && !has_methods && !has_headers)
    {
      const Lines *lines = lines_of (resource, settings, methods, headers, request);

      if (lines != NULL)
        {
          net_buffer_append (output, lines->text, lines->length);
          return;
        }
    }
  if (!has_methods)
    put_methods (methods, resource, output);
  if (!has_headers)
    put_headers (headers, request, output);
}

void
gw_cors_append (const GwApi *api, const GwCorsSettings *settings, const GwResource *resource,
                const NetHttpRequest *request, const NetHttpResponse *backend, NetBuffer *headers)
{
  const GwChain *chain = &api->chain;
  gboolean credentials = chain->has_cors_credentials ? chain->cors_credentials : settings->credentials;
  gboolean named;

  if (!settings->enabled || (chain->handlers & GW_HANDLER_CORS) == 0)
    return;
  named = put_origin (choose (chain->cors_origins, settings->origins), request, backend, headers);
  put_allowed (api, settings, resource, request, backend, headers);
  if (named && credentials && !backend_has (backend, NET_HTTP_NAME_ACCESS_CONTROL_ALLOW_CREDENTIALS))
    put (headers, "Access-Control-Allow-Credentials: true\r\n");
}
