#include "config.h"
#include "keyvalidator/kv-negative.h"

#include "common/apim-hash.h"

#define WAYS 4
#define SETS (KV_NEGATIVE_ENTRIES / WAYS)
#define LOCKS 64
#define EPOCH_BITS 24
#define CACHE_LINE 64

/* Expiry in milliseconds of the monotonic clock lasts 34 years of uptime. Epochs repeat after 16 million calls of
 * kv_negative_forget(), which would have to fall within one entry's lifetime of at most a minute. */
typedef struct
{
  guint64 fingerprint[2];
  guint64 expires_ms : 64 - EPOCH_BITS; /* 0: never used */
  guint64 epoch : EPOCH_BITS;
} Entry;

G_STATIC_ASSERT (sizeof (Entry) == 24);

typedef struct
{
  GMutex mutex; /* guards the counters, and every LOCKS-th set */
  KvNegativeCounters counters;
} __attribute__ ((aligned (CACHE_LINE))) Part;

struct _KvNegative
{
  Part parts[LOCKS];
  ApimHashKey hash_key;
  gint64 lifetime_us;
  guint epoch; /* atomic; an entry of another epoch is forgotten */
  Entry *entries;
};

KvNegative *
kv_negative_new (guint lifetime_ms)
{
  KvNegative *negative = g_aligned_alloc0 (1, sizeof (KvNegative), CACHE_LINE);

  apim_hash_key_init (&negative->hash_key);
  negative->lifetime_us = MIN (lifetime_ms, KV_NEGATIVE_MAX_LIFETIME_MS) * G_GINT64_CONSTANT (1000);
  negative->entries = g_new0 (Entry, KV_NEGATIVE_ENTRIES);
  for (guint i = 0; i < LOCKS; i++)
    g_mutex_init (&negative->parts[i].mutex);
  return negative;
}

void
kv_negative_free (KvNegative *negative)
{
  if (negative == NULL)
    return;
  for (guint i = 0; i < LOCKS; i++)
    g_mutex_clear (&negative->parts[i].mutex);
  g_free (negative->entries);
  g_aligned_free (negative);
}

/* Acquire and release as in kv-changes.h: a reader with the new epoch asks the database after the insertion that the
 * caller of kv_negative_forget() saw; an entry of the old one is refused whenever it is met. */
KvNegativeTicket
kv_negative_ticket (const KvNegative *negative, gint64 now_us)
{
  return (KvNegativeTicket){ __atomic_load_n (&negative->epoch, __ATOMIC_ACQUIRE), now_us };
}

void
kv_negative_forget (KvNegative *negative)
{
  __atomic_fetch_add (&negative->epoch, 1, __ATOMIC_SEQ_CST);
}

static guint
short_epoch (guint epoch)
{
  return epoch % (1u << EPOCH_BITS);
}

static guint
current_epoch (const KvNegative *negative)
{
  return short_epoch (__atomic_load_n (&negative->epoch, __ATOMIC_RELAXED));
}

static gboolean
is_good (const Entry *entry, guint epoch, gint64 now_us)
{
  return entry->epoch == epoch && (gint64) entry->expires_ms * 1000 > now_us;
}

static gboolean
has_fingerprint (const Entry *entry, const guint64 fingerprint[2])
{
  return entry->fingerprint[0] == fingerprint[0] && entry->fingerprint[1] == fingerprint[1];
}

static Entry *
set_of (KvNegative *negative, const guint64 fingerprint[2])
{
  return negative->entries + fingerprint[0] % SETS * WAYS;
}

static Part *
part_of (KvNegative *negative, const guint64 fingerprint[2])
{
  return &negative->parts[fingerprint[0] % LOCKS];
}

/* Where the fingerprint goes: its own entry, else one that is not good any more, else the one that goes first. */
static Entry *
choose (Entry *set, const guint64 fingerprint[2], guint epoch, gint64 now_us)
{
  Entry *chosen = &set[0];

  for (guint i = 0; i < WAYS; i++)
    {
      if (has_fingerprint (&set[i], fingerprint))
        return &set[i];
      if (is_good (chosen, epoch, now_us)
          && (!is_good (&set[i], epoch, now_us) || set[i].expires_ms < chosen->expires_ms))
        chosen = &set[i];
    }
  return chosen;
}

void
kv_negative_add (KvNegative *negative, const KvNegativeTicket *ticket, const char *access_token, gsize length)
{
  guint epoch = short_epoch (ticket->epoch);
  guint64 expires_ms = (guint64) (ticket->taken_us + negative->lifetime_us) / 1000;
  guint64 fingerprint[2];
  Entry *entry;
  Part *part;

  if (epoch != current_epoch (negative) || negative->lifetime_us == 0)
    return;
  apim_hash_fingerprint (&negative->hash_key, access_token, length, fingerprint);
  part = part_of (negative, fingerprint);
  g_mutex_lock (&part->mutex);
  entry = choose (set_of (negative, fingerprint), fingerprint, epoch, ticket->taken_us);
  if (is_good (entry, epoch, ticket->taken_us) && !has_fingerprint (entry, fingerprint))
    part->counters.crowded++;
  *entry = (Entry){ { fingerprint[0], fingerprint[1] }, expires_ms, epoch };
  part->counters.added++;
  g_mutex_unlock (&part->mutex);
}

gboolean
kv_negative_contains (KvNegative *negative, const char *access_token, gsize length, gint64 now_us)
{
  guint64 fingerprint[2];
  gboolean found = FALSE;
  const Entry *set;
  Part *part;
  guint epoch;

  apim_hash_fingerprint (&negative->hash_key, access_token, length, fingerprint);
  set = set_of (negative, fingerprint);
  part = part_of (negative, fingerprint);
  g_mutex_lock (&part->mutex);
  epoch = current_epoch (negative);
  for (guint i = 0; i < WAYS && !found; i++)
    found = has_fingerprint (&set[i], fingerprint) && is_good (&set[i], epoch, now_us);
  if (found)
    part->counters.hits++;
  else
    part->counters.misses++;
  g_mutex_unlock (&part->mutex);
  return found;
}

void
kv_negative_counters (KvNegative *negative, KvNegativeCounters *counters)
{
  *counters = (KvNegativeCounters){ 0 };
  for (guint i = 0; i < LOCKS; i++)
    {
      Part *part = &negative->parts[i];

      g_mutex_lock (&part->mutex);
      counters->hits += part->counters.hits;
      counters->misses += part->counters.misses;
      counters->added += part->counters.added;
      counters->crowded += part->counters.crowded;
      g_mutex_unlock (&part->mutex);
    }
}
