/* What a request brings to say who sent it: Basic credentials (RFC 7617), a bearer token (RFC 6750 2.1), cookies (RFC 6265). Nothing is allocated.
 * Threads: pure functions. */
#ifndef NET_HTTP_CREDENTIALS_H
#define NET_HTTP_CREDENTIALS_H

#include "net/net-http-request.h"

G_BEGIN_DECLS

#define NET_HTTP_MAX_CREDENTIALS 2048 /* bytes of user and password together, decoded */

typedef enum
{
  NET_HTTP_CREDENTIALS_NONE,      /* no Authorization header, or one of another scheme */
  NET_HTTP_CREDENTIALS_MALFORMED, /* several headers, no Base64, no colon, a NUL, or too long */
  NET_HTTP_CREDENTIALS_FOUND,
} NetHttpCredentials;

typedef struct
{
  const char *user; /* terminated; within text; may be empty, and need not be UTF-8 */
  const char *password;
  char text[NET_HTTP_MAX_CREDENTIALS + 4];
} NetHttpBasic;

/* @basic: filled only when FOUND; wipe it with net_http_basic_clear() then. It points into itself: do not copy it. */
NetHttpCredentials net_http_request_basic (const NetHttpRequest *request, NetHttpBasic *basic);
void net_http_basic_clear (NetHttpBasic *basic);

/* @token: (out): into the request; only when FOUND. MALFORMED: several headers, or not a b64token. */
NetHttpCredentials net_http_request_bearer (const NetHttpRequest *request, NetHttpText *token);

/* The value of the first cookie of this name, as sent (without quotes around it); FALSE when there is none. */
gboolean net_http_request_cookie (const NetHttpRequest *request, const char *name, NetHttpText *value);

G_END_DECLS
#endif
