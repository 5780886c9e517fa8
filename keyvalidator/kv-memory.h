/* What a Key Manager remembers of its databases: facts (kv-cache.h), unknown tokens (kv-negative.h, apim-budget.h) and look-ups in flight (kv-flights.h), and
 * under which tags a change of the database makes it forget them.
 *
 * Three states, set by the change follower (kv-change-follower.h):
 *   following   every change is heard of within a moment: facts stay until they change or are pushed out;
 *   short-lived there is no change feed: facts are believed for Apimd/CacheMaxAge;
 *   bypassed    the feed is there and cannot be read: nothing is believed, every call asks the database.
 * It starts bypassed.
 *
 * Threads: any. */
#ifndef KV_MEMORY_H
#define KV_MEMORY_H

#include "common/apim-budget.h"
#include "keyvalidator/kv-cache.h"
#include "keyvalidator/kv-flights.h"
#include "keyvalidator/kv-negative.h"

G_BEGIN_DECLS

/* A backstop while following: a fact is read again at least this often, whatever the feed said. */
#define KV_MEMORY_FOLLOWING_MAX_AGE_MS (15 * 60 * 1000)

typedef enum
{
  KV_MEMORY_BYPASSED,
  KV_MEMORY_SHORT_LIVED,
  KV_MEMORY_FOLLOWING,
} KvMemoryState;

typedef struct
{
  KvCache *cache;
  KvNegative *negative;
  KvFlights *flights;
  ApimBudget unknown_tokens;
  guint short_max_age_ms;
  gint state; /* atomic: KvMemoryState */
  gint64 heard_until_us; /* atomic: while following, until when the feed's last words count */
  gboolean clients_told; /* of the thread that sets the state */
} KvMemory;

/* @limit: bytes for facts. @short_max_age_ms: how long a fact is believed without a feed. @unknown_per_second: apim_budget_init(). */
KvMemory *kv_memory_new (gsize limit, guint short_max_age_ms, guint unknown_per_second);
void kv_memory_free (KvMemory *memory);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KvMemory, kv_memory_free)

/* Entering a state forgets everything that was remembered in another. */
void kv_memory_set_state (KvMemory *memory, KvMemoryState state);
KvMemoryState kv_memory_state (const KvMemory *memory);

/* While following: until when (monotonic) what the feed said last is enough. After that nothing is believed until it is moved on, whatever keeps
 * the follower: this, and not the state that a follower sets when it comes to it, is what bounds how long a revoked token lives. Starts in the past. */
void kv_memory_set_heard_until (KvMemory *memory, gint64 heard_until_us);

/* Whether the feed tells what changes of OAuth clients (st_change_feed_tells_clients()), from the next state on: where it
 * does not, what is remembered of them is believed as if there were no feed. Starts with FALSE. From the thread that sets
 * the state. */
void kv_memory_set_clients_told (KvMemory *memory, gboolean told);

/* Whether what is remembered may be used at this moment. */
gboolean kv_memory_believes (const KvMemory *memory, gint64 now_us);

/* The tags of a change and of the facts that it touches. One function per kind, used by both sides, so that they spell the same. */
guint64 kv_memory_tag_token (const KvMemory *memory, const char *sha256_hex);
guint64 kv_memory_tag_consumer_key (const KvMemory *memory, const char *consumer_key);
guint64 kv_memory_tag_api (const KvMemory *memory, const char *context);
guint64 kv_memory_tag_resource (const KvMemory *memory, const char *resource_path);
guint64 kv_memory_tag_user (const KvMemory *memory, gint tenant_id, const char *user_name);

/* A token row came or changed: what was unknown may be known now. */
void kv_memory_forget_unknown (KvMemory *memory);
/* Everything. */
void kv_memory_forget (KvMemory *memory);

G_END_DECLS
#endif
