#include "config.h"
#include "deployment/dp-artifacts.h"

#include "common/apim-secret.h"
#include "deployment/dp-names.h"

#include <string.h>

DpArtifacts *
dp_artifacts_new_names (const CoreApi *api, const DpSettings *settings)
{
  DpArtifacts *artifacts = g_new0 (DpArtifacts, 1);

  artifacts->provider = core_api_provider_encode (api->provider);
  artifacts->name = g_strdup (api->name);
  artifacts->version = g_strdup (api->version);
  artifacts->tenant_id = api->tenant_id;
  artifacts->tenant_domain = g_strdup (api->tenant_domain);
  artifacts->api_name = dp_name_api_version (api);
  artifacts->default_name = dp_name_api (api);
  artifacts->is_script = g_strcmp0 (api->implementation, "INLINE") == 0;
  for (guint i = 0; i < DP_ARTIFACTS_N_SIDES && settings->generation >= APIM_GATEWAY_2_5; i++)
    artifacts->endpoint_names[i] = dp_name_endpoint (api, i == 1);
  return artifacts;
}

/* The vault holds a password only where the API's file looks one up. */
static void
set_vault (DpArtifacts *artifacts, const CoreApi *api, const DpSettings *settings)
{
  if (!settings->secure_vault || api->endpoint_security != CORE_ENDPOINT_SECURITY_BASIC
      || api->endpoint_password == NULL)
    return;
  artifacts->vault_alias = dp_name_vault_alias (api);
  artifacts->vault_password = g_strdup (api->endpoint_password);
}

static gboolean
make_endpoints (DpArtifacts *artifacts, const CoreApi *api, const CoreEndpointConfig *endpoints,
                ApimEnvironmentType type, const DpSettings *settings, GError **error)
{
  const gboolean there[] = { endpoints->production != NULL && type != APIM_ENVIRONMENT_SANDBOX,
                             endpoints->sandbox != NULL && type != APIM_ENVIRONMENT_PRODUCTION };

  for (guint i = 0; i < DP_ARTIFACTS_N_SIDES; i++)
    if (there[i])
      {
        artifacts->endpoints[i] = dp_synapse_endpoint (api, endpoints, i == 1, settings, error);
        if (artifacts->endpoints[i] == NULL)
          return FALSE;
      }
  return TRUE;
}

DpArtifacts *
dp_artifacts_new (const CoreApi *api, ApimEnvironmentType type, const DpSettings *settings, GError **error)
{
  g_autoptr (DpArtifacts) artifacts = dp_artifacts_new_names (api, settings);
  g_autoptr (CoreEndpointConfig) endpoints = NULL;

  if (api->endpoint_config != NULL && *api->endpoint_config != '\0' && !artifacts->is_script)
    {
      endpoints = core_endpoint_config_parse (api->endpoint_config, error);
      if (endpoints == NULL)
        return NULL;
      if (dp_synapse_first_side (endpoints, type) == NULL)
        return g_steal_pointer (&artifacts);
    }
  artifacts->api = dp_synapse_api (api, endpoints, type, settings, error);
  if (artifacts->api == NULL)
    return NULL;
  if (dp_synapse_has_endpoint_files (api, endpoints, settings)
      && !make_endpoints (artifacts, api, endpoints, type, settings, error))
    return NULL;
  if (api->is_published_default_version)
    {
      artifacts->default_api = dp_synapse_default_api (api, settings, error);
      if (artifacts->default_api == NULL)
        return NULL;
    }
  set_vault (artifacts, api, settings);
  return g_steal_pointer (&artifacts);
}

void
dp_artifacts_free (DpArtifacts *artifacts)
{
  if (artifacts == NULL)
    return;
  g_free (artifacts->provider);
  g_free (artifacts->name);
  g_free (artifacts->version);
  g_free (artifacts->tenant_domain);
  g_free (artifacts->api_name);
  g_free (artifacts->default_name);
  for (guint i = 0; i < DP_ARTIFACTS_N_SIDES; i++)
    {
      g_free (artifacts->endpoint_names[i]);
      g_free (artifacts->endpoints[i]);
    }
  g_free (artifacts->api);
  g_free (artifacts->default_api);
  g_free (artifacts->vault_alias);
  apim_secret_free (artifacts->vault_password);
  g_free (artifacts);
}
