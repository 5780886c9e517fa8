// The login service (specification 4.1).
namespace py authentication
namespace java org.apim.test.authentication

exception AuthenticationException {
  1: required string message;
}

service AuthenticatorService {
  string authenticate(1: required string userName, 2: required string password)
    throws (1: AuthenticationException ae);
}
