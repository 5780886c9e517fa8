#include "config.h"
#include "gateway/gw-short-call.h"

#include <stdarg.h>
#include <string.h>

static GwShortCall *
call_of (GwUpstreamExchange *exchange)
{
  return (GwShortCall *) ((char *) exchange - G_STRUCT_OFFSET (GwShortCall, exchange));
}

static void
end (GwShortCall *call, const char *why)
{
  NetBuffer bytes = call->bytes; /* ended() may begin the call anew, or free it */
  GwShortAnswer answer = { .why = why, .status = call->status, .too_long = call->too_long };

  if (!call->too_long)
    {
      answer.bytes = net_buffer_data (&bytes);
      answer.length = net_buffer_length (&bytes);
    }
  call->bytes = (NetBuffer){ 0 };
  call->running = FALSE;
  net_timer_cancel (&call->timer);
  call->ended (call, &answer);
  net_buffer_clear (&bytes);
}

static void
handle_head (GwUpstreamExchange *exchange, const NetHttpResponse *response)
{
  call_of (exchange)->status = response->status;
}

static void
handle_body (GwUpstreamExchange *exchange, const guint8 *bytes, gsize length)
{
  GwShortCall *call = call_of (exchange);

  if (length > call->max_answer - net_buffer_length (&call->bytes))
    call->too_long = TRUE;
  if (!call->too_long)
    net_buffer_append (&call->bytes, bytes, length);
}

static void
handle_done (GwUpstreamExchange *exchange)
{
  end (call_of (exchange), NULL);
}

static void
handle_failed (GwUpstreamExchange *exchange, GwErrorCode code, const char *why)
{
  (void) code;
  end (call_of (exchange), why);
}

static const GwUpstreamEvents events = {
  .head = handle_head,
  .body = handle_body,
  .done = handle_done,
  .failed = handle_failed,
};

static void
time_is_up (NetTimer *timer, NetWorker *worker)
{
  GwShortCall *call = (GwShortCall *) ((char *) timer - G_STRUCT_OFFSET (GwShortCall, timer));

  (void) worker;
  gw_upstream_cancel (&call->exchange);
  end (call, "its time is up");
}

static void
put (NetBuffer *output, const char *text)
{
  net_buffer_append (output, text, strlen (text));
}

void
gw_short_call_begin (GwShortCall *call, GwUpstream *upstream, NetWorker *worker, const GwShortRequest *request)
{
  gboolean is_get = strcmp (request->method, "GET") == 0;
  NetBuffer *output;

  /* gw-upstream's time-out is for the head alone; where the timer ends it all, the two say the same. */
  call->exchange = (GwUpstreamExchange){
    .events = &events,
    .framing = is_get ? GW_UPSTREAM_NO_BODY : GW_UPSTREAM_LENGTH,
    .idempotent = is_get,
    .timeout_ms = request->to_head ? request->timeout_ms : request->timeout_ms + 1,
  };
  call->timer.fired = time_is_up;
  call->max_answer = request->max_answer;
  call->status = 0;
  call->too_long = FALSE;
  call->running = TRUE;
  gw_upstream_begin (upstream, worker, request->target, &call->exchange);
  if (!request->to_head)
    net_timer_arm (worker, &call->timer, request->timeout_ms);
  output = gw_upstream_output (&call->exchange);
  put (output, request->method);
  put (output, " ");
  put (output, request->path);
  put (output, " HTTP/1.1\r\nHost: ");
  put (output, request->target->authority);
  put (output, "\r\n");
}

void
gw_short_call_field (GwShortCall *call, const char *name, ...)
{
  NetBuffer *output = gw_upstream_output (&call->exchange);
  const char *part;
  va_list parts;

  put (output, name);
  put (output, ": ");
  va_start (parts, name);
  while ((part = va_arg (parts, const char *)) != NULL)
    put (output, part);
  va_end (parts);
  put (output, "\r\n");
}

void
gw_short_call_send (GwShortCall *call, const void *body, gsize length)
{
  NetBuffer *output = gw_upstream_output (&call->exchange);
  char field[48];

  put (output, "User-Agent: apimd\r\n");
  if (call->exchange.framing == GW_UPSTREAM_LENGTH)
    {
      g_snprintf (field, sizeof field, "Content-Length: %" G_GSIZE_FORMAT "\r\n", length);
      put (output, field);
    }
  put (output, "\r\n");
  if (body != NULL)
    gw_upstream_send (&call->exchange, body, length);
  gw_upstream_end (&call->exchange);
}

void
gw_short_call_cancel (GwShortCall *call)
{
  if (!call->running)
    return;
  call->running = FALSE;
  net_timer_cancel (&call->timer);
  gw_upstream_cancel (&call->exchange);
  net_buffer_clear (&call->bytes);
}
