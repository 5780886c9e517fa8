/**
 * APIKeyValidationService as WSO2's Key Managers and gateways of every generation speak it
 * (spec/thrift-key-validation.md 2): the superset of generations I to IV. Field ids are the contract; the names of
 * structs are not on the wire.
 *
 * The Key Manager does not use the code generated from this file: it has its own codec (tw-key-validation.h). The
 * generated types and client serve C programs that call a Key Manager, ours or theirs, and stand against our codec in
 * the tests.
 *
 * Arguments 6, 7 and 8 of validateKey came with generations II and III. What a method throws is named in lower case
 * here, because the c_glib generator makes C that does not compile from camelCase names.
 */
namespace c_glib Apim

exception APIKeyMgtException {
  1: required string message
}

exception APIManagementException {
  1: required string message
}

struct APIKeyValidationInfoDTO {
  1: optional bool authorized,
  2: optional string subscriber,
  3: optional string tier,
  4: optional string type,
  5: optional string endUserToken,
  6: optional string endUserName,
  7: optional string applicationName,
  8: optional i32 validationStatus,
  9: optional string applicationId,
  10: optional string applicationTier,
  // generation II
  11: optional string apiName,
  12: optional string consumerKey,
  13: optional string apiPublisher,
  14: optional list<string> authorizedDomains,
  // generation III; times in ms, issuedTime since 1970
  15: optional set<string> scopes,
  16: optional i64 validityPeriod,
  17: optional i64 issuedTime,
  // generation IV
  18: optional bool isContentAware,
  19: optional string apiTier,
  20: optional list<string> throttlingDataList,
  21: optional i32 spikeArrestLimit,
  22: optional string subscriberTenantDomain,
  23: optional string spikeArrestUnit,
  24: optional bool stopOnQuotaReach
}

struct ConditionDTO {
  1: optional string conditionType,
  2: optional string conditionName,
  3: optional string conditionValue,
  4: optional bool isInverted
}

struct ConditionGroupDTO {
  1: optional string conditionGroupId,
  2: optional list<ConditionDTO> conditions
}

struct URITemplate {
  1: optional string uriTemplate,
  2: optional string resourceURI,
  3: optional string resourceSandboxURI,
  4: optional string httpVerb,
  5: optional string authType,
  6: optional string throttlingTier,
  // generation IV
  7: optional list<string> throttlingConditions,
  8: optional string applicableLevel,
  9: optional list<ConditionGroupDTO> conditionGroups
}

service APIKeyValidationService {
  APIKeyValidationInfoDTO validateKey(
    1: required string context,
    2: required string version,
    3: required string accessToken,
    4: required string sessionId,
    5: required string requiredAuthenticationLevel,
    6: string clientDomain,
    7: required string matchingResource,
    8: required string httpVerb
  ) throws (1: APIKeyMgtException apikeymgtexception, 2: APIManagementException apimgtexception)

  list<URITemplate> getAllURITemplates(
    1: required string context,
    2: required string apiVersion,
    3: required string sessionId
  ) throws (1: APIKeyMgtException apikeymgtexception, 2: APIManagementException apimgtexception)

  APIKeyValidationInfoDTO validateKeyforHandshake(
    1: required string context,
    2: required string version,
    3: required string accessToken,
    4: required string sessionId
  ) throws (1: APIKeyMgtException apikeymgtexception, 2: APIManagementException apimgtexception)
}
