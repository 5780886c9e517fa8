#include "config.h"
#include "keyvalidator/kv-thrift-service.h"

#include "common/apim-log.h"
#include "keyvalidator/kv-call.h"

#include <string.h>

struct _KvThriftService
{
  KvCallContext context;
  char *application_token_scope;
  ApimPool *pool;
  gboolean inline_reads; /* both stores answer without waiting, and nothing is signed */
};

/* A call on its way through the database pool and back to its worker. */
typedef struct
{
  ApimJob job;
  NetTask task;
  KvThriftService *service;
  TwCall *call;
  gboolean session_verified;
  gboolean leads;  /* a flight that others may have joined */
  KvWaiter waiter; /* in the flight of its token; a follower waits in it for the leader's look-up */
  KvCallResult result;
} KvPooledCall;

KvThriftService *
kv_thrift_service_new (const ApimConfig *config, const KvStores *stores, KvSessions *sessions, ApimPool *pool)
{
  KvThriftService *service = g_new0 (KvThriftService, 1);

  service->application_token_scope = g_strdup (config->application_token_scope);
  service->pool = pool;
  service->inline_reads = st_key_store_reads_inline (stores->keys) && st_user_store_reads_inline (stores->users)
                          && stores->backend_jwt == NULL;
  service->context = (KvCallContext){
    .stores = *stores,
    .sessions = sessions,
    .rules = {
      .skew_ms = config->timestamp_skew_ms,
      .user_tokens_never_expire = config->user_token_validity_s < 0,
      .app_tokens_never_expire = config->app_token_validity_s < 0,
      .advanced_throttling = config->advanced_throttling,
      .application_token_scope = service->application_token_scope,
    },
    .timeout_us = config->limits.database_timeout_ms * G_GINT64_CONSTANT (1000),
    .templates_without_session = config->serve_sessionless_templates,
  };
  return service;
}

void
kv_thrift_service_free (KvThriftService *service)
{
  if (service == NULL)
    return;
  g_free (service->application_token_scope);
  g_free (service);
}

static void
reply_decision (TwCall *call, const KvCallResult *result)
{
  const CoreDecision *decision = &result->decision;
  TwKeyValidationInfo info = {
    .authorized = decision->authorized,
    .subscriber = tw_text (decision->subscriber),
    .tier = tw_text (decision->tier),
    .type = tw_text (decision->type),
    .end_user_token = tw_text (result->end_user_token),
    .end_user_name = tw_text (decision->end_user_name),
    .application_name = tw_text (decision->application_name),
    .validation_status = (gint32) decision->status,
    .application_id = tw_text (decision->application_id),
    .application_tier = tw_text (decision->application_tier),
    .api_name = tw_text (decision->api_name),
    .consumer_key = tw_text (decision->consumer_key),
    .api_publisher = tw_text (decision->api_publisher),
    .validity_period_ms = decision->validity_ms,
    .issued_time_ms = decision->issued_ms,
    .content_aware = decision->content_aware,
    .api_tier = tw_text (decision->api_tier),
    .throttling_data = tw_text (decision->throttling_data),
    .spike_arrest_limit = decision->spike_arrest_limit,
    .subscriber_tenant_domain = tw_text (decision->subscriber_tenant_domain),
    .spike_arrest_unit = tw_text (decision->spike_arrest_unit),
    .stop_on_quota_reach = decision->stop_on_quota_reach,
  };

  tw_call_reply_validation (call, &info);
}

static void
fill_uri_template (TwUriTemplate *template, const StResource *resource, GArray *conditions)
{
  guint first = conditions->len;

  for (guint i = 0; resource->conditions != NULL && resource->conditions[i] != NULL; i++)
    {
      TwText condition = tw_text (resource->conditions[i]);

      g_array_append_val (conditions, condition);
    }
  *template = (TwUriTemplate){
    .uri_template = tw_text (resource->url_pattern),
    .http_verb = tw_text (resource->http_method),
    .auth_type = tw_text (resource->auth_scheme),
    .throttling_tier = tw_text (resource->throttling_tier),
    .applicable_level = tw_text (resource->applicable_level),
    /* An index for now: the array may still move. */
    .throttling_conditions = GUINT_TO_POINTER (first),
    .n_throttling_conditions = conditions->len - first,
  };
}

static void
reply_uri_templates (TwCall *call, const StResources *resources)
{
  guint n = resources->resources->len;
  g_autofree TwUriTemplate *templates = g_new0 (TwUriTemplate, n);
  g_autoptr (GArray) conditions = g_array_new (FALSE, FALSE, sizeof (TwText));

  for (guint i = 0; i < n; i++)
    fill_uri_template (&templates[i], g_ptr_array_index (resources->resources, i), conditions);
  for (guint i = 0; i < n; i++)
    templates[i].throttling_conditions
        = templates[i].n_throttling_conditions == 0
              ? NULL
              : &g_array_index (conditions, TwText, GPOINTER_TO_UINT (templates[i].throttling_conditions));
  tw_call_reply_uri_templates (call, templates, n);
}

static void
reply (TwCall *call, KvCallResult *result)
{
  if (result->session != NULL)
    tw_call_set_connection_data (call, g_steal_pointer (&result->session), (GDestroyNotify) kv_session_unref);
  switch (result->answer)
    {
    case KV_ANSWER_DECISION:
      reply_decision (call, result);
      break;
    case KV_ANSWER_URI_TEMPLATES:
      reply_uri_templates (call, result->resources);
      break;
    case KV_ANSWER_EXCEPTION:
      tw_call_throw (call, result->exception, result->message);
      break;
    }
}

static void
answer_pooled_call (NetTask *task, NetWorker *worker)
{
  KvPooledCall *pooled = (KvPooledCall *) ((char *) task - G_STRUCT_OFFSET (KvPooledCall, task));

  reply (pooled->call, &pooled->result);
  kv_call_result_clear (&pooled->result);
  g_free (pooled);
}

static void push_to_pool (KvPooledCall *pooled);

/* The look-up that this call waited for is over. What it found is remembered; where it is not (it failed, or changed meanwhile), the call asks
 * the database itself. */
static void
resume_follower (NetTask *task, NetWorker *worker)
{
  KvPooledCall *pooled = (KvPooledCall *) ((char *) task - G_STRUCT_OFFSET (KvPooledCall, waiter.task));
  TwCall *call = pooled->call;

  if (kv_call_try (&pooled->service->context, tw_call_method (call), tw_call_arguments (call), &pooled->result))
    answer_pooled_call (&pooled->task, worker);
  else
    push_to_pool (pooled);
}

static void
land (KvPooledCall *pooled)
{
  KvWaiter *follower = kv_flights_land (pooled->service->context.stores.memory->flights, &pooled->waiter);

  while (follower != NULL)
    {
      KvWaiter *next = follower->next;

      net_worker_post (follower->worker, &follower->task);
      follower = next;
    }
}

static void
run_pooled_call (ApimJob *job)
{
  KvPooledCall *pooled = (KvPooledCall *) job;
  TwCall *call = pooled->call;

  kv_call_run (&pooled->service->context, tw_call_method (call), tw_call_arguments (call), pooled->session_verified,
               &pooled->result);
  if (pooled->leads)
    land (pooled);
  pooled->task.run = answer_pooled_call;
  net_worker_post (tw_call_worker (call), &pooled->task);
}

static void
push_to_pool (KvPooledCall *pooled)
{
  static ApimLogGate gate;
  TwCall *call = pooled->call;

  pooled->job.run = run_pooled_call;
  if (apim_pool_push (pooled->service->pool, &pooled->job))
    return;
  if (pooled->leads)
    land (pooled);
  kv_call_result_clear (&pooled->result);
  g_free (pooled);
  apim_log_limited (&gate, APIM_LOG_ERROR, "keyvalidator",
                    "the database pool is full, so a call was refused: the database is slow, or Limits/DatabaseThreads "
                    "and DatabaseQueue are too small");
  tw_call_throw (call, TW_KEY_MGT_EXCEPTION, KV_MESSAGE_OVERLOADED);
}

/* Whether another call is asking for this one's token already: then it waits for that. The session has been verified, so a stranger's call never
 * rides on another's. */
static gboolean
join_flight (KvPooledCall *pooled)
{
  KvMemory *memory = pooled->service->context.stores.memory;
  TwText token = tw_call_arguments (pooled->call)->access_token;
  KvCacheKey key;

  if (memory == NULL || !pooled->session_verified || tw_call_method (pooled->call) == TW_METHOD_GET_ALL_URI_TEMPLATES
      || kv_memory_state (memory) == KV_MEMORY_BYPASSED
      || !kv_cache_key_token (&key, kv_cache_hash_key (memory->cache), token.bytes, token.length))
    return FALSE;
  pooled->waiter.task.run = resume_follower;
  pooled->waiter.worker = tw_call_worker (pooled->call);
  if (kv_flights_join (memory->flights, &key, apim_clock_monotonic_us (pooled->service->context.stores.clock),
                       &pooled->waiter)
      == KV_FLIGHT_FOLLOWER)
    return TRUE;
  pooled->leads = TRUE;
  return FALSE;
}

static void
run_pooled (KvThriftService *service, TwCall *call, gboolean session_verified)
{
  KvPooledCall *pooled = g_new (KvPooledCall, 1);

  kv_call_result_init (&pooled->result);
  pooled->service = service;
  pooled->call = call;
  pooled->session_verified = session_verified;
  pooled->leads = FALSE;
  if (!join_flight (pooled))
    push_to_pool (pooled);
}

/* On the worker: from memory, and from the stores where they answer inline. FALSE: somebody has to wait. */
static gboolean
run_here (KvThriftService *service, TwCall *call, gboolean session_verified)
{
  KvCallResult result;
  gboolean answered;

  kv_call_result_init (&result);
  answered = session_verified && kv_call_try (&service->context, tw_call_method (call), tw_call_arguments (call), &result);
  if (!answered && service->inline_reads)
    {
      kv_call_run (&service->context, tw_call_method (call), tw_call_arguments (call), session_verified, &result);
      answered = TRUE;
    }
  if (answered)
    reply (call, &result);
  kv_call_result_clear (&result);
  return answered;
}

static void
handle_call (TwCall *call, gpointer data)
{
  KvThriftService *service = data;
  TwText id = tw_call_arguments (call)->session_id;
  KvSessionVerdict verdict = KV_SESSION_NEEDS_STORE;
  KvSession *found = NULL;

  if (id.bytes != NULL)
    verdict = kv_sessions_peek (service->context.sessions, tw_call_get_connection_data (call), id.bytes, id.length, &found);
  else if (!service->context.templates_without_session)
    verdict = KV_SESSION_INVALID;
  if (found != NULL)
    tw_call_set_connection_data (call, found, (GDestroyNotify) kv_session_unref);

  if (verdict == KV_SESSION_INVALID)
    tw_call_throw (call, TW_KEY_MGT_EXCEPTION, KV_MESSAGE_INVALID_SESSION);
  else if (!run_here (service, call, verdict == KV_SESSION_VALID))
    run_pooled (service, call, verdict == KV_SESSION_VALID);
}

const TwServiceInterface kv_thrift_service_interface = { handle_call };
