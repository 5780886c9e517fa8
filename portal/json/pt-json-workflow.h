/* Tasks that wait for approval, as REST writes and reads them: the definition Workflow of publisher-api.yaml
 * v0.14, and what the admin API shows beside it. Threads: pure functions. */
#ifndef PT_JSON_WORKFLOW_H
#define PT_JSON_WORKFLOW_H

#include "core/core-workflow.h"
#include "portal/json/pt-json.h"

G_BEGIN_DECLS

void pt_json_workflow_append (GString *json, const StWorkflow *workflow);

/* {"status":"APPROVED"|"REJECTED","description":".."}. @description: (out) (nullable): of @node. FALSE with
 * CORE_PORTAL_ERROR_INVALID. */
gboolean pt_json_workflow_read (const CoreJsonNode *node, gboolean *approved, const char **description,
                                GError **error);

G_END_DECLS
#endif
