/* RestApiAdmin of WSO2's mediation engine, which Publishers called by themselves before there was APIGatewayAdmin: an API
 * goes by the whole name that its file gives it ("admin--Weather:v1.0.0").
 *
 * Names, order and namespaces are those of its WSDL, over all of its releases: what later ones added to APIData is left
 * out, because stubs of the earlier ones refuse a child that they do not know, and none needs one that is missing. Parameters
 * and results are in Axis2's own namespace, faults too. The operations that take an API as a bean, and those about many
 * APIs, statistics or tracing, are the management console's: no Publisher calls them, and they are not done. */
#include "config.h"
#include "gateway/gw-admin-private.h"

#define NAMESPACE "http://org.apache.axis2/xsd"
#define TARGET "http://service.api.rest.carbon.wso2.org"
#define BEANS "http://api.rest.carbon.wso2.org/xsd"
#define ANY_PORT (-1)

/* Of the super tenant, but in the operations that say whose: what is no parameter of an operation says nothing. */
static gboolean
read_tenant (const SoapCall *call, GwAdminTenant *tenant, GError **error)
{
  *tenant = (GwAdminTenant){ APIM_SUPER_TENANT_ID, APIM_SUPER_TENANT_DOMAIN };
  return !g_str_has_suffix (call->operation->name, "ForTenant") || gw_admin_read_tenant (call, tenant, error);
}

static gboolean
read_name (const SoapCall *call, GwAdminTenant *tenant, const char **name, GError **error)
{
  return read_tenant (call, tenant, error) && soap_parameter_need (call->operation, "apiName", name, error);
}

/* @name: (nullable): what the file must define. */
static gboolean
put (SoapCall *call, const GwAdminTenant *tenant, const char *name, GError **error)
{
  const char *text;

  if (!soap_parameter_need (call->operation, "apiData", &text, error)
      || !gw_admin_put (gw_admin_of (call), tenant, GW_FILE_API, name, text, error))
    return FALSE;
  soap_write_boolean (call->output, "ns:return", TRUE);
  return TRUE;
}

static gboolean
add (SoapCall *call, GError **error)
{
  GwAdminTenant tenant;

  return read_tenant (call, &tenant, error) && put (call, &tenant, NULL, error);
}

static gboolean
update (SoapCall *call, GError **error)
{
  GwAdminTenant tenant;
  const char *name;

  return read_name (call, &tenant, &name, error) && put (call, &tenant, name, error);
}

static gboolean
delete (SoapCall *call, GError **error)
{
  GwAdminTenant tenant;
  const char *name;

  if (!read_name (call, &tenant, &name, error)
      || !gw_admin_take_away (gw_admin_of (call), &tenant, GW_FILE_API, name, NULL, error))
    return FALSE;
  soap_write_boolean (call->output, "ns:return", TRUE);
  return TRUE;
}

static gboolean
get (SoapCall *call, GError **error)
{
  GwAdmin *admin = gw_admin_of (call);
  g_autoptr (GwApi) api = NULL;
  g_autofree char *file = NULL;
  GwAdminTenant tenant;
  const char *name;

  if (!read_name (call, &tenant, &name, error))
    return FALSE;
  api = gw_admin_find_api (admin, &tenant, name);
  if (api == NULL)
    {
      soap_write_text (call->output, "ns:return", NULL);
      return TRUE;
    }
  file = gw_deployment_file (admin->deployment, tenant.id, GW_FILE_API, name);
  SOAP_WRITE_MARKUP (call->output, "<ns:return>");
  soap_write_text (call->output, "b:context", api->context);
  soap_write_text (call->output, "b:fileName", file);
  soap_write_text (call->output, "b:host", api->host);
  soap_write_text (call->output, "b:name", api->name);
  soap_write_integer (call->output, "b:port", api->port != 0 ? api->port : ANY_PORT);
  SOAP_WRITE_MARKUP (call->output, "</ns:return>");
  return TRUE;
}

static const SoapField add_parameters[] = {
  { .name = "apiData", .type = "string" },
  { NULL },
};

static const SoapField add_for_tenant_parameters[] = {
  { .name = "apiData", .type = "string" },
  { .name = "tenantDomain", .type = "string" },
  { NULL },
};

static const SoapField update_parameters[] = {
  { .name = "apiName", .type = "string" },
  { .name = "apiData", .type = "string" },
  { NULL },
};

static const SoapField update_for_tenant_parameters[] = {
  { .name = "apiName", .type = "string" },
  { .name = "apiData", .type = "string" },
  { .name = "tenantDomain", .type = "string" },
  { NULL },
};

static const SoapField name_parameters[] = {
  { .name = "apiName", .type = "string" },
  { NULL },
};

static const SoapField name_for_tenant_parameters[] = {
  { .name = "apiName", .type = "string" },
  { .name = "tenantDomain", .type = "string" },
  { NULL },
};

static const SoapField api_fields[] = {
  { .name = "context", .type = "string" }, { .name = "fileName", .type = "string" },
  { .name = "host", .type = "string" },    { .name = "name", .type = "string" },
  { .name = "port", .type = "int" },       { NULL },
};

static const SoapBean api_bean = { "APIData", BEANS, api_fields };
static const SoapField api_result[] = { { .name = "return", .bean = &api_bean }, { NULL } };

static const SoapOperation operations[] = {
  { "addApiFromString", add_parameters, gw_admin_boolean_result, add },
  { "addApiForTenant", add_for_tenant_parameters, gw_admin_boolean_result, add },
  { "updateApiFromString", update_parameters, gw_admin_boolean_result, update },
  { "updateApiForTenant", update_for_tenant_parameters, gw_admin_boolean_result, update },
  { "getApiByName", name_parameters, api_result, get },
  { "getApiForTenant", name_for_tenant_parameters, api_result, get },
  { "deleteApi", name_parameters, gw_admin_boolean_result, delete },
  { "deleteApiForTenant", name_for_tenant_parameters, gw_admin_boolean_result, delete },
  { NULL },
};

const SoapService gw_admin_rest = {
  .name = "RestApiAdmin",
  .namespace = NAMESPACE,
  .target = TARGET,
  .exception = "APIException",
  .takes_files = TRUE,
  .operations = operations,
};
