#include "config.h"
#include "keyvalidator/kv-session-table.h"

#include <openssl/crypto.h>
#include <string.h>

#define SHARDS 16
#define SHARD_BITS 4
/* A full shard drops the session with the oldest issue among this many that it has known the longest. The two orders
 * are nearly the same, and a login must not cost a walk over a full table. */
#define DROP_CANDIDATES 8
/* The sweep lets go of a shard after this many sessions, some 20 us: a worker may be waiting for it. */
#define SWEEP_SLICE 64
#define NEVER 0

struct _KvSession
{
  gint references; /* atomic */
  CoreSession sealed;
  char id[CORE_SESSION_ID_LENGTH];

  gint64 last_use_ms;   /* atomic, as all below */
  gint64 confirmed_ms;  /* or NEVER */
  gint64 check_from_ms; /* when the last check was given to a caller, or the last confirmation; or NEVER */
  gint64 permission;    /* when the permission was looked up, times 2, plus whether it is there; or NEVER */
  gint64 permission_check_from_ms; /* as check_from_ms */
  gint ended;           /* never goes back to 0 */

  GList link;      /* in Shard.by_age; data is this session; guarded by the shard's mutex */
  gboolean listed; /* whether it is there still; guarded likewise */
};

typedef struct
{
  GMutex mutex;
  GHashTable *sessions; /* id (inside the KvSession) to KvSession, one reference; guarded by mutex, as by_age */
  GQueue by_age;        /* head: known for the longest time */
} Shard;

struct _KvSessionTable
{
  const ApimClock *clock;
  gint64 idle_ms;
  guint max_per_shard;
  Shard shards[SHARDS];
};

static gint64
load (const gint64 *value)
{
  return __atomic_load_n (value, __ATOMIC_RELAXED);
}

/* Session */

KvSession *
kv_session_ref (KvSession *session)
{
  g_atomic_int_inc (&session->references);
  return session;
}

void
kv_session_unref (KvSession *session)
{
  if (!g_atomic_int_dec_and_test (&session->references))
    return;
  OPENSSL_cleanse (session->id, sizeof session->id);
  g_free (session);
}

static KvSession *
session_new (const char *id, const CoreSession *sealed, gint64 now_ms)
{
  KvSession *session = g_new0 (KvSession, 1);

  session->references = 1;
  session->sealed = *sealed;
  memcpy (session->id, id, sizeof session->id);
  session->last_use_ms = now_ms;
  session->confirmed_ms = NEVER;
  session->check_from_ms = NEVER;
  session->link.data = session;
  return session;
}

const CoreSession *
kv_session_sealed (const KvSession *session)
{
  return &session->sealed;
}

gboolean
kv_session_has_id (const KvSession *session, const char *id, gsize length)
{
  return length == sizeof session->id && CRYPTO_memcmp (session->id, id, length) == 0;
}

static gboolean
has_ended (const KvSession *session)
{
  return g_atomic_int_get (&session->ended) != 0;
}

static gboolean
is_idle (const KvSession *session, gint64 now_ms, gint64 idle_ms)
{
  return now_ms - load (&session->last_use_ms) >= idle_ms;
}

gboolean
kv_session_touch (KvSession *session, gint64 now_ms, gint64 idle_ms)
{
  gint64 last_use_ms = load (&session->last_use_ms);

  if (has_ended (session))
    return FALSE;
  if (is_idle (session, now_ms, idle_ms))
    {
      kv_session_end (session);
      return FALSE;
    }
  /* Written at most once a millisecond: all workers share the session of a busy gateway. Who loses the exchange lost
   * it to a use of the same moment. */
  if (now_ms > last_use_ms)
    __atomic_compare_exchange_n (&session->last_use_ms, &last_use_ms, now_ms, FALSE, __ATOMIC_RELAXED,
                                 __ATOMIC_RELAXED);
  return TRUE;
}

void
kv_session_end (KvSession *session)
{
  g_atomic_int_set (&session->ended, 1);
}

/* At least @distance_ms apart, in either direction: the clock may have been put back. */
static gboolean
is_away (gint64 then_ms, gint64 now_ms, gint64 distance_ms)
{
  return then_ms == NEVER || ABS (now_ms - then_ms) >= distance_ms;
}

/* Whether a check is due that nobody else makes. */
static gboolean
takes_check (gint64 *check_from_ms, gint64 now_ms)
{
  gint64 from_ms = load (check_from_ms);

  return is_away (from_ms, now_ms, KV_SESSION_CHECK_EVERY_MS)
         && __atomic_compare_exchange_n (check_from_ms, &from_ms, now_ms, FALSE, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}

gboolean
kv_session_needs_check (KvSession *session, gint64 now_ms)
{
  return takes_check (&session->check_from_ms, now_ms);
}

void
kv_session_confirmed (KvSession *session, gint64 now_ms)
{
  __atomic_store_n (&session->confirmed_ms, now_ms, __ATOMIC_RELAXED);
  __atomic_store_n (&session->check_from_ms, now_ms, __ATOMIC_RELAXED);
}

gboolean
kv_session_is_stale (const KvSession *session, gint64 now_ms)
{
  return is_away (load (&session->confirmed_ms), now_ms, KV_SESSION_STALE_AFTER_MS + 1);
}

gboolean
kv_session_last_permission (const KvSession *session, gint64 now_ms, gboolean *allowed)
{
  gint64 permission = load (&session->permission);

  *allowed = permission % 2 != 0;
  return permission != NEVER && !is_away (permission / 2, now_ms, KV_SESSION_STALE_AFTER_MS + 1);
}

gboolean
kv_session_permission (KvSession *session, gint64 now_ms, gboolean *allowed)
{
  return kv_session_last_permission (session, now_ms, allowed)
         && !takes_check (&session->permission_check_from_ms, now_ms);
}

void
kv_session_set_permission (KvSession *session, gboolean allowed, gint64 now_ms)
{
  __atomic_store_n (&session->permission, 2 * now_ms + (allowed ? 1 : 0), __ATOMIC_RELAXED);
  __atomic_store_n (&session->permission_check_from_ms, now_ms, __ATOMIC_RELAXED);
}

/* Table */

/* An id ends in its signature, which is as good as random; its last character carries only two bits of it. */
static guint
id_hash (gconstpointer id)
{
  guint64 tail;

  memcpy (&tail, (const char *) id + CORE_SESSION_ID_LENGTH - sizeof tail, sizeof tail);
  return (guint) (tail * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15) >> 32);
}

static gboolean
id_equal (gconstpointer a, gconstpointer b)
{
  return CRYPTO_memcmp (a, b, CORE_SESSION_ID_LENGTH) == 0;
}

static Shard *
shard_of (KvSessionTable *table, const char *id)
{
  return &table->shards[id_hash (id) >> (32 - SHARD_BITS)];
}

KvSessionTable *
kv_session_table_new (const ApimClock *clock, guint max_sessions, gint64 idle_ms)
{
  KvSessionTable *table = g_new0 (KvSessionTable, 1);

  table->clock = clock;
  table->idle_ms = idle_ms;
  table->max_per_shard = MAX (max_sessions / SHARDS, 1);
  for (guint i = 0; i < SHARDS; i++)
    {
      Shard *shard = &table->shards[i];

      g_mutex_init (&shard->mutex);
      shard->sessions = g_hash_table_new_full (id_hash, id_equal, NULL, (GDestroyNotify) kv_session_unref);
      g_queue_init (&shard->by_age);
    }
  return table;
}

void
kv_session_table_free (KvSessionTable *table)
{
  if (table == NULL)
    return;
  for (guint i = 0; i < SHARDS; i++)
    {
      g_hash_table_destroy (table->shards[i].sessions);
      g_mutex_clear (&table->shards[i].mutex);
    }
  g_free (table);
}

KvSession *
kv_session_table_find (KvSessionTable *table, const char *id, gsize length)
{
  KvSession *session;
  Shard *shard;

  if (id == NULL || length != CORE_SESSION_ID_LENGTH)
    return NULL;
  shard = shard_of (table, id);
  g_mutex_lock (&shard->mutex);
  session = g_hash_table_lookup (shard->sessions, id);
  if (session != NULL)
    kv_session_ref (session);
  g_mutex_unlock (&shard->mutex);
  return session;
}

static void
forget (Shard *shard, KvSession *session)
{
  g_queue_unlink (&shard->by_age, &session->link);
  session->listed = FALSE;
  g_hash_table_remove (shard->sessions, session->id);
}

static void
make_room (Shard *shard)
{
  KvSession *oldest = shard->by_age.head->data;
  GList *link = shard->by_age.head->next;

  for (guint i = 1; i < DROP_CANDIDATES && link != NULL; i++, link = link->next)
    {
      KvSession *candidate = link->data;

      if (candidate->sealed.issued_ms < oldest->sealed.issued_ms)
        oldest = candidate;
    }
  forget (shard, oldest);
}

static gboolean
is_past_first_use (const CoreSession *sealed, gint64 now_ms)
{
  return now_ms - sealed->issued_ms > CORE_SESSION_MAX_AGE_MS;
}

KvSession *
kv_session_table_add (KvSessionTable *table, const char *id, const CoreSession *session)
{
  gint64 now_ms = apim_clock_wall_ms (table->clock);
  Shard *shard = shard_of (table, id);
  KvSession *known;

  g_mutex_lock (&shard->mutex);
  known = g_hash_table_lookup (shard->sessions, id);
  if (known == NULL && !is_past_first_use (session, now_ms))
    {
      if (g_hash_table_size (shard->sessions) >= table->max_per_shard)
        make_room (shard);
      known = session_new (id, session, now_ms);
      g_hash_table_insert (shard->sessions, known->id, known);
      g_queue_push_tail_link (&shard->by_age, &known->link);
      known->listed = TRUE;
    }
  if (known != NULL)
    kv_session_ref (known);
  g_mutex_unlock (&shard->mutex);
  return known;
}

/* One slice, from @link on; under the shard's mutex.
 * Returns: (transfer full) (nullable): where the next slice begins. */
static KvSession *
sweep_slice (Shard *shard, GList *link, gint64 now_ms, gint64 idle_ms, guint *forgotten)
{
  for (guint i = 0; i < SWEEP_SLICE && link != NULL; i++)
    {
      KvSession *session = link->data;

      link = link->next;
      if (is_idle (session, now_ms, idle_ms))
        kv_session_end (session);
      if (has_ended (session) && is_past_first_use (&session->sealed, now_ms))
        {
          forget (shard, session);
          (*forgotten)++;
        }
    }
  return link != NULL ? kv_session_ref (link->data) : NULL;
}

/* When the session at which a slice was to begin is dropped in between, the rest waits for the next sweep. */
static guint
sweep_shard (Shard *shard, gint64 now_ms, gint64 idle_ms)
{
  KvSession *from, *next;
  guint forgotten = 0;

  g_mutex_lock (&shard->mutex);
  from = sweep_slice (shard, shard->by_age.head, now_ms, idle_ms, &forgotten);
  g_mutex_unlock (&shard->mutex);
  for (; from != NULL; from = next)
    {
      g_mutex_lock (&shard->mutex);
      next = from->listed ? sweep_slice (shard, &from->link, now_ms, idle_ms, &forgotten) : NULL;
      g_mutex_unlock (&shard->mutex);
      kv_session_unref (from);
    }
  return forgotten;
}

guint
kv_session_table_sweep (KvSessionTable *table, gint64 now_ms)
{
  guint forgotten = 0;

  for (guint i = 0; i < SHARDS; i++)
    forgotten += sweep_shard (&table->shards[i], now_ms, table->idle_ms);
  return forgotten;
}

guint
kv_session_table_size (KvSessionTable *table)
{
  guint size = 0;

  for (guint i = 0; i < SHARDS; i++)
    {
      g_mutex_lock (&table->shards[i].mutex);
      size += g_hash_table_size (table->shards[i].sessions);
      g_mutex_unlock (&table->shards[i].mutex);
    }
  return size;
}
