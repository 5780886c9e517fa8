/* What a backend JWT says (endUserToken, X-JWT-Assertion; spec/soap-and-oauth.md 6): header and claims as WSO2's
 * generators write them. Threads: pure functions. */
#ifndef CORE_BACKEND_JWT_H
#define CORE_BACKEND_JWT_H

#include "common/apim-config.h"
#include "core/core-jwt-keys.h"

G_BEGIN_DECLS

/* The forms: APIM_BACKEND_JWT_2_X, of 2.0 to 2.6: RS256 and x5t as RFC 7515 has them, exp in seconds, the application's
 * UUID and attributes. APIM_BACKEND_JWT_1_X: SHA256withRSA, x5t of hexadecimal digits, exp in milliseconds. */

typedef struct
{
  ApimBackendJwtForm form;
  const char *dialect; /* ConsumerDialectURI, in front of every claim but iss and exp */
  gint64 expires_ms;   /* since the epoch */
  const char *subscriber;
  const char *application_id;
  const char *application_name;
  const char *application_tier;
  const char *api_context;
  const char *api_version;
  const char *tier;
  const char *key_type;
  const char *user_type; /* APPLICATION, APPLICATION_USER */
  const char *end_user;  /* with its tenant */
  gint end_user_tenant_id;
  const char *application_uuid;              /* (nullable); 2.x */
  const char *const *application_attributes; /* (nullable); 2.x: name, value, ... */
  const GPtrArray *user_claims;              /* (nullable) (element-type StUserClaim): sorted by uri */
} CoreBackendClaims;

/* @key: an RSA key; NULL for SignatureAlgorithm NONE. Both: free with g_free(). */
char *core_backend_jwt_header (ApimBackendJwtForm form, const CoreJwtKey *key);
/* Texts that are NULL are left out. A claim of the user never takes the place of another. */
char *core_backend_jwt_claims (const CoreBackendClaims *claims);

G_END_DECLS
#endif
