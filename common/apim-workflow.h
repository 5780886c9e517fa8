/* Which workflows wait for an administrator's approval (spec/publisher-store-workflows.md 7). Threads: pure functions. */
#ifndef APIM_WORKFLOW_H
#define APIM_WORKFLOW_H

#include <glib.h>

G_BEGIN_DECLS

/* In the order of WSO2's WorkFlowExtensions, without the deletions, which nobody approves here. */
typedef enum
{
  APIM_WORKFLOW_APPLICATION_CREATION,
  APIM_WORKFLOW_PRODUCTION_KEYS,
  APIM_WORKFLOW_SANDBOX_KEYS,
  APIM_WORKFLOW_SUBSCRIPTION_CREATION,
  APIM_WORKFLOW_USER_SIGN_UP,
  APIM_N_WORKFLOW_TYPES,
} ApimWorkflowType;

typedef enum
{
  APIM_EXECUTOR_SIMPLE,   /* approved at once */
  APIM_EXECUTOR_APPROVAL, /* waits in AM_WORKFLOWS */
} ApimExecutor;

/* All simple when zeroed. */
typedef struct
{
  ApimExecutor executors[APIM_N_WORKFLOW_TYPES];
} ApimWorkflowSettings;

/* WSO2's element: "ApplicationCreation", "ProductionApplicationRegistration",
 * "SandboxApplicationRegistration", "SubscriptionCreation", "UserSignUp". */
const char *apim_workflow_element (ApimWorkflowType type);

G_END_DECLS
#endif
