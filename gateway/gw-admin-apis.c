/* APIGatewayAdmin (spec/gateway-and-traffic-manager.md 5.1). */
#include "config.h"
#include "gateway/gw-admin-private.h"

#include <string.h>

#define NAMESPACE "http://service.gateway.apimgt.carbon.wso2.org"
#define BEANS "http://dto.gateway.apimgt.carbon.wso2.org/xsd"

/* Which API a call names, and its file. */
typedef struct
{
  GwAdminTenant tenant;
  char *name; /* as the file has it */
} Named;

static void
named_clear (Named *named)
{
  g_free (named->name);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Named, named_clear)

/* "admin--Weather:v1.0.0"; the version-less one: "admin--Weather". An @ in the provider's name is none in files. */
static gboolean
read_name (const SoapCall *call, gboolean is_default, Named *named, GError **error)
{
  const char *provider, *name, *version;
  g_auto (GStrv) parts = NULL;
  g_autofree char *encoded = NULL;

  if (!gw_admin_read_tenant (call, &named->tenant, error)
      || !soap_parameter_need (call->operation, "apiProviderName", &provider, error)
      || !soap_parameter_need (call->operation, "apiName", &name, error)
      || !soap_parameter_need (call->operation, "version", &version, error))
    return FALSE;
  parts = g_strsplit (provider, "@", -1);
  encoded = g_strjoinv ("-AT-", parts);
  named->name = is_default ? g_strdup_printf ("%s--%s", encoded, name)
                           : g_strdup_printf ("%s--%s:v%s", encoded, name, version);
  return TRUE;
}

static gboolean
put (SoapCall *call, gboolean is_default, GError **error)
{
  g_auto (Named) named = { .name = NULL };
  const char *text;

  if (!read_name (call, is_default, &named, error)
      || !soap_parameter_need (call->operation, "apiConfig", &text, error)
      || !gw_admin_put (gw_admin_of (call), &named.tenant, GW_FILE_API, named.name, text, error))
    return FALSE;
  soap_write_boolean (call->output, "ns:return", TRUE);
  return TRUE;
}

static gboolean
put_api (SoapCall *call, GError **error)
{
  return put (call, FALSE, error);
}

static gboolean
put_default (SoapCall *call, GError **error)
{
  return put (call, TRUE, error);
}

/* Of what WSO2's APIData holds, what every release has and a Publisher looks at: whether there is one. */
static gboolean
get (SoapCall *call, gboolean is_default, GError **error)
{
  g_auto (Named) named = { .name = NULL };
  g_autoptr (GwApi) api = NULL;

  if (!read_name (call, is_default, &named, error))
    return FALSE;
  api = gw_admin_find_api (gw_admin_of (call), &named.tenant, named.name);
  if (api == NULL)
    {
      soap_write_text (call->output, "ns:return", NULL);
      return TRUE;
    }
  SOAP_WRITE_MARKUP (call->output, "<ns:return>");
  soap_write_text (call->output, "b:context", api->context);
  soap_write_text (call->output, "b:name", api->base_name);
  SOAP_WRITE_MARKUP (call->output, "</ns:return>");
  return TRUE;
}

static gboolean
get_api (SoapCall *call, GError **error)
{
  return get (call, FALSE, error);
}

static gboolean
get_default (SoapCall *call, GError **error)
{
  return get (call, TRUE, error);
}

static gboolean
delete (SoapCall *call, gboolean is_default, GError **error)
{
  g_auto (Named) named = { .name = NULL };

  if (!read_name (call, is_default, &named, error)
      || !gw_admin_take_away (gw_admin_of (call), &named.tenant, GW_FILE_API, named.name, NULL, error))
    return FALSE;
  soap_write_boolean (call->output, "ns:return", TRUE);
  return TRUE;
}

static gboolean
delete_api (SoapCall *call, GError **error)
{
  return delete (call, FALSE, error);
}

static gboolean
delete_default (SoapCall *call, GError **error)
{
  return delete (call, TRUE, error);
}

static gboolean
encrypt (SoapCall *call, GError **error)
{
  const char *alias = soap_parameter (call->operation, "secureVaultAlias");
  const char *password = soap_parameter (call->operation, "plainTextPass");
  GwVault *vault = gw_admin_of (call)->vault;
  g_autoptr (GError) why = NULL;
  GwAdminTenant tenant;

  if (vault == NULL)
    return soap_fail (error, "This gateway has no secure vault; set EnableSecureVault to false where APIs are published.");
  if (!gw_admin_read_tenant (call, &tenant, error))
    return FALSE;
  if (alias == NULL || password == NULL)
    return soap_fail (error, "The parameter \"secureVaultAlias\" or \"plainTextPass\" is missing.");
  if (!gw_vault_put (vault, tenant.domain, alias, password, &why))
    return soap_fail (error, why->message);
  soap_write_text (call->output, "ns:return", alias);
  return TRUE;
}

static const SoapField name_parameters[] = {
  { .name = "apiProviderName", .type = "string" }, { .name = "apiName", .type = "string" },
  { .name = "version", .type = "string" },         { .name = "tenantDomain", .type = "string" },
  { NULL },
};

static const SoapField put_parameters[] = {
  { .name = "apiProviderName", .type = "string" }, { .name = "apiName", .type = "string" },
  { .name = "version", .type = "string" },         { .name = "apiConfig", .type = "string" },
  { .name = "tenantDomain", .type = "string" },    { NULL },
};

static const SoapField sequence_parameters[] = {
  { .name = "sequence", .type = "anyType" },
  { .name = "tenantDomain", .type = "string" },
  { NULL },
};

static const SoapField sequence_name_parameters[] = {
  { .name = "sequenceName", .type = "string" },
  { .name = "tenantDomain", .type = "string" },
  { NULL },
};

static const SoapField endpoint_parameters[] = {
  { .name = "endpointData", .type = "string" },
  { .name = "tenantDomain", .type = "string" },
  { NULL },
};

static const SoapField endpoint_name_parameters[] = {
  { .name = "endpointName", .type = "string" },
  { .name = "tenantDomain", .type = "string" },
  { NULL },
};

static const SoapField endpoints_parameters[] = {
  { .name = "apiName", .type = "string" },
  { .name = "apiVersion", .type = "string" },
  { .name = "tenantDomain", .type = "string" },
  { NULL },
};

static const SoapField encrypt_parameters[] = {
  { .name = "tenantDomain", .type = "string" },
  { .name = "secureVaultAlias", .type = "string" },
  { .name = "plainTextPass", .type = "string" },
  { NULL },
};

static const SoapField api_fields[] = {
  { .name = "context", .type = "string" },
  { .name = "name", .type = "string" },
  { NULL },
};

static const SoapBean api_bean = { "APIData", BEANS, api_fields };
static const SoapField api_result[] = { { .name = "return", .bean = &api_bean }, { NULL } };
static const SoapField any_result[] = { { .name = "return", .type = "anyType" }, { NULL } };
static const SoapField text_result[] = { { .name = "return", .type = "string" }, { NULL } };

#define TWINS(NAME, PARAMETERS, RESULT, FUNC)                                                                      \
  { NAME, PARAMETERS, RESULT, FUNC },                                                                              \
  {                                                                                                                \
    NAME "ForTenant", PARAMETERS, RESULT, FUNC                                                                     \
  }

static const SoapOperation operations[] = {
  TWINS ("addApi", put_parameters, gw_admin_boolean_result, put_api),
  TWINS ("updateApi", put_parameters, gw_admin_boolean_result, put_api),
  TWINS ("addPrototypeApiScriptImpl", put_parameters, gw_admin_boolean_result, put_api),
  TWINS ("updateApiForInlineScript", put_parameters, gw_admin_boolean_result, put_api),
  TWINS ("getApi", name_parameters, api_result, get_api),
  TWINS ("deleteApi", name_parameters, gw_admin_boolean_result, delete_api),
  TWINS ("addDefaultAPI", put_parameters, gw_admin_boolean_result, put_default),
  TWINS ("updateDefaultApi", put_parameters, gw_admin_boolean_result, put_default),
  TWINS ("getDefaultApi", name_parameters, api_result, get_default),
  TWINS ("deleteDefaultApi", name_parameters, gw_admin_boolean_result, delete_default),
  TWINS ("addSequence", sequence_parameters, gw_admin_boolean_result, gw_admin_add_sequence),
  TWINS ("getSequence", sequence_name_parameters, any_result, gw_admin_get_sequence),
  TWINS ("deleteSequence", sequence_name_parameters, gw_admin_boolean_result, gw_admin_delete_sequence),
  TWINS ("isExistingSequence", sequence_name_parameters, gw_admin_boolean_result, gw_admin_has_sequence),
  TWINS ("addEndpoint", endpoint_parameters, gw_admin_boolean_result, gw_admin_add_endpoint),
  TWINS ("deleteEndpoint", endpoint_name_parameters, gw_admin_boolean_result, gw_admin_delete_endpoint),
  { "removeEndpointsToUpdate", endpoints_parameters, gw_admin_boolean_result, gw_admin_remove_endpoints },
  { "doEncryption", encrypt_parameters, text_result, encrypt },
  { NULL },
};

const SoapService gw_admin_apis = {
  .name = "APIGatewayAdmin",
  .namespace = NAMESPACE,
  .target = NAMESPACE,
  .exception = "AxisFault",
  .takes_files = TRUE,
  .operations = operations,
};
