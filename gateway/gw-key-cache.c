#include "config.h"
#include "gateway/gw-key-cache.h"

#include <string.h>

struct _GwKeyCache
{
  ApimHashKey hash_key;
  guint max_entries;
  guint count;
  guint mask; /* buckets - 1; a power of two at least as large as max_entries */
  GwKeyEntry **by_key, **by_id;
  GwKeyEntry *newest, *oldest;
};

GwKeyCache *
gw_key_cache_new (guint max_entries, const ApimHashKey *hash_key)
{
  GwKeyCache *cache = g_new0 (GwKeyCache, 1);
  guint buckets = 1;

  while (buckets < max_entries && buckets < G_MAXUINT / 4)
    buckets *= 2;
  cache->hash_key = *hash_key;
  cache->max_entries = MAX (max_entries, 1);
  cache->mask = buckets - 1;
  cache->by_key = g_new0 (GwKeyEntry *, buckets);
  cache->by_id = g_new0 (GwKeyEntry *, buckets);
  return cache;
}

void
gw_key_cache_free (GwKeyCache *cache)
{
  if (cache == NULL)
    return;
  gw_key_cache_clear (cache);
  g_free (cache->by_key);
  g_free (cache->by_id);
  g_free (cache);
}

GwKeyEntry *
gw_key_entry_ref (GwKeyEntry *entry)
{
  entry->references++;
  return entry;
}

void
gw_key_entry_unref (GwKeyEntry *entry)
{
  if (entry != NULL && --entry->references == 0)
    g_free (entry);
}

/* The list of those asked for, newest first. */

static void
link_newest (GwKeyCache *cache, GwKeyEntry *entry)
{
  entry->newer = NULL;
  entry->older = cache->newest;
  if (cache->newest != NULL)
    cache->newest->newer = entry;
  else
    cache->oldest = entry;
  cache->newest = entry;
}

static void
unlink_used (GwKeyCache *cache, GwKeyEntry *entry)
{
  *(entry->newer != NULL ? &entry->newer->older : &cache->newest) = entry->older;
  *(entry->older != NULL ? &entry->older->newer : &cache->oldest) = entry->newer;
}

static GwKeyEntry *
lookup (const GwKeyCache *cache, guint64 hash, const GwCacheKey *key)
{
  GwKeyEntry *entry = cache->by_key[hash & cache->mask];

  while (entry != NULL
         && (entry->key_hash != hash || entry->key_length != key->length
             || entry->token_length != key->token_length
             || memcmp (entry->key, key->bytes, key->length) != 0))
    entry = entry->next_by_key;
  return entry;
}

GwKeyEntry *
gw_key_cache_find (GwKeyCache *cache, const GwCacheKey *key)
{
  GwKeyEntry *entry = lookup (cache, apim_hash (&cache->hash_key, key->bytes, key->length), key);

  if (entry != NULL && entry != cache->newest)
    {
      unlink_used (cache, entry);
      link_newest (cache, entry);
    }
  return entry;
}

void
gw_key_cache_remove (GwKeyCache *cache, GwKeyEntry *entry)
{
  GwKeyEntry **place = &cache->by_key[entry->key_hash & cache->mask];

  while (*place != entry)
    place = &(*place)->next_by_key;
  *place = entry->next_by_key;
  place = &cache->by_id[entry->id_hash & cache->mask];
  while (*place != entry)
    place = &(*place)->next_by_id;
  *place = entry->next_by_id;
  unlink_used (cache, entry);
  cache->count--;
  gw_key_entry_unref (entry);
}

guint
gw_key_cache_remove_token (GwKeyCache *cache, TwText id)
{
  guint64 hash = apim_hash (&cache->hash_key, id.bytes, id.length);
  GwKeyEntry *entry = cache->by_id[hash & cache->mask];
  guint removed = 0;

  while (entry != NULL)
    {
      GwKeyEntry *next = entry->next_by_id;

      if (entry->id_hash == hash && entry->id_length == id.length
          && memcmp (entry->id, id.bytes, id.length) == 0)
        {
          gw_key_cache_remove (cache, entry);
          removed++;
        }
      entry = next;
    }
  return removed;
}

void
gw_key_cache_clear (GwKeyCache *cache)
{
  while (cache->oldest != NULL)
    gw_key_cache_remove (cache, cache->oldest);
}

guint
gw_key_cache_count (const GwKeyCache *cache)
{
  return cache->count;
}

/* Every text of an answer, so that all are copied alike. */
static const gsize texts[] = {
#define TEXT(member) G_STRUCT_OFFSET (TwKeyValidationInfo, member)
  TEXT (subscriber),
  TEXT (tier),
  TEXT (type),
  TEXT (end_user_token),
  TEXT (end_user_name),
  TEXT (application_name),
  TEXT (application_id),
  TEXT (application_tier),
  TEXT (api_name),
  TEXT (consumer_key),
  TEXT (api_publisher),
  TEXT (api_tier),
  TEXT (throttling_data),
  TEXT (subscriber_tenant_domain),
  TEXT (spike_arrest_unit),
#undef TEXT
};

static gsize
texts_size (const TwKeyValidationInfo *info)
{
  gsize size = 0;

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      const TwText *text = &G_STRUCT_MEMBER (TwText, info, texts[i]);

      size += text->bytes == NULL ? 0 : (gsize)text->length + 1;
    }
  return size;
}

/* Moves the texts of *info to @at. */
static void
copy_texts (TwKeyValidationInfo *info, char *at)
{
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      TwText *text = &G_STRUCT_MEMBER (TwText, info, texts[i]);

      if (text->bytes == NULL)
        continue;
      memcpy (at, text->bytes, text->length);
      at[text->length] = '\0';
      text->bytes = at;
      at += text->length + 1;
    }
}

/* The instant at which issue and validity end the token. The first generations say neither; what they grant
 * is believed as long as any answer. */
static gint64
token_end_ms (const TwKeyValidationInfo *info)
{
  gint64 end;

  if (info->validity_period_ms == G_MAXINT64 || (info->validity_period_ms == 0 && info->issued_time_ms == 0)
      || __builtin_add_overflow (info->issued_time_ms, info->validity_period_ms, &end))
    return G_MAXINT64;
  return end;
}

/* Most tokens are their own ids. */
static gboolean
is_end_of_key (const GwCacheKey *key, TwText id)
{
  return id.length == key->token_length
         && memcmp (key->bytes + key->length - key->token_length, id.bytes, id.length) == 0;
}

static GwKeyEntry *
new_entry (const GwCacheKey *key, TwText id, const TwKeyValidationInfo *info)
{
  static const TwKeyValidationInfo nothing;
  const TwKeyValidationInfo *said = info == NULL ? &nothing : info;
  gsize id_size = is_end_of_key (key, id) ? 0 : id.length;
  GwKeyEntry *entry = g_malloc0 (sizeof *entry + key->length + id_size + texts_size (said));
  char *at = (char *)(entry + 1);

  entry->info = *said;
  entry->expires_ms = token_end_ms (said);
  entry->references = 1;
  entry->key = memcpy (at, key->bytes, key->length);
  entry->key_length = key->length;
  entry->token_length = key->token_length;
  at += key->length;
  entry->id = id_size > 0 ? memcpy (at, id.bytes, id_size) : at - key->token_length;
  entry->id_length = id.length;
  copy_texts (&entry->info, at + id_size);
  return entry;
}

GwKeyEntry *
gw_key_cache_insert (GwKeyCache *cache, const GwCacheKey *key, TwText id, const TwKeyValidationInfo *info,
                     gint64 asked_us)
{
  GwKeyEntry *entry = new_entry (key, id, info);
  GwKeyEntry *old;

  entry->asked_us = asked_us;
  entry->key_hash = apim_hash (&cache->hash_key, key->bytes, key->length);
  entry->id_hash = apim_hash (&cache->hash_key, entry->id, entry->id_length);
  old = lookup (cache, entry->key_hash, key);
  if (old != NULL)
    gw_key_cache_remove (cache, old);
  else if (cache->count == cache->max_entries)
    gw_key_cache_remove (cache, cache->oldest);
  entry->next_by_key = cache->by_key[entry->key_hash & cache->mask];
  cache->by_key[entry->key_hash & cache->mask] = entry;
  entry->next_by_id = cache->by_id[entry->id_hash & cache->mask];
  cache->by_id[entry->id_hash & cache->mask] = entry;
  link_newest (cache, entry);
  cache->count++;
  return entry;
}
