#include "config.h"
#include "net/net-http-path.h"

#include <string.h>

/* "." or "..", also with parameters ("..;x"), which some servers cut off before they look. */
static gboolean
is_dot_segment (const char *segment, const char *end)
{
  const char *semicolon;
  gsize length;

  if (segment == end || *segment != '.')
    return FALSE;
  semicolon = memchr (segment, ';', end - segment);
  length = (semicolon != NULL ? semicolon : end) - segment;
  return (length == 1 || length == 2) && memcmp (segment, "..", length) == 0;
}

/* An encoded separator, dot or NUL at @at, which is a "%". */
static gboolean
is_hidden_character (const char *at, const char *end)
{
  static const char hidden[][3] = { "2f", "5c", "00", "2e" };

  if (end - at < 3)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (hidden); i++)
    if (g_ascii_strncasecmp (at + 1, hidden[i], 2) == 0)
      return TRUE;
  return FALSE;
}

/* The character that the three bytes at @at stand for, if it is unreserved or begins parameters; else 0. */
static char
plain_character (const char *at, const char *end)
{
  int high = end - at < 3 || *at != '%' ? -1 : g_ascii_xdigit_value (at[1]);
  int low = high < 0 ? -1 : g_ascii_xdigit_value (at[2]);
  char c = low < 0 ? '\0' : (char) (high << 4 | low);

  return g_ascii_isalnum (c) || (c != '\0' && strchr ("-._~;", c) != NULL) ? c : '\0';
}

gsize
net_http_path_plain (NetHttpText path, char *plain)
{
  const char *end = path.text + path.length;
  gboolean in_parameters = FALSE;
  gsize length = 0;

  for (const char *at = path.text; at < end; at++)
    {
      char decoded = plain_character (at, end);
      char c = decoded != '\0' ? decoded : *at;

      if (c == '/' || c == ';')
        in_parameters = c == ';';
      if (!in_parameters)
        plain[length++] = c;
      if (decoded != '\0')
        at += 2;
    }
  return length;
}

gboolean
net_http_path_is_tricky (NetHttpText path)
{
  static const guint8 looked_at[256] = { ['\\'] = 1, ['%'] = 1, ['/'] = 1 };
  const char *end = path.text + path.length;
  const char *segment = path.text;

  for (const char *at = path.text; at < end; at++)
    {
      if (!looked_at[(guchar) *at])
        continue;
      if (*at == '\\' || (*at == '%' && is_hidden_character (at, end)))
        return TRUE;
      if (*at == '/')
        {
          if (at > path.text && (segment == at || is_dot_segment (segment, at)))
            return TRUE;
          segment = at + 1;
        }
    }
  return is_dot_segment (segment, end);
}
