#include "config.h"
#include "gateway/gw-fallback-validator.h"

#include "common/apim-log.h"
#include "gateway/gw-peer-health.h"

enum
{
  FIRST,
  SECOND,
  N_WAYS,
};

typedef struct _Ask Ask;

typedef struct
{
  GwPeerHealth healths[N_WAYS];
  Ask *asks;
} Worker;

typedef struct
{
  GwKeyValidator validator; /* first */
  GwKeyValidator *ways[N_WAYS];
  guint timeout_ms;
  guint n_workers;
  Worker *workers;
} Validator;

struct _Ask
{
  GwKeyQuestion inner; /* first: handle_answered() gets it */
  Ask *next, **self;   /* worker->asks */
  GwKeyQuestion *question;
  Validator *validator;
  guint way;
};

static ApimLogGate gate;

static Worker *
worker_of (const Ask *ask)
{
  return &ask->validator->workers[net_worker_index (ask->question->worker)];
}

static void
ask_this_way (Ask *ask, guint way)
{
  GwKeyValidator *validator = ask->validator->ways[way];

  ask->way = way;
  validator->interface->ask (validator, &ask->inner);
}

static void
handle_answered (GwKeyQuestion *inner, const GwKeyReply *reply)
{
  Ask *ask = (Ask *) inner;
  GwKeyQuestion *question = ask->question;
  GwPeerHealth *health = &worker_of (ask)->healths[ask->way];

  if (reply->answered)
    gw_peer_health_works (health);
  else
    gw_peer_health_failed (health, net_worker_now_us (question->worker));
  if (!reply->answered && ask->way == FIRST)
    {
      apim_log_limited (&gate, APIM_LOG_WARNING, "gateway", "no Key Manager answers over %s: %s is tried",
                        ask->validator->ways[FIRST]->interface->name, ask->validator->ways[SECOND]->interface->name);
      ask_this_way (ask, SECOND);
      return;
    }
  *ask->self = ask->next;
  if (ask->next != NULL)
    ask->next->self = ask->self;
  g_free (ask);
  question->answered (question, reply);
}

static void
ask_question (GwKeyValidator *base, GwKeyQuestion *question)
{
  Validator *validator = (Validator *) base;
  Ask *ask = g_new0 (Ask, 1);
  Worker *worker;
  gboolean down;
  guint way;

  ask->inner = *question;
  ask->inner.answered = handle_answered;
  ask->question = question;
  ask->validator = validator;
  worker = worker_of (ask);
  ask->next = worker->asks;
  ask->self = &worker->asks;
  if (ask->next != NULL)
    ask->next->self = &ask->next;
  worker->asks = ask;
  way = gw_peer_health_choose (worker->healths, N_WAYS, FIRST, net_worker_now_us (question->worker),
                               validator->timeout_ms, &down);
  /* Where both have just failed, the whole way is gone again. */
  ask_this_way (ask, down ? FIRST : way);
}

static const GwKeyValidatorInterface interface = { "Thrift or SOAP", ask_question };

GwKeyValidator *
gw_fallback_validator_new (GwKeyValidator *first, GwKeyValidator *second, guint timeout_ms, NetReactor *reactor)
{
  Validator *self = g_new0 (Validator, 1);

  self->validator.interface = &interface;
  self->ways[FIRST] = first;
  self->ways[SECOND] = second;
  self->timeout_ms = timeout_ms;
  self->n_workers = net_reactor_n_workers (reactor);
  self->workers = g_new0 (Worker, self->n_workers);
  return &self->validator;
}

void
gw_fallback_validator_free (GwKeyValidator *validator)
{
  Validator *self = (Validator *) validator;

  if (self == NULL)
    return;
  /* What was asked for when the workers ended is not answered any more. */
  for (guint i = 0; i < self->n_workers; i++)
    while (self->workers[i].asks != NULL)
      {
        Ask *ask = self->workers[i].asks;

        self->workers[i].asks = ask->next;
        g_free (ask);
      }
  g_free (self->workers);
  g_free (self);
}
