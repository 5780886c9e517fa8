#include "config.h"
#include "core/core-workflow.h"

#include "common/apim-secret.h"
#include "core/core-user.h"
#include "store/st-application-writes.h"
#include "store/st-key-record.h"
#include "store/st-subscription-writes.h"

#include <string.h>

static const char *const type_texts[APIM_N_WORKFLOW_TYPES] = {
  [APIM_WORKFLOW_APPLICATION_CREATION] = "AM_APPLICATION_CREATION",
  [APIM_WORKFLOW_PRODUCTION_KEYS] = "AM_APPLICATION_REGISTRATION_PRODUCTION",
  [APIM_WORKFLOW_SANDBOX_KEYS] = "AM_APPLICATION_REGISTRATION_SANDBOX",
  [APIM_WORKFLOW_SUBSCRIPTION_CREATION] = "AM_SUBSCRIPTION_CREATION",
  [APIM_WORKFLOW_USER_SIGN_UP] = "AM_USER_SIGNUP",
};

const char *
core_workflow_type_text (ApimWorkflowType type)
{
  return type_texts[type];
}

gboolean
core_workflow_type_parse (const char *text, ApimWorkflowType *type)
{
  for (guint i = 0; i < APIM_N_WORKFLOW_TYPES; i++)
    if (strcmp (text, type_texts[i]) == 0 || strcmp (text, apim_workflow_element (i)) == 0)
      {
        *type = i;
        return TRUE;
      }
  return FALSE;
}

ApimWorkflowType
core_workflow_of_keys (StKeyType type)
{
  return type == ST_KEY_SANDBOX ? APIM_WORKFLOW_SANDBOX_KEYS : APIM_WORKFLOW_PRODUCTION_KEYS;
}

gboolean
core_workflow_waits (const CorePortal *portal, ApimWorkflowType type)
{
  return portal->workflows != NULL && portal->workflows->executors[type] == APIM_EXECUTOR_APPROVAL;
}

gboolean
core_workflow_begin (StWriter *writer, const CorePortal *portal, const CoreActor *actor,
                     ApimWorkflowType type, const char *reference, const char *description, gboolean *waits,
                     char **external_reference, GError **error)
{
  g_autofree char *uuid = apim_random_uuid ();
  const StNewWorkflow workflow = { .type = type_texts[type],
                                   .reference = reference != NULL ? reference : uuid,
                                   .external_reference = uuid,
                                   .description = description,
                                   .tenant_id = actor->tenant_id,
                                   .tenant_domain = actor->tenant_domain };

  *waits = core_workflow_waits (portal, type);
  if (*waits && !st_write_add_workflow (writer, &workflow, error))
    return FALSE;
  *external_reference = g_steal_pointer (&uuid);
  return TRUE;
}

typedef struct
{
  const CorePortal *portal;
  const CoreActor *actor;
  StWorkflowFilter filter;
  const StPage *page;
  const char *external_reference;
  gint64 total;
  GPtrArray *workflows;
  StWorkflow *workflow;
} Question;

static gboolean
list_workflows (StWriter *writer, gpointer data, GError **error)
{
  Question *question = data;

  g_clear_pointer (&question->workflows, g_ptr_array_unref);
  return st_workflow_list (writer, &question->filter, question->page, &question->workflows, &question->total,
                           error);
}

gboolean
core_workflow_list (const CorePortal *portal, const CoreActor *actor, const char *type, const char *status,
                    const StPage *page, GPtrArray **workflows, gint64 *total, GError **error)
{
  Question question = { .filter = { actor->tenant_id, NULL, status }, .page = page };
  ApimWorkflowType known;

  *workflows = NULL;
  if (!core_actor_require (actor, CORE_MAY_APPROVE_WORKFLOWS, "see what waits for approval", error))
    return FALSE;
  if (type != NULL && !core_workflow_type_parse (type, &known))
    return core_portal_fail (error, CORE_PORTAL_ERROR_INVALID, "\"%s\" is no type of workflow", type);
  question.filter.type = type != NULL ? type_texts[known] : NULL;
  if (!core_portal_read (portal, list_workflows, &question, error))
    {
      g_clear_pointer (&question.workflows, g_ptr_array_unref);
      return FALSE;
    }
  *workflows = question.workflows;
  if (total != NULL)
    *total = question.total;
  return TRUE;
}

/* One of the actor's tenant: of another's nothing is known here. */
static gboolean
find_workflow (StWriter *writer, const CoreActor *actor, const char *external_reference, gboolean lock,
               StWorkflow **found, GError **error)
{
  g_autoptr (StWorkflow) workflow = NULL;

  if (!st_workflow_find (writer, external_reference, lock, &workflow, error))
    return FALSE;
  if (workflow == NULL || workflow->tenant_id != actor->tenant_id)
    return core_portal_fail (error, CORE_PORTAL_ERROR_NOT_FOUND, "there is no workflow task %s",
                             external_reference);
  *found = g_steal_pointer (&workflow);
  return TRUE;
}

static gboolean
get_workflow (StWriter *writer, gpointer data, GError **error)
{
  Question *question = data;

  g_clear_pointer (&question->workflow, st_workflow_free);
  return find_workflow (writer, question->actor, question->external_reference, FALSE, &question->workflow,
                        error);
}

gboolean
core_workflow_get (const CorePortal *portal, const CoreActor *actor, const char *external_reference,
                   StWorkflow **workflow, GError **error)
{
  Question question = { .actor = actor, .external_reference = external_reference };

  *workflow = NULL;
  if (!core_actor_require (actor, CORE_MAY_APPROVE_WORKFLOWS, "see what waits for approval", error)
      || !core_portal_read (portal, get_workflow, &question, error))
    return FALSE;
  *workflow = question.workflow;
  return TRUE;
}

/* What an administrator decided, on its way through the transaction. */
typedef struct
{
  const CorePortal *portal;
  const CoreActor *actor;
  const char *external_reference;
  gboolean approved;
  const char *description;
  StWorkflow *workflow; /* as it is afterwards */
} Decision;

static gboolean
decide_keys (StWriter *writer, const Decision *decision, GError **error)
{
  g_autoptr (StKeyRecord) keys = NULL;

  if (!st_key_record_find_reference (writer, decision->workflow->external_reference, &keys, error))
    return FALSE;
  if (keys == NULL)
    return core_portal_fail (error, CORE_PORTAL_ERROR_CONFLICT, "the request for keys was withdrawn");
  return st_write_decide_keys (writer, keys->application_id, keys->type, decision->approved, error);
}

static gboolean
apply_decision (StWriter *writer, const Decision *decision, GError **error)
{
  const StWorkflow *workflow = decision->workflow;
  gint64 id = g_ascii_strtoll (workflow->reference, NULL, 10);
  ApimWorkflowType type;

  if (!core_workflow_type_parse (workflow->type, &type))
    return core_portal_fail (error, CORE_PORTAL_ERROR_CONFLICT,
                             "workflows of the type %s are not decided here", workflow->type);
  switch (type)
    {
    case APIM_WORKFLOW_APPLICATION_CREATION:
      return st_write_application_status (writer, id, decision->approved ? "APPROVED" : "REJECTED", error);
    case APIM_WORKFLOW_SUBSCRIPTION_CREATION:
      return st_write_decide_subscription (writer, id, decision->approved, decision->actor->name, error);
    case APIM_WORKFLOW_PRODUCTION_KEYS:
    case APIM_WORKFLOW_SANDBOX_KEYS:
      return decide_keys (writer, decision, error);
    case APIM_WORKFLOW_USER_SIGN_UP:
      return core_user_decide (decision->portal, decision->actor, workflow->reference, decision->approved, error);
    case APIM_N_WORKFLOW_TYPES:
    default:
      return core_portal_fail (error, CORE_PORTAL_ERROR_CONFLICT,
                               "workflows of the type %s are not decided here", workflow->type);
    }
}

static gboolean
decide (StWriter *writer, gpointer data, GError **error)
{
  Decision *decision = data;
  const char *status = decision->approved ? ST_WORKFLOW_APPROVED : ST_WORKFLOW_REJECTED;

  g_clear_pointer (&decision->workflow, st_workflow_free);
  if (!find_workflow (writer, decision->actor, decision->external_reference, TRUE, &decision->workflow,
                      error))
    return FALSE;
  if (g_strcmp0 (decision->workflow->status, status) == 0)
    return TRUE;
  if (g_strcmp0 (decision->workflow->status, ST_WORKFLOW_CREATED) != 0)
    return core_portal_fail (error, CORE_PORTAL_ERROR_CONFLICT,
                             "the workflow task was decided already: it is %s", decision->workflow->status);
  if (!apply_decision (writer, decision, error)
      || !st_write_workflow_status (writer, decision->workflow->id, status, decision->description, error))
    return FALSE;
  g_clear_pointer (&decision->workflow, st_workflow_free);
  return find_workflow (writer, decision->actor, decision->external_reference, FALSE, &decision->workflow,
                        error);
}

gboolean
core_workflow_decide (const CorePortal *portal, const CoreActor *actor, const char *external_reference,
                      gboolean approved, const char *description, StWorkflow **workflow, GError **error)
{
  Decision decision = { .portal = portal,
                        .actor = actor,
                        .external_reference = external_reference,
                        .approved = approved,
                        .description = description };
  g_autoptr (StWorkflow) decided = NULL;
  gboolean done;

  if (!core_actor_require (actor, CORE_MAY_APPROVE_WORKFLOWS, "decide about workflows", error))
    return FALSE;
  done = core_portal_write (portal, decide, &decision, error);
  decided = decision.workflow;
  if (!done)
    return FALSE;
  core_portal_audit (portal, actor, approved ? "approve" : "reject", "workflow", external_reference,
                     decided->type);
  if (workflow != NULL)
    *workflow = g_steal_pointer (&decided);
  return TRUE;
}
