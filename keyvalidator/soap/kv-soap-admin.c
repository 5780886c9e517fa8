#include "config.h"
#include "keyvalidator/soap/kv-soap-admin.h"

#include "common/apim-log.h"
#include "keyvalidator/soap/kv-soap-admin-wsdl.h"
#include "keyvalidator/soap/kv-soap-http.h"
#include "keyvalidator/soap/kv-soap-refusal.h"
#include "keyvalidator/soap/kv-soap-wsdl.h"
#include "net/net-http-credentials.h"

#include <string.h>

G_DEFINE_QUARK (kv - soap - error - quark, kv_soap_error)

/* One service, and what it belongs to. */
typedef struct
{
  KvSoapAdmin *admin;
  const KvSoapAdminService *service;
  char *path;
} Door;

static const KvSoapAdminService *const services[] = {
  &kv_soap_authentication_admin, &kv_soap_user_admin, &kv_soap_user_registration, &kv_soap_user_store,
  &kv_soap_provider,             &kv_soap_subscriber,
};

/* A request and what is known of it so far. */
typedef struct
{
  const Door *door;
  NetHttpExchange *exchange;
  SoapHead head;
  const SoapElement *element; /* the operation */
  KvAdmissionResult admission;
} Request;

static void
door_free (gpointer data)
{
  Door *door = data;

  g_free (door->path);
  g_free (door);
}

KvSoapAdmin *
kv_soap_admin_new (KvOauth *oauth, KvAdmission *admission, CoreAuthenticator *authenticator, KvSessions *sessions,
                   StDatabase *user_database)
{
  KvSoapAdmin *admin = g_new0 (KvSoapAdmin, 1);
  const ApimConfig *config = oauth->config;

  admin->oauth = oauth;
  admin->admission = admission;
  admin->authenticator = authenticator;
  admin->sessions = sessions;
  admin->user_database = user_database;
  admin->config = config;
  admin->default_host = g_strdup_printf ("%s:%u", config->host_name, config->https.port);
  admin->sign_ups = core_rate_limit_new (config->limits.sign_ups_per_address, config->limits.sign_ups_per_hour,
                                         oauth->stores.clock);
  admin->doors = g_ptr_array_new_with_free_func (door_free);
  kv_soap_admin_set_limits (admin, &config->limits);
  return admin;
}

void
kv_soap_admin_free (KvSoapAdmin *admin)
{
  if (admin == NULL)
    return;
  g_ptr_array_unref (admin->doors);
  core_rate_limit_free (admin->sign_ups);
  g_free (admin->default_host);
  g_free (admin);
}

void
kv_soap_admin_set_limits (KvSoapAdmin *admin, const ApimLimits *limits)
{
  __atomic_store_n (&admin->max_message, limits->max_soap_message, __ATOMIC_RELAXED);
}

void
kv_soap_admin_add_status (KvSoapAdmin *admin, ApimStatus *status)
{
  const KvSoapAdminCounters *counters = &admin->counters;
  const struct
  {
    const char *name;
    const guint64 *counter;
  } rows[] = { { "soap_admin.calls", &counters->calls },
               { "soap_admin.replies", &counters->replies },
               { "soap_admin.faults", &counters->faults },
               { "soap_admin.unauthenticated", &counters->unauthenticated },
               { "soap_admin.refused", &counters->refused },
               { "soap_admin.sign_ups_held_up", &counters->sign_ups_held_up } };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    apim_status_add (status, rows[i].name, (gint64) __atomic_load_n (rows[i].counter, __ATOMIC_RELAXED));
}

/* Parameters */

const char *
kv_soap_parameter (const SoapElement *parent, const char *name)
{
  const SoapElement *element = soap_element_next_named (parent, NULL, name);

  return element != NULL && !element->nil && element->length > 0 ? element->text : NULL;
}

gboolean
kv_soap_fail (GError **error, const char *reason)
{
  g_set_error_literal (error, KV_SOAP_ERROR, KV_SOAP_ERROR_FAILED, reason);
  return FALSE;
}

gboolean
kv_soap_parameter_need (const SoapElement *parent, const char *name, const char **text, GError **error)
{
  *text = kv_soap_parameter (parent, name);
  if (*text != NULL)
    return TRUE;
  g_set_error (error, KV_SOAP_ERROR, KV_SOAP_ERROR_FAILED, "The parameter \"%s\" is missing.", name);
  return FALSE;
}

const char **
kv_soap_parameter_list (const SoapElement *parent, const char *name)
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
check_fields (const SoapElement *parent, const KvSoapField *fields, SoapFault *fault)
{
  for (; fields != NULL && fields->name != NULL; fields++)
    for (const SoapElement *at = NULL; (at = soap_element_next_named (parent, at, fields->name)) != NULL;)
      {
        if (!fields->many && soap_element_next_named (parent, at, fields->name) != NULL)
          return refuse (fault, SOAP_FAULT_SENDER, "A parameter is given twice.");
        if (fields->bean == NULL && at->n_below > 0)
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

  kv_oauth_count (&request->door->admin->counters.faults);
  soap_write_fault (&output, request->head.version, fault);
  net_http_respond (request->exchange, SOAP_FAULT_STATUS, soap_content_type (request->head.version),
                    net_buffer_data (&output), net_buffer_length (&output));
  net_buffer_clear (&output);
}

static void
answer_failure (const Request *request, const KvSoapOperation *operation, const GError *error)
{
  static ApimLogGate gate;
  const KvSoapAdminService *service = request->door->service;
  SoapFault fault = { .code = SOAP_FAULT_RECEIVER };

  if (error->domain == KV_SOAP_ERROR)
    fault.reason = error->message;
  else
    {
      apim_log_limited (&gate, APIM_LOG_ERROR, "keyvalidator", "%s.%s failed: %s", service->name, operation->name,
                        error->message);
      fault.reason = "The operation failed; the log of the Key Manager says why.";
    }
  fault.service = service->name;
  fault.exception = service->exception;
  fault.namespace = service->namespace;
  answer_fault (request, &fault);
}

/* The parts of the result beside its children. */
static void
answer_result (const Request *request, const KvSoapOperation *operation, const NetBuffer *result)
{
  const KvSoapAdminService *service = request->door->service;
  const KvSoapBean *bean = operation->result->bean;
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

/* Who asks */

/* The user of the session that the request was admitted with. */
static StUser *
find_user (const Request *request, gint64 deadline_us, gint *tenant_id, GError **error)
{
  KvSoapAdmin *admin = request->door->admin;
  const NetHttpRequest *head = net_http_exchange_request (request->exchange);
  const char *id = request->admission.session_id;
  NetHttpText cookie = { id, strlen (id) };
  g_autoptr (KvSession) session = NULL;
  StUser *user = NULL;

  if (id[0] == '\0' && !net_http_request_cookie (head, KV_ADMISSION_COOKIE, &cookie))
    return NULL;
  if (kv_sessions_verify (admin->sessions, cookie.text, cookie.length, deadline_us, &session, error)
      != KV_SESSION_VALID)
    return NULL;
  *tenant_id = kv_session_sealed (session)->tenant_id;
  st_user_store_find_user_by_id (admin->oauth->stores.users, *tenant_id, kv_session_sealed (session)->user_id,
                                 deadline_us, &user, error);
  return user;
}

/* FALSE: answered. */
static gboolean
admit (Request *request, gint64 deadline_us, StUser **user)
{
  g_autoptr (GError) error = NULL;
  gint tenant_id = 0;

  kv_admission_verify (request->door->admin->admission, net_http_exchange_request (request->exchange),
                       net_http_exchange_peer (request->exchange), &request->admission);
  if (request->admission.verdict == KV_ADMITTED)
    {
      *user = find_user (request, deadline_us, &tenant_id, &error);
      if (*user == NULL)
        request->admission.verdict = error != NULL ? KV_ADMISSION_FAILED : KV_ADMISSION_NO_CREDENTIALS;
      else if (tenant_id != ST_SUPER_TENANT_ID)
        request->admission.verdict = KV_ADMISSION_NOT_PERMITTED;
    }
  if (request->admission.verdict == KV_ADMITTED)
    {
      kv_soap_offer_session (request->exchange, &request->admission);
      return TRUE;
    }
  kv_oauth_count (&request->door->admin->counters.unauthenticated);
  kv_soap_answer_not_admitted (request->exchange, request->head.version, request->admission.verdict);
  return FALSE;
}

/* Operations */

static const KvSoapOperation *
find_operation (const KvSoapAdminService *service, const char *name)
{
  for (const KvSoapOperation *operation = service->operations; operation->name != NULL; operation++)
    if (strcmp (operation->name, name) == 0)
      return operation;
  return NULL;
}

static gboolean
read_message (Request *request, const KvSoapOperation **operation, SoapFault *fault)
{
  const KvSoapAdminService *service = request->door->service;
  gsize length;
  const guint8 *body = net_http_exchange_body (request->exchange, &length);
  SoapEnvelope envelope;
  const char *why;
  SoapRead result = soap_reader_read (soap_reader_of_thread (), body, length, &envelope, &why);

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
run (const Request *request, const KvSoapOperation *operation, const StUser *user, gint64 deadline_us)
{
  NetBuffer result = { NULL };
  KvSoapAdminCall call = { request->door->admin, request->exchange, request->element, user, deadline_us, &result };
  KvSoapAdminCounters *counters = &call.admin->counters;
  g_autoptr (GError) error = NULL;

  kv_oauth_count (&counters->calls);
  if (!operation->run (&call, &error))
    answer_failure (request, operation, error);
  else
    {
      kv_oauth_count (&counters->replies);
      if (operation->result == NULL)
        net_http_respond (request->exchange, 202, NULL, NULL, 0);
      else
        answer_result (request, operation, &result);
    }
  net_buffer_clear (&result);
}

static gboolean
is_open (const Door *door)
{
  return door->service->audience == KV_SOAP_FOR_ANYONE
         || (door->service->audience == KV_SOAP_FOR_SIGN_UP && door->admin->config->anonymous_sign_up);
}

static void
serve (Request *request)
{
  gint64 deadline_us = kv_oauth_deadline (request->door->admin->oauth);
  const KvSoapOperation *operation;
  g_autoptr (StUser) user = NULL;
  SoapFault fault;

  /* A stranger's message is not even read, where strangers have nothing to ask. */
  if (!is_open (request->door) && !admit (request, deadline_us, &user))
    return;
  if (read_message (request, &operation, &fault))
    run (request, operation, user, deadline_us);
  else
    answer_fault (request, &fault);
}

static void
describe (const Request *request)
{
  const Door *door = request->door;
  g_autofree char *address
      = kv_soap_wsdl_address (net_http_exchange_request (request->exchange), door->admin->default_host, door->path);
  g_autofree char *wsdl = kv_soap_admin_wsdl (door->service, address);

  kv_soap_answer_wsdl (request->exchange, wsdl);
}

static void
handle_request (NetHttpExchange *exchange, gpointer data)
{
  Request request = { .exchange = exchange, .door = data };
  guint max_message = __atomic_load_n (&request.door->admin->max_message, __ATOMIC_RELAXED);

  switch (kv_soap_ask (exchange, max_message, &request.head))
    {
    case KV_SOAP_MESSAGE:
      serve (&request);
      break;
    case KV_SOAP_DESCRIPTION:
      describe (&request);
      break;
    case KV_SOAP_REFUSED:
      kv_oauth_count (&request.door->admin->counters.refused);
      break;
    }
}

static void
add_service (KvSoapAdmin *admin, const KvSoapAdminService *service, NetHttpServer *server)
{
  const char *root = admin->config->web_context_root;
  Door *door = g_new0 (Door, 1);

  door->admin = admin;
  door->service = service;
  door->path = g_strconcat (root != NULL ? root : "", "/services/", service->name, NULL);
  g_ptr_array_add (admin->doors, door);
  kv_soap_add_paths (server, door->path, service->name, NET_HTTP_ON_POOL, handle_request, door);
}

void
kv_soap_admin_add_to (KvSoapAdmin *admin, NetHttpServer *server)
{
  for (gsize i = 0; i < G_N_ELEMENTS (services); i++)
    add_service (admin, services[i], server);
}
