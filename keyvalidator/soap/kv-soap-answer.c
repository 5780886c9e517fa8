#include "config.h"
#include "keyvalidator/soap/kv-soap-answer.h"

#define ALWAYS APIM_SOAP_PROFILE_1_5
#define SINCE_1_7 APIM_SOAP_PROFILE_1_7
#define SINCE_2_0 APIM_SOAP_PROFILE_2_X

/* The one group and condition that stand for "no condition at all" (1.5). */
#define NO_CONDITION "_default"

typedef enum
{
  FIELD_TEXT,
  FIELD_BOOLEAN,
  FIELD_INT,
  FIELD_LONG,
  FIELD_STATUS,
  FIELD_SCOPES,    /* of a granted token */
  FIELD_USER_TYPE, /* likewise */
  FIELD_BACKEND_JWT,
  FIELD_NULL,
} FieldType;

typedef struct
{
  const char *name;
  ApimSoapProfile since;
  FieldType type;
  gsize offset; /* in CoreDecision */
} Field;

#define DECISION(member) G_STRUCT_OFFSET (CoreDecision, member)

/* APIKeyValidationInfoDTO. authorizedDomains is null: no release that writes our databases fills it (spec/thrift 7.6),
 * and the stores do not load the one list that the first release had; so its fault for a client domain (1.8) does not
 * exist here, either. */
static const Field info_fields[] = {
  { "d:apiName", ALWAYS, FIELD_TEXT, DECISION (api_name) },
  { "d:apiPublisher", ALWAYS, FIELD_TEXT, DECISION (api_publisher) },
  { "d:apiTier", SINCE_2_0, FIELD_TEXT, DECISION (api_tier) },
  { "d:applicationId", ALWAYS, FIELD_TEXT, DECISION (application_id) },
  { "d:applicationName", ALWAYS, FIELD_TEXT, DECISION (application_name) },
  { "d:applicationTier", ALWAYS, FIELD_TEXT, DECISION (application_tier) },
  { "d:authorized", ALWAYS, FIELD_BOOLEAN, DECISION (authorized) },
  { "d:authorizedDomains", ALWAYS, FIELD_NULL, 0 },
  { "d:consumerKey", ALWAYS, FIELD_TEXT, DECISION (consumer_key) },
  { "d:contentAware", SINCE_2_0, FIELD_BOOLEAN, DECISION (content_aware) },
  { "d:endUserName", ALWAYS, FIELD_TEXT, DECISION (end_user_name) },
  { "d:endUserToken", ALWAYS, FIELD_BACKEND_JWT, 0 },
  { "d:issuedTime", ALWAYS, FIELD_LONG, DECISION (issued_ms) },
  { "d:scopes", SINCE_1_7, FIELD_SCOPES, 0 },
  { "d:spikeArrestLimit", SINCE_2_0, FIELD_INT, DECISION (spike_arrest_limit) },
  { "d:spikeArrestUnit", SINCE_2_0, FIELD_TEXT, DECISION (spike_arrest_unit) },
  { "d:stopOnQuotaReach", SINCE_2_0, FIELD_BOOLEAN, DECISION (stop_on_quota_reach) },
  { "d:subscriber", ALWAYS, FIELD_TEXT, DECISION (subscriber) },
  { "d:subscriberTenantDomain", SINCE_2_0, FIELD_TEXT, DECISION (subscriber_tenant_domain) },
  { "d:throttlingDataList", SINCE_2_0, FIELD_TEXT, DECISION (throttling_data) }, /* at least one, or null: 1.6 item 2 */
  { "d:tier", ALWAYS, FIELD_TEXT, DECISION (tier) },
  { "d:type", ALWAYS, FIELD_TEXT, DECISION (type) },
  { "d:userType", ALWAYS, FIELD_USER_TYPE, 0 },
  { "d:validationStatus", ALWAYS, FIELD_STATUS, DECISION (status) },
  { "d:validityPeriod", ALWAYS, FIELD_LONG, DECISION (validity_ms) },
};

static void
begin_response (NetBuffer *output, SoapVersion version, TwMethod method)
{
  soap_write_begin (output, version);
  SOAP_WRITE_MARKUP (output, "<ns:");
  soap_write_markup (output, tw_method_name (method));
  SOAP_WRITE_MARKUP (output, "Response xmlns:ns=\"" KV_SOAP_NAMESPACE "\">");
}

static void
end_response (NetBuffer *output, TwMethod method)
{
  SOAP_WRITE_MARKUP (output, "</ns:");
  soap_write_markup (output, tw_method_name (method));
  SOAP_WRITE_MARKUP (output, "Response>");
  soap_write_end (output);
}

/* A list: its elements, or one that is null. */
static void
write_list (NetBuffer *output, const char *name, char *const *texts)
{
  if (texts == NULL || texts[0] == NULL)
    soap_write_text (output, name, NULL);
  for (guint i = 0; texts != NULL && texts[i] != NULL; i++)
    soap_write_text (output, name, texts[i]);
}

static void
write_field (NetBuffer *output, const Field *field, const KvCallResult *result)
{
  const CoreDecision *decision = &result->decision;
  const StToken *token = decision->authorized ? result->facts.view.token : NULL;

  switch (field->type)
    {
    case FIELD_TEXT:
      soap_write_text (output, field->name, G_STRUCT_MEMBER (const char *, decision, field->offset));
      break;
    case FIELD_BOOLEAN:
      soap_write_boolean (output, field->name, G_STRUCT_MEMBER (gboolean, decision, field->offset));
      break;
    case FIELD_INT:
      soap_write_integer (output, field->name, G_STRUCT_MEMBER (gint, decision, field->offset));
      break;
    case FIELD_LONG:
      soap_write_integer (output, field->name, G_STRUCT_MEMBER (gint64, decision, field->offset));
      break;
    case FIELD_STATUS:
      soap_write_integer (output, field->name, G_STRUCT_MEMBER (CoreStatus, decision, field->offset));
      break;
    case FIELD_SCOPES:
      write_list (output, field->name, token != NULL ? token->scopes : NULL);
      break;
    case FIELD_USER_TYPE:
      soap_write_text (output, field->name, token != NULL ? token->user_type : NULL);
      break;
    case FIELD_BACKEND_JWT:
      soap_write_text (output, field->name, result->end_user_token);
      break;
    case FIELD_NULL:
      soap_write_text (output, field->name, NULL);
      break;
    }
}

static void
write_decision (NetBuffer *output, ApimSoapProfile profile, const KvCallResult *result)
{
  SOAP_WRITE_MARKUP (output, "<ns:return xmlns:d=\"http://dto.impl.apimgt.carbon.wso2.org/xsd\" "
                             "xsi:type=\"d:APIKeyValidationInfoDTO\">");
  for (guint i = 0; i < G_N_ELEMENTS (info_fields); i++)
    if (profile >= info_fields[i].since)
      write_field (output, &info_fields[i], result);
  SOAP_WRITE_MARKUP (output, "</ns:return>");
}

/* Conditions of groups are not told, over Thrift neither: the gateway then applies the default group, whose limit is
 * the policy's own. */
static void
write_condition_groups (NetBuffer *output)
{
  SOAP_WRITE_MARKUP (output, "<m:conditionGroups xmlns:a=\"http://dto.api.apimgt.carbon.wso2.org/xsd\" "
                             "xsi:type=\"a:ConditionGroupDTO\"><a:conditionGroupId>" NO_CONDITION
                             "</a:conditionGroupId><a:conditions xsi:nil=\"true\"/></m:conditionGroups>");
}

/* The five elements that gateways of 1.x read: all children are optional, and this is all that is known of their stubs
 * (1.5). */
static void
write_template_1_x (NetBuffer *output, const StResource *resource)
{
  soap_write_text (output, "m:HTTPVerb", resource->http_method);
  soap_write_text (output, "m:authType", resource->auth_scheme);
  soap_write_text (output, "m:resourceSandboxURI", NULL);
  soap_write_text (output, "m:throttlingTier", resource->throttling_tier);
  soap_write_text (output, "m:uriTemplate", resource->url_pattern);
}

/* Derived getters look as odd as in a captured answer (1.5); no gateway reads them. */
static void
write_template_2_x (NetBuffer *output, const StResource *resource)
{
  static const char *const no_conditions[] = { NO_CONDITION, NULL };
  char *const *conditions = resource->conditions != NULL && resource->conditions[0] != NULL
                                ? resource->conditions
                                : (char *const *) no_conditions;

  soap_write_text (output, "m:HTTPVerb", resource->http_method);
  SOAP_WRITE_MARKUP (output, "<m:aggregatedMediationScript>null</m:aggregatedMediationScript>");
  soap_write_text (output, "m:applicableLevel", resource->applicable_level);
  soap_write_text (output, "m:authType", resource->auth_scheme);
  SOAP_WRITE_MARKUP (output, "<m:authTypeAsString/>");
  soap_write_text (output, "m:authTypes", resource->auth_scheme);
  write_condition_groups (output);
  soap_write_text (output, "m:httpVerbs", resource->http_method);
  SOAP_WRITE_MARKUP (output, "<m:mediationScript xsi:nil=\"true\"/><m:methodsAsString/>"
                             "<m:resourceMap>{}</m:resourceMap><m:resourceSandboxURI xsi:nil=\"true\"/>"
                             "<m:resourceSandboxURIExist>false</m:resourceSandboxURIExist>"
                             "<m:resourceURI xsi:nil=\"true\"/><m:resourceURIExist>false</m:resourceURIExist>"
                             "<m:scope xsi:nil=\"true\"/><m:scopes xsi:nil=\"true\"/>");
  write_list (output, "m:throttlingConditions", conditions);
  soap_write_text (output, "m:throttlingConditionsAsString", conditions[0]);
  soap_write_text (output, "m:throttlingTier", resource->throttling_tier);
  soap_write_text (output, "m:throttlingTiers", resource->throttling_tier);
  SOAP_WRITE_MARKUP (output, "<m:throttlingTiersAsString/>");
  soap_write_text (output, "m:uriTemplate", resource->url_pattern);
}

static void
write_templates (NetBuffer *output, ApimSoapProfile profile, const StResources *resources)
{
  for (guint i = 0; i < resources->resources->len; i++)
    {
      SOAP_WRITE_MARKUP (output, "<ns:return xmlns:m=\"http://model.api.apimgt.carbon.wso2.org/xsd\" "
                                 "xsi:type=\"m:URITemplate\">");
      if (profile >= SINCE_2_0)
        write_template_2_x (output, g_ptr_array_index (resources->resources, i));
      else
        write_template_1_x (output, g_ptr_array_index (resources->resources, i));
      SOAP_WRITE_MARKUP (output, "</ns:return>");
    }
}

static void
write_exception (NetBuffer *output, SoapVersion version, const KvCallResult *result)
{
  const SoapFault fault = {
    .code = SOAP_FAULT_RECEIVER,
    .reason = result->message,
    .service = "APIKeyValidationService",
    .exception = result->exception == TW_KEY_MGT_EXCEPTION ? "APIKeyMgtException" : "APIManagementException",
    .namespace = KV_SOAP_NAMESPACE,
  };

  soap_write_fault (output, version, &fault);
}

guint
kv_soap_write_answer (NetBuffer *output, SoapVersion version, ApimSoapProfile profile, TwMethod method,
                      const KvCallResult *result)
{
  if (result->answer == KV_ANSWER_EXCEPTION)
    {
      write_exception (output, version, result);
      return SOAP_FAULT_STATUS;
    }
  begin_response (output, version, method);
  if (result->answer == KV_ANSWER_DECISION)
    write_decision (output, profile, result);
  else
    write_templates (output, profile, result->resources);
  end_response (output, method);
  return 200;
}
