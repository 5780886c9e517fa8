/* Takes the private keys and certificates out of a PEM file or a key store, unpaired. Private to common/.
 * Threads: every function may be called from any thread. */
#ifndef APIM_KEY_READER_H
#define APIM_KEY_READER_H

#include <glib.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

G_BEGIN_DECLS

#define APIM_KEY_MATERIAL_KEYS_MAX 64           /* in one file */
#define APIM_KEY_MATERIAL_CERTIFICATES_MAX 1024 /* in one file: Java's own trust store has 140 */

typedef struct
{
  EVP_PKEY *key;
  char *name; /* nullable; what Java calls the alias, and PKCS#12 the friendly name */
} ApimNamedKey;

/* Both in the order of the file, but of JKS and JCEKS the keys' own chains come first. */
typedef struct
{
  GPtrArray *keys;         /* of ApimNamedKey */
  GPtrArray *certificates; /* of X509 */
} ApimKeyMaterial;

/* @path: for messages. @password: of the file, @key_password: of the keys in it; both nullable.
 * NULL with APIM_KEY_STORE_ERROR. */
ApimKeyMaterial *apim_key_reader_pem (const char *path, const char *bytes, gsize length, const char *key_password,
                                      GError **error);
/* A key store: PKCS#12, JKS or JCEKS, told by its content, because Java since 9 makes PKCS#12 under any name.
 * @alias: nullable: of JKS and JCEKS only the key of that name is decrypted, since each may have its own password. */
ApimKeyMaterial *apim_key_reader_store (const char *path, const char *bytes, gsize length, const char *password,
                                        const char *key_password, const char *alias, GError **error);
/* The certificates of a key store that vouch for others, whatever keys it holds beside them. */
ApimKeyMaterial *apim_key_reader_trusted (const char *path, const char *bytes, gsize length, const char *password,
                                          GError **error);
void apim_key_material_free (ApimKeyMaterial *material);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ApimKeyMaterial, apim_key_material_free)

G_END_DECLS
#endif
