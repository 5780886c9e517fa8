/* Self-contained access tokens: what the token endpoint answers to applications of TOKEN_TYPE JWT (decisions.md 6), as
 * the gateways of 2.5 and 2.6 check them without asking a Key Manager. docs/jwt.md lists the claims and which of them
 * the specifications leave open.
 *
 *   g_autofree char *id = apim_random_uuid ();   (what is stored as ACCESS_TOKEN)
 *   request.application, request.apis: st_application_find(), st_application_find_apis()
 *   g_autofree char *token = kv_jwt_token_make (keys, &request, &error);
 *
 * The text is not stored. It is made again from what is: RS256 signs the same claims the same way each time, ES256 does
 * not, but either token says the same. Threads: any; costs a signature, about a millisecond: on a pool, never on a
 * worker. */
#ifndef KV_JWT_TOKEN_H
#define KV_JWT_TOKEN_H

#include "core/core-jwt.h"
#include "store/st-application.h"

G_BEGIN_DECLS

typedef struct
{
  const char *issuer; /* kv_jwt_token_issuer() */
  const char *id;     /* "jti": what is stored in place of the token */
  const char *consumer_key;
  const char *subject; /* [DOMAIN/]user@tenant */
  const char *scope;   /* blank-separated */
  gint64 issued_ms;    /* since the epoch */
  gint64 validity_ms;  /* < 0 or G_MAXINT64: never expires */
  const StApplication *application;
  const GPtrArray *apis; /* of StSubscribedApi; those whose subscription is blocked are left out */
} KvJwtTokenRequest;

/* "iss" of this node's tokens: OAuth/OpenIDConnect/IDTokenIssuerID of identity.xml, else its token endpoint as others
 * see it. Free with g_free(). */
char *kv_jwt_token_issuer (const ApimConfig *config);

/* Claims of any kind of token, signed with the node's key, which the header names. @claims: a JSON object.
 * Returns: (transfer full): NULL with CORE_JWT_ERROR: there is no key that will do, or as kv_jwt_token_make(). */
char *kv_jwt_token_sign (const CoreJwtKeys *keys, const char *claims, GError **error);

/* Returns: (transfer full): NULL with CORE_JWT_ERROR: OpenSSL failed, or the application has too many subscriptions for
 * a token (MALFORMED). */
char *kv_jwt_token_make (const CoreJwtKeys *keys, const KvJwtTokenRequest *request, GError **error);

G_END_DECLS
#endif
