/* The way of a call: the API's resources, what the resource asks for, the token; each from memory, or else it
 * waits (gw-authenticator-wait.c) and comes by here again. */
#include "config.h"
#include "gateway/gw-authenticator.h"

#include "gateway/gw-authenticator-private.h"
#include "gateway/gw-jwt.h"
#include "gateway/gw-token-id.h"

#include <string.h>

const GwAuthSettings gw_auth_standard_settings = {
  .max_answers = 100000,
  .grant_ms = 900000,
  .refusal_ms = 2000,
  .grace_ms = 0,
};

GwAuthenticator *
gw_authenticator_new (GwKeyValidator *validator, const GwAuthSettings *settings, NetReactor *reactor,
                      const ApimClock *clock)
{
  GwAuthenticator *authenticator = g_new0 (GwAuthenticator, 1);
  guint refusals = MAX (settings->max_answers / 8, 1);

  authenticator->validator = validator;
  authenticator->settings = *settings;
  authenticator->clock = clock;
  apim_hash_key_init (&authenticator->hash_key);
  authenticator->reactor = reactor;
  authenticator->n_workers = net_reactor_n_workers (reactor);
  authenticator->workers = g_new0 (GwAuthWorker, authenticator->n_workers);
  for (guint i = 0; i < authenticator->n_workers; i++)
    {
      GwAuthWorker *worker = &authenticator->workers[i];

      worker->authenticator = authenticator;
      worker->forget_task.run = gw_auth_run_forget;
      worker->grants = gw_key_cache_new (settings->max_answers, &authenticator->hash_key);
      worker->refusals = gw_key_cache_new (refusals, &authenticator->hash_key);
      worker->revoked = gw_key_cache_new (refusals, &authenticator->hash_key);
      worker->resources = g_hash_table_new_full (gw_auth_key_hash, gw_auth_key_equal, g_free,
                                                 (GDestroyNotify)gw_resource_list_unref);
      worker->flights = g_hash_table_new (gw_auth_key_hash, gw_auth_key_equal);
    }
  return authenticator;
}

void
gw_authenticator_set_jwt (GwAuthenticator *authenticator, GwJwt *jwt, gint64 skew_ms)
{
  authenticator->jwt = jwt;
  for (guint i = 0; i < authenticator->n_workers; i++)
    authenticator->workers[i].ended = gw_ended_tokens_new (GW_ENDED_TOKENS_MAX, skew_ms / 1000, authenticator->clock);
}

void
gw_authenticator_free (GwAuthenticator *authenticator)
{
  if (authenticator == NULL)
    return;
  for (guint i = 0; i < authenticator->n_workers; i++)
    {
      GwAuthWorker *worker = &authenticator->workers[i];

      gw_auth_forget_waiting (worker);
      gw_key_cache_free (worker->grants);
      gw_key_cache_free (worker->refusals);
      gw_key_cache_free (worker->revoked);
      gw_ended_tokens_free (worker->ended);
      g_hash_table_unref (worker->resources);
      g_hash_table_unref (worker->flights);
    }
  g_free (authenticator->workers);
  g_free (authenticator);
}

static void
count (guint64 *counter)
{
  __atomic_store_n (counter, *counter + 1, __ATOMIC_RELAXED);
}

static gboolean
end_call (GwAuthWorker *worker, GwAuthCall *call, GwAuthStatus status, guint code)
{
  call->status = status;
  call->code = code;
  count (status == GW_AUTH_GRANTED   ? &worker->counters.granted
         : status == GW_AUTH_REFUSED ? &worker->counters.refused
                                     : &worker->counters.unavailable);
  return TRUE;
}

static gint64
age_ms (const GwAuthWorker *worker, gint64 asked_us)
{
  return (apim_clock_monotonic_us (worker->authenticator->clock) - asked_us) / 1000;
}

/* Whether what was asked then still counts; @unavailable: no Key Manager answers. */
static gboolean
is_believed (const GwAuthWorker *worker, gint64 asked_us, gboolean unavailable)
{
  const GwAuthSettings *settings = &worker->authenticator->settings;

  return age_ms (worker, asked_us) < settings->grant_ms + (unavailable ? settings->grace_ms : 0);
}

gboolean
gw_auth_is_revoked (GwAuthWorker *worker, TwText id)
{
  const GwCacheKey key = { id.bytes, id.length, id.length };
  const GwKeyEntry *mark = gw_key_cache_find (worker->revoked, &key);

  return mark != NULL && is_believed (worker, mark->asked_us, TRUE);
}

static inline gboolean
append_part (char *buffer, gsize *length, TwText part)
{
  if (*length + part.length + 1 > GW_AUTH_MAX_KEY)
    return FALSE;
  if (part.length > 0)
    memcpy (buffer + *length, part.bytes, part.length);
  *length += part.length;
  buffer[(*length)++] = '\0';
  return TRUE;
}

/* The version that a call without one gets is another question than the same version by name. */
static gboolean
append_version (char *buffer, gsize *length, const GwAuthQuestion *question)
{
  if (question->default_version)
    {
      if (*length + strlen (GW_AUTH_VERSION_PREFIX) > GW_AUTH_MAX_KEY)
        return FALSE;
      memcpy (buffer + *length, GW_AUTH_VERSION_PREFIX, strlen (GW_AUTH_VERSION_PREFIX));
      *length += strlen (GW_AUTH_VERSION_PREFIX);
    }
  return append_part (buffer, length, question->version);
}

/* Parts come from HTTP heads and XML, which hold no NUL; so no two questions have one key. A version that is
 * absent and one that is empty are the same. FALSE: too long. */
static gboolean
compose_key (const GwAuthQuestion *question, const TwUriTemplate *template, char buffer[GW_AUTH_MAX_KEY],
             GwCacheKey *key)
{
  gsize length = 0;

  if (!append_part (buffer, &length, question->context) || !append_version (buffer, &length, question)
      || !append_part (buffer, &length, template->uri_template)
      || !append_part (buffer, &length, template->http_verb)
      || !append_part (buffer, &length, template->auth_type)
      || !append_part (buffer, &length, question->client_domain)
      || !append_part (buffer, &length, question->token))
    return FALSE;
  /* The last part's NUL is not needed: the token is the end. */
  *key = (GwCacheKey){ buffer, (guint32)length - 1, question->token.length };
  return TRUE;
}

static gboolean
grant (GwAuthWorker *worker, GwAuthCall *call, GwKeyEntry *entry)
{
  call->entry = gw_key_entry_ref (entry);
  call->info = &entry->info;
  return end_call (worker, call, GW_AUTH_GRANTED, 0);
}

static gboolean
grant_anonymous (GwAuthWorker *worker, GwAuthCall *call)
{
  static const TwKeyValidationInfo nobody = {
    .authorized = TRUE,
    .tier = { "Unauthenticated", sizeof "Unauthenticated" - 1 },
    .type = { "PRODUCTION", sizeof "PRODUCTION" - 1 },
    .end_user_name = { "anonymous", sizeof "anonymous" - 1 },
    .stop_on_quota_reach = TRUE,
  };

  call->anonymous = TRUE;
  call->info = &nobody;
  return end_call (worker, call, GW_AUTH_GRANTED, 0);
}

static gboolean
refuse (GwAuthWorker *worker, GwAuthCall *call, GwKeyEntry *entry)
{
  call->entry = gw_key_entry_ref (entry);
  call->info = &entry->info;
  return end_call (worker, call, GW_AUTH_REFUSED,
                   entry->info.validation_status > 0 ? (guint)entry->info.validation_status
                                                     : GW_AUTH_CODE_GENERAL);
}

/* What is remembered of the token. FALSE: nothing that counts. */
static gboolean
recall (GwAuthWorker *worker, const GwAuthQuestion *question, const GwCacheKey *key, gboolean unavailable,
        GwAuthCall *call)
{
  GwKeyEntry *entry = gw_key_cache_find (worker->grants, key);
  GwTokenId id;

  if (entry != NULL && entry->expires_ms <= apim_clock_wall_ms (worker->authenticator->clock))
    {
      gw_key_cache_remove (worker->grants, entry);
      return end_call (worker, call, GW_AUTH_REFUSED, GW_AUTH_CODE_INVALID_CREDENTIALS);
    }
  if (entry != NULL && is_believed (worker, entry->asked_us, unavailable))
    return grant (worker, call, entry);
  gw_token_id (question->token, &id);
  if (gw_auth_is_revoked (worker, id.text))
    return end_call (worker, call, GW_AUTH_REFUSED, GW_AUTH_CODE_INVALID_CREDENTIALS);
  entry = gw_key_cache_find (worker->refusals, key);
  if (entry == NULL || age_ms (worker, entry->asked_us) >= worker->authenticator->settings.refusal_ms)
    return FALSE;
  return refuse (worker, call, entry);
}

static TwArguments
arguments_of (const GwAuthQuestion *question, const TwUriTemplate *template)
{
  return (TwArguments){
    .context = question->context,
    .version = question->version,
    .access_token = question->token,
    .required_level = template->auth_type,
    .client_domain = question->client_domain,
    .matching_resource = template->uri_template,
    .http_verb = template->http_verb,
  };
}

/* Without a question, from what the token says by itself. FALSE: that does not decide it. */
static gboolean
judge (GwAuthWorker *worker, const GwAuthQuestion *question, const TwUriTemplate *template, const GwCacheKey *key,
       GwAuthCall *call)
{
  gint64 now_us = apim_clock_monotonic_us (worker->authenticator->clock);
  g_auto (GwJwtAnswer) answer = { .claims = NULL };
  GwJwtVerdict verdict = gw_jwt_judge (worker->authenticator->jwt, question, template, worker->ended, &answer);
  GwTokenId id;

  if (verdict == GW_JWT_ASK)
    return FALSE;
  count (&worker->counters.judged);
  if (verdict == GW_JWT_BUSY)
    return end_call (worker, call, GW_AUTH_UNAVAILABLE, GW_AUTH_CODE_GENERAL);
  gw_token_id (question->token, &id);
  if (verdict == GW_JWT_GRANTED)
    return grant (worker, call, gw_key_cache_insert (worker->grants, key, id.text, &answer.info, now_us));
  return refuse (worker, call, gw_key_cache_insert (worker->refusals, key, id.text, &answer.info, now_us));
}

/* The resource is known, and asks for a token. */
static gboolean
check_token (GwAuthWorker *worker, NetWorker *net_worker, const GwAuthQuestion *question,
             const TwUriTemplate *template, GwAuthCall *call, GwAuthWait *wait, gboolean unavailable)
{
  char buffer[GW_AUTH_MAX_KEY];
  char version[sizeof GW_AUTH_VERSION_PREFIX + 256];
  TwArguments arguments;
  GwCacheKey key;

  if (question->token.bytes == NULL || question->token.length == 0)
    return end_call (worker, call, GW_AUTH_REFUSED, GW_AUTH_CODE_MISSING_CREDENTIALS);
  if (question->token.length > GW_AUTH_MAX_TOKEN || !compose_key (question, template, buffer, &key))
    return end_call (worker, call, GW_AUTH_REFUSED, GW_AUTH_CODE_INVALID_CREDENTIALS);
  if (recall (worker, question, &key, unavailable, call)
      || (worker->authenticator->jwt != NULL && judge (worker, question, template, &key, call)))
    return TRUE;
  if (unavailable)
    return end_call (worker, call, GW_AUTH_UNAVAILABLE, GW_AUTH_CODE_GENERAL);
  arguments = arguments_of (question, template);
  if (question->default_version)
    {
      g_snprintf (version, sizeof version, GW_AUTH_VERSION_PREFIX "%.*s",
                  (int)MIN (question->version.length, 256), question->version.bytes);
      arguments.version = tw_text (version);
    }
  gw_auth_wait_for (worker, net_worker, TW_METHOD_VALIDATE_KEY, &key, &arguments, question, call, wait);
  return FALSE;
}

static gboolean
wait_for_resources (GwAuthWorker *worker, NetWorker *net_worker, const GwAuthQuestion *question,
                    const GwCacheKey *key, GwAuthCall *call, GwAuthWait *wait)
{
  const TwArguments arguments = { .context = question->context,
                                  .version = question->version,
                                  .tell_scopes = worker->authenticator->jwt != NULL };

  gw_auth_wait_for (worker, net_worker, TW_METHOD_GET_ALL_URI_TEMPLATES, key, &arguments, question, call,
                    wait);
  return FALSE;
}

gboolean
gw_auth_proceed (GwAuthWorker *worker, NetWorker *net_worker, const GwAuthQuestion *question,
                 GwAuthCall *call, GwAuthWait *wait, gboolean unavailable)
{
  char buffer[GW_AUTH_MAX_KEY];
  gsize length = 0;
  GwCacheKey key;
  GwResourceList *list;
  gboolean asked = wait != NULL && wait->asked_resources;

  if (!append_part (buffer, &length, question->context) || !append_part (buffer, &length, question->version))
    return end_call (worker, call, GW_AUTH_REFUSED, GW_AUTH_CODE_INCORRECT_RESOURCE);
  key = (GwCacheKey){ buffer, (guint32)length, 0 };
  list = g_hash_table_lookup (worker->resources, &key);
  if (list == NULL || !is_believed (worker, list->asked_us, unavailable))
    return unavailable ? end_call (worker, call, GW_AUTH_UNAVAILABLE, GW_AUTH_CODE_GENERAL)
                       : wait_for_resources (worker, net_worker, question, &key, call, wait);
  g_clear_pointer (&call->resources, gw_resource_list_unref);
  call->resources = gw_resource_list_ref (list);
  call->resource = gw_resource_list_find (list, question->resource, question->verb);
  if (call->resource == NULL)
    {
      /* It may have been added since. */
      if (!unavailable && !asked
          && age_ms (worker, list->asked_us) >= worker->authenticator->settings.refusal_ms)
        return wait_for_resources (worker, net_worker, question, &key, call, wait);
      return end_call (worker, call, GW_AUTH_REFUSED, GW_AUTH_CODE_INCORRECT_RESOURCE);
    }
  if (tw_text_equal (call->resource->auth_type, TW_TEXT ("None")))
    return grant_anonymous (worker, call);
  return check_token (worker, net_worker, question, call->resource, call, wait, unavailable);
}

GwAuthStatus
gw_authenticator_check (GwAuthenticator *authenticator, NetWorker *worker, const GwAuthQuestion *question,
                        GwAuthCall *call)
{
  GwAuthWorker *auth_worker = &authenticator->workers[net_worker_index (worker)];
  GwAuthWait *wait;

  gw_auth_forget_waiting (auth_worker);
  call->status = GW_AUTH_PENDING;
  call->wait = NULL;
  if (!gw_auth_proceed (auth_worker, worker, question, call, NULL, FALSE) && (wait = call->wait) != NULL)
    wait->checking = FALSE;
  return call->status;
}

void
gw_auth_call_cancel (GwAuthCall *call)
{
  if (call->wait != NULL)
    call->wait->call = NULL;
  call->wait = NULL;
}

void
gw_auth_call_clear (GwAuthCall *call)
{
  gw_auth_call_cancel (call);
  g_clear_pointer (&call->entry, gw_key_entry_unref);
  g_clear_pointer (&call->resources, gw_resource_list_unref);
  call->info = NULL;
  call->resource = NULL;
}

void
gw_authenticator_read_counters (GwAuthenticator *authenticator, GwAuthCounters *counters)
{
  *counters = (GwAuthCounters){ 0 };
  for (guint i = 0; i < authenticator->n_workers; i++)
    {
      const GwAuthCounters *one = &authenticator->workers[i].counters;

      counters->granted += __atomic_load_n (&one->granted, __ATOMIC_RELAXED);
      counters->refused += __atomic_load_n (&one->refused, __ATOMIC_RELAXED);
      counters->unavailable += __atomic_load_n (&one->unavailable, __ATOMIC_RELAXED);
      counters->asked += __atomic_load_n (&one->asked, __ATOMIC_RELAXED);
      counters->joined += __atomic_load_n (&one->joined, __ATOMIC_RELAXED);
      counters->judged += __atomic_load_n (&one->judged, __ATOMIC_RELAXED);
    }
}
