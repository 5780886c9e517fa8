#include "config.h"
#include "apimd/local-blocks.h"

#include "common/apim-log.h"

#define FIRST_RETRY_MS 1000

struct _LocalBlocks
{
  KvThrottleData *data;
  GwBlockConditions *conditions;
  gint64 period_ms;
  gboolean failing; /* of who reads: first the maker, then the thread */
  GThread *thread;
  GMutex lock;
  GCond changed;
  gboolean again, stops; /* under the lock */
};

static gboolean
read_once (LocalBlocks *blocks)
{
  g_autoptr (GString) json = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  if (kv_throttle_data_read_blocks (blocks->data, json, &error)
      && gw_block_conditions_take (blocks->conditions, json->str, json->len, &error))
    {
      if (blocks->failing)
        apim_info ("gateway", "what is blocked can be read again");
      blocks->failing = FALSE;
      return TRUE;
    }
  /* Once for each time that it begins: the database may be away for hours. */
  if (!blocks->failing)
    apim_warning ("gateway", "what is blocked cannot be read, what was blocked before stays so: %s", error->message);
  blocks->failing = TRUE;
  return FALSE;
}

/* Until somebody says that they changed, or the pause is over. FALSE: the node stops. */
static gboolean
rest (LocalBlocks *blocks, gint64 pause_ms)
{
  gint64 until = g_get_monotonic_time () + pause_ms * 1000;
  gboolean goes_on;

  g_mutex_lock (&blocks->lock);
  while (!blocks->stops && !blocks->again && g_cond_wait_until (&blocks->changed, &blocks->lock, until))
    ;
  blocks->again = FALSE;
  goes_on = !blocks->stops;
  g_mutex_unlock (&blocks->lock);
  return goes_on;
}

static gpointer
follow (gpointer data)
{
  LocalBlocks *blocks = data;
  gint64 pause_ms = blocks->period_ms;
  gint64 retry_ms = FIRST_RETRY_MS;

  while (rest (blocks, pause_ms))
    if (read_once (blocks))
      {
        pause_ms = blocks->period_ms;
        retry_ms = FIRST_RETRY_MS;
      }
    else
      {
        pause_ms = MIN (retry_ms, blocks->period_ms);
        retry_ms = pause_ms * 2;
      }
  return NULL;
}

LocalBlocks *
local_blocks_new (KvThrottleData *data, GwBlockConditions *conditions, guint period_ms)
{
  LocalBlocks *blocks = g_new0 (LocalBlocks, 1);

  blocks->data = data;
  blocks->conditions = conditions;
  blocks->period_ms = period_ms;
  g_mutex_init (&blocks->lock);
  g_cond_init (&blocks->changed);
  blocks->again = !read_once (blocks);
  blocks->thread = g_thread_new ("blocks", follow, blocks);
  return blocks;
}

void
local_blocks_free (LocalBlocks *blocks)
{
  if (blocks == NULL)
    return;
  g_mutex_lock (&blocks->lock);
  blocks->stops = TRUE;
  g_cond_signal (&blocks->changed);
  g_mutex_unlock (&blocks->lock);
  g_thread_join (blocks->thread);
  g_cond_clear (&blocks->changed);
  g_mutex_clear (&blocks->lock);
  g_free (blocks);
}

void
local_blocks_refresh (LocalBlocks *blocks)
{
  g_mutex_lock (&blocks->lock);
  blocks->again = TRUE;
  g_cond_signal (&blocks->changed);
  g_mutex_unlock (&blocks->lock);
}
