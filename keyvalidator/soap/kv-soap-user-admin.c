/* UserAdmin, as far as the Store asks for it (spec/soap-and-oauth.md 3.4): whether its credentials are an
 * administrator's, and which roles somebody who signed up is given. */
#include "config.h"
#include "keyvalidator/soap/kv-soap-users.h"

#define COMMON "http://common.mgt.user.carbon.wso2.org/xsd"

static const SoapField flagged_name_fields[] = {
  { .name = "dn", .type = "string" },        { .name = "domainName", .type = "string" },
  { .name = "editable", .type = "boolean" }, { .name = "itemDisplayName", .type = "string" },
  { .name = "itemName", .type = "string" },  { .name = "readOnly", .type = "boolean" },
  { .name = "roleType", .type = "string" },  { .name = "selected", .type = "boolean" },
  { .name = "shared", .type = "boolean" },   { NULL },
};

static const SoapBean flagged_name = { "FlaggedName", COMMON, flagged_name_fields };

static const SoapField flagged_names[] = { { .name = "return", .many = TRUE, .bean = &flagged_name }, { NULL } };

static const SoapField update_parameters[] = {
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
get_roles_of_current_user (SoapCall *call, GError **error)
{
  g_auto (GStrv) roles = NULL;

  if (!kv_soap_user_roles (call, kv_soap_user_of (call), &roles, error))
    return FALSE;
  for (char **role = roles; *role != NULL; role++)
    write_role (call->output, *role);
  return TRUE;
}

/* Those of @from that are not in @others. Free the list with g_free(). */
static const char **
without (const char *const *from, const char *const *others)
{
  g_autoptr (GPtrArray) left = g_ptr_array_new ();

  for (; *from != NULL; from++)
    if (!kv_soap_has_role (others, *from))
      g_ptr_array_add (left, (gpointer) *from);
  g_ptr_array_add (left, NULL);
  return (const char **) g_ptr_array_free (g_steal_pointer (&left), FALSE);
}

/* The user has the given roles afterwards, and no others. */
static gboolean
update_roles_of_user (SoapCall *call, GError **error)
{
  g_autofree const char **after = soap_parameter_list (call->operation, "newUserList");
  g_autofree const char **add = NULL;
  g_autofree const char **remove = NULL;
  g_autoptr (StUser) user = NULL;
  g_auto (GStrv) before = NULL;

  if (!kv_soap_user_need (call, &user, error) || !kv_soap_user_roles (call, user, &before, error))
    return FALSE;
  add = without (after, (const char *const *) before);
  remove = without ((const char *const *) before, after);
  return kv_soap_user_change_roles (call, user, add, remove, error);
}

static const SoapOperation operations[] = {
  { "getRolesOfCurrentUser", NULL, flagged_names, get_roles_of_current_user },
  { "updateRolesOfUser", update_parameters, NULL, update_roles_of_user },
  { NULL },
};

const SoapService kv_soap_user_admin = {
  .name = "UserAdmin",
  .namespace = KV_SOAP_AXIS2,
  .target = "http://mgt.user.carbon.wso2.org",
  .exception = "UserAdminException",
  .operations = operations,
};
