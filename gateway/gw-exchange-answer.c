/* From an answer, the backend's or the gateway's own, to the client. */
#include "config.h"
#include "gateway/gw-exchange-private.h"

#include "gateway/gw-sticky.h"
#include "net/net-http-answer.h"
#include "net/net-http-chars.h"

static const GwServiceSettings *
settings_of (const GwExchange *exchange)
{
  return &exchange->service->settings;
}

void
gw_exchange_finish (GwExchange *exchange, gboolean cut)
{
  GwStream *stream = exchange->stream;

  gw_exchange_free (exchange);
  gw_stream_finish (stream, cut);
}

static gboolean
is_to_head (const GwExchange *exchange)
{
  return net_http_text_equal (exchange->request.method, "HEAD");
}

/* With the header lines in the scratch. */
static void
answer_whole (GwExchange *exchange, guint status, const char *content_type, const void *body, gsize length)
{
  NetHttpAnswer answer = {
    .status = status,
    .content_type = content_type,
    .headers = net_buffer_data (&exchange->worker->lines),
    .headers_length = net_buffer_length (&exchange->worker->lines),
    .connection = gw_stream_begin_answer (exchange->stream, &exchange->request, FALSE),
    .body = body,
    .length = length,
    .head_only = is_to_head (exchange),
  };

  exchange->status = status;
  exchange->bytes_out = answer.head_only ? 0 : length;
  gw_service_count (&exchange->worker->own_answers);
  net_http_answer_append (&answer, net_worker_now_wall_ms (exchange->net_worker), exchange->stream->output);
  gw_exchange_finish (exchange, FALSE);
}

static void
append_cors (GwExchange *exchange, const NetHttpResponse *response)
{
  if (exchange->api != NULL)
    gw_cors_append (exchange->api, &settings_of (exchange)->cors, exchange->resource, &exchange->request, response,
                    &exchange->worker->lines);
}

static void
append_text (NetBuffer *buffer, const char *text)
{
  net_buffer_append (buffer, text, strlen (text));
}

void
gw_exchange_fault (GwExchange *exchange, const GwFault *fault)
{
  GwText type = { NULL, 0 };
  GwFaultAnswer answer;

  if (exchange->address != NULL)
    type = gw_mediation_get (&exchange->mediation, GW_SCOPE_MESSAGE, g_quark_from_static_string ("error_message_type"));
  gw_exchange_empty (&exchange->worker->lines);
  gw_exchange_empty (&exchange->worker->text);
  answer = gw_fault_write (fault, &settings_of (exchange)->faults, &exchange->request, type, &exchange->worker->lines,
                           &exchange->worker->text);
  append_cors (exchange, NULL);
  answer_whole (exchange, answer.status, answer.content_type, net_buffer_data (&exchange->worker->text),
                net_buffer_length (&exchange->worker->text));
}

void
gw_exchange_answer (GwExchange *exchange, guint status, const char *text)
{
  gw_exchange_empty (&exchange->worker->lines);
  append_text (&exchange->worker->lines, GW_HEADERS_SERVER_LINE);
  answer_whole (exchange, status, text != NULL ? "text/plain" : NULL, text, text != NULL ? strlen (text) : 0);
}

void
gw_exchange_answer_preflight (GwExchange *exchange)
{
  gw_exchange_empty (&exchange->worker->lines);
  append_text (&exchange->worker->lines, GW_HEADERS_SERVER_LINE);
  append_cors (exchange, NULL);
  answer_whole (exchange, 200, NULL, NULL, 0);
}

/* The headers that sequences set on an answer of our own. Framing and Content-Type are written by whoever knows them. */
static void
append_changes (GwExchange *exchange)
{
  guint n = gw_exchange_changes (exchange);

  for (guint i = 0; i < n; i++)
    {
      GwHeaderChange *change = &exchange->changes[i];
      NetHttpText name = { change->name.text, change->name.length };
      gboolean is_token = name.length > 0;

      for (gsize j = 0; j < name.length; j++)
        is_token = is_token && net_http_is_token_char (name.text[j]);
      if (change->value.text == NULL || !is_token || gw_headers_is_of_connection (name)
          || net_http_text_equal_nocase (name, "content-type") || net_http_text_equal_nocase (name, "date")
          || net_http_text_equal_nocase (name, GW_HEADERS_DEFAULT_VERSION))
        continue;
      net_buffer_append (&exchange->worker->lines, name.text, name.length);
      append_text (&exchange->worker->lines, ": ");
      gw_headers_append_value (change->value.text, change->value.length, &exchange->worker->lines);
      append_text (&exchange->worker->lines, "\r\n");
    }
}

/* The message as a sequence left it. A body that no sequence wrote would be the request's: it is not sent back. */
static void
answer_message (GwExchange *exchange, guint status)
{
  const GwMediation *mediation = &exchange->mediation;
  guint said = gw_exchange_status (exchange, GW_SCOPE_AXIS2, "HTTP_SC");

  gw_exchange_empty (&exchange->worker->lines);
  append_text (&exchange->worker->lines, GW_HEADERS_SERVER_LINE);
  append_changes (exchange);
  append_cors (exchange, NULL);
  answer_whole (exchange, said != 0 ? said : status, mediation->body != NULL ? mediation->media_type : NULL,
                mediation->body, mediation->body != NULL ? strlen (mediation->body) : 0);
}

/* What a built-in sequence says, on the message's way to a backend (2.4). */
static GwFault
built_in_fault (const GwExchange *exchange)
{
  GwFault fault = { .kind = GW_FAULT_RUNTIME };

  switch (exchange->mediation.built_in)
    {
    case GW_BUILT_IN_SANDBOX_KEY_ERROR:
      fault.kind = GW_FAULT_NO_SANDBOX;
      break;
    case GW_BUILT_IN_PRODUCTION_KEY_ERROR:
      fault.kind = GW_FAULT_NO_PRODUCTION;
      break;
    case GW_BUILT_IN_RESOURCE_MISMATCH:
      fault.kind = GW_FAULT_NO_RESOURCE;
      break;
    case GW_BUILT_IN_MAIN:
      fault.kind = GW_FAULT_UNKNOWN_PATH;
      fault.text = (GwText){ exchange->path.text + 1, exchange->path.length - 1 };
      break;
    case GW_BUILT_IN_TOKEN_FAULT:
      fault.kind = GW_FAULT_TOKEN_API;
      break;
    case GW_BUILT_IN_THREAT_FAULT:
      fault.kind = GW_FAULT_THREAT;
      fault.code_text = gw_mediation_get (&exchange->mediation, GW_SCOPE_MESSAGE,
                                          g_quark_from_static_string ("THREAT_CODE"));
      fault.message = gw_mediation_get (&exchange->mediation, GW_SCOPE_MESSAGE,
                                        g_quark_from_static_string ("THREAT_MSG"));
      fault.text = gw_mediation_get (&exchange->mediation, GW_SCOPE_MESSAGE,
                                     g_quark_from_static_string ("THREAT_DESC"));
      return fault;
    default:
      break;
    }
  if (fault.kind == GW_FAULT_RUNTIME || fault.kind == GW_FAULT_TOKEN_API)
    {
      fault.code_text
          = gw_mediation_get (&exchange->mediation, GW_SCOPE_MESSAGE, g_quark_from_static_string ("ERROR_CODE"));
      fault.text
          = gw_mediation_get (&exchange->mediation, GW_SCOPE_MESSAGE, g_quark_from_static_string ("ERROR_MESSAGE"));
      fault.status = gw_exchange_status (exchange, GW_SCOPE_MESSAGE, "CUSTOM_HTTP_SC");
    }
  return fault;
}

void
gw_exchange_answer_mediation (GwExchange *exchange, GwMediationEnd end)
{
  GwFault fault;

  switch (end)
    {
    case GW_MEDIATION_ANSWERED:
      answer_message (exchange, 200);
      return;
    case GW_MEDIATION_RAN:
    case GW_MEDIATION_DROPPED:
      gw_exchange_answer (exchange, 202, NULL);
      return;
    case GW_MEDIATION_FAULT:
      fault = built_in_fault (exchange);
      gw_exchange_fault (exchange, &fault);
      return;
    case GW_MEDIATION_SENT: /* of an out-sequence or a fault sequence: an answer is sent to nobody but the client */
    case GW_MEDIATION_FAILED:
      gw_exchange_answer (exchange, 500, "a sequence of the API asks for more than this gateway does");
      return;
    }
}

void
gw_exchange_fail (GwExchange *exchange, gint32 error)
{
  const GwResource *resource = exchange->resource;
  GwFault fault = gw_fault_transport ((GwErrorCode) error, exchange->endpoint);
  GwMediationEnd end = GW_MEDIATION_RAN;

  exchange->error = error;
  if (resource->fault != NULL)
    end = gw_mediation_run (&exchange->mediation, resource->fault);
  if (end == GW_MEDIATION_ANSWERED)
    {
      guint status = gw_exchange_status (exchange, GW_SCOPE_MESSAGE, "CUSTOM_HTTP_SC");

      answer_message (exchange, status != 0 ? status : 500);
      return;
    }
  if (g_strcmp0 (resource->fault_sequence, "_token_fault_") == 0)
    fault.kind = GW_FAULT_TOKEN_API;
  fault.status = gw_exchange_status (exchange, GW_SCOPE_MESSAGE, "CUSTOM_HTTP_SC");
  gw_exchange_fault (exchange, &fault);
}

/* Answers of backends. */

static GwMediationEnd
run_out_sequences (GwExchange *exchange)
{
  GwMediation *mediation = &exchange->mediation;
  GwMediationEnd end = GW_MEDIATION_RAN;

  gw_mediation_turn (mediation);
  for (guint i = 0; i < GW_API_N_EXTENSIONS && end == GW_MEDIATION_RAN; i++)
    end = gw_mediation_run (mediation, exchange->api->extension_out[i]);
  if (end == GW_MEDIATION_RAN)
    end = gw_mediation_run (mediation, exchange->resource->out);
  /* A resource without one sends answers on. */
  return end == GW_MEDIATION_RAN ? GW_MEDIATION_ANSWERED : end;
}

static GwFraming
choose_framing (const GwExchange *exchange, const NetHttpResponse *response)
{
  switch (response->body)
    {
    case NET_HTTP_BODY_NONE:
      return GW_FRAMING_NONE;
    case NET_HTTP_BODY_LENGTH:
      return GW_FRAMING_LENGTH;
    case NET_HTTP_BODY_CHUNKED:
    case NET_HTTP_BODY_TO_END:
      break;
    }
  if (exchange->stream->kind->has_frames || exchange->request.minor_version == 0)
    return GW_FRAMING_TO_END;
  return GW_FRAMING_CHUNKED;
}

static void
write_head (GwExchange *exchange, const NetHttpResponse *response)
{
  GwResponseHead head = {
    .status = gw_exchange_status (exchange, GW_SCOPE_AXIS2, "HTTP_SC"),
    .framing = choose_framing (exchange, response),
    .content_length = (guint64) MAX (response->content_length, 0),
    .announced_length = response->content_length,
    .now_ms = net_worker_now_wall_ms (exchange->net_worker),
  };

  exchange->framing = head.framing;
  exchange->status = head.status != 0 ? head.status : response->status;
  head.connection
      = gw_stream_begin_answer (exchange->stream, &exchange->request, head.framing == GW_FRAMING_TO_END);
  gw_exchange_empty (&exchange->worker->lines);
  append_cors (exchange, response);
  if (exchange->endpoint->sticky)
    gw_sticky_append (exchange->endpoint, exchange->address, &exchange->request, response,
                      exchange->transport == GW_TRANSPORT_HTTPS, &exchange->worker->lines);
  gw_exchange_append_answer_trailer_lines (exchange, response, &exchange->worker->lines);
  head.extra = net_buffer_data (&exchange->worker->lines);
  head.extra_length = net_buffer_length (&exchange->worker->lines);
  head.n_changes = gw_exchange_changes (exchange);
  head.changes = exchange->changes;
  gw_headers_append_response (&settings_of (exchange)->headers, response, &head, exchange->stream->output);
  exchange->answered = TRUE;
}

/* APIManagerCacheExtensionHandler (3, "Invalidation paths"): the Key Manager says which tokens the request has ended.
 * Any other backend could say so of tokens that are not its own. */
static void
hear_of_ended_tokens (const GwExchange *exchange, const NetHttpResponse *response)
{
  GwAuthenticator *authenticator = exchange->service->parts.authenticator;

  if (!exchange->address->is_key_manager || (exchange->api->chain.handlers & GW_HANDLER_CACHE_EXTENSION) == 0)
    return;
  for (guint i = 0; i < response->n_headers; i++)
    {
      const NetHttpHeader *header = &response->headers[i];

      if (header->value.length == 0)
        continue;
      if (net_http_text_equal_nocase (header->name, "RevokedAccessToken"))
        gw_authenticator_revoke_token (authenticator, header->value.text, header->value.length);
      else if (net_http_text_equal_nocase (header->name, "DeactivatedAccessToken"))
        gw_authenticator_forget_token (authenticator, header->value.text, header->value.length);
    }
}

void
gw_exchange_answer_head (GwExchange *exchange, const NetHttpResponse *response)
{
  GwMediationEnd end;
  guint status = response->status;

  hear_of_ended_tokens (exchange, response);
  exchange->response = response;
  end = run_out_sequences (exchange);
  if (end == GW_MEDIATION_ANSWERED && exchange->mediation.body == NULL)
    {
      write_head (exchange, response);
      exchange->response = NULL;
      gw_stream_flush (exchange->stream);
      return;
    }
  exchange->response = NULL;
  if (end == GW_MEDIATION_ANSWERED)
    answer_message (exchange, status);
  else
    gw_exchange_answer_mediation (exchange, end);
}

/* Reads on only once the client has read most of what there is. */
static void
keep_pace (GwExchange *exchange)
{
  gw_stream_flush (exchange->stream);
  if (exchange->waits_for_client || net_buffer_length (exchange->stream->output) <= GW_CLIENT_MARK)
    return;
  exchange->waits_for_client = TRUE;
  gw_upstream_pause (&exchange->upstream);
  gw_stream_notify_sent (exchange->stream, GW_CLIENT_MARK / 2);
}

void
gw_exchange_sent (GwExchange *exchange)
{
  if (!exchange->waits_for_client)
    return;
  exchange->waits_for_client = FALSE;
  gw_upstream_resume (&exchange->upstream);
}

void
gw_exchange_answer_body (GwExchange *exchange, const guint8 *bytes, gsize length)
{
  NetBuffer *output = exchange->stream->output;
  char size[24];

  if (length == 0 || exchange->framing == GW_FRAMING_NONE)
    return;
  exchange->bytes_out += length;
  if (exchange->framing == GW_FRAMING_CHUNKED)
    {
      int n = g_snprintf (size, sizeof size, "%" G_GSIZE_MODIFIER "x\r\n", length);

      net_buffer_append (output, size, (gsize) n);
    }
  net_buffer_append (output, bytes, length);
  if (exchange->framing == GW_FRAMING_CHUNKED)
    append_text (output, "\r\n");
  keep_pace (exchange);
}

void
gw_exchange_answer_done (GwExchange *exchange)
{
  NetHttpText trailers = gw_exchange_answer_trailers (exchange);

  if (exchange->framing == GW_FRAMING_CHUNKED)
    {
      append_text (exchange->stream->output, "0\r\n");
      net_buffer_append (exchange->stream->output, trailers.text, trailers.length);
      append_text (exchange->stream->output, "\r\n");
    }
  else if (trailers.length > 0)
    gw_stream_trailers (exchange->stream, trailers);
  gw_exchange_finish (exchange, FALSE);
}

void
gw_exchange_broken (GwExchange *exchange, guint status, const char *error)
{
  if (exchange->answered)
    gw_exchange_finish (exchange, TRUE);
  else
    gw_exchange_answer (exchange, status, error);
}
