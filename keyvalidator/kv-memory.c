#include "config.h"
#include "keyvalidator/kv-memory.h"

#include <string.h>

#define ASCII_SIZE 512

KvMemory *
kv_memory_new (gsize limit, guint short_max_age_ms, guint unknown_per_second)
{
  KvMemory *memory = g_new0 (KvMemory, 1);

  memory->cache = kv_cache_new (limit, 0);
  memory->negative = kv_negative_new (MIN (short_max_age_ms, KV_NEGATIVE_DEFAULT_LIFETIME_MS));
  memory->flights = kv_flights_new (KV_FLIGHTS_DEFAULT_JOIN_MS);
  apim_budget_init (&memory->unknown_tokens, unknown_per_second);
  memory->short_max_age_ms = short_max_age_ms;
  memory->state = KV_MEMORY_BYPASSED;
  kv_cache_bypass (memory->cache, TRUE);
  return memory;
}

void
kv_memory_free (KvMemory *memory)
{
  if (memory == NULL)
    return;
  kv_flights_free (memory->flights);
  kv_negative_free (memory->negative);
  kv_cache_free (memory->cache);
  g_free (memory);
}

KvMemoryState
kv_memory_state (const KvMemory *memory)
{
  return (KvMemoryState) g_atomic_int_get (&memory->state);
}

void
kv_memory_set_state (KvMemory *memory, KvMemoryState state)
{
  if (kv_memory_state (memory) == state)
    return;
  if (state == KV_MEMORY_BYPASSED)
    {
      g_atomic_int_set (&memory->state, state);
      kv_cache_bypass (memory->cache, TRUE);
      return;
    }
  /* A feed that was away may have dropped changes, and without one nothing older counts: forget before believing. */
  kv_memory_forget (memory);
  kv_cache_set_max_age (memory->cache, state == KV_MEMORY_FOLLOWING ? KV_MEMORY_FOLLOWING_MAX_AGE_MS
                                                                   : memory->short_max_age_ms);
  if (state == KV_MEMORY_FOLLOWING && !memory->clients_told)
    {
      kv_cache_set_kind_max_age (memory->cache, KV_FACT_CLIENT, memory->short_max_age_ms);
      kv_cache_set_kind_max_age (memory->cache, KV_FACT_GRANT, memory->short_max_age_ms);
    }
  kv_cache_bypass (memory->cache, state == KV_MEMORY_SHORT_LIVED && memory->short_max_age_ms == 0);
  g_atomic_int_set (&memory->state, state);
}

void
kv_memory_set_heard_until (KvMemory *memory, gint64 heard_until_us)
{
  __atomic_store_n (&memory->heard_until_us, heard_until_us, __ATOMIC_RELEASE);
}

void
kv_memory_set_clients_told (KvMemory *memory, gboolean told)
{
  memory->clients_told = told;
}

gboolean
kv_memory_believes (const KvMemory *memory, gint64 now_us)
{
  KvMemoryState state = kv_memory_state (memory);

  return state == KV_MEMORY_SHORT_LIVED
         || (state == KV_MEMORY_FOLLOWING && now_us <= __atomic_load_n (&memory->heard_until_us, __ATOMIC_ACQUIRE));
}

guint64
kv_memory_tag_token (const KvMemory *memory, const char *sha256_hex)
{
  return kv_cache_tag (memory->cache, KV_TAG_TOKEN, sha256_hex, strlen (sha256_hex));
}

/* What g_strchomp() after g_utf8_casefold() makes of nearly every name, without an allocation. FALSE: it is not one of those. */
static gboolean
fold_ascii (const char *text, char folded[ASCII_SIZE], gsize *length)
{
  gsize n = 0, end = 0;

  for (; text[n] != '\0'; n++)
    {
      if (n == ASCII_SIZE || (guchar) text[n] >= 0x80)
        return FALSE;
      folded[n] = g_ascii_tolower (text[n]);
      if (!g_ascii_isspace (text[n]))
        end = n + 1;
    }
  *length = end;
  return TRUE;
}

/* Collations fold case and ignore blanks at the end, so one row may be spelled differently by the feed and by a call: the tag is of the folded text.
 * Two texts with one tag cost a needless look-up. */
static guint64
folded_tag (const KvMemory *memory, KvTagKind kind, const char *text)
{
  char ascii[ASCII_SIZE];
  g_autofree char *folded = NULL;
  gsize length;

  if (fold_ascii (text, ascii, &length))
    return kv_cache_tag (memory->cache, kind, ascii, length);
  folded = g_utf8_validate (text, -1, NULL) ? g_utf8_casefold (text, -1) : g_ascii_strdown (text, -1);
  g_strchomp (folded);
  return kv_cache_tag (memory->cache, kind, folded, strlen (folded));
}

guint64
kv_memory_tag_consumer_key (const KvMemory *memory, const char *consumer_key)
{
  return folded_tag (memory, KV_TAG_CONSUMER_KEY, consumer_key);
}

guint64
kv_memory_tag_api (const KvMemory *memory, const char *context)
{
  return folded_tag (memory, KV_TAG_API, context);
}

guint64
kv_memory_tag_resource (const KvMemory *memory, const char *resource_path)
{
  return folded_tag (memory, KV_TAG_SCOPE, resource_path);
}

guint64
kv_memory_tag_user (const KvMemory *memory, gint tenant_id, const char *user_name)
{
  g_autofree char *text = g_strdup_printf ("%d/%s", tenant_id, user_name);

  return folded_tag (memory, KV_TAG_USER, text);
}

void
kv_memory_forget_unknown (KvMemory *memory)
{
  kv_negative_forget (memory->negative);
}

void
kv_memory_forget (KvMemory *memory)
{
  kv_cache_clear (memory->cache);
  kv_negative_forget (memory->negative);
}
