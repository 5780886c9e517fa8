/* OpenAPI documents of APIs: Swagger 2.0 and OpenAPI 3.0, in JSON or YAML
 * (spec/publisher-store-workflows.md 1.1, 4).
 *
 * Read into an API's resources and scopes: paths and verbs, WSO2's extensions x-auth-type, x-throttling-tier,
 * x-scope, x-mediation-script, and the scopes of x-wso2-security (apim, x-wso2-scopes). A document without
 * x-wso2-security gives the scopes of its OAuth2 security schemes, and the first one that an operation asks
 * for is its x-scope. Kept as JSON text, with all in it that is not ours. Limits: CORE_API_MAX_DEFINITION
 * bytes, CORE_OPENAPI_MAX_DEPTH levels, CORE_OPENAPI_MAX_NODES values; YAML may have no aliases, whose
 * expansion has no bound. Fuzz target: tests/fuzz/fuzz-openapi.c. Threads: pure functions. */
#ifndef CORE_OPENAPI_H
#define CORE_OPENAPI_H

#include "core/core-api.h"

G_BEGIN_DECLS

/* Levels of a document, and its values; more of them are none. */
#define CORE_OPENAPI_MAX_DEPTH 64
#define CORE_OPENAPI_MAX_NODES 200000

/* Replaces the resources and scopes of @api by what @text says, and its definition by it, as JSON. Name,
 * version, context (Swagger's basePath) and description are taken where @api has none. Whether all that may
 * be is for core_api_check(). FALSE with CORE_PORTAL_ERROR_INVALID, whose violations are of the field
 * "apiDefinition" and say where; @api is unchanged then. */
gboolean core_openapi_read (const char *text, gsize length, CoreApi *api, GError **error);

/* The document for people and tools: the API's own with its present title, version, resources and scopes in
 * it, or a Swagger 2.0 one made of them. JSON. Free with g_free(). */
char *core_openapi_write (const CoreApi *api);

/* The same document with another info.version; NULL where it is no such document. Free with g_free(). */
char *core_openapi_set_version (const char *definition, const char *version);

G_END_DECLS
#endif
