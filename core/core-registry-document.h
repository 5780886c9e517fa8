/* Documents of APIs as WSO2's registry has them (spec/databases.md 7.2): an artifact, whose content lies in another
 * file beside it. Fuzz target: tests/fuzz/fuzz-registry-document.c. Threads: pure functions. */
#ifndef CORE_REGISTRY_DOCUMENT_H
#define CORE_REGISTRY_DOCUMENT_H

#include "store/st-api-document.h"

G_BEGIN_DECLS

/* Bytes of an artifact that is read. */
#define CORE_REGISTRY_DOCUMENT_MAX (1024 * 1024)

/* What the artifact says, in the words that are stored ("How To" is HOWTO); no UUID and no times. A word that none of
 * ours stands for stays, for core_document_check() to name. file_name: the last part of the path in the registry, of
 * files alone. (nullable): NULL: it is no such artifact. */
StApiDocument *core_registry_document_read (const char *xml, gsize length);

G_END_DECLS
#endif
