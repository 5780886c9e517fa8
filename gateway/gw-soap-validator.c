#include "config.h"
#include "gateway/gw-soap-validator.h"

#include "common/apim-log.h"
#include "gateway/gw-authorization.h"
#include "gateway/gw-peer-health.h"
#include "gateway/gw-soap-answer.h"
#include "soap/soap-fault.h"

#include <string.h>

#define SERVICE "APIKeyValidationService"
#define RETRY_PAUSE_MS 50
/* Whoever counts failed logins must not find us one of those who guess. */
#define REFUSED_PAUSE_US (G_GINT64_CONSTANT (5) * G_USEC_PER_SEC)

typedef struct _Validator Validator;
typedef struct _Worker Worker;

typedef struct _Ask Ask;
struct _Ask
{
  GwUpstreamExchange exchange; /* first */
  Ask *next, **self;           /* worker->asks */
  GwKeyQuestion *question;
  Worker *worker;
  NetTimer timer; /* of the attempt, or of the pause before it */
  gint64 deadline_us;
  guint n_attempts; /* that failed */
  guint server;
  guint status;
  NetBuffer answer;
  gboolean too_long;
  gboolean pauses;
};

struct _Worker
{
  Validator *validator;
  NetWorker *net_worker; /* NULL: nobody asked yet */
  GwPeerHealth *healths;
  gint64 *refused_until_us; /* of each server: user and password are not sent to it again before */
  Ask *asks;
  SoapReader *reader; /* NULL: nothing was read yet */
  guint n_asks;
  GwSoapCounters counters;
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

static void
count (guint64 *counter)
{
  __atomic_store_n (counter, *counter + 1, __ATOMIC_RELAXED);
}

static gint64
now_us (const Ask *ask)
{
  return net_worker_now_us (ask->worker->net_worker);
}

/* The question is its asker's again. */
static void
finish (Ask *ask, const GwKeyReply *reply)
{
  GwKeyQuestion *question = ask->question;
  Worker *worker = ask->worker;

  net_timer_cancel (&ask->timer);
  net_buffer_clear (&ask->answer);
  *ask->self = ask->next;
  if (ask->next != NULL)
    ask->next->self = ask->self;
  worker->n_asks--;
  g_free (ask);
  if (!reply->answered)
    count (&worker->counters.failed);
  question->answered (question, reply);
}

static void
fail_attempt (Ask *ask, const char *why)
{
  static const GwKeyReply nothing = { .answered = FALSE };
  const GwUpstreamTarget *target = ask->worker->validator->servers[ask->server].target;

  gw_peer_health_failed (&ask->worker->healths[ask->server], now_us (ask));
  apim_log_limited (&failures_gate, APIM_LOG_WARNING, "gateway", "Key Manager %s, port %u: no answer over SOAP: %s",
                    target->host, target->port, why);
  net_buffer_clear (&ask->answer);
  if (++ask->n_attempts >= GW_SOAP_MAX_ATTEMPTS || now_us (ask) >= ask->deadline_us)
    {
      finish (ask, &nothing);
      return;
    }
  count (&ask->worker->counters.retried);
  start_attempt (ask);
}

static void
handle_head (GwUpstreamExchange *exchange, const NetHttpResponse *response)
{
  ((Ask *) exchange)->status = response->status;
}

static void
handle_body (GwUpstreamExchange *exchange, const guint8 *bytes, gsize length)
{
  Ask *ask = (Ask *) exchange;

  if (net_buffer_length (&ask->answer) + length > ask->worker->validator->settings.max_message)
    ask->too_long = TRUE;
  if (!ask->too_long)
    net_buffer_append (&ask->answer, bytes, length);
}

/* FALSE: with *why. @envelope's texts live until the worker reads the next one. */
static gboolean
read_envelope (Ask *ask, SoapEnvelope *envelope, const char **why)
{
  Worker *worker = ask->worker;

  *why = "a status that no such service gives";
  if (ask->status != 200 && ask->status != 500) /* of faults, in either version (1.9) */
    return FALSE;
  *why = "an answer over Limits/MaxThriftMessage";
  if (ask->too_long)
    return FALSE;
  if (worker->reader == NULL)
    worker->reader = soap_reader_new_answers ();
  return soap_reader_read (worker->reader, net_buffer_data (&ask->answer), net_buffer_length (&ask->answer), envelope,
                           why)
         == SOAP_READ_DONE;
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
handle_done (GwUpstreamExchange *exchange)
{
  Ask *ask = (Ask *) exchange;
  TwMethod method = ask->question->method;
  g_auto (GwSoapAnswer) answer = { 0 };
  GwKeyReply reply = { .answered = TRUE };
  SoapEnvelope envelope;
  const char *why;

  if (ask->status == 401 || ask->status == 403)
    {
      fail_refused (ask);
      return;
    }
  if (!read_envelope (ask, &envelope, &why))
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
handle_failed (GwUpstreamExchange *exchange, GwErrorCode code, const char *why)
{
  (void) code;
  fail_attempt ((Ask *) exchange, why);
}

static const GwUpstreamEvents events = {
  .head = handle_head,
  .body = handle_body,
  .done = handle_done,
  .failed = handle_failed,
};

static void
put (NetBuffer *output, const char *text)
{
  net_buffer_append (output, text, strlen (text));
}

static void
append_head (const Ask *ask, NetBuffer *output, gsize length)
{
  const Validator *validator = ask->worker->validator;
  const Server *server = &validator->servers[ask->server];
  char digits[32];

  put (output, "POST ");
  put (output, server->path);
  put (output, " HTTP/1.1\r\nHost: ");
  put (output, server->target->authority);
  put (output, "\r\nContent-Type: application/soap+xml; charset=UTF-8; action=\"urn:");
  put (output, tw_method_name (ask->question->method));
  put (output, "\"\r\nAuthorization: ");
  put (output, validator->authorization);
  put (output, "\r\nUser-Agent: apimd\r\nContent-Length: ");
  g_snprintf (digits, sizeof digits, "%" G_GSIZE_FORMAT "\r\n\r\n", length);
  put (output, digits);
}

static void
send_question (Ask *ask)
{
  Validator *validator = ask->worker->validator;
  const GwSoapSettings *settings = &validator->settings;
  gint64 left_us = MAX (ask->deadline_us - now_us (ask), 0);
  NetBuffer body = { 0 };

  /* While another Key Manager is there, the silence of one leaves time to ask it. */
  if (settings->n_servers > 1 && ask->n_attempts + 1 < GW_SOAP_MAX_ATTEMPTS)
    left_us /= 2;
  ask->status = 0;
  ask->too_long = FALSE;
  ask->exchange = (GwUpstreamExchange){
    .events = &events,
    .framing = GW_UPSTREAM_LENGTH,
    .timeout_ms = left_us / 1000 + 1,
  };
  net_timer_arm (ask->worker->net_worker, &ask->timer, left_us / 1000);
  gw_soap_write_call (&body, ask->question->method, &ask->question->arguments, settings->profile);
  gw_upstream_begin (validator->upstream, ask->worker->net_worker, validator->servers[ask->server].target,
                     &ask->exchange);
  append_head (ask, gw_upstream_output (&ask->exchange), net_buffer_length (&body));
  gw_upstream_send (&ask->exchange, net_buffer_data (&body), net_buffer_length (&body));
  gw_upstream_end (&ask->exchange);
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
  gboolean down;

  ask->server = gw_peer_health_choose (worker->healths, settings->n_servers, net_worker_index (worker->net_worker),
                                       now_us (ask), settings->timeout_ms / 2, &down);
  if (ask->n_attempts == 0 || !down)
    {
      send_unless_refused (ask);
      return;
    }
  ask->pauses = TRUE;
  net_timer_arm (worker->net_worker, &ask->timer, (gint64) RETRY_PAUSE_MS << ask->n_attempts);
}

static void
time_is_up (NetTimer *timer, NetWorker *worker)
{
  Ask *ask = (Ask *) ((char *) timer - G_STRUCT_OFFSET (Ask, timer));

  (void) worker;
  if (ask->pauses)
    {
      ask->pauses = FALSE;
      send_unless_refused (ask);
      return;
    }
  gw_upstream_cancel (&ask->exchange);
  fail_attempt (ask, "its time is up");
}

static void
ask_question (GwKeyValidator *base, GwKeyQuestion *question)
{
  static const GwKeyReply nothing = { .answered = FALSE };
  Validator *validator = (Validator *) base;
  Worker *worker = &validator->workers[net_worker_index (question->worker)];
  Ask *ask;

  worker->net_worker = question->worker;
  count (&worker->counters.asked);
  if (worker->n_asks >= validator->settings.max_questions)
    {
      count (&worker->counters.failed);
      question->answered (question, &nothing);
      return;
    }
  worker->n_asks++;
  ask = g_new0 (Ask, 1);
  ask->question = question;
  ask->worker = worker;
  ask->next = worker->asks;
  ask->self = &worker->asks;
  if (ask->next != NULL)
    ask->next->self = &ask->next;
  worker->asks = ask;
  ask->timer.fired = time_is_up;
  ask->deadline_us = net_worker_now_us (worker->net_worker) + (gint64) validator->settings.timeout_ms * 1000;
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
      net_buffer_clear (&ask->answer);
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
gw_soap_validator_read_counters (GwKeyValidator *validator, GwSoapCounters *counters)
{
  const Validator *self = (const Validator *) validator;

  *counters = (GwSoapCounters){ 0 };
  for (guint i = 0; i < self->n_workers; i++)
    {
      const GwSoapCounters *one = &self->workers[i].counters;

      counters->asked += __atomic_load_n (&one->asked, __ATOMIC_RELAXED);
      counters->failed += __atomic_load_n (&one->failed, __ATOMIC_RELAXED);
      counters->retried += __atomic_load_n (&one->retried, __ATOMIC_RELAXED);
    }
}
