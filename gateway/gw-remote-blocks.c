#include "config.h"
#include "gateway/gw-remote-blocks.h"

#include "common/apim-log.h"
#include "gateway/gw-authorization.h"
#include "gateway/gw-peer-health.h"
#include "gateway/gw-short-call.h"

#include <string.h>

#define FIRST_RETRY_MS 1000
#define SERVICES "services/"
#define PATH "throttle/data/v1/block"

typedef struct
{
  GwUpstreamTarget *target;
  char *path;
} Server;

typedef struct
{
  NetTask task; /* first */
  GwRemoteBlocks *blocks;
} Wake;

struct _GwRemoteBlocks
{
  GwShortCall call; /* first: its end gets it */
  NetTask start;
  NetWorker *worker;
  GwUpstream *upstream;
  GwBlockConditions *conditions;
  char *authorization; /* the field's value */
  gint64 period_ms;
  gint64 retry_ms; /* when nobody answers next time */
  guint timeout_ms;
  gsize max_answer;
  Server servers[GW_KEY_MANAGERS_MAX];
  GwPeerHealth healths[GW_KEY_MANAGERS_MAX];
  guint n_servers;

  gboolean asking;
  gboolean again; /* somebody said that they changed meanwhile */
  NetTimer timer; /* of the pause until the next question */
  gint64 deadline_us;
  guint n_attempts;
  guint server;

  GMutex lock;
  GCond answered;
  gboolean answered_once; /* under the lock */
  guint64 n_failed;       /* atomic */
};

static ApimLogGate failures_gate;

static void start_attempt (GwRemoteBlocks *blocks);

static void
ask (GwRemoteBlocks *blocks)
{
  blocks->asking = TRUE;
  blocks->again = FALSE;
  blocks->n_attempts = 0;
  blocks->deadline_us = net_worker_now_us (blocks->worker) + (gint64) blocks->timeout_ms * 1000;
  start_attempt (blocks);
}

static void
tell_waiting (GwRemoteBlocks *blocks)
{
  g_mutex_lock (&blocks->lock);
  blocks->answered_once = TRUE;
  g_cond_broadcast (&blocks->answered);
  g_mutex_unlock (&blocks->lock);
}

static void
finish (GwRemoteBlocks *blocks, gboolean answered)
{
  gint64 pause_ms = answered ? blocks->period_ms : MIN (blocks->retry_ms, blocks->period_ms);

  blocks->retry_ms = answered ? FIRST_RETRY_MS : MIN (blocks->retry_ms * 2, blocks->period_ms);
  if (!answered)
    __atomic_store_n (&blocks->n_failed, blocks->n_failed + 1, __ATOMIC_RELAXED);
  blocks->asking = FALSE;
  tell_waiting (blocks);
  net_timer_arm (blocks->worker, &blocks->timer, blocks->again && answered ? 0 : pause_ms);
}

static void
fail_attempt (GwRemoteBlocks *blocks, const char *why)
{
  const GwUpstreamTarget *target = blocks->servers[blocks->server].target;
  gint64 now_us = net_worker_now_us (blocks->worker);

  gw_peer_health_failed (&blocks->healths[blocks->server], now_us);
  apim_log_limited (&failures_gate, APIM_LOG_WARNING, "gateway", "Key Manager %s, port %u, does not say what is blocked: %s",
                    target->host, target->port, why);
  if (++blocks->n_attempts < blocks->n_servers && now_us < blocks->deadline_us)
    start_attempt (blocks);
  else
    finish (blocks, FALSE);
}

static void
handle_ended (GwShortCall *call, const GwShortAnswer *answer)
{
  GwRemoteBlocks *blocks = (GwRemoteBlocks *) call;
  g_autoptr (GError) error = NULL;

  if (answer->why != NULL)
    fail_attempt (blocks, answer->why);
  else if (answer->status == 404)
    fail_attempt (blocks, "it has no such service (Key Managers before 2.0 have none)");
  else if (answer->status == 401 || answer->status == 403)
    fail_attempt (blocks, "user or password were not taken");
  else if (answer->status != 200)
    fail_attempt (blocks, "a status that no such service gives");
  else if (answer->too_long)
    fail_attempt (blocks, "an answer over Limits/MaxBlockConditions");
  else if (!gw_block_conditions_take (blocks->conditions, (const char *) answer->bytes, answer->length, &error))
    fail_attempt (blocks, error->message);
  else
    {
      gw_peer_health_works (&blocks->healths[blocks->server]);
      finish (blocks, TRUE);
    }
}

static void
start_attempt (GwRemoteBlocks *blocks)
{
  NetWorker *worker = blocks->worker;
  gint64 now_us = net_worker_now_us (worker), left_ms = MAX (blocks->deadline_us - now_us, 0) / 1000;
  GwShortRequest request = { .method = "GET", .max_answer = blocks->max_answer };
  gboolean down;

  /* While another Key Manager is there, the silence of one leaves time to ask it. */
  if (blocks->n_attempts + 1 < blocks->n_servers)
    left_ms /= 2;
  blocks->server = gw_peer_health_choose (blocks->healths, blocks->n_servers, 0, now_us, left_ms, &down);
  request.target = blocks->servers[blocks->server].target;
  request.path = blocks->servers[blocks->server].path;
  request.timeout_ms = left_ms;
  gw_short_call_begin (&blocks->call, blocks->upstream, worker, &request);
  gw_short_call_field (&blocks->call, "Accept", "application/json", NULL);
  gw_short_call_field (&blocks->call, "Authorization", blocks->authorization, NULL);
  gw_short_call_send (&blocks->call, NULL, 0);
}

static void
pause_is_over (NetTimer *timer, NetWorker *worker)
{
  (void) worker;
  ask ((GwRemoteBlocks *) ((char *) timer - G_STRUCT_OFFSET (GwRemoteBlocks, timer)));
}

static void
ask_first (NetTask *task, NetWorker *worker)
{
  (void) worker;
  ask ((GwRemoteBlocks *) ((char *) task - G_STRUCT_OFFSET (GwRemoteBlocks, start)));
}

static void
wake (NetTask *task, NetWorker *worker)
{
  GwRemoteBlocks *blocks = ((Wake *) task)->blocks;

  (void) worker;
  g_free (task);
  blocks->again = TRUE; /* the answer under way may be from before */
  if (!blocks->asking)
    {
      net_timer_cancel (&blocks->timer);
      ask (blocks);
    }
}

void
gw_remote_blocks_refresh (GwRemoteBlocks *blocks)
{
  Wake *task = g_new0 (Wake, 1);

  task->task.run = wake;
  task->blocks = blocks;
  net_worker_post (blocks->worker, &task->task);
}

void
gw_remote_blocks_wait (GwRemoteBlocks *blocks, guint timeout_ms)
{
  gint64 deadline = g_get_monotonic_time () + (gint64) timeout_ms * 1000;

  g_mutex_lock (&blocks->lock);
  while (!blocks->answered_once && g_cond_wait_until (&blocks->answered, &blocks->lock, deadline))
    ;
  g_mutex_unlock (&blocks->lock);
}

char *
gw_remote_blocks_path (const char *services)
{
  gsize length = strlen (services);

  if (g_str_has_suffix (services, "/" SERVICES))
    length -= strlen (SERVICES);
  return g_strdup_printf ("%.*s%s", (int) length, services, PATH);
}

GwRemoteBlocks *
gw_remote_blocks_new (const GwRemoteBlocksSettings *settings, NetReactor *reactor, GwUpstream *upstream,
                      GwBlockConditions *conditions)
{
  GwRemoteBlocks *blocks = g_new0 (GwRemoteBlocks, 1);

  blocks->start.run = ask_first;
  blocks->worker = net_reactor_worker (reactor, 0);
  blocks->upstream = upstream;
  blocks->conditions = conditions;
  blocks->authorization = gw_authorization_basic (settings->user, settings->password);
  blocks->period_ms = settings->period_ms;
  blocks->retry_ms = FIRST_RETRY_MS;
  blocks->timeout_ms = settings->timeout_ms;
  blocks->max_answer = settings->max_answer;
  blocks->call.ended = handle_ended;
  blocks->timer.fired = pause_is_over;
  g_mutex_init (&blocks->lock);
  g_cond_init (&blocks->answered);
  for (guint i = 0; i < settings->managers->len && i < GW_KEY_MANAGERS_MAX; i++)
    {
      const GwKeyManager *manager = settings->managers->pdata[i];
      Server *server = &blocks->servers[blocks->n_servers++];

      server->target = gw_upstream_target (upstream, manager->host, manager->port, !settings->plain);
      server->path = gw_remote_blocks_path (manager->path);
    }
  net_worker_post (blocks->worker, &blocks->start);
  return blocks;
}

void
gw_remote_blocks_free (GwRemoteBlocks *blocks)
{
  if (blocks == NULL)
    return;
  for (guint i = 0; i < blocks->n_servers; i++)
    {
      gw_upstream_target_unref (blocks->servers[i].target);
      g_free (blocks->servers[i].path);
    }
  gw_short_call_clear (&blocks->call);
  gw_authorization_free (blocks->authorization);
  g_cond_clear (&blocks->answered);
  g_mutex_clear (&blocks->lock);
  g_free (blocks);
}

void
gw_remote_blocks_add_status (GwRemoteBlocks *blocks, ApimStatus *status)
{
  apim_status_add (status, "gateway.block_conditions_failed",
                   (gint64) __atomic_load_n (&blocks->n_failed, __ATOMIC_RELAXED));
}
