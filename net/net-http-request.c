#include "config.h"
#include "net/net-http-request.h"
#include "net/net-http-chars.h"
#include "net/net-http-field.h"

/* What reading one head needs beside its result. */
typedef struct
{
  NetHttpRequest *request;
  guint status;
  guint n_hosts;
  NetHttpFraming framing;
} Reader;

static gboolean
refuse (Reader *reader, guint status, const char *error)
{
  reader->status = status;
  reader->request->error = error;
  return FALSE;
}

static NetHttpParse
scan_refuse (NetHttpHeadScan *scan, guint status, const char *error)
{
  scan->status = status;
  scan->error = error;
  return NET_HTTP_PARSE_ERROR;
}

/* At the line feed that ends a line; scan->position is past it. Returns: DONE when it was the empty line at
 * the end. */
static NetHttpParse
scan_line_end (NetHttpHeadScan *scan)
{
  if (scan->position - scan->line_start == 2 && scan->line_start > 0)
    {
      /* RFC 9112 2.2: some clients send an empty line after a body. Two of them are nobody's habit. */
      if (scan->line_start == 2)
        return scan_refuse (scan, 400, "more than one empty line before the request line");
      return NET_HTTP_PARSE_DONE;
    }
  scan->line_start = scan->position;
  return NET_HTTP_PARSE_MORE;
}

/* How many more bytes the line may have. Of the request line that is looked at byte by byte, so that one that is too long
 * is told from one that is wrong in other ways alike, however its bytes come. */
static gsize
line_room (const NetHttpHeadScan *scan)
{
  static const gsize most = NET_HTTP_MAX_METHOD + NET_HTTP_MAX_TARGET + sizeof "  HTTP/1.1\r";

  return scan->line_start <= 2 ? most - (scan->position - scan->line_start) : G_MAXSIZE;
}

/* Whether a line goes on from @at with @text bytes that are of one, and then ends: all here, and within its room. */
static inline gboolean
ends_here (const char *at, gsize text, gsize here, gsize room)
{
  return MIN (here, room) - text >= 2 && at[text] == '\r' && at[text + 1] == '\n';
}

NetHttpParse
net_http_head_scan (NetHttpHeadScan *scan, const char *bytes, gsize length, gsize max_head)
{
  gsize end = MIN (length, max_head);

  while (scan->position < end)
    {
      const char *at = bytes + scan->position;
      gboolean after_cr = scan->position > scan->line_start && at[-1] == '\r';
      gsize room = line_room (scan);
      gsize text = after_cr ? 0 : net_http_field_span (at, MIN (end - scan->position, room));
      char byte = *at;

      if (room == 0)
        break;
      if (!after_cr && ends_here (at, text, end - scan->position, room))
        {
          NetHttpParse result;

          scan->position += text + 2;
          result = scan_line_end (scan);
          if (result != NET_HTTP_PARSE_MORE)
            return result;
          continue;
        }
      if (text > 0)
        {
          scan->position += text;
          continue;
        }
      if (after_cr != (byte == '\n'))
        return scan_refuse (scan, 400, "a line ends in CR LF, and neither stands alone");
      if (byte != '\n' && byte != '\r')
        return scan_refuse (scan, 400, "control character in the request head");
      scan->position++;
      if (byte == '\n')
        {
          NetHttpParse result = scan_line_end (scan);

          if (result != NET_HTTP_PARSE_MORE)
            return result;
        }
    }
  if (line_room (scan) == 0)
    return scan_refuse (scan, 414, "the request target is too long");
  if (scan->position >= max_head)
    return scan_refuse (scan, 431, "the request head is too large");
  return NET_HTTP_PARSE_MORE;
}

static gboolean
read_version (Reader *reader, NetHttpText version)
{
  const char *text = version.text;

  if (version.length != strlen ("HTTP/1.1") || memcmp (text, "HTTP/", 5) != 0 || !g_ascii_isdigit (text[5])
      || text[6] != '.' || !g_ascii_isdigit (text[7]))
    return refuse (reader, 400, "the request line is not a method, a target and an HTTP version");
  if (text[5] != '1' || text[7] > '1')
    return refuse (reader, 505, "only HTTP/1.1 and HTTP/1.0 are spoken here");
  reader->request->minor_version = text[7] - '0';
  return TRUE;
}

/* RFC 9112 3.2. A fragment is never part of a target, so "#" could only be cut off differently by different
 * readers. */
static gboolean
read_target (Reader *reader, NetHttpText target)
{
  NetHttpRequest *request = reader->request;
  NetHttpText rest = target;

  if (target.length > NET_HTTP_MAX_TARGET)
    return refuse (reader, 414, "the request target is too long");
  for (gsize i = 0; i < target.length; i++)
    if (target.text[i] < 0x21 || target.text[i] > 0x7e || target.text[i] == '#')
      return refuse (reader, 400, "character that is not allowed in the request target");
  if (net_http_text_equal (request->method, "CONNECT"))
    return refuse (reader, 400, "this is not a proxy");
  if (!(net_http_text_equal (target, "*") && net_http_text_equal (request->method, "OPTIONS"))
      && (target.length == 0 || target.text[0] != '/'))
    return refuse (reader, 400, "the request target is not a path");
  request->target = target;
  request->path = net_http_text_cut (&rest, '?');
  request->query = rest;
  return TRUE;
}

static gboolean
read_request_line (Reader *reader, NetHttpText line)
{
  NetHttpText method = net_http_text_cut (&line, ' ');
  NetHttpText target = net_http_text_cut (&line, ' ');

  /* The version first: it says whether the rest is ours to judge (the HTTP/2 preface is "PRI * HTTP/2.0"). */
  if (!read_version (reader, line))
    return FALSE;
  if (!net_http_text_is_token (method))
    return refuse (reader, 400, "the method is not a token");
  if (method.length > NET_HTTP_MAX_METHOD)
    return refuse (reader, 501, "unknown method");
  reader->request->method = method;
  return read_target (reader, target);
}

static gboolean
read_host (Reader *reader, NetHttpText value)
{
  if (reader->n_hosts++ > 0)
    return refuse (reader, 400, "more than one Host");
  for (gsize i = 0; i < value.length; i++)
    {
      char c = value.text[i];

      /* RFC 3986 3.2.2 and a port; without the comma, which would join two hosts in one. */
      if (!g_ascii_isalnum (c) && c != '.' && c != ':' && (c == '\0' || strchr ("-_~%[]!$&'()*+;=", c) == NULL))
        return refuse (reader, 400, "Host is not a host and port");
    }
  return TRUE;
}

static gboolean
read_expect (Reader *reader, NetHttpText value)
{
  if (!net_http_text_equal_nocase (value, "100-continue"))
    return refuse (reader, 417, "only \"100-continue\" can be expected");
  reader->request->expect_continue = reader->request->minor_version >= 1;
  return TRUE;
}

static gboolean
read_header (Reader *reader, NetHttpText line)
{
  NetHttpRequest *request = reader->request;
  NetHttpHeader *header = &request->headers[request->n_headers];

  if (request->n_headers == NET_HTTP_MAX_HEADERS)
    return refuse (reader, 431, "too many headers");
  reader->status = net_http_field_read (line, header, &request->error);
  if (reader->status != 0)
    return FALSE;
  request->n_headers++;
  if (header->id == NET_HTTP_NAME_HOST)
    return read_host (reader, header->value);
  if (header->id == NET_HTTP_NAME_EXPECT)
    return read_expect (reader, header->value);
  reader->status = net_http_framing_add (&reader->framing, header, &request->error);
  return reader->status == 0;
}

/* What only all headers together tell (RFC 9112 3.2, 6.1, 6.3, 9.3). */
static gboolean
read_end (Reader *reader)
{
  NetHttpRequest *request = reader->request;

  if (reader->n_hosts == 0 && request->minor_version >= 1)
    return refuse (reader, 400, "no Host");
  reader->status = net_http_framing_end (&reader->framing, request->minor_version, &request->error);
  request->chunked = reader->framing.chunked;
  request->content_length = reader->framing.content_length;
  request->keep_alive = net_http_framing_keeps_alive (&reader->framing, request->minor_version);
  return reader->status == 0;
}

gboolean
net_http_request_read (NetHttpRequest *request, const char *head, gsize head_length, guint *status)
{
  Reader reader = { .request = request, .framing.content_length = -1 };
  NetHttpText rest = { head, head_length };
  NetHttpText line = net_http_text_cut_line (&rest);
  gboolean fine;

  request->n_headers = 0;
  request->chunked = request->keep_alive = request->expect_continue = FALSE;
  request->content_length = -1;
  request->error = NULL;
  if (line.length == 0)
    line = net_http_text_cut_line (&rest); /* the one empty line that may come first */
  fine = read_request_line (&reader, line);
  while (fine && (line = net_http_text_cut_line (&rest)).length > 0)
    fine = read_header (&reader, line);
  fine = fine && read_end (&reader);
  *status = reader.status;
  return fine;
}

NetHttpParse
net_http_request_parse (NetHttpRequest *request, const char *bytes, gsize length, gsize max_head,
                        gsize *head_length, guint *status)
{
  NetHttpHeadScan scan = { 0 };
  NetHttpParse result = net_http_head_scan (&scan, bytes, length, max_head);

  *head_length = scan.position;
  *status = scan.status;
  request->error = scan.error;
  if (result == NET_HTTP_PARSE_DONE && !net_http_request_read (request, bytes, scan.position, status))
    result = NET_HTTP_PARSE_ERROR;
  return result;
}

gboolean
net_http_request_header (const NetHttpRequest *request, const char *name, NetHttpText *value)
{
  gsize length = strlen (name);

  for (guint i = 0; i < request->n_headers; i++)
    if (request->headers[i].name.length == length && net_http_same_nocase (request->headers[i].name.text, name, length))
      {
        *value = request->headers[i].value;
        return TRUE;
      }
  return FALSE;
}

gboolean
net_http_request_named (const NetHttpRequest *request, NetHttpName name, NetHttpText *value)
{
  for (guint i = 0; i < request->n_headers; i++)
    if (net_http_header_id (&request->headers[i]) == name)
      {
        *value = request->headers[i].value;
        return TRUE;
      }
  return FALSE;
}
