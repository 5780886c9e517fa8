/* Prototypes that answer by themselves: a script per resource, or 501
 * (spec/gateway-and-traffic-manager.md 5.3, T4). */
#include "config.h"
#include "deployment/dp-synapse-private.h"

#include "deployment/dp-mediator.h"

#include <string.h>

/* Takes the property @name from what the script set, else @standard. */
static void
write_choice (DpXml *xml, const char *from, const char *to, const char *standard)
{
  g_autofree char *is_set = g_strdup_printf ("boolean(get-property('%s'))", from);
  g_autofree char *value = g_strdup_printf ("get-property('%s')", from);

  dp_xml_begin (xml, "filter");
  dp_xml_attribute (xml, "source", is_set);
  dp_xml_attribute (xml, "regex", "false");
  dp_xml_begin (xml, "then");
  dp_mediator_property (xml, to, standard, "axis2");
  dp_xml_end (xml);
  dp_xml_begin (xml, "else");
  dp_mediator_expression (xml, to, value, "axis2");
  dp_xml_end (xml);
  dp_xml_end (xml);
}

static void
write_answer (DpXml *xml, const CoreApiResource *resource)
{
  if (resource->mediation_script == NULL || strcmp (resource->mediation_script, "null") == 0)
    dp_mediator_property (xml, "HTTP_SC", "501", "axis2");
  else
    {
      dp_xml_begin (xml, "script");
      dp_xml_attribute (xml, "language", "js");
      dp_xml_text (xml, resource->mediation_script);
      dp_xml_end (xml);
      write_choice (xml, "CONTENT_TYPE", "messageType", "application/xml");
      write_choice (xml, "HTTP_SC", "HTTP_SC", "200");
    }
  if (strcmp (resource->verb, "GET") == 0 || strcmp (resource->verb, "DELETE") == 0)
    dp_mediator_remove (xml, "NO_ENTITY_BODY", "axis2");
  dp_xml_begin (xml, "respond");
  dp_xml_end (xml);
}

/* Each verb has a script of its own, so each is a resource of its own. */
void
dp_synapse_write_prototype (const DpSynapse *file)
{
  for (guint i = 0; i < file->api->resources->len; i++)
    {
      const CoreApiResource *resource = g_ptr_array_index (file->api->resources, i);

      dp_synapse_begin_resource (file, resource->url_pattern, resource->verb);
      dp_xml_begin (file->xml, "inSequence");
      write_answer (file->xml, resource);
      dp_xml_end (file->xml);
      dp_xml_begin (file->xml, "outSequence");
      dp_mediator_send (file->xml);
      dp_xml_end (file->xml);
      dp_xml_end (file->xml);
    }
}
