#include "config.h"
#include "apimd/local-key-validator.h"

#include "keyvalidator/kv-answer.h"

typedef struct
{
  GwKeyValidator validator;
  KvDispatch *dispatch;
} LocalKeyValidator;

/* A question that waits for the database pool. */
typedef struct
{
  KvLateCall late; /* first: answered() gets it */
  GwKeyQuestion *question;
} LateQuestion;

static void
answer (GwKeyQuestion *question, const KvCallResult *result)
{
  g_auto (KvAnswerTemplates) resources = { NULL, 0, NULL };
  GwKeyReply reply = { .answered = result->answer != KV_ANSWER_EXCEPTION };
  TwKeyValidationInfo info;

  if (result->answer == KV_ANSWER_DECISION)
    {
      kv_answer_info (result, &info);
      reply.info = &info;
    }
  else if (result->answer == KV_ANSWER_URI_TEMPLATES)
    {
      kv_answer_templates (result, &resources);
      reply.templates = resources.templates;
      reply.n_templates = resources.n_templates;
    }
  question->answered (question, &reply);
}

static void
answer_late (KvLateCall *call)
{
  LateQuestion *late = (LateQuestion *)call;

  answer (late->question, &call->result);
  kv_call_result_clear (&call->result);
  g_free (late);
}

static gboolean
answer_here (LocalKeyValidator *self, GwKeyQuestion *question)
{
  KvCallResult result;
  gboolean answered;

  kv_call_result_init (&result);
  answered = kv_dispatch_here (self->dispatch, question->method, &question->arguments, TRUE, &result);
  if (answered)
    answer (question, &result);
  kv_call_result_clear (&result);
  return answered;
}

static void
ask (GwKeyValidator *validator, GwKeyQuestion *question)
{
  LocalKeyValidator *self = (LocalKeyValidator *)validator;
  LateQuestion *late;

  if (answer_here (self, question))
    return;
  late = g_new (LateQuestion, 1);
  late->late.method = question->method;
  late->late.arguments = &question->arguments;
  late->late.worker = question->worker;
  late->late.session_verified = TRUE; /* nobody from outside asks */
  late->late.answered = answer_late;
  late->question = question;
  kv_dispatch_later (self->dispatch, &late->late);
}

static const GwKeyValidatorInterface interface = { "local", ask };

GwKeyValidator *
local_key_validator_new (KvDispatch *dispatch)
{
  LocalKeyValidator *self = g_new0 (LocalKeyValidator, 1);

  self->validator.interface = &interface;
  self->dispatch = dispatch;
  return &self->validator;
}

void
local_key_validator_free (GwKeyValidator *validator)
{
  g_free (validator);
}
