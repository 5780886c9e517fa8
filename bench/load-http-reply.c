#include "config.h"
#include "bench/load-http-reply.h"

#include <string.h>

#define HTTP_VERSION "HTTP/1.1 "
#define STATUS_LINE_MINIMUM (sizeof HTTP_VERSION - 1 + 3 + 2) /* status, line's end */
#define MAX_BODY_DIGITS 6

static gboolean
read_digits (const char *at, const char *end, guint max_digits, gsize *number)
{
  guint n = 0;

  for (*number = 0; at + n < end && g_ascii_isdigit (at[n]) && n <= max_digits; n++)
    *number = *number * 10 + (gsize) (at[n] - '0');
  return n > 0 && n <= max_digits;
}

/* @end: after the empty line. */
static gboolean
read_length (const char *head, const char *end, gsize *body_length)
{
  static const char name[] = "\r\nContent-Length:";

  for (const char *line = head; line + sizeof name < end;
       line = memchr (line + 1, '\r', (gsize) (end - line - 1)))
    if (g_ascii_strncasecmp (line, name, sizeof name - 1) == 0)
      {
        const char *at = line + sizeof name - 1;

        while (*at == ' ')
          at++;
        return read_digits (at, end, MAX_BODY_DIGITS, body_length);
      }
  return FALSE;
}

LoadVerdict
load_http_reply_read (const guint8 *bytes, gsize length, LoadHttpReply *reply)
{
  const char *head = (const char *) bytes, *end = memmem (bytes, length, "\r\n\r\n", 4);
  gsize status, whole;

  if (end == NULL)
    return LOAD_REPLY_UNFINISHED;
  end += 4;
  if ((gsize) (end - head) < STATUS_LINE_MINIMUM || memcmp (head, HTTP_VERSION, sizeof HTTP_VERSION - 1) != 0
      || !read_digits (head + sizeof HTTP_VERSION - 1, end, 3, &status)
      || !read_length (head, end, &reply->body_length))
    return LOAD_REPLY_WRONG;
  reply->status = (guint) status;
  reply->body = end;
  whole = (gsize) (end - head) + reply->body_length;
  return length < whole ? LOAD_REPLY_UNFINISHED : length == whole ? LOAD_REPLY_RIGHT : LOAD_REPLY_WRONG;
}

/* JSON */

typedef struct
{
  const char *at, *end;
} Reader;

static gboolean
take_mark (Reader *reader, char mark)
{
  while (reader->at < reader->end && g_ascii_isspace (*reader->at))
    reader->at++;
  if (reader->at == reader->end || *reader->at != mark)
    return FALSE;
  reader->at++;
  return TRUE;
}

static gboolean
take_string (Reader *reader, const char **text, gsize *length)
{
  if (!take_mark (reader, '"'))
    return FALSE;
  *text = reader->at;
  while (reader->at < reader->end && *reader->at != '"')
    reader->at += *reader->at == '\\' ? 2 : 1;
  if (reader->at >= reader->end)
    return FALSE;
  *length = (gsize) (reader->at++ - *text);
  return TRUE;
}

static gboolean
take_value (Reader *reader, const char **text, gsize *length)
{
  if (take_string (reader, text, length))
    return TRUE;
  *text = reader->at;
  while (reader->at < reader->end && (g_ascii_isalnum (*reader->at) || strchr ("+-.", *reader->at) != NULL))
    reader->at++;
  *length = (gsize) (reader->at - *text);
  return *length > 0;
}

gboolean
load_http_reply_member (const LoadHttpReply *reply, const char *name, const char **value, gsize *length)
{
  Reader reader = { reply->body, reply->body + reply->body_length };
  const char *key;
  gsize key_length;

  if (!take_mark (&reader, '{'))
    return FALSE;
  do
    {
      if (!take_string (&reader, &key, &key_length) || !take_mark (&reader, ':')
          || !take_value (&reader, value, length))
        return FALSE;
      if (key_length == strlen (name) && memcmp (key, name, key_length) == 0)
        return TRUE;
    }
  while (take_mark (&reader, ','));
  return FALSE;
}
