/* The TLS of connections that we make: who is trusted, which versions; and the sessions of targets, so that
 * the next connection to one resumes. An immutable, reference-counted snapshot, as NetTls is for listeners; a
 * new trust store is a new NetTlsClient, whose sessions begin empty, so nothing that the old one trusted is
 * resumed.
 *
 * The peer's chain must end in a certificate of the trust store (any one: a root, an intermediate, or the
 * peer's own, as in Java), and its certificate must be for the host (or for net_tls_client_expect()): a DNS name of the alternative names (or,
 * where there is none, the common name) with at most one whole label "*" (RFC 6125 6.4), or an IP address of
 * them (RFC 2818 3.1). The name is sent along (SNI, RFC 6066 3), an address is not. A resumed session is not
 * verified again; it is used for at most an hour. Threads: any. */
#ifndef NET_TLS_CLIENT_H
#define NET_TLS_CLIENT_H

#include <glib.h>
#include <openssl/ssl.h>

G_BEGIN_DECLS

#define NET_TLS_CLIENT_MAX_SESSIONS 4096 /* targets whose session is kept */
#define NET_TLS_CLIENT_SESSION_S 3600    /* seconds */

typedef struct _NetTlsClient NetTlsClient;

/* @trusted: certificates as PEM text, at least one (apim_trust_store_pem()).
 * @minimum: TLS1_VERSION .. TLS1_3_VERSION. @ciphers: (nullable): list for TLS <= 1.2.
 * Returns: NULL with NET_TLS_ERROR_KEYS or NET_TLS_ERROR_SETTINGS. */
NetTlsClient *net_tls_client_new (const char *trusted, int minimum, const char *ciphers, GError **error);
/* Certificates must be for @name instead of the host that is connected to: of one whose certificate was made for another
 * name, such as "localhost". Once, before the client is shared. */
void net_tls_client_expect (NetTlsClient *client, const char *name);
NetTlsClient *net_tls_client_ref (NetTlsClient *client);
void net_tls_client_unref (NetTlsClient *client); /* nullable */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NetTlsClient, net_tls_client_unref)

/* A client's end for a connection to @host (a name, or an address without brackets), set to verify it; with
 * the last session of this target, when there is one. NULL with OpenSSL's error. */
SSL *net_tls_client_open (NetTlsClient *client, const char *host, guint16 port);

/* Why the handshake of @ssl failed, in words for a log. Free with g_free(). Call it first thing after the
 * failure; clears OpenSSL's errors. @ssl_error: of SSL_get_error(). */
char *net_tls_client_describe (SSL *ssl, int ssl_error);

G_END_DECLS
#endif
