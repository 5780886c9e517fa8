#include "config.h"
#include "net/net-http-answer.h"

#include <time.h>

static const struct
{
  guint status;
  const char *text;
} reasons[] = {
  { 200, "OK" },
  { 201, "Created" },
  { 202, "Accepted" },
  { 204, "No Content" },
  { 301, "Moved Permanently" },
  { 302, "Found" },
  { 303, "See Other" },
  { 304, "Not Modified" },
  { 307, "Temporary Redirect" },
  { 308, "Permanent Redirect" },
  { 400, "Bad Request" },
  { 401, "Unauthorized" },
  { 403, "Forbidden" },
  { 404, "Not Found" },
  { 405, "Method Not Allowed" },
  { 406, "Not Acceptable" },
  { 408, "Request Timeout" },
  { 409, "Conflict" },
  { 410, "Gone" },
  { 411, "Length Required" },
  { 412, "Precondition Failed" },
  { 413, "Content Too Large" },
  { 414, "URI Too Long" },
  { 415, "Unsupported Media Type" },
  { 417, "Expectation Failed" },
  { 422, "Unprocessable Content" },
  { 429, "Too Many Requests" },
  { 431, "Request Header Fields Too Large" },
  { 500, "Internal Server Error" },
  { 501, "Not Implemented" },
  { 502, "Bad Gateway" },
  { 503, "Service Unavailable" },
  { 504, "Gateway Timeout" },
  { 505, "HTTP Version Not Supported" },
};

const char *
net_http_reason (guint status)
{
  for (guint i = 0; i < G_N_ELEMENTS (reasons); i++)
    if (reasons[i].status == status)
      return reasons[i].text;
  return "";
}

/* An IMF-fixdate; strftime() would follow the locale. */
const char *
net_http_date (gint64 now_ms)
{
  static const char days[7][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
  static const char months[12][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
  static _Thread_local struct
  {
    time_t second;
    char text[40];
  } cache;
  time_t second = now_ms / 1000;
  struct tm tm;

  if ((cache.second != second || cache.text[0] == '\0') && gmtime_r (&second, &tm) != NULL)
    {
      g_snprintf (cache.text, sizeof cache.text, "%s, %02d %s %04d %02d:%02d:%02d GMT", days[tm.tm_wday], tm.tm_mday,
                  months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
      cache.second = second;
    }
  return cache.text;
}

static void
append_text (NetBuffer *output, const char *text)
{
  net_buffer_append (output, text, strlen (text));
}

static void
append_header (NetBuffer *output, const char *name, const char *value)
{
  append_text (output, name);
  append_text (output, ": ");
  append_text (output, value);
  append_text (output, "\r\n");
}

void
net_http_answer_append (const NetHttpAnswer *answer, gint64 now_ms, NetBuffer *output)
{
  gboolean bodyless = answer->status == 204 || answer->status == 304;
  char line[128];

  /* Room for everything at once: the appends below then only copy. */
  net_buffer_reserve (output, 512 + answer->headers_length + answer->length);
  g_snprintf (line, sizeof line, "HTTP/1.1 %u %s\r\n", answer->status, net_http_reason (answer->status));
  append_text (output, line);
  append_header (output, "Date", net_http_date (now_ms));
  if (answer->content_type != NULL)
    append_header (output, "Content-Type", answer->content_type);
  if (!bodyless) /* RFC 9110 8.6: never in a 204, and a 304 would have to name the length of the 200 */
    {
      g_snprintf (line, sizeof line, "%" G_GSIZE_FORMAT, answer->length);
      append_header (output, "Content-Length", line);
    }
  if (answer->connection != NULL)
    append_header (output, "Connection", answer->connection);
  net_buffer_append (output, answer->headers, answer->headers_length);
  append_text (output, "\r\n");
  if (!bodyless && !answer->head_only)
    net_buffer_append (output, answer->body, answer->length);
}
