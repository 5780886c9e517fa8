/* APIKeyMgtProviderService: what the Publisher asks about the keys that use an API (spec/soap-and-oauth.md 3.2).
 *
 * The tokens of a user, here, are those that he is the user of, of clients of his own applications that are subscribed
 * to the API. A blocked token is refused until it is activated; its client may get another one meanwhile, so a
 * subscription is ended by blocking it, not its tokens. A token whose place another one has taken stays blocked. */
#include "config.h"
#include "keyvalidator/soap/kv-soap-lookup.h"

#include "keyvalidator/oauth/kv-oauth-client-auth.h"
#include "keyvalidator/oauth/kv-oauth-issuer.h"
#include "store/st-oauth-token-writes.h"

#include <string.h>

/* Reading */

typedef struct
{
  StApiName api;
  gint tenant_id;
  const char *user;
  GPtrArray *found;
} Search;

static gboolean
find_subscribers (StWriter *writer, gpointer data, GError **error)
{
  Search *search = data;

  g_clear_pointer (&search->found, g_ptr_array_unref);
  return st_api_find_subscribers (writer, &search->api, &search->found, error);
}

static gboolean
find_apis (StWriter *writer, gpointer data, GError **error)
{
  Search *search = data;

  g_clear_pointer (&search->found, g_ptr_array_unref);
  return st_subscribed_apis_of_user (writer, search->tenant_id, search->user, &search->found, error);
}

static gboolean
read_store (SoapCall *call, StWork work, Search *search, GPtrArray **found, GError **error)
{
  GError *why = NULL;
  gboolean done = kv_oauth_read (kv_soap_admin_of (call)->oauth, work, search, &why);

  *found = search->found;
  return done || kv_soap_fail_store (why, error);
}

static gboolean
get_issued_key_info (SoapCall *call, GError **error)
{
  g_autoptr (GPtrArray) subscribers = NULL;
  Search search = { 0 };

  if (!kv_soap_read_api (call, &search.api, error)
      || !read_store (call, find_subscribers, &search, &subscribers, error))
    return FALSE;
  for (guint i = 0; i < subscribers->len; i++)
    {
      const StApiSubscriber *subscriber = subscribers->pdata[i];

      SOAP_WRITE_MARKUP (call->output, "<ns:return>");
      soap_write_text (call->output, "b:status", subscriber->status);
      soap_write_text (call->output, "b:userId", subscriber->user);
      SOAP_WRITE_MARKUP (call->output, "</ns:return>");
    }
  return TRUE;
}

/* Providers are compared without case, as WSO2 does. */
static gboolean
get_apis_of_user (SoapCall *call, GError **error)
{
  g_auto (StOauthUser) user = { .name = NULL };
  g_autoptr (GPtrArray) apis = NULL;
  const char *provider;
  Search search = { 0 };

  if (!soap_parameter_need (call->operation, "userId", &search.user, error)
      || !soap_parameter_need (call->operation, "providerId", &provider, error)
      || !kv_soap_resolve_user (call, search.user, &user, error))
    return FALSE;
  search.tenant_id = user.tenant_id;
  if (!read_store (call, find_apis, &search, &apis, error))
    return FALSE;
  for (guint i = 0; i < apis->len; i++)
    if (g_ascii_strcasecmp (((const StSubscribedApi *) apis->pdata[i])->provider, provider) == 0)
      kv_soap_write_api (call->output, apis->pdata[i]);
  return TRUE;
}

/* States of tokens */

typedef enum
{
  ACTIVATE,
  BLOCK,
  REVOKE,
} Change;

/* One client and user. */
typedef struct
{
  KvOauth *oauth;
  Change change;
  const StOauthClient *client;
  const StOauthUser *user;
  GPtrArray *changed; /* of StOauthToken */
} Job;

static gint64
now_ms (const Job *job)
{
  return apim_clock_wall_ms (job->oauth->stores.clock);
}

static gboolean
find_tokens (StWriter *writer, const StOauthForm *form, const Job *job, GPtrArray **tokens, GError **error)
{
  if (job->change == ACTIVATE)
    return st_oauth_token_find_blocked (writer, form, job->client, job->user, tokens, error);
  return st_oauth_token_find_all (writer, form, job->client, job->user, now_ms (job), tokens, error);
}

/* With its scopes, which say whose place it would take. */
static gboolean
activate_token (StWriter *writer, const StOauthForm *form, const Job *job, const StOauthToken *blocked,
                gboolean *changed, GError **error)
{
  g_autoptr (StOauthToken) token = NULL;
  gboolean superseded = FALSE;

  *changed = FALSE;
  if (!st_oauth_token_find_by_access (writer, form, blocked->access_token, &token, error))
    return FALSE;
  if (token == NULL || strcmp (token->state, ST_OAUTH_BLOCKED) != 0)
    return TRUE;
  if (!st_oauth_token_is_superseded (writer, form, job->client, token, &superseded, error))
    return FALSE;
  *changed = !superseded;
  return superseded || st_oauth_token_unblock (writer, token, error);
}

static gboolean
change_token (StWriter *writer, const StOauthForm *form, const Job *job, const StOauthToken *token, gboolean *changed,
              GError **error)
{
  if (job->change == ACTIVATE)
    return activate_token (writer, form, job, token, changed, error);
  *changed = strcmp (token->state, ST_OAUTH_ACTIVE) == 0; /* another one is refused already */
  return !*changed || st_oauth_token_block (writer, token, error);
}

static gboolean
change_tokens (StWriter *writer, gpointer data, GError **error)
{
  Job *job = data;
  g_autoptr (GPtrArray) found = NULL;
  StOauthForm form;

  g_clear_pointer (&job->changed, g_ptr_array_unref);
  if (!kv_oauth_form (job->oauth, writer, &form, error))
    return FALSE;
  if (job->change == REVOKE)
    return st_oauth_token_revoke_all (writer, &form, job->client, job->user, now_ms (job), &job->changed, error);
  if (!find_tokens (writer, &form, job, &found, error))
    return FALSE;
  job->changed = g_ptr_array_new_with_free_func ((GDestroyNotify) st_oauth_token_free);
  while (found->len > 0)
    {
      g_autoptr (StOauthToken) token = g_ptr_array_steal_index (found, found->len - 1);
      gboolean changed;

      if (!change_token (writer, &form, job, token, &changed, error))
        return FALSE;
      if (changed)
        g_ptr_array_add (job->changed, g_steal_pointer (&token));
    }
  return TRUE;
}

static gboolean
change_of_client (SoapCall *call, const char *consumer_key, const StOauthUser *user, Change change,
                  GError **error)
{
  KvOauth *oauth = kv_soap_admin_of (call)->oauth;
  g_autoptr (StOauthClient) client = NULL;
  Job job = { .oauth = oauth, .change = change, .user = user };
  gboolean done;

  if (!kv_oauth_client_find (oauth, consumer_key, &client, error))
    return FALSE;
  if (client == NULL)
    return TRUE; /* its tokens went with it */
  job.client = client;
  done = kv_oauth_write (oauth, change_tokens, &job, error);
  if (done && change == ACTIVATE && oauth->stores.memory != NULL)
    kv_memory_forget_unknown (oauth->stores.memory); /* which a blocked token is taken for */
  for (guint i = 0; done && i < job.changed->len; i++)
    {
      kv_oauth_forget_token (oauth, ((const StOauthToken *) job.changed->pdata[i])->access_token, client->key);
      if (change == REVOKE)
        kv_oauth_count (&oauth->counters.revoked);
    }
  g_clear_pointer (&job.changed, g_ptr_array_unref);
  return done;
}

/* The keys of a subscriber's applications that are subscribed to the API. */
typedef struct
{
  StApiName api;
  gint tenant_id;
  const char *user;
  char **keys;
} KeySearch;

static gboolean
find_keys (StWriter *writer, gpointer data, GError **error)
{
  KeySearch *search = data;

  g_clear_pointer (&search->keys, g_strfreev);
  return st_api_find_keys_of_subscriber (writer, &search->api, search->tenant_id, search->user, &search->keys, error);
}

static gboolean
change_of_user (SoapCall *call, const StApiName *api, const char *name, Change change, GError **error)
{
  g_auto (StOauthUser) user = { .name = NULL };
  KeySearch search = { .api = *api, .user = name };
  g_auto (GStrv) keys = NULL;
  gboolean done;

  if (!kv_soap_resolve_user (call, name, &user, error))
    return FALSE;
  search.tenant_id = user.tenant_id;
  done = kv_oauth_read (kv_soap_admin_of (call)->oauth, find_keys, &search, error);
  keys = search.keys;
  for (guint i = 0; done && keys[i] != NULL; i++)
    done = change_of_client (call, keys[i], &user, change, error);
  return done;
}

/* User by user, each token in a transaction with the others of its client: what is interrupted can be asked for again.
 */
static gboolean
change_states (SoapCall *call, Change change, GError **error)
{
  g_autofree const char **users = soap_parameter_list (call->operation, "users");
  GError *why = NULL;
  StApiName api;

  if (!kv_soap_read_api (call, &api, error))
    return FALSE;
  for (guint i = 0; users[i] != NULL; i++)
    if (!change_of_user (call, &api, users[i], change, &why))
      return why->domain == SOAP_ERROR ? (g_propagate_error (error, why), FALSE) : kv_soap_fail_store (why, error);
  return TRUE;
}

static gboolean
activate_access_tokens (SoapCall *call, GError **error)
{
  return change_states (call, ACTIVATE, error);
}

static gboolean
block_access_tokens (SoapCall *call, GError **error)
{
  return change_states (call, BLOCK, error);
}

static gboolean
revoke_access_tokens (SoapCall *call, GError **error)
{
  return change_states (call, REVOKE, error);
}

/* After the scopes of an API have changed, what is remembered of its clients is forgotten. */
static gboolean
remove_scope_cache (SoapCall *call, GError **error)
{
  KvMemory *memory = kv_soap_admin_of (call)->oauth->stores.memory;
  g_autofree const char **keys = soap_parameter_list (call->operation, "consumerKeys");

  for (const char **key = keys; memory != NULL && *key != NULL; key++)
    kv_cache_invalidate (memory->cache, kv_memory_tag_consumer_key (memory, *key));
  return TRUE;
}

/* The table */

static const SoapField key_info_fields[] = {
  { .name = "status", .type = "string" },
  { .name = "userId", .type = "string" },
  { NULL },
};
static const SoapBean key_info = { "APIKeyInfoDTO", KV_SOAP_DTO, key_info_fields };
static const SoapField key_infos[] = { { .name = "return", .many = TRUE, .bean = &key_info }, { NULL } };
static const SoapField apis[] = { { .name = "return", .many = TRUE, .bean = &kv_soap_api_info_bean }, { NULL } };

static const SoapField api_parameters[] = { { .name = "apiInfoDTO", .bean = &kv_soap_api_info_bean }, { NULL } };

static const SoapField user_parameters[] = {
  { .name = "userId", .type = "string" },
  { .name = "providerId", .type = "string" },
  { NULL },
};

static const SoapField state_parameters[] = {
  { .name = "users", .type = "string", .many = TRUE },
  { .name = "apiInfoDTO", .bean = &kv_soap_api_info_bean },
  { NULL },
};

static const SoapField remove_parameters[] = {
  { .name = "consumerKeys", .type = "string", .many = TRUE },
  { NULL },
};

static const SoapOperation operations[] = {
  { "getIssuedKeyInfo", api_parameters, key_infos, get_issued_key_info },
  { "getAPIsOfUser", user_parameters, apis, get_apis_of_user },
  { "activateAccessTokens", state_parameters, NULL, activate_access_tokens },
  { "blockAccessTokens", state_parameters, NULL, block_access_tokens },
  { "revokeAccessTokens", state_parameters, NULL, revoke_access_tokens },
  { "removeScopeCache", remove_parameters, NULL, remove_scope_cache },
  { NULL },
};

const SoapService kv_soap_provider = {
  .name = "APIKeyMgtProviderService",
  .namespace = KV_SOAP_AXIS2,
  .target = "http://service.keymgt.apimgt.carbon.wso2.org",
  .exception = "APIManagementException",
  .operations = operations,
};
