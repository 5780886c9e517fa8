#include "config.h"
#include "keyvalidator/kv-cache-table.h"

#define FIRST_CAPACITY 16
#define PLACE_BYTES (sizeof (guint32) + sizeof (KvCacheEntry *))

/* Full at 4/5: a found key is then three probes away on average, a missing one thirteen, all in one or two cache lines
 * of hashes. Growing by half keeps the table at least 8/15 full: 15 to 22.5 bytes per entry, where doubling would
 * make that 30. */
static gboolean
is_full (const KvCacheTable *table)
{
  return table->used >= (guint64) table->capacity * 4 / 5;
}

static guint
next_capacity (const KvCacheTable *table)
{
  return table->capacity == 0 ? FIRST_CAPACITY : table->capacity + table->capacity / 2;
}

/* Any capacity will do: the hash is a fraction of 2^32. */
static guint
home_of (const KvCacheTable *table, guint32 hash)
{
  return (guint) (((guint64) hash * table->capacity) >> 32);
}

static guint
next_place (const KvCacheTable *table, guint place)
{
  return place + 1 == table->capacity ? 0 : place + 1;
}

/* Steps of probing from one place to another. */
static guint
distance (const KvCacheTable *table, guint from, guint to)
{
  return to >= from ? to - from : to + table->capacity - from;
}

void
kv_cache_table_clear (KvCacheTable *table)
{
  g_free (table->hashes);
  g_free (table->entries);
  *table = (KvCacheTable){ 0 };
}

guint
kv_cache_table_find (const KvCacheTable *table, const KvCacheKey *key)
{
  guint32 hash = (guint32) key->hash;

  if (table->capacity == 0)
    return KV_CACHE_NO_PLACE;
  for (guint place = home_of (table, hash); table->entries[place] != NULL; place = next_place (table, place))
    if (table->hashes[place] == hash && kv_cache_entry_has_key (table->entries[place], key))
      return place;
  return KV_CACHE_NO_PLACE;
}

static void
put (KvCacheTable *table, guint32 hash, KvCacheEntry *entry)
{
  guint place = home_of (table, hash);

  while (table->entries[place] != NULL)
    place = next_place (table, place);
  table->hashes[place] = hash;
  table->entries[place] = entry;
  table->used++;
}

static void
grow (KvCacheTable *table)
{
  KvCacheTable old = *table;

  table->capacity = next_capacity (&old);
  table->used = 0;
  table->hashes = g_new (guint32, table->capacity);
  table->entries = g_new0 (KvCacheEntry *, table->capacity);
  for (guint place = 0; place < old.capacity; place++)
    if (old.entries[place] != NULL)
      put (table, old.hashes[place], old.entries[place]);
  kv_cache_table_clear (&old);
}

gsize
kv_cache_table_growth (const KvCacheTable *table)
{
  return is_full (table) ? (gsize) (next_capacity (table) - table->capacity) * PLACE_BYTES : 0;
}

void
kv_cache_table_add (KvCacheTable *table, guint64 hash, KvCacheEntry *entry)
{
  if (is_full (table))
    grow (table);
  put (table, (guint32) hash, entry);
}

/* Later entries of the run move up, so that no search ends at a gap before it has seen them. */
KvCacheEntry *
kv_cache_table_remove (KvCacheTable *table, guint place)
{
  KvCacheEntry *removed = table->entries[place];
  guint gap = place;

  for (guint i = next_place (table, gap); table->entries[i] != NULL; i = next_place (table, i))
    {
      /* An entry whose home is behind the gap is found without passing it. */
      if (distance (table, home_of (table, table->hashes[i]), i) < distance (table, gap, i))
        continue;
      table->hashes[gap] = table->hashes[i];
      table->entries[gap] = table->entries[i];
      gap = i;
    }
  table->entries[gap] = NULL;
  table->used--;
  return removed;
}

gsize
kv_cache_table_bytes (const KvCacheTable *table)
{
  return (gsize) table->capacity * PLACE_BYTES;
}
