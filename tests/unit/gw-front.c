#include "config.h"
#include "tests/unit/gw-front.h"

#include <unistd.h>

static void
reply (GwKeyQuestion *question, gboolean granted)
{
  static const TwUriTemplate templates[] = {
    { .uri_template = TW_TEXT ("/*"), .http_verb = TW_TEXT ("GET"), .auth_type = TW_TEXT ("Any") },
    { .uri_template = TW_TEXT ("/*"), .http_verb = TW_TEXT ("POST"), .auth_type = TW_TEXT ("Any") },
    { .uri_template = TW_TEXT ("/public"), .http_verb = TW_TEXT ("GET"), .auth_type = TW_TEXT ("None") },
    { .uri_template = TW_TEXT ("/public"), .http_verb = TW_TEXT ("POST"), .auth_type = TW_TEXT ("None") },
  };
  TwKeyValidationInfo info = {
    .authorized = granted,
    .validation_status = granted ? 0 : 900901,
    .type = TW_TEXT ("PRODUCTION"),
    .end_user_token = TW_TEXT ("a.b.c"),
    .validity_period_ms = G_MAXINT64,
  };
  GwKeyReply answer = { .answered = TRUE };

  if (question->method == TW_METHOD_VALIDATE_KEY)
    answer.info = &info;
  else
    {
      answer.templates = templates;
      answer.n_templates = G_N_ELEMENTS (templates);
    }
  question->answered (question, &answer);
}

/* "good" and others at once; "late" when the test says so. */
static void
ask (GwKeyValidator *validator, GwKeyQuestion *question)
{
  FakeKeyManager *manager = (FakeKeyManager *) validator;

  g_atomic_int_inc (&manager->asked);
  if (question->method != TW_METHOD_VALIDATE_KEY || !tw_text_equal (question->arguments.access_token, tw_text ("late")))
    {
      reply (question, tw_text_equal (question->arguments.access_token, tw_text ("good")));
      return;
    }
  g_mutex_lock (&manager->lock);
  g_assert_null (manager->late);
  manager->late = question;
  g_mutex_unlock (&manager->lock);
}

static const GwKeyValidatorInterface interface = { "fake", ask };

typedef struct
{
  NetTask task;
  GwKeyQuestion *question;
} LateReply;

static void
reply_late (NetTask *task, NetWorker *worker)
{
  LateReply *late = (LateReply *) task;

  (void) worker;
  reply (late->question, TRUE);
  g_free (late);
}

void
gw_front_answer_late (GwFront *f)
{
  FakeKeyManager *manager = &f->manager;
  LateReply *late = g_new0 (LateReply, 1);

  while (late->question == NULL)
    {
      g_usleep (1000);
      g_mutex_lock (&manager->lock);
      late->question = g_steal_pointer (&manager->late);
      g_mutex_unlock (&manager->lock);
    }
  late->task.run = reply_late;
  net_worker_post (late->question->worker, &late->task);
}

/* The backend: says the method, the target, the body's length and the JWT. */
static void
handle_echo (NetHttpExchange *exchange, gpointer data)
{
  const NetHttpRequest *request = net_http_exchange_request (exchange);
  NetHttpText jwt = { "", 0 };
  char text[1024];
  gsize length;

  (void) data;
  net_http_exchange_body (exchange, &length);
  net_http_request_header (request, "x-jwt-assertion", &jwt);
  g_snprintf (text, sizeof text, "%.*s %.*s %" G_GSIZE_FORMAT " %.*s\n", (int) request->method.length,
              request->method.text, (int) request->target.length, request->target.text, length, (int) jwt.length,
              jwt.text);
  net_http_respond (exchange, 200, "text/plain", text, strlen (text));
}

static void
handle_large (NetHttpExchange *exchange, gpointer data)
{
  g_autofree char *body = g_malloc (BODY_SIZE);

  (void) data;
  memset (body, 'b', BODY_SIZE);
  body[BODY_SIZE - 1] = '\n';
  net_http_respond (exchange, 200, "text/plain", body, BODY_SIZE);
}

/* As a Key Manager answers to /revoke and to /token; so could any backend. */
static void
handle_ended (NetHttpExchange *exchange, gpointer data)
{
  net_http_exchange_add_header (exchange, data, "good");
  net_http_respond (exchange, 200, NULL, NULL, 0);
}

static GwEndpoint *
no_endpoint (gpointer data, const char *key)
{
  (void) data, (void) key;
  return NULL;
}

static GwSequence *
no_sequence (gpointer data, const char *key)
{
  (void) data, (void) key;
  return NULL;
}

#define HANDLER "<handler class='org.wso2.carbon.apimgt.gateway.handlers.security."

/* @mappings: of the resources, blanks between. */
static void
add_api_with (GPtrArray *apis, const char *name, const char *mappings, const char *in, gboolean authenticates)
{
  const GwSynapseKeys keys = { no_endpoint, no_sequence, NULL, NULL };
  g_autoptr (GString) text = g_string_new ("<api xmlns='http://ws.apache.org/ns/synapse'");
  g_auto (GStrv) each = g_strsplit (mappings, " ", -1);
  g_autoptr (GError) error = NULL;
  GwApi *api;

  g_string_append_printf (text, " name='%s' context='/%s'>", name, name);
  for (char **mapping = each; *mapping != NULL; mapping++)
    g_string_append_printf (text,
                            "<resource methods='GET POST' url-mapping='%s'><inSequence>%s</inSequence>"
                            "<outSequence><send/></outSequence></resource>",
                            *mapping, in);
  g_string_append_printf (text, "<handlers>" HANDLER "CORSRequestHandler'/>%s</handlers></api>",
                          authenticates ? HANDLER "APIAuthenticationHandler'/>" : "");
  api = gw_synapse_read_api (name, text->str, text->len, &keys, NULL, &error);
  g_assert_no_error (error);
  g_ptr_array_add (apis, api);
}

static void
add_api (GPtrArray *apis, const char *name, const char *in, gboolean authenticates)
{
  add_api_with (apis, name, "/*", in, authenticates);
}

/* With the handler of the token APIs; its backend is a Key Manager, or is none. */
static void
add_token_api (GPtrArray *apis, const char *name, guint16 port, gboolean is_key_manager)
{
  g_autofree char *send = g_strdup_printf (
      "<send><endpoint><http uri-template='http://127.0.0.1:%u/base'/></endpoint></send>", port);
  const GwResource *resource;
  const GwStep *step;
  GwApi *api;

  add_api (apis, name, send, FALSE);
  api = apis->pdata[apis->len - 1];
  api->chain.handlers |= GW_HANDLER_CACHE_EXTENSION;
  resource = api->resources->pdata[0];
  step = resource->in->steps->pdata[0];
  step->endpoint->is_key_manager = is_key_manager;
}

static void
add_apis (GwFront *f)
{
  g_autoptr (GPtrArray) apis = g_ptr_array_new_with_free_func ((GDestroyNotify) gw_api_unref);
  g_autoptr (GError) error = NULL;
  g_autofree char *send = g_strdup_printf (
      "<send><endpoint><http uri-template='http://127.0.0.1:%u/base'/></endpoint></send>", f->backend_port);
  g_autofree char *changed = g_strconcat ("<payloadFactory media-type='json'><format>{}</format></payloadFactory>", send,
                                          NULL);

  add_api (apis, "safe", send, TRUE);
  add_api (apis, "open", send, FALSE);
  add_api_with (apis, "half", "/* /public", send, TRUE);
  add_api (apis, "changed", changed, FALSE);
  add_api (apis, "fixed",
           "<payloadFactory media-type='json'><format>{\"fixed\": 1}</format></payloadFactory>"
           "<property name='HTTP_SC' value='503' scope='axis2'/><header name='X-Own' scope='transport' value='1'/><respond/>",
           FALSE);
  add_token_api (apis, "manager", f->backend_port, TRUE);
  add_token_api (apis, "liar", f->backend_port, FALSE);
  f->routes = gw_routes_new (apis, &error);
  g_assert_no_error (error);
}

static GwRoutes *
newest_routes (gpointer data, guint worker, gboolean *changed)
{
  GwFront *f = data;

  (void) worker;
  *changed = !f->seen;
  f->seen = TRUE;
  return f->routes;
}

static void
start_backend (GwFront *f, const ApimLimits *limits)
{
  const ApimListenAddress address = { (char *) "127.0.0.1", 0 };
  g_autoptr (GError) error = NULL;

  f->backend_reactor = net_reactor_new (1, limits, &apim_clock_system, &error);
  g_assert_no_error (error);
  f->backend = net_http_server_new (limits, NULL);
  net_http_server_add (f->backend, "/base/large", NET_HTTP_ON_WORKER, handle_large, NULL);
  net_http_server_add (f->backend, "/base/revoked", NET_HTTP_ON_WORKER, handle_ended, (gpointer) "RevokedAccessToken");
  net_http_server_add (f->backend, "/base/renewed", NET_HTTP_ON_WORKER, handle_ended,
                       (gpointer) "DeactivatedAccessToken");
  net_http_server_add (f->backend, "/base*", NET_HTTP_ON_WORKER, handle_echo, NULL);
  net_reactor_listen (f->backend_reactor, &address, NULL, &net_http_protocol, f->backend, &f->backend_port, &error);
  g_assert_no_error (error);
  net_reactor_accept (f->backend_reactor);
}

void
gw_front_set_up (GwFront *f, gconstpointer data)
{
  const ApimListenAddress address = { (char *) "127.0.0.1", 0 };
  const GwUpstreamSettings upstream = { 5000, 5000, 5000, 16, 256, 65536 };
  ApimLimits limits = net_test_limits ();
  GwServiceSettings settings = {
    .generation = APIM_GATEWAY_2_6,
    .faults.generation = APIM_GATEWAY_2_6,
    .cors = *gw_cors_standard_settings (APIM_GATEWAY_2_6),
    .credentials = *gw_credentials_standard_settings (APIM_GATEWAY_2_6),
    .headers = gw_header_standard_settings,
    .max_head = 65536,
    .max_body = 10 * BODY_SIZE,
    .read_timeout_ms = data != NULL ? 100 : 60000,
    .write_timeout_ms = data != NULL ? 100 : 60000,
    .max_unread_output = 65536,
    .http2 = { TRUE, 100, 65535, 1048576, 20, 50 },
  };
  GwServiceParts parts = { .routes = newest_routes, .routes_data = f };
  g_autoptr (GError) error = NULL;

  limits.max_http_body = 10 * BODY_SIZE;
  f->manager.validator.interface = &interface;
  g_mutex_init (&f->manager.lock);
  start_backend (f, &limits);
  limits.read_timeout_ms = settings.read_timeout_ms;
  add_apis (f);
  f->reactor = net_reactor_new (1, &limits, &apim_clock_system, &error);
  g_assert_no_error (error);
  f->upstream = gw_upstream_new (f->reactor, NULL, &upstream);
  f->authenticator
      = gw_authenticator_new (&f->manager.validator, &gw_auth_standard_settings, f->reactor, &apim_clock_system);
  parts.authenticator = f->authenticator;
  parts.upstream = parts.key_manager_upstream = f->upstream;
  f->usage = parts.usage = gw_usage_new (1, 100);
  f->log_path = g_strdup_printf ("%s/gw-front-%d.log", g_get_tmp_dir (), (int) getpid ());
  f->access_log = parts.access_log = gw_access_log_new (f->log_path, GW_ACCESS_LOG_JSON, 1, &error);
  g_assert_no_error (error);
  f->service = gw_service_new (&settings, &parts, 1);
  f->door = (GwDoor){ f->service, GW_TRANSPORT_HTTP };
  net_reactor_listen (f->reactor, &address, NULL, &gw_connection_protocol, &f->door, &f->port, &error);
  g_assert_no_error (error);
  net_reactor_accept (f->reactor);
  net_test_client_plain (&f->client, f->port);
}

guint16
gw_front_listen_tls (GwFront *f)
{
  const ApimListenAddress address = { (char *) "127.0.0.1", 0 };
  g_autoptr (NetTls) tls = net_test_tls (TLS1_2_VERSION, NULL);
  g_autoptr (GError) error = NULL;
  guint16 port;

  f->tls_door = (GwDoor){ f->service, GW_TRANSPORT_HTTPS };
  net_reactor_listen (f->reactor, &address, tls, &gw_connection_protocol, &f->tls_door, &port, &error);
  g_assert_no_error (error);
  net_reactor_accept (f->reactor);
  return port;
}

void
gw_front_tear_down (GwFront *f, gconstpointer data)
{
  (void) data;
  net_test_client_close (&f->client);
  net_reactor_drain (f->reactor, 5000);
  net_reactor_free (f->reactor);
  gw_service_free (f->service);
  gw_access_log_free (f->access_log);
  unlink (f->log_path);
  g_free (f->log_path);
  gw_usage_free (f->usage);
  gw_authenticator_free (f->authenticator);
  gw_routes_unref (f->routes);
  gw_upstream_free (f->upstream);
  net_reactor_free (f->backend_reactor);
  net_http_server_free (f->backend);
  g_mutex_clear (&f->manager.lock);
}
