#include "config.h"
#include "core/core-redirect.h"

#include <string.h>

/* Schemes that a browser answers by itself, in the page's own name or from the user's disk. */
static gboolean
is_dangerous (const char *scheme)
{
  static const char *const schemes[]
      = { "javascript",  "data",   "vbscript", "file", "blob",   "about", "filesystem", "jar",
          "view-source", "intent", "ws",       "wss",  "chrome", "mhtml", "resource",   NULL };

  return g_strv_contains (schemes, scheme);
}

static gboolean
is_web (const char *scheme)
{
  return strcmp (scheme, "https") == 0 || strcmp (scheme, "http") == 0;
}

/* Visible ASCII without what RFC 3986 has in no URI, and browsers read in ways of their own ("\" as "/"). */
static gboolean
has_only_uri_characters (const char *uri)
{
  for (const char *at = uri; *at != '\0'; at++)
    if (!g_ascii_isgraph (*at) || strchr ("\"<>\\^`{|}", *at) != NULL)
      return FALSE;
  return TRUE;
}

/* In small letters; NULL: there is none. */
static char *
scheme_of (const char *uri)
{
  g_autofree char *scheme = g_uri_parse_scheme (uri);

  return scheme != NULL ? g_ascii_strdown (scheme, -1) : NULL;
}

gboolean
core_redirect_is_usable (const char *uri)
{
  g_autofree char *scheme = NULL;
  g_autofree char *host = NULL;
  g_autofree char *user = NULL;

  if (strlen (uri) > CORE_REDIRECT_MAX_LENGTH || !has_only_uri_characters (uri) || strchr (uri, '#') != NULL)
    return FALSE;
  scheme = scheme_of (uri);
  if (scheme == NULL || is_dangerous (scheme)
      || !g_uri_split (uri, G_URI_FLAGS_ENCODED, NULL, &user, &host, NULL, NULL, NULL, NULL, NULL))
    return FALSE;
  if (user != NULL)
    return FALSE;
  return !is_web (scheme) || (host != NULL && *host != '\0');
}

char *
core_redirect_make (const char *uri, CoreRedirectPart part, ...)
{
  GString *made = g_string_new (uri);
  char separator = part == CORE_REDIRECT_FRAGMENT ? '#' : strchr (uri, '?') != NULL ? '&' : '?';
  va_list pairs;

  va_start (pairs, part);
  for (const char *name = va_arg (pairs, const char *); name != NULL; name = va_arg (pairs, const char *))
    {
      const char *value = va_arg (pairs, const char *);

      if (value == NULL)
        continue;
      g_string_append_printf (made, "%c%s=", separator, name);
      g_string_append_uri_escaped (made, value, NULL, FALSE);
      separator = '&';
    }
  va_end (pairs);
  return g_string_free (made, FALSE);
}

char *
core_redirect_place (const char *uri)
{
  g_autofree char *scheme = scheme_of (uri);
  g_autofree char *host = NULL;
  int port = -1;

  if (!is_web (scheme) || !g_uri_split (uri, G_URI_FLAGS_ENCODED, NULL, NULL, &host, &port, NULL, NULL, NULL, NULL))
    return g_strconcat (scheme, ":", NULL);
  return port == -1 ? g_steal_pointer (&host) : g_strdup_printf ("%s:%d", host, port);
}

char *
core_redirect_form_action (const char *uri)
{
  g_autofree char *scheme = scheme_of (uri);

  return strcmp (scheme, "http") == 0 ? g_strdup ("http: https:") : g_strconcat (scheme, ":", NULL);
}
