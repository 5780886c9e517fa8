#include "config.h"
#include "core/core-tenant.h"

#include "common/apim-log.h"
#include "core/core-password.h"
#include "core/core-realm-xml.h"
#include "core/core-tier.h"
#include "core/core-user-rules.h"
#include "store/st-admin.h"

#include <string.h>

#define MAX_DOMAIN 255

typedef struct
{
  const CorePortal *portal;
  const CoreNewTenant *tenant;
  const char *domain;
  gboolean active;
  StAdmin admin;
  StTenantRecord *record; /* (out) */
} Call;

/* Of every tenant, which is more than a tenant's own administration. */
static gboolean
check_actor (const CoreActor *actor, const char *what, GError **error)
{
  if (actor->tenant_id != ST_SUPER_TENANT_ID)
    return core_portal_fail (error, CORE_PORTAL_ERROR_FORBIDDEN, "only the super tenant's administrator may %s", what);
  return core_actor_require (actor, CORE_MAY_ADMINISTER, what, error);
}

static gboolean
is_domain (const char *domain)
{
  gsize length = strlen (domain);

  if (length == 0 || length > MAX_DOMAIN || strchr (domain, '.') == NULL || !g_ascii_isalnum (domain[0])
      || !g_ascii_isalnum (domain[length - 1]))
    return FALSE;
  for (gsize i = 0; i < length; i++)
    {
      gboolean mark = strchr (".-_", domain[i]) != NULL;

      if (!(g_ascii_islower (domain[i]) || g_ascii_isdigit (domain[i]) || mark)
          || (domain[i] == '.' && domain[i + 1] == '.'))
        return FALSE;
    }
  return TRUE;
}

void
core_tenant_check_domain (const char *domain, GPtrArray *violations)
{
  if (domain == NULL || !is_domain (domain))
    core_violations_add (
        violations, "domain",
        "The domain of a tenant has at most %d of a-z, 0-9, \".\", \"-\" and \"_\", begins and ends with "
        "a letter or digit, and has a \".\" within: example.com",
        MAX_DOMAIN);
}

gboolean
core_tenant_list (const CorePortal *portal, const CoreActor *actor, GPtrArray **records, GError **error)
{
  GError *why = NULL;

  return check_actor (actor, "see tenants", error)
         && (st_tenant_record_list (portal->user_rows, records, &why) || core_portal_fail_store (why, error));
}

static gboolean
find (StWriter *writer, Call *call, GError **error)
{
  g_clear_pointer (&call->record, st_tenant_record_free);
  if (!st_tenant_record_find (writer, call->domain, &call->record, error))
    return FALSE;
  return call->record != NULL
         || core_portal_fail (error, CORE_PORTAL_ERROR_NOT_FOUND, "there is no tenant %s", call->domain);
}

static gboolean
get (StWriter *writer, gpointer data, GError **error)
{
  return find (writer, data, error);
}

/* @done: what core_portal_write_users() said. */
static gboolean
finish (Call *call, gboolean done, StTenantRecord **record)
{
  if (!done)
    g_clear_pointer (&call->record, st_tenant_record_free);
  *record = call->record;
  return done;
}

gboolean
core_tenant_get (const CorePortal *portal, const CoreActor *actor, const char *domain, StTenantRecord **record,
                 GError **error)
{
  Call call = { .portal = portal, .domain = domain };

  return check_actor (actor, "see tenants", error)
         && finish (&call, core_portal_write_users (portal, get, &call, error), record);
}

static gboolean
check_rules (const CorePortal *portal, const CoreNewTenant *tenant, const char *admin_user, GError **error)
{
  g_autoptr (CoreUserRules) rules = core_user_rules_new (&portal->config->user_store);
  g_autoptr (GPtrArray) violations = core_violations_new ();
  g_autoptr (GError) bad_name = NULL;
  g_autoptr (GError) bad_password = NULL;

  core_tenant_check_domain (tenant->domain, violations);
  core_violations_check_text (violations, "email", tenant->email, 255);
  if (!core_user_rules_check_user_name (rules, admin_user, &bad_name))
    core_violations_add (violations, "adminUser", "%s", bad_name->message);
  if (tenant->admin_password == NULL)
    core_violations_add (violations, "adminPassword", "The administrator's password is missing.");
  else if (!core_user_rules_check_password (rules, tenant->admin_password, &bad_password))
    core_violations_add (violations, "adminPassword", "%s", bad_password->message);
  return core_violations_check (violations, error);
}

static gboolean
check_writable (const CorePortal *portal, const char *domain, GError **error)
{
  if (portal->config->user_store.read_only)
    return core_portal_fail (
        error, CORE_PORTAL_ERROR_CONFLICT,
        "the user store is read-only (user-mgt.xml, ReadOnly): no administrator can be made in it");
  return strcmp (domain, ST_SUPER_TENANT_DOMAIN) != 0
         || core_portal_fail (error, CORE_PORTAL_ERROR_CONFLICT, "%s is the super tenant", domain);
}

static gboolean
create (StWriter *writer, gpointer data, GError **error)
{
  Call *call = data;
  g_autofree char *realm = core_realm_xml (call->admin.name, call->admin.role);

  return st_write_add_tenant (writer, call->domain, call->tenant->email, realm, &call->admin.tenant_id, error)
         && st_write_tenant_domains (writer, call->admin.tenant_id, error)
         && st_write_admin (writer, &call->admin, error) && find (writer, call, error);
}

static gboolean
write_policies (StWriter *writer, gpointer data, GError **error)
{
  const Call *call = data;

  return core_tier_write_defaults (writer, call->portal->advanced_throttling, call->admin.tenant_id, error);
}

/* In another database, so not in the same transaction; who asks first makes them, too. */
static void
add_policies (Call *call)
{
  g_autoptr (GError) why = NULL;

  if (!call->portal->dry_run && !core_portal_write (call->portal, write_policies, call, &why))
    apim_warning ("portal", "the tenant %s was made, but not its throttling policies, which its first use makes: %s",
                  call->domain, why->message);
}

gboolean
core_tenant_create (const CorePortal *portal, const CoreActor *actor, const CoreNewTenant *tenant,
                    StTenantRecord **record, GError **error)
{
  const ApimUserStoreSettings *settings = &portal->config->user_store;
  const char *admin_user = tenant->admin_user != NULL ? tenant->admin_user : settings->admin_user;
  Call call = { .portal = portal, .tenant = tenant, .domain = tenant->domain };
  g_autofree char *salt = NULL;
  g_autofree char *hash = NULL;
  GError *why = NULL;

  if (!check_actor (actor, "make tenants", error) || !check_rules (portal, tenant, admin_user, error)
      || !check_writable (portal, tenant->domain, error))
    return FALSE;
  hash = core_password_hash (tenant->admin_password, settings, &salt, &why);
  if (hash == NULL)
    return core_portal_fail_store (why, error);
  call.admin = (StAdmin){ .name = admin_user, .role = settings->admin_role, .password_hash = hash, .salt = salt };
  if (!finish (&call, core_portal_write_users (portal, create, &call, error), record))
    return FALSE;
  add_policies (&call);
  core_portal_audit (portal, actor, "create", "tenant", tenant->domain, NULL);
  return TRUE;
}

static gboolean
set_active (StWriter *writer, gpointer data, GError **error)
{
  Call *call = data;

  if (!find (writer, call, error))
    return FALSE;
  if (call->record->active == call->active)
    return TRUE;
  call->record->active = call->active;
  return st_write_tenant_active (writer, call->record->id, call->active, error);
}

gboolean
core_tenant_set_active (const CorePortal *portal, const CoreActor *actor, const char *domain, gboolean active,
                        StTenantRecord **record, GError **error)
{
  Call call = { .portal = portal, .domain = domain, .active = active };

  if (!check_actor (actor, "switch tenants on and off", error)
      || !finish (&call, core_portal_write_users (portal, set_active, &call, error), record))
    return FALSE;
  core_portal_audit (portal, actor, active ? "activate" : "deactivate", "tenant", domain, NULL);
  return TRUE;
}
