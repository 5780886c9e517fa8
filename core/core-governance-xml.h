/* The XML of artifacts in WSO2's governance registry, read: root "metadata", in it groups, in them fields with texts
 * (spec/databases.md 7.3). Whatever else is in it is passed over.
 *
 * The text may be a stranger's: a document type, and so every entity, makes it none; nothing is ever fetched; libxml2's
 * own limits of depth and size hold. Fuzz targets: tests/fuzz/fuzz-artifact.c, tests/fuzz/fuzz-registry-document.c.
 * Threads: one per text. */
#ifndef CORE_GOVERNANCE_XML_H
#define CORE_GOVERNANCE_XML_H

#include <glib.h>

G_BEGIN_DECLS

typedef struct _CoreGovernanceXml CoreGovernanceXml;

/* (nullable): NULL where @xml is no artifact, or has more than @max bytes. */
CoreGovernanceXml *core_governance_xml_parse (const char *xml, gsize length, gsize max);
void core_governance_xml_free (CoreGovernanceXml *xml);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CoreGovernanceXml, core_governance_xml_free)

/* (transfer full) (element-type utf8 utf8): the fields of a group ("overview"); the first of one name counts. */
GHashTable *core_governance_xml_group (const CoreGovernanceXml *xml, const char *group);

/* (transfer full): every text of one field, in their order; NULL-terminated. */
char **core_governance_xml_texts (const CoreGovernanceXml *xml, const char *group, const char *field);

G_END_DECLS
#endif
