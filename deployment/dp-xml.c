#include "config.h"
#include "deployment/dp-xml.h"

#include <libxml/chvalid.h>
#include <libxml/xmlwriter.h>
#include <string.h>

G_DEFINE_QUARK (dp-xml-error-quark, dp_xml_error)

struct _DpXml
{
  xmlBuffer *buffer;
  xmlTextWriter *writer;
  gboolean begun; /* the root element is */
  gboolean bad;   /* a text could not be written */
};

/* Of Synapse's configuration files. */
#define NAMESPACE "http://ws.apache.org/ns/synapse"
#define TEXT(text) ((const xmlChar *)(text))

DpXml *
dp_xml_new (void)
{
  DpXml *xml = g_new0 (DpXml, 1);

  xml->buffer = xmlBufferCreate ();
  xml->writer = xmlNewTextWriterMemory (xml->buffer, 0);
  if (xml->writer == NULL)
    g_error ("out of memory");
  xmlTextWriterSetIndent (xml->writer, 1);
  xmlTextWriterSetIndentString (xml->writer, TEXT ("  "));
  xmlTextWriterStartDocument (xml->writer, NULL, "UTF-8", NULL);
  return xml;
}

void
dp_xml_free (DpXml *xml)
{
  if (xml == NULL)
    return;
  xmlFreeTextWriter (xml->writer);
  xmlBufferFree (xml->buffer);
  g_free (xml);
}

void
dp_xml_begin (DpXml *xml, const char *name)
{
  xmlTextWriterStartElement (xml->writer, TEXT (name));
  if (!xml->begun)
    xmlTextWriterWriteAttribute (xml->writer, TEXT ("xmlns"), TEXT (NAMESPACE));
  xml->begun = TRUE;
}

void
dp_xml_end (DpXml *xml)
{
  xmlTextWriterEndElement (xml->writer);
}

/* libxml2 would write such a text as it is, and whoever reads the file would refuse it. */
static gboolean
can_be_written (DpXml *xml, const char *text)
{
  gboolean good = g_utf8_validate (text, -1, NULL);

  for (const char *at = text; good && *at != '\0'; at = g_utf8_next_char (at))
    good = xmlIsCharQ (g_utf8_get_char (at));
  xml->bad |= !good;
  return good;
}

void
dp_xml_attribute (DpXml *xml, const char *name, const char *value)
{
  if (value != NULL && can_be_written (xml, value))
    xmlTextWriterWriteAttribute (xml->writer, TEXT (name), TEXT (value));
}

void
dp_xml_text (DpXml *xml, const char *text)
{
  if (can_be_written (xml, text))
    xmlTextWriterWriteString (xml->writer, TEXT (text));
}

void
dp_xml_element (DpXml *xml, const char *name, const char *text)
{
  if (text == NULL)
    return;
  dp_xml_begin (xml, name);
  dp_xml_text (xml, text);
  dp_xml_end (xml);
}

void
dp_xml_element_int (DpXml *xml, const char *name, gint64 number)
{
  char text[24];

  if (number < 0)
    return;
  g_snprintf (text, sizeof text, "%" G_GINT64_FORMAT, number);
  dp_xml_element (xml, name, text);
}

char *
dp_xml_finish (DpXml *xml, GError **error)
{
  xmlTextWriterEndDocument (xml->writer);
  xmlTextWriterFlush (xml->writer);
  if (!xml->bad)
    return g_strndup ((const char *)xmlBufferContent (xml->buffer), (gsize)xmlBufferLength (xml->buffer));
  g_set_error_literal (
      error, DP_XML_ERROR, DP_XML_ERROR_CHARACTER,
      "a text of the API holds a control character or bytes that are not UTF-8, which no gateway can "
      "read: remove it from the API");
  return NULL;
}
