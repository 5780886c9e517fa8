/* What heads of requests and responses have in common: field lines, and the fields that say where a message
 * ends and what becomes of the connection (RFC 9110 5, RFC 9112 5-7, 9). For net/ only.
 *
 * Functions that refuse return the status that a server answers with, and say why in *error (static); 0:
 * fine. A client takes every one of them for a broken answer. Threads: pure functions. */
#ifndef NET_HTTP_FIELD_H
#define NET_HTTP_FIELD_H

#include "net/net-http-request.h"

G_BEGIN_DECLS

/* One or more token characters. */
gboolean net_http_text_is_token (NetHttpText text);
/* Without the spaces and tabs around it. */
NetHttpText net_http_text_trim (NetHttpText text);
/* Cuts @rest at the first @separator: returns what is before it; @rest becomes what is after it (nothing when
 * there is none). */
NetHttpText net_http_text_cut (NetHttpText *rest, char separator);
/* Cuts the next line off @rest, without its CR LF. */
NetHttpText net_http_text_cut_line (NetHttpText *rest);

/* The framing fields of one message. Set content_length to -1, everything else to zero. */
typedef struct
{
  guint n_lengths, n_codings;
  gint64 content_length; /* -1 when there is none; what is larger than 63 bits is refused with 413 */
  gboolean chunked;
  gboolean unknown_coding;
  gboolean close, keep_alive; /* options of Connection */
} NetHttpFraming;

/* Reads "name: value". */
guint net_http_field_read (NetHttpText line, NetHttpHeader *field, const char **error);
/* Content-Length, Transfer-Encoding, Connection; others are passed over. */
guint net_http_framing_add (NetHttpFraming *framing, const NetHttpHeader *field, const char **error);
/* What only all of them together tell. @minor_version: of HTTP/1.x. */
guint net_http_framing_end (const NetHttpFraming *framing, guint minor_version, const char **error);
/* Whether another message may follow on the connection (RFC 9112 9.3). */
gboolean net_http_framing_keeps_alive (const NetHttpFraming *framing, guint minor_version);

G_END_DECLS
#endif
