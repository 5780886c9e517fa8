/* Tokens that the database did not know a moment ago: a client that repeats a bad token costs no query per call.
 *
 * A fixed table of 65,536 entries in sets of four, 1.5 MB, made once: it never grows and shares nothing with the cache
 * of good facts, so no flood of bad tokens can push out a good one. A flood of ever new tokens only pushes out other
 * bad ones, and each of these costs its query, which apim-budget.h limits.
 *
 * An entry holds no token but 128 bits of a keyed hash, the only thing that is compared. A good token is refused by
 * mistake if its fingerprint equals that of one of the remembered tokens: 2^-128 for each, 2^-112 against a full table,
 * and nobody can aim for it without the process's key.
 *
 * Threads: any, for every function; short locks, each over a part of the table. */
#ifndef KV_NEGATIVE_H
#define KV_NEGATIVE_H

#include <glib.h>

G_BEGIN_DECLS

typedef struct _KvNegative KvNegative;

#define KV_NEGATIVE_ENTRIES 65536
#define KV_NEGATIVE_DEFAULT_LIFETIME_MS 1000
#define KV_NEGATIVE_MAX_LIFETIME_MS 60000

/* @lifetime_ms: how long a token stays unknown, from the start of the read that did not find it; 0 = nothing is
 * remembered; at most KV_NEGATIVE_MAX_LIFETIME_MS. It is also how long a token that is issued meanwhile may be refused
 * where no change feed calls kv_negative_forget(). */
KvNegative *kv_negative_new (guint lifetime_ms);
void kv_negative_free (KvNegative *negative);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KvNegative, kv_negative_free)

/* When a read from the database began; take it before the read's transaction. */
typedef struct
{
  guint epoch;
  gint64 taken_us;
} KvNegativeTicket;

KvNegativeTicket kv_negative_ticket (const KvNegative *negative, gint64 now_us);

/* The read of @ticket did not find this token. Without effect if kv_negative_forget() was called since the ticket. */
void kv_negative_add (KvNegative *negative, const KvNegativeTicket *ticket, const char *access_token, gsize length);

/* TRUE: refuse the token without asking the database. */
gboolean kv_negative_contains (KvNegative *negative, const char *access_token, gsize length, gint64 now_us);

/* Forgets all: token rows were inserted or became active, and that is committed. O(1). Once this has returned, no entry
 * counts whose read began before. */
void kv_negative_forget (KvNegative *negative);

typedef struct
{
  guint64 hits;    /* queries spared */
  guint64 misses;
  guint64 added;
  guint64 crowded; /* added in place of an entry that was still good: the table is too small for the flood */
} KvNegativeCounters;

void kv_negative_counters (KvNegative *negative, KvNegativeCounters *counters);

G_END_DECLS
#endif
