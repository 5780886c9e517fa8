/* The version-less file of a default version (spec/gateway-and-traffic-manager.md 1.2, 5.3, T3): the call
 * goes back to the gateway itself with the version in its path, and marked, so that it cannot come round
 * again. */
#include "config.h"
#include "deployment/dp-synapse-private.h"

#include "deployment/dp-handlers.h"
#include "deployment/dp-mediator.h"
#include "deployment/dp-names.h"

#include <string.h>

#define ALL_METHODS "POST PATCH GET DELETE HEAD PUT OPTIONS"
#define TIMEOUT_MS 60000

/* "/weather" of "/weather/{version}". A version elsewhere in the context leaves nothing but one slash in its
 * place. */
static char *
context_without_version (const CoreApi *api)
{
  g_autofree char *template = core_api_full_template (api);
  g_auto (GStrv) parts = g_strsplit (template, "{version}", -1);
  g_autofree char *joined = g_strjoinv ("", parts);
  g_autoptr (GString) context = g_string_new (joined);

  g_string_replace (context, "//", "/", 0);
  if (context->len > 1 && context->str[context->len - 1] == '/')
    g_string_truncate (context, context->len - 1);
  return g_string_free (g_steal_pointer (&context), FALSE);
}

/* A call that was here before: somebody's context leads back to this file. */
static void
write_recursion (DpXml *xml)
{
  dp_xml_begin (xml, "log");
  dp_xml_attribute (xml, "level", "custom");
  dp_mediator_property (xml, "STATUS",
                        "Faulty invoking through default API.Dropping message to avoid recursion..", NULL);
  dp_xml_end (xml);
  dp_synapse_write_fault (xml, "500", "Status report", "Internal Server Error",
                          "Faulty invoking through default API");
  dp_mediator_property (xml, "HTTP_SC", "500", "axis2");
  dp_mediator_property (xml, "RESPONSE", "true", NULL);
  dp_mediator_answer (xml);
  dp_mediator_remove (xml, "NO_ENTITY_BODY", "axis2");
  dp_mediator_remove (xml, "ContentType", "axis2");
  dp_mediator_remove (xml, "Authorization", "transport");
  dp_mediator_remove (xml, "Host", "transport");
  dp_mediator_remove (xml, "Accept", "transport");
  dp_mediator_send (xml);
}

static void
write_forwarding (DpXml *xml, const CoreApi *api)
{
  g_autofree char *context = core_api_context (api);
  gboolean https = api->transports != NULL && api->transports[0] != NULL && api->transports[1] == NULL
                   && strcmp (api->transports[0], "https") == 0;
  g_autofree char *url
      = g_strdup_printf ("http%s://localhost:{uri.var.portnum}%s", https ? "s" : "", context);

  dp_xml_begin (xml, "header");
  dp_xml_attribute (xml, "name", "WSO2_AM_API_DEFAULT_VERSION");
  dp_xml_attribute (xml, "scope", "transport");
  dp_xml_attribute (xml, "value", "true");
  dp_xml_end (xml);
  dp_mediator_expression (xml, "uri.var.portnum",
                          https ? "get-property('https.nio.port')" : "get-property('http.nio.port')", NULL);
  dp_xml_begin (xml, "send");
  dp_xml_begin (xml, "endpoint");
  dp_xml_begin (xml, "http");
  dp_xml_attribute (xml, "uri-template", url);
  dp_xml_begin (xml, "timeout");
  dp_xml_element_int (xml, "duration", TIMEOUT_MS);
  dp_xml_element (xml, "responseAction", "fault");
  dp_xml_end (xml);
  dp_xml_begin (xml, "suspendOnFailure");
  dp_xml_element (xml, "errorCodes", "-1");
  dp_xml_element_int (xml, "initialDuration", 0);
  dp_xml_element (xml, "progressionFactor", "1.0");
  dp_xml_end (xml);
  dp_xml_begin (xml, "markForSuspension");
  dp_xml_element (xml, "errorCodes", "-1");
  dp_xml_end (xml);
  dp_xml_end (xml);
  dp_xml_end (xml);
  dp_xml_end (xml);
}

char *
dp_synapse_default_api (const CoreApi *api, const DpSettings *settings, GError **error)
{
  g_autoptr (DpXml) xml = dp_xml_new ();
  g_autofree char *name = dp_name_api (api);
  g_autofree char *context = context_without_version (api);
  guint n_transports = api->transports != NULL ? g_strv_length (api->transports) : 0;

  dp_xml_begin (xml, "api");
  dp_xml_attribute (xml, "name", name);
  dp_xml_attribute (xml, "context", context);
  dp_xml_attribute (xml, "transports", n_transports == 1 ? api->transports[0] : "");
  dp_xml_begin (xml, "resource");
  dp_xml_attribute (xml, "url-mapping", "/*");
  dp_xml_attribute (xml, "methods", ALL_METHODS);
  dp_xml_attribute (xml, "faultSequence", "fault");
  dp_xml_begin (xml, "inSequence");
  dp_mediator_expression (xml, "isDefault", "$trp:WSO2_AM_API_DEFAULT_VERSION", NULL);
  dp_xml_begin (xml, "filter");
  dp_xml_attribute (xml, "source", "$ctx:isDefault");
  dp_xml_attribute (xml, "regex", "true");
  dp_xml_begin (xml, "then");
  write_recursion (xml);
  dp_xml_end (xml);
  dp_xml_begin (xml, "else");
  write_forwarding (xml, api);
  dp_xml_end (xml);
  dp_xml_end (xml);
  dp_xml_end (xml);
  dp_xml_begin (xml, "outSequence");
  dp_mediator_send (xml);
  dp_xml_end (xml);
  dp_xml_end (xml);
  dp_handlers_write_default (xml, settings);
  dp_xml_end (xml);
  return dp_xml_finish (xml, error);
}
