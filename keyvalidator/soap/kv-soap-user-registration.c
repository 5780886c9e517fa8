/* UserRegistrationAdminService: how the Store makes the account of somebody who signs up (spec/soap-and-oauth.md 3.4).
 *
 * WSO2's Store sends no credentials with addUser, so that whoever reaches the port can make accounts there. Here an
 * administrator must ask, unless Apimd/AnonymousSignUp says otherwise. A new user has no roles: the Store gives them
 * with UserAdmin.updateRolesOfUser, when the sign-up is approved. Fields of the user's profile are accepted and not
 * kept. */
#include "config.h"
#include "keyvalidator/soap/kv-soap-admin.h"

#include "common/apim-log.h"
#include "core/core-password.h"
#include "core/core-user-rules.h"
#include "store/st-user-writes.h"

#include <string.h>

#define DTO "http://dto.registration.user.identity.carbon.wso2.org/xsd"

static const KvSoapField user_field_fields[] = {
  { .name = "claimUri", .type = "string" },
  { .name = "displayOrder", .type = "int" },
  { .name = "fieldName", .type = "string" },
  { .name = "fieldValue", .type = "string" },
  { .name = "regEx", .type = "string" },
  { .name = "required", .type = "boolean" },
  { .name = "supportedByDefault", .type = "boolean" },
  { NULL },
};

static const KvSoapBean user_field = { "UserFieldDTO", DTO, user_field_fields };

static const KvSoapField user_fields[] = {
  { .name = "openID", .type = "string" },
  { .name = "password", .type = "string" },
  { .name = "userFields", .many = TRUE, .bean = &user_field },
  { .name = "userName", .type = "string" },
  { NULL },
};

static const KvSoapBean user_bean = { "UserDTO", DTO, user_fields };

static const KvSoapField add_user_parameters[] = { { .name = "user", .bean = &user_bean }, { NULL } };

static gboolean
check_rules (const ApimUserStoreSettings *settings, const char *name, const char *password, GError **error)
{
  g_autoptr (CoreUserRules) rules = core_user_rules_new (settings);
  g_autoptr (GError) why = NULL;

  if (core_user_rules_check_user_name (rules, name, &why) && core_user_rules_check_password (rules, password, &why))
    return TRUE;
  return kv_soap_fail (error, why->message);
}

static gboolean
store_user (KvSoapAdminCall *call, const char *name, const char *password, GError **error)
{
  const ApimUserStoreSettings *settings = &call->admin->config->user_store;
  StNewUser user = { .tenant_id = ST_SUPER_TENANT_ID, .name = name };
  g_autofree char *salt = NULL;
  g_autofree char *hash = core_password_hash (password, settings, &salt, error);
  g_autoptr (GError) why = NULL;

  if (hash == NULL)
    return FALSE;
  user.password_hash = hash;
  user.salt = salt;
  if (st_user_add (call->admin->user_database, settings, &user, call->deadline_us, NULL, &why))
    return TRUE;
  if (g_error_matches (why, ST_ERROR, ST_ERROR_CONFLICT))
    return kv_soap_fail (error, "A user with this name exists already.");
  if (g_error_matches (why, ST_ERROR, ST_ERROR_SETUP) || g_error_matches (why, ST_ERROR, ST_ERROR_DATA))
    return kv_soap_fail (error, why->message);
  g_propagate_error (error, g_steal_pointer (&why));
  return FALSE;
}

static gboolean
add_user (KvSoapAdminCall *call, GError **error)
{
  static ApimLogGate gate;
  const SoapElement *user = soap_element_next_named (call->operation, NULL, "user");
  g_autofree char *domain = NULL;
  const char *name, *password, *bare;

  if (user == NULL)
    return kv_soap_fail (error, "The parameter \"user\" is missing.");
  if (!kv_soap_parameter_need (user, "userName", &name, error)
      || !kv_soap_parameter_need (user, "password", &password, error))
    return FALSE;
  domain = st_user_name_split (name, &bare);
  if (strcmp (domain, ST_PRIMARY_USER_DOMAIN) != 0)
    return kv_soap_fail (error, "Users are added to the primary user store only.");
  if (!check_rules (&call->admin->config->user_store, bare, password, error)
      || !store_user (call, bare, password, error))
    return FALSE;
  apim_log_limited (&gate, APIM_LOG_INFO, "keyvalidator", "a user signed up from %s",
                    net_http_exchange_peer (call->exchange));
  return TRUE;
}

static const KvSoapOperation operations[] = {
  { "addUser", add_user_parameters, NULL, add_user },
  { NULL },
};

const KvSoapAdminService kv_soap_user_registration = {
  .name = "UserRegistrationAdminService",
  .namespace = KV_SOAP_AXIS2,
  .target = "http://registration.user.identity.carbon.wso2.org",
  .exception = "Exception",
  .audience = KV_SOAP_FOR_SIGN_UP,
  .operations = operations,
};
