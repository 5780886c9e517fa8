/* Calls that wait: for one question of each kind at a time, and what its answer leads to. */
#include "config.h"
#include "gateway/gw-authenticator-private.h"
#include "gateway/gw-token-id.h"

#include <string.h>

static void
hash_key_of_process (ApimHashKey **key)
{
  static ApimHashKey value;
  static gsize once;

  if (g_once_init_enter (&once))
    {
      apim_hash_key_init (&value);
      g_once_init_leave (&once, 1);
    }
  *key = &value;
}

guint
gw_auth_key_hash (gconstpointer data)
{
  const GwCacheKey *key = data;
  ApimHashKey *hash_key;

  hash_key_of_process (&hash_key);
  return (guint)apim_hash (hash_key, key->bytes, key->length);
}

gboolean
gw_auth_key_equal (gconstpointer left, gconstpointer right)
{
  const GwCacheKey *a = left, *b = right;

  return a->length == b->length && a->token_length == b->token_length
         && memcmp (a->bytes, b->bytes, a->length) == 0;
}

GwCacheKey *
gw_auth_key_copy (const GwCacheKey *key)
{
  GwCacheKey *copy = g_malloc (sizeof *copy + key->length);

  *copy = *key;
  copy->bytes = memcpy (copy + 1, key->bytes, key->length);
  return copy;
}

/* Texts of a question, so that all are copied alike. */

static char *
copy_text (TwText *text, char *at)
{
  if (text->bytes == NULL)
    return at;
  if (text->length > 0)
    memcpy (at, text->bytes, text->length);
  text->bytes = at;
  return at + text->length;
}

/* An absent text and an empty one stay apart, so a copy of nothing still has an address. */
static GwAuthWait *
new_wait (GwAuthWorker *worker, NetWorker *net_worker, const GwAuthQuestion *question, GwAuthCall *call)
{
  gsize size = (gsize)question->context.length + question->version.length + question->resource.length
               + question->verb.length + question->token.length + question->client_domain.length;
  GwAuthWait *wait = g_malloc0 (sizeof *wait + size);
  char *at = (char *)(wait + 1);

  wait->worker = worker;
  wait->net_worker = net_worker;
  wait->call = call;
  wait->checking = TRUE;
  wait->question = *question;
  at = copy_text (&wait->question.context, at);
  at = copy_text (&wait->question.version, at);
  at = copy_text (&wait->question.resource, at);
  at = copy_text (&wait->question.verb, at);
  at = copy_text (&wait->question.token, at);
  copy_text (&wait->question.client_domain, at);
  call->wait = wait;
  return wait;
}

static void
end_wait (GwAuthWait *wait)
{
  GwAuthCall *call = wait->call;
  gboolean checking = wait->checking;

  g_free (wait);
  if (call == NULL)
    return;
  call->wait = NULL;
  if (!checking)
    call->done (call);
}

/* Arguments copied behind the flight. */
static GwAuthFlight *
new_flight (GwAuthWorker *worker, NetWorker *net_worker, TwMethod method, const GwCacheKey *key,
            const TwArguments *arguments)
{
  gsize size = (gsize)arguments->context.length + arguments->version.length + arguments->access_token.length
               + arguments->required_level.length + arguments->client_domain.length
               + arguments->matching_resource.length + arguments->http_verb.length;
  GwTokenId id;
  GwAuthFlight *flight;
  TwArguments *copy;
  char *at;

  gw_token_id (arguments->access_token, &id);
  flight = g_malloc0 (sizeof *flight + size + id.text.length);
  copy = &flight->question.arguments;
  at = (char *)(flight + 1);
  flight->id = id.text;
  flight->worker = worker;
  flight->key = gw_auth_key_copy (key);
  flight->asked_us = apim_clock_monotonic_us (worker->authenticator->clock);
  flight->question.method = method;
  flight->question.worker = net_worker;
  *copy = *arguments;
  at = copy_text (&copy->context, at);
  at = copy_text (&copy->version, at);
  at = copy_text (&copy->access_token, at);
  at = copy_text (&copy->required_level, at);
  at = copy_text (&copy->client_domain, at);
  at = copy_text (&copy->matching_resource, at);
  at = copy_text (&copy->http_verb, at);
  copy_text (&flight->id, at);
  return flight;
}

/* What the Key Manager said is this call's answer, remembered or not. */
static void
deliver (GwAuthWait *wait, GwKeyEntry *entry, const GwAuthFlight *flight)
{
  GwAuthWorker *worker = wait->worker;
  GwAuthCall *call = wait->call;
  gboolean ended = entry->expires_ms <= apim_clock_wall_ms (worker->authenticator->clock);
  guint64 *counter;

  if (call == NULL)
    return;
  if (entry->info.authorized && (ended || (flight->outdated && gw_auth_is_revoked (worker, flight->id))))
    {
      call->status = GW_AUTH_REFUSED;
      call->code = GW_AUTH_CODE_INVALID_CREDENTIALS;
    }
  else
    {
      call->entry = gw_key_entry_ref (entry);
      call->info = &entry->info;
      call->status = entry->info.authorized ? GW_AUTH_GRANTED : GW_AUTH_REFUSED;
      if (!entry->info.authorized)
        call->code
            = entry->info.validation_status > 0 ? (guint)entry->info.validation_status : GW_AUTH_CODE_GENERAL;
    }
  counter = call->status == GW_AUTH_GRANTED ? &worker->counters.granted : &worker->counters.refused;
  __atomic_store_n (counter, *counter + 1, __ATOMIC_RELAXED);
}

/* Its waits go on from the beginning: what was asked for is remembered now, or cannot be had. */
static void
go_on (GwAuthWait *wait, gboolean unavailable)
{
  while (wait != NULL)
    {
      GwAuthWait *next = wait->next;

      wait->next = NULL;
      if (wait->call == NULL
          || gw_auth_proceed (wait->worker, wait->net_worker, &wait->question, wait->call, wait, unavailable))
        end_wait (wait);
      wait = next;
    }
}

static void
take_validation (GwAuthFlight *flight, const TwKeyValidationInfo *info)
{
  GwAuthWorker *worker = flight->worker;
  GwKeyCache *cache = info->authorized ? worker->grants : worker->refusals;
  GwKeyEntry *other = gw_key_cache_find (info->authorized ? worker->refusals : worker->grants, flight->key);
  g_autoptr (GwKeyEntry) entry = NULL;
  GwAuthWait *wait = flight->waits;

  if (other != NULL)
    gw_key_cache_remove (info->authorized ? worker->refusals : worker->grants, other);
  entry = gw_key_entry_ref (gw_key_cache_insert (cache, flight->key, flight->id, info, flight->asked_us));
  if (flight->outdated)
    gw_key_cache_remove (cache, entry);
  while (wait != NULL)
    {
      GwAuthWait *next = wait->next;

      deliver (wait, entry, flight);
      end_wait (wait);
      wait = next;
    }
}

static void
take_templates (GwAuthFlight *flight, const GwKeyReply *reply)
{
  GwAuthWorker *worker = flight->worker;

  for (GwAuthWait *wait = flight->waits; wait != NULL; wait = wait->next)
    wait->asked_resources = TRUE;
  if (!flight->outdated)
    g_hash_table_replace (worker->resources, gw_auth_key_copy (flight->key),
                          gw_resource_list_new (reply->templates, reply->n_templates, flight->asked_us));
  go_on (flight->waits, FALSE);
}

static void
answered (GwKeyQuestion *question, const GwKeyReply *reply)
{
  GwAuthFlight *flight = (GwAuthFlight *)question;

  gw_auth_forget_waiting (flight->worker);
  /* One that is outdated may have been followed by another of the same key. */
  if (g_hash_table_lookup (flight->worker->flights, flight->key) == flight)
    g_hash_table_remove (flight->worker->flights, flight->key);
  if (!reply->answered)
    go_on (flight->waits, TRUE);
  else if (question->method == TW_METHOD_VALIDATE_KEY)
    take_validation (flight, reply->info);
  else
    take_templates (flight, reply);
  g_free (flight->key);
  g_free (flight);
}

void
gw_auth_wait_for (GwAuthWorker *worker, NetWorker *net_worker, TwMethod method, const GwCacheKey *key,
                  const TwArguments *arguments, const GwAuthQuestion *question, GwAuthCall *call,
                  GwAuthWait *wait)
{
  GwAuthFlight *flight = g_hash_table_lookup (worker->flights, key);
  GwAuthCounters *counters = &worker->counters;
  GwKeyValidator *validator = worker->authenticator->validator;

  if (wait == NULL)
    wait = new_wait (worker, net_worker, question, call);
  if (flight != NULL && !flight->outdated)
    {
      wait->next = flight->waits;
      flight->waits = wait;
      __atomic_store_n (&counters->joined, counters->joined + 1, __ATOMIC_RELAXED);
      return;
    }
  flight = new_flight (worker, net_worker, method, key, arguments);
  flight->waits = wait;
  flight->question.answered = answered;
  /* One that is outdated lands by itself; nobody joins it any more. */
  g_hash_table_replace (worker->flights, flight->key, flight);
  __atomic_store_n (&counters->asked, counters->asked + 1, __ATOMIC_RELAXED);
  validator->interface->ask (validator, &flight->question);
}
