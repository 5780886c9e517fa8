/* APIAuthenticationService: what others want a gateway to forget (spec/gateway-and-traffic-manager.md 3). Forgotten is not
 * refused: the next call asks the Key Manager, which knows. */
#include "config.h"
#include "gateway/gw-admin-private.h"

#include <string.h>

#define NAMESPACE "http://service.security.handlers.gateway.apimgt.carbon.wso2.org"

static void
forget (const SoapCall *call, const char *token, gsize length)
{
  GwAuthenticator *authenticator = gw_admin_of (call)->authenticator;

  if (authenticator != NULL)
    gw_authenticator_forget_token (authenticator, token, length);
}

/* A key is a token, or "<token>:<context>/<version>..." as the original's cache has it. */
static gboolean
invalidate_keys (SoapCall *call, GError **error)
{
  (void)error;
  for (const SoapElement *at = NULL; (at = soap_element_next_named (call->operation, at, "mappings")) != NULL;)
    {
      const char *key = soap_parameter (at, "key");

      if (key != NULL)
        forget (call, key, strcspn (key, ":"));
    }
  return TRUE;
}

/* Works on a cache of the Key Manager's in the original: there is nothing of it here. */
static gboolean
invalidate_oauth_keys (SoapCall *call, GError **error)
{
  (void)call, (void)error;
  return TRUE;
}

static gboolean
invalidate_key (SoapCall *call, GError **error)
{
  const char *token;

  if (!soap_parameter_need (call->operation, "accessToken", &token, error))
    return FALSE;
  forget (call, token, strlen (token));
  return TRUE;
}

/* One API, or "POLICY:/t/foo.com/" for a tenant's: all are forgotten, each costs one question. */
static gboolean
invalidate_resources (SoapCall *call, GError **error)
{
  GwAuthenticator *authenticator = gw_admin_of (call)->authenticator;

  (void)error;
  if (authenticator != NULL)
    gw_authenticator_forget_resources (authenticator);
  return TRUE;
}

static gboolean
invalidate_tokens (SoapCall *call, GError **error)
{
  g_autofree const char **tokens = soap_parameter_list (call->operation, "accessTokens");

  (void)error;
  for (const char **token = tokens; *token != NULL; token++)
    forget (call, *token, strlen (*token));
  return TRUE;
}

static const SoapField mapping_fields[] = {
  { .name = "apiVersion", .type = "string" },
  { .name = "cacheKey", .type = "string" },
  { .name = "context", .type = "string" },
  { .name = "key", .type = "string" },
  { NULL },
};
static const SoapBean mapping_bean = { "APIKeyMapping", NAMESPACE "/xsd", mapping_fields };
static const SoapField keys_parameters[] = { { .name = "mappings", .many = TRUE, .bean = &mapping_bean }, { NULL } };
static const SoapField oauth_parameters[] = {
  { .name = "consumerKey", .type = "string" },
  { .name = "authorizedUser", .type = "string" },
  { NULL },
};
static const SoapField key_parameters[] = { { .name = "accessToken", .type = "string" }, { NULL } };
static const SoapField tokens_parameters[] = { { .name = "accessTokens", .type = "string", .many = TRUE }, { NULL } };
static const SoapField resource_parameters[] = {
  { .name = "apiContext", .type = "string" },
  { .name = "apiVersion", .type = "string" },
  { .name = "resourceURLContext", .type = "string" },
  { .name = "httpVerb", .type = "string" },
  { NULL },
};

static const SoapOperation operations[] = {
  { "invalidateKeys", keys_parameters, NULL, invalidate_keys },
  { "invalidateOAuthKeys", oauth_parameters, NULL, invalidate_oauth_keys },
  { "invalidateResourceCache", resource_parameters, NULL, invalidate_resources },
  { "invalidateKey", key_parameters, NULL, invalidate_key },
  { "invalidateCachedTokens", tokens_parameters, NULL, invalidate_tokens },
  { NULL },
};

const SoapService gw_admin_authentication = {
  .name = "APIAuthenticationService",
  .namespace = NAMESPACE,
  .target = NAMESPACE,
  .exception = "AxisFault",
  /* WSO2's Key Managers tell of all tokens of an application in one call, with each API that it is subscribed to. */
  .takes_lists = TRUE,
  .operations = operations,
};
