#include "config.h"
#include "core/core-governance-xml.h"

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <string.h>

struct _CoreGovernanceXml
{
  xmlDoc *document;
};

static void
ignore_xml_error (void *data, xmlErrorPtr error)
{
}

/* Without network, entities and DTDs. */
static xmlDoc *
parse (const char *xml, gsize length)
{
  xmlParserCtxt *parser = xmlNewParserCtxt ();
  xmlDoc *document = NULL;

  if (parser == NULL)
    return NULL;
  xmlSetStructuredErrorFunc (parser, ignore_xml_error);
  document = xmlCtxtReadMemory (parser, xml, (int)length, NULL, NULL,
                                XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
  xmlSetStructuredErrorFunc (NULL, NULL);
  if (document != NULL && document->intSubset != NULL)
    g_clear_pointer (&document, xmlFreeDoc);
  xmlFreeParserCtxt (parser);
  return document;
}

CoreGovernanceXml *
core_governance_xml_parse (const char *xml, gsize length, gsize max)
{
  xmlDoc *document = length <= MIN (max, G_MAXINT) ? parse (xml, length) : NULL;
  xmlNode *root = document != NULL ? xmlDocGetRootElement (document) : NULL;
  CoreGovernanceXml *parsed;

  if (root == NULL || strcmp ((const char *)root->name, "metadata") != 0)
    {
      xmlFreeDoc (document);
      return NULL;
    }
  parsed = g_new0 (CoreGovernanceXml, 1);
  parsed->document = document;
  return parsed;
}

void
core_governance_xml_free (CoreGovernanceXml *xml)
{
  if (xml == NULL)
    return;
  xmlFreeDoc (xml->document);
  g_free (xml);
}

/* The first element of a group or the next one behind @field; NULL: there is none. */
static xmlNode *
next_field (xmlNode *node)
{
  while (node != NULL && node->type != XML_ELEMENT_NODE)
    node = node->next;
  return node;
}

typedef void (*FieldFunc) (const char *name, const char *text, gpointer data);

static void
each_field (const CoreGovernanceXml *xml, const char *group, FieldFunc func, gpointer data)
{
  for (xmlNode *node = next_field (xmlDocGetRootElement (xml->document)->children); node != NULL;
       node = next_field (node->next))
    for (xmlNode *field = strcmp ((const char *)node->name, group) == 0 ? next_field (node->children) : NULL;
         field != NULL; field = next_field (field->next))
      {
        xmlChar *text = xmlNodeGetContent (field);

        if (text != NULL)
          func ((const char *)field->name, (const char *)text, data);
        xmlFree (text);
      }
}

static void
add_first (const char *name, const char *text, gpointer data)
{
  if (!g_hash_table_contains (data, name))
    g_hash_table_insert (data, g_strdup (name), g_strdup (text));
}

GHashTable *
core_governance_xml_group (const CoreGovernanceXml *xml, const char *group)
{
  GHashTable *found = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  each_field (xml, group, add_first, found);
  return found;
}

typedef struct
{
  const char *field;
  GStrvBuilder *texts;
} Texts;

static void
add_text (const char *name, const char *text, gpointer data)
{
  Texts *texts = data;

  if (strcmp (name, texts->field) == 0)
    g_strv_builder_add (texts->texts, text);
}

char **
core_governance_xml_texts (const CoreGovernanceXml *xml, const char *group, const char *field)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  Texts texts = { field, builder };

  each_field (xml, group, add_text, &texts);
  return g_strv_builder_end (builder);
}
