/* Elements of our own, in which everything must be known: a name that is none is a typing error, which would
 * be passed over otherwise. Private to common/ and its tests. Threads: any. */
#ifndef APIM_XML_CHILDREN_H
#define APIM_XML_CHILDREN_H

#include "common/apim-xml.h"

G_BEGIN_DECLS

/* Whether every element in @parent is one of @known (of char *), and there once, or as often as it likes
 * where it is one of @many, too (nullable; NULL-terminated). FALSE with APIM_CONFIG_ERROR, which names what
 * was probably meant. */
gboolean apim_xml_check_children (const ApimXml *xml, xmlNode *parent, GPtrArray *known,
                                  const char *const *many, GError **error);

G_END_DECLS
#endif
