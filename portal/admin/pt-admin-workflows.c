#include "config.h"
#include "portal/admin/pt-admin.h"

#include "portal/json/pt-json-workflow.h"
#include "portal/pt-page.h"

#define SCOPE "apim:api_workflow"

static void
append_workflow (GString *json, gconstpointer item, const PtRequest *request)
{
  pt_json_workflow_append (json, item);
}

static gboolean
list_workflows (PtRequest *request, PtAnswer *answer, GError **error)
{
  g_autoptr (GPtrArray) workflows = NULL;
  StPage page;
  gint64 total;

  if (!pt_request_page (request, &page, error)
      || !core_workflow_list (&request->core, request->actor, pt_request_query (request, "type"),
                              pt_request_query (request, "status"), &page, &workflows, &total, error))
    return FALSE;
  pt_page_answer (request, answer, &page, workflows, total, append_workflow);
  return TRUE;
}

static gboolean
get_workflow (PtRequest *request, PtAnswer *answer, GError **error)
{
  g_autoptr (StWorkflow) workflow = NULL;

  if (!core_workflow_get (&request->core, request->actor, request->parameters[0], &workflow, error))
    return FALSE;
  pt_json_workflow_append (answer->json, workflow);
  return TRUE;
}

static gboolean
decide (PtRequest *request, PtAnswer *answer, GError **error)
{
  const char *reference = pt_request_need_query (request, "workflowReferenceId", error);
  g_autoptr (StWorkflow) workflow = NULL;
  const char *description;
  gboolean approved;

  if (reference == NULL || !pt_json_workflow_read (request->body, &approved, &description, error)
      || !core_workflow_decide (&request->core, request->actor, reference, approved, description, &workflow,
                                error))
    return FALSE;
  pt_json_workflow_append (answer->json, workflow);
  return TRUE;
}

/* The last one is WSO2's own, which has it in the publisher API; both serve all of them. */
const PtRoute pt_admin_workflows[] = {
  { "GET", "/workflows", SCOPE, PT_BODY_NONE, FALSE, list_workflows },
  { "GET", "/workflows/{externalRef}", SCOPE, PT_BODY_NONE, FALSE, get_workflow },
  { "POST", "/workflows/update-workflow-status", SCOPE, PT_BODY_JSON, FALSE, decide },
  { NULL },
};
