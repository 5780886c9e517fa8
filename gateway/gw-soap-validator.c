#include "config.h"
#include "gateway/gw-soap-validator.h"

#include "common/apim-log.h"
#include "gateway/gw-authorization.h"
#include "gateway/gw-peer-health.h"
#include "gateway/gw-short-call.h"
#include "gateway/gw-soap-answer.h"
#include "soap/soap-fault.h"

#include <string.h>

#define SERVICE "APIKeyValidationService"
/* Whoever counts failed logins must not find us one of those who guess. */
#define REFUSED_PAUSE_US (G_GINT64_CONSTANT (5) * G_USEC_PER_SEC)

typedef struct _Validator Validator;
typedef struct _Worker Worker;

typedef struct _Ask Ask;
struct _Ask
{
  GwShortCall call;  /* first */
  Ask *next, **self; /* worker->asks */
  GwKeyAsk ask;
  Worker *worker;
  NetTimer pause;
  guint server;
};

struct _Worker
{
  Validator *validator;
  NetWorker *net_worker; /* NULL: nobody asked yet */
  GwPeerHealth *healths;
  gint64 *refused_until_us; /* of each server: user and password are not sent to it again before */
  Ask *asks;
  SoapReader *reader; /* NULL: nothing was read yet */
  GwKeyAsks counts;
};

typedef struct
{
  GwUpstreamTarget *target;
  char *path;
} Server;

struct _Validator
{
  GwKeyValidator validator; /* first */
  GwSoapSettings settings;
  char *authorization; /* the field's value */
  GwUpstream *upstream;
  Server servers[GW_SOAP_MAX_SERVERS];
  guint n_workers;
  Worker *workers;
};

static ApimLogGate failures_gate;

static void start_attempt (Ask *ask);

static gint64
now_us (const Ask *ask)
{
  return net_worker_now_us (ask->worker->net_worker);
}

/* The question is its asker's again. @reply: nullable. */
static void
finish (Ask *ask, const GwKeyReply *reply)
{
  GwKeyQuestion *question = ask->ask.question;
  Worker *worker = ask->worker;

  *ask->self = ask->next;
  if (ask->next != NULL)
    ask->next->self = ask->self;
  g_free (ask);
  gw_key_asks_answer (&worker->counts, question, reply);
}

static void
fail_attempt (Ask *ask, const char *why)
{
  const GwUpstreamTarget *target = ask->worker->validator->servers[ask->server].target;

  gw_peer_health_failed (&ask->worker->healths[ask->server], now_us (ask));
  apim_log_limited (&failures_gate, APIM_LOG_WARNING, "gateway", "Key Manager %s, port %u: no answer over SOAP: %s",
                    target->host, target->port, why);
  if (gw_key_ask_again (&ask->ask, &ask->worker->counts))
    start_attempt (ask);
  else
    finish (ask, NULL);
}

/* FALSE: with *why. @envelope's texts live until the worker reads the next one. */
static gboolean
read_envelope (Worker *worker, const GwShortAnswer *answer, SoapEnvelope *envelope, const char **why)
{
  *why = answer->why;
  if (answer->why != NULL)
    return FALSE;
  *why = "a status that no such service gives";
  if (answer->status != 200 && answer->status != 500) /* of faults, in either version (1.9) */
    return FALSE;
  *why = "an answer over Limits/MaxThriftMessage";
  if (answer->too_long)
    return FALSE;
  if (worker->reader == NULL)
    worker->reader = soap_reader_new_answers ();
  return soap_reader_read (worker->reader, answer->bytes, answer->length, envelope, why) == SOAP_READ_DONE;
}

static void
fail_refused (Ask *ask)
{
  ask->worker->refused_until_us[ask->server] = now_us (ask) + REFUSED_PAUSE_US;
  fail_attempt (ask, "user or password were not taken");
}

static void
fail_fault (Ask *ask, const SoapElement *fault)
{
  g_autofree char *reason = soap_fault_reason (fault);

  /* Carbon: 50977 and 50978 (1.9). */
  if (g_str_has_prefix (reason, "Access Denied"))
    fail_refused (ask);
  else
    fail_attempt (ask, reason);
}

static void
handle_ended (GwShortCall *call, const GwShortAnswer *http)
{
  Ask *ask = (Ask *) call;
  TwMethod method = ask->ask.question->method;
  g_auto (GwSoapAnswer) answer = { 0 };
  GwKeyReply reply = { .answered = TRUE };
  SoapEnvelope envelope;
  const char *why;

  if (http->why == NULL && (http->status == 401 || http->status == 403))
    {
      fail_refused (ask);
      return;
    }
  if (!read_envelope (ask->worker, http, &envelope, &why))
    {
      fail_attempt (ask, why);
      return;
    }
  if (envelope.body_child != NULL && strcmp (envelope.body_child->name, "Fault") == 0)
    {
      fail_fault (ask, envelope.body_child);
      return;
    }
  if (!gw_soap_answer_read (&answer, method, &envelope))
    {
      fail_attempt (ask, "an answer to another question");
      return;
    }
  if (gw_peer_health_works (&ask->worker->healths[ask->server]))
    apim_info ("gateway", "Key Manager %s answers again", ask->worker->validator->servers[ask->server].target->host);
  if (method == TW_METHOD_VALIDATE_KEY)
    reply.info = &answer.info;
  reply.templates = answer.templates;
  reply.n_templates = answer.n_templates;
  finish (ask, &reply);
}

static void
send_question (Ask *ask)
{
  const Validator *validator = ask->worker->validator;
  const GwSoapSettings *settings = &validator->settings;
  const GwKeyQuestion *question = ask->ask.question;
  const GwShortRequest request = {
    .target = validator->servers[ask->server].target,
    .method = "POST",
    .path = validator->servers[ask->server].path,
    .max_answer = settings->max_message,
    .timeout_ms = gw_key_ask_time_ms (&ask->ask, settings->n_servers),
  };
  NetBuffer body = { 0 };

  gw_soap_write_call (&body, question->method, &question->arguments, settings->profile);
  gw_short_call_begin (&ask->call, validator->upstream, ask->worker->net_worker, &request);
  gw_short_call_field (&ask->call, "Content-Type", "application/soap+xml; charset=UTF-8; action=\"urn:",
                       tw_method_name (question->method), "\"", NULL);
  gw_short_call_field (&ask->call, "Authorization", validator->authorization, NULL);
  gw_short_call_send (&ask->call, net_buffer_data (&body), net_buffer_length (&body));
  net_buffer_clear (&body);
}

static void
send_unless_refused (Ask *ask)
{
  if (now_us (ask) < ask->worker->refused_until_us[ask->server])
    fail_attempt (ask, "user or password were not taken a moment ago");
  else
    send_question (ask);
}

static void
start_attempt (Ask *ask)
{
  Worker *worker = ask->worker;
  const GwSoapSettings *settings = &worker->validator->settings;
  gint64 pause_ms;
  gboolean down;

  ask->server = gw_peer_health_choose (worker->healths, settings->n_servers, net_worker_index (worker->net_worker),
                                       now_us (ask), settings->timeout_ms / 2, &down);
  pause_ms = gw_key_ask_pause_ms (&ask->ask, down);
  if (pause_ms == 0)
    send_unless_refused (ask);
  else
    net_timer_arm (worker->net_worker, &ask->pause, pause_ms);
}

static void
pause_is_over (NetTimer *timer, NetWorker *worker)
{
  (void) worker;
  send_unless_refused ((Ask *) ((char *) timer - G_STRUCT_OFFSET (Ask, pause)));
}

static void
ask_question (GwKeyValidator *base, GwKeyQuestion *question)
{
  Validator *validator = (Validator *) base;
  Worker *worker = &validator->workers[net_worker_index (question->worker)];
  Ask *ask;

  worker->net_worker = question->worker;
  if (!gw_key_asks_admit (&worker->counts, question, validator->settings.max_questions))
    return;
  ask = g_new0 (Ask, 1);
  gw_key_ask_init (&ask->ask, question, validator->settings.timeout_ms);
  ask->call.ended = handle_ended;
  ask->pause.fired = pause_is_over;
  ask->worker = worker;
  ask->next = worker->asks;
  ask->self = &worker->asks;
  if (ask->next != NULL)
    ask->next->self = &ask->next;
  worker->asks = ask;
  start_attempt (ask);
}

static const GwKeyValidatorInterface interface = { "SOAP", ask_question };

GwKeyValidator *
gw_soap_validator_new (const GwSoapSettings *settings, NetReactor *reactor, GwUpstream *upstream)
{
  Validator *self = g_new0 (Validator, 1);

  self->validator.interface = &interface;
  self->settings = *settings;
  self->settings.servers = NULL;
  self->settings.user = self->settings.password = NULL;
  self->settings.n_servers = CLAMP (settings->n_servers, 1, GW_SOAP_MAX_SERVERS);
  self->authorization = gw_authorization_basic (settings->user, settings->password);
  self->upstream = upstream;
  for (guint i = 0; i < self->settings.n_servers; i++)
    {
      const GwSoapServer *server = &settings->servers[i];

      self->servers[i].target = gw_upstream_target (upstream, server->host, server->port, !settings->plain);
      self->servers[i].path = g_strconcat (server->path, SERVICE, NULL);
    }
  self->n_workers = net_reactor_n_workers (reactor);
  self->workers = g_new0 (Worker, self->n_workers);
  for (guint i = 0; i < self->n_workers; i++)
    {
      self->workers[i].validator = self;
      self->workers[i].healths = g_new0 (GwPeerHealth, self->settings.n_servers);
      self->workers[i].refused_until_us = g_new0 (gint64, self->settings.n_servers);
    }
  return &self->validator;
}

/* Those that paused when the workers ended. */
static void
free_asks (Ask *list)
{
  while (list != NULL)
    {
      Ask *ask = list;

      list = ask->next;
      gw_short_call_clear (&ask->call);
      g_free (ask);
    }
}

void
gw_soap_validator_free (GwKeyValidator *validator)
{
  Validator *self = (Validator *) validator;

  if (self == NULL)
    return;
  for (guint i = 0; i < self->n_workers; i++)
    {
      free_asks (self->workers[i].asks);
      soap_reader_free (self->workers[i].reader);
      g_free (self->workers[i].refused_until_us);
      g_free (self->workers[i].healths);
    }
  for (guint i = 0; i < self->settings.n_servers; i++)
    {
      gw_upstream_target_unref (self->servers[i].target);
      g_free (self->servers[i].path);
    }
  g_free (self->workers);
  gw_authorization_free (self->authorization);
  g_free (self);
}

void
gw_soap_validator_read_counters (GwKeyValidator *validator, GwKeyAskCounters *counters)
{
  const Validator *self = (const Validator *) validator;

  *counters = (GwKeyAskCounters){ 0 };
  for (guint i = 0; i < self->n_workers; i++)
    gw_key_asks_add_to (&self->workers[i].counts, counters);
}
