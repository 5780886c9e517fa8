/* The cluster key: 32 random bytes that every node of a deployment shares (architecture 6). It signs what one node
 * hands out and another must believe: Thrift session ids, TLS session tickets. Keys for each use are derived from it
 * (HKDF-SHA256).
 * File: repository/resources/security/cluster-key, 64 hexadecimal digits, mode 0600; copy it to the other nodes. */
#ifndef APIM_CLUSTER_KEY_H
#define APIM_CLUSTER_KEY_H

#include <glib.h>

G_BEGIN_DECLS

#define APIM_CLUSTER_KEY_SIZE 32

/* Makes the file where it is missing. @made: (out) (optional). */
gboolean apim_cluster_key_make (const char *home, gboolean *made, GError **error);

/* Fills @derived with @length bytes for @purpose (a fixed text such as "thrift session"), the same on every node.
 * FALSE with APIM_SECRET_ERROR when the file is missing, readable by others, or not a key. */
gboolean apim_cluster_key_derive (const char *home, const char *purpose, guint8 *derived, gsize length, GError **error);

G_END_DECLS
#endif
