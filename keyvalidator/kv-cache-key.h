/* What a fact is cached under: its kind and the bytes that it depends on, all of them, compared byte by byte.
 * Threads: one at a time per key. */
#ifndef KV_CACHE_KEY_H
#define KV_CACHE_KEY_H

#include "common/apim-hash.h"

G_BEGIN_DECLS

typedef enum
{
  KV_FACT_TOKEN,        /* access token: StToken and its tenant's domain */
  KV_FACT_SUBSCRIPTION, /* API context, version or any, consumer key, the API's tenant: StSubscription or none */
  KV_FACT_SCOPE,        /* resource path: StScope or none */
  KV_FACT_API_DEFAULT,  /* API context: StApiDefault or none */
  KV_FACT_ROLES,        /* tenant, user domain, user name: roles */
  KV_FACT_JWT,          /* what a backend JWT says: KvSignedJwt */
  KV_FACT_CLIENT,       /* consumer key: KvClient */
  KV_FACT_GRANT,        /* consumer key and the scopes that its application asked for: KvGranted */
  KV_FACT_TOKEN_KIND,   /* consumer key: KvTokenKind */
  KV_FACT_SELF_CONTAINED, /* JWT as clients show it, its signature checked: StToken that it stands for, as of a token */
} KvFactKind;

#define KV_N_FACTS 10

/* The longest key; a fact with a longer one is not cached. Holds every context, path and name that a row can have. */
#define KV_CACHE_KEY_SIZE 2048

typedef struct
{
  KvFactKind kind;
  const char *bytes; /* borrowed */
  gsize length;
  guint64 hash; /* of the bytes; two kinds with the same bytes are rare and told apart by comparison */
} KvCacheKey;

/* Each function fills *key, which borrows its argument or @buffer (KV_CACHE_KEY_SIZE bytes). FALSE: does not fit, so
 * ask the database and cache nothing. Texts are terminated and not NULL; their terminators separate the parts of a
 * key. */

/* @access_token: @length bytes as the client sent them. */
gboolean kv_cache_key_token (KvCacheKey *key, const ApimHashKey *hash, const char *access_token, gsize length);

/* By its SHA-256, because a JWT may be longer than a key. @key_generation: of the keys that its signature was checked
 * with. @text: @length bytes. */
gboolean kv_cache_key_self_contained (KvCacheKey *key, const ApimHashKey *hash, char *buffer, guint key_generation,
                                      const char *text, gsize length);

/* @version: (nullable): any, which is not the same as empty. */
gboolean kv_cache_key_subscription (KvCacheKey *key, const ApimHashKey *hash, char *buffer, const char *context,
                                    const char *version, const char *consumer_key, gint api_tenant_id);

gboolean kv_cache_key_scope (KvCacheKey *key, const ApimHashKey *hash, const char *resource_path);

gboolean kv_cache_key_api_default (KvCacheKey *key, const ApimHashKey *hash, const char *context);

gboolean kv_cache_key_roles (KvCacheKey *key, const ApimHashKey *hash, char *buffer, gint tenant_id,
                             const char *user_domain, const char *user_name);

/* @key_generation: of the keys that sign. @texts: @n of them, each nullable, which is not the same as empty. */
gboolean kv_cache_key_jwt (KvCacheKey *key, const ApimHashKey *hash, char *buffer, guint key_generation, gint tenant_id,
                           const char *const *texts, guint n);

gboolean kv_cache_key_client (KvCacheKey *key, const ApimHashKey *hash, const char *consumer_key);

gboolean kv_cache_key_token_kind (KvCacheKey *key, const ApimHashKey *hash, const char *consumer_key);

/* @asked_scope: the parameter as it came; nullable, which is not the same as empty. */
gboolean kv_cache_key_grant (KvCacheKey *key, const ApimHashKey *hash, char *buffer, const char *consumer_key,
                             const char *asked_scope);

G_END_DECLS
#endif
