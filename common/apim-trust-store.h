/* Trust stores: files with the certificates of the authorities that vouch for a peer.
 * Threads: every function may be called from any thread. */
#ifndef APIM_TRUST_STORE_H
#define APIM_TRUST_STORE_H

#include <glib.h>

G_BEGIN_DECLS

/* The certificates of a file of at most 1 MiB, which is PEM or PKCS#12 (told by its content) as PEM text.
 * @password: nullable; of a PKCS#12 file.
 * Returns: (transfer full): NULL with APIM_KEY_STORE_ERROR; for a JKS file the message says how to convert it. */
char *apim_trust_store_read (const char *path, const char *password, GError **error);

G_END_DECLS
#endif
