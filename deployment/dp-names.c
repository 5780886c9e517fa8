#include "config.h"
#include "deployment/dp-names.h"

char *
dp_name_api (const CoreApi *api)
{
  g_autofree char *provider = core_api_provider_encode (api->provider);

  return g_strdup_printf ("%s--%s", provider, api->name);
}

char *
dp_name_api_version (const CoreApi *api)
{
  g_autofree char *name = dp_name_api (api);

  return g_strdup_printf ("%s:v%s", name, api->version);
}

char *
dp_name_endpoint (const CoreApi *api, gboolean sandbox)
{
  return g_strdup_printf ("%s--v%s_API%sEndpoint", api->name, api->version,
                          sandbox ? "sandbox" : "production");
}

char *
dp_name_vault_alias (const CoreApi *api)
{
  g_autofree char *name = dp_name_api (api);

  return g_strconcat (name, api->version, NULL);
}
