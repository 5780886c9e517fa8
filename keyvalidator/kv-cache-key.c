#include "config.h"
#include "keyvalidator/kv-cache-key.h"

#include "common/apim-secret.h"

#include <string.h>

static gboolean
finish (KvCacheKey *key, const ApimHashKey *hash, KvFactKind kind, const char *bytes, gsize length)
{
  if (length > KV_CACHE_KEY_SIZE)
    return FALSE;
  *key = (KvCacheKey){ kind, bytes, length, apim_hash (hash, bytes, length) };
  return TRUE;
}

/* Appends @n bytes at *length; past the end only *length grows, which finish() sees. */
static void
append (char *buffer, gsize *length, gconstpointer bytes, gsize n)
{
  if (*length <= KV_CACHE_KEY_SIZE && n <= KV_CACHE_KEY_SIZE - *length)
    memcpy (buffer + *length, bytes, n);
  *length += n;
}

static void
append_text (char *buffer, gsize *length, const char *text)
{
  append (buffer, length, text, strlen (text) + 1);
}

gboolean
kv_cache_key_token (KvCacheKey *key, const ApimHashKey *hash, const char *access_token, gsize length)
{
  return finish (key, hash, KV_FACT_TOKEN, access_token, length);
}

gboolean
kv_cache_key_self_contained (KvCacheKey *key, const ApimHashKey *hash, char *buffer, guint key_generation,
                             const char *text, gsize length)
{
  gsize at = APIM_SHA256_HEX_SIZE;

  if (!apim_sha256_hex (text, length, buffer))
    return FALSE;
  append (buffer, &at, &key_generation, sizeof key_generation);
  return finish (key, hash, KV_FACT_SELF_CONTAINED, buffer, at);
}

gboolean
kv_cache_key_subscription (KvCacheKey *key, const ApimHashKey *hash, char *buffer, const char *context,
                           const char *version, const char *consumer_key, gint api_tenant_id)
{
  gsize length = 0;

  append (buffer, &length, &api_tenant_id, sizeof api_tenant_id);
  append (buffer, &length, version == NULL ? "*" : "=", 1);
  append_text (buffer, &length, context);
  append_text (buffer, &length, version == NULL ? "" : version);
  append_text (buffer, &length, consumer_key);
  return finish (key, hash, KV_FACT_SUBSCRIPTION, buffer, length);
}

gboolean
kv_cache_key_scope (KvCacheKey *key, const ApimHashKey *hash, const char *resource_path)
{
  return finish (key, hash, KV_FACT_SCOPE, resource_path, strlen (resource_path));
}

gboolean
kv_cache_key_api_default (KvCacheKey *key, const ApimHashKey *hash, const char *context)
{
  return finish (key, hash, KV_FACT_API_DEFAULT, context, strlen (context));
}

gboolean
kv_cache_key_roles (KvCacheKey *key, const ApimHashKey *hash, char *buffer, gint tenant_id, const char *user_domain,
                    const char *user_name)
{
  gsize length = 0;

  append (buffer, &length, &tenant_id, sizeof tenant_id);
  append_text (buffer, &length, user_domain);
  append_text (buffer, &length, user_name);
  return finish (key, hash, KV_FACT_ROLES, buffer, length);
}

gboolean
kv_cache_key_jwt (KvCacheKey *key, const ApimHashKey *hash, char *buffer, guint key_generation, gint tenant_id,
                  const char *const *texts, guint n)
{
  gsize length = 0;

  append (buffer, &length, &key_generation, sizeof key_generation);
  append (buffer, &length, &tenant_id, sizeof tenant_id);
  for (guint i = 0; i < n; i++)
    {
      append (buffer, &length, texts[i] == NULL ? "*" : "=", 1);
      append_text (buffer, &length, texts[i] == NULL ? "" : texts[i]);
    }
  return finish (key, hash, KV_FACT_JWT, buffer, length);
}

gboolean
kv_cache_key_client (KvCacheKey *key, const ApimHashKey *hash, const char *consumer_key)
{
  return finish (key, hash, KV_FACT_CLIENT, consumer_key, strlen (consumer_key));
}

gboolean
kv_cache_key_token_kind (KvCacheKey *key, const ApimHashKey *hash, const char *consumer_key)
{
  return finish (key, hash, KV_FACT_TOKEN_KIND, consumer_key, strlen (consumer_key));
}

gboolean
kv_cache_key_grant (KvCacheKey *key, const ApimHashKey *hash, char *buffer, const char *consumer_key,
                    const char *asked_scope)
{
  gsize length = 0;

  append_text (buffer, &length, consumer_key);
  append (buffer, &length, asked_scope == NULL ? "*" : "=", 1);
  append_text (buffer, &length, asked_scope == NULL ? "" : asked_scope);
  return finish (key, hash, KV_FACT_GRANT, buffer, length);
}
