#include "config.h"
#include "keyvalidator/oauth/kv-oauth-application.h"

#include "core/core-oauth.h"
#include "keyvalidator/oauth/kv-oauth-answer.h"
#include "keyvalidator/oauth/kv-oauth-client-auth.h"
#include "keyvalidator/oauth/kv-oauth-issuer.h"
#include "keyvalidator/oauth/kv-oauth-memory.h"
#include "keyvalidator/oauth/kv-oauth-request.h"
#include "keyvalidator/oauth/kv-oauth-scopes.h"
#include "keyvalidator/oauth/kv-oauth-token.h"

#include <string.h>

/* A request that an application may make, of a client that is who it says. */
typedef struct
{
  KvOauth *oauth;
  NetHttpExchange *exchange;
  const char *key;
  const KvClient *client;
  const char *grant_type;
  const char *asked_scope; /* nullable */
  gint64 asked_s;
} Request;

/* A request whose operation is under way. */
typedef struct
{
  KvOauthWrite write;
  KvOauth *oauth;
  NetHttpExchange *exchange;
  NetHttpHandler otherwise;
  KvCacheTicket ticket;
  KvCacheEntry *entry;  /* of the client; owner and client point into it */
  StOauthClient client; /* key is its own */
  StOauthUser owner;
  char *asked_scope;
  char **scopes;
  KvOauthIssue issue; /* of all this */
  KvOauthIssued issued;
} Late;

/* A validity is for a new token alone, but one that is no number is refused. */
static gboolean
read_request (Request *request, const NetHttpForm *form)
{
  request->grant_type = net_http_form_get (form, "grant_type");
  request->asked_scope = net_http_form_get (form, "scope");
  return request->grant_type != NULL
         && (strcmp (request->grant_type, CORE_OAUTH_CLIENT_CREDENTIALS) == 0
             || strcmp (request->grant_type, CORE_OAUTH_APPLICATION_TOKEN) == 0)
         && core_oauth_client_may (request->client->grant_types, request->grant_type)
         && core_oauth_parse_validity (net_http_form_get (form, "validity_period"), &request->asked_s);
}

/* (transfer full) (nullable): the client, if it is who it says. */
static KvCacheEntry *
authenticate (const KvOauth *oauth, const KvOauthCredentials *credentials)
{
  g_autoptr (KvCacheEntry) entry = kv_oauth_recall_client (oauth, credentials->key);
  const KvClient *client = entry != NULL ? kv_cache_entry_client (entry) : NULL;

  return client != NULL && client->active && kv_oauth_client_has_secret (oauth, client, credentials->secret)
             ? g_steal_pointer (&entry)
             : NULL;
}

/* Answers with the token that there is, if it is remembered and has time left. */
static gboolean
reuse (const Request *request)
{
  KvOauth *oauth = request->oauth;
  g_autoptr (KvCacheEntry) grant = kv_oauth_recall_grant (oauth, request->key, request->asked_scope);
  const KvGranted *granted = grant != NULL ? kv_cache_entry_granted (grant) : NULL;
  gint64 remaining_ms;

  if (granted == NULL)
    return FALSE;
  remaining_ms
      = core_oauth_remaining_ms (granted->issued_ms, granted->validity_ms, 0, apim_clock_wall_ms (oauth->stores.clock));
  if (remaining_ms <= 0)
    return FALSE;
  kv_oauth_count (&oauth->counters.reused);
  kv_oauth_answer_token (request->exchange, granted->access_token, NULL, granted->scope,
                         core_oauth_expires_in_s (remaining_ms, TRUE), NULL);
  return TRUE;
}

static void
late_free (Late *late)
{
  kv_cache_entry_unref (late->entry);
  g_free (late->client.key);
  g_free (late->asked_scope);
  g_strfreev (late->scopes);
  kv_oauth_issued_clear (&late->issued);
  g_clear_error (&late->write.error);
  g_free (late);
}

static gboolean
issue_token (StWriter *writer, gpointer data, GError **error)
{
  Late *late = data;

  return kv_oauth_issue_within (late->oauth, writer, &late->issue, &late->issued, error);
}

/* On the thread that wrote. */
static void
answer_written (KvOauthWrite *write)
{
  Late *late = (Late *) write;
  KvOauth *oauth = late->oauth;

  if (write->kept && kv_oauth_finish (oauth, &late->issue, &late->issued, &write->error))
    {
      if (late->issued.reused && !late->issued.jwt)
        kv_oauth_remember_grant (oauth, late->ticket, late->client.key, late->asked_scope, late->issued.token);
      kv_oauth_token_answer (late->exchange, &late->issued, FALSE, NULL);
    }
  else if (g_error_matches (write->error, ST_ERROR, ST_ERROR_CONFLICT))
    net_http_exchange_hand_to_pool (late->exchange, late->otherwise, oauth);
  else
    {
      kv_oauth_count (&oauth->counters.refused);
      kv_oauth_answer_error (late->exchange, write->error, oauth->config->host_name);
    }
  late_free (late);
}

static Late *
late_new (const Request *request, KvCacheEntry *entry, NetHttpHandler otherwise)
{
  const KvClient *client = request->client;
  Late *late = g_new0 (Late, 1);

  late->oauth = request->oauth;
  late->exchange = request->exchange;
  late->otherwise = otherwise;
  late->ticket = kv_oauth_memory_ticket (request->oauth);
  late->entry = g_steal_pointer (&entry);
  late->asked_scope = g_strdup (request->asked_scope);
  late->owner = (StOauthUser){ .name = client->owner_name,
                               .user_domain = client->owner_domain,
                               .tenant_id = client->tenant_id,
                               .tenant_domain = client->tenant_domain };
  late->client = (StOauthClient){ .id = client->id,
                                  .key = g_strdup (request->key),
                                  .owner = late->owner,
                                  .grant_types = client->grant_types,
                                  .application_token_s = client->application_token_s,
                                  .refresh_token_s = client->refresh_token_s };
  late->write = (KvOauthWrite){
    .work = issue_token, .data = late, .done = answer_written, .deadline_us = kv_oauth_deadline (request->oauth)
  };
  return late;
}

/* @entry: (transfer full): of the client. */
static gboolean
issue (const Request *request, KvCacheEntry *entry, NetHttpHandler otherwise)
{
  Late *late = late_new (request, entry, otherwise);

  /* Asks no database: kv_oauth_scopes_need_store(). */
  if (kv_oauth_grant_scopes (late->oauth, &late->client, &late->owner, late->asked_scope, TRUE, &late->scopes, NULL))
    {
      late->issue = (KvOauthIssue){ .client = &late->client,
                                    .user = &late->owner,
                                    .user_type = ST_OAUTH_USER_TYPE_APPLICATION,
                                    .grant_type = strcmp (request->grant_type, CORE_OAUTH_APPLICATION_TOKEN) == 0
                                                      ? CORE_OAUTH_APPLICATION_TOKEN
                                                      : CORE_OAUTH_CLIENT_CREDENTIALS,
                                    .scopes = (const char *const *) late->scopes,
                                    .asked_s = request->asked_s };
      if (kv_oauth_batch_push (late->oauth->batch, &late->write))
        return TRUE;
    }
  late_free (late);
  return FALSE;
}

/* JWTs are signed, and of the application's making: not here. */
static gboolean
may_issue (const Request *request)
{
  gboolean jwt;

  return kv_oauth_recall_token_kind (request->oauth, request->key, &jwt) && !jwt
         && !kv_oauth_scopes_need_store (request->oauth, request->asked_scope);
}

static gboolean
answer (KvOauth *oauth, NetHttpExchange *exchange, const NetHttpForm *form, NetHttpHandler otherwise)
{
  g_auto (KvOauthCredentials) credentials;
  g_autoptr (KvCacheEntry) entry = NULL;
  Request request = { .oauth = oauth, .exchange = exchange };

  if (!kv_oauth_credentials_read (&credentials, exchange, form, NULL))
    return FALSE;
  entry = authenticate (oauth, &credentials);
  if (entry == NULL)
    return FALSE;
  request.key = credentials.key;
  request.client = kv_cache_entry_client (entry);
  return read_request (&request, form)
         && (reuse (&request) || (may_issue (&request) && issue (&request, g_steal_pointer (&entry), otherwise)));
}

gboolean
kv_oauth_application_token (KvOauth *oauth, NetHttpExchange *exchange, NetHttpHandler otherwise)
{
  g_autoptr (NetHttpForm) form = kv_oauth_request_form (exchange, NULL);

  return form != NULL && answer (oauth, exchange, form, otherwise);
}
