/* HTTP requests of this program, by libsoup: straight to the server, certificates verified by a CtlTrust, the whole
 * exchange within a CtlDeadline, the answer within a limit. Threads: one. */
#ifndef CTL_HTTP_H
#define CTL_HTTP_H

#include "admin-cli/ctl-deadline.h"
#include "admin-cli/ctl-trust.h"

#include <libsoup/soup.h>

G_BEGIN_DECLS

/* @trust must outlive the session. */
SoupSession *ctl_http_session_new (CtlTrust *trust);

/* Sends @message, without following redirects: a redirected request would hand its secrets to somebody else.
 * Returns: (transfer full): the answer's body; its status is in @message. NULL with CTL_ERROR_UNREACHABLE, also when
 * the body is longer than @max_bytes; @where: for messages. */
GByteArray *ctl_http_send (SoupSession *session, SoupMessage *message, CtlTrust *trust, CtlDeadline *deadline,
                           gsize max_bytes, const char *where, GError **error);

/* What GIO says about a connection, said for people. Takes @cause. */
void ctl_http_set_unreachable (CtlTrust *trust, CtlDeadline *deadline, const char *where, GError *cause,
                               GError **error);

G_END_DECLS
#endif
