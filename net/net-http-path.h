/* Paths of request targets, before anything is decided by them. Threads: pure functions. */
#ifndef NET_HTTP_PATH_H
#define NET_HTTP_PATH_H

#include "net/net-http-request.h"

G_BEGIN_DECLS

/* Whether different programs would resolve the path differently: empty or dot segments (also with parameters, "..;x"),
 * backslashes, encoded separators, dots and NULs. What one of them checks, another would serve. */
gboolean net_http_path_is_tricky (NetHttpText path);

/* The path as a server reads it that decodes it and cuts off the parameters of segments (";..."), as far as both are no
 * matter of taste: encoded unreserved characters stand for themselves (RFC 3986 6.2.2.2), anything else stays encoded.
 * @plain: (out): room for as many bytes as the path has. Returns: its length. */
gsize net_http_path_plain (NetHttpText path, char *plain);

G_END_DECLS
#endif
