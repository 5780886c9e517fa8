/* JSON or YAML text to a tree, within the limits of core-openapi.h, which it belongs to.
 * Threads: pure functions. */
#ifndef CORE_OPENAPI_PARSE_H
#define CORE_OPENAPI_PARSE_H

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* A text whose first character is "{" is JSON, any other YAML (1.1, one document, no aliases). Returns:
 * (transfer full): an object; NULL with @why (transfer full): a sentence with the line where there is one.
 * Free with g_free(). */
JsonNode *core_openapi_parse (const char *text, gsize length, char **why);

G_END_DECLS
#endif
