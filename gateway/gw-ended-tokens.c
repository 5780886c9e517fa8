#include "config.h"
#include "gateway/gw-ended-tokens.h"

/* Less is what a leap second, or a clock that is steered, may do. */
#define MAX_LEAP_MS 2000

struct _GwEndedTokens
{
  const ApimClock *clock;
  GHashTable *ids; /* text -> gint64: when it expires; owns both */
  guint max;
  gint64 skew_s;
  gint64 listening_since_s; /* what was told before is not in ids */
  gint64 started_ms;        /* when the machine began to run, by the clock of then; the least of what was seen */
};

/* Monotonic time goes with the running of the machine, whatever its clock is put to. */
static gint64
started_ms (const ApimClock *clock)
{
  return apim_clock_wall_ms (clock) - apim_clock_monotonic_us (clock) / 1000;
}

GwEndedTokens *
gw_ended_tokens_new (guint max, gint64 skew_s, const ApimClock *clock)
{
  GwEndedTokens *ended = g_new0 (GwEndedTokens, 1);

  ended->ids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  ended->max = max;
  ended->skew_s = skew_s;
  ended->clock = clock;
  ended->listening_since_s = apim_clock_wall_ms (clock) / 1000;
  ended->started_ms = started_ms (clock);
  return ended;
}

void
gw_ended_tokens_free (GwEndedTokens *ended)
{
  if (ended == NULL)
    return;
  g_hash_table_unref (ended->ids);
  g_free (ended);
}

static gboolean
has_expired (gpointer id G_GNUC_UNUSED, gpointer expires_s, gpointer earliest_s)
{
  return *(gint64 *)expires_s < *(gint64 *)earliest_s;
}

/* Half at least, so that not every token that follows looks through them all. */
static void
make_room (GwEndedTokens *ended, gint64 now_s)
{
  gint64 earliest_s = now_s - ended->skew_s;

  g_hash_table_foreach_remove (ended->ids, has_expired, &earliest_s);
  if (g_hash_table_size (ended->ids) <= ended->max / 2)
    return;
  g_hash_table_remove_all (ended->ids);
  ended->listening_since_s = MAX (ended->listening_since_s, now_s);
}

void
gw_ended_tokens_add (GwEndedTokens *ended, TwText id, gint64 expires_s)
{
  g_autofree char *key = g_strndup (id.bytes, id.length);
  const gint64 *before = g_hash_table_lookup (ended->ids, key);

  /* When it expires is what the text says that it was told by, which nobody vouches for. */
  if (before != NULL && *before >= expires_s)
    return;
  if (before == NULL && g_hash_table_size (ended->ids) >= ended->max)
    make_room (ended, apim_clock_wall_ms (ended->clock) / 1000);
  g_hash_table_replace (ended->ids, g_steal_pointer (&key), g_memdup2 (&expires_s, sizeof expires_s));
}

/* Backwards is no leap: what it began to listen at is then later than it was. */
static void
look_for_leap (GwEndedTokens *ended)
{
  gint64 now_ms = started_ms (ended->clock);

  if (now_ms - ended->started_ms > MAX_LEAP_MS)
    ended->listening_since_s = MAX (ended->listening_since_s, apim_clock_wall_ms (ended->clock) / 1000);
  else if (now_ms >= ended->started_ms)
    return;
  ended->started_ms = now_ms;
}

gboolean
gw_ended_tokens_may_have (GwEndedTokens *ended, const char *id, gint64 issued_s)
{
  look_for_leap (ended);
  return issued_s <= ended->listening_since_s + ended->skew_s || g_hash_table_contains (ended->ids, id);
}

guint
gw_ended_tokens_count (const GwEndedTokens *ended)
{
  return g_hash_table_size (ended->ids);
}
