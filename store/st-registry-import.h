/* Which APIs' artifacts came from a WSO2 registry, and from what (sql/ APIM_REGISTRY_IMPORT): two digests, of what
 * was read there and of what it became here. Errors: as in st-application-writes.h. Threads: one per writer. */
#ifndef ST_REGISTRY_IMPORT_H
#define ST_REGISTRY_IMPORT_H

#include "store/st-writer.h"

G_BEGIN_DECLS

typedef struct
{
  char *source_digest; /* SHA-256, hex */
  char *result_digest;
} StRegistryImport;

void st_registry_import_free (StRegistryImport *import);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StRegistryImport, st_registry_import_free)

/* *import: (out) (transfer full) (nullable): NULL: the API's artifact, if it has one, was made here. */
gboolean st_read_registry_import (StWriter *reader, gint64 api_id, StRegistryImport **import, GError **error);
/* In the place of what was remembered. @now_ms: epoch. */
gboolean st_write_registry_import (StWriter *writer, gint64 api_id, const char *source_digest,
                                   const char *result_digest, gint64 now_ms, GError **error);

G_END_DECLS
#endif
