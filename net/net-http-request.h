/* HTTP/1.1 request heads, parsed strictly (RFC 9112): what is ambiguous is refused with a status, never guessed.
 * The parsed request points into the input bytes; nothing is copied. Fuzz target: tests/fuzz/fuzz-http-request.c.
 * Threads: pure functions. */
#ifndef NET_HTTP_REQUEST_H
#define NET_HTTP_REQUEST_H

#include "net/net-buffer.h"
#include "net/net-http-chars.h"
#include "net/net-http-name.h"

G_BEGIN_DECLS

#define NET_HTTP_MAX_HEADERS 128
#define NET_HTTP_MAX_TARGET 8192 /* bytes of a request target; longer: 414 */
#define NET_HTTP_MAX_METHOD 32   /* bytes of a method; longer: 501 */

typedef struct
{
  const char *text; /* not terminated */
  gsize length;
} NetHttpText;

typedef struct
{
  NetHttpText name;  /* as sent; compare without case */
  NetHttpText value; /* without white space around it */
  NetHttpName id;    /* of the name; ask net_http_header_id() */
} NetHttpHeader;

/* What its name is, whoever made it. */
static inline NetHttpName
net_http_header_id (const NetHttpHeader *header)
{
  return header->id != NET_HTTP_NAME_UNREAD ? header->id : net_http_name_find (header->name.text, header->name.length);
}

typedef struct
{
  NetHttpText method;
  NetHttpText target;  /* origin form ("/path?query") or "*" with OPTIONS; other forms are refused with 400 */
  NetHttpText path;    /* target up to "?", undecoded */
  NetHttpText query;   /* after "?", undecoded; empty when there is none */
  guint minor_version; /* 0 or 1 of HTTP/1.x */
  NetHttpHeader headers[NET_HTTP_MAX_HEADERS];
  guint n_headers;
  gboolean chunked;        /* Transfer-Encoding: chunked (and nothing else) */
  gint64 content_length;   /* -1 when there is none; what is larger than 63 bits is refused with 413 */
  gboolean keep_alive;     /* from version and Connection */
  gboolean expect_continue; /* never in HTTP/1.0, which knows no interim answers */
  const char *error;        /* on ERROR: what is wrong, in words for the peer (static) */
} NetHttpRequest;

typedef enum
{
  NET_HTTP_PARSE_MORE,  /* not whole yet */
  NET_HTTP_PARSE_DONE,
  NET_HTTP_PARSE_ERROR, /* refuse with *status and close */
} NetHttpParse;

/* The search for the end of a head in input that grows: every byte is looked at once, however slowly it comes.
 * Zero-initialise. */
typedef struct
{
  gsize position;    /* looked at so far; on DONE the length of the head, empty line included */
  gsize line_start;
  guint status;      /* on ERROR: 400, 414 or 431 */
  const char *error; /* on ERROR: what is wrong (static) */
} NetHttpHeadScan;

/* Goes on with the search. @bytes and @length: the whole input so far, from the first byte of the head; it may have
 * moved since the last call. Finds early what no later byte can mend: control characters, line ends other than CRLF,
 * a request line or a head over the limits. */
NetHttpParse net_http_head_scan (NetHttpHeadScan *scan, const char *bytes, gsize length, gsize max_head);

/* Reads a head that net_http_head_scan() found whole.
 * @status: (out): on FALSE: 400, 414, 417, 431, 501 or 505; request->error says why. */
gboolean net_http_request_read (NetHttpRequest *request, const char *head, gsize head_length, guint *status);

/* Both in one, for input that is all there: parses a request head from the @length bytes at @bytes.
 * @max_head: over this without an end: 431.
 * @head_length: (out): on DONE, bytes up to and including the empty line.
 * @status: (out): on ERROR: 400, 414, 417, 431, 501 or 505. */
NetHttpParse net_http_request_parse (NetHttpRequest *request, const char *bytes, gsize length, gsize max_head,
                                     gsize *head_length, guint *status);

/* The value of the first header of this name (compared without case). Returns: FALSE when it is absent. */
gboolean net_http_request_header (const NetHttpRequest *request, const char *name, NetHttpText *value);
/* The same by the number of its name; not OTHER. */
gboolean net_http_request_named (const NetHttpRequest *request, NetHttpName name, NetHttpText *value);

/* Inline, so that the length of a literal is a number. */
static inline gboolean
net_http_text_equal (NetHttpText text, const char *other)
{
  return text.length == strlen (other) && memcmp (text.text, other, text.length) == 0;
}

static inline gboolean
net_http_text_equal_nocase (NetHttpText text, const char *other)
{
  return text.length == strlen (other) && net_http_same_nocase (text.text, other, text.length);
}

#define NET_HTTP_MAX_CHUNK_OVERHEAD 4096 /* bytes of a body's chunk extensions; more: 400 */
#define NET_HTTP_MAX_TRAILERS 64          /* fields of a trailer section; more: 431 */
#define NET_HTTP_MAX_TRAILER 8192         /* bytes of one, where the reader does not say how many */

/* Chunked bodies (RFC 9112 7.1), decoded in place and incrementally. Zero-initialise, but for the first two. Chunk
 * extensions are checked and dropped; trailers are checked, and kept where @trailers says. A size has at most 16 digits, so
 * that framing beside them is never more than 20 bytes for one of the body. */
typedef struct
{
  NetBuffer *trailers; /* nullable: appended to, as they came: "name:value" CR LF; who empties it is the caller */
  gsize max_trailer;   /* bytes of the trailer section; more: 431; 0: NET_HTTP_MAX_TRAILER */
  int state;
  guint n_digits;     /* of the size being read */
  guint64 chunk_left; /* of the chunk being read; while its size is being read: of its digits so far */
  gsize overhead;
  gsize trailer_length;
  guint n_trailers;
  guint status;      /* on ERROR: 400 or 431 */
  const char *error; /* on ERROR: what is wrong (static) */
} NetHttpChunks;

/* Decodes from @bytes: body bytes are moved to @body (which may be @bytes itself; never overtakes the input).
 * @used, @produced: (out): input bytes eaten, body bytes written.
 * Returns: DONE after the last chunk and trailers; MORE (then all of the input was eaten); or ERROR. */
NetHttpParse net_http_chunks_decode (NetHttpChunks *chunks, char *bytes, gsize length, char *body, gsize *used,
                                     gsize *produced);

G_END_DECLS
#endif
