/* The keys that JWTs are signed and checked with: RSA for RS256, P-256 for ES256, each with its name (RFC 7638), and
 * the document that tells others of them (RFC 7517). Threads: a set never changes once it is filled. */
#ifndef CORE_JWT_KEYS_H
#define CORE_JWT_KEYS_H

#include <glib.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

G_BEGIN_DECLS

/* The only ones that are ever made or accepted (RFC 7518 3.3, 3.4). */
typedef enum
{
  CORE_JWT_RS256,
  CORE_JWT_ES256,
} CoreJwtAlgorithm;

/* "RS256", "ES256". */
const char *core_jwt_algorithm_name (CoreJwtAlgorithm algorithm);

/* RSA keys below this are not taken at all; RFC 7518 asks for 2048, which the key stores of WSO2 1.x do not have. */
#define CORE_JWT_MIN_RSA_BITS 1024
#define CORE_JWT_GOOD_RSA_BITS 2048
#define CORE_JWT_MAX_KEYS 16

typedef struct
{
  CoreJwtAlgorithm algorithm;
  EVP_PKEY *key;
  char *kid;     /* the JWK thumbprint with SHA-256 */
  char *jwk;     /* the public key as a JSON object */
  char *x5t;     /* of the certificate, as RFC 7515 4.1.7 writes it; NULL without one */
  char *x5t_hex; /* as WSO2 1.x writes it: Base64 of the hexadecimal digits; NULL without one */
} CoreJwtKey;

typedef struct _CoreJwtKeys CoreJwtKeys;

CoreJwtKeys *core_jwt_keys_new (void);
CoreJwtKeys *core_jwt_keys_ref (CoreJwtKeys *keys);
void core_jwt_keys_unref (CoreJwtKeys *keys);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CoreJwtKeys, core_jwt_keys_unref)

/* Adds a private or public key. @certificate: (nullable). FALSE: a key that no JWT can be made with (another kind or
 * curve, too short), one too many, or OpenSSL failed; the set is as before. */
gboolean core_jwt_keys_add (CoreJwtKeys *keys, EVP_PKEY *key, X509 *certificate);

guint core_jwt_keys_count (const CoreJwtKeys *keys);
const CoreJwtKey *core_jwt_keys_get (const CoreJwtKeys *keys, guint index);
/* (nullable): the first one of the algorithm. */
const CoreJwtKey *core_jwt_keys_first (const CoreJwtKeys *keys, CoreJwtAlgorithm algorithm);
/* (nullable): the first RSA key, else the first: what a token is signed with. */
const CoreJwtKey *core_jwt_keys_signer (const CoreJwtKeys *keys);

/* A JWK set with all of them. Free with g_free(). */
char *core_jwt_keys_to_jwks (const CoreJwtKeys *keys);

G_END_DECLS
#endif
