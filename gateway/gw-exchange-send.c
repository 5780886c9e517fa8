/* From the sequence to the backend: which address, what it is asked for, the request's body, and another address when
 * one fails (1.6, 1.7). */
#include "config.h"
#include "gateway/gw-exchange-private.h"

#include "common/apim-log.h"
#include "gateway/gw-sticky.h"
#include "net/net-http-client-address.h"

/* The pool's name for an address: asked for once, then it hangs on the endpoint. */
static GwUpstreamTarget *
target_of (GwUpstream *upstream, const GwEndpoint *address)
{
  GwEndpoint *endpoint = (GwEndpoint *) address;
  gpointer *place = &endpoint->target;
  GwUpstreamTarget *target = g_atomic_pointer_get (place);

  if (target != NULL)
    return target;
  g_atomic_pointer_set (&endpoint->free_target, (GDestroyNotify) gw_upstream_target_unref);
  target = gw_upstream_target (upstream, address->host, address->port, address->tls);
  if (g_atomic_pointer_compare_and_exchange (place, NULL, target))
    return target;
  gw_upstream_target_unref (target); /* another worker was faster */
  return g_atomic_pointer_get (place);
}

static gboolean
is_soap (const NetHttpRequest *request)
{
  NetHttpText type;
  const char *end;

  if (!net_http_request_named (request, NET_HTTP_NAME_CONTENT_TYPE, &type))
    return FALSE;
  end = memchr (type.text, ';', type.length);
  if (end != NULL)
    type.length = (gsize) (end - type.text);
  while (type.length > 0 && type.text[type.length - 1] == ' ')
    type.length--;
  return net_http_text_equal_nocase (type, "text/xml") || net_http_text_equal_nocase (type, "application/soap+xml");
}

/* Whether the endpoint's own URL is what a call of this resource may reach: it may not be another resource's, with rules of
 * its own, that is at the end of it. */
static gboolean
is_of_root (const GwExchange *exchange)
{
  const NetHttpText method = exchange->request.method;
  const GwResource *root;
  GwVariables variables;

  return gw_api_find (exchange->api, gw_method_parse (method.text, method.length), "/", 1, 0, &root, &variables)
             != GW_FOUND
         || root == exchange->resource;
}

/* What is appended to the endpoint's URL (1.6, "URL sent"). FALSE: a sequence set something that no URL can have. */
static gboolean
find_postfix (const GwExchange *exchange, GwText *postfix)
{
  *postfix = (GwText){ "", 0 };
  if (exchange->address->method != NULL || (is_soap (&exchange->request) && is_of_root (exchange)))
    return TRUE;
  *postfix = gw_mediation_get (&exchange->mediation, GW_SCOPE_AXIS2, exchange->service->postfix);
  for (gsize i = 0; i < postfix->length; i++)
    if ((guchar) postfix->text[i] <= ' ' || postfix->text[i] == 0x7f)
      return FALSE;
  return TRUE;
}

static GwText
text_of (const char *text)
{
  return (GwText){ text, strlen (text) };
}

/* What stands between client and backend is no matter of theirs, so the method may be the file's. */
static GwText
find_method (const GwExchange *exchange)
{
  if (exchange->address->method != NULL)
    return text_of (exchange->address->method);
  return (GwText){ exchange->request.method.text, exchange->request.method.length };
}

static gboolean
is_method (GwText method, const char *name)
{
  return method.length == strlen (name) && memcmp (method.text, name, method.length) == 0;
}

/* RFC 9110 9.2.2. */
static gboolean
is_idempotent (GwText method)
{
  static const char *const names[] = { "GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (is_method (method, names[i]))
      return TRUE;
  return FALSE;
}

static void
frame (GwExchange *exchange, GwRequestHead *head)
{
  const NetHttpRequest *request = &exchange->request;

  exchange->body_replaced = exchange->mediation.body != NULL;
  if (exchange->body_replaced || request->content_length >= 0)
    {
      head->framing = GW_FRAMING_LENGTH;
      head->content_length
          = exchange->body_replaced ? strlen (exchange->mediation.body) : (guint64) request->content_length;
      exchange->upstream.framing = head->content_length > 0 ? GW_UPSTREAM_LENGTH : GW_UPSTREAM_NO_BODY;
    }
  else if (request->chunked)
    {
      head->framing = GW_FRAMING_CHUNKED;
      exchange->upstream.framing = GW_UPSTREAM_CHUNKED;
    }
  else
    {
      head->framing = GW_FRAMING_NONE;
      exchange->upstream.framing = GW_UPSTREAM_NO_BODY;
    }
}

/* The Key Manager is told for whom the gateway asks, and the one in this process that it is this gateway that tells. */
static void
introduce (GwExchange *exchange, GwRequestHead *head)
{
  const char *mark = exchange->service->settings.mark;

  head->forwarded_for = text_of (net_conn_peer (exchange->conn));
  if (mark != NULL && head->n_changes < G_N_ELEMENTS (exchange->changes))
    exchange->changes[head->n_changes++] = (GwHeaderChange){ text_of (NET_HTTP_GATEWAY_MARK), text_of (mark) };
}

static void
append_head (GwExchange *exchange, const GwUpstreamTarget *target, const GwRequestHead *framing, GwText postfix)
{
  const GwService *service = exchange->service;
  GwRequestHead head = *framing;

  gw_exchange_empty (&exchange->worker->lines);
  gw_exchange_append_request_trailer_lines (exchange, &exchange->worker->lines);
  gw_exchange_empty (&exchange->worker->text);
  gw_headers_append_target (text_of (exchange->address->path), postfix, &exchange->worker->text);
  head.method = find_method (exchange);
  head.target = (GwText){ (const char *) net_buffer_data (&exchange->worker->text),
                          net_buffer_length (&exchange->worker->text) };
  head.host = text_of (target->authority);
  if (!gw_exchange_shows_token (exchange))
    head.remove = gw_credentials_header (&service->settings.credentials, exchange->api);
  head.jwt = gw_exchange_get (exchange, GW_SCOPE_MESSAGE, exchange->service->end_user_jwt);
  head.n_changes = gw_exchange_changes (exchange);
  if (exchange->address->is_key_manager)
    introduce (exchange, &head);
  if (exchange->body_replaced && head.n_changes < G_N_ELEMENTS (exchange->changes))
    exchange->changes[head.n_changes++]
        = (GwHeaderChange){ text_of ("content-type"), text_of (exchange->mediation.media_type) };
  head.changes = exchange->changes;
  head.extra = net_buffer_data (&exchange->worker->lines);
  head.extra_length = net_buffer_length (&exchange->worker->lines);
  gw_headers_append_request (&service->settings.headers, &exchange->request, &head,
                             gw_upstream_output (&exchange->upstream));
}

/* What there is of the body, and whether more is wanted. */
static void
send_body (GwExchange *exchange)
{
  GwUpstreamExchange *upstream = &exchange->upstream;
  gboolean more = TRUE;

  if (exchange->body_replaced)
    gw_upstream_send (upstream, exchange->mediation.body, strlen (exchange->mediation.body));
  if (exchange->body_replaced || upstream->framing == GW_UPSTREAM_NO_BODY)
    {
      gw_upstream_end (upstream);
      return;
    }
  /* The head goes ahead: the backend may refuse a body that has not come yet. */
  more = gw_upstream_send (upstream, NULL, 0);
  if (exchange->keeps && net_buffer_length (&exchange->kept) > 0)
    more = gw_upstream_send (upstream, net_buffer_data (&exchange->kept), net_buffer_length (&exchange->kept));
  else if (exchange->endpoint->children != NULL)
    exchange->keeps = TRUE;
  if (exchange->body_whole)
    gw_exchange_end_request (exchange);
  else if (more)
    gw_stream_want_body (exchange->stream, TRUE);
}

gboolean
gw_exchange_body (GwExchange *exchange, const guint8 *bytes, gsize length)
{
  exchange->bytes_in += length;
  if (exchange->keeps && net_buffer_length (&exchange->kept) + length <= GW_KEPT_BODY)
    net_buffer_append (&exchange->kept, bytes, length);
  else if (exchange->keeps)
    {
      exchange->keeps = FALSE;
      net_buffer_clear (&exchange->kept);
    }
  return gw_upstream_send (&exchange->upstream, bytes, length);
}

void
gw_exchange_body_end (GwExchange *exchange, NetHttpText trailers)
{
  exchange->body_whole = TRUE;
  net_buffer_append (&exchange->trailers, trailers.text, trailers.length);
  if (exchange->address != NULL && !exchange->body_replaced)
    gw_exchange_end_request (exchange);
}

static void
upstream_writable (GwUpstreamExchange *upstream)
{
  GwExchange *exchange = (GwExchange *) upstream;

  gw_stream_want_body (exchange->stream, TRUE);
}

static void
upstream_head (GwUpstreamExchange *upstream, const NetHttpResponse *response)
{
  GwExchange *exchange = (GwExchange *) upstream;

  exchange->backend_us = net_worker_now_us (exchange->net_worker) - exchange->sent_us;
  gw_health_succeeded (exchange->address);
  gw_exchange_answer_head (exchange, response);
}

static void
upstream_body (GwUpstreamExchange *upstream, const guint8 *bytes, gsize length)
{
  gw_exchange_answer_body ((GwExchange *) upstream, bytes, length);
}

static void
upstream_done (GwUpstreamExchange *upstream)
{
  gw_exchange_answer_done ((GwExchange *) upstream);
}

/* Whether the message may go to another address: nothing of its body is lost, and what may have been done already may
 * be done twice. */
static gboolean
may_go_elsewhere (const GwExchange *exchange, GwErrorCode code)
{
  gboolean has_body = exchange->upstream.framing != GW_UPSTREAM_NO_BODY && !exchange->body_replaced;

  if (exchange->endpoint->children == NULL || (has_body && !exchange->keeps))
    return FALSE;
  return code == GW_ERROR_CONNECT || exchange->upstream.idempotent;
}

static void
upstream_failed (GwUpstreamExchange *upstream, GwErrorCode code, const char *why)
{
  static ApimLogGate gate;
  GwExchange *exchange = (GwExchange *) upstream;

  gw_service_count (&exchange->worker->failed_sends);
  /* What our own limits stop says nothing about the address, and neither does the end of a kept connection. */
  if (code != GW_ERROR_SEND_ABORT && !gw_upstream_exchange_was_stale (upstream))
    gw_health_failed (exchange->address, code, net_worker_now_us (exchange->net_worker));
  apim_log_limited (&gate, APIM_LOG_WARNING, "gateway", "%s: %s (%d)", exchange->api->name, why, (int) code);
  if (exchange->answered)
    gw_exchange_finish (exchange, TRUE);
  else if (may_go_elsewhere (exchange, code))
    {
      if (!exchange->body_whole)
        gw_stream_want_body (exchange->stream, FALSE);
      gw_exchange_send (exchange);
    }
  else
    gw_exchange_fail (exchange, code);
}

static const GwUpstreamEvents events = {
  .head = upstream_head,
  .body = upstream_body,
  .writable = upstream_writable,
  .done = upstream_done,
  .failed = upstream_failed,
};

static void
send_to_backend (GwExchange *exchange)
{
  const GwServiceParts *parts = &exchange->service->parts;
  GwUpstream *upstream = exchange->address->is_key_manager ? parts->key_manager_upstream : parts->upstream;
  GwUpstreamTarget *target = target_of (upstream, exchange->address);
  GwRequestHead head = { .framing = GW_FRAMING_NONE };
  GwText postfix;

  if (exchange->lacks_password)
    {
      gw_exchange_answer (exchange, 500, "this gateway has no password for the API's endpoint");
      return;
    }
  if (!find_postfix (exchange, &postfix))
    {
      gw_exchange_answer (exchange, 500, "a sequence of the API made a URL that is none");
      return;
    }
  exchange->upstream = (GwUpstreamExchange){
    .events = &events,
    .idempotent = is_idempotent (find_method (exchange)),
    .to_head = is_method (find_method (exchange), "HEAD"),
    .timeout_ms = exchange->address->timeout_ms,
    .trailers = &exchange->answer_trailers,
  };
  frame (exchange, &head);
  exchange->sent_us = net_worker_now_us (exchange->net_worker);
  gw_upstream_begin (upstream, exchange->net_worker, target, &exchange->upstream);
  append_head (exchange, target, &head, postfix);
  send_body (exchange);
}

/* The versioned API behind a default one: its context stands in the URL, what follows ours goes on. */
static void
send_to_self (GwExchange *exchange)
{
  GwText postfix;

  if (!find_postfix (exchange, &postfix))
    postfix = (GwText){ "", 0 };
  gw_exchange_empty (&exchange->worker->text);
  gw_headers_append_target (text_of (exchange->address->path), postfix, &exchange->worker->text);
  net_buffer_clear (&exchange->hop_target);
  net_buffer_append (&exchange->hop_target, net_buffer_data (&exchange->worker->text),
                     net_buffer_length (&exchange->worker->text));
  gw_exchange_hop (exchange, exchange->address->tls ? GW_TRANSPORT_HTTPS : GW_TRANSPORT_HTTP);
}

void
gw_exchange_send (GwExchange *exchange)
{
  const GwEndpoint *endpoint = exchange->endpoint;
  GwErrorCode code;

  exchange->tries.preferred = endpoint->sticky ? gw_sticky_child (endpoint, &exchange->request) : NULL;
  exchange->address = gw_health_choose (exchange->endpoint, &exchange->tries,
                                        net_worker_now_us (exchange->net_worker), &code);
  if (exchange->address == NULL)
    gw_exchange_fail (exchange, code);
  else if (exchange->address->kind == GW_ENDPOINT_SELF)
    send_to_self (exchange);
  else if (exchange->address->host == NULL)
    gw_exchange_answer (exchange, 500, "this gateway sends calls only to addresses that the API's file names");
  else
    send_to_backend (exchange);
}
