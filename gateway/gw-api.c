#include "config.h"
#include "gateway/gw-api.h"

#include <string.h>

guint
gw_method_parse (const char *name, gsize length)
{
#define IS(literal) (length == sizeof literal - 1 && memcmp (name, "" literal, sizeof literal - 1) == 0)
  return IS ("GET")       ? GW_METHOD_GET
         : IS ("POST")    ? GW_METHOD_POST
         : IS ("PUT")     ? GW_METHOD_PUT
         : IS ("DELETE")  ? GW_METHOD_DELETE
         : IS ("PATCH")   ? GW_METHOD_PATCH
         : IS ("HEAD")    ? GW_METHOD_HEAD
         : IS ("OPTIONS") ? GW_METHOD_OPTIONS
                          : 0;
#undef IS
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
  g_free (api->keys);
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
  g_free (resource->cors);
  g_free (resource);
}

void
gw_api_add_resource (GwApi *api, GwResource *resource)
{
  const GwPattern *pattern = resource->pattern;
  GwResourceKey key = { gw_pattern_probe (pattern), (guint8)gw_pattern_kind (pattern), (guint8)resource->methods,
                        (guint16)gw_pattern_weight (pattern), resource };
  guint at = api->n_keys;

  g_ptr_array_add (api->resources, resource);
  api->keys = g_renew (GwResourceKey, api->keys, api->n_keys + 1);
  while (at > 0 && api->keys[at - 1].kind > key.kind)
    {
      api->keys[at] = api->keys[at - 1];
      at--;
    }
  api->keys[at] = key;
  api->n_keys++;
}

/* The first resource of the first kind that takes @methods (0: whatever it takes) and the path; of prefixes the one
 * with most segments, the first of equals. */
static const GwResource *
find (const GwApi *api, guint methods, const char *path, gsize length, gsize query_length, GwVariables *variables)
{
  const GwResourceKey *best = NULL;

  for (const GwResourceKey *key = api->keys; key < api->keys + api->n_keys; key++)
    {
      if (best != NULL && (key->kind != GW_PATTERN_PREFIX || best->kind != GW_PATTERN_PREFIX))
        break;
      if ((methods == 0 || (key->methods & methods) != 0) && (best == NULL || key->weight > best->weight)
          && gw_pattern_probe_fits (&key->probe, path, length)
          && gw_pattern_matches (key->resource->pattern, path, length, query_length, variables))
        best = key;
    }
  /* A template that fits in part leaves what it has seen. */
  if (best == NULL || best->kind != GW_PATTERN_TEMPLATE)
    variables->n = 0;
  return best != NULL ? best->resource : NULL;
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
