/* Trust stores: files with the certificates of the authorities that vouch for a peer.
 * Threads: every function may be called from any thread. */
#ifndef APIM_TRUST_STORE_H
#define APIM_TRUST_STORE_H

#include "common/apim-config.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* The certificates of a file of at most 1 MiB, which is PEM, PKCS#12, JKS or JCEKS (told by its content) as PEM text.
 * @password: nullable; of a key store, which says no certificate without it.
 * Returns: (transfer full): NULL with APIM_KEY_STORE_ERROR. */
char *apim_trust_store_read (const char *path, const char *password, GError **error);

/* The same as apim_trust_store_open(), as PEM text: for whom OpenSSL verifies. It may be empty where the node has no
 * certificate of its own and the system no authorities.
 * Returns: (transfer full): NULL with APIM_KEY_STORE_ERROR. */
char *apim_trust_store_pem (const ApimConfig *config, GError **error);

/* Who vouches for the certificates of the nodes that this one calls: those of carbon.xml Security/TrustStore, or, where it
 * names no file, the system's authorities and the node's own certificates (node-cert.pem). Host names are checked by who
 * uses it, as GIO does. Blocks on files.
 * Returns: (transfer full): NULL with APIM_KEY_STORE_ERROR or G_TLS_ERROR. */
GTlsDatabase *apim_trust_store_open (const ApimConfig *config, GError **error);

G_END_DECLS
#endif
