#include "config.h"
#include "keyvalidator/kv-facts.h"

#include "keyvalidator/kv-fact-memory.h"

#include <string.h>

#define DOMAIN_SIZE 256

void
kv_facts_clear (KvFacts *facts)
{
  for (guint i = 0; i < KV_N_FACTS; i++)
    g_clear_pointer (&facts->remembered[i], kv_cache_entry_unref);
  g_clear_pointer (&facts->token, st_token_unref);
  g_clear_pointer (&facts->tenant, st_tenant_unref);
  g_clear_pointer (&facts->api_default, st_api_default_unref);
  g_clear_pointer (&facts->subscription, st_subscription_unref);
  g_clear_pointer (&facts->scope, st_scope_unref);
  g_clear_pointer (&facts->roles, g_strfreev);
  memset (&facts->view, 0, sizeof facts->view);
  facts->stored_hex[0] = '\0';
}

gboolean
kv_api_tenant_id (const KvStores *stores, const char *context, gint64 deadline_us, gint *tenant_id, GError **error)
{
  g_autoptr (StTenant) tenant = NULL;
  char domain[DOMAIN_SIZE];

  *tenant_id = 0;
  if (!core_context_tenant_domain (context, domain, sizeof domain))
    return TRUE;
  if (!st_user_store_find_tenant_by_domain (stores->users, domain, deadline_us, &tenant, error))
    return FALSE;
  if (tenant != NULL)
    *tenant_id = tenant->id;
  return TRUE;
}

/* Whether a token that may be unknown can be afforded. */
static gboolean
may_ask_for_token (const KvStores *stores, GError **error)
{
  if (stores->memory == NULL
      || apim_budget_allows (&stores->memory->unknown_tokens, apim_clock_monotonic_us (stores->clock)))
    return TRUE;
  g_set_error_literal (error, ST_ERROR, ST_ERROR_UNAVAILABLE,
                       "more unknown tokens came than Limits/UnknownTokensPerSecond lets through to the database: somebody tries "
                       "tokens at random, and tokens that are not remembered have to wait until that ends");
  return FALSE;
}

static gboolean
find_stored (KvFacts *facts, const KvStores *stores, const char *text, gsize length, gint64 deadline_us, StToken **token,
             GError **error)
{
  if (!apim_sha256_hex (text, length, facts->stored_hex))
    facts->stored_hex[0] = '\0';
  return st_key_store_find_token (stores->keys, text, length, deadline_us, token, error);
}

/* A JWT that was signed here stands for the token that its "jti" names; only of an application whose tokens are JWTs
 * (decisions.md 6). A WSO2 node may have stored the whole text instead. */
static gboolean
find_shown (KvFacts *facts, const KvStores *stores, const char *shown, gsize length, gint64 deadline_us, StToken **token,
            GError **error)
{
  g_auto (ApimSecretText) id
      = stores->self_contained != NULL ? kv_self_contained_id (stores->self_contained, shown, length) : NULL;

  facts->view.token_self_contained = id != NULL;
  if (id != NULL && !find_stored (facts, stores, id, strlen (id), deadline_us, token, error))
    return FALSE;
  if (*token != NULL && (*token)->of_jwt_application)
    return TRUE;
  g_clear_pointer (token, st_token_unref);
  return find_stored (facts, stores, shown, length, deadline_us, token, error);
}

static gboolean
load_token (KvFacts *facts, const KvStores *stores, const char *access_token, gsize length, gint64 deadline_us, GError **error)
{
  g_autoptr (StToken) token = NULL;

  if (!may_ask_for_token (stores, error)
      || !find_shown (facts, stores, access_token, length, deadline_us, &token, error))
    return FALSE;
  if (token == NULL && stores->memory != NULL)
    apim_budget_spend (&stores->memory->unknown_tokens, apim_clock_monotonic_us (stores->clock));
  if (token != NULL
      && !st_user_store_find_tenant_by_id (stores->users, token->tenant_id, deadline_us, &facts->tenant, error))
    return FALSE;
  facts->token = g_steal_pointer (&token);
  facts->view.token = facts->token;
  /* The users of a tenant that is switched off are nobody's, as those of one that does not exist. */
  facts->view.token_tenant_domain = facts->tenant == NULL || !facts->tenant->active ? NULL : facts->tenant->domain;
  facts->view.token_known = TRUE;
  return TRUE;
}

static gboolean
load_api_default (KvFacts *facts, const KvStores *stores, const CoreValidationRequest *request, gint64 deadline_us, GError **error)
{
  if (!st_key_store_find_api_default (stores->keys, request->context, deadline_us, &facts->api_default, error))
    return FALSE;
  facts->view.api_default = facts->api_default;
  facts->view.api_default_known = TRUE;
  return TRUE;
}

/* @domain: of no tenant where a subscriber of the super tenant has an e-mail address for a name. */
static gboolean
is_switched_off (const KvStores *stores, const char *domain, gint64 deadline_us, gboolean *off, GError **error)
{
  g_autoptr (StTenant) tenant = NULL;

  *off = FALSE;
  if (strcmp (domain, ST_SUPER_TENANT_DOMAIN) == 0)
    return TRUE;
  if (!st_user_store_find_tenant_by_domain (stores->users, domain, deadline_us, &tenant, error))
    return FALSE;
  *off = tenant != NULL && !tenant->active;
  return TRUE;
}

/* A tenant that is switched off offers no APIs and holds no subscriptions: what there is counts as none (900908) as long
 * as that lasts. The change feed tells of tenants, and then everything is forgotten. */
static gboolean
drop_of_switched_off (KvFacts *facts, const KvStores *stores, const char *context, gint64 deadline_us, GError **error)
{
  const char *subscriber;
  char domain[DOMAIN_SIZE];
  gboolean off = FALSE;

  if (facts->subscription == NULL)
    return TRUE;
  subscriber = core_subscriber_tenant (facts->subscription->subscriber);
  if (!core_context_tenant_domain (context, domain, sizeof domain))
    off = TRUE;
  else if (!is_switched_off (stores, domain, deadline_us, &off, error)
           || (!off && strcmp (subscriber, domain) != 0
               && !is_switched_off (stores, subscriber, deadline_us, &off, error)))
    return FALSE;
  if (off)
    g_clear_pointer (&facts->subscription, st_subscription_unref);
  return TRUE;
}

static gboolean
load_subscription (KvFacts *facts, const KvStores *stores, const CoreValidationRequest *request, gint64 deadline_us, GError **error)
{
  char buffer[KV_CONTEXT_SIZE];
  const char *context, *version;
  gint tenant_id;

  if (core_validation_subscription_key (request, &facts->view, buffer, sizeof buffer, &context, &version)
      && (!kv_api_tenant_id (stores, context, deadline_us, &tenant_id, error)
          || !st_key_store_find_subscription (stores->keys, context, version, facts->view.token->consumer_key, tenant_id,
                                              deadline_us, &facts->subscription, error)
          || !drop_of_switched_off (facts, stores, context, deadline_us, error)))
    return FALSE;
  facts->view.subscription = facts->subscription;
  facts->view.subscription_known = TRUE;
  return TRUE;
}

static gboolean
load_scope (KvFacts *facts, const KvStores *stores, const CoreValidationRequest *request, gint64 deadline_us, GError **error)
{
  char path[KV_RESOURCE_PATH_SIZE];

  /* Without a path nothing is known about the scope, which is not the same as none (core-validation.h). */
  if (!core_validation_resource_path (request, path, sizeof path))
    {
      g_set_error_literal (error, ST_ERROR, ST_ERROR_DATA, "the resource's path is too long");
      return FALSE;
    }
  if (!st_key_store_find_scope (stores->keys, path, deadline_us, &facts->scope, error))
    return FALSE;
  facts->view.scope = facts->scope;
  facts->view.scope_known = TRUE;
  return TRUE;
}

static gboolean
load_roles (KvFacts *facts, const KvStores *stores, gint64 deadline_us, GError **error)
{
  const StToken *token = facts->view.token;

  if (!st_user_store_find_roles (stores->users, token->tenant_id, token->user_domain, token->user_name, deadline_us,
                                 &facts->roles, error))
    return FALSE;
  facts->view.roles = (const char *const *) facts->roles;
  facts->view.roles_known = TRUE;
  return TRUE;
}

static gboolean
load (KvFacts *facts, const KvStores *stores, CoreNeed need, const CoreValidationRequest *request, const char *access_token,
      gsize length, gint64 deadline_us, GError **error)
{
  switch (need)
    {
    case CORE_NEED_TOKEN:
      return load_token (facts, stores, access_token, length, deadline_us, error);
    case CORE_NEED_API_DEFAULT:
      return load_api_default (facts, stores, request, deadline_us, error);
    case CORE_NEED_SUBSCRIPTION:
      return load_subscription (facts, stores, request, deadline_us, error);
    case CORE_NEED_SCOPE:
      return load_scope (facts, stores, request, deadline_us, error);
    case CORE_NEED_ROLES:
      return load_roles (facts, stores, deadline_us, error);
    case CORE_NEED_NOTHING:
      break;
    }
  g_return_val_if_reached (FALSE);
}

/* A token's subscription and scope are what the rules ask for next, nearly always: known before they ask, they need one walk and not
 * three. Only a guess; what it misses, or what cannot be named yet, they ask for in their order. */
static void
recall_ahead (KvFacts *facts, const KvStores *stores, const CoreValidationRequest *request, gint64 now_us)
{
  const StToken *token = facts->view.token;
  KvFactName name;

  if (request->kind != CORE_VALIDATE_KEY || token == NULL || token->consumer_key == NULL || facts->view.subscription_known
      || facts->view.scope_known)
    return;
  kv_fact_name_init (&name, stores, CORE_NEED_SUBSCRIPTION, request, facts, NULL, 0);
  if (!kv_fact_recall (&name, now_us, facts))
    return;
  kv_fact_name_init (&name, stores, CORE_NEED_SCOPE, request, facts, NULL, 0);
  kv_fact_recall (&name, now_us, facts);
}

KvFactsResult
kv_facts_decide (KvFacts *facts, const KvStores *stores, const CoreValidationRequest *request,
                 const CoreValidationRules *rules, const char *access_token, gsize length, gboolean may_load,
                 gint64 deadline_us, CoreDecision *decision, CoreNeed *missing, GError **error)
{
  gint64 now_ms = apim_clock_wall_ms (stores->clock);
  gint64 now_us = apim_clock_monotonic_us (stores->clock);
  CoreNeed need;

  while ((need = core_validation_next (request, &facts->view, rules, now_ms, decision)) != CORE_NEED_NOTHING)
    {
      KvFactName name;

      kv_fact_name_init (&name, stores, need, request, facts, access_token, length);
      if (kv_fact_recall (&name, now_us, facts))
        {
          if (need == CORE_NEED_TOKEN)
            recall_ahead (facts, stores, request, now_us);
          continue;
        }
      *missing = need;
      if (!may_load)
        return KV_FACTS_MISSING;
      kv_fact_name_take_ticket (&name);
      if (!load (facts, stores, need, request, access_token, length, deadline_us, error))
        return KV_FACTS_FAILED;
      kv_fact_remember (&name, facts);
    }
  return KV_FACTS_DECIDED;
}

static const CoreValidationRequest no_request = { .kind = CORE_VALIDATE_KEY };

gboolean
kv_facts_recall_token (KvFacts *facts, const KvStores *stores, const char *access_token, gsize length)
{
  KvFactName name;

  kv_fact_name_init (&name, stores, CORE_NEED_TOKEN, &no_request, facts, access_token, length);
  return kv_fact_recall (&name, apim_clock_monotonic_us (stores->clock), facts);
}

gboolean
kv_facts_find_token (KvFacts *facts, const KvStores *stores, const char *access_token, gsize length, gint64 deadline_us,
                     GError **error)
{
  KvFactName name;

  kv_fact_name_init (&name, stores, CORE_NEED_TOKEN, &no_request, facts, access_token, length);
  if (kv_fact_recall (&name, apim_clock_monotonic_us (stores->clock), facts))
    return TRUE;
  kv_fact_name_take_ticket (&name);
  if (!load_token (facts, stores, access_token, length, deadline_us, error))
    return FALSE;
  kv_fact_remember (&name, facts);
  return TRUE;
}

gboolean
kv_facts_find_scope (KvFacts *facts, const KvStores *stores, const CoreValidationRequest *request, gint64 deadline_us,
                     GError **error)
{
  char path[KV_RESOURCE_PATH_SIZE];
  KvFactName name;

  if (!core_validation_resource_path (request, path, sizeof path))
    return TRUE;
  kv_fact_name_init (&name, stores, CORE_NEED_SCOPE, request, facts, NULL, 0);
  if (kv_fact_recall (&name, apim_clock_monotonic_us (stores->clock), facts))
    return TRUE;
  kv_fact_name_take_ticket (&name);
  if (!load_scope (facts, stores, request, deadline_us, error))
    return FALSE;
  kv_fact_remember (&name, facts);
  return TRUE;
}
