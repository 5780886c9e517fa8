/* The character classes of RFC 9110 5.6.2 and 5.5: request heads, trailers and our own headers are checked against
 * them. */
#ifndef NET_HTTP_CHARS_H
#define NET_HTTP_CHARS_H

#include <glib.h>
#include <string.h>

G_BEGIN_DECLS

/* A character of a token: method, field name, transfer coding. */
static inline gboolean
net_http_is_token_char (char c)
{
  return g_ascii_isalnum (c) || (c != '\0' && strchr ("!#$%&'*+-.^_`|~", c) != NULL);
}

/* A character of a field value: visible, space, tab or obs-text (0x80-0xff). No line ends, no other controls. */
static inline gboolean
net_http_is_field_char (char c)
{
  guchar byte = (guchar) c;

  return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
}

G_END_DECLS
#endif
