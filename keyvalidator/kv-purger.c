#include "config.h"
#include "keyvalidator/kv-purger.h"

#include "common/apim-log.h"
#include "store/st-purge.h"

#define HOUR_US (G_GINT64_CONSTANT (3600) * G_USEC_PER_SEC)
/* Not while the node is busy with its start. */
#define FIRST_AFTER_US (60 * G_USEC_PER_SEC)

struct _KvPurger
{
  ApimConfig *config; /* a reference: a reload replaces the node's */
  const ApimClock *clock;
  GThread *thread;
  GMutex lock;
  GCond wake;
  gboolean stopping;      /* under the lock */
  KvPurgerStatus counted; /* under the lock: runs that ended */
};

static gboolean
is_stopping (KvPurger *purger)
{
  gboolean stopping;

  g_mutex_lock (&purger->lock);
  stopping = purger->stopping;
  g_mutex_unlock (&purger->lock);
  return stopping;
}

static gboolean
go_on (const StPurgeResult *result, gpointer data)
{
  return !is_stopping (data);
}

static void
count (KvPurger *purger, const StPurgeResult *result, gboolean failed)
{
  g_mutex_lock (&purger->lock);
  purger->counted.runs += result->finished;
  purger->counted.failures += failed;
  purger->counted.tokens += result->tokens;
  purger->counted.codes += result->codes;
  g_mutex_unlock (&purger->lock);
}

static void
purge (KvPurger *purger)
{
  const ApimConfig *config = purger->config;
  const StPurgeOptions options = { .older_than_days = config->purge_older_than_days,
                                   .batch = ST_PURGE_BATCH,
                                   .pause_ms = ST_PURGE_PAUSE_MS };
  gint64 begin_us = apim_clock_monotonic_us (purger->clock);
  g_autoptr (GError) error = NULL;
  StPurgeResult result;
  gboolean done = st_purge (apim_config_data_source (config, config->api_data_source), &options,
                            apim_clock_wall_ms (purger->clock), go_on, purger, &result, &error);
  gint64 took_s = (apim_clock_monotonic_us (purger->clock) - begin_us) / G_USEC_PER_SEC;

  count (purger, &result, !done && !g_error_matches (error, ST_ERROR, ST_ERROR_CONFLICT));
  if (done)
    apim_info ("keyvalidator",
               "purge: deleted %" G_GUINT64_FORMAT " tokens and %" G_GUINT64_FORMAT
               " authorization codes that have been dead for"
               " %u days, in %" G_GINT64_FORMAT " s%s; kept %" G_GUINT64_FORMAT " that other tables refer to",
               result.tokens, result.codes, options.older_than_days, took_s,
               result.finished ? "" : " (stopped before the end)", result.kept);
  else if (g_error_matches (error, ST_ERROR, ST_ERROR_CONFLICT))
    apim_info ("keyvalidator", "purge: left to another node: %s", error->message);
  else
    apim_warning ("keyvalidator",
                  "purge: ended early, after %" G_GUINT64_FORMAT " tokens and %" G_GUINT64_FORMAT
                  " authorization codes: %s",
                  result.tokens, result.codes, error->message);
}

static gpointer
purger_thread (gpointer data)
{
  KvPurger *purger = data;
  gint64 wait_us = FIRST_AFTER_US + (gint64) (g_random_double () * (double) (HOUR_US - FIRST_AFTER_US));

  g_mutex_lock (&purger->lock);
  while (!purger->stopping)
    {
      gint64 until_us = g_get_monotonic_time () + wait_us;

      while (!purger->stopping && g_cond_wait_until (&purger->wake, &purger->lock, until_us))
        ;
      if (purger->stopping)
        break;
      g_mutex_unlock (&purger->lock);
      purge (purger);
      wait_us = purger->config->purge_every_h * HOUR_US;
      g_mutex_lock (&purger->lock);
    }
  g_mutex_unlock (&purger->lock);
  return NULL;
}

KvPurger *
kv_purger_new (const ApimConfig *config, const ApimClock *clock)
{
  KvPurger *purger;

  if (config->purge_every_h == 0)
    return NULL;
  purger = g_new0 (KvPurger, 1);
  purger->config = apim_config_ref ((ApimConfig *) config);
  purger->clock = clock;
  g_mutex_init (&purger->lock);
  g_cond_init (&purger->wake);
  purger->thread = g_thread_new ("purge", purger_thread, purger);
  apim_info ("keyvalidator", "purge: what has been dead for %u days is deleted every %u h",
             config->purge_older_than_days, config->purge_every_h);
  return purger;
}

void
kv_purger_free (KvPurger *purger)
{
  if (purger == NULL)
    return;
  g_mutex_lock (&purger->lock);
  purger->stopping = TRUE;
  g_cond_signal (&purger->wake);
  g_mutex_unlock (&purger->lock);
  g_thread_join (purger->thread);
  apim_config_unref (purger->config);
  g_cond_clear (&purger->wake);
  g_mutex_clear (&purger->lock);
  g_free (purger);
}

void
kv_purger_status (KvPurger *purger, KvPurgerStatus *status)
{
  g_mutex_lock (&purger->lock);
  *status = purger->counted;
  g_mutex_unlock (&purger->lock);
}
