#include "config.h"
#include "keyvalidator/kv-fact-memory.h"

#include "common/apim-secret.h"
#include "core/core-jwt.h"

/* The API's tenant follows from its context, so the context alone names it. */
#define TENANT_OF_CONTEXT 0

static gboolean
make_token_key (KvFactName *name, const KvSelfContained *self_contained)
{
  const ApimHashKey *hash = kv_cache_hash_key (name->memory->cache);

  if (self_contained == NULL || !core_jwt_has_form (name->access_token, name->length))
    return kv_cache_key_token (&name->key, hash, name->access_token, name->length);
  return kv_cache_key_self_contained (&name->key, hash, name->buffer, kv_self_contained_generation (self_contained),
                                      name->access_token, name->length);
}

static gboolean
make_key (KvFactName *name, const KvStores *stores, const CoreValidationRequest *request, const KvFacts *facts)
{
  const ApimHashKey *hash = kv_cache_hash_key (name->memory->cache);
  const StToken *token = facts->view.token;
  const char *version;

  switch (name->need)
    {
    case CORE_NEED_TOKEN:
      return make_token_key (name, stores->self_contained);
    case CORE_NEED_API_DEFAULT:
      name->context = request->context;
      return kv_cache_key_api_default (&name->key, hash, request->context);
    case CORE_NEED_SUBSCRIPTION:
      return core_validation_subscription_key (request, &facts->view, name->text, KV_CONTEXT_SIZE, &name->context, &version)
             && kv_cache_key_subscription (&name->key, hash, name->buffer, name->context, version, token->consumer_key,
                                           TENANT_OF_CONTEXT);
    case CORE_NEED_SCOPE:
      return core_validation_resource_path (request, name->text, sizeof name->text)
             && kv_cache_key_scope (&name->key, hash, name->text);
    case CORE_NEED_ROLES:
      return kv_cache_key_roles (&name->key, hash, name->buffer, token->tenant_id, token->user_domain, token->user_name);
    case CORE_NEED_NOTHING:
      break;
    }
  return FALSE;
}

void
kv_fact_name_init (KvFactName *name, const KvStores *stores, CoreNeed need, const CoreValidationRequest *request,
                   const KvFacts *facts, const char *access_token, gsize length)
{
  name->memory = stores->memory;
  name->need = need;
  name->clock = stores->clock;
  name->access_token = access_token;
  name->length = length;
  if (name->memory != NULL && !make_key (name, stores, request, facts))
    name->memory = NULL;
}

/* Puts a remembered fact into @facts, which borrow it until they are cleared. */
static void
know (KvFacts *facts, CoreNeed need, KvCacheEntry *entry, gboolean self_contained)
{
  switch (need)
    {
    case CORE_NEED_TOKEN:
      facts->remembered[KV_FACT_TOKEN] = entry;
      facts->view.token = kv_cache_entry_token (entry, &facts->view.token_tenant_domain);
      facts->view.token_self_contained = self_contained;
      facts->view.token_known = TRUE;
      break;
    case CORE_NEED_API_DEFAULT:
      facts->remembered[KV_FACT_API_DEFAULT] = entry;
      facts->view.api_default = kv_cache_entry_api_default (entry);
      facts->view.api_default_known = TRUE;
      break;
    case CORE_NEED_SUBSCRIPTION:
      facts->remembered[KV_FACT_SUBSCRIPTION] = entry;
      facts->view.subscription = kv_cache_entry_subscription (entry);
      facts->view.subscription_known = TRUE;
      break;
    case CORE_NEED_SCOPE:
      facts->remembered[KV_FACT_SCOPE] = entry;
      facts->view.scope = kv_cache_entry_scope (entry);
      facts->view.scope_known = TRUE;
      break;
    case CORE_NEED_ROLES:
      facts->remembered[KV_FACT_ROLES] = entry;
      facts->view.roles = kv_cache_entry_roles (entry);
      facts->view.roles_known = TRUE;
      break;
    case CORE_NEED_NOTHING:
      break;
    }
}

/* A JWT that was not signed here may still be the text of a token that the database knows: as any other text. */
static gboolean
plain_key (const KvFactName *name, KvCacheKey *key)
{
  return kv_cache_key_token (key, kv_cache_hash_key (name->memory->cache), name->access_token, name->length);
}

gboolean
kv_fact_recall (const KvFactName *name, gint64 now_us, KvFacts *facts)
{
  KvMemory *memory = name->memory;
  gboolean self_contained;
  KvCacheEntry *entry;
  KvCacheKey plain;

  if (memory == NULL || !kv_memory_believes (memory, now_us))
    return FALSE;
  self_contained = name->key.kind == KV_FACT_SELF_CONTAINED;
  entry = kv_cache_find (memory->cache, &name->key, now_us);
  if (entry == NULL && self_contained && plain_key (name, &plain))
    {
      entry = kv_cache_find (memory->cache, &plain, now_us);
      self_contained = FALSE;
    }
  if (entry != NULL)
    {
      know (facts, name->need, entry, self_contained);
      return TRUE;
    }
  if (name->need != CORE_NEED_TOKEN || !kv_negative_contains (memory->negative, name->access_token, name->length, now_us))
    return FALSE;
  facts->view.token = NULL;
  facts->view.token_known = TRUE;
  return TRUE;
}

void
kv_fact_name_take_ticket (KvFactName *name)
{
  gint64 now_us = apim_clock_monotonic_us (name->clock);

  if (name->memory == NULL)
    return;
  name->ticket = kv_cache_ticket (name->memory->cache, now_us);
  name->negative_ticket = kv_negative_ticket (name->memory->negative, now_us);
}

static void
remember_token (const KvFactName *name, KvCacheLoad *fact, const KvFacts *facts)
{
  KvMemory *memory = name->memory;
  const CoreFacts *view = &facts->view;
  KvCacheKey plain;

  if (view->token == NULL)
    {
      kv_negative_add (memory->negative, &name->negative_ticket, name->access_token, name->length);
      return;
    }
  /* A token whose tenant is missing is refused by the rules; it is read again each time, because no tag names that. */
  if (view->token_tenant_domain == NULL || facts->stored_hex[0] == '\0')
    return;
  if (name->key.kind == KV_FACT_SELF_CONTAINED && !view->token_self_contained)
    {
      if (!plain_key (name, &plain))
        return;
      fact->key = &plain;
    }
  fact->tags[fact->n_tags++] = kv_memory_tag_token (memory, facts->stored_hex);
  fact->tags[fact->n_tags++] = kv_memory_tag_consumer_key (memory, view->token->consumer_key);
  kv_cache_insert_token (memory->cache, fact, view->token, view->token_tenant_domain);
}

void
kv_fact_remember (const KvFactName *name, const KvFacts *facts)
{
  KvMemory *memory = name->memory;
  const StToken *token = facts->view.token;
  KvCacheLoad fact = { .key = &name->key, .ticket = name->ticket };

  if (memory == NULL || kv_memory_state (memory) == KV_MEMORY_BYPASSED)
    return;
  switch (name->need)
    {
    case CORE_NEED_TOKEN:
      remember_token (name, &fact, facts);
      break;
    case CORE_NEED_API_DEFAULT:
      fact.tags[fact.n_tags++] = kv_memory_tag_api (memory, name->context);
      kv_cache_insert_api_default (memory->cache, &fact, facts->api_default);
      break;
    case CORE_NEED_SUBSCRIPTION:
      fact.tags[fact.n_tags++] = kv_memory_tag_api (memory, name->context);
      fact.tags[fact.n_tags++] = kv_memory_tag_consumer_key (memory, token->consumer_key);
      kv_cache_insert_subscription (memory->cache, &fact, facts->subscription);
      break;
    case CORE_NEED_SCOPE:
      fact.tags[fact.n_tags++] = kv_memory_tag_resource (memory, name->text);
      kv_cache_insert_scope (memory->cache, &fact, facts->scope);
      break;
    case CORE_NEED_ROLES:
      fact.tags[fact.n_tags++] = kv_memory_tag_user (memory, token->tenant_id, token->user_name);
      kv_cache_insert_roles (memory->cache, &fact, facts->view.roles);
      break;
    case CORE_NEED_NOTHING:
      break;
    }
}
