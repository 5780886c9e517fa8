#include "config.h"
#include "keyvalidator/soap/kv-soap-service.h"

#include "common/apim-log.h"
#include "keyvalidator/soap/kv-soap-answer.h"
#include "keyvalidator/soap/kv-soap-call.h"
#include "soap/soap-http.h"
#include "keyvalidator/soap/kv-soap-refusal.h"
#include "keyvalidator/soap/kv-soap-wsdl.h"

#include <string.h>

#define SERVICE "APIKeyValidationService"

/* As in tw-server.c: a worker counts in the slot of its index. */
#define COUNTER_SLOTS 64
#define CACHE_LINE 64

typedef union
{
  KvSoapCounters counters;
  guint8 line[CACHE_LINE];
} CounterSlot;

G_STATIC_ASSERT (sizeof (CounterSlot) == CACHE_LINE);

/* One way to the service. */
typedef struct
{
  KvSoapService *service;
  ApimSoapProfile profile;
  char *path;
} Door;

/* The default one, and one for each profile. */
#define N_DOORS (APIM_N_SOAP_PROFILES + 1)

struct _KvSoapService
{
  KvDispatch *dispatch;
  KvAdmission *admission;
  ApimPool *login_pool;
  char *default_host; /* "host:port" */
  guint max_message;  /* relaxed atomic: a reload writes while workers read */
  Door doors[N_DOORS];
  CounterSlot *slots;
};

/* A request and what is known of it so far. */
typedef struct
{
  NetHttpExchange *exchange;
  const Door *door;
  SoapHead head;
  KvAdmissionResult admission;
} Request;

/* A request that waits for the user store. */
typedef struct
{
  Request request;
  NetWorker *worker;
  ApimJob job;
  NetTask task;
} Admitting;

/* A request that waits for its facts. */
typedef struct
{
  KvLateCall late;
  Request request;
  KvSoapCall call;
  char texts[]; /* what the call's arguments point to */
} Late;

static void
count (const Door *door, gsize offset)
{
  NetWorker *worker = net_worker_current ();
  guint slot = worker == NULL ? 0 : net_worker_index (worker) % COUNTER_SLOTS;
  guint64 *counter = &G_STRUCT_MEMBER (guint64, &door->service->slots[slot].counters, offset);

  __atomic_fetch_add (counter, 1, __ATOMIC_RELAXED);
}

#define COUNT(door, counter) count (door, G_STRUCT_OFFSET (KvSoapCounters, counter))

static void
init_door (KvSoapService *service, guint i, const ApimConfig *config)
{
  static const char *const prefixes[N_DOORS] = {
    [APIM_SOAP_PROFILE_1_5] = "/profile-1.5",
    [APIM_SOAP_PROFILE_1_7] = "/profile-1.7",
    [APIM_SOAP_PROFILE_2_X] = "/profile-2.x",
    [APIM_N_SOAP_PROFILES] = "",
  };

  service->doors[i] = (Door){
    .service = service,
    .profile = i == APIM_N_SOAP_PROFILES ? config->soap_profile : (ApimSoapProfile) i,
    .path = g_strconcat (config->web_context_root == NULL ? "" : config->web_context_root, prefixes[i], "/services/" SERVICE, NULL),
  };
}

KvSoapService *
kv_soap_service_new (const ApimConfig *config, KvDispatch *dispatch, KvAdmission *admission, ApimPool *login_pool)
{
  KvSoapService *service = g_new0 (KvSoapService, 1);

  service->dispatch = dispatch;
  service->admission = admission;
  service->login_pool = login_pool;
  service->default_host = g_strdup_printf ("%s:%u", config->host_name, config->https.port);
  service->slots = g_aligned_alloc0 (COUNTER_SLOTS, sizeof *service->slots, CACHE_LINE);
  for (guint i = 0; i < N_DOORS; i++)
    init_door (service, i, config);
  kv_soap_service_set_limits (service, &config->limits);
  return service;
}

void
kv_soap_service_free (KvSoapService *service)
{
  if (service == NULL)
    return;
  for (guint i = 0; i < N_DOORS; i++)
    g_free (service->doors[i].path);
  g_aligned_free (service->slots);
  g_free (service->default_host);
  g_free (service);
}

void
kv_soap_service_set_limits (KvSoapService *service, const ApimLimits *limits)
{
  __atomic_store_n (&service->max_message, limits->max_soap_message, __ATOMIC_RELAXED);
}

void
kv_soap_service_read_counters (KvSoapService *service, KvSoapCounters *counters)
{
  *counters = (KvSoapCounters){ 0 };
  for (guint i = 0; i < COUNTER_SLOTS; i++)
    {
      const KvSoapCounters *slot = &service->slots[i].counters;

      counters->calls += __atomic_load_n (&slot->calls, __ATOMIC_RELAXED);
      counters->replies += __atomic_load_n (&slot->replies, __ATOMIC_RELAXED);
      counters->faults += __atomic_load_n (&slot->faults, __ATOMIC_RELAXED);
      counters->unauthenticated += __atomic_load_n (&slot->unauthenticated, __ATOMIC_RELAXED);
      counters->refused += __atomic_load_n (&slot->refused, __ATOMIC_RELAXED);
    }
}

/* Answers */

static void
respond (const Request *request, guint status, NetBuffer *output)
{
  net_http_respond (request->exchange, status, soap_content_type (request->head.version), net_buffer_data (output),
                    net_buffer_length (output));
  net_buffer_clear (output);
}

static void
answer_fault (const Request *request, const SoapFault *fault)
{
  NetBuffer output = { NULL };

  COUNT (request->door, faults);
  soap_write_fault (&output, request->head.version, fault);
  respond (request, SOAP_FAULT_STATUS, &output);
}

static void
answer_not_admitted (const Request *request)
{
  KvAdmissionVerdict verdict = request->admission.verdict;

  if (verdict == KV_ADMISSION_NO_CREDENTIALS)
    COUNT (request->door, unauthenticated);
  else
    COUNT (request->door, faults);
  kv_soap_answer_not_admitted (request->exchange, request->head.version, verdict);
}

static void
answer_call (const Request *request, const KvSoapCall *call, const KvCallResult *result)
{
  NetBuffer output = { NULL };
  guint status = kv_soap_write_answer (&output, request->head.version, request->door->profile, call->method, result);

  if (status == 200)
    COUNT (request->door, replies);
  else
    COUNT (request->door, faults);
  kv_soap_offer_session (request->exchange, &request->admission);
  respond (request, status, &output);
}

/* Calls */

static void
answer_late (KvLateCall *late)
{
  Late *self = (Late *) late;

  answer_call (&self->request, &self->call, &late->result);
  kv_call_result_clear (&late->result);
  g_free (self);
}

static void
run_later (const Request *request, const KvSoapCall *call)
{
  Late *self = g_malloc (sizeof *self + kv_soap_call_size (call));

  self->request = *request;
  self->call = *call;
  kv_soap_call_keep (&self->call, self->texts);
  self->late.method = call->method;
  self->late.arguments = &self->call.arguments;
  self->late.worker = net_worker_current ();
  self->late.session_verified = TRUE;
  self->late.answered = answer_late;
  kv_dispatch_later (request->door->service->dispatch, &self->late);
}

static void
run (const Request *request, const KvSoapCall *call)
{
  KvCallResult result;
  gboolean answered;

  COUNT (request->door, calls);
  kv_call_result_init (&result);
  answered = kv_dispatch_here (request->door->service->dispatch, call->method, &call->arguments, TRUE, &result);
  if (answered)
    answer_call (request, call, &result);
  kv_call_result_clear (&result);
  if (!answered)
    run_later (request, call);
}

static void
serve (const Request *request)
{
  gsize length;
  const guint8 *body = net_http_exchange_body (request->exchange, &length);
  KvSoapCall call;
  SoapFault fault;

  if (request->admission.verdict != KV_ADMITTED)
    answer_not_admitted (request);
  else if (kv_soap_call_read (&call, &request->head, request->door->profile, soap_reader_of_thread (), body, length,
                              &fault))
    run (request, &call);
  else
    answer_fault (request, &fault);
}

static void
go_on_admitted (NetTask *task, NetWorker *worker)
{
  Admitting *admitting = (Admitting *) ((char *) task - G_STRUCT_OFFSET (Admitting, task));

  serve (&admitting->request);
  g_free (admitting);
}

static void
admit_on_pool (ApimJob *job)
{
  Admitting *admitting = (Admitting *) ((char *) job - G_STRUCT_OFFSET (Admitting, job));
  Request *request = &admitting->request;

  kv_admission_verify (request->door->service->admission, net_http_exchange_request (request->exchange),
                       net_http_exchange_peer (request->exchange), &request->admission);
  admitting->task.run = go_on_admitted;
  net_worker_post (admitting->worker, &admitting->task);
}

static void
admit_later (const Request *request)
{
  static ApimLogGate gate;
  Admitting *admitting = g_new (Admitting, 1);

  admitting->request = *request;
  admitting->worker = net_worker_current ();
  admitting->job.run = admit_on_pool;
  if (apim_pool_push (request->door->service->login_pool, &admitting->job))
    return;
  apim_log_limited (&gate, APIM_LOG_ERROR, "keyvalidator", "a SOAP request was refused: too many logins are waiting");
  admitting->request.admission.verdict = KV_ADMISSION_FAILED;
  answer_not_admitted (&admitting->request);
  g_free (admitting);
}

static void
handle_message (Request *request)
{
  KvAdmission *admission = request->door->service->admission;

  kv_admission_peek (admission, net_http_exchange_request (request->exchange), &request->admission);
  if (request->admission.verdict == KV_ADMISSION_NEEDS_STORE)
    admit_later (request);
  else
    serve (request);
}

/* Without credentials: it tells nothing about this node, and toolkits fetch it so. */
static void
describe (const Request *request)
{
  const Door *door = request->door;
  g_autofree char *wsdl = kv_soap_wsdl (door->profile, net_http_exchange_request (request->exchange),
                                        door->service->default_host, door->path);

  soap_http_answer_wsdl (request->exchange, wsdl);
}

static void
handle_request (NetHttpExchange *exchange, gpointer data)
{
  Request request = { .exchange = exchange, .door = data };
  guint max_message = __atomic_load_n (&request.door->service->max_message, __ATOMIC_RELAXED);

  switch (soap_http_ask (exchange, max_message, &request.head))
    {
    case SOAP_HTTP_MESSAGE:
      handle_message (&request);
      break;
    case SOAP_HTTP_DESCRIPTION:
      describe (&request);
      break;
    case SOAP_HTTP_REFUSED:
      COUNT (request.door, refused);
      break;
    }
}

void
kv_soap_service_add_to (KvSoapService *service, NetHttpServer *server)
{
  for (guint i = 0; i < N_DOORS; i++)
    soap_http_add_paths (server, service->doors[i].path, SERVICE, NET_HTTP_ON_WORKER, handle_request, &service->doors[i]);
}
