/* Response heads and bodies as bytes (RFC 9112 4-6).
 * Threads: any; the Date text is cached per thread. */
#ifndef NET_HTTP_ANSWER_H
#define NET_HTTP_ANSWER_H

#include "net/net-buffer.h"

G_BEGIN_DECLS

typedef struct
{
  guint status;             /* 200-599 */
  const char *content_type; /* nullable */
  const void *headers;      /* further header lines, each with its CR LF */
  gsize headers_length;
  const char *connection; /* nullable: "close" or "keep-alive" */
  const void *body;       /* 204 and 304 have none, whatever is here */
  gsize length;
  gboolean head_only; /* the answer to HEAD: Content-Length as if, but no body */
} NetHttpAnswer;

/* The phrase of a status; "" of one that is not known here (RFC 9112 4 allows that). Static. */
const char *net_http_reason (guint status);
/* The value of Date (RFC 9110 5.6.7). Until the next call on this thread. */
const char *net_http_date (gint64 now_ms);

/* Appends the answer to @output. @now_ms: for Date, UTC. */
void net_http_answer_append (const NetHttpAnswer *answer, gint64 now_ms, NetBuffer *output);

G_END_DECLS
#endif
