#include "config.h"
#include "common/apim-workflow.h"

const char *
apim_workflow_element (ApimWorkflowType type)
{
  static const char *const elements[APIM_N_WORKFLOW_TYPES] = {
    [APIM_WORKFLOW_APPLICATION_CREATION] = "ApplicationCreation",
    [APIM_WORKFLOW_PRODUCTION_KEYS] = "ProductionApplicationRegistration",
    [APIM_WORKFLOW_SANDBOX_KEYS] = "SandboxApplicationRegistration",
    [APIM_WORKFLOW_SUBSCRIPTION_CREATION] = "SubscriptionCreation",
    [APIM_WORKFLOW_USER_SIGN_UP] = "UserSignUp",
  };

  return elements[type];
}
