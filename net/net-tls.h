/* The TLS context of a listener: an immutable, reference-counted snapshot of keys and settings.
 *
 * TLS 1.2 and 1.3 by default; the minimum can be lowered to 1.0 for old JVMs (then with OpenSSL security level 0 for
 * the protocol's SHA-1). RSA and P-256 certificates are served side by side when both are given. Resumption: tickets
 * sealed with a key derived from the cluster key (any node and worker resumes), and session ids in a bounded cache
 * (JVMs before 13 know no tickets). No client certificates, no renegotiation, no compression, no early data.
 * SSL_MODE_RELEASE_BUFFERS and read-ahead (measurements).
 * Threads: immutable; references from any thread. */
#ifndef NET_TLS_H
#define NET_TLS_H

#include <glib.h>
#include <openssl/ssl.h>

G_BEGIN_DECLS

#define NET_TLS_ERROR (net_tls_error_quark ())
GQuark net_tls_error_quark (void);
typedef enum
{
  NET_TLS_ERROR_KEYS,     /* a key pair cannot be used */
  NET_TLS_ERROR_SETTINGS, /* cipher list or version */
} NetTlsError;

#define NET_TLS_TICKET_KEY_SIZE 80 /* 16 name, 32 HMAC, 32 AES: SSL_CTX_set_tlsext_ticket_keys() */

typedef struct _NetTls NetTls;

/* @key_pairs: (element-type ApimKeyPair): at least one, taken over by reference counting of the keys.
 * @minimum: TLS1_VERSION .. TLS1_3_VERSION. @ciphers: (nullable): list for TLS <= 1.2.
 * @ticket_key: (nullable): NET_TLS_TICKET_KEY_SIZE bytes; NULL = a random key of this process. */
NetTls *net_tls_new (GPtrArray *key_pairs, int minimum, const char *ciphers, const guint8 *ticket_key, GError **error);
NetTls *net_tls_ref (NetTls *tls);
void net_tls_unref (NetTls *tls);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NetTls, net_tls_unref)

SSL_CTX *net_tls_context (NetTls *tls);

/* @ssl, a server's end made of such a context, offers @protocols by ALPN: a constant, as NetProtocol.alpn has it; NULL:
 * none. A context is shared by listeners that speak different protocols. HTTP/2 is not offered below TLS 1.2
 * (RFC 9113 9.2). */
void net_tls_offer (SSL *ssl, const char *protocols);

/* The text of OpenSSL's last error on this thread, for logs; clears the queue. Free with g_free(). */
char *net_tls_last_error (void);

G_END_DECLS
#endif
