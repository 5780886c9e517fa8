#include "config.h"
#include "core/core-user.h"

#include "common/apim-log.h"
#include "core/core-authenticator.h"
#include "core/core-password.h"
#include "core/core-user-rules.h"
#include "core/core-workflow.h"
#include "store/st-application-record.h"
#include "store/st-user-claims.h"
#include "store/st-user-writes.h"

#include <string.h>

/* Sign-up of one user, on its way. */
typedef struct
{
  const CorePortal *portal;
  const CoreSignUp *sign_up;
  char *name; /* without the tenant */
  StTenant *tenant;
  CoreActor *actor; /* nobody, in the tenant */
  gboolean waits;
} Call;

static void
call_clear (Call *call)
{
  g_free (call->name);
  g_clear_pointer (&call->tenant, st_tenant_unref);
  g_clear_pointer (&call->actor, core_actor_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Call, call_clear)

static const ApimUserStoreSettings *
settings_of (const CorePortal *portal)
{
  return &portal->config->user_store;
}

/* The name in the primary user store, without its domain. */
static gboolean
read_name (const char *text, char **name, GError **error)
{
  const char *bare;
  g_autofree char *domain = st_user_name_split (text, &bare);

  if (strcmp (domain, ST_PRIMARY_USER_DOMAIN) != 0)
    return core_portal_fail (error, CORE_PORTAL_ERROR_INVALID,
                             "Only users of the primary user store are made and changed here.");
  *name = g_strdup (bare);
  return TRUE;
}

static gboolean
find_tenant (Call *call, GError **error)
{
  GError *why = NULL;

  if (!core_authenticator_split_tenant (call->portal->users, call->name, 0, &call->tenant, &why))
    return core_portal_fail_store (why, error);
  if (call->tenant == NULL || !call->tenant->active)
    return core_portal_fail (error, CORE_PORTAL_ERROR_NOT_FOUND, "There is no such tenant.");
  call->actor = core_actor_new_visitor (call->tenant);
  return TRUE;
}

static gboolean
check_rules (const CorePortal *portal, const char *name, const char *password, GError **error)
{
  g_autoptr (CoreUserRules) rules = core_user_rules_new (settings_of (portal));
  g_autoptr (GPtrArray) violations = core_violations_new ();
  g_autoptr (GError) bad_name = NULL;
  g_autoptr (GError) bad_password = NULL;

  if (name != NULL && !core_user_rules_check_user_name (rules, name, &bad_name))
    core_violations_add (violations, "username", "%s", bad_name->message);
  if (!core_user_rules_check_password (rules, password, &bad_password))
    core_violations_add (violations, "password", "%s", bad_password->message);
  return core_violations_check (violations, error);
}

/* What a user of the name who is gone has left would be the new one's. */
static gboolean
check_leftovers (StWriter *writer, gpointer data, GError **error)
{
  const Call *call = data;
  g_autoptr (CoreActor) user
      = core_actor_new (NULL, call->name, call->tenant, (const char *const[]){ NULL }, 0);
  gint64 subscriber;

  return st_subscriber_find (writer, call->tenant->id, user->name, &subscriber, error)
         && (subscriber == 0
             || core_portal_fail (error, CORE_PORTAL_ERROR_CONFLICT, "there is a user of this name already"));
}

/* As the tenant names their attributes; what it has no name for is not kept. */
static gboolean
add_claims (const Call *call, gint id, GError **error)
{
  const struct
  {
    const char *uri, *value;
  } claims[] = { { ST_DEFAULT_CLAIM_DIALECT "/givenname", call->sign_up->first_name },
                 { ST_DEFAULT_CLAIM_DIALECT "/lastname", call->sign_up->last_name },
                 { ST_DEFAULT_CLAIM_DIALECT "/emailaddress", call->sign_up->email } };
  StUserAttribute attributes[G_N_ELEMENTS (claims)];
  g_autoptr (GPtrArray) mappings = NULL;
  guint n = 0;

  if (!st_claim_mappings_find (call->portal->user_rows, call->tenant->id, ST_DEFAULT_CLAIM_DIALECT, 0,
                               &mappings, error))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (claims); i++)
    for (guint j = 0; claims[i].value != NULL && j < mappings->len; j++)
      {
        const StClaimMapping *mapping = mappings->pdata[j];

        if (strcmp (mapping->uri, claims[i].uri) == 0)
          attributes[n++] = (StUserAttribute){ mapping->attribute, claims[i].value };
      }
  return st_user_attributes_set (call->portal->user_rows, settings_of (call->portal), call->tenant->id, id,
                                 attributes, n, 0, error);
}

static gboolean
give_role (const CorePortal *portal, gint tenant_id, gint user_id, GError **error)
{
  const char *const roles[] = { portal->config->sign_up_role, NULL };

  return st_user_change_roles (portal->user_rows, settings_of (portal), tenant_id, user_id, roles, NULL, 0,
                               error);
}

static gboolean
add_account (const Call *call, gint *id, GError **error)
{
  StNewUser user = { .tenant_id = call->tenant->id, .name = call->name };
  g_autofree char *salt = NULL;
  g_autofree char *hash
      = core_password_hash (call->sign_up->password, settings_of (call->portal), &salt, error);

  user.password_hash = hash;
  user.salt = salt;
  return hash != NULL
         && st_user_add (call->portal->user_rows, settings_of (call->portal), &user, 0, id, error);
}

static gboolean
add_task (StWriter *writer, gpointer data, GError **error)
{
  Call *call = data;
  g_autofree char *description = g_strdup_printf ("Sign-up of the user %s", call->name);
  g_autofree char *reference = NULL;
  gboolean waits;

  return core_workflow_begin (writer, call->portal, call->actor, APIM_WORKFLOW_USER_SIGN_UP, call->name,
                              description, &waits, &reference, error);
}

/* What opens the Store comes last: an account without a role may do nothing, and a task without an account
 * could be approved for somebody else. */
static gboolean
make (Call *call, GError **error)
{
  const CorePortal *portal = call->portal;
  GError *why = NULL;
  gint id = 0;

  if (!add_account (call, &id, &why))
    return core_portal_fail_store (why, error);
  if (add_claims (call, id, &why)
      && (call->waits ? core_portal_write (portal, add_task, call, &why)
                      : give_role (portal, call->tenant->id, id, &why)))
    return TRUE;
  if (!st_user_delete (portal->user_rows, settings_of (portal), call->tenant->id, id, 0, NULL))
    apim_log (APIM_LOG_WARNING, "portal",
              "the account \"%s\" was made, but its sign-up failed: it has no role, and is to be deleted",
              call->name);
  return core_portal_fail_store (why, error);
}

gboolean
core_user_sign_up (const CorePortal *portal, const CoreSignUp *sign_up, gboolean *waits, GError **error)
{
  g_auto (Call) call = { .portal = portal, .sign_up = sign_up };

  if (!portal->config->self_sign_up)
    return core_portal_fail (error, CORE_PORTAL_ERROR_FORBIDDEN,
                             "Nobody signs up here: ask an administrator for an account.");
  call.waits = core_workflow_waits (portal, APIM_WORKFLOW_USER_SIGN_UP);
  if (!read_name (sign_up->name, &call.name, error) || !find_tenant (&call, error)
      || !check_rules (portal, call.name, sign_up->password, error)
      || !core_portal_read (portal, check_leftovers, &call, error) || !make (&call, error))
    return FALSE;
  core_portal_audit (portal, call.actor, "sign-up", "user", call.name, call.waits ? "waits" : NULL);
  *waits = call.waits;
  return TRUE;
}

gboolean
core_user_set_password (const CorePortal *portal, const StUser *user, const char *password, GError **error)
{
  g_autoptr (StTenant) tenant = NULL;
  g_autoptr (CoreActor) actor = NULL;
  g_autofree char *salt = NULL;
  g_autofree char *hash = NULL;
  GError *why = NULL;

  if (!check_rules (portal, NULL, password, error))
    return FALSE;
  hash = core_password_hash (password, settings_of (portal), &salt, &why);
  if (hash == NULL || !st_user_store_find_tenant_by_id (portal->users, user->tenant_id, 0, &tenant, &why)
      || !st_user_set_password (portal->user_rows, settings_of (portal), user->tenant_id, user->id, hash,
                                salt, 0, &why))
    return core_portal_fail_store (why, error);
  actor = tenant != NULL ? core_actor_new (NULL, user->name, tenant, (const char *const[]){ NULL }, 0) : NULL;
  if (actor != NULL)
    core_portal_audit (portal, actor, "change password", "user", user->name, NULL);
  return TRUE;
}

/* Deciding */

static gboolean
delete_account (const CorePortal *portal, const StUser *user, GError **error)
{
  g_auto (GStrv) roles = NULL;

  if (!st_user_store_find_roles (portal->users, user->tenant_id, ST_PRIMARY_USER_DOMAIN, user->name, 0,
                                 &roles, error))
    return FALSE;
  if (roles[0] != NULL)
    return core_portal_fail (
        error, CORE_PORTAL_ERROR_CONFLICT,
        "the user \"%s\" was given roles meanwhile, and is not deleted: take them away first", user->name);
  return st_user_delete (portal->user_rows, settings_of (portal), user->tenant_id, user->id, 0, error);
}

gboolean
core_user_decide (const CorePortal *portal, const CoreActor *actor, const char *name, gboolean approved,
                  GError **error)
{
  g_autofree char *suffix = g_strconcat ("@", actor->tenant_domain, NULL);
  g_autofree char *bare = NULL;
  g_autoptr (StUser) user = NULL;
  GError *why = NULL;

  if (!read_name (name, &bare, error))
    return FALSE;
  /* As another node may have written it. */
  if (g_str_has_suffix (bare, suffix))
    bare[strlen (bare) - strlen (suffix)] = '\0';
  if (!st_user_store_find_user (portal->users, actor->tenant_id, bare, 0, &user, &why))
    return core_portal_fail_store (why, error);
  if (user == NULL)
    return !approved
           || core_portal_fail (error, CORE_PORTAL_ERROR_CONFLICT, "the user \"%s\" is not there any more",
                                bare);
  if (portal->dry_run)
    return TRUE;
  return (approved ? give_role (portal, user->tenant_id, user->id, &why)
                   : delete_account (portal, user, &why))
         || core_portal_fail_store (why, error);
}
