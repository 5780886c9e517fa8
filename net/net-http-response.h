/* HTTP/1.x response heads, as a client gets them from a backend; parsed strictly (RFC 9112): a head that
 * could be read in two ways is a broken answer, because who reads it differently behind us would see another
 * message. The parsed response points into the input bytes; nothing is copied.
 *
 * The end of a head is searched with net_http_head_scan().
 * Fuzz target: tests/fuzz/fuzz-http-response.c.
 * Threads: pure functions. */
#ifndef NET_HTTP_RESPONSE_H
#define NET_HTTP_RESPONSE_H

#include "net/net-http-request.h"

G_BEGIN_DECLS

/* Where the body ends (RFC 9112 6.3). */
typedef enum
{
  NET_HTTP_BODY_NONE,   /* 204, 304, interim answers; answers to HEAD */
  NET_HTTP_BODY_LENGTH, /* content_length bytes */
  NET_HTTP_BODY_CHUNKED,
  NET_HTTP_BODY_TO_END, /* until the connection ends: no other answer follows */
} NetHttpBody;

typedef struct
{
  guint status;       /* 100-599 */
  NetHttpText reason; /* may be empty */
  guint minor_version;
  NetHttpHeader headers[NET_HTTP_MAX_HEADERS];
  guint n_headers;
  NetHttpBody body;
  gint64
      content_length; /* as sent; -1: none. With NET_HTTP_BODY_NONE it announces what a GET would have had */
  gboolean keep_alive;
  const char *error; /* on FALSE: what is wrong (static) */
} NetHttpResponse;

/* Reads a head that net_http_head_scan() found whole. @to_head: the request was HEAD. FALSE: no answer that
 * could be passed on. */
gboolean net_http_response_read (NetHttpResponse *response, const char *head, gsize head_length,
                                 gboolean to_head);

G_END_DECLS
#endif
