#include "config.h"
#include "keyvalidator/oauth/kv-oauth-memory.h"

#include "common/apim-secret.h"

#include <openssl/crypto.h>
#include <string.h>

static gint64
now_us (const KvOauth *oauth)
{
  return apim_clock_monotonic_us (oauth->stores.clock);
}

KvCacheTicket
kv_oauth_memory_ticket (const KvOauth *oauth)
{
  KvMemory *memory = oauth->stores.memory;

  return memory != NULL ? kv_cache_ticket (memory->cache, now_us (oauth)) : (KvCacheTicket){ 0, 0 };
}

/* (transfer full) (nullable). */
static KvCacheEntry *
recall (const KvOauth *oauth, const KvCacheKey *key)
{
  KvMemory *memory = oauth->stores.memory;
  gint64 now = now_us (oauth);

  return kv_memory_believes (memory, now) ? kv_cache_find (memory->cache, key, now) : NULL;
}

static gboolean
may_remember (const KvOauth *oauth)
{
  return oauth->stores.memory != NULL && kv_memory_state (oauth->stores.memory) != KV_MEMORY_BYPASSED;
}

/* A fact of this client. */
static KvCacheLoad
load_of (const KvOauth *oauth, const KvCacheKey *key, KvCacheTicket ticket, const char *consumer_key)
{
  KvCacheLoad load = { .key = key, .ticket = ticket };

  load.tags[load.n_tags++] = kv_memory_tag_consumer_key (oauth->stores.memory, consumer_key);
  return load;
}

KvCacheEntry *
kv_oauth_recall_client (const KvOauth *oauth, const char *key)
{
  KvMemory *memory = oauth->stores.memory;
  KvCacheKey name;

  if (memory == NULL || !kv_cache_key_client (&name, kv_cache_hash_key (memory->cache), key))
    return NULL;
  return recall (oauth, &name);
}

void
kv_oauth_remember_client (const KvOauth *oauth, KvCacheTicket ticket, const StOauthClient *client,
                          const StOauthUser *owner)
{
  KvClient record = { .id = client->id,
                      .owner_name = owner->name,
                      .owner_domain = owner->user_domain,
                      .tenant_domain = owner->tenant_domain,
                      .grant_types = client->grant_types,
                      .tenant_id = owner->tenant_id,
                      .has_secret = client->secret != NULL && *client->secret != '\0',
                      .active = strcmp (client->state, ST_OAUTH_CLIENT_ACTIVE) == 0,
                      .application_token_s = client->application_token_s,
                      .refresh_token_s = client->refresh_token_s };
  KvCacheKey name;
  KvCacheLoad load;

  if (!may_remember (oauth)
      || !kv_cache_key_client (&name, kv_cache_hash_key (oauth->stores.memory->cache), client->key))
    return;
  if (record.has_secret)
    apim_hash_fingerprint (&oauth->secret_key, client->secret, strlen (client->secret), record.secret);
  load = load_of (oauth, &name, ticket, client->key);
  kv_cache_insert_client (oauth->stores.memory->cache, &load, &record);
}

gboolean
kv_oauth_client_has_secret (const KvOauth *oauth, const KvClient *client, const char *secret)
{
  guint64 fingerprint[2];

  apim_hash_fingerprint (&oauth->secret_key, secret, strlen (secret), fingerprint);
  return client->has_secret && CRYPTO_memcmp (fingerprint, client->secret, sizeof fingerprint) == 0;
}

KvCacheEntry *
kv_oauth_recall_grant (const KvOauth *oauth, const char *key, const char *asked_scope)
{
  KvMemory *memory = oauth->stores.memory;
  char buffer[KV_CACHE_KEY_SIZE];
  KvCacheKey name;

  if (memory == NULL || !kv_cache_key_grant (&name, kv_cache_hash_key (memory->cache), buffer, key, asked_scope))
    return NULL;
  return recall (oauth, &name);
}

void
kv_oauth_remember_grant (const KvOauth *oauth, KvCacheTicket ticket, const char *key, const char *asked_scope,
                         const StOauthToken *token)
{
  KvMemory *memory = oauth->stores.memory;
  g_autofree char *scope = g_strjoinv (" ", token->scopes);
  const KvGranted record = { .access_token = token->access_token,
                             .scope = scope,
                             .issued_ms = token->issued_ms,
                             .validity_ms = token->validity_ms };
  char hex[APIM_SHA256_HEX_SIZE];
  char buffer[KV_CACHE_KEY_SIZE];
  KvCacheKey name;
  KvCacheLoad load;

  if (!may_remember (oauth) || !kv_cache_key_grant (&name, kv_cache_hash_key (memory->cache), buffer, key, asked_scope)
      || !apim_sha256_hex (token->access_token, strlen (token->access_token), hex))
    return;
  load = load_of (oauth, &name, ticket, key);
  load.tags[load.n_tags++] = kv_memory_tag_token (memory, hex);
  kv_cache_insert_grant (memory->cache, &load, &record);
}

gboolean
kv_oauth_recall_token_kind (const KvOauth *oauth, const char *key, gboolean *jwt)
{
  KvMemory *memory = oauth->stores.memory;
  g_autoptr (KvCacheEntry) entry = NULL;
  KvCacheKey name;

  if (memory == NULL || !kv_cache_key_token_kind (&name, kv_cache_hash_key (memory->cache), key))
    return FALSE;
  entry = recall (oauth, &name);
  if (entry != NULL)
    *jwt = kv_cache_entry_token_kind (entry)->jwt;
  return entry != NULL;
}

void
kv_oauth_remember_token_kind (const KvOauth *oauth, KvCacheTicket ticket, const char *key, gboolean jwt)
{
  const KvTokenKind record = { .jwt = jwt };
  KvCacheKey name;
  KvCacheLoad load;

  if (!may_remember (oauth) || !kv_cache_key_token_kind (&name, kv_cache_hash_key (oauth->stores.memory->cache), key))
    return;
  load = load_of (oauth, &name, ticket, key);
  kv_cache_insert_token_kind (oauth->stores.memory->cache, &load, &record);
}
