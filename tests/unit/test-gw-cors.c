/* spec/gateway-and-traffic-manager.md 1.4. */
#include "config.h"
#include "gateway/gw-cors.h"

#include "gw-http-text.h"

#include <string.h>

#define FULL (GW_HANDLER_CORS | GW_HANDLER_AUTHENTICATION)
#define OPTIONS "OPTIONS /w/1/a HTTP/1.1\nHost: h\nOrigin: https://a.example"
#define ASKS(method) "\nAccess-Control-Request-Method: " method

/* /a: GET, POST; /declares: OPTIONS and GET; /two: in two elements. */
static GwApi *
make_api (guint handlers)
{
  GwApi *api = gw_test_api (handlers);

  gw_test_add_resource (api, "/a", GW_METHOD_GET | GW_METHOD_POST);
  gw_test_add_resource (api, "/declares", GW_METHOD_GET | GW_METHOD_OPTIONS);
  gw_test_add_resource (api, "/two", GW_METHOD_GET);
  gw_test_add_resource (api, "/two", GW_METHOD_OPTIONS);
  return api;
}

static void
test_routes (void)
{
  static const struct
  {
    guint handlers;
    ApimGatewayGeneration generation;
    const char *request;
    const char *path;
    GwCorsRoute route;
    guint status;
  } rows[] = {
    { FULL, APIM_GATEWAY_2_6, "GET / HTTP/1.1\nHost: h", "/a", GW_CORS_PASS, 0 },
    { FULL, APIM_GATEWAY_2_6, "GET / HTTP/1.1\nHost: h", "/none", GW_CORS_NO_RESOURCE, 0 },
    { FULL, APIM_GATEWAY_2_6, "DELETE / HTTP/1.1\nHost: h", "/a", GW_CORS_NO_METHOD, 0 },
    { FULL, APIM_GATEWAY_2_6, "BREW / HTTP/1.1\nHost: h", "/a", GW_CORS_NO_METHOD, 0 },
    { FULL, APIM_GATEWAY_2_6, OPTIONS ASKS ("POST"), "/a", GW_CORS_PREFLIGHT, 0 },
    { FULL, APIM_GATEWAY_2_6, OPTIONS, "/a", GW_CORS_PREFLIGHT, 0 },
    { FULL, APIM_GATEWAY_2_6, OPTIONS ASKS ("DELETE"), "/a", GW_CORS_NO_METHOD, 0 },
    { FULL, APIM_GATEWAY_2_6, OPTIONS ASKS ("GET"), "/none", GW_CORS_NO_RESOURCE, 0 },
    { FULL, APIM_GATEWAY_2_6, OPTIONS ASKS ("GET"), "/declares", GW_CORS_PASS, 0 },
    { FULL, APIM_GATEWAY_2_6, OPTIONS, "/declares", GW_CORS_PASS, 0 },
    { FULL, APIM_GATEWAY_2_6, OPTIONS ASKS ("GET"), "/two", GW_CORS_PASS, 0 },
    /* 1.x: the authentication handler finds out; so it does in 2.x where the file has no CORS handler. */
    { FULL, APIM_GATEWAY_1_10, "GET / HTTP/1.1\nHost: h", "/none", GW_CORS_FORBIDDEN, 0 },
    { FULL, APIM_GATEWAY_1_9, "DELETE / HTTP/1.1\nHost: h", "/a", GW_CORS_FORBIDDEN, 0 },
    { FULL, APIM_GATEWAY_1_9, OPTIONS ASKS ("GET"), "/a", GW_CORS_PREFLIGHT, 0 },
    { GW_HANDLER_AUTHENTICATION, APIM_GATEWAY_2_6, "DELETE / HTTP/1.1\nHost: h", "/a", GW_CORS_FORBIDDEN, 0 },
    { GW_HANDLER_AUTHENTICATION, APIM_GATEWAY_2_6, "GET / HTTP/1.1\nHost: h", "/none", GW_CORS_FORBIDDEN, 0 },
    { GW_HANDLER_AUTHENTICATION, APIM_GATEWAY_2_6, OPTIONS ASKS ("GET"), "/a", GW_CORS_FORBIDDEN, 0 },
    /* No handlers: the engine's own. */
    { 0, APIM_GATEWAY_2_6, "GET / HTTP/1.1\nHost: h", "/none", GW_CORS_ENGINE, 404 },
    { 0, APIM_GATEWAY_2_6, "DELETE / HTTP/1.1\nHost: h", "/a", GW_CORS_ENGINE, 405 },
    { 0, APIM_GATEWAY_2_6, OPTIONS, "/a", GW_CORS_PASS, 0 },
    { GW_HANDLER_SYNAPSE_PROPERTIES, APIM_GATEWAY_2_6, "PUT / HTTP/1.1\nHost: h", "/a", GW_CORS_ENGINE, 405 },
    /* A prototype of 1.x: CORS, and nobody who asks for a token. */
    { GW_HANDLER_CORS, APIM_GATEWAY_1_9, "GET / HTTP/1.1\nHost: h", "/none", GW_CORS_ENGINE, 404 },
    { GW_HANDLER_CORS, APIM_GATEWAY_2_6, "GET / HTTP/1.1\nHost: h", "/none", GW_CORS_NO_RESOURCE, 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GwApi) api = make_api (rows[i].handlers);
      const GwResource *resource = NULL;
      GwVariables variables;
      guint status = 0;
      GwCorsRoute route
          = gw_cors_route (api, rows[i].generation, gw_test_request (rows[i].request), rows[i].path,
                           strlen (rows[i].path), 0, &resource, &variables, &status);

      if (route != rows[i].route || status != rows[i].status)
        g_error ("row %" G_GSIZE_FORMAT ": %d %u, not %d %u", i, route, status, rows[i].route,
                 rows[i].status);
      if (route == GW_CORS_PASS || route == GW_CORS_PREFLIGHT)
        g_assert_cmpstr (gw_pattern_text (resource->pattern), ==, rows[i].path);
      if (route == GW_CORS_PASS && g_str_has_prefix (rows[i].request, "OPTIONS") && rows[i].handlers != 0)
        g_assert_cmpuint (resource->methods & GW_METHOD_OPTIONS, !=, 0);
    }
}

static char *
lines_of (const GwApi *api, const GwCorsSettings *settings, guint methods, const char *request,
          const char *backend)
{
  NetBuffer headers = { 0 };
  GwResource resource = { .methods = methods };

  gw_cors_append (api, settings, methods != 0 ? &resource : NULL, gw_test_request (request),
                  backend != NULL ? gw_test_response (backend) : NULL, &headers);
  g_free (resource.cors);
  return gw_test_take (&headers);
}

static void
test_standard_values (void)
{
  g_autoptr (GwApi) api = gw_test_api (FULL);
  const GwCorsSettings *later = gw_cors_standard_settings (APIM_GATEWAY_2_0);
  const GwCorsSettings *older = gw_cors_standard_settings (APIM_GATEWAY_1_10);
  g_autofree char *open = lines_of (api, later, GW_METHOD_GET | GW_METHOD_DELETE, OPTIONS, NULL);
  g_autofree char *every = lines_of (api, later, 0, OPTIONS, NULL);
  g_autofree char *foreign = lines_of (api, older, GW_METHOD_GET, OPTIONS, NULL);
  g_autofree char *listed = lines_of (
      api, older, GW_METHOD_GET, "GET / HTTP/1.1\nHost: h\nOrigin: https://localhost:9443", NULL);

  g_assert_cmpstr (open, ==,
                   "Access-Control-Allow-Origin: *\nAccess-Control-Allow-Methods: GET,DELETE\n"
                   "Access-Control-Allow-Headers: authorization,Access-Control-Allow-Origin,Content-Type,"
                   "SOAPAction\n");
  g_assert_nonnull (strstr (every, "Methods: GET,PUT,POST,DELETE,PATCH,OPTIONS\n"));
  g_assert_cmpstr (foreign, ==,
                   "Vary: Origin\nAccess-Control-Allow-Methods: GET\n"
                   "Access-Control-Allow-Headers: authorization,Access-Control-Allow-Origin,Content-Type\n");
  g_assert_true (g_str_has_prefix (
      listed, "Access-Control-Allow-Origin: https://localhost:9443\nVary: Origin\n"));
}

static void
test_own_values (void)
{
  g_autoptr (GwApi) api = gw_test_api (FULL);
  const GwCorsSettings *settings = gw_cors_standard_settings (APIM_GATEWAY_2_6);
  g_autofree char *named = NULL, *foreign = NULL, *star = NULL, *silent = NULL, *split = NULL;

  api->chain.cors_origins = g_strsplit ("https://a.example,https://b.example", ",", -1);
  api->chain.cors_methods = g_strsplit ("GET,POST", ",", -1);
  api->chain.cors_headers = g_strsplit ("*", ",", -1);
  api->chain.has_cors_credentials = api->chain.cors_credentials = TRUE;
  named = lines_of (api, settings, GW_METHOD_POST | GW_METHOD_DELETE,
                    OPTIONS "\nAccess-Control-Request-Headers: X-One, X-Two", NULL);
  g_assert_cmpstr (named, ==,
                   "Access-Control-Allow-Origin: https://a.example\nVary: Origin\n"
                   "Access-Control-Allow-Methods: POST\nAccess-Control-Allow-Headers: X-One, X-Two\n"
                   "Access-Control-Allow-Credentials: true\n");
  foreign = lines_of (api, settings, GW_METHOD_POST,
                      "GET / HTTP/1.1\nHost: h\nOrigin: https://a.example.evil", NULL);
  g_assert_cmpstr (foreign, ==, "Vary: Origin\nAccess-Control-Allow-Methods: POST\n");
  g_strfreev (api->chain.cors_origins);
  api->chain.cors_origins = g_strsplit ("*", ",", -1);
  star = lines_of (api, settings, GW_METHOD_POST, OPTIONS, NULL);
  g_assert_cmpstr (star, ==, "Access-Control-Allow-Origin: *\nAccess-Control-Allow-Methods: POST\n");
  silent = lines_of (api, settings, GW_METHOD_DELETE, "GET / HTTP/1.1\nHost: h", NULL);
  g_assert_cmpstr (silent, ==, "Access-Control-Allow-Origin: *\n");
  /* A file's text cannot split the answer. */
  g_strfreev (api->chain.cors_headers);
  api->chain.cors_headers = g_strsplit ("X-A\r\nSet-Cookie: s=1", ",", -1);
  split = lines_of (api, settings, GW_METHOD_POST, OPTIONS, NULL);
  g_assert_nonnull (strstr (split, "Access-Control-Allow-Headers: X-A  Set-Cookie: s=1\n"));
}

static void
test_backend_goes_first (void)
{
  g_autoptr (GwApi) api = gw_test_api (FULL);
  const GwCorsSettings *settings = gw_cors_standard_settings (APIM_GATEWAY_2_6);
  g_autofree char *left
      = lines_of (api, settings, GW_METHOD_GET, "GET / HTTP/1.1\nHost: h",
                  "HTTP/1.1 200 OK\naccess-control-allow-origin: https://b\nAccess-Control-Allow-Headers: x"
                  "\nContent-Length: 0");

  g_assert_cmpstr (left, ==, "Access-Control-Allow-Methods: GET\n");
}

static void
test_off (void)
{
  g_autoptr (GwApi) api = gw_test_api (FULL);
  g_autoptr (GwApi) without = gw_test_api (GW_HANDLER_AUTHENTICATION);
  GwCorsSettings settings = *gw_cors_standard_settings (APIM_GATEWAY_2_6);
  g_autofree char *by_file = lines_of (without, &settings, GW_METHOD_GET, OPTIONS, NULL);
  g_autofree char *by_node = NULL;

  settings.enabled = FALSE;
  by_node = lines_of (api, &settings, GW_METHOD_GET, OPTIONS, NULL);
  g_assert_cmpstr (by_file, ==, "");
  g_assert_cmpstr (by_node, ==, "");
}

/* What a resource has kept is told again, and never to a node with other settings. */
static void
test_kept_lines (void)
{
  static const char *const other_headers[] = { "X-Other", NULL };
  const GwCorsSettings *settings = gw_cors_standard_settings (APIM_GATEWAY_2_6);
  GwCorsSettings other = *settings;
  g_autoptr (GwApi) api = gw_test_api (FULL);
  GwResource resource = { .methods = GW_METHOD_GET };
  const char *const request = "GET / HTTP/1.1\nHost: a";
  static const char expected[] = "Access-Control-Allow-Origin: *\nAccess-Control-Allow-Methods: GET\n"
                                 "Access-Control-Allow-Headers: authorization,Access-Control-Allow-Origin,"
                                 "Content-Type,SOAPAction\n";

  other.headers = other_headers;
  for (int i = 0; i < 3; i++)
    {
      const GwCorsSettings *asked = i == 1 ? &other : settings;
      NetBuffer headers = { 0 };
      g_autofree char *lines = NULL;

      gw_cors_append (api, asked, &resource, gw_test_request (request), NULL, &headers);
      lines = gw_test_take (&headers);
      if (i == 1)
        g_assert_cmpstr (lines, ==,
                         "Access-Control-Allow-Origin: *\nAccess-Control-Allow-Methods: GET\n"
                         "Access-Control-Allow-Headers: X-Other\n");
      else
        g_assert_cmpstr (lines, ==, expected);
    }
  g_free (resource.cors);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gw-cors/routes", test_routes);
  g_test_add_func ("/gw-cors/standard-values", test_standard_values);
  g_test_add_func ("/gw-cors/own-values", test_own_values);
  g_test_add_func ("/gw-cors/backend-goes-first", test_backend_goes_first);
  g_test_add_func ("/gw-cors/off", test_off);
  g_test_add_func ("/gw-cors/kept-lines", test_kept_lines);
  return g_test_run ();
}
