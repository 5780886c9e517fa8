#include "config.h"
#include "deployment/dp-endpoint.h"

#include <string.h>

/* The template of 2.2 began to write a time-out's action where nothing is said: without one, Synapse drops
 * the waiting call in silence. */
static const char *
timeout_action (const CoreEndpoint *endpoint, ApimGatewayGeneration generation)
{
  switch (endpoint->timeout)
    {
    case CORE_ENDPOINT_TIMEOUT_FAULT:
      return "fault";
    case CORE_ENDPOINT_TIMEOUT_DISCARD:
      return "discard";
    case CORE_ENDPOINT_TIMEOUT_NEVER:
      return NULL;
    case CORE_ENDPOINT_TIMEOUT_STANDARD:
    default:
      return generation >= APIM_GATEWAY_2_2 ? "fault" : NULL;
    }
}

static void
write_timeout (DpXml *xml, const CoreEndpoint *endpoint, ApimGatewayGeneration generation)
{
  const char *action = timeout_action (endpoint, generation);

  if (endpoint->timeout == CORE_ENDPOINT_TIMEOUT_NEVER || (action == NULL && endpoint->timeout_ms < 0))
    return;
  dp_xml_begin (xml, "timeout");
  dp_xml_element_int (xml, "duration", endpoint->timeout_ms);
  dp_xml_element (xml, "responseAction", action);
  dp_xml_end (xml);
}

/* An initial duration of 0 means: never suspend. Synapse says that with the error code -1 in both blocks. */
static void
write_suspension (DpXml *xml, const CoreEndpoint *endpoint)
{
  gboolean never = endpoint->suspend_ms == 0;

  dp_xml_begin (xml, "suspendOnFailure");
  dp_xml_element (xml, "errorCodes", never ? "-1" : endpoint->suspend_error_codes);
  dp_xml_element_int (xml, "initialDuration", endpoint->suspend_ms);
  dp_xml_element_int (xml, "maximumDuration", never ? 0 : endpoint->suspend_max_ms);
  dp_xml_element (xml, "progressionFactor",
                  never || endpoint->suspend_factor == NULL ? "1.0" : endpoint->suspend_factor);
  dp_xml_end (xml);

  dp_xml_begin (xml, "markForSuspension");
  dp_xml_element (xml, "errorCodes", never ? "-1" : endpoint->retry_error_codes);
  dp_xml_element_int (xml, "retriesBeforeSuspension", never ? 0 : MAX (endpoint->retries, 0));
  dp_xml_element_int (xml, "retryDelay", never ? 0 : MAX (endpoint->retry_delay_ms, 0));
  dp_xml_end (xml);
}

static void
write_behaviour (DpXml *xml, const CoreEndpoint *endpoint, ApimGatewayGeneration generation)
{
  write_timeout (xml, endpoint, generation);
  write_suspension (xml, endpoint);
}

static void
write_destination (DpXml *xml, const CoreEndpoint *endpoint)
{
  dp_xml_begin (xml, "property");
  dp_xml_attribute (xml, "name", "ENDPOINT_ADDRESS");
  dp_xml_attribute (xml, "value", endpoint->url);
  dp_xml_end (xml);
}

static void
write_one (DpXml *xml, const char *name, const CoreEndpoint *endpoint, ApimGatewayGeneration generation)
{
  dp_xml_begin (xml, "endpoint");
  dp_xml_attribute (xml, "name", name);
  dp_xml_begin (xml, endpoint->is_address ? "address" : "http");
  dp_xml_attribute (xml, endpoint->is_address ? "uri" : "uri-template", endpoint->url);
  if (endpoint->is_address)
    {
      dp_xml_attribute (xml, "format", endpoint->format);
      dp_xml_attribute (xml, "optimize", endpoint->optimize);
    }
  write_behaviour (xml, endpoint, generation);
  dp_xml_end (xml);
  write_destination (xml, endpoint);
  dp_xml_end (xml);
}

static void
write_wsdl (DpXml *xml, const char *name, const CoreEndpointSide *side, ApimGatewayGeneration generation)
{
  const CoreEndpoint *endpoint = g_ptr_array_index (side->endpoints, 0);

  dp_xml_begin (xml, "endpoint");
  dp_xml_attribute (xml, "name", name);
  dp_xml_begin (xml, "wsdl");
  dp_xml_attribute (xml, "uri", endpoint->url);
  dp_xml_attribute (xml, "service", side->wsdl_service);
  dp_xml_attribute (xml, "port", side->wsdl_port);
  write_behaviour (xml, endpoint, generation);
  dp_xml_end (xml);
  write_destination (xml, endpoint);
  dp_xml_end (xml);
}

static void
write_default (DpXml *xml, const char *name, const CoreEndpoint *endpoint, ApimGatewayGeneration generation)
{
  dp_xml_begin (xml, "endpoint");
  dp_xml_attribute (xml, "name", name);
  dp_xml_begin (xml, "default");
  write_behaviour (xml, endpoint, generation);
  dp_xml_end (xml);
  dp_xml_end (xml);
}

static void
write_session (DpXml *xml, const CoreEndpointConfig *config)
{
  if (config->type != CORE_ENDPOINT_LOAD_BALANCE || config->session_type == NULL)
    return;
  dp_xml_begin (xml, "session");
  dp_xml_attribute (xml, "type", config->session_type);
  dp_xml_element_int (xml, "sessionTimeout", config->session_timeout);
  dp_xml_end (xml);
}

static void
write_group (DpXml *xml, const char *name, const CoreEndpointConfig *config, const CoreEndpointSide *side,
             ApimGatewayGeneration generation)
{
  dp_xml_begin (xml, "endpoint");
  dp_xml_attribute (xml, "name", name);
  write_session (xml, config);
  if (config->type == CORE_ENDPOINT_FAILOVER)
    dp_xml_begin (xml, "failover");
  else
    {
      dp_xml_begin (xml, "loadbalance");
      dp_xml_attribute (xml, "algorithm", config->algorithm);
      dp_xml_attribute (xml, "failover", config->tries_others ? NULL : "false");
    }
  for (guint i = 0; i < side->endpoints->len; i++)
    {
      g_autofree char *child = g_strdup_printf ("%s_%u", name, i);

      write_one (xml, child, g_ptr_array_index (side->endpoints, i), generation);
    }
  dp_xml_end (xml);
  dp_xml_end (xml);
}

void
dp_endpoint_write (DpXml *xml, const char *name, const CoreEndpointConfig *config,
                   const CoreEndpointSide *side, ApimGatewayGeneration generation)
{
  switch (config->type)
    {
    case CORE_ENDPOINT_WSDL:
      write_wsdl (xml, name, side, generation);
      break;
    case CORE_ENDPOINT_DEFAULT:
      write_default (xml, name, g_ptr_array_index (side->endpoints, 0), generation);
      break;
    case CORE_ENDPOINT_LOAD_BALANCE:
    case CORE_ENDPOINT_FAILOVER:
      write_group (xml, name, config, side, generation);
      break;
    case CORE_ENDPOINT_HTTP:
    case CORE_ENDPOINT_ADDRESS:
    default:
      write_one (xml, name, g_ptr_array_index (side->endpoints, 0), generation);
      break;
    }
}
