#include "config.h"
#include "portal/json/pt-json-workflow.h"

void
pt_json_workflow_append (GString *json, const StWorkflow *workflow)
{
  g_string_append_c (json, '{');
  core_json_append_member (json, "externalRef", workflow->external_reference);
  core_json_append_member (json, "type", workflow->type);
  core_json_append_member (json, "status", workflow->status);
  core_json_append_member (json, "description", workflow->description);
  core_json_append_member (json, "reference", workflow->reference);
  core_json_append_member (json, "tenantDomain", workflow->tenant_domain);
  pt_json_append_time (json, "createdTime", workflow->created_ms);
  pt_json_append_time (json, "updatedTime", workflow->updated_ms);
  g_string_append_c (json, '}');
}

gboolean
pt_json_workflow_read (const CoreJsonNode *node, gboolean *approved, const char **description, GError **error)
{
  const char *status = core_json_string (core_json_member (node, "status"));
  g_autoptr (GPtrArray) violations = core_violations_new ();

  *description = core_json_string (core_json_member (node, "description"));
  *approved = g_strcmp0 (status, ST_WORKFLOW_APPROVED) == 0;
  if (!*approved && g_strcmp0 (status, ST_WORKFLOW_REJECTED) != 0)
    core_violations_add (violations, "status", "The status must be APPROVED or REJECTED.");
  return core_violations_check (violations, error);
}
