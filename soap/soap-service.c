#include "config.h"
#include "soap/soap-service.h"

#include "common/apim-log.h"
#include "soap/soap-fault.h"
#include "soap/soap-http.h"
#include "soap/soap-wsdl.h"

#include <string.h>

G_DEFINE_QUARK (soap-error-quark, soap_error)

struct _SoapServer
{
  char *root;         /* WebContextRoot */
  char *default_host; /* "host:port" */
  const char *area;
  SoapGuard *guard;
  GPtrArray *doors;  /* one for each service */
  guint max_message; /* relaxed atomic, and so the next ones */
  guint timeout_ms;
  /* How often since the start. Of all services together. */
  guint64 calls;           /* messages that named an operation */
  guint64 replies;         /* of those, the ones that did what was asked */
  guint64 faults;          /* of those and of messages that cannot be read */
  guint64 unauthenticated; /* nobody, or nobody who may ask */
  guint64 refused;         /* no SOAP message: media type, size, method */
};

/* One service, and what it belongs to. */
typedef struct
{
  SoapServer *server;
  const SoapService *service;
  gboolean open;
  gpointer data;
  char *path;
} Door;

/* A request and what is known of it so far. */
typedef struct
{
  const Door *door;
  NetHttpExchange *exchange;
  SoapHead head;
  SoapReader *reader;
  const SoapElement *element; /* the operation */
  gpointer caller;
} Request;

static void
door_free (gpointer data)
{
  Door *door = data;

  g_free (door->path);
  g_free (door);
}

static void
count (guint64 *counter)
{
  __atomic_fetch_add (counter, 1, __ATOMIC_RELAXED);
}

SoapServer *
soap_server_new (const ApimConfig *config, const char *area, SoapGuard *guard)
{
  SoapServer *server = g_new0 (SoapServer, 1);

  server->root = g_strdup (config->web_context_root != NULL ? config->web_context_root : "");
  server->default_host = g_strdup_printf ("%s:%u", config->host_name, config->https.port);
  server->area = area;
  server->guard = guard;
  server->doors = g_ptr_array_new_with_free_func (door_free);
  soap_server_set_limits (server, &config->limits);
  return server;
}

void
soap_server_free (SoapServer *server)
{
  if (server == NULL)
    return;
  g_ptr_array_unref (server->doors);
  g_free (server->default_host);
  g_free (server->root);
  g_free (server);
}

void
soap_server_set_limits (SoapServer *server, const ApimLimits *limits)
{
  __atomic_store_n (&server->max_message, limits->max_soap_message, __ATOMIC_RELAXED);
  __atomic_store_n (&server->timeout_ms, limits->database_timeout_ms, __ATOMIC_RELAXED);
}

void
soap_server_add_status (SoapServer *server, const char *prefix, ApimStatus *status)
{
  const struct
  {
    const char *name;
    const guint64 *counter;
  } rows[] = { { "calls", &server->calls },
               { "replies", &server->replies },
               { "faults", &server->faults },
               { "unauthenticated", &server->unauthenticated },
               { "refused", &server->refused } };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *name = g_strconcat (prefix, ".", rows[i].name, NULL);

      apim_status_add (status, name, (gint64) __atomic_load_n (rows[i].counter, __ATOMIC_RELAXED));
    }
}

/* Parameters */

const char *
soap_parameter (const SoapElement *parent, const char *name)
{
  const SoapElement *element = soap_element_next_named (parent, NULL, name);

  return element != NULL && !element->nil && element->length > 0 ? element->text : NULL;
}

gboolean
soap_fail (GError **error, const char *reason)
{
  g_set_error_literal (error, SOAP_ERROR, SOAP_ERROR_FAILED, reason);
  return FALSE;
}

gboolean
soap_parameter_need (const SoapElement *parent, const char *name, const char **text, GError **error)
{
  *text = soap_parameter (parent, name);
  if (*text != NULL)
    return TRUE;
  g_set_error (error, SOAP_ERROR, SOAP_ERROR_FAILED, "The parameter \"%s\" is missing.", name);
  return FALSE;
}

const char **
soap_parameter_list (const SoapElement *parent, const char *name)
{
  g_autoptr (GPtrArray) texts = g_ptr_array_new ();

  for (const SoapElement *at = NULL; (at = soap_element_next_named (parent, at, name)) != NULL;)
    if (!at->nil && at->length > 0)
      g_ptr_array_add (texts, (gpointer) at->text);
  g_ptr_array_add (texts, NULL);
  return (const char **) g_ptr_array_free (g_steal_pointer (&texts), FALSE);
}

static gboolean
refuse (SoapFault *fault, SoapFaultCode code, const char *reason)
{
  *fault = (SoapFault){ .code = code, .reason = reason };
  return FALSE;
}

/* One that comes twice could be read as two values by two readers; a text where a bean belongs, and the reverse, as
 * none. */
static gboolean
check_fields (const SoapElement *parent, const SoapField *fields, SoapFault *fault)
{
  for (; fields != NULL && fields->name != NULL; fields++)
    for (const SoapElement *at = NULL; (at = soap_element_next_named (parent, at, fields->name)) != NULL;)
      {
        if (!fields->many && soap_element_next_named (parent, at, fields->name) != NULL)
          return refuse (fault, SOAP_FAULT_SENDER, "A parameter is given twice.");
        if (fields->bean == NULL && at->n_below > 0 && strcmp (fields->type, "anyType") != 0)
          return refuse (fault, SOAP_FAULT_SENDER, "A parameter is not a text.");
        if (fields->bean != NULL && !check_fields (at, fields->bean->fields, fault))
          return FALSE;
      }
  return TRUE;
}

/* Answers */

static void
answer_fault (const Request *request, const SoapFault *fault)
{
  NetBuffer output = { NULL };

  count (&request->door->server->faults);
  soap_write_fault (&output, request->head.version, fault);
  net_http_respond (request->exchange, SOAP_FAULT_STATUS, soap_content_type (request->head.version),
                    net_buffer_data (&output), net_buffer_length (&output));
  net_buffer_clear (&output);
}

static void
answer_failure (const Request *request, const SoapOperation *operation, const GError *error)
{
  static ApimLogGate gate;
  const SoapService *service = request->door->service;
  SoapFault fault = { .code = SOAP_FAULT_RECEIVER };

  if (error->domain == SOAP_ERROR)
    fault.reason = error->message;
  else
    {
      apim_log_limited (&gate, APIM_LOG_ERROR, request->door->server->area, "%s.%s failed: %s", service->name, operation->name,
                        error->message);
      fault.reason = "The operation failed; the log of the node says why.";
    }
  fault.service = service->name;
  fault.exception = service->exception;
  fault.namespace = service->namespace;
  answer_fault (request, &fault);
}

/* The parts of the result beside its children. */
static void
answer_result (const Request *request, const SoapOperation *operation, const NetBuffer *result)
{
  const SoapService *service = request->door->service;
  const SoapBean *bean = operation->result->bean;
  NetBuffer output = { NULL };
  g_autofree char *begin = NULL;
  g_autofree char *end = g_strdup_printf ("</ns:%sResponse>", operation->name);

  begin = g_strdup_printf ("<ns:%sResponse xmlns:ns=\"%s\"%s%s%s>", operation->name, service->namespace,
                           bean != NULL ? " xmlns:b=\"" : "", bean != NULL ? bean->namespace : "",
                           bean != NULL ? "\"" : "");
  soap_write_begin (&output, request->head.version);
  soap_write_markup (&output, begin);
  net_buffer_append (&output, net_buffer_data (result), net_buffer_length (result));
  soap_write_markup (&output, end);
  soap_write_end (&output);
  net_http_respond (request->exchange, 200, soap_content_type (request->head.version), net_buffer_data (&output),
                    net_buffer_length (&output));
  net_buffer_clear (&output);
}

/* Operations */

static const SoapOperation *
find_operation (const SoapService *service, const char *name)
{
  for (const SoapOperation *operation = service->operations; operation->name != NULL; operation++)
    if (strcmp (operation->name, name) == 0)
      return operation;
  return NULL;
}

static gboolean
read_message (Request *request, const SoapOperation **operation, SoapFault *fault)
{
  const SoapService *service = request->door->service;
  gsize length;
  const guint8 *body = net_http_exchange_body (request->exchange, &length);
  SoapEnvelope envelope;
  const char *why;
  SoapRead result = soap_reader_read (request->reader, body, length, &envelope, &why);

  if (result != SOAP_READ_DONE)
    {
      *fault = soap_fault_of_read (result, why);
      return FALSE;
    }
  if (envelope.version != request->head.version)
    return refuse (fault, SOAP_FAULT_VERSION_MISMATCH,
                   "The envelope is of another SOAP version than the Content-Type.");
  request->element = envelope.body_child;
  if (request->element == NULL)
    return refuse (fault, SOAP_FAULT_SENDER, "The Body is empty.");
  if (g_strcmp0 (request->element->namespace, service->namespace) != 0)
    return refuse (fault, SOAP_FAULT_RECEIVER,
                   "namespace mismatch: the operation is in another one than the WSDL says");
  *operation = find_operation (service, request->element->name);
  if (*operation == NULL)
    return refuse (fault, SOAP_FAULT_SENDER, "There is no such operation.");
  if (!soap_head_names (&request->head, request->element->name))
    return refuse (fault, SOAP_FAULT_SENDER, "The action names another operation than the message.");
  return check_fields (request->element, (*operation)->parameters, fault);
}

static void
run (const Request *request, const SoapOperation *operation, gint64 deadline_us)
{
  NetBuffer result = { NULL };
  SoapCall call
      = { request->door->data, request->exchange, request->element, request->caller, deadline_us, &result };
  SoapServer *server = request->door->server;
  g_autoptr (GError) error = NULL;

  count (&server->calls);
  if (!operation->run (&call, &error))
    answer_failure (request, operation, error);
  else
    {
      count (&server->replies);
      if (operation->result == NULL)
        net_http_respond (request->exchange, 202, NULL, NULL, 0);
      else
        answer_result (request, operation, &result);
    }
  net_buffer_clear (&result);
}

/* FALSE: answered. */
static gboolean
admit (Request *request, gint64 deadline_us)
{
  SoapServer *server = request->door->server;

  if (request->door->open)
    return TRUE;
  if (server->guard != NULL)
    {
      if (server->guard->admit (server->guard, request->exchange, request->head.version, deadline_us,
                                &request->caller))
        return TRUE;
    }
  else
    net_http_respond (request->exchange, 403, NULL, NULL, 0);
  count (&server->unauthenticated);
  return FALSE;
}

static void
serve (Request *request)
{
  SoapServer *server = request->door->server;
  gint64 deadline_us
      = g_get_monotonic_time ()
        + __atomic_load_n (&server->timeout_ms, __ATOMIC_RELAXED) * G_GINT64_CONSTANT (1000);
  const SoapOperation *operation;
  g_autoptr (SoapReader) large = NULL;
  SoapFault fault;

  /* A stranger's message is not even read, where strangers have nothing to ask. */
  if (!admit (request, deadline_us))
    return;
  if (request->door->service->takes_files)
    large = soap_reader_new_large ();
  else if (request->door->service->takes_lists)
    large = soap_reader_new_answers ();
  request->reader = large != NULL ? large : soap_reader_of_thread ();
  if (read_message (request, &operation, &fault))
    run (request, operation, deadline_us);
  else
    answer_fault (request, &fault);
  if (request->caller != NULL)
    server->guard->release (server->guard, request->caller);
}

static void
describe (const Request *request)
{
  const Door *door = request->door;
  g_autofree char *address
      = soap_http_address (net_http_exchange_request (request->exchange), door->server->default_host, door->path);
  g_autofree char *wsdl = soap_wsdl_new (door->service, address);

  soap_http_answer_wsdl (request->exchange, wsdl);
}

static void
handle_request (NetHttpExchange *exchange, gpointer data)
{
  Request request = { .exchange = exchange, .door = data };
  SoapServer *server = request.door->server;
  const SoapService *service = request.door->service;
  guint max_message
      = service->takes_files || service->takes_lists ? 0 : __atomic_load_n (&server->max_message, __ATOMIC_RELAXED);

  switch (soap_http_ask (exchange, max_message, &request.head))
    {
    case SOAP_HTTP_MESSAGE:
      serve (&request);
      break;
    case SOAP_HTTP_DESCRIPTION:
      describe (&request);
      break;
    case SOAP_HTTP_REFUSED:
      count (&server->refused);
      break;
    }
}

void
soap_server_add (SoapServer *server, NetHttpServer *http, const SoapService *service, gboolean open, gpointer data)
{
  Door *door = g_new0 (Door, 1);

  door->server = server;
  door->service = service;
  door->open = open;
  door->data = data;
  door->path = g_strconcat (server->root, "/services/", service->name, NULL);
  g_ptr_array_add (server->doors, door);
  soap_http_add_paths (http, door->path, service->name, NET_HTTP_ON_POOL, handle_request, door);
}
