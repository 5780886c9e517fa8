#include "config.h"
#include "keyvalidator/kv-change-follower.h"

#include "common/apim-log.h"
#include "store/st-change-feed.h"

#include <stdlib.h>
#include <string.h>

#define N_FEEDS 2 /* the API Manager's and the users' */
#define READ_LIMIT 1000
#define LOOK_FOR_FEED_MS 10000
#define LOOK_MOST_MS 8000
#define PURGE_INTERVAL_MS 60000
#define PURGE_LIMIT 1000

typedef enum
{
  FEED_UNKNOWN, /* not reached yet */
  FEED_FOLLOWED,
  FEED_ABSENT, /* the database has none */
  FEED_LOST,   /* was there, cannot be read */
} FeedState;

typedef struct
{
  const char *name; /* for the log */
  StSchemaPart part;
  StChangeFeed *feed;
  gint64 position;
  FeedState state;
  char *absence;         /* why it counts as absent, as logged last */
  gboolean was_followed; /* since it was absent last: a feed of which something is missing is broken */
  gint64 read_us;  /* atomic: when it was last read to its end; 0 = never */
  gint64 asked_us; /* when an absent one was last looked for */
  guint look_ms;   /* how long the next look may take, where the last one took too long; 0 = as a read */
  gint64 purged_us;
} Followed;

struct _KvChangeFollower
{
  KvMemory *memory;
  const ApimClock *clock;
  Followed feeds[N_FEEDS];
  guint64 changes; /* atomic */
  GThread *thread;
  GMutex lock;
  GCond wake;
  gboolean stopping; /* under the lock */
};

/* The subject of a user's change: "<tenant id>/<name>". */
static void
forget_user (KvMemory *memory, const char *subject)
{
  char *end;
  gint64 tenant_id = g_ascii_strtoll (subject, &end, 10);

  if (end == subject || *end != '/')
    kv_memory_forget (memory);
  else
    kv_cache_invalidate (memory->cache, kv_memory_tag_user (memory, (gint) tenant_id, end + 1));
}

static void
forget_token (KvMemory *memory, const char *subject)
{
  char digest[65];

  if (st_change_token_digest (subject, digest))
    kv_cache_invalidate (memory->cache, kv_memory_tag_token (memory, digest));
  else
    kv_memory_forget (memory);
  /* Perhaps it is a new one. */
  kv_memory_forget_unknown (memory);
}

/* One change. What names no subject, or is of a kind that this version does not know, may concern anything. */
static void
forget (StChangeKind kind, const char *subject, gpointer data)
{
  KvChangeFollower *follower = data;
  KvMemory *memory = follower->memory;

  __atomic_add_fetch (&follower->changes, 1, __ATOMIC_RELAXED);
  if (subject == NULL)
    {
      kv_memory_forget (memory);
      return;
    }
  switch (kind)
    {
    case ST_CHANGE_TOKEN:
      forget_token (memory, subject);
      break;
    case ST_CHANGE_CONSUMER:
      kv_cache_invalidate (memory->cache, kv_memory_tag_consumer_key (memory, subject));
      break;
    case ST_CHANGE_API:
      kv_cache_invalidate (memory->cache, kv_memory_tag_api (memory, subject));
      break;
    case ST_CHANGE_RESOURCE:
      kv_cache_invalidate (memory->cache, kv_memory_tag_resource (memory, subject));
      break;
    case ST_CHANGE_USER:
      forget_user (memory, subject);
      break;
    default:
      kv_memory_forget (memory);
      break;
    }
}

static gint64
now_us (const KvChangeFollower *follower)
{
  return apim_clock_monotonic_us (follower->clock);
}

/* A read that hangs must not hide longer than the patience that a broken feed is given. */
static gint64
deadline (void)
{
  return g_get_monotonic_time () + KV_FEED_PATIENCE_MS * 1000;
}

/* A look makes a connection and asks for more than a read does. A database that needs longer for that, and not for reads, would never be followed:
 * each look that takes too long gives the next one more time. Meanwhile nothing is believed. */
static gint64
look_deadline (const Followed *followed)
{
  return g_get_monotonic_time () + (gint64) MAX (followed->look_ms, KV_FEED_PATIENCE_MS) * 1000;
}

static void
look_took (Followed *followed, const GError *error)
{
  followed->look_ms = g_error_matches (error, ST_ERROR, ST_ERROR_TIMEOUT)
                          ? MIN (2 * MAX (followed->look_ms, KV_FEED_PATIENCE_MS), LOOK_MOST_MS)
                          : 0;
}

/* All that was committed before @began_us has been heard of. */
static void
mark_read (Followed *followed, gint64 began_us)
{
  __atomic_store_n (&followed->read_us, began_us, __ATOMIC_RELAXED);
}

/* What another program changes is noticed this late. */
static void
tell_absence (const KvChangeFollower *follower, const Followed *followed, const GError *error)
{
  guint max_age_ms = follower->memory->short_max_age_ms;
  const char *was = followed->was_followed ? "the change feed was taken out" : "no change feed";

  if (max_age_ms > 0)
    apim_info ("keyvalidator",
               "%s: %s (%s): facts are believed for %u ms (Limits/CacheMaxAge), so a revocation may be noticed that late; see"
               " \"apimctl db feed\"",
               followed->name, was, error->message, max_age_ms);
  else
    apim_info ("keyvalidator",
               "%s: %s (%s): nothing is remembered (Limits/CacheMaxAge is 0), every call asks the database; see \"apimctl db"
               " feed\"",
               followed->name, was, error->message);
}

static void
set_feed_state (KvChangeFollower *follower, Followed *followed, FeedState state, const GError *error)
{
  /* What a feed lacks may change while it is being installed. */
  if (followed->state == state && (state != FEED_ABSENT || g_strcmp0 (followed->absence, error->message) == 0))
    return;
  followed->state = state;
  g_free (followed->absence);
  followed->absence = state == FEED_ABSENT ? g_strdup (error->message) : NULL;
  if (state == FEED_FOLLOWED)
    apim_info ("keyvalidator", "%s: following the change feed: changes are noticed within %u ms and the time of a query",
               followed->name, KV_FEED_INTERVAL_MS);
  else if (state == FEED_ABSENT)
    tell_absence (follower, followed, error);
  else
    apim_warning ("keyvalidator", "%s: the change feed cannot be read, every call asks the database until it can: %s",
                  followed->name, error->message);
}

static void
look_for_feed (KvChangeFollower *follower, Followed *followed)
{
  g_autoptr (GError) error = NULL;

  if (followed->state == FEED_ABSENT && now_us (follower) - followed->asked_us < LOOK_FOR_FEED_MS * 1000)
    return;
  followed->asked_us = now_us (follower);
  /* What changes from here on is read in the next turn. */
  if (st_change_feed_start (followed->feed, look_deadline (followed), &followed->position, &error)
      && !st_change_feed_covers (followed->feed, followed->part))
    g_set_error_literal (&error, ST_ERROR, ST_ERROR_SCHEMA, "its triggers are not on these tables, or this account may not see them: it needs TRIGGER, and"
                         " connections keep the rights that they were opened with");
  look_took (followed, error);
  if (error == NULL)
    {
      mark_read (followed, followed->asked_us);
      followed->was_followed = TRUE;
      set_feed_state (follower, followed, FEED_FOLLOWED, NULL);
    }
  else if (g_error_matches (error, ST_ERROR, ST_ERROR_SCHEMA)
           && (!followed->was_followed || st_change_feed_is_absent (followed->feed)))
    {
      set_feed_state (follower, followed, FEED_ABSENT, error);
      followed->was_followed = FALSE;
    }
  else
    set_feed_state (follower, followed, FEED_LOST, error);
}

static void
read_feed (KvChangeFollower *follower, Followed *followed)
{
  g_autoptr (GError) error = NULL;
  gint64 began_us;
  guint n;

  do
    {
      began_us = now_us (follower);
      if (!st_change_feed_read (followed->feed, &followed->position, READ_LIMIT, deadline (), forget, follower, &n, &error))
        {
          gint64 silent_us = now_us (follower) - __atomic_load_n (&followed->read_us, __ATOMIC_RELAXED);

          /* Only slowness is waited out: a database that is gone grants nothing from memory either. */
          if (silent_us >= KV_FEED_PATIENCE_MS * 1000 || !g_error_matches (error, ST_ERROR, ST_ERROR_TIMEOUT))
            set_feed_state (follower, followed, FEED_LOST, error);
          return;
        }
    }
  while (n >= READ_LIMIT);
  mark_read (followed, began_us);
}

/* Every node purges; they take turns by chance, and what one has deleted another does not find. */
static void
purge_feed (KvChangeFollower *follower, Followed *followed)
{
  guint n;

  if (followed->state != FEED_FOLLOWED || now_us (follower) - followed->purged_us < PURGE_INTERVAL_MS * 1000)
    return;
  /* What the limit left is the next turn's. Who may not delete, as on a replica, tries again in a minute. */
  if (!st_change_feed_purge (followed->feed, ST_CHANGE_FEED_KEEP_MS, PURGE_LIMIT, deadline (), &n, NULL) || n < PURGE_LIMIT)
    followed->purged_us = now_us (follower);
}

static void
update_memory (KvChangeFollower *follower)
{
  KvMemoryState state = KV_MEMORY_FOLLOWING;
  gint64 heard_us = G_MAXINT64 - KV_FEED_PATIENCE_MS * 1000;

  for (guint i = 0; i < N_FEEDS; i++)
    {
      FeedState feed = follower->feeds[i].state;

      if (feed == FEED_FOLLOWED)
        heard_us = MIN (heard_us, __atomic_load_n (&follower->feeds[i].read_us, __ATOMIC_RELAXED));
      if (feed == FEED_UNKNOWN || feed == FEED_LOST)
        state = KV_MEMORY_BYPASSED;
      else if (feed == FEED_ABSENT && state == KV_MEMORY_FOLLOWING)
        state = KV_MEMORY_SHORT_LIVED;
    }
  kv_memory_set_heard_until (follower->memory, heard_us + KV_FEED_PATIENCE_MS * 1000);
  kv_memory_set_clients_told (follower->memory, st_change_feed_tells_clients (follower->feeds[0].feed));
  kv_memory_set_state (follower->memory, state);
}

static void
take_turn (KvChangeFollower *follower)
{
  for (guint i = 0; i < N_FEEDS; i++)
    {
      Followed *followed = &follower->feeds[i];

      if (followed->state == FEED_FOLLOWED)
        read_feed (follower, followed);
      else
        look_for_feed (follower, followed);
      /* Not only at the end of the turn: the other feed may take its time. */
      update_memory (follower);
    }
  for (guint i = 0; i < N_FEEDS; i++)
    purge_feed (follower, &follower->feeds[i]);
}

static gpointer
follower_thread (gpointer data)
{
  KvChangeFollower *follower = data;

  g_mutex_lock (&follower->lock);
  while (!follower->stopping)
    {
      gint64 next_us;

      g_mutex_unlock (&follower->lock);
      take_turn (follower);
      next_us = g_get_monotonic_time () + KV_FEED_INTERVAL_MS * 1000;
      g_mutex_lock (&follower->lock);
      while (!follower->stopping && g_cond_wait_until (&follower->wake, &follower->lock, next_us))
        ;
    }
  g_mutex_unlock (&follower->lock);
  return NULL;
}

KvChangeFollower *
kv_change_follower_new (KvMemory *memory, StDatabase *api_database, StDatabase *user_database, const ApimClock *clock)
{
  KvChangeFollower *follower = g_new0 (KvChangeFollower, 1);

  follower->memory = memory;
  follower->clock = clock;
  follower->feeds[0] = (Followed){ .name = "API Manager database", .part = ST_SCHEMA_API, .feed = st_change_feed_new (api_database) };
  follower->feeds[1] = (Followed){ .name = "user database", .part = ST_SCHEMA_USER, .feed = st_change_feed_new (user_database) };
  g_mutex_init (&follower->lock);
  g_cond_init (&follower->wake);
  /* Once before anybody calls, so that a node whose databases answer starts with its memory in use. */
  take_turn (follower);
  follower->thread = g_thread_new ("change-feed", follower_thread, follower);
  return follower;
}

void
kv_change_follower_free (KvChangeFollower *follower)
{
  if (follower == NULL)
    return;
  g_mutex_lock (&follower->lock);
  follower->stopping = TRUE;
  g_cond_signal (&follower->wake);
  g_mutex_unlock (&follower->lock);
  g_thread_join (follower->thread);
  for (guint i = 0; i < N_FEEDS; i++)
    {
      st_change_feed_free (follower->feeds[i].feed);
      g_free (follower->feeds[i].absence);
    }
  g_cond_clear (&follower->wake);
  g_mutex_clear (&follower->lock);
  g_free (follower);
}

void
kv_change_follower_status (KvChangeFollower *follower, KvFollowerStatus *status)
{
  gint64 now = now_us (follower);

  status->changes = __atomic_load_n (&follower->changes, __ATOMIC_RELAXED);
  status->lag_ms = -1;
  for (guint i = 0; i < N_FEEDS; i++)
    {
      gint64 read_us = __atomic_load_n (&follower->feeds[i].read_us, __ATOMIC_RELAXED);

      if (read_us == 0)
        {
          status->lag_ms = -1;
          return;
        }
      status->lag_ms = MAX (status->lag_ms, (now - read_us) / 1000);
    }
}
