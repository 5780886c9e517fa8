/* JSON Web Tokens (RFC 7519) as compact JWS (RFC 7515): made and checked.
 *
 * Checking follows RFC 8725: the caller says which keys, issuer and audience count, a key does one algorithm only, and
 * what the token says of its own check (kid, x5t) chooses among the caller's keys and is used for nothing else. So
 * "none", an HMAC with a public key as its secret, "crit", a key that the token brings along, and a kid that is a path
 * or SQL all end the same way: refused. Sizes are bounded before anything is decoded.
 * Fuzz target: tests/fuzz/fuzz-jwt.c.
 * Threads: pure functions; making one costs an RSA signature, about a millisecond: never on a worker. */
#ifndef CORE_JWT_H
#define CORE_JWT_H

#include "core/core-json.h"
#include "core/core-jwt-keys.h"

G_BEGIN_DECLS

/* The whole token; longer ones are not made, nor looked at. Far above what a header field of HTTP may hold. */
#define CORE_JWT_MAX_LENGTH 65536
/* Its header part, encoded. */
#define CORE_JWT_MAX_HEADER 4096

/* What self-contained access tokens have: whom they are for, and "exp" where one never expires, which is the number that
 * WSO2 gives as expires_in (spec/soap-and-oauth.md 5.3); in milliseconds it still is a long of Java. */
#define CORE_JWT_FOR_GATEWAYS "http://org.wso2.apimgt/gateway"
#define CORE_JWT_NEVER_S G_GINT64_CONSTANT (9223372036854775)

#define CORE_JWT_ERROR (core_jwt_error_quark ())
GQuark core_jwt_error_quark (void);
typedef enum
{
  CORE_JWT_ERROR_MALFORMED,   /* not three parts of strict base64url with JSON objects in the first two, or too long */
  CORE_JWT_ERROR_UNSUPPORTED, /* asks for an algorithm or for a check that is not made here */
  CORE_JWT_ERROR_UNKNOWN_KEY,
  CORE_JWT_ERROR_SIGNATURE,
  CORE_JWT_ERROR_CLAIM, /* another issuer or audience, or a claim that is missing or of the wrong type */
  CORE_JWT_ERROR_EXPIRED,
  CORE_JWT_ERROR_NOT_YET,
  CORE_JWT_ERROR_FAILED, /* OpenSSL could not */
} CoreJwtError;

typedef enum
{
  CORE_JWT_BASE64URL, /* RFC 7515 */
  CORE_JWT_BASE64,    /* with "+", "/" and padding, as WSO2's default generator of backend JWTs writes it */
} CoreJwtEncoding;

/* @header, @claims: JSON objects; @header has the key's algorithm.
 * Returns: (transfer full): NULL with CORE_JWT_ERROR. */
char *core_jwt_sign (const CoreJwtKey *key, const char *header, const char *claims, CoreJwtEncoding encoding,
                     GError **error);

/* Without a signature: for api-manager.xml's SignatureAlgorithm NONE and nothing else. Nobody here accepts one. */
char *core_jwt_make_unsigned (const char *header, const char *claims, CoreJwtEncoding encoding, GError **error);

typedef struct
{
  const CoreJwtKeys *keys;
  const char *issuer;   /* what "iss" must be */
  const char *audience; /* what "aud" must be, or hold */
  gint64 now_s;         /* since the epoch */
  gint64 skew_s;        /* how far clocks may differ */
} CoreJwtRules;

/* Whether a text is written as a JWT is: three parts with dots between them. Nothing in it is believed yet. */
gboolean core_jwt_has_form (const char *text, gsize length);

/* The claims of whoever wrote it, signed or not: good for finding what is known of a token under its "jti", and for
 * nothing that grants. NULL: no JWT. */
CoreJson *core_jwt_peek (const char *token, gsize length);

/* @token: @length bytes, base64url only. The token must have "exp"; "nbf" and "iat" count where they are.
 * *claims: (out) (optional) (transfer full): all its claims, on TRUE.
 * FALSE with CORE_JWT_ERROR, whose message is for people and quotes nothing of the token. */
gboolean core_jwt_verify (const char *token, gsize length, const CoreJwtRules *rules, CoreJson **claims,
                          GError **error);

G_END_DECLS
#endif
