/* An HTTP/1.1 response, as far as load-https looks at it. Threads: any. */
#ifndef LOAD_HTTP_REPLY_H
#define LOAD_HTTP_REPLY_H

#include "bench/load-world.h"

G_BEGIN_DECLS

typedef struct
{
  guint status;
  const char *body; /* in the bytes that were read, no NUL after it */
  gsize body_length;
} LoadHttpReply;

/* LOAD_REPLY_RIGHT: one whole response with a Content-Length, and nothing after it. LOAD_REPLY_WRONG: it
 * never will be. */
LoadVerdict load_http_reply_read (const guint8 *bytes, gsize length, LoadHttpReply *reply);

/* A member of the JSON object that is the body: a string without its quotes, a number or a word as it stands.
 * FALSE when there is none, or what stands before it is not of these three. */
gboolean load_http_reply_member (const LoadHttpReply *reply, const char *name, const char **value,
                                 gsize *length);

G_END_DECLS
#endif
