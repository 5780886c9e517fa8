#include "config.h"
#include "keyvalidator/kv-dispatch.h"

#include "common/apim-log.h"

struct _KvDispatch
{
  KvCallContext context;
  char *application_token_scope;
  ApimPool *pool;
  gboolean inline_reads; /* both stores answer without waiting, and nothing is signed */
};

KvDispatch *
kv_dispatch_new (const ApimConfig *config, const KvStores *stores, KvSessions *sessions, ApimPool *pool)
{
  KvDispatch *dispatch = g_new0 (KvDispatch, 1);

  dispatch->application_token_scope = g_strdup (config->application_token_scope);
  dispatch->pool = pool;
  dispatch->inline_reads = st_key_store_reads_inline (stores->keys) && st_user_store_reads_inline (stores->users)
                           && stores->backend_jwt == NULL;
  dispatch->context = (KvCallContext){
    .stores = *stores,
    .sessions = sessions,
    .rules = {
      .skew_ms = config->timestamp_skew_ms,
      .user_tokens_never_expire = config->user_token_validity_s < 0,
      .app_tokens_never_expire = config->app_token_validity_s < 0,
      .advanced_throttling = config->advanced_throttling,
      .application_token_scope = dispatch->application_token_scope,
    },
    .timeout_us = config->limits.database_timeout_ms * G_GINT64_CONSTANT (1000),
    .templates_without_session = config->serve_sessionless_templates,
  };
  return dispatch;
}

void
kv_dispatch_free (KvDispatch *dispatch)
{
  if (dispatch == NULL)
    return;
  g_free (dispatch->application_token_scope);
  g_free (dispatch);
}

const KvCallContext *
kv_dispatch_context (const KvDispatch *dispatch)
{
  return &dispatch->context;
}

gboolean
kv_dispatch_here (KvDispatch *dispatch, TwMethod method, const TwArguments *arguments, gboolean session_verified,
                  KvCallResult *result)
{
  if (session_verified && kv_call_try (&dispatch->context, method, arguments, result))
    return TRUE;
  if (!dispatch->inline_reads)
    return FALSE;
  kv_call_run (&dispatch->context, method, arguments, session_verified, result);
  return TRUE;
}

static void
answer (NetTask *task, NetWorker *worker)
{
  KvLateCall *call = (KvLateCall *) ((char *) task - G_STRUCT_OFFSET (KvLateCall, task));

  call->answered (call);
}

static void push_to_pool (KvLateCall *call);

/* The look-up that this call waited for is over. What it found is remembered; where it is not (it failed, or changed
 * meanwhile), the call asks the database itself. */
static void
resume_follower (NetTask *task, NetWorker *worker)
{
  KvLateCall *call = (KvLateCall *) ((char *) task - G_STRUCT_OFFSET (KvLateCall, waiter.task));

  if (kv_call_try (&call->dispatch->context, call->method, call->arguments, &call->result))
    call->answered (call);
  else
    push_to_pool (call);
}

static void
land (KvLateCall *call)
{
  KvWaiter *follower = kv_flights_land (call->dispatch->context.stores.memory->flights, &call->waiter);

  while (follower != NULL)
    {
      KvWaiter *next = follower->next;

      net_worker_post (follower->worker, &follower->task);
      follower = next;
    }
}

static void
run_on_pool (ApimJob *job)
{
  KvLateCall *call = (KvLateCall *) ((char *) job - G_STRUCT_OFFSET (KvLateCall, job));

  kv_call_run (&call->dispatch->context, call->method, call->arguments, call->session_verified, &call->result);
  if (call->leads)
    land (call);
  call->task.run = answer;
  net_worker_post (call->worker, &call->task);
}

static void
push_to_pool (KvLateCall *call)
{
  static ApimLogGate gate;

  call->job.run = run_on_pool;
  if (apim_pool_push (call->dispatch->pool, &call->job))
    return;
  if (call->leads)
    land (call);
  apim_log_limited (&gate, APIM_LOG_ERROR, "keyvalidator",
                    "the database pool is full, so a call was refused: the database is slow, or Limits/DatabaseThreads "
                    "and DatabaseQueue are too small");
  kv_call_result_set_exception (&call->result, TW_KEY_MGT_EXCEPTION, KV_MESSAGE_OVERLOADED);
  call->answered (call);
}

/* Whether another call is asking for this one's token already: then it waits for that. The session has been verified,
 * so a stranger's call never rides on another's. */
static gboolean
join_flight (KvLateCall *call)
{
  KvStores *stores = &call->dispatch->context.stores;
  KvMemory *memory = stores->memory;
  TwText token = call->arguments->access_token;
  KvCacheKey key;

  if (memory == NULL || !call->session_verified || call->method == TW_METHOD_GET_ALL_URI_TEMPLATES
      || kv_memory_state (memory) == KV_MEMORY_BYPASSED
      || !kv_cache_key_token (&key, kv_cache_hash_key (memory->cache), token.bytes, token.length))
    return FALSE;
  call->waiter.task.run = resume_follower;
  call->waiter.worker = call->worker;
  if (kv_flights_join (memory->flights, &key, apim_clock_monotonic_us (stores->clock), &call->waiter)
      == KV_FLIGHT_FOLLOWER)
    return TRUE;
  call->leads = TRUE;
  return FALSE;
}

void
kv_dispatch_later (KvDispatch *dispatch, KvLateCall *call)
{
  kv_call_result_init (&call->result);
  call->dispatch = dispatch;
  call->leads = FALSE;
  if (!join_flight (call))
    push_to_pool (call);
}
