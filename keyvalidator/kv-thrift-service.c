#include "config.h"
#include "keyvalidator/kv-thrift-service.h"

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
