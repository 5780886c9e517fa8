/* Documents of APIs as REST writes and reads them (the definition Document of publisher-api.yaml v0.14).
 * Threads: pure functions. */
#ifndef PT_JSON_DOCUMENT_H
#define PT_JSON_DOCUMENT_H

#include "core/core-document.h"
#include "portal/json/pt-json.h"

G_BEGIN_DECLS

void pt_json_document_append (GString *json, const StApiDocument *document);

/* (transfer full): what the body says; without a UUID. NULL with CORE_PORTAL_ERROR_INVALID: members of the
 * wrong type. */
StApiDocument *pt_json_document_read (const CoreJsonNode *node, GError **error);

G_END_DECLS
#endif
