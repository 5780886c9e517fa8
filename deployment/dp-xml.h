/* XML being written. What an API's provider typed goes through here and nowhere else into a gateway's file,
 * so no text can become markup: libxml2 escapes all of it, and a character that XML cannot hold makes the
 * whole document fail. Threads: one per document. */
#ifndef DP_XML_H
#define DP_XML_H

#include <glib.h>

G_BEGIN_DECLS

#define DP_XML_ERROR (dp_xml_error_quark ())
GQuark dp_xml_error_quark (void);
typedef enum
{
  DP_XML_ERROR_CHARACTER, /* a text holds what XML cannot: a control character, or bytes that are not UTF-8 */
} DpXmlError;

typedef struct _DpXml DpXml;

/* Begins with the XML declaration; the root element gets Synapse's namespace. */
DpXml *dp_xml_new (void);
void dp_xml_free (DpXml *xml);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DpXml, dp_xml_free)

/* Names of elements and attributes are ours, never an API's. */
void dp_xml_begin (DpXml *xml, const char *name);
void dp_xml_end (DpXml *xml);
/* Of the element that was begun last, before its content. @value NULL: no attribute. */
void dp_xml_attribute (DpXml *xml, const char *name, const char *value);
void dp_xml_text (DpXml *xml, const char *text);
/* <name>text</name>; @text NULL: nothing. */
void dp_xml_element (DpXml *xml, const char *name, const char *text);
/* @number < 0: nothing. */
void dp_xml_element_int (DpXml *xml, const char *name, gint64 number);

/* Ends the document. Free with g_free(); NULL with DP_XML_ERROR. The writer is used up. */
char *dp_xml_finish (DpXml *xml, GError **error);

G_END_DECLS
#endif
