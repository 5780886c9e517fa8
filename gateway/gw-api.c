#include "config.h"
#include "gateway/gw-api.h"

#include <string.h>

guint
gw_method_parse (const char *name, gsize length)
{
  static const struct
  {
    const char *name;
    gsize length;
    guint bit;
  } methods[] = {
    { "GET", 3, GW_METHOD_GET },         { "POST", 4, GW_METHOD_POST },   { "PUT", 3, GW_METHOD_PUT },
    { "DELETE", 6, GW_METHOD_DELETE },   { "PATCH", 5, GW_METHOD_PATCH }, { "HEAD", 4, GW_METHOD_HEAD },
    { "OPTIONS", 7, GW_METHOD_OPTIONS },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (methods); i++)
    if (methods[i].length == length && memcmp (methods[i].name, name, length) == 0)
      return methods[i].bit;
  return 0;
}

static void
chain_clear (GwChain *chain)
{
  g_strfreev (chain->cors_headers);
  g_strfreev (chain->cors_origins);
  g_strfreev (chain->cors_methods);
  g_free (chain->authorization_header);
}

GwApi *
gw_api_new (void)
{
  GwApi *api = g_new0 (GwApi, 1);

  api->ref_count = 1;
  api->transports = GW_TRANSPORT_HTTP | GW_TRANSPORT_HTTPS;
  api->windows = g_new0 (GwCallWindows, 1);
  api->resources = g_ptr_array_new_with_free_func ((GDestroyNotify)gw_resource_free);
  return api;
}

GwApi *
gw_api_ref (GwApi *api)
{
  g_atomic_int_inc (&api->ref_count);
  return api;
}

void
gw_api_unref (GwApi *api)
{
  if (!g_atomic_int_dec_and_test (&api->ref_count))
    return;
  g_free (api->name);
  g_free (api->base_name);
  g_free (api->context);
  g_free (api->version);
  g_free (api->host);
  g_free (api->windows);
  chain_clear (&api->chain);
  for (guint i = 0; i < GW_API_N_EXTENSIONS; i++)
    {
      g_clear_pointer (&api->extension_in[i], gw_sequence_unref);
      g_clear_pointer (&api->extension_out[i], gw_sequence_unref);
    }
  g_ptr_array_unref (api->resources);
  g_free (api);
}

GwResource *
gw_resource_new (void)
{
  return g_new0 (GwResource, 1);
}

void
gw_resource_free (GwResource *resource)
{
  if (resource == NULL)
    return;
  gw_pattern_free (resource->pattern);
  g_clear_pointer (&resource->in, gw_sequence_unref);
  g_clear_pointer (&resource->out, gw_sequence_unref);
  g_free (resource->fault_sequence);
  g_clear_pointer (&resource->fault, gw_sequence_unref);
  g_free (resource);
}

/* The first resource of @kind that takes @methods (0: whatever it takes) and the path; of prefixes the one
 * with most segments, the first of equals. */
static const GwResource *
find_of_kind (const GwApi *api, GwPatternKind kind, guint methods, const char *path, gsize length,
              gsize query_length, GwVariables *variables)
{
  const GwResource *best = NULL;

  for (guint i = 0; i < api->resources->len; i++)
    {
      const GwResource *resource = g_ptr_array_index (api->resources, i);

      if (gw_pattern_kind (resource->pattern) != kind || (methods != 0 && (resource->methods & methods) == 0)
          || (best != NULL && gw_pattern_weight (resource->pattern) <= gw_pattern_weight (best->pattern))
          || !gw_pattern_matches (resource->pattern, path, length, query_length, variables))
        continue;
      best = resource;
      if (kind != GW_PATTERN_PREFIX)
        break;
    }
  return best;
}

static const GwResource *
find (const GwApi *api, guint methods, const char *path, gsize length, gsize query_length,
      GwVariables *variables)
{
  const GwResource *found = NULL;

  for (guint kind = 0; kind < GW_PATTERN_N_KINDS && found == NULL; kind++)
    found = find_of_kind (api, kind, methods, path, length, query_length, variables);
  return found;
}

GwFound
gw_api_find (const GwApi *api, guint method, const char *path, gsize length, gsize query_length,
             const GwResource **resource, GwVariables *variables)
{
  variables->n = 0;
  *resource = method != 0 ? find (api, method, path, length, query_length, variables) : NULL;
  if (*resource != NULL)
    return GW_FOUND;
  return find (api, 0, path, length, query_length, variables) != NULL ? GW_FOUND_OTHER_METHOD
                                                                      : GW_FOUND_NOTHING;
}
