#include "config.h"
#include "keyvalidator/kv-facts.h"

#include <string.h>

/* Longest context and resource path that a database can hold, with room for an appended version (AM_API.CONTEXT is 256 characters of up to 4 bytes). */
#define CONTEXT_SIZE 2048
#define RESOURCE_PATH_SIZE 4096
#define DOMAIN_SIZE 256

void
kv_facts_clear (KvFacts *facts)
{
  g_clear_pointer (&facts->token, st_token_unref);
  g_clear_pointer (&facts->tenant, st_tenant_unref);
  g_clear_pointer (&facts->api_default, st_api_default_unref);
  g_clear_pointer (&facts->subscription, st_subscription_unref);
  g_clear_pointer (&facts->scope, st_scope_unref);
  g_clear_pointer (&facts->roles, g_strfreev);
  memset (&facts->view, 0, sizeof facts->view);
}

gboolean
kv_api_tenant_id (KvStores *stores, const char *context, gint64 deadline_us, gint *tenant_id, GError **error)
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

static gboolean
load_token (KvFacts *facts, KvStores *stores, const char *access_token, gsize length, gint64 deadline_us, GError **error)
{
  g_autoptr (StToken) token = NULL;

  if (!st_key_store_find_token (stores->keys, access_token, length, deadline_us, &token, error))
    return FALSE;
  if (token != NULL
      && !st_user_store_find_tenant_by_id (stores->users, token->tenant_id, deadline_us, &facts->tenant, error))
    return FALSE;
  facts->token = g_steal_pointer (&token);
  facts->view.token = facts->token;
  facts->view.token_tenant_domain = facts->tenant == NULL ? NULL : facts->tenant->domain;
  facts->view.token_known = TRUE;
  return TRUE;
}

static gboolean
load_api_default (KvFacts *facts, KvStores *stores, const CoreValidationRequest *request, gint64 deadline_us, GError **error)
{
  if (!st_key_store_find_api_default (stores->keys, request->context, deadline_us, &facts->api_default, error))
    return FALSE;
  facts->view.api_default = facts->api_default;
  facts->view.api_default_known = TRUE;
  return TRUE;
}

static gboolean
load_subscription (KvFacts *facts, KvStores *stores, const CoreValidationRequest *request, gint64 deadline_us, GError **error)
{
  char buffer[CONTEXT_SIZE];
  const char *context, *version;
  gint tenant_id;

  if (core_validation_subscription_key (request, &facts->view, buffer, sizeof buffer, &context, &version)
      && (!kv_api_tenant_id (stores, context, deadline_us, &tenant_id, error)
          || !st_key_store_find_subscription (stores->keys, context, version, facts->token->consumer_key, tenant_id,
                                              deadline_us, &facts->subscription, error)))
    return FALSE;
  facts->view.subscription = facts->subscription;
  facts->view.subscription_known = TRUE;
  return TRUE;
}

static gboolean
load_scope (KvFacts *facts, KvStores *stores, const CoreValidationRequest *request, gint64 deadline_us, GError **error)
{
  char path[RESOURCE_PATH_SIZE];

  /* A path that does not fit here fits no RESOURCE_PATH column either: no scope protects it. */
  if (core_validation_resource_path (request, path, sizeof path)
      && !st_key_store_find_scope (stores->keys, path, deadline_us, &facts->scope, error))
    return FALSE;
  facts->view.scope = facts->scope;
  facts->view.scope_known = TRUE;
  return TRUE;
}

static gboolean
load_roles (KvFacts *facts, KvStores *stores, gint64 deadline_us, GError **error)
{
  const StToken *token = facts->token;

  if (!st_user_store_find_roles (stores->users, token->tenant_id, token->user_domain, token->user_name, deadline_us,
                                 &facts->roles, error))
    return FALSE;
  facts->view.roles = (const char *const *) facts->roles;
  facts->view.roles_known = TRUE;
  return TRUE;
}

gboolean
kv_facts_load (KvFacts *facts, KvStores *stores, CoreNeed need, const CoreValidationRequest *request,
               const char *access_token, gsize length, gint64 deadline_us, GError **error)
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

gboolean
kv_facts_decide (KvFacts *facts, KvStores *stores, const CoreValidationRequest *request, const CoreValidationRules *rules,
                 const char *access_token, gsize length, gint64 now_ms, gint64 deadline_us, CoreDecision *decision,
                 CoreNeed *failed, GError **error)
{
  CoreNeed need;

  while ((need = core_validation_next (request, &facts->view, rules, now_ms, decision)) != CORE_NEED_NOTHING)
    {
      if (!kv_facts_load (facts, stores, need, request, access_token, length, deadline_us, error))
        {
          *failed = need;
          return FALSE;
        }
    }
  return TRUE;
}
