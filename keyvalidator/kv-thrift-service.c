#include "config.h"
#include "keyvalidator/kv-thrift-service.h"

#include "keyvalidator/kv-answer.h"

struct _KvThriftService
{
  KvDispatch *dispatch;
};

/* A call that somebody has to wait for. */
typedef struct
{
  KvLateCall late;
  TwCall *call;
} LateCall;

KvThriftService *
kv_thrift_service_new (KvDispatch *dispatch)
{
  KvThriftService *service = g_new0 (KvThriftService, 1);

  service->dispatch = dispatch;
  return service;
}

void
kv_thrift_service_free (KvThriftService *service)
{
  g_free (service);
}

static void
reply_decision (TwCall *call, const KvCallResult *result)
{
  TwKeyValidationInfo info;

  kv_answer_info (result, &info);
  tw_call_reply_validation (call, &info);
}

static void
reply_uri_templates (TwCall *call, const KvCallResult *result)
{
  g_auto (KvAnswerTemplates) answer = { NULL, 0, NULL };

  kv_answer_templates (result, &answer);
  tw_call_reply_uri_templates (call, answer.templates, answer.n_templates);
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
      reply_uri_templates (call, result);
      break;
    case KV_ANSWER_EXCEPTION:
      tw_call_throw (call, result->exception, result->message);
      break;
    }
}

static void
answer_late (KvLateCall *late)
{
  LateCall *self = (LateCall *) late;

  reply (self->call, &late->result);
  kv_call_result_clear (&late->result);
  g_free (self);
}

static void
run_later (KvThriftService *service, TwCall *call, gboolean session_verified)
{
  LateCall *self = g_new (LateCall, 1);

  self->late.method = tw_call_method (call);
  self->late.arguments = tw_call_arguments (call);
  self->late.worker = tw_call_worker (call);
  self->late.session_verified = session_verified;
  self->late.answered = answer_late;
  self->call = call;
  kv_dispatch_later (service->dispatch, &self->late);
}

/* FALSE: somebody has to wait. */
static gboolean
run_here (KvThriftService *service, TwCall *call, gboolean session_verified)
{
  KvCallResult result;
  gboolean answered;

  kv_call_result_init (&result);
  answered = kv_dispatch_here (service->dispatch, tw_call_method (call), tw_call_arguments (call), session_verified, &result);
  if (answered)
    reply (call, &result);
  kv_call_result_clear (&result);
  return answered;
}

static void
handle_call (TwCall *call, gpointer data)
{
  KvThriftService *service = data;
  const KvCallContext *context = kv_dispatch_context (service->dispatch);
  TwText id = tw_call_arguments (call)->session_id;
  KvSessionVerdict verdict = KV_SESSION_NEEDS_STORE;
  KvSession *found = NULL;

  if (id.bytes != NULL)
    verdict = kv_sessions_peek (context->sessions, tw_call_get_connection_data (call), id.bytes, id.length, &found);
  else if (!context->templates_without_session)
    verdict = KV_SESSION_INVALID;
  if (found != NULL)
    tw_call_set_connection_data (call, found, (GDestroyNotify) kv_session_unref);

  if (verdict == KV_SESSION_INVALID)
    tw_call_throw (call, TW_KEY_MGT_EXCEPTION, KV_MESSAGE_INVALID_SESSION);
  else if (!run_here (service, call, verdict == KV_SESSION_VALID))
    run_later (service, call, verdict == KV_SESSION_VALID);
}

const TwServiceInterface kv_thrift_service_interface = { handle_call };
