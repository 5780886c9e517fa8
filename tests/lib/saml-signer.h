/* Makes and signs SAML assertions, good ones and others, as an identity provider with its own keys. Threads:
 * one. */
#ifndef SAML_SIGNER_H
#define SAML_SIGNER_H

#include <glib.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

G_BEGIN_DECLS

#define SAML_DSIG "http://www.w3.org/2000/09/xmldsig#"
#define SAML_DSIG_MORE "http://www.w3.org/2001/04/xmldsig-more#"
#define SAML_RSA_SHA256 SAML_DSIG_MORE "rsa-sha256"
#define SAML_ECDSA_SHA256 SAML_DSIG_MORE "ecdsa-sha256"
#define SAML_SHA256 "http://www.w3.org/2001/04/xmlenc#sha256"
#define SAML_EXCLUSIVE "http://www.w3.org/2001/10/xml-exc-c14n#"
#define SAML_TRANSFORMS                                                                                      \
  "<ds:Transform Algorithm=\"" SAML_DSIG "enveloped-signature\"/><ds:Transform Algorithm=\"" SAML_EXCLUSIVE  \
  "\"/>"

#define SAML_ISSUER "https://idp.example.com"
#define SAML_ENDPOINT "https://am.example.com:9443/oauth2/token"

/* The pieces of an assertion, as XML; saml_parts_init() makes those of a good one at SAML_NOW_S. */
typedef struct
{
  const char *version;
  const char *id;
  const char *issuer;
  const char *name_id;                                                          /* the element */
  const char *confirmation;                                                     /* the elements */
  const char *conditions;                                                       /* the element */
  const char *more;                                                             /* behind all others */
  const char *method, *digest, *canonicalization, *transforms, *uri, *key_info; /* of the signature */
} SamlParts;

#define SAML_NOW_S G_GINT64_CONSTANT (1893456000) /* 2030-01-01T00:00:00Z */

void saml_parts_init (SamlParts *parts);

/* Without a signature. Free with g_free(). */
char *saml_unsigned (const SamlParts *parts);
/* Signed by @key: an EVP_PKEY's, or, with @hmac, by these bytes. Free with g_free(). */
char *saml_signed (const SamlParts *parts, EVP_PKEY *key);
char *saml_signed_hmac (const SamlParts *parts, const char *bytes, gsize length);

/* @bits 0: an EC key on P-256. */
EVP_PKEY *saml_key_new (guint bits);
/* Self-signed, in PEM, valid for these times since 1970. Free with g_free(). */
char *saml_certificate_new (EVP_PKEY *key, gint64 from_s, gint64 until_s);

G_END_DECLS
#endif
