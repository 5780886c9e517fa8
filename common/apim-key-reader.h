/* Takes the private keys and certificates out of a PEM or PKCS#12 file, unpaired. Private to common/.
 * Threads: every function may be called from any thread. */
#ifndef APIM_KEY_READER_H
#define APIM_KEY_READER_H

#include <glib.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

G_BEGIN_DECLS

#define APIM_KEY_MATERIAL_MAX 64 /* keys, and certificates, in one file */

typedef struct
{
  EVP_PKEY *key;
  char *name; /* nullable; PKCS#12 friendly name, what Java calls the alias */
} ApimNamedKey;

/* Both in the order of the file. */
typedef struct
{
  GPtrArray *keys;         /* of ApimNamedKey */
  GPtrArray *certificates; /* of X509 */
} ApimKeyMaterial;

/* @path: for messages. @password: of the file, @key_password: of the keys in it; both nullable.
 * NULL with APIM_KEY_STORE_ERROR. */
ApimKeyMaterial *apim_key_reader_pem (const char *path, const char *bytes, gsize length, const char *key_password,
                                      GError **error);
ApimKeyMaterial *apim_key_reader_pkcs12 (const char *path, const char *bytes, gsize length, const char *password,
                                         const char *key_password, GError **error);
void apim_key_material_free (ApimKeyMaterial *material);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ApimKeyMaterial, apim_key_material_free)

G_END_DECLS
#endif
