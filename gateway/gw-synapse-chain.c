/* <handlers> (spec/gateway-and-traffic-manager.md 1.1). */
#include "config.h"
#include "gateway/gw-synapse-private.h"

#include <string.h>

#define LARGEST_COUNT G_GINT64_CONSTANT (1000000000000)

/* The class, without its package: those moved between the releases. 0: unknown. */
static guint
handler_of_class (const char *name)
{
  static const struct
  {
    const char *name;
    guint handler;
  } classes[] = {
    { "APIMgtLatencyStatsHandler", GW_HANDLER_LATENCY },
    { "CORSRequestHandler", GW_HANDLER_CORS },
    { "APIAuthenticationHandler", GW_HANDLER_AUTHENTICATION },
    { "ThrottleHandler", GW_HANDLER_THROTTLE },
    { "APIThrottleHandler", GW_HANDLER_TIERS },
    { "APIMgtUsageHandler", GW_HANDLER_USAGE },
    { "APIMgtGoogleAnalyticsTrackingHandler", GW_HANDLER_GOOGLE_ANALYTICS },
    { "APIManagerExtensionHandler", GW_HANDLER_EXTENSION },
    { "SynapsePropertiesHandler", GW_HANDLER_SYNAPSE_PROPERTIES },
    { "APIManagerCacheExtensionHandler", GW_HANDLER_CACHE_EXTENSION },
  };
  const char *dot = strrchr (name, '.');

  if (dot == NULL || !g_str_has_prefix (name, "org.wso2.carbon.apimgt."))
    return 0;
  for (gsize i = 0; i < G_N_ELEMENTS (classes); i++)
    if (strcmp (dot + 1, classes[i].name) == 0)
      return classes[i].handler;
  return 0;
}

/* A list with commas. Free with g_strfreev(). */
static char **
split (const char *text)
{
  char **words = g_strsplit (text, ",", -1);

  for (char **word = words; *word != NULL; word++)
    g_strstrip (*word);
  return words;
}

static void
set_list (char ***list, const char *text)
{
  g_strfreev (*list);
  *list = split (text);
}

static gboolean
set_count (const GwSynapse *synapse, xmlNode *node, const char *text, gint64 *count, GError **error)
{
  if (g_ascii_string_to_signed (text, 10, 0, LARGEST_COUNT, count, NULL))
    return TRUE;
  return apim_xml_fail (synapse->xml, node, error, "is not a number of calls or milliseconds");
}

static gboolean
read_property (const GwSynapse *synapse, xmlNode *node, GwChain *chain, GError **error)
{
  g_autofree char *name = gw_synapse_attribute (node, "name");
  g_autofree char *value = gw_synapse_attribute (node, "value");

  if (name == NULL || value == NULL)
    return apim_xml_fail (synapse->xml, node, error, "needs a name and a value");
  if (strcmp (name, "allowHeaders") == 0)
    set_list (&chain->cors_headers, value);
  else if (strcmp (name, "allowedOrigins") == 0)
    set_list (&chain->cors_origins, value);
  else if (strcmp (name, "allowedMethods") == 0)
    set_list (&chain->cors_methods, value);
  else if (strcmp (name, "allowCredentials") == 0)
    {
      chain->has_cors_credentials = TRUE;
      chain->cors_credentials = g_ascii_strcasecmp (value, "true") == 0;
    }
  else if (g_ascii_strcasecmp (name, "authorizationHeader") == 0)
    {
      g_free (chain->authorization_header);
      chain->authorization_header = g_strdup (value);
    }
  else if (strcmp (name, "RemoveOAuthHeadersFromOutMessage") == 0)
    chain->keep_authorization_header = g_ascii_strcasecmp (value, "false") == 0;
  else if (strcmp (name, "productionMaxCount") == 0)
    return set_count (synapse, node, value, &chain->production_max, error);
  else if (strcmp (name, "sandboxMaxCount") == 0)
    return set_count (synapse, node, value, &chain->sandbox_max, error);
  else if (strcmp (name, "productionUnitTime") == 0)
    return set_count (synapse, node, value, &chain->production_unit_ms, error);
  else if (strcmp (name, "sandboxUnitTime") == 0)
    return set_count (synapse, node, value, &chain->sandbox_unit_ms, error);
  /* The others (apiImplementationType, inline, id, policyKey..., configKey) name what is decided elsewhere.
   */
  return TRUE;
}

static gboolean
read_handler (const GwSynapse *synapse, xmlNode *node, GwChain *chain, GError **error)
{
  g_autofree char *name = gw_synapse_attribute (node, "class");
  guint handler = name != NULL ? handler_of_class (name) : 0;

  if (handler == 0)
    return apim_xml_fail (synapse->xml, node, error,
                          "this gateway has no handler %s; the file is refused rather than half done",
                          name != NULL ? name : "without a class");
  if (handler == GW_HANDLER_EXTENSION && chain->handlers == 0)
    handler |= GW_HANDLER_EXTENSION_FIRST;
  chain->handlers |= handler;
  for (xmlNode *child = gw_synapse_next (node, NULL); child != NULL; child = gw_synapse_next (node, child))
    {
      if (!gw_synapse_is (child, "property"))
        return gw_synapse_refuse (synapse, child, error);
      if (!read_property (synapse, child, chain, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
gw_synapse_chain (const GwSynapse *synapse, xmlNode *node, GwChain *chain, GError **error)
{
  for (xmlNode *child = gw_synapse_next (node, NULL); child != NULL; child = gw_synapse_next (node, child))
    {
      if (!gw_synapse_is (child, "handler"))
        return gw_synapse_refuse (synapse, child, error);
      if (!read_handler (synapse, child, chain, error))
        return FALSE;
    }
  return TRUE;
}
