/* Heads between HTTP/2 and HTTP/1.1 (RFC 9113 8). A request's header list becomes the HTTP/1.1 head that says the same,
 * and is then read as strictly as any other: what could not be said in HTTP/1.1 without becoming ambiguous to a backend
 * is refused here. An answer's head, which is written as HTTP/1.1 has it, becomes a header list.
 *
 * Refused with 400: pseudo fields that are unknown, repeated, late or missing; names that are no lower-case tokens; values
 * with controls or with white space around them; fields of an HTTP/1.1 connection (8.2.2); a Host that is not :authority;
 * CONNECT. With 431: lists over the limit. Cookie fields are joined (8.2.3).
 *
 * Threads: a worker's; the buffers are its. */
#ifndef GW_H2_HEAD_H
#define GW_H2_HEAD_H

#include "net/net-buffer.h"
#include "net/net-http-request.h"

#include <nghttp2/nghttp2.h>

G_BEGIN_DECLS

/* What a field of a list counts beside its name and value (RFC 9113 6.5.2). */
#define GW_H2_FIELD_OVERHEAD 32
/* Fields of an answer: those of a backend, those that sequences set, and our own. */
#define GW_H2_MAX_ANSWER_FIELDS 256

typedef enum
{
  GW_H2_METHOD,
  GW_H2_SCHEME,
  GW_H2_AUTHORITY,
  GW_H2_PATH,
  GW_H2_HOST, /* no pseudo field, but kept as these are */
  GW_H2_N_KEPT
} GwH2Kept;

/* A request's header list as it comes. Zero-initialise. */
typedef struct
{
  gsize max, size; /* of the list */
  NetBuffer kept_bytes;
  struct
  {
    gsize start, length;
    gboolean given;
  } kept[GW_H2_N_KEPT]; /* in kept_bytes */
  NetBuffer lines;   /* of the other fields */
  NetBuffer cookies; /* joined */
  gboolean has_fields;
  guint n_trailers;
  guint status;      /* 0: fine so far */
  const char *error; /* static */
} GwH2Head;

/* A list begins, of a request or of a trailer section. @max: bytes that it may have. */
void gw_h2_head_begin (GwH2Head *head, gsize max);
/* A field of it. What is wrong is said at the end. */
void gw_h2_head_add (GwH2Head *head, NetHttpText name, NetHttpText value);
/* A field of a trailer section: checked alike; head->status and head->lines say at the end what came of it. More than
 * NET_HTTP_MAX_TRAILERS: 431. */
void gw_h2_head_add_trailer (GwH2Head *head, NetHttpText name, NetHttpText value);
/* The list is whole. Appends the HTTP/1.1 head to @output; @has_body: DATA frames follow.
 * Returns: FALSE with head->status (400, 431) and head->error. */
gboolean gw_h2_head_end (GwH2Head *head, gboolean has_body, NetBuffer *output);
/* Gives the buffers back. */
void gw_h2_head_clear (GwH2Head *head);

typedef struct
{
  gsize n;
  nghttp2_nv fields[GW_H2_MAX_ANSWER_FIELDS];
} GwH2AnswerHead;

/* Reads the head that is at the beginning of @bytes, as gw_headers_append_response() or net_http_answer_append() wrote it.
 * The fields point into @bytes, whose names become lower-case.
 * Returns: its length; 0: it has too many fields, or is none. */
gsize gw_h2_answer_head_read (GwH2AnswerHead *answer, char *bytes, gsize length);

/* The same of the lines of a trailer section. FALSE: it has too many fields. */
gboolean gw_h2_answer_trailers_read (GwH2AnswerHead *answer, char *bytes, gsize length);

G_END_DECLS
#endif
