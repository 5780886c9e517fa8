/* What a Key Manager said of tokens, remembered by one worker (spec/gateway-and-traffic-manager.md 3).
 *
 * An entry has a key, everything that the answer depends on, whose bytes are compared; it is also found by
 * its token's id (gw-token-id.h), so that whoever revokes one need not know what it was used for. At most so many entries: the one
 * that was longest not asked for goes first. How old an entry may be, and whether its token has ended
 * meanwhile, is the reader's question. Threads: one worker; no locks. A look-up allocates nothing. */
#ifndef GW_KEY_CACHE_H
#define GW_KEY_CACHE_H

#include "common/apim-hash.h"
#include "thrift/tw-key-validation.h"

G_BEGIN_DECLS

/* A key with the token at its end: a cache is asked with the bytes in place. */
typedef struct
{
  const char *bytes;
  guint32 length;
  guint32 token_length; /* the last bytes of the key */
} GwCacheKey;

typedef struct _GwKeyEntry GwKeyEntry;

/* What was said, when, until when. Immutable. */
struct _GwKeyEntry
{
  TwKeyValidationInfo info; /* its texts are the entry's; terminated too */
  gint64 expires_ms;        /* UTC: the token's end; G_MAXINT64: none, or none that the Key Manager told */
  gint64 asked_us;          /* monotonic: when the Key Manager was asked */

  /*< private >*/
  guint references;
  GwKeyEntry *next_by_key, *next_by_id;
  GwKeyEntry *newer, *older;
  guint64 key_hash, id_hash;
  guint32 key_length, token_length, id_length;
  char *key;
  const char *id; /* of the token: the end of the key, or behind it */
};

typedef struct _GwKeyCache GwKeyCache;

/* @max_entries: at least 1. @hash_key: copied. */
GwKeyCache *gw_key_cache_new (guint max_entries, const ApimHashKey *hash_key);
void gw_key_cache_free (GwKeyCache *cache);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwKeyCache, gw_key_cache_free)

/* (transfer none) (nullable): until the cache changes; take a reference to keep it. */
GwKeyEntry *gw_key_cache_find (GwKeyCache *cache, const GwCacheKey *key);

/* Replaces what the key had. Everything is copied. @id: gw_token_id() of the key's token. @info: nullable: a
 * mark that says nothing but that it is there. Returns: (transfer none): as gw_key_cache_find(). */
GwKeyEntry *gw_key_cache_insert (GwKeyCache *cache, const GwCacheKey *key, TwText id,
                                 const TwKeyValidationInfo *info, gint64 asked_us);

void gw_key_cache_remove (GwKeyCache *cache, GwKeyEntry *entry);
/* Everything that is known of a token. Returns: how many entries that was. */
guint gw_key_cache_remove_token (GwKeyCache *cache, TwText id);
void gw_key_cache_clear (GwKeyCache *cache);
guint gw_key_cache_count (const GwKeyCache *cache);

/* References keep an entry, and not in the cache. Same worker. */
GwKeyEntry *gw_key_entry_ref (GwKeyEntry *entry);
void gw_key_entry_unref (GwKeyEntry *entry);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwKeyEntry, gw_key_entry_unref)

G_END_DECLS
#endif
