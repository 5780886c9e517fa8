/* What the files of core-archive share. Private to core/. */
#ifndef CORE_ARCHIVE_PRIVATE_H
#define CORE_ARCHIVE_PRIVATE_H

#include "core/core-archive.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

#define CORE_ARCHIVE_API "Meta-information/api.json"
#define CORE_ARCHIVE_SWAGGER "Meta-information/swagger.json"
#define CORE_ARCHIVE_DOCUMENTS "Docs/docs.json"

/* "in-sequence", ... */
const char *core_archive_flow_folder (CoreSequenceFlow flow);
/* Sets CORE_ARCHIVE_ERROR_INVALID; always FALSE. @file: in the archive. */
gboolean core_archive_fail (GError **error, const char *file, const char *why);

/* A copy with its members sorted; only its own, not those of members. (transfer full) */
JsonObject *core_archive_sort_members (JsonObject *object);
/* The same as a node. (transfer full) */
JsonNode *core_archive_object_node (JsonObject *object);
/* Pretty JSON with a final line feed. @root: (transfer full). Free with g_free(). */
char *core_archive_generate (JsonNode *root);

/* docs.json: adds the documents, without content. */
gboolean core_archive_documents_from_json (CoreArchive *archive, const char *json, gsize length,
                                           GError **error);
/* Free with g_free(). */
char *core_archive_documents_to_json (const CoreArchive *archive);

G_END_DECLS
#endif
