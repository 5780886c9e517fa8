/* Workflows: what waits for an administrator's approval, and what happens when he decides
 * (spec/publisher-store-workflows.md 7). Two executors: simple, which approves at once and leaves no row, and
 * approval, which parks the task in AM_WORKFLOWS. Deletions are always simple. Users are in another database: his
 * account is changed while the task is held, before its decision is written, so a decision that is lost is decided again.
 *
 * What is decided stays decided: the same decision again changes nothing, and the other one is
 * CORE_PORTAL_ERROR_CONFLICT. Errors: CORE_PORTAL_ERROR. Threads: any; calls block. */
#ifndef CORE_WORKFLOW_H
#define CORE_WORKFLOW_H

#include "common/apim-workflow.h"
#include "core/core-portal.h"
#include "store/st-key-writes.h"
#include "store/st-workflow.h"

G_BEGIN_DECLS

/* As AM_WORKFLOWS.WF_TYPE has it: "AM_APPLICATION_CREATION". */
const char *core_workflow_type_text (ApimWorkflowType type);
/* That, or the name of the configuration's element ("ApplicationCreation"). FALSE: neither. */
gboolean core_workflow_type_parse (const char *text, ApimWorkflowType *type);
ApimWorkflowType core_workflow_of_keys (StKeyType type);

/* Begins one in the operation that makes what waits, which the caller writes as waiting or as approved.
 * @reference: AM_WORKFLOWS.WF_REFERENCE; NULL: the external reference itself (keys).
 * *waits: whether somebody has to decide. *external_reference: (transfer full): a new UUID; also where nobody
 * has to. */
gboolean core_workflow_begin (StWriter *writer, const CorePortal *portal, const CoreActor *actor,
                              ApimWorkflowType type, const char *reference, const char *description,
                              gboolean *waits, char **external_reference, GError **error);
/* The same in two steps, where the reference is known only after the row was written as waiting or not. */
gboolean core_workflow_waits (const CorePortal *portal, ApimWorkflowType type);

/* Of the actor's tenant, who may approve; oldest first. @type: (nullable). @status: (nullable): CREATED,
 * APPROVED, REJECTED. *workflows: (transfer full) (element-type StWorkflow). */
gboolean core_workflow_list (const CorePortal *portal, const CoreActor *actor, const char *type,
                             const char *status, const StPage *page, GPtrArray **workflows, gint64 *total,
                             GError **error);
gboolean core_workflow_get (const CorePortal *portal, const CoreActor *actor, const char *external_reference,
                            StWorkflow **workflow, GError **error);

/* Approves or rejects. @description: (nullable): why; kept in the row. *workflow: (optional) (transfer full):
 * as it is afterwards. An application or subscription is APPROVED/UNBLOCKED or REJECTED with it; approved
 * keys are made when their owner next asks for them, so that only he sees the secret; a user who signed up
 * gets his roles, or is deleted. */
gboolean core_workflow_decide (const CorePortal *portal, const CoreActor *actor,
                               const char *external_reference, gboolean approved, const char *description,
                               StWorkflow **workflow, GError **error);

G_END_DECLS
#endif
