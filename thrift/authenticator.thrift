/**
 * AuthenticatorService: the login that gives the session id of APIKeyValidationService
 * (spec/thrift-key-validation.md 4). Spoken in TCompactProtocol over HTTPS POST
 * /thriftAuthenticator; the Key Manager's own codec is tw-compact.h.
 */
namespace c_glib Apim

exception AuthenticationException {
  1: required string message
}

service AuthenticatorService {
  string authenticate(
    1: required string userName,
    2: required string password
  ) throws (1: AuthenticationException ae)
}
