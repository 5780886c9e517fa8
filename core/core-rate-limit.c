#include "config.h"
#include "core/core-rate-limit.h"

#define HOUR_US (G_GINT64_CONSTANT (3600) * G_USEC_PER_SEC)

/* The generic cell rate algorithm: each time costs its share of an hour, paid ahead by at most an hour. */
typedef struct
{
  gint64 cost_us;    /* 0: free */
  gint64 paid_to_us; /* monotonic */
} Meter;

typedef struct
{
  char *address;
  Meter meter;
  GList link; /* in CoreRateLimit.by_age; data is this entry */
} Entry;

struct _CoreRateLimit
{
  const ApimClock *clock;
  gint64 address_cost_us;
  GMutex lock;
  Meter all;           /* under the lock, as all below */
  GHashTable *entries; /* address (inside the Entry) to Entry, owned */
  GQueue by_age;       /* head: came the longest ago */
};

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  g_free (entry->address);
  g_free (entry);
}

static gint64
cost_of (guint per_hour)
{
  return per_hour == 0 ? 0 : MAX (HOUR_US / per_hour, 1);
}

CoreRateLimit *
core_rate_limit_new (guint per_hour_and_address, guint per_hour, const ApimClock *clock)
{
  CoreRateLimit *limit = g_new0 (CoreRateLimit, 1);

  limit->clock = clock;
  limit->address_cost_us = cost_of (per_hour_and_address);
  limit->all.cost_us = cost_of (per_hour);
  g_mutex_init (&limit->lock);
  limit->entries = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, entry_free);
  g_queue_init (&limit->by_age);
  return limit;
}

void
core_rate_limit_free (CoreRateLimit *limit)
{
  if (limit == NULL)
    return;
  g_hash_table_destroy (limit->entries);
  g_mutex_clear (&limit->lock);
  g_free (limit);
}

/* How long until the meter lets one through. */
static gint64
wait_us (const Meter *meter, gint64 now_us)
{
  if (meter->cost_us == 0)
    return 0;
  return MAX (meter->paid_to_us + meter->cost_us - now_us - HOUR_US, 0);
}

static void
pay (Meter *meter, gint64 now_us)
{
  meter->paid_to_us = MAX (meter->paid_to_us, now_us) + meter->cost_us;
}

/* The address's entry, which counts as having come now. */
static Entry *
find_entry (CoreRateLimit *limit, const char *address)
{
  Entry *entry = g_hash_table_lookup (limit->entries, address);

  if (entry != NULL)
    g_queue_unlink (&limit->by_age, &entry->link);
  else
    {
      if (g_hash_table_size (limit->entries) >= CORE_RATE_LIMIT_MAX_ADDRESSES)
        g_hash_table_remove (limit->entries, ((Entry *) g_queue_pop_head_link (&limit->by_age)->data)->address);
      entry = g_new0 (Entry, 1);
      entry->address = g_strdup (address);
      entry->meter.cost_us = limit->address_cost_us;
      entry->link.data = entry;
      g_hash_table_insert (limit->entries, entry->address, entry);
    }
  g_queue_push_tail_link (&limit->by_age, &entry->link);
  return entry;
}

gint64
core_rate_limit_take_ms (CoreRateLimit *limit, const char *address)
{
  gint64 now_us = apim_clock_monotonic_us (limit->clock);
  gint64 early_us;
  Entry *entry;

  g_mutex_lock (&limit->lock);
  entry = find_entry (limit, address);
  early_us = MAX (wait_us (&entry->meter, now_us), wait_us (&limit->all, now_us));
  if (early_us == 0)
    {
      pay (&entry->meter, now_us);
      pay (&limit->all, now_us);
    }
  g_mutex_unlock (&limit->lock);
  return (early_us + 999) / 1000;
}
