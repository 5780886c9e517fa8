#include "config.h"
#include "net/net-http-path.h"

#include <string.h>

/* "." or "..", also with parameters ("..;x"), which some servers cut off before they look. */
static gboolean
is_dot_segment (const char *segment, const char *end)
{
  const char *semicolon = memchr (segment, ';', end - segment);
  gsize length = (semicolon != NULL ? semicolon : end) - segment;

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

gboolean
net_http_path_is_tricky (NetHttpText path)
{
  const char *end = path.text + path.length;
  const char *segment = path.text;

  for (const char *at = path.text; at < end; at++)
    {
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
