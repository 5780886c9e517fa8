#include "config.h"
#include "keyvalidator/kv-gateway-notice.h"

#include "common/apim-log.h"
#include "common/apim-secret.h"
#include "soap/soap-writer.h"
#include "store/st-subscribed-apis.h"

#define NAMESPACE "http://service.security.handlers.gateway.apimgt.carbon.wso2.org"

struct _KvGatewayNotice
{
  gint references; /* atomic */
  char *access_token;
  char *consumer_key; /* nullable */
  gint64 made_us;
  GMutex lock;
  gboolean resolved; /* under the lock */
  GPtrArray *apis;   /* of StSubscribedApi; nullable; under the lock, and never again changed */
};

KvGatewayNotice *
kv_gateway_notice_new (const char *access_token, const char *consumer_key, gint64 now_us)
{
  KvGatewayNotice *notice = g_new0 (KvGatewayNotice, 1);

  notice->references = 1;
  notice->access_token = g_strdup (access_token);
  notice->consumer_key = g_strdup (consumer_key);
  notice->made_us = now_us;
  g_mutex_init (&notice->lock);
  return notice;
}

KvGatewayNotice *
kv_gateway_notice_ref (KvGatewayNotice *notice)
{
  g_atomic_int_inc (&notice->references);
  return notice;
}

void
kv_gateway_notice_unref (KvGatewayNotice *notice)
{
  if (!g_atomic_int_dec_and_test (&notice->references))
    return;
  g_clear_pointer (&notice->apis, g_ptr_array_unref);
  g_mutex_clear (&notice->lock);
  apim_secret_free (notice->access_token);
  g_free (notice->consumer_key);
  g_free (notice);
}

gint64
kv_gateway_notice_made_us (const KvGatewayNotice *notice)
{
  return notice->made_us;
}

typedef struct
{
  KvOauth *oauth;
  const KvGatewayNotice *notice;
  GPtrArray *apis;
} Search;

static gboolean
find_apis (StWriter *writer, gpointer data, GError **error)
{
  Search *search = data;
  g_autofree char *key = g_strdup (search->notice->consumer_key);
  g_autoptr (StOauthToken) token = NULL;
  StOauthForm form;

  g_clear_pointer (&search->apis, g_ptr_array_unref);
  if (key == NULL)
    {
      if (!kv_oauth_form (search->oauth, writer, &form, error)
          || !st_oauth_token_find_by_access (writer, &form, search->notice->access_token, &token, error))
        return FALSE;
      key = token != NULL ? g_strdup (token->consumer_key) : NULL;
    }
  return key == NULL || st_subscribed_apis_of_client (writer, key, &search->apis, error);
}

void
kv_gateway_notice_resolve (KvGatewayNotice *notice, KvOauth *oauth)
{
  static ApimLogGate gate;
  Search search = { oauth, notice, NULL };
  g_autoptr (GError) error = NULL;

  g_mutex_lock (&notice->lock);
  if (!notice->resolved)
    {
      if (!kv_oauth_read (oauth, find_apis, &search, &error))
        apim_log_limited (&gate, APIM_LOG_WARNING, "keyvalidator",
                          "could not find the APIs of a token that ended, so gateways are told of the token alone: %s",
                          error->message);
      notice->apis = search.apis;
      notice->resolved = TRUE;
    }
  g_mutex_unlock (&notice->lock);
}

static void
write_mapping (const KvGatewayNotice *notice, const StSubscribedApi *api, NetBuffer *body)
{
  SOAP_WRITE_MARKUP (body, "<s:mappings>");
  soap_write_text (body, "x:apiVersion", api != NULL ? api->version : NULL);
  soap_write_text (body, "x:context", api != NULL ? api->context : NULL);
  soap_write_text (body, "x:key", notice->access_token);
  SOAP_WRITE_MARKUP (body, "</s:mappings>");
}

void
kv_gateway_notices_write_keys (KvGatewayNotice *const *notices, guint n, NetBuffer *body)
{
  SOAP_WRITE_MARKUP (body, "<s:invalidateKeys xmlns:s=\"" NAMESPACE "\" xmlns:x=\"" NAMESPACE "/xsd\">");
  for (guint i = 0; i < n; i++)
    {
      const GPtrArray *apis = notices[i]->apis;
      guint n_apis = apis != NULL ? MIN (apis->len, KV_GATEWAY_NOTICE_MAX_APIS) : 0;

      for (guint j = 0; j < n_apis; j++)
        write_mapping (notices[i], apis->pdata[j], body);
      if (n_apis == 0)
        write_mapping (notices[i], NULL, body);
    }
  SOAP_WRITE_MARKUP (body, "</s:invalidateKeys>");
}

void
kv_gateway_notices_write_tokens (KvGatewayNotice *const *notices, guint n, NetBuffer *body)
{
  SOAP_WRITE_MARKUP (body, "<s:invalidateCachedTokens xmlns:s=\"" NAMESPACE "\">");
  for (guint i = 0; i < n; i++)
    soap_write_text (body, "s:accessTokens", notices[i]->access_token);
  SOAP_WRITE_MARKUP (body, "</s:invalidateCachedTokens>");
}
