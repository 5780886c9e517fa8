#include "config.h"
#include "deployment/dp-handlers.h"

#include <string.h>

#define GATEWAY "org.wso2.carbon.apimgt.gateway.handlers."
#define OLD_USAGE "org.wso2.carbon.apimgt.usage.publisher."

static void
begin (DpXml *xml, const char *class_name)
{
  dp_xml_begin (xml, "handler");
  dp_xml_attribute (xml, "class", class_name);
}

/* @value NULL: nothing. */
static void
property (DpXml *xml, const char *name, const char *value)
{
  if (value == NULL)
    return;
  dp_xml_begin (xml, "property");
  dp_xml_attribute (xml, "name", name);
  dp_xml_attribute (xml, "value", value);
  dp_xml_end (xml);
}

static void
list_property (DpXml *xml, const char *name, char **list)
{
  g_autofree char *text = core_api_list_to_text ((const char *const *)list, ",");

  property (xml, name, text);
}

static void
plain (DpXml *xml, const char *class_name)
{
  begin (xml, class_name);
  dp_xml_end (xml);
}

/* The header that carries the token; WSO2 up to 2.1 knows one only. */
static const char *
authorization_header (const CoreApi *api, const DpSettings *settings)
{
  if (settings->generation < APIM_GATEWAY_2_2)
    return NULL;
  return api->authorization_header != NULL ? api->authorization_header : settings->authorization_header;
}

static void
write_cors (DpXml *xml, const CoreApi *api, const DpSettings *settings)
{
  if (settings->generation >= APIM_GATEWAY_2_0 && !api->cors.enabled && !settings->cors)
    return;
  begin (xml, GATEWAY "security.CORSRequestHandler");
  property (xml, "apiImplementationType", api->implementation);
  if (api->cors.enabled && settings->generation >= APIM_GATEWAY_1_10)
    {
      list_property (xml, "allowHeaders", api->cors.allow_headers);
      list_property (xml, "allowedOrigins", api->cors.allow_origins);
      list_property (xml, "allowedMethods", api->cors.allow_methods);
      property (xml, "allowCredentials", api->cors.allow_credentials ? "true" : "false");
    }
  property (xml, "authorizationHeader", authorization_header (api, settings));
  dp_xml_end (xml);
}

static void
write_authentication (DpXml *xml, const CoreApi *api, const DpSettings *settings)
{
  begin (xml, GATEWAY "security.APIAuthenticationHandler");
  if (settings->generation >= APIM_GATEWAY_2_2)
    {
      property (xml, "AuthorizationHeader", authorization_header (api, settings));
      property (xml, "RemoveOAuthHeadersFromOutMessage", settings->removes_oauth_header ? "true" : "false");
    }
  dp_xml_end (xml);
}

static void
write_tps (DpXml *xml, const char *name, guint64 tps)
{
  g_autofree char *text = tps > 0 ? g_strdup_printf ("%" G_GUINT64_FORMAT, tps) : NULL;

  property (xml, name, text);
}

static void
write_throttling (DpXml *xml, const CoreApi *api, const DpSettings *settings)
{
  gboolean advanced = settings->generation >= APIM_GATEWAY_2_0 && settings->advanced_throttling;

  begin (xml, advanced ? GATEWAY "throttling.ThrottleHandler" : GATEWAY "throttling.APIThrottleHandler");
  if (!advanced)
    {
      property (xml, "id", "A");
      property (xml, "policyKey", "gov:/apimgt/applicationdata/tiers.xml");
      if (settings->generation >= APIM_GATEWAY_1_10)
        {
          property (xml, "policyKeyApplication", "gov:/apimgt/applicationdata/app-tiers.xml");
          property (xml, "policyKeyResource", "gov:/apimgt/applicationdata/res-tiers.xml");
        }
    }
  if (settings->generation >= APIM_GATEWAY_1_10)
    {
      write_tps (xml, "productionMaxCount", api->production_max_tps);
      write_tps (xml, "sandboxMaxCount", api->sandbox_max_tps);
    }
  dp_xml_end (xml);
}

static void
write_usage (DpXml *xml, const DpSettings *settings)
{
  gboolean moved = settings->generation >= APIM_GATEWAY_2_1;

  plain (xml, moved ? GATEWAY "analytics.APIMgtUsageHandler" : OLD_USAGE "APIMgtUsageHandler");
  if (!settings->google_analytics)
    return;
  begin (xml, moved ? GATEWAY "analytics.APIMgtGoogleAnalyticsTrackingHandler"
                    : OLD_USAGE "APIMgtGoogleAnalyticsTrackingHandler");
  property (xml, "configKey", "gov:/apimgt/statistics/ga-config.xml");
  dp_xml_end (xml);
}

const char *
dp_handlers_response_class (ApimGatewayGeneration generation)
{
  return generation >= APIM_GATEWAY_2_1 ? GATEWAY "analytics.APIMgtResponseHandler"
                                        : OLD_USAGE "APIMgtResponseHandler";
}

void
dp_handlers_write (DpXml *xml, const CoreApi *api, const DpSettings *settings)
{
  gboolean open = g_strcmp0 (api->status, "PROTOTYPED") == 0 || g_strcmp0 (api->status, "BLOCKED") == 0;

  dp_xml_begin (xml, "handlers");
  if (settings->generation >= APIM_GATEWAY_2_0)
    plain (xml, GATEWAY "common.APIMgtLatencyStatsHandler");
  write_cors (xml, api, settings);
  if (!open)
    {
      write_authentication (xml, api, settings);
      write_throttling (xml, api, settings);
      write_usage (xml, settings);
      plain (xml, GATEWAY "ext.APIManagerExtensionHandler");
    }
  dp_xml_end (xml);
}

void
dp_handlers_write_default (DpXml *xml, const DpSettings *settings)
{
  dp_xml_begin (xml, "handlers");
  plain (xml, GATEWAY "common.SynapsePropertiesHandler");
  if (settings->generation >= APIM_GATEWAY_2_0)
    {
      begin (xml, GATEWAY "security.CORSRequestHandler");
      property (xml, "apiImplementationType", "ENDPOINT");
      dp_xml_end (xml);
    }
  dp_xml_end (xml);
}
