/* Which TLS certificates are believed: those that chain to the given file's, or to the system's, and bear the host's
 * name; or any. And why one was not. One object serves the HTTPS and the Thrift connection. Threads: one. */
#ifndef CTL_TRUST_H
#define CTL_TRUST_H

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _CtlTrust CtlTrust;

/* @ca_file: (nullable): PEM; NULL: the system's certificates. @insecure: believe everything.
 * Returns: NULL with CTL_ERROR_USAGE when @ca_file holds no certificate or cannot be read. */
CtlTrust *ctl_trust_new (const char *ca_file, gboolean insecure, GError **error);
void ctl_trust_free (CtlTrust *trust);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CtlTrust, ctl_trust_free)

/* (nullable) (transfer none): what to verify with; NULL: the default of GIO. */
GTlsDatabase *ctl_trust_database (CtlTrust *trust);

/* Handler for the signal "accept-certificate" of GTlsConnection and SoupMessage; @trust is the user data. Not called
 * for a good certificate. */
gboolean ctl_trust_accept_certificate (GObject *object, GTlsCertificate *certificate, GTlsCertificateFlags errors,
                                       CtlTrust *trust);

/* Why the last certificate was not believed, for people. (nullable) (transfer none): none was turned down. */
const char *ctl_trust_reason (const CtlTrust *trust);

G_END_DECLS
#endif
