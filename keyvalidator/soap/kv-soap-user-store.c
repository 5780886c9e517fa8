/* RemoteUserStoreManagerService: a user store at a distance, as far as a Store or another product needs it to let
 * people in, sign them up and know their roles and claims (spec/soap-and-oauth.md 3.4).
 *
 * Of the super tenant's PRIMARY user store. Profiles other than "default" are not kept: any name of one means it.
 * requirePasswordChange is not kept either: nothing here could make a user change his password. Not there: making
 * roles, deleting users (their tokens would go on), attributes by their own names. */
#include "config.h"
#include "keyvalidator/soap/kv-soap-users.h"

#include "store/st-user-claims.h"
#include "store/st-user-lists.h"
#include "store/st-user-writes.h"

#include <string.h>

#define NAMESPACE "http://service.ws.um.carbon.wso2.org"

/* Users */

static gboolean
write_names (SoapCall *call, char **names)
{
  for (char **name = names; *name != NULL; name++)
    soap_write_text (call->output, "ns:return", *name);
  return TRUE;
}

/* Tries are counted as at every other door. */
static gboolean
authenticate (SoapCall *call, GError **error)
{
  const char *name = soap_parameter (call->operation, "userName");
  const char *password = soap_parameter (call->operation, "credential");
  g_autoptr (StUser) user = NULL;
  CoreLogin result = CORE_LOGIN_REFUSED;

  if (name != NULL && password != NULL)
    result = core_authenticator_login (kv_soap_admin_of (call)->oauth->authenticator, name, -1, password, -1,
                                     net_http_exchange_peer (call->exchange), call->deadline_us, &user);
  if (result == CORE_LOGIN_STORE_FAILED)
    return soap_fail (error, "The user store is not available.");
  soap_write_boolean (call->output, "ns:return", result == CORE_LOGIN_OK);
  return TRUE;
}

static gboolean
is_existing_user (SoapCall *call, GError **error)
{
  g_autoptr (StUser) user = NULL;
  const char *name;

  if (!soap_parameter_need (call->operation, "userName", &name, error)
      || !kv_soap_user_find (call, name, &user, error))
    return FALSE;
  soap_write_boolean (call->output, "ns:return", user != NULL);
  return TRUE;
}

/* maxItemLimit: what is missing, below 0 or above user-mgt.xml's limit is that limit. */
static gboolean
list_users (SoapCall *call, GError **error)
{
  const ApimUserStoreSettings *settings = &kv_soap_admin_of (call)->config->user_store;
  const char *filter = soap_parameter (call->operation, "filter");
  const char *text = soap_parameter (call->operation, "maxItemLimit");
  g_auto (GStrv) names = NULL;
  gint64 limit = -1;

  if (text != NULL && !g_ascii_string_to_signed (text, 10, G_MININT, G_MAXINT, &limit, NULL))
    return soap_fail (error, "The parameter \"maxItemLimit\" is not a number.");
  if (limit < 0 || limit > settings->max_user_list)
    limit = settings->max_user_list;
  if (!st_users_list (kv_soap_admin_of (call)->user_database, ST_SUPER_TENANT_ID, filter != NULL ? filter : "*", (guint) limit,
                      call->deadline_us, &names, error))
    return FALSE;
  return write_names (call, names);
}

static gboolean
find_mappings (SoapCall *call, GPtrArray **mappings, GError **error)
{
  return st_claim_mappings_find (kv_soap_admin_of (call)->user_database, ST_SUPER_TENANT_ID, ST_DEFAULT_CLAIM_DIALECT,
                                 call->deadline_us, mappings, error);
}

/* Roles are no attribute, so they are not written as a claim. */
static gboolean
add_attribute (GArray *attributes, const GPtrArray *mappings, const char *uri, const char *value, GError **error)
{
  for (guint i = 0; i < mappings->len; i++)
    {
      const StClaimMapping *mapping = mappings->pdata[i];
      const StUserAttribute attribute = { mapping->attribute, value };

      if (strcmp (mapping->uri, uri) != 0 || strcmp (uri, ST_ROLE_CLAIM) == 0)
        continue;
      g_array_append_val (attributes, attribute);
      return TRUE;
    }
  return soap_fail (error, "There is no such claim, or it is not one that is written.");
}

/* The parameters "claims", as attributes. @attributes: of StUserAttribute; texts are of @mappings and the call. */
static gboolean
read_claims (SoapCall *call, const GPtrArray *mappings, GArray *attributes, GError **error)
{
  for (const SoapElement *at = NULL; (at = soap_element_next_named (call->operation, at, "claims")) != NULL;)
    {
      const char *uri;

      if (!at->nil
          && (!soap_parameter_need (at, "claimURI", &uri, error)
              || !add_attribute (attributes, mappings, uri, soap_parameter (at, "value"), error)))
        return FALSE;
    }
  return TRUE;
}

static gboolean
set_attributes (SoapCall *call, gint user_id, const GArray *attributes, GError **error)
{
  GError *why = NULL;

  return st_user_attributes_set (kv_soap_admin_of (call)->user_database, &kv_soap_admin_of (call)->config->user_store, ST_SUPER_TENANT_ID,
                                 user_id, (const StUserAttribute *) attributes->data, attributes->len,
                                 call->deadline_us, &why)
         || kv_soap_fail_user_store (why, error);
}

/* A user whose claims cannot be kept is not made. */
static gboolean
add_user (SoapCall *call, GError **error)
{
  const ApimUserStoreSettings *settings = &kv_soap_admin_of (call)->config->user_store;
  g_autofree const char **roles = soap_parameter_list (call->operation, "roleList");
  g_autoptr (GArray) attributes = g_array_new (FALSE, FALSE, sizeof (StUserAttribute));
  g_autoptr (GPtrArray) mappings = NULL;
  const char *name, *password;
  gint id;

  if (!soap_parameter_need (call->operation, "userName", &name, error)
      || !soap_parameter_need (call->operation, "credential", &password, error)
      || !find_mappings (call, &mappings, error) || !read_claims (call, mappings, attributes, error)
      || !kv_soap_user_add (call, name, password, roles, &id, error))
    return FALSE;
  if (set_attributes (call, id, attributes, error))
    return TRUE;
  st_user_delete (kv_soap_admin_of (call)->user_database, settings, ST_SUPER_TENANT_ID, id, call->deadline_us, NULL);
  return FALSE;
}

/* With the old password, which is checked as a login is. */
static gboolean
update_credential (SoapCall *call, GError **error)
{
  const char *name, *old, *new;
  g_autoptr (StUser) known = NULL;
  g_autoptr (StUser) user = NULL;
  CoreLogin result;

  if (!soap_parameter_need (call->operation, "newCredential", &new, error)
      || !soap_parameter_need (call->operation, "oldCredential", &old, error)
      || !soap_parameter_need (call->operation, "userName", &name, error)
      || !kv_soap_user_need (call, &known, error))
    return FALSE;
  result = core_authenticator_login (kv_soap_admin_of (call)->oauth->authenticator, known->name, -1, old, -1,
                                   net_http_exchange_peer (call->exchange), call->deadline_us, &user);
  if (result == CORE_LOGIN_STORE_FAILED)
    return soap_fail (error, "The user store is not available.");
  if (result != CORE_LOGIN_OK)
    return soap_fail (error, "The old password is wrong, or there were too many tries.");
  return kv_soap_user_set_password (call, user, new, error);
}

/* Without it. Not for administrators: who may only manage the server must not become one in this way. */
static gboolean
update_credential_by_admin (SoapCall *call, GError **error)
{
  g_autoptr (StUser) user = NULL;
  const char *new;

  return soap_parameter_need (call->operation, "newCredential", &new, error)
         && kv_soap_user_need (call, &user, error) && kv_soap_user_check_rank (call, user, error)
         && kv_soap_user_set_password (call, user, new, error);
}

/* Roles */

static gboolean
get_role_list_of_user (SoapCall *call, GError **error)
{
  g_autoptr (StUser) user = NULL;
  g_auto (GStrv) roles = NULL;

  return kv_soap_user_need (call, &user, error) && kv_soap_user_roles (call, user, &roles, error)
         && write_names (call, roles);
}

static gboolean
update_role_list_of_user (SoapCall *call, GError **error)
{
  g_autofree const char **deleted = soap_parameter_list (call->operation, "deletedRoles");
  g_autofree const char **new = soap_parameter_list (call->operation, "newRoles");
  g_autoptr (StUser) user = NULL;

  return kv_soap_user_need (call, &user, error) && kv_soap_user_change_roles (call, user, new, deleted, error);
}

static gboolean
list_roles (SoapCall *call, gboolean hybrid_only, GError **error)
{
  g_auto (GStrv) roles = NULL;

  return st_roles_list (kv_soap_admin_of (call)->user_database, ST_SUPER_TENANT_ID, hybrid_only,
                        kv_soap_admin_of (call)->config->user_store.max_role_list, call->deadline_us, &roles, error)
         && write_names (call, roles);
}

static gboolean
get_role_names (SoapCall *call, GError **error)
{
  return list_roles (call, FALSE, error);
}

static gboolean
get_hybrid_roles (SoapCall *call, GError **error)
{
  return list_roles (call, TRUE, error);
}

static gboolean
is_existing_role (SoapCall *call, GError **error)
{
  const char *role;
  gboolean exists;

  if (!soap_parameter_need (call->operation, "roleName", &role, error)
      || !st_role_exists (kv_soap_admin_of (call)->user_database, ST_SUPER_TENANT_ID, role, call->deadline_us, &exists, error))
    return FALSE;
  soap_write_boolean (call->output, "ns:return", exists);
  return TRUE;
}

static gboolean
get_user_list_of_role (SoapCall *call, GError **error)
{
  g_auto (GStrv) names = NULL;
  const char *role;

  return soap_parameter_need (call->operation, "roleName", &role, error)
         && st_users_of_role_list (kv_soap_admin_of (call)->user_database, ST_SUPER_TENANT_ID, role,
                                   kv_soap_admin_of (call)->config->user_store.max_user_list, call->deadline_us, &names, error)
         && write_names (call, names);
}

/* Claims */

static gboolean
find_claims (SoapCall *call, GPtrArray **claims, GError **error)
{
  g_autoptr (GPtrArray) mappings = NULL;
  g_autoptr (StUser) user = NULL;

  return kv_soap_user_need (call, &user, error) && find_mappings (call, &mappings, error)
         && st_user_claims_find (kv_soap_admin_of (call)->user_database, ST_SUPER_TENANT_ID, user->id, mappings, call->deadline_us,
                                 claims, error);
}

static const char *
value_of (const GPtrArray *claims, const char *uri)
{
  for (guint i = 0; i < claims->len; i++)
    if (strcmp (((const StUserClaim *) claims->pdata[i])->uri, uri) == 0)
      return ((const StUserClaim *) claims->pdata[i])->value;
  return NULL;
}

static gboolean
get_user_claim_value (SoapCall *call, GError **error)
{
  g_autoptr (GPtrArray) claims = NULL;
  const char *uri;

  if (!soap_parameter_need (call->operation, "claim", &uri, error) || !find_claims (call, &claims, error))
    return FALSE;
  soap_write_text (call->output, "ns:return", value_of (claims, uri));
  return TRUE;
}

/* Those that the user has of those that are asked for. */
static gboolean
get_user_claim_values_for_claims (SoapCall *call, GError **error)
{
  g_autofree const char **uris = soap_parameter_list (call->operation, "claims");
  g_autoptr (GPtrArray) claims = NULL;

  if (!find_claims (call, &claims, error))
    return FALSE;
  for (const char **uri = uris; *uri != NULL; uri++)
    {
      const char *value = value_of (claims, *uri);

      if (value == NULL)
        continue;
      SOAP_WRITE_MARKUP (call->output, "<ns:return>");
      soap_write_text (call->output, "b:claimURI", *uri);
      soap_write_text (call->output, "b:value", value);
      SOAP_WRITE_MARKUP (call->output, "</ns:return>");
    }
  return TRUE;
}

static gboolean
get_user_claim_values (SoapCall *call, GError **error)
{
  g_autoptr (GPtrArray) claims = NULL;

  if (!find_claims (call, &claims, error))
    return FALSE;
  for (guint i = 0; i < claims->len; i++)
    {
      const StUserClaim *claim = claims->pdata[i];

      SOAP_WRITE_MARKUP (call->output, "<ns:return>");
      soap_write_text (call->output, "b:claimUri", claim->uri);
      soap_write_text (call->output, "b:description", NULL);
      soap_write_text (call->output, "b:dialectURI", ST_DEFAULT_CLAIM_DIALECT);
      soap_write_integer (call->output, "b:displayOrder", 0);
      soap_write_text (call->output, "b:displayTag", NULL);
      soap_write_text (call->output, "b:regEx", NULL);
      soap_write_boolean (call->output, "b:required", FALSE);
      soap_write_boolean (call->output, "b:supportedByDefault", FALSE);
      soap_write_text (call->output, "b:value", claim->value);
      SOAP_WRITE_MARKUP (call->output, "</ns:return>");
    }
  return TRUE;
}

/* @value: NULL takes the claim away. */
static gboolean
set_one_claim (SoapCall *call, const char *value, GError **error)
{
  g_autoptr (GArray) attributes = g_array_new (FALSE, FALSE, sizeof (StUserAttribute));
  g_autoptr (GPtrArray) mappings = NULL;
  g_autoptr (StUser) user = NULL;
  const char *uri;

  return soap_parameter_need (call->operation, "claimURI", &uri, error) && kv_soap_user_need (call, &user, error)
         && find_mappings (call, &mappings, error) && add_attribute (attributes, mappings, uri, value, error)
         && set_attributes (call, user->id, attributes, error);
}

static gboolean
set_user_claim_value (SoapCall *call, GError **error)
{
  return set_one_claim (call, soap_parameter (call->operation, "claimValue"), error);
}

static gboolean
delete_user_claim_value (SoapCall *call, GError **error)
{
  return set_one_claim (call, NULL, error);
}

static gboolean
set_user_claim_values (SoapCall *call, GError **error)
{
  g_autoptr (GArray) attributes = g_array_new (FALSE, FALSE, sizeof (StUserAttribute));
  g_autoptr (GPtrArray) mappings = NULL;
  g_autoptr (StUser) user = NULL;

  return kv_soap_user_need (call, &user, error) && find_mappings (call, &mappings, error)
         && read_claims (call, mappings, attributes, error) && set_attributes (call, user->id, attributes, error);
}

static gboolean
is_read_only (SoapCall *call, GError **error)
{
  soap_write_boolean (call->output, "ns:return", kv_soap_admin_of (call)->config->user_store.read_only);
  return TRUE;
}

/* The table */

static const SoapField claim_value_fields[] = {
  { .name = "claimURI", .type = "string" },
  { .name = "value", .type = "string" },
  { NULL },
};
static const SoapBean claim_value
    = { "ClaimValue", "http://common.mgt.user.carbon.wso2.org/xsd", claim_value_fields };

static const SoapField claim_fields[] = {
  { .name = "claimUri", .type = "string" },   { .name = "description", .type = "string" },
  { .name = "dialectURI", .type = "string" }, { .name = "displayOrder", .type = "int" },
  { .name = "displayTag", .type = "string" }, { .name = "regEx", .type = "string" },
  { .name = "required", .type = "boolean" },  { .name = "supportedByDefault", .type = "boolean" },
  { .name = "value", .type = "string" },      { NULL },
};
static const SoapBean claim = { "ClaimDTO", "http://dao.service.ws.um.carbon.wso2.org/xsd", claim_fields };

static const SoapField boolean_result[] = { { .name = "return", .type = "boolean" }, { NULL } };
static const SoapField text_result[] = { { .name = "return", .type = "string" }, { NULL } };
static const SoapField names_result[] = { { .name = "return", .type = "string", .many = TRUE }, { NULL } };
static const SoapField values_result[] = { { .name = "return", .many = TRUE, .bean = &claim_value }, { NULL } };
static const SoapField claims_result[] = { { .name = "return", .many = TRUE, .bean = &claim }, { NULL } };

#define USER_NAME                                                                                                      \
  {                                                                                                                    \
    .name = "userName", .type = "string"                                                                               \
  }
#define PROFILE_NAME                                                                                                   \
  {                                                                                                                    \
    .name = "profileName", .type = "string"                                                                            \
  }
#define CLAIM_VALUES                                                                                                   \
  {                                                                                                                    \
    .name = "claims", .many = TRUE, .bean = &claim_value                                                               \
  }

static const SoapField user_parameters[] = { USER_NAME, { NULL } };
static const SoapField role_parameters[] = { { .name = "roleName", .type = "string" }, { NULL } };
static const SoapField login_parameters[] = { USER_NAME, { .name = "credential", .type = "string" }, { NULL } };

static const SoapField list_parameters[] = {
  { .name = "filter", .type = "string" },
  { .name = "maxItemLimit", .type = "int" },
  { NULL },
};

static const SoapField add_parameters[] = {
  USER_NAME,
  { .name = "credential", .type = "string" },
  { .name = "roleList", .type = "string", .many = TRUE },
  CLAIM_VALUES,
  PROFILE_NAME,
  { .name = "requirePasswordChange", .type = "boolean" },
  { NULL },
};

static const SoapField update_credential_parameters[] = {
  USER_NAME,
  { .name = "newCredential", .type = "string" },
  { .name = "oldCredential", .type = "string" },
  { NULL },
};

static const SoapField set_credential_parameters[] = {
  USER_NAME,
  { .name = "newCredential", .type = "string" },
  { NULL },
};

static const SoapField update_roles_parameters[] = {
  USER_NAME,
  { .name = "deletedRoles", .type = "string", .many = TRUE },
  { .name = "newRoles", .type = "string", .many = TRUE },
  { NULL },
};

static const SoapField get_value_parameters[]
    = { USER_NAME, { .name = "claim", .type = "string" }, PROFILE_NAME, { NULL } };

static const SoapField get_some_parameters[]
    = { USER_NAME, { .name = "claims", .type = "string", .many = TRUE }, PROFILE_NAME, { NULL } };

static const SoapField get_all_parameters[] = { USER_NAME, PROFILE_NAME, { NULL } };

static const SoapField set_value_parameters[] = {
  USER_NAME, { .name = "claimURI", .type = "string" }, { .name = "claimValue", .type = "string" }, PROFILE_NAME,
  { NULL },
};

static const SoapField delete_value_parameters[]
    = { USER_NAME, { .name = "claimURI", .type = "string" }, PROFILE_NAME, { NULL } };

static const SoapField set_values_parameters[] = { USER_NAME, CLAIM_VALUES, PROFILE_NAME, { NULL } };

static const SoapOperation operations[] = {
  { "authenticate", login_parameters, boolean_result, authenticate },
  { "isExistingUser", user_parameters, boolean_result, is_existing_user },
  { "listUsers", list_parameters, names_result, list_users },
  { "addUser", add_parameters, NULL, add_user },
  { "updateCredential", update_credential_parameters, NULL, update_credential },
  { "updateCredentialByAdmin", set_credential_parameters, NULL, update_credential_by_admin },
  { "getRoleListOfUser", user_parameters, names_result, get_role_list_of_user },
  { "updateRoleListOfUser", update_roles_parameters, NULL, update_role_list_of_user },
  { "getRoleNames", NULL, names_result, get_role_names },
  { "getHybridRoles", NULL, names_result, get_hybrid_roles },
  { "isExistingRole", role_parameters, boolean_result, is_existing_role },
  { "getUserListOfRole", role_parameters, names_result, get_user_list_of_role },
  { "getUserClaimValue", get_value_parameters, text_result, get_user_claim_value },
  { "getUserClaimValuesForClaims", get_some_parameters, values_result, get_user_claim_values_for_claims },
  { "getUserClaimValues", get_all_parameters, claims_result, get_user_claim_values },
  { "setUserClaimValue", set_value_parameters, NULL, set_user_claim_value },
  { "setUserClaimValues", set_values_parameters, NULL, set_user_claim_values },
  { "deleteUserClaimValue", delete_value_parameters, NULL, delete_user_claim_value },
  { "isReadOnly", NULL, boolean_result, is_read_only },
  { NULL },
};

const SoapService kv_soap_user_store = {
  .name = "RemoteUserStoreManagerService",
  .namespace = NAMESPACE,
  .target = NAMESPACE,
  .exception = "UserStoreException",
  .operations = operations,
};
