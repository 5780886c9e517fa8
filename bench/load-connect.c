/* New connections, each for one request. */
#include "config.h"
#include "bench/load-run.h"

#define SECOND_NS 1e9

typedef struct
{
  gint64 begin_ns, measure_ns, end_ns;
  double interval_ns;  /* 0: as many as it can */
  guint64 due;         /* connections begun so far */
  LoadClient **closed; /* a stack */
  guint n_closed;
} ConnectPlan;

static gint64
next_due_ns (const ConnectPlan *plan, gint64 now_ns)
{
  return plan->interval_ns == 0 ? now_ns : plan->begin_ns + (gint64) ((double) plan->due * plan->interval_ns);
}

static void
fail (LoadRun *run, ConnectPlan *plan, LoadClient *client, GError *error)
{
  load_run_count_failure (run, error);
  load_client_close (client);
  plan->closed[plan->n_closed++] = client;
}

/* Begins the connections that are due, as far as there are free clients. */
static gboolean
begin_due (LoadRun *run, ConnectPlan *plan, gint64 now_ns)
{
  const LoadSettings *settings = run->settings;

  while (plan->n_closed > 0)
    {
      GError *error = NULL;
      gint64 due_ns = next_due_ns (plan, now_ns);
      LoadClient *client = plan->closed[plan->n_closed - 1];

      if (due_ns > now_ns || due_ns >= plan->end_ns)
        return due_ns < plan->end_ns;
      if (!run->measuring && now_ns >= plan->measure_ns)
        load_run_begin_measuring (run, now_ns);
      plan->n_closed--;
      plan->due++;
      /* With once, a client that failed is trying again: its time still counts from the beginning. */
      if (!settings->once || client->begin_ns == 0)
        client->begin_ns = due_ns;
      if (!load_client_open (client, &run->target, settings->resume, &error))
        {
          fail (run, plan, client, error);
          return TRUE;
        }
      now_ns = load_run_now_ns ();
    }
  return now_ns < plan->end_ns;
}

static void
finish (LoadRun *run, ConnectPlan *plan, LoadClient *client, LoadVerdict verdict)
{
  load_run_count (run, client, verdict, load_run_now_ns ());
  load_client_close (client);
  if (!run->settings->once)
    plan->closed[plan->n_closed++] = client;
}

static gboolean
advance (LoadRun *run, ConnectPlan *plan, LoadClient *client, GError **error)
{
  LoadVerdict verdict;

  if (client->state == LOAD_CLIENT_CONNECTING || client->state == LOAD_CLIENT_HANDSHAKING)
    {
      if (!load_client_shake_hands (client, &run->target, error))
        return FALSE;
      if (client->state != LOAD_CLIENT_IDLE)
        return TRUE;
      load_run_count_handshake (run, client);
      if (run->settings->handshake_only)
        {
          client->expected.known = TRUE;
          finish (run, plan, client, LOAD_REPLY_RIGHT);
          return TRUE;
        }
      return load_client_ask (client, run->world, error);
    }
  if (!load_client_hear (client, run->world, &verdict, error))
    return FALSE;
  if (verdict == LOAD_REPLY_UNFINISHED)
    return TRUE;
  finish (run, plan, client, verdict);
  return TRUE;
}

static gboolean
run_plan (LoadRun *run, ConnectPlan *plan, GError **error)
{
  const LoadSettings *settings = run->settings;

  for (;;)
    {
      gint64 now_ns = load_run_now_ns ();
      gboolean more = begin_due (run, plan, now_ns);
      LoadClient *client;
      gint64 until_ns = G_MAXINT64;

      if (settings->once ? run->replies == settings->connections
                         : !more && plan->n_closed == settings->connections)
        break;
      if (more && plan->n_closed > 0)
        until_ns = next_due_ns (plan, now_ns);
      if (!load_run_wait (run, until_ns, TRUE, error))
        return FALSE;
      while ((client = load_run_next_event (run)) != NULL)
        {
          GError *failure = NULL;

          if (!advance (run, plan, client, &failure))
            fail (run, plan, client, failure);
        }
    }
  load_run_end_measuring (run, load_run_now_ns ());
  return TRUE;
}

gboolean
load_run_connect (LoadRun *run, GError **error)
{
  const LoadSettings *settings = run->settings;
  g_autofree LoadClient **closed = g_new0 (LoadClient *, settings->connections);
  ConnectPlan plan = { .closed = closed, .n_closed = settings->connections };

  for (guint i = 0; i < settings->connections; i++)
    closed[i] = &run->clients[i];
  plan.begin_ns = load_run_now_ns ();
  plan.measure_ns = plan.begin_ns + (gint64) (settings->warm_up * SECOND_NS);
  plan.end_ns = settings->once ? G_MAXINT64 : plan.measure_ns + (gint64) (settings->seconds * SECOND_NS);
  plan.interval_ns = settings->rate > 0 ? SECOND_NS / settings->rate : 0;
  return run_plan (run, &plan, error);
}
