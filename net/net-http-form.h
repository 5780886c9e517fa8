/* Fields of application/x-www-form-urlencoded texts: form bodies and queries (WHATWG URL 5, HTML 4.01 17.13.4), decoded strictly: what two programs
 * could read differently is refused. Fuzz target: tests/fuzz/fuzz-http-form.c. Threads: pure functions over the caller's memory. */
#ifndef NET_HTTP_FORM_H
#define NET_HTTP_FORM_H

#include "net/net-http-request.h"

G_BEGIN_DECLS

#define NET_HTTP_MAX_FIELDS 128 /* fields of one form */

typedef struct _NetHttpForm NetHttpForm;

/* Decodes "+" and "%XX". @error: (out): on NULL: what is wrong, in words for the peer (static): a "%" without two digits, a NUL, what is not UTF-8, a
 * field without a name, or too many fields. An empty text is a form without fields. */
NetHttpForm *net_http_form_parse (const char *bytes, gsize length, const char **error);
void net_http_form_free (NetHttpForm *form); /* wipes the values; nullable */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NetHttpForm, net_http_form_free)

/* The value of the first field of this name, terminated; lives as long as @form. NULL when there is none. */
const char *net_http_form_get (const NetHttpForm *form, const char *name);

/* The name of a field that is there more than once, which OAuth forbids (RFC 6749 3.1, 3.2); NULL when none is. */
const char *net_http_form_repeated (const NetHttpForm *form);

guint net_http_form_length (const NetHttpForm *form);
/* The field at @index, in the order in which they came. */
void net_http_form_field (const NetHttpForm *form, guint index, const char **name, const char **value);

/* Whether the request's Content-Type is application/x-www-form-urlencoded, with any parameters. */
gboolean net_http_request_has_form (const NetHttpRequest *request);

G_END_DECLS
#endif
