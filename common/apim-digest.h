/* The digests that user-mgt.xml may name, by the names of java.security.MessageDigest.
 * Threads: pure function. */
#ifndef APIM_DIGEST_H
#define APIM_DIGEST_H

#include <glib.h>
#include <openssl/evp.h>

G_BEGIN_DECLS

/* @java_name: "SHA-256"; Java ignores the case. NULL: no digest of fixed length has this name. */
const EVP_MD *apim_digest_find (const char *java_name);

G_END_DECLS
#endif
