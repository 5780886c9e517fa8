#include "config.h"
#include "deployment/dp-settings.h"

void
dp_settings_init (DpSettings *settings, const ApimConfig *config)
{
  const ApimDeploymentSettings *deployment = &config->deployment;

  *settings = (DpSettings){
    .generation = deployment->generation,
    .advanced_throttling = config->advanced_throttling,
    .cors = deployment->cors,
    .removes_oauth_header = deployment->removes_oauth_header,
    .authorization_header = deployment->authorization_header,
    .secure_vault = deployment->secure_vault,
    .backend_jwt = config->backend_jwt.enabled,
    .google_analytics = deployment->google_analytics,
  };
}
