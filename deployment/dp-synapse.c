#include "config.h"
#include "deployment/dp-synapse-private.h"

#include "deployment/dp-endpoint.h"
#include "deployment/dp-handlers.h"
#include "deployment/dp-mediator.h"
#include "deployment/dp-names.h"

#include <string.h>

#define FAULT_NAMESPACE "http://wso2.org/apimanager"
#define BLOCKED_METHODS "GET POST PUT DELETE PATCH"

G_DEFINE_QUARK (dp-synapse-error-quark, dp_synapse_error)

const CoreEndpointSide *
dp_synapse_first_side (const CoreEndpointConfig *endpoints, ApimEnvironmentType type)
{
  if (type == APIM_ENVIRONMENT_PRODUCTION)
    return endpoints->production;
  if (type == APIM_ENVIRONMENT_SANDBOX)
    return endpoints->sandbox;
  return endpoints->production != NULL ? endpoints->production : endpoints->sandbox;
}

gboolean
dp_synapse_has_endpoint_files (const CoreApi *api, const CoreEndpointConfig *endpoints,
                               const DpSettings *settings)
{
  return settings->generation >= APIM_GATEWAY_2_5 && endpoints != NULL
         && endpoints->type != CORE_ENDPOINT_WSDL && g_strcmp0 (api->implementation, "INLINE") != 0
         && g_strcmp0 (api->status, "BLOCKED") != 0;
}

void
dp_synapse_write_fault (DpXml *xml, const char *code, const char *type, const char *message,
                        const char *description)
{
  dp_xml_begin (xml, "payloadFactory");
  dp_xml_attribute (xml, "media-type", "xml");
  dp_xml_begin (xml, "format");
  dp_xml_begin (xml, "am:fault");
  dp_xml_attribute (xml, "xmlns:am", FAULT_NAMESPACE);
  dp_xml_element (xml, "am:code", code);
  dp_xml_element (xml, "am:type", type);
  dp_xml_element (xml, "am:message", message);
  dp_xml_element (xml, "am:description", description);
  dp_xml_end (xml);
  dp_xml_end (xml);
  dp_xml_begin (xml, "args");
  dp_xml_end (xml);
  dp_xml_end (xml);
}

/* A template in the sense of RFC 6570, or a "*" elsewhere than at the end of a path: what a url-mapping
 * cannot say. */
static gboolean
is_template (const char *pattern)
{
  return strchr (pattern, '{') != NULL
         || (strchr (pattern, '*') != NULL && !g_str_has_suffix (pattern, "/*"));
}

void
dp_synapse_begin_resource (const DpSynapse *file, const char *pattern, const char *methods)
{
  const char *fault = file->api->fault_sequence;

  dp_xml_begin (file->xml, "resource");
  dp_xml_attribute (file->xml, is_template (pattern) ? "uri-template" : "url-mapping", pattern);
  dp_xml_attribute (file->xml, "methods", methods);
  dp_xml_attribute (file->xml, "faultSequence", fault != NULL ? fault : "fault");
}

/* The API's answer while it is blocked, to everybody. */
static void
write_blocked (const DpSynapse *file)
{
  DpXml *xml = file->xml;

  dp_synapse_begin_resource (file, "/*", BLOCKED_METHODS);
  dp_xml_begin (xml, "inSequence");
  dp_synapse_write_fault (
      xml, "700700", NULL, "API blocked",
      "This API has been blocked temporarily. Please try again later or contact the system "
      "administrators.");
  dp_mediator_property (xml, "HTTP_SC", "503", "axis2");
  dp_mediator_property (xml, "RESPONSE", "true", NULL);
  dp_mediator_remove (xml, "NO_ENTITY_BODY", "axis2");
  dp_mediator_answer (xml);
  dp_mediator_send (xml);
  dp_xml_end (xml);
  dp_xml_end (xml);
}

/* A key of the other type at a gateway of one type. */
static void
write_wrong_gateway (const DpSynapse *file)
{
  DpXml *xml = file->xml;

  dp_xml_begin (xml, "payloadFactory");
  dp_xml_attribute (xml, "media-type", "xml");
  dp_xml_begin (xml, "format");
  dp_xml_begin (xml, "error");
  dp_xml_attribute (xml, "xmlns", "");
  dp_xml_element (xml, "message",
                  file->type == APIM_ENVIRONMENT_PRODUCTION ? "Sandbox Key Provided for Production Gateway"
                                                            : "Production Key Provided for Sandbox Gateway");
  dp_xml_end (xml);
  dp_xml_end (xml);
  dp_xml_begin (xml, "args");
  dp_xml_end (xml);
  dp_xml_end (xml);
  dp_mediator_property (xml, "ContentType", "application/xml", "axis2");
  dp_mediator_property (xml, "RESPONSE", "true", NULL);
  dp_mediator_answer (xml);
  dp_mediator_property (xml, "HTTP_SC", "401", "axis2");
  dp_mediator_remove (xml, "NO_ENTITY_BODY", "axis2");
  dp_mediator_send (xml);
}

/* What a key of the other type than the first side's gets. */
static void
write_other_key (const DpSynapse *file, guint number)
{
  const CoreEndpointConfig *endpoints = file->endpoints;

  if (file->type != APIM_ENVIRONMENT_HYBRID)
    write_wrong_gateway (file);
  else if (endpoints->production != NULL && endpoints->sandbox != NULL)
    dp_synapse_write_send (file, TRUE, number);
  else
    {
      dp_xml_begin (file->xml, "sequence");
      dp_xml_attribute (file->xml, "key",
                        endpoints->production != NULL ? "_sandbox_key_error_" : "_production_key_error_");
      dp_xml_end (file->xml);
    }
}

/* The side that the key's type asks for. A prototype asks for no key, so it has the first one. */
static void
write_routing (const DpSynapse *file, guint number)
{
  gboolean sandbox = dp_synapse_first_side (file->endpoints, file->type) == file->endpoints->sandbox;
  DpXml *xml = file->xml;

  if (g_strcmp0 (file->api->status, "PROTOTYPED") == 0)
    {
      dp_synapse_write_send (file, sandbox, number);
      return;
    }
  dp_xml_begin (xml, "filter");
  dp_xml_attribute (xml, "source", "$ctx:AM_KEY_TYPE");
  dp_xml_attribute (xml, "regex", sandbox ? "SANDBOX" : "PRODUCTION");
  dp_xml_begin (xml, "then");
  dp_synapse_write_send (file, sandbox, number);
  dp_xml_end (xml);
  dp_xml_begin (xml, "else");
  write_other_key (file, number);
  dp_xml_end (xml);
  dp_xml_end (xml);
}

/* Looks a cached answer up, or with @collector keeps one. */
static void
write_cache (const DpSynapse *file, gboolean collector)
{
  g_autofree char *timeout = g_strdup_printf ("%u", file->api->cache_timeout_s);
  DpXml *xml = file->xml;

  if (!file->api->response_caching)
    return;
  dp_xml_begin (xml, "cache");
  dp_xml_attribute (xml, "scope", "per-host");
  dp_xml_attribute (xml, "collector", collector ? "true" : "false");
  if (!collector)
    {
      /* The mediator moved with the integration engine of 2.5. */
      dp_xml_attribute (xml, "hashGenerator",
                        file->settings->generation >= APIM_GATEWAY_2_5
                            ? "org.wso2.carbon.mediator.cache.digest.REQUESTHASHGenerator"
                            : "org.wso2.caching.digest.REQUESTHASHGenerator");
      dp_xml_attribute (xml, "timeout", timeout);
      dp_xml_begin (xml, "implementation");
      dp_xml_attribute (xml, "type", "memory");
      dp_xml_attribute (xml, "maxSize", "500");
      dp_xml_end (xml);
    }
  dp_xml_end (xml);
}

static void
write_resource (const DpSynapse *file, const char *pattern, const char *methods, guint number)
{
  DpXml *xml = file->xml;

  dp_synapse_begin_resource (file, pattern, methods);
  dp_xml_begin (xml, "inSequence");
  if (file->settings->generation < APIM_GATEWAY_2_0 && file->settings->backend_jwt)
    dp_mediator_class (xml, "org.wso2.carbon.apimgt.gateway.mediators.TokenPasser");
  write_cache (file, FALSE);
  dp_mediator_expression (xml, "api.ut.backendRequestTime", "get-property('SYSTEM_TIME')", NULL);
  write_routing (file, number);
  dp_xml_end (xml);
  dp_xml_begin (xml, "outSequence");
  dp_mediator_class (xml, dp_handlers_response_class (file->settings->generation));
  write_cache (file, TRUE);
  dp_mediator_send (xml);
  dp_xml_end (xml);
  dp_xml_end (xml);
}

/* One <resource> for all verbs of a pattern, where its first one stands. */
static void
write_resources (const DpSynapse *file)
{
  const GPtrArray *resources = file->api->resources;
  g_autoptr (GHashTable) methods = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) lists = g_ptr_array_new_with_free_func (g_free);
  guint number = 0;

  for (guint i = 0; i < resources->len; i++)
    {
      const CoreApiResource *resource = g_ptr_array_index (resources, i);
      const char *known = g_hash_table_lookup (methods, resource->url_pattern);

      g_ptr_array_add (lists, known != NULL ? g_strconcat (known, " ", resource->verb, NULL)
                                            : g_strdup (resource->verb));
      g_hash_table_insert (methods, resource->url_pattern, g_ptr_array_index (lists, lists->len - 1));
    }
  for (guint i = 0; i < resources->len; i++)
    {
      const CoreApiResource *resource = g_ptr_array_index (resources, i);
      const char *verbs = g_hash_table_lookup (methods, resource->url_pattern);

      if (verbs == NULL)
        continue;
      write_resource (file, resource->url_pattern, verbs, number++);
      g_hash_table_remove (methods, resource->url_pattern);
    }
}

/* Both transports are "" in the file. */
static const char *
transports_text (const CoreApi *api)
{
  guint n = api->transports != NULL ? g_strv_length (api->transports) : 0;

  return n == 1 ? api->transports[0] : "";
}

static gboolean
can_be_served (const DpSynapse *file, GError **error)
{
  const CoreApi *api = file->api;
  const char *why = NULL;

  if (g_strcmp0 (api->type, "WS") == 0)
    why = "it is a WebSocket API, which this version brings to no gateway";
  else if (g_strcmp0 (api->status, "BLOCKED") == 0)
    return TRUE;
  else if (api->resources->len == 0)
    why = "it has no resources: add one, such as GET /*";
  else if (g_strcmp0 (api->implementation, "INLINE") == 0)
    return TRUE;
  else if (file->endpoints == NULL || dp_synapse_first_side (file->endpoints, file->type) == NULL)
    why = "it has no endpoint for this environment: give it one";
  if (why == NULL)
    return TRUE;
  g_set_error (error, DP_SYNAPSE_ERROR, DP_SYNAPSE_ERROR_API, "the API %s-%s cannot be deployed: %s",
               api->name, api->version, why);
  return FALSE;
}

char *
dp_synapse_api (const CoreApi *api, const CoreEndpointConfig *endpoints, ApimEnvironmentType type,
                const DpSettings *settings, GError **error)
{
  g_autoptr (DpXml) xml = dp_xml_new ();
  g_autofree char *name = dp_name_api (api);
  g_autofree char *context = core_api_full_template (api);
  const DpSynapse file = { xml, api, endpoints, type, settings };

  if (!can_be_served (&file, error))
    return NULL;
  dp_xml_begin (xml, "api");
  dp_xml_attribute (xml, "name", name);
  dp_xml_attribute (xml, "context", context);
  dp_xml_attribute (xml, "version", api->version);
  dp_xml_attribute (xml, "transports", transports_text (api));
  dp_xml_attribute (xml, "version-type", "context");
  if (g_strcmp0 (api->status, "BLOCKED") == 0)
    write_blocked (&file);
  else if (g_strcmp0 (api->implementation, "INLINE") == 0)
    dp_synapse_write_prototype (&file);
  else
    write_resources (&file);
  dp_handlers_write (xml, api, settings);
  dp_xml_end (xml);
  return dp_xml_finish (xml, error);
}

char *
dp_synapse_endpoint (const CoreApi *api, const CoreEndpointConfig *endpoints, gboolean sandbox,
                     const DpSettings *settings, GError **error)
{
  g_autoptr (DpXml) xml = dp_xml_new ();
  g_autofree char *name = dp_name_endpoint (api, sandbox);

  dp_endpoint_write (xml, name, endpoints, sandbox ? endpoints->sandbox : endpoints->production,
                     settings->generation);
  return dp_xml_finish (xml, error);
}
