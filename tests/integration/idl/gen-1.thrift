// Generation I of the key-validation service (specification 2.2): five arguments, nothing else. About 1.0-1.2.
namespace py gen1
namespace java org.apim.test.gen1

struct APIKeyValidationInfoDTO {
  1: optional bool authorized;
  2: optional string subscriber;
  3: optional string tier;
  4: optional string type;
  5: optional string endUserToken;
  6: optional string endUserName;
  7: optional string applicationName;
  8: optional i32 validationStatus;
  9: optional string applicationId;
  10: optional string applicationTier;
}

exception APIKeyMgtException {
  1: required string message;
}

exception APIManagementException {
  1: required string message;
}

service APIKeyValidationService {
  APIKeyValidationInfoDTO validateKey(1: required string context,
                                      2: required string version,
                                      3: required string accessToken,
                                      4: required string sessionId,
                                      5: required string requiredAuthenticationLevel)
    throws (1: APIKeyMgtException apiKeyMgtException, 2: APIManagementException apiMgtException);
}
