/* The way of a request as far as its sequence: route, resource, CORS, authentication, throttling. */
#include "config.h"
#include "gateway/gw-exchange-private.h"

#include "net/net-http-path.h"

static void go (GwExchange *exchange);

static GwExchange *
take_spare (GwServiceWorker *worker)
{
  GwExchange *exchange = worker->spare;

  if (exchange == NULL)
    return g_new0 (GwExchange, 1);
  worker->spare = exchange->next_spare;
  worker->n_spare--;
  return exchange;
}

/* Field by field: the headers and texts, which are large, are filled in before they are read. */
GwExchange *
gw_exchange_new (GwStream *stream)
{
  NetConn *conn = stream->conn;
  NetWorker *net_worker = net_conn_worker (conn);
  const GwDoor *door = stream->door;
  GwServiceWorker *worker = &door->service->workers[net_worker_index (net_worker)];
  GwExchange *exchange = take_spare (worker);

  exchange->upstream = (GwUpstreamExchange){ NULL };
  exchange->auth = (GwAuthCall){ NULL };
  exchange->service = door->service;
  exchange->worker = worker;
  exchange->stream = stream;
  exchange->conn = conn;
  exchange->net_worker = net_worker;
  exchange->hopped = exchange->lacks_password = FALSE;
  exchange->transport = door->transport;
  exchange->api = NULL;
  exchange->resource = NULL;
  exchange->token = (GwText){ NULL, 0 };
  exchange->variables.n = 0;
  exchange->mediation.n_settings = 0;
  exchange->mediation.body = NULL;
  exchange->response = NULL;
  exchange->error = 0;
  exchange->begun_us = 0;
  exchange->backend_us = -1;
  exchange->bytes_in = exchange->bytes_out = 0;
  exchange->status = 0;
  exchange->time_text[0] = '\0';
  exchange->endpoint = exchange->address = NULL;
  exchange->tries.n_tried = 0;
  exchange->keeps = exchange->body_whole = exchange->body_replaced = FALSE;
  exchange->answered = exchange->waits_for_client = FALSE;
  exchange->takes_trailers = exchange->passes_trailers = FALSE;
  return exchange;
}

void
gw_exchange_free (GwExchange *exchange)
{
  GwServiceWorker *worker;

  if (exchange == NULL)
    return;
  worker = exchange->worker;
  if (exchange->begun_us != 0)
    gw_exchange_record (exchange);
  gw_auth_call_clear (&exchange->auth);
  gw_upstream_cancel (&exchange->upstream);
  net_buffer_clear (&exchange->head);
  net_buffer_clear (&exchange->hop_target);
  net_buffer_clear (&exchange->kept);
  net_buffer_clear (&exchange->trailers);
  net_buffer_clear (&exchange->answer_trailers);
  g_clear_pointer (&exchange->api, gw_api_unref);
  if (worker->n_spare == GW_SPARE_EXCHANGES)
    {
      g_free (exchange);
      return;
    }
  exchange->next_spare = worker->spare;
  worker->spare = exchange;
  worker->n_spare++;
}

void
gw_exchange_free_spare (GwServiceWorker *worker)
{
  while (worker->spare != NULL)
    {
      GwExchange *exchange = worker->spare;

      worker->spare = exchange->next_spare;
      g_free (exchange);
    }
  worker->n_spare = 0;
  net_buffer_clear (&worker->lines);
  net_buffer_clear (&worker->text);
}

const NetHttpRequest *
gw_exchange_read (GwExchange *exchange, const char *head, gsize length, guint *status, const char **error)
{
  NetHttpRequest *request = &exchange->request;

  net_buffer_append (&exchange->head, head, length);
  if (!net_http_request_read (request, (const char *) net_buffer_data (&exchange->head), length, status))
    {
      *error = request->error;
      return NULL;
    }
  exchange->target = request->target;
  exchange->path = request->path;
  exchange->query = request->query;
  return request;
}

/* After the extensions, the resource's own sequence. */
static GwMediationEnd
run_in_sequences (GwExchange *exchange)
{
  GwMediation *mediation = &exchange->mediation;
  GwProperties base = { gw_exchange_get, exchange };
  GwMediationEnd end = GW_MEDIATION_RAN;

  gw_mediation_begin (mediation, &base);
  for (guint i = 0; i < GW_API_N_EXTENSIONS && end == GW_MEDIATION_RAN; i++)
    end = gw_mediation_run (mediation, exchange->api->extension_in[i]);
  if (end == GW_MEDIATION_RAN)
    end = gw_mediation_run (mediation, exchange->resource->in);
  return end;
}

/* Behind authentication. */
static void
go_on (GwExchange *exchange)
{
  GwMediationEnd end;

  if (!gw_exchange_throttle (exchange))
    return;
  end = run_in_sequences (exchange);
  if (end != GW_MEDIATION_SENT)
    {
      gw_exchange_answer_mediation (exchange, end);
      return;
    }
  exchange->endpoint = exchange->mediation.endpoint;
  gw_exchange_send (exchange);
}

static void
refuse_call (GwExchange *exchange, guint code, guint status)
{
  GwFault fault = gw_fault_security (exchange->api, code);

  fault.status = status;
  fault.token = exchange->token;
  gw_exchange_fault (exchange, &fault);
}

static void
take_verdict (GwExchange *exchange)
{
  switch (exchange->auth.status)
    {
    case GW_AUTH_PENDING:
      return;
    case GW_AUTH_GRANTED:
      go_on (exchange);
      return;
    case GW_AUTH_REFUSED:
      refuse_call (exchange, exchange->auth.code, 0);
      return;
    case GW_AUTH_UNAVAILABLE:
      refuse_call (exchange, GW_AUTH_CODE_GENERAL, 503);
      return;
    }
}

static void
verdict_came (GwAuthCall *call)
{
  take_verdict ((GwExchange *) ((char *) call - G_STRUCT_OFFSET (GwExchange, auth)));
}

static TwText
tw_text_of (NetHttpText text)
{
  return (TwText){ text.text, (guint32) text.length };
}

static void
authenticate (GwExchange *exchange)
{
  const GwCredentialsSettings *settings = &exchange->service->settings.credentials;
  const char *pattern = gw_pattern_text (exchange->resource->pattern);
  NetHttpText token = { NULL, 0 }, domain = { NULL, 0 };
  GwCredentials found = gw_credentials_find (settings, exchange->api, &exchange->request, &token);
  GwAuthQuestion question = {
    .context = tw_text (exchange->api->context),
    .version = tw_text (exchange->api->version),
    .default_version = exchange->hopped,
    .resource = tw_text (pattern),
    .verb = tw_text_of (exchange->request.method),
  };

  if (found == GW_CREDENTIALS_AMBIGUOUS)
    {
      refuse_call (exchange, GW_AUTH_CODE_INVALID_CREDENTIALS, 0);
      return;
    }
  if (found == GW_CREDENTIALS_FOUND)
    {
      question.token = tw_text_of (token);
      exchange->token = (GwText){ token.text, token.length };
    }
  if (gw_credentials_client_domain (settings, &exchange->request, &domain))
    question.client_domain = tw_text_of (domain);
  exchange->auth.done = verdict_came;
  gw_authenticator_check (exchange->service->parts.authenticator, exchange->net_worker, &question, &exchange->auth);
  take_verdict (exchange);
}

/* What follows the context: "/" where nothing does. */
static GwCorsRoute
find_resource (GwExchange *exchange, guint *status)
{
  const char *rest = exchange->target.text + exchange->rest;
  gsize length = exchange->path.length - exchange->rest;
  gsize query_length = exchange->target.length - exchange->path.length;

  if (length == 0)
    {
      rest = "/";
      length = 1;
      query_length = 0;
    }
  return gw_cors_route (exchange->api, exchange->service->settings.generation, &exchange->request, rest, length,
                        query_length, &exchange->resource, &exchange->variables, status);
}

/* Whether a backend that decodes the path, or cuts parameters off, would find another resource of the API in it than the
 * one whose rules the call is held to. A pattern that is written in such a way means it. */
static gboolean
hides_resource (GwExchange *exchange)
{
  const char *rest = exchange->target.text + exchange->rest;
  gsize length = exchange->path.length - exchange->rest;
  gsize query_length = exchange->target.length - exchange->path.length;
  const GwResource *other = NULL;
  GwVariables variables;
  gsize plain_length;
  char *plain;
  guint status;

  if ((memchr (rest, '%', length) == NULL && memchr (rest, ';', length) == NULL)
      || strpbrk (gw_pattern_text (exchange->resource->pattern), "%;") != NULL)
    return FALSE;
  gw_exchange_empty (&exchange->worker->text);
  plain = (char *) net_buffer_reserve (&exchange->worker->text, length + query_length);
  plain_length = net_http_path_plain ((NetHttpText){ rest, length }, plain);
  memcpy (plain + plain_length, rest + length, query_length);
  variables.n = 0;
  return gw_cors_route (exchange->api, exchange->service->settings.generation, &exchange->request, plain, plain_length,
                        query_length, &other, &variables, &status)
             != GW_CORS_PASS
         || other != exchange->resource;
}

static void
go_to_resource (GwExchange *exchange)
{
  GwFault fault = { .kind = GW_FAULT_ENGINE };

  switch (find_resource (exchange, &fault.status))
    {
    case GW_CORS_PASS:
      if (hides_resource (exchange))
        gw_exchange_answer (exchange, 400, "the path would be that of another resource if it were decoded");
      else if ((exchange->api->chain.handlers & GW_HANDLER_AUTHENTICATION) != 0)
        authenticate (exchange);
      else
        go_on (exchange);
      return;
    case GW_CORS_PREFLIGHT:
      gw_exchange_answer_preflight (exchange);
      return;
    case GW_CORS_FORBIDDEN:
      refuse_call (exchange, GW_AUTH_CODE_INCORRECT_RESOURCE, 0);
      return;
    case GW_CORS_NO_RESOURCE:
      fault.kind = GW_FAULT_NO_RESOURCE;
      break;
    case GW_CORS_NO_METHOD:
      fault.kind = GW_FAULT_NO_METHOD;
      break;
    case GW_CORS_ENGINE:
      break;
    }
  gw_exchange_fault (exchange, &fault);
}

static void
refuse_path (GwExchange *exchange, gboolean transport_denied)
{
  GwFault fault = {
    .kind = transport_denied ? GW_FAULT_TRANSPORT : GW_FAULT_UNKNOWN_PATH,
    .text = { exchange->path.text + 1, exchange->path.length - 1 },
    .https = exchange->transport == GW_TRANSPORT_HTTPS,
  };

  if (exchange->path.text[0] != '/') /* of "OPTIONS *" */
    fault.text = (GwText){ exchange->path.text, exchange->path.length };
  gw_exchange_fault (exchange, &fault);
}

/* Host, without its port. */
static void
read_host (const NetHttpRequest *request, GwTarget *target)
{
  NetHttpText host;
  gsize end;

  if (!net_http_request_named (request, NET_HTTP_NAME_HOST, &host))
    return;
  for (end = host.length; end > 0 && g_ascii_isdigit (host.text[end - 1]); end--)
    ;
  target->host = host.text;
  target->host_length = host.length;
  if (end == 0 || host.text[end - 1] != ':' || host.length - end > 5)
    return;
  target->host_length = end - 1;
  for (gsize i = end; i < host.length; i++)
    target->port = target->port * 10 + (host.text[i] - '0');
}

static GwRoutes *
newest_routes (const GwExchange *exchange)
{
  const GwServiceParts *parts = &exchange->service->parts;
  gboolean changed;
  GwRoutes *routes = parts->routes (parts->routes_data, net_worker_index (exchange->net_worker), &changed);

  if (changed)
    gw_authenticator_forget_resources (parts->authenticator);
  return routes;
}

/* From the beginning, or from a default version on. */
static void
go (GwExchange *exchange)
{
  GwTarget target = {
    .path = exchange->path.text,
    .path_length = exchange->path.length,
    .transport = exchange->transport,
  };
  gboolean transport_denied = FALSE;
  GwApi *api = NULL;

  if (net_http_path_is_tricky (exchange->path))
    {
      gw_exchange_answer (exchange, 400, "the path has empty or dot segments, or hides a separator");
      return;
    }
  read_host (&exchange->request, &target);
  if (target.path[0] == '/')
    api = gw_routes_find (newest_routes (exchange), &target, &exchange->rest, &transport_denied);
  g_clear_pointer (&exchange->api, gw_api_unref);
  exchange->resource = NULL;
  if (api == NULL)
    {
      refuse_path (exchange, transport_denied);
      return;
    }
  exchange->api = gw_api_ref (api);
  go_to_resource (exchange);
}

gboolean
gw_exchange_takes_interim (const GwExchange *exchange)
{
  return !exchange->answered && exchange->request.minor_version > 0;
}

void
gw_exchange_begin (GwExchange *exchange)
{
  gw_service_count (&exchange->worker->requests);
  exchange->begun_us = net_worker_now_us (exchange->net_worker);
  go (exchange);
}

void
gw_exchange_hop (GwExchange *exchange, GwTransport transport)
{
  const char *text = (const char *) net_buffer_data (&exchange->hop_target);
  gsize length = net_buffer_length (&exchange->hop_target);
  const char *query = memchr (text, '?', length);
  GwFault fault = { .kind = GW_FAULT_RECURSION };

  if (exchange->hopped)
    {
      gw_exchange_fault (exchange, &fault);
      return;
    }
  /* Nothing that belongs to the API of the default version is looked at any more. */
  gw_auth_call_clear (&exchange->auth);
  exchange->endpoint = exchange->address = NULL;
  exchange->tries.n_tried = 0;
  exchange->mediation.n_settings = 0;
  exchange->mediation.body = NULL;
  exchange->hopped = TRUE;
  exchange->transport = transport;
  exchange->target = exchange->path = (NetHttpText){ text, length };
  exchange->query = (NetHttpText){ text + length, 0 };
  if (query != NULL)
    {
      exchange->path.length = (gsize) (query - text);
      exchange->query = (NetHttpText){ query + 1, length - exchange->path.length - 1 };
    }
  go (exchange);
}
