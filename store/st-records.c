#include "config.h"
#include "store/st-records.h"

/* new, ref and unref of one record type; clear frees what the record holds. */
#define DEFINE_RECORD(Type, prefix, clear) \
  Type *prefix##_new (void) \
  { \
    return g_atomic_rc_box_new0 (Type); \
  } \
  Type *prefix##_ref (Type *record) \
  { \
    return g_atomic_rc_box_acquire (record); \
  } \
  void prefix##_unref (Type *record) \
  { \
    if (record != NULL) \
      g_atomic_rc_box_release_full (record, clear); \
  }

static void
token_clear (gpointer data)
{
  StToken *token = data;

  g_free (token->consumer_key);
  g_free (token->user_name);
  g_free (token->user_domain);
  g_free (token->user_type);
  g_strfreev (token->scopes);
}

static void
subscription_clear (gpointer data)
{
  StSubscription *subscription = data;

  g_free (subscription->subscriber);
  g_free (subscription->tier);
  g_free (subscription->status);
  g_free (subscription->create_state);
  g_free (subscription->application_name);
  g_free (subscription->application_tier);
  g_free (subscription->key_type);
  g_free (subscription->api_name);
  g_free (subscription->api_provider);
  g_free (subscription->api_version);
  g_free (subscription->api_tier);
  g_free (subscription->rate_limit_unit);
}

static void
resource_free (gpointer data)
{
  StResource *resource = data;

  g_free (resource->url_pattern);
  g_free (resource->http_method);
  g_free (resource->auth_scheme);
  g_free (resource->throttling_tier);
  g_free (resource->applicable_level);
  g_strfreev (resource->conditions);
  g_free (resource);
}

static void
resources_clear (gpointer data)
{
  StResources *resources = data;

  g_ptr_array_unref (resources->resources);
}

static void
scope_clear (gpointer data)
{
  StScope *scope = data;

  g_free (scope->key);
  g_strfreev (scope->roles);
}

static void
api_default_clear (gpointer data)
{
  StApiDefault *api = data;

  g_free (api->api_name);
  g_free (api->api_version);
  g_free (api->default_version);
}

static void
tenant_clear (gpointer data)
{
  StTenant *tenant = data;

  g_free (tenant->domain);
}

static void
user_clear (gpointer data)
{
  StUser *user = data;

  g_free (user->name);
  g_free (user->password_hash);
  g_free (user->salt);
}

DEFINE_RECORD (StToken, st_token, token_clear)
DEFINE_RECORD (StSubscription, st_subscription, subscription_clear)
DEFINE_RECORD (StScope, st_scope, scope_clear)
DEFINE_RECORD (StApiDefault, st_api_default, api_default_clear)
DEFINE_RECORD (StTenant, st_tenant, tenant_clear)
DEFINE_RECORD (StUser, st_user, user_clear)

StResources *
st_resources_new (void)
{
  StResources *resources = g_atomic_rc_box_new0 (StResources);

  resources->resources = g_ptr_array_new_with_free_func (resource_free);
  return resources;
}

StResource *
st_resources_add (StResources *resources)
{
  StResource *resource = g_new0 (StResource, 1);

  g_ptr_array_add (resources->resources, resource);
  return resource;
}

StResources *
st_resources_ref (StResources *resources)
{
  return g_atomic_rc_box_acquire (resources);
}

void
st_resources_unref (StResources *resources)
{
  if (resources != NULL)
    g_atomic_rc_box_release_full (resources, resources_clear);
}
