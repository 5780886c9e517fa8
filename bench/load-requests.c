/* Requests on connections that stay: the closed and the open loop. */
#include "config.h"
#include "bench/load-run.h"

#include <sys/prctl.h>

#define SECOND_NS 1e9

/* Reads what has come for @client. TRUE when that was a reply, which is then counted. */
static gboolean
hear (LoadRun *run, LoadClient *client, gint64 *now_ns, gboolean *answered, GError **error)
{
  LoadVerdict verdict;

  *answered = FALSE;
  if (!load_client_hear (client, run->world, &verdict, error))
    return FALSE;
  if (verdict == LOAD_REPLY_UNFINISHED)
    return TRUE;
  *now_ns = load_run_now_ns ();
  *answered = TRUE;
  load_run_count (run, client, verdict, *now_ns);
  return TRUE;
}

static gboolean
ask_at (LoadRun *run, LoadClient *client, gint64 begin_ns, GError **error)
{
  client->begin_ns = begin_ns;
  return load_client_ask (client, run->world, error);
}

/* Closed loop */

typedef struct
{
  gint64 measure_ns, end_ns; /* when measuring begins and ends */
  guint64 asked, to_ask;
} ClosedPlan;

static gboolean
closed_goes_on (LoadRun *run, ClosedPlan *plan, gint64 now_ns)
{
  if (!run->measuring && run->end_ns == 0 && now_ns >= plan->measure_ns)
    load_run_begin_measuring (run, now_ns);
  if (now_ns < plan->end_ns && plan->asked < plan->to_ask)
    return TRUE;
  /* With a count, the last replies count too. */
  if (run->measuring && !run->settings->once)
    load_run_end_measuring (run, now_ns);
  return FALSE;
}

gboolean
load_run_closed (LoadRun *run, GError **error)
{
  const LoadSettings *settings = run->settings;
  guint waiting = settings->connections;
  ClosedPlan plan = { 0 };
  gint64 now_ns;

  if (!load_run_open_clients (run, error))
    return FALSE;
  now_ns = load_run_now_ns ();
  plan.measure_ns = now_ns + (gint64) (settings->warm_up * SECOND_NS);
  plan.end_ns = settings->once ? G_MAXINT64 : plan.measure_ns + (gint64) (settings->seconds * SECOND_NS);
  plan.to_ask = settings->once ? load_world_n_requests (run->world) : G_MAXUINT64;
  closed_goes_on (run, &plan, now_ns);
  for (guint i = 0; i < settings->connections; i++, plan.asked++)
    if (!ask_at (run, &run->clients[i], load_run_now_ns (), error))
      return FALSE;
  while (waiting > 0)
    {
      LoadClient *client;
      gboolean answered;

      if (!load_run_wait (run, G_MAXINT64, FALSE, error))
        return FALSE;
      while ((client = load_run_next_event (run)) != NULL)
        {
          if (!hear (run, client, &now_ns, &answered, error))
            return FALSE;
          if (!answered)
            continue;
          if (!closed_goes_on (run, &plan, now_ns))
            waiting--;
          else if (!ask_at (run, client, now_ns, error))
            return FALSE;
          else
            plan.asked++;
        }
    }
  if (run->measuring)
    load_run_end_measuring (run, load_run_now_ns ());
  return TRUE;
}

/* Open loop */

typedef struct
{
  gint64 begin_ns, measure_ns, end_ns;
  double interval_ns;
  guint64 due;       /* requests sent so far: the next one is due at begin_ns + due * interval_ns */
  LoadClient **idle; /* a ring of all connections, so that each has its turn */
  guint first_idle, n_idle;
} OpenPlan;

static gint64
next_due_ns (const OpenPlan *plan)
{
  return plan->begin_ns + (gint64) ((double) plan->due * plan->interval_ns);
}

static void
add_idle (const LoadRun *run, OpenPlan *plan, LoadClient *client)
{
  plan->idle[(plan->first_idle + plan->n_idle++) % run->settings->connections] = client;
}

static LoadClient *
take_idle (const LoadRun *run, OpenPlan *plan)
{
  LoadClient *client = plan->idle[plan->first_idle];

  plan->first_idle = (plan->first_idle + 1) % run->settings->connections;
  plan->n_idle--;
  return client;
}

/* Sends what is due, as far as there are idle connections. */
static gboolean
send_due (LoadRun *run, OpenPlan *plan, GError **error)
{
  gint64 now_ns = load_run_now_ns ();

  while (plan->n_idle > 0)
    {
      gint64 due_ns = next_due_ns (plan);

      if (due_ns > now_ns || due_ns >= plan->end_ns)
        return TRUE;
      if (!run->measuring && due_ns >= plan->measure_ns)
        load_run_begin_measuring (run, now_ns);
      if (!ask_at (run, take_idle (run, plan), due_ns, error))
        return FALSE;
      plan->due++;
      now_ns = load_run_now_ns ();
    }
  return TRUE;
}

static gboolean
hear_all (LoadRun *run, OpenPlan *plan, GError **error)
{
  LoadClient *client;

  while ((client = load_run_next_event (run)) != NULL)
    {
      gboolean answered, early = client->begin_ns < plan->measure_ns, measuring = run->measuring;
      gint64 now_ns;

      /* What was due in the warm-up does not count, however late it is answered. */
      run->measuring = measuring && !early;
      if (!hear (run, client, &now_ns, &answered, error))
        return FALSE;
      run->measuring = measuring;
      if (answered)
        add_idle (run, plan, client);
    }
  return TRUE;
}

static gboolean
run_open_plan (LoadRun *run, OpenPlan *plan, GError **error)
{
  gboolean sleepy = run->settings->sleep;

  for (;;)
    {
      gboolean over;
      gint64 until_ns;

      if (!send_due (run, plan, error))
        return FALSE;
      over = next_due_ns (plan) >= plan->end_ns;
      if (over && plan->n_idle == run->settings->connections)
        break;
      /* Nothing to send before the next event or the next due time; awake, the core is ours alone and the
       * time exact. */
      until_ns = over || plan->n_idle == 0 ? G_MAXINT64 : sleepy ? next_due_ns (plan) : 0;
      if (!load_run_wait (run, until_ns, sleepy, error) || !hear_all (run, plan, error))
        return FALSE;
    }
  load_run_end_measuring (run, load_run_now_ns ());
  return TRUE;
}

gboolean
load_run_open (LoadRun *run, GError **error)
{
  const LoadSettings *settings = run->settings;
  g_autofree LoadClient **idle = g_new0 (LoadClient *, settings->connections);
  OpenPlan plan = { .idle = idle };

  prctl (PR_SET_TIMERSLACK, 1000); /* ns: due times are microseconds apart, and the default is 50 us late */
  if (!load_run_open_clients (run, error))
    return FALSE;
  for (guint i = 0; i < settings->connections; i++)
    add_idle (run, &plan, &run->clients[i]);
  plan.begin_ns = load_run_now_ns ();
  plan.measure_ns = plan.begin_ns + (gint64) (settings->warm_up * SECOND_NS);
  plan.end_ns = plan.measure_ns + (gint64) (settings->seconds * SECOND_NS);
  plan.interval_ns = SECOND_NS / settings->rate;
  return run_open_plan (run, &plan, error);
}
