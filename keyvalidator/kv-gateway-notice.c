#include "config.h"
#include "keyvalidator/kv-gateway-notice.h"

#include "common/apim-log.h"
#include "common/apim-secret.h"
#include "keyvalidator/oauth/kv-oauth-token-text.h"
#include "soap/soap-writer.h"
#include "store/st-oauth-application.h"
#include "store/st-subscribed-apis.h"

/* Of one message: four elements each, of SOAP_MAX_ELEMENTS. */
#define MAX_WRITTEN 100
/* A message that has more is ended: the longest token on top (CORE_JWT_MAX_LENGTH) still fits Limits/MaxSoapMessage. */
#define MAX_BYTES (128 * 1024)
#define NAMESPACE "http://service.security.handlers.gateway.apimgt.carbon.wso2.org"

struct _KvGatewayNotice
{
  gint references; /* atomic */
  char *access_token; /* as it is stored */
  char *consumer_key; /* nullable */
  GMutex lock;
  gboolean resolved; /* under the lock */
  /* Under the lock until it is resolved, and then never again changed. */
  GPtrArray *apis; /* of StSubscribedApi; nullable */
  char *shown;     /* as clients show it; nullable: as it is stored */
};

KvGatewayNotice *
kv_gateway_notice_new (const char *access_token, const char *shown, const char *consumer_key)
{
  KvGatewayNotice *notice = g_new0 (KvGatewayNotice, 1);

  notice->references = 1;
  notice->access_token = g_strdup (access_token);
  notice->shown = g_strdup (shown);
  notice->consumer_key = g_strdup (consumer_key);
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
  apim_secret_free (notice->shown);
  g_free (notice->consumer_key);
  g_free (notice);
}

typedef struct
{
  KvOauth *oauth;
  const KvGatewayNotice *notice;
  GPtrArray *apis;
  /* What a JWT is made again of; NULL where the token is none. */
  StOauthClient *client;
  StOauthToken *token;
} Search;

static void
search_clear (Search *search)
{
  g_clear_pointer (&search->apis, g_ptr_array_unref);
  g_clear_pointer (&search->client, st_oauth_client_free);
  g_clear_pointer (&search->token, st_oauth_token_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Search, search_clear)

static gboolean
find_token (StWriter *writer, const Search *search, StOauthToken **token, GError **error)
{
  StOauthForm form;

  return kv_oauth_form (search->oauth, writer, &form, error)
         && st_oauth_token_find_by_access (writer, &form, search->notice->access_token, token, error);
}

/* Whoever ended the token did not know how clients show it. */
static gboolean
find_jwt (StWriter *writer, Search *search, const char *consumer_key, GError **error)
{
  gboolean jwt = FALSE;

  if (search->notice->shown != NULL)
    return TRUE;
  if (!st_oauth_application_wants_jwt (writer, consumer_key, &jwt, error))
    return FALSE;
  return !jwt
         || (find_token (writer, search, &search->token, error)
             && st_oauth_client_find (writer, consumer_key, &search->client, error));
}

static gboolean
find_all (StWriter *writer, gpointer data, GError **error)
{
  Search *search = data;
  g_autofree char *key = g_strdup (search->notice->consumer_key);
  g_autoptr (StOauthToken) token = NULL;

  search_clear (search);
  if (key == NULL)
    {
      if (!find_token (writer, search, &token, error))
        return FALSE;
      key = token != NULL ? g_strdup (token->consumer_key) : NULL;
    }
  return key == NULL
         || (st_subscribed_apis_of_client (writer, key, &search->apis, error)
             && find_jwt (writer, search, key, error));
}

/* By the text that is stored no gateway knows a JWT (decisions.md 6). */
static char *
make_jwt (const Search *search, GError **error)
{
  const StOauthUser *known = &search->token->user;
  g_auto (StOauthUser) user = { .name = NULL };

  return kv_oauth_user_of (search->oauth, known->tenant_id, known->user_domain, known->name, &user, error)
             ? kv_oauth_token_text (search->oauth, search->client, &user, search->token, TRUE, error)
             : NULL;
}

static void
resolve (KvGatewayNotice *notice, Search *search)
{
  static ApimLogGate gate, jwt_gate;
  g_autoptr (GError) error = NULL;

  if (!kv_oauth_read (search->oauth, find_all, search, &error))
    {
      apim_log_limited (&gate, APIM_LOG_WARNING, "keyvalidator",
                        "could not find the APIs of a token that ended, so gateways are told of the token alone: %s",
                        error->message);
      return;
    }
  notice->apis = g_steal_pointer (&search->apis);
  if (search->token == NULL || search->client == NULL)
    return;
  notice->shown = make_jwt (search, &error);
  if (notice->shown == NULL)
    apim_log_limited (&jwt_gate, APIM_LOG_WARNING, "keyvalidator",
                      "a JWT that ended could not be made again, so gateways are not told of it by its text: %s",
                      error->message);
}

void
kv_gateway_notice_resolve (KvGatewayNotice *notice, KvOauth *oauth)
{
  g_auto (Search) search = { oauth, notice };

  g_mutex_lock (&notice->lock);
  if (!notice->resolved)
    resolve (notice, &search);
  notice->resolved = TRUE;
  g_mutex_unlock (&notice->lock);
}

static const char *
text_of (const KvGatewayNotice *notice)
{
  return notice->shown != NULL ? notice->shown : notice->access_token;
}

static void
write_mapping (const KvGatewayNotice *notice, const StSubscribedApi *api, NetBuffer *body)
{
  SOAP_WRITE_MARKUP (body, "<s:mappings>");
  soap_write_text (body, "x:apiVersion", api != NULL ? api->version : NULL);
  soap_write_text (body, "x:context", api != NULL ? api->context : NULL);
  soap_write_text (body, "x:key", text_of (notice));
  SOAP_WRITE_MARKUP (body, "</s:mappings>");
}

static gboolean
has_room (const NetBuffer *body, guint n_written)
{
  return n_written < MAX_WRITTEN && net_buffer_length (body) < MAX_BYTES;
}

/* One that has no APIs, or none that is known, has one mapping without. */
static void
write_mappings (const KvGatewayNotice *notice, guint *api, guint *n_written, NetBuffer *body)
{
  const GPtrArray *apis = notice->apis;
  guint n_apis = apis != NULL ? MIN (apis->len, KV_GATEWAY_NOTICE_MAX_APIS) : 0;

  if (n_apis == 0)
    {
      write_mapping (notice, NULL, body);
      (*n_written)++;
    }
  for (; *api < n_apis && has_room (body, *n_written); (*n_written)++)
    write_mapping (notice, apis->pdata[(*api)++], body);
  if (*api == n_apis)
    *api = G_MAXUINT;
}

void
kv_gateway_notices_write_keys (KvGatewayNotice *const *notices, guint n, KvGatewayNoticePlace *place, NetBuffer *body)
{
  guint n_written = 0;

  SOAP_WRITE_MARKUP (body, "<s:invalidateKeys xmlns:s=\"" NAMESPACE "\" xmlns:x=\"" NAMESPACE "/xsd\">");
  while (place->notice < n && has_room (body, n_written))
    {
      write_mappings (notices[place->notice], &place->api, &n_written, body);
      if (place->api == G_MAXUINT)
        *place = (KvGatewayNoticePlace){ place->notice + 1, 0 };
    }
  SOAP_WRITE_MARKUP (body, "</s:invalidateKeys>");
}

void
kv_gateway_notices_write_tokens (KvGatewayNotice *const *notices, guint n, KvGatewayNoticePlace *place, NetBuffer *body)
{
  guint n_written = 0;

  SOAP_WRITE_MARKUP (body, "<s:invalidateCachedTokens xmlns:s=\"" NAMESPACE "\">");
  for (; place->notice < n && has_room (body, n_written); n_written++)
    soap_write_text (body, "s:accessTokens", text_of (notices[place->notice++]));
  SOAP_WRITE_MARKUP (body, "</s:invalidateCachedTokens>");
}
