/* Requests through the gateway's connections on real sockets: a fake Key Manager, and net's HTTP server as the backend
 * (spec/gateway-and-traffic-manager.md 1, RFC 9112). */
#include "config.h"
#include "gateway/gw-connection.h"
#include "gateway/gw-exchange.h"
#include "gateway/gw-synapse.h"
#include "net/net-http-server.h"
#include "net/net-private.h"
#include "tests/unit/allocation-count.h"
#include "tests/unit/net-test.h"

#include <unistd.h>

#define BODY_SIZE 300000

typedef struct
{
  GwKeyValidator validator;
  GMutex lock;
  GwKeyQuestion *late; /* under lock */
  gint asked;          /* atomic */
} FakeKeyManager;

typedef struct
{
  FakeKeyManager manager;
  NetReactor *backend_reactor, *reactor;
  NetHttpServer *backend;
  guint16 backend_port, port;
  GwRoutes *routes;
  gboolean seen;
  GwAuthenticator *authenticator;
  GwUpstream *upstream;
  GwUsage *usage;
  char *log_path;
  GwAccessLog *access_log;
  GwService *service;
  GwDoor door;
  NetTestClient client;
} Fixture;

static void
reply (GwKeyQuestion *question, gboolean granted)
{
  static const TwUriTemplate templates[] = {
    { .uri_template = TW_TEXT ("/*"), .http_verb = TW_TEXT ("GET"), .auth_type = TW_TEXT ("Any") },
    { .uri_template = TW_TEXT ("/*"), .http_verb = TW_TEXT ("POST"), .auth_type = TW_TEXT ("Any") },
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

static void
answer_late (FakeKeyManager *manager)
{
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

static void
add_api (GPtrArray *apis, const char *name, const char *in, gboolean authenticates)
{
  const GwSynapseKeys keys = { no_endpoint, no_sequence, NULL, NULL };
  g_autoptr (GError) error = NULL;
  g_autofree char *text = g_strdup_printf (
      "<api xmlns='http://ws.apache.org/ns/synapse' name='%s' context='/%s'><resource methods='GET POST' url-mapping='/*'>"
      "<inSequence>%s</inSequence><outSequence><send/></outSequence></resource><handlers>" HANDLER
      "CORSRequestHandler'/>%s</handlers></api>",
      name, name, in, authenticates ? HANDLER "APIAuthenticationHandler'/>" : "");
  GwApi *api = gw_synapse_read_api (name, text, strlen (text), &keys, NULL, &error);

  g_assert_no_error (error);
  g_ptr_array_add (apis, api);
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
add_apis (Fixture *f)
{
  g_autoptr (GPtrArray) apis = g_ptr_array_new_with_free_func ((GDestroyNotify) gw_api_unref);
  g_autoptr (GError) error = NULL;
  g_autofree char *send = g_strdup_printf (
      "<send><endpoint><http uri-template='http://127.0.0.1:%u/base'/></endpoint></send>", f->backend_port);
  g_autofree char *changed = g_strconcat ("<payloadFactory media-type='json'><format>{}</format></payloadFactory>", send,
                                          NULL);

  add_api (apis, "safe", send, TRUE);
  add_api (apis, "open", send, FALSE);
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
  Fixture *f = data;

  (void) worker;
  *changed = !f->seen;
  f->seen = TRUE;
  return f->routes;
}

static void
start_backend (Fixture *f, const ApimLimits *limits)
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

static void
set_up (Fixture *f, gconstpointer data)
{
  const ApimListenAddress address = { (char *) "127.0.0.1", 0 };
  const GwUpstreamSettings upstream = { 5000, 5000, 5000, 16, 16, 65536 };
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
    .max_unread_output = 65536,
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
  f->log_path = g_strdup_printf ("%s/test-gw-connection-%d.log", g_get_tmp_dir (), (int) getpid ());
  f->access_log = parts.access_log = gw_access_log_new (f->log_path, GW_ACCESS_LOG_JSON, 1, &error);
  g_assert_no_error (error);
  f->service = gw_service_new (&settings, &parts, 1);
  f->door = (GwDoor){ f->service, GW_TRANSPORT_HTTP };
  net_reactor_listen (f->reactor, &address, NULL, &gw_connection_protocol, &f->door, &f->port, &error);
  g_assert_no_error (error);
  net_reactor_accept (f->reactor);
  net_test_client_plain (&f->client, f->port);
}

static void
tear_down (Fixture *f, gconstpointer data)
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

/* Reads a head. Returns: the status; @length: (out): of the body; 0 of a chunked one. */
static guint
read_head (Fixture *f, gsize *length, gboolean *close)
{
  guint status = 0;

  *length = 0;
  *close = FALSE;
  for (;;)
    {
      g_autofree char *line = net_test_receive (&f->client);

      g_assert_nonnull (line);
      g_strchomp (line);
      if (*line == '\0')
        return status;
      if (g_str_has_prefix (line, "HTTP/1.1 "))
        status = (guint) g_ascii_strtoull (line + 9, NULL, 10);
      else if (g_ascii_strncasecmp (line, "Content-Length: ", 16) == 0)
        *length = (gsize) g_ascii_strtoull (line + 16, NULL, 10);
      else if (g_ascii_strcasecmp (line, "Connection: close") == 0)
        *close = TRUE;
    }
}

static void
expect_status (Fixture *f, guint expected)
{
  gsize length;
  gboolean close;

  g_assert_cmpuint (read_head (f, &length, &close), ==, expected);
  net_test_skip (&f->client, length);
  if (close)
    net_test_expect_end (&f->client);
}

static void
expect_echo (Fixture *f, const char *expected)
{
  gsize length;
  gboolean close;

  g_assert_cmpuint (read_head (f, &length, &close), ==, 200);
  net_test_expect (&f->client, expected);
  g_assert_cmpuint (length, ==, strlen (expected) + 1);
}

#define AUTHORIZED(token) "Host: a\r\nAuthorization: Bearer " token "\r\n"

static void
test_calls (Fixture *f, gconstpointer data)
{
  (void) data;
  net_test_send (&f->client, "GET /open/a?b=c HTTP/1.1\r\nHost: a\r\nX-JWT-Assertion: x\r\n\r\n");
  expect_echo (f, "GET /base/a?b=c 0 ");
  net_test_send (&f->client, "GET /safe/a HTTP/1.1\r\n" AUTHORIZED ("good") "\r\n");
  expect_echo (f, "GET /base/a 0 a.b.c");
  net_test_send (&f->client, "GET /safe/a HTTP/1.1\r\n" AUTHORIZED ("bad") "\r\n");
  expect_status (f, 401);
  net_test_send (&f->client, "GET /safe/a HTTP/1.1\r\nHost: a\r\n\r\n");
  expect_status (f, 401);
  net_test_send (&f->client, "GET /none HTTP/1.1\r\nHost: a\r\n\r\n");
  expect_status (f, 404);
  net_test_send (&f->client, "PUT /open/a HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
  expect_status (f, 405);
  net_test_send (&f->client, "GET /fixed HTTP/1.1\r\nHost: a\r\n\r\n");
  expect_status (f, 503);
  net_test_send (&f->client, "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n");
  expect_status (f, 404);
  net_test_send (&f->client, "OPTIONS /safe/a HTTP/1.1\r\nHost: a\r\nAccess-Control-Request-Method: GET\r\n\r\n");
  expect_status (f, 200);
}

static void
test_bodies (Fixture *f, gconstpointer data)
{
  g_autofree char *large = g_strnfill (BODY_SIZE, 'x');
  gsize length;
  gboolean close;

  (void) data;
  net_test_send (&f->client, "POST /safe/a HTTP/1.1\r\n" AUTHORIZED ("good") "Content-Length: 300000\r\n\r\n");
  net_test_send (&f->client, large);
  expect_echo (f, "POST /base/a 300000 a.b.c");
  net_test_send (&f->client, "POST /open/a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n493e0\r\n");
  net_test_send (&f->client, large);
  net_test_send (&f->client, "\r\n1\r\nx\r\n0\r\n\r\n");
  expect_echo (f, "POST /base/a 300001 ");
  net_test_send (&f->client, "POST /changed/a HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nabcd");
  expect_echo (f, "POST /base/a 2 ");
  net_test_send (&f->client, "GET /open/large HTTP/1.1\r\nHost: a\r\n\r\n");
  g_assert_cmpuint (read_head (f, &length, &close), ==, 200);
  g_assert_cmpuint (length, ==, BODY_SIZE);
  net_test_skip (&f->client, length);
  net_test_send (&f->client, "POST /open/a HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n");
  g_assert_cmpuint (read_head (f, &length, &close), ==, 100);
  net_test_send (&f->client, "x");
  expect_echo (f, "POST /base/a 1 ");
}

static void
test_pipelining (Fixture *f, gconstpointer data)
{
  g_autoptr (GString) all = g_string_new (NULL);

  (void) data;
  for (guint i = 0; i < 40; i++)
    g_string_append_printf (all, "POST /%s/%u HTTP/1.1\r\n" AUTHORIZED ("good") "Content-Length: 3\r\n\r\nabc",
                            i % 3 == 0 ? "fixed" : "safe", i);
  net_test_send (&f->client, all->str);
  for (guint i = 0; i < 40; i++)
    {
      g_autofree char *echo = g_strdup_printf ("POST /base/%u 3 a.b.c", i);

      if (i % 3 == 0)
        expect_status (f, 503);
      else
        expect_echo (f, echo);
    }
}

/* While the Key Manager is asked, nothing else of the connection happens. */
static void
test_late (Fixture *f, gconstpointer data)
{
  (void) data;
  net_test_send (&f->client, "POST /safe/a HTTP/1.1\r\n" AUTHORIZED ("late") "Content-Length: 5\r\n\r\nhe");
  net_test_send (&f->client, "lloGET /open/b HTTP/1.1\r\nHost: a\r\n\r\n");
  answer_late (&f->manager);
  expect_echo (f, "POST /base/a 5 a.b.c");
  expect_echo (f, "GET /base/b 0 ");
}

static void
test_client_goes (Fixture *f, gconstpointer data)
{
  (void) data;
  net_test_send (&f->client, "GET /safe/a HTTP/1.1\r\n" AUTHORIZED ("late") "\r\n");
  while (g_atomic_int_get (&f->manager.asked) < 2)
    g_usleep (1000);
  net_test_client_close (&f->client);
  answer_late (&f->manager);
  /* In the middle of an answer, and of a request. */
  net_test_client_plain (&f->client, f->port);
  net_test_send (&f->client, "GET /open/large HTTP/1.1\r\nHost: a\r\n\r\n");
  net_test_skip (&f->client, 1000);
  net_test_client_close (&f->client);
  net_test_client_plain (&f->client, f->port);
  net_test_send (&f->client, "POST /open/a HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc");
  net_test_client_close (&f->client);
  net_test_client_plain (&f->client, f->port);
  net_test_send (&f->client, "GET /open/a HTTP/1.1\r\nHost: a\r\n\r\n");
  expect_echo (f, "GET /base/a 0 ");
}

static void
test_unwanted_bodies (Fixture *f, gconstpointer data)
{
  g_autofree char *small = g_strnfill (GW_DISCARDED_BODY, 'x');
  gsize length;
  gboolean close;

  (void) data;
  net_test_send (&f->client, "POST /safe/a HTTP/1.1\r\n" AUTHORIZED ("bad") "Content-Length: 65536\r\n\r\n");
  expect_status (f, 401);
  net_test_send (&f->client, small);
  net_test_send (&f->client, "GET /open/a HTTP/1.1\r\nHost: a\r\n\r\n");
  expect_echo (f, "GET /base/a 0 ");
  net_test_send (&f->client, "POST /safe/a HTTP/1.1\r\n" AUTHORIZED ("bad") "Content-Length: 65537\r\n\r\n");
  g_assert_cmpuint (read_head (f, &length, &close), ==, 401);
  g_assert_true (close);
}

static void
test_refused (Fixture *f, gconstpointer data)
{
  static const struct
  {
    const char *request;
    guint status;
  } cases[] = {
    { "GET /open/a HTTP/1.1\nHost: a\n\n", 400 },
    { "GET /open/../a HTTP/1.1\r\nHost: a\r\n\r\n", 400 },
    { "POST /open/a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", 400 },
    { "POST /open/a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400 },
    { "POST /open/a HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n", 413 },
    { "POST /open/a HTTP/1.1\r\nHost: a\r\nExpect: x\r\n\r\n", 417 },
    { "GET /open/a HTTP/2.5\r\nHost: a\r\n\r\n", 505 },
  };

  (void) data;
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      gsize length;
      gboolean close;

      net_test_client_close (&f->client);
      net_test_client_plain (&f->client, f->port);
      net_test_send (&f->client, cases[i].request);
      g_assert_cmpuint (read_head (f, &length, &close), ==, cases[i].status);
      g_assert_true (close || cases[i].status == 400);
    }
}

static void
test_slow_body (Fixture *f, gconstpointer data)
{
  (void) data;
  net_test_send (&f->client, "POST /open/a HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
  expect_status (f, 408);
}

static void
test_slow_head (Fixture *f, gconstpointer data)
{
  NetCounters counters;

  (void) data;
  net_test_send (&f->client, "GET /open/a HTTP/1.1\r\nHost: a\r\n\r\n");
  expect_echo (f, "GET /base/a 0 ");
  net_test_send (&f->client, "GET /open/a HTTP/1.1\r\nHos");
  expect_status (f, 408);
  net_test_client_close (&f->client);
  /* It is counted as what it was. */
  for (guint tries = 0; tries < 1000; tries++)
    {
      net_reactor_read_counters (f->reactor, &counters);
      if (counters.closed[NET_CLOSE_READ_TIMEOUT] == 1)
        break;
      g_usleep (10000);
    }
  g_assert_cmpuint (counters.closed[NET_CLOSE_READ_TIMEOUT], ==, 1);
  net_test_client_plain (&f->client, f->port);
}

/* Waits for so many lines of the access log. (transfer full) */
static char **
read_lines (Fixture *f, guint n)
{
  for (guint tries = 0;; tries++)
    {
      g_autofree char *text = NULL;
      g_auto (GStrv) lines = NULL;

      g_assert_true (g_file_get_contents (f->log_path, &text, NULL, NULL));
      lines = g_strsplit (text, "\n", -1);
      if (g_strv_length (lines) == n + 1)
        return g_steal_pointer (&lines);
      g_assert_cmpuint (tries, <, 1000);
      g_usleep (10000);
    }
}

static void
test_recorded (Fixture *f, gconstpointer data)
{
  g_autoptr (GString) metrics = g_string_new (NULL);
  g_auto (GStrv) lines = NULL;

  (void) data;
  net_test_send (&f->client, "POST /safe/a HTTP/1.1\r\n" AUTHORIZED ("good") "Content-Length: 5\r\nactivityID: 77\r\n\r\nhello");
  expect_echo (f, "POST /base/a 5 a.b.c");
  net_test_send (&f->client, "GET /safe/a HTTP/1.1\r\n" AUTHORIZED ("bad") "\r\n");
  expect_status (f, 401);
  net_test_send (&f->client, "POST /open/b HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc");
  net_test_client_close (&f->client);
  lines = read_lines (f, 3);
  g_assert_nonnull (strstr (lines[0], "\"status\":200"));
  g_assert_nonnull (strstr (lines[0], "\"api\":\"safe\""));
  g_assert_nonnull (strstr (lines[0], "77"));
  g_assert_nonnull (strstr (lines[1], "\"status\":401"));
  g_assert_nonnull (strstr (lines[2], "\"status\":499"));
  for (guint i = 0; i < 3; i++)
    g_assert_null (strstr (lines[i], "good"));
  gw_usage_append_metrics (f->usage, metrics);
  g_assert_nonnull (strstr (metrics->str, "apim_gateway_calls_total"));
  g_assert_nonnull (strstr (metrics->str, "safe"));
  net_test_client_plain (&f->client, f->port);
}

/* A client that ends its side and reads on is answered; meanwhile it is asked whether it is there, once. */
static void
test_half_closed (Fixture *f, gconstpointer data)
{
  gsize length;
  gboolean close;

  (void) data;
  net_test_send (&f->client, "GET /safe/a HTTP/1.1\r\n" AUTHORIZED ("late") "\r\nGET /open/b HTTP/1.1\r\nHost: a\r\n\r\n");
  g_assert_cmpint (shutdown (f->client.fd, SHUT_WR), ==, 0);
  g_assert_cmpuint (read_head (f, &length, &close), ==, 100);
  answer_late (&f->manager);
  expect_echo (f, "GET /base/a 0 a.b.c");
  expect_echo (f, "GET /base/b 0 ");
  net_test_expect_end (&f->client);
}

/* Of HTTP/1.0 it cannot be asked: its answer comes first. */
static void
test_half_closed_old (Fixture *f, gconstpointer data)
{
  (void) data;
  net_test_send (&f->client, "GET /safe/a HTTP/1.0\r\n" AUTHORIZED ("late") "\r\n");
  g_assert_cmpint (shutdown (f->client.fd, SHUT_WR), ==, 0);
  g_usleep ((GW_GONE_CLIENT_MS + 200) * 1000);
  answer_late (&f->manager);
  expect_echo (f, "GET /base/a 0 a.b.c");
  net_test_expect_end (&f->client);
}

/* One that is gone is noticed while its request waits. */
static void
go_away (Fixture *f, gboolean reset)
{
  const struct linger how = { reset, 0 };
  g_auto (GStrv) lines = NULL;

  net_test_send (&f->client, "GET /safe/a HTTP/1.1\r\n" AUTHORIZED ("late") "\r\n");
  while (g_atomic_int_get (&f->manager.asked) < 2) /* first of all, for the resources */
    g_usleep (1000);
  g_assert_cmpint (setsockopt (f->client.fd, SOL_SOCKET, SO_LINGER, &how, sizeof how), ==, 0);
  net_test_client_close (&f->client);
  lines = read_lines (f, 1);
  g_assert_nonnull (strstr (lines[0], "\"status\":499"));
  answer_late (&f->manager);
  net_test_client_plain (&f->client, f->port);
  net_test_send (&f->client, "GET /open/a HTTP/1.1\r\nHost: a\r\n\r\n");
  expect_echo (f, "GET /base/a 0 ");
}

static void
test_gone (Fixture *f, gconstpointer data)
{
  (void) data;
  go_away (f, FALSE);
}

static void
test_reset (Fixture *f, gconstpointer data)
{
  (void) data;
  go_away (f, TRUE);
}

static void
call (Fixture *f, const char *head, guint expected)
{
  net_test_send (&f->client, head);
  expect_status (f, expected);
}

/* What the Key Manager says of ended tokens is believed, on the token APIs; from anybody else it is a header. */
static void
test_ended_tokens (Fixture *f, gconstpointer data)
{
  static const char *const safe = "GET /safe/a HTTP/1.1\r\n" AUTHORIZED ("good") "\r\n";
  static const char *const nothing[] = { "liar/revoked", "liar/renewed", "open/revoked", "open/renewed" };
  int asked;

  (void) data;
  call (f, safe, 200);
  call (f, safe, 200); /* the first call of all found new routes, and what was known of resources was forgotten */
  asked = g_atomic_int_get (&f->manager.asked);
  for (gsize i = 0; i < G_N_ELEMENTS (nothing); i++)
    {
      g_autofree char *head = g_strdup_printf ("GET /%s HTTP/1.1\r\nHost: a\r\n\r\n", nothing[i]);

      call (f, head, 200);
      call (f, safe, 200);
    }
  g_assert_cmpint (g_atomic_int_get (&f->manager.asked), ==, asked);
  call (f, "GET /manager/renewed HTTP/1.1\r\nHost: a\r\n\r\n", 200);
  call (f, safe, 200);
  g_assert_cmpint (g_atomic_int_get (&f->manager.asked), ==, asked + 1);
  call (f, "GET /manager/revoked HTTP/1.1\r\nHost: a\r\n\r\n", 200);
  call (f, safe, 401);
}

#ifdef ALLOCATION_COUNT_WORKS
static void
set_counting (NetWorker *worker, gpointer data)
{
  (void) worker;
  allocation_count_set (data != NULL);
}

/* Once buffers, exchange, connections and answers of the Key Manager are there, calls cost no memory: with a token and
 * without, with bodies both ways, refused ones. */
static void
test_nothing_allocated (Fixture *f, gconstpointer data)
{
  NetWorker *worker = net_reactor_worker (f->reactor, 0);

  (void) data;
  for (int i = 0; i < 50; i++)
    {
      if (i == 10)
        net_worker_call (worker, set_counting, f);
      net_test_send (&f->client, "GET /safe/a HTTP/1.1\r\n" AUTHORIZED ("good") "Accept: */*\r\nX-Forwarded-For: 10.0.0.1\r\n\r\n");
      expect_echo (f, "GET /base/a 0 a.b.c");
      net_test_send (&f->client, "GET /open/a?b=c HTTP/1.1\r\nHost: a\r\nOrigin: https://b\r\n\r\n");
      expect_echo (f, "GET /base/a?b=c 0 ");
      net_test_send (&f->client, "POST /open/a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n");
      expect_echo (f, "POST /base/a 2 ");
      net_test_send (&f->client, "GET /safe/a HTTP/1.1\r\nHost: a\r\n\r\n");
      expect_status (f, 401);
    }
  net_worker_call (worker, set_counting, NULL);
  g_assert_cmpint (allocation_count_get (), ==, 0);
}
#endif

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, data, test) g_test_add ("/gw-connection/" name, Fixture, data, set_up, test, tear_down)
  ADD ("calls", NULL, test_calls);
  ADD ("bodies", NULL, test_bodies);
  ADD ("pipelining", NULL, test_pipelining);
  ADD ("late", NULL, test_late);
  ADD ("client-goes", NULL, test_client_goes);
  ADD ("unwanted-bodies", NULL, test_unwanted_bodies);
  ADD ("refused", NULL, test_refused);
  ADD ("recorded", NULL, test_recorded);
  ADD ("ended-tokens", NULL, test_ended_tokens);
  ADD ("slow-body", "slow", test_slow_body);
  ADD ("slow-head", "slow", test_slow_head);
  ADD ("half-closed", NULL, test_half_closed);
  ADD ("half-closed-old", NULL, test_half_closed_old);
  ADD ("gone", NULL, test_gone);
  ADD ("reset", NULL, test_reset);
#ifdef ALLOCATION_COUNT_WORKS
  ADD ("nothing-allocated", NULL, test_nothing_allocated);
#endif
  return g_test_run ();
}
