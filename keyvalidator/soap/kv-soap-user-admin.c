/* UserAdmin, as far as the Store asks for it (spec/soap-and-oauth.md 3.4): whether its credentials are an
 * administrator's, and which roles somebody who signed up is given. */
#include "config.h"
#include "keyvalidator/soap/kv-soap-admin.h"

#include "core/core-permission.h"
#include "store/st-user-writes.h"

#include <string.h>

#define COMMON "http://common.mgt.user.carbon.wso2.org/xsd"

static const KvSoapField flagged_name_fields[] = {
  { .name = "dn", .type = "string" },        { .name = "domainName", .type = "string" },
  { .name = "editable", .type = "boolean" }, { .name = "itemDisplayName", .type = "string" },
  { .name = "itemName", .type = "string" },  { .name = "readOnly", .type = "boolean" },
  { .name = "roleType", .type = "string" },  { .name = "selected", .type = "boolean" },
  { .name = "shared", .type = "boolean" },
  { NULL },
};

static const KvSoapBean flagged_name = { "FlaggedName", COMMON, flagged_name_fields };

static const KvSoapField flagged_names[] = { { .name = "return", .many = TRUE, .bean = &flagged_name }, { NULL } };

static const KvSoapField update_parameters[] = {
  { .name = "userName", .type = "string" },
  { .name = "newUserList", .type = "string", .many = TRUE }, /* the roles; so named in the service */
  { NULL },
};

static void
write_role (NetBuffer *output, const char *role)
{
  SOAP_WRITE_MARKUP (output, "<ns:return>");
  soap_write_text (output, "b:dn", NULL);
  soap_write_text (output, "b:domainName", NULL);
  soap_write_boolean (output, "b:editable", TRUE);
  soap_write_text (output, "b:itemDisplayName", NULL);
  soap_write_text (output, "b:itemName", role);
  soap_write_boolean (output, "b:readOnly", FALSE);
  soap_write_text (output, "b:roleType", NULL);
  soap_write_boolean (output, "b:selected", TRUE);
  soap_write_boolean (output, "b:shared", FALSE);
  SOAP_WRITE_MARKUP (output, "</ns:return>");
}

static gboolean
get_roles_of_current_user (KvSoapAdminCall *call, GError **error)
{
  g_auto (GStrv) roles = NULL;

  if (!st_user_store_find_roles (call->admin->oauth->stores.users, ST_SUPER_TENANT_ID, ST_PRIMARY_USER_DOMAIN,
                                 call->user->name, call->deadline_us, &roles, error))
    return FALSE;
  for (char **role = roles; *role != NULL; role++)
    write_role (call->output, *role);
  write_role (call->output, CORE_ROLE_EVERYONE);
  return TRUE;
}

static gboolean
has_role (const char *const *roles, const char *role)
{
  for (; *roles != NULL; roles++)
    if (g_ascii_strcasecmp (*roles, role) == 0)
      return TRUE;
  return FALSE;
}

/* The caller may manage the server, which is less than to make administrators. */
static gboolean
check_admin_role (KvSoapAdminCall *call, const char *const *before, const char *const *after, GError **error)
{
  const char *admin_role = call->admin->config->user_store.admin_role;

  if (has_role (before, admin_role) == has_role (after, admin_role))
    return TRUE;
  return kv_soap_fail (error, "The role of administrators is not given or taken here.");
}

/* Those of @from that are not in @others. Free the list with g_free(). */
static const char **
without (const char *const *from, const char *const *others)
{
  g_autoptr (GPtrArray) left = g_ptr_array_new ();

  for (; *from != NULL; from++)
    if (!has_role (others, *from))
      g_ptr_array_add (left, (gpointer) *from);
  g_ptr_array_add (left, NULL);
  return (const char **) g_ptr_array_free (g_steal_pointer (&left), FALSE);
}

static gboolean
find_user (KvSoapAdminCall *call, StUser **user, GError **error)
{
  const char *name, *bare;
  g_autofree char *domain = NULL;

  if (!kv_soap_parameter_need (call->operation, "userName", &name, error))
    return FALSE;
  domain = st_user_name_split (name, &bare);
  if (strcmp (domain, ST_PRIMARY_USER_DOMAIN) != 0)
    return kv_soap_fail (error, "Only users of the primary user store are changed here.");
  if (!st_user_store_find_user (call->admin->oauth->stores.users, ST_SUPER_TENANT_ID, bare, call->deadline_us, user,
                                error))
    return FALSE;
  return *user != NULL || kv_soap_fail (error, "There is no such user.");
}

/* The user has the given roles afterwards, and no others. */
static gboolean
update_roles_of_user (KvSoapAdminCall *call, GError **error)
{
  KvSoapAdmin *admin = call->admin;
  KvMemory *memory = admin->oauth->stores.memory;
  g_autofree const char **after = kv_soap_parameter_list (call->operation, "newUserList");
  g_autofree const char **add = NULL;
  g_autofree const char **remove = NULL;
  g_autoptr (StUser) user = NULL;
  g_autoptr (GError) why = NULL;
  g_auto (GStrv) before = NULL;

  if (!find_user (call, &user, error)
      || !st_user_store_find_roles (admin->oauth->stores.users, ST_SUPER_TENANT_ID, ST_PRIMARY_USER_DOMAIN, user->name,
                                    call->deadline_us, &before, error)
      || !check_admin_role (call, (const char *const *) before, after, error))
    return FALSE;
  add = without (after, (const char *const *) before);
  remove = without ((const char *const *) before, after);
  if (st_user_change_roles (admin->user_database, &admin->config->user_store, ST_SUPER_TENANT_ID, user->id, add, remove,
                            call->deadline_us, &why))
    {
      if (memory != NULL)
        kv_cache_invalidate (memory->cache, kv_memory_tag_user (memory, ST_SUPER_TENANT_ID, user->name));
      return TRUE;
    }
  if (g_error_matches (why, ST_ERROR, ST_ERROR_CONFLICT) || g_error_matches (why, ST_ERROR, ST_ERROR_SETUP))
    return kv_soap_fail (error, why->message);
  g_propagate_error (error, g_steal_pointer (&why));
  return FALSE;
}

static const KvSoapOperation operations[] = {
  { "getRolesOfCurrentUser", NULL, flagged_names, get_roles_of_current_user },
  { "updateRolesOfUser", update_parameters, NULL, update_roles_of_user },
  { NULL },
};

const KvSoapAdminService kv_soap_user_admin = {
  .name = "UserAdmin",
  .namespace = KV_SOAP_AXIS2,
  .target = "http://mgt.user.carbon.wso2.org",
  .exception = "UserAdminException",
  .operations = operations,
};
