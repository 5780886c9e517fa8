#include "config.h"
#include "net/net-http-response.h"
#include "net/net-http-field.h"

static gboolean
refuse (NetHttpResponse *response, const char *error)
{
  response->error = error;
  return FALSE;
}

/* "HTTP/1.1 200 OK" (RFC 9112 4); the blank before an empty reason may be missing, as many servers have it.
 */
static gboolean
read_status_line (NetHttpResponse *response, NetHttpText line)
{
  NetHttpText version = net_http_text_cut (&line, ' ');
  NetHttpText status = net_http_text_cut (&line, ' ');

  if (version.length != strlen ("HTTP/1.1") || memcmp (version.text, "HTTP/1.", 7) != 0
      || (version.text[7] != '0' && version.text[7] != '1'))
    return refuse (response, "not an answer of HTTP/1.0 or HTTP/1.1");
  if (status.length != 3 || status.text[0] < '1' || status.text[0] > '5' || !g_ascii_isdigit (status.text[1])
      || !g_ascii_isdigit (status.text[2]))
    return refuse (response, "the status is not a number from 100 to 599");
  response->minor_version = version.text[7] - '0';
  response->status
      = (guint)((status.text[0] - '0') * 100 + (status.text[1] - '0') * 10 + (status.text[2] - '0'));
  response->reason = line;
  return TRUE;
}

static gboolean
read_field (NetHttpResponse *response, NetHttpFraming *framing, NetHttpText line)
{
  NetHttpHeader *field = &response->headers[response->n_headers];

  if (response->n_headers == NET_HTTP_MAX_HEADERS)
    return refuse (response, "too many headers");
  if (net_http_field_read (line, field, &response->error) != 0)
    return FALSE;
  response->n_headers++;
  return net_http_framing_add (framing, field, &response->error) == 0;
}

static NetHttpBody
body_of (const NetHttpResponse *response, const NetHttpFraming *framing, gboolean to_head)
{
  if (to_head || response->status < 200 || response->status == 204 || response->status == 304)
    return NET_HTTP_BODY_NONE;
  if (framing->chunked)
    return NET_HTTP_BODY_CHUNKED;
  return framing->content_length >= 0 ? NET_HTTP_BODY_LENGTH : NET_HTTP_BODY_TO_END;
}

gboolean
net_http_response_read (NetHttpResponse *response, const char *head, gsize head_length, gboolean to_head)
{
  NetHttpFraming framing = { .content_length = -1 };
  NetHttpText rest = { head, head_length };
  NetHttpText line = net_http_text_cut_line (&rest);

  response->n_headers = 0;
  response->error = NULL;
  if (!read_status_line (response, line))
    return FALSE;
  while ((line = net_http_text_cut_line (&rest)).length > 0)
    if (!read_field (response, &framing, line))
      return FALSE;
  if (net_http_framing_end (&framing, response->minor_version, &response->error) != 0)
    return FALSE;
  response->content_length = framing.content_length;
  response->body = body_of (response, &framing, to_head);
  response->keep_alive = net_http_framing_keeps_alive (&framing, response->minor_version)
                         && response->body != NET_HTTP_BODY_TO_END;
  return TRUE;
}
