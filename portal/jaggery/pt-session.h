/* Sessions of the form pages: the cookie JSESSIONID (spec/publisher-store-workflows.md 10). It is sealed with
 * the cluster's key and says who logged in, so any node goes on with it and none has to remember it; it ends
 * PT_SESSION_MS after it was given, and is given anew in its second half. It also ends, on every node at
 * once, when the user's password is changed, by whatever way: the cookie holds a keyed digest of the stored
 * one. Threads: any; blocks on the user store. */
#ifndef PT_SESSION_H
#define PT_SESSION_H

#include "core/core-authenticator.h"
#include "net/net-http-request.h"
#include "portal/pt-portal.h"

G_BEGIN_DECLS

#define PT_SESSION_COOKIE "JSESSIONID"
#define PT_SESSION_MS (30 * 60 * 1000) /* the web applications' session time-out of WSO2 */

typedef struct _PtSessions PtSessions;

/* @portal: borrowed. */
PtSessions *pt_sessions_new (PtPortal *portal, GError **error);
void pt_sessions_free (PtSessions *sessions);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtSessions, pt_sessions_free)

/* Checks the password, and that the user holds one of @permissions (CoreActorPermission). *cookie: (out)
 * (transfer full): for Set-Cookie. FALSE with CORE_PORTAL_ERROR_FORBIDDEN and the pages' own words, or an
 * error of the store. */
gboolean pt_session_log_in (PtSessions *sessions, const char *user_name, const char *password,
                            const char *peer, guint permissions, char **cookie, GError **error);

/* The password alone, as pt_check_password(). */
gboolean pt_session_check_password (PtSessions *sessions, const char *user_name, const char *password,
                                    const char *peer, StUser **user, GError **error);

/* *caller: (out) (transfer full): who the cookie says; NULL where there is none, or it is forged or over.
 * *cookie: (out) (transfer full): a newer one for Set-Cookie, mostly NULL. FALSE with an error of the store.
 */
gboolean pt_session_find (PtSessions *sessions, const NetHttpRequest *request, PtCaller **caller,
                          char **cookie, GError **error);

/* For Set-Cookie: makes the client forget it. Free with g_free(). */
char *pt_session_end (void);

/* Whether a cookie csrftoken, where there is one, is what the header X-CSRFToken says. */
gboolean pt_session_csrf_holds (const NetHttpRequest *request);

G_END_DECLS
#endif
