/* Heads are written into room that was reserved once: their lengths are known before. */
#include "config.h"
#include "gateway/gw-headers.h"

#include "net/net-http-answer.h"
#include "net/net-http-chars.h"
#include "net/net-http-field.h"

/* Names in Connection that count; a sender that lists more does not mean its connection. */
#define MAX_NAMED 32
/* Room for all lines that are written by name below, their values aside. */
#define ROOM_FOR_OWN 512

const GwHeaderSettings gw_header_standard_settings = { .jwt_header = "X-JWT-Assertion" };

typedef enum
{
  FIELD_OTHER,
  FIELD_CONNECTION,   /* of one connection or message: never passed on */
  FIELD_TRUSTED,      /* a backend believes it: never taken from a client */
  FIELD_PROTECTED,    /* passed on, whatever Connection says */
  FIELD_CONTENT_TYPE, /* likewise, with a body only */
  FIELD_HOST,
  FIELD_DATE,
  FIELD_SERVER,
  FIELD_USER_AGENT,
} Field;

/* Of names that net/ knows; the others are FIELD_OTHER. */
static const guint8 fields[NET_HTTP_N_NAMES] = {
  [NET_HTTP_NAME_CONNECTION] = FIELD_CONNECTION,
  [NET_HTTP_NAME_KEEP_ALIVE] = FIELD_CONNECTION,
  [NET_HTTP_NAME_PROXY_CONNECTION] = FIELD_CONNECTION,
  [NET_HTTP_NAME_PROXY_AUTHENTICATE] = FIELD_CONNECTION,
  [NET_HTTP_NAME_PROXY_AUTHORIZATION] = FIELD_CONNECTION,
  [NET_HTTP_NAME_PROXY_AUTHENTICATION_INFO] = FIELD_CONNECTION,
  [NET_HTTP_NAME_TE] = FIELD_CONNECTION,
  [NET_HTTP_NAME_TRAILER] = FIELD_CONNECTION,
  [NET_HTTP_NAME_TRANSFER_ENCODING] = FIELD_CONNECTION,
  [NET_HTTP_NAME_UPGRADE] = FIELD_CONNECTION,
  [NET_HTTP_NAME_HTTP2_SETTINGS] = FIELD_CONNECTION,
  [NET_HTTP_NAME_CONTENT_LENGTH] = FIELD_CONNECTION,
  [NET_HTTP_NAME_EXPECT] = FIELD_CONNECTION,
  [NET_HTTP_NAME_HOST] = FIELD_HOST,
  [NET_HTTP_NAME_DATE] = FIELD_DATE,
  [NET_HTTP_NAME_SERVER] = FIELD_SERVER,
  [NET_HTTP_NAME_USER_AGENT] = FIELD_USER_AGENT,
  [NET_HTTP_NAME_CONTENT_TYPE] = FIELD_CONTENT_TYPE,
  [NET_HTTP_NAME_CONTENT_ENCODING] = FIELD_PROTECTED,
  [NET_HTTP_NAME_AUTHORIZATION] = FIELD_PROTECTED,
  [NET_HTTP_NAME_COOKIE] = FIELD_PROTECTED,
  [NET_HTTP_NAME_SET_COOKIE] = FIELD_PROTECTED,
  [NET_HTTP_NAME_FORWARDED] = FIELD_PROTECTED,
  [NET_HTTP_NAME_X_FORWARDED_FOR] = FIELD_PROTECTED,
  [NET_HTTP_NAME_X_FORWARDED_HOST] = FIELD_PROTECTED,
  [NET_HTTP_NAME_X_FORWARDED_PROTO] = FIELD_PROTECTED,
  [NET_HTTP_NAME_X_FORWARDED_PORT] = FIELD_PROTECTED,
  [NET_HTTP_NAME_ACTIVITY_ID] = FIELD_PROTECTED,
  [NET_HTTP_NAME_TRACEPARENT] = FIELD_PROTECTED,
};

/* Names that clients must not say, in any spelling. */
static const NetHttpText trusted[] = {
#define NAME(name) { name, sizeof name - 1 }
  NAME ("X-JWT-Assertion"),
  NAME ("assertion"),
  NAME (GW_HEADERS_DEFAULT_VERSION),
#undef NAME
};

/* Without case, and '_' as '-': a backend that makes variables of headers sees no difference. */
static gboolean
is_same_variable (const char *a, const char *b, gsize length)
{
  for (gsize i = 0; i < length; i++)
    if ((a[i] == '_' ? '-' : g_ascii_tolower (a[i])) != (b[i] == '_' ? '-' : g_ascii_tolower (b[i])))
      return FALSE;
  return TRUE;
}

gboolean
gw_headers_is_same_variable (NetHttpText a, NetHttpText b)
{
  return a.length == b.length && is_same_variable (a.text, b.text, a.length);
}

static Field
field_of (const NetHttpHeader *header)
{
  NetHttpName id = net_http_header_id (header);

  if (id != NET_HTTP_NAME_OTHER)
    return fields[id];
  for (gsize i = 0; i < G_N_ELEMENTS (trusted); i++)
    if (trusted[i].length == header->name.length
        && is_same_variable (trusted[i].text, header->name.text, header->name.length))
      return FIELD_TRUSTED;
  return FIELD_OTHER;
}

static Field
field_named (NetHttpText name)
{
  const NetHttpHeader header = { .name = name };

  return field_of (&header);
}

gboolean
gw_headers_is_of_connection (NetHttpText name)
{
  return field_named (name) == FIELD_CONNECTION;
}

static gboolean
is_same_name (NetHttpText a, NetHttpText b)
{
  return a.length == b.length && net_http_same_nocase (a.text, b.text, a.length);
}

/* What the Connection fields of a message name. */
typedef struct
{
  guint n;
  NetHttpText names[MAX_NAMED];
} Named;

static void
read_named (const NetHttpHeader *headers, guint n_headers, Named *named)
{
  named->n = 0;
  for (guint i = 0; i < n_headers; i++)
    {
      NetHttpText rest = headers[i].value;

      if (net_http_header_id (&headers[i]) != NET_HTTP_NAME_CONNECTION)
        continue;
      while (rest.length > 0 && named->n < MAX_NAMED)
        {
          NetHttpText name = net_http_text_trim (net_http_text_cut (&rest, ','));

          if (name.length > 0)
            named->names[named->n++] = name;
        }
    }
}

static gboolean
is_named (const Named *named, NetHttpText name)
{
  for (guint i = 0; i < named->n; i++)
    if (is_same_name (named->names[i], name))
      return TRUE;
  return FALSE;
}

/* A sequence decided about this header, whatever the message says. */
static gboolean
is_changed (const GwHeaderChange *changes, guint n_changes, NetHttpText name)
{
  for (guint i = 0; i < n_changes; i++)
    if (is_same_name ((NetHttpText){ changes[i].name.text, changes[i].name.length }, name))
      return TRUE;
  return FALSE;
}

/* Where the next byte goes; there is room. */
typedef char *Place;

static inline void
put (Place *place, const char *bytes, gsize length)
{
  if (length > 0)
    memcpy (*place, bytes, length);
  *place += length;
}

#define PUT(place, literal) put (place, "" literal, sizeof literal - 1)

static void
put_text (Place *place, const char *text)
{
  put (place, text, strlen (text));
}

static void
put_number (Place *place, guint64 number)
{
  char digits[20];
  guint n = sizeof digits;

  do
    digits[--n] = (char)('0' + number % 10);
  while ((number /= 10) > 0);
  put (place, digits + n, sizeof digits - n);
}

static void
put_value (Place *place, const char *text, gsize length)
{
  for (;;)
    {
      gsize span = net_http_field_span (text, length);

      put (place, text, span);
      if (span == length)
        return;
      *(*place)++ = ' ';
      text += span + 1;
      length -= span + 1;
    }
}

static void
put_header (Place *place, const NetHttpHeader *header)
{
  put (place, header->name.text, header->name.length);
  PUT (place, ": ");
  put (place, header->value.text, header->value.length);
  PUT (place, "\r\n");
}

/* Bytes that end a request line early are encoded: three for one. */
static void
put_target (Place *place, GwText target)
{
  static const char digits[] = "0123456789ABCDEF";

  for (gsize i = 0; i < target.length; i++)
    {
      guchar c = (guchar)target.text[i];

      if (c > 0x20 && c != 0x7f)
        {
          *(*place)++ = (char)c;
          continue;
        }
      *(*place)++ = '%';
      *(*place)++ = digits[c >> 4];
      *(*place)++ = digits[c & 15];
    }
}

void
gw_headers_append_value (const char *text, gsize length, NetBuffer *output)
{
  Place place = (char *)net_buffer_reserve (output, length);

  put_value (&place, text, length);
  net_buffer_commit (output, length);
}

static gsize
room_for_headers (const NetHttpHeader *headers, guint n_headers, const GwHeaderChange *changes,
                  guint n_changes)
{
  gsize room = ROOM_FOR_OWN;

  for (guint i = 0; i < n_headers; i++)
    room += headers[i].name.length + headers[i].value.length + 4;
  for (guint i = 0; i < n_changes; i++)
    room += changes[i].name.length + changes[i].value.length + 4;
  return room;
}

/* The last change of each name. @body: there is one to have a type. */
static void
put_changes (Place *place, const GwHeaderChange *changes, guint n_changes, gboolean body)
{
  for (guint i = 0; i < n_changes; i++)
    {
      const NetHttpText name = { changes[i].name.text, changes[i].name.length };
      Field field = field_named (name);

      if (changes[i].value.text == NULL || field == FIELD_CONNECTION || field == FIELD_HOST
          || (field == FIELD_CONTENT_TYPE && !body) || !net_http_text_is_token (name)
          || is_changed (changes + i + 1, n_changes - i - 1, name))
        continue;
      put (place, name.text, name.length);
      PUT (place, ": ");
      put_value (place, changes[i].value.text, changes[i].value.length);
      PUT (place, "\r\n");
    }
}

/* What decides which of a client's headers go on, made once for all of them. */
typedef struct
{
  const GwHeaderSettings *settings;
  const GwRequestHead *head;
  NetHttpText jwt;    /* the name of its header */
  NetHttpText remove; /* text NULL: none */
  Named named;
} Filter;

static NetHttpText
text_of (const char *text)
{
  return (NetHttpText){ text, text != NULL ? strlen (text) : 0 };
}

/* Whether a client's header goes on to the backend. */
static gboolean
goes_on (const Filter *filter, const NetHttpHeader *header)
{
  const GwHeaderSettings *settings = filter->settings;
  const GwRequestHead *head = filter->head;
  NetHttpText name = header->name;

  if (filter->remove.text != NULL && is_same_name (name, filter->remove))
    return FALSE;
  if ((name.length == filter->jwt.length && is_same_variable (filter->jwt.text, name.text, name.length))
      || is_changed (head->changes, head->n_changes, name))
    return FALSE;
  switch (field_of (header))
    {
    case FIELD_CONNECTION:
    case FIELD_TRUSTED:
    case FIELD_SERVER:
      return FALSE;
    case FIELD_HOST:
      return settings->preserve_host;
    case FIELD_DATE:
      return settings->preserve_date;
    case FIELD_USER_AGENT:
      return settings->preserve_user_agent;
    case FIELD_CONTENT_TYPE:
      return head->framing != GW_FRAMING_NONE;
    case FIELD_PROTECTED:
      return TRUE;
    case FIELD_OTHER:
      break;
    }
  return !is_named (&filter->named, name);
}

/* A method that gives a body its meaning says so when there is none (RFC 9110 8.6). */
static void
put_request_framing (Place *place, const GwRequestHead *head)
{
  const NetHttpText method = { head->method.text, head->method.length };

  if (head->framing == GW_FRAMING_CHUNKED)
    PUT (place, "Transfer-Encoding: chunked\r\n");
  else if (head->framing == GW_FRAMING_LENGTH)
    {
      PUT (place, "Content-Length: ");
      put_number (place, head->content_length);
      PUT (place, "\r\n");
    }
  else if (net_http_text_equal (method, "POST") || net_http_text_equal (method, "PUT")
           || net_http_text_equal (method, "PATCH"))
    PUT (place, "Content-Length: 0\r\n");
}

static void
put_jwt (Place *place, const GwHeaderSettings *settings, const GwRequestHead *head)
{
  const NetHttpText name = text_of (settings->jwt_header);

  if (head->jwt.text == NULL || is_changed (head->changes, head->n_changes, name))
    return;
  put (place, name.text, name.length);
  PUT (place, ": ");
  put_value (place, head->jwt.text, head->jwt.length);
  PUT (place, "\r\n");
}

/* A line more of the same name is one entry more at the end of the list (RFC 9110 5.3). */
static void
put_forwarded_for (Place *place, const GwRequestHead *head)
{
  if (head->forwarded_for.text == NULL)
    return;
  PUT (place, "X-Forwarded-For: ");
  put_value (place, head->forwarded_for.text, head->forwarded_for.length);
  PUT (place, "\r\n");
}

void
gw_headers_append_request (const GwHeaderSettings *settings, const NetHttpRequest *request,
                           const GwRequestHead *head, NetBuffer *output)
{
  static const NetHttpText user_agent = { "User-Agent", sizeof "User-Agent" - 1 };
  Filter filter = { settings, head, text_of (settings->jwt_header), text_of (head->remove), { .n = 0 } };
  gsize room = room_for_headers (request->headers, request->n_headers, head->changes, head->n_changes)
               + head->method.length + 3 * head->target.length + head->host.length + head->jwt.length
               + filter.jwt.length + sizeof "X-Forwarded-For: \r\n" + head->forwarded_for.length + head->extra_length;
  char *start = (char *)net_buffer_reserve (output, room);
  Place place = start;
  NetHttpText client_host;

  read_named (request->headers, request->n_headers, &filter.named);
  put (&place, head->method.text, head->method.length);
  PUT (&place, " ");
  put_target (&place, head->target);
  PUT (&place, " HTTP/1.1\r\n");
  if (!settings->preserve_host || !net_http_request_named (request, NET_HTTP_NAME_HOST, &client_host))
    {
      PUT (&place, "Host: ");
      put_value (&place, head->host.text, head->host.length);
      PUT (&place, "\r\n");
    }
  for (guint i = 0; i < request->n_headers; i++)
    if (goes_on (&filter, &request->headers[i]))
      put_header (&place, &request->headers[i]);
  put_changes (&place, head->changes, head->n_changes, head->framing != GW_FRAMING_NONE);
  put_jwt (&place, settings, head);
  put_forwarded_for (&place, head);
  if (!settings->preserve_user_agent && !is_changed (head->changes, head->n_changes, user_agent))
    PUT (&place, "User-Agent: " GW_HEADERS_USER_AGENT "\r\n");
  put_request_framing (&place, head);
  put (&place, head->extra, head->extra_length);
  PUT (&place, "\r\n");
  net_buffer_commit (output, (gsize)(place - start));
}

/* Whether a backend's header goes on to the client. */
static gboolean
comes_back (const GwHeaderSettings *settings, const GwResponseHead *head, const Named *named,
            const NetHttpHeader *header)
{
  if (is_changed (head->changes, head->n_changes, header->name))
    return FALSE;
  switch (field_of (header))
    {
    case FIELD_CONNECTION:
    case FIELD_USER_AGENT:
      return FALSE;
    case FIELD_DATE:
      return settings->preserve_date;
    case FIELD_SERVER:
      return settings->preserve_server;
    case FIELD_PROTECTED:
    case FIELD_CONTENT_TYPE:
      return TRUE;
    case FIELD_TRUSTED:
    case FIELD_HOST:
    case FIELD_OTHER:
      break;
    }
  return !is_named (named, header->name);
}

static gboolean
response_has (const NetHttpResponse *response, NetHttpName name)
{
  for (guint i = 0; i < response->n_headers; i++)
    if (net_http_header_id (&response->headers[i]) == name)
      return TRUE;
  return FALSE;
}

/* Date and Server are the gateway's own unless the backend's are kept, and there. */
static void
put_origin (Place *place, const GwHeaderSettings *settings, const NetHttpResponse *response,
            const GwResponseHead *head)
{
  static const NetHttpText server = { "Server", sizeof "Server" - 1 };
  static const NetHttpText date = { "Date", sizeof "Date" - 1 };

  if (!is_changed (head->changes, head->n_changes, server)
      && !(settings->preserve_server && response_has (response, NET_HTTP_NAME_SERVER)))
    PUT (place, GW_HEADERS_SERVER_LINE);
  if (!is_changed (head->changes, head->n_changes, date)
      && !(settings->preserve_date && response_has (response, NET_HTTP_NAME_DATE)))
    {
      PUT (place, "Date: ");
      put_text (place, net_http_date (head->now_ms));
      PUT (place, "\r\n");
    }
}

static void
put_response_framing (Place *place, const GwResponseHead *head)
{
  gboolean has_length = head->framing == GW_FRAMING_LENGTH
                        || (head->framing == GW_FRAMING_NONE && head->announced_length >= 0);

  if (head->framing == GW_FRAMING_CHUNKED)
    PUT (place, "Transfer-Encoding: chunked\r\n");
  if (has_length)
    {
      PUT (place, "Content-Length: ");
      put_number (place, head->framing == GW_FRAMING_LENGTH ? head->content_length
                                                            : (guint64)head->announced_length);
      PUT (place, "\r\n");
    }
  if (head->connection != NULL)
    {
      PUT (place, "Connection: ");
      put_text (place, head->connection);
      PUT (place, "\r\n");
    }
}

void
gw_headers_append_response (const GwHeaderSettings *settings, const NetHttpResponse *response,
                            const GwResponseHead *head, NetBuffer *output)
{
  gsize room = room_for_headers (response->headers, response->n_headers, head->changes, head->n_changes)
               + response->reason.length + head->extra_length;
  char *start = (char *)net_buffer_reserve (output, room);
  Place place = start;
  Named named;

  read_named (response->headers, response->n_headers, &named);
  PUT (&place, "HTTP/1.1 ");
  put_number (&place, head->status != 0 ? head->status : response->status);
  PUT (&place, " ");
  if (head->status != 0 && head->status != response->status)
    put_text (&place, net_http_reason (head->status));
  else
    put (&place, response->reason.text, response->reason.length);
  PUT (&place, "\r\n");
  for (guint i = 0; i < response->n_headers; i++)
    if (comes_back (settings, head, &named, &response->headers[i]))
      put_header (&place, &response->headers[i]);
  put_changes (&place, head->changes, head->n_changes, TRUE);
  put (&place, head->extra, head->extra_length);
  put_origin (&place, settings, response, head);
  put_response_framing (&place, head);
  PUT (&place, "\r\n");
  net_buffer_commit (output, (gsize)(place - start));
}

void
gw_headers_append_target (GwText base, GwText postfix, NetBuffer *output)
{
  gboolean ends = base.length > 0 && base.text[base.length - 1] == '/';
  gboolean begins = postfix.length > 0 && postfix.text[0] == '/';
  gsize start = net_buffer_length (output);

  if (ends && postfix.length > 0 && (begins || postfix.text[0] == '?'))
    base.length--;
  net_buffer_append (output, base.text, base.length);
  if (net_buffer_length (output) == start && !begins)
    net_buffer_append (output, "/", 1);
  else if (postfix.length > 0 && !begins && !ends && postfix.text[0] != '?')
    net_buffer_append (output, "/", 1);
  net_buffer_append (output, postfix.text, postfix.length);
}
