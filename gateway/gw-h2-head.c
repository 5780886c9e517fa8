#include "config.h"
#include "gateway/gw-h2-head.h"

#include "gateway/gw-headers.h"
#include "net/net-http-chars.h"
#include "net/net-http-field.h"

static const char *const kept_names[GW_H2_N_KEPT] = { ":method", ":scheme", ":authority", ":path", "host" };

static void
refuse (GwH2Head *head, guint status, const char *error)
{
  if (head->status != 0)
    return;
  head->status = status;
  head->error = error;
}

void
gw_h2_head_begin (GwH2Head *head, gsize max)
{
  gw_h2_head_clear (head);
  head->max = max;
}

void
gw_h2_head_clear (GwH2Head *head)
{
  net_buffer_clear (&head->kept_bytes);
  net_buffer_clear (&head->lines);
  net_buffer_clear (&head->cookies);
  *head = (GwH2Head){ 0 };
}

/* RFC 9113 8.2: upper case would be malformed; so would what HTTP/1.1 cannot have. */
static gboolean
is_name (NetHttpText name)
{
  for (gsize i = 0; i < name.length; i++)
    if (!net_http_is_token_char (name.text[i]) || g_ascii_isupper (name.text[i]))
      return FALSE;
  return name.length > 0;
}

static gboolean
is_blank (char c)
{
  return c == ' ' || c == '\t';
}

static gboolean
is_value (NetHttpText value)
{
  for (gsize i = 0; i < value.length; i++)
    if (!net_http_is_field_char (value.text[i]))
      return FALSE;
  return value.length == 0 || (!is_blank (value.text[0]) && !is_blank (value.text[value.length - 1]));
}

/* RFC 9113 8.2.2. Proxy-Connection and the rest would be about one connection of HTTP/1.1. */
static gboolean
is_of_connection (NetHttpText name, NetHttpText value)
{
  static const char *const names[] = { "connection", "proxy-connection", "keep-alive", "transfer-encoding", "upgrade" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (net_http_text_equal (name, names[i]))
      return TRUE;
  return net_http_text_equal (name, "te") && !net_http_text_equal (value, "trailers");
}

static gboolean
is_kept (NetHttpText name, guint *which)
{
  for (*which = 0; *which < GW_H2_N_KEPT; (*which)++)
    if (net_http_text_equal (name, kept_names[*which]))
      return TRUE;
  return FALSE;
}

static void
keep (GwH2Head *head, guint which, NetHttpText value)
{
  if (head->kept[which].given)
    {
      refuse (head, 400, which == GW_H2_HOST ? "more than one Host" : "a pseudo field comes twice");
      return;
    }
  head->kept[which].given = TRUE;
  head->kept[which].start = net_buffer_length (&head->kept_bytes);
  head->kept[which].length = value.length;
  net_buffer_append (&head->kept_bytes, value.text, value.length);
}

static NetHttpText
kept (const GwH2Head *head, GwH2Kept which)
{
  const char *bytes = (const char *) net_buffer_data (&head->kept_bytes);

  return (NetHttpText){ bytes != NULL ? bytes + head->kept[which].start : "", head->kept[which].length };
}

static void
append_text (NetBuffer *buffer, const char *text)
{
  net_buffer_append (buffer, text, strlen (text));
}

static void
append_line (NetBuffer *buffer, NetHttpText name, NetHttpText value)
{
  net_buffer_append (buffer, name.text, name.length);
  append_text (buffer, ": ");
  net_buffer_append (buffer, value.text, value.length);
  append_text (buffer, "\r\n");
}

/* Returns: FALSE when nothing more of the list is looked at. */
static gboolean
count (GwH2Head *head, NetHttpText name, NetHttpText value)
{
  head->size += name.length + value.length + GW_H2_FIELD_OVERHEAD;
  if (head->size > head->max)
    refuse (head, 431, "a header list or trailer section is too large");
  return head->status == 0;
}

void
gw_h2_head_add (GwH2Head *head, NetHttpText name, NetHttpText value)
{
  gboolean is_pseudo = name.length > 0 && name.text[0] == ':';
  guint which;

  if (!count (head, name, value))
    return;
  if (!is_value (value))
    refuse (head, 400, "a value has control characters, or white space around it");
  else if (is_pseudo && head->has_fields)
    refuse (head, 400, "a pseudo field comes after other fields");
  else if (!is_pseudo && !is_name (name))
    refuse (head, 400, "the name of a field is not a lower-case token");
  else if (is_of_connection (name, value))
    refuse (head, 400, "a field of HTTP/1.1 connections has no place in HTTP/2");
  else if (is_kept (name, &which))
    keep (head, which, value);
  else if (is_pseudo)
    refuse (head, 400, "a pseudo field that requests do not have");
  else if (net_http_text_equal (name, "cookie"))
    {
      append_text (&head->cookies, net_buffer_length (&head->cookies) > 0 ? "; " : "");
      net_buffer_append (&head->cookies, value.text, value.length);
    }
  else
    append_line (&head->lines, name, value);
  head->has_fields = head->has_fields || !is_pseudo;
}

void
gw_h2_head_add_trailer (GwH2Head *head, NetHttpText name, NetHttpText value)
{
  if (!count (head, name, value))
    return;
  if (!is_name (name) || !is_value (value))
    refuse (head, 400, "a trailer field that is none");
  else if (head->n_trailers++ == NET_HTTP_MAX_TRAILERS)
    refuse (head, 431, "too many trailer fields");
  else
    append_line (&head->lines, name, value);
}

static gboolean
same_authority (NetHttpText a, NetHttpText b)
{
  return a.length == b.length && g_ascii_strncasecmp (a.text, b.text, a.length) == 0;
}

/* What only all fields together tell (RFC 9113 8.3.1). What :path may hold is the business of who reads the head; here it
 * must only stay in its place of the request line. */
static void
check (GwH2Head *head)
{
  NetHttpText path = kept (head, GW_H2_PATH), scheme = kept (head, GW_H2_SCHEME);

  if (net_http_text_equal (kept (head, GW_H2_METHOD), "CONNECT"))
    refuse (head, 400, "this is not a proxy");
  if (!net_http_text_is_token (kept (head, GW_H2_METHOD)))
    refuse (head, 400, "the method is not a token");
  if (!net_http_text_equal_nocase (scheme, "http") && !net_http_text_equal_nocase (scheme, "https"))
    refuse (head, 400, "the scheme is not http or https");
  if (path.length == 0 || memchr (path.text, ' ', path.length) != NULL)
    refuse (head, 400, "the request target is not a path");
  if (kept (head, GW_H2_AUTHORITY).length == 0 && kept (head, GW_H2_HOST).length == 0)
    refuse (head, 400, "no Host");
  if (head->kept[GW_H2_AUTHORITY].given && head->kept[GW_H2_HOST].given
      && !same_authority (kept (head, GW_H2_AUTHORITY), kept (head, GW_H2_HOST)))
    refuse (head, 400, "Host is not what :authority says");
}

gboolean
gw_h2_head_end (GwH2Head *head, gboolean has_body, NetBuffer *output)
{
  static const NetHttpText host = { "host", 4 }, cookie = { "cookie", 6 }, length = { "content-length", 14 };
  NetHttpText lines = { (const char *) net_buffer_data (&head->lines), net_buffer_length (&head->lines) };
  NetHttpText cookies = { (const char *) net_buffer_data (&head->cookies), net_buffer_length (&head->cookies) };
  gboolean has_length = FALSE;

  if (head->status == 0)
    check (head);
  if (head->status != 0)
    return FALSE;
  for (NetHttpText rest = lines; rest.length > 0 && !has_length;)
    {
      NetHttpText line = net_http_text_cut_line (&rest);

      has_length = net_http_text_equal (net_http_text_cut (&line, ':'), length.text);
    }
  net_buffer_append (output, kept (head, GW_H2_METHOD).text, kept (head, GW_H2_METHOD).length);
  append_text (output, " ");
  net_buffer_append (output, kept (head, GW_H2_PATH).text, kept (head, GW_H2_PATH).length);
  append_text (output, " HTTP/1.1\r\n");
  append_line (output, host, kept (head, head->kept[GW_H2_AUTHORITY].given ? GW_H2_AUTHORITY : GW_H2_HOST));
  net_buffer_append (output, lines.text, lines.length);
  if (cookies.length > 0)
    append_line (output, cookie, cookies);
  if (has_body && !has_length)
    append_text (output, "transfer-encoding: chunked\r\n");
  append_text (output, "\r\n");
  return TRUE;
}

static nghttp2_nv
field (NetHttpText name, NetHttpText value)
{
  return (nghttp2_nv){ (uint8_t *) name.text, (uint8_t *) value.text, name.length, value.length, NGHTTP2_NV_FLAG_NONE };
}

/* Our own framing stays here; of Content-Length and Trailer HTTP/2 has the same. */
static gboolean
goes_on (NetHttpText name)
{
  return net_http_text_equal (name, "content-length") || net_http_text_equal (name, "trailer")
         || !gw_headers_is_of_connection (name);
}

/* Adds the fields of @rest, up to an empty line or its end. */
static gboolean
read_fields (GwH2AnswerHead *answer, char *bytes, NetHttpText *rest)
{
  const char *begin = rest->text;
  NetHttpText line;

  while ((line = net_http_text_cut_line (rest)).length > 0)
    {
      NetHttpText name = net_http_text_cut (&line, ':');

      for (char *at = bytes + (name.text - begin); at < bytes + (name.text + name.length - begin); at++)
        *at = g_ascii_tolower (*at);
      if (!goes_on (name))
        continue;
      if (answer->n == GW_H2_MAX_ANSWER_FIELDS)
        return FALSE;
      answer->fields[answer->n++] = field (name, net_http_text_trim (line));
    }
  return TRUE;
}

gsize
gw_h2_answer_head_read (GwH2AnswerHead *answer, char *bytes, gsize length)
{
  static const NetHttpText status_name = { ":status", 7 };
  NetHttpText rest = { bytes, length };
  NetHttpText line = net_http_text_cut_line (&rest);

  if (line.length < strlen ("HTTP/1.1 200"))
    return 0;
  answer->fields[0] = field (status_name, (NetHttpText){ line.text + strlen ("HTTP/1.1 "), 3 });
  answer->n = 1;
  return read_fields (answer, bytes + (rest.text - bytes), &rest) ? length - rest.length : 0;
}

gboolean
gw_h2_answer_trailers_read (GwH2AnswerHead *answer, char *bytes, gsize length)
{
  NetHttpText rest = { bytes, length };

  answer->n = 0;
  return read_fields (answer, bytes, &rest);
}
