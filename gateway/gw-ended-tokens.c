#include "config.h"
#include "gateway/gw-ended-tokens.h"

struct _GwEndedTokens
{
  GHashTable *ids; /* text -> gint64: when it expires; owns both */
  guint max;
  gint64 skew_s;
  gint64 listening_since_s; /* what was told before is not in ids */
};

GwEndedTokens *
gw_ended_tokens_new (guint max, gint64 now_s, gint64 skew_s)
{
  GwEndedTokens *ended = g_new0 (GwEndedTokens, 1);

  ended->ids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  ended->max = max;
  ended->skew_s = skew_s;
  ended->listening_since_s = now_s;
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
  ended->listening_since_s = now_s;
}

void
gw_ended_tokens_add (GwEndedTokens *ended, TwText id, gint64 expires_s, gint64 now_s)
{
  if (g_hash_table_size (ended->ids) >= ended->max)
    make_room (ended, now_s);
  g_hash_table_replace (ended->ids, g_strndup (id.bytes, id.length), g_memdup2 (&expires_s, sizeof expires_s));
}

gboolean
gw_ended_tokens_may_have (const GwEndedTokens *ended, const char *id, gint64 issued_s)
{
  return issued_s <= ended->listening_since_s + ended->skew_s || g_hash_table_contains (ended->ids, id);
}

guint
gw_ended_tokens_count (const GwEndedTokens *ended)
{
  return g_hash_table_size (ended->ids);
}
