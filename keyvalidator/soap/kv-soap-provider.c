/* APIKeyMgtProviderService, as far as a running Publisher needs it (spec/soap-and-oauth.md 3.2, 3.5): after the scopes
 * of an API have changed, what is remembered of its clients is forgotten. */
#include "config.h"
#include "keyvalidator/soap/kv-soap-admin.h"

static const KvSoapField remove_parameters[] = {
  { .name = "consumerKeys", .type = "string", .many = TRUE },
  { NULL },
};

static gboolean
remove_scope_cache (KvSoapAdminCall *call, GError **error)
{
  KvMemory *memory = call->admin->oauth->stores.memory;
  g_autofree const char **keys = kv_soap_parameter_list (call->operation, "consumerKeys");

  for (const char **key = keys; memory != NULL && *key != NULL; key++)
    kv_cache_invalidate (memory->cache, kv_memory_tag_consumer_key (memory, *key));
  return TRUE;
}

static const KvSoapOperation operations[] = {
  { "removeScopeCache", remove_parameters, NULL, remove_scope_cache },
  { NULL },
};

const KvSoapAdminService kv_soap_provider = {
  .name = "APIKeyMgtProviderService",
  .namespace = KV_SOAP_AXIS2,
  .target = "http://service.keymgt.apimgt.carbon.wso2.org",
  .exception = "APIManagementException",
  .operations = operations,
};
