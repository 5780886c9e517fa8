/* OpenAPI 3 and Swagger 2 documents as `api create` and manifests take them: YAML or JSON, and what they say about the
 * API itself. What they say about its resources is the server's to read. Threads: any. */
#ifndef CTL_DEFINITION_H
#define CTL_DEFINITION_H

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Reads a file of at most 16 MiB; "-" is stdin. Returns: (transfer full): the document. NULL with CTL_ERROR_USAGE: not
 * readable, neither YAML nor JSON, neither OpenAPI 3 nor Swagger 2, without paths. */
JsonNode *ctl_definition_load (const char *path, GError **error);
/* Whether @document is one, as ctl_definition_load() checks it. @where: for the message. */
gboolean ctl_definition_check (JsonNode *document, const char *where, GError **error);
/* One for an API that says nothing: all paths, all usual verbs. (transfer full) */
JsonNode *ctl_definition_any (const char *name, const char *version);

/* The API's name from the title: without characters that names may not have. (nullable): free with g_free(). */
char *ctl_definition_name (JsonNode *document);
/* (nullable) (transfer none) */
const char *ctl_definition_version (JsonNode *document);
const char *ctl_definition_description (JsonNode *document);
/* The first server that is a whole URL. (nullable): free with g_free(). */
char *ctl_definition_endpoint (JsonNode *document);

G_END_DECLS
#endif
