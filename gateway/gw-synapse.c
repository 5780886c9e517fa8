#include "config.h"
#include "gateway/gw-synapse-private.h"

#include <string.h>

xmlNode *
gw_synapse_next (xmlNode *parent, xmlNode *previous)
{
  return previous != NULL ? xmlNextElementSibling (previous) : xmlFirstElementChild (parent);
}

gboolean
gw_synapse_is (const xmlNode *node, const char *name)
{
  return strcmp ((const char *)node->name, name) == 0;
}

char *
gw_synapse_attribute (xmlNode *node, const char *name)
{
  xmlChar *value = xmlGetNoNsProp (node, (const xmlChar *)name);
  char *copy = g_strdup ((const char *)value);

  xmlFree (value);
  return copy;
}

gboolean
gw_synapse_check_attributes (const GwSynapse *synapse, xmlNode *node, const char *const *known,
                             GError **error)
{
  static const char *const harmless[] = { "description", "id", "statistics", "trace", "type", NULL };

  for (const xmlAttr *attribute = node->properties; attribute != NULL; attribute = attribute->next)
    {
      const char *name = (const char *)attribute->name;

      if (!g_strv_contains (known, name) && !g_strv_contains (harmless, name))
        return apim_xml_fail (synapse->xml, node, error,
                              "this gateway does not know what the attribute \"%s\" means", name);
    }
  return TRUE;
}

char *
gw_synapse_text (xmlNode *node)
{
  xmlChar *content = xmlNodeGetContent (node);
  char *text = g_strstrip (g_strdup ((const char *)content));

  xmlFree (content);
  return text;
}

gboolean
gw_synapse_number (const GwSynapse *synapse, xmlNode *node, gint64 least, gint64 most, gint64 *number,
                   GError **error)
{
  g_autofree char *text = gw_synapse_text (node);

  if (g_ascii_string_to_signed (text, 10, least, most, number, NULL))
    return TRUE;
  return apim_xml_fail (synapse->xml, node, error,
                        "is not a number from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT, least, most);
}

gboolean
gw_synapse_refuse (const GwSynapse *synapse, xmlNode *node, GError **error)
{
  return apim_xml_fail (synapse->xml, node, error,
                        "this gateway does not run <%s>; the file is refused rather than half done",
                        node->name);
}

void
gw_synapse_note (const GwSynapse *synapse, xmlNode *node, const char *format, ...)
{
  g_autofree char *place = NULL, *what = NULL;
  va_list args;

  if (synapse->notes == NULL)
    return;
  va_start (args, format);
  what = g_strdup_vprintf (format, args);
  va_end (args);
  place = apim_xml_place (synapse->xml, node);
  g_ptr_array_add (synapse->notes, g_strdup_printf ("%s: %s", place, what));
}

ApimXml *
gw_synapse_parse (const char *label, const char *bytes, gsize length, const char *root, GError **error)
{
  g_autoptr (ApimXml) xml = apim_xml_parse (label, bytes, length, error);
  xmlNode *found;

  if (xml == NULL)
    return NULL;
  found = xmlDocGetRootElement (xml->document);
  if (gw_synapse_is (found, root))
    return g_steal_pointer (&xml);
  apim_xml_fail (xml, found, error, "the file's element is not <%s>", root);
  return NULL;
}

GwEndpoint *
gw_synapse_read_endpoint (const char *label, const char *bytes, gsize length, const GwSynapseKeys *keys,
                          GError **error)
{
  g_autoptr (ApimXml) xml = gw_synapse_parse (label, bytes, length, "endpoint", error);
  GwSynapse synapse = { .xml = xml, .keys = keys };
  g_autoptr (GwEndpoint) endpoint = NULL;

  if (xml == NULL)
    return NULL;
  endpoint = gw_synapse_endpoint (&synapse, xmlDocGetRootElement (xml->document), error);
  if (endpoint != NULL && endpoint->name == NULL)
    {
      apim_xml_fail (xml, xmlDocGetRootElement (xml->document), error, "has no name, so no API can name it");
      return NULL;
    }
  return g_steal_pointer (&endpoint);
}

GwSequence *
gw_synapse_read_sequence (const char *label, const char *bytes, gsize length, const GwSynapseKeys *keys,
                          char **name, GPtrArray *notes, GError **error)
{
  static const char *const known[] = { "name", "onError", "xmlns", NULL };
  g_autoptr (ApimXml) xml = gw_synapse_parse (label, bytes, length, "sequence", error);
  GwSynapse synapse = { .xml = xml, .keys = keys, .notes = notes };
  xmlNode *root;

  *name = NULL;
  if (xml == NULL)
    return NULL;
  root = xmlDocGetRootElement (xml->document);
  if (!gw_synapse_check_attributes (&synapse, root, known, error))
    return NULL;
  *name = gw_synapse_attribute (root, "name");
  if (*name == NULL)
    {
      apim_xml_fail (xml, root, error, "has no name, so nothing can name it");
      return NULL;
    }
  return gw_synapse_sequence (&synapse, root, error);
}
