/* The character classes of RFC 9110 5.6.2 and 5.5: request heads, trailers and our own headers are checked against
 * them. */
#ifndef NET_HTTP_CHARS_H
#define NET_HTTP_CHARS_H

#include <glib.h>
#include <string.h>

G_BEGIN_DECLS

typedef enum
{
  NET_HTTP_CHAR_TOKEN = 1 << 0,
  NET_HTTP_CHAR_FIELD = 1 << 1,
} NetHttpCharClass;

/* By the byte: the classes that it belongs to. */
extern const guint8 net_http_char_classes[256];

/* A character of a token: method, field name, transfer coding. */
static inline gboolean
net_http_is_token_char (char c)
{
  return (net_http_char_classes[(guchar) c] & NET_HTTP_CHAR_TOKEN) != 0;
}

/* A character of a field value: visible, space, tab or obs-text (0x80-0xff). No line ends, no other controls. */
static inline gboolean
net_http_is_field_char (char c)
{
  return (net_http_char_classes[(guchar) c] & NET_HTTP_CHAR_FIELD) != 0;
}

/* Whether @text may be the value of a header: it is not empty, and has nothing that could end it. */
gboolean net_http_is_field_text (const char *text);

/* How many bytes at the beginning are of a field value. */
gsize net_http_field_span (const char *bytes, gsize length);

/* Without case, of letters of ASCII. */
gboolean net_http_same_nocase (const char *a, const char *b, gsize length);

G_END_DECLS
#endif
