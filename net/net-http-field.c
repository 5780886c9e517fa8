#include "config.h"
#include "net/net-http-field.h"
#include "net/net-http-chars.h"

gboolean
net_http_text_is_token (NetHttpText text)
{
  for (gsize i = 0; i < text.length; i++)
    if (!net_http_is_token_char (text.text[i]))
      return FALSE;
  return text.length > 0;
}

NetHttpText
net_http_text_trim (NetHttpText text)
{
  while (text.length > 0 && (text.text[0] == ' ' || text.text[0] == '\t'))
    text.text++, text.length--;
  while (text.length > 0 && (text.text[text.length - 1] == ' ' || text.text[text.length - 1] == '\t'))
    text.length--;
  return text;
}

NetHttpText
net_http_text_cut (NetHttpText *rest, char separator)
{
  const char *at = memchr (rest->text, separator, rest->length);
  NetHttpText first = { rest->text, at == NULL ? rest->length : (gsize)(at - rest->text) };
  gsize eaten = first.length + (at != NULL);

  rest->text += eaten;
  rest->length -= eaten;
  return first;
}

NetHttpText
net_http_text_cut_line (NetHttpText *rest)
{
  NetHttpText line = net_http_text_cut (rest, '\n');

  if (line.length > 0)
    line.length--; /* the CR */
  return line;
}

static guint
refuse (guint status, const char *why, const char **error)
{
  *error = why;
  return status;
}

guint
net_http_field_read (NetHttpText line, NetHttpHeader *field, const char **error)
{
  gsize length = 0; /* of the name */

  if (line.text[0] == ' ' || line.text[0] == '\t')
    return refuse (400, "folded header line", error);
  while (length < line.length && net_http_is_token_char (line.text[length]))
    length++;
  if (length == 0 || length == line.length || line.text[length] != ':')
    return refuse (400, memchr (line.text, ':', line.length) == NULL ? "header line without a colon"
                                                                     : "the name of a header is not a token", error);
  field->name = (NetHttpText){ line.text, length };
  field->value = net_http_text_trim ((NetHttpText){ line.text + length + 1, line.length - length - 1 });
  field->id = net_http_name_find (field->name.text, field->name.length);
  return 0;
}

static guint
add_content_length (NetHttpFraming *framing, NetHttpText value, const char **error)
{
  gint64 length = 0;

  if (framing->n_lengths++ > 0)
    return refuse (400, "more than one Content-Length", error);
  if (value.length == 0)
    return refuse (400, "Content-Length is not a number", error);
  for (gsize i = 0; i < value.length; i++)
    {
      if (!g_ascii_isdigit (value.text[i]))
        return refuse (400, "Content-Length is not a number", error);
      if (length > (G_MAXINT64 - (value.text[i] - '0')) / 10)
        return refuse (413, "Content-Length is too large a number", error);
      length = length * 10 + (value.text[i] - '0');
    }
  framing->content_length = length;
  return 0;
}

static guint
add_transfer_encoding (NetHttpFraming *framing, NetHttpText value, const char **error)
{
  if (framing->n_codings++ > 0)
    return refuse (400, "more than one Transfer-Encoding", error);
  if (net_http_text_equal_nocase (value, "chunked"))
    framing->chunked = TRUE;
  else if (net_http_text_is_token (value))
    framing->unknown_coding = TRUE;
  else
    return refuse (400, "Transfer-Encoding is not \"chunked\"", error);
  return 0;
}

static void
add_connection (NetHttpFraming *framing, NetHttpText value)
{
  while (value.length > 0)
    {
      NetHttpText option = net_http_text_trim (net_http_text_cut (&value, ','));

      if (net_http_text_equal_nocase (option, "close"))
        framing->close = TRUE;
      else if (net_http_text_equal_nocase (option, "keep-alive"))
        framing->keep_alive = TRUE;
    }
}

guint
net_http_framing_add (NetHttpFraming *framing, const NetHttpHeader *field, const char **error)
{
  switch (net_http_header_id (field))
    {
    case NET_HTTP_NAME_CONTENT_LENGTH:
      return add_content_length (framing, field->value, error);
    case NET_HTTP_NAME_TRANSFER_ENCODING:
      return add_transfer_encoding (framing, field->value, error);
    case NET_HTTP_NAME_CONNECTION:
      add_connection (framing, field->value);
      return 0;
    default:
      return 0;
    }
}

/* RFC 9112 6.1, 6.3. */
guint
net_http_framing_end (const NetHttpFraming *framing, guint minor_version, const char **error)
{
  if (framing->n_codings > 0 && framing->n_lengths > 0)
    return refuse (400, "Content-Length and Transfer-Encoding together", error);
  if (framing->n_codings > 0 && minor_version == 0)
    return refuse (400, "Transfer-Encoding in HTTP/1.0", error);
  if (framing->unknown_coding)
    return refuse (501, "unknown transfer coding", error);
  return 0;
}

gboolean
net_http_framing_keeps_alive (const NetHttpFraming *framing, guint minor_version)
{
  return !framing->close && (minor_version >= 1 || framing->keep_alive);
}
