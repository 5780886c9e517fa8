/* Which resource of an API a path is held to: the one that a plain reading of the order of patterns finds, whatever is left
 * out of looking at by the first bytes; and an OPTIONS request reaches the backend only by a resource that declares it, or
 * where nothing is asked of callers.
 *
 * The input is lines: the method, the method that a browser will ask next, the path with its query, then a resource each: "e"
 * or "t" for url-mapping or uri-template, the letters of its methods, and the pattern. */
#include "config.h"
#include "gateway/gw-cors.h"
#include "net/net-http-path.h"
#include "tests/fuzz/replay.h"

#include <string.h>

#define MAX_RESOURCES 12

static guint
methods_of (const char *letters)
{
  guint methods = 0;

  for (; *letters != '\0'; letters++)
    methods |= *letters == 'g'   ? GW_METHOD_GET
               : *letters == 'p' ? GW_METHOD_POST
               : *letters == 'o' ? GW_METHOD_OPTIONS
                                 : 0;
  return methods;
}

static void
add_resource (GwApi *api, const char *line)
{
  g_auto (GStrv) words = g_strsplit (line, " ", 3);
  GwResource *resource;
  GwPattern *pattern;

  if (g_strv_length (words) < 3 || methods_of (words[1]) == 0)
    return;
  pattern = *words[0] == 't' ? gw_pattern_new_template (words[2], NULL) : gw_pattern_new_mapping (words[2], NULL);
  if (pattern == NULL)
    return;
  resource = gw_resource_new ();
  resource->pattern = pattern;
  resource->methods = methods_of (words[1]);
  gw_api_add_resource (api, resource);
}

/* The order of gw-pattern.h, without any haste. */
static const GwResource *
find_plainly (const GwApi *api, guint methods, const char *path, gsize length, gsize query_length)
{
  const GwResource *best = NULL;
  GwVariables variables;

  for (guint kind = 0; kind < GW_PATTERN_N_KINDS && best == NULL; kind++)
    for (guint i = 0; i < api->resources->len; i++)
      {
        const GwResource *resource = api->resources->pdata[i];

        if ((guint) gw_pattern_kind (resource->pattern) != kind || (resource->methods & methods) == 0
            || !gw_pattern_matches (resource->pattern, path, length, query_length, &variables))
          continue;
        if (best == NULL
            || (kind == GW_PATTERN_PREFIX && gw_pattern_weight (resource->pattern) > gw_pattern_weight (best->pattern)))
          best = resource;
      }
  return best;
}

static void
check (const GwApi *api, const NetHttpRequest *request, const char *path, gsize length, gsize query_length)
{
  guint method = gw_method_parse (request->method.text, request->method.length), status = 0;
  const GwResource *resource = NULL, *found = NULL;
  GwVariables variables;
  GwCorsRoute route = gw_cors_route (api, APIM_GATEWAY_2_6, request, path, length, query_length, &resource, &variables, &status);

  if (method != 0)
    {
      gw_api_find (api, method, path, length, query_length, &found, &variables);
      g_assert_true (found == find_plainly (api, method, path, length, query_length));
    }
  if (route != GW_CORS_PASS)
    {
      g_assert_true (method == GW_METHOD_OPTIONS || found == NULL);
      return;
    }
  g_assert_nonnull (resource);
  if (method != GW_METHOD_OPTIONS)
    g_assert_true (resource == found);
  else
    g_assert_true ((resource->methods & GW_METHOD_OPTIONS) != 0
                   || (api->chain.handlers & (GW_HANDLER_CORS | GW_HANDLER_AUTHENTICATION)) == 0);
}

static void
try_path (GwApi *api, char **lines)
{
  static NetHttpRequest request;
  const char *path = lines[2];
  gsize length = strcspn (path, "?");

  if (*path != '/' || net_http_path_is_tricky ((NetHttpText){ path, length }))
    return;
  memset (&request, 0, sizeof request);
  request.method = (NetHttpText){ lines[0], strlen (lines[0]) };
  if (*lines[1] != '\0')
    {
      request.n_headers = 1;
      request.headers[0].name = (NetHttpText){ "Access-Control-Request-Method", 29 };
      request.headers[0].value = (NetHttpText){ lines[1], strlen (lines[1]) };
    }
  for (guint handlers = 0; handlers < 4; handlers++)
    {
      api->chain.handlers = ((handlers & 1) != 0 ? GW_HANDLER_CORS : 0) | ((handlers & 2) != 0 ? GW_HANDLER_AUTHENTICATION : 0);
      check (api, &request, path, length, strlen (path) - length);
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_auto (GStrv) lines = g_strsplit (text, "\n", MAX_RESOURCES + 4);
  guint n = g_strv_length (lines);
  g_autoptr (GwApi) api = NULL;

  if (n < 4)
    return 0;
  api = gw_api_new ();
  for (guint i = 3; i < n && i < MAX_RESOURCES + 3; i++)
    add_resource (api, lines[i]);
  if (api->resources->len > 0) /* as every file has one */
    try_path (api, lines);
  return 0;
}
