/* Redirect URIs of OAuth clients: which ones may be redirected to at all, and how an answer is added to one (RFC 6749 3.1.2, 4.1.2, 4.2.2; RFC 9700 4.1).
 * Whether one is a client's is a comparison of bytes, which the caller makes: nothing here makes two different texts equal.
 * Threads: pure functions. */
#ifndef CORE_REDIRECT_H
#define CORE_REDIRECT_H

#include <glib.h>

G_BEGIN_DECLS

#define CORE_REDIRECT_MAX_LENGTH 1024 /* characters: the width of CALLBACK_URL */

/* Whether @uri is an absolute URI of visible ASCII without fragment and user, whose scheme sends a browser to a program that the client runs: not
 * "javascript:", "data:" and their like. With http and https it names a host. */
gboolean core_redirect_is_usable (const char *uri);

typedef enum
{
  CORE_REDIRECT_QUERY,    /* errors of "code", and codes */
  CORE_REDIRECT_FRAGMENT, /* errors of "token", and tokens: RFC 6749 4.2.2 */
} CoreRedirectPart;

/* @uri: usable. Then pairs of name and value, ended by NULL; a pair whose value is NULL is left out. Values are encoded. Free with g_free(). */
char *core_redirect_make (const char *uri, CoreRedirectPart part, ...) G_GNUC_NULL_TERMINATED;

/* What a person is told about where @uri, usable, leads: host and port, or the scheme of an app's own. Free with g_free(). */
char *core_redirect_place (const char *uri);

/* The source expressions for the form-action of a page whose form may end in a redirect to @uri, usable. Chromium checks each redirect that follows a
 * form, also those that the client makes, so with https it is the scheme and not the host: else a client that goes on to another host of its own
 * would be stopped. Free with g_free(). */
char *core_redirect_form_action (const char *uri);

G_END_DECLS
#endif
