/* Java's own key stores, JKS and JCEKS: one digest under the store's password seals the file, and each private key is
 * encrypted under a password of its own. Private to common/.
 * Source of the format: OpenJDK's sun.security.provider.JavaKeyStore and com.sun.crypto.provider.JceKeyStore.
 * Threads: every function may be called from any thread. */
#ifndef APIM_JKS_H
#define APIM_JKS_H

#include <glib.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

G_BEGIN_DECLS

#define APIM_JKS_ENTRIES_MAX 1024             /* of one file */
#define APIM_JKS_CERTIFICATES_MAX 1024        /* of one file */
#define APIM_JKS_JCEKS_ITERATIONS_MAX 1000000 /* of one key; Java writes 200,000 */

typedef struct
{
  char *alias;       /* valid UTF-8 */
  const guint8 *key; /* nullable: a trusted certificate; encrypted, inside the bytes that were read */
  gsize key_length;
  GPtrArray *certificates; /* of X509; a key's chain, its own first, or the one that is trusted */
} ApimJksEntry;

/* Whether the file begins as JKS or JCEKS. */
gboolean apim_jks_is (const void *bytes, gsize length);

/* Checks the digest of the file first, and then takes it apart. No key is decrypted. @path: for messages.
 * Returns: (transfer full) (element-type ApimJksEntry): in the order of the file, to be used while @bytes live;
 * NULL with APIM_KEY_STORE_ERROR: PASSWORD for a wrong one, which looks the same as a damaged file. */
GPtrArray *apim_jks_read (const char *path, const void *bytes, gsize length, const char *password, GError **error);

/* The private key of an entry that has one. @password: of the key, not of the store.
 * Returns: (transfer full): NULL with APIM_KEY_STORE_ERROR. */
EVP_PKEY *apim_jks_open_key (const char *path, const ApimJksEntry *entry, const char *password, GError **error);

G_END_DECLS
#endif
