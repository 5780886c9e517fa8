/* Identical look-ups in flight are one: the first to ask for a fact leads and asks the database, whoever asks for the
 * same meanwhile follows and is told.
 *
 * A flight lives in its leader's KvWaiter and a follower hangs on it by its own: joining allocates nothing, and there
 * are never more waiters than calls, which their own limits bound.
 *
 * A follower learns what the database said when the leader asked, which may be before the follower came. Two bounds
 * keep that honest. A flight can be joined for a limited time only; then the next one who asks leads a flight of their
 * own, so that no answer is older than that however slow the database is. And where changes are heard of, who lands a
 * flight asks kv_cache_load_is_stale(): if that is so, the followers must ask again instead of taking the answer.
 *
 * Threads: any, for every function; short locks. */
#ifndef KV_FLIGHTS_H
#define KV_FLIGHTS_H

#include "keyvalidator/kv-cache-key.h"
#include "net/net-worker.h"

G_BEGIN_DECLS

typedef struct _KvFlights KvFlights;

#define KV_FLIGHTS_DEFAULT_JOIN_MS 250

/* One call that waits for a fact. Embed it. */
typedef struct _KvWaiter KvWaiter;
struct _KvWaiter
{
  /* The caller's, and not looked at here: how a follower is woken, net_worker_post (worker, &task). */
  NetTask task;
  NetWorker *worker;

  KvWaiter *next; /* the follower behind this one; of leaders, the flight behind it in the table */
  /* A leader's: */
  KvWaiter *first_follower;
  KvWaiter **last_follower;
  KvCacheKey key;
  gint64 joinable_until_us;
};

/* @join_ms: how long after its start a flight may be joined. */
KvFlights *kv_flights_new (guint join_ms);

/* With no flight in the air. */
void kv_flights_free (KvFlights *flights);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KvFlights, kv_flights_free)

typedef enum
{
  KV_FLIGHT_LEADER,   /* ask the database, then land the flight, whatever came of it, even a full pool */
  KV_FLIGHT_FOLLOWER, /* the leader's thread hands the waiter on; do not touch it before that */
} KvFlightRole;

/* @key: its bytes stay valid until the waiter is back from the flight. */
KvFlightRole kv_flights_join (KvFlights *flights, const KvCacheKey *key, gint64 now_us, KvWaiter *waiter);

/* Ends the leader's flight. Insert the fact into the cache before this: who asks after it finds the fact there.
 * Returns: (nullable): the followers in the order of their coming, linked by next; the caller's again. Read next before
 * posting a waiter: it may be gone then. */
KvWaiter *kv_flights_land (KvFlights *flights, KvWaiter *leader);

typedef struct
{
  guint64 led;      /* look-ups that asked the database */
  guint64 followed; /* look-ups that did not need to */
} KvFlightsCounters;

void kv_flights_counters (KvFlights *flights, KvFlightsCounters *counters);

G_END_DECLS
#endif
