#include "config.h"
#include "thrift/tw-server.h"

#include "common/apim-log.h"

#define AREA "thrift"

/* A worker counts in the slot of its index; with more workers than slots some share one, which costs time and not
 * truth. */
#define COUNTER_SLOTS 64
#define CACHE_LINE 64

typedef union
{
  TwCounters counters;
  guint8 line[CACHE_LINE];
} CounterSlot;

G_STATIC_ASSERT (sizeof (CounterSlot) == CACHE_LINE);

struct _TwServer
{
  CounterSlot *slots;
  const TwServiceInterface *interface;
  gpointer service;
  guint max_message; /* relaxed atomics: a reload writes while workers read */
  guint max_unread_output;
  gint ref_count; /* the owner's and one per connection */
};

typedef enum
{
  CALL_NONE,    /* no call in progress */
  CALL_ASKING,  /* the service's call() is running and has not answered */
  CALL_WAITING, /* call() returned; the answer comes later */
} CallState;

/* The state of a connection, with its one call in it. */
struct _TwCall
{
  TwServer *server;
  NetConn *conn; /* a reference is held while CALL_WAITING */
  CallState state;
  gboolean closed; /* the connection ended: free this as soon as no call is in progress */

  TwScan scan;
  TwEnvelope envelope;
  TwMethod method;
  TwArguments arguments;

  gpointer data; /* the service's */
  GDestroyNotify data_destroy;
};

static TwCounters *
slot_of (const TwCall *call)
{
  return &call->server->slots[net_worker_index (net_conn_worker (call->conn)) % COUNTER_SLOTS].counters;
}

#define COUNT(call, counter) __atomic_fetch_add (&slot_of (call)->counter, 1, __ATOMIC_RELAXED)

TwServer *
tw_server_new (const ApimLimits *limits, const TwServiceInterface *interface, gpointer service)
{
  TwServer *server = g_new0 (TwServer, 1);

  server->slots = g_aligned_alloc0 (COUNTER_SLOTS, sizeof *server->slots, CACHE_LINE);
  server->interface = interface;
  server->service = service;
  server->ref_count = 1;
  tw_server_set_limits (server, limits);
  return server;
}

static void
server_unref (TwServer *server)
{
  if (!g_atomic_int_dec_and_test (&server->ref_count))
    return;
  g_aligned_free (server->slots);
  g_free (server);
}

void
tw_server_free (TwServer *server)
{
  if (server != NULL)
    server_unref (server);
}

void
tw_server_set_limits (TwServer *server, const ApimLimits *limits)
{
  __atomic_store_n (&server->max_message, limits->max_thrift_message, __ATOMIC_RELAXED);
  __atomic_store_n (&server->max_unread_output, limits->max_unread_output, __ATOMIC_RELAXED);
}

void
tw_server_read_counters (TwServer *server, TwCounters *counters)
{
  *counters = (TwCounters){ 0 };
  for (guint i = 0; i < COUNTER_SLOTS; i++)
    {
      const TwCounters *slot = &server->slots[i].counters;

      counters->calls += __atomic_load_n (&slot->calls, __ATOMIC_RELAXED);
      counters->replies += __atomic_load_n (&slot->replies, __ATOMIC_RELAXED);
      counters->exceptions += __atomic_load_n (&slot->exceptions, __ATOMIC_RELAXED);
      counters->unknown_methods += __atomic_load_n (&slot->unknown_methods, __ATOMIC_RELAXED);
      counters->protocol_errors += __atomic_load_n (&slot->protocol_errors, __ATOMIC_RELAXED);
    }
}

static void
set_data (TwCall *call, gpointer data, GDestroyNotify destroy)
{
  gpointer old = call->data;
  GDestroyNotify old_destroy = call->data_destroy;

  call->data = data;
  call->data_destroy = destroy;
  if (old_destroy != NULL)
    old_destroy (old);
}

static void
call_free (TwCall *call)
{
  set_data (call, NULL, NULL);
  server_unref (call->server);
  g_free (call);
}

/* Takes the message off the input and makes ready for the next one. */
static void
finish_message (TwCall *call)
{
  net_buffer_consume (net_conn_input (call->conn), call->envelope.length);
  call->scan = (TwScan){ 0 };
  call->state = CALL_NONE;
}

/* The peer is out of step or hostile. The call may be gone when this returns. */
static void
refuse (TwCall *call, const char *why)
{
  static ApimLogGate gate;

  COUNT (call, protocol_errors);
  apim_log_limited (&gate, APIM_LOG_WARNING, AREA, "closed a connection of %s: %s", net_conn_peer (call->conn), why);
  net_conn_close (call->conn, NET_CLOSE_PROTOCOL);
}

static void
answer_unknown_method (TwCall *call)
{
  TwText name = call->envelope.name;
  char text[sizeof "Invalid method name: ''" + TW_MAX_NAME];

  COUNT (call, unknown_methods);
  g_snprintf (text, sizeof text, "Invalid method name: '%.*s'", (int) name.length, name.bytes);
  tw_encode_application_exception (net_conn_output (call->conn), name, call->envelope.sequence_id,
                                   TW_APP_UNKNOWN_METHOD, text);
  finish_message (call);
}

/* Java's text adds a dump of the arguments, the access token among them. */
static void
answer_missing_argument (TwCall *call, const char *argument)
{
  char text[160];

  COUNT (call, protocol_errors);
  g_snprintf (text, sizeof text, "Required field '%s' was not present! Struct: %s_args", argument,
              tw_method_name (call->method));
  tw_encode_application_exception (net_conn_output (call->conn), call->envelope.name, call->envelope.sequence_id,
                                   TW_APP_PROTOCOL_ERROR, text);
  finish_message (call);
}

/* Asks the service. Where it answers at once, the call is over on return; otherwise the input stays as it is until
 * it does. */
static void
ask_service (TwCall *call)
{
  COUNT (call, calls);
  call->state = CALL_ASKING;
  call->server->interface->call (call, call->server->service);
  if (call->state == CALL_NONE)
    return;
  call->state = CALL_WAITING;
  net_conn_ref (call->conn);
  net_conn_pause (call->conn);
  net_conn_set_busy (call->conn, TRUE);
}

/* Returns: FALSE when the connection was closed, and with it perhaps the call freed. */
static gboolean
handle_message (TwCall *call, const guint8 *message)
{
  const char *missing;

  if (call->envelope.type == TW_ONEWAY) /* nobody waits for an answer, and no method of ours is one way */
    {
      finish_message (call);
      return TRUE;
    }
  if (call->envelope.type != TW_CALL)
    {
      refuse (call, "sent an answer where a call was due");
      return FALSE;
    }
  call->method = tw_method_from_name (call->envelope.name);
  if (call->method == TW_METHOD_UNKNOWN)
    answer_unknown_method (call);
  else if ((missing = tw_arguments_decode (&call->arguments, call->method, message, &call->envelope)) != NULL)
    answer_missing_argument (call, missing);
  else
    ask_service (call);
  return TRUE;
}

/* Replies of a whole read leave in one write, but not without bound: past the limit the rest of the input waits for
 * its turn after the output has had one. */
static gboolean
must_yield (const TwCall *call)
{
  guint limit = __atomic_load_n (&call->server->max_unread_output, __ATOMIC_RELAXED);

  return limit > 0 && net_buffer_length (net_conn_output (call->conn)) >= limit;
}

/* Serves what is in the buffer, one call after the other, in a loop: any number of pipelined calls takes the same
 * stack. */
static void
tw_input (NetConn *conn, gpointer state, NetBuffer *input)
{
  TwCall *call = state;
  guint max_message = __atomic_load_n (&call->server->max_message, __ATOMIC_RELAXED);
  const char *why = NULL;

  while (call->state == CALL_NONE && net_buffer_length (input) > 0)
    {
      const guint8 *message = net_buffer_data (input);

      if (must_yield (call))
        {
          net_conn_pause (conn);
          net_conn_resume (conn); /* on the next turn of the loop */
          return;
        }
      switch (tw_scan (&call->scan, message, net_buffer_length (input), max_message, &call->envelope, &why))
        {
        case TW_SCAN_MORE:
          return;
        case TW_SCAN_ERROR:
          refuse (call, why);
          return;
        case TW_SCAN_DONE:
          if (!handle_message (call, message))
            return;
          break;
        }
    }
}

static gpointer
tw_opened (NetConn *conn, gpointer listener_data)
{
  TwCall *call = g_new0 (TwCall, 1);

  call->server = listener_data;
  g_atomic_int_inc (&call->server->ref_count);
  call->conn = conn;
  return call;
}

static void
tw_closed (NetConn *conn, gpointer state)
{
  TwCall *call = state;

  call->closed = TRUE;
  if (call->state == CALL_NONE)
    call_free (call);
}

const NetProtocol tw_protocol = {
  .name = "thrift",
  .opened = tw_opened,
  .input = tw_input,
  .closed = tw_closed,
};

TwMethod
tw_call_method (const TwCall *call)
{
  return call->method;
}

const TwArguments *
tw_call_arguments (const TwCall *call)
{
  return &call->arguments;
}

NetWorker *
tw_call_worker (const TwCall *call)
{
  return net_conn_worker (call->conn);
}

const char *
tw_call_peer (const TwCall *call)
{
  return net_conn_peer (call->conn);
}

gpointer
tw_call_get_connection_data (const TwCall *call)
{
  return call->data;
}

void
tw_call_set_connection_data (TwCall *call, gpointer data, GDestroyNotify destroy)
{
  set_data (call, data, destroy);
}

/* Where the answer goes; NULL when nobody is there any more to read it. */
static NetBuffer *
answer_output (TwCall *call)
{
  return !call->closed && net_conn_is_open (call->conn) ? net_conn_output (call->conn) : NULL;
}

/* The answer is in the output. A call that was answered inside call() ends here and input() goes on; a later one
 * sends its answer and lets the input run again. */
static void
end_call (TwCall *call)
{
  NetConn *conn = call->conn;

  if (call->state == CALL_ASKING)
    {
      finish_message (call);
      return;
    }
  if (answer_output (call) == NULL)
    {
      call->state = CALL_NONE;
      if (call->closed)
        call_free (call);
      net_conn_unref (conn);
      return;
    }
  finish_message (call);
  net_conn_flush (conn); /* may close, which frees the call */
  if (net_conn_is_open (conn))
    {
      net_conn_set_busy (conn, FALSE);
      net_conn_resume (conn);
    }
  net_conn_unref (conn);
}

void
tw_call_reply_validation (TwCall *call, const TwKeyValidationInfo *info)
{
  NetBuffer *output = answer_output (call);

  g_return_if_fail (call->state != CALL_NONE);
  if (output != NULL)
    tw_encode_validation_reply (output, call->envelope.name, call->envelope.sequence_id, info);
  COUNT (call, replies);
  end_call (call);
}

void
tw_call_reply_uri_templates (TwCall *call, const TwUriTemplate *templates, guint n_templates)
{
  NetBuffer *output = answer_output (call);

  g_return_if_fail (call->state != CALL_NONE);
  if (output != NULL)
    tw_encode_uri_templates_reply (output, call->envelope.name, call->envelope.sequence_id, templates, n_templates);
  COUNT (call, replies);
  end_call (call);
}

void
tw_call_throw (TwCall *call, TwDeclaredException exception, const char *message)
{
  NetBuffer *output = answer_output (call);

  g_return_if_fail (call->state != CALL_NONE);
  if (output != NULL)
    tw_encode_declared_exception (output, call->envelope.name, call->envelope.sequence_id, exception, message);
  COUNT (call, exceptions);
  end_call (call);
}
