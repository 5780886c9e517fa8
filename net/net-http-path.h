/* Paths of request targets, before anything is decided by them. Threads: pure functions. */
#ifndef NET_HTTP_PATH_H
#define NET_HTTP_PATH_H

#include "net/net-http-request.h"

G_BEGIN_DECLS

/* Whether different programs would resolve the path differently: empty or dot segments (also with parameters, "..;x"),
 * backslashes, encoded separators, dots and NULs. What one of them checks, another would serve. */
gboolean net_http_path_is_tricky (NetHttpText path);

G_END_DECLS
#endif
