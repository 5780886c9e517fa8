/* A SAML 2.0 identity provider whose assertions are taken for users of ours: its name, its keys, and how we
 * are called in what it says (RFC 7522 3; Apimd/Saml2IdentityProviders). Threads: immutable once made. */
#ifndef KV_SAML_PROVIDER_H
#define KV_SAML_PROVIDER_H

#include "common/apim-saml-providers.h"

#include <openssl/x509.h>

G_BEGIN_DECLS

#define KV_SAML_ERROR (kv_saml_error_quark ())
GQuark kv_saml_error_quark (void);
typedef enum
{
  KV_SAML_ERROR_CERTIFICATE, /* a provider's file: the message is for the operator, and names it */
  KV_SAML_ERROR_REFUSED,     /* an assertion: the message is for whoever sent it, and for the log */
} KvSamlError;

/* Certificates of one provider: its present one and those before and after it. */
#define KV_SAML_MAX_CERTIFICATES 8
/* Bits of an RSA key; the second with @weak. */
#define KV_SAML_MIN_RSA_BITS 2048
#define KV_SAML_MIN_WEAK_RSA_BITS 1024

typedef struct
{
  char *issuer;
  GPtrArray *certificates; /* of X509; one at least */
  char **recipients;       /* the token endpoint's URLs; one at least */
  char **audiences;        /* of us; one at least */
  char **tenants; /* whose users it may name, in small letters; the first is that of names without one */
  gboolean weak;  /* SHA-1 and short RSA keys are taken, too */
} KvSamlProvider;

/* Reads the certificates; other things in their file are passed over. An expired certificate is no error: it
 * counts at no time, but the file may hold the next one. @endpoint: the URL of the token endpoint, for
 * settings without recipients. KV_SAML_ERROR_CERTIFICATE: unreadable, without a certificate, or with a key
 * that is neither RSA nor EC or is too short. */
KvSamlProvider *kv_saml_provider_new (const ApimSamlProvider *settings, const char *endpoint, GError **error);
void kv_saml_provider_free (KvSamlProvider *provider);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KvSamlProvider, kv_saml_provider_free)

G_END_DECLS
#endif
