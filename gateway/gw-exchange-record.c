/* What is counted and written of a call when it is over. */
#include "config.h"
#include "gateway/gw-exchange-private.h"

static GwAccessText
text_of (NetHttpText text)
{
  return (GwAccessText){ text.text, text.length };
}

static GwAccessText
header (const GwExchange *exchange, NetHttpName name)
{
  NetHttpText value = { NULL, 0 };

  net_http_request_named (&exchange->request, name, &value);
  return text_of (value);
}

static GwAccessText
version (const GwExchange *exchange)
{
  const char *text = exchange->stream->kind->version;

  if (text == NULL)
    text = exchange->request.minor_version == 0 ? "HTTP/1.0" : "HTTP/1.1";
  return (GwAccessText){ text, strlen (text) };
}

static GwAccessText
of_info (const GwExchange *exchange, gboolean application)
{
  const TwKeyValidationInfo *info = exchange->auth.info;
  TwText text;

  if (info == NULL)
    return (GwAccessText){ NULL, 0 };
  text = application ? info->application_name : info->end_user_name;
  return (GwAccessText){ text.bytes, text.length };
}

static void
write_line (const GwExchange *exchange, gint64 duration_us)
{
  GwAccessLogCall call = {
    .wall_ms = net_worker_now_wall_ms (exchange->net_worker) - duration_us / 1000,
    .peer = net_conn_peer (exchange->conn),
    .user = of_info (exchange, FALSE),
    .method = text_of (exchange->request.method),
    .target = text_of (exchange->request.target),
    .version = version (exchange),
    .referer = header (exchange, NET_HTTP_NAME_REFERER),
    .user_agent = header (exchange, NET_HTTP_NAME_USER_AGENT),
    .host = header (exchange, NET_HTTP_NAME_HOST),
    .status = exchange->status,
    .bytes_in = exchange->bytes_in,
    .bytes_out = exchange->bytes_out,
    .duration_us = duration_us,
    .backend_us = exchange->backend_us,
    .api = exchange->api != NULL ? exchange->api->name : NULL,
    .application = of_info (exchange, TRUE),
    .request_id = header (exchange, NET_HTTP_NAME_ACTIVITY_ID),
  };

  gw_access_log_write (exchange->service->parts.access_log, net_worker_index (exchange->net_worker), &call);
}

void
gw_exchange_record (const GwExchange *exchange)
{
  const GwServiceParts *parts = &exchange->service->parts;
  gint64 duration_us = net_worker_now_us (exchange->net_worker) - exchange->begun_us;
  const GwUsageCall call = {
    .status = exchange->status,
    .duration_us = duration_us,
    .backend_us = exchange->backend_us,
    .bytes_in = exchange->bytes_in,
    .bytes_out = exchange->bytes_out,
  };

  if (parts->usage != NULL)
    gw_usage_count (parts->usage, net_worker_index (exchange->net_worker), exchange->api, &call);
  if (parts->access_log != NULL)
    write_line (exchange, duration_us);
}
