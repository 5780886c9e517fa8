#include "config.h"
#include "keyvalidator/kv-flights.h"

#include <string.h>

/* Flights are as many as the database pool's threads and queue hold, some hundreds: short chains. */
#define BUCKET_BITS 8
#define BUCKETS (1 << BUCKET_BITS)

typedef struct
{
  GMutex mutex;      /* guards the rest, and the waiters of these flights */
  KvWaiter *leaders; /* the youngest first */
  KvFlightsCounters counters;
} Bucket;

struct _KvFlights
{
  gint64 join_us;
  Bucket buckets[BUCKETS];
};

KvFlights *
kv_flights_new (guint join_ms)
{
  KvFlights *flights = g_new0 (KvFlights, 1);

  flights->join_us = join_ms * G_GINT64_CONSTANT (1000);
  for (guint i = 0; i < BUCKETS; i++)
    g_mutex_init (&flights->buckets[i].mutex);
  return flights;
}

void
kv_flights_free (KvFlights *flights)
{
  if (flights == NULL)
    return;
  for (guint i = 0; i < BUCKETS; i++)
    {
      g_warn_if_fail (flights->buckets[i].leaders == NULL);
      g_mutex_clear (&flights->buckets[i].mutex);
    }
  g_free (flights);
}

static Bucket *
bucket_of (KvFlights *flights, const KvCacheKey *key)
{
  return &flights->buckets[key->hash >> (64 - BUCKET_BITS)];
}

static gboolean
same_key (const KvCacheKey *a, const KvCacheKey *b)
{
  return a->kind == b->kind && a->length == b->length
         && (a->length == 0 || memcmp (a->bytes, b->bytes, a->length) == 0);
}

/* The youngest flight of this key, if it may still be joined: older ones of the key may be even less. */
static KvWaiter *
find_leader (Bucket *bucket, const KvCacheKey *key, gint64 now_us)
{
  for (KvWaiter *leader = bucket->leaders; leader != NULL; leader = leader->next)
    if (same_key (&leader->key, key))
      return now_us < leader->joinable_until_us ? leader : NULL;
  return NULL;
}

static void
lead (Bucket *bucket, KvWaiter *waiter, const KvCacheKey *key, gint64 joinable_until_us)
{
  waiter->key = *key;
  waiter->joinable_until_us = joinable_until_us;
  waiter->first_follower = NULL;
  waiter->last_follower = &waiter->first_follower;
  waiter->next = bucket->leaders;
  bucket->leaders = waiter;
  bucket->counters.led++;
}

static void
follow (Bucket *bucket, KvWaiter *waiter, KvWaiter *leader)
{
  waiter->next = NULL;
  *leader->last_follower = waiter;
  leader->last_follower = &waiter->next;
  bucket->counters.followed++;
}

KvFlightRole
kv_flights_join (KvFlights *flights, const KvCacheKey *key, gint64 now_us, KvWaiter *waiter)
{
  Bucket *bucket = bucket_of (flights, key);
  KvWaiter *leader;

  g_mutex_lock (&bucket->mutex);
  leader = find_leader (bucket, key, now_us);
  if (leader == NULL)
    lead (bucket, waiter, key, now_us + flights->join_us);
  else
    follow (bucket, waiter, leader);
  g_mutex_unlock (&bucket->mutex);
  return leader == NULL ? KV_FLIGHT_LEADER : KV_FLIGHT_FOLLOWER;
}

KvWaiter *
kv_flights_land (KvFlights *flights, KvWaiter *leader)
{
  Bucket *bucket = bucket_of (flights, &leader->key);
  KvWaiter **place = &bucket->leaders;
  KvWaiter *followers;

  g_mutex_lock (&bucket->mutex);
  while (*place != leader)
    place = &(*place)->next;
  *place = leader->next;
  followers = leader->first_follower;
  g_mutex_unlock (&bucket->mutex);
  return followers;
}

void
kv_flights_counters (KvFlights *flights, KvFlightsCounters *counters)
{
  *counters = (KvFlightsCounters){ 0 };
  for (guint i = 0; i < BUCKETS; i++)
    {
      Bucket *bucket = &flights->buckets[i];

      g_mutex_lock (&bucket->mutex);
      counters->led += bucket->counters.led;
      counters->followed += bucket->counters.followed;
      g_mutex_unlock (&bucket->mutex);
    }
}
