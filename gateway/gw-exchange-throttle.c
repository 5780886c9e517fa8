/* The throttle handlers' place in the way of a request (gw-throttle.h). */
#include "config.h"
#include "gateway/gw-exchange-private.h"

static GwThrottleCall
describe (const GwExchange *exchange)
{
  const GwApi *api = exchange->api;
  gboolean has_keys = (api->chain.handlers & GW_HANDLER_AUTHENTICATION) != 0;

  return (GwThrottleCall){
    .api = api,
    .tenant = gw_throttle_tenant (api->context),
    .resource = gw_pattern_text (exchange->resource->pattern),
    .verb = exchange->request.method,
    .template = has_keys ? exchange->auth.resource : NULL,
    .info = has_keys ? exchange->auth.info : NULL,
    .anonymous = has_keys && exchange->auth.anonymous,
    .request = &exchange->request,
    .peer = net_conn_peer (exchange->conn),
    .message_size = exchange->request.content_length,
    .now_us = net_worker_now_us (exchange->net_worker),
    .now_ms = net_worker_now_wall_ms (exchange->net_worker),
    .worker = net_worker_index (exchange->net_worker),
  };
}

gboolean
gw_exchange_throttle (GwExchange *exchange)
{
  const GwServiceParts *parts = &exchange->service->parts;
  GwFault fault = { .kind = GW_FAULT_THROTTLED };
  GwThrottleRefusal refusal;
  GwThrottleCall call;

  if ((exchange->api->chain.handlers & (GW_HANDLER_THROTTLE | GW_HANDLER_TIERS)) == 0 || parts->n_rules == 0)
    return TRUE;
  call = describe (exchange);
  if (gw_throttle_allows (parts->rules, parts->n_rules, &call, &refusal))
    return TRUE;
  fault.code = refusal.code;
  fault.next_access_ms = refusal.next_access_ms;
  gw_exchange_fault (exchange, &fault);
  return FALSE;
}
