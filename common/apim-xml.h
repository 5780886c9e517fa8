/* Reads one configuration file of the home and remembers where each value stands, so that every complaint names file,
 * line, element and reason:
 *   repository/conf/api-manager.xml:12: APIKeyValidator/ThriftServerPort: "banana" is not a port number (1-65535)
 *
 * What is refused: a file over 4 MiB, XML that is not well-formed, and any DOCTYPE (so neither entities that read
 * files nor entities that grow). Nothing is ever fetched. Elements are matched by local name: carbon.xml has a
 * namespace, most have not. Messages never quote the file's text beyond a value that was read as a number, a name or
 * a choice.
 *
 * Getters: a missing element leaves *value as it is and succeeds, so set the default first. The first of several
 * elements of one name counts, as it does for WSO2.
 *
 * For common/ and its tests, and for gateway/, whose files are XML, too. Threads: immutable after apim_xml_set_variables(). */
#ifndef APIM_XML_H
#define APIM_XML_H

#include <glib.h>
#include <libxml/tree.h>

G_BEGIN_DECLS

#define APIM_XML_FILE_MAX (4 * 1024 * 1024)
#define APIM_XML_VALUE_MAX 8192 /* bytes of one value */

typedef struct
{
  char *label;           /* the file as messages name it: its path below the home */
  xmlDoc *document;      /* NULL: the file is missing; every element is */
  GHashTable *variables; /* nullable; name -> text of ${name} in values */
} ApimXml;

/* One word of a choice. A table of them ends with { NULL, 0 }. */
typedef struct
{
  const char *word;
  int value;
} ApimXmlChoice;

/* @bytes NULL: the file is missing. NULL with APIM_CONFIG_ERROR_SYNTAX. */
ApimXml *apim_xml_parse (const char *label, const char *bytes, gsize length, GError **error);
/* @label: the path below @home. A missing file is an empty one. NULL with APIM_CONFIG_ERROR. */
ApimXml *apim_xml_load (const char *home, const char *label, GError **error);
void apim_xml_free (ApimXml *xml);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ApimXml, apim_xml_free)

/* @variables: what ${...} stands for from now on; a name that is not in it stays as it is written. */
void apim_xml_set_variables (ApimXml *xml, GHashTable *variables);

/* The first element at @path ("Ports/Offset") below @from (NULL: the root element). "Property[dataSource]" asks for the
 * attribute name="dataSource". (transfer none) (nullable) */
xmlNode *apim_xml_find (const ApimXml *xml, xmlNode *from, const char *path);
/* The next element beside @node with its name; NULL after the last. */
xmlNode *apim_xml_next (xmlNode *node);
/* "FILE:LINE: PATH", for messages. Free with g_free(). */
char *apim_xml_place (const ApimXml *xml, xmlNode *node);
/* The element's own text, trimmed, ${...} replaced. NULL with @error: the text is too long. */
char *apim_xml_node_text (const ApimXml *xml, xmlNode *node, GError **error);
/* Sets @error to "FILE:LINE: PATH: reason". Always FALSE. */
gboolean apim_xml_fail (const ApimXml *xml, xmlNode *node, GError **error, const char *format, ...)
    G_GNUC_PRINTF (4, 5);

/* *value: freed and replaced; may become "". */
gboolean apim_xml_get_text (const ApimXml *xml, xmlNode *from, const char *path, char **value, GError **error);
/* As text, wiped when replaced. A value that WSO2's secure vault holds (attribute secretAlias) is an error. */
gboolean apim_xml_get_secret (const ApimXml *xml, xmlNode *from, const char *path, char **value, GError **error);
/* @what: for the message: "\"x\" is not WHAT (minimum-maximum)". */
gboolean apim_xml_get_int (const ApimXml *xml, xmlNode *from, const char *path, const char *what, gint64 minimum,
                           gint64 maximum, gint64 *value, GError **error);
/* "true" or "false", any case. */
gboolean apim_xml_get_bool (const ApimXml *xml, xmlNode *from, const char *path, gboolean *value, GError **error);
/* Words are matched without case. */
gboolean apim_xml_get_choice (const ApimXml *xml, xmlNode *from, const char *path, const ApimXmlChoice *choices,
                              int *value, GError **error);
/* A host name or an address; never empty. */
gboolean apim_xml_get_host (const ApimXml *xml, xmlNode *from, const char *path, char **value, GError **error);

G_END_DECLS
#endif
