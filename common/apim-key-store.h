/* Private keys with their certificate chains, as a TLS listener needs them: read from PEM files or key stores, or made.
 * Threads: immutable once loaded. */
#ifndef APIM_KEY_STORE_H
#define APIM_KEY_STORE_H

#include "common/apim-config.h"
#include <openssl/evp.h>
#include <openssl/x509.h>

G_BEGIN_DECLS

#define APIM_KEY_STORE_ERROR (apim_key_store_error_quark ())
GQuark apim_key_store_error_quark (void);
typedef enum
{
  APIM_KEY_STORE_ERROR_UNREADABLE,
  APIM_KEY_STORE_ERROR_PASSWORD, /* wrong or missing password */
  APIM_KEY_STORE_ERROR_FORMAT,   /* not the format it claims, no private key, or key and certificate do not fit */
  APIM_KEY_STORE_ERROR_WRITE,
} ApimKeyStoreError;

typedef struct
{
  EVP_PKEY *key;
  X509 *certificate;
  STACK_OF (X509) *chain; /* nullable; intermediate certificates, in order */
} ApimKeyPair;

void apim_key_pair_free (ApimKeyPair *pair);

/* The keys that the node serves: the operator's key store (with an alias, that key; else the first of each
 * kind, because a listener holds one RSA and one EC key), else the node's own RSA and P-256 keys
 * (spec/decisions.md 8). A certificate that has expired, or does not hold yet, is logged and served.
 * Returns: (transfer full) (element-type ApimKeyPair): at least one; NULL with APIM_KEY_STORE_ERROR. */
GPtrArray *apim_key_store_load (const ApimConfig *config, GError **error);

/* Makes the node's own keys where they are missing: repository/resources/security/node-rsa.pem (RSA-2048) and
 * node-ec.pem (P-256), mode 0600, each with a self-signed certificate, valid 10 years, for @host_names (nullable: the
 * configured host name). The first is the CN; "localhost", 127.0.0.1 and ::1 are always among the alternative names.
 * Beside them node-cert.pem (0644) with both certificates, for clients' trust stores.
 * Does nothing when the operator's configuration names a key store.
 * @made: (out) (optional): whether anything was made. */
gboolean apim_key_store_make (const ApimConfig *config, const char *const *host_names, gboolean *made, GError **error);

G_END_DECLS
#endif
