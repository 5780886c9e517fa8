#include "config.h"
#include "portal/pt-dispatch.h"

typedef struct
{
  PtDispatch *dispatch;
  PtServe serve;
  gpointer data;
} Target;

typedef struct
{
  ApimJob job;
  const Target *target;
  NetHttpExchange *exchange;
} Call;

struct _PtDispatch
{
  ApimPool *pool;
  GPtrArray *targets; /* of Target; routes point to them */
};

PtDispatch *
pt_dispatch_new (ApimPool *pool)
{
  PtDispatch *dispatch = g_new0 (PtDispatch, 1);

  dispatch->pool = pool;
  dispatch->targets = g_ptr_array_new_with_free_func (g_free);
  return dispatch;
}

void
pt_dispatch_free (PtDispatch *dispatch)
{
  if (dispatch == NULL)
    return;
  g_ptr_array_unref (dispatch->targets);
  g_free (dispatch);
}

static void
run (ApimJob *job)
{
  Call *call = (Call *)((char *)job - G_STRUCT_OFFSET (Call, job));

  call->target->serve (call->exchange, call->target->data);
  g_free (call);
}

/* On the worker. */
static void
on_request (NetHttpExchange *exchange, gpointer data)
{
  const Target *target = data;
  Call *call = g_new0 (Call, 1);

  call->job.run = run;
  call->target = target;
  call->exchange = exchange;
  if (apim_pool_push (target->dispatch->pool, &call->job))
    return;
  g_free (call);
  net_http_exchange_add_header (exchange, "Retry-After", "1");
  net_http_respond (exchange, 503, "text/plain", "too busy\n", 9);
}

void
pt_dispatch_add (PtDispatch *dispatch, NetHttpServer *server, const char *path, PtServe serve, gpointer data)
{
  Target *target = g_new0 (Target, 1);

  *target = (Target){ dispatch, serve, data };
  g_ptr_array_add (dispatch->targets, target);
  net_http_server_add (server, path, NET_HTTP_ON_WORKER, on_request, target);
}
