/* Trailer sections of requests and answers (gw-trailers.h). They come when the head that they belong to is long gone. */
#include "config.h"
#include "gateway/gw-exchange-private.h"

#include "gateway/gw-trailers.h"

static NetHttpText
text_of (const NetBuffer *buffer)
{
  return (NetHttpText){ (const char *) net_buffer_data (buffer), net_buffer_length (buffer) };
}

/* For the message with these headers. */
static GwTrailerRules
make_rules (GwExchange *exchange, const NetHttpHeader *headers, guint n_headers)
{
  const GwServiceSettings *settings = &exchange->service->settings;
  guint n_changes = gw_exchange_changes (exchange);

  return (GwTrailerRules){
    .jwt_header = settings->headers.jwt_header,
    .token_header = gw_credentials_header (&settings->credentials, exchange->api),
    .headers = headers,
    .n_headers = n_headers,
    .changes = exchange->changes,
    .n_changes = n_changes,
  };
}

void
gw_exchange_append_request_trailer_lines (GwExchange *exchange, NetBuffer *output)
{
  static const char asking[] = "TE: trailers\r\nConnection: TE\r\n";
  GwTrailerRules rules;

  exchange->takes_trailers = gw_trailers_are_asked_for (&exchange->request);
  if (exchange->takes_trailers)
    net_buffer_append (output, asking, strlen (asking));
  if (exchange->upstream.framing != GW_UPSTREAM_CHUNKED)
    return;
  rules = make_rules (exchange, exchange->request.headers, exchange->request.n_headers);
  gw_trailers_append_names (&rules, output);
}

void
gw_exchange_end_request (GwExchange *exchange)
{
  NetBuffer *lines = &exchange->worker->lines;
  GwTrailerRules rules;

  if (exchange->upstream.framing != GW_UPSTREAM_CHUNKED || net_buffer_length (&exchange->trailers) == 0)
    {
      gw_upstream_end (&exchange->upstream);
      return;
    }
  rules = make_rules (exchange, exchange->request.headers, exchange->request.n_headers);
  gw_exchange_empty (lines);
  gw_trailers_append (&rules, text_of (&exchange->trailers), lines);
  gw_upstream_end_with_trailers (&exchange->upstream, net_buffer_data (lines), net_buffer_length (lines));
}

void
gw_exchange_append_answer_trailer_lines (GwExchange *exchange, const NetHttpResponse *response, NetBuffer *output)
{
  GwTrailerRules rules;

  /* The fields that a backend's Connection names are its connection's alone; by the time of the trailers nobody knows them
   * any more. */
  exchange->passes_trailers
      = exchange->takes_trailers && response->body == NET_HTTP_BODY_CHUNKED
        && (exchange->framing == GW_FRAMING_CHUNKED || exchange->stream->kind->has_frames)
        && !gw_trailers_connection_names (response->headers, response->n_headers);
  if (!exchange->passes_trailers)
    return;
  rules = make_rules (exchange, response->headers, response->n_headers);
  gw_trailers_append_names (&rules, output);
}

NetHttpText
gw_exchange_answer_trailers (GwExchange *exchange)
{
  NetBuffer *lines = &exchange->worker->lines;
  GwTrailerRules rules;

  if (!exchange->passes_trailers || net_buffer_length (&exchange->answer_trailers) == 0)
    return (NetHttpText){ NULL, 0 };
  gw_exchange_empty (lines);
  rules = make_rules (exchange, NULL, 0);
  gw_trailers_append (&rules, text_of (&exchange->answer_trailers), lines);
  return text_of (lines);
}
