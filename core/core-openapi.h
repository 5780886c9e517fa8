/* OpenAPI documents of APIs: Swagger 2.0 and OpenAPI 3.0, kept as JSON text with all that is not ours
 * (spec/publisher-store-workflows.md 1.1).
 * Threads: pure functions. */
#ifndef CORE_OPENAPI_H
#define CORE_OPENAPI_H

#include <glib.h>

G_BEGIN_DECLS

/* Levels of a document; deeper ones are none. */
#define CORE_OPENAPI_MAX_DEPTH 64

/* The same document with another info.version; NULL where it is no such document. Free with g_free(). */
char *core_openapi_set_version (const char *definition, const char *version);

G_END_DECLS
#endif
