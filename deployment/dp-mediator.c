#include "config.h"
#include "deployment/dp-mediator.h"

#include <string.h>

static void
property (DpXml *xml, const char *name, const char *kind, const char *content, const char *scope)
{
  dp_xml_begin (xml, "property");
  dp_xml_attribute (xml, "name", name);
  dp_xml_attribute (xml, kind, content);
  dp_xml_attribute (xml, "scope", scope);
  dp_xml_end (xml);
}

void
dp_mediator_property (DpXml *xml, const char *name, const char *value, const char *scope)
{
  property (xml, name, "value", value, scope);
}

void
dp_mediator_expression (DpXml *xml, const char *name, const char *expression, const char *scope)
{
  property (xml, name, "expression", expression, scope);
}

void
dp_mediator_remove (DpXml *xml, const char *name, const char *scope)
{
  property (xml, name, "action", "remove", scope);
}

void
dp_mediator_answer (DpXml *xml)
{
  dp_xml_begin (xml, "header");
  dp_xml_attribute (xml, "name", "To");
  dp_xml_attribute (xml, "action", "remove");
  dp_xml_end (xml);
}

void
dp_mediator_class (DpXml *xml, const char *name)
{
  dp_xml_begin (xml, "class");
  dp_xml_attribute (xml, "name", name);
  dp_xml_end (xml);
}

void
dp_mediator_send (DpXml *xml)
{
  dp_xml_begin (xml, "send");
  dp_xml_end (xml);
}

char *
dp_xpath_literal (const char *text)
{
  g_autoptr (GString) literal = g_string_new (NULL);

  if (strchr (text, '\'') == NULL)
    return g_strdup_printf ("'%s'", text);
  /* XPath 1.0 has no escapes: pieces without single quotes, and single quotes in double ones. */
  for (const char *quote; (quote = strchr (text, '\'')) != NULL; text = quote + 1)
    g_string_append_printf (literal, "'%.*s',\"'\",", (int)(quote - text), text);
  g_string_append_printf (literal, "'%s'", text);
  return g_string_free (g_steal_pointer (&literal), FALSE);
}
