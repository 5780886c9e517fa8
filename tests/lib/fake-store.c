#include "config.h"
#include "tests/lib/fake-store.h"

#include <string.h>

typedef struct
{
  StKeyStore store;
  FakeStore *fake;
} FakeKeys;

typedef struct
{
  StUserStore store;
  FakeStore *fake;
} FakeUsers;

typedef struct
{
  guint calls;
  guint failures;
  StError code;
  gboolean held;
  guint n_held;
} Script;

struct _FakeStore
{
  FakeKeys keys;
  FakeUsers users;
  GMutex lock; /* over everything below */
  GCond changed;
  Script scripts[FAKE_N_KINDS];
  gboolean reads_inline;
  GHashTable *tokens;
  GHashTable *subscriptions; /* by "context\ntenant\nkey"; of GPtrArray, in the order of adding */
  GHashTable *resources;     /* by "context\nversion" */
  GHashTable *scopes;
  GHashTable *api_defaults;
  GPtrArray *tenants;
  GPtrArray *user_records;
  GHashTable *roles; /* by "tenant\ndomain\nname" in lower case */
  GHashTable *permissions; /* by tenant; of GPtrArray of StPermission */
};

/* With the lock held: counts the call, waits and fails as the script says. */
static gboolean
play (FakeStore *fake, FakeKind kind, gint64 deadline_us, GError **error)
{
  Script *script = &fake->scripts[kind];
  gboolean over = FALSE;

  script->calls++;
  script->n_held++;
  g_cond_broadcast (&fake->changed);
  while (script->held && !over)
    if (deadline_us == 0)
      g_cond_wait (&fake->changed, &fake->lock);
    else
      over = !g_cond_wait_until (&fake->changed, &fake->lock, deadline_us) && script->held;
  script->n_held--;
  if (over)
    {
      g_set_error_literal (error, ST_ERROR, ST_ERROR_TIMEOUT, "the scripted store did not answer in time");
      return FALSE;
    }
  if (script->failures == 0)
    return TRUE;
  script->failures--;
  g_set_error_literal (error, ST_ERROR, script->code, "the scripted store fails");
  return FALSE;
}

static char *
subscription_key (const char *context, const char *consumer_key, gint api_tenant_id)
{
  return g_strdup_printf ("%s\n%d\n%s", context, api_tenant_id, consumer_key);
}

static char *
roles_key (gint tenant_id, const char *user_domain, const char *name)
{
  g_autofree char *lower = g_utf8_strdown (name, -1);

  return g_strdup_printf ("%d\n%s\n%s", tenant_id, user_domain, lower);
}

static gboolean
find_token (StKeyStore *store, const char *access_token, gsize length, gint64 deadline_us, StToken **found,
            GError **error)
{
  FakeStore *fake = ((FakeKeys *) store)->fake;
  g_autofree char *key = g_strndup (access_token, length);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&fake->lock);
  StToken *token;

  if (!play (fake, FAKE_TOKEN, deadline_us, error))
    return FALSE;
  token = g_hash_table_lookup (fake->tokens, key);
  *found = token != NULL ? st_token_ref (token) : NULL;
  return TRUE;
}

static gboolean
find_subscription (StKeyStore *store, const char *context, const char *version, const char *consumer_key,
                   gint api_tenant_id, gint64 deadline_us, StSubscription **found, GError **error)
{
  FakeStore *fake = ((FakeKeys *) store)->fake;
  g_autofree char *key = subscription_key (context, consumer_key, api_tenant_id);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&fake->lock);
  GPtrArray *all;

  if (!play (fake, FAKE_SUBSCRIPTION, deadline_us, error))
    return FALSE;
  all = g_hash_table_lookup (fake->subscriptions, key);
  for (guint i = 0; all != NULL && *found == NULL && i < all->len; i++)
    {
      StSubscription *each = g_ptr_array_index (all, i);

      if (version == NULL || g_strcmp0 (each->api_version, version) == 0)
        *found = st_subscription_ref (each);
    }
  return TRUE;
}

static gboolean
find_resources (StKeyStore *store, const char *context, const char *version, gint api_tenant_id, gint64 deadline_us,
                StResources **found, GError **error)
{
  FakeStore *fake = ((FakeKeys *) store)->fake;
  g_autofree char *key = g_strdup_printf ("%s\n%s", context, version);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&fake->lock);
  StResources *resources;

  if (!play (fake, FAKE_RESOURCES, deadline_us, error))
    return FALSE;
  resources = g_hash_table_lookup (fake->resources, key);
  *found = resources != NULL ? st_resources_ref (resources) : st_resources_new ();
  return TRUE;
}

static gboolean
find_scope (StKeyStore *store, const char *resource_path, gint64 deadline_us, StScope **found, GError **error)
{
  FakeStore *fake = ((FakeKeys *) store)->fake;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&fake->lock);
  StScope *scope;

  if (!play (fake, FAKE_SCOPE, deadline_us, error))
    return FALSE;
  scope = g_hash_table_lookup (fake->scopes, resource_path);
  *found = scope != NULL ? st_scope_ref (scope) : NULL;
  return TRUE;
}

static gboolean
find_api_default (StKeyStore *store, const char *context, gint64 deadline_us, StApiDefault **found, GError **error)
{
  FakeStore *fake = ((FakeKeys *) store)->fake;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&fake->lock);
  StApiDefault *api;

  if (!play (fake, FAKE_API_DEFAULT, deadline_us, error))
    return FALSE;
  api = g_hash_table_lookup (fake->api_defaults, context);
  *found = api != NULL ? st_api_default_ref (api) : NULL;
  return TRUE;
}

static gboolean
keys_read_inline (StKeyStore *store)
{
  FakeStore *fake = ((FakeKeys *) store)->fake;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&fake->lock);

  return fake->reads_inline;
}

static void
keys_free (StKeyStore *store)
{
}

static gboolean
find_tenant (FakeStore *fake, const char *domain, gint id, gint64 deadline_us, StTenant **found, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&fake->lock);

  if (!play (fake, FAKE_TENANT, deadline_us, error))
    return FALSE;
  for (guint i = 0; *found == NULL && i < fake->tenants->len; i++)
    {
      StTenant *each = g_ptr_array_index (fake->tenants, i);

      if (domain != NULL ? strcmp (each->domain, domain) == 0 : each->id == id)
        *found = st_tenant_ref (each);
    }
  return TRUE;
}

static gboolean
find_tenant_by_domain (StUserStore *store, const char *domain, gint64 deadline_us, StTenant **found, GError **error)
{
  return find_tenant (((FakeUsers *) store)->fake, domain, 0, deadline_us, found, error);
}

static gboolean
find_tenant_by_id (StUserStore *store, gint id, gint64 deadline_us, StTenant **found, GError **error)
{
  return find_tenant (((FakeUsers *) store)->fake, NULL, id, deadline_us, found, error);
}

static gboolean
same_name (const char *a, const char *b)
{
  g_autofree char *lower_a = g_utf8_strdown (a, -1);
  g_autofree char *lower_b = g_utf8_strdown (b, -1);

  return strcmp (lower_a, lower_b) == 0;
}

/* With the lock held. @name: nullable: by id. */
static StUser *
lookup_user (FakeStore *fake, gint tenant_id, const char *name, gint id)
{
  for (guint i = 0; i < fake->user_records->len; i++)
    {
      StUser *each = g_ptr_array_index (fake->user_records, i);

      if (each->tenant_id == tenant_id && (name != NULL ? same_name (each->name, name) : each->id == id))
        return each;
    }
  return NULL;
}

static gboolean
find_any_user (FakeStore *fake, gint tenant_id, const char *name, gint id, gint64 deadline_us, StUser **found,
               GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&fake->lock);
  StUser *user;

  if (!play (fake, FAKE_USER, deadline_us, error))
    return FALSE;
  user = lookup_user (fake, tenant_id, name, id);
  *found = user != NULL ? st_user_ref (user) : NULL;
  return TRUE;
}

static gboolean
find_user (StUserStore *store, gint tenant_id, const char *name, gint64 deadline_us, StUser **found, GError **error)
{
  return find_any_user (((FakeUsers *) store)->fake, tenant_id, name, 0, deadline_us, found, error);
}

static gboolean
find_user_by_id (StUserStore *store, gint tenant_id, gint id, gint64 deadline_us, StUser **found, GError **error)
{
  return find_any_user (((FakeUsers *) store)->fake, tenant_id, NULL, id, deadline_us, found, error);
}

static gboolean
find_roles (StUserStore *store, gint tenant_id, const char *user_domain, const char *name, gint64 deadline_us,
            char ***roles, GError **error)
{
  FakeStore *fake = ((FakeUsers *) store)->fake;
  g_autofree char *key = roles_key (tenant_id, user_domain, name);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&fake->lock);
  char **known;

  if (!play (fake, FAKE_ROLES, deadline_us, error))
    return FALSE;
  known = g_hash_table_lookup (fake->roles, key);
  *roles = known != NULL ? g_strdupv (known) : g_new0 (char *, 1);
  return TRUE;
}

static gboolean
find_permissions (StUserStore *store, gint tenant_id, const char *action, GPtrArray *nodes, gint64 deadline_us,
                  GPtrArray *found, GError **error)
{
  FakeStore *fake = ((FakeUsers *) store)->fake;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&fake->lock);
  GPtrArray *all;

  if (!play (fake, FAKE_PERMISSIONS, deadline_us, error))
    return FALSE;
  all = g_hash_table_lookup (fake->permissions, GINT_TO_POINTER (tenant_id));
  for (guint i = 0; all != NULL && strcmp (action, "ui.execute") == 0 && i < all->len; i++)
    {
      const StPermission *each = g_ptr_array_index (all, i);

      if (g_ptr_array_find_with_equal_func (nodes, each->resource_id, g_str_equal, NULL))
        st_permissions_add (found, each->resource_id, each->role_domain, each->role_name, each->allowed);
    }
  return TRUE;
}

static gboolean
users_read_inline (StUserStore *store)
{
  return keys_read_inline (&((FakeUsers *) store)->fake->keys.store);
}

static void
users_free (StUserStore *store)
{
}

static const StKeyStoreInterface keys_interface = {
  .find_token = find_token,
  .find_subscription = find_subscription,
  .find_resources = find_resources,
  .find_scope = find_scope,
  .find_api_default = find_api_default,
  .reads_inline = keys_read_inline,
  .free = keys_free,
};

static const StUserStoreInterface users_interface = {
  .find_tenant_by_domain = find_tenant_by_domain,
  .find_tenant_by_id = find_tenant_by_id,
  .find_user = find_user,
  .find_user_by_id = find_user_by_id,
  .find_roles = find_roles,
  .find_permissions = find_permissions,
  .reads_inline = users_read_inline,
  .free = users_free,
};

static GHashTable *
new_table (GDestroyNotify free_value)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, free_value);
}

FakeStore *
fake_store_new (void)
{
  FakeStore *fake = g_new0 (FakeStore, 1);

  fake->keys = (FakeKeys){ { &keys_interface }, fake };
  fake->users = (FakeUsers){ { &users_interface }, fake };
  g_mutex_init (&fake->lock);
  g_cond_init (&fake->changed);
  fake->tokens = new_table ((GDestroyNotify) st_token_unref);
  fake->subscriptions = new_table ((GDestroyNotify) g_ptr_array_unref);
  fake->resources = new_table ((GDestroyNotify) st_resources_unref);
  fake->scopes = new_table ((GDestroyNotify) st_scope_unref);
  fake->api_defaults = new_table ((GDestroyNotify) st_api_default_unref);
  fake->roles = new_table ((GDestroyNotify) g_strfreev);
  fake->permissions = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) g_ptr_array_unref);
  fake->tenants = g_ptr_array_new_with_free_func ((GDestroyNotify) st_tenant_unref);
  fake->user_records = g_ptr_array_new_with_free_func ((GDestroyNotify) st_user_unref);
  return fake;
}

void
fake_store_free (FakeStore *fake)
{
  g_hash_table_unref (fake->tokens);
  g_hash_table_unref (fake->subscriptions);
  g_hash_table_unref (fake->resources);
  g_hash_table_unref (fake->scopes);
  g_hash_table_unref (fake->api_defaults);
  g_hash_table_unref (fake->roles);
  g_hash_table_unref (fake->permissions);
  g_ptr_array_unref (fake->tenants);
  g_ptr_array_unref (fake->user_records);
  g_cond_clear (&fake->changed);
  g_mutex_clear (&fake->lock);
  g_free (fake);
}

StKeyStore *
fake_store_keys (FakeStore *fake)
{
  return &fake->keys.store;
}

StUserStore *
fake_store_users (FakeStore *fake)
{
  return &fake->users.store;
}

static void
put (FakeStore *fake, GHashTable *table, char *key, gpointer value)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&fake->lock);

  g_hash_table_replace (table, key, value);
}

static void
drop (FakeStore *fake, GHashTable *table, const char *key)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&fake->lock);

  g_hash_table_remove (table, key);
}

void
fake_store_add_token (FakeStore *fake, const char *access_token, StToken *token)
{
  put (fake, fake->tokens, g_strdup (access_token), token);
}

void
fake_store_remove_token (FakeStore *fake, const char *access_token)
{
  drop (fake, fake->tokens, access_token);
}

void
fake_store_add_subscription (FakeStore *fake, const char *context, const char *consumer_key, gint api_tenant_id,
                             StSubscription *subscription)
{
  g_autofree char *key = subscription_key (context, consumer_key, api_tenant_id);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&fake->lock);
  GPtrArray *all = g_hash_table_lookup (fake->subscriptions, key);

  if (all == NULL)
    {
      all = g_ptr_array_new_with_free_func ((GDestroyNotify) st_subscription_unref);
      g_hash_table_insert (fake->subscriptions, g_steal_pointer (&key), all);
    }
  for (guint i = 0; i < all->len; i++)
    if (g_strcmp0 (((StSubscription *) g_ptr_array_index (all, i))->api_version, subscription->api_version) == 0)
      g_ptr_array_remove_index (all, i--);
  g_ptr_array_add (all, subscription);
}

void
fake_store_add_resources (FakeStore *fake, const char *context, const char *version, StResources *resources)
{
  put (fake, fake->resources, g_strdup_printf ("%s\n%s", context, version), resources);
}

void
fake_store_add_scope (FakeStore *fake, const char *resource_path, StScope *scope)
{
  put (fake, fake->scopes, g_strdup (resource_path), scope);
}

void
fake_store_remove_scope (FakeStore *fake, const char *resource_path)
{
  drop (fake, fake->scopes, resource_path);
}

void
fake_store_add_api_default (FakeStore *fake, const char *context, StApiDefault *api)
{
  put (fake, fake->api_defaults, g_strdup (context), api);
}

void
fake_store_add_tenant (FakeStore *fake, StTenant *tenant)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&fake->lock);

  for (guint i = 0; i < fake->tenants->len; i++)
    if (((StTenant *) g_ptr_array_index (fake->tenants, i))->id == tenant->id)
      g_ptr_array_remove_index (fake->tenants, i--);
  g_ptr_array_add (fake->tenants, tenant);
}

void
fake_store_add_user (FakeStore *fake, StUser *user)
{
  fake_store_remove_user (fake, user->tenant_id, user->name);
  g_mutex_lock (&fake->lock);
  g_ptr_array_add (fake->user_records, user);
  g_mutex_unlock (&fake->lock);
}

void
fake_store_remove_user (FakeStore *fake, gint tenant_id, const char *name)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&fake->lock);
  StUser *user = lookup_user (fake, tenant_id, name, 0);

  if (user != NULL)
    g_ptr_array_remove (fake->user_records, user);
}

void
fake_store_set_roles (FakeStore *fake, gint tenant_id, const char *user_domain, const char *name,
                      const char *const *roles)
{
  put (fake, fake->roles, roles_key (tenant_id, user_domain, name), g_strdupv ((char **) roles));
}

void
fake_store_add_permission (FakeStore *fake, gint tenant_id, const char *resource_id, const char *role_domain,
                           const char *role_name, gboolean allowed)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&fake->lock);
  GPtrArray *all = g_hash_table_lookup (fake->permissions, GINT_TO_POINTER (tenant_id));

  if (all == NULL)
    {
      all = st_permissions_new ();
      g_hash_table_insert (fake->permissions, GINT_TO_POINTER (tenant_id), all);
    }
  st_permissions_add (all, resource_id, role_domain, role_name, allowed);
}

void
fake_store_set_reads_inline (FakeStore *fake, gboolean reads_inline)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&fake->lock);

  fake->reads_inline = reads_inline;
}

void
fake_store_fail (FakeStore *fake, FakeKind kind, StError code, guint times)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&fake->lock);

  fake->scripts[kind].code = code;
  fake->scripts[kind].failures = times;
}

void
fake_store_hold (FakeStore *fake, FakeKind kind)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&fake->lock);

  fake->scripts[kind].held = TRUE;
}

void
fake_store_release (FakeStore *fake, FakeKind kind)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&fake->lock);

  fake->scripts[kind].held = FALSE;
  g_cond_broadcast (&fake->changed);
}

void
fake_store_wait_held (FakeStore *fake, FakeKind kind, guint n)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&fake->lock);

  while (fake->scripts[kind].n_held < n)
    g_cond_wait (&fake->changed, &fake->lock);
}

guint
fake_store_calls (FakeStore *fake, FakeKind kind)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&fake->lock);

  return fake->scripts[kind].calls;
}
