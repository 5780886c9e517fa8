#include "config.h"

#include "admin-cli/ctl-trust.h"

#include "admin-cli/ctl-error.h"

struct _CtlTrust
{
  GTlsDatabase *database;
  gboolean insecure;
  GTlsCertificateFlags errors; /* of the last certificate that was turned down */
};

CtlTrust *
ctl_trust_new (const char *ca_file, gboolean insecure, GError **error)
{
  g_autoptr (CtlTrust) trust = g_new0 (CtlTrust, 1);
  trust->insecure = insecure;
  if (ca_file == NULL || insecure)
    return g_steal_pointer (&trust);

  g_autoptr (GError) cause = NULL;
  g_autofree char *path = g_canonicalize_filename (ca_file, NULL);
  g_autolist (GTlsCertificate) certificates = g_tls_certificate_list_new_from_file (path, &cause);
  if (certificates != NULL)
    trust->database = g_tls_file_database_new (path, &cause);
  if (trust->database != NULL)
    return g_steal_pointer (&trust);
  ctl_error_set (error, CTL_ERROR_USAGE, NULL, ca_file, "%s",
                 cause != NULL ? cause->message : "holds no certificate in PEM form");
  return NULL;
}

void
ctl_trust_free (CtlTrust *trust)
{
  g_clear_object (&trust->database);
  g_free (trust);
}

GTlsDatabase *
ctl_trust_database (CtlTrust *trust)
{
  return trust->database;
}

gboolean
ctl_trust_accept_certificate (GObject *object, GTlsCertificate *certificate, GTlsCertificateFlags errors,
                              CtlTrust *trust)
{
  if (trust->insecure)
    return TRUE;
  trust->errors = errors;
  return FALSE;
}

const char *
ctl_trust_reason (const CtlTrust *trust)
{
  static const struct
  {
    GTlsCertificateFlags flag;
    const char *reason;
  } reasons[] = {
    { G_TLS_CERTIFICATE_UNKNOWN_CA, "the server's certificate is not trusted here: name it, or the authority that "
                                    "signed it, with --cacert FILE (a new "
                                    "node keeps its own in repository/resources/security/node-cert.pem)" },
    { G_TLS_CERTIFICATE_BAD_IDENTITY, "the server's certificate is for another host name" },
    { G_TLS_CERTIFICATE_EXPIRED, "the server's certificate has expired" },
    { G_TLS_CERTIFICATE_NOT_ACTIVATED, "the server's certificate is not valid yet" },
    { G_TLS_CERTIFICATE_REVOKED, "the server's certificate was revoked" },
    { G_TLS_CERTIFICATE_INSECURE, "the server's certificate is too weak to be trusted" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (reasons); i++)
    if ((trust->errors & reasons[i].flag) != 0)
      return reasons[i].reason;
  return trust->errors != 0 ? "the server's certificate is not acceptable" : NULL;
}
