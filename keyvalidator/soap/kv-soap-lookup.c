#include "config.h"
#include "keyvalidator/soap/kv-soap-lookup.h"

#include "keyvalidator/oauth/kv-oauth-answer.h"
#include "keyvalidator/oauth/kv-oauth-client-auth.h"
#include "keyvalidator/oauth/kv-oauth-grants.h"

gboolean
kv_soap_fail_store (GError *why, GError **error)
{
  if (!g_error_matches (why, ST_ERROR, ST_ERROR_CONFLICT) && !g_error_matches (why, ST_ERROR, ST_ERROR_DATA)
      && why->domain != KV_OAUTH_ERROR)
    {
      g_propagate_error (error, why);
      return FALSE;
    }
  soap_fail (error, why->message);
  g_error_free (why);
  return FALSE;
}

gboolean
kv_soap_resolve_user (SoapCall *call, const char *text, StOauthUser *user, GError **error)
{
  g_auto (StOauthUser) known = st_oauth_user_parse (text);
  g_autoptr (GError) why = NULL;

  if (kv_oauth_check_user (kv_soap_admin_of (call)->oauth, &known, TRUE, user, &why))
    return TRUE;
  if (why->domain == KV_OAUTH_ERROR)
    return soap_fail (error, "There is no such user.");
  g_propagate_error (error, g_steal_pointer (&why));
  return FALSE;
}

gboolean
kv_soap_find_client (SoapCall *call, const char *key, StOauthClient **client, GError **error)
{
  if (!kv_oauth_client_find (kv_soap_admin_of (call)->oauth, key, client, error))
    return FALSE;
  return *client != NULL || soap_fail (error, "There is no OAuth application with this consumer key.");
}

static const SoapField api_info_fields[] = {
  { .name = "APIIdentifier", .type = "string" },
  { .name = "apiName", .type = "string" },
  { .name = "context", .type = "string" },
  { .name = "providerId", .type = "string" },
  { .name = "resources", .type = "string", .many = TRUE },
  { .name = "version", .type = "string" },
  { NULL },
};

const SoapBean kv_soap_api_info_bean = { "APIInfoDTO", KV_SOAP_DTO, api_info_fields };

gboolean
kv_soap_read_api (SoapCall *call, StApiName *api, GError **error)
{
  const SoapElement *info = soap_element_next_named (call->operation, NULL, "apiInfoDTO");

  if (info == NULL)
    return soap_fail (error, "The parameter \"apiInfoDTO\" is missing.");
  return soap_parameter_need (info, "providerId", &api->provider, error)
         && soap_parameter_need (info, "apiName", &api->name, error)
         && soap_parameter_need (info, "version", &api->version, error);
}

void
kv_soap_write_api (NetBuffer *output, const StSubscribedApi *api)
{
  g_autofree char *identifier = g_strjoin ("_", api->provider, api->name, api->version, NULL);

  SOAP_WRITE_MARKUP (output, "<ns:return>");
  soap_write_text (output, "b:APIIdentifier", identifier);
  soap_write_text (output, "b:apiName", api->name);
  soap_write_text (output, "b:context", api->context);
  soap_write_text (output, "b:providerId", api->provider);
  soap_write_text (output, "b:resources", NULL);
  soap_write_text (output, "b:version", api->version);
  SOAP_WRITE_MARKUP (output, "</ns:return>");
}
