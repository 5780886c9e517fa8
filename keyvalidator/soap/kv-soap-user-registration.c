/* UserRegistrationAdminService: how the Store makes the account of somebody who signs up (spec/soap-and-oauth.md 3.4).
 *
 * WSO2's Store sends no credentials with addUser, so that whoever reaches the port can make accounts there. Here an
 * administrator must ask, unless Apimd/AnonymousSignUp says otherwise; then only so many are made an hour. A new user
 * has no roles: the Store gives them with UserAdmin.updateRolesOfUser, when the sign-up is approved. Fields of the
 * user's profile are accepted and not kept. */
#include "config.h"
#include "keyvalidator/soap/kv-soap-users.h"

#include "common/apim-log.h"

#define DTO "http://dto.registration.user.identity.carbon.wso2.org/xsd"

static const SoapField user_field_fields[] = {
  { .name = "claimUri", .type = "string" },
  { .name = "displayOrder", .type = "int" },
  { .name = "fieldName", .type = "string" },
  { .name = "fieldValue", .type = "string" },
  { .name = "regEx", .type = "string" },
  { .name = "required", .type = "boolean" },
  { .name = "supportedByDefault", .type = "boolean" },
  { NULL },
};

static const SoapBean user_field = { "UserFieldDTO", DTO, user_field_fields };

static const SoapField user_fields[] = {
  { .name = "openID", .type = "string" },
  { .name = "password", .type = "string" },
  { .name = "userFields", .many = TRUE, .bean = &user_field },
  { .name = "userName", .type = "string" },
  { NULL },
};

static const SoapBean user_bean = { "UserDTO", DTO, user_fields };

static const SoapField add_user_parameters[] = { { .name = "user", .bean = &user_bean }, { NULL } };

/* Strangers may make only so many accounts, with every try that reaches the user store. */
static gboolean
check_rate (SoapCall *call, GError **error)
{
  static ApimLogGate gate;
  const char *peer = net_http_exchange_peer (call->exchange);
  gint64 early_ms = core_rate_limit_take_ms (kv_soap_admin_of (call)->sign_ups, peer);
  gint64 early_s = (early_ms + 999) / 1000;
  g_autofree char *retry_after = NULL;

  if (early_ms == 0)
    return TRUE;
  kv_oauth_count (&kv_soap_admin_of (call)->sign_ups_held_up);
  apim_log_limited (&gate, APIM_LOG_WARNING, "keyvalidator",
                    "sign-up from %s held up: too many accounts are being made (Limits/SignUpsPerAddress, "
                    "SignUpsPerHour)",
                    peer);
  retry_after = g_strdup_printf ("%" G_GINT64_FORMAT, early_s);
  net_http_exchange_add_header (call->exchange, "Retry-After", retry_after);
  g_set_error (error, SOAP_ERROR, SOAP_ERROR_FAILED,
               "Too many accounts are being made: try again in %" G_GINT64_FORMAT " s.", early_s);
  return FALSE;
}

static gboolean
add_user (SoapCall *call, GError **error)
{
  static ApimLogGate gate;
  const SoapElement *user = soap_element_next_named (call->operation, NULL, "user");
  const char *name, *password;

  if (user == NULL)
    return soap_fail (error, "The parameter \"user\" is missing.");
  if (!soap_parameter_need (user, "userName", &name, error)
      || !soap_parameter_need (user, "password", &password, error)
      || (kv_soap_user_of (call) == NULL && !check_rate (call, error))
      || !kv_soap_user_add (call, name, password, NULL, NULL, error))
    return FALSE;
  apim_log_limited (&gate, APIM_LOG_INFO, "keyvalidator", "a user signed up from %s",
                    net_http_exchange_peer (call->exchange));
  return TRUE;
}

static const SoapOperation operations[] = {
  { "addUser", add_user_parameters, NULL, add_user },
  { NULL },
};

const SoapService kv_soap_user_registration = {
  .name = "UserRegistrationAdminService",
  .namespace = KV_SOAP_AXIS2,
  .target = "http://registration.user.identity.carbon.wso2.org",
  .exception = "Exception",
  .operations = operations,
};
