#include "config.h"
#include "deployment/dp-gateway-admin.h"

#include "common/apim-tenants.h"
#include "soap/soap-client.h"

#include <string.h>

#define SERVICE "APIGatewayAdmin"
#define NAMESPACE "http://service.gateway.apimgt.carbon.wso2.org"

typedef struct
{
  DpTarget target;
  const ApimEnvironment *environment;
  GTlsDatabase *trust;
  guint timeout_ms;
  const DpSettings *settings;
  SoapClient *client; /* nullable: made for the next call */
} DpGatewayAdmin;

/* One parameter of an operation. A list of them ends with { NULL, NULL }. */
typedef struct
{
  const char *name;
  const char *value;
} Parameter;

/* Body: <ns:operation><ns:name>value</ns:name>...</ns:operation>. */
static void
write_call (NetBuffer *body, const char *operation, const Parameter *parameters)
{
  SOAP_WRITE_MARKUP (body, "<ns:");
  soap_write_markup (body, operation);
  SOAP_WRITE_MARKUP (body, " xmlns:ns=\"" NAMESPACE "\">");
  for (; parameters->name != NULL; parameters++)
    {
      g_autofree char *name = g_strconcat ("ns:", parameters->name, NULL);

      soap_write_text (body, name, parameters->value);
    }
  SOAP_WRITE_MARKUP (body, "</ns:");
  soap_write_markup (body, operation);
  SOAP_WRITE_MARKUP (body, ">");
}

static SoapClient *
client_of (DpGatewayAdmin *admin)
{
  const ApimEnvironment *environment = admin->environment;

  if (admin->client == NULL)
    admin->client = soap_client_new (environment->server_url, SOAP_LOGIN_ADMIN, environment->user,
                                     environment->password, admin->trust, admin->timeout_ms);
  return admin->client;
}

/* @answer: (out): <return> of the answer; NULL: none, or nil. */
static gboolean
call (DpGatewayAdmin *admin, const char *operation, const Parameter *parameters, const SoapElement **answer,
      GError **error)
{
  NetBuffer body = { NULL };
  const SoapElement *response = NULL, *result = NULL;
  g_autoptr (GError) problem = NULL;
  gboolean done;

  write_call (&body, operation, parameters);
  done = soap_client_call (client_of (admin), SERVICE, operation, &body, &response, &problem);
  if (!done && g_error_matches (problem, SOAP_CLIENT_ERROR, SOAP_CLIENT_ERROR_UNREACHABLE))
    {
      g_clear_error (&problem);
      g_clear_pointer (&admin->client, soap_client_free);
      done = soap_client_call (client_of (admin), SERVICE, operation, &body, &response, &problem);
    }
  explicit_bzero (body.bytes, body.size); /* it may hold the password of an endpoint */
  net_buffer_clear (&body);
  if (!done)
    {
      g_propagate_error (error, g_steal_pointer (&problem));
      return FALSE;
    }
  if (response != NULL)
    result = soap_element_next_named (response, NULL, "return");
  *answer = result != NULL && !result->nil ? result : NULL;
  return TRUE;
}

/* The same for an operation that answers a boolean, or nothing (1.9). */
static gboolean
command (DpGatewayAdmin *admin, const char *operation, const Parameter *parameters, GError **error)
{
  const SoapElement *answer;

  if (!call (admin, operation, parameters, &answer, error))
    return FALSE;
  if (answer == NULL || strcmp (answer->text, "false") != 0)
    return TRUE;
  g_set_error (error, DP_TARGET_ERROR, DP_TARGET_ERROR_REFUSED,
               "the gateway answered false to %s: its log says why", operation);
  return FALSE;
}

/* An operation on the API, in the form of its tenant. @config: (nullable): its file. */
static gboolean
api_call (DpGatewayAdmin *admin, const char *operation, const DpArtifacts *artifacts, const char *config,
          const SoapElement **answer, GError **error)
{
  gboolean super = strcmp (artifacts->tenant_domain, APIM_SUPER_TENANT_DOMAIN) == 0;
  g_autofree char *name = g_strconcat (operation, super ? "" : "ForTenant", NULL);
  Parameter parameters[6] = { { "apiProviderName", artifacts->provider },
                              { "apiName", artifacts->name },
                              { "version", artifacts->version } };
  guint n = 3;

  if (config != NULL)
    parameters[n++] = (Parameter){ "apiConfig", config };
  if (!super)
    parameters[n++] = (Parameter){ "tenantDomain", artifacts->tenant_domain };
  if (answer != NULL)
    return call (admin, name, parameters, answer, error);
  return command (admin, name, parameters, error);
}

/* A gateway says that an API is not there by nil, or (some releases) by a fault. An answer that is too large
 * for us is one of an API with very many resources. */
static gboolean
is_there (DpGatewayAdmin *admin, const char *operation, const DpArtifacts *artifacts, gboolean *there,
          GError **error)
{
  const SoapElement *answer = NULL;
  g_autoptr (GError) problem = NULL;

  if (api_call (admin, operation, artifacts, NULL, &answer, &problem))
    {
      *there = answer != NULL;
      return TRUE;
    }
  *there = g_error_matches (problem, SOAP_CLIENT_ERROR, SOAP_CLIENT_ERROR_ANSWER);
  if (*there || g_error_matches (problem, SOAP_CLIENT_ERROR, SOAP_CLIENT_ERROR_FAULT))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&problem));
  return FALSE;
}

static gboolean
endpoint_call (DpGatewayAdmin *admin, const char *operation, const char *name, const char *value,
               const DpArtifacts *artifacts, GError **error)
{
  gboolean super = strcmp (artifacts->tenant_domain, APIM_SUPER_TENANT_DOMAIN) == 0;
  g_autofree char *full = g_strconcat (operation, super ? "" : "ForTenant", NULL);
  const Parameter parameters[]
      = { { name, value }, { super ? NULL : "tenantDomain", artifacts->tenant_domain }, { NULL, NULL } };

  return command (admin, full, parameters, error);
}

/* Its answer is whether there were any. */
static gboolean
forget_endpoints (DpGatewayAdmin *admin, const DpArtifacts *artifacts, GError **error)
{
  const Parameter parameters[] = { { "apiName", artifacts->name },
                                   { "apiVersion", artifacts->version },
                                   { "tenantDomain", artifacts->tenant_domain },
                                   { NULL, NULL } };
  const SoapElement *answer;

  return artifacts->endpoint_names[0] == NULL
         || call (admin, "removeEndpointsToUpdate", parameters, &answer, error);
}

/* Before the API's file, which names them. */
static gboolean
put_endpoints (DpGatewayAdmin *admin, const DpArtifacts *artifacts, GError **error)
{
  if (!forget_endpoints (admin, artifacts, error))
    return FALSE;
  for (guint i = 0; i < DP_ARTIFACTS_N_SIDES; i++)
    if (artifacts->endpoints[i] != NULL
        && !endpoint_call (admin, "addEndpoint", "endpointData", artifacts->endpoints[i], artifacts, error))
      return FALSE;
  return TRUE;
}

/* The answer is the password under the gateway's key, which the gateway has stored under the alias as well.
 */
static gboolean
put_password (DpGatewayAdmin *admin, const DpArtifacts *artifacts, GError **error)
{
  const Parameter parameters[] = { { "tenantDomain", artifacts->tenant_domain },
                                   { "secureVaultAlias", artifacts->vault_alias },
                                   { "plainTextPass", artifacts->vault_password },
                                   { NULL, NULL } };
  guint first = admin->settings->generation < APIM_GATEWAY_2_0 ? 2 : 0; /* 1.x has the password alone */
  const SoapElement *answer;

  return artifacts->vault_alias == NULL || call (admin, "doEncryption", parameters + first, &answer, error);
}

static gboolean
put_default (DpGatewayAdmin *admin, const DpArtifacts *artifacts, GError **error)
{
  gboolean there;

  if (artifacts->default_api == NULL)
    return TRUE;
  return is_there (admin, "getDefaultApi", artifacts, &there, error)
         && api_call (admin, there ? "updateDefaultApi" : "addDefaultAPI", artifacts, artifacts->default_api,
                      NULL, error);
}

static gboolean
take_away (DpTarget *target, const DpArtifacts *artifacts, GError **error)
{
  DpGatewayAdmin *admin = (DpGatewayAdmin *)target;
  gboolean there;

  if (!is_there (admin, "getApi", artifacts, &there, error))
    return FALSE;
  return (!there || api_call (admin, "deleteApi", artifacts, NULL, NULL, error))
         && forget_endpoints (admin, artifacts, error);
}

static gboolean
take_default_away (DpTarget *target, const DpArtifacts *artifacts, GError **error)
{
  DpGatewayAdmin *admin = (DpGatewayAdmin *)target;
  gboolean there;

  if (!is_there (admin, "getDefaultApi", artifacts, &there, error))
    return FALSE;
  return !there || api_call (admin, "deleteDefaultApi", artifacts, NULL, NULL, error);
}

static gboolean
publish (DpTarget *target, const DpArtifacts *artifacts, GError **error)
{
  DpGatewayAdmin *admin = (DpGatewayAdmin *)target;
  const char *operation;
  gboolean there;

  if (artifacts->api == NULL)
    return take_away (target, artifacts, error);
  if (!is_there (admin, "getApi", artifacts, &there, error) || !put_endpoints (admin, artifacts, error))
    return FALSE;
  if (artifacts->is_script)
    operation = there ? "updateApiForInlineScript" : "addPrototypeApiScriptImpl";
  else
    operation = there ? "updateApi" : "addApi";
  return put_password (admin, artifacts, error)
         && api_call (admin, operation, artifacts, artifacts->api, NULL, error)
         && put_default (admin, artifacts, error);
}

static gboolean
look (DpTarget *target, const DpArtifacts *artifacts, DpPresence *presence, GError **error)
{
  gboolean there;

  if (!is_there ((DpGatewayAdmin *)target, "getApi", artifacts, &there, error))
    return FALSE;
  *presence = there ? DP_PRESENCE_THERE : DP_PRESENCE_MISSING;
  return TRUE;
}

static void
admin_free (DpTarget *target)
{
  DpGatewayAdmin *admin = (DpGatewayAdmin *)target;

  soap_client_free (admin->client);
  g_clear_object (&admin->trust);
  g_free (admin);
}

DpTarget *
dp_gateway_admin_new (const ApimEnvironment *environment, GTlsDatabase *trust, guint timeout_ms,
                      const DpSettings *settings)
{
  static const DpTargetClass class = { publish, take_away, take_default_away, look, admin_free };
  DpGatewayAdmin *admin = g_new0 (DpGatewayAdmin, 1);

  admin->target.class = &class;
  admin->environment = environment;
  admin->trust = trust != NULL ? g_object_ref (trust) : NULL;
  admin->timeout_ms = timeout_ms;
  admin->settings = settings;
  return &admin->target;
}
