#include "config.h"
#include "keyvalidator/soap/kv-soap-users.h"

#include "core/core-password.h"
#include "core/core-permission.h"
#include "core/core-user-rules.h"
#include "store/st-user-writes.h"

#include <string.h>

gboolean
kv_soap_fail_user_store (GError *why, GError **error)
{
  if (!g_error_matches (why, ST_ERROR, ST_ERROR_CONFLICT) && !g_error_matches (why, ST_ERROR, ST_ERROR_SETUP)
      && !g_error_matches (why, ST_ERROR, ST_ERROR_DATA))
    {
      g_propagate_error (error, why);
      return FALSE;
    }
  soap_fail (error, why->message);
  g_error_free (why);
  return FALSE;
}

gboolean
kv_soap_has_role (const char *const *roles, const char *role)
{
  for (; *roles != NULL; roles++)
    if (g_ascii_strcasecmp (*roles, role) == 0)
      return TRUE;
  return FALSE;
}

/* The name in the user store. NULL: it is of another one. Free with g_free(). */
static char *
primary_name (const char *name)
{
  static const char own_tenant[] = "@carbon.super";
  const char *bare;
  g_autofree char *domain = st_user_name_split (name, &bare);
  gsize length = strlen (bare);

  if (strcmp (domain, ST_PRIMARY_USER_DOMAIN) != 0)
    return NULL;
  if (length > strlen (own_tenant) && g_str_has_suffix (bare, own_tenant))
    length -= strlen (own_tenant);
  return g_strndup (bare, length);
}

gboolean
kv_soap_user_find (SoapCall *call, const char *name, StUser **user, GError **error)
{
  g_autofree char *bare = g_utf8_validate (name, -1, NULL) ? primary_name (name) : NULL;

  *user = NULL;
  return bare == NULL
         || st_user_store_find_user (kv_soap_admin_of (call)->oauth->stores.users, ST_SUPER_TENANT_ID, bare, call->deadline_us,
                                     user, error);
}

gboolean
kv_soap_user_need (SoapCall *call, StUser **user, GError **error)
{
  const char *name;

  if (!soap_parameter_need (call->operation, "userName", &name, error)
      || !kv_soap_user_find (call, name, user, error))
    return FALSE;
  return *user != NULL || soap_fail (error, "There is no such user in the primary user store.");
}

static gboolean
find_stored_roles (SoapCall *call, const StUser *user, char ***roles, GError **error)
{
  return st_user_store_find_roles (kv_soap_admin_of (call)->oauth->stores.users, ST_SUPER_TENANT_ID, ST_PRIMARY_USER_DOMAIN,
                                   user->name, call->deadline_us, roles, error);
}

gboolean
kv_soap_user_roles (SoapCall *call, const StUser *user, char ***roles, GError **error)
{
  g_autoptr (GStrvBuilder) all = g_strv_builder_new ();
  g_auto (GStrv) stored = NULL;

  if (!find_stored_roles (call, user, &stored, error))
    return FALSE;
  g_strv_builder_addv (all, (const char **) stored);
  g_strv_builder_add (all, CORE_ROLE_EVERYONE);
  *roles = g_strv_builder_end (all);
  return TRUE;
}

static gboolean
is_administrator (SoapCall *call, const StUser *user, gboolean *administrator, GError **error)
{
  g_auto (GStrv) roles = NULL;

  if (!find_stored_roles (call, user, &roles, error))
    return FALSE;
  *administrator = kv_soap_has_role ((const char *const *) roles, kv_soap_admin_of (call)->config->user_store.admin_role);
  return TRUE;
}

/* A stranger who signs up is nobody's administrator. */
static gboolean
check_caller_is_administrator (SoapCall *call, const char *reason, GError **error)
{
  gboolean administrator = FALSE;

  if (kv_soap_user_of (call) != NULL && !is_administrator (call, kv_soap_user_of (call), &administrator, error))
    return FALSE;
  return administrator || soap_fail (error, reason);
}

gboolean
kv_soap_user_check_rank (SoapCall *call, const StUser *user, GError **error)
{
  gboolean administrator;

  return is_administrator (call, user, &administrator, error)
         && (!administrator
             || check_caller_is_administrator (call, "The account of an administrator is for administrators.", error));
}

static gboolean
check_roles (SoapCall *call, const char *const *add, const char *const *remove, GError **error)
{
  const char *admin_role = kv_soap_admin_of (call)->config->user_store.admin_role;

  return (!(add != NULL && kv_soap_has_role (add, admin_role))
          && !(remove != NULL && kv_soap_has_role (remove, admin_role)))
         || check_caller_is_administrator (call, "The role of administrators is given and taken by those who have it.",
                                           error);
}

/* This node does not wait for the change feed. */
static void
forget_user (SoapCall *call, const StUser *user)
{
  KvMemory *memory = kv_soap_admin_of (call)->oauth->stores.memory;

  if (memory != NULL)
    kv_cache_invalidate (memory->cache, kv_memory_tag_user (memory, ST_SUPER_TENANT_ID, user->name));
}

gboolean
kv_soap_user_change_roles (SoapCall *call, const StUser *user, const char *const *add, const char *const *remove,
                           GError **error)
{
  KvSoapAdmin *admin = kv_soap_admin_of (call);
  GError *why = NULL;

  if (!check_roles (call, add, remove, error))
    return FALSE;
  if (!st_user_change_roles (admin->user_database, &admin->config->user_store, ST_SUPER_TENANT_ID, user->id, add,
                             remove, call->deadline_us, &why))
    return kv_soap_fail_user_store (why, error);
  forget_user (call, user);
  return TRUE;
}

static gboolean
check_rules (const ApimUserStoreSettings *settings, const char *name, const char *password, GError **error)
{
  g_autoptr (CoreUserRules) rules = core_user_rules_new (settings);
  g_autoptr (GError) why = NULL;

  if ((name == NULL || core_user_rules_check_user_name (rules, name, &why))
      && core_user_rules_check_password (rules, password, &why))
    return TRUE;
  return soap_fail (error, why->message);
}

gboolean
kv_soap_user_add (SoapCall *call, const char *name, const char *password, const char *const *roles, gint *id,
                  GError **error)
{
  const ApimUserStoreSettings *settings = &kv_soap_admin_of (call)->config->user_store;
  g_autofree char *bare = primary_name (name);
  StNewUser user = { .tenant_id = ST_SUPER_TENANT_ID, .name = bare, .roles = roles };
  g_autofree char *salt = NULL;
  g_autofree char *hash = NULL;
  GError *why = NULL;

  if (bare == NULL)
    return soap_fail (error, "Users are added to the primary user store only.");
  if (!check_rules (settings, bare, password, error) || !check_roles (call, roles, NULL, error))
    return FALSE;
  hash = core_password_hash (password, settings, &salt, error);
  if (hash == NULL)
    return FALSE;
  user.password_hash = hash;
  user.salt = salt;
  return st_user_add (kv_soap_admin_of (call)->user_database, settings, &user, call->deadline_us, id, &why)
         || kv_soap_fail_user_store (why, error);
}

gboolean
kv_soap_user_set_password (SoapCall *call, const StUser *user, const char *password, GError **error)
{
  const ApimUserStoreSettings *settings = &kv_soap_admin_of (call)->config->user_store;
  g_autofree char *salt = NULL;
  g_autofree char *hash = NULL;
  GError *why = NULL;

  if (!check_rules (settings, NULL, password, error))
    return FALSE;
  hash = core_password_hash (password, settings, &salt, error);
  if (hash == NULL)
    return FALSE;
  if (!st_user_set_password (kv_soap_admin_of (call)->user_database, settings, ST_SUPER_TENANT_ID, user->id, hash, salt,
                             call->deadline_us, &why))
    return kv_soap_fail_user_store (why, error);
  forget_user (call, user);
  return TRUE;
}
