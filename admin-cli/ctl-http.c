#include "config.h"

#include "admin-cli/ctl-http.h"

#include "admin-cli/ctl-error.h"

SoupSession *
ctl_http_session_new (CtlTrust *trust)
{
  SoupSession *session = soup_session_new ();
  /* The form pages of a Store know who asks by a cookie; it ends with the process. */
  soup_session_add_feature_by_type (session, SOUP_TYPE_COOKIE_JAR);
  /* Nodes are reached directly, on every port. */
  soup_session_set_proxy_resolver (session, NULL);
  if (ctl_trust_database (trust) != NULL)
    soup_session_set_tls_database (session, ctl_trust_database (trust));
  return session;
}

void
ctl_http_set_unreachable (CtlTrust *trust, CtlDeadline *deadline, const char *where, GError *cause, GError **error)
{
  g_autoptr (GError) owned = cause;
  const char *reason = ctl_trust_reason (trust);
  if (g_error_matches (owned, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    ctl_error_set (error, CTL_ERROR_UNREACHABLE, NULL, where, "no answer within %u s",
                   ctl_deadline_timeout_ms (deadline) / 1000);
  else if (owned->domain == G_TLS_ERROR && reason != NULL)
    ctl_error_set (error, CTL_ERROR_UNREACHABLE, NULL, where, "%s", reason);
  else
    ctl_error_set (error, CTL_ERROR_UNREACHABLE, NULL, where, "%s", owned->message);
}

/* Reads at most @limit bytes to the end of the stream; more is an error. */
static GByteArray *
read_body (GInputStream *body, gsize limit, GCancellable *cancellable, GError **error)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  guint8 chunk[16 * 1024];
  for (;;)
    {
      gssize got = g_input_stream_read (body, chunk, sizeof chunk, cancellable, error);
      if (got < 0)
        return NULL;
      if (got == 0)
        return g_steal_pointer (&bytes);
      g_byte_array_append (bytes, chunk, (guint)got);
      if (bytes->len > limit)
        {
          g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE, "the reply is too long");
          return NULL;
        }
    }
}

GByteArray *
ctl_http_send (SoupSession *session, SoupMessage *message, CtlTrust *trust, CtlDeadline *deadline, gsize max_bytes,
               const char *where, GError **error)
{
  g_autoptr (GError) cause = NULL;
  GCancellable *cancellable = ctl_deadline_cancellable (deadline);
  soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT);
  g_signal_connect (message, "accept-certificate", G_CALLBACK (ctl_trust_accept_certificate), trust);
  g_autoptr (GInputStream) stream = soup_session_send (session, message, cancellable, &cause);
  GByteArray *body = stream != NULL ? read_body (stream, max_bytes, cancellable, &cause) : NULL;
  if (body == NULL)
    ctl_http_set_unreachable (trust, deadline, where, g_steal_pointer (&cause), error);
  return body;
}
